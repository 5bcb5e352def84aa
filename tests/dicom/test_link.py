"""Plan, structures and dose belong together by their UIDs, or it is said that this is not proven."""

from __future__ import annotations

import pytest

from hardcheck.dicom import read_plan
from hardcheck.errors import InputError, PlanChoiceError
from hardcheck.plan import Severity
from tests.dicom import datasets


def _of(read, check):
    return [finding for finding in read.findings if finding.id == check]


def test_a_good_plan_has_nothing_to_say(tmp_path):
    read = read_plan(datasets.write_plan(tmp_path))
    assert read.findings == ()
    assert (read.sop_instance_uid, read.label, read.approval) == (datasets.PLAN_UID, "Thigh", "APPROVED")
    assert (read.patient.id, read.patient.name, read.patient.birth_date) == ("P1", "DOE^JANE", "19500101")
    assert read.frame_of_reference_uid == datasets.FRAME


def _changed(make, keyword, value):
    dataset = make()
    setattr(dataset, keyword, value)
    return dataset


def _other_frame():
    dataset = datasets.structures()
    for region in dataset.StructureSetROISequence:
        region.ReferencedFrameOfReferenceUID = "1.2.3.8"
    return dataset


@pytest.mark.parametrize("assume_linked", [False, True])
@pytest.mark.parametrize(
    ("changed", "check", "said"),
    [
        ({"rd": _changed(datasets.dose, "PatientID", "P2")}, "one-patient", "PatientID"),
        ({"rs": _changed(datasets.structures, "PatientBirthDate", "19600101")}, "one-patient", "PatientBirthDate"),
        ({"rp": _changed(datasets.plan, "PatientName", "ROE^RICHARD")}, "one-patient", "PatientName"),
        ({"rd": _changed(datasets.dose, "FrameOfReferenceUID", "1.2.3.8")}, "one-frame-of-reference", "all structures"),
        (
            {"rp": _changed(datasets.plan, "FrameOfReferenceUID", "1.2.3.8")},
            "one-frame-of-reference",
            "RTPLAN and RTDOSE",
        ),
        ({"rs": _other_frame()}, "one-frame-of-reference", "all structures are not in the frame"),
    ],
)
def test_two_patients_or_two_frames_stop_whatever_is_assumed(tmp_path, changed, check, said, assume_linked):
    read = read_plan(datasets.write_plan(tmp_path, **changed), assume_linked=assume_linked)
    found = _of(read, check)
    assert found
    assert all(finding.severity is Severity.STOP for finding in found)
    assert any(said in finding.message for finding in found)
    for secret in ("P1", "P2", "DOE", "ROE", "1950", "1960"):
        assert not any(secret in finding.message for finding in found)


def _silent(make, *keywords):
    dataset = make()
    for keyword in keywords:
        delattr(dataset, keyword)
    return dataset


def _without_frames():
    dataset = _silent(datasets.structures, "ReferencedFrameOfReferenceSequence")
    for region in dataset.StructureSetROISequence:
        del region.ReferencedFrameOfReferenceUID
    return dataset


def _to_another_plan():
    return datasets.dose(plan_uid="1.2.3.88")


def _to_other_structures():
    dataset = datasets.plan()
    dataset.ReferencedStructureSetSequence = [datasets.reference("1.2.3.89", datasets.STRUCTURES_CLASS)]
    return dataset


@pytest.mark.parametrize(
    ("changed", "check"),
    [
        ({"rd": _silent(datasets.dose, "PatientID")}, "one-patient"),
        ({"rd": _changed(datasets.dose, "PatientID", "")}, "one-patient"),
        ({"rd": _silent(datasets.dose, "FrameOfReferenceUID")}, "one-frame-of-reference"),
        ({"rs": _without_frames()}, "one-frame-of-reference"),
        ({"rd": _silent(datasets.dose, "ReferencedRTPlanSequence")}, "objects-linked"),
        ({"rd": _to_another_plan()}, "objects-linked"),
        ({"rp": _to_other_structures()}, "objects-linked"),
    ],
)
def test_what_is_not_proven_stops_unless_it_is_assumed_and_said(tmp_path, changed, check):
    folder = datasets.write_plan(tmp_path, **changed)
    (finding,) = _of(read_plan(folder), check)
    assert finding.severity is Severity.STOP
    (finding,) = _of(read_plan(folder, assume_linked=True), check)
    assert finding.severity is Severity.WARN
    assert "assumed" in finding.message


def test_names_that_differ_in_empty_parts_are_one_person(tmp_path):
    changed = _changed(datasets.dose, "PatientName", "Doe^Jane^^^")
    assert read_plan(datasets.write_plan(tmp_path, rd=changed)).findings == ()


