"""The kernels of `hardcheck.dvh.kernels` compiled by numba, an extra (``pip install hardcheck[fast]``).

The same functions with the same results, some times faster; what they do and why is written there. Importing numba
and its compiled code takes longer than the DVHs of one plan, so that this pays for many plans in one process.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from hardcheck.dvh.kernels import Axes, Chords, Histogram, RowSet, Shares, Singles
from hardcheck.plan.geometry import Floats, Integers

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


def extremes(axes: Axes, dose_gy: Floats, rows: RowSet, chords: Chords) -> tuple[float, float]:
    """Give the extremes of `hardcheck.dvh.kernels.extremes`."""
    at = rows.y_mm, rows.z_mm, rows.half_y_mm, rows.half_z_mm
    low, high = _extremes(axes, dose_gy, at, (chords.row, chords.x0_mm, chords.x1_mm))
    return low, high


@njit(cache=True, nogil=True)
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
        x[begin[r] : begin[r + 1]].sort()
        for i in range(begin[r], begin[r + 1] - 1, 2):
            row[n], x0[n], x1[n] = r, x[i], x[i + 1]
            n += 1
    return row, x0, x1


@njit(cache=True, nogil=True)
def _cell(axis, at):  # type: ignore[no-untyped-def]
    cell = min(max(np.searchsorted(axis, at, side="right") - 1, 0), axis.size - 2)
    return cell, (at - axis[cell]) / (axis[cell + 1] - axis[cell])


@njit(cache=True, nogil=True)
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


@njit(inline="always")
def _node(dose, k, j, i, fy, fz):  # type: ignore[no-untyped-def]
    """Dose on a row at a node in x, and its change over the cell in y and in z."""
    near, far = dose[k, j, i], dose[k + 1, j, i]
    near_y, far_y = dose[k, j + 1, i] - near, dose[k + 1, j + 1, i] - far
    near += fy * near_y
    far = far + fy * far_y - near
    return near + fz * far, abs(near_y + fz * (far_y - near_y)), abs(far)


@njit(cache=True, nogil=True)
def _deposit(axes, dose, bend_gy, rows, chords, shares, scale, curves, flats, totals):  # type: ignore[no-untyped-def] # noqa: PLR0913, PLR0917
    axis_x, axis_y, axis_z = axes
    row_y, row_z, half_y, half_z = rows
    chord_row, chord_x0, chord_x1 = chords
    area, channel = shares
    inside, outside, moment, bend = totals
    per_bend = bend.shape[1] / (scale[1] * (curves[0].shape[1] - 3))
    origin, step = scale
    ramps, boxes, flat = curves
    flat_low, flat_high = flats
    for n in range(chord_row.size):
        r, x0, x1 = chord_row[n], chord_x0[n], chord_x1[n]
        begin = min(max(x0, axis_x[0]), axis_x[-1])
        end = min(max(x1, axis_x[0]), axis_x[-1])
        if not (axis_y[0] <= row_y[r] <= axis_y[-1]) or not (axis_z[0] <= row_z[r] <= axis_z[-1]):
            end = begin
        beyond = max((x1 - x0) - (end - begin), 0.0)
        mean = 0.0
        if end > begin:
            j, fy = _cell(axis_y, row_y[r])
            k, fz = _cell(axis_z, row_z[r])
            per_y = half_y[r] / (axis_y[j + 1] - axis_y[j])
            per_z = half_z[r] / (axis_z[k + 1] - axis_z[k])
            i, _ = _cell(axis_x, begin)
            here, over_y, over_z = _node(dose, k, j, i, fy, fz)
            spread = over_y * per_y + over_z * per_z
            left = begin
            while left < end:
                there, over_y, over_z = _node(dose, k, j, i + 1, fy, fz)
                next_spread = over_y * per_y + over_z * per_z
                right = min(end, axis_x[i + 1])
                d0, d1 = here, there
                if right - left < axis_x[i + 1] - axis_x[i]:
                    slope = (there - here) / (axis_x[i + 1] - axis_x[i])
                    d0, d1 = here + slope * (left - axis_x[i]), here + slope * (right - axis_x[i])
                half = (spread + next_spread) / 2
                low, high = min(d0, d1) - half, max(d0, d1) + half
                mean += (right - left) * (low + high) / 2
                at = int(min(max(((low + high) / 2 - origin) * per_bend, 0.0), bend.shape[1] - 1.0))
                mass = area[0, r] * (right - left)
                bend[0, at] += mass
                bend[1, at] += mass * bend_gy[k, j, i]
                _put(
                    low,
                    high,
                    right - left,
                    area[0, r],
                    area[1, r],
                    channel[0, r],
                    channel[1, r],
                    origin,
                    step,
                    ramps,
                    boxes,
                    flat,
                    flat_low,
                    flat_high,
                )
                here, spread, left = there, next_spread, right
                i += 1
        for s in range(2):
            c = channel[s, r]
            inside[c] += (end - begin) * area[s, r]
            moment[c] += mean * area[s, r]
            outside[c] += beyond * area[s, r]


@njit(inline="always")
def _put(low, high, length, area0, area1, c0, c1, origin, step, ramps, boxes, flat, flat_low, flat_high):  # type: ignore[no-untyped-def] # noqa: PLR0913, PLR0917
    bins = ramps.shape[1] - 3
    p = min(max((low - origin) / step, 0.0), float(bins))
    q = min(max((high - origin) / step, 0.0), float(bins))
    low_bin, high_bin = int(p), int(q)
    if q - p >= 1.0:
        rate = length / (q - p)
        lower, upper = rate * (p - low_bin), rate * (q - high_bin)
        for c, area in ((c0, area0), (c1, area1)):
            if area > 0:
                ramps[c, high_bin] += area * (rate - upper)
                ramps[c, high_bin + 1] += area * upper
                ramps[c, low_bin] -= area * (rate - lower)
                ramps[c, low_bin + 1] -= area * lower
    elif low == high:
        for c, area in ((c0, area0), (c1, area1)):
            flat[c, low_bin] += area * length
        flat_low[low_bin] = min(flat_low[low_bin], low)
        flat_high[low_bin] = max(flat_high[low_bin], high)
    else:
        above = length * min((q - high_bin) / (q - p), 1.0) if high_bin > low_bin else 0.0
        for c, area in ((c0, area0), (c1, area1)):
            if area > 0:
                boxes[c, low_bin] += area * (length - above)
                boxes[c, high_bin] += area * above


@njit(cache=True, nogil=True)
def _extremes(axes, dose, rows, chords):  # type: ignore[no-untyped-def]
    axis_x, axis_y, axis_z = axes
    row_y, row_z, _, _ = rows
    chord_row, chord_x0, chord_x1 = chords
    least, greatest = math.inf, -math.inf
    for n in range(chord_row.size):
        r = chord_row[n]
        if not (axis_y[0] <= row_y[r] <= axis_y[-1]) or not (axis_z[0] <= row_z[r] <= axis_z[-1]):
            continue
        j, fy = _cell(axis_y, row_y[r])
        k, fz = _cell(axis_z, row_z[r])
        begin, end = max(chord_x0[n], axis_x[0]), min(chord_x1[n], axis_x[-1])
        if end <= begin:
            continue
        i, _ = _cell(axis_x, begin)
        here = _node(dose, k, j, i, fy, fz)[0]
        while i < axis_x.size - 1 and axis_x[i] < end:
            there = _node(dose, k, j, i + 1, fy, fz)[0]
            width = axis_x[i + 1] - axis_x[i]
            for x in (max(begin, axis_x[i]), min(end, axis_x[i + 1])):
                found = here + (there - here) * ((x - axis_x[i]) / width)
                least, greatest = min(least, found), max(greatest, found)
            here = there
            i += 1
    return least, greatest
