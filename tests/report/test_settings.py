"""A department's settings file: what it may say, what it changes, and what it can never change."""

from __future__ import annotations

import base64
import itertools
import re

import pytest

from hardcheck import STATEMENT
from hardcheck.errors import HardcheckError, ProtocolError
from hardcheck.evaluation.result import Outcome, Verdict
from hardcheck.library import load_settings
from hardcheck.library.label_file import languages, read_labels, shipped_path
from hardcheck.plan import Severity
from hardcheck.protocol import Tier
from hardcheck.report.page import SECTIONS, html_page
from hardcheck.settings import COLUMNS, COLUMNS_KEPT, SECTIONS_KEPT
from hardcheck.settings import SECTIONS as KNOWN_SECTIONS
from hardcheck.wording import CODED, ENGLISH, WORDS, Wording
from tests.report.sample import CLOCK, evaluation, everything, missing, result
from tests.report.test_page import Page

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def settings(tmp_path):
    """Reads a settings file with that text."""

    def read(text):
        path = tmp_path / "site.yaml"
        path.write_text(text, "utf-8")
        return load_settings(path)

    return read


@pytest.fixture
def shown(settings):
    """The page of an evaluation with those settings."""

    def page(text, made=None):
        return Page(html_page(made or everything(), created=CLOCK, settings=settings(text)))

    return page


def test_the_words_are_those_of_the_program():
    assert list(WORDS["verdict"]) == [str(v) for v in Verdict]
    assert list(WORDS["outcome"]) == [str(o) for o in Outcome]
    assert list(WORDS["severity"]) == [str(s) for s in Severity]
    assert list(WORDS["tier"]) == [str(t) for t in Tier]
    assert set(SECTIONS) <= set(KNOWN_SECTIONS)


def test_without_a_file_nothing_is_otherwise(settings):
    assert html_page(everything(), created=CLOCK) == html_page(
        everything(), created=CLOCK, settings=settings("paper: A4")
    ).replace(_sha_row(settings("paper: A4").sha256), "")


def _sha_row(sha256):
    return f"<div><dt>settings of the report</dt><dd><bdi>{sha256}</bdi></dd></div>"


class TestWhatIsChosen:
    def test_name_and_logo(self, shown, tmp_path):
        (tmp_path / "logo.png").write_bytes(PIXEL)
        page = shown("department: Clinic <b>of</b> A & B\nlogo: logo.png")
        assert "Clinic <b>of</b> A & B" in page.text
        (logo,) = [a for tag, a in page.tags if tag == "img"]
        assert logo["src"] == f"data:image/png;base64,{base64.b64encode(PIXEL).decode()}"

    def test_neither_name_nor_logo_without_identity(self, settings, tmp_path):
        (tmp_path / "logo.png").write_bytes(PIXEL)
        ours = settings("department: Clinic of A\nlogo: logo.png")
        with_it, without = (
            html_page(evaluation(result()), created=CLOCK, settings=ours, anonymous=anonymous)
            for anonymous in (False, True)
        )
        for said in ("Clinic of A", base64.b64encode(PIXEL).decode(), ours.sha256):
            assert said in with_it
            assert said not in without

    @pytest.mark.parametrize("more", [(), ("scale",), ("ref", "tier"), ("tier", "margin", "scale", "ref")])
    def test_columns_in_their_order(self, shown, more):
        order = ("structure", "interval", "value", *more, "metric", "outcome")
        page = shown(f"columns: [{', '.join(order)}]", evaluation(result()))
        table = [(tag, a) for tag, a in page.tags]
        cols = [a["class"] for tag, a in table if tag == "col"]
        assert cols == [f"c-{name}" for name in order]
        classes = {
            "outcome": "what", "metric": "aim", "value": "num value", "interval": "num interval", "scale": "wide",
            "margin": "num", "tier": "tier", "ref": "ref",
        }  # fmt: skip
        cells = [a["class"] for tag, a in table if tag == "td" and a.get("class") in classes.values()]
        assert cells[: len(order) - 1] == [classes[name] for name in order[1:]]
        # What has no column of its own is told all the same.
        assert "required" in page.text
        assert any(a.get("aria-label", "").startswith("source 1 of ") for _, a in page.tags)

    def test_sections_in_their_order(self, shown):
        page = shown("sections: [provenance, integrity, goals]")
        ids = [a["id"] for tag, a in page.tags if tag == "section" and "id" in a]
        assert ids == ["provenance", "integrity", "goals"]
        links = [a["href"] for tag, a in page.tags if tag == "a" and a["href"][1:] in ids]
        assert links[:3] == ["#provenance", "#integrity", "#goals"]
        # Before them all is the verdict, and what decided it; behind them the statement.
        order = [page.text.index(said) for said in ("Verdict: FAIL", "What decided it", "Files that the", STATEMENT)]
        assert order == sorted(order)

    def test_the_file_is_told(self, shown, settings):
        assert f"settings of the report {settings('paper: Letter').sha256}" in shown("paper: Letter").text

    def test_a_byte_order_mark_and_comments_are_no_matter(self, settings):
        assert settings("\ufeff# ours\ndepartment: A\n").department == "A"


