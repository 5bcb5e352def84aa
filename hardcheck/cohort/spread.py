"""A distribution in a few numbers and in bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

BARS: Final = 24
"""About how many bars there are between the 1st and the 99th percentile."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Smallest and largest of `count` numbers, and percentiles between, linear between the order statistics."""

    count: int
    least: float
    p5: float
    p25: float
    median: float
    p75: float
    p95: float
    most: float


@dataclass(frozen=True, slots=True)
class Bar:
    """How many numbers lie from `low` to `high`; None for a bar that has no end on that side."""

    low: float | None
    high: float | None
    count: int


def spread_of(values: Sequence[float]) -> Spread | None:
    """The spread of `values`; None of none."""
    if not values:
        return None
    return Spread(len(values), *(float(x) for x in np.percentile(np.array(values), (0, 5, 25, 50, 75, 95, 100))))


def bars_of(values: Sequence[float], *, zero_is_good: bool) -> tuple[Bar, ...]:
    """How many of `values` are in each bar; one edge is 0, so that no bar has numbers of both sides of a limit.

    A number on an edge belongs to the right bar, or where 0 is not on the good side, to the left. What is beyond the
    1st or 99th percentile by more than a bar is in one without an end.
    """
    if not values:
        return ()
    array = np.array(values)
    first, last = (float(x) for x in np.percentile(array, (1, 99)))
    width = _nice((last - first if last > first else max(abs(first), 1.0)) / BARS)
    # A number that is the very last edge has a bar as well.
    start, end = math.floor(first / width) - 1, math.floor(last / width) + 2
    edges = np.arange(start, end + 1) * width
    place = np.searchsorted(edges, array, side="right" if zero_is_good else "left")
    counts = np.bincount(place, minlength=edges.size + 1)
    inner = [
        Bar(float(low), float(high), int(count))
        for low, high, count in zip(edges[:-1], edges[1:], counts[1:-1], strict=True)
    ]
    while inner and inner[0].count == 0:
        inner.pop(0)
    while inner and inner[-1].count == 0:
        inner.pop()
    below = [Bar(None, float(edges[0]), int(counts[0]))] if counts[0] else []
    above = [Bar(float(edges[-1]), None, int(counts[-1]))] if counts[-1] else []
    return (*below, *inner, *above)


def _nice(width: float) -> float:
    """1, 2 or 5 times a power of ten, no less than `width`."""
    power = 10.0 ** math.floor(math.log10(width))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= width * (1 - 1e-9))
