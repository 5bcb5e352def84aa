"""The least and the greatest dose of the trilinear field over a structure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np

from hardcheck.dvh.kernels import Booleans, Chords, Kernels, RowSet, expand, sums
from hardcheck.dvh.planes import PlaneStack
from hardcheck.dvh.profile import Profile
from hardcheck.plan import DoseGrid
from hardcheck.plan.geometry import Floats, Integers

TAPER: Final = (0.25, 0.5, 0.75, 1.0)
"""Where an end that closes is looked at, from its last plane to its tip."""

POINT: Final = 0.1
"""An end that closes within this part of a slice is a contour that marks the end by itself, as a point would."""

LONG_SIDE: Final = 0.25
"""Sides longer than this part of a voxel are looked at where they cross planes of the grid, too."""

OBLIQUE: Final = 0.1
"""Along a side that runs over dx dy of a cell the dose bulges by up to a quarter of dx dy of what the corners of the
cell are off a plane. Sides of more than this are looked at between the planes of the grid, too."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What is seen along lines in x at `y_mm` and `z_mm` (n,): the least and the greatest dose on each (n,)."""

    y_mm: Floats
    z_mm: Floats
    least_gy: Floats
    greatest_gy: Floats

    @property
    def range_gy(self) -> tuple[float, float]:
        """The extremes of them all; infinity and minus infinity where there is nothing."""
        return float(self.least_gy.min(initial=np.inf)), float(self.greatest_gy.max(initial=-np.inf))


@dataclass(frozen=True, slots=True, eq=False)
class Extremes:
    """Least and greatest dose in Gy: with half a slice beyond the last planes, without, and as far as it may go.

    An end that is round, and closes within a slice, is looked at to its tip instead.
    `widest` is with a whole slice, and with what the planes on both sides of a gap point to within it. `lines` are
    those of the grid in the structure, a whole slice beyond its last planes among them.
    """

    with_caps: tuple[float, float]
    without_caps: tuple[float, float]
    widest: tuple[float, float]
    lines: tuple[Seen, ...]


def find_extremes(profile: Profile, dose: DoseGrid, kernels: Kernels) -> Extremes:
    """The extremes over the slabs of the planes, of what lies in the dose grid; 0 and 0 where nothing does.

    Over a prism a trilinear field has its extremes at grid nodes inside, or on the outline of a face or of a plane of
    the grid, where it is a parabola between the planes of the grid. Looked at are the outlines on each plane, on the
    end faces and on the planes of the grid within each slab, and the lines of the grid within each slab.
    """
    stack = profile.stack
    outline = outline_of(stack, dose)
    on_planes = _on_outline(outline, stack, dose, kernels, stack.z_mm)
    lines = _lines(stack, dose, kernels, *lines_inside(stack, dose))
    inner = _join(_overall(on_planes), lines.range_gy)
    inner = _over(crossings_inside(outline, stack, dose), inner, stack, dose, kernels)
    ends, round_ends = ends_of(profile)
    outer = _over(tapered(outline, profile, round_ends), inner, stack, dose, kernels)
    outer = _caps(outline, stack, dose, kernels, 0.5, ends & ~round_ends, outer)[0]
    beyond, far = _caps(outline, stack, dose, kernels, 1.0, ends, outer)
    widest = _join(beyond, _pointed_to(stack, on_planes))
    return Extremes(_known(outer), _known(inner), _known(widest), (lines, *far))


