"""The dose distribution of a structure: volume that receives at least each dose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from hardcheck.plan.geometry import Floats

DOSE_EPSILON_GY: Final = 1e-6
"""Doses closer than this are the same: a prescription of 66 Gy stored as 66000 steps of 1e-3 Gy is 66 Gy."""

ROUNDING: Final = 1e-9
"""Of a volume, what sums of its parts may differ by."""


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """The cumulative distribution, linear between knots.

    `dose_gy` (n,) does not fall and `volume_cc` (n,), the volume at or above, does not rise; two knots at one dose
    are a jump, as a region of uniform dose makes. `outside_cc` is the volume whose dose is not known;
    `mean_gy`, `minimum_gy` and `maximum_gy` are of the volume whose dose is known.
    """

    dose_gy: Floats
    volume_cc: Floats
    mean_gy: float
    minimum_gy: float
    maximum_gy: float
    outside_cc: float = 0.0

    @property
    def inside_cc(self) -> float:
        """The volume whose dose is known."""
        return float(self.volume_cc[0])

    @property
    def total_cc(self) -> float:
        """The whole volume."""
        return self.inside_cc + self.outside_cc

    @property
    def is_known(self) -> bool:
        """Whether any volume has a dose that is known, more than rounding leaves."""
        return self.inside_cc > ROUNDING * self.total_cc

    def volume_at(self, dose_gy: float) -> float:
        """Volume in cc, of the known, that receives at least `dose_gy`."""
        at = dose_gy - DOSE_EPSILON_GY
        if at <= self.minimum_gy:
            return self.inside_cc
        if at > self.maximum_gy:
            return 0.0
        after = int(np.searchsorted(self.dose_gy, at, side="left"))
        if after == 0:
            return self.inside_cc
        if after == self.dose_gy.size:
            return 0.0
        d0, d1 = self.dose_gy[after - 1], self.dose_gy[after]
        v0, v1 = self.volume_cc[after - 1], self.volume_cc[after]
        return float(v0 + (v1 - v0) * (at - d0) / (d1 - d0))

    def volumes_at(self, dose_gy: Floats) -> Floats:
        """`volume_at` of doses (n,)."""
        at = dose_gy - DOSE_EPSILON_GY
        after = np.searchsorted(self.dose_gy, at, side="left")
        right = np.clip(after, 1, self.dose_gy.size - 1)
        d0, d1, v0, v1 = (each[i] for each in (self.dose_gy, self.volume_cc) for i in (right - 1, right))
        width = np.where(d1 > d0, d1 - d0, 1.0)
        volume = v0 + (v1 - v0) * (at - d0) / width
        volume = np.where(after == self.dose_gy.size, 0.0, volume)
        volume = np.where((after == 0) | (at <= self.minimum_gy), self.inside_cc, volume)
        return np.where((at > self.maximum_gy) & (at > self.minimum_gy), 0.0, volume)

    def dose_at(self, volume_cc: float) -> float:
        """The greatest dose that the volume `volume_cc` receives at least, between minimum and maximum."""
        if volume_cc <= 0:
            return self.maximum_gy
        if volume_cc >= self.inside_cc:
            return self.minimum_gy
        rising = self.volume_cc[::-1]
        # The last knot with at least that volume has the greatest such dose, also where the curve is flat.
        last = rising.size - 1 - int(np.searchsorted(rising, volume_cc, side="left"))
        d, v = self.dose_gy[last], self.volume_cc[last]
        if last + 1 < self.dose_gy.size and v > volume_cc:
            d1, v1 = self.dose_gy[last + 1], self.volume_cc[last + 1]
            d = d + (d1 - d) * (v - volume_cc) / (v - v1)
        return float(min(max(d, self.minimum_gy), self.maximum_gy))

    def coldest_dose_at(self, volume_cc: float) -> float:
        """The least dose that the coldest volume `volume_cc` receives at most, between minimum and maximum."""
        return self.dose_at(max(self.inside_cc - volume_cc, 0.0))


def from_edges(
    origin_gy: float,
    step_gy: float,
    volume_cc: Floats,
    jumps: tuple[Floats, Floats],
    *,
    inside_cc: float,
    outside_cc: float,
    mean_gy: float,
    extremes_gy: tuple[float, float],
) -> Distribution:
    """A distribution from volumes at edges ``origin + j step`` and `jumps`: doses (k,) and their volumes (k,).

    `volume_cc` is without the jumps; `inside_cc` is the exact volume that both together have.
    """
    edges = origin_gy + step_gy * np.arange(volume_cc.size, dtype=np.float64)
    jump_gy, jump_cc = jumps
    falling = np.clip(volume_cc, 0.0, inside_cc - jump_cc.sum())
    falling[0] = inside_cc - jump_cc.sum()
    falling = np.minimum.accumulate(falling)
    if jump_gy.size == 0:
        dose, volume = edges, falling
    else:
        at_jump = np.interp(jump_gy, edges, falling)
        dose = np.concatenate([edges, jump_gy, jump_gy])
        above = np.concatenate([[0.0], np.cumsum(jump_cc[::-1])])[::-1]  # above[i]: jumps i and higher
        volume = np.concatenate(
            [falling + above[np.searchsorted(jump_gy, edges, side="left")], at_jump + above[:-1], at_jump + above[1:]]
        )
        order = np.lexsort((-volume, dose))
        dose, volume = dose[order], np.minimum.accumulate(volume[order])
    return Distribution(dose, volume, mean_gy, *extremes_gy, outside_cc)
