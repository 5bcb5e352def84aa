"""Control limits of a process over time, and numbers that are unlike the rest.

NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2 (individuals and moving range) and 6.3.3.2 (proportions);
Montgomery, Introduction to Statistical Quality Control, wants 20 to 25 points to begin with. Iglewicz and Hoaglin, How
to Detect and Handle Outliers, 1993 (robust z).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

FEWEST_POINTS: Final = 12
"""With fewer points there are no limits."""

USUAL_POINTS: Final = 20
"""With fewer the limits are provisional."""

FEWEST_EXPECTED: Final = 5
"""A share has limits where so many plans are expected to meet a goal, and not to: else it is far from normal."""

OUTLYING: Final = 3.5
"""A robust z beyond this is an outlier (Iglewicz and Hoaglin)."""

FEWEST_VALUES: Final = 10
"""With fewer values none is called an outlier."""

_D2: Final = 1.128
"""Mean range of two normal numbers in standard deviations."""

_MAD_OF_NORMAL: Final = 0.6745
"""Median absolute deviation of a normal distribution in standard deviations."""

_MEAN_DEVIATION_OF_NORMAL: Final = math.sqrt(math.pi / 2)
"""Standard deviations in the mean absolute deviation of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The 3-sigma limits of one point, around the centre line."""

    centre: float
    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether `value` is in control. What is on a limit is; the last bits of a float do not decide."""
        slack = 1e-9 * max(1.0, abs(value))
        return self.low - slack <= value <= self.high + slack


def share_limits(met: Sequence[int], of: Sequence[int]) -> tuple[Limits | None, ...]:
    """Limits of each share `met` / `of`: centre p, the share of all, and p ± 3 √(p (1 - p) / n), within 0 and 1.

    None for a point with fewer than `FEWEST_EXPECTED` expected on either side; for all with fewer than `FEWEST_POINTS`.
    """
    if len(of) < FEWEST_POINTS or not sum(of):
        return (None,) * len(of)
    good, all_of_them = sum(met), sum(of)
    # In whole numbers: a product of floats may be the last bit below.
    enough = [n * min(good, all_of_them - good) >= FEWEST_EXPECTED * all_of_them for n in of]
    return tuple(_share_limits(good / all_of_them, n) if is_it else None for n, is_it in zip(of, enough, strict=True))


def _share_limits(p: float, n: int) -> Limits:
    reach = 3 * math.sqrt(p * (1 - p) / n)
    return Limits(p, max(p - reach, 0.0), min(p + reach, 1.0))


def individual_limits(values: Sequence[float], fewest: int = FEWEST_POINTS) -> Limits | None:
    """Limits of single values in the order of time: mean ± 3 (mean moving range) / 1.128.

    None with fewer values than `fewest`, which is 2 or more.
    """
    if len(values) < fewest:
        return None
    array = np.array(values)
    centre, reach = float(array.mean()), 3 * float(np.abs(np.diff(array)).mean()) / _D2
    return Limits(centre, centre - reach, centre + reach)


def robust_z(values: Sequence[float]) -> tuple[float, ...] | None:
    """0.6745 (x - median) / MAD of each value; None with fewer than `FEWEST_VALUES`.

    Where more than half are the same, and so MAD is 0, (x - median) / (1.2533 mean absolute deviation); 0 if all are.
    """
    if len(values) < FEWEST_VALUES:
        return None
    array = np.array(values)
    off = array - np.median(array)
    # What differs by the last bits of floats is the same.
    same = 1e-9 * max(1.0, float(np.abs(array).max()))
    scale = float(np.median(np.abs(off))) / _MAD_OF_NORMAL
    if scale <= same:
        scale = float(np.abs(off).mean()) * _MEAN_DEVIATION_OF_NORMAL
    if scale <= same:
        return (0.0,) * len(values)
    return tuple(float(z) for z in off / scale)
