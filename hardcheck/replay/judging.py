"""One goal of the new version, held against what is stored of one plan.

It follows `hardcheck.evaluation.judgement` with stored values in place of curves: the comparison is the same function,
and where the stored values leave open which way that went, the goal cannot be told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hardcheck.evaluation import Outcome
from hardcheck.evaluation.held import compare, part_meets_what_whole_meets
from hardcheck.metric import Kind
from hardcheck.protocol import Goal, Protocol, ProtocolStructure, Tier
from hardcheck.quantity import Quantity
from hardcheck.replay.ground import applying
from hardcheck.replay.reading import BOUNDS, read
from hardcheck.store import StoredEvaluation, StoredGoal


@dataclass(frozen=True, slots=True)
class Told:
    """A goal in one ROI: its outcome with the review that it asks for, or None and the reason why it cannot be told.

    `of_curve` says that the value was read off stored curves.
    """

    goal: Goal
    roi_number: int | None
    outcome: Outcome | None
    quantity: Quantity
    review: str | None = None
    reason: str | None = None
    of_curve: bool = False


_CHANGED = "what its goals are about is another part of it now"
_COMPOUND = "a condition or another way to meet it changed, and their values are not stored"
_ABSENT = "whether it is there, and as which ROI, is not stored"
_WHOLE = "whether the whole contour meets the limit is not stored"
_OVERLAP = "how much of the shortfall lies in organs is not stored"
_SERIAL = "whether the limit is met without the subtraction is not stored"
_INSIDE = "the limit lies within what stored curves leave open"


@dataclass(frozen=True, slots=True)
class Replayer:
    """What the goals of one plan are told from: both versions of the protocol, and what is stored."""

    old: Protocol
    new: Protocol
    changed: frozenset[str]
    plan: StoredEvaluation

    def tell(self, goal: Goal) -> Iterator[Told]:
        """`goal` of the new version in each ROI that its structure is."""
        if self.changed.intersection(_named(goal)):
            yield _untold(goal, None, _CHANGED)
            return
        before = [g for g in applying(self.old, self.plan.regimen) if g.structure == goal.structure]
        same = next((g for g in before if _asked(g) == _asked(goal)), None)
        kin = next((g for g in before if _is_simple(g) and _measured(g) == _measured(goal)), None)
        other = next(iter(before), None)
        told: list[Told] = []
        if same is not None:
            told = [self._as_stored(goal, same, row) for row in self._rows(same)]
        elif not _is_simple(goal):
            told = [_untold(goal, None, _COMPOUND)]
        elif kin is not None:
            told = [self._held_again(goal, kin, row) for row in self._rows(kin)]
        elif other is not None:
            told = [self._of_curve(goal, row) for row in self._rows(other)]
        yield from told or [_untold(goal, None, _ABSENT)]

    def _rows(self, goal: Goal) -> Sequence[StoredGoal]:
        return [row for row in self.plan.goals if row.goal_id == goal.id]

    def _as_stored(self, goal: Goal, before: Goal, row: StoredGoal) -> Told:
        """The same is asked as before: the outcome stays, and what a person has to judge may follow the tier."""
        told = Told(goal, row.roi_number, Outcome(row.outcome), _quantity(goal, row.bounds), row.review, row.reason)
        is_serial = any(self.new.structure(name).serial for name in _named(goal))
        if goal.tier is before.tier or told.outcome is not Outcome.MET or not is_serial:
            return told
        if not _is_simple(goal):
            return _untold(goal, row.roi_number, _SERIAL)
        return self._reviewed(goal, before, row, replace(told, review=None))

    def _held_again(self, goal: Goal, before: Goal, row: StoredGoal) -> Told:
        """A value that is stored, held against another limit."""
        quantity, whole = _quantity(goal, row.bounds), _quantity(goal, row.whole)
        told = Told(goal, row.roi_number, None, quantity)
        meets_by_whole = part_meets_what_whole_meets(goal)
        if quantity.value is None:
            if meets_by_whole and compare(goal, whole).met:
                return replace(told, reason=_WHOLE)
            return replace(told, outcome=Outcome(row.outcome), reason=row.reason)
        wanted = self._structure(goal)
        held = compare(goal, quantity)
        if row.by_whole:
            met = bool(held.met) and meets_by_whole
            reason = None if met else "the part that it is about is not known"
            return replace(told, outcome=Outcome.MET if met else Outcome.NOT_EVALUATED, reason=reason)
        if held.met is None and row.recipe is not None and meets_by_whole:
            if wanted.extent is not None:
                return replace(told, reason=_WHOLE)
            held = replace(held, met=compare(goal, whole).met or None)
        return self._reviewed(goal, before, row, replace(told, outcome=held.outcome))

    def _reviewed(self, goal: Goal, before: Goal, row: StoredGoal, told: Told) -> Told:
        """`told` of a simple goal with what a person has to judge, or untold where that is not known."""
        wanted = self._structure(goal)
        if told.outcome is Outcome.NOT_MET and wanted.relaxed_in_organs and _is_coverage(goal):
            if row.confined is None:
                return _untold(goal, row.roi_number, _OVERLAP)
            said = f"the shortfall is confined to where {wanted.name} overlaps organs"
            return replace(told, review=said if row.confined else None)
        if told.outcome is not Outcome.MET or not (wanted.serial and wanted.subtract and goal.tier is Tier.REQUIRED):
            return told
        if row.whole is not None:
            if compare(goal, _quantity(goal, row.whole)).met:
                return told
            return replace(told, review=f"{wanted.name} is serial, and the limit is met only by the subtraction")
        was_plain = row.outcome == Outcome.MET and before.tier is Tier.REQUIRED and row.review is None
        return told if was_plain else _untold(goal, row.roi_number, _SERIAL)

    def _of_curve(self, goal: Goal, row: StoredGoal) -> Told:
        """A value that was not asked for before, from the curves of the ROI that other goals are about."""
        wanted = self._structure(goal)
        if row.roi_number is None and not wanted.expression:
            # Nothing of it is contoured, or somebody declared it absent.
            return Told(goal, None, Outcome(row.outcome), _quantity(goal, None), reason=row.reason)
        if problem := self._closed(goal, wanted, row):
            return _untold(goal, row.roi_number, problem)
        key = wanted.name, row.roi_number
        curves = {bound: self.plan.curves[(*key, bound)] for bound in BOUNDS if (*key, bound) in self.plan.curves}
        level_gy = (self.plan.levels_gy or {}).get(wanted.level)
        quantity = read(goal.metric, curves, level_gy)
        held = compare(goal, quantity)
        if quantity.value is None or held.met is None:
            return _untold(goal, row.roi_number, quantity.reason or _INSIDE, quantity)
        if not held.met and wanted.relaxed_in_organs and _is_coverage(goal):
            return _untold(goal, row.roi_number, _OVERLAP, quantity)
        return Told(goal, row.roi_number, held.outcome, quantity, of_curve=True)

    def _closed(self, goal: Goal, wanted: ProtocolStructure, row: StoredGoal) -> str | None:
        """Why no curve may be used for `goal`, None where one may."""
        if row.roi_number is None or wanted.subtract or wanted.extent is not None or wanted.applies_on_slices_of:
            return "it is about a part of the structure, of which no curve is stored"
        if goal.fractionation is not None or self.new.fractionation is not None:
            return "its number is for some schedules only"
        of_roi = [r for r in self.plan.goals if (r.structure, r.roi_number) == (goal.structure, row.roi_number)]
        if not any(r.bounds is not None and not r.by_whole and r.recipe is None for r in of_roi):
            return "no goal of it had a value"
        if any(finding.severity == "STOP" for finding in self.plan.findings):
            return "a check stopped the evaluation, or part of it"
        return None

    def _structure(self, goal: Goal) -> ProtocolStructure:
        return self.new.structure(goal.structure)


def needing_curves(old: Protocol, new: Protocol) -> set[str]:
    """The structures of `new` with goals that no stored value tells in every regimen."""
    return {goal.structure for goal in new.goals if not any(_serves(before, goal) for before in old.goals)}


def _serves(before: Goal, goal: Goal) -> bool:
    """Whether what is stored of the goal `before` tells `goal` wherever that applies."""
    covers = not before.regimens or (bool(goal.regimens) and set(goal.regimens) <= set(before.regimens))
    if before.structure != goal.structure or not covers:
        return False
    is_kin = _is_simple(before) and _is_simple(goal) and _measured(before) == _measured(goal)
    return _asked(before) == _asked(goal) or is_kin


def _untold(goal: Goal, roi_number: int | None, reason: str, quantity: Quantity | None = None) -> Told:
    return Told(goal, roi_number, None, quantity or _quantity(goal, None), reason=reason)


def _quantity(goal: Goal, bounds: tuple[float, float, float] | None) -> Quantity:
    if bounds is None:
        return Quantity.unknown(goal.metric.unit, "not stored")
    low, value, high = bounds
    return Quantity(value, low, high, goal.metric.unit)


def _named(goal: Goal) -> set[str]:
    claims = (*goal.claims, *([goal.only_if] if goal.only_if is not None else []))
    others = {name for claim in claims for name in (claim.structure, claim.limit.volume_of) if name}
    return {goal.structure, *others}


def _asked(goal: Goal) -> object:
    """All that the outcome depends on, but for what missing it means."""
    return goal.claims, goal.only_if, goal.fractionation


def _measured(goal: Goal) -> object:
    return goal.metric, goal.fractionation


def _is_simple(goal: Goal) -> bool:
    """Whether it has one way to be met, no condition, and a limit that is a number."""
    return not goal.alternatives and goal.only_if is None and goal.limit.volume_of is None


def _is_coverage(goal: Goal) -> bool:
    """Whether a shortfall of it may be confined to the overlap with organs, as of `evaluation.shortfall`."""
    return goal.metric.kind is Kind.VOLUME_AT_DOSE and not goal.op.is_upper
