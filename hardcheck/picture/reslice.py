"""Values of a volume on a plane, by linear interpolation along each axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardcheck.picture.plane import Plane, Point
from hardcheck.plan.geometry import PLANE_TOLERANCE_MM, Floats, Integers

Axes = tuple[Floats, Floats, Floats]


def resliced(axes_mm: Axes, values: NDArray[Any], plane: Plane, pixels: int, *, widest_mm: float = np.inf) -> Floats:
    """The values (pixels, pixels) at the pixel centres, NaN outside of the outermost voxel centres.

    `axes_mm` are rising positions along x, y and z of `values` (nz, ny, nx). Along z nothing is made up across a gap
    that is wider than `widest_mm`.
    """
    right, down, across = plane.axes
    section = _section(axes_mm[across], values, 2 - across, plane.through_mm, widest_mm if across == 2 else np.inf)
    if section is None:
        return np.full((pixels, pixels), np.nan)
    columns_mm, rows_mm = plane.centres(pixels)
    i, fx, inside_x = _cells(axes_mm[right], columns_mm, np.inf)
    j, fy, inside_y = _cells(axes_mm[down], rows_mm, widest_mm if down == 2 else np.inf)
    if i.size == 0 or j.size == 0:
        return np.full((pixels, pixels), np.nan)
    near, far = (_along(section[at], i, fx) for at in (j, j + 1))
    blended = near + fy[:, None] * (far - near)
    blended[~(inside_y[:, None] & inside_x)] = np.nan
    return blended


def value_at(axes_mm: Axes, values: NDArray[Any], at_mm: Point) -> float:
    """The value at one point, NaN outside of the outermost voxel centres."""
    cells = [_cells(axis, np.array([place]), np.inf) for axis, place in zip(axes_mm, at_mm, strict=True)]
    if any(cell.size == 0 or not inside[0] for cell, _, inside in cells):
        return float("nan")
    (i, fx, _), (j, fy, _), (k, fz, _) = cells
    block = np.asarray(values[k[0] : k[0] + 2, j[0] : j[0] + 2, i[0] : i[0] + 2], dtype=np.float64)
    for share in (fz[0], fy[0], fx[0]):
        block = block[0] + share * (block[1] - block[0])
    return float(block)


def _along(rows: Floats, i: Integers, share: Floats) -> Floats:
    first = rows[:, i]
    return np.asarray(first + share * (rows[:, i + 1] - first))


def _section(axis_mm: Floats, values: NDArray[Any], dimension: int, at_mm: float, widest_mm: float) -> Floats | None:
    """The plane of `values` across one dimension, None where it is outside; of one slice alone, that slice."""
    near = np.flatnonzero(np.abs(axis_mm - at_mm) <= (0.0 if axis_mm.size > 1 else PLANE_TOLERANCE_MM))
    if near.size:
        return np.asarray(np.take(values, near[0], axis=dimension), dtype=np.float64)
    cell, share, inside = _cells(axis_mm, np.array([at_mm]), widest_mm)
    if cell.size == 0 or not inside[0]:
        return None
    first, second = (np.take(values, cell[0] + step, axis=dimension) * 1.0 for step in (0, 1))
    return np.asarray(first + share[0] * (second - first))


def _cells(axis_mm: Floats, at_mm: Floats, widest_mm: float) -> tuple[Integers, Floats, NDArray[np.bool_]]:
    """Index of the cell, place in it (0 to 1), and whether there is one; empty for an axis of fewer than two places."""
    if axis_mm.size < 2:
        return np.empty(0, np.int64), np.empty(0), np.empty(0, np.bool_)
    cell = np.clip(np.searchsorted(axis_mm, at_mm, side="right") - 1, 0, axis_mm.size - 2)
    width = axis_mm[cell + 1] - axis_mm[cell]
    inside = (at_mm >= axis_mm[0]) & (at_mm <= axis_mm[-1]) & (width <= widest_mm)
    return cell, (at_mm - axis_mm[cell]) / width, inside
