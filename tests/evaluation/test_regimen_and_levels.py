"""Which regimen a plan is held against, and what the doses of its levels are."""

import math
from dataclasses import replace

import pytest

from hardcheck.errors import UsageError
from hardcheck.evaluation import Evaluation, Outcome, Verdict, evaluate
from hardcheck.plan import DoseReference, FractionGroup, Prescription
from hardcheck.protocol import Level, Regimen
from tests.evaluation.cases import GTV, HR, PTV, REGIMEN, box, course, dose, findings, goal, plan, protocol, reference

TWENTY = Regimen("20fx", 20, (Level("HR", 60, 60), Level("IR", 50, 50), Level("LR", 40, 46)))
BOTH = protocol(goal("V100%[%] >= 95 %", "GTV"), regimens=(REGIMEN, TWENTY))
TUMOUR = box(1, "GTV")


class TestRegimen:
    @pytest.mark.parametrize(("fractions", "chosen"), [(22, "22fx"), (20, "20fx")])
    def test_the_number_of_fractions_chooses(self, fractions, chosen):
        evaluation = evaluate(plan(TUMOUR, prescription=course(fractions)), BOTH)
        assert evaluation.regimen.id == chosen
        assert evaluation.settings["regimen"] == chosen

    def test_a_name_chooses_and_a_plan_of_another_fails(self):
        evaluation = evaluate(plan(TUMOUR), BOTH, regimen="20fx")
        assert evaluation.regimen is TWENTY
        assert evaluation.verdict is Verdict.FAIL
        assert findings(evaluation, "prescription-matches-regimen") == [
            ("FAIL", "the plan has 22 fractions, regimen 20fx has 20"),
            ("FAIL", "the plan prescribes 66 Gy, regimen 20fx 60 Gy"),
        ]

    @pytest.mark.parametrize(
        ("prescription", "said"),
        [
            (course(25), "25 fractions"),
            (course(None), "no single number"),
            (Prescription((), ()), "no single number"),
            (Prescription((), (FractionGroup(1, 22), FractionGroup(2, 22))), "no single number"),
        ],
    )
    def test_where_none_fits_the_regimens_are_listed(self, prescription, said):
        with pytest.raises(UsageError, match=rf"{said}.*small:22fx \(22 fractions\), small:20fx") as caught:
            evaluate(plan(TUMOUR, prescription=prescription), BOTH)
        assert "\n" not in str(caught.value)

    def test_without_a_prescription_none_is_chosen(self):
        with pytest.raises(UsageError, match="no single number"):
            evaluate(replace(plan(TUMOUR), prescription=None), BOTH)

    def test_two_of_the_same_number_are_not_chosen_between(self):
        twin = replace(REGIMEN, id="22fx-b")
        with pytest.raises(UsageError, match="22fx-b"):
            evaluate(plan(TUMOUR), protocol(regimens=(REGIMEN, twin)))

    @pytest.mark.parametrize(("dose_gy", "chosen"), [(25.0, "5x5"), (30.0, "5x6")])
    def test_of_the_same_number_the_dose_chooses(self, dose_gy, chosen):
        five, six = (Regimen(f"5x{n}", 5, (Level("HR", 5.0 * n, 5.0 * n),)) for n in (5, 6))
        evaluation = evaluate(plan(TUMOUR, prescription=course(5, dose_gy)), protocol(regimens=(five, six)))
        assert evaluation.regimen.id == chosen

    @pytest.mark.parametrize(("dose_gy", "said"), [(27.0, "prescribes 27 Gy"), (None, "prescribes no dose")])
    def test_and_a_dose_of_none_of_them_does_not(self, dose_gy, said):
        five, six = (Regimen(f"5x{n}", 5, (Level("HR", 5.0 * n, 5.0 * n),)) for n in (5, 6))
        with pytest.raises(UsageError, match=f"5 fractions and {said}.*5x5.*5x6"):
            evaluate(plan(TUMOUR, prescription=course(5, dose_gy)), protocol(regimens=(five, six)))

    def test_an_unknown_name(self):
        with pytest.raises(UsageError, match=r"no regimen '28fx'.*22fx"):
            evaluate(plan(TUMOUR), BOTH, regimen="28fx")

    @pytest.mark.parametrize("prescription", [course(25), course(None)])
    def test_the_only_one_is_held_against_the_plan(self, prescription):
        evaluation = evaluate(plan(TUMOUR, prescription=prescription), protocol(goal("V100%[%] >= 95 %", "GTV")))
        assert evaluation.verdict is Verdict.FAIL

    def test_its_caveat_is_said(self):
        caveat = replace(REGIMEN, caveat="levels only")
        evaluation = evaluate(plan(TUMOUR), protocol(goal("V100%[%] >= 95 %", "GTV"), regimens=(caveat,)))
        assert findings(evaluation, "regimen-caveat") == [("WARN", "levels only")]
        assert "levels only" in evaluation.results[0].caveats


