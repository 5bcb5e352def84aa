"""Which form a file has."""

import pytest

from hardcheck.cli import commands
from hardcheck.errors import UsageError
from hardcheck.exchange import FORMS, MOST_BYTES, form_of, imported
from tests.exchange.samples import ALL, CLEARPLAN, ECLIPSE

GIVEN = {"fractions": 22, "prescription_gy": {"HR": 66.0}}


@pytest.mark.parametrize("form", FORMS)
def test_it_is_told_by_suffix_or_content(form):
    file, text = ALL[form]
    assert form_of(file.upper(), "") == form
    assert form_of("file.txt", text) == form
    assert form_of("file", f"\n {text}" if form != "clearplan" else text) == form


@pytest.mark.parametrize("text", ["", "V20Gy < 30 %", "\r\x01", '"a\n', "a\0,b"])
def test_what_is_none_is_said(text):
    with pytest.raises(UsageError, match="form is not known; say it with --as proknow, clearplan or eclipse"):
        form_of("notes.txt", text)


def test_the_command_knows_all_forms():
    assert commands.FORMS == FORMS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_say_what_they_are(encoding):
    text = ECLIPSE.replace("utf-8", encoding.removesuffix("-sig"))
    assert imported(text.encode(encoding), file="a.xml").goals == 5
    assert imported(CLEARPLAN.encode(encoding), file="a.csv", **GIVEN).goals == 9


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xe4\xf6", "is not UTF-8 text"),
        (b"\xff\xfea", "is not UTF-8 text"),
        (b" " * (MOST_BYTES + 1), "larger than 5 MB"),
    ],
)
def test_what_is_no_text(data, message):
    with pytest.raises(UsageError, match=message):
        imported(data, file="a.csv")


def test_a_protocol_that_nobody_could_read_is_not_made():
    rows = "".join(f"Structure {'N' * 30} {n},,,,Mean[Gy],<2 0,,1\n" for n in range(12_000))
    text = f"Structure ID,a,b,c,DVH Objective,Evaluator\nA,,,,Mean[Gy],<20\n{rows}"
    with pytest.raises(UsageError, match="larger than 1 MB; import a part of it"):
        imported(text.encode(), file="a.csv", **GIVEN)
