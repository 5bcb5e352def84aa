"""Checks of the plan itself: prescription, levels, delivered dose, dose grid, contours."""

from dataclasses import replace

import numpy as np
import pytest

from hardcheck.evaluation import Outcome, Verdict, evaluate
from hardcheck.phantom import linear
from hardcheck.plan import DoseGrid, Finding, FractionGroup, Prescription, Severity, Structure
from hardcheck.protocol import Level, Regimen
from tests.evaluation.cases import GTV, ORGAN, PTV, box, course, dose, findings, goal, plan, protocol, reference

SMALL = protocol(goal("V95%[%] >= 95 %", "GTV"), goal("Max[Gy] <= 70 Gy"))
GOOD = plan(box(1, "GTV"), box(2, "Organ", centre=(0, -20, 0)))


def severities(evaluation, check):
    return [severity for severity, _ in findings(evaluation, check)]


def scaled(factor):
    grid = GOOD.dose
    return replace(GOOD, dose=DoseGrid(grid.x_mm, grid.y_mm, grid.z_mm, factor * grid.dose_gy))


def test_a_good_plan_has_no_findings():
    evaluation = evaluate(GOOD, SMALL)
    assert evaluation.findings == ()
    assert evaluation.verdict is Verdict.PASS


def test_what_reading_found_comes_first():
    found = Finding("files-skipped", Severity.WARN, "one file")
    evaluation = evaluate(replace(GOOD, findings=(found,), prescription=course(21)), SMALL)
    assert evaluation.findings[0] is found
    assert len(evaluation.findings) == 2


class TestPrescription:
    CHECK = "prescription-matches-regimen"

    @pytest.mark.parametrize("hr_gy", [66.0, 66.004, 65.996])
    def test_that_of_the_regimen(self, hr_gy):
        assert evaluate(replace(GOOD, prescription=course(22, hr_gy)), SMALL).findings == ()

    @pytest.mark.parametrize(
        "prescription",
        [
            course(21),
            course(None),
            course(22, 60.0),
            course(22, 66.1),
            course(22, 6600.0),
            course(22, 3.0),
            course(22, float("nan")),
            Prescription((), ()),
            Prescription(course().references, (FractionGroup(1, 11), FractionGroup(2, 11))),
            Prescription((), (FractionGroup(1, 22, prescription_gy=60.0),)),
        ],
    )
    def test_another_one_fails_the_plan(self, prescription):
        evaluation = evaluate(replace(GOOD, prescription=prescription), SMALL)
        assert "FAIL" in severities(evaluation, self.CHECK)
        assert evaluation.verdict is Verdict.FAIL

    def test_a_plan_that_states_no_dose_is_told_so(self):
        evaluation = evaluate(replace(GOOD, prescription=course(22, None)), SMALL)
        assert severities(evaluation, self.CHECK) == ["WARN"]

    def test_without_any_nothing_shows_which_regimen_it_is(self):
        evaluation = evaluate(replace(GOOD, prescription=None), SMALL)
        assert severities(evaluation, self.CHECK) == ["STOP"]
        assert evaluation.verdict is Verdict.REVIEW

    def test_the_highest_level_may_be_a_range(self):
        """Where it is not known which dose of the range it is, the plan's has to lie in it."""
        wide = replace(SMALL, regimens=(Regimen("22fx", 22, (Level("LR", 44, 50), Level("HR", 60, 70))),))
        assert findings(evaluate(GOOD, wide), self.CHECK) == []
        assert severities(evaluate(replace(GOOD, prescription=course(22, 50.0)), wide), self.CHECK) == ["FAIL"]


class TestLevels:
    """What the plan prescribes to the lower targets is what they are evaluated with."""

    CHECK = "levels-match-plan"
    LOW = replace(PTV, level="IR")
    PROTOCOL = replace(SMALL, structures=(GTV, LOW, ORGAN))
    PLAN = replace(GOOD, structures=(*GOOD.structures, box(3, "PTV", (24, 24, 24))))

    @pytest.mark.parametrize("references", [(), (reference(55.0, roi=3),), (reference(55.004, "PTV"),)])
    def test_that_of_the_regimen_or_none(self, references):
        checked = replace(self.PLAN, prescription=course(more=references))
        assert findings(evaluate(checked, self.PROTOCOL), self.CHECK) == []

    @pytest.mark.parametrize("said", [reference(50.0, roi=3), reference(5500.0, "PTV"), reference(2.5, "IR")])
    def test_another_one_fails_the_plan(self, said):
        evaluation = evaluate(replace(self.PLAN, prescription=course(more=[said])), self.PROTOCOL)
        assert severities(evaluation, self.CHECK) == ["FAIL"]
        assert evaluation.verdict is Verdict.FAIL
        prescribed = f"{said.prescription_gy:g} Gy"
        assert evaluation.level_origins["IR"].endswith(f"; the plan's dose references prescribe {prescribed} to it")

    def test_one_of_a_range_that_the_user_gives_touches_the_targets_of_its_level_alone(self):
        wide = replace(self.PROTOCOL, structures=(GTV, PTV, ORGAN))
        checked = replace(self.PLAN, prescription=course(more=[reference(50.6, roi=3)]))
        evaluation = evaluate(checked, wide, levels={"LR": 44})
        (finding,) = [f for f in evaluation.findings if f.id == self.CHECK]
        assert (finding.severity, finding.structures) == (Severity.STOP, ("PTV",))
        assert {r.outcome for r in evaluation.results} == {Outcome.MET}
        assert evaluation.verdict is Verdict.REVIEW


