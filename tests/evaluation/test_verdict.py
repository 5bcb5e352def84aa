"""The verdict on a plan: from the outcomes of its goals and the findings of its checks to one word."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.evaluation import GoalResult, Outcome, Verdict
from hardcheck.evaluation.verdict import asks_for_review, decide, fails, varies
from hardcheck.plan import Finding, Severity
from hardcheck.protocol import Tier
from hardcheck.quantity import Quantity
from tests.evaluation.cases import goal

TIERS, OUTCOMES, SEVERITIES = [str(t) for t in Tier], [str(o) for o in Outcome], [str(s) for s in Severity]


def result(tier: str, outcome: str) -> GoalResult:
    """A result of `tier`, "required?" where the source leaves it in doubt."""
    text = goal("Max[Gy] <= 70 Gy", tier=tier.removesuffix("?"), uncertain=tier.endswith("?"))
    return GoalResult(text, Outcome(outcome), Quantity.unknown("Gy", "made up"), 70.0)


def verdict(*results: tuple[str, str], findings: tuple[str, ...] = ()) -> str:
    said = [Finding("check", Severity(severity), "made up") for severity in findings]
    return str(decide([result(*r) for r in results], said))


GOOD = ("required", "MET")

ONE_GOAL = {
    ("required", "MET"): "PASS",
    ("required", "NOT_MET"): "FAIL",
    ("required", "MARGINAL"): "REVIEW",
    ("required", "NOT_EVALUATED"): "REVIEW",
    ("required", "NOT_APPLICABLE"): "PASS",
    ("required?", "MET"): "PASS",
    ("required?", "NOT_MET"): "REVIEW",
    ("required?", "MARGINAL"): "REVIEW",
    ("required?", "NOT_EVALUATED"): "REVIEW",
    ("required?", "NOT_APPLICABLE"): "PASS",
    ("recommended", "MET"): "PASS",
    ("recommended", "NOT_MET"): "VARIATION",
    ("recommended", "MARGINAL"): "PASS",
    ("recommended", "NOT_EVALUATED"): "PASS",
    ("recommended", "NOT_APPLICABLE"): "PASS",
    ("recommended?", "MET"): "PASS",
    ("recommended?", "NOT_MET"): "REVIEW",
    ("recommended?", "MARGINAL"): "PASS",
    ("recommended?", "NOT_EVALUATED"): "PASS",
    ("recommended?", "NOT_APPLICABLE"): "PASS",
    ("advisory", "MET"): "PASS",
    ("advisory", "NOT_MET"): "PASS",
    ("advisory", "MARGINAL"): "PASS",
    ("advisory", "NOT_EVALUATED"): "PASS",
    ("advisory", "NOT_APPLICABLE"): "PASS",
}
"""The verdict on a plan with this goal beside a required one that is met."""


@pytest.mark.parametrize(("tier", "outcome"), ONE_GOAL)
def test_one_goal_beside_a_required_one_that_is_met(tier, outcome):
    assert verdict(GOOD, (tier, outcome)) == ONE_GOAL[tier, outcome]
    assert verdict((tier, outcome), GOOD) == ONE_GOAL[tier, outcome]


@pytest.mark.parametrize(("tier", "outcome"), ONE_GOAL)
@pytest.mark.parametrize(
    ("severity", "at_least"), [("FAIL", "FAIL"), ("STOP", "REVIEW"), ("WARN", "PASS"), ("INFO", "PASS")]
)
def test_a_finding_beside_that(tier, outcome, severity, at_least):
    order = ["PASS", "VARIATION", "REVIEW", "FAIL"]
    expected = max(ONE_GOAL[tier, outcome], at_least, key=order.index)
    assert verdict(GOOD, (tier, outcome), findings=(severity,)) == expected


@pytest.mark.parametrize(
    ("results", "findings", "expected"),
    [
        ([], (), "REVIEW"),
        ([], ("INFO",), "REVIEW"),
        ([], ("FAIL",), "FAIL"),
        ([("required", "NOT_APPLICABLE")], (), "REVIEW"),
        ([("required", "NOT_APPLICABLE"), ("recommended", "NOT_EVALUATED")], (), "REVIEW"),
        ([("recommended", "NOT_EVALUATED")], (), "REVIEW"),
        ([("advisory", "NOT_EVALUATED")], (), "REVIEW"),
        ([("advisory", "NOT_EVALUATED"), ("required", "NOT_APPLICABLE")], ("FAIL",), "FAIL"),
        ([("recommended", "NOT_MET")], (), "VARIATION"),
        ([("required", "NOT_MET"), ("required", "NOT_EVALUATED")], (), "FAIL"),
        ([("required", "NOT_MET"), ("required?", "NOT_MET")], (), "FAIL"),
        ([("required?", "NOT_MET"), ("recommended", "NOT_MET")], (), "REVIEW"),
        ([("required", "MARGINAL"), ("recommended", "NOT_MET")], (), "REVIEW"),
        ([("required", "NOT_MET")], ("STOP",), "FAIL"),
        ([GOOD], ("STOP", "FAIL"), "FAIL"),
        ([GOOD], ("WARN", "INFO", "WARN"), "PASS"),
    ],
)
def test_what_wins(results, findings, expected):
    assert verdict(*results, findings=findings) == expected


tiers = st.sampled_from([*TIERS, "required?", "recommended?"])
plans = st.lists(st.tuples(tiers, st.sampled_from(OUTCOMES)), max_size=6)
said = st.lists(st.sampled_from(SEVERITIES), max_size=3).map(tuple)


@given(plans, said)
def test_pass_means_that_nothing_required_is_open(results, findings):
    if verdict(*results, findings=findings) in ("PASS", "VARIATION"):
        assert not {"STOP", "FAIL"} & set(findings)
        assert all(o in ("MET", "NOT_APPLICABLE") for tier, o in results if tier.startswith("required"))
        assert any(o in ("MET", "NOT_MET", "MARGINAL") for _, o in results)
    if verdict(*results, findings=findings) == "PASS":
        assert ("recommended", "NOT_MET") not in results


@given(plans, said, tiers, st.sampled_from(["NOT_MET", "MARGINAL", "NOT_EVALUATED"]))
def test_a_further_goal_that_is_not_met_never_makes_it_better(results, findings, tier, outcome):
    order = ["PASS", "VARIATION", "REVIEW", "FAIL"]
    before = verdict(*results, findings=findings)
    after = verdict(*results, (tier, outcome), findings=findings)
    evaluated = any(o in ("MET", "NOT_MET", "MARGINAL") for _, o in results)
    assert order.index(after) >= order.index(before) or not evaluated


@given(st.permutations([GOOD, ("required", "NOT_MET"), ("required?", "NOT_MET"), ("recommended", "NOT_MET")]))
def test_the_order_of_the_goals_is_of_no_account(results):
    assert verdict(*results) == "FAIL"


@pytest.mark.parametrize(("tier", "outcome"), ONE_GOAL)
def test_what_a_report_says_of_one_goal_is_what_decides(tier, outcome):
    one = result(tier, outcome)
    said = [word for word, ask in (("FAIL", fails), ("REVIEW", asks_for_review), ("VARIATION", varies)) if ask(one)]
    assert (said or ["PASS"])[0] == ONE_GOAL[tier, outcome]


JUDGED = {
    ("required", "MET"): "REVIEW",
    ("required", "NOT_MET"): "REVIEW",
    ("required?", "MET"): "REVIEW",
    ("recommended", "MET"): "PASS",
    ("recommended", "NOT_MET"): "VARIATION",
    ("advisory", "NOT_MET"): "PASS",
}
"""The verdict where a person has to judge this goal, whatever its outcome: a serial organ, an overlap with organs."""


@pytest.mark.parametrize(("tier", "outcome"), JUDGED)
def test_a_goal_that_a_person_has_to_judge(tier, outcome):
    one = replace(result(tier, outcome), review="made up")
    assert decide([result(*GOOD), one], []) == JUDGED[tier, outcome]
    assert decide([one, result("required", "NOT_MET")], []) == "FAIL"


def test_words_are_those_of_the_contract():
    assert [str(v) for v in Verdict] == ["PASS", "VARIATION", "REVIEW", "FAIL"]
    assert OUTCOMES == ["MET", "NOT_MET", "MARGINAL", "NOT_EVALUATED", "NOT_APPLICABLE"]
