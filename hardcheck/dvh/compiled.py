"""The kernels of `hardcheck.dvh.kernels` compiled by numba, an extra (``pip install hardcheck[fast]``).

The same functions with the same results, some times faster; what they do and why is written there. Importing numba
and its compiled code takes longer than the DVHs of one plan, so that this pays for many plans in one process.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numba import njit

from hardcheck.dvh.kernels import Axes, Chords, Histogram, RowSet, Shares, Singles
from hardcheck.plan.geometry import Floats, Integers

MANY: Final = 16
"""Up to so many crossings of a row are sorted by insertion."""

__all__ = ["deposit", "extremes", "row_chords", "trilinear"]


def row_chords(edges: Floats, first: Integers, last: Integers, row_y: Floats) -> Chords:
    """Give the chords of `hardcheck.dvh.kernels.row_chords`."""
    return Chords(*_row_chords(edges, first, last, row_y))


def trilinear(axes: Axes, dose_gy: Floats, points: tuple[Floats, Floats, Floats]) -> Floats:
    """Give the doses of `hardcheck.dvh.kernels.trilinear`."""
    found: Floats = _trilinear(*axes, dose_gy, *points)
    return found


def deposit(
    axes: Axes, dose_gy: Floats, bend_gy: Singles, rows: RowSet, chords: Chords, shares: Shares, into: Histogram
) -> None:
    """Put chords into a histogram as `hardcheck.dvh.kernels.deposit` does."""
    _deposit(
        axes,
        dose_gy,
        bend_gy,
        (rows.y_mm, rows.z_mm, rows.half_y_mm, rows.half_z_mm),
        (chords.row, chords.x0_mm, chords.x1_mm),
        (shares.area_mm2, shares.channel),
        (into.origin_gy, into.step_gy),
        (into.ramps, into.boxes, into.flat),
        (into.flat_low_gy, into.flat_high_gy),
        (into.inside, into.outside, into.moment, into.bend),
    )


def extremes(axes: Axes, dose_gy: Floats, rows: RowSet, chords: Chords) -> tuple[Floats, Floats]:
    """Give the extremes of `hardcheck.dvh.kernels.extremes`."""
    low, high = _extremes(axes, dose_gy, (rows.y_mm, rows.z_mm), (chords.row, chords.x0_mm, chords.x1_mm))
    return low, high


@njit(cache=True, nogil=True, error_model="numpy")
def _sort(x, begin, end):  # type: ignore[no-untyped-def]
    """Sorts x from `begin` up to, not with, `end`; few are quicker by insertion."""
    if end - begin > MANY:
        x[begin:end].sort()
        return
    for i in range(begin + 1, end):
        moved, at = x[i], i
        while at > begin and x[at - 1] > moved:
            x[at] = x[at - 1]
            at -= 1
        x[at] = moved


@njit(cache=True, nogil=True, error_model="numpy")
def _row_chords(edges, first, last, row_y):  # type: ignore[no-untyped-def]
    begin = np.zeros(row_y.size + 1, np.int64)
    for e in range(first.size):
        for r in range(first[e], last[e]):
            begin[r + 1] += 1
    for r in range(row_y.size):
        begin[r + 1] += begin[r]
    filled = begin[:-1].copy()
    x = np.empty(begin[-1])
    for e in range(first.size):
        if last[e] > first[e]:
            slope = (edges[e, 2] - edges[e, 0]) / (edges[e, 3] - edges[e, 1])
            for r in range(first[e], last[e]):
                x[filled[r]] = edges[e, 0] + (row_y[r] - edges[e, 1]) * slope
                filled[r] += 1
    count = begin[-1] // 2
    row, x0, x1 = np.empty(count, np.int64), np.empty(count), np.empty(count)
    n = 0
    for r in range(row_y.size):
        _sort(x, begin[r], begin[r + 1])
        for i in range(begin[r], begin[r + 1] - 1, 2):
            row[n], x0[n], x1[n] = r, x[i], x[i + 1]
            n += 1
    return row, x0, x1


@njit(cache=True, nogil=True, error_model="numpy")
def _cell(axis, at):  # type: ignore[no-untyped-def]
    last = axis.size - 2
    # Axes are even or nearly so: a guess and a step or two are quicker than a search.
    cell = min(max(int((at - axis[0]) / (axis[-1] - axis[0]) * (last + 1)), 0), last)
    while cell < last and axis[cell + 1] <= at:
        cell += 1
    while cell > 0 and axis[cell] > at:
        cell -= 1
    return cell, (at - axis[cell]) / (axis[cell + 1] - axis[cell])


@njit(cache=True, nogil=True, error_model="numpy")
def _trilinear(axis_x, axis_y, axis_z, dose, x, y, z):  # type: ignore[no-untyped-def]
    found = np.empty(x.size)
    for n in range(x.size):
        if (
            not (axis_x[0] <= x[n] <= axis_x[-1])
            or not (axis_y[0] <= y[n] <= axis_y[-1])
            or not (axis_z[0] <= z[n] <= axis_z[-1])
        ):
            found[n] = np.nan
            continue
        i, fx = _cell(axis_x, x[n])
        j, fy = _cell(axis_y, y[n])
        k, fz = _cell(axis_z, z[n])
        d00 = dose[k, j, i] + fx * (dose[k, j, i + 1] - dose[k, j, i])
        d01 = dose[k, j + 1, i] + fx * (dose[k, j + 1, i + 1] - dose[k, j + 1, i])
        d10 = dose[k + 1, j, i] + fx * (dose[k + 1, j, i + 1] - dose[k + 1, j, i])
        d11 = dose[k + 1, j + 1, i] + fx * (dose[k + 1, j + 1, i + 1] - dose[k + 1, j + 1, i])
        near, far = d00 + fy * (d01 - d00), d10 + fy * (d11 - d10)
        found[n] = near + fz * (far - near)
    return found


@njit(inline="always", error_model="numpy")
def _node(lines, i, fy, fz):  # type: ignore[no-untyped-def]
    """Dose at node i of a row between four lines of the grid, and its change over the cell in y and in z."""
    low, high = lines[0][i], lines[2][i]
    low_y, high_y = lines[1][i] - low, lines[3][i] - high
    low += fy * low_y
    high = high + fy * high_y - low
    return low + fz * high, abs(low_y + fz * (high_y - low_y)), abs(high)


@njit(cache=True, nogil=True, error_model="numpy")
def _deposit(axes, dose, bend_gy, rows, chords, shares, scale, curves, flats, totals):  # type: ignore[no-untyped-def] # noqa: PLR0913, PLR0915, PLR0917
    # In one piece: arrays handed to a function for each piece of a chord cost four times as much as all the rest.
    axis_x, axis_y, axis_z = axes
    row_y, row_z, half_y, half_z = rows
    chord_row, chord_x0, chord_x1 = chords
    area, channel = shares
    inside, outside, moment, bend = totals
    origin, step = scale
    ramps, boxes, flat = curves
    flat_low, flat_high = flats
    bins, bends = ramps.shape[1] - 3, bend.shape[1]
    per_gy, per_bend = 1.0 / step, bends / (step * bins)
    for n in range(chord_row.size):
        r, x0, x1 = chord_row[n], chord_x0[n], chord_x1[n]
        area0, area1 = area[0, r], area[1, r]
        if area0 <= 0 and area1 <= 0:
            continue
        c0, c1 = channel[0, r], channel[1, r]
        begin = min(max(x0, axis_x[0]), axis_x[-1])
        end = min(max(x1, axis_x[0]), axis_x[-1])
        if not (axis_y[0] <= row_y[r] <= axis_y[-1]) or not (axis_z[0] <= row_z[r] <= axis_z[-1]):
            end = begin
        mean = 0.0
        if end > begin:
            j, fy = _cell(axis_y, row_y[r])
            k, fz = _cell(axis_z, row_z[r])
            per_y = half_y[r] / (axis_y[j + 1] - axis_y[j]) / 2
            per_z = half_z[r] / (axis_z[k + 1] - axis_z[k]) / 2
            lines = dose[k, j], dose[k, j + 1], dose[k + 1, j], dose[k + 1, j + 1]
            bent = bend_gy[k, j]
            i, _ = _cell(axis_x, begin)
            here, over_y, over_z = _node(lines, i, fy, fz)
            spread = over_y * per_y + over_z * per_z
            left = begin
            while left < end:
                there, over_y, over_z = _node(lines, i + 1, fy, fz)
                next_spread = over_y * per_y + over_z * per_z
                right = min(end, axis_x[i + 1])
                d0, d1 = here, there
                if right - left < axis_x[i + 1] - axis_x[i]:
                    slope = (there - here) / (axis_x[i + 1] - axis_x[i])
                    d0, d1 = here + slope * (left - axis_x[i]), here + slope * (right - axis_x[i])
                half = spread + next_spread
                low, high = (d0 - half, d1 + half) if d0 <= d1 else (d1 - half, d0 + half)
                middle, length = (low + high) / 2, right - left
                mean += length * middle
                at = int(min(max((middle - origin) * per_bend, 0.0), bends - 1.0))
                bend[0, at] += area0 * length
                bend[1, at] += area0 * length * bent[i]
                p = min(max((low - origin) * per_gy, 0.0), float(bins))
                q = min(max((high - origin) * per_gy, 0.0), float(bins))
                low_bin, high_bin = int(p), int(q)
                if low == high:
                    flat[c0, low_bin] += area0 * length
                    flat[c1, low_bin] += area1 * length
                    flat_low[low_bin] = min(flat_low[low_bin], low)
                    flat_high[low_bin] = max(flat_high[low_bin], high)
                elif q - p >= 1.0:
                    rate = length / (q - p)
                    lower, upper = rate * (p - low_bin), rate * (q - high_bin)
                    ramps[c0, high_bin] += area0 * (rate - upper)
                    ramps[c0, high_bin + 1] += area0 * upper
                    ramps[c0, low_bin] -= area0 * (rate - lower)
                    ramps[c0, low_bin + 1] -= area0 * lower
                    ramps[c1, high_bin] += area1 * (rate - upper)
                    ramps[c1, high_bin + 1] += area1 * upper
                    ramps[c1, low_bin] -= area1 * (rate - lower)
                    ramps[c1, low_bin + 1] -= area1 * lower
                else:
                    above = length * min((q - high_bin) / (q - p), 1.0) if high_bin > low_bin else 0.0
                    boxes[c0, low_bin] += area0 * (length - above)
                    boxes[c0, high_bin] += area0 * above
                    boxes[c1, low_bin] += area1 * (length - above)
                    boxes[c1, high_bin] += area1 * above
                here, spread, left = there, next_spread, right
                i += 1
        beyond = max((x1 - x0) - (end - begin), 0.0)
        for c, a in ((c0, area0), (c1, area1)):
            inside[c] += (end - begin) * a
            moment[c] += mean * a
            outside[c] += beyond * a


@njit(cache=True, nogil=True, error_model="numpy")
def _extremes(axes, dose, rows, chords):  # type: ignore[no-untyped-def]
    axis_x, axis_y, axis_z = axes
    row_y, row_z = rows
    chord_row, chord_x0, chord_x1 = chords
    least, greatest = np.full(chord_row.size, math.inf), np.full(chord_row.size, -math.inf)
    for n in range(chord_row.size):
        r = chord_row[n]
        begin, end = max(chord_x0[n], axis_x[0]), min(chord_x1[n], axis_x[-1])
        if end < begin or not (axis_y[0] <= row_y[r] <= axis_y[-1]) or not (axis_z[0] <= row_z[r] <= axis_z[-1]):
            continue
        j, fy = _cell(axis_y, row_y[r])
        k, fz = _cell(axis_z, row_z[r])
        lines = dose[k, j], dose[k, j + 1], dose[k + 1, j], dose[k + 1, j + 1]
        i, _ = _cell(axis_x, begin)
        here = _node(lines, i, fy, fz)[0]
        low, high = math.inf, -math.inf
        while True:
            there = _node(lines, i + 1, fy, fz)[0]
            width = axis_x[i + 1] - axis_x[i]
            for x in (max(begin, axis_x[i]), min(end, axis_x[i + 1])):
                found = here + (there - here) * ((x - axis_x[i]) / width)
                low, high = min(low, found), max(high, found)
            here = there
            i += 1
            if i >= axis_x.size - 1 or axis_x[i] >= end:
                break
        least[n], greatest[n] = low, high
    return least, greatest