def ends_of(profile: Profile) -> tuple[Booleans, Booleans]:
    """Which planes (2, K) end below and above, and at which of these ends the structure closes to a tip."""
    stack = profile.stack
    ends = ~stack.joined
    tips = (profile.end_curvature < 0) & (profile.closing > POINT) & np.isfinite(profile.closing)
    return ends, ends & tips & _single(stack)


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Points of the contours: their corners, and where long sides cross planes of the grid.

    `x_mm`, `y_mm` (N,) on `plane` (N,), by rising plane. `pieces` (3, P) are the first, the middle and the last point
    of the pieces of oblique sides between planes of the grid.
    """

    x_mm: Floats
    y_mm: Floats
    plane: Integers
    pieces: Integers

    def of(self, planes: Booleans) -> Outline:
        """The points on some planes (K,)."""
        mine = planes[self.plane]
        number = np.cumsum(mine) - 1
        pieces = number[self.pieces[:, mine[self.pieces[0]]]]
        return Outline(self.x_mm[mine], self.y_mm[mine], self.plane[mine], pieces)

    def with_peaks(self, values: Floats) -> Floats:
        """`values` (N,) at the points, with the extreme of each piece in place of the value at its middle."""
        if self.pieces.size == 0:
            return values
        first, middle, last = values[self.pieces]
        square = 2.0 * (first + last - 2.0 * middle)
        rise = last - first - square
        with np.errstate(divide="ignore", invalid="ignore"):
            where = -rise / (2.0 * square)
            peak = np.where((where > 0) & (where < 1), first - rise * rise / (4.0 * square), middle)
        found = values.copy()
        found[self.pieces[1]] = peak
        return found


def outline_of(stack: PlaneStack, dose: DoseGrid) -> Outline:
    """The points of the contours of `stack` at which the dose is looked at."""
    start, end = stack.sides.start_mm, stack.sides.end_mm
    run = (end - start) / np.array([np.min(np.diff(positions)) for positions in dose.axes_mm[:2]])
    oblique = np.abs(run[:, 0] * run[:, 1]) > OBLIQUE
    # The points of each side after one another: its beginning, its end where it is oblique, and its crossings.
    count = np.where(oblique, 2, 1)
    crossings = []
    for axis, positions in enumerate(dose.axes_mm[:2]):
        # Shorter sides have corners enough.
        long = np.flatnonzero(np.abs(run[:, axis]) > LONG_SIDE)
        a, b = start[long, axis], end[long, axis]
        first = np.searchsorted(positions, np.minimum(a, b), side="right")
        crossed = np.maximum(np.searchsorted(positions, np.maximum(a, b), side="left") - first, 0)
        side, place = expand(crossed)
        share = (positions[first[side] + place] - a[side]) / (b - a)[side]
        crossings.append((long[side], count[long[side]] + place, share))
        count[long] += crossed
    begin = np.cumsum(count) - count
    on, at = np.repeat(np.arange(count.size), count), np.zeros(int(count.sum()))
    at[begin[oblique] + 1] = 1.0
    for side, rank, share in crossings:
        at[begin[side] + rank] = share
    bent = np.flatnonzero(oblique[on])
    at[bent] = at[bent[np.lexsort((at[bent], on[bent]))]]
    # The middle of each piece stands behind its first point.
    pieces = bent[:-1][on[bent[1:]] == on[bent[:-1]]]
    number = np.arange(on.size)
    number[1:] += np.cumsum(np.bincount(pieces, minlength=on.size))[:-1]
    middle = np.zeros(on.size + pieces.size, dtype=bool)
    middle[number[pieces] + 1] = True
    owner, where = np.empty(middle.size, dtype=np.int64), np.empty(middle.size)
    owner[~middle], where[~middle] = on, at
    owner[middle], where[middle] = on[pieces], (at[pieces] + at[pieces + 1]) / 2
    xy = start[owner] + where[:, None] * (end - start)[owner]
    found = np.stack([number[pieces] + i for i in range(3)])
    return Outline(xy[:, 0], xy[:, 1], stack.sides.plane[owner], found)


Face = tuple[Outline, Floats]
"""Outlines, and the height (K,) to which each plane's is moved."""

Cut = tuple[Integers, Floats]
"""Planes (n,), and heights z in mm (n,) within their slabs at which the lines of the grid are looked at."""


def _slabs(stack: PlaneStack) -> tuple[Floats, Floats]:
    """From where to where (K,) each plane reaches: half-way to its neighbours, and no further at its ends."""
    half, ends = stack.reach_mm / 2, ~stack.joined
    return stack.z_mm - np.where(ends[0], 0.0, half[0]), stack.z_mm + np.where(ends[1], 0.0, half[1])


def lines_inside(stack: PlaneStack, dose: DoseGrid) -> Cut:
    """Where the lines of the grid lie within the slabs."""
    return _grid_lines(dose, _slabs(stack))


def crossings_inside(outline: Outline, stack: PlaneStack, dose: DoseGrid) -> Iterator[Face]:
    """The outlines where they cross planes of the grid in z, within the slabs."""
    return _crossed(outline, dose, _slabs(stack))


def _crossed(outline: Outline, dose: DoseGrid, slabs: tuple[Floats, Floats]) -> Iterator[Face]:
    first = np.searchsorted(dose.z_mm, slabs[0], side="left")
    count = np.maximum(np.searchsorted(dose.z_mm, slabs[1], side="right") - first, 0)
    for place in range(int(count.max(initial=0))):
        crossed = count > place
        yield outline.of(crossed), dose.z_mm[np.where(crossed, first + place, 0)]


