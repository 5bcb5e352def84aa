"""The goals as the report's tables show them: one row each, grouped by structure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from hardcheck.evaluation.result import Outcome
from hardcheck.evaluation.verdict import asks_for_review, fails, varies
from hardcheck.metric import DOSE_KINDS, Kind, decimal_text
from hardcheck.protocol import ProtocolStructure
from hardcheck.report.number import MINUS, Shown, plain, shown, spoken
from hardcheck.report.scale import goal_scale_text
from hardcheck.report.spot import spot_text

if TYPE_CHECKING:
    from hardcheck.evaluation import Acceptance
    from hardcheck.evaluation.result import Evaluation, GoalResult
    from hardcheck.plan import Plan
    from hardcheck.protocol import Goal, Protocol

WORDS: Final = {
    Outcome.MET: "met",
    Outcome.NOT_MET: "not met",
    Outcome.MARGINAL: "marginal",
    Outcome.NOT_EVALUATED: "not evaluated",
    Outcome.NOT_APPLICABLE: "does not apply",
}

_GRAVEST: Final = (
    Outcome.NOT_MET, Outcome.MARGINAL, Outcome.NOT_EVALUATED, Outcome.NOT_APPLICABLE, Outcome.MET
)  # fmt: skip

_SCALE_UNIT: Final = 0.01
"""The scale is linear within 1 % of the limit and logarithmic beyond, so that close calls are wide apart."""
_SCALE_END: Final = math.asinh(1.0 / _SCALE_UNIT)
"""At 100 % of the limit."""

_SHORT: Final = 6
"""Rows of a table that stay together on a page."""

_REPEATED: Final = 3
"""A note at more goals than this stands under the tables."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where value and interval lie around the limit: -1 (missed by 100 % of it) over 0 to +1 (met by as much)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class OtherLimit:
    """The limit of another goal of the same metric and structure, on the scale of this one."""

    at: float
    tier: str
    text: str


@dataclass(frozen=True, slots=True)
class GoalRow:
    """One goal. `effect` is what its outcome does to the verdict: good, fail, review, variation or neutral."""

    result: GoalResult
    shown: Shown
    effect: str
    scale: Scale | None
    extreme: str
    notes: tuple[str, ...]
    remarks: tuple[str, ...]
    """Letters of the remarks under the tables that go for this goal too."""
    source: int
    """The number of the source in the list under the tables, from 1."""
    whole: str = ""
    """The value without the subtraction, where that changes it."""
    spot: str = ""
    """Where it is hottest or coldest."""
    dose_scale: str = ""
    """By how much the whole dose would have to be scaled."""
    accepted: tuple[str, ...] = ()
    """Who accepted it, and why."""
    others: tuple[OtherLimit, ...] = ()
    """The limits of the other tiers, from the loosest to the strictest."""
    number: int = 0
    """Of the goal in the evaluation, from 1."""
    picture: str = ""
    """The id of the place that is pictured for it on the page, empty where none is."""
    spot_of: GoalRow | None = None
    """An earlier row of the structure that says the same of where it is hottest or coldest."""
    is_first_of_source: bool = True
    """Whether no row before it has the same source: one link of them is enough for the keyboard."""

    @property
    def anchor(self) -> str:
        """The id of its row on the page."""
        return f"goal-{self.number}"

    @property
    def place(self) -> str:
        """Where it is hottest or coldest, with the nearest target alone."""
        return spot_text(self.result.spot, most=1).replace("-", MINUS)

    @property
    def spot_word(self) -> str:
        """Which point `spot` is about."""
        return self.spot.partition(" ")[0]

    @property
    def word(self) -> str:
        """The outcome in words."""
        return WORDS[self.result.outcome]

    @property
    def reason(self) -> str:
        """Why there is no plain yes or no."""
        return self.result.review or self.result.reason or self.result.quantity.reason or ""

    @property
    def rank(self) -> int:
        """For sorting by outcome: what decides the verdict first, then what is not met, not known, and met."""
        effects, outcomes = ("fail", "review", "variation", "neutral", "good"), list(_GRAVEST)
        return len(outcomes) * effects.index(self.effect) + outcomes.index(self.result.outcome)

    @property
    def closeness(self) -> str:
        """For sorting by margin: how far the value is on the good side, in parts of the limit; empty without one."""
        return "" if self.scale is None else f"{self.scale.value:.6f}"

    @property
    def is_marginal(self) -> bool:
        """Whether value and limit are too close to call: the margin is no miss then, whatever its sign."""
        return self.result.outcome is Outcome.MARGINAL

    @property
    def says(self) -> bool:
        """Whether there is a line of text under the numbers."""
        told = self.reason or self.extreme or self.whole or self.spot or self.dose_scale or self.result.findings
        return bool(told or self.notes or self.accepted or self.result.goal.printed)

    @property
    def is_open(self) -> bool:
        """Whether there is nothing to show but the reason."""
        undecided = self.result.outcome in (Outcome.NOT_EVALUATED, Outcome.NOT_APPLICABLE)
        return undecided and self.result.quantity.value is None


