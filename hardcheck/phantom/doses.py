"""Dose fields as functions of x, y and z in mm, and their sampling onto a grid."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from hardcheck.plan import DoseGrid
from hardcheck.plan.geometry import Floats

Field = Callable[[Floats, Floats, Floats], Floats]
"""Dose in Gy at coordinates in mm; the three arrays broadcast against one another."""


def axis_mm(first: float, last: float, spacing: float) -> Floats:
    """Voxel centres from `first` in steps of `spacing` until `last` is reached or passed."""
    steps = math.ceil((last - first) / spacing - 1e-9) + 1
    return first + spacing * np.arange(steps, dtype=np.float64)


def sample(field: Field, x_mm: Floats, y_mm: Floats, z_mm: Floats) -> DoseGrid:
    """`field` at the voxel centres."""
    z, y, x = z_mm[:, None, None], y_mm[None, :, None], x_mm[None, None, :]
    dose = np.empty((z_mm.size, y_mm.size, x_mm.size))
    dose[...] = field(x, y, z)
    return DoseGrid(x_mm, y_mm, z_mm, dose)


def uniform(dose_gy: float) -> Field:
    """Return the same dose everywhere."""
    return lambda x, y, z: dose_gy + 0 * (x + y + z)


def linear(at_origin_gy: float, gradient_gy_per_mm: Sequence[float]) -> Field:
    """Return a dose that rises evenly along a direction: trilinear interpolation has it exactly."""
    gx, gy, gz = gradient_gy_per_mm
    return lambda x, y, z: at_origin_gy + gx * x + gy * y + gz * z


def gaussian(
    peak_gy: float, sigma_mm: float, centre_mm: Sequence[float] = (0, 0, 0), background_gy: float = 0.0
) -> Field:
    """Return a round peak on an even background."""
    cx, cy, cz = centre_mm

    def field(x: Floats, y: Floats, z: Floats) -> Floats:
        square = (x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2
        return background_gy + peak_gy * np.exp(-square / (2 * sigma_mm**2))

    return field


def penumbra(high_gy: float, low_gy: float, edge_mm: float, width_mm: float, direction: Sequence[float]) -> Field:
    """Return a field edge: from `high_gy` down to `low_gy` along `direction`, half way at `edge_mm`.

    `width_mm` is from 80 % to 20 % of the step. A logistic step stands for the error function, which it follows
    within 2 % and which numpy does not have.
    """
    unit = np.array(direction, dtype=float) / math.sqrt(sum(d * d for d in direction))
    scale = width_mm / (2 * math.log(4))

    def field(x: Floats, y: Floats, z: Floats) -> Floats:
        along = unit[0] * x + unit[1] * y + unit[2] * z
        return low_gy + (high_gy - low_gy) * step((along - edge_mm) / scale)

    return field


def step(u: Floats) -> Floats:
    """1 / (1 + exp(u)): from 1 far below 0 to 0 far above it."""
    return 0.5 * (1 - np.tanh(u / 2))
