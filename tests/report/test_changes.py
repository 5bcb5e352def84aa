"""A comparison as page, JSON and table: self-contained, everything from outside is text, everything is there."""

import base64
import csv
import hashlib
import io
import json
import re
from dataclasses import replace

import pytest

from hardcheck import STATEMENT
from hardcheck.comparison import Result, Shift, compare, side_of
from hardcheck.evaluation.result import Evaluation, Verdict
from hardcheck.library import load_settings
from hardcheck.pdf import pdf_bytes
from hardcheck.plan import SourceFile
from hardcheck.quantity import Quantity
from hardcheck.report import csv_text, json_text
from hardcheck.report.anonymity import hider
from hardcheck.report.changes import changes_document, changes_rows
from hardcheck.report.changes_page import SENTENCES, TITLES, changes_edges, changes_page
from hardcheck.report.document import evaluation_document
from hardcheck.report.overlay import DASHED, SOLID, overlaid, overlay_plot
from hardcheck.report.paper import paper_style
from hardcheck.report.plot import WIDE
from hardcheck.settings import SHIPPED
from hardcheck.visible import visible
from tests.comparison.sides import document, finding, goal, missing, side
from tests.comparison.test_values import reported
from tests.pdf.engine import library, needs_pdf
from tests.report.sample import CLOCK, HOSTILE, StandInDvh, evaluation, everything, structure
from tests.report.test_page import TAGS, Page
from tests.report.test_pdf import flat


def compared(a: Evaluation, b: Evaluation, *, anonymous=False):
    sides = [side_of(evaluation_document(each, anonymous=anonymous), intact=True) for each in (a, b)]
    return compare(*sides)


def raw(a, b, *, names=("a.json", "plan"), anonymous=False, hide=(str, str)):
    lines = overlaid(a, b, hide)
    made = compared(a, b, anonymous=anonymous)
    return changes_page(made, lines, names=names, without_curves=(False, False), created=CLOCK)


def of_sides(a, b, **more):
    more = {"names": ("a", "b"), "without_curves": (True, True), "created": CLOCK} | more
    return Page(changes_page(compare(a, b), (), **more))


def two(text=""):
    """Two evaluations that differ in each way there is: an outcome, a value, a goal, a finding."""
    a = everything(text)
    results = [replace(r, quantity=replace_value(r.quantity)) if r.quantity.value is not None else r for r in a.results]
    b = replace(a, results=tuple(results[1:]), findings=a.findings[1:], verdict=Verdict.REVIEW)
    return a, b


def replace_value(quantity):
    low = quantity.low - 3
    return Quantity(quantity.value - 2, low, quantity.value - 1, quantity.unit)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_outside_is_shown_and_never_acts(text):
    plain, hostile = (Page(raw(*two(t), names=(t or "name", t or "name"))) for t in ("", text))
    assert {tag for tag, _ in hostile.tags} <= TAGS
    assert not hostile.odd
    assert [(tag, sorted(a)) for tag, a in hostile.tags] == [(tag, sorted(a)) for tag, a in plain.tags]
    assert " ".join(visible(text).split()) in hostile.text
    assert not [n for _, attributes in hostile.tags for n in attributes if n.startswith("on") or n == "style"]


def test_texts_of_a_written_evaluation_are_shown_and_never_act():
    for text in HOSTILE:
        made = document(
            goal(structure=text, roi_name=text, metric=text, goal=text, reason=text, review=text, unit=text),
            missing("b", reason=text), findings=[finding(text, "STOP", text, [text])], version=text, levels={text: 1.0},
        )  # fmt: skip
        made["plan"] |= {"label": text, "patient_id": text, "sop_instance_uid": text}
        made["protocol"] |= {"id": text, "version": text, "regimen": text, "sha256": text}
        made["provenance"] |= {"settings": {"absent": [text]}, "inputs": [{"modality": text, "sop_instance_uid": text}]}
        for pair in ((side(goal()), side_of(made, intact=False)), (side_of(made, intact=False), side(goal()))):
            found = of_sides(*pair)
            assert {tag for tag, _ in found.tags} <= TAGS
            assert not found.odd
            assert not [n for _, attributes in found.tags for n in attributes if n.startswith("on")]


def test_nothing_is_loaded_and_nothing_runs():
    text = raw(*two())
    found = Page(text)
    names = {name for _, attributes in found.tags for name in attributes}
    assert not names & {"src", "srcset", "action", "data", "poster", "background", "ping", "style"}
    assert all(a["href"].startswith("#") for _, a in found.tags if "href" in a)
    styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() for style in styles]
    policy = next(a["content"] for tag, a in found.tags if a.get("http-equiv") == "Content-Security-Policy")
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    assert policy.startswith(f"default-src 'none'; style-src {allowed}; img-src")
    assert not re.search(r"url\(|@import|expression\(|http:", "".join(styles))


