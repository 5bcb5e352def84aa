"""What somebody who slipped reads: one line that says what was meant, and what to type."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hardcheck.cli.invocation import command_line, program
from hardcheck.dicom.writer import write_plan
from hardcheck.phantom import box_plan

ROOT = Path(__file__).parents[2]
MET = "Max[Gy] <= 70 Gy"


@pytest.mark.parametrize("command", [["check", "-p", "hard"], ["dvh"], ["inspect"]])
def test_a_path_that_is_not_there(refused, tmp_path, command):
    missing = tmp_path / "none such"
    assert refused(*command, missing) == (
        f"hardcheck: {missing}: no such file or folder; name the folder of an exported plan"
    )


def test_a_folder_of_many_other_files_is_told_by_their_number(refused, tmp_path):
    for n in range(50):
        (tmp_path / f"file{n}").write_text("text", "utf-8")
    line = refused("check", tmp_path, "-p", "hard")
    assert line == f"hardcheck: {tmp_path}: none of 50 files is DICOM; name the folder of an exported plan"
    (tmp_path / "empty").touch()
    line = refused("check", tmp_path, "-p", "hard")
    assert "none of 51 files is a usable DICOM file: 50 not DICOM, 1 empty file; name" in line


def test_a_few_other_files_are_named(refused, tmp_path):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("text", "utf-8")
    assert "a.txt (not DICOM), b.txt (not DICOM)" in refused("check", tmp_path, "-p", "hard")


@pytest.mark.parametrize("command", [["check", "-p", "hard"], ["dvh"]])
def test_of_several_plans_one_is_chosen_by_an_option(refused, tmp_path, command):
    for label in ("FIRST", "SECOND"):
        write_plan(replace(box_plan(), label=label), tmp_path / label)
    line = refused(*command, tmp_path)
    assert "there are 2 plans" in line
    assert line.endswith("; choose one with --plan UID or --plan LABEL")
    assert line.count("--plan") == 2
    assert "--plan" in refused(*command, tmp_path, "--plan", "none such")


@pytest.mark.parametrize(
    ("protocol", "said"),
    [
        ("HARD", "there is no protocol 'HARD'; did you mean 'hard'?"),
        ("Hard:22fx", "there is no protocol 'Hard'; did you mean 'hard'?"),
        ("hrd", "did you mean 'hard'?"),
        ("{folder}/notes.md", "notes.md: is no protocol: its name does not end in .yaml; name a .yaml file"),
        ("{folder}", "is a folder, and no protocol; name a .yaml file in it, or one of: femur_fracture, "),
        ("{folder}/none.yaml", "none.yaml: the protocol file cannot be read: no such file"),
    ],
)
def test_a_protocol_that_is_none(refused, box, tmp_path, protocol, said):
    (tmp_path / "notes.md").write_text("notes", "utf-8")
    assert said in refused("check", box, "-p", protocol.format(folder=tmp_path))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Gtv", "the plan has no ROI 'Gtv'; did you mean 'GTV'?"),
        ("ptvhr", "did you mean 'PTV_HR'?"),
        ("ITV_LR", "the plan has no ROI 'ITV_LR'; 'hardcheck inspect' lists them"),
        ("Zzz", "'hardcheck inspect' lists them"),
        ("12345", "there is no structure 12345"),
    ],
)
def test_an_roi_that_is_none(refused, box, name, said):
    assert said in refused("dvh", box, "-s", name)


@pytest.mark.parametrize(
    ("metric", "do"),
    [
        ("D95%", "write D95%[Gy]"),
        ("D0.03cc", "write D0.03cc[Gy]"),
        ("Mean", "write Mean[Gy]"),
        ("V20Gy", "write V20Gy[%] or V20Gy[cc]"),
        ("V100%", "write V100%[%] or V100%[cc]"),
        ("Volume", "write Volume[cc]"),
        ("D95", "write it as in V20Gy[%]"),
        ("DoseMax", "write it as in V20Gy[%]"),
        ("mean[Gy]", "write Mean"),
    ],
)
def test_a_metric_without_its_unit(refused, box, metric, do):
    line = refused("dvh", box, "-m", metric)
    assert f"'{metric}'" in line or "'mean'" in line
    assert line.partition("; ")[2].startswith(do)


def test_a_level_without_its_name_and_a_structure_without_its_roi(refused, box):
    assert "'50.6' is not written as NAME=GY, as in --level LR=50.6" in refused(
        "check", box, "-p", "hard", "--level", "50.6"
    )
    assert "as in --map Cord=SpinalCord" in refused("check", box, "-p", "hard", "--map", "Cord")
    for wrong in ("HR=66", "66 Gy", "nan", "0", "-5", "1e3"):
        assert "is not a dose in Gy; write it as in --level 66" in refused("dvh", box, "--level", wrong)


def test_an_output_that_cannot_be_written(refused, box, tmp_path, protocol, monkeypatch):
    folder = tmp_path / "out"
    folder.mkdir()
    for command in (("check", box, "-p", "hard", "--json"), ("dvh", box, "-o")):
        line = refused(*command, folder)
        assert line == f"hardcheck: {folder}: is a folder; name a file in it"

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    line = refused("check", box, "-p", protocol({MET: "required"}), "-o", folder / "r.html")
    assert line.startswith(f"hardcheck: {folder / 'r.html'}: cannot be written (No space left on device); name")


def test_the_files_of_one_plan_are_one_plan(run, box):
    files = sorted(box.iterdir())
    assert len(files) > 2
    assert run("dvh", *files, "-s", "GTV", "--json", "-").stdout == run("dvh", box, "-s", "GTV", "--json", "-").stdout
    assert run("inspect", *files).exit_code == 0


def test_folders_of_two_plans_are_not(refused, box, tmp_path):
    shutil.copytree(box, tmp_path / "again")
    for command in (["check", "-p", "hard"], ["dvh"], ["inspect"]):
        line = refused(*command, box, tmp_path / "again")
        assert f"2 paths were given, and {box} among them is a folder; give one folder" in line
    assert "none such" in refused("dvh", box / "RS.dcm", tmp_path / "none such")


def test_a_file_that_is_no_dicom_file_cannot_be_inspected(refused, run, box, tmp_path):
    (tmp_path / "README.md").write_text("# Read me", "utf-8")
    line = refused("inspect", tmp_path / "README.md")
    assert line == (
        f"hardcheck: {tmp_path / 'README.md'}: not DICOM; name a DICOM file, or the folder of an exported plan"
    )
    refused("inspect", tmp_path / "README.md", "--json", tmp_path / "out.json")
    assert not (tmp_path / "out.json").exists()
    assert run("inspect", box / "RS.dcm").exit_code == 0
    cut = tmp_path / "cut"
    cut.write_bytes((box / "RS.dcm").read_bytes()[:-100])
    assert "cut short" in run("inspect", cut).stdout
    shutil.make_archive(str(tmp_path / "zip"), "zip", box)
    assert run("inspect", tmp_path / "zip.zip").exit_code == 0


def test_lint_takes_folders(run, refused, protocol, tmp_path):
    good = protocol({MET: "required"})
    (tmp_path / "deep").mkdir()
    bad = tmp_path / "deep" / "bad.YML"
    bad.write_text(good.read_text("utf-8").replace("structures:", "structure:"), "utf-8")
    (tmp_path / "deep" / "notes.md").write_text("notes", "utf-8")
    result = run("protocols", "lint", tmp_path)
    assert result.exit_code == 2
    lines = result.stdout.splitlines()
    assert [line.split(": ")[0].split(":")[0] for line in lines] == [str(bad), str(bad), str(good)]
    assert "unknown key 'structure'; did you mean 'structures'?" in lines[0]
    assert "'structures' is missing here" in lines[1]
    assert lines[2] == f"{good}: ok"
    bad.unlink()
    assert run("protocols", "lint", tmp_path, good).stdout == f"{good}: ok\n"
    assert "there is no .yaml file in this folder" in refused("protocols", "lint", tmp_path / "deep")


def test_check_tells_the_misspelt_key(refused, box, protocol):
    path = protocol({MET: "required"})
    path.write_text(path.read_text("utf-8").replace("structures:", "structure:"), "utf-8")
    assert "unknown key 'structure'; did you mean 'structures'?" in refused("check", box, "-p", path)


@pytest.fixture
def started(tmp_path, monkeypatch):
    """Makes the process look as if a script of that name, in a folder below the current one, had started it."""
    script = tmp_path / ".venv" / "bin" / "hardcheck"
    script.parent.mkdir(parents=True)
    script.write_text("#!/bin/sh\n", "utf-8")
    script.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")

    def start(name):
        monkeypatch.setattr(sys, "argv", [str(name), "demo"])
        return script

    return start


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX")
def test_a_next_step_begins_as_the_program_was_started(started, tmp_path, monkeypatch):
    script = started(".venv/bin/hardcheck")
    assert command_line("check", "my plan", "-p", "hard") == ".venv/bin/hardcheck check 'my plan' -p hard"
    started(script)
    assert program() == ".venv/bin/hardcheck"
    monkeypatch.setenv("PATH", str(script.parent))
    assert program() == "hardcheck"
    monkeypatch.chdir(script.parent)
    monkeypatch.setenv("PATH", "/nowhere")
    started("hardcheck")
    assert program() == "./hardcheck"
    (tmp_path / "else where").mkdir()
    monkeypatch.chdir(tmp_path / "else where")
    started(script)
    assert program() == str(script)
    started("/usr/bin/pytest")
    assert program() == "hardcheck"


def test_another_program_of_that_name_is_not_taken_for_this_one(started, tmp_path, monkeypatch):
    started(".venv/bin/hardcheck")
    other = tmp_path / "other" / "hardcheck"
    other.parent.mkdir()
    shutil.copy(tmp_path / ".venv" / "bin" / "hardcheck", other)
    monkeypatch.setenv("PATH", str(other.parent))
    assert program() == str(Path(".venv", "bin", "hardcheck"))


def test_a_module_run_is_told_as_one(process):
    line = process("check", "--none-such").stderr
    assert line.rstrip().endswith("-m hardcheck check --help'")


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_git_leaves_out_what_the_commands_of_the_readme_leave(tmp_path):
    shutil.copy(ROOT / ".gitignore", tmp_path)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True, capture_output=True)
    left = ["report.html", "dvh.csv", "dvh.json", "demo/report-thigh.html", "hardcheck-demo/thigh/RS.dcm", ".venv/x"]
    kept = ["pyproject.toml", "protocols/sarcoma/hard.yaml", "sample_data/thigh/RS.dcm", "templates/report.html.j2"]
    run = subprocess.run(
        ["git", "-C", tmp_path, "check-ignore", *left, *kept], capture_output=True, text=True, check=False
    )
    assert run.stdout.split() == left


def test_how_many_more_problems_a_protocol_has(refused, protocol, box):
    path = protocol({"Max[Gy] <= 70": "required", "Mean[Gy] > 60": "required", "Dmax[Gy] < 9 Gy": "required"})
    line = refused("check", box, "-p", path)
    assert f"{path}:15:28: " in line
    assert line.endswith(f"; and 2 more problems: '{command_line('protocols', 'lint', path)}' shows all")
    one = protocol({"Max[Gy] <= 70": "required"})
    assert "more problem" not in refused("check", box, "-p", one)
    two = protocol({"Max[Gy] <= 70": "required", "Mean[Gy] > 60": "required"})
    assert "; and 1 more problem: " in refused("protocols", "show", two)
