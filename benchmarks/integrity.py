"""What the checks of the plan say on real files: ``python -m benchmarks.integrity FOLDER [-o docs/checks-on-data.md]``.

There is no protocol for these plans, so each is held against one that is made for it: every structure with contours
has a goal, and the dose is as prescribed. A folder without a whole plan gives what its single files are checked for.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator
from pathlib import Path

from hardcheck.dicom import read_plan
from hardcheck.dicom.files import open_sources
from hardcheck.dicom.inventory import examine
from hardcheck.dicom.record import read_record
from hardcheck.dicom.rtplan import read_prescription
from hardcheck.dicom.rtstruct import read_structures
from hardcheck.dicom.tag import Kind
from hardcheck.errors import HardcheckError
from hardcheck.evaluation import evaluate
from hardcheck.plan import Finding, Plan, Structure
from hardcheck.protocol import Goal, Level, Protocol, ProtocolStructure, Regimen, Tier, parse_goal
from hardcheck.protocol.names import normal

TARGETS = frozenset({"GTV", "CTV", "PTV"})
LEVEL = Level("Rx", 0.0, math.inf)


def made_for(plan: Plan) -> Protocol:
    """A protocol whose goals are about every structure of `plan` that has contours and a name of its own."""
    names = [normal(s.name) for s in plan.structures]
    own = [s for s in plan.structures if not s.unusable and names.count(normal(s.name)) == 1]
    structures = tuple(ProtocolStructure(s.name, _role(s), (), _level(s, plan)) for s in own)
    metric, op, limit = parse_goal("Max[Gy] < 1000 Gy")
    goals = tuple(
        Goal(f"max-{s.number}", s.name, metric, op, limit, Tier.ADVISORY, "none")
        for s in own
        if s.interpreted_type in TARGETS | {"ORGAN", "AVOIDANCE"}
    )
    return Protocol("data", "1", "Data", "none", "draft", (Regimen("any", None, (LEVEL,)),), structures, goals)


def _role(structure: Structure) -> str:
    if structure.interpreted_type == "EXTERNAL":
        return "external"
    return "target" if structure.interpreted_type in TARGETS else "organ"


def _level(structure: Structure, plan: Plan) -> str:
    """The level of what the plan's highest prescription is for, where the plan gives its number."""
    prescribed = plan.prescription
    for reference in prescribed.references if prescribed is not None else ():
        is_highest = prescribed is not None and reference.prescription_gy == prescribed.dose_gy
        if reference.kind == "TARGET" and is_highest and structure.number == reference.roi_number:
            return LEVEL.name
    return ""


def plans_in(folder: Path) -> Iterator[tuple[str, Plan | str]]:
    """The plan in `folder` by its name, or what each of its files alone makes; a text where nothing can be read."""
    try:
        yield folder.name, read_plan(folder)
    except HardcheckError as error:
        yield folder.name, f"{error.what}".partition(", only:")[0]
        yield from _single(folder)


def _single(folder: Path) -> Iterator[tuple[str, Plan | str]]:
    with open_sources(folder) as sources:
        for file in (examine(source) for source in sources):
            if file.stream is None:
                continue
            name = Path(file.name).name
            try:
                if file.kind == Kind.PLAN:
                    record = (read_record(file),)
                    yield name, Plan((), None, prescription=read_prescription(file.dataset), records=record)
                elif file.kind == Kind.STRUCTURES:
                    yield name, Plan(read_structures(file.dataset).structures, None, records=(read_record(file),))
            except HardcheckError as error:
                yield name, str(error.what)


def findings_of(plan: Plan) -> tuple[Finding, ...]:
    """What the checks say, without those that only say that the protocol here is none."""
    return tuple(f for f in evaluate(plan, made_for(plan)).findings if f.id != "prescription-matches-regimen")


def table(folder: Path) -> Iterator[str]:
    """The lines of the page's table; what several files of a folder have in common stands there once."""
    yield "| folder | files | check | severity | what it says |"
    yield "|---|---|---|---|---|"
    for each in sorted(path for path in folder.iterdir() if path.is_dir()):
        found: dict[tuple[str, str, str], list[str]] = {}
        for name, plan in plans_in(each):
            for line in _said(plan):
                found.setdefault(line, []).append(name)
        for (check, severity, message), names in found.items():
            which = "whole" if names == [each.name] else names[0] if len(names) == 1 else f"{len(names)} files"
            yield f"| {each.name} | {_cell(which)} | {check} | {severity} | {_cell(message)} |"


def _said(plan: Plan | str) -> list[tuple[str, str, str]]:
    """Check, severity and message of each finding."""
    if isinstance(plan, str):
        return [("none", "none", f"not read as a plan: {plan}")]
    return [(f"`{f.id}`", str(f.severity), f.message) for f in findings_of(plan)] or [("none", "none", "nothing")]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main() -> None:
    """Print the table, or put it in place of the one in a page."""
    parser = argparse.ArgumentParser(description="What the checks of the plan say on real files.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--page", type=Path)
    given = parser.parse_args()
    lines = list(table(given.folder))
    if given.page is None:
        sys.stdout.write("\n".join(lines) + "\n")
        return
    page = given.page.read_text("utf-8")
    kept = [line for line in page.splitlines() if not line.startswith("|")]
    at = kept.index("<!-- table -->") + 1
    given.page.write_text("\n".join([*kept[:at], "", *lines, *kept[at:]]).replace("\n\n\n", "\n\n") + "\n", "utf-8")


if __name__ == "__main__":
    main()
