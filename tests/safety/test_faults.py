"""Each fault of SAFETY.md on a plan that passes: what the command line makes of it, and never a PASS."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import pytest

from hardcheck.dicom.writer import write_beam_doses
from hardcheck.phantom import box_plan
from tests import faults


class Expected(NamedTuple):
    """The exit status, and what is said where: in the refusal, of a goal, or in a finding."""

    status: int
    said: str
    where: str


def refused(said: str) -> Expected:
    return Expected(2, said, "line")


def reason(said: str) -> Expected:
    return Expected(3, said, "reasons")


def stop(said: str) -> Expected:
    return Expected(3, f"STOP {said}", "findings")


def fail(said: str) -> Expected:
    return Expected(1, f"FAIL {said}", "findings")


NOT_EVALUATED = "PTV_HR NOT_EVALUATED: "
EXPECTED = {
    "target removed": reason(f"{NOT_EVALUATED}not contoured"),
    "target empty": fail("structure-empty: PTV_HR"),
    "target flat": fail("structure-empty: PTV_HR"),
    "target of points": reason(f"{NOT_EVALUATED}contours of geometric type POINT"),
    "target open": reason(f"{NOT_EVALUATED}contours of geometric type OPEN_PLANAR"),
    "target renamed zPTV_HR": reason(f"{NOT_EVALUATED}not contoured"),
    "two ROIs of one name": reason(f"{NOT_EVALUATED}two ROIs match: 'PTV_HR' (#1) and 'PTV_HR' (#3)"),
    "two ROIs of one number": refused("RS.dcm: ROINumber (3006,0022) 3 is there twice"),
    "organ on the other side": fail("laterality: Femur_L"),
    "NaN in a contour": refused("of ROI 2 'GTV': ContourData (3006,0050) holds what is no decimal number"),
    "infinity in a contour": refused("of ROI 2 'GTV': a coordinate is not within"),
    "Arabic digits in a contour": refused("of ROI 2 'GTV': ContourData (3006,0050) holds what is no decimal number"),
    "odd count in a contour": refused("of ROI 2 'GTV': 11 coordinates"),
    "target outside the dose grid": reason(f"{NOT_EVALUATED}wholly outside of the dose grid"),
    "dose grid cut in half": reason("PTV_HR MARGINAL"),
    "dose grid cut in half in plane": reason("PTV_HR MARGINAL"),
    "scaling 0": stop("dose-physical-gy: DoseGridScaling (3004,000E) is 0"),
    "scaling missing": stop("dose-physical-gy: DoseGridScaling (3004,000E) is missing"),
    "scaling negative": stop("dose-physical-gy: DoseGridScaling (3004,000E) is -1e-06"),
    "scaling not finite": stop("dose-physical-gy: DoseGridScaling (3004,000E) is 'nan', not a number"),
    "units RELATIVE": stop("dose-physical-gy: DoseUnits (3004,0002) is 'RELATIVE'"),
    "type ERROR": stop("dose-physical-gy: DoseType (3004,0004) is 'ERROR'"),
    "type EFFECTIVE": stop("dose-physical-gy: DoseType (3004,0004) is 'EFFECTIVE'"),
    "cGy for Gy": fail("delivered-dose-plausible: the median dose of GTV"),
    "dose of one fraction": fail("delivered-dose-plausible: the median dose of GTV"),
    "dose of one beam of two": stop("dose-physical-gy: the dose of beam 2 is missing of 2"),
    "two doses": refused("2 different doses of the whole plan: RD.dcm"),
    "two doses of one UID": refused("RD.dcm and RD2.dcm have the same SOP Instance UID"),
    "dose grid oblique": stop("orientation: ImageOrientationPatient (0020,0037) is missing or oblique"),
    "pixels missing": refused("RD.dcm: the pixel data have"),
    "frames without end": refused("RD.dcm: the dose has 2000000000 x"),
    "wrong number of fractions": fail("prescription-matches-regimen: the plan has 20 fractions"),
    "number of fractions missing": fail("prescription-matches-regimen: the plan has no single number of fractions"),
    "prescription missing": reason(f"{NOT_EVALUATED}level HR is not known: the plan states no prescription"),
    "dose of another patient": stop("one-patient: PatientID and PatientName differ"),
    "structures of another patient": stop("one-patient: PatientID and PatientName differ"),
    "dose in another frame": stop("one-frame-of-reference: all structures are not"),
    "structures in another frame": stop("one-frame-of-reference: all structures are not"),
    "dose of another plan": stop("objects-linked: the RTDOSE RD.dcm is of the plan"),
    "plan on other structures": stop("objects-linked: the RTPLAN RP.dcm refers to the RTSTRUCT"),
    "dose names no plan": stop("objects-linked: the RTDOSE RD.dcm does not say"),
    "structures cut short": refused("RS.dcm: cut short or damaged"),
    "dose cut short": refused("RD.dcm: cut short or damaged"),
    "plan cut short": refused("RP.dcm: cut short or damaged"),
    "dose is a pointer file": refused("no RTDOSE was found"),
    "line endings mangled": refused("no RTDOSE was found"),
    "no structures": refused("no RTSTRUCT was found"),
    "no dose": refused("no RTDOSE was found"),
}
"""What SAFETY.md wants of each fault, on the box plan."""

CHANGES_NOTHING = {
    **{f"{name} without meta": partial(faults.strip_meta, name=name) for name in ("RS.dcm", "RP.dcm", "RD.dcm")},
    "contours of the ROIs in another order": faults.reverse_roi_order,
    "the same dose twice": faults.copy_dose,
}

ON_THE_THIGH = [
    "target removed",
    "target empty",
    "two ROIs of one name",
    "organ on the other side",
    "NaN in a contour",
    "dose grid cut in half",
    "scaling 0",
    "units RELATIVE",
    "cGy for Gy",
    "dose of one fraction",
    "dose of one beam of two",
    "prescription missing",
    "dose in another frame",
    "structures cut short",
]
"""Faults that are tried on the sample plan and HARD too."""


@pytest.fixture(scope="module")
def faultless(check, whole_box):
    return check(whole_box)


def hold(checked, expected):
    assert checked.status == expected.status, checked.stdout + checked.stderr
    said = getattr(checked, expected.where)
    assert any(expected.said in line for line in ([said] if expected.where == "line" else said)), said


def test_without_a_fault_it_passes(faultless):
    assert faultless.verdict == "PASS"
    assert faultless.reasons == []
    told = {line.split(":")[0] for line in faultless.findings}
    assert told == {"WARN dose-grid-spacing", "INFO couch", "WARN dose-algorithm"}


def test_every_fault_is_in_the_table():
    assert EXPECTED.keys() == faults.NEVER_PASS.keys()


@pytest.mark.parametrize("fault", EXPECTED)
def test_no_fault_passes(check, box, fault):
    faults.NEVER_PASS[fault](box)
    hold(check(box), EXPECTED[fault])


@pytest.mark.parametrize("fault", [name for name, expected in EXPECTED.items() if expected.where == "findings"])
def test_what_a_stop_touches_has_no_value(check, box, fault):
    faults.NEVER_PASS[fault](box)
    checked = check(box)
    if checked.verdict == "REVIEW":
        assert {goal["outcome"] for goal in checked.document["goals"]} == {"NOT_EVALUATED"}
        assert {goal["value"] for goal in checked.document["goals"]} == {None}


@pytest.mark.parametrize("fault", [name for name, expected in EXPECTED.items() if expected.status == 2])
def test_a_refusal_writes_nothing(check, box, tmp_path, fault):
    faults.NEVER_PASS[fault](box)
    before = sorted(tmp_path.rglob("*"))
    for form in ("json", "html", "csv", "xml"):
        assert check(box, "-o", tmp_path / f"report.{form}").line
    assert check(box, json_to=tmp_path / "result").line
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("change", CHANGES_NOTHING)
def test_what_changes_nothing_changes_no_number(check, box, faultless, change):
    CHANGES_NOTHING[change](box)
    checked = check(box)
    assert checked.verdict == "PASS"
    assert checked.values == faultless.values


def test_beams_add_up_to_the_plan_and_one_that_is_there_twice_does_not(check, box):
    write_beam_doses(box_plan(), box)
    assert check(box).verdict == "PASS"
    faults.repeat_beam_dose(box)
    hold(check(box), stop("dose-physical-gy: the dose of beam 2 is missing"))


@pytest.mark.parametrize("fault", ON_THE_THIGH)
def test_no_fault_passes_on_the_sample_plan(check, thigh, fault):
    faults.NEVER_PASS[fault](thigh)
    checked = check(thigh, protocol="hard")
    assert checked.status in (1, 2, 3)
    if checked.status == 2:
        assert checked.line
    elif fault == "dose grid cut in half":
        assert any("WARN dose-grid-covers-structure" in line for line in checked.findings)
        assert {g["outcome"] for g in checked.document["goals"] if g["structure"] == "PTV_HR"} == {"MARGINAL"}
    else:
        said = EXPECTED[fault].said.split(" (#")[0]
        assert any(said in line for line in [*checked.findings, *checked.reasons])
