"""Odd contours in bent doses, held against dense sampling: no dose in the structure lies outside of what is claimed.

The structures are prisms, the same contours on every slice, so that nothing is left open but the end caps. The samples
lie inside of them, so that not one of their doses may be above the upper bound of Max or below the lower one of Min.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from hardcheck.dvh import Dvh, compute_dvh
from hardcheck.dvh.kernels import trilinear
from hardcheck.phantom import axis_mm, gaussian, sample
from hardcheck.plan import DoseGrid, ImageStack, Plan, Structure
from hardcheck.plan.geometry import Floats

SLICE_MM = 3.0
Z_MM = axis_mm(-18.0, 18.0, SLICE_MM)
STEP_MM = 0.25
DOSE_GY = 0.15
"""What 0.25 mm of sampling may cost in the steepest of these doses, some 3 Gy/mm at 0.05 mm."""

AXIS = axis_mm(-60.0, 60.0, 3.0)
BUMP = sample(gaussian(60.0, 10.0, (2.0, 9.5, 4.0), 5.0), AXIS, AXIS, AXIS)
HOLLOW = sample(gaussian(-60.0, 10.0, (2.0, 9.5, 4.0), 65.0), AXIS, AXIS, AXIS)

Outline = Sequence[Sequence[float]]


def rectangle(width: float, height: float, x: float = 0.0, y: float = 0.0) -> Outline:
    w, h = width / 2, height / 2
    return [[x - w, y - h], [x + w, y - h], [x + w, y + h], [x - w, y + h]]


def prism(*outlines: Outline, z_mm: Floats = Z_MM) -> Structure:
    contours = [[[x, y, z] for x, y in outline] for z in z_mm for outline in outlines]
    return Structure.from_contours(1, "Prism", contours)


@dataclass(frozen=True)
class Samples:
    """Doses at points inside of a prism, falling, each of one volume."""

    dose_gy: Floats
    volume_cc: float

    def hottest(self, volume_cc: float) -> float:
        return float(self.dose_gy[min(round(volume_cc / self.volume_cc), self.dose_gy.size) - 1])

    def coldest(self, volume_cc: float) -> float:
        return float(self.dose_gy[-min(round(volume_cc / self.volume_cc), self.dose_gy.size)])


def sampled(grid: DoseGrid, *outlines: Outline, step_mm: tuple[float, float] = (STEP_MM, STEP_MM)) -> Samples:
    """The middles of small boxes whose middle is inside, by even-odd, with half a slice at both ends."""
    points = np.concatenate([np.asarray(outline) for outline in outlines])
    low, high = (*points.min(axis=0), Z_MM[0] - SLICE_MM / 2), (*points.max(axis=0), Z_MM[-1] + SLICE_MM / 2)
    counts = [max(round((b - a) / s), 1) for a, b, s in zip(low, high, (*step_mm, STEP_MM), strict=True)]
    x, y, z = (a + (b - a) * (np.arange(n) + 0.5) / n for a, b, n in zip(low, high, counts, strict=True))
    gx, gy = (each.reshape(-1) for each in np.meshgrid(x, y))
    inside = np.zeros(gx.size, dtype=bool)
    for outline in outlines:
        corners = np.asarray(outline)
        for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            if y0 != y1:
                inside ^= ((y0 <= gy) != (y1 <= gy)) & (x0 + (gy - y0) * (x1 - x0) / (y1 - y0) > gx)
    gx, gy = gx[inside], gy[inside]
    doses = [trilinear(grid.axes_mm, grid.dose_gy, (gx, gy, np.full(gx.size, at))) for at in z]
    voxel = float(np.prod([(b - a) / n for a, b, n in zip(low, high, counts, strict=True)])) / 1000
    return Samples(np.sort(np.concatenate(doses))[::-1], voxel)


def assert_held(dvh: Dvh, samples: Samples, volumes_cc: Sequence[float] = (0.03, 0.2)) -> None:
    """Every sample within Min and Max, the hottest and the coldest volumes within their intervals."""
    assert dvh.reason is None
    assert samples.dose_gy[0] <= dvh.metric("Max[Gy]").high + 1e-9
    assert samples.dose_gy[-1] >= dvh.metric("Min[Gy]").low - 1e-9
    for volume in volumes_cc:
        for kind, exact in (("D", samples.hottest(volume)), ("DC", samples.coldest(volume))):
            quantity = dvh.metric(f"{kind}{volume:g}cc[Gy]")
            assert quantity.low - DOSE_GY <= exact <= quantity.high + DOSE_GY, (kind, volume, exact, quantity)
    mean = dvh.metric("Mean[Gy]")
    assert mean.low - DOSE_GY <= samples.dose_gy.mean() <= mean.high + DOSE_GY
    assert dvh.volume.low * 0.99 <= samples.volume_cc * samples.dose_gy.size <= dvh.volume.high * 1.01


STAR = [[22 * np.sin(4 * np.pi * k / 5), 22 * np.cos(4 * np.pi * k / 5)] for k in range(5)]
ODD: dict[str, list[Outline]] = {
    "figure of eight": [[[-20, -20], [20, 20], [20, -20], [-20, 20]]],
    "five-pointed star": [STAR],
    "hole in an island in a hole": [rectangle(40, 40), rectangle(24, 24), rectangle(10, 10)],
    "two that overlap": [rectangle(20, 30, -5, 0), rectangle(20, 30, 5, 0)],
    "one three times": [rectangle(20, 30)] * 3,
    "two that touch": [rectangle(10, 30, -5, 0), rectangle(10, 30, 5, 0)],
    "spike without width": [[[-10, -10], [10, -10], [10, 0], [50, 0], [10, 0], [10, 20], [-10, 20]]],
    "comb": [[[x, y] for i in range(10) for x, y in ((2 * i, -9), (2 * i, 15), (2 * i + 1, 15), (2 * i + 1, -9))]],
    "small island far away": [rectangle(20, 30), rectangle(3, 3, 40, 40)],
}


@pytest.mark.parametrize("grid", [BUMP, HOLLOW], ids=["hot", "cold"])
@pytest.mark.parametrize("shape", ODD)
def test_odd_contours(shape, grid):
    dvh = compute_dvh(Plan((prism(*ODD[shape]),), grid), 1)
    assert_held(dvh, sampled(grid, *ODD[shape]))


LONG_SIDES: dict[str, Outline] = {
    **{f"side along x at y = {y:g}": rectangle(30, 12, 0, y - 6) for y in (6.3, 7.0, 7.5, 8.0, 8.8)},
    **{f"side along y at x = {x:g}": rectangle(12, 30, x - 6, 9) for x in (-3.3, -2.0, -1.2)},
    "slanted": [[-20, -12], [20, 3], [20, 9], [-20, -6]],
    "sheet along x": rectangle(40, 1, 0, 7.5),
    "sheet along y": rectangle(1, 40, 1.5, 5),
    "slanted sheet": [[-20, 1], [20, 12], [20, 13], [-20, 2]],
}
"""Few corners, and the extreme in the middle of a side or of a thin sheet, between the lines of the grid."""


@pytest.mark.parametrize("grid", [BUMP, HOLLOW], ids=["hot", "cold"])
@pytest.mark.parametrize("shape", LONG_SIDES)
def test_the_extreme_in_the_middle_of_a_side(shape, grid):
    outline = LONG_SIDES[shape]
    dvh = compute_dvh(Plan((prism(outline),), grid), 1)
    assert_held(dvh, sampled(grid, outline, step_mm=(0.1, 0.1)))


def test_many_points_on_a_side_are_as_good_as_few():
    many = [[x, 7.0] for x in np.arange(-20, 21)] + [[x, 8.0] for x in np.arange(20, -21, -1)]
    dvh = compute_dvh(Plan((prism(many),), BUMP), 1)
    assert_held(dvh, sampled(BUMP, rectangle(40, 1, 0, 7.5), step_mm=(0.1, 0.1)))


@pytest.mark.parametrize("size_mm", [0.1, 0.5])
@pytest.mark.parametrize("thin", ["x", "y"])
def test_a_very_thin_sheet_on_a_line_of_the_grid(thin, size_mm):
    outline = rectangle(size_mm, 40, 3.0, 9) if thin == "x" else rectangle(40, size_mm, 2, 9.0)
    dvh = compute_dvh(Plan((prism(outline),), BUMP), 1)
    step = (size_mm / 4, STEP_MM) if thin == "x" else (STEP_MM, size_mm / 4)
    assert_held(dvh, sampled(BUMP, outline, step_mm=step), (0.03,))


def test_a_rod_smaller_than_what_is_asked_for_has_no_value():
    dvh = compute_dvh(Plan((prism(rectangle(0.1, 0.1, 2, 9)),), BUMP), 1)
    for metric in ("D0.03cc[Gy]", "DC0.03cc[Gy]"):
        assert "is more than the structure's volume" in dvh.metric(metric).reason


def test_two_contours_that_cancel_enclose_nothing():
    assert "enclose no area" in compute_dvh(Plan((prism(rectangle(20, 20), rectangle(20, 20)),), BUMP), 1).reason


@pytest.mark.parametrize("image", [None, ImageStack(axis_mm(-60.0, 60.0, 3.0)), ImageStack(axis_mm(-59.0, 60.0, 3.0))])
def test_one_slice_has_a_value_only_by_an_image_that_has_that_slice(image):
    plan = Plan((prism(rectangle(20, 20), z_mm=np.zeros(1)),), BUMP, image=image)
    dvh = compute_dvh(plan, 1)
    if image is not None and 0.0 in image.z_mm:
        assert dvh.volume.value == pytest.approx(1.2)
        assert any("one slice only" in caveat for caveat in dvh.caveats)
    else:
        assert "one slice only" in dvh.reason


FIELD = sample(
    lambda x, y, z: 40 + 0.3 * x + 0.2 * y - 0.25 * z + 8 * np.sin(x / 7) * np.cos(y / 9) * np.cos(z / 8),
    *[axis_mm(-60, 60, 2.5)] * 3,
)
BEYOND = ("Mean[Gy]", "Max[Gy]", "Min[Gy]", "Median[Gy]", "D95%[Gy]", "D2%[Gy]", "D0.03cc[Gy]", "DC0.03cc[Gy]")
BEYOND += ("D5cc[Gy]", "DC5cc[Gy]", "V40Gy[%]", "V40Gy[cc]", "CV40Gy[cc]", "CV40Gy[%]", "V95%[%]", "Volume[cc]")


def kept(axis: int, low: float, high: float) -> DoseGrid:
    """The part of `FIELD` between two places along an axis."""
    inside = [(a >= low) & (a <= high) if n == axis else np.ones(a.size, bool) for n, a in enumerate(FIELD.axes_mm)]
    x, y, z = (a[i] for a, i in zip(FIELD.axes_mm, inside, strict=True))
    return DoseGrid(x, y, z, FIELD.dose_gy[np.ix_(inside[2], inside[1], inside[0])])


@pytest.mark.parametrize("part", [(-60, 0), (0, 60), (-60, 13), (-12, 60), (-8, 8), (-60, -10), (10, 60)])
@pytest.mark.parametrize("axis", [0, 1, 2], ids="xyz")
def test_what_is_outside_of_the_grid_is_bounded_and_never_zero(axis, part):
    """The dose that was cut away is known here, and lies within what is said without knowing it."""
    structure = prism(rectangle(30, 30))
    whole, cut = (compute_dvh(Plan((structure,), grid), 1) for grid in (FIELD, kept(axis, *part)))
    assert any("outside of the dose grid" in caveat for caveat in cut.caveats)
    for metric in BEYOND:
        known, said = whole.metric(metric, 40.0), cut.metric(metric, 40.0)
        if said.value is not None:
            assert said.low - DOSE_GY / 5 <= known.value <= said.high + DOSE_GY / 5, (metric, known, said)
