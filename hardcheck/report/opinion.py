"""The planning system's own numbers beside ours, as a reader sees them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hardcheck.metric import decimal_text
from hardcheck.planning_system import RTDOSE
from hardcheck.report.number import MINUS, fixed, plain

if TYPE_CHECKING:
    from hardcheck.evaluation.opinion import GoalOpinion, SecondOpinion
    from hardcheck.planning_system import Comparison, Difference, StructureComparison

REMARKABLE_PERCENT: Final = 1.0
"""From which on a difference is set off and explained."""

COLUMNS: Final = ("Volume", "Mean", "D2%", "D50%", "D95%", "D98%", "Min", "Max")
"""The metrics of a comparison, in its order."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One metric: ours, theirs and the difference, which stands out where it is remarkable."""

    column: str
    ours: str
    theirs: str
    percent: str
    stands_out: bool
    why: str
    """What explains the difference, empty where nothing does or none is asked for."""


@dataclass(frozen=True, slots=True)
class OpinionRow:
    """One structure."""

    roi_number: int
    name: str
    cells: tuple[Cell, ...]
    gap: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpinionTable:
    """One source of curves."""

    title: str
    rows: tuple[OpinionRow, ...]
    lines: tuple[str, ...]
    """What is said below: goals that would come out otherwise, what was not compared, what was found out."""


def opinion_tables(opinions: Iterable[SecondOpinion]) -> tuple[OpinionTable, ...]:
    """A table for each source."""
    return tuple(
        OpinionTable(
            title_of(opinion.comparison),
            comparison_rows(opinion.comparison),
            (
                summary(opinion),
                *(_goal(goal) for goal in opinion.goals if _is_told(goal)),
                *leftover(opinion.comparison),
            ),
        )
        for opinion in opinions
    )


def comparison_rows(found: Comparison) -> tuple[OpinionRow, ...]:
    """A row for each structure."""
    return tuple(_row(each) for each in found.structures)


def title_of(found: Comparison) -> str:
    """Whose numbers they are."""
    if found.export.system == RTDOSE:
        return "DVHs that the planning system stored in the RTDOSE"
    file = f", {found.export.file}" if found.export.file else ""
    return f"DVH export of {found.export.system}{file}"


def summary(opinion: SecondOpinion) -> str:
    """What came of it, in one sentence."""
    found = opinion.comparison
    compared = sum(bool(each.differences) for each in found.structures)
    parts = [f"{compared} {'structure' if compared == 1 else 'structures'} compared"]
    if found.widest is not None:
        structure, difference = found.widest
        why = f": {'; '.join(difference.explanations)}" if difference.explanations else ""
        which = (
            "the largest difference of a dose that nothing explains"
            if difference.is_open
            else "the largest difference of a dose"
        )
        largest = f"{_signed(difference.percent)} of {decimal_text(found.reference_gy)} Gy"
        where = f"{structure.structure.name}, {difference.metric}{why}"
        parts.append(f"{which} is {largest} ({where})")
    if opinion.goals:
        parts.append(_goals(opinion))
    return ", ".join(parts) + "."


def _goals(opinion: SecondOpinion) -> str:
    """How many goals would come out otherwise, of how many that could be held against their numbers."""
    others = len(opinion.others)
    counted = f"{others or 'no'} {'goals' if others > 1 else 'goal'} of {len(opinion.goals)}"
    more = f" ({opinion.unjudged} more cannot be held against them)" if opinion.unjudged else ""
    return f"{counted} would come out otherwise with their numbers{more}"


def leftover(found: Comparison) -> tuple[str, ...]:
    """What was found out about all curves, and what was not compared."""
    said = [f"{note[:1].upper()}{note[1:]}." for note in found.notes]
    if found.unmatched:
        said.append(f"Curves of no structure that could be told: {', '.join(found.unmatched)}.")
    if found.missing:
        said.append(f"Structures without a curve: {', '.join(found.missing)}.")
    return tuple(said)


def _is_told(goal: GoalOpinion) -> bool:
    return goal.result.outcome is not goal.outcome


def _goal(goal: GoalOpinion) -> str:
    result = goal.result
    ours, theirs = (str(outcome).replace("_", " ").lower() for outcome in (result.outcome, goal.outcome))
    here, there = (f"{plain(q.value, q.unit)} {q.unit}".rstrip() for q in (result.quantity, goal.theirs))
    return f"{result.goal.structure} {result.goal}: {ours} with {here} here, {theirs} with {there} there."


def _row(found: StructureComparison) -> OpinionRow:
    cells = tuple(_cell(name, d) for name, d in zip(COLUMNS, found.differences, strict=False))
    remarks = [] if found.reason is None else [f"not compared: {found.reason}"]
    remarks += [f"{cell.column}: {cell.why or 'not explained'}" for cell in cells if cell.stands_out]
    gap = ""
    if found.gap_percent is not None and found.gap_gy is not None:
        gap = f"{plain(found.gap_percent, '%')} %, {plain(found.gap_gy, 'Gy')} Gy"
    return OpinionRow(found.structure.number, found.structure.name, cells, gap, (*remarks, *found.notes))


def _cell(column: str, difference: Difference) -> Cell:
    unit = difference.metric.unit
    return Cell(
        column,
        plain(difference.ours.value, unit),
        plain(difference.theirs.value, unit),
        _signed(difference.percent),
        difference.percent is not None and abs(difference.percent) > REMARKABLE_PERCENT,
        "; ".join(difference.explanations),
    )


def _signed(percent: float | None) -> str:
    if percent is None:
        return ""
    text = fixed(abs(percent), 1)
    sign = "" if text == "0.0" else "+" if percent > 0 else MINUS
    return f"{sign}{text} %"
