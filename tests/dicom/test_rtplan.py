"""The prescription of an RTPLAN."""

from __future__ import annotations

import pytest
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from hardcheck.dicom import read_plan
from hardcheck.errors import InputError
from hardcheck.plan import Beam, DoseReference, FractionGroup
from tests.dicom import datasets


def _prescription(tmp_path, dataset):
    return read_plan(datasets.write_plan(tmp_path, rp=dataset)).prescription


def test_references_groups_and_beams(tmp_path):
    read = _prescription(tmp_path, datasets.plan())
    assert read.references == (DoseReference(1, "VOLUME", "TARGET", "HR", 3, 66.0),)
    beams = (Beam(1, 1.5, 100.0), Beam(2, 1.5, 100.0), Beam(9, None, None, "SETUP"))
    assert read.groups == (FractionGroup(1, 22, beams),)
    assert (read.fractions, read.dose_gy) == (22, 66.0)


def test_limits_of_targets_and_organs(tmp_path):
    dataset = datasets.plan()
    organ = datasets.item(DoseReferenceNumber=2, DoseReferenceStructureType="SITE", DoseReferenceType="ORGAN_AT_RISK")
    organ.OrganAtRiskMaximumDose = "46"
    target = dataset.DoseReferenceSequence[0]
    target.TargetMinimumDose, target.TargetMaximumDose = "62.7", "70.62"
    dataset.DoseReferenceSequence = [target, organ]
    first, second = _prescription(tmp_path, dataset).references
    assert (first.target_minimum_gy, first.target_maximum_gy) == (62.7, 70.62)
    assert (second.kind, second.organ_maximum_gy, second.prescription_gy) == ("ORGAN_AT_RISK", 46.0, None)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"ReferencedDoseReferenceNumber": 1}, 66.0),
        ({"ReferencedDoseReferenceNumber": 1, "TargetPrescriptionDose": "44"}, 44.0),
        ({"ReferencedDoseReferenceNumber": 5}, None),
    ],
)
def test_the_prescription_of_a_group(tmp_path, values, expected):
    dataset = datasets.plan()
    dataset.FractionGroupSequence[0].ReferencedDoseReferenceSequence = [datasets.item(**values)]
    assert _prescription(tmp_path, dataset).groups[0].prescription_gy == expected


def test_several_groups_have_no_one_number_of_fractions(tmp_path):
    dataset = datasets.plan()
    dataset.FractionGroupSequence.append(datasets.item(FractionGroupNumber=2, NumberOfFractionsPlanned=5))
    read = _prescription(tmp_path, dataset)
    assert [group.fractions for group in read.groups] == [22, 5]
    assert read.fractions is None


def test_zero_is_not_a_prescription(tmp_path):
    dataset = datasets.plan()
    dataset.DoseReferenceSequence[0].TargetPrescriptionDose = "0"
    dataset.FractionGroupSequence[0].NumberOfFractionsPlanned = 0
    read = _prescription(tmp_path, dataset)
    assert (read.dose_gy, read.fractions) == (None, None)


def test_an_ion_plan_names_its_beams_too(tmp_path):
    dataset = datasets.plan()
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.481.8"
    dataset.IonBeamSequence = dataset.BeamSequence
    del dataset.BeamSequence
    assert [beam.delivery for beam in _prescription(tmp_path, dataset).groups[0].beams][-1] == "SETUP"


@pytest.mark.parametrize("text", [b"1A", b"x ", b"--", b"1.5", b"\xb2\xb2"])
@pytest.mark.parametrize("keyword", ["NumberOfFractionsPlanned", "FractionGroupNumber"])
def test_a_bad_number_is_one_clear_line(tmp_path, keyword, text):
    dataset = datasets.plan()
    setattr(dataset.FractionGroupSequence[0], keyword, "7" * len(text) + "7" * (len(text) % 2))
    old = b"7" * (len(text) + len(text) % 2)
    data = datasets.encoded(dataset)
    assert data.count(old) == 1
    with pytest.raises(InputError, match=rf"^rp: {keyword} \(300A,00..\) is .*; export the object again$") as caught:
        read_plan(datasets.write_plan(tmp_path, rp=data.replace(old, text.ljust(len(old)))))
    assert str(caught.value).isprintable()


