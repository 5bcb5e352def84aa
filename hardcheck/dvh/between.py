"""What lies between two planes whose outlines lie beside one another: the shape that turns from one into the other.

Where a thin structure runs obliquely through the slices, a mixture of both outlines is no shape between them. Planning
systems that interpolate shapes have less volume there: at a part t of the way between two planes is what has
(1 - t) d0 + t d1 < 0, with the distances d0 and d1 to both outlines, negative inside (Raya and Udupa 1990, IEEE Trans
Med Imaging 9:32).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, TypeVar

import numpy as np

from hardcheck.dvh.areas import SLIVER_MM2, crossings
from hardcheck.dvh.kernels import Booleans, Kernels
from hardcheck.dvh.planes import PlaneStack, Sides
from hardcheck.plan.geometry import Floats, Integers

SHARED: Final = 0.75
"""Of the smaller of two boxes around neighbouring outlines: where less is shared, they lie beside one another."""

STEPS: Final = 4
"""Into so many parts the space between two such planes is divided."""

PIXELS: Final = 80_000
FINEST_MM: Final = 0.1
"""Distances are looked at on about so many points, no closer than this."""

_SEGMENTS: Final = {
    1: ((0, 3),), 2: ((1, 0),), 3: ((1, 3),), 4: ((2, 1),), 5: ((0, 3), (2, 1)), 6: ((2, 0),), 7: ((2, 3),),
    8: ((3, 2),), 9: ((0, 2),), 10: ((1, 0), (3, 2)), 11: ((1, 2),), 12: ((3, 1),), 13: ((0, 1),), 14: ((3, 0),),
}  # fmt: skip
"""By which of the corners of a cell are inside (1, 2, 4 and 8, counter-clockwise from the lowest), from which side of
the cell to which the outline goes, the inside on its left; sides from the lower one counter-clockwise."""

Values = TypeVar("Values", bound="np.ndarray[Any, Any]")


def with_shapes_between(stack: PlaneStack, kernels: Kernels) -> PlaneStack | None:
    """`stack` with planes of shapes between all that are joined; None where none lie beside one another."""
    gaps = _gaps(stack)
    if gaps.size == 0:
        return None
    found = [_shapes(stack, int(gap), kernels) for gap in gaps]
    planes = stack.z_mm.size
    # Where each plane goes, old ones first: behind every gap that is filled come STEPS - 1 new ones.
    ahead = np.zeros(planes, dtype=np.int64)
    np.add.at(ahead, gaps + 1, STEPS - 1)
    old = np.arange(planes) + np.cumsum(ahead)
    new = (old[gaps][:, None] + np.arange(1, STEPS)).reshape(-1)
    below, share = np.repeat(gaps, STEPS - 1), np.tile(np.arange(1, STEPS) / STEPS, gaps.size)
    segments = [each for shapes in found for each in shapes]
    area = np.array([_area_mm2(s) for s in segments])
    size = planes + new.size

    def merged(own: Values, between: Values) -> Values:
        made: Values = np.empty_like(own, shape=(*own.shape[:-1], size))
        made[..., old], made[..., new] = own, between
        return made

    z = merged(stack.z_mm, stack.z_mm[below] + share * (stack.z_mm[below + 1] - stack.z_mm[below]))
    filled = merged(np.ones(planes, dtype=bool), area > SLIVER_MM2)
    reach, joined = _joints(stack, old[gaps], old, z, filled)
    ranges = [(s[:, :, 1].min(), s[:, :, 1].max()) if len(s) else (0.0, 0.0) for s in segments]
    number = np.cumsum(filled) - 1
    plane = np.concatenate([np.full(len(s), p) for s, p in zip(segments, new, strict=True)]).astype(np.int64)
    pieces = np.concatenate(segments)
    sides = _sides(stack.sides, old, pieces, plane)
    edges, edge_plane = _edges(stack, old, pieces, plane)
    mine, kept = filled[sides.plane], filled[edge_plane]
    sides = Sides(sides.start_mm[mine], sides.end_mm[mine], number[sides.plane[mine]])
    edges, edge_plane = edges[kept], number[edge_plane[kept]]
    y_range = merged(stack.y_range_mm, np.array(ranges).T)[:, filled]
    nearest = np.minimum(stack.finest_mm[below], stack.finest_mm[below + 1])
    rounding = (stack.rounding_mm2[below] + stack.rounding_mm2[below + 1]) / 2
    return replace(
        stack,
        z_mm=z[filled],
        edges=edges,
        edge_plane=edge_plane,
        sides=sides,
        area_mm2=merged(stack.area_mm2, area)[filled],
        y_range_mm=y_range,
        finest_mm=np.minimum(merged(stack.finest_mm, nearest)[filled], y_range[1] - y_range[0]),
        rounding_mm2=merged(stack.rounding_mm2, rounding)[filled],
        crossings=crossings(edges, edge_plane, y_range[1] - y_range[0]),
        reach_mm=reach[:, filled],
        joined=joined[:, filled],
    )


def _gaps(stack: PlaneStack) -> Integers:
    """The planes (g,) that are joined to the next one; none where no outline lies beside the next."""
    first = np.searchsorted(stack.edge_plane, np.arange(stack.z_mm.size))
    x_low = np.minimum.reduceat(np.minimum(stack.edges[:, 0], stack.edges[:, 2]), first)
    x_high = np.maximum.reduceat(np.maximum(stack.edges[:, 0], stack.edges[:, 2]), first)
    (y_low, y_high), width = stack.y_range_mm, x_high - x_low
    box = width * (y_high - y_low)
    shared = np.maximum(np.minimum(x_high[1:], x_high[:-1]) - np.maximum(x_low[1:], x_low[:-1]), 0.0)
    shared *= np.maximum(np.minimum(y_high[1:], y_high[:-1]) - np.maximum(y_low[1:], y_low[:-1]), 0.0)
    joined = stack.joined[1, :-1]
    beside = joined & (shared < SHARED * np.minimum(box[1:], box[:-1]))
    return np.flatnonzero(joined) if np.any(beside) else np.empty(0, dtype=np.int64)


def _joints(stack: PlaneStack, first: Integers, old: Integers, z: Floats, filled: Booleans) -> tuple[Floats, Booleans]:
    """Reach and joined (2, K) of all planes: a plane beside one that is not `filled` ends half-way to it.

    `first` are those before the new ones, `old` those that there were.
    """
    gap = np.diff(z)
    reach, joined = np.empty((2, z.size)), np.zeros((2, z.size), dtype=bool)
    reach[:, old], joined[:, old] = stack.reach_mm, stack.joined
    inner = np.zeros(gap.size, dtype=bool)
    inner[(first[:, None] + np.arange(STEPS)).reshape(-1)] = True
    both = filled[1:] & filled[:-1]
    reach[1, :-1][inner], reach[0, 1:][inner] = gap[inner], gap[inner]
    joined[1, :-1][inner], joined[0, 1:][inner] = both[inner], both[inner]
    return reach, joined


def _shapes(stack: PlaneStack, gap: int, kernels: Kernels) -> list[Floats]:
    """The outlines of STEPS - 1 planes between plane `gap` and the next: segments (n, 2, 2) from and to x, y."""
    begin, end = np.searchsorted(stack.edge_plane, [gap, gap + 2])
    edges, plane = stack.edges[begin:end], stack.edge_plane[begin:end]
    low = np.minimum(edges[:, :2].min(axis=0), edges[:, 2:].min(axis=0))
    high = np.maximum(edges[:, :2].max(axis=0), edges[:, 2:].max(axis=0))
    step = max(FINEST_MM, float(np.sqrt(np.prod(high - low) / PIXELS)))
    # Two points beyond on each side, so that every outline closes within the grid.
    x, y = (np.arange(a - 2 * step, b + 2.5 * step, step) for a, b in zip(low, high, strict=True))
    near, far = (_distances(edges[plane == gap + i], x, y, step, kernels) for i in (0, 1))
    return [_outline((1 - i / STEPS) * near + i / STEPS * far, x, y, step) for i in range(1, STEPS)]


def _distances(edges: Floats, x: Floats, y: Floats, step: float, kernels: Kernels) -> Floats:
    """Distance in mm of the points of a grid from the outline, negative inside."""
    from scipy.ndimage import distance_transform_edt  # noqa: PLC0415 - slow to import, and hardly ever needed

    at = [np.searchsorted(y, edges[:, side], side="left") for side in (1, 3)]
    chords = kernels.row_chords(edges, np.minimum(*at), np.maximum(*at), y)
    change = np.zeros((y.size, x.size + 1), dtype=np.int64)
    for bound, sign in ((chords.x0_mm, 1), (chords.x1_mm, -1)):
        np.add.at(change, (chords.row, np.searchsorted(x, bound)), sign)
    inside = np.cumsum(change, axis=1)[:, :-1] > 0
    # The outline is half-way between a point inside and one outside.
    return np.asarray(
        step * np.where(inside, 0.5 - distance_transform_edt(inside), distance_transform_edt(~inside) - 0.5)
    )


def _outline(height: Floats, x: Floats, y: Floats, step: float) -> Floats:
    """Segments (n, 2, 2) of the line where `height` is 0, by marching squares; what is below 0 lies on their left."""
    a, b, c, d = height[:-1, :-1], height[:-1, 1:], height[1:, 1:], height[1:, :-1]
    case = (a < 0) + 2 * (b < 0) + 4 * (c < 0) + 8 * (d < 0)
    row, column = np.nonzero((case > 0) & (case < 15))
    case, a, b, c, d = (corner[row, column] for corner in (case, a, b, c, d))
    left, lower = x[column], y[row]
    right, upper = x[column + 1], y[row + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        points = np.array(
            [
                [left + step * a / (a - b), lower],
                [right, lower + step * b / (b - c)],
                [left + step * d / (d - c), upper],
                [left, lower + step * a / (a - d)],
            ]
        )  # (side, axis, cell)
    found = [
        np.stack([points[begin][:, case == which], points[end][:, case == which]]).transpose(2, 0, 1)
        for which, pairs in _SEGMENTS.items()
        for begin, end in pairs
    ]
    return np.concatenate(found)


def _area_mm2(segments: Floats) -> float:
    """The area on the left of closed outlines."""
    (x0, y0), (x1, y1) = segments[:, 0].T, segments[:, 1].T
    return float(np.sum(x0 * y1 - x1 * y0) / 2)


def _sides(own: Sides, old: Integers, pieces: Floats, plane: Integers) -> Sides:
    """All sides by rising plane, `own` ones on the planes `old` and `pieces` on `plane`."""
    on = np.concatenate([old[own.plane], plane])
    order = np.argsort(on, kind="stable")
    start, end = np.concatenate([own.start_mm, pieces[:, 0]]), np.concatenate([own.end_mm, pieces[:, 1]])
    return Sides(start[order], end[order], on[order])


def _edges(stack: PlaneStack, old: Integers, pieces: Floats, plane: Integers) -> tuple[Floats, Integers]:
    """The same of the edges, which never run along x."""
    made = np.concatenate([pieces[:, 0], pieces[:, 1]], axis=1)
    sloped = made[:, 1] != made[:, 3]
    on = np.concatenate([old[stack.edge_plane], plane[sloped]])
    order = np.argsort(on, kind="stable")
    return np.concatenate([stack.edges, made[sloped]])[order], on[order]
