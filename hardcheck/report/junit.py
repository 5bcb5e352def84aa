"""The evaluation as JUnit XML, for a CI server: one test case per goal and one per integrity finding that counts.

A required goal that is not met is a failure; one that could not be decided is an error, so that nothing reads it as
passed. Goals that do not apply are skipped, and so are goals of lower tiers that are not met or not decided.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from hardcheck import STATEMENT, __version__
from hardcheck.evaluation.result import Outcome, Verdict
from hardcheck.evaluation.verdict import asks_for_review, fails
from hardcheck.plan import Severity
from hardcheck.protocol import Tier
from hardcheck.report.anonymity import anonymised
from hardcheck.report.number import spoken
from hardcheck.visible import visible

if TYPE_CHECKING:
    from hardcheck.evaluation.result import Evaluation, GoalResult
    from hardcheck.plan import Finding

_FINDINGS: Final = {Severity.STOP: "error", Severity.FAIL: "failure"}


def junit_xml(evaluation: Evaluation, *, created: datetime, anonymous: bool = False) -> bytes:
    """UTF-8 XML; characters that XML 1.0 cannot hold are written as visible escapes."""
    shown = anonymised(evaluation) if anonymous else evaluation
    cases = [_goal_case(result) for result in shown.results]
    cases += [_finding_case(finding) for finding in shown.findings if finding.severity in _FINDINGS]
    cases.append(_verdict_case(shown.verdict))
    suite = ET.Element("testsuite", _attributes(shown, cases, created))
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(shown):
        ET.SubElement(properties, "property", {"name": name, "value": visible(value)})
    suite.extend(cases)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    body: str = ET.tostring(root, encoding="unicode")
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{body}\n".encode()


def _attributes(evaluation: Evaluation, cases: list[ET.Element], created: datetime) -> dict[str, str]:
    def count(tag: str) -> str:
        return str(sum(case.find(tag) is not None for case in cases))

    return {
        "name": f"hardcheck {visible(evaluation.protocol.id)}:{visible(evaluation.regimen.id)}",
        "tests": str(len(cases)),
        "failures": count("failure"),
        "errors": count("error"),
        "skipped": count("skipped"),
        "time": "0",
        "timestamp": created.isoformat(timespec="seconds"),
    }


def _properties(evaluation: Evaluation) -> Iterable[tuple[str, str]]:
    yield "verdict", str(evaluation.verdict)
    yield "hardcheck", __version__
    course = evaluation.plan.course
    for plan in course.plans if course is not None else (evaluation.plan,):
        yield "plan", plan.sop_instance_uid or ""
    yield "protocol", f"{evaluation.protocol.id} {evaluation.protocol.version} {evaluation.protocol.sha256}"
    yield "statement", STATEMENT


def _case(group: str, name: str) -> ET.Element:
    return ET.Element("testcase", {"classname": visible(f"hardcheck.{group}"), "name": visible(name), "time": "0"})


def _tell(case: ET.Element, tag: str, kind: str, message: str) -> None:
    attributes = {"message": visible(f"{kind}: {message}")}
    if tag != "skipped":
        attributes["type"] = kind
    ET.SubElement(case, tag, attributes)


def _goal_case(result: GoalResult) -> ET.Element:
    goal = result.goal
    case = _case(goal.structure, f"{goal.id}: {goal} ({goal.tier})")
    if tag := _tag(result):
        said = [spoken(result.quantity), result.review or "", result.reason or "", *result.caveats]
        _tell(case, tag, str(result.outcome), "; ".join(dict.fromkeys(s for s in said if s)) or "no reason given")
    return case


def _tag(result: GoalResult) -> str | None:
    """The element that tells how the case ended, None for a pass."""
    if result.outcome is Outcome.MET:
        return "error" if asks_for_review(result) else None
    if result.outcome is Outcome.NOT_APPLICABLE or (
        result.goal.tier is not Tier.REQUIRED and not result.goal.uncertain_tier
    ):
        return "skipped"
    return "failure" if fails(result) else "error"


def _finding_case(finding: Finding) -> ET.Element:
    case = _case("integrity", " ".join((finding.id, *finding.structures)))
    _tell(case, _FINDINGS[finding.severity], str(finding.severity), finding.message)
    return case


def _verdict_case(verdict: Verdict) -> ET.Element:
    """The verdict as a case of its own: it may rest on more than the goals one by one."""
    case = _case("plan", "verdict")
    if verdict is Verdict.FAIL:
        _tell(case, "failure", str(verdict), "the plan fails the protocol")
    elif verdict not in (Verdict.PASS, Verdict.VARIATION):
        _tell(case, "error", str(verdict), "a person must decide")
    return case
