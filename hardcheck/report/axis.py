"""The steps of an axis."""

from __future__ import annotations

import math


def step(highest: float, most: int) -> float:
    """1, 2 or 5 times a power of ten, so that there are at most `most` steps up to `highest`, which is more than 0."""
    rough = highest / most
    power = 10.0 ** math.floor(math.log10(rough))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))
