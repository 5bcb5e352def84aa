"""On paper: a header on each page, every goal whole, nothing cut off."""

from __future__ import annotations

import io
import re
from importlib import import_module

import pytest

from hardcheck.evaluation.result import Outcome
from hardcheck.report import render
from hardcheck.visible import visible
from tests.report.sample import CLOCK, HOSTILE, everything

MM = 96 / 25.4
SIZES = {"A4": (210, 297), "Letter": (215.9, 279.4)}
MARGIN_MM = 11


def pages_of(printed: bytes) -> list[str]:
    """The text of each page, without white space: a printer breaks lines where it likes."""
    pypdf = import_module("pypdf")
    return ["".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(printed)).pages]


def bare(text: str) -> str:
    return "".join(text.split())


# In a long group the name of the structure stands under each outcome, on paper alone.
ROWS = """() => [...document.querySelectorAll('tr.goal')].map(row =>
  ['.what .outcome', 'tbody.long', '.aim .metric', '.aim span + span', '.value', '.interval']
    .map(part => part.startsWith('tbody') ? row.closest('tbody.long') && row.querySelector('.again')
      : row.querySelector(part)).map(e => e ? e.textContent : '').join(''))"""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("script", [True, False])
def test_every_page_has_its_header_and_every_row_is_whole(report, evaluation, watched, size, script):
    page = watched(report, java_script_enabled=script)
    if script:
        # Whatever is asked of the screen, paper has all of it.
        page.get_by_role("searchbox").fill("GTV")
        page.get_by_role("button", name="no line").click()
    pages = pages_of(page.pdf(format=size))
    count = len(pages)
    assert 4 <= count <= 12
    for number, text in enumerate(pages, 1):
        assert bare("Synthetic, Thigh · SYNTHETIC-THIGH") in text
        assert "THIGH_66" in text
        assert f"{number}/{count}" in text
        assert bare("REVIEW, hard 1 22fx, 2025-03-01 12:30") in text
    judged = [r for r in evaluation.results if r.outcome is not Outcome.NOT_EVALUATED]
    rows = [bare(row) for row in watched(report).evaluate(ROWS)]
    assert len(rows) == len(judged)
    for row in rows:
        found = [number for number, text in enumerate(pages) if row in text]
        assert found, row
    for result in evaluation.results:
        aim = bare(f"{result.goal.metric} {result.goal.op} {result.goal.limit}")
        assert any(aim in text for text in pages), aim


def test_a_goal_and_what_is_said_under_it_stay_on_one_page(report, watched):
    page = watched(report)
    said = page.evaluate(
        "[...document.querySelectorAll('tr.says')].map(r => [r.querySelector('.interval').textContent, "
        "r.nextElementSibling.querySelector('.note, .reason').textContent])"
    )
    pages = pages_of(page.pdf(format="A4"))
    for interval, note in said:
        assert any(bare(interval) in text and bare(note) in text for text in pages), (interval, note)


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_wider_than_the_paper(report, watched, size):
    width = int((SIZES[size][0] - 2 * MARGIN_MM) * MM)
    page = watched(report, viewport={"width": width, "height": 1000})
    page.emulate_media(media="print")
    wide = page.evaluate("""() => [...document.querySelectorAll('body *')].filter(e => !e.closest('.hidden'))
      .filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 90))""")
    assert wide == []
    # No text runs out of its cell into the next one.
    cut = page.evaluate("""() => [...document.querySelectorAll('td, th')].filter(e => e.scrollWidth > e.clientWidth + 1)
      .filter(e => e.getClientRects().length).map(e => e.outerHTML.slice(0, 90))""")
    assert cut == []


@pytest.mark.parametrize("text", [*HOSTILE, '" } body { display: none } "', "\\3c b\\3e ", 'O\'Neil "Jo" \\ \n Doe'])
def test_the_header_says_hostile_names_as_they_are(text, watched, tmp_path):
    render(everything(text), tmp_path / "one.html", created=CLOCK)
    pages = pages_of(watched(tmp_path / "one.html").pdf(format="A4"))
    shown = bare(visible(text))
    for page in pages:
        head = page[: page.index(f"/{len(pages)}")]
        # Scripts that run from right to left are in the file in the order in which they are drawn.
        assert shown in head or (not shown.isascii() and len(head) > 20)


def test_without_identity_no_page_has_any(watched, tmp_path):
    render(everything(), tmp_path / "one.html", created=CLOCK, anonymous=True)
    for text in pages_of(watched(tmp_path / "one.html").pdf(format="A4")):
        assert "withoutidentity" in text
        assert not re.search("DOE|JANE|4711|THIGH", text)
