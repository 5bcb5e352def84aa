"""Which ROI a goal is held against: one for one, each on its own, as a person decided, or none."""

from dataclasses import replace

import pytest

from hardcheck.errors import UsageError
from hardcheck.evaluation import Outcome, Verdict, evaluate
from tests.evaluation.cases import GTV, ORGAN, PTV, box, course, dose, goal, plan, protocol, reference

SMALL = protocol(goal("V100%[%] >= 95 %", "GTV"), goal("Max[Gy] <= 70 Gy"), goal("Mean[Gy] <= 70 Gy"))
TUMOUR = box(1, "GTV")
LEFT, RIGHT = box(2, "Organ", centre=(20, 0, 0)), box(3, "Organ_Alias", centre=(-20, 0, 0))


def organ_results(checked, small=SMALL, **options):
    return [r for r in evaluate(checked, small, **options).results if r.goal.structure == "Organ"]


def test_by_name_or_alias_and_the_roi_is_named():
    for organ in (LEFT, RIGHT):
        for result in organ_results(plan(TUMOUR, organ)):
            assert result.outcome is Outcome.MET
            assert (result.roi_number, result.roi_name) == (organ.number, organ.name)


def test_the_place_in_the_list_is_of_no_account():
    hot = dose(lambda x, y, z: 60 + 0.3 * x + 0 * (y + z))
    values = [
        [r.quantity.value for r in organ_results(plan(*order, grid=hot))] for order in ((TUMOUR, LEFT), (LEFT, TUMOUR))
    ]
    assert values[0] == values[1]


@pytest.mark.parametrize("second", [RIGHT, replace(RIGHT, name="Organ"), replace(RIGHT, name="organ")])
def test_two_that_match_are_not_chosen_between_and_both_are_named(second):
    evaluation = evaluate(plan(TUMOUR, LEFT, second), SMALL)
    for result in evaluation.results[1:]:
        assert result.outcome is Outcome.NOT_EVALUATED
        assert repr(LEFT.name) in result.reason
        assert repr(second.name) in result.reason
        assert "--map Organ=#2" in result.reason
        assert result.roi_number is None
    assert evaluation.verdict is Verdict.REVIEW


@pytest.mark.parametrize("text", ["Organ_Alias", "#3", "3"])
@pytest.mark.parametrize("name", ["Organ", "Organ Max[Gy] <= 70 Gy required"])
def test_a_person_decides(name, text):
    mapping = {name: text}
    results = organ_results(plan(TUMOUR, LEFT, RIGHT), mapping=mapping)
    assert [r.outcome for r in results] == [Outcome.MET, Outcome.MET]
    assert {r.roi_number for r in results} == {3}
    assert evaluate(plan(TUMOUR, LEFT, RIGHT), SMALL, mapping=mapping).settings["mapping"] == mapping


def test_a_person_may_name_what_nothing_would_match():
    results = organ_results(plan(TUMOUR, box(7, "Gut 3")), mapping={"Organ": "Gut 3"})
    assert {(r.roi_number, r.outcome) for r in results} == {(7, Outcome.MET)}


@pytest.mark.parametrize("mapping", [{"Orgam": "Organ"}, {"Organ": "Nothing"}, {"Organ": "#99"}])
def test_what_is_not_there_cannot_be_chosen(mapping):
    with pytest.raises(UsageError, match="--map"):
        evaluate(plan(TUMOUR, LEFT), SMALL, mapping=mapping)


class TestSiteAliases:
    """Names of a site's own are names of the structure like those of the protocol."""

    SITE = replace(SMALL, structures=(replace(GTV, site_aliases=("Boost",)), PTV, ORGAN))

    def test_the_roi_and_the_way(self):
        evaluation = evaluate(plan(box(1, "boost"), LEFT), self.SITE)
        assert evaluation.results[0].outcome is Outcome.MET
        assert evaluation.matched_by("GTV", 1) == "by the site's alias Boost"
        assert evaluation.matched_by("Organ", 2) == "by its name"
        assert evaluation.matched_by("PTV", None) is None

    def test_none_of_them_is_taken_beside_a_name_of_the_protocol(self):
        evaluation = evaluate(plan(TUMOUR, box(9, "Boost"), LEFT), self.SITE)
        assert evaluation.results[0].outcome is Outcome.NOT_EVALUATED
        assert evaluation.verdict is Verdict.REVIEW

    def test_a_dose_reference_of_that_name_prescribes_to_it(self):
        wanted = replace(self.SITE, structures=(GTV, replace(PTV, site_aliases=("Elective",)), ORGAN))
        prescription = course(more=[reference(46.0, "elective")])
        assert evaluate(plan(TUMOUR, LEFT, prescription=prescription), wanted).levels["LR"] == 46.0
        assert "LR" not in evaluate(plan(TUMOUR, LEFT, prescription=prescription), SMALL).levels


