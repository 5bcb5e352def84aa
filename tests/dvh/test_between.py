"""The shape between two outlines that lie beside one another: strips that move across, in closed form.

A long strip of width w that moves by s from one plane to the next: at a part t < 1/2 of the way there is what lies from
t s - w / 2 to t s + w / 2, or, where that is less than s, to (w / 2 - t s) / (1 - 2 t). So it keeps its width where it
moves by less than half of it, and half-way, and where it moves by more than the whole there is nothing half-way. The
ends of the strips, 100 mm apart, and the grid of distances: 3 %.
"""

import numpy as np
import pytest

from hardcheck.dvh import compute_dvh, kernels
from hardcheck.dvh.between import with_shapes_between
from hardcheck.dvh.planes import plane_stack
from tests.dvh.solids import grid, plan, square, structure, uniform

LENGTH = 100.0


def strip(z, x, width=4.0):
    half, end = width / 2, LENGTH / 2
    return np.array([[x - half, -end, z], [x + half, -end, z], [x + half, end, z], [x - half, end, z]])


def moving(by, planes=3):
    return structure(*(strip(3.0 * i, by * i) for i in range(planes)))


def shapes(solid):
    return with_shapes_between(plane_stack(solid), kernels)


def width(share, by, width=4.0):
    t, s = min(share, 1 - share), abs(by)
    right = t * s + width / 2
    return max((right if right >= s else (width / 2 - t * s) / (1 - 2 * t)) - (t * s - width / 2), 0.0)


@pytest.mark.parametrize("by", [-3.5, 1.5, 2.0, 3.0, 3.5])
def test_a_strip_that_moves_by_less_than_its_width(by):
    stack = shapes(moving(by))
    assert stack.z_mm == pytest.approx(0.75 * np.arange(9))
    wanted = [width(i % 4 / 4, by) * LENGTH for i in range(9)]
    assert stack.area_mm2 == pytest.approx(wanted, rel=0.03)
    assert stack.area_mm2[2] == pytest.approx(4 * LENGTH, rel=0.03)
    assert stack.joined.tolist() == [[False] + [True] * 8, [True] * 8 + [False]]
    assert stack.reach_mm[:, [0, -1]] == pytest.approx(np.array([[3.0, 0.75], [0.75, 3.0]]))


def test_a_strip_that_moves_further_is_nothing_half_way():
    """What is left beside that plane ends half-way to it."""
    assert (width(0.25, 6), width(0.49, 6)) == (1.5, 0.0)
    stack = shapes(moving(6.0, planes=2))
    assert stack.z_mm == pytest.approx([0.0, 0.75, 2.25, 3.0])
    assert stack.area_mm2 == pytest.approx(LENGTH * np.array([4, width(0.25, 6), width(0.75, 6), 4]), rel=0.03)
    assert stack.joined.tolist() == [[False, True, False, True], [True, False, True, False]]
    assert stack.reach_mm == pytest.approx(np.array([[3, 0.75, 0.75, 0.75], [0.75, 0.75, 0.75, 3]]))


@pytest.mark.parametrize("solid", [moving(0.5), moving(0.9), structure(*(square(9 - z, z) for z in (0.0, 3.0, 6.0)))])
def test_outlines_that_lie_above_one_another_are_left_as_they_are(solid):
    assert shapes(solid) is None


@pytest.mark.parametrize("end_caps", ["half", "none"])
def test_both_ways_are_in_the_interval_of_either(end_caps):
    checked = plan(moving(6.0, planes=4), grid(lambda x, _y, _z: 40 + x, half_mm=60))
    blend, shape = (compute_dvh(checked, 1, end_caps=end_caps, between_slices=b) for b in ("blend", "shape"))
    assert shape.volume.value < 0.8 * blend.volume.value
    for metric in ("Volume[cc]", "Mean[Gy]", "D2%[Gy]", "D50%[Gy]", "V50Gy[cc]", "Max[Gy]", "Min[Gy]"):
        one, other = blend.metric(metric), shape.metric(metric)
        assert one.low <= other.value <= one.high, metric
        assert other.low <= one.value <= other.high, metric


def test_a_uniform_dose_stays_what_it_is():
    found = compute_dvh(plan(moving(3.0), grid(uniform(50.0), half_mm=60)), 1, between_slices="shape")
    assert found.metric("D50%[Gy]").value == found.mean_gy == found.maximum_gy == 50.0
    assert found.volume.value == pytest.approx(4 * LENGTH * 9 / 1000, rel=0.03)
