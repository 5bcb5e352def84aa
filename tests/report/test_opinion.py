"""The planning system's numbers in the report: HTML, JSON, without identity."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from hardcheck.evaluation import evaluate
from hardcheck.phantom import linear
from hardcheck.plan import Patient, Structure
from hardcheck.planning_system import Export
from hardcheck.report import evaluation_document, json_text
from hardcheck.report.histogram import histograms
from hardcheck.report.opinion import opinion_tables
from hardcheck.report.page import html_page
from hardcheck.visible import visible
from tests.evaluation.cases import box, dose, goal, plan, protocol
from tests.planning_system.test_comparison import line
from tests.report.sample import CLOCK, HOSTILE
from tests.report.test_page import Page

SMALL = protocol(goal("Mean[Gy] <= 61 Gy"))


def opinion(curve, *, name="Organ", export=None, **plan_options):
    roi = replace(box(2, "Organ"), name=name)
    made = plan(roi, box(3, "Bare"), grid=dose(linear(60, (2, 0, 0))), **plan_options)
    options = {"exports": [export]} if export else {}
    stored = () if export else (curve,)
    mapping = {} if name == "Organ" else {"Organ": "#2"}
    return evaluate(replace(made, stored_dvhs=stored), SMALL, mapping=mapping, **options)


def test_the_page_has_the_section_only_where_there_is_something_to_show():
    bare = evaluate(plan(box(2, "Organ")), SMALL)
    assert 'id="opinion"' not in html_page(bare, created=CLOCK)
    page = html_page(opinion(line(42, 82, number=2)), created=CLOCK)
    text = " ".join(" ".join(Page(page).texts).split())
    # 2 Gy of 66 Gy are 3.0 %; the mean moves from 60 to 62 Gy, over the limit of 61 Gy.
    assert "62.00 (60.00) +3.0 %" in text
    assert "Mean: not explained" in text
    assert "met with 60.00 Gy here, not met with 62.00 Gy there" in text
    assert "1 goal of 1 would come out otherwise" in text
    assert "Structures without a curve: Bare." in text


def test_their_curve_is_drawn_beside_ours_and_read_off_with_it():
    """Ours falls evenly from 40 to 80 Gy, theirs from 42 to 82 Gy: at 62 Gy 45 % here, 50 % there."""
    shown = Page(html_page(opinion(line(42, 82, number=2)), created=CLOCK))
    theirs = [a for tag, a in shown.tags if tag == "path" and "data-place" in a]
    assert [(a["data-key"], a["data-place"]) for a in theirs] == [("1", "0")] * 2  # in two layouts
    assert "the planning system's own curve, the RTDOSE" in shown.text
    (found,) = histograms(opinion(line(42, 82, number=2)))
    at = [reading.dose_gy for reading in found.band.readings].index(62.0)
    assert found.band.readings[at].percent[1] == pytest.approx(45, abs=0.05)
    assert found.besides[0].percents[at] == pytest.approx(50, abs=0.05)
    without = Page(html_page(evaluate(plan(box(2, "Organ")), SMALL), created=CLOCK))
    assert not [a for _, a in without.tags if "data-place" in a]


def test_the_json_document():
    document = evaluation_document(opinion(line(42, 82, number=2)))
    (found,) = document["second_opinion"]
    assert (found["system"], found["file"], found["reference_gy"]) == ("the RTDOSE", None, 66.0)
    (structure,) = found["structures"]
    assert (structure["roi_number"], structure["roi_name"]) == (2, "Organ")
    mean = structure["metrics"]["Mean[Gy]"]
    assert (mean["value"], mean["theirs"]) == pytest.approx((60, 62), abs=0.01)
    assert mean["percent"] == pytest.approx(100 * 2 / 66, abs=0.02)
    assert structure["gap_gy"] == pytest.approx(2, abs=0.02)
    (judged,) = found["goals"]
    assert (judged["ours"], judged["outcome"], judged["changes"]) == ("MET", "NOT_MET", True)
    assert (found["missing"], found["unmatched"]) == (["Bare"], [])
    assert evaluation_document(evaluate(plan(box(2, "Organ")), SMALL))["second_opinion"] == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_text(text):
    curve = replace(line(40, 80), roi_number=None, name=text.strip())
    lost = replace(curve, name=f"lost {text}")
    evaluation = opinion(curve, name=text, export=Export("Eclipse", (curve, lost), "", f"{text}.txt"))
    shown = Page(html_page(evaluation, created=CLOCK))
    assert shown.odd == []
    assert not [tag for tag, _ in shown.tags if tag in ("img", "svg onload")]
    assert [attributes for tag, attributes in shown.tags if tag == "script"] == [
        {"type": "application/json", "id": "plot-data"},
        {},
    ]
    assert any(visible(f"lost {text}") in said for said in shown.texts)
    assert json.loads(json_text(evaluation_document(evaluation)))


def test_without_identity_no_name_is_left():
    """An export is named after the patient, and so is a structure."""
    curve = replace(line(40, 80), roi_number=None, name="Doe")
    lost = replace(curve, name="PTV Doe")
    export = Export("Eclipse", (curve, lost), "ID-4711", "Doe_dvh.txt", "a" * 64)
    evaluation = opinion(curve, name="Doe", export=export, patient=Patient("ID-4711", "Doe^Jane"))
    for shown in (
        html_page(evaluation, created=CLOCK, anonymous=True),
        json_text(evaluation_document(evaluation, anonymous=True)),
    ):
        assert "Doe" not in shown
        assert "4711" not in shown
        assert "a" * 64 not in shown
    assert "Doe_dvh.txt" in html_page(evaluation, created=CLOCK)


def test_a_structure_without_numbers_says_why():
    far = Structure.from_contours(2, "Organ", [np.add(c, [0, 0, 200]) for c in box(2, "Organ").contours()])
    made = replace(plan(far), stored_dvhs=(line(40, 80, number=2),))
    ((row,),) = (table.rows for table in opinion_tables(evaluate(made, SMALL).second_opinions))
    assert row.cells == ()
    assert row.remarks == ("not compared: wholly outside of the dose grid",)