class TestGerman:
    def test_every_word_is_there(self):
        assert languages() == ["de"]
        wording = read_labels(shipped_path("de"))
        assert set(wording.texts) == {f"{group}.{id_}" for group, words in WORDS.items() for id_ in words}
        assert wording.language == "de"

    def test_no_fixed_word_of_the_report_is_left_in_english(self, shown):
        made = evaluation(result(), missing(structure="Colon"), verdict=Verdict.REVIEW)
        page = shown("labels: de", made)
        german = read_labels(shipped_path("de")).texts
        for key in ("heading.decided", "heading.organs", "heading.uncontoured", "column.metric", "column.tier"):
            assert german[key] in page.text
            assert WORDS[key.partition(".")[0]][key.partition(".")[2]] not in page.text
        assert next(a["lang"] for tag, a in page.tags if tag == "html") == "de"

    def test_the_statement_stays_and_its_translation_stands_beside_it(self, shown):
        page = shown("labels: de")
        assert STATEMENT in page.text
        assert "kein Medizinprodukt" in page.text

    def test_the_sentence_of_the_head(self, shown):
        made = evaluation(result(outcome=Outcome.NOT_MET, value=50.0), missing(structure="Colon"), verdict=Verdict.FAIL)
        text = shown("labels: de", made).text
        assert "FAIL nicht bestanden 1 Ziel (verlangt [required]): nicht erfüllt [NOT_MET]." in text
        assert "[1 required goal is not met.]" in text
        assert "Außerdem: 1 Ziel (verlangt [required]): nicht ausgewertet [NOT_EVALUATED]." in text

    @pytest.mark.parametrize("outcome", Outcome)
    def test_the_code_stands_beside_each_outcome_wherever_it_is_told(self, shown, outcome):
        value = None if outcome in (Outcome.NOT_EVALUATED, Outcome.NOT_APPLICABLE) else 45.0
        made = evaluation(result(value=value, outcome=outcome, reason="why"), verdict=Verdict.REVIEW)
        text = shown("labels: de", made).text
        word = read_labels(shipped_path("de")).texts[f"outcome.{outcome}"]
        assert f"{word} [{outcome}]" in text
        # At the ends of the scale the word is of the scale.
        assert not re.search(rf"{word}\b(?! \[)", text.replace("verfehlt erfüllt", "").replace(f"nicht {word}", ""))


@pytest.mark.parametrize("group", CODED)
def test_a_word_that_is_not_ours_never_stands_without_its_code(group):
    for id_ in WORDS[group]:
        assert ENGLISH.say(f"{group}.{id_}") == WORDS[group][id_]
        assert Wording("xx", {f"{group}.{id_}": "anything"}).say(f"{group}.{id_}") == f"anything [{id_}]"


