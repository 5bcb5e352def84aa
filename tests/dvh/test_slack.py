"""What a number may be off by, beside what the models differ by."""

import numpy as np
import pytest

from hardcheck.dvh import compute_dvh
from hardcheck.dvh.bend import bend_of
from hardcheck.plan import DoseGrid
from tests.dvh.solids import circle, grid, plan, square, stacked, structure, uniform


def test_a_linear_dose_has_no_bend_and_a_parabola_has_a_twelfth_of_its_second_difference():
    assert np.abs(bend_of(grid(lambda x, y, z: 30 + x - 2 * y + z / 2))).max() < 1e-4
    bend = bend_of(grid(lambda x, _y, _z: 0.08 * x * x, spacing_mm=2.5))
    assert bend == pytest.approx(np.full(bend.shape, -2 * 0.08 * 2.5**2 / 12), abs=1e-4)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_true_mean_of_a_bent_dose_lies_in_the_interval(sign):
    """0.02 x^2 over a box from -10 to 10 mm: the mean is 0.02 * 100 / 3; trilinear doses are off by the bend."""
    box = stacked(lambda z: square(10, z), np.arange(-10, 10.1, 2))
    quantity = compute_dvh(plan(box, grid(lambda x, _y, _z: 30 + sign * 0.02 * x * x, spacing_mm=5.0)), 1).metric(
        "Mean[Gy]"
    )
    exact = 30 + sign * 2 / 3
    assert abs(quantity.value - exact) > 0.05
    assert quantity.low <= exact <= quantity.high


def test_coarse_contours_of_a_circle_widen_the_volume_to_the_circle():
    heights = np.arange(-10, 10.1, 2)
    coarse = compute_dvh(plan(structure(*(circle(10, z, points=24) for z in heights)), grid(uniform(1.0))), 1)
    assert coarse.volume.high >= np.pi * 0.1 * 22 > coarse.volume.value


def test_the_corners_of_a_square_are_corners():
    box = compute_dvh(plan(stacked(lambda z: square(10, z), np.arange(-10, 10.1, 2)), grid(uniform(1.0))), 1)
    # A whole slice beyond both ends is the most that a prism may hold.
    assert box.volume.high == pytest.approx(0.4 * 24, rel=1e-9)


def test_an_uneven_grid_is_accepted():
    axis = np.array([-30.0, -12, -5, 0, 4, 11, 30])
    dose = DoseGrid(axis, axis, axis, np.full((7, 7, 7), 5.0))
    assert compute_dvh(plan(stacked(lambda z: square(10, z), [-4, -2, 0]), dose), 1).mean_gy == 5.0
