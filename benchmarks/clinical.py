"""``python -m benchmarks.clinical``: real plans against the numbers of their planning systems. Bar A2."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.nelms import data_folder
from benchmarks.results import machine, table, write_section
from benchmarks.stored import by_number, planning_systems
from hardcheck import second_opinion
from hardcheck.dicom import read_plan
from hardcheck.dvh import END_CAPS, Dvh, compute_dvhs
from hardcheck.errors import MetricError
from hardcheck.plan import Plan, StoredDvh
from hardcheck.planning_system import compare as second_look
from hardcheck.quantity import Quantity
from hardcheck.report.opinion import comparison_rows, leftover

RAYSTATION: Final = "raystation_brain_srs"
LEAST_CC: Final = 5.0
CLOSE_GY: Final = 0.1
CLOSE_BAR: Final = 90.0
"""A2: percent of the doses within 0.1 Gy, and of the volumes inside the interval, for structures of 5 cc and more."""
_DOSES: Final = {"D95": 95.0, "D50": 50.0, "D2": 2.0}


@dataclass(frozen=True)
class Comparison:
    """One number of a planning system and ours."""

    plan: str
    roi: str
    volume_cc: float
    metric: str
    theirs: float
    rounding: float
    """How far theirs may be rounded."""
    ours: Quantity
    in_grid: bool
    """Whether the whole structure lies in the dose grid."""
    other_caps: float | None
    """Our value under the other end cap convention."""
    same_cc: float | None
    """Our dose at as many cc as theirs is at; None for a volume and a mean."""
    peer: float | None
    """dicompyler-core's."""

    @property
    def difference(self) -> float | None:
        """Ours less theirs."""
        return None if self.ours.value is None else self.ours.value - self.theirs

    @property
    def inside(self) -> bool:
        """Whether theirs lies inside our interval."""
        low, high = self.ours.low, self.ours.high
        return low is not None and high is not None and low - self.rounding <= self.theirs <= high + self.rounding

    @property
    def close(self) -> bool:
        """Within 0.1 Gy, or for a volume inside the interval."""
        return self.inside if self.metric == "volume" else self._near(self.ours.value)

    @property
    def explanation(self) -> str:
        """What makes the difference where it is not close, as far as that can be computed."""
        if self.close:
            return ""
        reasons = []
        if self.metric != "volume" and self._near(self.other_caps):
            reasons.append("end caps")
        if self._near(self.same_cc):
            reasons.append("its volume: the same cc agree")
        if not self.in_grid:
            reasons.append("leaves the dose grid")
        if self.inside and not reasons:
            reasons.append("inside the interval")
        return ", ".join(reasons) or "**open**"

    def _near(self, value: float | None) -> bool:
        return value is not None and abs(value - self.theirs) <= CLOSE_GY


