"""The interval of a cumulative curve: at each dose the least and the greatest volume that it may be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hardcheck.report.axis import step

if TYPE_CHECKING:
    from hardcheck.dvh import Dvh

READINGS: Final = 150
"""At how many doses, at most, the curves are read off for the reader."""

FINER: Final = 8
"""The band is drawn in steps so much finer than the readings: less than can be seen."""

BEYOND: Final = 1.1
"""The interval of the greatest dose goes beyond it: how far the band follows, in parts of the highest dose."""

Bounds = tuple[float, float, float]
"""Low, value and high; a bound that is not known is not finite."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The volume that receives at least a dose: in percent, as the metric V[%], and in cc, as V[cc]."""

    dose_gy: float
    percent: Bounds
    cc: Bounds


@dataclass(frozen=True, slots=True)
class Band:
    """`readings` in equal steps of dose from 0 to where no volume is left; `points` are as many more, to draw."""

    readings: tuple[Reading, ...] = ()
    points: tuple[Reading, ...] = ()

    def outline(self, whole_cc: float | None = None) -> list[tuple[float, float, float]]:
        """Dose in Gy with low and high in percent; with `whole_cc` those of the volume in cc, in percent of that.

        Empty where a bound is not known.
        """
        if whole_cc is None:
            found = [(p.dose_gy, p.percent[0], p.percent[2]) for p in self.points]
        else:
            found = [(p.dose_gy, 100 * p.cc[0] / whole_cc, 100 * p.cc[2] / whole_cc) for p in self.points]
        return found if all(math.isfinite(number) for point in found for number in point) else []


NO_BAND: Final = Band()
"""Where nothing is known."""


def step_gy(highest_gy: float) -> float:
    """The distance of two readings, for curves up to that dose."""
    return step(max(highest_gy, 1e-3), READINGS)


def band_of(dvh: Dvh, highest_gy: float) -> Band:
    """The band of a curve, in steps for curves up to `highest_gy`."""
    apart_gy = step_gy(highest_gy)
    steps = FINER * (math.ceil(BEYOND * highest_gy / apart_gy) + 1)
    # A step of 1, 2 or 5 times a power of ten: the doses are metrics as a reader would write them.
    doses_gy = np.round(np.arange(steps + 1) * apart_gy / FINER, 9)
    found = dvh.volumes(doses_gy)
    if found is None:
        return NO_BAND
    percent, cc = ([(float(low), float(v), float(high)) for low, v, high in each.T] for each in found)
    points = [Reading(float(d), p, c) for d, p, c in zip(doses_gy, percent, cc, strict=True)]
    left = next((i for i, point in enumerate(points) if point.cc[2] == 0), steps)
    last = FINER * math.ceil(left / FINER)
    return Band(tuple(points[: last + 1 : FINER]), tuple(points[: last + 1]))