class TestEach:
    """The name of a class: every ROI that matches has results of its own."""

    SMALL = replace(SMALL, structures=(GTV, PTV, replace(ORGAN, each=True)))

    def test_one_result_for_each_roi_and_goal(self):
        hot = dose(lambda x, y, z: 60 + x + 0 * (y + z))  # 70 to 90 Gy in the left organ, 30 to 50 in the right one
        results = organ_results(plan(TUMOUR, LEFT, RIGHT, grid=hot), self.SMALL)
        found = {(r.goal.metric.kind, r.roi_name): r.outcome for r in results}
        assert found == {
            ("Max", "Organ"): Outcome.NOT_MET,
            ("Max", "Organ_Alias"): Outcome.MET,
            ("Mean", "Organ"): Outcome.NOT_MET,
            ("Mean", "Organ_Alias"): Outcome.MET,
        }

    def test_one_that_cannot_be_evaluated_does_not_hide_behind_another(self):
        far = box(3, "Organ_Alias", centre=(900, 0, 0))
        evaluation = evaluate(plan(TUMOUR, LEFT, far), self.SMALL)
        outcomes = {r.roi_name: r.outcome for r in evaluation.results if r.goal.structure == "Organ"}
        assert outcomes == {"Organ": Outcome.MET, "Organ_Alias": Outcome.NOT_EVALUATED}
        assert evaluation.verdict is Verdict.REVIEW

    def test_namesakes_are_still_ambiguous(self):
        for result in organ_results(plan(TUMOUR, LEFT, replace(RIGHT, name="Organ")), self.SMALL):
            assert result.outcome is Outcome.NOT_EVALUATED

    def test_none_is_not_contoured(self):
        assert [r.reason for r in organ_results(plan(TUMOUR), self.SMALL)] == ["not contoured"] * 2


class TestAbsent:
    """What a person confirms not to be in range does not apply; what is there cannot be absent."""

    def test_not_contoured(self):
        evaluation = evaluate(plan(TUMOUR), SMALL, absent=["Organ"])
        for result in evaluation.results[1:]:
            assert result.outcome is Outcome.NOT_APPLICABLE
            assert "by the user" in result.reason
        assert evaluation.verdict is Verdict.PASS
        assert evaluation.settings["absent"] == ["Organ"]

    def test_and_yet_contoured(self):
        evaluation = evaluate(plan(TUMOUR, LEFT), SMALL, absent=["Organ"])
        for result in evaluation.results[1:]:
            assert result.outcome is Outcome.NOT_EVALUATED
            assert "declared absent, and yet contoured as Organ" in result.reason
        assert evaluation.verdict is Verdict.REVIEW

    @pytest.mark.parametrize("second", [RIGHT, replace(RIGHT, name="Organ")])
    def test_and_yet_contoured_twice(self, second):
        evaluation = evaluate(plan(TUMOUR, LEFT, second), SMALL, absent=["Organ"])
        for result in evaluation.results[1:]:
            assert result.outcome is Outcome.NOT_EVALUATED
            assert "two ROIs match" in result.reason
        assert evaluation.verdict is Verdict.REVIEW

    def test_and_yet_chosen_by_the_same_person(self):
        gut = box(7, "Gut 3")
        results = organ_results(plan(TUMOUR, gut), absent=["Organ"], mapping={"Organ": "Gut 3"})
        assert {r.outcome for r in results} == {Outcome.NOT_EVALUATED}

    def test_all_of_them_leave_nothing_to_pass_by(self):
        only = replace(SMALL, goals=SMALL.goals[1:])
        assert evaluate(plan(TUMOUR), only, absent=["Organ"]).verdict is Verdict.REVIEW

    def test_a_target_is_never_absent(self):
        """A plan without its target is not one that passes by a word."""
        with pytest.raises(UsageError, match=r"--absent.*no organ 'GTV'.*Organ"):
            evaluate(plan(LEFT), SMALL, absent=["GTV"])

    def test_an_unknown_name(self):
        with pytest.raises(UsageError, match=r"--absent.*no organ 'Orgam'.*Organ"):
            evaluate(plan(TUMOUR), SMALL, absent=["Organ", "Orgam"])
