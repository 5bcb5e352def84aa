"""The outcome of one goal: met only where the whole interval meets the limit, and never by what is not known."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hardcheck.errors import UsageError
from hardcheck.evaluation import Outcome, evaluate
from hardcheck.phantom import Box, axis_mm, linear, sample
from hardcheck.plan import DoseGrid, Finding, ImageStack, Severity, Structure
from hardcheck.protocol import Op
from hardcheck.quantity import Quantity
from tests.evaluation.cases import GTV, ORGAN, PTV, box, course, dose, goal, held, plan, protocol, reference

MET, NOT_MET, MARGINAL = Outcome.MET, Outcome.NOT_MET, Outcome.MARGINAL
CUBE = box(1, "Organ")  # 8 cc; 7.2 cc without end caps


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("D0.03cc[Gy] <= 46 Gy", MET),
        ("D0.03cc[Gy] < 46 Gy", NOT_MET),
        ("D0.03cc[Gy] >= 46 Gy", MET),
        ("D0.03cc[Gy] > 46 Gy", NOT_MET),
        ("Max[Gy] <= 46.01 Gy", MET),
        ("Max[Gy] <= 45.99 Gy", NOT_MET),
        ("Mean[Gy] < 46.01 Gy", MET),
        ("V46Gy[%] < 100 %", NOT_MET),
        ("V46Gy[%] <= 100 %", MET),
        ("V46.01Gy[%] <= 0 %", MET),
        ("V46.01Gy[%] < 0.01 %", MET),
        ("V46.01Gy[cc] > 0 cc", NOT_MET),
    ],
)
def test_a_value_exactly_on_the_limit(text, outcome):
    assert held(text, plan(CUBE, grid=dose(46.0))).outcome is outcome


@pytest.mark.parametrize(("percent", "outcome"), [(105, MET), (104.99, NOT_MET), (105.01, MET)])
def test_a_percentage_exactly_on_the_limit(percent, outcome):
    """69.3 Gy is 105 % of 66 Gy, though 69.3 * 100 / 66 need not be 105 in binary."""
    result = held(f"D0.03cc[%] <= {percent} %", plan(box(1, "GTV"), grid=dose(69.3)), wanted=GTV_ALONE)
    assert result.outcome is outcome


GTV_ALONE = replace(GTV, name="Tumour", aliases=("GTV",))


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("D0.03cc[Gy] <= 45.9 Gy", NOT_MET),
        ("D0.03cc[Gy] <= 45.96 Gy", MARGINAL),
        ("D0.03cc[Gy] <= 46 Gy", MARGINAL),
        ("D0.03cc[Gy] <= 46.04 Gy", MARGINAL),
        ("D0.03cc[Gy] <= 46.1 Gy", MET),
        ("D0.03cc[Gy] > 45.96 Gy", MARGINAL),
        ("D0.03cc[Gy] > 45.9 Gy", MET),
        ("D0.03cc[Gy] >= 46.1 Gy", NOT_MET),
    ],
)
def test_a_limit_inside_of_the_interval_is_marginal(text, outcome):
    """A dose stored in steps of 0.1 Gy is known to 0.05 Gy either way."""
    result = held(text, plan(CUBE, grid=dose(46.0, quantum_gy=0.1)))
    assert result.outcome is outcome
    assert (result.reason is not None) == (outcome is MARGINAL)


@pytest.mark.parametrize(("limit_cc", "outcome"), [(7.1, NOT_MET), (7.6, MARGINAL), (8.4, MARGINAL), (8.9, MET)])
@pytest.mark.parametrize("end_caps", ["half", "none"])
def test_both_end_cap_conventions_lie_in_the_interval(limit_cc, outcome, end_caps):
    """7.2 cc without end caps, 8 cc with half a slice, 8.8 cc with a whole one."""
    assert held(f"V10Gy[cc] < {limit_cc} cc", plan(CUBE), end_caps=end_caps).outcome is outcome


class TestWhatIsOutsideOfTheGrid:
    """Half of the organ lies outside of the dose grid, the rest in 30 Gy: met only if met whatever the dose there."""

    @pytest.mark.parametrize(
        ("text", "outcome"),
        [
            ("Max[Gy] <= 70 Gy", MARGINAL),
            ("Max[Gy] <= 29 Gy", NOT_MET),
            ("D0.03cc[Gy] <= 46 Gy", MARGINAL),
            ("DC0.03cc[Gy] > 10 Gy", MARGINAL),
            ("DC0.03cc[Gy] > 31 Gy", NOT_MET),
            ("Mean[Gy] < 40 Gy", MARGINAL),
            ("Mean[Gy] < 14 Gy", NOT_MET),
            ("V20Gy[%] > 40 %", MET),
            ("V20Gy[%] > 60 %", MARGINAL),
            ("V20Gy[%] < 40 %", NOT_MET),
            ("V40Gy[%] < 40 %", MARGINAL),
            ("V40Gy[%] < 60 %", MET),
            ("V20Gy[cc] < 9 cc", MET),
            ("V20Gy[cc] < 6 cc", MARGINAL),
            ("V20Gy[cc] < 3 cc", NOT_MET),
        ],
    )
    def test_bounds_decide(self, text, outcome):
        half, wide = np.arange(-30, 0.1, 2.5), np.arange(-30, 30.1, 2.5)
        grid = DoseGrid(half, wide, wide, np.full((wide.size, wide.size, half.size), 30.0))
        assert held(text, plan(CUBE, grid=grid)).outcome is outcome


class TestRelativeToAVolume:
    """At least 1500 of 2400 cc shall stay below 18 Gy. Without end caps there are 2200 cc."""

    @pytest.mark.parametrize(
        ("at_origin_gy", "receiving_cc", "outcome"),
        [
            (10, 240, MET),  # 18 Gy at x = 80 of -100 to 100 mm: 2160 cc are spared, 1980 without caps
            (15, 840, MARGINAL),  # at x = 30: 1560 cc, 1430 without caps
            (18, 1200, NOT_MET),  # at x = 0: 1200 cc, 1100 without caps
        ],
    )
    def test_a_critical_volume(self, at_origin_gy, receiving_cc, outcome):
        heights = axis_mm(-55, 55, 10)
        lungs = Structure.from_contours(1, "Lungs", Box((200, 100, 120)).contours(heights))
        grid = sample(linear(at_origin_gy, (0.1, 0, 0)), *(axis_mm(-half, half, 10) for half in (110, 60, 70)))
        wanted = replace(ORGAN, name="Lungs")
        result = held("V18Gy[cc] < Volume(Lungs) - 1500 cc", plan(lungs, grid=grid), wanted=wanted)
        assert result.outcome is outcome
        assert result.limit == pytest.approx(900)
        assert result.quantity.value == pytest.approx(receiving_cc, abs=2400 / 1000)

    def test_value_and_limit_move_together(self):
        """4.8 of 8 cc, or 4.32 of 7.2 cc, receive 18 Gy; at most 3.52 of 8.8 cc are spared, though 4.32 < 8 - 3.6."""
        checked = plan(CUBE, grid=dose(linear(20, (1, 0, 0))))
        assert held("V18Gy[cc] < Volume(Organ) - 3.6 cc", checked).outcome is NOT_MET
        assert held("V18Gy[cc] < Volume(Organ) - 2.5 cc", checked).outcome is MET

    def test_a_dose_in_percent_of_the_level(self):
        """12 Gy is 18.18 % of 66 Gy; x of at least -8 of -10 to 10 mm receives it, so a tenth is spared."""
        checked = plan(box(1, "Tumour"), grid=dose(linear(20, (1, 0, 0))))
        wanted = replace(GTV, name="Tumour", aliases=())
        text = "V18.181818%[cc] < Volume(Tumour) -"
        assert held(f"{text} 0.5 cc", checked, wanted=wanted).outcome is MET
        assert held(f"{text} 1 cc", checked, wanted=wanted).outcome is NOT_MET

    def test_the_volume_that_is_spared_is_held_in_the_same_way(self):
        """CV > Volume - v is the same as V < v: 4.8 cc receive 18 Gy."""
        checked = plan(CUBE, grid=dose(linear(20, (1, 0, 0))))
        assert held("CV18Gy[cc] > Volume(Organ) - 5.5 cc", checked).outcome is MET
        assert held("CV18Gy[cc] > Volume(Organ) - 4 cc", checked).outcome is NOT_MET


class TestNeverANumber:
    """NaN is refused where values are made, fails every comparison, and unknown is never an answer."""

    @pytest.mark.parametrize("numbers", [(math.nan, 1, 2), (1, math.nan, 2), (1, 0, math.nan), (math.nan,) * 3])
    def test_a_quantity_refuses_it(self, numbers):
        with pytest.raises(ValueError, match="not a quantity"):
            Quantity(*numbers, "Gy")

    @pytest.mark.parametrize("numbers", [(math.inf, 0, math.inf), (3, 0, 2), (None, 0, 1)])
    def test_a_quantity_is_a_number_in_its_interval(self, numbers):
        with pytest.raises(ValueError, match=r"quantity|interval"):
            Quantity(*numbers, "Gy")

    def test_no_value_needs_a_reason(self):
        with pytest.raises(ValueError, match="reason"):
            Quantity(None, None, None, "Gy")

    @pytest.mark.parametrize("op", list(Op))
    def test_every_comparison_fails_it(self, op):
        assert op.against(1.0)(math.nan) is False
        assert op.against(math.nan)(1.0) is False
        assert Quantity.unknown("Gy", "not known").holds(op.against(1.0)) is None

    @pytest.mark.parametrize("given", [math.nan, math.inf, -math.inf])
    def test_a_level_refuses_it(self, given):
        with pytest.raises(UsageError, match="not allowed"):
            evaluate(plan(CUBE), protocol(goal("Max[Gy] <= 70 Gy")), levels={"LR": given})


FLAT = Structure.from_contours(1, "Organ", [[[0, 0, z], [9, 0, z], [3, 0, z]] for z in (1, 3, 5)])
SLANTED = Structure.from_contours(1, "Organ", [[[0, 0, 0], [9, 0, 9], [9, 9, 9], [0, 9, 0]]] * 3)


@pytest.mark.parametrize(
    ("organ", "text", "reason"),
    [
        (box(1, "Other"), "Max[Gy] <= 70 Gy", "not contoured"),
        (Structure.from_contours(1, "Organ", []), "Max[Gy] <= 70 Gy", "empty"),
        (Structure.from_contours(1, "Organ", [[[0, 0, 0]]], geometric_type="POINT"), "Max[Gy] <= 70 Gy", "POINT"),
        (replace(CUBE, geometric_types=("OPEN_PLANAR",) * 10), "Max[Gy] <= 70 Gy", "OPEN_PLANAR"),
        (FLAT, "Max[Gy] <= 70 Gy", "zero volume"),
        (SLANTED, "Max[Gy] <= 70 Gy", "not axial"),
        (box(1, "Organ", (20, 20, 2)), "Max[Gy] <= 70 Gy", "slice"),
        (box(1, "Organ", centre=(900, 0, 0)), "Max[Gy] <= 70 Gy", "outside of the dose grid"),
        (box(1, "Organ", (2, 2, 4)), "D0.03cc[Gy] <= 70 Gy", "more than the structure's volume"),
        (CUBE, "D0.03cc[%] <= 105 %", "not known"),
        (CUBE, "gEUD(a=8)[%] <= 70 %", "not known"),
    ],
)
def test_what_cannot_be_known_is_not_evaluated_and_says_why(organ, text, reason):
    result = held(text, plan(organ))
    assert result.outcome is Outcome.NOT_EVALUATED
    assert reason in result.reason
    assert result.quantity.value is None


def test_one_slice_has_the_thickness_of_the_image():
    single = box(1, "Organ", (20, 20, 2), (0, 0, 1))
    image = ImageStack(np.arange(-29, 30, 2.0))
    assert held("Max[Gy] <= 70 Gy", plan(single, image=image)).outcome is MET


def test_without_a_dose_nothing_is_evaluated():
    result = held("Max[Gy] <= 70 Gy", replace(plan(CUBE), dose=None))
    assert result.outcome is Outcome.NOT_EVALUATED
    assert "no dose" in result.reason


class TestStop:
    """A STOP leaves the goals that it touches without a value, whatever their numbers would say."""

    CHECKED = plan(CUBE, box(2, "GTV"))
    PROTOCOL = protocol(goal("Max[Gy] <= 70 Gy"), goal("V100%[%] >= 95 %", "GTV"))

    def outcomes(self, *findings):
        results = evaluate(replace(self.CHECKED, findings=findings), self.PROTOCOL).results
        return {r.goal.structure: r for r in results}

    def test_without_one_both_are_met(self):
        assert {r.outcome for r in self.outcomes().values()} == {MET}

    @pytest.mark.parametrize("severity", ["FAIL", "WARN", "INFO"])
    def test_other_findings_leave_the_numbers(self, severity):
        assert {r.outcome for r in self.outcomes(Finding("x", Severity(severity), "said")).values()} == {MET}

    def test_of_the_whole_plan(self):
        for result in self.outcomes(Finding("units", Severity.STOP, "RELATIVE")).values():
            assert result.outcome is Outcome.NOT_EVALUATED
            assert result.reason == "units: RELATIVE"
            assert result.quantity.value is None

    def test_of_one_structure(self):
        results = self.outcomes(Finding("frame", Severity.STOP, "elsewhere", ("Organ",)))
        assert results["Organ"].outcome is Outcome.NOT_EVALUATED
        assert results["GTV"].outcome is MET


def test_the_extreme_of_the_field_stands_beside_a_small_volume():
    checked = plan(CUBE, grid=dose(linear(40, (1, 0, 0))))
    hottest, coldest = held("D0.03cc[Gy] <= 60 Gy", checked), held("DC0.03cc[Gy] >= 20 Gy", checked)
    assert hottest.extreme.value == pytest.approx(50, abs=1e-9)
    assert coldest.extreme.value == pytest.approx(30, abs=1e-9)
    assert held("D50%[Gy] <= 60 Gy", checked).extreme is None


def test_caveats_of_the_source_stand_beside_the_number():
    doubtful = replace(goal("Max[Gy] <= 70 Gy", uncertain=True), source_conflict="70 or 71", not_in_source=True)
    (result,) = evaluate(plan(CUBE), protocol(doubtful)).results
    assert len(result.caveats) >= 3
    assert any("70 or 71" in c for c in result.caveats)


def test_goals_of_other_regimens_are_left_out():
    elsewhere = replace(goal("Max[Gy] <= 1 Gy"), regimens=("20fx",))
    here = replace(goal("Max[Gy] <= 70 Gy"), regimens=("22fx",))
    assert [r.outcome for r in evaluate(plan(CUBE), protocol(elsewhere, here)).results] == [MET]


def test_one_result_for_each_goal_whatever_its_outcome():
    goals = [goal("Max[Gy] <= 70 Gy"), goal("Max[Gy] <= 1 Gy"), goal("V95%[%] > 95 %", "PTV"), goal("CI_RTOG[] < 2")]
    known = course(more=[reference(50.0, roi=2)])
    results = evaluate(plan(CUBE, box(2, PTV.name), prescription=known), protocol(*goals)).results
    assert [r.goal for r in results] == goals
    assert [r.outcome for r in results] == [MET, NOT_MET, MET, Outcome.NOT_EVALUATED]
