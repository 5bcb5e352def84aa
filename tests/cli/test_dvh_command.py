"""`hardcheck dvh`: values without a protocol."""

import csv
import io
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest

from hardcheck.dicom.writer import write_plan
from hardcheck.phantom import box_plan

CUBE_CC = 1.728
"""GTV: 12 x 12 x 12 mm with half-slice end caps."""


def test_json_as_scripts_rely_on_it(run, box, one_document):
    result = run("dvh", box, "-s", "GTV", "-m", "Max[Gy]", "-m", "D0.03cc[cGy]", "--json", "-")
    assert result.exit_code == 0
    document = one_document(result.stdout)
    assert document["schema"] == "hardcheck.dvh/1"
    (structure,) = document["structures"]
    assert structure["roi_name"] == "GTV"
    assert structure["volume_cc"]["value"] == pytest.approx(CUBE_CC, rel=1e-9)
    assert structure["max_gy"] == pytest.approx(68.0, abs=1e-6)
    assert structure["in_grid_fraction"] == pytest.approx(1.0)
    assert list(structure["metrics"]) == ["Max[Gy]", "D0.03cc[Gy]"]
    assert set(structure["metrics"]["Max[Gy]"]) >= {"value", "low", "high", "unit"}
    assert "curve" not in structure


def test_the_curve_is_there_when_asked_for(run, box, one_document):
    (structure,) = one_document(run("dvh", box, "-s", "GTV", "--curve", "--json", "-").stdout)["structures"]
    curve = structure["curve"]
    assert len(curve["dose_gy"]) == len(curve["volume_cc"]) > 10
    assert curve["volume_cc"][0] == pytest.approx(CUBE_CC)
    assert curve["volume_cc"] == sorted(curve["volume_cc"], reverse=True)


def test_all_structures_without_a_choice(run, box):
    result = run("dvh", box)
    assert result.exit_code == 0
    for structure in box_plan().structures:
        assert structure.name in result.stdout


def test_a_structure_is_chosen_by_name_or_number_and_listed_once(run, box, one_document):
    number = box_plan().named("GTV")[0].number
    result = run("dvh", box, "-s", "GTV", "-s", number, "-s", "PTV_HR", "--json", "-")
    assert [s["roi_name"] for s in one_document(result.stdout)["structures"]] == ["GTV", "PTV_HR"]


def test_wrong_names_and_metrics_are_one_line(refused, box):
    assert "'Hart'" in refused("dvh", box, "-s", "Hart")
    assert "D95%" in refused("dvh", box, "-m", "D95%")
    assert "--engine" in refused("dvh", box, "--engine", "abacus")


def test_two_structures_of_one_name_are_told_apart_by_number(run, refused, tmp_path, one_document):
    plan = box_plan()
    twin = replace(plan.structures[-1], number=99, name="GTV")
    write_plan(replace(plan, structures=(*plan.structures, twin)), tmp_path)
    assert "99" in refused("dvh", tmp_path, "-s", "GTV")
    result = run("dvh", tmp_path, "-s", "99", "--json", "-")
    assert one_document(result.stdout)["structures"][0]["roi_number"] == 99


def test_csv_holds_the_same_values(run, box, one_document):
    choice = ("-s", "GTV", "-m", "Mean[Gy]", "-m", "V68.5Gy[cc]")
    document = one_document(run("dvh", box, *choice, "--json", "-").stdout)
    rows = list(csv.DictReader(io.StringIO(run("dvh", box, *choice, "--csv", "-").stdout)))
    assert [row["metric"] for row in rows] == ["Mean[Gy]", "V68.5Gy[cc]"]
    for row in rows:
        assert float(row["value"]) == document["structures"][0]["metrics"][row["metric"]]["value"]
    assert float(rows[1]["value"]) == 0.0  # the hottest point has 68 Gy


