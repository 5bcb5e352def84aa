"""``hardcheck demo``: two plans of a made-up patient, checked from their DICOM files to the reports."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from hardcheck import STATEMENT
from hardcheck.cli.invocation import command_line
from hardcheck.cli.screen import screen, text, word
from hardcheck.cli.status import Status
from hardcheck.errors import UsageError

PROTOCOL: Final = "hard"
PLANS: Final = {
    "thigh": ("meets", "what a sound plan looks like, and which goals this version leaves to a person"),
    "thigh_shifted": ("fails", "the same plan with its isocentre 10 mm too far medial: which goals tell"),
}
"""Folder, kind of `thigh_plan`, and what to look at."""


def run_demo(folder: Path) -> Status:
    """Write DICOM files and a report of each plan into `folder`, and say what to look at."""
    from hardcheck.dicom import read_plan
    from hardcheck.dicom.writer import write_plan
    from hardcheck.evaluation import evaluate
    from hardcheck.library import load_protocol
    from hardcheck.phantom import thigh_plan
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
    protocol = load_protocol(PROTOCOL)
    for name, (kind, look_at) in PLANS.items():
        write_plan(thigh_plan(kind), folder / name)
        evaluation = evaluate(read_plan(folder / name), protocol)
        report = folder / f"report-{name}.html"
        render(evaluation, report)
        console.print(text(f"{name}: ") + word(evaluation.verdict))
        console.print(text(f"  {headline(evaluation, goal_table(evaluation).rows).sentence}"))
        console.print(text(f"  {report}: {look_at}"), soft_wrap=True)
    more = command_line("check", folder / "thigh", "-p", PROTOCOL)
    console.print(text(f"More of it on the terminal: {more}"), soft_wrap=True)
    console.print(text(STATEMENT))
    return Status.DONE
