from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from hardcheck.dicom.writer import write_beam_doses, write_plan
from hardcheck.dicom.written_dose import ORIENTATIONS
from hardcheck.phantom import box_plan
from hardcheck.plan import DoseGrid, ImageStack, Patient, Plan, Structure

POSITIONS = ("HFS", "HFP", "HFDR", "HFDL", "FFS", "FFP", "FFDR", "FFDL")


@pytest.fixture(scope="module")
def plan() -> Plan:
    """A box with pixels, and a dose of which every voxel is another one."""
    box = box_plan()
    x, y, z = np.arange(-12.0, 13, 2.5), np.arange(-9.0, 10, 3), np.array([-9.0, -6, -3, 0, 4])
    dose = 30 + x[None, None, :] + 0.1 * y[None, :, None] + 0.01 * z[:, None, None]
    pixels = (np.arange(3 * 16 * 8) * 7 % 900 - 400).reshape(3, 16, 8).astype(np.int16)
    image = ImageStack(np.array([-4.5, -1.5, 1.5]), np.arange(8) * 2.0, np.arange(16) * 1.5, pixels)
    return replace(box, dose=DoseGrid(x, y, z, dose), image=image)


def read(folder: Path, name: str) -> pydicom.Dataset:
    return pydicom.dcmread(folder / f"{name}.dcm")


def voxels(dataset: pydicom.Dataset, absolute: bool) -> tuple[np.ndarray, np.ndarray]:
    """Places (n, 3) and doses (n,) of all voxels, after PS3.3 C.7.6.2.1.1 and C.8.8.3.2."""
    first = np.array(dataset.ImagePositionPatient, dtype=float)
    row, column = np.array(dataset.ImageOrientationPatient, dtype=float).reshape(2, 3)
    between_rows, between_columns = (float(v) for v in dataset.PixelSpacing)
    offsets = np.array(dataset.GridFrameOffsetVector, dtype=float)
    frame, j, i = np.indices((int(dataset.NumberOfFrames), dataset.Rows, dataset.Columns)).reshape(3, -1)
    places = first + np.outer(i * between_columns, row) + np.outer(j * between_rows, column)
    if absolute:
        places[:, 2] = offsets[frame]
    else:
        places += np.outer(offsets[frame], np.cross(row, column))
    return places, dataset.pixel_array.ravel() * float(dataset.DoseGridScaling)


def test_same_bytes_every_time(plan: Plan, tmp_path: Path) -> None:
    first, second = write_plan(plan, tmp_path / "a"), write_plan(plan, tmp_path / "b")
    assert [p.name for p in first] == ["CT.001.dcm", "CT.002.dcm", "CT.003.dcm", "RS.dcm", "RP.dcm", "RD.dcm"]
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_no_version_of_a_library_in_the_bytes(plan: Plan, tmp_path: Path) -> None:
    for path in write_plan(plan, tmp_path):
        data = path.read_bytes()
        assert b"PYDICOM" not in data.upper().replace(b"HARDCHECK", b"")
        assert pydicom.uid.PYDICOM_IMPLEMENTATION_UID.rsplit(".", 2)[0].encode() not in data


def test_contours_are_within_half_a_decimal(plan: Plan, tmp_path: Path) -> None:
    angle = np.linspace(0, 6, 300)
    ring = np.column_stack([31.4159 * np.cos(angle), 27.1828 * np.sin(angle), np.full(300, 1.5)])
    odd = replace(plan, structures=(Structure.from_contours(9, "Ring", [ring]),))
    for decimals in (0, 1, 2, 4):
        write_plan(odd, tmp_path, decimals=decimals)
        contour = read(tmp_path, "RS").ROIContourSequence[0].ContourSequence[0]
        points = np.array(contour.ContourData, dtype=float).reshape(-1, 3)
        assert contour.NumberOfContourPoints == 300
        assert np.max(np.abs(points - ring)[:, :2]) <= 0.5 * 10.0**-decimals + 1e-6


def test_a_contour_longer_than_ds_can_be_is_unknown_and_whole(plan: Plan, tmp_path: Path) -> None:
    angle = np.linspace(0, 6, 5000)
    ring = np.column_stack([100 * np.cos(angle), 100 * np.sin(angle), np.zeros(5000)])
    write_plan(replace(plan, structures=(Structure.from_contours(1, "Long", [ring]),)), tmp_path)
    element = read(tmp_path, "RS").ROIContourSequence[0].ContourSequence[0].get_item(0x30060050)
    assert element.VR == "UN"
    assert np.max(np.abs(np.array(element.value.decode().split("\\"), dtype=float).reshape(-1, 3) - ring)) < 0.0051


