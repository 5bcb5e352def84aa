"""The planes of a structure: its contours put on planes of one z, with what lies between the planes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hardcheck.dvh import kernels
from hardcheck.dvh.areas import SLIVER_MM2, crossings, plane_areas
from hardcheck.dvh.gaps import Slices, evenly, joints, lost_slices
from hardcheck.dvh.kernels import Booleans, Kernels, sums
from hardcheck.plan import Structure
from hardcheck.plan.geometry import PLANE_TOLERANCE_MM, Floats, Integers

NO_AREA: Final = "of zero volume: the contours enclose no area"

BACK: Final = 1e-9
"""Tangent of the angle between the way to a point and back from it up to which both are the same way."""

SHARP: Final = 0.5
"""Tangent of the turn at a point beyond which the contour has a corner there."""


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """All sides of the contours, those along x among them, by rising plane.

    From `start_mm` to `end_mm` (N, 2), x and y, on `plane` (N,).
    """

    start_mm: Floats
    end_mm: Floats
    plane: Integers


@dataclass(frozen=True, slots=True, eq=False)
class PlaneStack:
    """K planes in rising z with E edges. `edges` (E, 4) x0, y0, x1, y1, on plane `edge_plane` (E,).

    `reach_mm` (2, K) is, below and above each plane, the distance to the neighbour it is `joined` to (2, K), or
    the slice thickness of the end cap where there is none. `area_mm2` (K,) is even-odd; `y_range_mm` (2, K);
    `finest_mm` (K,) is the height in y of the smallest contour, `rounding_mm2` (K,) the area that the contours
    would gain if they were smooth curves through their points, and `crossings` (K,) how many edges a line in x meets.
    """

    z_mm: Floats
    edges: Floats
    edge_plane: Integers
    sides: Sides
    area_mm2: Floats
    y_range_mm: Floats
    finest_mm: Floats
    rounding_mm2: Floats
    crossings: Floats
    reach_mm: Floats
    joined: Booleans
    caveats: tuple[str, ...] = ()


def plane_stack(structure: Structure, slices: Slices | None = None, kernels: Kernels = kernels) -> PlaneStack | str:
    """The planes of `structure`, or the reason why there are none.

    `slices` tell missing contours from islands, and those of an image the thickness of a structure of one slice.
    Contours that enclose nothing, a point or a line, are left out, which a caveat says; so are points to which a
    contour goes and from which it comes back the same way.
    """
    if structure.unusable is not None:
        return structure.unusable
    lines = _lines_only(structure)
    if lines.size and np.all(lines):
        return NO_AREA
    some = np.any(lines)
    stack = _stack(_without(structure, lines) if some else structure, slices, kernels)
    if isinstance(stack, str) or not some:
        return stack
    said = f"{np.count_nonzero(lines)} contour(s) that enclose no area are left out"
    return replace(stack, caveats=(*stack.caveats, said))


def _stack(structure: Structure, slices: Slices | None, kernels: Kernels) -> PlaneStack | str:
    """`plane_stack` of contours that enclose something."""
    if np.any(np.diff(structure.starts) == 0):
        return "a contour without points"
    structure, turns = _without_spikes(structure)
    starts, z = structure.starts, structure.points_mm[:, 2]
    spread = np.maximum.reduceat(z, starts[:-1]) - np.minimum.reduceat(z, starts[:-1])
    if np.any(spread > PLANE_TOLERANCE_MM):
        return "contours that are not axial (oblique, sagittal or coronal) are not supported"
    contour_z = np.add.reduceat(z, starts[:-1]) / np.diff(starts)
    order = np.argsort(contour_z, kind="stable")
    new_plane = np.concatenate([[True], np.diff(contour_z[order]) > PLANE_TOLERANCE_MM])
    contour_plane = np.empty(order.size, dtype=np.int64)
    contour_plane[order] = np.cumsum(new_plane) - 1

    edges, edge_plane = _edges(structure, contour_plane)
    area, crossing = plane_areas(structure, contour_plane, (edges, edge_plane), kernels)
    keep = area > SLIVER_MM2
    if not np.any(keep):
        return NO_AREA
    renumber = np.cumsum(keep) - 1
    planes = int(contour_plane.max()) + 1
    plane_z = evenly(sums(contour_plane, contour_z, planes) / np.bincount(contour_plane))
    kept = keep[edge_plane]
    edges, edge_plane = edges[kept], renumber[edge_plane[kept]]
    finest = np.full(planes, np.inf)
    y = structure.points_mm[:, 1]
    np.minimum.at(finest, contour_plane, np.maximum.reduceat(y, starts[:-1]) - np.minimum.reduceat(y, starts[:-1]))
    rounding = sums(contour_plane, _roundings(starts, *turns), planes)
    plane_z, area, finest, rounding = plane_z[keep], area[keep], finest[keep], rounding[keep]
    order = np.argsort(edge_plane, kind="stable")
    edges, edge_plane = edges[order], edge_plane[order]
    side_plane = np.repeat(contour_plane, np.diff(starts))
    mine = np.flatnonzero(keep[side_plane])
    mine = mine[np.argsort(side_plane[mine], kind="stable")]
    sides = Sides(structure.points_mm[mine, :2], _following(structure)[mine], renumber[side_plane[mine]])
    first = np.searchsorted(edge_plane, np.arange(plane_z.size))
    y_low = np.minimum.reduceat(np.minimum(edges[:, 1], edges[:, 3]), first)
    y_high = np.maximum.reduceat(np.maximum(edges[:, 1], edges[:, 3]), first)

    found = joints(plane_z, structure.empty_z_mm, slices)
    if isinstance(found, str):
        return found
    reach, joined, meant, caveats = found
    x_low = np.minimum.reduceat(np.minimum(edges[:, 0], edges[:, 2]), first)
    x_high = np.maximum.reduceat(np.maximum(edges[:, 0], edges[:, 2]), first)
    boxes = np.stack([x_low, x_high, y_low, y_high])
    if (lost := lost_slices(boxes, area, joined | meant)) is not None:
        z0, z1 = plane_z[lost], plane_z[lost + 1]
        return f"slices seem to be missing: no contour from z {z0:.1f} to {z1:.1f} mm between two that match"
    if crossing.size:
        count = f"{crossing.size} plane{'s' if crossing.size > 1 else ''}"
        caveats = (*caveats, f"contours intersect on {count}; what two of them enclose counts as outside (even-odd)")
    met = crossings(edges, edge_plane, y_high - y_low)
    y_range = np.stack([y_low, y_high])
    return PlaneStack(plane_z, edges, edge_plane, sides, area, y_range, finest, rounding, met, reach, joined, caveats)


def _lines_only(structure: Structure) -> Booleans:
    """Which contours (M,) are a point or a straight line on their plane."""
    starts, points = structure.starts, structure.points_mm
    if np.any(np.diff(starts) == 0):
        return np.zeros(starts.size - 1, dtype=bool)
    p = points - np.repeat(points[starts[:-1]], np.diff(starts), axis=0)
    # The triangles of all sides with the first point, none taken from another as a figure of eight would have it.
    q = _following(structure) - np.repeat(points[starts[:-1], :2], np.diff(starts), axis=0)
    area = np.add.reduceat(np.abs(p[:, 0] * q[:, 1] - q[:, 0] * p[:, 1]), starts[:-1]) / 2
    level = np.maximum.reduceat(np.abs(p[:, 2]), starts[:-1]) <= PLANE_TOLERANCE_MM
    return np.asarray((area <= SLIVER_MM2) & level)


def _without(structure: Structure, contours: Booleans) -> Structure:
    """`structure` without some of its `contours` (M,)."""
    kept = [c for c, out in zip(structure.contours(), contours, strict=True) if not out]
    made = Structure.from_contours(structure.number, structure.name, kept)
    return replace(made, empty_z_mm=structure.empty_z_mm)


def _edges(structure: Structure, contour_plane: Integers) -> tuple[Floats, Integers]:
    """Edges (E, 4) of the closed contours that are not horizontal, and their planes (E,)."""
    edges = np.concatenate([structure.points_mm[:, :2], _following(structure)], axis=1)
    plane = np.repeat(contour_plane, np.diff(structure.starts))
    sloped = edges[:, 1] != edges[:, 3]
    return edges[sloped], plane[sloped]


def _following(structure: Structure) -> Floats:
    """The point (N, 2), x and y, that follows each point on its closed contour."""
    starts, xy = structure.starts, structure.points_mm[:, :2]
    following = np.arange(1, len(xy) + 1)
    following[starts[1:] - 1] = starts[:-1]
    return xy[following]


def _turns(structure: Structure) -> tuple[Floats, Floats]:
    """At each point (N,), the cross and the inner product, in mm2, of the sides that end and that begin there."""
    side = _following(structure) - structure.points_mm[:, :2]
    before = np.arange(-1, len(side) - 1)
    before[structure.starts[:-1]] = structure.starts[1:] - 1
    came = side[before]
    return came[:, 0] * side[:, 1] - came[:, 1] * side[:, 0], came[:, 0] * side[:, 0] + came[:, 1] * side[:, 1]


def _roundings(starts: Integers, cross: Floats, along: Floats) -> Floats:
    """What each contour's area gains if it is a smooth curve through its points, in mm2.

    An arc over a chord s that turns by a small angle holds s^2 angle / 12 more; sharp corners are corners.
    """
    return np.add.reduceat(np.where(np.abs(cross) < SHARP * along, np.abs(cross), 0.0), starts[:-1]) / 12


def _without_spikes(structure: Structure) -> tuple[Structure, tuple[Floats, Floats]]:
    """`structure` without points to which its contours go and from which they come back the same way; its turns.

    They enclose nothing, and no dose is taken there. The bridge of a keyhole leads around a hole, and stays.
    """
    while True:
        cross, along = turns = _turns(structure)
        back = (along < 0) & (np.abs(cross) <= BACK * -along)
        if not np.any(back):
            return structure, turns
        structure = _keeping(structure, ~back)
        # Where the way out and back began there are now two points that are the same.
        again = np.all(_following(structure) == structure.points_mm[:, :2], axis=1)
        again[structure.starts[:-1][np.diff(structure.starts) > 0]] = False
        structure = _keeping(structure, ~again)


def _keeping(structure: Structure, points: Booleans) -> Structure:
    """`structure` of some of its `points` (N,)."""
    contour = np.repeat(np.arange(structure.starts.size - 1), np.diff(structure.starts))
    count = np.bincount(contour[points], minlength=structure.starts.size - 1)
    starts = np.concatenate([[0], np.cumsum(count)])
    return replace(structure, points_mm=structure.points_mm[points], starts=starts)