def test_a_name_cannot_become_a_formula(run, tmp_path):
    plan = box_plan()
    formula = replace(plan.structures[1], number=50, name="=1+1")
    write_plan(replace(plan, structures=(*plan.structures, formula)), tmp_path)
    rows = list(csv.DictReader(io.StringIO(run("dvh", tmp_path, "-s", 50, "--csv", "-").stdout)))
    assert rows[0]["roi_name"] == "'=1+1"


def test_a_plan_file_is_not_needed(run, box, tmp_path, one_document):
    for name in ("RS.dcm", "RD.dcm"):
        shutil.copy(box / name, tmp_path / name)
    result = run("dvh", tmp_path, "-s", "GTV", "--json", "-")
    assert result.exit_code == 0, result.stderr
    document = one_document(result.stdout)
    assert document["structures"][0]["volume_cc"]["value"] == pytest.approx(CUBE_CC, rel=1e-9)
    assert document["caveats"]


def test_a_dose_that_means_nothing_is_refused(refused, box, tmp_path):
    shutil.copytree(box, tmp_path / "plan")
    dose = pydicom.dcmread(tmp_path / "plan" / "RD.dcm")
    dose.DoseUnits = "RELATIVE"
    dose.save_as(tmp_path / "plan" / "RD.dcm")
    assert "RELATIVE" in refused("dvh", tmp_path / "plan")


def test_a_structure_without_contours_has_a_reason_and_no_number(run, tmp_path, one_document):
    plan = box_plan()
    empty = type(plan.structures[0]).from_contours(77, "Empty", [])
    write_plan(replace(plan, structures=(*plan.structures, empty)), tmp_path)
    result = run("dvh", tmp_path, "-s", 77, "-m", "Max[Gy]", "--json", "-")
    assert result.exit_code == 0
    (structure,) = one_document(result.stdout)["structures"]
    assert structure["volume_cc"]["value"] is None
    assert structure["metrics"]["Max[Gy]"]["value"] is None
    assert "empty" in structure["reason"]
    assert "no numbers" in run("dvh", tmp_path, "-s", 77).stdout


def test_percent_of_an_unknown_level_is_no_number(run, box, one_document):
    result = run("dvh", box, "-s", "GTV", "-m", "V95%[%]", "--json", "-")
    metric = one_document(result.stdout)["structures"][0]["metrics"]["V95%[%]"]
    assert metric["value"] is None
    assert metric["reason"].endswith("is not known; give --level GY")
    assert "prescription" in metric["reason"]
    shown = " ".join(run("dvh", box, "-s", "GTV", "-m", "V95%[%]", COLUMNS="300").stdout.split())
    assert "is not known; give --level GY" in shown


def test_percent_of_a_level_that_is_given(run, box, one_document):
    # The hottest point has 68 Gy, which is 100 % of 68 Gy and 136 % of 50 Gy.
    choice = ("-s", "GTV", "-m", "Max[%]", "-m", "V100%[%]", "-m", "V20Gy[%]")
    for level_gy, maximum, covered in (("68", 100.0, 0.0), ("50", 136.0, None)):
        document = one_document(run("dvh", box, *choice, "--level", level_gy, "--json", "-").stdout)
        conventions = {"end_caps": "half", "between_slices": "blend"}
        assert document["settings"] == {**conventions, "level_gy": float(level_gy), "fractions": None}
        found = document["structures"][0]["metrics"]
        assert found["Max[%]"]["value"] == pytest.approx(maximum, abs=1e-6)
        assert covered is None or found["V100%[%]"]["value"] == pytest.approx(covered, abs=1e-6)
        assert all(metric["reason"] is None for metric in found.values())
        shown = run("dvh", box, *choice, "--level", level_gy).stdout
        assert f"Doses in percent are of {level_gy} Gy" in shown
        rows = list(csv.DictReader(io.StringIO(run("dvh", box, *choice, "--level", level_gy, "--csv", "-").stdout)))
        assert float(rows[0]["value"]) == found["Max[%]"]["value"]


