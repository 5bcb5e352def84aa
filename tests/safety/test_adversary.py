"""Odd input that is valid DICOM, and odd commands, that try to be called PASS."""

from __future__ import annotations

import copy
import random
import warnings
import zipfile
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from hardcheck.dicom import read_plan
from hardcheck.dicom.writer import write_plan
from hardcheck.errors import HardcheckError
from hardcheck.evaluation import evaluate
from hardcheck.library import load_protocol
from hardcheck.phantom import box_plan, thigh_plan
from hardcheck.plan import DoseGrid, Plan
from tests import faults
from tests.faults import _contours, _edited, _roi


def plan_with(change) -> Plan:
    """The box plan in another dose: `change` gets the values and the axes, and gives values and axes."""
    plan = box_plan()
    grid = plan.dose
    return replace(plan, dose=DoseGrid(*change(grid)))


class TestNames:
    @pytest.mark.parametrize("other", ["ptv_hr", "PTV HR", "Ptv-Hr", "PTV_HR ", "PTVHR"])
    def test_names_that_differ_in_case_or_separators_are_the_same(self, check, box, other):
        faults.rename_structure(box, "External", other)
        assert any("two ROIs match" in reason for reason in check(box).reasons)

    @pytest.mark.parametrize("other", ["РTV_HR", "PTV_HR\u200b", "ＰＴＶ_HR", "_PTV_HR", "PTV_HR!", "PTV_HR~"])
    def test_names_that_only_look_like_it_are_not(self, check, box, other):
        faults.rename_structure(box, "PTV_HR", other)
        assert "PTV_HR NOT_EVALUATED: not contoured" in check(box).reasons

    def test_a_name_of_one_structure_and_an_alias_of_the_same(self, check, box):
        faults.rename_structure(box, "CTV_LR", "Cord")
        assert any(r.startswith("Cord NOT_EVALUATED: two ROIs match: 'Cord'") for r in check(box).reasons)

    def test_an_empty_namesake_is_not_passed_over(self, check, box):
        faults.empty_contours(box, "External")
        faults.rename_structure(box, "External", "GTV")
        assert any("GTV NOT_EVALUATED: two ROIs match" in reason for reason in check(box).reasons)


class TestOptions:
    def test_a_map_onto_an_empty_roi(self, check, box):
        faults.empty_contours(box, "External")
        assert any(r.startswith("Cord NOT_EVALUATED: empty") for r in check(box, "--map", "Cord=External").reasons)

    def test_a_map_onto_another_roi_is_held_against_that_one(self, check, box):
        assert check(box, "--map", "Cord=GTV").verdict == "FAIL"

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (["--absent", "PTV_HR"], "has no organ 'PTV_HR'"),
            (["--absent", "Heart"], "has no organ 'Heart'"),
            (["--level", "LR=50", "--level", "LR=50.6"], "twice"),
            (["--level", "LR=43.9"], "44 to 50.6 Gy"),
            (["--level", "HR=60"], "66 Gy"),
            (["--map", "Cord=External", "--map", "Cord=SpinalCord"], "twice"),
            (["--map", "Cord=External", "--map", "cord-max=SpinalCord"], "two ROIs"),
            (["--map", "Cord=Nothing"], "no ROI 'Nothing'"),
            (["--plan", "%s"], "no plan is"),
        ],
    )
    def test_what_cannot_be_is_refused(self, check, box, options, said):
        assert said in check(box, *options).line

    def test_what_is_there_is_not_absent(self, check, box):
        assert (
            "Cord NOT_EVALUATED: declared absent, and yet contoured as SpinalCord"
            in check(box, "--absent", "Cord").reasons
        )

    def test_links_that_are_assumed_are_stated_and_two_patients_stay_two(self, check, box):
        faults.remove_reference(box)
        assumed = check(box, "--assume-linked")
        assert any("WARN objects-linked" in line and "assumed" in line for line in assumed.findings)
        faults.other_patient(box)
        assert check(box, "--assume-linked").verdict == "REVIEW"

    @pytest.mark.parametrize("name", ["RD.dcm", "RS.dcm"])
    def test_two_frames_of_reference_stay_two(self, check, box, name):
        faults.other_frame_of_reference(box, name)
        assert check(box, "--assume-linked").verdict == "REVIEW"


