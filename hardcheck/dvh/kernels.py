"""The numerical kernels in numpy: arrays in, arrays out, nothing else.

A structure is cut by rows (lines of constant y and z). Even-odd crossings of a row with the contours give exact
chords in x, so that holes, islands and keyholes need no special case. Along a chord the trilinear dose is linear
between grid planes, so each piece of a chord has a uniform density of dose, which is put into the cumulative
histogram exactly. What is left to sampling is y and z alone.

`hardcheck.dvh.compiled` has the same functions for numba, with the same results.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from hardcheck.plan.geometry import Floats, Integers

Booleans = NDArray[np.bool_]
Axes = tuple[Floats, Floats, Floats]
Singles = NDArray[np.float32]

BENDS: Final = 64
"""Steps of dose over which the bend of the dose is averaged."""

BLOCK: Final = 1 << 17
"""Cells of chords times grid columns that are worked on at a time: arrays of 1 MB stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Chords:
    """Chord i runs from `x0_mm[i]` to `x1_mm[i]` on row `row[i]`; all (n,), ordered by row, then x."""

    row: Integers
    x0_mm: Floats
    x1_mm: Floats


@dataclass(frozen=True, slots=True)
class RowSet:
    """Rows at `y_mm`, `z_mm` (r,), and half of the stratum in y and z that each stands for (0: the line itself)."""

    y_mm: Floats
    z_mm: Floats
    half_y_mm: Floats
    half_z_mm: Floats


@dataclass(frozen=True, slots=True)
class Shares:
    """What a millimetre of chord adds: `area_mm2` (2, r) to the `channel` (2, r) of the histogram, for each row.

    The second share of a row may be 0.
    """

    area_mm2: Floats
    channel: Integers


class Kernels(Protocol):
    """What a module of kernels does; the functions of this module say how."""

    def row_chords(self, edges: Floats, first: Integers, last: Integers, row_y: Floats) -> Chords:
        """Cut polygons into chords."""

    def trilinear(self, axes: Axes, dose_gy: Floats, points: tuple[Floats, Floats, Floats]) -> Floats:
        """Interpolate dose at points."""

    def deposit(
        self,
        axes: Axes,
        dose_gy: Floats,
        bend_gy: Singles,
        rows: RowSet,
        chords: Chords,
        shares: Shares,
        into: Histogram,
    ) -> None:
        """Put the dose along chords into a histogram."""

    def extremes(self, axes: Axes, dose_gy: Floats, rows: RowSet, chords: Chords) -> tuple[Floats, Floats]:
        """Find the least and the greatest dose on each chord."""


@dataclass(slots=True)
class Histogram:
    """Volumes in mm3 per channel (c,) or per channel and bin (c, bins + 3), of doses from `origin_gy` in steps.

    `ramps` and `boxes` hold the cumulative distribution as second and first differences; `flat` what lies in places
    of no gradient, of doses between `flat_low_gy` and `flat_high_gy` (bins + 3,) in each bin. `bend` (2, BENDS) is
    the volume, and the volume times what a smooth dose differs from the trilinear one, by dose.
    """

    origin_gy: float
    step_gy: float
    ramps: Floats
    boxes: Floats
    flat: Floats
    flat_low_gy: Floats
    flat_high_gy: Floats
    inside: Floats
    outside: Floats
    moment: Floats
    bend: Floats

    @classmethod
    def empty(cls, origin_gy: float, step_gy: float, bins: int, channels: int) -> Histogram:
        """A histogram of nothing."""
        ramps, boxes, flat = np.zeros((3, channels, bins + 3))
        low, high = np.full(bins + 3, np.inf), np.full(bins + 3, -np.inf)
        inside, outside, moment = np.zeros((3, channels))
        bend = np.zeros((2, BENDS))
        return cls(origin_gy, step_gy, ramps, boxes, flat, low, high, inside, outside, moment, bend)

    @property
    def bins(self) -> int:
        """The number of bins; there is one edge more."""
        return int(self.ramps.shape[1]) - 3

    def at_edges(self, mixes: Floats) -> Floats:
        """Volume (m, bins + 1) at or above each edge, of the channels mixed by `mixes` (m, c), without `flat`."""
        # Mass in bin j lies at or above edge j; a ramp that ends at edge j is 0 there and rises towards lower edges.
        from_above = np.cumsum(mixed(mixes, self.boxes)[:, ::-1], axis=1)[:, ::-1]
        ramps = np.cumsum(np.cumsum(mixed(mixes, self.ramps)[:, ::-1], axis=1), axis=1)[:, ::-1]
        return np.asarray(from_above[:, : self.bins + 1] + ramps[:, 1 : self.bins + 2])


