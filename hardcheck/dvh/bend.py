"""How far a dose that bends between voxels may differ from the trilinear one."""

from __future__ import annotations

from typing import Final

import numpy as np

from hardcheck.dvh.kernels import Singles
from hardcheck.plan import DoseGrid
from hardcheck.plan.geometry import Floats

UNEVEN: Final = 1e-3
"""Cells whose widths differ by this part are looked at one by one."""


def bend_of(dose: DoseGrid) -> Singles:
    """What a smooth dose differs from the trilinear one, on average over the cells at each node; (nz, ny, nx) in Gy.

    A parabola through three nodes lies t (1 - t) / 2 of the second difference off the straight line between two of
    them, and 1 / 12 on average; the three axes add up. Outermost nodes have the second difference of their neighbours.
    """
    values = dose.dose_gy.astype(np.float32)
    bend = np.zeros_like(values)
    for axis, positions in enumerate(reversed(dose.axes_mm)):
        if values.shape[axis] < 3:
            continue
        rise = np.diff(np.moveaxis(values, axis, 0), axis=0)
        along, step = np.moveaxis(bend, axis, 0), np.diff(positions)
        if np.ptp(step) > UNEVEN * step.max():
            _add_uneven(along, rise, step)
            continue
        along[1:-1] += rise[1:]
        along[1:-1] -= rise[:-1]
        along[0] += rise[1] - rise[0]
        along[-1] += rise[-1] - rise[-2]
    bend /= np.float32(-12)
    return bend


def _add_uneven(along: Singles, rise: Singles, step_mm: Floats) -> None:
    """Adds to `along` (n, …) what bends along its first axis: `rise` (n - 1, …) over cells of unlike width.

    The second derivative at a node times the mean square of the widths of its two cells: on even nodes this is the
    second difference.
    """
    wide = step_mm.astype(np.float32).reshape(-1, 1, 1)
    slope = np.diff(rise / wide, axis=0) * (2 / (wide[1:] + wide[:-1]))
    along[1:-1] += slope * ((wide[1:] ** 2 + wide[:-1] ** 2) / 2)
    along[0] += slope[0] * wide[0] ** 2
    along[-1] += slope[-1] * wide[-1] ** 2
