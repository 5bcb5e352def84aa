"""A grid on which the doses of several grids add up exactly.

The sum of two trilinear fields is no trilinear field of either grid. On the planes of both together it is: each field
is one polynomial within each cell there, so the values at the nodes say all of the sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from hardcheck.errors import LimitError, LinkError
from hardcheck.plan import DoseGrid
from hardcheck.plan.geometry import GRID_TOLERANCE_MM, Floats

Axes = tuple[Floats, Floats, Floats]
Real = TypeVar("Real", np.float32, np.float64)

MAX_NODES: Final = 2**26
"""Nodes of the common grid: half a gigabyte in double precision, as much as one dose that is read may have."""

_FEW_GRIDS: Final = "have the doses computed on the same grid, or on smaller ones, and export them again"


def common_axes(grids: Sequence[DoseGrid]) -> Axes:
    """The planes x, y, z of all `grids` together, where each of them has a dose; those of the first if all are alike.

    LinkError where the grids have no volume in common, LimitError where there would be more than `MAX_NODES`.
    """
    if are_alike(grids):
        return grids[0].axes_mm
    x_mm, y_mm, z_mm = (_planes(positions) for positions in zip(*(grid.axes_mm for grid in grids), strict=True))
    if min(x_mm.size, y_mm.size, z_mm.size) < 2:
        what = "the dose grids of the plans do not overlap: there is no place where the sum is known"
        raise LinkError(what, do="check that the plans are of one course")
    if x_mm.size * y_mm.size * z_mm.size > MAX_NODES:
        said = f"{x_mm.size} x {y_mm.size} x {z_mm.size} nodes, and at most {MAX_NODES} are computed"
        raise LimitError(f"the common grid of the plans has {said}", do=_FEW_GRIDS)
    return x_mm, y_mm, z_mm


def are_alike(grids: Sequence[DoseGrid]) -> bool:
    """Whether all grids have their voxels at the same places."""
    return all(grids[0].has_voxels_of(other) for other in grids[1:])


def _planes(positions_mm: Sequence[Floats]) -> Floats:
    """The planes (n,) of all grids along one axis, within the reach of each of them; none where that is nothing."""
    low, high = max(p[0] for p in positions_mm), min(p[-1] for p in positions_mm)
    if not high - low > GRID_TOLERANCE_MM:
        return np.empty(0)
    planes = np.unique(np.concatenate(positions_mm))
    planes = planes[(planes >= low) & (planes <= high)]
    kept = planes[np.diff(planes, prepend=-np.inf) > GRID_TOLERANCE_MM]
    kept[-1] = high  # what lies between the last planes of two grids is known
    return np.asarray(kept)


def summed(grids: Sequence[DoseGrid]) -> DoseGrid:
    """The sum of the trilinear doses of `grids`, wherever all of them have one; raises as `common_axes`.

    Exact up to rounding: at the nodes, and, since these are on all planes, between them.
    """
    axes, alike = common_axes(grids), are_alike(grids)
    dose_gy = np.zeros(tuple(a.size for a in reversed(axes)))
    for grid in grids:
        if alike:
            dose_gy += grid.dose_gy
        else:
            for k, plane in enumerate(_resampled_planes(grid.dose_gy, grid.axes_mm, axes)):
                dose_gy[k] += plane
    return DoseGrid(*axes, dose_gy, sum(grid.quantum_gy for grid in grids))


def resampled(values: NDArray[Real], have: Axes, wanted: Axes) -> NDArray[Real]:
    """`values` (nz, ny, nx) on the planes `have` (x, y, z), trilinear at the nodes of `wanted`, which lie within."""
    found = np.empty(tuple(a.size for a in reversed(wanted)), values.dtype)
    for k, plane in enumerate(_resampled_planes(values, have, wanted)):
        found[k] = plane
    return found


def _resampled_planes(values: NDArray[np.floating[Any]], have: Axes, wanted: Axes) -> Iterator[Floats]:
    """The planes (ny, nx) of `resampled`, one after another, so that no second array of its size is needed."""
    (i, fx), (j, fy), (k, fz) = (_cells(a, at) for a, at in zip(have, wanted, strict=True))
    for cell, place in zip(k, fz, strict=True):
        plane = _between(values[cell], values[cell + 1], place)
        plane = _between(plane[j], plane[j + 1], fy[:, None])
        yield _between(plane[:, i], plane[:, i + 1], fx)


def _cells(axis: Floats, at: Floats) -> tuple[NDArray[np.intp], Floats]:
    """The cell of `axis` in which each of `at` lies, and the place in it, from 0 to 1."""
    cell = np.clip(np.searchsorted(axis, at, side="right") - 1, 0, axis.size - 2)
    return cell, np.clip((at - axis[cell]) / (axis[cell + 1] - axis[cell]), 0.0, 1.0)


def _between(low: NDArray[np.floating[Any]], high: NDArray[np.floating[Any]], place: Floats) -> Floats:
    """Linear between two arrays; exactly either of them at its end, and exactly both where they are alike."""
    return np.asarray(np.where(place == 1, high, low + place * (high - low)), dtype=np.float64)
