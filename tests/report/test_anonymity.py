"""What a report without identity hides, in whichever way a name is written."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.dicom import read_plan
from hardcheck.dicom.writer import write_plan
from hardcheck.phantom import box_plan
from hardcheck.plan import Finding, Patient, Severity
from hardcheck.report.anonymity import REMOVED, hider
from tests.dicom import datasets


def of(name="Zwölfer^Anna", number="QX77123"):
    return hider(replace(box_plan(), patient=Patient(number, name, "19511213")))


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize("name", ["Zwölfer^Anna", unicodedata.normalize("NFD", "Zwölfer^Anna"), "Zwoelfer^Anna"])
@pytest.mark.parametrize("written", ["Zwölfer", "ZWÖLFER", "zwoelfer", "Zwolfer", "ANNA"])
def test_a_name_is_hidden_however_it_is_encoded(form, name, written):
    text = unicodedata.normalize(form, f"CTV {written} 3 cm³")
    assert of(name)(text) == unicodedata.normalize(form, f"CTV {REMOVED} 3 cm³")


def test_sharp_s_and_other_scripts_are_hidden():
    assert of("Großmann")("GTV GROSSMANN, gtv großmann") == f"GTV {REMOVED}, gtv {REMOVED}"
    assert of("Zwölfer^Anna=山田^太郎")("Cord 山田") == f"Cord {REMOVED}"


def test_a_short_name_hides_no_other_word():
    assert of("Doe^Jane")("do not weigh it; Doe") == f"do not weigh it; {REMOVED}"


@pytest.mark.parametrize("uid", ["2.25.329800735698586629295641978511506172918", "2.25.1", "1.2.840.10008.5.1"])
def test_uids_are_hidden(uid):
    assert of()(f"the plan {uid} is another one") == f"the plan {REMOVED} is another one"


@pytest.mark.parametrize("text", ["2.25 Gy", "12.25.3", "2.25.", "22 fractions of 2.25 Gy, 1.25.7"])
def test_numbers_stay(text):
    assert of()(text) == text


@given(st.text(st.characters(blacklist_categories=["Cs"])))
def test_a_text_without_the_name_stays_as_it_is(text):
    hidden = of("Qqqqxyz", "ZZYYX99887")(text)
    assert hidden == text or REMOVED in hidden


def test_no_file_name_of_a_skipped_file_is_told(tmp_path):
    write_plan(replace(box_plan(), patient=Patient("QX77123", "Doe^Jane", "19511213")), tmp_path)
    for name in ("PlanDoe_QX77123a.txt", "xDoex.csv"):
        (tmp_path / name).write_text("no DICOM")
    (found,) = [f for f in read_plan(tmp_path).findings if f.id == "files-skipped"]
    assert "PlanDoe_QX77123a.txt" in found.message
    assert found.unnamed == "2 files were skipped: 2 not DICOM"


def test_a_copy_of_a_file_is_told_without_names(tmp_path):
    write_plan(box_plan(), tmp_path)
    one = min(tmp_path.iterdir())
    (tmp_path / "xDoex.dcm").write_bytes(one.read_bytes())
    (found,) = [f for f in read_plan(tmp_path).findings if f.id == "duplicates"]
    assert "xDoex" in found.message
    assert found.unnamed == "[file] is the same object as [file]"


def test_a_reason_that_repeats_a_finding_names_no_file():
    """The longest message first: one may be the beginning of another."""
    short = Finding("a", Severity.WARN, "is in xDoex.dcm", unnamed="is in [file]")
    long = Finding("a", Severity.STOP, "is in xDoex.dcm and yDoey.dcm", unnamed="is in [file] and [file]")
    hide = hider(replace(box_plan(), findings=(short,)), (long,))
    assert (
        hide(f"only if a: {long.message}; a: {short.message}") == "only if a: is in [file] and [file]; a: is in [file]"
    )


def test_a_finding_that_is_said_otherwise_has_both_texts():
    found = Finding("a", Severity.WARN, "xDoex.dcm", ("GTV",), unnamed="[file]").within("plan 1: ", " (why)")
    assert (found.message, found.unnamed) == ("plan 1: xDoex.dcm (why)", "plan 1: [file] (why)")
    assert Finding("a", Severity.WARN, "no file").within("plan 1: ").unnamed == ""


@pytest.mark.parametrize("changes", [{"PixelSpacing": [1, 1]}, {"BitsAllocated": 32}, {"PixelData": b"\0\0"}])
def test_why_a_ct_is_not_shown_names_no_file(tmp_path, changes):
    odd = datasets.image(-25.0)
    for keyword, value in changes.items():
        setattr(odd, keyword, value)
    image = read_plan(datasets.write_plan(tmp_path, xDoex=datasets.image(-30.0), xDoey=odd), pixels=True).image
    assert image.unread.startswith("xDoey: ")
    assert image.unnamed == "[file]" + image.unread.removeprefix("xDoey")
