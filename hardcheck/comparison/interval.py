"""When two values with intervals are the same, and when they differ for certain."""

from __future__ import annotations

import math
from typing import Final

ROUNDING: Final = 1e-9
"""Of a number that was computed again: another version of a library may add up in another order."""

Span = tuple[float, float, float]
"""Value, low and high."""


def is_same(a: float, b: float) -> bool:
    """Whether both are one number within `ROUNDING`."""
    return math.isclose(a, b, rel_tol=ROUNDING, abs_tol=ROUNDING)


def are_apart(a: Span, b: Span) -> bool:
    """Whether the intervals have not one number in common."""
    return a[2] < b[1] or b[2] < a[1]