def refused(settings, text):
    with pytest.raises(ProtocolError) as caught:
        settings(text)
    said = str(caught.value)
    assert "\n" not in said
    return said


SWAPS = [
    (group, one, other)
    for group in WORDS
    if group not in ("sentence", "cannot", "count")
    for one, other in itertools.permutations(WORDS[group], 2)
]


class TestAReportCannotLie:
    @pytest.mark.parametrize(("group", "one", "other"), SWAPS)
    def test_no_word_is_that_of_another(self, settings, group, one, other):
        german = read_labels(shipped_path("de")).texts[f"{group}.{other}"]
        for word in (WORDS[group][other], WORDS[group][other].upper(), f"  {WORDS[group][other]}. ", german):
            said = refused(settings, f'labels:\n  {group}:\n    {one}: "{word}"\n')
            assert re.search(r"site\.yaml:3:\d+: ", said)
            assert other in said or "code of the report" in said

    @pytest.mark.parametrize("group", ["outcome", "tier", "verdict"])
    def test_two_outcomes_with_one_word(self, settings, group):
        one, other = list(WORDS[group])[:2]
        said = refused(settings, f"labels: {{{group}: {{{one}: Blau, {other}: bl-au}}}}")
        assert f"'bl-au' stands for {one} already; give each its own word" in said

    @pytest.mark.parametrize("place", ["section: {goals: %s}", "outcome: {NOT_MET: ok %s}", "column: {value: '(%s)'}"])
    @pytest.mark.parametrize("code", ["PASS", "FAIL", "MET", "NOT_EVALUATED", "STOP", "\uff30\uff21\uff33\uff33"])
    def test_no_word_holds_the_code_of_another(self, settings, place, code):
        assert "is a code of the report" in refused(settings, f"labels: {{{place % code}}}")

    @pytest.mark.parametrize("code", ["PASSED", "FAILED", "FAILURE", "STOPPED", "PASSING", "FAILS"])
    def test_no_word_holds_an_inflected_code(self, settings, code):
        assert f"holds {code}, a code" in refused(settings, f"department: 'Plan {code}. All'")
        assert f"{code} is a code" in refused(settings, f"labels: {{heading: {{decided: 'all {code}'}}}}")

    def test_a_place_that_begins_as_a_code_may_be_named(self, settings):
        assert settings("department: KLINIKUM PASSAU, METZ").department == "KLINIKUM PASSAU, METZ"

    @pytest.mark.parametrize(
        ("id_", "word"),
        [("outcome: {NOT_MET", "is met!"), ("outcome: {MARGINAL", "Met"), ("verdict: {FAIL", "Passed"),
         ("verdict: {PASS", "no failure"), ("verdict: {REVIEW", "passes")],
    )  # fmt: skip
    def test_a_word_is_not_an_inflection_of_another(self, settings, id_, word):
        assert "is a word for" in refused(settings, f"labels: {{{id_}: '{word}'}}}}")

    @pytest.mark.parametrize("word", ["was not met", "missed"])
    def test_not_met_may_be_said_otherwise(self, settings, word):
        assert settings(f"labels: {{outcome: {{NOT_MET: {word}}}}}").wording.own("outcome.NOT_MET") == word

    @pytest.mark.parametrize("group", sorted(set(WORDS) - {"sentence", "cannot", "count"}))
    def test_each_word_may_be_its_own(self, settings, group):
        for id_, text in WORDS[group].items():
            settings(f'labels: {{{group}: {{{id_}: "{text}"}}}}')

    @pytest.mark.parametrize(
        "text",
        ["Dose (Gy)", "Mittel (Gy)", "mean in Gy"],
    )
    def test_a_unit_may_stand_elsewhere(self, settings, text):
        assert settings(f"labels: {{column: {{mean_gy: {text}}}}}").wording.texts["column.mean_gy"] == text

    @pytest.mark.parametrize("text", ["Mean (cGy)", "Mean", "Mean (Gy, %)", "Mean (%)", "Mean \u33c4", "Mean (mGy)"])
    def test_another_unit_is_refused(self, settings, text):
        assert "the unit of" in refused(settings, f'labels: {{column: {{mean_gy: "{text}"}}}}')

    def test_one_and_several_may_have_one_word(self, settings):
        assert settings("labels: {count: {goal: Aim, goals: Aim}}").wording.texts["count.goals"] == "Aim"

    def test_the_english_sentence_stands_beside_every_other(self, shown):
        made = evaluation(result(outcome=Outcome.NOT_MET, value=50.0), verdict=Verdict.FAIL)
        said = "labels: {sentence: {goal: 'All is well ({tier}, {outcome}), treat'}}"
        assert "All is well (required, not met), treat. [1 required goal is not met.]" in shown(said, made).text
        assert "[1 required goal" not in shown("labels: {heading: {decided: Why}}", made).text

    def test_a_department_is_not_called_pass(self, settings):
        assert "holds PASS, a code" in refused(settings, "department: 'Verdict: PASS'")

    @pytest.mark.parametrize("column", COLUMNS_KEPT)
    def test_columns_that_cannot_be_left_out(self, settings, column):
        rest = [name for name in COLUMNS if name != column]
        assert f"{column} cannot be left out" in refused(settings, f"columns: [{', '.join(rest)}]")

    @pytest.mark.parametrize("section", SECTIONS_KEPT)
    def test_sections_that_cannot_be_left_out(self, settings, section):
        rest = [name for name in SECTIONS if name != section]
        assert f"{section} cannot be left out" in refused(settings, f"sections: [{', '.join(rest)}]")

    @pytest.mark.parametrize(
        "text",
        ["{number} goals are {outcome}", "{number} {tier} goals", "{number} {tier} {outcome} {outcome}", "all is well",
         "{number} {tier} {outcome.__class__}", "{number} {tier} {outcome} {", "{0} {tier} {outcome} {number}"],
    )  # fmt: skip
    def test_the_values_of_a_sentence_stay_in_it(self, settings, text):
        assert "places for values" in refused(settings, f'labels: {{sentence: {{goals: "{text}"}}}}')