def test_structures_come_back(plan: Plan, tmp_path: Path) -> None:
    with_empty = replace(plan, structures=(*plan.structures, Structure.from_contours(42, "Ünused", [])))
    write_plan(with_empty, tmp_path)
    dataset = read(tmp_path, "RS")
    assert [(r.ROINumber, r.ROIName) for r in dataset.StructureSetROISequence] == [
        (s.number, s.name) for s in with_empty.structures
    ]
    kinds = {o.ReferencedROINumber: o.RTROIInterpretedType for o in dataset.RTROIObservationsSequence}
    assert kinds == {s.number: s.interpreted_type for s in with_empty.structures}
    assert "ContourSequence" not in dataset.ROIContourSequence[-1]


@pytest.mark.parametrize(("absolute", "reverse"), [(False, False), (False, True), (True, False), (True, True)])
@pytest.mark.parametrize("position", POSITIONS)
def test_each_position_is_the_same_dose_in_the_patient(
    plan: Plan, tmp_path: Path, position: str, absolute: bool, reverse: bool
) -> None:
    bare = replace(plan, image=None)
    write_plan(bare, tmp_path, patient_position=position, absolute_offsets=absolute, reverse_frames=reverse)
    places, dose = voxels(read(tmp_path, "RD"), absolute)
    grid = plan.dose
    assert grid is not None
    expected = 30 + places @ np.array([1, 0.1, 0.01])
    assert np.max(np.abs(dose - expected)) < 1e-6
    for axis, positions in enumerate((grid.x_mm, grid.y_mm, grid.z_mm)):
        assert sorted(set(places[:, axis])) == pytest.approx(positions)
    assert len(np.unique(places, axis=0)) == grid.dose_gy.size


@pytest.mark.skipif("HARDCHECK_DATA" not in os.environ, reason="HARDCHECK_DATA is not set: no real DICOM files here")
def test_positions_are_laid_out_as_eclipse_does(plan: Plan, tmp_path: Path) -> None:
    headers = Path(os.environ["HARDCHECK_DATA"]) / "orientation_headers_pixelless"
    for position in ORIENTATIONS:
        write_plan(plan, tmp_path, patient_position=position)
        ours = read(tmp_path, "RD")
        theirs = pydicom.dcmread(headers / f"RD.DICOMORIENT.Dose_{position}_empty.dcm")
        assert [float(v) for v in ours.ImageOrientationPatient] == [float(v) for v in theirs.ImageOrientationPatient]
        assert ours.GridFrameOffsetVector[0] == theirs.GridFrameOffsetVector[0] == 0
        assert ours.GridFrameOffsetVector[1] > 0
        assert theirs.GridFrameOffsetVector[1] > 0


@pytest.mark.parametrize("bits", [16, 32])
def test_dose_is_within_half_a_step(plan: Plan, tmp_path: Path, bits: int) -> None:
    write_plan(plan, tmp_path, bits=bits)
    dataset = read(tmp_path, "RD")
    _, dose = voxels(dataset, absolute=False)
    grid = plan.dose
    assert grid is not None
    assert dataset.BitsAllocated == bits
    assert np.max(np.abs(dose - grid.dose_gy.ravel())) <= 0.5 * float(dataset.DoseGridScaling) + 1e-9
    assert float(dataset.DoseGridScaling) <= (1e-6 if bits == 32 else 1.3 * grid.maximum_gy / 65535)


def test_files_refer_to_one_another(plan: Plan, tmp_path: Path) -> None:
    write_plan(plan, tmp_path)
    structures, treatment, dose, image = (read(tmp_path, n) for n in ("RS", "RP", "RD", "CT.001"))
    assert dose.ReferencedRTPlanSequence[0].ReferencedSOPInstanceUID == treatment.SOPInstanceUID
    assert treatment.ReferencedStructureSetSequence[0].ReferencedSOPInstanceUID == structures.SOPInstanceUID
    frame = structures.ReferencedFrameOfReferenceSequence[0]
    series = frame.RTReferencedStudySequence[0].RTReferencedSeriesSequence[0]
    assert series.SeriesInstanceUID == image.SeriesInstanceUID
    assert series.ContourImageSequence[0].ReferencedSOPInstanceUID == image.SOPInstanceUID
    files = (structures, treatment, dose, image)
    assert len({f.SOPInstanceUID for f in files}) == len({f.SeriesInstanceUID for f in files}) == 4
    for keyword in ("FrameOfReferenceUID", "StudyInstanceUID", "PatientID"):
        assert len({f[keyword].value for f in files}) == 1
    on_slice = [
        c
        for r in structures.ROIContourSequence
        for c in r.ContourSequence
        if "ContourImageSequence" in c and float(c.ContourData[2]) == -4.5
    ]
    assert on_slice
    assert all(c.ContourImageSequence[0].ReferencedSOPInstanceUID == image.SOPInstanceUID for c in on_slice)


