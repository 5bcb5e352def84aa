"""`hardcheck check`: exit status, outputs, and what a person reads."""

import json
import re
from dataclasses import replace

import pytest

from hardcheck import STATEMENT
from hardcheck.dicom.writer import write_plan
from hardcheck.phantom import box_plan

MET = "Max[Gy] <= 70 Gy"
MISSED = "Max[Gy] <= 60 Gy"
MARGINAL = "Volume[cc] > 1.5 cc"
"""Between the volumes of the two end-cap conventions, 1.296 and 1.728 cc."""


@pytest.mark.parametrize(
    ("goals", "verdict", "status", "strict_status"),
    [
        ({MET: "required"}, "PASS", 0, 0),
        ({MET: "required", MISSED: "advisory"}, "PASS", 0, 0),
        ({MET: "required", MISSED: "recommended"}, "VARIATION", 0, 1),
        ({MARGINAL: "required", MISSED: "recommended"}, "REVIEW", 3, 3),
        ({"V95%[%] > 95 %": "required", MARGINAL: "required"}, "REVIEW", 3, 3),
        ({MISSED: "required", MARGINAL: "required"}, "FAIL", 1, 1),
    ],
)
def test_the_exit_status_tells_the_verdict(run, box, protocol, goals, verdict, status, strict_status):
    path = protocol(goals)
    result = run("check", box, "-p", path)
    assert result.exit_code == status, result.output
    assert result.stdout.startswith(f"{verdict}: ")
    assert result.stderr == ""
    assert run("check", box, "-p", path, "--strict").exit_code == strict_status


def test_a_structure_that_is_not_there_is_for_review(run, box, protocol):
    result = run("check", box, "-p", protocol({MET: "required"}, structure="Heart"))
    assert result.exit_code == 3
    assert "1 goal of Heart: not contoured" in result.stdout


def test_a_person_confirms_that_an_organ_is_absent(run, refused, box, one_document):
    def heart(*options):
        document = one_document(run("check", box, "-p", "hard", *options, "--json", "-").stdout)
        return {(g["outcome"], g["reason"]) for g in document["goals"] if g["structure"] == "Heart"}

    assert heart() == {("NOT_EVALUATED", "not contoured")}
    assert heart("--absent", "Heart") == {("NOT_APPLICABLE", "confirmed as not in range by the user (--absent)")}
    assert "GTV" in refused("check", box, "-p", "hard", "--absent", "GTV")


def test_json_on_standard_output_is_one_document(run, box, protocol, one_document):
    result = run("check", box, "-p", protocol({MET: "required"}), "--json", "-")
    document = one_document(result.stdout)
    assert document["schema"] == "hardcheck.evaluation/1"
    assert document["verdict"] == "PASS"
    assert document["plan"]["fractions"] == 22
    assert document["plan"]["prescription_gy"] == 66.0
    (goal,) = document["goals"]
    assert goal["value"] == pytest.approx(68.0, abs=1e-6)
    assert goal["low"] <= goal["value"] <= goal["high"]
    assert (goal["limit"], goal["unit"], goal["op"]) == (70.0, "Gy", "<=")
    assert result.stderr.startswith("PASS: ")


def test_outputs_are_written_by_suffix(run, box, protocol, tmp_path, one_document):
    names = ["report.html", "report.JSON", "report.csv", "report.xml"]
    options = [part for name in names for part in ("-o", tmp_path / name)]
    result = run("check", box, "-p", protocol({MET: "required"}), *options, "--json", tmp_path / "again")
    assert result.exit_code == 0, result.output
    assert "<html" in (tmp_path / "report.html").read_text("utf-8")
    assert (tmp_path / "report.csv").read_text("utf-8").count("\n") == 2
    assert "<testsuite" in (tmp_path / "report.xml").read_text("utf-8")
    document = one_document((tmp_path / "report.JSON").read_text("utf-8"))
    assert document == one_document((tmp_path / "again").read_text("utf-8"))
    for name in [*names, "again"]:
        assert f"Written: {tmp_path / name}" in result.stdout