BAD = {
    "": "1:1: the file is empty; write one of department",
    "[]": "1:1: a settings file is a mapping",
    "departement: A": "1:1: unknown key 'departement'; did you mean 'department'?",
    "depart: A\ncolour: red": "1:1: unknown key 'depart'",
    "department: [A]": "1:13: one text is wanted here",
    "department: A\ndepartment: B": "2:1: 'department' stands twice, first in line 1",
    "department:": "1:1: 'department' has no value",
    "department: !x A": "1:13: the tag",
    "department: &a A": "1:13: the anchor &a",
    'department: "A\\u202eB"': "1:13: this holds a character that cannot be seen",
    'labels: {column: {value: "A\\u200bB"}}': "1:26: this holds a character that cannot be seen",
    f"department: {'A' * 121}": "1:13: the name is longer than 120 characters",
    "logo: none.png": "1:7: the logo 'none.png' cannot be read; name a file, from the folder of this one",
    "logo: site.yaml": "1:7: the logo 'site.yaml' is neither PNG nor JPEG",
    "logo: .": "1:7: the logo '.' cannot be read",
    "logo: big.png": "1:7: the logo is larger than 200 kB",
    "columns: value": "1:10: a list of columns is wanted here; write it as in [structure, outcome",
    "columns: [structure, intervall]": "1:22: there is no column 'intervall'; did you mean 'interval'?",
    "columns: [structure, outcome, metric, value, interval, value]": "1:56: the column value stands twice",
    "columns: [outcome, structure, metric, value, interval]": "1:10: structure is not the first column",
    "columns: []": "1:10: structure and outcome and metric and value and interval cannot be left out",
    "sections: [goals, integrety, provenance]": "1:19: there is no section 'integrety'; did you mean 'integrity'?",
    "sections: {goals: 1}": "1:11: a list of sections is wanted here",
    "paper: A5": "1:8: 'A5' is no size of paper that is known here; write A4 or Letter",
    "labels: fr": "1:9: there are no shipped labels 'fr'; write de, a .yaml file, or the words",
    "labels: none.yaml": "1:9: the label file cannot be read: no such file or directory; name a file",
    "labels: [de]": "1:9: labels are a mapping of groups of words",
    "labels: {outcomes: {MET: A}}": "1:10: unknown group of words 'outcomes'; did you mean 'outcome'?",
    "labels: {outcome: {Met: A}}": "1:20: outcome has no 'Met'; did you mean 'MET'?",
    "labels: {outcome: MET}": "1:19: outcome is a mapping of ids to words",
    "labels: {outcome: {MET: [A]}}": "1:25: one text is wanted here; its shipped one is 'met'",
    "labels: {outcome: {MET: '...'}}": "1:25: '...' holds no letter",
    f"labels: {{outcome: {{MET: {'a' * 61}}}}}": "1:25: this is longer than 60 characters",
    "labels: {language: Deutsch!}": "1:20: this is no tag of a language; write it as in de",
    "labels: {language: [de]}": "1:20: this is no tag of a language",
    "labels: {column: {value: '{x}'}}": "1:26: the places for values in '{x}' are not those of this text",
    "department: 'A": "1:13: not YAML: the quote that opens here is never closed",
}  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_a_bad_file_gives_its_one_line(settings, tmp_path, text):
    (tmp_path / "big.png").write_bytes(PIXEL + b"x" * 200_000)
    assert f"site.yaml:{BAD[text]}" in refused(settings, text)