def test_every_link_has_its_target_and_every_id_is_one():
    found = Page(raw(*two()))
    ids = [a["id"] for _, a in found.tags if "id" in a]
    assert len(ids) == len(set(ids))
    wanted = {a["href"][1:] for _, a in found.tags if "href" in a}
    wanted |= {a["aria-labelledby"] for _, a in found.tags if "aria-labelledby" in a}
    assert wanted <= set(ids)


@pytest.mark.parametrize(
    ("b", "result"),
    [("MET", Result.NOT_WORSE), ("NOT_MET", Result.WORSE), ("NOT_EVALUATED", Result.NOT_TOLD)],
)
def test_the_page_says_first_what_came_of_it(b, result):
    found = of_sides(side(goal()), side(goal(outcome=b)))
    assert f"{TITLES[result]} {SENTENCES[result]}" in found.text
    assert STATEMENT in found.text


def test_all_that_changed_is_there():
    a = side(
        goal("cord", 44.0), goal("brain", 40.0), goal("heart", 20.0), missing("liver"), goal("gone"),
        findings=[finding("one", message="7 mm"), finding("two"), finding("three")],
    )  # fmt: skip
    b = side(
        goal("cord", 47.0, "NOT_MET"), goal("brain", 30.0), goal("heart", 20.1), missing("liver"), goal("new"),
        findings=[finding("one", message="8 mm"), finding("two"), finding("four", "STOP")], levels={"HR": 60.0},
    )  # fmt: skip
    text = of_sides(a, b).text
    for wanted in (
        "1 goal met in A and not met in B: Cord", "Not the same on both sides", "level HR", "66 Gy 60 Gy",
        "+3.00 Gy outside of the intervals", "\u221210.00 Gy outside of the intervals",
        "same within the uncertainty +0.10 Gy", "In A alone 1 goal", "In B alone 1 goal",
        "Without a value on both sides 1",
        "Liver D0.03cc[Gy] <= 46.0 Gy not evaluated: not contoured", "New in B 1", "Gone 1", "A: 7 mm B: 8 mm",
        "1 finding the same on both sides: WARN two", "No curves of A", "No curves of B", "SHA-256 " + "a" * 64,
    ):  # fmt: skip
        assert wanted in text


def test_every_goal_is_shown_once():
    a, b = two()
    made = compared(a, b)
    found = Page(raw(a, b))
    rows = [attributes for tag, attributes in found.tags if (attributes.get("class") or "").startswith("change ")]
    silent = sum(goal.is_silent for goal in made.goals)
    assert len(rows) + silent == len(made.goals)


def test_no_difference_is_rounded_to_nothing():
    text = of_sides(side(goal(value=44.0)), side(goal(value=44.001))).text
    assert "same within the uncertainty less than 0.01 Gy" in text


def test_a_value_is_not_rounded_over_its_limit():
    text = of_sides(side(goal(value=46.0)), side(goal(value=46.001, outcome="NOT_MET", low=46.0005, high=46.002))).text
    assert "46.001 Gy" in text


def drawn(name="SpinalCord", number=7, source="1.5", **more):
    made = evaluation()
    made = replace(made, dvhs={number: StandInDvh(structure(number, name), **more)})
    return replace(made, plan=replace(made.plan, sources=(SourceFile(source, "RTSTRUCT", "d" * 64),)))


def test_a_is_solid_and_b_dashed_in_one_colour():
    (line,) = overlaid(drawn(), drawn())
    assert (line.a.dash, line.b.dash) == (SOLID, DASHED)
    assert line.a.colour == line.b.colour == line.colour
    made = overlay_plot([line], WIDE)
    assert [(each.name, each.dash) for each in made.lines] == [("SpinalCord in A", SOLID), ("SpinalCord in B", DASHED)]
    assert [tag.key for tag in made.tags] == [1]


@pytest.mark.parametrize(
    ("other", "pairs"),
    [
        (drawn(number=9, source="1.6"), [("SpinalCord", "SpinalCord")]),  # by name
        (drawn("Cord"), [("SpinalCord", None), (None, "Cord")]),  # another name is another structure
        (None, [("SpinalCord", None)]),
    ],
)
def test_structures_are_the_same_by_name(other, pairs):
    found = overlaid(drawn(), other)
    assert [(line.a and line.a.name, line.b and line.b.name) for line in found] == pairs
    assert [tag.key for tag in overlay_plot(found, WIDE).tags] == list(range(1, len(pairs) + 1))


