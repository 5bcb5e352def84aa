"""Several doses: the same one twice, those of single beams, and those that contradict one another."""

from __future__ import annotations

import numpy as np
import pytest

from hardcheck.dicom import read_plan
from hardcheck.errors import InputError
from hardcheck.plan import Severity
from tests.dicom import datasets


def _stops(read):
    return [finding.message for finding in read.findings if finding.severity is Severity.STOP]


def _two_beams(**changed):
    other = datasets.grid()[::-1].copy()
    return {
        "rd": None,
        "b1": datasets.beam_dose(1, "1.2.3.31"),
        "b2": datasets.beam_dose(2, "1.2.3.32", other),
        **changed,
    }


def test_the_same_file_twice_counts_once(tmp_path):
    read = read_plan(
        datasets.write_plan(tmp_path, copy=datasets.dose(), rs2=datasets.structures(), rp2=datasets.plan())
    )
    assert read.dose.maximum_gy == pytest.approx(3.45)
    assert [(f.id, f.severity) for f in read.findings] == [("duplicates", Severity.INFO)] * 3


def test_the_same_dose_under_two_uids_counts_once(tmp_path):
    read = read_plan(datasets.write_plan(tmp_path, other=datasets.dose("1.2.3.33")))
    assert read.dose.maximum_gy == pytest.approx(3.45)
    assert [(f.id, f.severity) for f in read.findings] == [("duplicates", Severity.INFO)]
    assert len(read.sources) == 3


@pytest.mark.parametrize("change", ["values", "scaling", "place"])
def test_one_uid_with_two_contents_is_refused(tmp_path, change):
    other = datasets.dose()
    if change == "values":
        other = datasets.dose(values=datasets.grid() + 1)
    elif change == "scaling":
        other.DoseGridScaling = "0.02"
    else:
        other.ImagePositionPatient = [0, 0, 0]
    with pytest.raises(InputError, match=f"same SOP Instance UID {datasets.DOSE_UID} and different content"):
        read_plan(datasets.write_plan(tmp_path, other=other))


def test_one_uid_with_two_structure_sets_is_refused(tmp_path):
    other = datasets.structures()
    other.StructureSetROISequence[0].ROIName = "Other"
    with pytest.raises(InputError, match="same SOP Instance UID"):
        read_plan(datasets.write_plan(tmp_path, other=other))


@pytest.mark.parametrize("times", [("20200101", "20240101"), ("20240101", "20200101")])
def test_two_different_doses_are_refused_whatever_their_time(tmp_path, times):
    first, other = datasets.dose(), datasets.dose("1.2.3.33", values=datasets.grid() + 1)
    first.InstanceCreationDate, other.InstanceCreationDate = times
    with pytest.raises(InputError, match=r"2 different doses of the whole plan: other \(1\.2\.3\.33\), rd \("):
        read_plan(datasets.write_plan(tmp_path, rd=first, other=other))


def test_beam_doses_are_added(tmp_path):
    read = read_plan(datasets.write_plan(tmp_path, **_two_beams()))
    expected = (datasets.grid() + datasets.grid()[::-1]) * datasets.SCALING
    np.testing.assert_allclose(read.dose.dose_gy, expected, rtol=1e-14)
    assert read.dose.quantum_gy == 2 * datasets.SCALING
    assert _stops(read) == []
    assert any("sum of 2 doses" in finding.message for finding in read.findings)
    assert len(read.sources) == 4


def test_one_dose_of_both_beams(tmp_path):
    both = datasets.beam_dose(1, "1.2.3.31")
    group = both.ReferencedRTPlanSequence[0].ReferencedFractionGroupSequence[0]
    group.ReferencedBeamSequence = [datasets.item(ReferencedBeamNumber=n) for n in (1, 2)]
    read = read_plan(datasets.write_plan(tmp_path, rd=both))
    assert read.dose.maximum_gy == pytest.approx(3.45)


def _wrong_group():
    dataset = datasets.beam_dose(2, "1.2.3.32")
    dataset.ReferencedRTPlanSequence[0].ReferencedFractionGroupSequence[0].ReferencedFractionGroupNumber = 2
    return dataset


def _other_grid():
    dataset = datasets.beam_dose(2, "1.2.3.32")
    dataset.ImagePositionPatient = [-9.9, -20, -30]
    return dataset