def test_what_no_level_helps_is_not_said_to_need_one(run, box, one_document):
    document = one_document(run("dvh", box, "-s", "GTV", "-m", "PVDR[]", "-m", "D99cc[%]", "--json", "-").stdout)
    conventions = {"end_caps": "half", "between_slices": "blend"}
    assert document["settings"] == {**conventions, "level_gy": None, "fractions": None}
    reasons = {name: m["reason"] for name, m in document["structures"][0]["metrics"].items()}
    assert "--level" not in reasons["PVDR[]"]
    assert reasons["D99cc[%]"].endswith("give --level GY")
    document = one_document(run("dvh", box, "-s", "GTV", "-m", "D99cc[%]", "--level", "66", "--json", "-").stdout)
    assert "more than the structure's volume" in document["structures"][0]["metrics"]["D99cc[%]"]["reason"]


def test_indices_of_the_box_phantom(run, box, one_document):
    """66 Gy lie at 12.375 mm, between 67.2 Gy at 12 and 57.6 Gy at 15 mm, along z a slice further.

    Its edges are rounded by the interpolation, by less than a voxel of 3 mm on each of the twelve.
    """
    asked = ("dvh", box, "-s", "PTV_HR", "-m", "CI_RTOG[]", "-m", "HI_max[]", "--json", "-")
    found = one_document(run(*asked, "--level", "66").stdout)["structures"][0]["metrics"]
    ci, hi = found["CI_RTOG[]"], found["HI_max[]"]
    exact = 24.75 * 24.75 * 30.75 / (22 * 22 * 18)
    assert ci["low"] <= exact <= ci["high"]
    assert ci["value"] == pytest.approx(exact, rel=0.05)
    assert hi["value"] == pytest.approx(68 / 66, rel=1e-6)
    lacking = one_document(run(*asked).stdout)["structures"][0]["metrics"]
    assert lacking["CI_RTOG[]"]["reason"].endswith("give --level GY")
    other = one_document(run(*asked, "--level", "66", "--engine", "dicompyler").stdout)["structures"][0]["metrics"]
    assert other["CI_RTOG[]"]["value"] is None


MAXIMUM_EQD2_GY = 68 * (68 / 22 + 2) / 4
"""The hottest point has 68 Gy in 22 fractions, alpha/beta 2 Gy."""


def test_eqd2_in_the_fractions_of_the_plan(run, box, one_document):
    choice = ("-s", "GTV", "-m", "Max EQD2(ab=2)[Gy]")
    for more in ((), ("--fractions", 22), ("--engine", "dicompyler")):
        result = run("dvh", box, *choice, *more, "--json", "-")
        found = one_document(result.stdout)["structures"][0]["metrics"]["Max EQD2(ab=2)[Gy]"]
        assert found["reason"] is None
        # The other engine reads its maximum off bins of 0.01 Gy.
        assert found["value"] == pytest.approx(MAXIMUM_EQD2_GY, abs=0.05 if "dicompyler" in more else 1e-6)
    assert "86.55" in run("dvh", box, *choice).stdout


def test_fractions_that_the_plan_does_not_say_can_be_given(run, box, tmp_path, one_document):
    for name in ("RS.dcm", "RD.dcm"):
        shutil.copy(box / name, tmp_path / name)
    choice = ("-s", "GTV", "-m", "Max EQD2(ab=2)[Gy]", "-m", "D2%[%]")
    (structure,) = one_document(run("dvh", tmp_path, *choice, "--json", "-").stdout)["structures"]
    found = structure["metrics"]
    assert found["Max EQD2(ab=2)[Gy]"]["value"] is None
    assert found["Max EQD2(ab=2)[Gy]"]["reason"].endswith("which is not known; give --fractions N")
    assert "--fractions" not in found["D2%[%]"]["reason"]
    document = one_document(run("dvh", tmp_path, *choice, "--fractions", 22, "--json", "-").stdout)
    assert document["settings"]["fractions"] == 22
    found = document["structures"][0]["metrics"]["Max EQD2(ab=2)[Gy]"]
    assert found["value"] == pytest.approx(MAXIMUM_EQD2_GY, abs=1e-6)