def test_all_problems_are_kept_in_the_order_of_the_file(settings):
    with pytest.raises(ProtocolError) as caught:
        settings("paper: A5\ncolor: red\nlabels: {outcome: {MET: PASS}}")
    assert [problem.line for problem in caught.value.problems] == [1, 2, 3]


def test_a_label_file_of_their_own_and_its_faults(settings, tmp_path):
    (tmp_path / "ours.yaml").write_text("language: en-GB\noutcome: {MET: achieved}\n", "utf-8")
    wording = settings("labels: ours.yaml").wording
    assert (wording.language, wording.say("outcome.MET")) == ("en-GB", "achieved [MET]")
    (tmp_path / "ours.yaml").write_text("outcome: {NOT_MET: met}\n", "utf-8")
    said = refused(settings, "labels: ours.yaml")
    assert re.search(r"site\.yaml:1:9: the labels cannot be used: \S*ours\.yaml:1:20: 'met' is a word for MET", said)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a: \x00", b"department: \xe9", b"{" * 50, b"a" * (1 << 20) + b"bc"])
def test_what_is_no_text_is_refused_in_one_line(tmp_path, data):
    path = tmp_path / "site.yaml"
    path.write_bytes(data)
    with pytest.raises(HardcheckError) as caught:
        load_settings(path)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(HardcheckError, match="the settings file cannot be read: no such file"):
        load_settings(tmp_path / "none.yaml")


@pytest.mark.parametrize("text", ["department: A\n  labels: de\n", "labels: de\n  paper: A4\n"])
def test_a_key_that_is_indented_is_told_at_its_own_line(tmp_path, text):
    (tmp_path / "site.yaml").write_text(text, "utf-8")
    with pytest.raises(ProtocolError) as caught:
        load_settings(tmp_path / "site.yaml")
    assert str(caught.value).startswith(f"{tmp_path / 'site.yaml'}:2:3: ")
