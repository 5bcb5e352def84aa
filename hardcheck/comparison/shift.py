"""What became of a value without a limit from A to B. There is no good side, so it is higher or lower, never better."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from hardcheck.comparison.interval import Span, are_apart, is_same
from hardcheck.comparison.pairing import pairs
from hardcheck.comparison.side import Side, is_one_set
from hardcheck.comparison.value import Value


class Shift(StrEnum):
    """From A to B. Where anything is missing on either side it is UNKNOWN."""

    HIGHER = "HIGHER"
    LOWER = "LOWER"
    UNKNOWN = "UNKNOWN"
    WITHIN = "WITHIN"
    """The intervals overlap: the difference may be none."""
    SAME = "SAME"


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One value in A and in B; None on the side that does not have it."""

    a: Value | None
    b: Value | None

    @property
    def found(self) -> Value:
        """As B has it where both do."""
        found = self.b if self.b is not None else self.a
        if found is None:
            raise ValueError("a value of neither side")
        return found

    @property
    def shift(self) -> Shift:
        """Higher or lower only where the intervals have not one number in common.

        UNKNOWN where it is of ROIs with different names, of a vertex in another place, or rests on something else.
        """
        a, b = _span(self.a), _span(self.b)
        if a is None or b is None or self.is_of_another:
            return Shift.UNKNOWN
        if is_same(a[0], b[0]):
            return Shift.SAME
        if not are_apart(a, b):
            return Shift.WITHIN
        return Shift.HIGHER if b[0] > a[0] else Shift.LOWER

    @property
    def certain(self) -> bool:
        """Whether the values differ outside of their intervals."""
        return self.shift in (Shift.HIGHER, Shift.LOWER)

    @property
    def difference(self) -> float | None:
        """Value of B minus value of A, None where either is missing."""
        if self.a is None or self.b is None or self.a.value is None or self.b.value is None:
            return None
        return self.b.value - self.a.value

    @property
    def is_of_another(self) -> bool:
        """Whether nobody knows that both are of the same."""
        a, b = self.a, self.b
        if a is None or b is None:
            return False
        return a.roi_name != b.roi_name or a.rests_on != b.rests_on or not _is_one_place(a, b)

    @property
    def is_silent(self) -> bool:
        """Whether no side has a value."""
        return all(side is None or side.value is None for side in (self.a, self.b))

    @property
    def notes(self) -> tuple[str, ...]:
        """What else is not the same on both sides."""
        return tuple(_notes(self.a, self.b)) if self.a is not None and self.b is not None else ()


def shifted(a: Side, b: Side) -> tuple[ValueChange, ...]:
    """The values of both sides, each once, see `pairs`."""
    return tuple(ValueChange(*pair) for pair in pairs(a.values, b.values, one_set=is_one_set(a, b)))


def _span(value: Value | None) -> Span | None:
    if value is None or value.value is None or value.low is None or value.high is None:
        return None
    return value.value, value.low, value.high


def _is_one_place(a: Value, b: Value) -> bool:
    return len(a.centre_mm) == len(b.centre_mm) and all(map(is_same, a.centre_mm, b.centre_mm))


def _notes(a: Value, b: Value) -> Iterator[str]:
    if (a.roi_name, a.roi_number) != (b.roi_name, b.roi_number):
        yield f"of {_roi(a)} in A and {_roi(b)} in B"
    if a.rests_on != b.rests_on:
        yield f"it rests on {a.rests_on or 'the contour'} in A and {b.rests_on or 'the contour'} in B"
    if not _is_one_place(a, b):
        away = f": {math.dist(a.centre_mm, b.centre_mm):.1f} mm away" if len(a.centre_mm) == len(b.centre_mm) else ""
        yield f"the vertex of that name has its centre elsewhere{away}"
    if a.outcome != b.outcome:
        yield f"{a.outcome or 'no outcome'} in A, {b.outcome or 'no outcome'} in B; it decides nothing"


def _roi(value: Value) -> str:
    if value.roi_number is None:
        return value.roi_name or "no ROI"
    return f"ROI {value.roi_number} {value.roi_name or 'without a name'}"