def test_the_same_numbers_on_screen_and_in_json(run, box, protocol):
    path = protocol({MISSED: "required"})
    document = json.loads(run("check", box, "-p", path, "--json", "-").stdout)
    assert f"{document['goals'][0]['value']:.2f} Gy" in run("check", box, "-p", path).stdout


def test_the_verdict_comes_first_and_the_statement_last(run, box, protocol):
    lines = run("check", box, "-p", protocol({MISSED: "required", MET: "advisory"}), COLUMNS="400").stdout.splitlines()
    assert lines[0] == "FAIL: 1 required goal is not met."
    assert lines[-1].rstrip() == STATEMENT
    decided = next(n for n, line in enumerate(lines) if line.startswith("What decided it"))
    assert "GTV Max[Gy]: 68.00 Gy" in lines[decided + 1]
    table = [line.split() for line in lines if line.startswith(("MET", "NOT_MET"))]
    assert [row[0] for row in table] == ["NOT_MET", "MET"]


def test_a_close_value_is_not_rounded_onto_its_limit(run, box, protocol):
    result = run("check", box, "-p", protocol({"D0.03cc[Gy] <= 67.999 Gy": "required"}), "--json", "-")
    document = json.loads(result.stdout)
    close = document["goals"][0]["low"] - 0.0004
    result = run("check", box, "-p", protocol({f"D0.03cc[Gy] <= {close:.5f} Gy": "required"}))
    assert result.exit_code == 1, result.output
    shown = re.search(r"([0-9.]+) Gy \(([0-9.]+) to", result.stdout)
    assert float(shown[1]) >= float(shown[2]) > close


def test_the_regimen_can_be_named(run, refused, box, protocol):
    path = protocol({MET: "required"})
    assert run("check", box, "-p", f"{path}:a").exit_code == 0
    assert "no regimen 'b'" in refused("check", box, "-p", f"{path}:b")


def test_the_level_can_be_given(run, refused, box):
    result = run("check", box, "-p", "hard", "--level", "LR=44", "--json", "-")
    assert json.loads(result.stdout)["levels"]["LR"] == 44.0
    assert "50.6 Gy" in refused("check", box, "-p", "hard", "--level", "LR=66")


def test_the_level_is_read_from_the_plan(run, box):
    assert json.loads(run("check", box, "-p", "hard", "--json", "-").stdout)["levels"]["LR"] == 50.6


@pytest.mark.parametrize("value", ["LR", "LR=", "=50", "LR=fifty", "LR=nan", "LR=-1", "LR=0", "LR=1e1", "LR=٥٠"])
def test_a_level_that_is_no_dose_is_refused(refused, box, value):
    assert "--level" in refused("check", box, "-p", "hard", "--level", value)


def test_a_level_given_twice_is_refused(refused, box):
    assert "twice" in refused("check", box, "-p", "hard", "--level", "LR=50", "--level", "LR=50.6")


def test_mapping_decides_which_roi_is_meant(run, refused, box, protocol, one_document):
    path = protocol({MET: "required"}, structure="Tumour")
    assert run("check", box, "-p", path).exit_code == 3
    result = run("check", box, "-p", path, "--map", "Tumour=GTV", "--json", "-")
    assert result.exit_code == 0, result.stderr
    assert one_document(result.stdout)["goals"][0]["roi_name"] == "GTV"
    assert "'None such'" in refused("check", box, "-p", path, "--map", "Tumour=None such")


def test_end_caps_choose_the_value_and_the_interval_covers_both(run, box, protocol, one_document):
    path = protocol({"Volume[cc] > 1 cc": "required"})
    for caps, volume_cc in (("half", 1.728), ("none", 1.296)):
        (goal,) = one_document(run("check", box, "-p", path, "--end-caps", caps, "--json", "-").stdout)["goals"]
        assert goal["value"] == pytest.approx(volume_cc, rel=1e-9)
        assert goal["low"] <= 1.296 * (1 + 1e-9)
        assert goal["high"] >= 1.728 * (1 - 1e-9)