def _over(
    faces: Iterable[Face], found: tuple[float, float], stack: PlaneStack, dose: DoseGrid, kernels: Kernels
) -> tuple[float, float]:
    """`found` joined with the extremes on `faces`."""
    for outline, z_mm in faces:
        found = _join(found, _overall(_on_outline(outline, stack, dose, kernels, z_mm)))
    return found


def _single(stack: PlaneStack) -> Booleans:
    """Which planes (K,) hold one contour."""
    sides = stack.sides
    begins = np.concatenate([[True], np.any(sides.start_mm[1:] != sides.end_mm[:-1], axis=1)])
    return np.asarray(np.bincount(sides.plane[begins], minlength=stack.z_mm.size) == 1)


def tapered(outline: Outline, profile: Profile, closing: Booleans) -> Iterator[Face]:
    """Beyond the planes whose end is `closing` (2, K): outlines that shrink about their middle to a tip."""
    stack = profile.stack
    for side, sign in ((0, -1.0), (1, 1.0)):
        planes = np.flatnonzero(closing[side])
        if planes.size == 0:
            continue
        mine = outline.of(closing[side])
        count = np.maximum(np.bincount(mine.plane, minlength=stack.z_mm.size), 1)
        middle = [(sums(mine.plane, xy, count.size) / count)[mine.plane] for xy in (mine.x_mm, mine.y_mm)]
        for place in TAPER:
            distance, share = np.zeros((2, count.size))
            distance[planes] = place * profile.closing[side, planes]
            if place < 1:
                share[planes] = profile.cap(np.full(planes.size, side), planes, distance[planes])
            size = np.sqrt(share)[mine.plane]
            x, y = (at + size * (xy - at) for at, xy in zip(middle, (mine.x_mm, mine.y_mm), strict=True))
            height = stack.z_mm + sign * distance * stack.reach_mm[side]
            yield Outline(x, y, mine.plane, mine.pieces[:, :0]), height


def caps(
    outline: Outline, stack: PlaneStack, dose: DoseGrid, slices: float, ends: Booleans
) -> Iterator[tuple[list[Cut], Iterator[Face]]]:
    """What lies up to `slices` beyond the `ends` (2, K), below and above: lines of the grid, and outlines."""
    for side, sign in ((0, -1.0), (1, 1.0)):
        last = ends[side]
        if not np.any(last):
            continue
        face = stack.z_mm + sign * slices * stack.reach_mm[side]
        cap = np.minimum(face, stack.z_mm), np.where(last, np.maximum(face, stack.z_mm), -np.inf)
        cuts = [_grid_lines(dose, cap), (np.flatnonzero(last), face[last])]
        yield cuts, chain([(outline.of(last), face)], _crossed(outline, dose, cap))


def _caps(
    outline: Outline,
    stack: PlaneStack,
    dose: DoseGrid,
    kernels: Kernels,
    slices: float,
    ends: Booleans,
    found: tuple[float, float],
) -> tuple[tuple[float, float], list[Seen]]:
    """`found` joined with the extremes over what lies up to `slices` beyond the `ends` (2, K), and the lines there."""
    lines = []
    for cuts, faces in caps(outline, stack, dose, slices, ends):
        lines += [_lines(stack, dose, kernels, *cut) for cut in cuts]
        found = _over(faces, found, stack, dose, kernels)
    for seen in lines:
        found = _join(found, seen.range_gy)
    return found, lines


def _pointed_to(stack: PlaneStack, on_planes: tuple[Floats, Floats]) -> tuple[float, float]:
    """Extremes within the gaps, where the lines through the planes below and above a gap meet."""
    joined = stack.joined[1, :-1]
    found = []
    for values, sign in zip(on_planes, (-1.0, 1.0), strict=True):
        known = np.isfinite(values)
        v = np.where(known, sign * values, 0.0)
        rise = np.where(joined & known[:-1] & known[1:], np.diff(v), 0.0)
        below = np.maximum(np.concatenate([[0.0], rise[:-1]]), 0.0)
        above = np.maximum(np.concatenate([-rise[1:], [0.0]]), 0.0)
        both = joined & (below > 0) & (above > 0) & known[:-1] & known[1:]
        where = np.clip((v[1:] + above - v[:-1])[both] / (below + above)[both], 0.0, 1.0)
        peaks = np.minimum(v[:-1][both] + below[both] * where, v[1:][both] + above[both] * (1 - where))
        ends = _beyond(stack, v, rise)[known]
        found.append(sign * float(max(peaks.max(initial=-np.inf), ends.max(initial=-np.inf))))
    return found[0], found[1]


