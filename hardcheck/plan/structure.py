"""A structure: one ROI of a structure set, with its contours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hardcheck.plan.geometry import Floats, Integers, readonly

CLOSED_TYPES = frozenset({"CLOSED_PLANAR", "CLOSEDPLANAR_XOR", "CLOSED_PLANAR_XOR"})
"""Contour Geometric Types (3006,0042) that bound an area."""

MARK_TYPES = frozenset({"CONTROL", "ISOCENTER", "MARKER", "REGISTRATION"})
"""RT ROI Interpreted Types (3006,00A4) of what marks places (PS3.3 C.8.8.8.1)."""


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """One ROI.

    `points_mm` (N, 3) holds the points of all contours after one another, patient LPS; contour i is
    ``points_mm[starts[i]:starts[i + 1]]``, `starts` (M + 1,); `geometric_types` (M,).
    """

    number: int
    """ROINumber (3006,0022): the only key by which a structure is found."""
    name: str
    """ROIName (3006,0026), untrusted text."""
    points_mm: Floats
    starts: Integers
    geometric_types: tuple[str, ...]
    interpreted_type: str = ""
    """RTROIInterpretedType (3006,00A4)."""
    color: tuple[int, int, int] | None = None
    """ROIDisplayColor (3006,002A), 0 to 255 each."""
    empty_z_mm: Floats | None = None
    """Planes (n,) on which it is known to have nothing, as where a target takes all of an organ: no contour is missing
    there. None for what was contoured."""
    problem: str = ""
    """Why it could not be made, for a structure that was to be made of others; empty for what was contoured."""
    overrides: tuple[tuple[str, float], ...] = ()
    """Physical properties that the plan sets for it, ROIPhysicalProperty (3006,00B2) with its value (3006,00B4)."""

    def __post_init__(self) -> None:
        points = np.ascontiguousarray(self.points_mm, dtype=np.float64).reshape(-1, 3)
        starts = np.ascontiguousarray(self.starts, dtype=np.int64)
        if starts.size != len(self.geometric_types) + 1 or starts[0] != 0 or starts[-1] != len(points):
            raise ValueError("starts and geometric_types do not describe points_mm")
        object.__setattr__(self, "points_mm", readonly(points.copy()))
        object.__setattr__(self, "starts", readonly(starts.copy()))

    @classmethod
    def from_contours(
        cls,
        number: int,
        name: str,
        contours: Iterable[ArrayLike],
        *,
        geometric_type: str = "CLOSED_PLANAR",
        interpreted_type: str = "",
        color: tuple[int, int, int] | None = None,
    ) -> Structure:
        """A structure from contours of shape (n, 3) each, all of one geometric type."""
        arrays = [np.asarray(c, dtype=np.float64).reshape(-1, 3) for c in contours]
        starts = np.concatenate([[0], np.cumsum([len(a) for a in arrays])]).astype(np.int64)
        points = np.concatenate(arrays) if arrays else np.empty((0, 3))
        return cls(number, name, points, starts, (geometric_type,) * len(arrays), interpreted_type, color)

    def contours(self) -> Iterator[Floats]:
        """The contours, each of shape (n, 3)."""
        for first, last in zip(self.starts[:-1], self.starts[1:], strict=True):
            yield self.points_mm[first:last]

    @property
    def is_empty(self) -> bool:
        """Whether there is no point at all."""
        return len(self.points_mm) == 0

    @property
    def is_mark(self) -> bool:
        """Whether it marks places and can be no volume: of such a type, and single points alone."""
        single = set(self.geometric_types) == {"POINT"} and len(self.points_mm) == len(self.geometric_types)
        return single and self.interpreted_type in MARK_TYPES

    @property
    def unusable(self) -> str | None:
        """Why no volume can be made of the contours, None where one can be tried."""
        if self.problem:
            return self.problem
        if self.is_empty:
            return "empty: the ROI has no contours"
        others = sorted(set(self.geometric_types) - CLOSED_TYPES)
        if others:
            return f"contours of geometric type {', '.join(others) or 'unknown'} bound no volume"
        return None
