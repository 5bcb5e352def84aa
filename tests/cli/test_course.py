"""`--course` of `check` and `dvh`: two halves of the box plan, as files, and what must not be added up.

Each half gives 33 Gy in 11 fractions, so that both together are the regimen of 22 fractions that the box plan keeps.
"""

import json
import shutil
from dataclasses import replace

import pydicom
import pytest
from click.testing import CliRunner

from hardcheck.cli.commands import hardcheck
from hardcheck.dicom.writer import write_plan
from hardcheck.phantom import axis_mm, box_plan
from hardcheck.phantom.box import LEVELS_GY, prescription
from hardcheck.plan import DoseGrid, Patient
from hardcheck.report.seal import seal
from tests import faults

GOALS = """\
id: small
version: "1"
title: what both halves keep together
source: made up
verification: transcribed
regimens:
  - {id: 22fx, fractions: 22, levels: {HR: 66 Gy, LR: 44 to 50.6 Gy}}
  - {id: 20fx, fractions: 20, levels: {HR: 60 Gy, LR: 40 to 46 Gy}}
structures:
  - name: GTV
    role: target
    level: HR
    goals:
      - {id: gtv-v100, goal: "V100%[%] > 99 %", tier: required}
      - {id: gtv-max, goal: "D0.03cc[%] <= 110 %", tier: required}
  - name: PTV_LR
    role: target
    level: LR
    goals:
      - {id: ptv_lr-v100, goal: "V100%[%] > 95 %", tier: required}
  - name: Cord
    role: organ
    aliases: [SpinalCord]
    goals:
      - {id: cord-max, goal: "D0.03cc[Gy] <= 46 Gy", tier: required}
      - {id: cord-eqd2, goal: "D0.03cc EQD2(ab=2)[Gy] <= 46 Gy", tier: required}
"""
LEVEL = ("--level", "LR=50.6")


def half(label, share=0.5, fractions=11, **more):
    whole = box_plan()
    grid = whole.dose
    levels = {name: dose_gy * fractions / 22 for name, dose_gy in LEVELS_GY.items()}
    return replace(
        whole,
        label=label,
        dose=DoseGrid(grid.x_mm, grid.y_mm, grid.z_mm, grid.dose_gy * share),
        prescription=prescription(levels, whole.structures, fractions),
        **more,
    )


@pytest.fixture(scope="session")
def whole_halves(tmp_path_factory):
    folder = tmp_path_factory.mktemp("halves")
    for label in ("ONE", "TWO"):
        write_plan(half(label), folder / label)
    return folder


@pytest.fixture
def halves(whole_halves, tmp_path):
    """Folders of both plans, to be changed."""
    return [shutil.copytree(whole_halves / label, tmp_path / label) for label in ("ONE", "TWO")]


@pytest.fixture
def goals(tmp_path):
    path = tmp_path / "goals.yaml"
    path.write_text(GOALS, "utf-8")
    return path


@pytest.fixture
def course(run, halves, goals):
    """Checks the course of both halves against the regimen of 22 fractions."""

    def check(*more, status=(0, 1, 2, 3)):
        result = run("check", *halves, "--course", "-p", f"{goals}:22fx", *LEVEL, "--json", "-", *more)
        assert result.exit_code in status, result.output
        return result

    return check


def found(document):
    return {(f["severity"], f["id"]) for f in document["integrity"]}


def test_both_halves_are_the_whole(course, run, tmp_path, goals):
    document = json.loads(course(status=[0]).stdout)
    assert document["verdict"] == "PASS"
    write_plan(box_plan(), tmp_path / "whole")
    alone = run("check", tmp_path / "whole", "-p", f"{goals}:22fx", *LEVEL, "--json", "-")
    wanted = {goal["id"]: goal for goal in json.loads(alone.stdout)["goals"]}
    for goal in document["goals"]:
        if goal["id"] != "cord-eqd2":
            # Both doses were rounded to their own steps of some nGy.
            assert goal["value"] == pytest.approx(wanted[goal["id"]]["value"], abs=1e-4)


