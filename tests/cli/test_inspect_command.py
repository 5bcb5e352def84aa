"""`hardcheck inspect`: what is there, complete or not."""

import os
import shutil
from pathlib import Path

import pytest

from hardcheck.phantom import box_plan

DATA = os.environ.get("HARDCHECK_DATA")


def test_a_complete_plan(run, box, one_document):
    result = run("inspect", box, "--json", "-")
    assert result.exit_code == 0
    assert result.stderr == ""
    document = one_document(result.stdout)
    assert {f["modality"] for f in document["files"]} >= {"RTSTRUCT", "RTPLAN", "RTDOSE"}
    assert document["problem"] is None
    plan = document["plan"]
    assert plan["prescription"]["dose_gy"] == 66.0
    assert plan["prescription"]["fractions"] == 22
    gtv = next(s for s in plan["structures"] if s["roi_name"] == "GTV")
    assert gtv["volume_cc"]["half"] == pytest.approx(1.728, rel=1e-9)
    assert gtv["volume_cc"]["none"] == pytest.approx(1.296, rel=1e-9)
    assert (gtv["contours"], gtv["planes"]) == (4, 4)
    assert plan["dose"]["maximum_gy"] == pytest.approx(68.0, abs=1e-6)


def test_a_person_sees_the_same(run, box):
    text = run("inspect", box).stdout
    for said in ("RTSTRUCT", "66.00 Gy in 22 fractions", "GTV", "1.73", "dose grid"):
        assert said in text
    for structure in box_plan().structures:
        assert structure.name in text


def test_json_goes_into_a_file_too(run, box, tmp_path, one_document):
    result = run("inspect", box, "--json", tmp_path / "found.json")
    assert result.exit_code == 0
    assert "RTSTRUCT" in result.stdout
    assert one_document((tmp_path / "found.json").read_text("utf-8"))["plan"]


@pytest.mark.parametrize("names", [["RS.dcm"], ["RP.dcm"], ["RD.dcm"], ["RS.dcm", "RP.dcm"], []])
def test_an_incomplete_folder_is_said_to_be(run, box, tmp_path, names, one_document):
    for name in names:
        shutil.copy(box / name, tmp_path / name)
    document = one_document(run("inspect", tmp_path, "--json", "-").stdout)
    assert [f["name"] for f in document["files"]] == sorted(names)
    assert document["plan"] is None
    assert document["problem"]
    result = run("inspect", tmp_path)
    assert result.exit_code == 0
    assert "No plan can be read" in result.stdout


def test_what_is_no_dicom_is_named(run, box, tmp_path):
    shutil.copytree(box, tmp_path / "plan")
    (tmp_path / "plan" / "notes.txt").write_text("call the ward", "utf-8")
    text = run("inspect", tmp_path / "plan").stdout
    assert "notes.txt" in text
    assert "not DICOM" in text


def test_a_truncated_file_is_refused_and_said(run, box, tmp_path):
    shutil.copytree(box, tmp_path / "plan")
    whole = (tmp_path / "plan" / "RS.dcm").read_bytes()
    (tmp_path / "plan" / "RS.dcm").write_bytes(whole[: len(whole) // 2])
    result = run("inspect", tmp_path / "plan")
    assert result.exit_code == 0
    assert "No plan can be read" in result.stdout
    assert "cut short" in result.stdout


@pytest.mark.skipif(DATA is None, reason="HARDCHECK_DATA is not set: no real DICOM files here")
def test_every_real_folder_gives_an_answer(run, tmp_path):
    folders = [path for path in sorted(Path(DATA).iterdir()) if path.is_dir()]
    assert folders
    for folder in folders:
        result = run("inspect", folder, "--json", tmp_path / "found.json")
        assert result.exit_code == 0, f"{folder.name}: {result.output}"
        assert "defect" not in result.output
        checked = run("check", folder, "-p", "hard:22fx")
        assert checked.exit_code in (1, 2, 3), f"{folder.name}: {checked.output}"
        assert "defect" not in checked.output, f"{folder.name}: {checked.output}"
        assert checked.exit_code != 2 or len(checked.stderr.splitlines()) == 1


def test_the_checks_are_listed(run, one_document):
    document = one_document(run("inspect", "--checks", "--json", "-").stdout)
    listed = {check["id"]: check for check in document["checks"]}
    assert listed["laterality"]["severities"] == ["FAIL"]
    assert "(3006,0050)" in listed["laterality"]["reads"]
    text = run("inspect", "--checks").stdout
    assert all(name in text for name in listed)


def test_without_a_path_and_without_checks_it_is_wrong(run):
    result = run("inspect")
    assert result.exit_code == 2
    assert "PATH is missing" in result.stderr
