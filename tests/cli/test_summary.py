"""What the terminal says beside the numbers: how each level is known, and what to do about what is missing."""

import json
from dataclasses import replace
from pathlib import Path

from hardcheck.dicom.writer import write_plan
from hardcheck.phantom import box_plan

ROOT = Path(__file__).parents[2]

LEVELS = "HR 66 Gy (fixed by the regimen), IR 55 Gy (fixed by the regimen), "


def wide(result):
    """The output as one line: the place of a line break says nothing."""
    return " ".join(result.stdout.split())


def test_what_to_do_about_what_is_not_contoured_is_said_once(run, box):
    text = wide(run("check", box, "-p", "hard", COLUMNS="400"))
    assert ": not contoured. If it is in the plan under another name: --map NAME=ROI." in text
    assert text.count("--map") == text.count("--absent") == 1


def test_it_is_not_said_where_all_is_contoured(run, box, protocol):
    assert "--map" not in run("check", box, "-p", protocol({"Max[Gy] <= 70 Gy": "required"})).stdout


def test_a_schedule_that_is_known_stands_beside_the_prescription(run, box, one_document):
    text = wide(run("check", box, "-p", "hard", COLUMNS="400"))
    assert "66 Gy in 22 fractions. 22 x 3 Gy: HARD; EQD2 77.0 Gy (alpha/beta 4 Gy, tumour)." in text
    plan = one_document(run("check", box, "-p", "hard", "--json", "-").stdout)["plan"]
    assert (plan["schedule"]["name"], plan["schedule"]["eqd2_gy"]) == ("HARD", 77.0)


def test_each_level_stands_with_how_it_is_known(run, box):
    text = wide(run("check", box, "-p", "hard", COLUMNS="400"))
    assert f"levels: {LEVELS}LR 50.6 Gy (read from the plan's dose references)." in text


def test_a_level_that_the_plan_prescribes_otherwise_is_for_review(run, box):
    """A level below what was prescribed would pass coverage that falls short of the prescription."""
    assert any(r.prescription_gy == 50.6 for r in box_plan().prescription.references)
    result = run("check", box, "-p", "hard", "--level", "LR=44", COLUMNS="400")
    text = wide(result)
    assert result.exit_code == 3
    assert f"{LEVELS}LR 44 Gy (given by the user; the plan's dose references prescribe 50.6 Gy to it)." in text
    said = "the user gives LR = 44 Gy, the plan prescribes 50.6 Gy: give the one that the plan was made with"
    decided = text[text.index("What decided it") : text.index("Outcome Structure")]
    assert f"STOP levels-match-plan: {said}" in decided


def test_a_level_that_is_not_known_is_said_to_be(run, tmp_path):
    plan = box_plan()
    kept = tuple(r for r in plan.prescription.references if r.prescription_gy != 50.6)
    write_plan(replace(plan, prescription=replace(plan.prescription, references=kept)), tmp_path / "plan")
    text = wide(run("check", tmp_path / "plan", "-p", "hard", COLUMNS="400"))
    assert "LR dose not known (the plan prescribes no dose for it; give --level LR=GY (44 to 50.6 Gy))" in text


def test_the_nerve_of_the_shifted_sample_plan_shows_as_its_readme_says(run, one_document):
    """Outside of the PTVs it is another matter; that the whole contour goes over 58 Gy stands beside the goal."""
    document = one_document(run("check", ROOT / "sample_data" / "thigh_shifted", "-p", "hard", "--json", "-").stdout)
    (goal,) = [g for g in document["goals"] if g["roi_name"] == "Nerve_Sciatic_L" and g["limit"] == 58]
    assert goal["outcome"] != "NOT_MET"
    assert "67.2" in json.dumps(goal)