def test_the_document_names_the_plans(course):
    document = json.loads(course().stdout)
    assert [{k: v for k, v in plan.items() if k != "sop_instance_uid"} for plan in document["course"]] == [
        {"label": "ONE", "fractions": 11, "prescription_gy": 33.0, "structures": True},
        {"label": "TWO", "fractions": 11, "prescription_gy": 33.0, "structures": False},
    ]
    assert len({plan["sop_instance_uid"] for plan in document["course"]}) == 2
    assert document["plan"]["fractions"] is None
    assert document["plan"]["prescription_gy"] == 66.0
    assert found(document) == {
        ("INFO", "course-structures"),
        ("INFO", "course-sum"),
        ("WARN", "course-same-dose"),
        # As of the plan alone: a phantom's dose says no algorithm, its grid has 3 mm and the GTV 1.7 cc.
        ("INFO", "couch"),
        ("WARN", "dose-algorithm"),
        ("WARN", "dose-grid-spacing"),
    }
    # Two plans, two doses, and the one structure set that both are of.
    assert sorted(i["modality"] for i in document["provenance"]["inputs"]) == ["RTDOSE"] * 2 + ["RTPLAN"] * 2 + [
        "RTSTRUCT"
    ]


def test_one_plan_is_a_course_of_none(run, halves, one_document):
    for command in (("check", "-p", "hard"), ("dvh",)):
        result = run(command[0], halves[0], *command[1:], "--json", "-")
        if result.exit_code != 2:
            assert one_document(result.stdout)["course"] == []


def test_the_reports_say_that_it_is_a_course(run, halves, goals, tmp_path):
    page, table = tmp_path / "report.html", tmp_path / "report.xml"
    result = run("check", *halves, "--course", "-p", f"{goals}:22fx", *LEVEL, "-o", page, "-o", table)
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    wanted = (
        "Course of 2 plans, ONE (33 Gy in 11 fractions) + TWO (33 Gy in 11 fractions), with the structures of plan 1"
    )
    assert wanted in said
    text = page.read_text("utf-8")
    assert "<h2>Course of 2 plans</h2>" in text
    assert "its structures are used" in text
    assert table.read_text("utf-8").count('name="plan"') == 2


def test_without_identity_no_plan_is_named(course):
    result = course("--anonymous", status=[0])
    document = json.loads(result.stdout)
    assert [(p["label"], p["sop_instance_uid"]) for p in document["course"]] == [(None, None)] * 2
    for secret in ("ONE", "TWO", "SYNTHETIC-BOX"):
        assert secret not in result.stdout.replace("NOT_MET", "")


def test_the_effect_is_that_of_each_plan(run, tmp_path, one_document):
    """The hottest of GTV is 68 Gy: 17 Gy in 2 and 51 Gy in 20 fractions."""
    write_plan(half("FEW", 0.25, 2), tmp_path / "few")
    write_plan(half("MANY", 0.75, 20), tmp_path / "many")
    metrics = ("Max[Gy]", "Max EQD2(ab=3)[Gy]", "Max BED(ab=10)[Gy]")
    asked = [part for metric in metrics for part in ("-m", metric)]
    paths = (tmp_path / "few", tmp_path / "many")
    result = run("dvh", *paths, "--course", "-s", "GTV", *asked, "--json", "-")
    document = one_document(result.stdout)
    values = {name: m["value"] for name, m in document["structures"][0]["metrics"].items()}
    assert values["Max[Gy]"] == pytest.approx(68, abs=1e-5)
    assert values["Max EQD2(ab=3)[Gy]"] == pytest.approx(17 * (8.5 + 3) / 5 + 51 * (2.55 + 3) / 5, abs=1e-4)
    assert values["Max BED(ab=10)[Gy]"] == pytest.approx(17 * 1.85 + 51 * 1.255, abs=1e-4)
    assert [plan["fractions"] for plan in document["course"]] == [2, 20]


def test_plans_of_one_folder_are_named_with_plan(run, halves, goals, tmp_path):
    folder = tmp_path / "both"
    for path in halves:
        shutil.copytree(path, folder / path.name)
    (folder / "TWO" / "RS.dcm").unlink()
    options = ("--course", "-p", f"{goals}:22fx", *LEVEL)
    result = run("check", folder, "--plan", "ONE", "--plan", "TWO", *options)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("position", ["HFP", "FFS"])
