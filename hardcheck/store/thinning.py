"""Curves of fewer points, each with the error that leaving the others out makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DOSE_ERROR_GY: Final = 0.05
"""What a dose at a volume may be off by at most."""

VOLUME_ERROR: Final = 0.001
"""What a volume at a dose may be off by at most, as a share of the volume of the structure."""


@dataclass(frozen=True, slots=True, eq=False)
class ThinCurve:
    """A cumulative histogram, linear between its points; beyond the last dose the volume is 0.

    `dose_gy` (n,) does not fall, `volume_cc` (n,) does not rise; two points at one dose are a jump. Every volume that
    it gives is within `volume_error_cc` of the whole curve's, and every dose within `dose_error_gy`.
    """

    dose_gy: Floats
    volume_cc: Floats
    dose_error_gy: float
    volume_error_cc: float

    def volumes_at(self, dose_gy: Floats) -> Floats:
        """Volume in cc, (m,), that receives at least each of `dose_gy`, (m,)."""
        after = np.searchsorted(self.dose_gy, dose_gy, side="left")
        right = np.clip(after, 1, max(self.dose_gy.size - 1, 1))
        left = right - 1
        right = np.minimum(right, self.dose_gy.size - 1)
        d0, d1, v0, v1 = self.dose_gy[left], self.dose_gy[right], self.volume_cc[left], self.volume_cc[right]
        width = np.where(d1 > d0, d1 - d0, 1.0)
        volume = v0 + (v1 - v0) * (dose_gy - d0) / width
        volume = np.where(after == 0, self.volume_cc[0], volume)
        return np.where(after == self.dose_gy.size, 0.0, volume)


def thinned(
    dose_gy: Floats, volume_cc: Floats, *, dose_error_gy: float = DOSE_ERROR_GY, volume_error: float = VOLUME_ERROR
) -> ThinCurve:
    """The curve through `dose_gy` (n,) and `volume_cc` (n,) on some of these points, the first and the last among them.

    Off by at most `dose_error_gy` along the dose and the share `volume_error` of the first volume along the volume;
    the result holds the errors that it really makes. Halves the curve where it is off most (Ramer 1972, Douglas and
    Peucker 1973), with both distances along the axes: two curves that are linear between points differ most at one.

    ValueError for a curve that is empty, not finite, or goes the other way.
    """
    dose, volume = np.asarray(dose_gy, np.float64), np.asarray(volume_cc, np.float64)
    if dose.ndim != 1 or dose.shape != volume.shape or dose.size == 0:
        raise ValueError(f"no curve: {dose.shape} doses and {volume.shape} volumes")
    if not (np.isfinite(dose).all() and np.isfinite(volume).all() and volume[-1] >= 0):
        raise ValueError("a curve has finite doses, and finite volumes that are not negative")
    if (np.diff(dose) < 0).any() or (np.diff(volume) > 0).any():
        raise ValueError("along a curve the dose does not fall and the volume does not rise")
    most_cc = volume_error * float(volume[0])
    kept, errors, parts = {0, dose.size - 1}, [(0.0, 0.0)], [(0, dose.size - 1)]
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        off_gy, off_cc = _off(dose[first : last + 1], volume[first : last + 1])
        if off_gy.max() <= dose_error_gy and off_cc.max() <= most_cc:
            errors.append((float(off_gy.max()), float(off_cc.max())))
            continue
        middle = first + 1 + int(np.argmax(np.maximum(_share(off_gy, dose_error_gy), _share(off_cc, most_cc))))
        kept.add(middle)
        parts += [(first, middle), (middle, last)]
    points = sorted(kept)
    return ThinCurve(dose[points], volume[points], max(gy for gy, _ in errors), max(cc for _, cc in errors))


def _off(dose: Floats, volume: Floats) -> tuple[Floats, Floats]:
    """How far the points between the ends are from the line through the ends, along the dose and along the volume."""
    wide, high = dose[-1] - dose[0], volume[0] - volume[-1]
    inner_dose, inner_volume = dose[1:-1], volume[1:-1]
    none = np.zeros_like(inner_dose)
    # A line that is upright, or level, has all points between its ends on it.
    if not (wide > 0 and high > 0):
        return none, none
    off_cc = np.abs(volume[0] - high * ((inner_dose - dose[0]) / wide) - inner_volume)
    off_gy = np.abs(dose[0] + wide * ((volume[0] - inner_volume) / high) - inner_dose)
    return off_gy, off_cc


def _share(off: Floats, most: float) -> Floats:
    return off / most if most > 0 else np.where(off > 0, np.inf, 0.0)
