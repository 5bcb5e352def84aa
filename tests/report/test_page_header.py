"""What stands at the edge of each printed page."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from hardcheck.report.page_header import LONGEST, css_string, page_header
from hardcheck.visible import visible
from tests.report.sample import CLOCK, HOSTILE, evaluation, everything


def unescaped(css: str) -> str:
    """What a style sheet says by that string (CSS Syntax 3, section 4.3.7)."""
    return re.sub(r"\\([0-9a-f]{1,6}) ", lambda found: chr(int(found[1], 16)), css[1:-1])


@pytest.mark.parametrize("text", [*HOSTILE, '"', "\\", "\\3c ", "a\nb", "*/", "</style>", "a  b", "", "Ä 漢 𝒜"])
def test_a_string_says_the_text_and_holds_nothing_else(text):
    found = css_string(text)
    assert re.fullmatch(r'"(?:[A-Za-z0-9 ]|\\[0-9a-f]{1,6} )*"', found)
    assert unescaped(found) == visible(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_ends_the_rule(text):
    sheet = page_header(everything(text), created=CLOCK, anonymous=False)
    assert re.fullmatch(r'@page \{ (?:@[a-z-]+ \{ content: "(?:[A-Za-z0-9 ]|\\[0-9a-f]{1,6} )*"; \} )+\}', sheet)


def said(made, **more) -> dict[str, str]:
    sheet = page_header(made, created=CLOCK, anonymous=more.get("anonymous", False))
    return {place: unescaped(text) for place, text in re.findall(r"@([a-z-]+) \{ content: (.*?); \}", sheet)}


def test_patient_plan_protocol_and_verdict():
    assert said(evaluation()) == {
        "top-left": "DOE, JANE · ID-4711",
        "top-center": "THIGH",
        "bottom-left": "PASS, tiny 1 22fx, 2025-03-01 12:30",
    }


def test_without_identity():
    assert said(evaluation(), anonymous=True) == {
        "top-left": "without identity",
        "bottom-left": "PASS, tiny 1 22fx, 2025-03-01 12:30",
    }


def test_what_is_too_long_is_cut_and_what_is_missing_is_said():
    made = everything("x" * 500)
    assert len(said(made)["top-center"]) == LONGEST
    assert said(made)["top-center"].endswith("…")
    plan = replace(made.plan, label="", patient=replace(made.plan.patient, name="", id=""))
    found = said(replace(made, plan=plan))
    assert (found["top-left"], found["top-center"]) == ("patient not given", "plan without label")
