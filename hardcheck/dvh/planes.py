"""The planes of a structure: its contours put on planes of one z, with what lies between the planes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hardcheck.dvh import kernels
from hardcheck.dvh.kernels import Booleans, Kernels, polygon_areas, sums
from hardcheck.plan import Structure
from hardcheck.plan.geometry import PLANE_TOLERANCE_MM, Floats, Integers

ONE_SLICE_GAP: Final = 2.5
"""Up to this many usual spacings apart, one contour is taken as missing and bridged; beyond it, these are islands."""

CONTIGUOUS: Final = 1.5
"""Up to this many usual spacings apart, two planes are neighbours."""

SLIVER_MM2: Final = 1e-6
"""A plane of less area than this holds nothing."""

INTERSECTING: Final = 0.02
"""Share of a plane's area by which nested polygons and even-odd lines may differ before contours must intersect."""

LOST: Final = 0.5
"""Overlap of the outlines on both sides of a gap, and ratio of their areas, from which slices are lost in the gap."""

SHARP: Final = 0.5
"""Tangent of the turn at a point beyond which the contour has a corner there."""

CHECK_LINES: Final = (65, 257)
"""Lines with which the area of a plane is checked, where it has one contour and where it has several."""


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Lines of constant y on K planes.

    `count` (K,) lie on each, evenly between `low_mm` and `high_mm` (K,), the first at a part `offset` (K,) of a step.
    They are numbered plane by plane, from low y to high.
    """

    low_mm: Floats
    high_mm: Floats
    count: Integers
    offset: Floats

    @property
    def step_mm(self) -> Floats:
        """The distance (K,) of neighbouring lines."""
        return (self.high_mm - self.low_mm) / self.count

    def plane(self) -> Integers:
        """The plane of each line."""
        return np.repeat(np.arange(self.count.size), self.count)

    def place(self) -> Integers:
        """The number of each line on its plane."""
        return np.arange(self.count.sum()) - np.repeat(np.cumsum(self.count) - self.count, self.count)

    def y_mm(self) -> Floats:
        """The y of each line."""
        plane = self.plane()
        return self.low_mm[plane] + (self.place() + self.offset[plane]) * self.step_mm[plane]

    def crossed(self, edges: Floats, edge_plane: Integers) -> tuple[Integers, Integers]:
        """First line that each edge crosses, and the one after the last; both (E,).

        An edge owns its lower end and not its upper one, so that a line through a vertex crosses an even number.
        """
        first_line, low = (np.cumsum(self.count) - self.count)[edge_plane], self.low_mm[edge_plane]
        offset = self.offset[edge_plane]
        per_mm, count = (1 / self.step_mm)[edge_plane], self.count[edge_plane]
        at = [
            first_line + np.clip(np.ceil((edges[:, side] - low) * per_mm - offset).astype(np.int64), 0, count)
            for side in (1, 3)
        ]
        return np.minimum(*at), np.maximum(*at)


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
    `finest_mm` (K,) is the height in y of the smallest contour, and `rounding_mm2` (K,) the area that the contours
    would gain if they were smooth curves through their points.
    """

    z_mm: Floats
    edges: Floats
    edge_plane: Integers
    sides: Sides
    area_mm2: Floats
    y_range_mm: Floats
    finest_mm: Floats
    rounding_mm2: Floats
    reach_mm: Floats
    joined: Booleans
    caveats: tuple[str, ...] = ()


def plane_stack(structure: Structure, slice_z_mm: Floats | None = None, kernels: Kernels = kernels) -> PlaneStack | str:
    """The planes of `structure`, or the reason why there are none.

    `slice_z_mm` (n,), the planes of the image, tells missing contours from islands, and the thickness of a
    structure of one slice. Contours that enclose nothing, a point or a line, are left out, which a caveat says.
    """
    if structure.unusable is not None:
        return structure.unusable
    lines = _lines_only(structure)
    if np.all(lines) or not np.any(lines):
        return _stack(structure, slice_z_mm, kernels)
    stack = _stack(_without(structure, lines), slice_z_mm, kernels)
    said = f"{np.count_nonzero(lines)} contour(s) that enclose no area are left out"
    return stack if isinstance(stack, str) else replace(stack, caveats=(*stack.caveats, said))