def main() -> None:
    """Compare, print the tables and write them into RESULTS.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clinical", description=__doc__)
    parser.add_argument("--dry", action="store_true", help="do not write RESULTS.md")
    chosen = parser.parse_args()
    data = data_folder()
    if data is None:
        raise SystemExit("HARDCHECK_DATA is not set: it names the folder with the real plans")
    parts = [_planning_systems(data, end_caps) for end_caps in ("half", "none")]
    parts.append(_second_opinions(data))
    parts.append(_raystation(data))
    text = "\n\n".join(parts)
    print(text)
    if not chosen.dry:
        head = f"## Clinical plans\n\n`python -m benchmarks.clinical`. {machine()}."
        write_section("clinical", f"{head}\n\n{text}")


def stored_dvhs(data: Path) -> Iterable[tuple[str, Plan, dict[int, StoredDvh]]]:
    """Each plan with the DVHs that its planning system made, by ROINumber."""
    for name, plan, export in planning_systems(data):
        yield name, plan, by_number(plan, export)


def compare(name: str, plan: Plan, stored: dict[int, StoredDvh], end_caps: str) -> list[Comparison]:
    """Volume, D95, D50, D2 and mean of every ROI that has a stored DVH."""
    structures = [s for s in plan.structures if s.number in stored]
    other_caps = END_CAPS[1 - END_CAPS.index(end_caps)]
    engines = (
        compute_dvhs(plan, structures, end_caps=end_caps),
        compute_dvhs(plan, structures, end_caps=other_caps),
        second_opinion.compute_dvhs(plan, structures),
    )
    found = []
    for ours, others, peers in zip(*engines, strict=True):
        theirs = stored[ours.structure.number]
        numbers = {"volume": ("Volume[cc]", theirs.volume_cc), "mean": ("Mean[Gy]", theirs.mean_gy)}
        numbers |= {d: (f"{d}%[Gy]", theirs.dose_at(percent)) for d, percent in _DOSES.items()}
        for metric, (written, value) in numbers.items():
            same_cc = None
            if metric in _DOSES:
                same_cc = ours.metric(f"D{_DOSES[metric] / 100 * theirs.volume_cc:.6f}cc[Gy]").value
            found.append(
                Comparison(
                    plan=name,
                    roi=ours.structure.name,
                    volume_cc=theirs.volume_cc,
                    metric=metric,
                    theirs=value,
                    rounding=theirs.rounding_cc if metric == "volume" else 0.0,
                    ours=ours.metric(written),
                    in_grid=ours.in_grid_fraction == 1.0,
                    other_caps=others.metric(written).value,
                    same_cc=same_cc,
                    peer=peers.metric(written).value,
                )
            )
    return found


def _planning_systems(data: Path, end_caps: str) -> str:
    found: list[Comparison] = []
    for name, plan, stored in stored_dvhs(data):
        print(f"{name}, end caps {end_caps}", file=sys.stderr)
        found += compare(name, plan, stored, end_caps)
    rows = [_row(c) for c in found]
    head = ["plan, ROI", "cc", "metric", "theirs", "hardcheck", "low", "high", "difference", "", "dicompyler-core"]
    return f"**End caps: {end_caps}**\n\n{_bar(found, end_caps)}\n\n{table(head, rows)}"


def _row(c: Comparison) -> list[object]:
    unit = "cc" if c.metric == "volume" else "Gy"
    said = ("inside" if c.inside else "outside") + ("" if c.close or c.metric == "volume" else ", over 0.1 Gy")
    if c.volume_cc >= LEAST_CC:
        said += f": {c.explanation}" if c.explanation else ""
    ours = [_number(n) for n in (c.ours.value, c.ours.low, c.ours.high)]
    numbers = [f"{c.theirs:.3f} {unit}", *ours, _number(c.difference, "+.3f"), said, _number(c.peer)]
    return [f"{c.plan}, {c.roi}", f"{c.volume_cc:.2f}", c.metric, *numbers]


def _bar(found: Sequence[Comparison], end_caps: str) -> str:
    """A2 over both plans and for each."""
    rows = []
    large = [c for c in found if c.volume_cc >= LEAST_CC]
    for name in ("Eclipse", "breast", "both", "both, wholly in the dose grid"):
        mine = [c for c in large if name == c.plan or (name.startswith("both") and (c.in_grid or name == "both"))]
        doses = [c for c in mine if c.metric != "volume"]
        volumes = [c for c in mine if c.metric == "volume"]
        for what, these in (("doses within 0.1 Gy", doses), ("volumes inside the interval", volumes)):
            good = sum(c.close for c in these)
            share = 100 * good / len(these)
            met = "met" if share >= CLOSE_BAR else "**not met**"
            rows.append([f"A2 {what}, {name}", f"{CLOSE_BAR:g} %", f"{good} of {len(these)} = {share:.0f} %", met])
    return table([f"bar, ROIs of 5 cc and more, end caps {end_caps}", "at least", "measured", ""], rows)


def _second_opinions(data: Path) -> str:
    """What ``hardcheck check`` says of the same plans, each difference over 1 % with what explains it."""
    head = (
        "**Second opinion**, as `hardcheck check` shows it, end caps half. Theirs less ours: of the prescription, for "
        "a volume of ours; differences over 1 % alone, and the gaps of the curves."
    )
    parts = [head]
    for name, plan, export in planning_systems(data):
        found = second_look(plan, export, {})
        if found is None:
            continue
        rows = []
        for row in comparison_rows(found):
            rows.append([f"{name}, {row.name}", "curves apart", "", "", "", row.gap])
            rows += [
                [f"{name}, {row.name}", cell.column, cell.theirs, cell.ours, cell.percent, cell.why or "**open**"]
                for cell in row.cells
                if cell.stands_out
            ]
        columns = ["plan, ROI", "metric", "theirs", "hardcheck", "difference", "why"]
        parts += [table(columns, rows), " ".join(leftover(found))]
    return "\n\n".join(part for part in parts if part)


def _raystation(data: Path) -> str:
    """The values that another open tool gave: a comparison, not the truth."""
    print("RayStation", file=sys.stderr)
    plan = read_plan(data / RAYSTATION)
    dvhs = {d.structure.name: d for d in compute_dvhs(plan, plan.structures)}
    with (data / RAYSTATION / "pyplanscoring_VMAT_metrics.csv").open(newline="", encoding="utf-8") as file:
        rows = [_other_row(dvhs, line) for line in csv.DictReader(file)]
    head = ["ROI", "metric", "PyPlanScoring", "hardcheck", "low", "high", ""]
    return (
        "**RayStation, brain, several targets.** Values of PyPlanScoring, another open tool: a comparison, not the "
        "truth.\n\n" + table(head, [row for row in rows if row is not None])
    )


def _other_row(dvhs: dict[str, Dvh], line: dict[str, str]) -> list[object] | None:
    """One line of the other tool's table; None where its question is not in our metric language."""
    dvh = dvhs.get(line["Structure Name"])
    if dvh is None:
        return None
    try:
        ours = dvh.metric(line["Query"])
    except MetricError:
        return None
    theirs = float(line["Result"])
    inside = ours.low is not None and ours.high is not None and ours.low <= theirs <= ours.high
    numbers = [_number(n) for n in (ours.value, ours.low, ours.high)]
    said = "inside" if inside else "outside" if ours.value is not None else str(ours.reason)
    return [line["Structure Name"], line["Query"], f"{theirs:.3f}", *numbers, said]


def _number(number: float | None, form: str = ".3f") -> str:
    return "none" if number is None else format(number, form)


if __name__ == "__main__":
    main()
