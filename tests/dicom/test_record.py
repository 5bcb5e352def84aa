"""How the files of a plan were made, as far as they say."""

import pytest

from hardcheck.dicom import read_plan
from hardcheck.plan import Record
from tests.dicom import datasets


def read(tmp_path, **changes):
    made = {"rp": datasets.plan(), "rs": datasets.structures(), "rd": datasets.dose()}
    for name, values in changes.items():
        for keyword, value in values.items():
            setattr(made[name], keyword, value)
    return read_plan(datasets.write_plan(tmp_path, **made))


def test_a_file_that_says_nothing(tmp_path):
    """But which structure set it is of."""
    found = read(tmp_path)
    assert [r.kind for r in found.records] == ["RTPLAN", "RTSTRUCT", "RTDOSE"]
    assert found.recorded("RTSTRUCT") == (Record("RTSTRUCT"),)


def test_approval_and_intent(tmp_path):
    values = {"ApprovalStatus": "APPROVED", "PlanIntent": "CURATIVE"}
    (plan,) = read(tmp_path, rp=values, rs={"ApprovalStatus": "UNAPPROVED"}).recorded("RTPLAN")
    assert (plan.approval, plan.intent) == ("APPROVED", "CURATIVE")


def test_what_computed_the_dose(tmp_path):
    values = {
        "ManufacturerModelName": "TPS",
        "SoftwareVersions": ["9.6", "1"],
        "TissueHeterogeneityCorrection": ["IMAGE", "ROI_OVERRIDE"],
        "DoseComment": "AAA",
    }
    (dose,) = read(tmp_path, rd=values).recorded("RTDOSE")
    assert (dose.system, dose.software, dose.comment) == ("TPS", "9.6, 1", "AAA")
    assert dose.heterogeneity == ("IMAGE", "ROI_OVERRIDE")


@pytest.mark.parametrize(
    ("date", "time", "made"),
    [
        ("20240102", "123456", "20240102123456"),
        ("20240102", "123456.789", "20240102123456"),
        ("20240102", "", ""),
        ("", "123456", ""),
        ("20240102", "1234", ""),
    ],
)
def test_when_it_was_made(tmp_path, date, time, made):
    found = read(
        tmp_path,
        rp={"RTPlanDate": date, "RTPlanTime": time},
        rs={"StructureSetDate": date, "StructureSetTime": time},
        rd={"InstanceCreationDate": date, "InstanceCreationTime": time},
    )
    assert [r.made for r in found.records] == [made] * 3


def test_physical_properties_that_are_set(tmp_path):
    number = datasets.structures().StructureSetROISequence[0].ROINumber
    set_by_hand = [datasets.item(ROIPhysicalProperty="REL_ELEC_DENSITY", ROIPhysicalPropertyValue="0.6")]
    observation = datasets.item(
        ObservationNumber=1, ReferencedROINumber=number, ROIPhysicalPropertiesSequence=set_by_hand
    )
    found = read(tmp_path, rs={"RTROIObservationsSequence": [observation]})
    assert found.structure(number).overrides == (("REL_ELEC_DENSITY", 0.6),)