def sums(group: Integers, amount: Floats, groups: int) -> Floats:
    """The sum (groups,) of `amount` (n,) in each `group` (n,)."""
    return np.bincount(group, amount, groups).astype(np.float64, copy=False)


def mixed(mixes: Floats, channels: Floats) -> Floats:
    """Mixtures (m, b) of `channels` (c, b) by `mixes` (m, c).

    The matrix product of the linear algebra library would start threads of its own for each of these small ones.
    """
    return np.asarray(np.einsum("mc,cb->mb", mixes, channels))


def expand(counts: Integers) -> tuple[Integers, Integers]:
    """For counts (n,): the owner of each of the sum(counts) items, and its place 0, 1, … within the owner."""
    owner = np.repeat(np.arange(counts.size), counts)
    first = np.cumsum(counts) - counts
    return owner, np.arange(owner.size) - np.repeat(first, counts)


def row_chords(edges: Floats, first: Integers, last: Integers, row_y: Floats) -> Chords:
    """Even-odd chords of rows at `row_y` (r,) with polygon edges.

    `edges` (e, 4) are x0, y0, x1, y1; edge i crosses the rows from ``first[i]`` up to, not with, ``last[i]`` (e,).
    """
    crossed = np.flatnonzero(last > first)
    count = (last - first)[crossed]
    owner, place = expand(count)
    row = first[crossed][owner] + place
    x0, y0, x1, y1 = edges[crossed].T
    slope = (x1 - x0) / (y1 - y0)
    x = x0[owner] + (row_y[row] - y0[owner]) * slope[owner]
    order = np.lexsort((x, row))
    row, x = row[order], x[order]
    return Chords(row[0::2], x[0::2], x[1::2])


def _cell(axis: Floats, at: Floats) -> tuple[Integers, Floats, Booleans]:
    """Cell index, place in the cell (0 to 1), and whether `at` lies within the axis."""
    cell = np.clip(np.searchsorted(axis, at, side="right") - 1, 0, axis.size - 2)
    place = (at - axis[cell]) / (axis[cell + 1] - axis[cell])
    return cell, place, (at >= axis[0]) & (at <= axis[-1])