def test_how_the_dose_is_laid_out_in_its_file_changes_nothing(run, halves, position, one_document):
    """One frame of reference: what lies at a place of it lies there in both files."""
    asked = ("--course", "-m", "Mean[Gy]", "-m", "D0.03cc[Gy]", "--json", "-")
    wanted = one_document(run("dvh", *halves, *asked).stdout)["structures"]
    shutil.rmtree(halves[1])
    write_plan(half("TWO"), halves[1], patient_position=position)
    for one, other in zip(one_document(run("dvh", *halves, *asked).stdout)["structures"], wanted, strict=True):
        for name, metric in one["metrics"].items():
            assert metric["value"] == pytest.approx(other["metrics"][name]["value"], rel=1e-9)


# ---- What is refused


def test_several_paths_without_course_are_no_plan(refused, halves):
    assert "--course" in refused("check", *halves, "-p", "hard")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--structures-from", "ONE"), "goes with --course"),
        (("--plan", "ONE", "--plan", "TWO"), "2 plans are named"),
        (("--course",), "two plans or more"),
        (("--course", "--plan", "ONE"), "two plans or more"),
    ],
)
def test_options_that_do_not_fit_together(refused, halves, options, said):
    assert said in refused("dvh", halves[0], *options)


def test_each_path_holds_one_plan(refused, halves):
    assert "--plan" in refused("dvh", *halves, "--course", "--plan", "ONE")


def test_the_regimen_of_a_course_is_named(refused, halves, goals):
    line = refused("check", *halves, "--course", "-p", goals, *LEVEL)
    assert "small:22fx (22 fractions)" in line


def test_one_plan_twice(refused, halves):
    assert "are one plan" in refused("dvh", halves[0], halves[0], "--course")


def test_one_dose_in_two_plans(refused, halves):
    shutil.copy(halves[0] / "RD.dcm", halves[1] / "RD.dcm")
    for options in ((), ("--assume-linked",)):
        assert "have the same dose" in refused("dvh", *halves, "--course", *options)


def test_a_dose_that_says_it_is_of_the_other_plan(refused, halves):
    other = pydicom.dcmread(halves[0] / "RP.dcm").SOPInstanceUID
    dose = pydicom.dcmread(halves[1] / "RD.dcm")
    dose.ReferencedRTPlanSequence[0].ReferencedSOPInstanceUID = other
    dose.save_as(halves[1] / "RD.dcm")
    for options in ((), ("--assume-linked",)):
        assert "says that it is of the other" in refused("dvh", *halves, "--course", *options)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"patient": Patient("SYNTHETIC-OTHER", "Zebedee^Quux")}, "different patients"),
        ({"frame_of_reference_uid": "1.2.3.4"}, "different frames of reference"),
    ],
)
def test_others_are_refused(refused, halves, more, said):
    shutil.rmtree(halves[1])
    write_plan(half("TWO", **more), halves[1])
    line = refused("dvh", *halves, "--course", "--assume-linked")
    assert said in line
    assert "Quux" not in line


def test_grids_that_do_not_overlap(refused, halves):
    shutil.rmtree(halves[1])
    far = half("TWO")
    z_mm = axis_mm(100, 166, 3)
    grid = far.dose
    write_plan(replace(far, dose=DoseGrid(grid.x_mm, grid.y_mm, z_mm, grid.dose_gy)), halves[1])
    assert "do not overlap" in refused("dvh", *halves, "--course")


# ---- Faults of one of the plans


def test_a_dose_without_frame_of_reference_stops(course, halves):
    dose = pydicom.dcmread(halves[1] / "RD.dcm")
    del dose.FrameOfReferenceUID
    dose.save_as(halves[1] / "RD.dcm")
    document = json.loads(course(status=[3]).stdout)
    assert ("STOP", "one-frame-of-reference") in found(document)
    assert {goal["outcome"] for goal in document["goals"]} == {"NOT_EVALUATED"}
    assert ("WARN", "one-frame-of-reference") in found(json.loads(course("--assume-linked", status=[0]).stdout))


