"""``hardcheck demo``: plans of made-up patients, checked from their DICOM files to the reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hardcheck import STATEMENT
from hardcheck.cli.invocation import command_line
from hardcheck.cli.screen import screen, text, word
from hardcheck.cli.status import Status
from hardcheck.errors import UsageError

SEPARATE: Final = "separate"


@dataclass(frozen=True, slots=True)
class Shown:
    """One plan: its `folder`, how the phantom makes it, what it is checked with, and what to look at."""

    folder: str
    phantom: str
    arguments: dict[str, str]
    protocol: str
    look_at: str
    vertex_dose: str = SEPARATE

    @property
    def options(self) -> tuple[str, ...]:
        """Of `hardcheck check`."""
        return ("-p", self.protocol, *(("--vertex-dose", self.vertex_dose) if self.vertex_dose != SEPARATE else ()))


THIGH: Final = (
    Shown(
        "thigh",
        "thigh_plan",
        {"kind": "meets"},
        "hard",
        "what a sound plan looks like, and which goals this version leaves to a person",
    ),
    Shown(
        "thigh_shifted",
        "thigh_plan",
        {"kind": "fails"},
        "hard",
        "the same plan with its isocentre 10 mm too far medial: which goals tell",
    ),
)
SBRT: Final = (Shown("sbrt", "sbrt_plan", {}, "feng_cyberknife", "indices of a target at the 80 % isodose"),)
LATTICE: Final = (
    Shown("lattice", "lattice_plan", {}, "sfrt_trial", "18 vertices, where they lie, and peak to valley", "added"),
)


def run_demo(folder: Path, plans: Sequence[Shown]) -> Status:
    """Write DICOM files and a report of each plan into `folder`, and say what to look at."""
    from hardcheck import phantom
    from hardcheck.dicom import read_plan
    from hardcheck.dicom.writer import write_plan
    from hardcheck.evaluation import evaluate
    from hardcheck.library import load_protocol
    from hardcheck.report import render
    from hardcheck.report.headline import headline
    from hardcheck.report.row import goal_table

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"the folder cannot be made ({error.strerror})", where=str(folder), do="name another one"
        ) from None
    console = screen()
    for shown in plans:
        made = getattr(phantom, shown.phantom)(**shown.arguments)
        write_plan(made, folder / shown.folder)
        plan, protocol = read_plan(folder / shown.folder, pixels=True), load_protocol(shown.protocol)
        evaluation = evaluate(plan, protocol, vertex_dose=shown.vertex_dose)
        report = folder / f"report-{shown.folder}.html"
        render(evaluation, report)
        console.print(text(f"{shown.folder}: ") + word(evaluation.verdict))
        console.print(text(f"  {headline(evaluation, goal_table(evaluation).rows).sentence}"))
        console.print(text(f"  {report}: {shown.look_at}"), soft_wrap=True)
    first = plans[0]
    more = command_line("check", folder / first.folder, *first.options)
    console.print(text(f"More of it on the terminal: {more}"), soft_wrap=True)
    console.print(text(STATEMENT))
    return Status.DONE