class TestDeliveredDose:
    CHECK = "delivered-dose-plausible"

    @pytest.mark.parametrize("factor", [100, 1 / 22, 0.94, 1.11, 2, 0.5, 0])
    def test_cgy_one_fraction_or_another_plan(self, factor):
        evaluation = evaluate(scaled(factor), SMALL)
        assert "FAIL" in severities(evaluation, self.CHECK)
        assert evaluation.verdict is Verdict.FAIL

    @pytest.mark.parametrize("factor", [0.96, 1.0, 1.09])
    def test_of_the_order_of_the_prescription(self, factor):
        assert findings(evaluate(scaled(factor), SMALL), self.CHECK) == []

    def test_the_target_tells_more_than_the_maximum(self):
        """66 Gy somewhere in the grid, and 33 Gy in the target."""
        evaluation = evaluate(replace(GOOD, dose=dose(linear(33, (1.1, 0, 0)))), SMALL)
        assert evaluation.plan.dose.maximum_gy == pytest.approx(66)
        (finding,) = [f for f in evaluation.findings if f.id == self.CHECK]
        assert (finding.severity, finding.structures) == (Severity.FAIL, ("GTV",))

    @pytest.mark.parametrize(("factor", "named"), [(1.2, True), (0.5, False)])
    def test_too_much_names_the_key_of_a_protocol_whose_dose_is_meant_to_be_uneven(self, factor, named):
        """Too little is never meant so."""
        said = [f.message for f in evaluate(scaled(factor), SMALL).findings if f.id == self.CHECK]
        assert said
        assert all(("uneven: true" in message) is named for message in said)

    def test_where_the_protocol_says_so_it_is_not_named_again(self):
        targets = tuple(replace(s, uneven=s.role == "target") for s in SMALL.structures)
        found = [f for f in evaluate(scaled(100), replace(SMALL, structures=targets)).findings if f.id == self.CHECK]
        assert found
        assert all("uneven: true" not in f.message for f in found)

    @pytest.mark.parametrize(("factor", "severity"), [(1.0, "WARN"), (1 / 22, "FAIL"), (100, "FAIL"), (1.6, "FAIL")])
    def test_without_a_target_the_maximum_alone_is_held_against_it(self, factor, severity):
        checked = replace(scaled(factor), structures=GOOD.structures[1:])
        assert severities(evaluate(checked, SMALL), self.CHECK) == [severity]

    @pytest.mark.parametrize(("factor", "severity"), [(1.0, []), (1 / 22, ["FAIL"] * 2), (100, ["FAIL"] * 2)])
    def test_a_level_that_is_a_range_is_held_against_as_one(self, factor, severity):
        wide = replace(SMALL, regimens=(Regimen("22fx", 22, (Level("HR", 60, 70),)),))
        checked = replace(scaled(factor), prescription=course(22, None))
        assert severities(evaluate(checked, wide), self.CHECK) == severity

    def test_a_lower_level_is_no_stand_in_for_the_highest(self):
        """HR is not known here and LR is: 66 Gy are not too much for LR."""
        wide = replace(SMALL, regimens=(Regimen("22fx", 22, (Level("LR", 44, 44), Level("HR", 60, 70))),))
        checked = replace(GOOD, prescription=course(22, None))
        assert findings(evaluate(checked, wide), self.CHECK) == []

    def test_without_any_level_nothing_shows_what_the_dose_is_of(self):
        bare = replace(SMALL, regimens=(Regimen("22fx", 22, ()),))
        evaluation = evaluate(GOOD, bare)
        assert severities(evaluation, self.CHECK) == ["STOP"]
        assert evaluation.verdict is Verdict.REVIEW

    def test_nowhere_negative(self):
        values = GOOD.dose.dose_gy.copy()
        values[0, 0, 0] = -0.01
        grid = GOOD.dose
        checked = replace(GOOD, dose=DoseGrid(grid.x_mm, grid.y_mm, grid.z_mm, values))
        assert severities(evaluate(checked, SMALL), "dose-not-negative") == ["FAIL"]
        assert severities(evaluate(GOOD, SMALL), "dose-not-negative") == []

    def test_another_patients_dose(self):
        """66 Gy, and all of it 60 mm away."""
        grid = GOOD.dose
        checked = replace(GOOD, dose=DoseGrid(grid.x_mm + 60, grid.y_mm, grid.z_mm, grid.dose_gy))
        evaluation = evaluate(checked, SMALL)
        assert {r.outcome for r in evaluation.results} == {Outcome.NOT_EVALUATED}
        assert evaluation.verdict is Verdict.REVIEW


