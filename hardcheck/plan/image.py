"""The planning image, as far as plan checking needs it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardcheck.plan.geometry import Floats, readonly


@dataclass(frozen=True, slots=True, eq=False)
class ImageStack:
    """Axial CT slices: `z_mm` (nz,) strictly rising; with pixels, `hounsfield` (nz, ny, nx) on `y_mm`, `x_mm`."""

    z_mm: Floats
    x_mm: Floats | None = None
    y_mm: Floats | None = None
    hounsfield: NDArray[np.int16] | None = None
    unread: str = ""
    """Why there are no pixels although they were asked for; no number needs them, so it is no finding."""
    unnamed: str = ""
    """The same without names of files, which may say who the patient is."""

    def __post_init__(self) -> None:
        for name in ("z_mm", "x_mm", "y_mm", "hounsfield"):
            if (array := getattr(self, name)) is not None:
                readonly(array)

    @property
    def spacing_mm(self) -> float | None:
        """The largest distance between neighbouring slices, None for fewer than two."""
        return float(np.max(np.diff(self.z_mm))) if self.z_mm.size > 1 else None
