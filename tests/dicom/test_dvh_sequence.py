"""DVHSequence (3004,0050): the planning system's own curves inside an RTDOSE."""

import os
from pathlib import Path

import pydicom
import pytest

from hardcheck.dicom import read_plan
from hardcheck.dicom.writer import write_plan
from hardcheck.phantom import box_plan
from hardcheck.plan import Severity
from tests.dicom.datasets import item


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stored")
    write_plan(box_plan(), folder)
    return folder


def stored(number=1, data=(1, 8.0, 1, 8.0, 2, 4.0, 2, 0.0), **changes):
    """In bins of 1, 1, 2 and 2 Gy."""
    values = {
        "DVHType": "CUMULATIVE",
        "DoseUnits": "GY",
        "DoseType": "PHYSICAL",
        "DVHDoseScaling": "1",
        "DVHVolumeUnits": "CM3",
        "DVHNumberOfBins": str(len(data) // 2),
        "DVHData": [str(value) for value in data],
        "DVHReferencedROISequence": [item(DVHROIContributionType="INCLUDED", ReferencedROINumber=number)],
    } | changes
    return item(**{name: value for name, value in values.items() if value is not None})


@pytest.fixture
def read(written, tmp_path):
    """The stored DVHs and what is said of them, for an RTDOSE with these items."""

    def give(*items):
        dose = pydicom.dcmread(written / "RD.dcm")
        dose.DVHSequence = list(items)
        for name in ("RS.dcm", "RP.dcm"):
            (tmp_path / name).write_bytes((written / name).read_bytes())
        dose.save_as(tmp_path / "RD.dcm")
        plan = read_plan(tmp_path)
        return plan.stored_dvhs, [f for f in plan.findings if f.id == "stored-dvh"]

    return give


def test_none_without_a_sequence(written):
    assert read_plan(written).stored_dvhs == ()


def test_bins_of_any_width(read):
    """A volume stands for the middle of its bin: 8 cc at 0.5 and 1.5 Gy, 4 cc at 3 Gy, none at 5 Gy."""
    (curve,), findings = read(stored(7))
    assert findings == []
    assert (curve.roi_number, curve.name, curve.volume_cc) == (7, "", 8.0)
    assert [curve.dose_at(p) for p in (99.999, 75, 50, 25)] == pytest.approx([1.5, 2.25, 3, 4], abs=1e-4)
    assert curve.mean_gy == pytest.approx(1.5 + 1.5 * 0.75 + 2 * 0.25)


def test_the_scaling_is_of_the_dose(read):
    (curve,), _ = read(stored(DVHDoseScaling="0.5"))
    assert curve.dose_at(50) == pytest.approx(1.5)


def test_a_differential_one_is_added_up(read):
    """2 cc between 0 and 1 Gy, 6 cc between 1 and 3 Gy: evenly spread, their mean is (2 x 0.5 + 6 x 2) / 8."""
    (curve,), _ = read(stored(data=(1, 2.0, 2, 6.0), DVHType="DIFFERENTIAL"))
    assert curve.volume_cc == 8.0
    assert curve.mean_gy == pytest.approx(13 / 8)
    assert curve.dose_at(75) == pytest.approx(1)


def test_in_percent_there_is_no_volume(read):
    (curve,), _ = read(stored(DVHVolumeUnits="PERCENT"))
    assert curve.volume_cc is None


def test_what_is_stated_beside_the_curve(read):
    (curve,), _ = read(stored(DVHMinimumDose="1", DVHMeanDose="2", DVHMaximumDose="5"))
    assert (curve.minimum_gy, curve.average_gy, curve.maximum_gy) == (1, 2, 5)


def test_rounding_below_zero_is_zero(read):
    (curve,), findings = read(stored(data=(1, 8.0, 1, 4.0, 1, -2e-13)))
    assert curve.share[-1] == 0
    assert findings == []


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (stored(DVHType="NATURAL"), "NATURAL in GY"),
        (stored(DoseUnits="RELATIVE"), "CUMULATIVE in RELATIVE"),
        (stored(DoseUnits=None), "no unit"),
        (stored(data=(1, 8.0, 1)), "is no DVH"),
        (stored(DVHData=None), "is no DVH"),
        (stored(DVHDoseScaling="0"), "is no DVH"),
        (stored(data=(1, 8.0, -1, 4.0)), "negative bin width"),
        (stored(data=(1, 4.0, 1, 8.0)), "rise with the dose"),
        (stored(data=(1, 0.0, 1, 0.0)), "no volume"),
        (stored(DVHReferencedROISequence=[]), "not of one ROI"),
        (stored(DVHReferencedROISequence=[item(DVHROIContributionType="EXCLUDED", ReferencedROINumber=2)]), "one ROI"),
        (stored(DVHReferencedROISequence=[item(DVHROIContributionType="INCLUDED")]), "ReferencedROINumber"),
    ],
)
def test_what_cannot_be_read_is_left_out_and_said(read, bad, said):
    """No number of ours rests on it, so the plan is read all the same."""
    curves, (finding,) = read(stored(7), bad)
    assert [curve.roi_number for curve in curves] == [7]
    assert finding.severity is Severity.INFO
    assert said in finding.message


def test_two_of_one_roi_are_neither(read):
    curves, (finding,) = read(stored(7), stored(7), stored(8))
    assert [curve.roi_number for curve in curves] == [8]
    assert "ROINumber 7 has 2" in finding.message


@pytest.mark.skipif("HARDCHECK_DATA" not in os.environ, reason="HARDCHECK_DATA is not set: no real DICOM files here")
def test_a_real_one():
    plan = read_plan(Path(os.environ["HARDCHECK_DATA"]) / "dicompyler_breast")
    assert len(plan.stored_dvhs) == 9
    assert not [f for f in plan.findings if f.id == "stored-dvh"]