@dataclass(frozen=True, slots=True)
class StructureRows:
    """The goals of one structure of the protocol that were held against one ROI."""

    structure: ProtocolStructure
    roi_number: int | None
    roi_name: str | None
    level_gy: float | None
    rows: tuple[GoalRow, ...]
    volume: str = ""
    part: str = ""
    """What of it the goals are about, with its volume, where that is not the whole contour."""
    matched_by: str = ""
    """How the ROI was found, or of what it was made."""

    @property
    def is_long(self) -> bool:
        """Whether it may be cut by the end of a page, so that its rows repeat its name on paper."""
        return self.lines > _SHORT

    @property
    def lines(self) -> int:
        """How many rows of the table they take: a goal with something to say has a second one."""
        return sum(2 if row.says else 1 for row in self.rows)


@dataclass(frozen=True, slots=True)
class OpenRows:
    """Organs of which no goal could be evaluated, all for the same reason."""

    reason: str
    groups: tuple[StructureRows, ...]


@dataclass(frozen=True, slots=True)
class GoalTable:
    """All goals of an evaluation; each is in exactly one of `targets`, `organs` and `unevaluated`."""

    targets: tuple[StructureRows, ...]
    organs: tuple[StructureRows, ...]
    unevaluated: tuple[OpenRows, ...]
    sources: tuple[str, ...]
    remarks: tuple[tuple[str, str], ...]
    """Letter and text of what goes for many goals."""

    @property
    def rows(self) -> tuple[GoalRow, ...]:
        """Every goal once."""
        groups = [*self.targets, *self.organs, *(g for o in self.unevaluated for g in o.groups)]
        return tuple(row for group in groups for row in group.rows)

    def pictured(self, places: Mapping[str, str]) -> GoalTable:
        """The same with the ids of the `places` that are pictured, by the anchor of the row."""

        def those(groups: Sequence[StructureRows]) -> tuple[StructureRows, ...]:
            return tuple(
                replace(g, rows=tuple(replace(row, picture=places.get(row.anchor, "")) for row in g.rows))
                for g in groups
            )

        opened = tuple(replace(block, groups=those(block.groups)) for block in self.unevaluated)
        return replace(self, targets=those(self.targets), organs=those(self.organs), unevaluated=opened)


