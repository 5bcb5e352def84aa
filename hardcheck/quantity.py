"""A quantity: a value, the numerical interval it lies in, and its unit; or the reason why there is none."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantity:
    """`low` <= `value` <= `high`, all in `unit` ("Gy", "%", "cc", "mm" or "" for an index).

    A bound of infinity means that nothing is known on that side. Where the value cannot be known all
    three are None and `reason` says why. `caveats` are what a reader must know beside the number.
    """

    value: float | None
    low: float | None
    high: float | None
    unit: str
    reason: str | None = None
    caveats: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        numbers = (self.low, self.value, self.high)
        if self.value is None:
            if self.low is not None or self.high is not None or not self.reason:
                raise ValueError("a quantity without a value has a reason and no bounds")
            return
        if any(n is None or math.isnan(n) for n in numbers) or math.isinf(self.value):
            raise ValueError(f"not a quantity: {numbers}")
        if not (self.low <= self.value <= self.high):  # type: ignore[operator]
            raise ValueError(f"the value is outside of its interval: {numbers}")

    @classmethod
    def unknown(cls, unit: str, reason: str, caveats: tuple[str, ...] = ()) -> Quantity:
        """A quantity that cannot be known, and why."""
        return cls(None, None, None, unit, reason, caveats)

    @classmethod
    def spanning(cls, value: float, others: tuple[float, ...], unit: str, caveats: tuple[str, ...] = ()) -> Quantity:
        """`value` with the interval that holds it and all `others`."""
        return cls(value, min(value, *others), max(value, *others), unit, None, caveats)

    def scaled(self, factor: float, unit: str) -> Quantity:
        """Give this quantity times a positive `factor`, in another unit."""
        if self.value is None or self.low is None or self.high is None:
            return Quantity.unknown(unit, self.reason or "", self.caveats)
        return Quantity(self.value * factor, self.low * factor, self.high * factor, unit, None, self.caveats)

    def holds(self, comparison: Callable[[float], bool]) -> bool | None:
        """Whether a monotonic comparison is true over the whole interval.

        None where it is true of a part of it, or where there is no value. NaN fails every comparison.
        """
        if self.value is None or self.low is None or self.high is None:
            return None
        answers = {comparison(self.low), comparison(self.value), comparison(self.high)}
        return answers.pop() if len(answers) == 1 else None


def ratio(above: Sequence[Quantity], below: Sequence[Quantity]) -> Quantity:
    """The product of `above` over that of `below`, none negative: it rises with the first, falls with the others."""
    caveats = tuple(dict.fromkeys(c for q in (*above, *below) for c in q.caveats))
    reason = next((q.reason for q in (*above, *below) if q.value is None), None)
    if reason is not None:
        return Quantity.unknown("", reason, caveats)
    over, under = _product(q.value for q in above), _product(q.value for q in below)
    if not under > 0:
        return Quantity.unknown("", "the volume or dose that it is divided by is 0", caveats)
    low, high = _product(q.low for q in above), _product(q.high for q in above)
    most, least = _product(q.high for q in below), _product(q.low for q in below)
    value = over / under
    lowest = low / most if math.isfinite(most) else 0.0
    highest = high / least if least > 0 and not math.isnan(high) else math.inf
    # Rounding must not put the value outside of its interval.
    return Quantity(value, min(lowest, value), max(highest, value), "", None, caveats)


def _product(numbers: Iterable[float | None]) -> float:
    return math.prod(number if number is not None else math.nan for number in numbers)
