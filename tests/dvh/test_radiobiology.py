"""BED, EQD2 and gEUD of distributions and doses whose answers have a closed form."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.dvh import Dvh, compute_dvh
from hardcheck.dvh.distribution import Distribution
from hardcheck.metric import decimal_text
from hardcheck.plan import DoseGrid, FractionGroup, Plan, Prescription
from tests.dvh.solids import circle, grid, plan, square, stacked, uniform

BOX = stacked(lambda z: square(10, z), np.arange(-10, 10.1, 2))  # 20 x 20 x 22 mm with end caps
BALL = stacked(lambda z: circle(math.sqrt(max(144 - z * z, 0)), z), np.arange(-11.5, 11.6, 1.0))

# 3 cc spread from 10 to 30 Gy, 3 cc at 30 Gy, 2 cc spread from 30 to 50 Gy: a mean of 230 / 8 Gy.
STEPPED = Distribution(np.array([10.0, 30, 30, 50]), np.array([8.0, 5, 2, 0]), 230 / 8, 10.0, 50.0)
SQUARES = (3 * (100 + 300 + 900) / 3 + 3 * 900 + 2 * (900 + 1500 + 2500) / 3) / 8


def dvh_of(*distributions: Distribution, fractions: int | None = 10) -> Dvh:
    return Dvh(BOX, "by hand", distributions, fractions=fractions)


def of_course(made: Plan, fractions: int | None = 20) -> Plan:
    return replace(made, prescription=Prescription((), (FractionGroup(1, fractions),)))


def box_dvh(field, fractions: int | None = 20) -> Dvh:
    return compute_dvh(of_course(plan(BOX, grid(field)), fractions), 1)


def power_mean(low: float, high: float, a: float) -> float:
    """Of x^a for x spread evenly."""
    if a == -1:
        return math.log(high / low) / (high - low)
    return (high ** (a + 1) - low ** (a + 1)) / ((a + 1) * (high - low))


class TestByHand:
    @pytest.mark.parametrize(("effect", "denominator"), [("BED(ab=4)", 4), ("EQD2(ab=4)", 6)])
    def test_the_mean_effect_is_the_integral_of_the_effect(self, effect, denominator):
        """The mean of n d (1 + d / ab), d = D / n, is that of D and of D^2 / (n ab); EQD2 is 4 / 6 of it."""
        expected = (230 / 8 + SQUARES / (10 * 4)) * 4 / denominator
        assert dvh_of(STEPPED).metric(f"Mean {effect}[Gy]").value == pytest.approx(expected, rel=1e-12)

    @pytest.mark.parametrize("a", [-30, -3, -2, -1, -0.5, 0.5, 1, 2, 3, 8, 30])
    def test_geud_is_the_integral_of_a_power(self, a):
        mean = (3 * power_mean(10, 30, a) + 3 * 30.0**a + 2 * power_mean(30, 50, a)) / 8
        found = dvh_of(STEPPED).metric(f"gEUD(a={decimal_text(a)})[Gy]")
        assert found.value == pytest.approx(mean ** (1 / a), rel=1e-12)
        assert found.low == found.value == found.high

    def test_geud_in_percent_of_a_level(self):
        assert dvh_of(STEPPED).metric("gEUD(a=1)[%]", 57.5).value == pytest.approx(50)
        assert "level" in dvh_of(STEPPED).metric("gEUD(a=8)[%]").reason

    @pytest.mark.parametrize(("a", "end"), [("999999", 50), ("-999999", 10)])
    def test_large_powers_come_near_the_extremes(self, a, end):
        # The outermost dose holds less than 1 cc per Gy: (1e-6)^(1/a) is 1 to 2e-5.
        assert dvh_of(STEPPED).metric(f"gEUD(a={a})[Gy]").value == pytest.approx(end, rel=2e-5)

    def test_geud_of_an_effect_is_of_the_effect_at_each_dose(self):
        """Half of the volume at 10 Gy, half at 20 Gy, in 10 fractions: BED (ab 10) of 11 and 24 Gy."""
        halves = Distribution(np.array([10.0, 10, 20, 20]), np.array([2.0, 1, 1, 0]), 15.0, 10.0, 20.0)
        found = dvh_of(halves).metric("gEUD(a=2) BED(ab=10)[Gy]").value
        assert found == pytest.approx(math.sqrt((11**2 + 24**2) / 2), rel=1e-12)

    @pytest.mark.parametrize("a", ["-0.5", "-1", "-10"])
    def test_a_cold_part_leaves_no_geud_of_a_target(self, a):
        cold = Distribution(np.array([0.0, 0, 60, 60]), np.array([2.0, 1.9, 1.9, 0]), 57.0, 0.0, 60.0)
        assert dvh_of(cold).metric(f"gEUD(a={a})[Gy]").value == 0.0

    def test_a_dose_that_only_touches_0_counts_with_its_integral(self):
        """Spread from 0 to 60 Gy: the mean of D^-0.5 is 2 / sqrt(60), that of 1 / D is infinite."""
        spread = Distribution(np.array([0.0, 60]), np.array([2.0, 0]), 30.0, 0.0, 60.0)
        assert dvh_of(spread).metric("gEUD(a=-0.5)[Gy]").value == pytest.approx(15.0, rel=1e-12)
        assert dvh_of(spread).metric("gEUD(a=-1)[Gy]").value == 0.0

    def test_no_dose_at_all(self):
        nothing = Distribution(np.array([0.0, 0]), np.array([2.0, 0]), 0.0, 0.0, 0.0)
        for text in ("gEUD(a=8)[Gy]", "gEUD(a=-8)[Gy]", "Mean EQD2(ab=3)[Gy]", "D5% BED(ab=3)[Gy]"):
            assert dvh_of(nothing).metric(text).value == 0.0

    def test_doses_between_the_edges_of_a_step_are_not_spread_beyond_the_extremes(self):
        """A histogram of one step from 10 to 30 Gy of which only 19 to 21 Gy are there."""
        coarse = Distribution(np.array([10.0, 30]), np.array([1.0, 0]), 20.0, 19.0, 21.0)
        assert dvh_of(coarse).metric("gEUD(a=-999999)[Gy]").value >= 19
        assert dvh_of(coarse).metric("Mean BED(ab=10)[Gy]").value == pytest.approx(20 + (400 + 4 / 12) / 100)

    def test_all_models_are_in_the_interval(self):
        other = Distribution(np.array([20.0, 20]), np.array([8.0, 0]), 20.0, 20.0, 20.0)
        found = dvh_of(STEPPED, other).metric("gEUD(a=3)[Gy]")
        assert (found.low, found.high) == (pytest.approx(20), found.value)


class TestFromDoseGrids:
    """15 to 25 Gy spread evenly over a box, in 20 fractions: with ab = 3, EQD2 is D (D + 60) / 100."""

    @pytest.fixture
    def dvh(self):
        return box_dvh(lambda x, _y, _z: 20 + 0.5 * x)

    @pytest.mark.parametrize(
        ("metric", "exact"),
        [
            ("D5% EQD2(ab=3)[Gy]", 24.5 * 84.5 / 100),
            ("D95% EQD2(ab=3)[Gy]", 15.5 * 75.5 / 100),
            ("DC5% EQD2(ab=3)[Gy]", 15.5 * 75.5 / 100),
            ("Median EQD2(ab=3)[Gy]", 16.0),
            ("Max EQD2(ab=3)[Gy]", 25 * 85 / 100),
            ("Min EQD2(ab=3)[Gy]", 15 * 75 / 100),
            ("Mean EQD2(ab=3)[Gy]", 16 + 100 / 12 / 100),
            ("Mean BED(ab=10)[Gy]", 20 + (400 + 100 / 12) / 200),
            ("gEUD(a=2)[Gy]", math.sqrt(400 + 100 / 12)),
        ],
    )
    def test_doses(self, dvh, metric, exact):
        # 4096 steps and the sampling: 0.005 Gy of physical dose, as for the physical metrics, at most twice in effect.
        found = dvh.metric(metric)
        assert found.value == pytest.approx(exact, abs=0.01)
        assert found.low <= exact <= found.high

    @pytest.mark.parametrize(("metric", "exact"), [("V16Gy EQD2(ab=3)[%]", 50), ("CV16Gy EQD2(ab=3)[cc]", 4.4)])
    def test_volumes(self, dvh, metric, exact):
        found = dvh.metric(metric)
        assert found.value == pytest.approx(exact, abs=0.05)
        assert found.low <= exact <= found.high

    def test_the_volume_at_an_effect_is_that_at_its_dose(self):
        """The heart of the Miyakojima series: V30Gy in EQD2 with ab = 3 is V32.45Gy in 20 fractions."""
        wide = box_dvh(lambda x, _y, _z: 32 + 0.5 * x)
        converted, physical = (wide.metric(text) for text in ("V30Gy EQD2(ab=3)[%]", "V32.45Gy[%]"))
        # 32.45 is rounded by less than 0.005 Gy, of 10 Gy over the box.
        assert converted.value == pytest.approx(physical.value, abs=0.05)
        assert converted.value == pytest.approx(100 * (37 - 32.45) / 10, abs=0.1)

    def test_grids_that_are_converted_first_read_a_little_more(self, dvh):
        """Between two voxels 1.25 Gy apart, a straight line of the effect lies up to bend h^2 / 4 above the parabola,
        and bend h^2 / 6 on average, with a bend of 1 / (n (2 + ab))."""
        converted = grid(lambda x, _y, _z: (20 + 0.5 * x) * (80 + 0.5 * x) / 100)
        before = compute_dvh(of_course(plan(BOX, converted)), 1)
        more = before.mean_gy - dvh.metric("Mean EQD2(ab=3)[Gy]").value
        assert more == pytest.approx(1.25**2 / 100 / 6, abs=0.0005)

    @pytest.mark.parametrize("dose_gy", [0.0, 2.1, 66.0, 70.62])
    def test_a_uniform_dose_has_one_effect(self, dose_gy):
        dvh = compute_dvh(of_course(plan(BALL, grid(uniform(dose_gy)))), 1)
        effect = dose_gy * (dose_gy / 20 + 3) / 5
        for metric in ("D95%", "D0.03cc", "DC0.03cc", "Mean", "Max", "Min", "Median", "gEUD(a=8)", "gEUD(a=-8)"):
            found = dvh.metric(f"{metric} EQD2(ab=3)[Gy]")
            assert found.value == pytest.approx(effect, rel=1e-12)
            assert found.low == found.value == found.high
        for a in (-50, -1, 0.5, 50):
            found = dvh.metric(f"gEUD(a={a})[Gy]")
            assert (found.low, found.value, found.high) == (dose_gy, dose_gy, dose_gy)

    def test_two_plateaus_and_the_slope_between_them(self):
        """60 Gy in 37.5 % of the box, 20 Gy in 50 %, and one cell of the grid between them."""
        dvh = box_dvh(lambda x, _y, _z: np.where(x > 0, 60.0, 20.0))
        for a in (-10, -1, 3, 20):
            mean = 0.375 * 60.0**a + 0.5 * 20.0**a + 0.125 * power_mean(20, 60, a)
            assert dvh.metric(f"gEUD(a={a})[Gy]").value == pytest.approx(mean ** (1 / a), rel=1e-4)
        expected = 0.375 * 60 * 6 / 5 + 0.5 * 20 * 4 / 5 + 0.125 * (3 / 5 * 40 + (1600 + 1600 / 12) / 100)
        assert dvh.metric("Mean EQD2(ab=3)[Gy]").value == pytest.approx(expected, rel=1e-4)


class TestIntervals:
    def test_the_stored_step_of_the_dose(self):
        dvh = compute_dvh(of_course(plan(BOX, grid(uniform(20.0), quantum_gy=0.5))), 1)
        for metric in ("D50%", "Mean", "Max", "gEUD(a=8)"):
            found = dvh.metric(f"{metric} EQD2(ab=3)[Gy]")
            assert found.low == pytest.approx(19.75 * 79.75 / 100)
            assert found.high == pytest.approx(20.25 * 80.25 / 100)

    def test_doses_near_0_have_no_bound_below_it(self):
        dvh = compute_dvh(of_course(plan(BOX, grid(uniform(0.1), quantum_gy=0.5))), 1)
        for text in ("Mean EQD2(ab=3)[Gy]", "gEUD(a=-3)[Gy]", "D50% BED(ab=3)[Gy]"):
            assert dvh.metric(text).low == 0.0

    @pytest.mark.parametrize(
        ("metric", "low", "value", "high"),
        [
            # Half of the box has no known dose; 30 Gy in 20 fractions are 27 Gy of EQD2.
            ("Mean EQD2(ab=3)[Gy]", 13.5, 27, math.inf),
            ("Max EQD2(ab=3)[Gy]", 27, 27, math.inf),
            ("D95% EQD2(ab=3)[Gy]", 0, 27, 27),
            ("V20Gy EQD2(ab=3)[%]", 50, 100, 100),
            ("V40Gy EQD2(ab=3)[%]", 0, 0, 50),
            ("gEUD(a=2)[Gy]", 30 / math.sqrt(2), 30, math.inf),
            ("gEUD(a=-2)[Gy]", 0, 30, 30 * math.sqrt(2)),
        ],
    )
    def test_what_is_outside_of_the_grid(self, metric, low, value, high):
        axis, wide = np.arange(-30, 0.1, 2.5), np.arange(-30, 30.1, 2.5)
        dose = DoseGrid(axis, wide, wide, np.full((25, 25, 13), 30.0))
        found = compute_dvh(of_course(Plan((BOX,), dose)), 1).metric(metric)
        assert found.value == pytest.approx(value, rel=1e-6)
        # Volumes without end caps and sampling widen the bounds; a bound may only be wider than stated here.
        assert found.low == pytest.approx(low, rel=0.1, abs=1e-6)
        assert found.high == pytest.approx(high, rel=0.1, abs=1e-6)

    def test_geud_of_the_ball_in_a_slope_holds_the_exact_one(self):
        """A ball of radius 12 mm, dose 40 + z: sections of pi (144 - z^2)."""
        dvh = compute_dvh(of_course(plan(BALL, grid(lambda _x, _y, z: 40 + z))), 1)
        z = (np.arange(200_000) + 0.5) / 200_000 * 24 - 12
        weight = (144 - z**2) / np.sum(144 - z**2)
        for a in (-20, -1, 2, 20):
            exact = float(np.sum(weight * (40 + z) ** a) ** (1 / a))
            found = dvh.metric(f"gEUD(a={a})[Gy]")
            assert found.low <= exact <= found.high
            assert found.value == pytest.approx(exact, abs=0.05)


class TestUnknown:
    @pytest.mark.parametrize("fractions", [None, 0])
    def test_without_fractions_there_is_no_effect(self, fractions):
        dvh = box_dvh(uniform(20.0), fractions)
        for text in ("Mean EQD2(ab=3)[Gy]", "V20Gy BED(ab=3)[cc]", "gEUD(a=8) EQD2(ab=3)[Gy]", "D2% BED(ab=3)[Gy]"):
            assert dvh.metric(text).value is None
            assert "number of fractions" in dvh.metric(text).reason
        assert dvh.metric("gEUD(a=8)[Gy]").value == pytest.approx(20)

    def test_without_a_prescription_too(self):
        assert "fractions" in compute_dvh(plan(BOX, grid(uniform(2.0))), 1).metric("Mean EQD2(ab=3)[Gy]").reason

    @pytest.mark.parametrize(
        "text", ["Mean EQD2(ab=3)[Gy]", "D2% BED(ab=3)[Gy]", "V5Gy EQD2(ab=3)[%]", "gEUD(a=8)[Gy]"]
    )
    def test_a_negative_dose_has_none(self, text):
        found = box_dvh(lambda x, _y, _z: 4 + 0.5 * x).metric(text)
        assert found.value is None
        assert "-1 Gy" in found.reason

    def test_more_volume_than_there_is_has_no_dose(self):
        assert "more than the structure" in box_dvh(uniform(2.0)).metric("D99cc EQD2(ab=3)[Gy]").reason


@pytest.mark.parametrize(
    ("fractions", "metric", "said"),
    [
        (2, "D50% EQD2(ab=3)[Gy]", "15 Gy per fraction"),
        (2, "Mean EQD2(ab=3)[Gy]", "15 Gy per fraction"),
        (2, "gEUD(a=8) BED(ab=3)[Gy]", "15 Gy per fraction"),
        (3, "D50% EQD2(ab=3)[Gy]", None),
        (2, "D50%[Gy]", None),
        # 20 Gy in 2 fractions are 20 (10 + 3) / 5 = 52 Gy
        (2, "V52Gy EQD2(ab=3)[%]", None),
        (2, "V53Gy EQD2(ab=3)[%]", "10.1 Gy per fraction"),
    ],
)
def test_above_10_gy_per_fraction_it_is_said_that_the_model_is_extrapolated(fractions, metric, said):
    found = box_dvh(uniform(30.0), fractions).metric(metric)
    assert found.value is not None
    caveats = [c for c in found.caveats if "extrapolated" in c]
    assert len(caveats) == (0 if said is None else 1)
    assert all(c.startswith(said) for c in caveats)


knots = st.lists(st.tuples(st.floats(0.1, 80), st.floats(0.01, 5)), min_size=2, max_size=6)
powers = st.floats(-40, 40).filter(lambda a: abs(a) > 0.01).map(lambda a: round(a, 3))


def spread(steps) -> Distribution:
    """Doses that rise, and the volume between each two."""
    dose = np.sort([dose for dose, _ in steps])
    part = np.array([volume for _, volume in steps])[:-1]
    volume = np.append(np.cumsum(part[::-1])[::-1], 0.0)
    mean = float(np.sum(part * (dose[:-1] + dose[1:]) / 2) / part.sum())
    return Distribution(dose, volume, mean, float(dose[0]), float(dose[-1]))


@given(knots, powers, powers)
def test_geud_lies_between_the_extremes_and_rises_with_its_power(steps, one, other):
    low, high = (dvh_of(spread(steps)).metric(f"gEUD(a={decimal_text(a)})[Gy]").value for a in sorted((one, other)))
    assert spread(steps).minimum_gy <= low <= high * (1 + 1e-9) <= spread(steps).maximum_gy * (1 + 2e-9)


@given(knots, powers)
def test_geud_of_twice_the_dose_is_twice_geud(steps, a):
    text = f"gEUD(a={decimal_text(a)})[Gy]"
    twice = spread([(2 * dose, volume) for dose, volume in steps])
    assert dvh_of(twice).metric(text).value == pytest.approx(2 * dvh_of(spread(steps)).metric(text).value, rel=1e-9)


@given(knots, st.floats(0.5, 20).map(lambda ab: round(ab, 2)), st.sampled_from(("EQD2", "BED")))
def test_the_mean_effect_is_more_than_that_of_the_mean_and_no_more_than_that_of_the_maximum(steps, ab, effect):
    dvh, suffix = dvh_of(spread(steps)), f"{effect}(ab={decimal_text(ab)})[Gy]"
    mean, top = (dvh.metric(f"{kind} {suffix}").value for kind in ("Mean", "Max"))
    even = Distribution(np.full(2, dvh.mean_gy), np.array([1.0, 0.0]), dvh.mean_gy, dvh.mean_gy, dvh.mean_gy)
    of_mean = dvh_of(even).metric(f"Mean {suffix}").value
    assert of_mean * (1 - 1e-12) <= mean <= top * (1 + 1e-12)
