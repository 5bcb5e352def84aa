"""The list of a day's plans: the worst first, none left out, and everything from outside is text."""

import base64
import hashlib
import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck import STATEMENT
from hardcheck.cli.rounds import status_of_rounds
from hardcheck.cli.status import Status
from hardcheck.evaluation.result import Outcome, Verdict
from hardcheck.report import json_text
from hardcheck.report.rounds import ORDER, REFUSED, Rounds, judged, refused, rounds_document
from hardcheck.report.rounds_page import rounds_page
from hardcheck.visible import visible
from tests.report.sample import CLOCK, HOSTILE, evaluation, everything, result
from tests.report.test_page import TAGS, Page


def row(number=1, verdict=Verdict.PASS, text="", anonymous=False):
    made = replace(everything(text), verdict=verdict)
    files = (("html", f"{number:02d}.html"), ("json", f"{number:02d}.json"))
    return judged(made, number=number, place=text or "monday", files=files, anonymous=anonymous)


def rounds(*rows, anonymous=False):
    return Rounds.of(rows, places=2, anonymous=anonymous, created=CLOCK)


def verdicts():
    return st.lists(st.sampled_from(ORDER), min_size=1, max_size=12)


def of_verdicts(names):
    rows = [
        refused("cut short", number=n, place="a", anonymous=False) if name == REFUSED else replace(row(n), verdict=name)
        for n, name in enumerate(names, 1)
    ]
    return rounds(*rows)


@given(verdicts())
def test_the_worst_first_and_the_account_closes(names):
    made = of_verdicts(names)
    assert [each.verdict for each in made.rows] == sorted(names, key=ORDER.index)
    assert sorted(each.number for each in made.rows) == list(range(1, len(names) + 1))
    said = rounds_document(made)
    assert said["found"] == said["reports"] + said["refused"] == len(names) == len(said["plans"])
    assert said["refused"] == names.count(REFUSED)


@given(verdicts(), st.booleans())
def test_the_status_is_that_of_the_worst(names, strict):
    status = status_of_rounds(of_verdicts(names), strict=strict)
    if "FAIL" in names or (strict and "VARIATION" in names):
        assert status is Status.FAIL
    elif REFUSED in names:
        assert status is Status.WRONG
    elif "REVIEW" in names:
        assert status is Status.REVIEW
    else:
        assert status is Status.DONE


def test_no_plan_at_all_is_never_fine():
    assert status_of_rounds(rounds(), strict=False) is Status.WRONG


def test_all_that_must_be_told_is_there():
    made = rounds(
        row(1), row(2, Verdict.FAIL), refused("RD.dcm: cut short", number=3, place="tuesday", anonymous=False)
    )
    text = Page(rounds_page(made)).text
    for wanted in (
        "3 plans found in 2 places = 2 reports + 1 refused", "1 FAIL", "1 REFUSED", "0 REVIEW", "1 PASS", "THIGH",
        "patient ID ID-4711", "from monday", "tiny 1", "regimen 22fx", "integrity check", "from tuesday", "Plan 3",
        "RD.dcm: cut short", STATEMENT, "2025-03-01 12:30 UTC",
    ):  # fmt: skip
        assert wanted in text
    assert (
        text.index("does not meet the protocol")
        < text.index("RD.dcm")
        < text.index("goals that were evaluated are met")
    )


def test_the_goals_that_decided_it_are_named():
    failed = result("D0.03cc[Gy] <= 46 Gy", 47.0, Outcome.NOT_MET)
    made = judged(evaluation(failed, verdict=Verdict.FAIL), number=1, place="a", files=(), anonymous=False)
    assert made.said == "1 required goal is not met."
    assert made.named == "Cord D0.03cc[Gy] <= 46 Gy"
    assert made.counts == {"MET": 0, "NOT_MET": 1, "MARGINAL": 0, "NOT_EVALUATED": 0, "NOT_APPLICABLE": 0}


def test_links_lead_to_the_files_and_nowhere_else():
    found = Page(rounds_page(rounds(row(1), row(2))))
    links = [a["href"] for tag, a in found.tags if tag == "a"]
    assert links == ["01.html", "01.json", "02.html", "02.json"]
    assert all(a["href"].startswith("#") for tag, a in found.tags if tag == "use")


def test_nothing_is_loaded_and_nothing_runs():
    raw = rounds_page(rounds(row()))
    style = re.search(r"<style>(.*)</style>", raw, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'".replace("'", "&#39;") in raw
    assert not re.search(r"url\(|@import|expression\(|http:", style)
    names = {name for _, attributes in Page(raw).tags for name in attributes}
    assert not names & {"src", "srcset", "action", "data", "poster", "background", "ping", "style"}


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_outside_is_shown_and_never_acts(text):
    def page(said):
        return Page(rounds_page(rounds(row(1, text=said), refused(said, number=2, place=said, anonymous=False))))

    plain, hostile = page("harmless"), page(text)
    assert {tag for tag, _ in hostile.tags} <= TAGS
    assert not hostile.odd
    assert [(tag, sorted(a)) for tag, a in hostile.tags] == [(tag, sorted(a)) for tag, a in plain.tags]
    assert " ".join(visible(text).split()) in hostile.text
    assert not [n for _, attributes in hostile.tags for n in attributes if n.startswith("on")]


def test_json_reads_back():
    said = rounds_document(rounds(row(1), refused("cut short", number=2, place="a", anonymous=False)))
    assert json.loads(json_text(said)) == said
    assert [plan["verdict"] for plan in said["plans"]] == [None, "PASS"]
    assert [plan["reason"] for plan in said["plans"]] == ["cut short", None]


def test_without_identity():
    rows = [row(1, anonymous=True), refused("a file is cut short", number=2, place="DOE_JANE", anonymous=True)]
    made = rounds(*rows, anonymous=True)
    text = rounds_page(made) + json_text(rounds_document(made))
    assert not [word for word in ("DOE", "JANE", "4711", "THIGH", "monday", "1.2.826") if word in text]
    assert "Plan 1" in text
    assert "patient ID" not in text