def test_some_structures_in_another_frame(tmp_path):
    dataset = datasets.structures()
    dataset.StructureSetROISequence[1].ReferencedFrameOfReferenceUID = "1.2.3.8"
    (finding,) = _of(read_plan(datasets.write_plan(tmp_path, rs=dataset)), "one-frame-of-reference")
    assert finding.severity is Severity.STOP
    assert finding.structures == ("Cord",)


def test_the_frame_of_the_structure_set_stands_for_silent_rois(tmp_path):
    dataset = datasets.structures()
    for region in dataset.StructureSetROISequence:
        region.ReferencedFrameOfReferenceUID = ""
    assert read_plan(datasets.write_plan(tmp_path, rs=dataset)).findings == ()


def test_without_a_plan(tmp_path):
    read = read_plan(datasets.write_plan(tmp_path, rp=None), assume_linked=True)
    assert read.prescription is None
    assert read.sop_instance_uid is None
    assert read.dose is not None
    (finding,) = read.findings
    assert (finding.id, finding.severity) == ("plan-present", Severity.STOP)
    assert f"refers to the RTPLAN {datasets.PLAN_UID}, which is not here" in finding.message


@pytest.mark.parametrize(
    ("missing", "what"),
    [
        ("rs", "no RTSTRUCT was found, only: 1 RTDOSE, 1 RTPLAN"),
        ("rd", "no RTDOSE was found, only: 1 RTPLAN, 1 RTSTRUCT"),
    ],
)
def test_without_structures_or_dose(tmp_path, missing, what):
    with pytest.raises(InputError, match=what):
        read_plan(datasets.write_plan(tmp_path, **{missing: None}))


def test_several_plans_must_be_chosen_from(tmp_path):
    other = datasets.dose("1.2.3.33", "1.2.3.11", datasets.grid() + 100)
    folder = datasets.write_plan(tmp_path, rp2=datasets.plan("1.2.3.11", "Boost"), rd2=other)
    with pytest.raises(PlanChoiceError, match=r"there are 2 plans: 'Thigh' 1\.2\.3\.1, 'Boost' 1\.2\.3\.11"):
        read_plan(folder)
    for choice in ("Boost", "1.2.3.11"):
        read = read_plan(folder, plan=choice)
        assert read.label == "Boost"
        assert read.dose.maximum_gy == pytest.approx(4.45)
        assert [(f.id, f.severity) for f in read.findings] == [("doses-ignored", Severity.INFO)]
    assert read_plan(folder, plan="Thigh").dose.maximum_gy == pytest.approx(3.45)
    with pytest.raises(PlanChoiceError, match="no plan is 'Chest'; found: 'Thigh'"):
        read_plan(folder, plan="Chest")


def test_two_plans_of_one_label_are_chosen_by_uid(tmp_path):
    folder = datasets.write_plan(tmp_path, rp2=datasets.plan("1.2.3.11"))
    with pytest.raises(PlanChoiceError, match="2 plans are 'Thigh'"):
        read_plan(folder, plan="Thigh")
    assert read_plan(folder, plan=datasets.PLAN_UID).label == "Thigh"
    with pytest.raises(InputError, match=r"no RTDOSE refers to the plan 1\.2\.3\.11"):
        read_plan(folder, plan="1.2.3.11")


def test_a_choice_that_is_not_there(tmp_path):
    with pytest.raises(PlanChoiceError, match="no plan is 'X'"):
        read_plan(datasets.write_plan(tmp_path), plan="X")


def test_of_two_structure_sets_the_one_of_the_plan_is_read(tmp_path):
    other = datasets.structures()
    other.SOPInstanceUID = "1.2.3.22"
    other.StructureSetROISequence[0].ROIName = "Wrong"
    folder = datasets.write_plan(tmp_path, a=other)
    read = read_plan(folder)
    assert read.findings == ()
    assert read.structures[0].name == "Target"
    with pytest.raises(InputError, match="there are 2"):
        read_plan(datasets.write_plan(tmp_path, a=other, rp=_to_other_structures()))
    (folder / "rp").unlink()
    with pytest.raises(InputError, match="refers to no RTSTRUCT, and there are 2"):
        read_plan(folder)


def test_doses_of_several_plans_without_a_plan(tmp_path):
    folder = datasets.write_plan(tmp_path, rp=None, rd2=datasets.dose("1.2.3.33", "1.2.3.11"))
    with pytest.raises(InputError, match="doses of several plans"):
        read_plan(folder)
