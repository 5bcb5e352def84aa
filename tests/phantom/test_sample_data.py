from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pydicom
import pytest

ROOT = Path(__file__).resolve().parents[2] / "sample_data"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_sample_data", ROOT / "make_sample_data.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_files_are_what_the_script_makes(script: ModuleType) -> None:
    assert script.differences(ROOT) == []


def test_a_changed_file_is_found(script: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "thigh").mkdir()
    (tmp_path / "thigh" / "RP.dcm").write_bytes(b"other")
    (tmp_path / "thigh" / "extra.dcm").write_bytes(b"")
    found = script.differences(tmp_path)
    assert f"different: {Path('thigh/RP.dcm')}" in found
    assert f"not made here: {Path('thigh/extra.dcm')}" in found
    assert f"missing: {Path('thigh/RS.dcm')}" in found


def test_size() -> None:
    assert sum(p.stat().st_size for p in ROOT.rglob("*") if p.is_file()) < 8e6


def test_one_patient_two_plans() -> None:
    first, second = ROOT / "thigh", ROOT / "thigh_shifted"
    assert (first / "RS.dcm").read_bytes() == (second / "RS.dcm").read_bytes()
    plans = [pydicom.dcmread(f / "RP.dcm") for f in (first, second)]
    doses = [pydicom.dcmread(f / "RD.dcm") for f in (first, second)]
    assert plans[0].SOPInstanceUID != plans[1].SOPInstanceUID
    assert plans[0].RTPlanLabel != plans[1].RTPlanLabel
    for plan, dose in zip(plans, doses, strict=True):
        assert dose.ReferencedRTPlanSequence[0].ReferencedSOPInstanceUID == plan.SOPInstanceUID
    isocentres = [[float(v) for v in p.BeamSequence[0].ControlPointSequence[0].IsocenterPosition] for p in plans]
    assert [b - a for a, b in zip(*isocentres, strict=True)] == pytest.approx([-10, 0, 0], abs=2.5)


def test_the_patient_is_no_person() -> None:
    for path in ROOT.rglob("*.dcm"):
        dataset = pydicom.dcmread(path, stop_before_pixels=True)
        assert str(dataset.PatientName).startswith("Synthetic")
        assert dataset.PatientBirthDate == ""
        assert re.fullmatch(r"2\.25\.[0-9]+", dataset.SOPInstanceUID)
