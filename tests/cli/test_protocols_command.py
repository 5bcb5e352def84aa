"""`hardcheck protocols`."""

import pytest

from hardcheck.files import data_folder

MET = "Max[Gy] <= 70 Gy"


def test_list_names_what_is_shipped(run):
    result = run("protocols", "list")
    assert result.exit_code == 0
    assert "hard" in result.stdout
    assert "transcribed" in result.stdout


def test_show_has_every_goal_and_level(run):
    text = " ".join(run("protocols", "show", "hard", COLUMNS="300").stdout.split())
    for said in (
        "22fx",
        "HR 66 Gy",
        "LR 44 to 50.6 Gy",
        "V46Gy[%] < 50 %",
        "D0.03cc[Gy] <= 46 Gy",
        "10.1016/j.adro.2024.101447",
    ):
        assert said in text


def test_show_reads_a_file(run, protocol):
    assert "a protocol for tests" in run("protocols", "show", protocol({MET: "required"})).stdout


def test_show_of_another_name_is_one_line(refused):
    assert "did you mean" in refused("protocols", "show", "hrad")


def test_lint_of_a_sound_file(run, protocol):
    path = protocol({MET: "required"})
    result = run("protocols", "lint", path)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{path}: ok\n"


def test_lint_says_where_each_problem_is(run, protocol, tmp_path):
    good = protocol({MET: "required"}).read_text("utf-8")
    bad = tmp_path / "bad.yaml"
    bad.write_text(good.replace("70 Gy", "70"), "utf-8")
    result = run("protocols", "lint", tmp_path / "test.yaml", bad)
    assert result.exit_code == 2
    line = next(n for n, text in enumerate(good.splitlines(), 1) if "70 Gy" in text)
    assert f"{bad}:{line}:" in result.stdout
    assert f"{tmp_path / 'test.yaml'}: ok" in result.stdout
    assert result.stderr == "hardcheck: 1 problem in 1 file\n"


@pytest.mark.parametrize("arguments", [["lint"], ["lint", "no such.yaml"], ["show"], ["none"]])
def test_wrong_arguments_are_one_line(refused, arguments):
    refused("protocols", *arguments)


def test_schema_is_one_document(run, one_document):
    result = run("protocols", "schema")
    assert result.exit_code == 0
    assert one_document(result.stdout)["type"] == "object"


def test_schema_into_a_file_is_the_shipped_one(run, tmp_path):
    result = run("protocols", "schema", "-o", tmp_path / "protocol.schema.json")
    assert (result.exit_code, result.stdout) == (0, "")
    shipped = data_folder("protocols") / "protocol.schema.json"
    assert (tmp_path / "protocol.schema.json").read_bytes() == shipped.read_bytes()


EXAMPLES = """\
examples:
  - {goal: goal-1, value: 70 Gy, outcome: MET}
  - {goal: goal-1, value: 69.9 Gy, low: 69.5 Gy, high: 70.4 Gy, outcome: MARGINAL}
"""


def test_examples_that_come_out_as_they_say(run, protocol):
    path = protocol({MET: "required"})
    path.write_text(path.read_text("utf-8") + EXAMPLES, "utf-8")
    result = run("protocols", "test", path, "femur_fracture")
    assert result.exit_code == 0, result.output
    assert result.stdout == "7 examples in 2 files, all as expected\n"


def test_examples_that_fail_are_told_with_their_places(run, protocol, tmp_path):
    path = protocol({"Max[Gy] < 70 Gy": "required"})
    good = path.read_text("utf-8")
    path.write_text(good + EXAMPLES.replace("70.4", "69.95"), "utf-8")
    result = run("protocols", "test", tmp_path)
    assert result.exit_code == 1
    line = len(good.splitlines()) + 2
    assert result.stdout.splitlines() == [
        f"{path}:{line}:5: goal-1: Max[Gy] < 70 Gy: 70 Gy is NOT_MET, where MET is expected",
        f"{path}:{line + 1}:5: goal-1: Max[Gy] < 70 Gy: 69.9 (69.5 to 69.95) Gy is MET, where MARGINAL is expected",
        "2 examples in 1 file, 2 failed",
    ]


def test_a_protocol_without_examples_says_so(run, protocol):
    path = protocol({MET: "required"})
    result = run("protocols", "test", path)
    assert (result.exit_code, result.stdout) == (0, f"{path}: no examples\n0 examples in 1 file\n")


def test_examples_of_no_protocol_are_one_line(refused):
    assert "did you mean 'hard'?" in refused("protocols", "test", "hrad")


def test_diff_says_what_changed(run, protocol, tmp_path, one_document):
    new = protocol({"Max[Gy] <= 68 Gy": "required"}).rename(tmp_path / "new.yaml")
    old = protocol({MET: "required"})
    line = "GTV: required Max limit 70 Gy -> 68 Gy (stricter)"
    result = run("protocols", "diff", old, new)
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{line}\n", "")
    result = run("protocols", "diff", old, new, "--json", "-")
    assert (result.exit_code, result.stderr) == (0, f"{line}\n")
    document = one_document(result.stdout)
    assert document["schema"] == "hardcheck.difference/1"
    assert document["changes"] == [
        {"structure": "GTV", "goal": "goal-1", "change": "required Max limit 70 Gy -> 68 Gy", "effect": "stricter"}
    ]
    assert document["old"]["sha256"] != document["new"]["sha256"]


def test_diff_of_what_is_the_same(run, protocol, tmp_path, one_document):
    assert run("protocols", "diff", "hard", "hard").stdout == "no difference\n"
    path = protocol({MET: "required"})
    other = tmp_path / "other.yaml"
    other.write_text("# A comment.\n" + path.read_text("utf-8"), "utf-8")
    result = run("protocols", "diff", path, other, "--json", tmp_path / "out.json")
    assert (result.exit_code, result.stdout) == (0, "no difference; the files differ in comments or layout alone\n")
    assert one_document((tmp_path / "out.json").read_text("utf-8"))["changes"] == []


def test_diff_of_no_protocol_is_one_line(refused):
    assert "did you mean 'hard'?" in refused("protocols", "diff", "hard", "hrad")


def test_show_writes_a_page_to_sign(run, tmp_path):
    page = tmp_path / "hard.html"
    result = run("protocols", "show", "hard", "-o", page)
    assert (result.exit_code, result.stdout) == (0, f"Written: {page}\n")
    assert "Signature" in page.read_text("utf-8")


def test_show_writes_no_other_form(refused, tmp_path):
    assert "use .html" in refused("protocols", "show", "hard", "-o", tmp_path / "hard.pdf")


def test_show_says_what_schedules_all_numbers_are_for(run):
    shown = run("protocols", "show", "femur_fracture", COLUMNS="300").stdout
    assert "All numbers are for schedules of 1.8 to 2.2 Gy per fraction." in shown
    assert "All numbers are" not in run("protocols", "show", "hard", COLUMNS="300").stdout
