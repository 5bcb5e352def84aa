"""Vertices in the report, on the terminal and in the JSON."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from hardcheck.cli.lattice import show_lattices
from hardcheck.evaluation.result import Asked, Outcome
from hardcheck.lattice import PVDR_DEFINITION
from hardcheck.report import evaluation_document
from hardcheck.report.anonymity import anonymised
from hardcheck.report.lattice import lattice_text
from hardcheck.report.page import html_page
from tests.report.sample import CLOCK, evaluation, everything, vertices


def test_json_has_each_vertex_with_its_distances():
    first, second = evaluation_document(everything())["lattice"]
    assert (first["structure"], first["roi_number"], first["vertex_dose"]) == ("GTV", 7, "added: on top")
    assert first["pvdr"]["definition"] == PVDR_DEFINITION
    assert (first["pvdr"]["value"], first["d10_d90"]["value"]) == (1.0, None)
    vertex = first["vertices"][0]
    assert vertex["centre_mm"] == [1.0, -2.0, 3.5]
    assert vertex["to_surface_mm"] == {"value": 12.0, "low": 11.0, "high": 13.0}
    assert vertex["to_organs_mm"]["said"]["value"] == 12.0
    assert vertex["to_organs_mm"]["said 2"]["reason"] == "said"
    assert [a["outcome"] for a in first["asked"]] == ["NOT_MET", "NOT_EVALUATED"]
    assert second == {
        "structure": "GTV", "roi_number": None, "roi_name": None, "vertex_dose": "separate: elsewhere",
        "reason": "said", "asked": [],
    }  # fmt: skip
    assert evaluation_document(evaluation())["lattice"] == []


def test_as_text():
    shown = lattice_text(vertices())
    lines = {line.name: (line.value, line.beside) for line in shown.lines}
    assert lines["PVDR"] == ("1.000 (0.967 to 1.034)", PVDR_DEFINITION)
    assert lines["Number of vertices"][0] == "2"
    assert lines["Volume of all vertices"][0] == "20.00 cc"
    assert lines["Diameter"] == ("12.0 mm (11.0 to 13.0)", "not as asked: at least 50 mm")
    assert lines["Dose"] == ("said", "not evaluated: 8 to 15 Gy")
    assert [row.organ for row in shown.rows] == ["said: 12.0 mm (11.0 to 13.0)", ""]
    assert [(o.value, o.beside) for o in shown.organs] == [
        ("12.0 mm (11.0 to 13.0)", "to said"),
        ("not known: said", ""),
    ]


def test_the_page_prints_the_definition():
    page = html_page(everything(), created=CLOCK)
    assert PVDR_DEFINITION in page
    assert page.count("Vertices in <bdi>GTV") == 2
    assert "Vertices in" not in html_page(evaluation(), created=CLOCK)


@pytest.mark.parametrize("width", [60, 120])
def test_the_terminal(width):
    out = io.StringIO()
    show_lattices(Console(file=out, width=width), everything().lattices)
    assert "Vertices in GTV (said)" in out.getvalue()
    assert "not evaluated: said" in out.getvalue()


def test_without_identity_no_word_of_it_is_left():
    made = everything("Jane_Doe_4711")
    hidden = evaluation_document(anonymised(made))["lattice"]
    assert "Jane_Doe_4711" not in str(hidden)
    assert "Jane_Doe_4711" in str(evaluation_document(made)["lattice"])


def test_no_number_stands_twice():
    made = vertices()
    asked = Asked("greatest diameter of the tumour", made.lattice.diameter, "at least 50 mm", Outcome.NOT_MET)
    shown = lattice_text(replace(made, asked=(asked,)), {"D10%[Gy]"})
    assert [line.name for line in shown.lines].count("Greatest diameter of the tumour") == 1
    assert next(line.beside for line in shown.lines if "diameter" in line.name) == "not as asked: at least 50 mm"
    assert "D10%[Gy]" not in [line.name for line in shown.lines]
    assert "D90%[Gy]" in [line.name for line in shown.lines]


def test_places_have_the_minus_sign_of_numbers():
    assert lattice_text(vertices()).rows[0].centre == "1.0, \N{MINUS SIGN}2.0, 3.5"


def test_a_page_without_goals_has_no_table_that_counts_them():
    assert '<table class="counts"' not in html_page(evaluation(), created=CLOCK)
    assert '<table class="counts"' in html_page(everything(), created=CLOCK)