def test_the_terminal_says_that_the_model_is_extrapolated(run, box, tmp_path):
    for name in ("RS.dcm", "RD.dcm"):
        shutil.copy(box / name, tmp_path / name)
    shown = run("dvh", tmp_path, "-s", "GTV", "-m", "Max EQD2(ab=2)[Gy]", "--fractions", 4, COLUMNS="300").stdout
    assert "GTV Max EQD2(ab=2)[Gy]: 17 Gy per fraction: above 10 Gy the linear-quadratic model is extrapolated" in shown


def test_other_fractions_than_the_plan_says_are_refused(refused, box):
    assert "the plan is of 22 fractions, not 5" in refused("dvh", box, "--fractions", 5)
    assert "--fractions" in refused("dvh", box, "--fractions", 0)


def test_the_other_engine_has_its_say(run, box, one_document):
    result = run("dvh", box, "-s", "PTV_LR", "-m", "Mean[Gy]", "--engine", "dicompyler", "--json", "-")
    assert result.exit_code == 0, result.stderr
    document = one_document(result.stdout)
    assert "dicompyler" in document["engine"]
    # PTV_LR is 40 x 40 x 42 mm; the engine counts pixels, whose size here is some millimetres.
    assert document["structures"][0]["volume_cc"]["value"] == pytest.approx(67.2, rel=0.2)


def test_engines_side_by_side(run, box, one_document):
    shown = run("dvh", box, "-s", "PTV_LR", "--compare-engines")
    assert shown.exit_code == 0, shown.stderr
    assert "dicompyler" in shown.stdout
    legend = " ".join(shown.stdout.split())
    for said in (
        "Difference: dicompyler",
        "less hardcheck",
        "second opinion",
        "bins of 1 cGy",
        "Interval: ",
        "Inside: whether",
    ):
        assert said in legend
    document = one_document(run("dvh", box, "-s", "PTV_LR", "--compare-engines", "--json", "-").stdout)
    assert "dicompyler" in document["compared"]["engine"]
    assert document["compared"]["structures"][0]["roi_name"] == "PTV_LR"


@pytest.mark.skipif("HARDCHECK_DATA" not in os.environ, reason="HARDCHECK_DATA is not set: no real DICOM files here")
def test_the_planning_systems_plan_of_a_real_patient(run, one_document):
    folder = Path(os.environ["HARDCHECK_DATA"]) / "dicompyler_breast"
    document = one_document(run("dvh", folder, "--json", "-").stdout)
    by_name = {s["roi_name"]: s for s in document["structures"]}
    assert by_name["BODY"]["in_grid_fraction"] < 1
    assert any(s["reason"] for s in document["structures"])


def test_the_planning_systems_curves_side_by_side(run, refused, box, tmp_path, one_document):
    export = tmp_path / "dvh.txt"
    text = "#RoiName:GTV\n#Unit: Gy\n#RoiVolume: 1.296\n0\t100\n60\t100\n70\t0\n"
    export.write_text(text, "utf-8")
    choice = ("-s", "GTV", "-s", "PTV_HR", "-m", "D50%[Gy]", "-m", "Volume[cc]", "--tps", export)
    shown = run("dvh", box, *choice).stdout
    assert "a second opinion by the planning system" in " ".join(shown.split())
    assert "PTV_HR: no numbers from RayStation: the export has no DVH of this name" in shown
    assert "dicompyler" not in shown
    document = one_document(run("dvh", box, *choice, "--compare-engines", "--json", "-").stdout)
    theirs = {s["roi_name"]: s for s in document["compared"]["structures"]}
    assert document["compared"]["engine"] == "RayStation"
    assert theirs["GTV"]["metrics"]["D50%[Gy]"]["value"] == pytest.approx(65)
    assert theirs["GTV"]["metrics"]["Volume[cc]"]["value"] == 1.296
    assert "dicompyler" in document["compared_also"]["engine"]
    export.write_text(text.replace("GTV", "Heart"), "utf-8")
    assert "no DVH of it has the name" in refused("dvh", box, "--tps", export)