class TestPrescription:
    def test_a_prescription_that_is_not_stated_leaves_no_level_known(self, check, box):
        """A number of fractions alone does not tell that 66 Gy were prescribed."""
        faults.remove_prescription(box)
        checked = check(box, "--level", "LR=50.6")
        assert checked.verdict == "REVIEW"
        assert any(r.startswith("PTV_HR NOT_EVALUATED: level HR is not known") for r in checked.reasons)

    def test_a_person_may_state_it(self, check, box):
        faults.remove_prescription(box)
        given = [part for level in ("HR=66", "IR=55", "LR=50.6") for part in ("--level", level)]
        checked = check(box, *given)
        assert checked.verdict == "PASS"
        assert any("WARN prescription-matches-regimen: the plan states no prescription" in f for f in checked.findings)

    @pytest.mark.parametrize("name", ["PTV_HR", "CTV_IR"])
    def test_another_dose_to_a_target_is_not_hidden_by_a_higher_one_elsewhere(self, check, box, name):
        faults.set_prescription(box, name, 50.0)
        with _edited(box / "RP.dcm") as dataset:
            dataset.DoseReferenceSequence.append(_reference(66.0))
        assert any(f"FAIL levels-match-plan: the plan prescribes 50 Gy to level {name[-2:]}" in line
                   for line in check(box).findings)  # fmt: skip

    def test_a_second_fraction_group(self, check, box):
        with _edited(box / "RP.dcm") as dataset:
            group = copy.deepcopy(dataset.FractionGroupSequence[0])
            group.FractionGroupNumber = 2
            dataset.FractionGroupSequence.append(group)
        assert check(box).verdict == "FAIL"


def _reference(dose_gy: float) -> Dataset:
    dataset = Dataset()
    dataset.DoseReferenceNumber = 9
    dataset.DoseReferenceStructureType, dataset.DoseReferenceType = "SITE", "TARGET"
    dataset.DoseReferenceDescription = "elsewhere"
    dataset.TargetPrescriptionDose = str(dose_gy)
    return dataset


