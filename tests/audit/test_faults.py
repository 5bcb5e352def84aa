"""Each fault of the generator on its own: the bin that the plan is counted in, and what is said of it."""

import copy
import re
from collections import Counter

import pydicom
import pytest

from benchmarks.archive_faults import FAULTS
from hardcheck.store import Bin
from tests.audit.archives import ROOT, generated, rows, run, sound

WANTED = {
    "structures cut short": [(Bin.UNREADABLE, "RTSTRUCT .* cut short or damaged")],
    "dose cut short": [(Bin.UNREADABLE, "RTDOSE .* cut short or damaged")],
    "plan cut short": [(Bin.UNREADABLE, "cut short or damaged")],
    "no dose": [(Bin.UNLINKED, "no RTDOSE in the archive refers to the RTPLAN")],
    "no structures": [(Bin.UNLINKED, "its RTSTRUCT .* is not in the archive")],
    "no plan": [(Bin.UNLINKED, "a dose is of the RTPLAN .*, which is not in the archive")],
    "a pointer for a plan": [
        (Bin.UNREADABLE, "pointer.*: it may have been a plan"),
        (Bin.UNLINKED, "a dose is of the RTPLAN .*, which is not in the archive"),
    ],
    "copied": [(Bin.PASSED, None), (Bin.DUPLICATE, "the same object as")],
    "one UID, two contents": [(Bin.UNLINKED, "its RTDOSE has one UID and different contents")],
    "relative dose": [(Bin.REVIEW, None)],
    "dose of another patient": [(Bin.REVIEW, None)],
    "ambiguous names": [(Bin.REVIEW, None)],
    "organ not contoured": [(Bin.REVIEW, None)],
    "no target": [(Bin.NO_PROTOCOL, "no target of level Rx is contoured")],
    "another fractionation": [(Bin.NO_PROTOCOL, "7 fractions")],
    "two doses": [(Bin.UNREADABLE, "2 different doses of the whole plan")],
    "a text beside it": [(Bin.PASSED, None)],
}
"""What is counted of one plan, and what the reason has to say; None where there is an evaluation and no reason."""


def test_every_fault_is_looked_at():
    assert WANTED.keys() == FAULTS.keys()


@pytest.mark.parametrize("fault", WANTED)
def test_a_fault_alone_has_its_bin_and_its_reason(tmp_path, monkeypatch, fault):
    root, where = tmp_path / "archive", tmp_path / "audit.db"
    generated(root, 1, monkeypatch, fault)
    audited = run(root, where)
    found = sorted(rows(where, audited.run).values(), key=lambda row: list(Bin).index(row.bin))
    wanted = sorted(WANTED[fault], key=lambda each: list(Bin).index(each[0]))
    assert [Bin(row.bin) for row in found] == [each for each, _ in wanted]
    for row, (_, reason) in zip(found, wanted, strict=True):
        if reason is None:
            assert row.reason is None
            assert row.key
        else:
            assert row.key is None
            assert re.search(reason, row.reason), row.reason
    assert audited.account.closes
    assert audited.account.found == len(wanted)
    assert {each: n for each, n in audited.account.counts.items() if n} == Counter(each for each, _ in wanted)


def test_reasons_name_no_patient(tmp_path):
    """The generator's patients are called Synthetic^ARCHIVE-…; its files are not named after them."""
    root, where = tmp_path / "archive", tmp_path / "audit.db"
    generated(root, len(FAULTS), faulty=1.0)
    reasons = [row.reason for row in rows(where, run(root, where).run).values() if row.reason]
    assert len(reasons) == sum(reason is not None for wanted in WANTED.values() for _, reason in wanted)
    assert not [reason for reason in reasons if "Synthetic" in reason or "ARCHIVE-" in reason]


@pytest.fixture
def plan(tmp_path):
    """The folder of one plan, which passes."""
    return sound(tmp_path / "archive")


def counted(folder):
    """Bin and reason of each row, by the name of its file."""
    root, where = folder, folder.parent / "audit.db"
    return {path: (Bin(row.bin), row.reason) for path, row in rows(where, run(root, where).run).items()}


def cut_at(path, tag, to, **edited):
    """What stands before the element `tag` in the file at `path`, `edited` first, as the file `to`."""
    dataset = pydicom.dcmread(path)
    for keyword, value in edited.items():
        setattr(dataset, keyword, value)
    dataset.save_as(to)
    data = to.read_bytes()
    at = data.index(bytes([tag >> 16 & 255, tag >> 24, tag & 255, tag >> 8 & 255]), 132)
    to.write_bytes(data[:at])


def image(of, to, **edited):
    """A CT image in the frame of reference of the RTDOSE `of`."""
    dose, dataset = pydicom.dcmread(of), pydicom.dcmread(ROOT / "sample_data" / "thigh" / "CT.040.dcm")
    for keyword in ("PatientID", "PatientName", "PatientBirthDate", "StudyInstanceUID", "FrameOfReferenceUID"):
        setattr(dataset, keyword, dose.get(keyword, ""))
    for keyword, value in edited.items():
        setattr(dataset, keyword, value)
    dataset.save_as(to)