class TestDoseGrid:
    CHECK = "dose-grid-covers-structure"

    def test_a_quarter_of_the_organ_outside(self):
        checked = plan(box(1, "GTV"), box(2, "Organ", centre=(25, 0, 0)))
        (finding,) = [f for f in evaluate(checked, SMALL).findings if f.id == self.CHECK]
        assert finding.severity is Severity.WARN
        assert finding.structures == ("Organ",)
        assert finding.message.startswith("25 % of Organ")

    def test_a_structure_that_no_goal_uses_is_of_no_account(self):
        assert (
            findings(
                evaluate(replace(GOOD, structures=(*GOOD.structures, box(3, "Couch", (200, 8, 20)))), SMALL), self.CHECK
            )
            == []
        )

    def test_wholly_outside_its_goals_are_not_evaluated(self):
        checked = plan(box(1, "GTV"), box(2, "Organ", centre=(0, -99, 0)))
        assert evaluate(checked, SMALL).results[1].outcome is Outcome.NOT_EVALUATED


class TestContours:
    CHECK = "structure-contours"

    @staticmethod
    def without(missing, moved=0.0):
        contours = enumerate(GOOD.structures[1].contours())
        kept = [c + np.array([moved * (i > 4), 0, 0]) for i, c in contours if 2 * i + 1 not in missing]
        organ = Structure.from_contours(2, "Organ", kept)
        return evaluate(replace(GOOD, structures=(GOOD.structures[0], organ)), SMALL)

    @pytest.mark.parametrize(
        ("check", "severity", "missing", "moved", "said"),
        [
            ("structure-slices", "FAIL", {9}, 0.0, "a contour is missing on 1 slice"),
            ("structure-contours", "WARN", {7, 9, 11}, 9.0, "2 islands along z"),
        ],
    )
    def test_gaps_are_said(self, check, severity, missing, moved, said):
        (found,) = findings(self.without(missing, moved), check)
        assert found[0] == severity
        assert found[1].startswith("Organ: ")
        assert said in found[1]

    def test_slices_lost_from_the_middle_leave_the_organ_unevaluated(self):
        evaluation = self.without({7, 9, 11})
        lost = [r for r in evaluation.results if r.goal.structure == "Organ"]
        assert lost
        assert all(r.outcome is Outcome.NOT_EVALUATED and "slices seem to be missing" in r.reason for r in lost)

    def test_contours_that_intersect_are_said(self):
        one, other = box(2, "Organ", centre=(0, -20, 0)), box(2, "Organ", centre=(6, -20, 0))
        both = Structure.from_contours(2, "Organ", [*one.contours(), *other.contours()])
        (found,) = findings(evaluate(replace(GOOD, structures=(GOOD.structures[0], both)), SMALL), self.CHECK)
        assert "intersect" in found[1]

    def test_what_lies_outside_of_the_grid_is_said_once(self):
        checked = plan(box(1, "GTV"), box(2, "Organ", centre=(0, -25, 0)))
        assert findings(evaluate(checked, SMALL), self.CHECK) == []


class TestNumbers:
    def test_one_number_for_two_rois_leaves_both_without_meaning(self):
        """The DVH of one would be taken for that of the other."""
        cold = box(1, "Organ", centre=(0, -20, 0))
        evaluation = evaluate(plan(box(1, "GTV"), cold), SMALL)
        assert severities(evaluation, "roi-numbers-unique") == ["STOP"]
        assert {r.outcome for r in evaluation.results} == {Outcome.NOT_EVALUATED}
        assert evaluation.verdict is Verdict.REVIEW

    def test_others_keep_theirs(self):
        spare = [box(7, "A", centre=(0, 20, 0)), box(7, "B", centre=(0, 20, 0))]
        evaluation = evaluate(replace(GOOD, structures=(*GOOD.structures, *spare)), SMALL)
        assert {r.outcome for r in evaluation.results} == {Outcome.MET}
        assert evaluation.verdict is Verdict.REVIEW
