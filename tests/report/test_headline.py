"""What stands below the verdict: what a protocol lets pass, and what was not evaluated."""

from hardcheck.evaluation import Outcome
from hardcheck.plan import Finding, Severity
from hardcheck.protocol import Tier
from hardcheck.report.document import evaluation_document
from hardcheck.report.headline import headline
from hardcheck.report.row import goal_table
from tests.report.sample import evaluation, missing, result

MET = result("V42Gy[cc] < 5 cc", 4.0, Outcome.MET)


def test_what_would_fail_the_plan_is_told():
    changed = (
        Finding("stored-dvh", Severity.INFO, "switched off", own=Severity.FAIL),
        Finding("laterality", Severity.WARN, "the other side", own=Severity.FAIL),
        Finding("couch", Severity.INFO, "no couch", own=Severity.WARN),
    )
    made = evaluation(MET, findings=changed)
    assert headline(made, goal_table(made).rows).also == (
        "the protocol lets pass what would fail the plan (stored-dvh, laterality)."
    )
    said = [finding["own_severity"] for finding in evaluation_document(made)["integrity"]]
    assert said == ["FAIL", "FAIL", "WARN"]


def test_what_was_raised_or_left_alone_is_not():
    left = (Finding("couch", Severity.FAIL, "no couch", own=Severity.INFO), Finding("bolus", Severity.WARN, "a bolus"))
    made = evaluation(MET, findings=left)
    assert "lets pass" not in headline(made, goal_table(made).rows).also


def test_a_recommended_goal_that_is_not_evaluated_is_told_beside_a_pass():
    made = evaluation(MET, missing(structure="Heart", tier=Tier.RECOMMENDED))
    assert made.verdict == "PASS"
    assert headline(made, goal_table(made).rows).also == "1 recommended goal is not evaluated."