def trilinear(axes: Axes, dose_gy: Floats, points: tuple[Floats, Floats, Floats]) -> Floats:
    """Dose (n,) at points x, y, z (n,) each, NaN outside; `axes` x, y, z of `dose_gy` (nz, ny, nx)."""
    (i, fx, inx), (j, fy, iny), (k, fz, inz) = (_cell(a, p) for a, p in zip(axes, points, strict=True))
    _, ny, nx = dose_gy.shape
    flat = dose_gy.reshape(-1)
    at = (k * ny + j) * nx + i
    # Written so that equal corners give exactly their dose.
    lines = [(first := flat[at + step]) + fx * (flat[at + step + 1] - first) for step in (0, nx, ny * nx, ny * nx + nx)]
    near = lines[0] + fy * (lines[1] - lines[0])
    far = lines[2] + fy * (lines[3] - lines[2])
    return np.where(inx & iny & inz, near + fz * (far - near), np.nan)


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Pieces of chords within one cell of the grid, (n,): row, length and the dose at both ends with its spread."""

    row: Integers
    length_mm: Floats
    low_gy: Floats
    high_gy: Floats
    node: Integers
    """Of the grid, the lowest of the cell."""


def _pieces(axes: Axes, dose_gy: Floats, rows: RowSet, chords: Chords) -> tuple[list[_Pieces], Integers, Floats]:
    """The pieces of `chords` in blocks; and rows and lengths of what is outside of the outermost voxel centres."""
    axis_x, axis_y, axis_z = axes
    j, fy, in_y = _cell(axis_y, rows.y_mm)
    k, fz, in_z = _cell(axis_z, rows.z_mm)
    begin = np.clip(chords.x0_mm, axis_x[0], axis_x[-1])
    end = np.where((in_y & in_z)[chords.row], np.clip(chords.x1_mm, axis_x[0], axis_x[-1]), begin)
    outside = (chords.x1_mm - chords.x0_mm) - (end - begin)
    out = np.flatnonzero(outside > 0)
    inside = np.flatnonzero(end > begin)
    row, begin, end = chords.row[inside], begin[inside], end[inside]
    ny = axis_y.size
    table = dose_gy.reshape(-1, axis_x.size)
    base = k * ny + j
    per_y = rows.half_y_mm / (axis_y[j + 1] - axis_y[j])
    per_z = rows.half_z_mm / (axis_z[k + 1] - axis_z[k])
    width = np.diff(axis_x)
    blocks = []
    size = max(1, BLOCK // axis_x.size)
    for at in range(0, row.size, size):
        r, x0, x1 = row[at : at + size], begin[at : at + size, None], end[at : at + size, None]
        b, wy, wz = base[r], fy[r, None], fz[r, None]
        near, far = table[b], table[b + ny]
        near_y, far_y = table[b + 1], table[b + ny + 1]
        near_y -= near
        far_y -= far
        near += wy * near_y
        far += wy * far_y
        far -= near
        far_y -= near_y
        near += wz * far  # the dose at the nodes
        near_y += wz * far_y  # its change over the cell in y; `far` is that in z
        spread = np.abs(near_y) * per_y[r, None]
        spread += np.abs(far) * per_z[r, None]
        length = np.minimum(x1, axis_x[1:]) - np.maximum(x0, axis_x[:-1])
        chord, column = np.nonzero(length > 0)
        piece_mm = length[chord, column]
        d0, d1 = near[chord, column], near[chord, column + 1]
        half = spread[chord, column]
        half += spread[chord, column + 1]
        half /= 2
        cut = np.flatnonzero(piece_mm < width[column])
        c, x = column[cut], axis_x[column[cut]]
        slope = (d1[cut] - d0[cut]) / width[c]
        ends = [np.clip(side[chord[cut], 0], x, axis_x[c + 1]) for side in (x0, x1)]
        d0[cut], d1[cut] = d0[cut] + slope * (ends[0] - x), d0[cut] + slope * (ends[1] - x)
        low, high = np.minimum(d0, d1), np.maximum(d0, d1)
        blocks.append(_Pieces(r[chord], piece_mm, low - half, high + half, b[chord] * axis_x.size + column))
    return blocks, chords.row[out], outside[out]


def deposit(
    axes: Axes, dose_gy: Floats, bend_gy: Singles, rows: RowSet, chords: Chords, shares: Shares, into: Histogram
) -> None:
    """Puts the dose along `chords` into a histogram. `axes` x, y, z of `dose_gy` and `bend_gy` (nz, ny, nx).

    A row stands for its stratum: the dose of a piece is widened to both sides by what it changes over half of it.
    """
    blocks, out_row, out_mm = _pieces(axes, dose_gy, rows, chords)
    channels = into.inside.size
    for share in range(2):
        area, channel = shares.area_mm2[share], shares.channel[share]
        into.outside += sums(channel[out_row], area[out_row] * out_mm, channels)
        for block in blocks:
            mass = area[block.row] * block.length_mm
            used = np.flatnonzero(mass > 0)
            if used.size:
                low, high = block.low_gy[used], block.high_gy[used]
                put(low, high, mass[used], channel[block.row[used]], into)
    bend = bend_gy.reshape(-1)
    per_bend = BENDS / (into.step_gy * into.bins)
    for block in blocks:
        mass = shares.area_mm2[0][block.row] * block.length_mm
        place = ((block.low_gy + block.high_gy) / 2 - into.origin_gy) * per_bend
        at = np.clip(place, 0, BENDS - 1).astype(np.int64)
        into.bend[0] += sums(at, mass, BENDS)
        into.bend[1] += sums(at, mass * bend[block.node], BENDS)


def put(low_gy: Floats, high_gy: Floats, mass: Floats, channel: Integers, into: Histogram) -> None:
    """Puts uniform densities into a histogram: `mass` (n,) spread evenly from `low_gy` to `high_gy` (n,).

    Exact at the edges: a density at least a bin wide is the difference of two ramps, whose second difference on the
    edges is a linear split over two of them; a narrower one is split at the one edge that it can straddle.
    """
    bins, channels = into.bins, into.inside.size
    size = (bins + 3) * channels
    into.inside += sums(channel, mass, channels)
    into.moment += sums(channel, mass * (low_gy + high_gy) / 2, channels)
    p = np.clip((low_gy - into.origin_gy) / into.step_gy, 0.0, bins)
    q = np.clip((high_gy - into.origin_gy) / into.step_gy, 0.0, bins)
    at = channel * (bins + 3)
    ramps, boxes = into.ramps.reshape(-1), into.boxes.reshape(-1)
    wide = np.flatnonzero(q - p >= 1.0)
    rate = mass[wide] / (q - p)[wide]
    for place, sign in ((q[wide], 1.0), (p[wide], -1.0)):
        edge = place.astype(np.int64)
        upper = rate * (place - edge)
        edge += at[wide]
        ramps += sign * (sums(edge, rate - upper, size) + sums(edge + 1, upper, size))
    even = np.flatnonzero(low_gy == high_gy)
    if even.size:
        edge = p[even].astype(np.int64)
        into.flat.reshape(-1)[:] += sums(edge + at[even], mass[even], size)
        np.minimum.at(into.flat_low_gy, edge, low_gy[even])
        np.maximum.at(into.flat_high_gy, edge, high_gy[even])
    narrow = np.flatnonzero((q - p < 1.0) & (low_gy < high_gy))
    if narrow.size:
        p, q, amount = p[narrow], q[narrow], mass[narrow]
        low_bin = p.astype(np.int64)
        high_bin = np.minimum(q.astype(np.int64), low_bin + 1)
        width = np.maximum(q - p, np.finfo(np.float64).tiny)
        above = np.where(high_bin > low_bin, np.minimum((q - high_bin) / width, 1.0), 0.0) * amount
        boxes += sums(low_bin + at[narrow], amount - above, size) + sums(high_bin + at[narrow], above, size)


def extremes(axes: Axes, dose_gy: Floats, rows: RowSet, chords: Chords) -> tuple[Floats, Floats]:
    """Least and greatest dose (n,) on each chord; infinity and minus infinity where it is not in the grid.

    Along a chord the dose is linear between planes of the grid, so that there and at both ends is all there is to see.
    """
    axis_x, axis_y, axis_z = axes
    x0, x1 = np.maximum(chords.x0_mm, axis_x[0]), np.minimum(chords.x1_mm, axis_x[-1])
    y, z = rows.y_mm[chords.row], rows.z_mm[chords.row]
    ends = [trilinear(axes, dose_gy, (np.where(x0 <= x1, x, np.nan), y, z)) for x in (x0, x1)]
    least = np.fmin(np.fmin(*ends), np.inf)
    greatest = np.fmax(np.fmax(*ends), -np.inf)
    first = np.searchsorted(axis_x, x0, side="left")
    count = np.where(np.isfinite(least), np.maximum(np.searchsorted(axis_x, x1, side="right") - first, 0), 0)
    chord, place = expand(count)
    if chord.size == 0:
        return least, greatest
    (j, fy, _), (k, fz, _) = _cell(axis_y, rows.y_mm), _cell(axis_z, rows.z_mm)
    # Rows on lines of the grid need one line of nodes; other rows lie between four.
    on_lines = np.all((fy == 0) | (fy == 1)) and np.all((fz == 0) | (fz == 1))
    if on_lines:
        j, k = j + (fy == 1), k + (fz == 1)
    base = (k * axis_y.size + j) * axis_x.size
    at = (base[chords.row] + first)[chord] + place
    flat = dose_gy.reshape(-1)
    seen = flat[at]
    if not on_lines:
        wy, wz = fy[chords.row][chord], fz[chords.row][chord]
        far = flat[at + axis_y.size * axis_x.size]
        seen = seen + wy * (flat[at + axis_x.size] - seen)
        far = far + wy * (flat[at + (axis_y.size + 1) * axis_x.size] - far)
        seen += wz * (far - seen)
    begin = np.flatnonzero(place == 0)
    owner = chord[begin]
    least[owner] = np.minimum(least[owner], np.minimum.reduceat(seen, begin))
    greatest[owner] = np.maximum(greatest[owner], np.maximum.reduceat(seen, begin))
    return least, greatest


def polygon_areas(points: Floats, starts: Integers) -> Floats:
    """Shoelace areas (m,) of closed polygons whose points (n, 2) follow one another, polygon i from `starts[i]`."""
    if points.size == 0:
        return np.zeros(starts.size - 1)
    # Relative to each polygon's first point, so that coordinates far from the origin cost no digits.
    p = points - np.repeat(points[starts[:-1]], np.diff(starts), axis=0)
    q = np.zeros_like(p)
    q[:-1] = p[1:]
    q[starts[1:] - 1] = 0.0
    cross = p[:, 0] * q[:, 1] - q[:, 0] * p[:, 1]
    return np.asarray(np.abs(np.add.reduceat(cross, starts[:-1])) / 2)