def test_a_name_that_stands_twice_is_told_by_the_number_in_one_structure_set_alone():
    def twice(source):
        made = drawn(source=source)
        return replace(made, dvhs={n: StandInDvh(structure(n, "Node")) for n in (1, 2)})

    def pairs(*sides):
        return [(x.a and x.a.roi_number, x.b and x.b.roi_number) for x in overlaid(*sides)]

    assert pairs(twice("1.5"), twice("1.5")) == [(1, 1), (2, 2)]
    assert pairs(twice("1.5"), twice("1.6")) == [(1, None), (2, None), (None, 1), (None, 2)]


def test_a_line_that_a_does_not_have_carries_the_number():
    lines = overlaid(drawn(reason="no volume"), drawn())
    made = overlay_plot(lines, WIDE)
    assert [(each.name, each.dash) for each in made.lines] == [("SpinalCord in B", DASHED)]
    assert [tag.key for tag in made.tags] == [1]


def test_json_is_whole_and_reads_back():
    a, b = two()
    made = compared(a, b)
    said = changes_document(made)
    assert json.loads(json_text(said)) == said
    assert said["schema"] == "hardcheck.comparison/1"
    assert said["result"] == str(made.result)
    assert [g["id"] for g in said["goals"]] == [g.held.id for g in made.goals]
    assert sum(said["counts"].values()) == len(said["goals"]) - sum(g.is_silent for g in made.goals)


def test_json_of_an_interval_without_a_bound_is_null():
    (said,) = changes_document(compare(side(goal() | {"high": None}), side(goal())))["goals"]
    assert (said["a"]["high"], said["a"]["low"]) == (None, 43.5)


def test_the_table_has_one_row_for_each_goal_and_no_formula():
    made = compare(side(goal("a", structure="=HYPERLINK(1)"), goal("b")), side(goal("b", 40.0)))
    rows = list(csv.DictReader(io.StringIO(csv_text(changes_rows(made)))))
    assert [(r["id"], r["change"], r["a_value"], r["b_value"], r["certain"]) for r in rows] == [
        ("b", "BETTER", "44.0", "40.0", "yes"),
        ("a", "UNKNOWN", "44.0", "", "no"),
    ]
    assert rows[1]["structure"] == "'=HYPERLINK(1)"


def test_values_without_a_limit_are_shown():
    a = side(goal(), reported=[reported(20.0), reported(30.0, "Max[Gy]"), reported(5.0, "Min[Gy]")])
    b = side(goal(), reported=[reported(25.0), reported(30.1, "Max[Gy]"), reported(5.0, "Min[Gy]"), reported(name="X")])
    text = of_sides(a, b).text
    for wanted in (
        "Values without a limit", "1 higher", "1 same within the uncertainty", "higher +5.00 Gy",
        "Lung ROI 3 LUNG Mean[Gy] 20.00 Gy 19.50 to 20.50 25.00 Gy 24.50 to 25.50",
        "Lung ROI 3 LUNG Min[Gy] 5.00 Gy 4.50 to 5.50", "Without a limit: in B alone 1 value",
    ):  # fmt: skip
        assert wanted in text
    assert "Values without a limit" not in of_sides(side(goal()), side(goal())).text


def test_every_value_is_shown_once():
    a, b = two()
    made = compared(a, b)
    found = Page(raw(a, b))
    rows = [a for tag, a in found.tags if (a.get("class") or "").startswith("shift ")]
    said = [value for value in made.values if not value.is_silent]
    same = [value for value in said if value.shift is Shift.SAME]
    assert same
    assert len(rows) == len(said) - len(same)
    for value in same:
        assert value.found.name in found.text


def test_values_in_json_and_in_the_table():
    made = compare(side(goal(), reported=[reported(20.0)]), side(goal(), reported=[reported(25.0, high=None)]))
    document = changes_document(made)
    (said,) = document["values"]
    assert (said["kind"], said["change"], said["difference"], said["certain"]) == ("reported", "HIGHER", 5.0, True)
    assert (said["a"]["high"], said["b"]["high"]) == (20.5, None)
    assert document["value_counts"] == {"HIGHER": 1, "LOWER": 0, "UNKNOWN": 0, "WITHIN": 0, "SAME": 0}
    first, second = csv.DictReader(io.StringIO(csv_text(changes_rows(made))))
    assert (first["kind"], second["kind"], second["metric"]) == ("goal", "reported", "Mean[Gy]")
    assert (second["change"], second["a_value"], second["b_high"], second["tier"]) == ("HIGHER", "20.0", "", "")


