"""What a plane cuts of a structure.

In an axial plane these are the stored contours themselves. Across the slices, each slice gives the chords in which
its contours meet the plane; their ends are joined straight from slice to slice, and the last ones reach half a slice
beyond.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from contourpy import LineType, contour_generator

from hardcheck.picture.plane import Plane, Point
from hardcheck.plan import Structure
from hardcheck.plan.geometry import PLANE_TOLERANCE_MM, Floats, Integers

ONE_SLICE_GAP: Final = 2.5
"""Up to this many usual spacings apart, slices are neighbours; beyond it, these are islands (as in `algebra`)."""

_FACE_MM: Final = 1e-3
"""How thick the flat end of a structure is made so that a line can go along it."""

_NODE_MM: Final = 0.1
"""Chord ends closer than this are told apart by interpolation alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """The contours of a structure by slice: `z_mm` (K,) rising, each reaching from `low_mm` to `high_mm` (K,).

    `edges` (E, 4) are x0, y0, x1, y1 of all sides of its contours, on slice `slot` (E,).
    """

    z_mm: Floats
    low_mm: Floats
    high_mm: Floats
    contours: tuple[tuple[Floats, ...], ...]
    """Of each slice, the closed contours (n, 2)."""
    edges: Floats
    slot: Integers

    @classmethod
    def of(cls, structure: Structure, slice_mm: float | None = None) -> Outline | None:
        """The outline of a structure, None where its contours bound no volume or are not axial.

        `slice_mm` is the slice thickness of the image, for a structure of one slice; it has none of its own.
        """
        if structure.unusable is not None:
            return None
        bounds = [contour for contour in structure.contours() if len(contour) > 2]
        if not bounds or any(np.ptp(contour[:, 2]) > PLANE_TOLERANCE_MM for contour in bounds):
            return None
        height = np.array([contour[:, 2].mean() for contour in bounds])
        empty = structure.empty_z_mm if structure.empty_z_mm is not None else np.empty(0)
        levels = np.unique(np.concatenate([height, empty]))
        levels = levels[np.diff(levels, prepend=-np.inf) > PLANE_TOLERANCE_MM]
        slots = np.abs(height[:, None] - levels).argmin(axis=1)
        closed = [np.concatenate([contour[:, :2], contour[:1, :2]]) for contour in bounds]
        contours = tuple(tuple(closed[i] for i in np.flatnonzero(slots == k)) for k in range(levels.size))
        edges = np.concatenate([np.column_stack([contour[:-1], contour[1:]]) for contour in closed])
        slot = np.repeat(slots, [len(contour) - 1 for contour in closed])
        return cls(levels, *_extents(levels, slice_mm), contours, edges, slot)

    @property
    def bounds_mm(self) -> tuple[Point, Point]:
        """The corners of the box around it."""
        filled = [k for k, found in enumerate(self.contours) if found]
        (x0, y0), (x1, y1) = self.edges[:, :2].min(axis=0), self.edges[:, :2].max(axis=0)
        low, high = self.low_mm[filled[0]], self.high_mm[filled[-1]]
        return (float(x0), float(y0), float(low)), (float(x1), float(y1), float(high))

    @property
    def volume_mm3(self) -> float:
        """Area times reach of each slice, good enough to tell which of several is the largest."""
        areas = np.array([sum(abs(_area_mm2(c)) for c in found) for found in self.contours])
        return float(areas @ (self.high_mm - self.low_mm))

    @property
    def middle_mm(self) -> Point:
        """A point inside of it, at its centre where that is inside, else in the largest part on the middle slice."""
        areas = np.array([sum(abs(_area_mm2(c)) for c in found) for found in self.contours])
        z_mm = float(np.average(self.z_mm, weights=areas)) if areas.any() else float(self.z_mm.mean())
        filled = np.flatnonzero([bool(found) for found in self.contours])
        k = int(filled[np.abs(self.z_mm[filled] - z_mm).argmin()])
        shape = shapely.polygons(max(self.contours[k], key=lambda c: abs(_area_mm2(c))))
        centre, inner = shapely.centroid(shape), shapely.point_on_surface(shape)
        on_slice = float(self.z_mm[k])
        places = ((centre, z_mm), (centre, on_slice), (inner, on_slice))
        found = [(float(point.x), float(point.y), z) for point, z in places]
        return next((at for at in found if self.holds(at)), found[-1])

    def holds(self, at_mm: Point) -> bool:
        """Whether a point is inside, by the even-odd rule on the slice that reaches there."""
        x, y, z = at_mm
        k = self._slice(z)
        return k is not None and np.count_nonzero(self._crossings(1, y, k)[0] > x) % 2 == 1

    def on(self, plane: Plane) -> Iterator[Floats]:
        """The lines (n, 2) in which it meets a plane, in mm on the square; they are not cut to it."""
        across = plane.axes[2]
        if across == 2:
            k = self._slice(plane.through_mm)
            for contour in () if k is None else self.contours[k]:
                yield plane.on_axes(contour[:, 0], contour[:, 1])
        elif self.edges[:, [across, across + 2]].min() <= plane.through_mm <= self.edges[:, [across, across + 2]].max():
            for line in self._across(across, self._inwards(across, plane.through_mm)):
                yield plane.on_axes(line[:, 0], line[:, 1])

    def _inwards(self, axis: int, at_mm: float) -> float:
        """A place that lies on its very edge, where the hottest point often is, a little further in."""
        low, high = self.edges[:, [axis, axis + 2]].min(), self.edges[:, [axis, axis + 2]].max()
        return float(min(max(at_mm, low + _FACE_MM), high - _FACE_MM)) if high - low > 2 * _FACE_MM else at_mm

    def _slice(self, z_mm: float) -> int | None:
        """The slice whose outline reaches to a height, None where there is none."""
        k = int(np.abs(self.z_mm - z_mm).argmin())
        near = (
            max(self.high_mm[k] - self.z_mm[k], PLANE_TOLERANCE_MM),
            max(self.z_mm[k] - self.low_mm[k], PLANE_TOLERANCE_MM),
        )
        return k if -near[1] <= z_mm - self.z_mm[k] <= near[0] else None

    def _crossings(self, axis: int, at_mm: float, k: int | None = None) -> tuple[Floats, Integers]:
        """Where the contours meet ``axis = at_mm``, on the other axis and by slice, both in rising order."""
        chosen = slice(None) if k is None else self.slot == k
        edges, slot = self.edges[chosen], self.slot[chosen]
        start, end = edges[:, axis], edges[:, axis + 2]
        met = (start <= at_mm) != (end <= at_mm)
        share = (at_mm - start[met]) / (end[met] - start[met])
        other = 1 - axis
        places = edges[met, other] + share * (edges[met, other + 2] - edges[met, other])
        order = np.lexsort((places, slot[met]))
        return places[order], slot[met][order]

    def _across(self, axis: int, at_mm: float) -> Iterator[Floats]:
        """Lines (n, 2) of the other axis and z in which the plane ``axis = at_mm`` meets it."""
        places, slot = self._crossings(axis, at_mm)
        ends = [places[slot == k] for k in range(self.z_mm.size)]
        filled = np.array([each.size > 1 for each in ends])
        joined = self.low_mm[1:] <= self.high_mm[:-1] + PLANE_TOLERANCE_MM
        first = 0
        for k in range(self.z_mm.size):
            if k + 1 < self.z_mm.size and joined[k] and filled[k] == filled[k + 1]:
                continue
            if filled[k] and self.high_mm[k] > self.low_mm[first]:
                yield from self._run(ends[first : k + 1], first, k)
            first = k + 1

    def _run(self, ends: Sequence[Floats], first: int, last: int) -> Iterator[Floats]:
        """The lines around neighbouring slices that are all met, closed by flat faces at both ends.

        Between the slices the distance from the nearest chord end, counted positive inside of the chords, is linear;
        the line is where it is zero, which is at the ends themselves on each slice.
        """
        nodes = _nodes(ends)
        inside = np.array([_signed(each, nodes) for each in ends])
        low, high = self.low_mm[first], self.high_mm[last]
        outside = np.full(nodes.size, -1.0)
        z_mm = np.concatenate([[low - _FACE_MM, low], self.z_mm[first : last + 1], [high, high + _FACE_MM]])
        values = np.vstack([outside, inside[0], inside, inside[-1], outside])
        generator = contour_generator(nodes, z_mm, values, line_type=LineType.Separate)
        yield from generator.lines(0.0)  # type: ignore[misc]


