"""What stands below the verdict: what a protocol lets pass, and what was not evaluated."""

import re
from dataclasses import replace

from hardcheck.evaluation import Outcome, Verdict
from hardcheck.plan import Finding, Severity
from hardcheck.protocol import Tier
from hardcheck.report.document import evaluation_document
from hardcheck.report.headline import headline
from hardcheck.report.page import html_page
from hardcheck.report.row import goal_table
from tests.report.sample import CLOCK, evaluation, missing, result

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


def judged(name, number):
    return replace(result(structure=name, roi=(number, f"{name}_{number}")), review="the whole contour gets more")


def test_a_goal_that_a_person_has_to_judge_is_named_beside_one_that_is_not_met():
    made = evaluation(judged("Nerves", 4), result("Mean[Gy] < 5 Gy", 9.0, Outcome.NOT_MET), verdict=Verdict.FAIL)
    table = goal_table(made)
    said = headline(made, table.rows)
    assert [row.result.goal.structure for row in said.judged] == ["Nerves"]
    page = html_page(made, created=CLOCK)
    (item,) = re.findall(r'<ul class="also"><li>(.*?)</li></ul>', page, re.DOTALL)
    for wanted in (f'href="#{said.judged[0].anchor}"', "Nerves_4", "ROI 4", "the whole contour gets more"):
        assert wanted in item


def test_what_decided_names_the_roi_and_the_structures_of_a_finding_and_leads_to_the_rows():
    off = result("Mean[Gy] < 5 Gy", 9.0, Outcome.NOT_MET, structure="Femur", roi=(3, "Femur_L"))
    made = evaluation(
        off,
        replace(off, roi_number=4, roi_name="Femur_R"),
        missing(structure="Heart"),
        verdict=Verdict.FAIL,
        findings=(Finding("laterality", Severity.FAIL, "the other side", ("Side_L",)),),
    )
    page = html_page(made, created=CLOCK)
    decided = page[page.index('aria-labelledby="decided"') : page.index('id="goals"')]
    for row in goal_table(made).rows[:2]:
        assert f'href="#{row.anchor}"' in decided
        assert f'id="{row.anchor}"' in page
        assert row.result.roi_name in decided
    assert "Side_L" in decided


def test_what_was_not_evaluated_leads_to_its_rows():
    made = evaluation(missing(structure="Heart"), missing(structure="Lungs"), verdict=Verdict.REVIEW)
    (undecided,) = headline(made, goal_table(made).rows).undecided
    assert undecided.places == (("Heart", "goal-1"), ("Lungs", "goal-2"))
    page = html_page(made, created=CLOCK)
    assert all(page.count(f'id="goal-{n}"') == page.count(f'href="#goal-{n}"') == 1 for n in (1, 2))
