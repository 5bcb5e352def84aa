"""A lack of coverage where a target overlaps organs: said, and for review where it is confined to there."""

from dataclasses import replace

import numpy as np
import pytest

from hardcheck.evaluation import Outcome, Verdict, evaluate
from hardcheck.evaluation.verdict import decide
from hardcheck.plan import DoseGrid, Plan, Structure
from hardcheck.protocol import ProtocolStructure
from tests.evaluation.cases import GTV, ORGAN, PTV, box, dose, goal, plan, protocol

TARGET = ProtocolStructure("PTV_HR", "target", (), "HR", relaxed_in_organs=True)
BEHIND = box(1, "Organ", (20, 20, 20), (0, 20, 0))  # from y = 10 mm on
WHOLE = box(7, "PTV_HR", (20, 40, 20))  # to y = 20 mm: its last 10 mm overlap the organ, a quarter of its 16 cc


def cold(y_mm: float, gy: float = 63.0) -> DoseGrid:
    """67 Gy up to `y_mm`, a place of the grid, and `gy` from 3 mm behind it on: 66 Gy are at a quarter of the way."""
    return dose(lambda x, y, z: 67.0 + (gy - 67.0) * np.clip((y - y_mm) / 3, 0, 1) + 0 * x + 0 * z, half_mm=60)


def judged(checked: Plan, text: str = "V100%[%] > 95 %", wanted: ProtocolStructure = TARGET):
    small = protocol(goal(text, "PTV_HR"), structures=(GTV, PTV, ORGAN, wanted))
    (result,) = evaluate(checked, small).results
    return result


CONFINED = plan(WHOLE, BEHIND, grid=cold(12))
SPREAD = plan(WHOLE, BEHIND, grid=cold(3))


def test_confined_to_the_overlap_is_for_review():
    result = judged(CONFINED)
    assert result.outcome is Outcome.NOT_MET
    assert result.review == "the shortfall is confined to where PTV_HR overlaps Organ"
    assert decide([result], []) is Verdict.REVIEW
    assert result.shortfall.outside.value == 0
    assert result.shortfall.inside.value == pytest.approx((20 - 12.75) * 0.4, abs=0.02)
    assert any("inside and 0.00 cc" in c and "overlap with Organ" in c for c in result.caveats)


def test_not_confined_fails():
    result = judged(SPREAD)
    assert (result.outcome, result.review) == (Outcome.NOT_MET, None)
    assert decide([result], []) is Verdict.FAIL
    assert result.shortfall.outside.low > 0
    assert result.shortfall.outside.value == pytest.approx((10 - 3.75) * 0.4, abs=0.02)
    assert result.shortfall.inside.value == pytest.approx(4.0, abs=0.02)


def test_inside_and_outside_are_all_of_it():
    """What receives less than 66 Gy of the whole target, by its own DVH."""
    result = judged(SPREAD)
    less = judged(SPREAD, "CV100%[cc] < 99 cc").quantity
    both = result.shortfall.inside.value + result.shortfall.outside.value
    assert both == pytest.approx(less.value, abs=0.05)


@pytest.mark.parametrize(
    "organs",
    [
        (),
        (box(1, "Organ", (20, 20, 20), (0, 45, 0)),),
        (BEHIND, replace(BEHIND, number=9)),
        (Structure.from_contours(1, "Organ", []),),
        (box(1, "Other", (20, 20, 20), (0, 20, 0)),),
    ],
    ids=["none", "apart", "ambiguous", "empty", "not of the protocol"],
)
def test_without_an_organ_in_the_overlap_it_fails(organs):
    result = judged(plan(WHOLE, *organs, grid=cold(12)))
    assert (result.outcome, result.review) == (Outcome.NOT_MET, None)
    assert decide([result], []) is Verdict.FAIL


def test_an_organ_that_was_made_excuses_nothing():
    """Without its contour nobody has said that the target lies in it."""
    made = replace(ORGAN, aliases=(), expression="Behind")
    wanted = (GTV, PTV, made, ProtocolStructure("Behind", "external"), TARGET)
    goals = [goal("V100%[%] > 95 %", "PTV_HR"), goal("Max[Gy] < 99 Gy")]
    evaluation = evaluate(
        plan(WHOLE, replace(BEHIND, name="Behind"), grid=cold(12)), protocol(*goals, structures=wanted)
    )
    coverage, organ = evaluation.results
    assert (organ.outcome, evaluation.matched_by("Organ", None)) == (Outcome.MET, "made: Behind")
    assert (coverage.outcome, coverage.review) == (Outcome.NOT_MET, None)


def test_only_where_the_protocol_says_so():
    result = judged(CONFINED, wanted=replace(TARGET, relaxed_in_organs=False))
    assert (result.shortfall, result.review) == (None, None)
    assert decide([result], []) is Verdict.FAIL


@pytest.mark.parametrize("text", ["DC0.03cc[%] > 99 %", "Min[Gy] > 65 Gy", "D95%[Gy] > 66 Gy"])
def test_only_for_coverage(text):
    result = judged(CONFINED, text)
    assert (result.outcome, result.review) == (Outcome.NOT_MET, None)


def test_a_target_that_is_covered_has_no_shortfall():
    result = judged(plan(WHOLE, BEHIND, grid=dose(67.0, half_mm=60)))
    assert (result.outcome, result.shortfall) == (Outcome.MET, None)


@pytest.mark.parametrize("gy", [0.0, 30.0, 63.0])
@pytest.mark.parametrize("y_mm", range(-21, 21, 3))
def test_it_is_never_a_pass(y_mm, gy):
    result = judged(plan(WHOLE, BEHIND, grid=cold(y_mm, gy)))
    if result.outcome is not Outcome.MET:
        assert decide([result], []) in (Verdict.REVIEW, Verdict.FAIL)
    if y_mm < 10:
        assert decide([result], []) is Verdict.FAIL
