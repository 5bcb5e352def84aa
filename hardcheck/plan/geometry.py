"""Patient coordinates: LPS (x to the left, y to posterior, z to superior), millimetres.

Everything inside the package is in this one system; files in other orientations are turned into it
where they are read.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

PLANE_TOLERANCE_MM: Final = 0.1
"""Contours closer than this in z lie on one plane; planning systems jitter by up to some hundredths."""

GRID_TOLERANCE_MM: Final = 1e-3
"""Grids whose voxels are nearer than this are one grid."""

AXIS_TOLERANCE: Final = 1e-4
"""A direction cosine this near to 0 or 1 is one: 1e-4 over a field of 500 mm is 0.05 mm."""


def readonly(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """`values` itself, made read-only. Callers hand over arrays that nobody else writes to."""
    values.flags.writeable = False
    return values


def signed_axis(direction: Floats) -> tuple[int, int] | None:
    """The patient axis (0, 1, 2) and sign (+1, -1) of a unit vector (3,), None where it is oblique."""
    axis = int(np.argmax(np.abs(direction)))
    unit = np.zeros(3)
    unit[axis] = np.sign(direction[axis])
    if not np.all(np.isfinite(direction)) or np.max(np.abs(direction - unit)) > AXIS_TOLERANCE:
        return None
    return axis, int(unit[axis])
