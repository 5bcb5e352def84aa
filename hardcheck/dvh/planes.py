"""The planes of a structure: its contours put on planes of one z, with what lies between the planes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hardcheck.dvh import kernels
from hardcheck.dvh.areas import SLIVER_MM2, crossings, plane_areas
from hardcheck.dvh.gaps import Slices, evenly, joints, lost_slices
from hardcheck.dvh.kernels import Booleans, Kernels, polygon_areas, sums
from hardcheck.plan import Structure
from hardcheck.plan.geometry import PLANE_TOLERANCE_MM, Floats, Integers

NO_AREA: Final = "of zero volume: the contours enclose no area"

LOST_SLICES: Final = "slices seem to be missing"
"""How the reason begins why nothing is made of a structure that lacks more than one slice in the middle."""

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
    if np.any(np.diff(structure.starts) == 0):
        return "a contour without points"
    lines = _lines_only(structure)
    if np.all(lines):
        return NO_AREA
    said: tuple[str, ...] = ()
    if np.any(lines):
        structure = _without(structure, lines)
        said = (f"{np.count_nonzero(lines)} contour(s) that enclose no area are left out",)
    placed = _placed(structure)
    if placed is None:
        return "contours that are not axial (oblique, sagittal or coronal) are not supported"
    stack = _stack(*placed, slices, kernels)
    return stack if isinstance(stack, str) or not said else replace(stack, caveats=(*stack.caveats, *said))


def _placed(structure: Structure) -> tuple[Structure, Integers, Floats] | None:
    """`structure` with its contours by rising plane, the plane (M,) of each, and z (K,) of the planes.

    None where a contour does not lie on a plane of one z.
    """
    starts, z = structure.starts, structure.points_mm[:, 2]
    low, high = np.minimum.reduceat(z, starts[:-1]), np.maximum.reduceat(z, starts[:-1])
    if np.any(high - low > PLANE_TOLERANCE_MM):
        return None
    middle = np.add.reduceat(z, starts[:-1]) / np.diff(starts)
    order = np.argsort(middle, kind="stable")
    if np.any(np.diff(order) < 0):
        contours, types = list(structure.contours()), structure.geometric_types
        structure = replace(
            structure,
            points_mm=np.concatenate([contours[i] for i in order]),
            starts=np.concatenate([[0], np.cumsum(np.diff(starts)[order])]),
            geometric_types=tuple(types[i] for i in order),
        )
        middle = middle[order]
    plane = np.cumsum(np.diff(middle, prepend=middle[0]) > PLANE_TOLERANCE_MM, dtype=np.int64)
    return structure, plane, sums(plane, middle, int(plane[-1]) + 1) / np.bincount(plane)


def _stack(
    structure: Structure, contour_plane: Integers, plane_z: Floats, slices: Slices | None, kernels: Kernels
) -> PlaneStack | str:
    """`plane_stack` of contours that enclose something, on their planes."""
    structure, turns = _without_spikes(structure)
    if np.any(gone := np.diff(structure.starts) < 3):  # nothing but spikes
        if np.all(gone):
            return NO_AREA
        structure = _without(structure, gone)
        turns = _turns(structure)
        present, contour_plane = np.unique(contour_plane[~gone], return_inverse=True)
        plane_z = plane_z[present]
    starts, xy = structure.starts, structure.points_mm[:, :2]
    ends = _following(structure)
    plane = np.repeat(contour_plane, np.diff(starts))
    edges = np.concatenate([xy, ends], axis=1)
    sloped = np.flatnonzero(edges[:, 1] != edges[:, 3])
    edges, edge_plane = edges[sloped], plane[sloped]
    area, crossing = plane_areas(structure, contour_plane, (edges, edge_plane), kernels)
    keep = area > SLIVER_MM2
    if not np.any(keep):
        return NO_AREA
    planes = plane_z.size
    low, high = (f.reduceat(xy, starts[:-1], axis=0) for f in (np.minimum, np.maximum))
    first = np.flatnonzero(np.diff(contour_plane, prepend=-1))
    finest = np.minimum.reduceat(high[:, 1] - low[:, 1], first)
    (x_low, y_low), (x_high, y_high) = np.minimum.reduceat(low, first).T, np.maximum.reduceat(high, first).T
    rounding = sums(contour_plane, _roundings(starts, *turns), planes)
    sides = Sides(xy, ends, plane)
    plane_z = evenly(plane_z)
    boxes = np.stack([x_low, x_high, y_low, y_high])
    if not np.all(keep):
        renumber, kept, mine = np.cumsum(keep) - 1, keep[edge_plane], keep[plane]
        edges, edge_plane = edges[kept], renumber[edge_plane[kept]]
        sides = Sides(xy[mine], ends[mine], renumber[plane[mine]])
        plane_z, area, finest, rounding, boxes = plane_z[keep], area[keep], finest[keep], rounding[keep], boxes[:, keep]

    found = joints(plane_z, structure.empty_z_mm, slices)
    if isinstance(found, str):
        return found
    reach, joined, meant, caveats = found
    if (lost := lost_slices(boxes, area, joined | meant)) is not None:
        z0, z1 = plane_z[lost], plane_z[lost + 1]
        return f"{LOST_SLICES}: no contour from z {z0:.1f} to {z1:.1f} mm between two that match"
    if crossing.size:
        count = f"{crossing.size} plane{'s' if crossing.size > 1 else ''}"
        caveats = (*caveats, f"contours intersect on {count}; what two of them enclose counts as outside (even-odd)")
    y_range = boxes[2:]
    met = crossings(edges, edge_plane, y_range[1] - y_range[0])
    return PlaneStack(plane_z, edges, edge_plane, sides, area, y_range, finest, rounding, met, reach, joined, caveats)


def _lines_only(structure: Structure) -> Booleans:
    """Which contours (M,) are a point or a straight line on their plane."""
    starts = structure.starts
    found = polygon_areas(structure.points_mm[:, :2], starts) <= SLIVER_MM2
    for contour in np.flatnonzero(found):
        p = structure.points_mm[starts[contour] : starts[contour + 1]] - structure.points_mm[starts[contour]]
        q = np.roll(p, -1, axis=0)
        # The triangles of all sides with the first point, none taken from another as a figure of eight would have it.
        area = np.abs(p[:, 0] * q[:, 1] - q[:, 0] * p[:, 1]).sum() / 2
        found[contour] = area <= SLIVER_MM2 and np.abs(p[:, 2]).max() <= PLANE_TOLERANCE_MM
    return np.asarray(found)


def _without(structure: Structure, contours: Booleans) -> Structure:
    """`structure` without some of its `contours` (M,)."""
    kept = [c for c, out in zip(structure.contours(), contours, strict=True) if not out]
    made = Structure.from_contours(structure.number, structure.name, kept)
    return replace(made, empty_z_mm=structure.empty_z_mm)


def _following(structure: Structure) -> Floats:
    """The point (N, 2), x and y, that follows each point on its closed contour."""
    xy, starts = structure.points_mm[:, :2], structure.starts
    following = np.empty_like(xy)
    following[:-1] = xy[1:]
    following[starts[1:] - 1] = xy[starts[:-1]]
    return following


def _turns(structure: Structure) -> tuple[Floats, Floats]:
    """At each point (N,), the cross and the inner product, in mm2, of the sides that end and that begin there."""
    side = _following(structure) - structure.points_mm[:, :2]
    came = np.empty_like(side)
    came[1:] = side[:-1]
    came[structure.starts[:-1]] = side[structure.starts[1:] - 1]
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
