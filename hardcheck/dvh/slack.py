"""What a number may be off by, beside what the models of the contours differ by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from hardcheck.dvh.distribution import Distribution
from hardcheck.dvh.kernels import BENDS, Histogram
from hardcheck.dvh.planes import PlaneStack
from hardcheck.dvh.refinement import TAIL_MM3
from hardcheck.dvh.sampling import BETWEEN, Scan
from hardcheck.plan.geometry import Floats

SAMPLING: Final = 1e-3
"""Share of a structure's dose range that sampling in y and z may still be off by."""

FEW: Final = 4
BULGE: Final = 0.25
"""A round structure on a few planes K bulges between them by BULGE / K^2 of its extent; on more planes it shows."""

ROW: Final = 1.0
"""How far a compact volume V may be off that rows of an area a sample evenly: n = V^(2/3) / a of them go through it,
and their sum is off by some V / n^(3/4), so by a^(3/4) V^(1/2); as much for two or several such volumes
together as for one. One that lies between the rows holds less than a^(3/2)."""

SHAPE: Final = 0.5
TAIL_SHARE: Final = 0.1
"""The sections between K planes differ from those of the planes by some 1 / K^2, and most of all in small places: a
volume v of a total V may be off by SHAPE / K^2 of the root of v V, at most of TAIL_SHARE of V."""

BEND: Final = 2.0
"""How many times the average bend a value may be off by: within a cell it goes up to 12 / 8 of its average, and a
parabola is not the dose."""


@dataclass(frozen=True, slots=True, eq=False)
class Slack:
    """`dose_gy` that any dose may be off by, `bend_gy` (BENDS,) from `origin_gy` in steps, and `volume` in parts.

    `dose_gy` holds half the step in which the dose is stored, and the sampling. `bend_gy` is how a smooth dose through
    the voxels differs from the trilinear one, with its sign. `volume` holds the roundness of the contours, and the
    difference of the two ways to fill the space between the planes.
    """

    dose_gy: float = 0.0
    origin_gy: float = 0.0
    step_gy: float = 1.0
    bend_gy: Floats | None = None
    mean_bend_gy: float = 0.0
    volume: float = 0.0
    row_mm2: tuple[float, float] = (0.0, 0.0)
    """The area that each row stands for: in the hottest and the coldest places, and elsewhere."""
    shape: float = 0.0
    """SHAPE / K^2."""

    @classmethod
    def of(
        cls,
        histogram: Histogram,
        quantum_gy: float,
        scan: Scan,
        stack: PlaneStack,
        volumes: Floats,
        distribution: Distribution,
    ) -> Slack:
        """The slack of a structure; `volumes` (parts, 2, K) in mm3 are those of its parts."""
        volume, moment = histogram.bend
        filled = volume > 0
        bend = np.zeros(BENDS)
        if np.any(filled):
            at = np.arange(BENDS)
            bend = np.interp(at, at[filled], moment[filled] / volume[filled])
        smooth, slab = (volumes[part].sum() for part in BETWEEN)
        rounding = np.sum(stack.rounding_mm2 * stack.reach_mm) / 2
        planes = stack.z_mm.size
        spread = distribution.maximum_gy - distribution.minimum_gy
        return cls(
            quantum_gy / 2 + (SAMPLING + (BULGE / planes**2 if planes <= FEW else 0.0)) * spread,
            histogram.origin_gy,
            histogram.step_gy * histogram.bins / BENDS,
            bend,
            float(moment.sum() / volume.sum()) if np.any(filled) else 0.0,
            float((abs(smooth - slab) + rounding) / (1000 * distribution.total_cc)),
            scan.row_mm2(stack),
            SHAPE / planes**2,
        )

    def sampled_cc(self, volume_cc: float, total_cc: float) -> float:
        """How far a volume, of a total, may be off: it is sampled in y and z, and interpolated between planes."""
        return float(self.sampled_each_cc(np.array([volume_cc]), total_cc)[0])

    def sampled_each_cc(self, volume_cc: Floats, total_cc: float) -> Floats:
        """The same for volumes (n,)."""
        volume = 1000 * np.maximum(np.minimum(volume_cc, total_cc - volume_cc), 0.0)
        row = np.power(np.where(volume <= TAIL_MM3 / 2, *self.row_mm2), 0.75)
        sampled = ROW * row * (np.sqrt(volume) + row) / 1000
        interpolated = self.shape * np.minimum(np.sqrt(volume * total_cc / 1000), TAIL_SHARE * total_cc)
        return np.asarray(sampled + interpolated)

    def around(self, dose_gy: float) -> tuple[float, float]:
        """How far a dose near `dose_gy` may be off: a shift that is not positive, and one that is not negative."""
        if self.bend_gy is None:
            return -self.dose_gy, self.dose_gy
        place = (dose_gy - self.origin_gy) / self.step_gy - 0.5
        return self._with(float(np.interp(place, np.arange(BENDS), self.bend_gy)))

    def around_each(self, dose_gy: Floats) -> tuple[Floats, Floats]:
        """The same for doses (n,)."""
        bend = np.zeros_like(dose_gy)
        if self.bend_gy is not None:
            place = (dose_gy - self.origin_gy) / self.step_gy - 0.5
            bend = BEND * np.interp(place, np.arange(BENDS), self.bend_gy)
        return np.minimum(bend, 0.0) - self.dose_gy, np.maximum(bend, 0.0) + self.dose_gy

    def around_mean(self) -> tuple[float, float]:
        """The same for the mean dose."""
        return self._with(self.mean_bend_gy)

    def moved(self, dose_gy: Floats, sign: int, *, bent: bool) -> Floats:
        """Doses (n,) as they may as well be: all lower (`sign` -1), higher (1) or neither (0); each `bent` or not."""
        moved = dose_gy + sign * self.dose_gy
        if not bent or self.bend_gy is None:
            return moved
        place = (dose_gy - self.origin_gy) / self.step_gy - 0.5
        return np.asarray(moved + BEND * np.interp(place, np.arange(BENDS), self.bend_gy))

    def _with(self, bend_gy: float) -> tuple[float, float]:
        return min(BEND * bend_gy, 0.0) - self.dose_gy, max(BEND * bend_gy, 0.0) + self.dose_gy


NO_SLACK: Final = Slack()
