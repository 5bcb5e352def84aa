"""What changed from A to B, by evaluations whose differences are known."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.comparison import Change, Movement, Result, compare, side_of
from hardcheck.errors import UsageError
from tests.comparison.sides import document, finding, goal, missing, side

OPPOSITE = {
    Change.BETTER: Change.WORSE,
    Change.WORSE: Change.BETTER,
    Change.WITHIN: Change.WITHIN,
    Change.SAME: Change.SAME,
    Change.UNKNOWN: Change.UNKNOWN,
}


def only(a, b):
    (change,) = compare(side(a), side(b)).goals
    return change


# An upper limit of 46 Gy: less is better. A lower one of 46 Gy: more is.
@pytest.mark.parametrize(
    ("op", "a", "b", "change", "certain"),
    [
        ("<=", 44.0, 42.0, Change.BETTER, True),
        ("<=", 42.0, 44.0, Change.WORSE, True),
        ("<=", 44.0, 43.5, Change.WITHIN, False),  # 43.5..44.5 and 43.0..44.0
        ("<=", 44.0, 43.0, Change.WITHIN, False),  # the intervals share 43.5
        ("<=", 44.0, 42.99, Change.BETTER, True),
        ("<=", 44.0, 44.0 + 1e-10, Change.SAME, False),
        (">=", 50.0, 52.0, Change.BETTER, True),
        (">=", 52.0, 50.0, Change.WORSE, True),
        (">", 50.0, 49.9, Change.WITHIN, False),
        ("<", 44.0, 44.1, Change.WITHIN, False),
    ],
)
def test_values_move_towards_the_good_side_or_away(op, a, b, change, certain):
    found = only(goal(value=a, op=op), goal(value=b, op=op))
    assert (found.outcome, found.value, found.change, found.certain) == (Change.SAME, change, change, certain)
    assert found.difference == pytest.approx(b - a)


def test_an_interval_without_a_bound_is_never_certain():
    without = goal(value=40.0) | {"low": None}
    assert side(without).goals[0].low == -math.inf
    assert only(without, goal(value=30.0)).certain is False
    assert only(goal(value=40.0), goal(value=30.0)).certain is True


@pytest.mark.parametrize(
    ("a", "b", "change"),
    [
        ("MET", "NOT_MET", Change.WORSE),
        ("MET", "MARGINAL", Change.WORSE),
        ("MARGINAL", "NOT_MET", Change.WORSE),
        ("NOT_MET", "MET", Change.BETTER),
        ("NOT_MET", "MARGINAL", Change.BETTER),
        ("MARGINAL", "MET", Change.BETTER),
        ("MET", "MET", Change.SAME),
    ],
)
def test_outcomes_have_an_order(a, b, change):
    assert only(goal(outcome=a), goal(outcome=b)).change is change


@pytest.mark.parametrize("outcome", ["MET", "NOT_MET", "MARGINAL"])
@pytest.mark.parametrize("silent", ["NOT_EVALUATED", "NOT_APPLICABLE"])
def test_what_is_missing_on_one_side_is_never_better_nor_worse(outcome, silent):
    for a, b in ((goal(outcome=outcome), missing(outcome=silent)), (missing(outcome=silent), goal(outcome=outcome))):
        found = only(a, b)
        assert (found.change, found.value, found.certain) == (Change.UNKNOWN, Change.UNKNOWN, False)
        assert found.difference is None


def test_a_value_of_a_goal_that_was_not_evaluated_is_no_value():
    found = only(goal(value=44.0), goal(value=40.0, outcome="NOT_EVALUATED"))
    assert (found.change, found.value) == (Change.UNKNOWN, Change.UNKNOWN)


def test_silent_on_both_sides_is_not_counted():
    compared = compare(side(missing("a"), goal("b")), side(missing("a"), missing("b")))
    assert [change.is_silent for change in compared.goals] == [True, False]
    assert compared.count(Change.UNKNOWN) == 1


def test_goals_of_one_side_are_listed():
    compared = compare(side(goal("a"), goal("b")), side(goal("b"), goal("c")))
    assert [(c.held.id, c.a is None, c.b is None) for c in compared.goals] == [
        ("b", False, False),
        ("c", True, False),
        ("a", False, True),
    ]
    assert [[c.held.id for c in found] for found in (compared.only_a, compared.only_b)] == [["a"], ["c"]]


@pytest.mark.parametrize("name", ["structure", "metric", "op", "unit"])
def test_another_goal_under_the_same_id_is_another_goal(name):
    other = {"structure": "Brain", "metric": "Mean[Gy]", "op": "<", "unit": "%"}[name]
    compared = compare(side(goal()), side(goal() | {name: other}))
    assert [(c.a is None, c.b is None) for c in compared.goals] == [(True, False), (False, True)]
    assert compared.result is Result.NOT_TOLD


def test_several_rois_of_one_goal_are_found_by_name_and_by_number_in_one_structure_set_alone():
    def lesion(number, name, value):
        return goal("lesion", value, roi_number=number, roi_name=name)

    a = [lesion(1, "L1", 40.0), lesion(2, "L2", 41.0), lesion(3, "L3", 42.0)]
    b = [lesion(2, "L1", 30.0), lesion(1, "L2", 31.0), lesion(3, "renamed", 32.0)]

    def pairs(*sides):
        found = compare(*sides).goals
        return [(c.a and c.a.roi_name, c.b and c.b.roi_name) for c in found]

    assert pairs(side(*a), side(*b)) == [("L1", "L1"), ("L2", "L2"), ("L3", "renamed")]
    elsewhere = document(*b)["provenance"] | {
        "inputs": [{"sop_instance_uid": "9", "sha256": "d" * 64, "modality": "RTSTRUCT"}]
    }
    assert pairs(side(*a), side(*b, provenance=elsewhere)) == [
        ("L1", "L1"),
        ("L2", "L2"),
        (None, "renamed"),
        ("L3", None),
    ]


def test_of_an_roi_with_another_name_nothing_is_better():
    there, elsewhere = goal(value=44.0, roi_name="Cord"), goal(value=20.0, roi_number=9, roi_name="SpinalCord")
    for a, b in ((there, elsewhere), (elsewhere, there), (there | {"outcome": "NOT_MET"}, elsewhere)):
        compared = compare(side(a), side(b))
        (found,) = compared.goals
        assert (found.value, found.change, found.certain) == (Change.UNKNOWN, Change.UNKNOWN, False)
        assert compared.result is Result.NOT_TOLD
    made = goal(value=20.0, roi_number=None, roi_name=None)
    assert compare(side(there), side(made)).result is Result.NOT_TOLD
    assert compare(side(there), side(elsewhere | {"outcome": "NOT_MET"})).result is Result.WORSE
    assert compare(side(missing()), side(there)).result is Result.NOT_WORSE
    assert compare(side(there), side(goal(value=44.0, roi_number=9, roi_name="Cord"))).result is Result.NOT_WORSE


def test_one_roi_on_either_side_is_of_one_goal_whatever_it_is_called():
    found = only(goal(roi_number=7, roi_name="Cord"), goal(roi_number=9, roi_name="SpinalCord"))
    assert found.notes == ("held against ROI 7 Cord in A and ROI 9 SpinalCord in B",)


def test_of_a_limit_that_is_relative_to_the_plan_the_margins_are_held():
    text = "V30Gy[cc] < Volume(Liver) - 700 cc"
    found = only(
        goal(value=700.0, limit=800.0, unit="cc", goal=text), goal(value=710.0, limit=900.0, unit="cc", goal=text)
    )
    assert (found.value, found.certain) == (Change.UNKNOWN, False)
    assert "800.00 cc in A and 900.00 cc in B" in found.notes[0]


def test_a_limit_of_another_protocol_is_said_and_the_values_are_held():
    found = only(goal(value=44.0), goal(value=42.0, limit=45.0))
    assert (found.value, found.certain) == (Change.BETTER, True)
    assert "the limit is another one" in found.notes[0]


# docs/compare.md has the same table.
@pytest.mark.parametrize(
    ("a", "b", "result"),
    [
        ("MET", "MET", Result.NOT_WORSE),
        ("MET", "NOT_MET", Result.WORSE),
        ("MET", "MARGINAL", Result.NOT_TOLD),
        ("MET", "NOT_EVALUATED", Result.NOT_TOLD),
        ("MET", "NOT_APPLICABLE", Result.NOT_TOLD),
        ("MET", None, Result.NOT_TOLD),
        ("MARGINAL", "NOT_MET", Result.NOT_TOLD),
        ("MARGINAL", "MARGINAL", Result.NOT_WORSE),
        ("MARGINAL", "NOT_EVALUATED", Result.NOT_TOLD),
        ("NOT_MET", "NOT_MET", Result.NOT_WORSE),
        ("NOT_MET", "MARGINAL", Result.NOT_WORSE),
        ("NOT_MET", "MET", Result.NOT_WORSE),
        ("NOT_MET", "NOT_EVALUATED", Result.NOT_TOLD),
        ("NOT_EVALUATED", "NOT_EVALUATED", Result.NOT_WORSE),
        ("NOT_EVALUATED", "MET", Result.NOT_WORSE),
        ("NOT_EVALUATED", "NOT_MET", Result.NOT_TOLD),
        ("NOT_EVALUATED", "MARGINAL", Result.NOT_TOLD),
        ("NOT_EVALUATED", "NOT_APPLICABLE", Result.NOT_WORSE),
        ("NOT_APPLICABLE", "NOT_EVALUATED", Result.NOT_TOLD),
        ("NOT_APPLICABLE", "NOT_MET", Result.NOT_TOLD),
        (None, "MET", Result.NOT_WORSE),
        (None, "NOT_MET", Result.NOT_TOLD),
        (None, "NOT_EVALUATED", Result.NOT_TOLD),
    ],
)
@pytest.mark.parametrize("tier", ["required", "recommended", "advisory"])
def test_what_a_goal_says_of_the_whole(a, b, result, tier):
    def sides(outcome):
        silent = outcome in ("NOT_EVALUATED", "NOT_APPLICABLE")
        goals = [] if outcome is None else [(missing if silent else goal)(outcome=outcome, tier=tier)]
        return side(goal("other"), *goals)

    assert compare(sides(a), sides(b)).result is result


@pytest.mark.parametrize(
    ("a", "b", "change", "result"),
    [
        ("PASS", "PASS", Change.SAME, Result.NOT_WORSE),
        ("PASS", "VARIATION", Change.WORSE, Result.WORSE),
        ("PASS", "FAIL", Change.WORSE, Result.WORSE),
        ("VARIATION", "FAIL", Change.WORSE, Result.WORSE),
        ("VARIATION", "PASS", Change.BETTER, Result.NOT_WORSE),
        ("FAIL", "PASS", Change.BETTER, Result.NOT_WORSE),
        ("PASS", "REVIEW", Change.UNKNOWN, Result.NOT_TOLD),
        ("VARIATION", "REVIEW", Change.UNKNOWN, Result.NOT_TOLD),
        ("FAIL", "REVIEW", Change.UNKNOWN, Result.NOT_TOLD),
        ("REVIEW", "REVIEW", Change.SAME, Result.NOT_WORSE),
        ("REVIEW", "PASS", Change.UNKNOWN, Result.NOT_WORSE),
        ("REVIEW", "FAIL", Change.UNKNOWN, Result.WORSE),
    ],
)
def test_verdicts(a, b, change, result):
    compared = compare(side(goal(), verdict=a), side(goal(), verdict=b))
    assert (compared.verdict, compared.result) == (change, result)


def test_a_goal_that_a_person_has_to_judge_from_now_on_is_not_told():
    judged = goal(review="met only through the subtraction")
    assert compare(side(goal()), side(judged)).result is Result.NOT_TOLD
    assert compare(side(judged), side(goal())).result is Result.NOT_WORSE
    let_go = [goal(outcome="NOT_MET", review="confined to the overlap"), goal(outcome="NOT_MET")]
    assert compare(side(let_go[0]), side(let_go[1])).result is Result.NOT_TOLD
    assert compare(side(let_go[1]), side(let_go[0])).result is Result.NOT_WORSE


@pytest.mark.parametrize(
    ("severity", "result"),
    [("FAIL", Result.WORSE), ("STOP", Result.NOT_TOLD), ("WARN", Result.NOT_WORSE), ("INFO", Result.NOT_WORSE)],
)
def test_findings_of_b_alone(severity, result):
    a, b = side(goal()), side(goal(), findings=[finding(severity=severity)])
    assert compare(a, b).result is result
    assert compare(b, a).result is Result.NOT_WORSE
    assert [c.movement for c in compare(a, b).findings] == [Movement.NEW]
    assert [c.movement for c in compare(b, a).findings] == [Movement.GONE]


def test_a_check_that_says_it_in_other_words_is_not_new():
    a, b = (side(goal(), findings=[finding(severity="FAIL", message=said)]) for said in ("7 mm", "8 mm"))
    compared = compare(a, b)
    assert [c.movement for c in compared.findings] == [Movement.CHANGED]
    assert compared.result is Result.NOT_WORSE


@pytest.mark.parametrize(("severity", "result"), [("FAIL", Result.WORSE), ("STOP", Result.NOT_TOLD)])
@pytest.mark.parametrize("before", ["INFO", "WARN"])
def test_a_check_that_says_it_of_another_structure_or_more_gravely_is_new(severity, result, before):
    femur, lung = (finding("laterality", severity, f"{name} is elsewhere", [name]) for name in ("Femur_L", "Lung_R"))
    a, b = side(goal(), findings=[femur]), side(goal(), findings=[femur, lung])
    assert compare(a, b).result is result
    assert "laterality (Lung_R)" in compare(a, b).reasons[0].text
    assert compare(a, side(goal(), findings=[lung])).result is result
    assert compare(side(goal(), findings=[femur, lung | {"severity": before}]), b).result is result
    assert compare(b, a).result is Result.NOT_WORSE
    assert compare(b, b).result is Result.NOT_WORSE


@pytest.mark.parametrize(
    "settings", [{"mapping": {"cord": "CORD_TIP"}}, {"aliases": {"cord": ["TIP"]}}, {"absent": ["cord"]}]
)
def test_settings_that_choose_the_roi_decide(settings):
    other = document(goal())
    other["provenance"]["settings"] |= settings
    for sides in ((side(goal()), side_of(other, intact=True)), (side_of(other, intact=True), side(goal()))):
        assert [d.decides for d in compare(*sides).differences] == [True]
        assert compare(*sides).result is Result.NOT_TOLD
    same = side_of(other, intact=True)
    assert compare(same, same).result is Result.NOT_WORSE


@pytest.mark.parametrize(
    "more",
    [
        {"protocol": {"id": "tiny", "version": "2", "regimen": "22fx", "sha256": "b" * 64}},
        {"protocol": {"id": "tiny", "version": "1", "regimen": "22fx", "sha256": "c" * 64}},
        {"protocol": {"id": "tiny", "version": "1", "regimen": "22fx", "sha256": None}},
        {"protocol": {"id": "tiny", "version": "1", "regimen": "15fx", "sha256": "b" * 64}},
        {"levels": {"HR": 60.0}},
        {"levels": {}},
        {"plan": {"patient_id": "ID-2", "fractions": 22, "prescription_gy": 66.0}},
        {"intact": False},
    ],
)
def test_other_questions_have_no_common_answer(more):
    for sides in ((side(goal()), side(goal(), **more)), (side(goal(), **more), side(goal()))):
        compared = compare(*sides)
        assert [d.decides for d in compared.differences][:1] == [True]
        assert compared.result is Result.NOT_TOLD
    assert compare(side(goal()), side(goal(outcome="NOT_MET"), **more)).result is Result.WORSE


def test_other_fractions_are_another_question():
    other = document(goal())
    other["plan"]["fractions"] = 15
    compared = compare(side(goal()), side_of(other, intact=True))
    assert [(d.what, d.a, d.b, d.decides) for d in compared.differences] == [("fractions", "22", "15", True)]
    assert compared.result is Result.NOT_TOLD


def test_other_versions_settings_and_doses_are_said():
    other = document(goal(), version="0.2.0")
    other["provenance"]["settings"] = {"end_caps": "none"}
    other["plan"]["prescription_gy"] = 60.0
    compared = compare(side(goal()), side_of(other, intact=True))
    assert [(d.what, d.a, d.b, d.decides) for d in compared.differences] == [
        ("prescribed dose (Gy)", "66.0", "60.0", False),
        ("version of hardcheck", "0.1.0", "0.2.0", False),
        ("setting end_caps", "half", "none", False),
    ]
    assert compared.result is Result.NOT_WORSE
    assert compared.same_input


NUMBERS = st.floats(0, 100, allow_nan=False)
OUTCOMES = st.sampled_from(["MET", "NOT_MET", "MARGINAL", "NOT_EVALUATED", "NOT_APPLICABLE"])


@st.composite
def goals(draw):
    names = draw(st.lists(st.sampled_from("abcdef"), unique=True, max_size=5))
    found = []
    for name in names:
        outcome = draw(OUTCOMES)
        op = "<=" if name < "d" else ">"
        if outcome.startswith("NOT_") and outcome != "NOT_MET":
            found.append(missing(name, outcome, op=op))
            continue
        low, value, high = sorted(draw(st.tuples(NUMBERS, NUMBERS, NUMBERS)))
        limit = draw(st.sampled_from([46.0, 50.0]))
        number = draw(st.integers(1, 3))
        found.append(goal(name, value, outcome, low=low, high=high, op=op, limit=limit, goal="G", roi_number=number))
    return found


@given(goals(), goals())
def test_the_other_way_round_better_is_worse(first, second):
    there, back = compare(side(*first), side(*second)), compare(side(*second), side(*first))
    seen = {c.held.id: (c.outcome, c.value, c.change, c.certain, c.difference) for c in there.goals}
    turned = {c.held.id: (c.outcome, c.value, c.change, c.certain, c.difference) for c in back.goals}
    assert seen.keys() == turned.keys() == {g["id"] for g in (*first, *second)}
    for name, (outcome, value, change, certain, difference) in seen.items():
        assert turned[name][:4] == (OPPOSITE[outcome], OPPOSITE[value], OPPOSITE[change], certain)
        assert difference is None or turned[name][4] == -difference
    assert there.count(Change.BETTER) == back.count(Change.WORSE)
    assert (there.only_a == ()) is (back.only_b == ())


@given(goals())
def test_an_evaluation_is_no_worse_than_itself(made):
    compared = compare(side(*made), side(*made))
    assert compared.result is Result.NOT_WORSE
    assert {c.change for c in compared.goals} <= {Change.SAME, Change.UNKNOWN}
    assert not any(c.certain for c in compared.goals)


@given(goals(), goals())
def test_better_has_a_value_on_both_sides(first, second):
    for change in compare(side(*first), side(*second)).goals:
        if change.change in (Change.BETTER, Change.WORSE):
            assert change.a.value is not None
            assert change.b.value is not None


@pytest.mark.parametrize(
    "change",
    [
        {"value": None},
        {"value": float("inf")},
        {"value": 10**400},
        {"value": 99.0},
        {"value": True},
        {"value": "44"},
        {"low": 45.0},
        {"outcome": "FINE"},
        {"outcome": None},
        {"tier": "any"},
        {"op": "=="},
        {"roi_number": 1.5},
        {"structure": 5},
        {"limit": "46"},
    ],
)
def test_what_no_evaluation_says_is_refused(change):
    with pytest.raises(UsageError, match="is no evaluation"):
        side(goal() | change)


@pytest.mark.parametrize("name", ["value", "low", "op", "unit", "metric", "tier", "limit"])
def test_a_goal_that_lacks_something_is_refused(name):
    lacking = goal()
    del lacking[name]
    with pytest.raises(UsageError, match="is no evaluation"):
        side(lacking)


@pytest.mark.parametrize("fractions", [10**400, -1, "22", None, [22], True, {"a": 1}])
def test_fractions_that_are_none_are_shown_and_end_nothing(fractions):
    other = document(goal())
    other["plan"]["fractions"] = fractions
    (found,) = compare(side(goal()), side_of(other, intact=True)).differences
    assert (found.what, found.decides) == ("fractions", True)


def test_a_goal_that_is_there_twice_is_refused():
    with pytest.raises(UsageError, match="twice"):
        side(goal(), goal())


def test_the_error_quotes_nothing_of_the_document():
    with pytest.raises(UsageError) as caught:
        side_of(document(goal(outcome="DOE^JANE")), intact=True, where="b.json")
    assert "DOE" not in str(caught.value)
    assert str(caught.value).startswith("b.json: ")


def test_json_written_and_read_says_the_same():
    made = document(goal(), missing("b"), findings=[finding()])
    assert side_of(json.loads(json.dumps(made, allow_nan=False)), intact=True) == side_of(made, intact=True)


def test_what_cannot_be_told_is_counted_in_one_way():
    a = side(goal("a"), goal("b"), missing("c"), goal("e"), goal("f", outcome="MARGINAL"))
    b = side(goal("a"), missing("b"), goal("c"), goal("d"), goal("f", outcome="NOT_MET"))
    compared = compare(a, b)
    assert compared.count(Change.UNKNOWN) == 4  # b, c, d, e
    said = " ".join(reason.text for reason in compared.reasons)
    assert "of 4 goals it cannot be told, and for 2 of them that counts: B " in said
    assert "1 goal worse, and marginal in A or B: F " in said
    assert sum(compared.count(change) for change in Change) == len(compared.goals)
