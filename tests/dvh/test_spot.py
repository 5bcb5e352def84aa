"""The place of the hottest and the coldest point: where the field says, with the very dose of the DVH's extreme."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.dvh import compute_dvh, spot_of
from hardcheck.plan import DoseGrid
from tests.dvh.solids import circle, grid, plan, square, stacked

HEIGHTS = np.arange(-9.0, 10, 3)
EXACT = 1e-9
"""Of a dose: the same places are looked at by the same sums."""


def prism():
    return stacked(lambda z: square(10.0, z), HEIGHTS)


def test_a_linear_dose_is_hottest_at_a_corner_of_the_end_face():
    made = plan(prism(), grid(lambda x, y, z: 30 + 0.1 * x + 0.2 * y + 0.3 * z))
    hot, cold = spot_of(made, made.structures[0]), spot_of(made, made.structures[0], hottest=False)
    assert hot.at_mm == pytest.approx((10, 10, 10.5), abs=1e-9)
    assert cold.at_mm == pytest.approx((-10, -10, -10.5), abs=1e-9)
    assert hot.dose_gy == pytest.approx(30 + 1 + 2 + 3.15)


def test_without_end_caps_it_is_on_the_last_plane():
    made = plan(prism(), grid(lambda x, y, z: 30 + 0.1 * x + 0.2 * y + 0.3 * z))
    assert spot_of(made, made.structures[0], end_caps="none").at_mm == pytest.approx((10, 10, 9), abs=1e-9)


@pytest.mark.parametrize("place", [(0.0, 0.0, 0.0), (2.5, -5.0, 7.5), (-7.5, 2.5, -2.5)])
def test_a_node_inside_that_is_hotter_than_all_others(place):
    made = plan(
        prism(), grid(lambda x, y, z: 40 + 10.0 * ((x == place[0]) & (y == place[1]) & (z == place[2])).astype(float))
    )
    assert spot_of(made, made.structures[0]).at_mm == pytest.approx(place, abs=EXACT)
    assert spot_of(made, made.structures[0]).dose_gy == 50.0


@pytest.mark.parametrize("at", [1.05, 1.3, 1.9])
def test_the_bulge_in_the_middle_of_an_oblique_side(at):
    """Its cell holds low + (high - low) (1 - u)(1 - v), which along u + v = `at` is most where u = v."""
    axis = 3.0 * np.arange(-20, 21)
    steps = np.arange(-20, 21)
    dose = np.where(steps[None, :, None] + steps[None, None, :] + 0 * steps[:, None, None] <= 0, 66.0, 30.0)
    corner = np.array([[at * 1.5 - 1.0, at * 1.5 + 1.0], [at * 1.5 + 1.0, at * 1.5 - 1.0]])
    shape = np.concatenate([corner, corner[::-1] + 10])
    solid = stacked(lambda z: np.column_stack([shape, np.full(4, z)]), HEIGHTS)
    made = plan(solid, DoseGrid(axis, axis, axis, dose))
    found = spot_of(made, solid)
    assert found.at_mm[:2] == pytest.approx((at * 1.5, at * 1.5), abs=1e-6)
    assert found.dose_gy == pytest.approx(30 + 36 * (1 - at / 2) ** 2, abs=1e-6)


@given(
    seed=st.integers(0, 2**32 - 1),
    radius=st.floats(3.0, 20.0),
    hottest=st.booleans(),
    caps=st.sampled_from(["half", "none"]),
)
def test_it_has_the_dose_of_the_extreme_of_the_dvh(seed, radius, hottest, caps):
    random = np.random.default_rng(seed)
    axis = 2.5 * np.arange(-12, 13)
    made = plan(
        stacked(lambda z: circle(np.sqrt(max(radius**2 - z**2, 4.0)), z, points=12), HEIGHTS),
        DoseGrid(axis, axis, axis, random.uniform(20, 70, (25, 25, 25))),
    )
    dvh = compute_dvh(made, 1, end_caps=caps)
    found = spot_of(made, made.structures[0], hottest=hottest, end_caps=caps)
    assert found.dose_gy == pytest.approx(dvh.maximum_gy if hottest else dvh.minimum_gy, abs=EXACT)
    field = trilinear(made.dose, found.at_mm)
    assert field == pytest.approx(found.dose_gy, abs=1e-6)


def trilinear(dose, at_mm):
    """The field at one point, straight from its definition."""
    (i, u), (j, v), (k, w) = (
        (index := min(int(np.searchsorted(axis, at, side="right")) - 1, axis.size - 2), (at - axis[index]) / 2.5)
        for axis, at in zip(dose.axes_mm, at_mm, strict=True)
    )
    cell = dose.dose_gy[k : k + 2, j : j + 2, i : i + 2]
    return np.einsum("kji,k,j,i", cell, [1 - w, w], [1 - v, v], [1 - u, u])


def test_nothing_in_the_grid_has_no_place():
    away = stacked(lambda z: square(10.0, z, cx=500.0), HEIGHTS)
    made = plan(away, grid(lambda x, _y, _z: 30 + 0 * x))
    assert spot_of(made, away) is None


def test_what_lies_outside_of_the_grid_is_not_taken_for_cold():
    half_out = stacked(lambda z: square(10.0, z, cx=28.0), HEIGHTS)
    made = plan(half_out, grid(lambda x, _y, _z: 40 + 0.1 * x))
    assert spot_of(made, half_out, hottest=False).at_mm[0] == pytest.approx(18.0)
    assert spot_of(made, half_out).at_mm[0] == pytest.approx(30.0)
