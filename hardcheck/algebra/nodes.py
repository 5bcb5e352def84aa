"""Which nodes of a grid lie in or beside a structure."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from hardcheck.algebra.outline import grown
from hardcheck.algebra.region import Region
from hardcheck.plan import Structure
from hardcheck.plan.geometry import Floats


def nodes_near(structure: Structure, axes_mm: tuple[Floats, Floats, Floats], reach_mm: Floats) -> NDArray[np.bool_]:
    """Which nodes (nz, ny, nx) of a grid with `axes_mm` x, y, z lie in `structure` or up to `reach_mm` (3,) beside it.

    It errs towards more nodes: along z the outlines of all planes in reach count. None do where it has no volume.
    """
    x_mm, y_mm, z_mm = axes_mm
    near = np.zeros((z_mm.size, y_mm.size, x_mm.size), dtype=np.bool_)
    region = Region.of(structure, z_mm)
    if isinstance(region, str):
        return near
    across, along = float(max(reach_mm[:2])), float(reach_mm[2])
    outlines = {z: grown(region.at(z), (across,) * 4) for z in region.z_mm}
    for k, z in enumerate(z_mm):
        beside = [outlines[at] for at in region.z_mm if abs(at - z) <= along + region.spacing_mm / 2]
        if not beside:
            continue
        shape = shapely.union_all(beside)
        x0, y0, x1, y1 = shape.bounds
        i, j = (np.flatnonzero((axis >= a) & (axis <= b)) for axis, a, b in ((x_mm, x0, x1), (y_mm, y0, y1)))
        if i.size and j.size:
            xs, ys = np.meshgrid(x_mm[i], y_mm[j])
            near[k, j[0] : j[-1] + 1, i[0] : i[-1] + 1] = shapely.contains_xy(shape, xs, ys)
    return near
