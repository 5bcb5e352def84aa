"""A body as a stack of outlines, and distances in space from it.

Distances are right within half the spacing of its planes: each outline stands for the space half-way to its
neighbours, and an end that closes is rounded off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from hardcheck.algebra.outline import SLIVER_MM2, outline, polygons
from hardcheck.algebra.region import ONE_SLICE_GAP
from hardcheck.plan import Structure
from hardcheck.plan.geometry import PLANE_TOLERANCE_MM, Floats, Integers

CLOSES: Final = 0.5
"""An end whose last outline has less than this share of the area before it closes; others end in a flat face."""

_ROUND: Final = (0.75, 0.5, 0.25)
"""Scales of the outlines by which an end that closes is rounded off."""

STEP_MM: Final = 3.0
"""How far apart points on a surface are taken: as near as slices are."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """An outline at `z_mm` that stands for `below_mm` and `above_mm` of it."""

    z_mm: float
    shape: BaseGeometry
    below_mm: float = 0.0
    above_mm: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """`sheets` in rising z on the planes of the contours, `spacing_mm` their usual distance, `ends` what rounds it off.

    `faces` are the flat ends, with the height at which they are.
    """

    sheets: tuple[Sheet, ...]
    spacing_mm: float
    ends: tuple[Sheet, ...]
    faces: tuple[tuple[float, BaseGeometry], ...]

    @classmethod
    def of(cls, structure: Structure) -> Solid | None:
        """The solid of closed axial contours, None where they are none or enclose nothing."""
        if structure.unusable is not None:
            return None
        contours = [c for c in structure.contours() if len(c)]
        if any(np.ptp(c[:, 2]) > PLANE_TOLERANCE_MM for c in contours):
            return None
        height = np.array([c[:, 2].mean() for c in contours])
        order = np.argsort(height, kind="stable")
        cuts = np.flatnonzero(np.diff(height[order]) > PLANE_TOLERANCE_MM) + 1
        planes = [(float(height[few].mean()), outline(contours[i] for i in few)) for few in np.split(order, cuts)]
        planes = [(z, shape) for z, shape in planes if shape.area > SLIVER_MM2]
        if not planes:
            return None
        z = np.array([z for z, _ in planes])
        spacing = float(np.median(np.diff(z))) if z.size > 1 else 0.0
        return cls(*_stacked(planes, z, spacing))

    @property
    def bounds_mm(self) -> tuple[Floats, Floats]:
        """The least and the greatest x, y and z (3,) of the outlines."""
        boxes = np.array([sheet.shape.bounds for sheet in self.sheets])
        low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
        return np.append(low, self.sheets[0].z_mm), np.append(high, self.sheets[-1].z_mm)

    @property
    def volume_cc(self) -> float:
        """The area of the outlines times what they stand for."""
        return float(sum(s.shape.area * (s.below_mm + s.above_mm) for s in self.sheets)) / 1000

    def contour_mm(self, step_mm: float = STEP_MM) -> Floats:
        """Points (n, 3) on the outlines alone, at most about `step_mm` apart on each."""
        return np.concatenate([_on_lines(s.shape, s.z_mm, step_mm) for s in self.sheets])

    def outside_mm(self, points_mm: Floats, reach_mm: float) -> Floats:
        """How far each point (n, 3) is from the solid (n,): 0 inside of it, infinite beyond `reach_mm`."""
        return _nearest(points_mm, (*self.sheets, *self.ends), reach_mm)

    def depth_mm(self, points_mm: Floats, reach_mm: float) -> Floats:
        """How far each point (n, 3) is from the walls of the solid (n,), infinite beyond `reach_mm`.

        Flat ends are no walls: there a contour ends, as a body does where the image ends.
        """
        walls = [Sheet(s.z_mm, s.shape.boundary, s.below_mm, s.above_mm) for s in (*self.sheets, *self.ends)]
        return _nearest(points_mm, walls, reach_mm)

    def surface_mm(self, step_mm: float = STEP_MM) -> Floats:
        """Points (n, 3) on the surface, at most about `step_mm` apart on each outline and flat end."""
        found = [_on_lines(s.shape, s.z_mm, step_mm) for s in (*self.sheets, *self.ends)]
        found += [_on_face(shape, z, step_mm) for z, shape in self.faces]
        return np.concatenate(found)


def _stacked(
    planes: list[tuple[float, BaseGeometry]], z: Floats, spacing: float
) -> tuple[tuple[Sheet, ...], float, tuple[Sheet, ...], tuple[tuple[float, BaseGeometry], ...]]:
    """The fields of a `Solid` of `planes` with heights `z`."""
    gaps = np.diff(z)
    joined = np.concatenate([[False], gaps <= ONE_SLICE_GAP * spacing, [False]])
    sheets, ends, faces = [], [], []
    for k, (height, shape) in enumerate(planes):
        reach = [gaps[k - 1] / 2 if joined[k] else spacing / 2, gaps[k] / 2 if joined[k + 1] else spacing / 2]
        for side, up, inner in ((0, -1, k + 1), (1, 1, k - 1)):
            if joined[k + side]:
                continue
            has_inner = joined[k + 1 - side]
            ratio = shape.area / planes[inner][1].area if has_inner else 1.0
            if ratio < CLOSES:
                # The section of a round end falls evenly with the height, to nothing at its pole.
                pole = spacing * ratio / (1 - ratio)
                reach[side] = 0.0
                ends += [
                    Sheet(height + up * pole * (1 - scale**2), affinity.scale(shape, scale, scale)) for scale in _ROUND
                ]
            else:
                faces.append((height + up * reach[side], shape))
        sheets.append(Sheet(height, shape, *reach))
    return tuple(sheets), spacing, tuple(ends), tuple(faces)


def _nearest(points_mm: Floats, sheets: Sequence[Sheet], reach_mm: float) -> Floats:
    """The least distance of each point (n, 3) from any of `sheets`, infinite beyond `reach_mm`."""
    found = np.full(len(points_mm), np.inf)
    x, y, z = points_mm.T
    heights = np.array([sheet.z_mm for sheet in sheets])
    own = np.abs(z[:, None] - heights).argmin(axis=1) if len(points_mm) else np.empty(0, dtype=np.int64)
    # The plane of the points first: it holds most of them, and tells how far the others need to be looked at.
    for k in np.unique(own):
        here = np.flatnonzero(own == k)
        shapely.prepare(sheets[k].shape)
        inside = shapely.contains_xy(sheets[k].shape, x[here], y[here])
        _closer(found, points_mm, here[~inside], sheets[k])
        found[here[inside]] = _rise(z[here[inside]], sheets[k])
    for k, sheet in enumerate(sheets):
        rise = _rise(z, sheet)
        _closer(found, points_mm, np.flatnonzero((rise <= reach_mm) & (rise < found) & (own != k)), sheet)
    found[found > reach_mm] = np.inf
    return found


def _rise(z_mm: Floats, sheet: Sheet) -> Floats:
    """How far each height is above or below what a sheet stands for."""
    over = np.maximum(z_mm - sheet.z_mm - sheet.above_mm, sheet.z_mm - sheet.below_mm - z_mm)
    return np.asarray(np.maximum(over, 0.0))


def _closer(found: Floats, points_mm: Floats, some: Integers, sheet: Sheet) -> None:
    """Puts the distance of `some` of the points from a sheet into `found`, where it is less than what stands there."""
    if some.size:
        aside = shapely.distance(shapely.points(points_mm[some, :2]), sheet.shape)
        found[some] = np.minimum(found[some], np.hypot(aside, _rise(points_mm[some, 2], sheet)))


def _on_lines(shape: BaseGeometry, z_mm: float, step_mm: float) -> Floats:
    """Points (n, 3) along the outlines of a shape."""
    found = []
    for polygon in polygons(shape):
        for ring in (polygon.exterior, *polygon.interiors):
            count = max(4, int(np.ceil(ring.length / step_mm)))
            points = shapely.line_interpolate_point(ring, np.linspace(0, ring.length, count, endpoint=False))
            found.append(shapely.get_coordinates(points))
    points = np.concatenate(found)
    return np.column_stack([points, np.full(len(points), z_mm)])


def _on_face(shape: BaseGeometry, z_mm: float, step_mm: float) -> Floats:
    """Points (n, 3) on a raster inside a shape."""
    x0, y0, x1, y1 = shape.bounds
    x, y = np.meshgrid(np.arange(x0, x1, step_mm), np.arange(y0, y1, step_mm))
    inside = shapely.contains_xy(shape, x.ravel(), y.ravel())
    points = np.column_stack([x.ravel()[inside], y.ravel()[inside]])
    return np.column_stack([points, np.full(len(points), z_mm)])


def shared_cc(one: Solid, other: Solid, inset_mm: float) -> float:
    """The volume in cc that both hold, each of them made smaller by `inset_mm` in plane first."""
    (low, high), (other_low, other_high) = one.bounds_mm, other.bounds_mm
    if np.any(low > other_high) or np.any(high < other_low):
        return 0.0
    heights = np.array([s.z_mm for s in other.sheets])
    total = 0.0
    for sheet in one.sheets:
        near = other.sheets[int(np.abs(heights - sheet.z_mm).argmin())]
        if near.z_mm - near.below_mm <= sheet.z_mm <= near.z_mm + near.above_mm and sheet.shape.intersects(near.shape):
            both = shapely.intersection(sheet.shape.buffer(-inset_mm), near.shape.buffer(-inset_mm))
            total += both.area * (sheet.below_mm + sheet.above_mm) / 1000
    return total


def widths_mm(strip: Solid, body: Solid) -> Floats:
    """The width (n,) of a strip along the surface of a body, on each slice of the strip that the body has too."""
    widths = []
    heights = np.array([s.z_mm for s in body.sheets])
    for sheet in strip.sheets:
        k = int(np.abs(heights - sheet.z_mm).argmin())
        if abs(heights[k] - sheet.z_mm) > body.spacing_mm / 2 + PLANE_TOLERANCE_MM:
            continue
        ring = min((p.exterior for p in polygons(body.sheets[k].shape)), key=lambda r: float(r.distance(sheet.shape)))
        at = np.sort(shapely.line_locate_point(ring, shapely.points(shapely.get_coordinates(sheet.shape))))
        # What is left of the way around when the longest part of it without the strip is taken off.
        widths.append(ring.length - float(np.max(np.diff(at, append=at[0] + ring.length))))
    return np.array(widths)