LOW = box(2, "PTV", (24, 24, 24))
GOALS = protocol(goal("V100%[%] >= 95 %", "GTV"), goal("V100%[%] >= 95 %", "PTV"), goal("Max[Gy] <= 70 Gy", "PTV"))


def levelled(*references, **options) -> Evaluation:
    return evaluate(plan(TUMOUR, LOW, prescription=course(more=references)), GOALS, **options)


class TestLevels:
    def test_fixed_by_the_regimen(self):
        evaluation = levelled()
        assert (evaluation.levels["HR"], evaluation.levels["IR"]) == (66, 55)
        assert "fixed" in evaluation.level_origins["HR"]

    @pytest.mark.parametrize("dose_gy", [44, 47.3, 50.6])
    def test_given(self, dose_gy):
        evaluation = levelled(levels={"LR": dose_gy})
        assert evaluation.levels["LR"] == dose_gy
        assert "given" in evaluation.level_origins["LR"]
        assert evaluation.verdict is Verdict.PASS

    @pytest.mark.parametrize("prescribed", [[46.0], [50.604], [44.0, 46.0]])
    @pytest.mark.parametrize("given", [44.0, 46.0, 50.6])
    def test_one_that_the_plan_does_not_prescribe_leaves_its_targets_unevaluated(self, given, prescribed):
        evaluation = levelled(*(reference(d, roi=2) for d in prescribed), levels={"LR": given})
        others = [d for d in prescribed if abs(d - given) > 0.01]
        agrees = len(others) < len(prescribed)
        gtv, *ptv = evaluation.results
        assert gtv.outcome is Outcome.MET
        assert {r.outcome for r in ptv} == {Outcome.MET if agrees else Outcome.NOT_EVALUATED}
        assert evaluation.verdict is (Verdict.PASS if agrees else Verdict.REVIEW)
        assert ("; the plan's dose references prescribe" in evaluation.level_origins["LR"]) is bool(others)

    def test_what_differs_is_said_with_what_to_do(self):
        evaluation = levelled(reference(50.6, roi=2), levels={"LR": 44})
        said = "the user gives LR = 44 Gy, the plan prescribes 50.6 Gy: give the one that the plan was made with, "
        assert findings(evaluation, "levels-match-plan") == [("STOP", f"{said}or correct the plan")]
        assert all(said in r.reason for r in evaluation.results[1:])
        origin = "given by the user; the plan's dose references prescribe 50.6 Gy to it"
        assert evaluation.level_origins["LR"] == origin
        assert evaluation.level_origins["HR"] == "fixed by the regimen"

    @pytest.mark.parametrize("given", [44, 50.6])
    def test_never_met_for_a_dose_that_is_not_the_plans(self, given):
        """Uniform 66 Gy covers any level: it is not the value that keeps the goals from being met."""
        evaluation = levelled(reference(46.0, "LR"), levels={"LR": given})
        assert [r.outcome for r in evaluation.results[1:]] == [Outcome.NOT_EVALUATED] * 2

    @pytest.mark.parametrize("structures", [(), (PTV,)])
    def test_without_an_roi_of_its_level_other_goals_keep_theirs(self, structures):
        """A finding without names would touch the whole plan."""
        small = protocol(goal("V100%[%] >= 95 %", "GTV"), structures=(GTV, *structures))
        checked = plan(TUMOUR, prescription=course(more=[reference(50.6, "LR")]))
        evaluation = evaluate(checked, small, levels={"LR": 44})
        assert [r.outcome for r in evaluation.results] == [Outcome.MET]
        assert evaluation.verdict is Verdict.REVIEW

    @pytest.mark.parametrize(
        "said",
        [
            reference(46.0, roi=2),
            reference(46.0, "another text", roi=2),
            reference(46.0, "PTV"),
            reference(46.0, "ptv"),
            reference(46.0, "LR"),
        ],
    )
    def test_read_from_the_dose_references_by_roi_or_description(self, said):
        evaluation = levelled(said)
        assert evaluation.levels["LR"] == 46.0
        assert "dose references" in evaluation.level_origins["LR"]
        assert findings(evaluation, "levels-match-plan") == []

    def test_the_same_dose_twice_is_one_dose(self):
        assert levelled(reference(46.0, roi=2), reference(46.0, "LR")).levels["LR"] == 46.0

    @pytest.mark.parametrize(
        ("references", "why"),
        [
            ([], "no dose"),
            ([reference(46.0, roi=2), reference(48.0, "LR")], "several doses"),
            ([reference(43.9, roi=2)], "43.9 Gy, the regimen allows 44 to 50.6 Gy"),
            ([reference(50.7, roi=2)], "50.7 Gy"),
            ([reference(math.nan, roi=2)], "nan Gy"),
            ([reference(4600.0, roi=2)], "4600 Gy"),
            ([reference(None, roi=2)], "no dose"),
            ([reference(46.0, roi=2, kind="ORGAN_AT_RISK")], "no dose"),
            ([reference(46.0, "PTV", roi=77)], "no dose"),
            ([reference(46.0, "Organ")], "no dose"),
        ],
    )
    def test_unknown_leaves_its_goals_and_no_others_without_a_value(self, references, why):
        evaluation = levelled(*references)
        assert "LR" not in evaluation.levels
        assert why in evaluation.level_origins["LR"]
        gtv, in_percent, in_gray = evaluation.results
        assert (gtv.outcome, in_gray.outcome) == (Outcome.MET, Outcome.MET)
        assert in_percent.outcome is Outcome.NOT_EVALUATED
        assert "LR" in in_percent.reason
        assert why in in_percent.reason
        assert evaluation.verdict is not Verdict.PASS

    @pytest.mark.parametrize("given", [{"LR": 43.9}, {"LR": 50.7}, {"LR": 4600}, {"LR": 0}, {"LR": -46}, {"HR": 60}])
    def test_what_the_regimen_does_not_allow(self, given):
        with pytest.raises(UsageError, match=r"--level.*not allowed in regimen 22fx"):
            levelled(levels=given)

    def test_what_the_regimen_does_not_have(self):
        with pytest.raises(UsageError, match=r"no level 'XR'.*HR, IR, LR"):
            levelled(levels={"XR": 50})

    def test_a_structure_without_a_level_has_no_percent(self):
        bare = replace(GTV, level="")
        (result,) = evaluate(plan(TUMOUR), protocol(goal("V100%[%] >= 95 %", "GTV"), structures=(bare, PTV))).results
        assert result.outcome is Outcome.NOT_EVALUATED

    def test_a_percentage_is_of_the_structures_own_level(self):
        """Uniform 66 Gy: 100 % of HR, and 143 % of an LR of 46 Gy."""
        small = protocol(goal("D95%[%] <= 100 %", "GTV"), goal("D95%[%] <= 100 %", "PTV"))
        evaluation = evaluate(plan(TUMOUR, LOW), small, levels={"LR": 46})
        first, second = evaluation.results
        assert first.quantity.value == pytest.approx(100, rel=1e-9)
        assert second.quantity.value == pytest.approx(6600 / 46, rel=1e-9)
        assert (first.outcome, second.outcome) == (Outcome.MET, Outcome.NOT_MET)

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_the_order_of_the_levels_is_of_no_account(self, order):
        levels = tuple((HR, Level("LR", 44, 50.6))[i] for i in order)
        small = replace(GOALS, regimens=(Regimen("22fx", 22, levels),))
        assert evaluate(plan(TUMOUR, LOW), small, levels={"LR": 46}).verdict is Verdict.PASS