def test_without_a_protocol_the_shipped_ones_are_named(refused, box):
    assert "hard" in refused("check", box)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-p", "hart"], "did you mean 'hard'"),
        (["-p", "no/such.yaml"], "no/such.yaml"),
        (["-p", "hard", "--absent", "Hart"], "'Hart'"),
        (["-p", "hard", "--end-caps", "whole"], "--end-caps"),
        (["-p", "hard", "--no-such-option"], "--no-such-option"),
        (["-p", "hard", "--plan", "another"], "another"),
    ],
)
def test_a_wrong_command_is_one_line(refused, box, arguments, said):
    assert said in refused("check", box, *arguments)


def test_a_path_that_is_not_there_is_one_line(refused, tmp_path):
    assert "none such" in refused("check", tmp_path / "none such", "-p", "hard")
    assert "no files" in refused("check", tmp_path, "-p", "hard")


def test_an_anonymous_evaluation_says_nothing_of_the_patient(run, box, protocol, tmp_path):
    path = protocol({MET: "required"})
    known = run("check", box, "-p", path, "--json", "-")
    assert "SYNTHETIC-BOX" in known.stdout
    assert "SYNTHETIC-BOX" in known.stderr
    files = [tmp_path / f"report.{form}" for form in ("html", "json", "csv", "xml")]
    options = [part for file in files for part in ("-o", file)]
    result = run("check", box, "-p", path, "--anonymous", *options)
    assert result.exit_code == 0
    for text in [result.stdout, *(file.read_text("utf-8") for file in files)]:
        assert "SYNTHETIC" not in text.upper()


def test_no_name_of_the_patient_on_the_screen(run, box, protocol):
    assert "Synthetic^Box" not in run("check", box, "-p", protocol({MET: "required"})).output


def test_several_plans_are_listed_and_one_can_be_chosen(run, refused, protocol, tmp_path):
    plan = box_plan()
    for label in ("FIRST", "SECOND"):
        write_plan(replace(plan, label=label), tmp_path / "both" / label)
    path = protocol({MET: "required"})
    line = refused("check", tmp_path / "both", "-p", path)
    assert "FIRST" in line
    assert "SECOND" in line
    result = run("check", tmp_path / "both", "-p", path, "--plan", "SECOND", "--json", "-")
    assert json.loads(result.stdout)["plan"]["label"] == "SECOND"


def test_a_stop_is_never_a_pass(run, protocol, tmp_path):
    write_plan(box_plan(), tmp_path / "plan")
    (tmp_path / "plan" / "RP.dcm").unlink()
    result = run("check", tmp_path / "plan", "-p", f"{protocol({MET: 'required'})}:a")
    assert result.exit_code in (2, 3)


EXPORT = """\
#PatientName:Doe^Jane
#PatientId:P-17
#Dosename:test
#RoiName:{name}
#Unit: cGy
0\t100
{low}\t100
{high}\t0
"""


def test_the_planning_systems_own_curves(run, refused, box, protocol, tmp_path, one_document):
    """A curve around 64 Gy where the target has 62 to 68 Gy."""
    path = protocol({MET: "required"})
    export = tmp_path / "dvh.txt"
    export.write_text(EXPORT.format(name="GTV", low=6300, high=6500), "utf-8")
    shown = " ".join(run("check", box, "-p", path, "--tps", export).stdout.split())
    assert "Second opinion DVH export of RayStation, dvh.txt: 1 structure compared" in shown
    assert "no goal of 1 would come out otherwise" in shown
    assert "Doe" not in shown
    document = one_document(run("check", box, "-p", path, "--tps", export, "--json", "-").stdout)
    assert document["second_opinion"][0]["system"] == "RayStation"
    assert document["provenance"]["settings"]["tps"] == ["dvh.txt"]
    export.write_text(EXPORT.format(name="GTV", low=3100, high=3300), "utf-8")
    assert run("check", box, "-p", path, "--tps", export).exit_code == 1
    export.write_text(EXPORT.format(name="Heart", low=6300, high=6500), "utf-8")
    assert "no DVH of it has the name" in refused("check", box, "-p", path, "--tps", export)
    export.write_text("nothing", "utf-8")
    assert "no DVH export that is known" in refused("check", box, "-p", path, "--tps", export)
