"""The report as PDF: the same content, selectable, with bookmarks, and nothing cut."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest

from hardcheck import STATEMENT, evaluate, load_protocol
from hardcheck.evaluation.result import Outcome
from hardcheck.phantom import box_plan
from hardcheck.plan import Patient
from hardcheck.report import Look, content
from hardcheck.report.page import html_page
from hardcheck.report.page_header import css_string
from hardcheck.visible import visible
from tests.pdf.engine import library, needs_pdf
from tests.report.sample import CLOCK, HOSTILE, evaluation, everything, result, spot


def pdf_of(made, **more):
    return library("pypdf").PdfReader(io.BytesIO(content(made, "pdf", created=CLOCK, **more)))


def words(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_ends_a_string_of_css(text):
    said = css_string(text)
    assert re.fullmatch(r'"([A-Za-z0-9 ]|\\[0-9a-f]+ )*"', said)
    back = re.sub(r"\\([0-9a-f]+) ", lambda found: chr(int(found[1], 16)), said[1:-1])
    assert back == visible(text)


@needs_pdf
def test_it_says_what_the_page_says():
    made = everything()
    read = pdf_of(made)
    text = words(" ".join(page.extract_text() for page in read.pages))
    for r in made.results:
        assert words(f"{r.goal.metric} {r.goal.op} {r.goal.limit}") in text
    for wanted in (STATEMENT, "FAIL", "DOE, JANE", "ID-4711", "check-stop", "Smith 2024, Table 1", "a" * 64):
        assert words(wanted) in text, wanted
    assert read.metadata.title == "FAIL THIGH tiny (hardcheck)"
    assert read.metadata.creation_date == CLOCK
    assert read.trailer["/Root"]["/Lang"] == "en"


@needs_pdf
def test_the_way_back_to_a_list_is_of_the_screen():
    read = pdf_of(everything(), look=Look(back="index.html"))
    assert "List of plans" in content(everything(), "html", look=Look(back="index.html")).decode()
    assert not [page for page in read.pages if words("List of plans") in words(page.extract_text())]


@needs_pdf
def test_bookmarks_are_the_headings():
    read = pdf_of(everything())
    titles = [entry.title for entry in flat(read.outline)]
    assert "FAIL" in titles[0]
    wanted = ["Goals", "Targets", "Organs", "Integrity of the plan", "Dose and volume", "Provenance"]
    places = [next(i for i, title in enumerate(titles) if title.startswith(name)) for name in wanted]
    assert places == sorted(places)


@needs_pdf
def test_a_goal_leads_to_its_picture_and_the_picture_back():
    plan = evaluate(box_plan(), load_protocol("hard"))
    at_mm = (1.0, 2.0, 3.0)
    missed = replace(plan.results[0], outcome=Outcome.NOT_MET, spot=replace(spot(), at_mm=at_mm, slice_mm=3.0))
    read = pdf_of(replace(plan, results=(missed,)))
    notes = [note.get_object() for page in read.pages for note in page.get("/Annots", [])]
    asked = {str(note.get("/Dest") or note["/A"]["/D"]) for note in notes if note["/Subtype"] == "/Link"}
    led = {name for name in asked if name.startswith(("place-", "goal-"))}
    assert "goal-1" in led
    assert len([name for name in led if name.startswith("place-")]) == 1
    assert led <= set(read.named_destinations)


def flat(outline):
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry)
        else:
            yield entry


@needs_pdf
def test_patient_plan_and_page_stand_on_each_page_and_no_row_is_cut():
    said = [f"begin{i:03d} {'word ' * 60} end{i:03d}" for i in range(60)]
    rows = [result(structure=f"Organ{i // 3}", roi=(i // 3, "R"), caveats=(said[i],), id=f"g{i}") for i in range(60)]
    made = evaluation(*rows)
    read = pdf_of(made)
    texts = [page.extract_text() for page in read.pages]
    assert len(texts) > 3
    for number, text in enumerate(texts, 1):
        for wanted in ("DOE, JANE", "ID-4711", "THIGH", f"{number} / {len(texts)}", str(made.verdict)):
            assert words(wanted) in words(text), (number, wanted)
    for i in range(60):
        begun = [n for n, text in enumerate(texts) if f"begin{i:03d}" in text]
        ended = [n for n, text in enumerate(texts) if f"end{i:03d}" in text]
        assert begun == ended
        assert len(begun) == 1


@needs_pdf
def test_what_is_said_of_a_goal_stands_on_the_page_of_its_numbers():
    rows = [result(f"V{i}Gy[%] < 50 %", 0.5, caveats=(f"begin{i} it",), id=f"g{i}") for i in range(100, 160)]
    texts = [words(page.extract_text()) for page in pdf_of(evaluation(*rows)).pages]
    for i in range(100, 160):
        (numbers,) = [n for n, text in enumerate(texts) if f"V{i}Gy[%]<50%" in text]
        (said,) = [n for n, text in enumerate(texts) if f"begin{i}it" in text]
        assert numbers == said, i


@needs_pdf
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_neither_acts_nor_stops_it(text):
    made = everything(text)
    plan = replace(made.plan, patient=Patient("ID-1", text, ""), label=text)
    read = pdf_of(replace(made, plan=plan))
    assert len(read.pages) >= 1
    assert "/JavaScript" not in str(read.trailer["/Root"])
    links = [a.get_object() for page in read.pages for a in page.get("/Annots", [])]
    assert all("/URI" not in str(a.get("/A", "")) for a in links)


@needs_pdf
def test_the_same_evaluation_and_clock_give_the_same_bytes():
    assert content(everything(), "pdf", created=CLOCK) == content(everything(), "pdf", created=CLOCK)


@needs_pdf
def test_without_identity_there_is_none():
    read = pdf_of(everything(), anonymous=True)
    told = " ".join(page.extract_text() for page in read.pages) + str(read.metadata)
    for secret in ("DOE", "JANE", "4711", "1950", "THIGH", "1.2.826"):
        assert secret not in told, secret
    assert "withoutidentity" in words(read.pages[0].extract_text())


@needs_pdf
def test_a_structure_that_is_cut_by_the_end_of_a_page_has_its_name_on_each():
    rows = [result(f"V{i}Gy[%] < 50 %", 0.5, structure="Oesophagus", id=f"g{i}") for i in range(100, 200)]
    texts = [words(page.extract_text()) for page in pdf_of(evaluation(*rows)).pages]
    with_goals = [text for text in texts if re.search(r"V1\d\dGy\[%\]<50%", text)]
    assert len(with_goals) > 1
    assert all("Oesophagus" in text for text in with_goals)


@needs_pdf
def test_it_says_nothing_of_a_script():
    text = words(" ".join(page.extract_text() for page in pdf_of(everything()).pages))
    assert "Madebyhardcheck" in text
    assert "Itsonescript" not in text


def test_paper_has_what_the_page_says_and_nothing_that_works_on_a_screen_alone():
    page, paper = (html_page(everything(), created=CLOCK, on_paper=on_paper) for on_paper in (False, True))
    for control in ("<script", "<button", "<nav", 'class="plot narrow"'):
        assert control in page, control
        assert control not in paper, control
    rows = re.compile(r'<tr role="row" id="goal.*?</tr>', re.DOTALL)
    assert rows.findall(paper) == rows.findall(page) != []
    assert "Its one script" not in paper