def goal_table(evaluation: Evaluation) -> GoalTable:
    """The rows of `evaluation`, in the order of the protocol."""
    sources = tuple(dict.fromkeys(r.goal.source for r in evaluation.results))
    remarks = _remarks(evaluation.results)
    rows = [
        replace(
            _row(result, sources, remarks, evaluation.accepted),
            others=_others(result, evaluation.results),
            number=number,
            is_first_of_source=result.goal.source not in {r.goal.source for r in evaluation.results[: number - 1]},
        )
        for number, result in enumerate(evaluation.results, 1)
    ]
    together: dict[tuple[object, ...], list[GoalRow]] = {}
    for row in rows:
        together.setdefault((row.result.goal.structure, row.result.roi_number, row.result.roi_name), []).append(row)
    groups = [_structure_rows(found, evaluation) for found in together.values()]
    targets = [g for g in groups if g.structure.role == "target"]
    organs = [g for g in groups if g.structure.role != "target"]
    silent = [g for g in organs if all(row.is_open for row in g.rows) and len({row.reason for row in g.rows}) == 1]
    shown_organs = [g for g in organs if not any(g is s for s in silent)]
    return GoalTable(
        tuple(targets),
        tuple(shown_organs),
        tuple(_by_reason(silent)),
        sources,
        tuple((v, k) for k, v in remarks.items()),
    )


def effect_of(result: GoalResult) -> str:
    """What the outcome does to the verdict of the plan."""
    if fails(result):
        return "fail"
    if asks_for_review(result):
        return "review"
    if varies(result):
        return "variation"
    return "good" if result.outcome is Outcome.MET else "neutral"


def _row(
    result: GoalResult, sources: Sequence[str], remarks: Mapping[str, str], accepted: Sequence[Acceptance]
) -> GoalRow:
    notes = tuple(_notes(result))
    return GoalRow(
        result,
        shown(result),
        effect_of(result),
        scale_of(result),
        _extreme(result),
        tuple(note for note in notes if note not in remarks),
        tuple(remarks[note] for note in notes if note in remarks),
        sources.index(result.goal.source) + 1,
        _whole(result),
        spot_text(result.spot).replace("-", MINUS),
        goal_scale_text(result.dose_scale),
        tuple(str(entry) for entry in accepted if entry.is_of(result)),
    )


def _remarks(results: Sequence[GoalResult]) -> dict[str, str]:
    """A letter for each note that many goals share, so that the tables say it once."""
    found = Counter(note for result in results for note in _notes(result))
    shared = [note for note, number in found.items() if number > _REPEATED]
    return {note: _letter(index) for index, note in enumerate(shared)}


def _letter(index: int) -> str:
    """Letters from a to z, then aa, ab and so on."""
    more, last = divmod(index, 26)
    return (_letter(more - 1) if more else "") + chr(ord("a") + last)


def _structure_rows(rows: Sequence[GoalRow], evaluation: Evaluation) -> StructureRows:
    first = rows[0].result
    structure = structure_of(evaluation.protocol, first.goal.structure)
    dvh = None if first.roi_number is None else evaluation.dvhs.get(first.roi_number)
    volume = "" if dvh is None or dvh.volume.value is None else f"{plain(dvh.volume.value, 'cc')} cc"
    roi_name = first.roi_name if first.roi_name is not None else _roi_name(evaluation.plan, first.roi_number)
    level_gy = evaluation.levels.get(structure.level)
    part = next((said for row in rows if (said := _part(row.result))), "")
    matched_by = evaluation.matched_by(structure.name, first.roi_number) or ""
    once = _spots_once(rows)
    return StructureRows(structure, first.roi_number, roi_name, level_gy, once, volume, part, matched_by)


def _spots_once(rows: Sequence[GoalRow]) -> tuple[GoalRow, ...]:
    """The rows, each that would repeat a spot with the row that tells it."""
    told: dict[str, GoalRow] = {}
    return tuple(
        replace(row, spot_of=told.get(row.spot)) if told.setdefault(row.spot, row) is not row else row for row in rows
    )


def _part(result: GoalResult) -> str:
    """The recipe of what the value is of, and the volume that it makes."""
    if result.recipe is None or result.derived_volume is None or result.derived_volume.value is None:
        return ""
    return f"{result.recipe}: {spoken(result.derived_volume)}"


def _whole(result: GoalResult) -> str:
    """The value without the subtraction, beside the one with it."""
    if result.whole is None or result.quantity.value is None:
        return ""
    return f"without the subtraction {spoken(result.whole)}"