def _no_beam():
    dataset = datasets.beam_dose(2, "1.2.3.32")
    del dataset.ReferencedRTPlanSequence[0].ReferencedFractionGroupSequence
    return dataset


def _relative():
    dataset = datasets.beam_dose(2, "1.2.3.32")
    dataset.DoseUnits = "RELATIVE"
    return dataset


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"b2": None}, "the dose of beam 2 is missing of 2 treatment beams"),
        ({"b1": None, "b2": None, "rd": datasets.beam_dose(9, "1.2.3.39")}, "the dose of beam 1, 2 is missing"),
        ({"b3": datasets.beam_dose(9, "1.2.3.39")}, "beam 9, which is no treatment beam"),
        ({"b3": datasets.beam_dose(2, "1.2.3.39")}, "more than one dose"),
        ({"b2": _wrong_group()}, "fraction group 2"),
        ({"b2": _other_grid()}, "different grids"),
        ({"b2": _no_beam()}, "does not say which beams"),
        ({"b2": _relative()}, "RELATIVE"),
        ({"rp": None}, "there is no plan"),
    ],
)
def test_beam_doses_that_are_not_the_whole_plan_stop(tmp_path, changed, why):
    read = read_plan(datasets.write_plan(tmp_path, **_two_beams(**changed)))
    assert read.dose is None
    assert any(why in message for message in _stops(read))


def test_the_same_beam_dose_twice_counts_once(tmp_path):
    read = read_plan(datasets.write_plan(tmp_path, **_two_beams(b3=datasets.beam_dose(1, "1.2.3.39"))))
    assert _stops(read) == []
    assert read.dose.dose_gy[0, 0, 0] == pytest.approx(3.0)


def test_a_setup_beam_or_one_without_monitor_units_needs_no_dose(tmp_path):
    plan = datasets.plan(beams=(1, 2, 4))
    plan.FractionGroupSequence[0].ReferencedBeamSequence[2].BeamMeterset = "0"
    assert read_plan(datasets.write_plan(tmp_path, **_two_beams(rp=plan))).dose is not None
    plan.FractionGroupSequence[0].ReferencedBeamSequence[2].BeamMeterset = None
    assert read_plan(datasets.write_plan(tmp_path, **_two_beams(rp=plan))).dose is None


def test_the_plan_dose_is_taken_before_beam_doses(tmp_path):
    read = read_plan(datasets.write_plan(tmp_path, **_two_beams(rd=datasets.dose())))
    np.testing.assert_allclose(read.dose.dose_gy, datasets.grid() * datasets.SCALING, rtol=1e-15)


def test_the_dose_of_the_only_fraction_group_is_taken_with_a_warning(tmp_path):
    dataset = datasets.dose()
    dataset.DoseSummationType = "FRACTION"
    read = read_plan(datasets.write_plan(tmp_path, rd=dataset))
    assert read.dose is not None
    assert [(f.id, f.severity) for f in read.findings] == [("dose-physical-gy", Severity.WARN)]


def test_the_dose_of_one_fraction_group_of_two_stops(tmp_path):
    dataset, plan = datasets.dose(), datasets.plan()
    dataset.DoseSummationType = "FRACTION"
    plan.FractionGroupSequence.append(datasets.item(FractionGroupNumber=2, NumberOfFractionsPlanned=5))
    read = read_plan(datasets.write_plan(tmp_path, rd=dataset, rp=plan))
    assert read.dose is None
    assert any("of one fraction group, and the plan has 2" in message for message in _stops(read))


@pytest.mark.parametrize(("others", "allowed"), [((), True), (("1.2.3.88",), False)])
def test_the_dose_of_several_plans(tmp_path, others, allowed):
    dataset = datasets.dose()
    dataset.DoseSummationType = "MULTI_PLAN"
    dataset.ReferencedRTPlanSequence = [datasets.reference(uid) for uid in (datasets.PLAN_UID, *others)]
    read = read_plan(datasets.write_plan(tmp_path, rd=dataset))
    assert (read.dose is not None) == allowed
    assert bool(_stops(read)) != allowed


def test_a_plan_dose_that_names_two_plans_stops(tmp_path):
    dataset = datasets.dose()
    dataset.ReferencedRTPlanSequence = [datasets.reference(uid) for uid in (datasets.PLAN_UID, "1.2.3.88")]
    read = read_plan(datasets.write_plan(tmp_path, rd=dataset))
    assert read.dose is None