def _join(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    return min(a[0], b[0]), max(a[1], b[1])


def _known(found: tuple[float, float]) -> tuple[float, float]:
    return found if found[0] <= found[1] else (0.0, 0.0)


def _beyond(stack: PlaneStack, values: Floats, rise: Floats) -> Floats:
    """What each last plane (K,) points to one slice further; its own value where that is more."""
    below = np.concatenate([[0.0], rise])
    above = np.concatenate([-rise, [0.0]])
    further = np.maximum(np.where(stack.joined[1], 0.0, below), np.where(stack.joined[0], 0.0, above))
    return values + np.maximum(further, 0.0)


def _overall(by_plane: tuple[Floats, Floats]) -> tuple[float, float]:
    return float(by_plane[0].min()), float(by_plane[1].max())


def _on_outline(
    outline: Outline, stack: PlaneStack, dose: DoseGrid, kernels: Kernels, z_mm: Floats
) -> tuple[Floats, Floats]:
    """Least and greatest dose (K,) on the outline of each plane, moved to the height `z_mm` (K,)."""
    least, greatest = np.full(stack.z_mm.size, np.inf), np.full(stack.z_mm.size, -np.inf)
    plane = outline.plane
    if plane.size:
        at = outline.x_mm, outline.y_mm, z_mm[plane]
        found = outline.with_peaks(kernels.trilinear(dose.axes_mm, dose.dose_gy, at))
        first = np.flatnonzero(np.diff(plane, prepend=-1))
        least[plane[first]] = np.fmin.reduceat(found, first)
        greatest[plane[first]] = np.fmax.reduceat(found, first)
    least[np.isnan(least)], greatest[np.isnan(greatest)] = np.inf, -np.inf
    return least, greatest


def _grid_lines(dose: DoseGrid, slabs: tuple[Floats, Floats]) -> Cut:
    """Where the lines of the grid in x lie in the slabs from ``slabs[0]`` to ``slabs[1]`` (K,) each."""
    first = np.searchsorted(dose.z_mm, slabs[0], side="left")
    last = np.searchsorted(dose.z_mm, slabs[1], side="right")
    plane, place = expand(np.maximum(last - first, 0))
    return plane, dose.z_mm[first[plane] + place]


def _lines(stack: PlaneStack, dose: DoseGrid, kernels: Kernels, plane: Integers, z_mm: Floats) -> Seen:
    """Lines at the y of the grid, at heights `z_mm` (n,) within the contours of `plane` (n,)."""
    if plane.size == 0:
        return Seen(*np.empty((4, 0)))
    rows, chords = cut_lines(stack, dose, kernels, plane, z_mm)
    return Seen(rows.y_mm, rows.z_mm, *kernels.extremes(dose.axes_mm, dose.dose_gy, rows, chords))


def cut_lines(
    stack: PlaneStack, dose: DoseGrid, kernels: Kernels, plane: Integers, z_mm: Floats
) -> tuple[RowSet, Chords]:
    """Rows on the lines of the grid at heights `z_mm` (n,), one for each chord with the contours of `plane` (n,)."""
    rows_y, used = dose.y_mm, np.unique(plane)
    begin, end = np.searchsorted(stack.edge_plane, used), np.searchsorted(stack.edge_plane, used, side="right")
    slot, place = expand(end - begin)
    edges = stack.edges[begin[slot] + place]
    at = [slot * rows_y.size + np.searchsorted(rows_y, edges[:, side], side="left") for side in (1, 3)]
    chords = kernels.row_chords(edges, np.minimum(*at), np.maximum(*at), np.tile(rows_y, used.size))
    # A chord of a plane is one of each height that lies within the plane's slab.
    order = np.argsort(plane, kind="stable")
    height, count = z_mm[order], np.bincount(np.searchsorted(used, plane), minlength=used.size)
    begin = np.cumsum(count) - count
    chord_slot, line = np.divmod(chords.row, rows_y.size)
    owner, place = expand(count[chord_slot])
    row_z, row_y = height[begin[chord_slot[owner]] + place], rows_y[line[owner]]
    zero = np.zeros(owner.size)
    cut = Chords(np.arange(owner.size), chords.x0_mm[owner], chords.x1_mm[owner])
    return RowSet(row_y, row_z, zero, zero), cut