def structure_of(protocol: Protocol, name: str) -> ProtocolStructure:
    """The structure of the protocol; one without a definition where a protocol made in Python left it out."""
    return next((s for s in protocol.structures if s.name == name), ProtocolStructure(name, "organ"))


def _roi_name(plan: Plan, number: int | None) -> str | None:
    return next((s.name for s in plan.structures if s.number == number), None)


def _by_reason(groups: Sequence[StructureRows]) -> Iterable[OpenRows]:
    for reason in dict.fromkeys(g.rows[0].reason for g in groups):
        same = tuple(g for g in groups if g.rows[0].reason == reason)
        yield OpenRows(reason, same)


def scale_ticks() -> tuple[float, ...]:
    """The places of 1 % and 10 % of the limit on both sides of it."""
    return tuple(_place(margin, 1.0) for margin in (-0.1, -0.01, 0.01, 0.1))


def scale_of(result: GoalResult) -> Scale | None:
    """The place of value and interval on the margin scale, None where there is no value or no limit."""
    quantity, limit = result.quantity, result.limit
    if (
        quantity.value is None
        or quantity.low is None
        or quantity.high is None
        or limit is None
        or not math.isfinite(limit)
    ):
        return None
    sign = -1.0 if result.goal.op.is_upper else 1.0
    places = [_place(sign * (number - limit), limit) for number in (quantity.value, quantity.low, quantity.high)]
    return Scale(places[0], min(places), max(places))


def _others(result: GoalResult, results: Iterable[GoalResult]) -> tuple[OtherLimit, ...]:
    """The other limits of the same metric, of the same structure and on the same side."""
    goal, limit = result.goal, result.limit
    if limit is None or not math.isfinite(limit):
        return ()
    sign = 1.0 if goal.op.is_upper else -1.0
    found = []
    for other in results:
        same = other is not result and (other.roi_number, other.recipe) == (result.roi_number, result.recipe)
        asked = other.goal
        if not same or (asked.structure, asked.metric) != (goal.structure, goal.metric):
            continue
        if asked.op.is_upper is not goal.op.is_upper or other.limit is None or not math.isfinite(other.limit):
            continue
        # A looser limit lies on the side that misses, since a value between the two misses this one alone.
        at = _place(-sign * (other.limit - limit), limit)
        found.append(OtherLimit(at, str(asked.tier), f"{asked.op} {asked.limit}"))
    return tuple(sorted(found, key=lambda each: each.at))


def _place(margin: float, limit: float) -> float:
    relative = margin / abs(limit) if limit else margin
    return max(-1.0, min(1.0, math.asinh(relative / _SCALE_UNIT) / _SCALE_END))


def _extreme(result: GoalResult) -> str:
    """The extreme of the dose field itself, beside the dose to a small volume."""
    if result.extreme is None or result.goal.metric.kind not in DOSE_KINDS:
        return ""
    side = "minimum" if result.goal.metric.kind is Kind.DOSE_AT_COLD_VOLUME else "maximum"
    metric = result.goal.metric
    of = f"{metric.effect}(ab={decimal_text(metric.alpha_beta_gy)})" if metric.alpha_beta_gy is not None else "dose"
    return f"{side} of the {of} {spoken(result.extreme)}"


def _notes(result: GoalResult) -> Iterable[str]:
    """What a reader must know beside the number. Said in words: a tier in doubt, a source that contradicts itself."""
    yield from dict.fromkeys((*_doubts(result.goal), *result.caveats, *result.quantity.caveats))


def _doubts(goal: Goal) -> Iterable[str]:
    if goal.uncertain_tier:
        yield "the source leaves the tier in doubt: not meeting it asks for review"
    if goal.source_conflict:
        yield f"the source contradicts itself: {goal.source_conflict}"
    if goal.not_in_source:
        yield "not in the source"
