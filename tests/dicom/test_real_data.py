"""Files of real planning systems: each gives a plan or one clear line, and is read as pydicom reads it."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest

from hardcheck.dicom import read_header, read_plan, take_inventory
from hardcheck.dicom.files import Source
from hardcheck.dicom.inventory import examine
from hardcheck.dicom.pixels import stored_pixels
from hardcheck.dicom.rtplan import read_prescription
from hardcheck.dicom.rtstruct import read_structures
from hardcheck.dicom.tag import SEQUENCES
from hardcheck.errors import InputError, PlanChoiceError, TruncatedError
from hardcheck.plan import Severity
from tests.dicom import datasets

ROOT = Path(os.environ.get("HARDCHECK_DATA", ""))
pytestmark = pytest.mark.skipif(
    "HARDCHECK_DATA" not in os.environ, reason="HARDCHECK_DATA names no folder of real data"
)
PATHS = sorted(ROOT.rglob("*")) if "HARDCHECK_DATA" in os.environ else []
OBJECTS = [path for path in PATHS if path.suffix == ".dcm"]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PATHS, ids=_name)
def test_a_plan_or_one_clear_line(path):
    line = datasets.refusal(path)
    assert line.isprintable()
    assert len(line) < 1500
    assert take_inventory(path).entries


def _compare(found, expected) -> None:
    """The elements of a walked data set against pydicom's, through all sequences that are read."""
    tags = {int(element.tag) for element in expected if element.tag.group != 2}
    assert set(found.elements) == tags
    for element in expected:
        tag = int(element.tag)
        if element.VR == "SQ" and tag in SEQUENCES:
            items = found.items(tag)
            assert len(items) == len(element.value or ())
            for one, other in zip(items, element.value or (), strict=True):
                _compare(one, other)
        elif element.VR in ("DS", "IS") and element.value is not None:
            np.testing.assert_array_equal(found.numbers(tag), np.atleast_1d(np.array(element.value, dtype=float)))
        elif element.VR == "UI" and element.value and element.VM == 1:
            assert found.code(tag) == element.value


@pytest.mark.parametrize("path", [p for p in OBJECTS if p.name not in ("badVR.dcm", "rtplan_truncated.dcm")], ids=_name)
def test_read_as_pydicom_reads_it(path):
    file = examine(Source(path.name, path))
    assert file.error is None
    if file.stream is None:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _compare(file.dataset, pydicom.dcmread(path, force=True))


@pytest.mark.parametrize("path", OBJECTS, ids=_name)
def test_structures_and_prescriptions_are_read(path):
    file = examine(Source(path.name, path))
    if file.error is None and file.kind == "RTSTRUCT":
        assert any(not structure.is_empty for structure in read_structures(file.dataset).structures)
    if file.error is None and file.kind == "RTPLAN":
        assert read_prescription(file.dataset).groups


@pytest.mark.parametrize(
    ("folder", "structures", "fractions", "dose_gy"),
    [
        ("dicompyler_breast", 10, 7, 14.0),
        ("eclipse_prostate_phantom", 16, 23, 46.0),
        ("raystation_brain_srs", 28, 5, None),
    ],
)
def test_linked_plans(folder, structures, fractions, dose_gy):
    read = read_plan(ROOT / folder)
    assert len(read.structures) == structures
    assert (read.prescription.fractions, read.prescription.dose_gy) == (fractions, dose_gy)
    assert {finding.id for finding in read.findings} == {"files-skipped"}
    assert len(read.sources) == 3


@pytest.mark.parametrize(
    "path",
    [
        "dicompyler_breast/rtdose.dcm",
        "eclipse_prostate_phantom/RD_reconstructed.dcm",
        "raystation_brain_srs/RD_VMAT.dcm",
    ],
)
def test_the_dose_is_what_pydicom_decodes(path):
    read = read_plan((ROOT / path).parent)
    dataset = pydicom.dcmread(ROOT / path)
    np.testing.assert_allclose(read.dose.dose_gy, dataset.pixel_array * float(dataset.DoseGridScaling), rtol=1e-14)


@pytest.mark.parametrize("name", ["rtdose_rle.dcm", "rtdose_expb.dcm"])
def test_other_encodings_hold_the_same_pixels(name):
    plain, other = (
        stored_pixels(examine(Source(each, ROOT / "pydicom_test" / each)).usable, (15, 10, 10))
        for each in ("rtdose.dcm", name)
    )
    np.testing.assert_array_equal(plain, other)


def test_analytic_structures_and_dose_without_a_plan():
    for path in sorted((ROOT / "nelms_analytic/STRUCTURES").iterdir()):
        read = read_plan([path, ROOT / "nelms_analytic/DOSE/Linear_AntPost_2mm_Aligned.dcm"])
        stops = [finding.id for finding in read.findings if finding.severity is Severity.STOP]
        assert stops == ["plan-present"]
        assert read.dose is not None
        assert sum(structure.is_empty for structure in read.structures) == 1


@pytest.mark.parametrize(
    ("path", "error", "said"),
    [
        ("planar_rtdose", InputError, "planar dose"),
        ("pydicom_test", TruncatedError, "rtplan_truncated"),
        ("pydicom_test/rtdose.dcm", InputError, "RELATIVE"),
        ("pydicom_test/badVR.dcm", InputError, "'1A', not a number"),
        ("orientation_headers_pixelless", InputError, "the pixel data have 0 bytes"),
        ("raystation8_water_wedge", InputError, "no RTSTRUCT"),
        ("monaco_rs_phantoms", InputError, "no RTDOSE"),
        ("rtplans_various", PlanChoiceError, "4 plans"),
        ("nelms_analytic", InputError, "same SOP Instance UID"),
        ("dvh_text_formats", InputError, "no file is a usable DICOM file"),
    ],
)
def test_refusals_are_for_the_right_reason(path, error, said):
    with pytest.raises(error, match=said):
        read_plan(ROOT / path)


@pytest.mark.parametrize("path", [path for path in PATHS if path.is_file()], ids=_name)
def test_a_header_says_what_a_whole_read_says(path):
    whole, head = examine(Source(path.name, path)), read_header(path)
    assert (head.kind, head.sop_class_uid, head.uid) == (whole.kind, whole.sop_class_uid, whole.uid)
    if whole.stream is None:
        return
    assert head.problem is None
    assert head.frames_of_reference == whole.frames_of_reference
    assert set(whole.refers_to) >= {*head.plans, *head.image_series}
    if head.kind == "RTSTRUCT":
        assert head.rois == tuple((s.number, s.name) for s in read_structures(whole.dataset).structures)
    if head.kind == "RTPLAN":
        read = read_prescription(whole.dataset)
        assert (head.prescription.references, head.prescription.dose_gy) == (read.references, read.dose_gy)
        assert head.prescription.fractions == read.fractions