def _stack(structure: Structure, slice_z_mm: Floats | None, kernels: Kernels) -> PlaneStack | str:
    """`plane_stack` of the contours as they are."""
    starts, z = structure.starts, structure.points_mm[:, 2]
    if np.any(np.diff(starts) == 0):
        return "a contour without points"
    spread = np.maximum.reduceat(z, starts[:-1]) - np.minimum.reduceat(z, starts[:-1])
    if np.any(spread > PLANE_TOLERANCE_MM):
        return "contours that are not axial (oblique, sagittal or coronal) are not supported"
    contour_z = np.add.reduceat(z, starts[:-1]) / np.diff(starts)
    order = np.argsort(contour_z, kind="stable")
    new_plane = np.concatenate([[True], np.diff(contour_z[order]) > PLANE_TOLERANCE_MM])
    contour_plane = np.empty(order.size, dtype=np.int64)
    contour_plane[order] = np.cumsum(new_plane) - 1

    edges, edge_plane = _edges(structure, contour_plane)
    area, crossing = _plane_areas(structure, contour_plane, (edges, edge_plane), kernels)
    keep = area > SLIVER_MM2
    if not np.any(keep):
        return "of zero volume: the contours enclose no area"
    renumber = np.cumsum(keep) - 1
    planes = int(contour_plane.max()) + 1
    plane_z = sums(contour_plane, contour_z, planes) / np.bincount(contour_plane)
    kept = keep[edge_plane]
    edges, edge_plane = edges[kept], renumber[edge_plane[kept]]
    finest = np.full(planes, np.inf)
    y = structure.points_mm[:, 1]
    np.minimum.at(finest, contour_plane, np.maximum.reduceat(y, starts[:-1]) - np.minimum.reduceat(y, starts[:-1]))
    rounding = sums(contour_plane, _roundings(structure), planes)
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

    joints = _joints(plane_z, slice_z_mm)
    if isinstance(joints, str):
        return joints
    reach, joined, caveats = joints
    x_low = np.minimum.reduceat(np.minimum(edges[:, 0], edges[:, 2]), first)
    x_high = np.maximum.reduceat(np.maximum(edges[:, 0], edges[:, 2]), first)
    boxes = np.stack([x_low, x_high, y_low, y_high])
    if (lost := _lost_slices(boxes, area, joined)) is not None:
        z0, z1 = plane_z[lost], plane_z[lost + 1]
        return f"slices seem to be missing: no contour from z {z0:.1f} to {z1:.1f} mm between two that match"
    if crossing.size:
        count = f"{crossing.size} plane{'s' if crossing.size > 1 else ''}"
        caveats = (*caveats, f"contours intersect on {count}; what two of them enclose counts as outside (even-odd)")
    return PlaneStack(
        plane_z, edges, edge_plane, sides, area, np.stack([y_low, y_high]), finest, rounding, reach, joined, caveats
    )


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
    return Structure.from_contours(structure.number, structure.name, kept)


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


def _roundings(structure: Structure) -> Floats:
    """What each contour's area gains if it is a smooth curve through its points, in mm2.

    An arc over a chord s that turns by a small angle holds s^2 angle / 12 more; sharp corners are corners.
    """
    starts, xy = structure.starts, structure.points_mm[:, :2]
    following = np.arange(1, len(xy) + 1)
    following[starts[1:] - 1] = starts[:-1]
    edge = xy[following] - xy
    turned = edge[following]
    cross = np.abs(edge[:, 0] * turned[:, 1] - edge[:, 1] * turned[:, 0])
    along = np.sum(edge * turned, axis=1)
    return np.add.reduceat(np.where(cross < SHARP * along, cross, 0.0), starts[:-1]) / 12


def _plane_areas(
    structure: Structure, contour_plane: Integers, edges: tuple[Floats, Integers], kernels: Kernels
) -> tuple[Floats, Integers]:
    """Even-odd area of each plane in mm2, and the planes on which contours intersect."""
    areas = polygon_areas(structure.points_mm[:, :2], structure.starts)
    planes = int(contour_plane.max()) + 1
    total = sums(contour_plane, areas, planes)
    several = np.bincount(contour_plane, minlength=planes) > 1
    for plane in np.flatnonzero(several):
        members = np.flatnonzero(contour_plane == plane)
        total[plane] = np.sum(areas[members] * _nesting_signs(structure, members))
    by_lines = _line_areas(*edges, several, kernels)
    crossing = np.abs(by_lines - total) > INTERSECTING * np.maximum(by_lines, total) + SLIVER_MM2
    return np.where(crossing, by_lines, total), np.flatnonzero(crossing)


def _line_areas(edges: Floats, edge_plane: Integers, several: Booleans, kernels: Kernels) -> Floats:
    """Even-odd area of each plane by lines."""
    planes = several.size
    low, high = np.full(planes, np.inf), np.full(planes, -np.inf)
    np.minimum.at(low, edge_plane, np.minimum(edges[:, 1], edges[:, 3]))
    np.maximum.at(high, edge_plane, np.maximum(edges[:, 1], edges[:, 3]))
    empty = ~(high > low)
    low[empty], high[empty] = 0.0, 1.0
    lines = Lines(low, high, np.where(several, CHECK_LINES[1], CHECK_LINES[0]), np.full(planes, 0.5))
    chords = kernels.row_chords(edges, *lines.crossed(edges, edge_plane), lines.y_mm())
    return sums(lines.plane()[chords.row], chords.x1_mm - chords.x0_mm, planes) * lines.step_mm


