"""The even-odd area of planes that hold one or several contours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from hardcheck.dvh.kernels import Booleans, Kernels, expand, polygon_areas, sums
from hardcheck.dvh.lines import Lines
from hardcheck.plan import Structure
from hardcheck.plan.geometry import Floats, Integers

SLIVER_MM2: Final = 1e-6
"""A plane of less area than this holds nothing."""

DIFFERING: Final = 0.02
"""Share of a plane's area by which nested polygons and even-odd lines may differ before they are looked at closely."""

INTERSECTING: Final = 0.005
"""The same between edges taken one by one and even-odd lines, before contours must intersect."""

CHECK_LINES: Final = (65, 257)
"""Lines with which the area of a plane is checked, where it has one contour and where it has several."""

CROSSINGS: Final = 1 << 20
"""About so many crossings of lines with edges are worked on for one plane, at most."""

SAME: Final = 1e-6
"""Share of its area within which an area is the same in two ways."""

EDGES: Final = 20_000
"""Planes of more edges than this are not taken edge by edge."""

PAIRS: Final = 1 << 22
"""Pairs of contours that are looked at together."""


def plane_areas(
    structure: Structure, contour_plane: Integers, edges: tuple[Floats, Integers], kernels: Kernels
) -> tuple[Floats, Integers]:
    """Even-odd area (K,) of each plane in mm2, and the planes on which contours intersect.

    `contour_plane` (M,) is the plane of each contour, and `edges` (E, 4) with their planes (E,) are those not along x.
    """
    areas = polygon_areas(structure.points_mm[:, :2], structure.starts)
    planes = int(contour_plane.max()) + 1
    several = np.bincount(contour_plane, minlength=planes) > 1
    total = sums(contour_plane, areas * _nesting_signs(structure, contour_plane, several), planes)
    by_lines = _line_areas(*edges, several, kernels)
    differing = np.flatnonzero(np.abs(by_lines - total) > DIFFERING * np.maximum(by_lines, total) + SLIVER_MM2)
    crossing = []
    for plane in differing:
        mine = edges[0][edges[1] == plane]
        exact = _edge_area(mine) if len(mine) <= EDGES else np.nan
        if abs(exact - total[plane]) <= SAME * total[plane]:
            continue  # so fine that the lines are at fault
        # A keyhole that is wound like its outline is even-odd all the same.
        alike = abs(exact - by_lines[plane]) <= INTERSECTING * by_lines[plane] + SLIVER_MM2
        total[plane] = exact if alike else by_lines[plane]
        if several[plane] or not alike:
            crossing.append(plane)
    return total, np.array(crossing, dtype=np.int64)


def crossings(edges: Floats, edge_plane: Integers, height_mm: Floats) -> Floats:
    """How many edges (K,) a line meets on average on planes of contours that are `height_mm` (K,) high in y."""
    return sums(edge_plane, np.abs(edges[:, 3] - edges[:, 1]), height_mm.size) / height_mm


def _line_areas(edges: Floats, edge_plane: Integers, several: Booleans, kernels: Kernels) -> Floats:
    """Even-odd area of each plane by lines."""
    planes = several.size
    low, high = np.full(planes, np.inf), np.full(planes, -np.inf)
    np.minimum.at(low, edge_plane, np.minimum(edges[:, 1], edges[:, 3]))
    np.maximum.at(high, edge_plane, np.maximum(edges[:, 1], edges[:, 3]))
    empty = ~(high > low)
    low[empty], high[empty] = 0.0, 1.0
    most = CROSSINGS / np.maximum(crossings(edges, edge_plane, high - low), 1.0)
    count = np.minimum(np.where(several, CHECK_LINES[1], CHECK_LINES[0]), np.maximum(most, 3)).astype(np.int64)
    lines = Lines(low, high, count, np.full(planes, 0.5))
    chords = kernels.row_chords(edges, *lines.crossed(edges, edge_plane), lines.y_mm())
    return sums(lines.plane()[chords.row], chords.x1_mm - chords.x0_mm, planes) * lines.step_mm


