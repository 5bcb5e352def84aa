"""A fault does what it says, and leaves what can still be read."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pydicom
import pytest

from hardcheck.dicom.writer import write_beam_doses, write_plan
from hardcheck.phantom import box_plan
from tests import faults

UNREADABLE = {"dose is a pointer file", "no structures", "no dose"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_plan(box_plan(), tmp_path)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


@pytest.mark.parametrize("name", faults.NEVER_PASS)
def test_each_changes_one_file(folder: Path, name: str) -> None:
    before = contents(folder)
    faults.NEVER_PASS[name](folder)
    after = contents(folder)
    assert sum(before.get(n) != after.get(n) for n in before | after) == 1
    if name not in UNREADABLE and "cut short" not in name and "endings" not in name:
        for path in folder.iterdir():
            assert pydicom.dcmread(path).SOPInstanceUID


def test_every_fault_names_its_row() -> None:
    for name, function in inspect.getmembers(faults, inspect.isfunction):
        if function.__module__ == faults.__name__ and not name.startswith("_"):
            assert function.__doc__, name


def rois(folder: Path) -> dict[str, pydicom.Dataset]:
    dataset = pydicom.dcmread(folder / "RS.dcm")
    contours = {c.ReferencedROINumber: c for c in dataset.ROIContourSequence}
    return {r.ROIName: contours[r.ROINumber] for r in dataset.StructureSetROISequence}


def planes(contour: pydicom.Dataset) -> list[float]:
    return sorted(float(c.ContourData[2]) for c in contour.ContourSequence)


def test_structures(folder: Path) -> None:
    faults.remove_structure(folder, "CTV_LR")
    faults.drop_slices(folder, "PTV_LR", 2)
    faults.single_slice(folder, "GTV")
    faults.empty_contours(folder, "Femur_L")
    faults.swap_contours(folder, "External", "PTV_HR")
    found = rois(folder)
    assert "CTV_LR" not in found
    assert planes(found["PTV_LR"]) == [z for z in np.arange(-19.5, 20, 3) if abs(z) > 1.5]
    assert len(planes(found["GTV"])) == 1
    assert "ContourSequence" not in found["Femur_L"]
    assert len(planes(found["PTV_HR"])) == 20


def test_halved_grid_keeps_the_first_half(folder: Path) -> None:
    whole = pydicom.dcmread(folder / "RD.dcm").pixel_array
    faults.halve_dose_grid(folder)
    faults.halve_dose_grid(folder, "rows")
    half = pydicom.dcmread(folder / "RD.dcm")
    assert np.array_equal(half.pixel_array, whole[: len(whole) // 2, : whole.shape[1] // 2])
    assert len(half.GridFrameOffsetVector) == len(whole) // 2


def test_doses(folder: Path) -> None:
    def maximum() -> float:
        dataset = pydicom.dcmread(folder / "RD.dcm")
        return float(dataset.pixel_array.max() * dataset.DoseGridScaling)

    assert maximum() == pytest.approx(68)
    faults.centi_gray(folder)
    assert maximum() == pytest.approx(6800)
    faults.scale_dose(folder, 0.01)
    faults.one_fraction_dose(folder)
    assert maximum() == pytest.approx(68 / 22)
    faults.keep_one_beam_dose(folder)
    assert maximum() == pytest.approx(68 / 22 * 0.55)


def test_beam_that_is_there_twice(folder: Path) -> None:
    write_beam_doses(box_plan(), folder)
    faults.repeat_beam_dose(folder)
    numbers = [
        pydicom.dcmread(folder / f"RD.{n}.dcm")
        .ReferencedRTPlanSequence[0]
        .ReferencedFractionGroupSequence[0]
        .ReferencedBeamSequence[0]
        .ReferencedBeamNumber
        for n in (1, 2)
    ]
    assert numbers == [1, 1]


def test_a_file_without_meta_holds_the_same(folder: Path) -> None:
    before = rois(folder)["GTV"].ContourSequence[0].ContourData
    faults.strip_meta(folder)
    assert (folder / "RS.dcm").read_bytes()[128:132] != b"DICM"
    bare = pydicom.dcmread(folder / "RS.dcm", force=True)
    assert bare.ROIContourSequence[1].ContourSequence[0].ContourData == before
