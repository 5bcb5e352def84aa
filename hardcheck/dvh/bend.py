"""How far a dose that bends between voxels may differ from the trilinear one."""

from __future__ import annotations

import numpy as np

from hardcheck.dvh.kernels import Singles
from hardcheck.plan import DoseGrid


def bend_of(dose: DoseGrid) -> Singles:
    """What a smooth dose differs from the trilinear one, on average over the cells at each node; (nz, ny, nx) in Gy.

    A parabola through three nodes lies t (1 - t) / 2 of the second difference off the straight line between two of
    them, and 1 / 12 on average; the three axes add up. Outermost nodes have the second difference of their neighbours.
    """
    values = dose.dose_gy.astype(np.float32)
    bend = np.zeros_like(values)
    for axis in range(3):
        if values.shape[axis] < 3:
            continue
        rise = np.diff(np.moveaxis(values, axis, 0), axis=0)
        along = np.moveaxis(bend, axis, 0)
        along[1:-1] += rise[1:]
        along[1:-1] -= rise[:-1]
        along[0] += rise[1] - rise[0]
        along[-1] += rise[-1] - rise[-2]
    bend /= np.float32(-12)
    return bend