def _negative():
    dataset = datasets.plan()
    dataset.DoseReferenceSequence[0].TargetPrescriptionDose = "-66"
    return dataset


def _twice(sequence):
    dataset = datasets.plan()
    dataset[sequence].value.append(dataset[sequence].value[0])
    return dataset


def _beam_twice():
    dataset = datasets.plan()
    beams = dataset.FractionGroupSequence[0].ReferencedBeamSequence
    beams.append(beams[0])
    return dataset


def _without_beams():
    dataset = datasets.plan()
    del dataset.BeamSequence
    return dataset


@pytest.mark.parametrize(
    ("dataset", "what"),
    [
        (_without_beams(), r"ReferencedBeamNumber \(300C,0006\) 1, 2, 9 is not in BeamSequence"),
        (_negative(), "TargetPrescriptionDose .* is -66 Gy"),
        (_twice("FractionGroupSequence"), "FractionGroupNumber .* is there twice"),
        (_twice("BeamSequence"), "BeamNumber .* 1 is there twice"),
        (_beam_twice(), "ReferencedBeamNumber .* is there twice"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(tmp_path, dataset, what):
    with pytest.raises(InputError, match=what):
        _prescription(tmp_path, dataset)


def test_what_a_beam_says_of_itself(tmp_path):
    dataset = datasets.plan()
    beam = dataset.BeamSequence[0]
    beam.RadiationType, beam.TreatmentMachineName, beam.BeamType, beam.NumberOfBoli = "PHOTON", "A1 ", "DYNAMIC", 1
    first = datasets.item(NominalBeamEnergy="6", IsocenterPosition=["1", "2", "3.5"])
    beam.ControlPointSequence = [first, datasets.item(), datasets.item(NominalBeamEnergy="10")]
    read = _prescription(tmp_path, dataset).groups[0].beams
    assert read[0] == Beam(1, 1.5, 100.0, "TREATMENT", "PHOTON", (6.0, 10.0), "A1", "DYNAMIC", ((1.0, 2.0, 3.5),), 1)
    assert (read[0].treats, read[2].treats) == (True, False)
    assert read[1] == Beam(2, 1.5, 100.0)


@pytest.mark.parametrize(
    ("tag", "vr", "raw"),
    [(0x300A0114, "DS", b"6 MV"), (0x300A012C, "DS", b"1\\2"), (0x300A012C, "DS", b"a\\b\\c")],
)
def test_what_is_no_number_there_is_left_out(tmp_path, tag, vr, raw):
    """No dose rests on it, so that it is no reason to refuse a plan."""
    dataset = datasets.plan()
    point = datasets.item()
    point[tag] = RawDataElement(Tag(tag), vr, len(raw), raw, 0, is_implicit_VR=False, is_little_endian=True)
    dataset.BeamSequence[0].ControlPointSequence = [point]
    beam = _prescription(tmp_path, dataset).groups[0].beams[0]
    assert (beam.energies_mv, beam.isocentres_mm) == ((), ())


def test_the_limit_of_a_part_of_an_organ(tmp_path):
    dataset = datasets.plan()
    organ = datasets.item(DoseReferenceNumber=2, DoseReferenceStructureType="SITE", DoseReferenceType="ORGAN_AT_RISK")
    organ.OrganAtRiskLimitDose, organ.OrganAtRiskOverdoseVolumeFraction = "20", "37"
    dataset.DoseReferenceSequence = [organ]
    (read,) = _prescription(tmp_path, dataset).references
    assert (read.organ_limit_gy, read.overdose_percent) == (20.0, 37.0)
