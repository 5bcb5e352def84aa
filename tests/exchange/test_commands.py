"""`hardcheck protocols import` and `export`."""

import csv

import pytest
from click.testing import CliRunner

from hardcheck.cli.commands import hardcheck
from hardcheck.exchange import FORMS
from tests.exchange.samples import ALL


@pytest.fixture
def run():
    return lambda *arguments: CliRunner().invoke(hardcheck, ["protocols", *(str(a) for a in arguments)])


@pytest.fixture
def refused(run):
    def invoke(*arguments):
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (2, ""), result.output
        (line,) = result.stderr.splitlines()
        assert line.startswith("hardcheck: ")
        assert "defect" not in line
        return line

    return invoke


GIVEN = {"proknow": ("--fractions", 22, "--level", "HR=66"), "clearplan": ("--fractions", 22, "--level", "HR=66")}


@pytest.mark.parametrize("form", FORMS)
def test_an_import_can_be_linted_and_shown(run, sample_file, tmp_path, form):
    out = tmp_path / "out.yaml"
    result = run("import", sample_file(form), *GIVEN.get(form, ()), "-o", out)
    assert (result.exit_code, result.stdout) == (0, ""), result.output
    *lines, last = result.stderr.splitlines()
    assert last.endswith(f"{len(lines)} lines not taken over; nobody has checked the numbers")
    assert all(line.startswith("not taken over: ") for line in lines)
    assert run("lint", out).stdout == f"{out}: ok\n"
    assert "draft" in run("show", out).stdout


def test_standard_output_takes_the_protocol(run, sample_file, tmp_path):
    file = sample_file("eclipse", "protocol.txt")
    out = tmp_path / "out.yaml"
    assert run("import", file, "-o", out).exit_code == 0
    assert run("import", file, "--as", "eclipse").stdout == out.read_text("utf-8")


def test_a_file_that_is_there_stays(refused, sample_file, tmp_path):
    out = tmp_path / "out.yaml"
    out.write_text("mine", "utf-8")
    assert f"-o {out}: is there already; name a new file" in refused("import", sample_file("eclipse"), "-o", out)
    assert out.read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("import", "no such.json"), "no such.json: the file cannot be read"),
        (("import", "."), ".: the file cannot be read"),
        (("import", "{proknow}"), "scorecard.json: the file does not say the number of fractions; give it, as in"),
        (
            ("import", "{proknow}", "--fractions", 22),
            "the file does not say the prescribed dose; give it, as in --level",
        ),
        (("import", "{proknow}", "--as", "eclipse"), "is not XML from here on"),
        (("import", "{proknow}", "--as", "word"), "'word' is not one of"),
        (("import", "{proknow}", "--fractions", 0), "0 is not in the range"),
        (("import", "{proknow}", "--level", "HR"), "is not written as NAME=GY"),
        (("import", "{eclipse}", "-o", "x.json"), "is none that this command writes"),
        (("import", "{eclipse}", "--fractions", 5), "--fractions: the file says 22 fractions"),
        (("export", "hrad"), "did you mean"),
        (("export", "hard", "-o", "x.xlsx"), "is none that this command writes"),
    ],
)
def test_what_is_wrong_is_one_line(refused, sample_file, arguments, message):
    files = {form: str(sample_file(form)) for form in ALL}
    assert message in refused(*(str(argument).format_map(files) for argument in arguments))


def test_export(run, tmp_path):
    out = tmp_path / "hard.csv"
    assert run("export", "hard", "-o", out).exit_code == 0
    with out.open(encoding="utf-8", newline="") as file:
        made = list(csv.DictReader(file))
    assert {"id", "structure", "metric", "op", "limit", "unit", "tier", "regimens", "source", "remarks"} == set(made[0])
    assert run("export", "hard").stdout_bytes == out.read_bytes()