def _extents(levels: Floats, slice_mm: float | None) -> tuple[Floats, Floats]:
    """From where to where (K,) each slice reaches: half-way to its neighbours, and as far beyond the last ones."""
    if levels.size < 2:
        half = (slice_mm or 0.0) / 2
        return levels - half, levels + half
    gap = np.diff(levels)
    usual = float(np.median(gap))
    reach = np.where(gap > ONE_SLICE_GAP * usual, usual, gap) / 2
    return levels - np.concatenate([reach[:1], reach]), levels + np.concatenate([reach, reach[-1:]])


def _nodes(ends: Sequence[Floats]) -> Floats:
    """Places at which the distance from the chord ends of every slice is known as well as it has to be."""
    middles = [(each[1:] + each[:-1]) / 2 for each in ends]
    places = np.unique(np.concatenate([*ends, *middles]))
    places = places[np.diff(places, prepend=-np.inf) > _NODE_MM]
    return np.concatenate([[places[0] - 1.0], places, [places[-1] + _NODE_MM, places[-1] + 1.0 + _NODE_MM]])


def _signed(ends: Floats, nodes: Floats) -> Floats:
    """The distance (N,) of each node from the nearest chord end, positive inside of the chords."""
    after = np.searchsorted(ends, nodes, side="right")
    below = nodes - ends[np.clip(after - 1, 0, ends.size - 1)]
    above = ends[np.clip(after, 0, ends.size - 1)] - nodes
    distance = np.minimum(np.abs(below), np.abs(above))
    return np.where(after % 2 == 1, distance, -distance)


def _area_mm2(closed: Floats) -> float:
    x, y = closed.T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)
