"""A plane through the patient, seen the way radiologists do: patient left on the right of axial and coronal ones."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from hardcheck.plan.geometry import Floats

Point = tuple[float, float, float]


class View(StrEnum):
    """The direction in which one looks: from the feet, from the front, and from the patient's left."""

    AXIAL = "axial"
    CORONAL = "coronal"
    SAGITTAL = "sagittal"


_AXES: Final = {View.AXIAL: (0, 1, 1), View.CORONAL: (0, 2, -1), View.SAGITTAL: (1, 2, -1)}
"""Patient axis to the right, patient axis downwards, and its sign."""

_ENDS: Final = (("R", "L"), ("A", "P"), ("I", "S"))
"""Which side of the patient the lower and the upper end of each LPS axis are."""


@dataclass(frozen=True, slots=True)
class Plane:
    """A square of `side_mm` on the plane at `through_mm`, with its left upper corner at `corner_mm`.

    Places on it are (n, 2) in mm: to the right and downwards from that corner.
    """

    view: View
    through_mm: float
    """Where the plane is on the patient axis that it is across."""
    corner_mm: tuple[float, float]
    """Patient coordinates of the corner on the axis to the right and on the axis downwards."""
    side_mm: float

    @classmethod
    def around(cls, view: View, at_mm: Point, middle_mm: Point, side_mm: float) -> Plane:
        """The plane through `at_mm` whose square has its middle at `middle_mm`."""
        right, down, sign = _AXES[view]
        half = side_mm / 2
        corner = middle_mm[right] - half, middle_mm[down] - sign * half
        return cls(view, at_mm[through(view)], corner, side_mm)

    @property
    def axes(self) -> tuple[int, int, int]:
        """The patient axes (0 x, 1 y, 2 z) to the right, downwards and across."""
        right, down, _ = _AXES[self.view]
        return right, down, through(self.view)

    @property
    def letters(self) -> tuple[str, str, str, str]:
        """The sides of the patient at the left, right, upper and lower edge: of R L, A P, I S."""
        right, down, sign = _AXES[self.view]
        return *_ENDS[right], *_ENDS[down][::sign]  # type: ignore[return-value]

    def place(self, points_mm: Floats) -> Floats:
        """Where points (n, 3), patient LPS, are on the square when they are moved onto the plane."""
        right, down, _ = self.axes
        return self.on_axes(points_mm[:, right], points_mm[:, down])

    def on_axes(self, right_mm: Floats, down_mm: Floats) -> Floats:
        """Where points are on the square whose coordinates on its two patient axes are given, (n,) each."""
        sign = _AXES[self.view][2]
        return np.column_stack([right_mm - self.corner_mm[0], sign * (down_mm - self.corner_mm[1])])

    def centres(self, pixels: int) -> tuple[Floats, Floats]:
        """Patient coordinates of the pixel centres, rightwards and downwards, of a square of so many pixels a side."""
        steps = (np.arange(pixels, dtype=np.float64) + 0.5) * (self.side_mm / pixels)
        return np.asarray(self.corner_mm[0] + steps), np.asarray(self.corner_mm[1] + _AXES[self.view][2] * steps)


def through(view: View) -> int:
    """The patient axis that the planes of that view are across."""
    right, down, _ = _AXES[view]
    return 3 - right - down
