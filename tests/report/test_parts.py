"""Parts of organs in the report, the JSON and JUnit: the recipe, its volume, and the value without the subtraction."""

import json
from datetime import UTC, datetime

import pytest

from hardcheck.evaluation import Evaluation, evaluate
from hardcheck.phantom import linear
from hardcheck.protocol import ProtocolStructure
from hardcheck.report.document import evaluation_document
from hardcheck.report.headline import headline
from hardcheck.report.junit import junit_xml
from hardcheck.report.page import html_page
from hardcheck.report.row import goal_table
from tests.evaluation.cases import GTV, PTV, box, dose, goal, plan, protocol

CREATED = datetime(2026, 1, 1, tzinfo=UTC)
SERIAL = ProtocolStructure("Organ", "organ", serial=True, subtract=("PTV",))


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    """15 to 35 Gy in all, 15 to 30 Gy outside of the target, of 6 of 8 cc."""
    checked = plan(box(1, "Organ", centre=(0, -15, 0)), box(2, "PTV"), grid=dose(linear(40, (0, 1, 0)), half_mm=36))
    return evaluate(checked, protocol(goal("Max[Gy] <= 32 Gy"), structures=(GTV, PTV, SERIAL)))


@pytest.mark.parametrize("anonymous", [False, True])
def test_json(evaluation, anonymous):
    (said,) = json.loads(json.dumps(evaluation_document(evaluation, anonymous=anonymous), allow_nan=False))["goals"]
    assert said["recipe"] == "Organ - PTV"
    assert said["derived_volume_cc"]["value"] == pytest.approx(6, abs=0.01)
    assert (said["value"], said["whole"]["value"]) == (pytest.approx(30), pytest.approx(35))
    assert (said["outcome"], said["shortfall"], said["alternatives"]) == ("MET", None, [])
    assert "serial" in said["review"]


def test_page(evaluation):
    page = html_page(evaluation, created=CREATED)
    assert "Organ - PTV: 6.00 cc (" in page
    assert "without the subtraction 35.00 Gy (" in page
    assert "Organ is serial" in page


def test_what_decided_it(evaluation):
    head = headline(evaluation, goal_table(evaluation).rows)
    assert [row.result.goal.id for row in head.rows] == [evaluation.results[0].goal.id]
    said = head.sentence + head.also
    assert "1 required goal is met in a way that a person has to judge" in said


def test_junit(evaluation):
    text = junit_xml(evaluation, created=CREATED).decode()
    assert "<error" in text
    assert "is serial" in text


def test_findings_stand_at_the_goals_that_they_touch():
    """A sixth of the organ lies outside of the dose grid."""
    checked = plan(box(1, "Organ", centre=(0, -25, 0)), box(2, "GTV"))
    made = evaluate(checked, protocol(goal("Max[Gy] <= 70 Gy"), goal("Max[Gy] <= 70 Gy", "GTV")))
    told = {g["structure"]: g["findings"] for g in evaluation_document(made)["goals"]}
    assert told == {"Organ": ["dose-grid-covers-structure"], "GTV": []}
    page = html_page(made, created=CREATED)
    assert page.count('aria-label="finding dose-grid-covers-structure">dose-grid-covers-structure</a>') == 1
