"""Where the voxels of an image stand, and how they are turned to the patient axes (PS3.3 C.7.6.2.1.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hardcheck.plan.geometry import Floats, signed_axis

MAX_COORDINATE_MM: Final = 1e5
"""No patient is 100 m from the origin; a number beyond this is damage."""


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """An array of (planes, rows, columns) along the patient axes.

    `axes` says which patient axis (0 x, 1 y, 2 z) each dimension runs along, `positions_mm` where, rising or falling.
    """

    axes: tuple[int, int, int]
    positions_mm: tuple[Floats, Floats, Floats]

    @classmethod
    def from_plane(
        cls,
        position_mm: Sequence[float],
        orientation: Sequence[float],
        spacing_mm: Sequence[float],
        shape: tuple[int, int],
        offsets_mm: Floats,
    ) -> Lattice | None:
        """From ImagePositionPatient, ImageOrientationPatient, PixelSpacing and (rows, columns).

        `offsets_mm` are the planes' distances from the first along the normal. None where a direction is oblique.
        """
        directions = plane_directions(orientation)
        if directions is None:
            return None
        steps = (offsets_mm, spacing_mm[0] * np.arange(shape[0]), spacing_mm[1] * np.arange(shape[1]))
        positions = tuple(position_mm[axis] + sign * step for (axis, sign), step in zip(directions, steps, strict=True))
        return cls(tuple(axis for axis, _ in directions), positions)  # type: ignore[arg-type]

    def positions(self, axis: int) -> Floats:
        """The positions along a patient axis, rising."""
        return np.sort(self.positions_mm[self.axes.index(axis)])

    def to_lps(self, voxels: NDArray[Any]) -> NDArray[Any]:
        """A view of `voxels` (planes, rows, columns) as (z, y, x), each rising."""
        order = tuple(self.axes.index(axis) for axis in (2, 1, 0))
        turned = voxels.transpose(order)
        flips = tuple(slice(None, None, -1 if self.positions_mm[d][0] > self.positions_mm[d][-1] else 1) for d in order)
        return turned[flips]


def plane_directions(orientation: Sequence[float]) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]] | None:
    """Patient axis and sign of the normal, the rows' order and the columns' order; None where one is oblique.

    The first three cosines are the direction in which the column index rises, the last three that of the row index.
    """
    if len(orientation) != 6:
        return None
    along_columns, along_rows = np.array(orientation[:3]), np.array(orientation[3:])
    column, row = signed_axis(along_columns), signed_axis(along_rows)
    if column is None or row is None or column[0] == row[0] or 0 in (column[1], row[1]):
        return None
    normal = signed_axis(np.cross(_unit(*column), _unit(*row)))
    return None if normal is None else (normal, row, column)


def is_plausible_place(position_mm: Sequence[float], spacing_mm: Sequence[float]) -> bool:
    """Whether these are an ImagePositionPatient and a PixelSpacing with which one can calculate."""
    near = len(position_mm) == 3 and all(abs(value) <= MAX_COORDINATE_MM for value in position_mm)
    return near and len(spacing_mm) == 2 and all(0 < value <= MAX_COORDINATE_MM for value in spacing_mm)


def _unit(axis: int, sign: int) -> Floats:
    unit = np.zeros(3)
    unit[axis] = sign
    return unit
