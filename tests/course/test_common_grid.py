"""The sum of trilinear doses on the planes of all their grids: exact everywhere, and unknown where one of them is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.course import common_grid
from hardcheck.course.common_grid import common_axes, resampled, summed
from hardcheck.dvh.kernels import trilinear
from hardcheck.errors import LimitError, LinkError
from hardcheck.phantom import axis_mm, gaussian, linear, sample
from hardcheck.plan import DoseGrid
from hardcheck.plan.geometry import GRID_TOLERANCE_MM


def grid(seed, axes):
    """Any dose on those axes: nothing is smooth about it."""
    rng = np.random.default_rng(seed)
    return DoseGrid(*axes, rng.uniform(0, 60, tuple(a.size for a in reversed(axes))), 1e-3)


def at(dose, points):
    return trilinear(dose.axes_mm, dose.dose_gy, tuple(points.T))


@st.composite
def axes(draw):
    """Uneven planes, at least 0.1 mm apart, of which those between -1 and 1 mm are in every grid."""
    made = []
    for _ in range(3):
        steps = draw(st.lists(st.integers(1, 40), min_size=1, max_size=6))
        first = draw(st.integers(-100, -10))
        planes = np.cumsum([first, *steps]) / 10
        made.append(np.append(planes, max(planes[-1] + 0.1, 1.0)))
    return tuple(made)


@given(st.lists(axes(), min_size=2, max_size=3), st.integers(0, 2**32 - 1))
def test_the_sum_is_exact_at_every_point(several, seed):
    grids = [grid(seed + n, a) for n, a in enumerate(several)]
    total = summed(grids)
    low, high = ([axis[end] for axis in total.axes_mm] for end in (0, -1))
    points = np.random.default_rng(seed).uniform(low, high, (200, 3))
    wanted = sum(at(g, points) for g in grids)
    # Sums of products of numbers below 200 in double precision.
    assert at(total, points) == pytest.approx(wanted, abs=1e-9)
    assert total.quantum_gy == pytest.approx(len(grids) * 1e-3)


@given(st.lists(axes(), min_size=2, max_size=3))
def test_it_reaches_as_far_as_all_of_them(several):
    found = common_axes([grid(1, a) for a in several])
    for axis, planes in zip(found, zip(*several, strict=True), strict=True):
        assert axis[0] == max(p[0] for p in planes)
        assert axis[-1] == min(p[-1] for p in planes)
        inside = {x for p in planes for x in p if axis[0] <= x <= axis[-1]}
        assert all(np.abs(axis - x).min() <= GRID_TOLERANCE_MM for x in inside)


def test_on_one_grid_it_is_the_plain_sum():
    a = axis_mm(-20, 20, 2.5)
    one, other = grid(1, (a, a, a)), grid(2, (a, a, a))
    total = summed([one, other])
    assert np.array_equal(total.dose_gy, one.dose_gy + other.dose_gy)
    assert all(np.array_equal(x, a) for x in total.axes_mm)


def test_what_rounding_makes_of_one_grid_is_one_grid():
    a = axis_mm(-20, 20, 2.5)
    one, other = grid(1, (a, a, a)), grid(2, (a + 4e-4, a - 4e-4, a))
    assert np.array_equal(summed([one, other]).dose_gy, one.dose_gy + other.dose_gy)


def test_linear_doses_add_up_to_the_linear_dose():
    first, second = linear(30, (0.2, -0.1, 0.3)), linear(20, (-0.15, 0.25, 0.05))
    a, b = axis_mm(-20, 20, 2.5), axis_mm(-19, 20, 3)
    total = summed([sample(first, a, a, a), sample(second, b, b, b)])
    wanted = sample(linear(50, (0.05, 0.15, 0.35)), *total.axes_mm)
    assert total.dose_gy == pytest.approx(wanted.dose_gy, abs=1e-12)
    assert total.x_mm.size > a.size


@pytest.mark.parametrize("shift_mm", [0.0, 1.25], ids=["same grid", "half a voxel"])
def test_smooth_doses_add_up_within_their_own_interpolation(shift_mm):
    """Of a Gaussian of peak P and width s on voxels h, a trilinear dose is at most 3 P h² / (8 s²) off."""
    h, s, peak = 2.5, 12.0, 30.0
    field = gaussian(peak, s)
    a, b = axis_mm(-30, 30, h), axis_mm(-30 + shift_mm, 30, h)
    total = summed([sample(field, a, a, a), sample(field, b, b, b)])
    points = np.random.default_rng(3).uniform(-28, 28, (2000, 3))
    exact = 2 * field(*points.T)
    assert np.abs(at(total, points) - exact).max() <= 2 * 3 * peak * h**2 / (8 * s**2)


def test_a_dose_on_other_planes_is_the_same_dose():
    a, b = axis_mm(-20, 20, 2.5), np.array([-17.0, -16.25, -1e-9, 0.1, 12.5, 20.0])
    dose = grid(5, (a, a, a))
    moved = DoseGrid(b, b, b, resampled(dose.dose_gy, dose.axes_mm, (b, b, b)))
    nodes = np.stack(np.meshgrid(b, b, b, indexing="ij"), axis=-1).reshape(-1, 3)
    assert at(moved, nodes) == pytest.approx(at(dose, nodes), abs=1e-12)


@pytest.mark.parametrize("gap_mm", [0.0, 5.0], ids=["face to face", "apart"])
def test_grids_that_do_not_overlap_are_refused(gap_mm):
    a, b = axis_mm(-20, 0, 2.5), axis_mm(gap_mm, 20, 2.5)
    with pytest.raises(LinkError, match="do not overlap"):
        summed([grid(1, (a, a, a)), grid(2, (a, b, a))])


def test_a_common_grid_above_the_limit_is_refused_before_memory_is_taken(monkeypatch):
    monkeypatch.setattr(common_grid, "MAX_NODES", 30**3)
    a, b = axis_mm(-20, 20, 2.5), axis_mm(-19, 20, 2.5)
    with pytest.raises(LimitError, match=r"32 x 32 x 32 nodes, and at most 27000"):
        common_axes([grid(1, (a, a, a)), grid(2, (b, b, b))])