UNSEEN = {name for name in faults.NEVER_PASS if name.startswith("target")} | {"two ROIs of one name"}
"""Of PTV_HR, which no goal of the small protocol here is about."""


@pytest.mark.parametrize("fault", [f for f in faults.NEVER_PASS if f not in UNSEEN])
@pytest.mark.parametrize("place", [0, 1], ids=["first", "second"])
def test_no_fault_of_one_plan_lets_the_course_pass(course, halves, fault, place):
    faults.NEVER_PASS[fault](halves[place])
    result = course()
    assert result.exit_code in (1, 2, 3), result.stdout
    if result.exit_code == 2:
        assert len(result.stderr.splitlines()) == 1
        assert "defect" not in result.stderr


def test_fractions_that_are_not_the_regimen_s_are_said(course, halves):
    faults.set_fractions(halves[1], 10)
    document = json.loads(course(status=[1]).stdout)
    (message,) = [f["message"] for f in document["integrity"] if f["id"] == "prescription-matches-regimen"]
    assert "33 Gy in 11 and 33 Gy in 10 fractions, together 66 Gy in 21" in message


def test_the_sum_of_another_fractionation_is_said(run, goals, tmp_path):
    """66 Gy in 22 fractions, but not of 3 Gy each."""
    write_plan(half("FEW", 0.5, 11), tmp_path / "few")
    other = half("MANY", 0.5, 11)
    uneven = prescription({n: d / 4 for n, d in LEVELS_GY.items()}, other.structures, 11)
    write_plan(replace(other, prescription=uneven), tmp_path / "many")
    paths = (tmp_path / "few", tmp_path / "many")
    result = run("check", *paths, "--course", "-p", f"{goals}:22fx", *LEVEL, "--json", "-")
    document = json.loads(result.stdout)
    assert ("FAIL", "prescription-matches-regimen") in found(document)
    assert ("WARN", "delivered-dose-plausible") in found(document)


def test_the_level_of_a_course_is_never_read_from_a_plan(run, halves, goals):
    result = run("check", *halves, "--course", "-p", f"{goals}:22fx", "--json", "-")
    assert result.exit_code == 3, result.output
    document = json.loads(result.stdout)
    assert "LR" not in document["levels"]
    assert "--level LR=GY" in document["level_origins"]["LR"]


def test_frames_that_are_missing_in_one_dose_stop_although_the_other_has_them(course, halves):
    """On the planes of both the nodes are dense again, and what one plan holds there is still not known."""
    shutil.rmtree(halves[1])
    two = half("TWO")
    keep = [k for k in range(two.dose.z_mm.size) if not 9 <= k <= 12]
    grid = DoseGrid(two.dose.x_mm, two.dose.y_mm, two.dose.z_mm[keep], two.dose.dose_gy[keep])
    write_plan(replace(two, dose=grid), halves[1])
    document = json.loads(course(status=[3]).stdout)
    assert ("STOP", "dose-grid-spacing") in found(document)


def test_fractions_of_a_course_cannot_be_given(run, halves):
    result = run("dvh", *halves, "--course", "--fractions", "22", "-m", "Max EQD2(ab=3)[Gy]")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "--fractions" in result.stderr


def test_another_engine_knows_no_effect_of_a_course(run, halves, one_document):
    asked = ("-s", "GTV", "-m", "Max EQD2(ab=3)[Gy]", "--json", "-")
    document = one_document(run("dvh", *halves, "--course", "--engine", "dicompyler", *asked).stdout)
    found = document["structures"][0]["metrics"]["Max EQD2(ab=3)[Gy]"]
    assert found["value"] is None
    assert found["reason"]


