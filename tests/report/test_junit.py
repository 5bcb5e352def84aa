"""JUnit XML: nothing that was not decided looks passed to a CI server."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from hardcheck.evaluation.result import Outcome, Verdict
from hardcheck.plan import Finding, Severity
from hardcheck.protocol import Tier
from hardcheck.report.junit import junit_xml
from tests.report.sample import CLOCK, HOSTILE, evaluation, everything, result


def suite(made):
    return ET.fromstring(junit_xml(made, created=CLOCK)).find("testsuite")  # noqa: S314 - our own output


@pytest.mark.parametrize(
    ("outcome", "tier", "more", "tag"),
    [
        (Outcome.MET, Tier.REQUIRED, {}, None),
        (Outcome.NOT_MET, Tier.REQUIRED, {}, "failure"),
        (Outcome.NOT_MET, Tier.REQUIRED, {"uncertain_tier": True}, "error"),
        (Outcome.MARGINAL, Tier.REQUIRED, {}, "error"),
        (Outcome.NOT_EVALUATED, Tier.REQUIRED, {}, "error"),
        (Outcome.NOT_APPLICABLE, Tier.REQUIRED, {}, "skipped"),
        (Outcome.MET, Tier.RECOMMENDED, {}, None),
        (Outcome.NOT_MET, Tier.RECOMMENDED, {}, "skipped"),
        (Outcome.MARGINAL, Tier.RECOMMENDED, {}, "skipped"),
        (Outcome.NOT_EVALUATED, Tier.RECOMMENDED, {}, "skipped"),
    ],
)
def test_the_element_of_each_outcome(outcome, tier, more, tag):
    found = suite(evaluation(result(outcome=outcome, tier=tier, reason="because", **more)))
    case = found.find("testcase")
    assert [child.tag for child in case] == ([] if tag is None else [tag])
    if tag is not None:
        assert "because" in case[0].get("message")


@pytest.mark.parametrize(("severity", "tag"), [(Severity.STOP, "error"), (Severity.FAIL, "failure")])
def test_findings_that_count_are_cases(severity, tag):
    found = suite(evaluation(result(), findings=[Finding("one-patient", severity, "two patients")]))
    assert found.find(f"testcase/{tag}").get("message") == f"{severity}: two patients"


@pytest.mark.parametrize(("verdict", "bad"), [("PASS", 0), ("VARIATION", 0), ("REVIEW", 1), ("FAIL", 1)])
def test_the_verdict_is_a_case_of_its_own(verdict, bad):
    found = suite(evaluation(result(), verdict=Verdict(verdict)))
    assert int(found.get("errors")) + int(found.get("failures")) == bad


def test_the_counts_are_right():
    found = suite(everything())
    for tag, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert int(found.get(name)) == len(found.findall(f"testcase/{tag}"))
    assert int(found.get("tests")) == len(found.findall("testcase"))
    assert found.get("timestamp") == "2025-03-01T12:30:00+00:00"


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_gives_well_formed_xml(text):
    assert len(suite(everything(text)).findall("testcase")) == len(suite(everything()).findall("testcase"))