def _edge_area(edges: Floats) -> float:
    """Even-odd area of `edges` (e, 4) that do not cross one another.

    Along an edge the number of edges on its left is odd or even throughout, so that each adds or takes away all that
    lies between it and x = 0.
    """
    x0, y0, x1, y1 = edges.T
    slope, middle = (x1 - x0) / (y1 - y0), (y0 + y1) / 2
    low, high = np.minimum(y0, y1), np.maximum(y0, y1)
    left = np.zeros(len(edges), dtype=np.int64)
    at = np.arange(len(edges))
    for e in range(len(edges)):
        beside = np.flatnonzero((low <= middle[e]) & (middle[e] < high))
        x = x0[beside] + (middle[e] - y0[beside]) * slope[beside]
        mine = x[beside == e]
        left[e] = np.count_nonzero((x < mine) | ((x == mine) & (at[beside] < e)))
    return float(np.sum(np.where(left % 2 == 1, 1.0, -1.0) * (x0 + x1) / 2 * (high - low)))


def _nesting_signs(structure: Structure, contour_plane: Integers, several: Booleans) -> Floats:
    """+1 for contours (M,) at an even depth of nesting on their plane, -1 for those at an odd one."""
    depth = np.zeros(contour_plane.size, dtype=np.int64)
    members = np.flatnonzero(several[contour_plane])
    if members.size == 0:
        return np.ones(contour_plane.size)
    members = members[np.argsort(contour_plane[members], kind="stable")]
    starts, xy = structure.starts, structure.points_mm[:, :2]
    low, high = (f.reduceat(xy, starts[:-1], axis=0).T for f in (np.minimum, np.maximum))
    nested = [
        part
        for on_plane in np.split(members, np.flatnonzero(np.diff(contour_plane[members])) + 1)
        for part in _boxes_within(low[:, on_plane], high[:, on_plane], on_plane)
    ]
    inner, outer = (np.concatenate(part) for part in zip(*nested, strict=True))
    _count_around(structure, inner, outer, depth)
    return np.where(depth % 2 == 0, 1.0, -1.0)


def _boxes_within(low: Floats, high: Floats, contours: Integers) -> Iterator[tuple[Integers, Integers]]:
    """Pairs (p,) of `contours` (m,) of which the first's box, from `low` to `high` (2, m), lies in the second's."""
    rows = max(PAIRS // contours.size, 1)
    for begin in range(0, contours.size, rows):
        mine = slice(begin, begin + rows)
        within = low[0, mine, None] >= low[0]
        within &= low[1, mine, None] >= low[1]
        within &= high[0, mine, None] <= high[0]
        within &= high[1, mine, None] <= high[1]
        inner, outer = np.nonzero(within)
        inner += begin
        apart = inner != outer
        yield contours[inner[apart]], contours[outer[apart]]


def _count_around(structure: Structure, inner: Integers, outer: Integers, depth: Integers) -> None:
    """Adds 1 to the `depth` of contours `inner` (p,) whose first point lies inside of the contours `outer` (p,)."""
    starts, points = structure.starts, structure.points_mm
    size = np.diff(starts)
    order = np.cumsum(size[outer])
    begin = 0
    while begin < inner.size:
        base = order[begin - 1] if begin else 0
        end = max(int(np.searchsorted(order, base + PAIRS, side="right")), begin + 1)
        pair, place = expand(size[outer[begin:end]])
        here, around = inner[begin:end][pair], outer[begin:end][pair]
        at = starts[around] + place
        following = np.where(place + 1 == size[around], starts[around], at + 1)
        x, y = points[starts[here], 0], points[starts[here], 1]
        y0, y1 = points[at, 1], points[following, 1]
        spans = np.flatnonzero((y0 <= y) != (y1 <= y))
        x0, x1 = points[at[spans], 0], points[following[spans], 0]
        left = x0 + (y[spans] - y0[spans]) * (x1 - x0) / (y1[spans] - y0[spans]) > x[spans]
        inside = np.bincount(pair[spans][left], minlength=end - begin) % 2
        np.add.at(depth, inner[begin:end], inside)
        begin = end