class TestAsPrescribed:
    """A level that is whatever the plan prescribes, in a regimen for any number of fractions."""

    SMALL = replace(
        protocol(goal("V100%[%] >= 95 %", "GTV"), regimens=(Regimen("any", None, (Level("HR", 0.0, math.inf),)),)),
        structures=(GTV,),
    )

    @pytest.mark.parametrize(("fractions", "dose_gy"), [(22, 66.0), (30, 60.0), (5, 60.0)])
    def test_it_is_the_dose_that_the_plan_prescribes(self, fractions, dose_gy):
        checked = plan(TUMOUR, grid=dose(dose_gy), prescription=course(fractions, dose_gy))
        evaluation = evaluate(checked, self.SMALL)
        assert evaluation.levels == {"HR": dose_gy}
        assert evaluation.level_origins["HR"] == "the highest dose that the plan prescribes"
        assert findings(evaluation, "prescription-matches-regimen") == []
        assert evaluation.results[0].quantity.value == 100.0
        assert evaluation.verdict is Verdict.PASS

    def test_a_target_that_is_prescribed_less_than_the_highest_dose_has_no_level(self):
        boost = reference(70.0, "Boost")
        evaluation = evaluate(plan(TUMOUR, prescription=course(30, 60.0, [boost])), self.SMALL)
        assert evaluation.levels == {}
        assert "another dose than its highest" in evaluation.level_origins["HR"]
        assert evaluation.results[0].outcome is Outcome.NOT_EVALUATED
        assert evaluation.verdict is Verdict.REVIEW

    def test_given_by_the_user_against_the_plan_is_for_review(self):
        checked = plan(TUMOUR, grid=dose(60.0), prescription=course(30, 60.0))
        evaluation = evaluate(checked, self.SMALL, levels={"HR": 50.0})
        assert evaluation.results[0].outcome is Outcome.NOT_EVALUATED
        assert findings(evaluation, "levels-match-plan")[0][0] == "STOP"

    @pytest.mark.parametrize(("given_gy", "found"), [(56.0, ["STOP"]), (60.0, [])])
    def test_a_dose_of_the_whole_plan_that_names_no_target_counts_too(self, given_gy, found):
        """57 Gy cover all of 56 Gy, and nothing of the 60 Gy that the plan prescribes to a site."""
        site = Prescription((DoseReference(1, "SITE", "TARGET", "Rx", prescription_gy=60.0),), (FractionGroup(1, 30),))
        evaluation = evaluate(plan(TUMOUR, grid=dose(57.0), prescription=site), self.SMALL, levels={"HR": given_gy})
        assert [severity for severity, _ in findings(evaluation, "levels-match-plan")] == found
        assert evaluation.verdict is (Verdict.REVIEW if found else Verdict.FAIL)

    @pytest.mark.parametrize("prescription", [None, course(30, None)])
    def test_without_a_prescription_nothing_is_evaluated(self, prescription):
        organ = protocol(goal("Max[Gy] <= 70 Gy"), regimens=self.SMALL.regimens)
        evaluation = evaluate(replace(plan(box(1, "Organ")), prescription=prescription), organ)
        assert evaluation.results[0].outcome is Outcome.NOT_EVALUATED
        assert evaluation.verdict is Verdict.REVIEW

    @pytest.mark.parametrize("factor", [0.01, 1 / 30, 100.0])
    def test_a_dose_in_another_unit_fails(self, factor):
        organ = protocol(goal("Max[Gy] <= 7000 Gy"), regimens=self.SMALL.regimens)
        checked = plan(box(1, "Organ"), grid=dose(60.0 * factor), prescription=course(30, 60.0))
        assert evaluate(checked, organ).verdict is Verdict.FAIL