def _nesting_signs(structure: Structure, members: Integers) -> Floats:
    """+1 for contours at an even depth of nesting, -1 at an odd one; of the contours `members` of one plane."""
    starts = structure.starts
    xy = [structure.points_mm[starts[m] : starts[m + 1], :2] for m in members]
    low = np.array([p.min(axis=0) for p in xy])
    high = np.array([p.max(axis=0) for p in xy])
    depth = np.zeros(len(xy), dtype=np.int64)
    for outer, polygon in enumerate(xy):
        x0, y0 = polygon[:, 0], polygon[:, 1]
        x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
        for inner in range(len(xy)):
            if inner == outer or np.any(low[inner] < low[outer]) or np.any(high[inner] > high[outer]):
                continue
            x, y = xy[inner][0]
            spans = (y0 <= y) != (y1 <= y)
            at = x0[spans] + (y - y0[spans]) * (x1 - x0)[spans] / (y1 - y0)[spans]
            depth[inner] += int(np.count_nonzero(at > x)) % 2
    return np.where(depth % 2 == 0, 1.0, -1.0)


def _joints(z: Floats, slice_z_mm: Floats | None) -> tuple[Floats, Booleans, tuple[str, ...]] | str:
    """Reach (2, K) and joined (2, K) of `PlaneStack`, with what is to be said about gaps; or why not."""
    if z.size == 1:
        thickness = _image_thickness(float(z[0]), slice_z_mm)
        if thickness is None:
            return "one slice only, and no image from which to tell its thickness"
        reach = np.full((2, 1), thickness)
        return reach, np.zeros((2, 1), dtype=bool), ("one slice only: its thickness is that of the image",)
    gap = np.diff(z)
    usual = float(np.median(gap))
    missing = np.maximum(np.rint(gap / usual).astype(np.int64) - 1, 0)
    missing[gap <= CONTIGUOUS * usual] = 0
    if slice_z_mm is not None and _on_slices(z, slice_z_mm):
        upto = np.searchsorted(slice_z_mm, z + PLANE_TOLERANCE_MM)
        missing = np.diff(upto) - 1
    bridged = missing == 1
    apart = missing > 1
    caveats = []
    if np.any(bridged):
        where = ", ".join(f"{a:.1f} to {b:.1f}" for a, b in zip(z[:-1][bridged][:3], z[1:][bridged][:3], strict=True))
        caveats.append(f"a contour is missing on {np.count_nonzero(bridged)} slice(s), bridged: z {where} mm")
    if np.any(apart):
        caveats.append(f"{np.count_nonzero(apart) + 1} islands along z; nothing is taken to lie between them")
    # An end cap is as thick as the slices beside it, or as usual where a plane stands alone.
    whole = np.where(apart | bridged, usual, gap)
    inner = np.where(apart, usual, gap)
    reach = np.empty((2, z.size))
    reach[0, 1:], reach[1, :-1] = inner, inner
    reach[0, 0], reach[1, -1] = whole[0], whole[-1]
    joined = np.zeros((2, z.size), dtype=bool)
    joined[0, 1:], joined[1, :-1] = ~apart, ~apart
    return reach, joined, tuple(caveats)


def _lost_slices(boxes: Floats, area_mm2: Floats, joined: Booleans) -> int | None:
    """The first plane after which contours seem to be lost rather than an island to end, None where there is none.

    `boxes` (4, K) are the least and greatest x and y of each plane. An island ends and another begins elsewhere or
    small; where both sides of a gap have much the same outline, slices in between were deleted.
    """
    for plane in np.flatnonzero(~joined[1, :-1]):
        x0, x1, y0, y1 = boxes[:, plane : plane + 2]
        shared = max(x1.min() - x0.max(), 0.0) * max(y1.min() - y0.max(), 0.0)
        union = np.sum((x1 - x0) * (y1 - y0)) - shared
        areas = area_mm2[plane : plane + 2]
        if shared > LOST * union and areas.min() > LOST * areas.max():
            return int(plane)
    return None


def _on_slices(z: Floats, slice_z_mm: Floats) -> bool:
    """Whether each plane lies on a slice of the image."""
    if slice_z_mm.size < 2:
        return False
    nearest = np.clip(np.searchsorted(slice_z_mm, z), 1, slice_z_mm.size - 1)
    distance = np.minimum(np.abs(z - slice_z_mm[nearest - 1]), np.abs(z - slice_z_mm[nearest]))
    return bool(np.all(distance <= PLANE_TOLERANCE_MM))


def _image_thickness(z: float, slice_z_mm: Floats | None) -> float | None:
    """The spacing of the image at its slice `z`, None where the image does not tell."""
    if slice_z_mm is None or not _on_slices(np.array([z]), slice_z_mm):
        return None
    at = int(np.argmin(np.abs(slice_z_mm - z)))
    around = np.diff(slice_z_mm[max(at - 1, 0) : at + 2])
    return float(np.mean(around)) if around.size else None