def test_prescription_is_written(plan: Plan, tmp_path: Path) -> None:
    write_plan(plan, tmp_path)
    treatment = read(tmp_path, "RP")
    levels = {r.DoseReferenceDescription: float(r.TargetPrescriptionDose) for r in treatment.DoseReferenceSequence}
    group = treatment.FractionGroupSequence[0]
    assert levels == {"PTV_HR": 66.0, "CTV_IR": 55.0, "PTV_LR": 50.6}
    assert group.NumberOfFractionsPlanned == 22
    assert sum(float(b.BeamDose) for b in group.ReferencedBeamSequence) == pytest.approx(3.0)
    assert {b.BeamNumber for b in treatment.BeamSequence} == {
        b.ReferencedBeamNumber for b in group.ReferencedBeamSequence
    }
    assert treatment.ApprovalStatus == "APPROVED"


def test_other_content_has_another_uid(plan: Plan, tmp_path: Path) -> None:
    write_plan(plan, tmp_path / "a")
    write_plan(replace(plan, structures=plan.structures[:-1]), tmp_path / "b")
    write_plan(replace(plan, sop_instance_uid="1.2.3", frame_of_reference_uid="1.2.4"), tmp_path / "c")
    uids = [[read(tmp_path / folder, name).SOPInstanceUID for name in ("RS", "RP", "RD")] for folder in "abc"]
    assert all(a != b for a, b in zip(uids[0], uids[1], strict=True))
    assert uids[2][1] == "1.2.3"
    assert read(tmp_path / "c", "RS").StructureSetROISequence[0].ReferencedFrameOfReferenceUID == "1.2.4"


@pytest.mark.parametrize("encoding", ["rle", "native"])
def test_pixels_come_back(plan: Plan, tmp_path: Path, encoding: str) -> None:
    write_plan(plan, tmp_path, image_encoding=encoding)
    assert plan.image is not None
    assert plan.image.hounsfield is not None
    for n, expected in enumerate(plan.image.hounsfield, 1):
        image = read(tmp_path, f"CT.{n:03d}")
        assert image.file_meta.TransferSyntaxUID.is_compressed == (encoding == "rle")
        stored = image.pixel_array.astype(int) * int(image.RescaleSlope) + int(image.RescaleIntercept)
        assert np.array_equal(stored, expected)
        assert float(image.ImagePositionPatient[2]) == plan.image.z_mm[n - 1]


def test_beam_doses_add_up(plan: Plan, tmp_path: Path) -> None:
    write_plan(plan, tmp_path)
    paths = write_beam_doses(plan, tmp_path)
    assert not (tmp_path / "RD.dcm").exists()
    beams = [pydicom.dcmread(path) for path in paths]
    assert [b.DoseSummationType for b in beams] == ["BEAM", "BEAM"]
    group = [b.ReferencedRTPlanSequence[0].ReferencedFractionGroupSequence[0] for b in beams]
    assert [g.ReferencedBeamSequence[0].ReferencedBeamNumber for g in group] == [1, 2]
    assert len({b.SOPInstanceUID for b in beams}) == 2
    assert plan.dose is not None
    total = sum(voxels(b, absolute=False)[1] for b in beams)
    assert np.max(np.abs(total - plan.dose.dose_gy.ravel())) <= 1.1e-6


def test_what_the_plan_has_not_is_not_written(plan: Plan, tmp_path: Path) -> None:
    bare = replace(plan, prescription=None, image=None)
    assert [p.name for p in write_plan(bare, tmp_path / "a")] == ["RS.dcm", "RD.dcm"]
    assert [p.name for p in write_plan(replace(bare, dose=None), tmp_path / "b")] == ["RS.dcm"]


def test_what_cannot_be_written_is_refused(plan: Plan, tmp_path: Path) -> None:
    grid = plan.dose
    assert grid is not None
    uneven = DoseGrid(np.array([0.0, 1, 3]), grid.y_mm, grid.z_mm, grid.dose_gy[:, :, :3])
    below = DoseGrid(grid.x_mm, grid.y_mm, grid.z_mm, grid.dose_gy - 100)
    for wrong, options in (
        (replace(plan, dose=uneven), {}),
        (replace(plan, dose=below), {}),
        (plan, {"bits": 8}),
        (plan, {"image_encoding": "jpeg"}),
    ):
        with pytest.raises(ValueError, match=r"written|bits|image_encoding"):
            write_plan(wrong, tmp_path, **options)
    with pytest.raises(ValueError, match="prescription"):
        write_beam_doses(replace(plan, prescription=None), tmp_path)


def test_text_of_other_alphabets(plan: Plan, tmp_path: Path) -> None:
    write_plan(replace(plan, patient=Patient("ID-1", "Ärztin^Größe", "19000101")), tmp_path)
    dataset = read(tmp_path, "RP")
    assert (str(dataset.PatientName), dataset.PatientID, dataset.PatientBirthDate) == (
        "Ärztin^Größe",
        "ID-1",
        "19000101",
    )
