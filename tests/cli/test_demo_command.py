"""`hardcheck demo`."""

import json
import shlex

import pytest
from click.testing import CliRunner

from hardcheck.cli.commands import hardcheck
from hardcheck.report.seal import seal


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "made" / "here"
    return folder, CliRunner().invoke(hardcheck, ["demo", "-o", str(folder)])


def test_it_runs_and_leaves_the_reports(demo):
    folder, result = demo
    assert result.exit_code == 0, result.output
    for name in ("report-thigh.html", "report-thigh_shifted.html"):
        assert "<html" in (folder / name).read_text("utf-8")
        assert str(folder / name) in result.stdout


def test_the_next_step_can_be_typed_as_it_stands(demo):
    folder, result = demo
    assert f"More of it on the terminal: hardcheck check {shlex.quote(str(folder / 'thigh'))} -p hard" in result.stdout


def test_the_shifted_plan_fails_and_the_other_does_not(demo):
    lines = demo[1].stdout.splitlines()
    assert "thigh_shifted: FAIL" in lines
    (first,) = [line for line in lines if line.startswith("thigh: ")]
    assert first in ("thigh: PASS", "thigh: VARIATION", "thigh: REVIEW")


def test_what_it_wrote_can_be_checked_again(demo, run):
    folder, _ = demo
    assert run("check", folder / "thigh_shifted", "-p", "hard").exit_code == 1


def test_it_can_be_run_twice(demo, run):
    assert run("demo", "-o", demo[0]).exit_code == 0


def test_a_file_is_no_folder(refused, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    assert "cannot be made" in refused("demo", "-o", tmp_path / "file")


@pytest.fixture(scope="module")
def special(tmp_path_factory):
    folder = tmp_path_factory.mktemp("special")
    return folder, CliRunner().invoke(hardcheck, ["demo", "--sbrt", "--lattice", "-o", str(folder)])


def test_the_stereotactic_and_the_lattice_plan(special):
    folder, result = special
    assert result.exit_code == 0, result.output
    assert "sbrt: PASS" in result.stdout.splitlines()
    assert "lattice: REVIEW" in result.stdout.splitlines()
    assert "thigh" not in result.stdout
    assert "PVDR = peak / valley" in (folder / "report-lattice.html").read_text("utf-8")
    assert "CI_CK[]" in (folder / "report-sbrt.html").read_text("utf-8")


def test_what_is_declared_of_vertices_can_be_typed(special, run, one_document):
    folder, _ = special
    asked = ("check", folder / "lattice", "-p", "sfrt_trial", "--json", "-")
    (found,) = one_document(run(*asked, "--vertex-dose", "added").stdout)["lattice"]
    assert len(found["vertices"]) == 18
    assert {a["outcome"] for a in found["asked"]} == {"MET"}
    (found,) = one_document(run(*asked).stdout)["lattice"]
    assert found["vertex_dose"].startswith("separate")
    assert run(*asked, "--vertex-dose", "both").exit_code == 2


def test_what_is_declared_of_vertices_is_verified(special, run, tmp_path):
    folder, path = special[0] / "lattice", tmp_path / "lattice.json"
    run("check", folder, "-p", "sfrt_trial", "--vertex-dose", "added", "--json", path)
    assert run("verify", path, folder).exit_code == 0
    document = json.loads(path.read_bytes())
    document["provenance"]["settings"]["vertex_dose"] = "separate"
    document["provenance"]["evaluation_sha256"] = seal(document)
    path.write_text(json.dumps(document), "utf-8")
    result = run("verify", path, folder)
    assert result.exit_code == 1
    assert "DIFFERS  vertices GTV of ROI" in result.stdout
