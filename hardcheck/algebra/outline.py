"""The outline of a structure on one plane, as a shapely geometry, and back as contours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from typing import Final

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from hardcheck.plan.geometry import Floats

EMPTY: Final = MultiPolygon()

SLIVER_MM2: Final = 1e-4
"""What is left of less area than this is rounding."""

ARC: Final = 16
"""Straight pieces in a quarter of a circle."""


def outline(contours: Iterable[Floats]) -> BaseGeometry:
    """The even-odd area of closed contours (n, 2 or more) on one plane: holes, keyholes and islands as they are."""
    rings = [Polygon(contour[:, :2]) for contour in contours if len(contour) >= 3]
    areas = [ring if ring.is_valid else areal(shapely.make_valid(ring)) for ring in rings]
    return reduce(shapely.symmetric_difference, areas) if areas else EMPTY


def areal(geometry: BaseGeometry) -> BaseGeometry:
    """The polygons of a geometry, without the lines and points that operations may leave."""
    return MultiPolygon(list(polygons(geometry)))


def polygons(geometry: BaseGeometry) -> Iterator[Polygon]:
    """Its polygons."""
    if isinstance(geometry, Polygon):
        if not geometry.is_empty:
            yield geometry
    else:
        for part in getattr(geometry, "geoms", ()):
            yield from polygons(part)


def contours(geometry: BaseGeometry, z_mm: float) -> Iterator[Floats]:
    """The contours (n, 3) of a geometry at `z_mm`: outlines and holes one after the other, to be taken even-odd."""
    for polygon in polygons(geometry):
        if polygon.area < SLIVER_MM2:
            continue
        for ring in (polygon.exterior, *polygon.interiors):
            points = shapely.get_coordinates(ring)[:-1]
            yield np.column_stack([points, np.full(len(points), z_mm)])


def grown(geometry: BaseGeometry, sides_mm: tuple[float, float, float, float]) -> BaseGeometry:
    """`geometry` with all points within an oval around it, that reaches left, right, anterior and posterior."""
    left, right, anterior, posterior = sides_mm
    if geometry.is_empty or not any(sides_mm):
        return geometry
    if left == right == anterior == posterior:
        return geometry.buffer(left, quad_segs=ARC)
    oval = _oval(sides_mm)
    moved = [geometry]
    for polygon in polygons(geometry):
        for ring in (polygon.exterior, *polygon.interiors):
            points = shapely.get_coordinates(ring)
            ends = np.stack([points[:-1], points[1:]], axis=1)  # (sides, 2, 2)
            swept = (ends[:, :, None, :] + oval).reshape(len(ends), -1, 2)
            moved += list(shapely.convex_hull(shapely.multipoints(swept)))
    return shapely.union_all(moved)


def shrunk(geometry: BaseGeometry, sides_mm: tuple[float, float, float, float]) -> BaseGeometry:
    """The points of `geometry` around which the oval of `grown` lies wholly inside it."""
    left, right, anterior, posterior = sides_mm
    if geometry.is_empty or not any(sides_mm):
        return geometry
    if left == right == anterior == posterior:
        return geometry.buffer(-left, quad_segs=ARC)
    room = max(sides_mm) + 1.0
    outside = shapely.difference(shapely.box(*geometry.bounds).buffer(room, join_style="mitre"), geometry)
    return shapely.difference(geometry, grown(outside, (right, left, posterior, anterior)))


def _oval(sides_mm: tuple[float, float, float, float]) -> Floats:
    """Points (n, 2) of the oval whose quarters are those of ellipses; x to the left, y to posterior (LPS)."""
    left, right, anterior, posterior = sides_mm
    angle = np.linspace(0, 2 * np.pi, 4 * ARC, endpoint=False)
    x, y = np.cos(angle), np.sin(angle)
    return np.column_stack([x * np.where(x > 0, left, right), y * np.where(y > 0, posterior, anterior)])