class TestDose:
    @pytest.mark.parametrize("text", ["1e-6\\1e-6", "-0", "0x1", "1_0", "Infinity", " ", "\u0661", "1e-6 Gy", "--1"])
    def test_a_scaling_that_is_no_number_above_zero(self, check, box, text):
        faults.set_dose_scaling(box, text)
        assert check(box).verdict == "REVIEW"

    @pytest.mark.parametrize("text", ["1e300", "9e99", "1e308"])
    def test_a_scaling_beyond_all_bounds_is_refused_not_computed_with(self, check, box, text):
        faults.set_dose_scaling(box, text)
        assert "RD.dcm: the dose has voxels that are" in check(box).line

    def test_a_tiny_scaling(self, check, box):
        faults.set_dose_scaling(box, "1e-300")
        assert check(box).verdict == "FAIL"

    @pytest.mark.parametrize("text", ["+1e-6", "1E-6 ", ".000001", "1.e-6"])
    def test_other_ways_to_write_the_same_number(self, check, box, text):
        faults.set_dose_scaling(box, text)
        assert check(box).verdict == "PASS"

    def test_frames_far_apart_do_not_tell_what_is_between(self, check, tmp_path):
        """Two frames of a dose that keeps everything at both ends, and nobody knows what in between."""

        def two(grid):
            flat = grid.dose_gy[[grid.z_mm.size // 2] * 2]
            return grid.x_mm, grid.y_mm, np.array([-33.0, 33.0]), flat

        write_plan(plan_with(two), tmp_path / "plan")
        checked = check(tmp_path / "plan")
        assert checked.verdict == "REVIEW"
        assert any("STOP dose-grid-spacing" in line and "66 mm" in line for line in checked.findings)

    def test_a_missing_frame_is_said(self, check, tmp_path):
        def without_one(grid):
            kept = np.arange(grid.z_mm.size) != 9
            return grid.x_mm, grid.y_mm, grid.z_mm[kept], grid.dose_gy[kept]

        write_plan(plan_with(without_one), tmp_path / "plan")
        assert any("WARN dose-grid-spacing" in line and "6 mm" in line for line in check(tmp_path / "plan").findings)

    def test_a_plan_dose_of_two_plans_is_of_neither(self, check, box):
        with _edited(box / "RD.dcm") as dataset:
            other = copy.deepcopy(dataset.ReferencedRTPlanSequence[0])
            other.ReferencedSOPInstanceUID = "1.2.3"
            dataset.ReferencedRTPlanSequence.append(other)
        assert check(box).verdict == "REVIEW"

    @pytest.mark.parametrize("kind", ["BRACHY", "CONTROL_POINT", "RECORD", "", "PLANNED"])
    def test_a_dose_of_another_kind_of_sum(self, check, box, kind):
        faults.set_summation(box, kind)
        assert check(box).verdict == "REVIEW"

    def test_private_elements_change_nothing(self, check, box):
        with _edited(box / "RD.dcm") as dataset:
            block = dataset.private_block(0x3005, "SOMEBODY", create=True)
            block.add_new(0x0E, "DS", "100")
        assert check(box).verdict == "PASS"


class TestStructures:
    def test_one_roi_in_another_frame_of_reference(self, check, box):
        with _edited(box / "RS.dcm") as dataset:
            _roi(dataset, "SpinalCord").ReferencedFrameOfReferenceUID = "1.2.3"
        checked = check(box, "--assume-linked")
        assert checked.verdict == "REVIEW"
        assert {g["structure"] for g in checked.document["goals"] if g["outcome"] == "NOT_EVALUATED"} == {"Cord"}

    @pytest.mark.parametrize("kind", ["POINT", "OPEN_PLANAR", "", "CLOSED"])
    def test_one_contour_of_another_type(self, check, box, kind):
        with _edited(box / "RS.dcm") as dataset:
            _contours(dataset, "GTV")[1].ContourGeometricType = kind
        assert any(r.startswith("GTV NOT_EVALUATED: contours of geometric type") for r in check(box).reasons)

    @pytest.mark.parametrize("text", ["1,5", "1e", "", "0x10", "1 2", "nan", "-inf", "१"])
    def test_a_coordinate_that_is_no_number(self, check, box, text):
        faults.bad_number(box, "SpinalCord", text)
        assert "ROI 8 'SpinalCord'" in check(box).line

    def test_a_number_of_points_that_is_not_there(self, check, box):
        with _edited(box / "RS.dcm") as dataset:
            _contours(dataset, "GTV")[0].NumberOfContourPoints = 5
        assert "5, and 4 points are there" in check(box).line

    @pytest.mark.parametrize(
        ("name", "count"),
        [
            *((name, count) for name in ("SpinalCord", "Femur_L") for count in (1, 2, 3)),
            *(("PTV_HR", count) for count in (1, 2, 3)),
        ],
    )
    def test_missing_slices_are_bridged_and_said_or_not_evaluated(self, check, box, name, count):
        faults.drop_slices(box, name, count)
        checked = check(box)
        if count == 1:
            assert any("FAIL structure-slices" in line and "bridged" in line for line in checked.findings)
        else:
            assert any("slices seem to be missing" in reason for reason in checked.reasons)

    def test_images_of_another_patient(self, check, tmp_path):
        """They would tell the thickness of a slice and where contours are missing."""
        plan = thigh_plan()
        few = replace(plan.image, z_mm=plan.image.z_mm[:2].copy(), hounsfield=plan.image.hounsfield[:2].copy())
        write_plan(replace(plan, image=few), tmp_path)
        assert not any("one-patient" in line for line in check(tmp_path, protocol="hard").findings)
        faults.other_patient(tmp_path, "CT.002.dcm")
        checked = check(tmp_path, "--assume-linked", protocol="hard")
        assert any("STOP one-patient: PatientID of 1 CT images" in line for line in checked.findings)
        assert {g["outcome"] for g in checked.document["goals"]} == {"NOT_EVALUATED"}


class TestFiles:
    def test_names_in_an_archive_are_no_paths(self, check, box, tmp_path):
        archive = tmp_path / "plan.zip"
        with zipfile.ZipFile(archive, "w") as made:
            for file in box.iterdir():
                made.write(file, f"../../{file.name}")
        before = sorted(tmp_path.parent.iterdir())
        assert check(archive).verdict == "PASS"
        assert sorted(tmp_path.parent.iterdir()) == before

    def test_an_archive_in_an_archive_is_not_opened(self, check, box, tmp_path):
        inner, outer = tmp_path / "inner.zip", tmp_path / "outer.zip"
        with zipfile.ZipFile(inner, "w") as made:
            for file in box.iterdir():
                made.write(file, file.name)
        with zipfile.ZipFile(outer, "w") as made:
            made.write(inner, "inner.zip")
        assert "a zip inside of the input" in check(outer).line

    def test_two_entries_of_one_name(self, check, box, tmp_path):
        archive = tmp_path / "plan.zip"
        with zipfile.ZipFile(archive, "w") as made, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for file in box.iterdir():
                made.write(file, file.name)
            faults.scale_dose(box, 0.99)
            made.write(box / "RD.dcm", "RD.dcm")
        assert "the same SOP Instance UID" in check(archive).line

    def test_links_that_lead_in_a_circle(self, check, box):
        (box / "again").symlink_to(box, target_is_directory=True)
        (box / "nowhere").symlink_to(box / "none such")
        (box / "RD again").symlink_to(box / "RD.dcm")
        assert check(box).verdict == "PASS"

    def test_two_plans_of_two_patients(self, check, box):
        write_plan(replace(box_plan(), label="OTHER", patient=replace(box_plan().patient, id="OTHER")), box / "other")
        assert "there are 2 plans" in check(box).line
        assert check(box, "--plan", "BOX").verdict == "PASS"

    def test_a_label_that_is_the_uid_of_another_plan(self, check, box):
        uid = str(pydicom.dcmread(box / "RP.dcm").SOPInstanceUID)
        write_plan(replace(box_plan(), label=uid[:16]), box / "other")
        assert check(box, "--plan", uid).document["plan"]["label"] == "BOX"


FEW_GOALS = """\
id: few
version: "1"
title: few goals
source: made up
verification: transcribed
regimens:
  - {{id: 22fx, fractions: 22, levels: {{HR: 66 Gy}}}}
structures:
  - {{name: GTV, role: target, level: HR, goals: [{gtv}]}}
  - {{name: Cord, role: organ, aliases: [SpinalCord], goals: [{cord}]}}
"""


class TestProtocols:
    def checked(self, check, folder, tmp_path, *more, gtv="", cord=""):
        path = tmp_path / "few.yaml"
        path.write_text(FEW_GOALS.format(gtv=gtv, cord=cord), "utf-8")
        return check(folder, *more, protocol=path)

    def test_goals_that_do_not_apply_do_not_make_a_pass(self, check, box, tmp_path):
        faults.remove_structure(box, "SpinalCord")
        goal = '{id: a, goal: "D0.03cc[Gy] <= 46 Gy", tier: required}'
        checked = self.checked(check, box, tmp_path, "--absent", "Cord", cord=goal)
        assert [g["outcome"] for g in checked.document["goals"]] == ["NOT_APPLICABLE"]
        assert checked.verdict == "REVIEW"

    def test_a_protocol_without_goals_does_not_make_a_pass(self, check, box, tmp_path):
        assert self.checked(check, box, tmp_path).verdict == "REVIEW"

    def test_advisory_goals_that_have_no_value_do_not_make_a_pass(self, check, box, tmp_path):
        faults.remove_structure(box, "SpinalCord")
        goal = '{id: a, goal: "Max[Gy] <= 46 Gy", tier: advisory}'
        assert self.checked(check, box, tmp_path, cord=goal).verdict == "REVIEW"

    @pytest.mark.parametrize(
        ("goal", "outcome"),
        [
            ("Volume[cc] <= {v} cc", "MARGINAL"),
            ("Volume[cc] < {v} cc", "MARGINAL"),
            ("Max[Gy] <= 68 Gy", "MARGINAL"),
            ("Max[Gy] < 68 Gy", "MARGINAL"),
            ("V100%[%] >= 100 %", "MET"),
            ("V100%[%] > 99.999 %", "MET"),
        ],
    )
    def test_a_limit_at_exactly_the_value(self, check, box, tmp_path, goal, outcome):
        """The GTV: 1.728 cc, all of it above 66 Gy, 68 Gy in the middle in steps of 1e-6 Gy."""
        text = f'{{id: a, goal: "{goal.format(v=1.728)}", tier: required}}'
        (result,) = self.checked(check, box, tmp_path, gtv=text).document["goals"]
        assert result["outcome"] == outcome


@pytest.mark.parametrize("seed", range(150))
def test_damaged_bytes_never_turn_a_fail_into_a_pass(tmp_path, small_protocol, failing, seed):
    """Bytes changed, left out, repeated and exchanged in the headers and the contours of a plan that fails."""
    chance = random.Random(seed)  # noqa: S311 - the same damage each time
    name = chance.choice(["RS.dcm", "RP.dcm", "RD.dcm"])
    data = bytearray(failing[name])
    for _ in range(chance.randrange(1, 4)):
        at, length = chance.randrange(min(len(data), 12_000)), chance.randrange(1, 100)
        part = data[at : at + length]
        data[at : at + length] = chance.choice([b"", part + part, part[::-1], b"\xff" * len(part), b"0" * len(part)])
    for other, content in failing.items():
        (tmp_path / other).write_bytes(data if other == name else content)
    try:
        verdict = evaluate(read_plan(tmp_path), small_protocol).verdict
    except HardcheckError:
        return
    assert verdict in ("FAIL", "REVIEW")


@pytest.fixture(scope="module")
def small_protocol(small):
    return load_protocol(small)


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    """The files of the box plan with 50 Gy in the cord."""

    def hot(grid):
        values = grid.dose_gy.copy()
        values[:, :, grid.x_mm < -24] = 50.0
        return grid.x_mm, grid.y_mm, grid.z_mm, values

    folder = tmp_path_factory.mktemp("failing")
    write_plan(plan_with(hot), folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}
