"""Where a structure is hottest or coldest: the place of the extreme that its DVH has.

`extremes` knows values alone, since most structures need no more. Here the same places are looked at once again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from hardcheck.dvh import kernels
from hardcheck.dvh.extremes import (
    Cut,
    Face,
    Outline,
    caps,
    crossings_inside,
    cut_lines,
    ends_of,
    lines_inside,
    outline_of,
    tapered,
)
from hardcheck.dvh.field import Effect, around, box_of, field_around
from hardcheck.dvh.gaps import slices_of
from hardcheck.dvh.planes import PlaneStack, plane_stack
from hardcheck.dvh.profile import Profile
from hardcheck.plan import DoseGrid, Plan, Structure
from hardcheck.plan.geometry import Floats


@dataclass(frozen=True, slots=True)
class Spot:
    """A point, patient LPS in mm, and the dose of the trilinear field there, or the effect that was asked for."""

    at_mm: tuple[float, float, float]
    dose_gy: float


def spot_of(
    plan: Plan, structure: Structure, *, hottest: bool = True, end_caps: str = "half", effect: Effect | None = None
) -> Spot | None:
    """Where `structure` has the maximum of its DVH with the same `end_caps`, or its minimum where not `hottest`.

    Of several such places one. With `effect`, of what the plans of a course have together in it. None where there is no
    dose or no effect, or none of the structure lies in the grid.
    """
    if plan.dose is None or (effect is not None and (plan.course is None or effect.refused(plan.course))):
        return None
    stack = plane_stack(structure, slices_of(plan, [structure])[0])
    if isinstance(stack, str):
        return None
    profile = Profile.of(stack)
    dose = around(plan.dose, stack) if effect is None else field_around(plan, plan.dose, *box_of(stack), effect).grid
    # As `models` has it: a structure of one slice has its ends under either convention.
    beyond = end_caps == "half" or stack.z_mm.size == 1
    sign = 1.0 if hottest else -1.0
    found = chain(
        (_on_face(face, dose, sign) for face in _faces(profile, dose, beyond=beyond)),
        (_on_lines(cut, stack, dose, sign) for cut in _cuts(profile, dose, beyond=beyond)),
    )
    return max((spot for spot in found if spot is not None), key=lambda spot: sign * spot.dose_gy, default=None)


def _faces(profile: Profile, dose: DoseGrid, *, beyond: bool) -> Iterator[Face]:
    """All outlines that `find_extremes` looks at: within the planes, and with their ends where `beyond`."""
    stack, outline = profile.stack, outline_of(profile.stack, dose)
    yield outline, stack.z_mm
    yield from crossings_inside(outline, stack, dose)
    if beyond:
        ends, tips = ends_of(profile)
        yield from tapered(outline, profile, tips)
        for _, faces in caps(outline, stack, dose, 0.5, ends & ~tips):
            yield from faces


def _cuts(profile: Profile, dose: DoseGrid, *, beyond: bool) -> Iterator[Cut]:
    """Where `find_extremes` looks at the lines of the grid."""
    yield lines_inside(profile.stack, dose)
    if beyond:
        ends, tips = ends_of(profile)
        for cuts, _ in caps(outline_of(profile.stack, dose), profile.stack, dose, 0.5, ends & ~tips):
            yield from cuts


def _on_face(face: Face, dose: DoseGrid, sign: float) -> Spot | None:
    outline, height = face
    if outline.plane.size == 0:
        return None
    z_mm = height[outline.plane]
    at_points = kernels.trilinear(dose.axes_mm, dose.dose_gy, (outline.x_mm, outline.y_mm, z_mm))
    values = sign * outline.with_peaks(at_points)
    if np.all(np.isnan(values)):
        return None
    best = int(np.nanargmax(values))
    x, y = _place(outline, best, at_points)
    return Spot((x, y, float(z_mm[best])), float(sign * values[best]))


def _place(outline: Outline, point: int, at_points: Floats) -> tuple[float, float]:
    """Where x, y `point` has the value that `with_peaks` gives it."""
    piece = np.flatnonzero(outline.pieces[1] == point)
    if piece.size:
        ends = outline.pieces[[0, 2], piece[0]]
        first, middle, last = at_points[outline.pieces[:, piece[0]]]
        square = 2.0 * (first + last - 2.0 * middle)
        share = -(last - first - square) / (2.0 * square) if square else np.nan
        if 0.0 < share < 1.0:
            x, y = (float(a + share * (b - a)) for a, b in (outline.x_mm[ends], outline.y_mm[ends]))
            return x, y
    return float(outline.x_mm[point]), float(outline.y_mm[point])


def _on_lines(cut: Cut, stack: PlaneStack, dose: DoseGrid, sign: float) -> Spot | None:
    """The extreme on the lines of the grid: at a node, or at an end of a chord."""
    if cut[0].size == 0:
        return None
    rows, chords = cut_lines(stack, dose, kernels, *cut)
    if chords.row.size == 0:
        return None
    least, greatest = kernels.extremes(dose.axes_mm, dose.dose_gy, rows, chords)
    values = greatest if sign > 0 else -least
    best = int(np.argmax(values))
    if not np.isfinite(values[best]):
        return None
    first, last = float(chords.x0_mm[best]), float(chords.x1_mm[best])
    x = np.concatenate(
        [np.clip([first, last], *dose.x_mm[[0, -1]]), dose.x_mm[(dose.x_mm >= first) & (dose.x_mm <= last)]]
    )
    y_mm, z_mm = float(rows.y_mm[chords.row[best]]), float(rows.z_mm[chords.row[best]])
    along = sign * kernels.trilinear(dose.axes_mm, dose.dose_gy, (x, np.full(x.size, y_mm), np.full(x.size, z_mm)))
    place = int(np.nanargmax(along))
    return Spot((float(x[place]), y_mm, z_mm), float(sign * along[place]))