def test_structures_and_doses_without_plans_add_up_and_have_no_effect(run, halves, one_document):
    for folder in halves:
        (folder / "RP.dcm").unlink()
    asked = ("-s", "GTV", "-m", "Max[Gy]", "-m", "Max EQD2(ab=3)[Gy]", "--json", "-")
    document = one_document(run("dvh", *halves, "--course", *asked).stdout)
    metrics = document["structures"][0]["metrics"]
    assert metrics["Max[Gy]"]["value"] == pytest.approx(68, abs=1e-5)
    assert metrics["Max EQD2(ab=3)[Gy]"]["value"] is None
    assert "plan 1 and plan 2 without a single number of fractions" in metrics["Max EQD2(ab=3)[Gy]"]["reason"]
    assert [plan["sop_instance_uid"] for plan in document["course"]] == [None, None]


# ---- Verified


@pytest.fixture(scope="module")
def evaluated(whole_halves, tmp_path_factory):
    """The JSON of the course with the structures of the second plan."""
    goals = tmp_path_factory.mktemp("evaluated") / "goals.yaml"
    goals.write_text(GOALS, "utf-8")
    paths = [whole_halves / label for label in ("ONE", "TWO")]
    asked = ("--course", "--structures-from", "TWO", "-p", f"{goals}:22fx", *LEVEL, "--json", "-")
    result = CliRunner().invoke(hardcheck, [str(each) for each in ("check", *paths, *asked)])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def written(evaluated, tmp_path):
    """The same as a file."""
    path = tmp_path / "course.json"
    path.write_text(evaluated, "utf-8")
    return path


@pytest.mark.parametrize("more", [(), ("--structures-from", "TWO")])
def test_a_course_is_verified(run, written, halves, goals, more):
    result = run("verify", written, *halves, "--course", "-p", goals, *more)
    assert result.exit_code == 0, result.output
    for name in ("ONE/RP.dcm", "TWO/RP.dcm", "ONE/RD.dcm", "TWO/RD.dcm"):
        assert name in result.stdout


def test_the_plans_of_one_folder_are_those_that_are_written(run, halves, goals, tmp_path):
    folder, path = tmp_path / "both", tmp_path / "course.json"
    for each in halves:
        shutil.copytree(each, folder / each.name)
    (folder / "TWO" / "RS.dcm").unlink()
    named = ("--plan", "TWO", "--plan", "ONE", "--structures-from", "ONE")
    run("check", folder, "--course", *named, "-p", f"{goals}:22fx", *LEVEL, "--json", path)
    result = run("verify", path, folder, "--course", "-p", goals)
    assert result.exit_code == 0, result.output
    assert run("verify", path, folder, "--course", "-p", goals, *named).exit_code == 0


def test_other_structures_are_another_course(run, written, halves, goals):
    result = run("verify", written, *halves, "--course", "-p", goals, "--structures-from", "ONE")
    assert result.exit_code == 1
    assert "DIFFERS  course: 1.structures, 2.structures computed again" in result.stdout


def test_a_changed_dose_of_one_plan_is_told(run, written, halves, goals):
    dose = pydicom.dcmread(halves[1] / "RD.dcm")
    dose.DoseGridScaling = str(float(dose.DoseGridScaling) * 1.2)
    dose.save_as(halves[1] / "RD.dcm")
    result = run("verify", written, *halves, "--course", "-p", goals)
    assert result.exit_code == 1
    assert "TWO/RD.dcm is not the file that it was" in result.stdout
    assert "DIFFERS  goal gtv-max" in result.stdout


def test_a_forged_course_is_told(run, written, halves, goals):
    document = json.loads(written.read_bytes())
    document["course"][0]["fractions"] = 22
    document["provenance"]["evaluation_sha256"] = seal(document)
    written.write_text(json.dumps(document), "utf-8")
    result = run("verify", written, *halves, "--course", "-p", goals)
    assert result.exit_code == 1
    assert "DIFFERS  course: 1.fractions computed again is not what is written" in result.stdout


def test_a_course_is_verified_as_one(refused, run, written, halves, goals, tmp_path):
    assert "add --course" in refused("verify", written, halves[0], "-p", goals)
    alone = tmp_path / "alone.json"
    run("check", halves[0], "-p", f"{goals}:22fx", *LEVEL, "--json", alone)
    result = run("verify", alone, *halves, "--course", "-p", goals)
    assert result.exit_code == 1
    assert "DIFFERS  course: " in result.stdout