def test_the_sound_plan_passes_with_an_image(plan):
    image(plan / "RD.dcm", plan / "CT.dcm")
    assert counted(plan) == {"RP.dcm": (Bin.PASSED, None)}


def test_images_of_one_uid_and_two_patients(plan):
    image(plan / "RD.dcm", plan / "CT1.dcm")
    image(plan / "RD.dcm", plan / "CT2.dcm", PatientID="SOMEBODY-ELSE")
    where, reason = counted(plan)["RP.dcm"]
    assert where is Bin.UNLINKED
    assert reason == "its CT has one UID and different contents: CT1.dcm, CT2.dcm"


@pytest.mark.parametrize(
    ("tag", "wanted"),
    [
        (0x00280010, {"RP.dcm": Bin.UNREADABLE}),  # behind the frame of reference
        (0x00200052, {"RP.dcm": Bin.UNREADABLE}),  # behind series and study
        (0x0020000E, {"RP.dcm": Bin.UNREADABLE}),  # behind the study
        (0x0020000D, {"RP.dcm": Bin.PASSED, "CT.dcm": Bin.UNREADABLE}),
    ],
)
def test_an_image_that_is_cut(plan, tag, wanted):
    image(plan / "RD.dcm", plan / "CT.dcm")
    cut_at(plan / "CT.dcm", tag, plan / "CT.dcm")
    # A part of an element, without which the walk would end well.
    (plan / "CT.dcm").write_bytes((plan / "CT.dcm").read_bytes() + b"\x28\0")
    found = counted(plan)
    assert {path: where for path, (where, _) in found.items()} == wanted
    assert any(reason and "CT.dcm" in f"{path} {reason}" for path, (_, reason) in found.items())


@pytest.mark.parametrize("name", ["RP.dcm", "RS.dcm", "RD.dcm"])
def test_a_damaged_copy_beside_the_sound_file(plan, name):
    data = (plan / name).read_bytes()
    (plan / "damaged.dcm").write_bytes(data[: len(data) // 2])
    found = counted(plan)
    where, reason = found.pop("RP.dcm")
    assert where is Bin.UNLINKED
    assert "damaged.dcm" in reason
    # The copy of an RTPLAN counts like a copy.
    assert [where for where, _ in found.values()] == [Bin.UNREADABLE] * (name == "RP.dcm")


def test_damaged_files_of_one_rtplan_are_each_counted(plan):
    data = (plan / "RP.dcm").read_bytes()
    for name in ("RP.dcm", "RP2.dcm", "RP3.dcm"):
        (plan / name).write_bytes(data[: len(data) // 2])
    found = counted(plan)
    assert {path: where for path, (where, _) in found.items()} == dict.fromkeys(
        ("RP.dcm", "RP2.dcm", "RP3.dcm"), Bin.UNREADABLE
    )
    uid = re.search(r"there is another file of the RTPLAN ([\d.]+)$", found["RP3.dcm"][1]).group(1)
    assert uid == pydicom.dcmread(plan / "RD.dcm").ReferencedRTPlanSequence[0].ReferencedSOPInstanceUID


@pytest.mark.parametrize(
    ("study", "wanted"),
    [
        ({}, {"RP.dcm": Bin.UNREADABLE}),
        ({"StudyInstanceUID": "1.2.3"}, {"RP.dcm": Bin.PASSED, "RD2.dcm": Bin.UNREADABLE}),
        ({"StudyInstanceUID": ""}, {"RP.dcm": Bin.PASSED, "RD2.dcm": Bin.UNREADABLE}),
    ],
)
def test_a_damaged_dose_that_does_not_tell_its_plan(plan, study, wanted):
    cut_at(plan / "RD.dcm", 0x300C0002, plan / "RD2.dcm", SOPInstanceUID="1.2.3.4", **study)
    found = counted(plan)
    assert {path: where for path, (where, _) in found.items()} == wanted
    said = "a dose of the same study is damaged: RD2.dcm" if not study else "which plan this RTDOSE is of is not known"
    assert any(reason and said in reason for _, reason in found.values())


def test_a_file_may_be_called_like_a_plan_that_is_missed(plan):
    dataset = pydicom.dcmread(plan / "RD.dcm")
    dataset.SOPInstanceUID = "1.2.3.4"
    (first,) = dataset.ReferencedRTPlanSequence
    first.ReferencedSOPInstanceUID = "1.2.5"
    dataset.ReferencedRTPlanSequence.append(copy.deepcopy(first))
    dataset.ReferencedRTPlanSequence[1].ReferencedSOPInstanceUID = "1.2.6"
    dataset.save_as(plan / "RD2.dcm")
    (plan / "RP.dcm").rename(plan / "RD2.dcm#1.2.6")
    wanted = {"RD2.dcm": Bin.UNLINKED, "RD2.dcm#1.2.6": Bin.PASSED, "RD2.dcm#1.2.6#": Bin.UNLINKED}
    assert {path: where for path, (where, _) in counted(plan).items()} == wanted
