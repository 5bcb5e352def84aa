"""A DVH that the planning system computed and stored or exported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from hardcheck.plan.geometry import Floats, readonly

RISE: Final = 1e-3
"""Share of the volume by which a cumulative curve may rise, or go below 0: what rounding leaves."""

FEW: Final = 0.01
"""Share of the points that may be out of order, as a line that somebody damaged; with more it is no curve."""


@dataclass(frozen=True, slots=True, eq=False)
class StoredDvh:
    """A cumulative DVH: `dose_gy` (n,) does not fall, `share` (n,) of the volume at or above it falls from 1 to 0.

    Linear between its points. `volume_cc` is None where only shares were given.
    """

    name: str
    """Of the structure, untrusted text; empty where `roi_number` alone tells which it is."""
    dose_gy: Floats
    share: Floats
    roi_number: int | None = None
    volume_cc: float | None = None
    rounding_cc: float = 0.0
    """Half of the step in which the volume is given."""
    minimum_gy: float | None = None
    """As stated beside the curve; so are the two that follow."""
    average_gy: float | None = None
    maximum_gy: float | None = None
    outside_percent: float | None = None
    """How much of the structure has no dose by the planning system's own account."""
    notes: tuple[str, ...] = ()

    @classmethod
    def from_points(
        cls,
        name: str,
        dose_gy: ArrayLike,
        volume: ArrayLike,
        *,
        roi_number: int | None = None,
        volume_cc: float | None = None,
        rounding_cc: float = 0.0,
    ) -> StoredDvh:
        """A curve from doses (n,) in Gy and volumes (n,) at or above them in any unit; the first is the whole.

        ValueError says what is wrong with points that are no cumulative DVH.
        """
        dose, above = (np.array(values, dtype=np.float64).ravel() for values in (dose_gy, volume))
        if dose.size != above.size or dose.size < 2:
            raise ValueError("has fewer than two points")
        if not (np.all(np.isfinite(dose)) and np.all(np.isfinite(above)) and dose[0] >= 0):
            raise ValueError("has a dose or a volume that is negative or not finite")
        if not (above[0] > 0 and above.min() >= -RISE * above[0]):
            raise ValueError("has no volume, or a negative one")
        ordered = dose >= np.maximum.accumulate(dose)
        lost = int(np.count_nonzero(~ordered))
        if lost > FEW * dose.size:
            raise ValueError("has doses that fall")
        dose, above = dose[ordered], above[ordered]
        share = np.maximum(above / above[0], 0.0)
        if np.any(np.diff(share) > RISE):
            raise ValueError("has volumes that rise with the dose, so it is no cumulative DVH")
        share = np.minimum.accumulate(share)
        if dose[0] > 0:
            dose, share = np.concatenate([[0.0], dose]), np.concatenate([[1.0], share])
        if share[-1] > 0:
            dose, share = np.append(dose, dose[-1]), np.append(share, 0.0)
        known = volume_cc if volume_cc is not None and volume_cc > 0 else None
        count = "1 point of its curve is" if lost == 1 else f"{lost} points of its curve are"
        notes = (f"{count} out of order, and left out",) if lost else ()
        for points in (dose, share):
            readonly(points)
        return cls(name, dose, share, roi_number, known, rounding_cc, notes=notes)

    def dose_at(self, percent: float) -> float:
        """The dose that `percent` of the volume receives at least, linear between points."""
        return float(np.interp(-percent / 100, -self.share, self.dose_gy))

    @property
    def mean_gy(self) -> float:
        """The mean dose by the curve: the area under it."""
        return float(np.sum((self.share[1:] + self.share[:-1]) / 2 * np.diff(self.dose_gy)))

    @property
    def bin_gy(self) -> float:
        """The usual distance of two points in dose."""
        steps = np.diff(self.dose_gy)
        return float(np.median(steps[steps > 0])) if np.any(steps > 0) else 0.0
