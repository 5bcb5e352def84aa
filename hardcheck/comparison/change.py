"""What became of one goal from A to B."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hardcheck.comparison.interval import ROUNDING, Span, are_apart, is_same
from hardcheck.comparison.pairing import pairs
from hardcheck.comparison.side import Held, Side, is_one_set
from hardcheck.evaluation.result import Outcome

ORDER: Final = (Outcome.NOT_MET, Outcome.MARGINAL, Outcome.MET)
"""Outcomes of what was evaluated, from the worst to the best. The others have no place in it."""


class Change(StrEnum):
    """From A to B. Where anything is missing on either side it is UNKNOWN, never BETTER."""

    WORSE = "WORSE"
    UNKNOWN = "UNKNOWN"
    BETTER = "BETTER"
    WITHIN = "WITHIN"
    """The intervals overlap: the difference may be none. Of a value alone, never of an outcome."""
    SAME = "SAME"


@dataclass(frozen=True, slots=True)
class GoalChange:
    """One goal in A and in B; None on the side that does not have it."""

    a: Held | None
    b: Held | None

    @property
    def held(self) -> Held:
        """The goal itself: as B has it where both do."""
        found = self.b if self.b is not None else self.a
        if found is None:
            raise ValueError("a goal of neither side")
        return found

    @property
    def outcome(self) -> Change:
        """Of the outcome alone."""
        if self.a is None or self.b is None:
            return Change.UNKNOWN
        if self.a.outcome is self.b.outcome:
            return Change.SAME
        if self.a.outcome not in ORDER or self.b.outcome not in ORDER or self.is_of_another_roi:
            return Change.UNKNOWN
        return Change.BETTER if ORDER.index(self.b.outcome) > ORDER.index(self.a.outcome) else Change.WORSE

    @property
    def value(self) -> Change:
        """Of the value alone: better or worse only where the intervals have not one number in common, else WITHIN.

        SAME within `ROUNDING`. UNKNOWN where it is of ROIs with different names, and where a limit that is the volume
        of a structure came out otherwise: its own interval is not known here.
        """
        places = self._places
        if places is None:
            return Change.UNKNOWN
        (a, _, _), (b, _, _) = places
        if is_same(a, b):
            return Change.SAME
        if self._is_relative:
            return Change.UNKNOWN
        if not self.certain:
            return Change.WITHIN
        return Change.BETTER if (b < a) is self.held.op.is_upper else Change.WORSE

    @property
    def certain(self) -> bool:
        """Whether the values differ outside of their intervals: these have not one number in common."""
        places = self._places
        if places is None or self._is_relative:
            return False
        return are_apart(*places)

    @property
    def change(self) -> Change:
        """Of the outcome; of the value where that is the same."""
        return self.value if self.outcome is Change.SAME else self.outcome

    @property
    def difference(self) -> float | None:
        """Value of B minus value of A in the unit of the goal, None where either is missing."""
        if self.a is None or self.b is None or self.a.value is None or self.b.value is None:
            return None
        return self.b.value - self.a.value

    @property
    def is_of_another_roi(self) -> bool:
        """Whether it was held against an ROI of another name: nobody knows that both are the same organ.

        A structure that was made has no name, and is another one than what somebody contoured.
        """
        if self.a is None or self.b is None or self.a.roi_name == self.b.roi_name:
            return False
        named = self.a.roi_name is not None and self.b.roi_name is not None
        return named or (self.a.outcome in ORDER and self.b.outcome in ORDER)

    @property
    def is_judged_otherwise(self) -> bool:
        """Whether a person has to judge it on one side alone."""
        return self.a is not None and self.b is not None and bool(self.a.review) != bool(self.b.review)

    @property
    def is_silent(self) -> bool:
        """Whether neither side says anything: no value, and the same outcome."""
        both = (self.a, self.b)
        return self.outcome is Change.SAME and all(h is not None and _says_nothing(h) for h in both)

    @property
    def notes(self) -> tuple[str, ...]:
        """What else is not the same on both sides, and what is to be known beside the values."""
        return tuple(_notes(self.a, self.b)) if self.a is not None and self.b is not None else ()

    @property
    def _is_relative(self) -> bool:
        """Whether one and the same limit came out otherwise: it is the volume of a structure, which has an interval."""
        a, b = self.a, self.b
        if a is None or b is None or a.limit is None or b.limit is None or a.text != b.text:
            return False
        return not is_same(a.limit, b.limit)

    @property
    def _places(self) -> tuple[Span, Span] | None:
        """Value, low and high of both sides; less the limit where that is relative to the plan. None for other ROIs."""
        if self.is_of_another_roi:
            return None
        a, b = (_numbers(held) for held in (self.a, self.b))
        if a is None or b is None:
            return None
        if self._is_relative and self.a is not None and self.b is not None:
            return _less(a, self.a.limit), _less(b, self.b.limit)
        return a, b


def paired(a: Side, b: Side) -> tuple[GoalChange, ...]:
    """The goals of both sides, each once, see `pairs`."""
    return tuple(GoalChange(*pair) for pair in pairs(a.goals, b.goals, one_set=is_one_set(a, b)))


def _says_nothing(held: Held) -> bool:
    return held.value is None and held.outcome not in ORDER


def _numbers(held: Held | None) -> Span | None:
    if held is None or held.value is None or held.low is None or held.high is None or held.outcome not in ORDER:
        return None
    return held.value, held.low, held.high


def _less(numbers: Span, limit: float | None) -> Span:
    by = limit or 0.0
    return numbers[0] - by, numbers[1] - by, numbers[2] - by


def _notes(a: Held, b: Held) -> Iterator[str]:
    if (a.roi_name, a.roi_number) != (b.roi_name, b.roi_number):
        yield f"held against {_roi(a)} in A and {_roi(b)} in B"
    if a.text != b.text:
        yield f"the limit is another one: {a.text} in A, {b.text} in B"
    elif a.limit is not None and b.limit is not None and not math.isclose(a.limit, b.limit, rel_tol=ROUNDING):
        yield f"the limit comes out at {a.limit:.2f} {a.unit} in A and {b.limit:.2f} {b.unit} in B: margins are held"
    if a.tier is not b.tier:
        yield f"{a.tier} in A, {b.tier} in B"
    if bool(a.review) != bool(b.review):
        yield f"a person has to judge it in {'A' if a.review else 'B'}: {a.review or b.review}"
    if max(a.ways, b.ways) > 1:
        yield "it can be met in several ways: the values are of the first"


def _roi(held: Held) -> str:
    if held.roi_number is None:
        return held.roi_name or "no ROI"
    return f"ROI {held.roi_number} {held.roi_name or 'without a name'}"
