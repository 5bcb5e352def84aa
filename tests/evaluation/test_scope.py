"""Organs outside of targets, along targets, or on their slices.

Boxes whose ends are even, contours on the odd millimetres, doses that rise evenly: each number is worked out by hand.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hardcheck.evaluation import GoalResult, Outcome, Verdict, evaluate
from hardcheck.evaluation.verdict import decide
from hardcheck.metric import Kind, Metric
from hardcheck.phantom import Box, linear
from hardcheck.plan import DoseGrid, Finding, ImageStack, Plan, Severity, Structure
from hardcheck.protocol import Extent, ProtocolStructure
from hardcheck.quantity import Quantity
from tests.evaluation import cases
from tests.evaluation.cases import GTV, ORGAN, PTV, box, dose, goal, held, protocol

OUTSIDE = replace(ORGAN, subtract=("PTV",))
ALONG = replace(ORGAN, extent=Extent("PTV"))
NEAR = replace(ORGAN, extent=Extent("PTV", 10.0))
BESIDE = replace(ORGAN, applies_on_slices_of="PTV")

TARGET = box(2, "PTV")  # -10 to 10 mm
IN_FRONT = box(1, "Organ", centre=(0, -30, 0))
OVERLAPPING = box(1, "Organ", centre=(0, -15, 0))

WIDE = dose(66.0, half_mm=60)


def plan(*structures: Structure, grid: DoseGrid = WIDE, image: ImageStack | None = None) -> Plan:
    return cases.plan(*structures, grid=grid, image=image)


ALONG_Y = dose(linear(40, (0, 1, 0)), half_mm=60)
"""40 Gy at y = 0, 1 Gy more on each millimetre to the back. OVERLAPPING reaches from -25 to -5 mm, from 15 to 35 Gy; a
quarter of it lies in the target, behind -10 mm, and its 6 cc outside of it receive 15 to 30 Gy."""
ALONG_Z = dose(linear(40, (0, 0, 1)), half_mm=60)

EVALUATED = (Outcome.MET, Outcome.NOT_MET, Outcome.MARGINAL)
NOT_EVALUATED = Outcome.NOT_EVALUATED
ANY_GOAL = [
    "D0.03cc[Gy] <= 70 Gy", "D2cc[Gy] < 70 Gy", "Max[Gy] <= 70 Gy", "V20Gy[cc] < 9 cc", "V70Gy[%] < 50 %",
    "V20Gy[%] > 50 %", "V20Gy[cc] > 1 cc", "D2%[Gy] <= 70 Gy", "DC0.03cc[Gy] >= 20 Gy", "DC0.03cc[Gy] <= 70 Gy",
    "Min[Gy] >= 20 Gy", "Mean[Gy] < 70 Gy", "Median[Gy] < 70 Gy", "CV20Gy[cc] < 9 cc", "CV70Gy[cc] > 1 cc",
    "V70Gy[cc] < Volume(Organ) - 1 cc", "Volume[cc] < 9 cc",
]  # fmt: skip
"""Met by the organ in 66 Gy, and by what is left of it."""
MET_BY_EACH_PART = ["D0.03cc[Gy] <= 70 Gy", "D2cc[Gy] < 70 Gy", "Max[Gy] <= 70 Gy", "V20Gy[cc] < 9 cc"]
NOT_TOLD_BY_THE_WHOLE = [
    text for text in ANY_GOAL if text not in (*MET_BY_EACH_PART, "Volume[cc] < 9 cc") and "Volume(" not in text
]
"""What the whole organ meets says nothing of a part of it: its shares and means may be any others."""


def value(text: str, checked: Plan, wanted: ProtocolStructure = OUTSIDE) -> float:
    return held(text, checked, wanted=wanted).quantity.value


class TestOutsideOfATarget:
    @pytest.mark.parametrize("text", ANY_GOAL)
    def test_apart_it_is_the_whole_organ(self, text):
        result = held(text, plan(IN_FRONT, TARGET), wanted=OUTSIDE)
        assert result.outcome is Outcome.MET
        assert result.quantity == held(text, plan(IN_FRONT, TARGET)).quantity
        assert (result.recipe, result.whole, result.structure_number) == ("Organ - PTV", None, 1)

    @pytest.mark.parametrize(
        ("metric", "of_the_rest", "of_the_whole"),
        [
            ("Volume[cc]", 6.0, 8.0),
            ("V20Gy[cc]", 4.0, 6.0),
            ("V20Gy[%]", 100 * 10 / 15, 75.0),  # percentages are of what remains
            ("CV20Gy[cc]", 2.0, 2.0),
            ("CV20Gy[%]", 100 * 5 / 15, 25.0),
            ("Mean[Gy]", 22.5, 25.0),
            ("Median[Gy]", 22.5, 25.0),
            ("Max[Gy]", 30.0, 35.0),
            ("Min[Gy]", 15.0, 15.0),
            ("D2cc[Gy]", 25.0, 30.0),
            ("D10%[Gy]", 28.5, 33.0),
        ],
    )
    def test_by_hand(self, metric, of_the_rest, of_the_whole):
        unit = metric[metric.index("[") + 1 : -1]
        result = held(f"{metric} < 99 {unit}", plan(OVERLAPPING, TARGET, grid=ALONG_Y), wanted=OUTSIDE)
        # Rows are sampled along y: 0.1 % of a volume.
        assert result.quantity.value == pytest.approx(of_the_rest, abs=0.1 if unit == "%" else 0.02)
        assert result.quantity.low <= of_the_rest <= result.quantity.high
        assert result.whole.value == pytest.approx(of_the_whole, abs=0.1 if unit == "%" else 0.02)
        assert result.recipe == "Organ - PTV"
        assert result.derived_volume.value == pytest.approx(6.0, abs=0.01)

    def test_the_extreme_is_of_the_part(self):
        result = held("D0.03cc[Gy] <= 60 Gy", plan(OVERLAPPING, TARGET, grid=ALONG_Y), wanted=OUTSIDE)
        assert result.extreme.value == pytest.approx(30, abs=1e-6)

    def test_the_subtraction_changes_the_outcome_either_way(self):
        """66.7 % of what remains receives 20 Gy, of the whole 75 %."""
        checked = plan(OVERLAPPING, TARGET, grid=ALONG_Y)
        assert held("V20Gy[%] < 70 %", checked, wanted=OUTSIDE).outcome is Outcome.MET
        assert held("V20Gy[%] < 70 %", checked).outcome is Outcome.NOT_MET
        assert held("CV20Gy[%] < 30 %", checked, wanted=OUTSIDE).outcome is Outcome.NOT_MET
        assert held("CV20Gy[%] < 30 %", checked).outcome is Outcome.MET

    def test_a_critical_volume_is_of_what_remains(self):
        """2 of the 6 cc that remain stay below 20 Gy, a tenth more or less with the ends of the contours."""
        checked = plan(OVERLAPPING, TARGET, grid=ALONG_Y)
        enough, too_few = (held(f"V20Gy[cc] < Volume(Organ) - {cc} cc", checked, wanted=OUTSIDE) for cc in (1.6, 2.4))
        assert (enough.outcome, too_few.outcome) == (Outcome.MET, Outcome.NOT_MET)
        assert enough.limit == pytest.approx(6.0 - 1.6, abs=0.01)

    @pytest.mark.parametrize(
        ("length", "target", "volume_cc"), [(60, 20, 4.0), (60, 56, 0.4), (24, 20, 0.4), (44, 40, 0.4)]
    )
    def test_a_target_across_the_organ_leaves_two_ends(self, length, target, volume_cc):
        """Nothing is missing between them, and each is as long as its own slices, one of 2 mm at the least."""
        organ = box(1, "Organ", (10, 10, length))
        checked = plan(organ, box(2, "PTV", (30, 30, target)), grid=ALONG_Z)
        result = held("V40Gy[cc] < 99 cc", checked, wanted=OUTSIDE)
        assert result.derived_volume.value == pytest.approx(volume_cc, abs=1e-6)
        # Half of it lies above the middle, in more than 40 Gy.
        assert result.quantity.value == pytest.approx(volume_cc / 2, abs=0.01)

    def test_a_target_at_one_end_leaves_one_slice(self):
        checked = plan(box(1, "Organ", (10, 10, 22), (0, 0, 1)), box(2, "PTV", (30, 30, 20)), grid=ALONG_Z)
        result = held("Max[Gy] < 99 Gy", checked, wanted=OUTSIDE)
        assert result.derived_volume.value == pytest.approx(0.2, abs=1e-6)

    def test_slices_that_are_missing_of_the_organ_itself_stay_missing(self):
        """No contour from -10 to 10 mm, where the organ is off the target: a doubt that no subtraction clears."""
        organ = box(1, "Organ", (10, 10, 60))
        contours = [c for c in organ.contours() if abs(c[0, 2]) > 10]
        cut = Structure.from_contours(1, "Organ", contours)
        for target in (box(2, "PTV", (30, 30, 20), (0, 0, 24)), box(2, "PTV", (30, 30, 20), (0, 0, -60))):
            result = held("Mean[Gy] < 70 Gy", plan(cut, target, grid=ALONG_Z), wanted=OUTSIDE)
            assert result.outcome is NOT_EVALUATED
            assert "missing" in result.reason

    def test_the_part_has_a_dvh_of_its_own_and_the_organ_keeps_its(self):
        checked = plan(OVERLAPPING, TARGET, grid=ALONG_Y)
        texts = ("V20Gy[%] < 70 %", "Mean[Gy] < 30 Gy")
        evaluation = evaluate(checked, protocol(*map(goal, texts), structures=(GTV, PTV, OUTSIDE)))
        assert sorted(evaluation.dvhs) == [1, 2]
        assert evaluation.dvhs[1].volume.value == pytest.approx(8.0, abs=1e-9)
        (number,) = evaluation.parts
        assert number < 0
        assert {r.structure_number for r in evaluation.results} == {number}
        assert {r.roi_number for r in evaluation.results} == {1}

    def test_numbers_of_parts_are_not_those_of_any_roi(self):
        organ = replace(OVERLAPPING, number=-7)
        evaluation = evaluate(plan(organ, TARGET), protocol(goal("Mean[Gy] < 70 Gy"), structures=(GTV, PTV, OUTSIDE)))
        (number,) = evaluation.parts
        assert number < -7

    @pytest.mark.parametrize(
        "targets",
        [
            (),
            (TARGET, replace(TARGET, number=3)),
            (Structure.from_contours(2, "PTV", []),),
            (Structure.from_contours(2, "PTV", [[[90, 90, 0]]], geometric_type="POINT"),),
            (replace(box(2, "PTV", centre=(90, 0, 0)), geometric_types=("OPEN_PLANAR",) * 10),),
        ],
        ids=["none", "two", "empty", "a point", "open"],
    )
    def test_a_target_that_is_not_known_may_be_anywhere(self, targets):
        """It is never left out in silence; what the whole organ meets, each part of it may be known to meet."""
        for text in NOT_TOLD_BY_THE_WHOLE:
            result = held(text, plan(IN_FRONT, *targets), wanted=OUTSIDE)
            assert result.outcome is NOT_EVALUATED
            assert "PTV" in result.reason
            assert result.quantity.value is None
            assert result.whole.value is not None
            assert any("of the whole contour is" in c for c in result.caveats)
        for text in MET_BY_EACH_PART:
            result = held(text, plan(IN_FRONT, *targets), wanted=OUTSIDE)
            assert result.outcome is Outcome.MET
            assert any("whole contour" in c for c in result.caveats)
        for text in ("Max[Gy] <= 60 Gy", "V20Gy[cc] < 6 cc"):
            assert held(text, plan(IN_FRONT, *targets), wanted=OUTSIDE).outcome is NOT_EVALUATED

    def test_every_target_counts(self):
        both = replace(ORGAN, subtract=("PTV", "GTV"))
        gtv = box(3, "GTV", (20, 10, 20), (0, -20, 0))  # takes y from -25 to -15 mm, leaves -15 to -10
        result = held("Mean[Gy] < 70 Gy", plan(OVERLAPPING, TARGET, gtv, grid=ALONG_Y), wanted=both)
        assert result.recipe == "Organ - PTV - GTV"
        assert result.quantity.value == pytest.approx(27.5, abs=0.02)
        assert result.derived_volume.value == pytest.approx(2.0, abs=0.01)

    @pytest.mark.parametrize("text", ANY_GOAL)
    @pytest.mark.parametrize("size", [(16, 16, 16), (20, 20, 20)])
    def test_an_organ_of_which_nothing_remains_is_not_evaluated(self, text, size):
        result = held(text, plan(box(1, "Organ", size), TARGET), wanted=OUTSIDE)
        assert result.outcome is NOT_EVALUATED
        assert "nothing is left" in result.reason or "empty" in result.reason
        assert result.whole.value is not None

    def test_a_target_that_grows_takes_the_organ_and_not_the_doubt(self):
        """The organ receives more than its limit in all of its parts; no size of the target makes it pass."""
        for half in range(2, 60, 6):
            target = box(2, "PTV", (2 * half, 2 * half, 2 * half))
            for text in ("Mean[Gy] < 60 Gy", "V60Gy[%] < 50 %", "D0.03cc[Gy] <= 60 Gy"):
                result = held(text, plan(OVERLAPPING, target), wanted=OUTSIDE)
                assert result.outcome in (Outcome.NOT_MET, NOT_EVALUATED)

    @pytest.mark.parametrize("offset", [(24, 0, 0), (0, -24, 0), (0, 0, 26)])
    def test_apart_along_one_axis_is_apart(self, offset):
        far = box(1, "Organ", centre=offset)
        result = held("Mean[Gy] < 70 Gy", plan(far, TARGET), wanted=OUTSIDE)
        assert result.outcome in EVALUATED
        assert result.structure_number in (None, 1)


SERIAL = replace(OUTSIDE, serial=True)


class TestSerialOrgans:
    """A limit that is met only through the subtraction is for a person to judge. Max is 30 Gy outside, 35 Gy in all."""

    CHECKED = plan(OVERLAPPING, TARGET, grid=ALONG_Y)

    def judged(self, text, wanted=SERIAL, tier="required"):
        small = protocol(goal(text, tier=tier), structures=(GTV, PTV, wanted))
        (result,) = evaluate(self.CHECKED, small).results
        return result, decide([result], [])

    def test_met_only_outside(self):
        result, verdict = self.judged("Max[Gy] <= 32 Gy")
        assert result.outcome is Outcome.MET
        assert "serial" in result.review
        assert verdict is Verdict.REVIEW

    def test_met_by_the_whole(self):
        result, verdict = self.judged("Max[Gy] <= 36 Gy")
        assert (result.outcome, result.review, verdict) == (Outcome.MET, None, Verdict.PASS)

    def test_not_met_outside_either(self):
        result, verdict = self.judged("Max[Gy] <= 29 Gy")
        assert (result.outcome, result.review, verdict) == (Outcome.NOT_MET, None, Verdict.FAIL)

    def test_the_whole_too_close_to_call(self):
        result, verdict = self.judged("Max[Gy] <= 35 Gy")
        assert result.outcome is Outcome.MET
        assert verdict is Verdict.REVIEW

    def test_an_organ_that_is_not_serial_is_shown_both_values(self):
        result, verdict = self.judged("Max[Gy] <= 32 Gy", OUTSIDE)
        assert (result.review, verdict) == (None, Verdict.PASS)
        assert result.whole.value == pytest.approx(35, abs=1e-6)

    def test_a_recommendation_says_so(self):
        result, verdict = self.judged("Max[Gy] <= 32 Gy", tier="recommended")
        assert any("serial" in c for c in result.caveats)
        assert verdict is Verdict.PASS

    @pytest.mark.parametrize("text", ["Max[Gy] <= {} Gy", "D2cc[Gy] < {} Gy", "Mean[Gy] < {} Gy", "V20Gy[%] < {} %"])
    def test_the_subtraction_never_makes_a_pass_of_a_miss(self, text):
        for limit in range(14, 100, 3):
            written = text.format(limit)
            whole = held(written, self.CHECKED).outcome
            if whole is not Outcome.MET:
                assert self.judged(written)[1] is not Verdict.PASS, written


class TestAlongATarget:
    @pytest.mark.parametrize(
        ("length", "wanted", "mean_gy", "volume_cc"),
        [
            (20, ALONG, 50.0, 8.0),
            (40, ALONG, 50.0, 8.0),
            (40, NEAR, 50.0, 16.0),
            (60, NEAR, 50.0, 16.0),
            (10, ALONG, 50.0, 4.0),
        ],
    )
    def test_by_hand(self, length, wanted, mean_gy, volume_cc):
        """Of an organ around the target, 20 mm on the slices of the target count, or 40 mm with 10 mm beyond."""
        organ = box(1, "Organ", (20, 20, length), (0, -30, 0))
        checked = plan(organ, TARGET, grid=dose(linear(50, (0, 0, 1)), half_mm=60))
        result = held("Mean[Gy] < 70 Gy", checked, wanted=wanted)
        assert result.quantity.value == pytest.approx(mean_gy, abs=0.02)
        assert result.derived_volume.value == pytest.approx(volume_cc, rel=1e-6)
        assert result.whole is None  # nothing was subtracted
        highest = held("Max[Gy] < 99 Gy", checked, wanted=wanted).quantity
        half = min(length, 20 if wanted is ALONG else 40) / 2
        assert highest.low - 1e-6 <= 50 + half <= highest.high + 1e-6

    def test_a_hot_end_beyond_the_slices_does_not_count(self):
        """The organ reaches 30 mm up, to 70 Gy; on the slices of the target it receives 50 Gy at most."""
        organ = box(1, "Organ", (20, 20, 40), (0, -30, 10))
        checked = plan(organ, TARGET, grid=ALONG_Z)
        assert held("D0.03cc[Gy] <= 60 Gy", checked, wanted=ALONG).outcome is Outcome.MET
        assert held("D0.03cc[Gy] <= 60 Gy", checked).outcome is Outcome.NOT_MET

    def test_the_recipe(self):
        both = replace(ORGAN, subtract=("PTV",), extent=Extent("PTV", 10.0))
        result = held("Mean[Gy] < 70 Gy", plan(OVERLAPPING, TARGET), wanted=both)
        assert result.recipe == "along(Organ, PTV, 10 mm) - PTV"

    def test_what_stands_beside_is_along_the_target_too(self):
        """On the slices of the target the whole receives 15 to 35 Gy; above them another 20 mm in the same doses."""
        organ = box(1, "Organ", (20, 20, 40), (0, -15, 10))
        both = replace(ORGAN, subtract=("PTV",), extent=Extent("PTV"))
        result = held("V20Gy[cc] < 9 cc", plan(organ, TARGET, grid=ALONG_Y), wanted=both)
        assert result.quantity.value == pytest.approx(4.0, abs=0.02)
        assert result.whole.value == pytest.approx(6.0, abs=0.02)

    @pytest.mark.parametrize(("length", "said"), [(20, False), (16, False), (14, True), (10, True)])
    def test_a_contour_that_ends_short_of_the_slices_is_said(self, length, said):
        organ = box(1, "Organ", (20, 20, length), (0, -30, 0))
        result = held("Mean[Gy] < 70 Gy", plan(organ, TARGET), wanted=ALONG)
        assert result.outcome is Outcome.MET
        assert any("short of the slices of PTV" in c for c in result.caveats) == said

    def test_without_the_target_nothing_is_told(self):
        assert held("V20Gy[%] < 50 %", plan(IN_FRONT), wanted=ALONG).outcome is NOT_EVALUATED

    def test_off_the_target_nothing_remains(self):
        organ = box(1, "Organ", centre=(0, -30, 60))
        result = held("Max[Gy] <= 70 Gy", plan(organ, TARGET, grid=dose(66.0, half_mm=90)), wanted=ALONG)
        assert result.outcome is NOT_EVALUATED

    def test_a_target_that_lost_its_last_slices_is_found_out(self):
        """PTV has to hold GTV; a PTV that ends before it is not all of what it is."""
        inner = replace(GTV, inside=("PTV",))
        organ = box(1, "Organ", (20, 20, 40), (0, -30, 0))
        gtv = box(3, "GTV", (10, 10, 16))
        for half, outcome in ((20, Outcome.MET), (8, NOT_EVALUATED)):
            checked = plan(organ, box(2, "PTV", (20, 20, half)), gtv)
            small = protocol(goal("Mean[Gy] < 70 Gy"), structures=(inner, PTV, ALONG))
            (result,) = evaluate(checked, small).results
            assert result.outcome is outcome
        assert "PTV ends short of GTV" in result.reason


class TestOnTheSlicesOfATarget:
    ABOVE = box(1, "Organ", centre=(0, 0, 40))

    def test_on_them_the_whole_organ_counts(self):
        organ = box(1, "Organ", (20, 20, 40), (0, 0, 18))
        assert held("V20Gy[%] < 50 %", plan(organ, TARGET), wanted=BESIDE).outcome is Outcome.NOT_MET

    def test_off_them_it_does_not_apply(self):
        result = held("V20Gy[%] < 50 %", plan(self.ABOVE, TARGET), wanted=BESIDE)
        assert result.outcome is Outcome.NOT_APPLICABLE
        assert result.reason == "no part of Organ lies on the axial slices of PTV"
        assert result.quantity.value is None

    @pytest.mark.parametrize(
        "targets", [(), (TARGET, replace(TARGET, number=3)), (Structure.from_contours(2, "PTV", []),)]
    )
    def test_without_the_target_it_is_not_known(self, targets):
        result = held("V20Gy[%] < 50 %", plan(self.ABOVE, *targets), wanted=BESIDE)
        assert result.outcome is NOT_EVALUATED
        assert "axial slices of PTV" in result.reason
        assert held("Max[Gy] <= 70 Gy", plan(self.ABOVE, *targets), wanted=BESIDE).outcome is Outcome.MET

    def test_an_organ_that_is_not_contoured_is_not_evaluated(self):
        result = held("V20Gy[%] < 50 %", plan(TARGET), wanted=BESIDE)
        assert (result.outcome, result.reason) == (NOT_EVALUATED, "not contoured")

    def test_a_target_of_one_slice(self):
        image = ImageStack(np.arange(-59, 60, 2.0))
        single = box(2, "PTV", (20, 20, 2), (0, 0, 1))
        checked = plan(box(1, "Organ"), single, image=image)
        assert held("Mean[Gy] < 70 Gy", checked, wanted=BESIDE).outcome is Outcome.MET

    def test_a_target_that_lost_its_slices_takes_no_goal_away(self):
        """The organ is off the slices of PTV, and on those of GTV, which PTV has to hold."""
        inner = replace(GTV, inside=("PTV",))
        gtv = box(3, "GTV", (10, 10, 80))
        small = protocol(goal("V20Gy[%] < 50 %"), structures=(inner, PTV, BESIDE))
        (result,) = evaluate(plan(self.ABOVE, TARGET, gtv), small).results
        assert result.outcome is NOT_EVALUATED
        assert "GTV" in result.reason


class TestStop:
    """What leaves a target without meaning leaves an organ outside of it without."""

    def result(self, finding):
        small = protocol(goal("V20Gy[%] < 70 %"), structures=(GTV, PTV, OUTSIDE))
        (result,) = evaluate(replace(plan(OVERLAPPING, TARGET, grid=ALONG_Y), findings=(finding,)), small).results
        return result

    def test_of_the_target(self):
        result = self.result(Finding("frame", Severity.STOP, "elsewhere", ("PTV",)))
        assert (result.outcome, result.reason) == (NOT_EVALUATED, "frame: elsewhere")

    def test_of_another(self):
        assert self.result(Finding("frame", Severity.STOP, "elsewhere", ("GTV",))).outcome is Outcome.MET

    def test_of_the_dose_of_its_level_alone(self):
        assert self.result(Finding("levels-match-plan", Severity.STOP, "50 Gy", ("PTV",))).outcome is Outcome.MET


@dataclass(frozen=True)
class Voxels:
    """The organ outside of the target in cells of 1 mm, and the lowest and highest dose of each cell."""

    low_gy: np.ndarray
    mean_gy: np.ndarray
    high_gy: np.ndarray

    @classmethod
    def of(cls, organ, target, at_origin_gy, slope):
        axes = [np.arange(c - s / 2, c + s / 2) + 0.5 for s, c in organ]
        cells = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
        inside = np.all([np.abs(cells[:, i] - c) < s / 2 for i, (s, c) in enumerate(target)], axis=0)
        dose_gy = at_origin_gy + cells[~inside] @ np.array(slope)
        half = sum(abs(g) for g in slope) / 2 + 1e-5
        return cls(dose_gy - half, dose_gy, dose_gy + half)

    @property
    def count(self) -> int:
        return self.mean_gy.size

    def bounds(self, metric: Metric) -> tuple[float, float]:
        """The least and greatest that `metric` can be; what is open is the dose inside of a cell, and nothing else."""
        in_cells = 30  # 0.03 cc
        if metric.kind is Kind.MEAN:
            return float(self.mean_gy.mean()) - 1e-9, float(self.mean_gy.mean()) + 1e-9
        if metric.kind is Kind.MAXIMUM:
            return float(self.low_gy.max()), float(self.high_gy.max())
        if metric.kind is Kind.DOSE_AT_COLD_VOLUME:
            return float(np.sort(self.low_gy)[in_cells - 1]), float(np.sort(self.high_gy)[in_cells - 1])
        if metric.kind is Kind.DOSE_AT_VOLUME:
            return float(np.sort(self.low_gy)[-in_cells]), float(np.sort(self.high_gy)[-in_cells])
        low, high = (np.count_nonzero(edge >= metric.at) / 1000 for edge in (self.low_gy, self.high_gy))
        if metric.kind is Kind.CRITICAL_VOLUME:
            low, high = self.count / 1000 - high, self.count / 1000 - low
        share = 100 / (self.count / 1000) if metric.unit == "%" else 1
        return low * share, high * share

    def answer(self, result: GoalResult) -> bool | None:
        """Whether the organ outside of the target meets the goal, None where the cells are too coarse to tell."""
        low, high = self.bounds(result.goal.metric)
        limit = result.goal.limit.value
        if result.goal.limit.volume_of:
            limit += self.count / 1000
        return Quantity((low + high) / 2, low, high, "").holds(result.goal.op.against(limit))


half_size = st.integers(2, 6).map(lambda n: 2 * n)
place = st.integers(-5, 5).map(lambda n: 2 * n)
boxes = st.tuples(st.tuples(half_size, place), st.tuples(half_size, place), st.tuples(half_size, place))
slope = st.tuples(*[st.integers(-20, 20).map(lambda n: n / 10)] * 3)
gray, share, volume = st.integers(1, 80), st.integers(1, 99), st.integers(1, 17).map(lambda n: n / 10)
goals = st.one_of(
    gray.map("D0.03cc[Gy] <= {} Gy".format),
    gray.map("Max[Gy] < {} Gy".format),
    gray.map("DC0.03cc[Gy] >= {} Gy".format),
    gray.map("DC0.03cc[Gy] <= {} Gy".format),
    gray.map("Mean[Gy] < {} Gy".format),
    st.tuples(gray, share).map(lambda v: "V{}Gy[%] < {} %".format(*v)),
    st.tuples(gray, volume).map(lambda v: "V{}Gy[cc] < {} cc".format(*v)),
    st.tuples(gray, volume).map(lambda v: "V{}Gy[cc] > {} cc".format(*v)),
    st.tuples(gray, volume).map(lambda v: "CV{}Gy[cc] > {} cc".format(*v)),
    st.tuples(gray, volume).map(lambda v: "V{}Gy[cc] < Volume(Organ) - {} cc".format(*v)),
)


def made(number: int, name: str, shape) -> Structure:
    return box(number, name, tuple(s for s, _ in shape), tuple(c for _, c in shape))


@settings(max_examples=60, deadline=None)
@example(
    # The hottest corner, of 38 Gy, lies between an edge along x and one along y, apart from the target.
    organ=((10, 0), (6, 2), (10, -10)),
    target=((4, 0), (4, -2), (12, 10)),
    at_origin_gy=29,
    slopes=(0.6, 1.2, 0.0),
    texts=["Max[Gy] < 36 Gy"],
)
@given(boxes, boxes, st.integers(10, 60), slope, st.lists(goals, min_size=8, max_size=12, unique=True))
def test_what_is_said_of_the_organ_outside_of_the_target_is_true(organ, target, at_origin_gy, slopes, texts):
    """Two boxes at random in a dose that rises evenly, held against a count of cells of 1 mm."""
    checked: Plan = plan(made(1, "Organ", organ), made(2, "PTV", target), grid=dose(linear(at_origin_gy, slopes)))
    wanted: tuple[ProtocolStructure, ...] = (GTV, PTV, OUTSIDE)
    voxels = Voxels.of(organ, target, at_origin_gy, slopes)
    for result in evaluate(checked, protocol(*map(goal, texts), structures=wanted)).results:
        if result.outcome not in (Outcome.MET, Outcome.NOT_MET):
            continue
        # Of an organ that lies in the target nothing is left; less than 0.03 cc has no D0.03cc.
        if voxels.count < 30:
            assert voxels.count > 0
            continue
        assert voxels.answer(result) is not (result.outcome is Outcome.NOT_MET), str(result.goal)


def without(structure: Structure, low_mm: float, high_mm: float) -> Structure:
    """`structure` whose contours from `low_mm` to `high_mm` somebody deleted."""
    kept = [c for c in structure.contours() if not low_mm <= c[0, 2] <= high_mm]
    return Structure.from_contours(structure.number, structure.name, kept)


class TestContoursThatTellNoVolume:
    """What the DVH refuses, no part of an organ and no applicability rests on."""

    THROUGH = box(1, "Organ", (20, 20, 56))
    ON_SLICES = replace(BESIDE, name="Organ")

    def test_an_organ_that_lost_its_slices_beside_the_target_does_apply_for_all_that_is_known(self):
        whole, cut = (plan(organ, TARGET) for organ in (self.THROUGH, without(self.THROUGH, -16, 16)))
        assert held("D0.03cc[Gy] <= 50 Gy", whole, wanted=BESIDE).outcome is Outcome.NOT_MET
        result = held("D0.03cc[Gy] <= 50 Gy", cut, wanted=BESIDE)
        assert result.outcome is Outcome.NOT_EVALUATED
        assert "slices seem to be missing" in result.reason

    @pytest.mark.parametrize("text", ["V50Gy[cc] < 3 cc", "Mean[Gy] < 50 Gy", "V50Gy[%] < 40 %"])
    def test_slices_lost_next_to_those_that_the_target_takes(self, text):
        """Outside of a target that takes the organ from -10 to 10 mm: what is deleted from 11 to 23 mm is not known."""
        wide = box(2, "PTV", (40, 40, 20))
        assert held(text, plan(without(self.THROUGH, 11, 23), wide), wanted=OUTSIDE).outcome is Outcome.NOT_EVALUATED

    def test_a_target_that_is_wound_twice_takes_nothing_away(self):
        """Even-odd, what a contour goes around twice is outside; a geometry library may take it for inside."""
        twice = Structure.from_contours(2, "PTV", [np.concatenate([c, c]) for c in TARGET.contours()])
        result = held("V50Gy[cc] < 7 cc", plan(OVERLAPPING, twice), wanted=OUTSIDE)
        assert result.outcome is Outcome.NOT_EVALUATED
        assert "enclose no area" in result.reason


@pytest.mark.parametrize("spacing", [1.0, 1.6, 2.4, 3.0, 4.0])
@pytest.mark.parametrize("margin", [0.0, 2.0, 5.0, 7.3, 20.0])
@pytest.mark.parametrize("planes", [2, 5, 8])
def test_what_lies_along_a_target_wherever_it_ends_between_the_slices(spacing, margin, planes):
    """A rod of 4 cm2 along a target of so many planes on the same slices: its length is theirs and twice the margin."""
    z = spacing * np.arange(-25, 26)
    organ = Structure.from_contours(1, "Organ", Box((20, 20, 1e4)).contours(z))
    target = Structure.from_contours(2, "PTV", Box((20, 20, 1e4)).contours(spacing * np.arange(planes)))
    length = min(planes * spacing + margin, 25.5 * spacing + spacing / 2) + margin
    result = held("V20Gy[cc] < 99 cc", plan(organ, target), wanted=replace(ORGAN, extent=Extent("PTV", margin)))
    assert result.quantity.value == pytest.approx(0.4 * length, rel=1e-6)
    assert result.quantity.low < 0.4 * length < result.quantity.high
