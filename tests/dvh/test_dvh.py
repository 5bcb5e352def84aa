"""DVHs of solids whose answers are known in closed form, and the properties that every DVH has."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardcheck.dvh import compute_dvh
from hardcheck.errors import UsageError
from hardcheck.metric import Kind, Metric
from hardcheck.plan import DoseGrid, Plan, Structure
from tests.dvh.solids import circle, grid, plan, square, stacked, structure, uniform

BOX = stacked(lambda z: square(10, z), np.arange(-10, 10.1, 2))  # 20 x 20 x 22 mm with end caps
BALL = stacked(lambda z: circle(math.sqrt(max(144 - z * z, 0)), z), np.arange(-11.5, 11.6, 1.0))


@pytest.mark.parametrize("dose_gy", [0.0, 2.1, 66.0, 70.62])
def test_a_uniform_dose_is_that_dose_in_every_metric(dose_gy):
    dvh = compute_dvh(plan(BALL, grid(uniform(dose_gy))), 1)
    for metric in (
        "D95%[Gy]",
        "D2%[Gy]",
        "D0.03cc[Gy]",
        "DC0.03cc[Gy]",
        "Mean[Gy]",
        "Max[Gy]",
        "Min[Gy]",
        "Median[Gy]",
    ):
        quantity = dvh.metric(metric)
        assert (quantity.low, quantity.value, quantity.high) == (dose_gy, dose_gy, dose_gy)
    assert dvh.metric(f"V{dose_gy}Gy[%]").value == 100
    assert dvh.metric(f"V{dose_gy + 0.001:.3f}Gy[%]").value == 0
    assert dvh.metric(f"CV{dose_gy}Gy[cc]").value == 0


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_linear_dose_over_a_box(axis):
    dose = grid(lambda *p: 20 + 0.5 * p[axis])
    dvh = compute_dvh(plan(BOX, dose), 1)
    half = 11.0 if axis == 2 else 10.0
    for percent in (2, 5, 50, 95, 98):
        exact = 20 + 0.5 * half * (1 - 2 * percent / 100)
        assert dvh.metric(f"D{percent}%[Gy]").value == pytest.approx(exact, abs=0.005)
    assert dvh.mean_gy == pytest.approx(20, abs=0.001)
    assert dvh.maximum_gy == pytest.approx(20 + 0.5 * half, abs=1e-9)
    assert dvh.minimum_gy == pytest.approx(20 - 0.5 * half, abs=1e-9)
    assert dvh.metric("V20Gy[%]").value == pytest.approx(50, abs=0.05)
    assert dvh.metric("CV20Gy[cc]").value == pytest.approx(4.4, abs=0.005)


@pytest.mark.parametrize("slopes", [(0.5, 0.3, 0.0), (-0.5, 0.3, 0.2), (0.4, -0.4, -0.1), (-0.2, -0.6, 0.5)])
def test_the_extremes_of_a_box_in_an_oblique_dose_are_at_its_corners(slopes):
    dose = grid(lambda *p: 40 + sum(s * c for s, c in zip(slopes, p, strict=True)))
    reach = 10 * abs(slopes[0]) + 10 * abs(slopes[1]) + 11 * abs(slopes[2])
    for winding in (1, -1):
        dvh = compute_dvh(plan(stacked(lambda z, w=winding: square(10, z)[::w], np.arange(-10, 10.1, 2)), dose), 1)
        assert dvh.maximum_gy == pytest.approx(40 + reach, abs=1e-9)
        assert dvh.minimum_gy == pytest.approx(40 - reach, abs=1e-9)


def test_the_volume_of_a_ball_and_its_interval():
    dvh = compute_dvh(plan(BALL, grid(uniform(1.0))), 1)
    assert dvh.volume.value == pytest.approx(4 / 3 * math.pi * 1.728, rel=2e-3)


def test_a_plateau_is_a_jump_of_the_curve():
    """Half of the box in 60 Gy, half in 20 Gy, over one cell of the grid."""
    dvh = compute_dvh(plan(BOX, grid(lambda x, _y, _z: np.where(x > 0, 60.0, 20.0))), 1)
    assert dvh.metric("V60Gy[%]").value == pytest.approx(37.5, abs=0.01)  # x from 2.5 to 10 of 20 mm
    assert dvh.metric("V20.001Gy[%]").value == pytest.approx(50, abs=0.01)
    assert dvh.metric("V20Gy[%]").value == 100
    assert dvh.metric("D30%[Gy]").value == 60
    assert dvh.metric("D45%[Gy]").value == pytest.approx(36, abs=0.05)
    assert dvh.metric("D80%[Gy]").value == 20


def test_end_caps_of_both_kinds_lie_in_the_interval():
    dose = grid(lambda _x, _y, z: 30 + z)
    for caps, other in (("half", "none"), ("none", "half")):
        mine = compute_dvh(plan(BALL, dose), 1, end_caps=caps)
        theirs = compute_dvh(plan(BALL, dose), 1, end_caps=other)
        for metric in ("Volume[cc]", "D98%[Gy]", "D0.03cc[Gy]", "V35Gy[cc]"):
            assert mine.metric(metric).low <= theirs.metric(metric).value <= mine.metric(metric).high


class TestOutsideOfTheGrid:
    """Half of the box leaves the grid, where the dose is unknown: never 0 Gy, never met without knowing."""

    @pytest.fixture
    def dvh(self):
        axis = np.arange(-30, 0.1, 2.5)
        wide = np.arange(-30, 30.1, 2.5)
        return compute_dvh(Plan((BOX,), DoseGrid(axis, wide, wide, np.full((25, 25, 13), 30.0))), 1)

    def test_the_share_inside_is_known(self, dvh):
        assert dvh.in_grid_fraction == pytest.approx(0.5, abs=1e-9)
        assert dvh.volume.value == pytest.approx(8.8, rel=1e-9)
        assert any("outside of the dose grid" in c for c in dvh.caveats)

    @pytest.mark.parametrize(
        ("metric", "low", "value", "high"),
        [
            ("Max[Gy]", 30, 30, math.inf),
            ("Min[Gy]", 0, 30, 30),
            ("Mean[Gy]", 15, 30, math.inf),
            ("D95%[Gy]", 0, 30, 30),
            ("D40%[Gy]", 30, 30, math.inf),
            ("D0.03cc[Gy]", 30, 30, math.inf),
            ("DC0.03cc[Gy]", 0, 30, 30),
            ("DC60%[Gy]", 30, 30, math.inf),
            ("V20Gy[%]", 50, 100, 100),
            ("V20Gy[cc]", 4.4, 4.4, 8.8),
            ("V40Gy[%]", 0, 0, 50),
            ("CV40Gy[cc]", 4.4, 4.4, 8.8),
        ],
    )
    def test_what_is_outside_bounds_every_value(self, dvh, metric, low, value, high):
        quantity = dvh.metric(metric)
        assert quantity.value == pytest.approx(value, rel=1e-6)
        # The volume without end caps widens volumes in cc; a bound may only be wider than stated here.
        assert quantity.low == pytest.approx(low, rel=0.1, abs=1e-6)
        assert quantity.high == pytest.approx(high, rel=0.1, abs=1e-6)

    def test_wholly_outside_is_a_reason(self):
        far = Structure.from_contours(1, "Far", [square(5, z, cx=500) for z in (0, 2, 4)])
        assert "outside of the dose grid" in compute_dvh(plan(far, grid(uniform(1.0))), 1).reason


class TestAnEndCapInTheGrid:
    """Planes from 0.5 mm above a grid that ends at 0 mm: 0.5 of 20 mm have a dose, and none without end caps."""

    @pytest.fixture
    def above(self):
        axis, below = np.arange(-30, 30.1, 2.5), np.arange(-30, 0.1, 2.5)
        dose = DoseGrid(axis, axis, below, np.full((13, 25, 25), 30.0))
        return Plan((stacked(lambda z: square(10, z), np.arange(0.5, 20.1, 2)),), dose)

    @pytest.mark.parametrize(
        ("metric", "value", "most"), [("V20Gy[%]", 100, 100), ("CV20Gy[cc]", 0, 8), ("Mean[Gy]", 30, math.inf)]
    )
    def test_any_dose_may_be_in_the_rest(self, above, metric, value, most):
        quantity = compute_dvh(above, 1).metric(metric)
        assert quantity.value == pytest.approx(value)
        assert quantity.low == 0
        assert quantity.high >= most * 0.95

    @pytest.mark.parametrize("metric", ["V20Gy[%]", "V20Gy[cc]", "Mean[Gy]", "D95%[Gy]", "gEUD(a=8)[Gy]", "Max[Gy]"])
    def test_without_end_caps_no_dose_is_known(self, above, metric):
        quantity = compute_dvh(above, 1, end_caps="none").metric(metric)
        assert quantity.value is None
        assert "outside of the dose grid" in quantity.reason


def test_more_volume_than_there_is_has_no_dose():
    small = stacked(lambda z: square(1, z), [0.0, 1.0, 2.0])
    quantity = compute_dvh(plan(small, grid(uniform(5.0))), 1).metric("D0.03cc[Gy]")
    assert quantity.value is None
    assert "more than the structure" in quantity.reason


def test_a_large_share_of_a_small_structure_is_said():
    small = stacked(lambda z: square(2, z), [0.0, 1.0, 2.0])
    assert any("%" in c for c in compute_dvh(plan(small, grid(uniform(5.0))), 1).metric("D0.03cc[Gy]").caveats)


def test_percent_of_a_level():
    dvh = compute_dvh(plan(BOX, grid(uniform(60.0))), 1)
    assert dvh.metric("D95%[%]", 50.0).value == pytest.approx(120)
    assert dvh.metric("V100%[%]", 60.0).value == 100
    assert "level" in dvh.metric("D95%[%]").reason
    assert "level" in dvh.metric("V100%[%]").reason


@pytest.mark.parametrize("metric", ["CI_RTOG[]", "R50[]", "HI_ICRU[]", "PVDR[]", "D2cm[Gy]", "D2cm[%]"])
def test_a_histogram_alone_tells_no_index(metric):
    found = compute_dvh(plan(BOX, grid(uniform(1.0))), 1).metric(metric, 1.0)
    assert found.value is None
    assert "own histogram" in found.reason


def test_the_stored_step_of_the_dose_is_in_the_interval():
    quantity = compute_dvh(plan(BOX, grid(uniform(46.0), quantum_gy=0.01)), 1).metric("Max[Gy]")
    assert quantity.low <= 46 - 0.005 < 46 + 0.005 <= quantity.high


def test_structures_are_found_by_name_or_number_and_never_by_place():
    two = Plan((BOX, Structure.from_contours(2, "Solid", [square(5, 0), square(5, 2)])), grid(uniform(1.0)))
    assert compute_dvh(two, 2).structure.number == 2
    with pytest.raises(UsageError, match="2 structures are named 'Solid'"):
        compute_dvh(two, "Solid")
    with pytest.raises(UsageError, match="there is no structure 'Liver'"):
        compute_dvh(two, "Liver")
    with pytest.raises(UsageError, match="end caps"):
        compute_dvh(two, 2, end_caps="full")


slope = st.floats(-1, 1, allow_subnormal=False)
fields = st.tuples(slope, slope, slope, st.floats(0.0, 0.01, allow_subnormal=False))


@settings(max_examples=20, deadline=None)
@given(fields, st.floats(-3, 3), st.floats(-3, 3), st.floats(3, 9))
def test_properties_of_every_dvh(slopes, cx, cy, radius):
    gx, gy, gz, bend = slopes
    dose = grid(lambda x, y, z: 120 + gx * x + gy * y + gz * z - bend * (x * x + y * y))
    solid = structure(*(circle(radius, z, cx=cx, cy=cy, points=40) for z in np.arange(-6, 6.1, 3)))
    dvh = compute_dvh(plan(solid, dose), 1)
    doses = np.linspace(max(dvh.minimum_gy - 1, 0), dvh.maximum_gy + 1, 60)
    volumes = np.array([dvh.metric(f"V{d:.6f}Gy[cc]").value for d in doses])
    assert np.all(np.diff(volumes) <= 1e-12)
    assert volumes[0] == pytest.approx(dvh.volume.value, rel=1e-9)
    assert volumes[-1] == 0
    for percent in (1, 20, 50, 80, 99):
        at = dvh.metric(f"D{percent}%[Gy]").value
        assert dvh.minimum_gy <= at <= dvh.maximum_gy
        back = dvh.metric(f"V{at - 1e-6:.6f}Gy[%]").value
        assert back >= percent - 0.02
        cold = dvh.metric(f"DC{100 - percent}%[Gy]").value
        assert cold == pytest.approx(at, abs=0.01)
    twice = compute_dvh(plan(solid, DoseGrid(dose.x_mm, dose.y_mm, dose.z_mm, 2 * dose.dose_gy)), 1)
    for metric in ("D5%[Gy]", "D95%[Gy]", "Mean[Gy]", "Max[Gy]", "D0.03cc[Gy]"):
        assert twice.metric(metric).value == pytest.approx(2 * dvh.metric(metric).value, rel=1e-6)


BENT = grid(lambda x, y, z: 40 + 0.3 * x - 0.02 * y * y + 0.2 * z)
STEP = grid(lambda x, _y, _z: np.where(x > 0, 60.0, 20.0))
SHORT = DoseGrid(
    BENT.x_mm[: BENT.x_mm.size // 2 + 1], BENT.y_mm, BENT.z_mm, BENT.dose_gy[..., : BENT.x_mm.size // 2 + 1]
)


@pytest.mark.parametrize("solid", [BOX, BALL])
@pytest.mark.parametrize("dose", [BENT, STEP, SHORT, grid(uniform(66.0)), grid(uniform(0.0))])
def test_the_curve_with_its_interval_is_the_metrics(solid, dose):
    """Also where a dose jumps, at its extremes, and where half of the structure has none."""
    dvh = compute_dvh(plan(solid, dose), 1)
    ends = [each + off for each in (dvh.minimum_gy, dvh.maximum_gy) for off in (-1e-3, 0.0, 1e-3)]
    doses = np.array([d for d in (*np.linspace(0, 1.2 * dvh.maximum_gy + 1, 50), *ends) if d >= 0])
    for found, unit in zip(dvh.volumes(doses), ("%", "cc"), strict=True):
        for at, bounds in zip(doses, found.T, strict=True):
            wanted = dvh.metric(Metric(Kind.VOLUME_AT_DOSE, unit, float(at), "Gy"))
            # Sums of at most ten numbers in another order.
            assert bounds == pytest.approx((wanted.low, wanted.value, wanted.high), rel=1e-12, abs=1e-12)


def test_the_curve_of_what_has_no_dose_is_not_known():
    far = DoseGrid(BENT.x_mm + 500, BENT.y_mm, BENT.z_mm, BENT.dose_gy)
    assert compute_dvh(plan(BALL, far), 1).volumes(np.array([0.0, 1.0])) is None


def test_moving_plan_and_dose_together_changes_nothing():
    dose = grid(lambda x, y, z: 40 + 0.3 * x - 0.01 * y * y + 0.2 * z)
    by = np.array([123.4, -56.7, 890.1])
    moved = DoseGrid(dose.x_mm + by[0], dose.y_mm + by[1], dose.z_mm + by[2], dose.dose_gy)
    here = compute_dvh(plan(BALL, dose), 1)
    there = compute_dvh(plan(structure(*(c + by for c in BALL.contours())), moved), 1)
    for metric in ("Volume[cc]", "D5%[Gy]", "D95%[Gy]", "Mean[Gy]", "Max[Gy]", "D0.03cc[Gy]"):
        # The histogram is summed twice over 16384 bins: 16384**2 roundings of 1e-16 are 6e-8.
        assert there.metric(metric).value == pytest.approx(here.metric(metric).value, rel=6e-8)