def site(text, tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(text, "utf-8")
    return load_settings(path)


def test_the_department_and_its_words(tmp_path):
    settings = site("department: Clinic of A & B\nlabels: {outcome: {MET: achieved}, section: {goals: Aims}}", tmp_path)
    text = of_sides(side(goal()), side(goal()), settings=settings).text
    for wanted in ("Clinic of A & B", "achieved [MET]", "Aims", settings.sha256):
        assert wanted in text
    anonymous = [side(goal(), anonymous=True)] * 2
    hidden = of_sides(*anonymous, settings=settings).text
    assert "Clinic" not in hidden
    assert settings.sha256 not in hidden


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_ends_a_rule_of_the_edges(text):
    made = side(goal())
    named = replace(made, plan={**made.plan, "label": text, "patient_id": text}, protocol={"id": text})
    for pair in ((named, named), (made, named)):
        sheet = changes_edges(compare(*pair), created=CLOCK)
        assert re.fullmatch(r'@page \{ (?:@[a-z-]+ \{ content: "(?:[A-Za-z0-9 ]|\\[0-9a-f]{1,6} )*"; \} )+\}', sheet)


def pdf_of(a, b, settings=SHIPPED):
    made = compare(a, b)
    page = changes_page(made, (), names=("a", "b"), without_curves=(True, True), created=CLOCK, settings=settings)
    style = paper_style(changes_edges(made, created=CLOCK), settings)
    return library("pypdf").PdfReader(io.BytesIO(pdf_bytes(page, style=style, created=CLOCK)))


def bare(text):
    return re.sub(r"\s+", "", text)


@needs_pdf
def test_a_pdf_has_every_row_whole_under_a_header_on_each_page():
    long = "a rather long reason why nobody could say this of the structure " * 3
    goals = [goal(f"g{n}", 40.0 + n / 1000, reason=long) for n in range(40)]
    more = [goal(f"g{n}", 45.0 + n / 1000, reason=long) for n in range(40)]
    several = [reported(20.0 + n / 10, f"V{n}Gy[%]") for n in range(30)]
    read = pdf_of(side(*goals, reported=several), side(*more, reported=[r | {"low": 0.0} for r in several]))
    pages = [bare(page.extract_text()) for page in read.pages]
    assert len(pages) > 3
    for number, text in enumerate(pages, 1):
        for wanted in ("Patient ID ID-1", "THIGH", f"{number} / {len(pages)}", "No worse, tiny 1, 2025-03-01 12:30"):
            assert bare(wanted) in text
    for n in range(40):
        row = bare(f"G{n} ROI 7 G{n} D0.03cc[Gy] <= 46.0 Gy required met {40 + n / 1000:.2f} Gy")
        assert sum(row in text for text in pages) == 1, row
    for n in range(30):
        assert sum(bare(f"V{n}Gy[%] {20 + n / 10:.2f} Gy") in text for text in pages) == 1, n
    titles = [entry.title for entry in flat(read.outline)]
    assert titles[0] == "No worse"
    wanted = ["Goals", "Values without a limit", "Findings", "Dose and volume", "Provenance"]
    assert [title for title in titles if title in wanted] == wanted
    assert "The same outcome, the value outside of the intervals" in titles


@needs_pdf
def test_a_pdf_of_two_patients_names_both_and_one_without_identity_none(tmp_path):
    made = side(goal())
    other = replace(made, plan={**made.plan, "patient_id": "ID-2", "label": "LEG"})
    paper = site("paper: Letter", tmp_path)
    for page in pdf_of(made, other, paper).pages:
        assert bare("Patient ID A: ID-1 · B: ID-2") in bare(page.extract_text())
        assert [round(float(side)) for side in page.mediabox[2:]] == [612, 792]
    hidden = side(goal(), anonymous=True)
    for page in pdf_of(hidden, hidden).pages:
        text = bare(page.extract_text())
        assert "withoutidentity" in text
        assert "ID-1" not in text
        assert "THIGH" not in text


IDENTITY = ("ID-4711", "DOE", "JANE", "19500102", "THIGH", "1.2.826", "a" * 64)


def test_without_identity():
    a, b = (replace(each, plan=replace(each.plan, label="THIGH")) for each in two("DOE^JANE at ID-4711"))
    hide = hider(a.plan)
    text = raw(a, b, names=("", ""), anonymous=True, hide=(hide, hide))
    text += json_text(changes_document(compared(a, b, anonymous=True)))
    text += csv_text(changes_rows(compared(a, b, anonymous=True)))
    assert not [word for word in IDENTITY if word in text]
    with_it = raw(*two())
    assert [word for word in IDENTITY if word in with_it]
    other = compare(*[side_of(evaluation_document(e, anonymous=True), intact=True) for e in (a, b)], other_patient=True)
    assert (other.differences[0].what, other.differences[0].decides) == ("patient", True)
