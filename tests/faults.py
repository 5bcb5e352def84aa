"""Faults: each function edits a written plan (RS.dcm, RP.dcm, RD.dcm of `folder`) so that one thing is wrong with it.

All else stays valid DICOM. The first line of each names its row of the input faults in SAFETY.md. `NEVER_PASS` holds
those after which a good plan may not be called PASS, with arguments that fit `box_plan` and `thigh_plan`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from hardcheck.dicom.writer import hashed_uid

Fault = Callable[[Path], None]


# ---- Files


def cut_file(folder: Path, name: str = "RS.dcm", length: int | None = None, fraction: float = 0.5) -> None:
    """File cut short: only its first `length` bytes, or that `fraction` of them, are left."""
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[: int(len(data) * fraction) if length is None else length])


def strip_meta(folder: Path, name: str = "RS.dcm") -> None:
    """No preamble or file meta: the dataset alone, in implicit VR as Monaco writes it. Read all the same."""
    dataset = pydicom.dcmread(folder / name)
    bare = Dataset(dataset)
    pydicom.dcmwrite(folder / name, bare, implicit_vr=True, little_endian=True)


def pointer_file(folder: Path, name: str = "RD.dcm") -> None:
    """Not DICOM: a Git LFS pointer in place of the file."""
    size = (folder / name).stat().st_size
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize {size}\n"
    (folder / name).write_text(text, encoding="ascii", newline="\n")


def mangle_line_endings(folder: Path, name: str = "RD.dcm") -> None:
    """Not DICOM: line endings mangled by a version-control client."""
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data.replace(b"\n", b"\r\n"))


def remove_file(folder: Path, name: str = "RS.dcm") -> None:
    """Linking: a file of the plan is not there."""
    (folder / name).unlink()


# ---- Structures


def remove_structure(folder: Path, name: str) -> None:
    """Structure missing: no trace of it in any of the three sequences."""
    with _edited(folder / "RS.dcm") as dataset:
        number = _roi(dataset, name).ROINumber
        dataset.StructureSetROISequence = [r for r in dataset.StructureSetROISequence if number != r.ROINumber]
        for keyword in ("ROIContourSequence", "RTROIObservationsSequence"):
            setattr(dataset, keyword, [r for r in dataset[keyword].value if r.ReferencedROINumber != number])


def rename_structure(folder: Path, name: str, new_name: str) -> None:
    """PRV, ring, optimisation and z structures, and hostile text: the ROI has another name."""
    with _edited(folder / "RS.dcm") as dataset:
        _roi(dataset, name).ROIName = new_name


def duplicate_roi_name(folder: Path, name: str, other: str = "External") -> None:
    """Two ROIs match one protocol structure: `other` is called `name` as well."""
    rename_structure(folder, other, name)


def duplicate_roi_number(folder: Path, name: str, other: str = "External") -> None:
    """A duplicate ROINumber: `other` gets the number of `name`, in all sequences."""
    with _edited(folder / "RS.dcm") as dataset:
        number, old = _roi(dataset, name).ROINumber, _roi(dataset, other).ROINumber
        contour, observation = _contour(dataset, old), _observation(dataset, old)
        _roi(dataset, other).ROINumber = number
        contour.ReferencedROINumber = observation.ReferencedROINumber = number


def reverse_roi_order(folder: Path) -> None:
    """Structures joined by position in the list: contours come in another order. The numbers must not change."""
    with _edited(folder / "RS.dcm") as dataset:
        dataset.ROIContourSequence = list(dataset.ROIContourSequence)[::-1]


def swap_contours(folder: Path, name: str, other: str) -> None:
    """Structures joined by position in the list: two ROIs have one another's contours."""
    with _edited(folder / "RS.dcm") as dataset:
        a, b = (_contour(dataset, _roi(dataset, n).ROINumber) for n in (name, other))
        a.ReferencedROINumber, b.ReferencedROINumber = b.ReferencedROINumber, a.ReferencedROINumber


def wrong_side(folder: Path, name: str) -> None:
    """Laterality in the name against the side the contour is on: mirrored at x = 0."""
    _move(folder, name, lambda points: points * [-1, 1, 1])


def empty_contours(folder: Path, name: str) -> None:
    """ROI empty: it has no contour."""
    with _edited(folder / "RS.dcm") as dataset:
        del _contour(dataset, _roi(dataset, name).ROINumber).ContourSequence


def flat_contours(folder: Path, name: str) -> None:
    """ROI of zero volume: every contour is drawn back and forth on a line."""
    _move(folder, name, lambda points: points * [1, 0, 1] + [0, points[0, 1], 0])


def point_geometry(folder: Path, name: str, geometric_type: str = "POINT") -> None:
    """ROI of POINT or OPEN geometry (OPEN_PLANAR, OPEN_NONPLANAR)."""
    with _edited(folder / "RS.dcm") as dataset:
        for contour in _contours(dataset, name):
            contour.ContourGeometricType = geometric_type
            if geometric_type == "POINT":
                contour.NumberOfContourPoints = 1
                contour.ContourData = list(contour.ContourData[:3])


def single_slice(folder: Path, name: str) -> None:
    """One slice only: the middle one is left."""
    _keep_slices(folder, name, lambda z_mm: [z_mm[len(z_mm) // 2]])


def drop_slices(folder: Path, name: str, count: int = 1) -> None:
    """Slices missing inside a structure: `count` of them in its middle."""

    def outer(z_mm: list[float]) -> list[float]:
        first = (len(z_mm) - count) // 2
        return [*z_mm[:first], *z_mm[first + count :]]

    _keep_slices(folder, name, outer)


def move_structure(folder: Path, name: str, by_mm: tuple[float, float, float]) -> None:
    """Structure outside the dose grid, wholly or in part: moved."""
    _move(folder, name, lambda points: points + by_mm)


def sagittal_contours(folder: Path, name: str) -> None:
    """Orientation: contours in sagittal planes."""
    _move(folder, name, lambda points: points[:, [2, 1, 0]])


def bad_number(folder: Path, name: str, text: str = "nan") -> None:
    """NaN, infinity, non-ASCII digits in ContourData: `text` stands for the first coordinate of the first contour."""
    with _edited(folder / "RS.dcm") as dataset:
        contour = next(iter(_contours(dataset, name)))
        numbers = [str(v) for v in contour.ContourData]
        _set_raw(contour, "ContourData", "\\".join([text, *numbers[1:]]))


nan_in_contour = bad_number


def odd_count(folder: Path, name: str) -> None:
    """Odd counts in ContourData: its last coordinate is missing."""
    with _edited(folder / "RS.dcm") as dataset:
        contour = next(iter(_contours(dataset, name)))
        contour.ContourData = list(contour.ContourData[:-1])


# ---- Dose


def halve_dose_grid(folder: Path, axis: str = "z") -> None:
    """Structure outside the dose grid in part: the first half of the frames ("z") or of the "rows" is left."""
    with _edited(folder / "RD.dcm") as dataset:
        stored = _stored(dataset)
        if axis == "z":
            kept = stored[: len(stored) // 2]
            dataset.NumberOfFrames = len(kept)
            dataset.GridFrameOffsetVector = list(dataset.GridFrameOffsetVector[: len(kept)])
        else:
            kept = stored[:, : stored.shape[1] // 2]
            dataset.Rows = kept.shape[1]
        _store(dataset, kept)


def set_dose_scaling(folder: Path, value: str | None = "0") -> None:
    """DoseGridScaling missing (None), zero, negative or not finite, as it is written."""
    with _edited(folder / "RD.dcm") as dataset:
        del dataset.DoseGridScaling
        if value is not None:
            _set_raw(dataset, "DoseGridScaling", value)


def set_dose_units(folder: Path, value: str = "RELATIVE") -> None:
    """DoseUnits RELATIVE."""
    with _edited(folder / "RD.dcm") as dataset:
        dataset.DoseUnits = value


def set_dose_type(folder: Path, value: str = "ERROR") -> None:
    """DoseType ERROR or EFFECTIVE."""
    with _edited(folder / "RD.dcm") as dataset:
        dataset.DoseType = value


def set_summation(folder: Path, value: str) -> None:
    """DoseSummationType: of a fraction, a beam, several plans."""
    with _edited(folder / "RD.dcm") as dataset:
        dataset.DoseSummationType = value


def scale_dose(folder: Path, factor: float) -> None:
    """Dose of another plan: every value times `factor`."""
    with _edited(folder / "RD.dcm") as dataset:
        dataset.DoseGridScaling = format(float(dataset.DoseGridScaling) * factor, ".10g")


def centi_gray(folder: Path) -> None:
    """cGy for Gy: the values are 100 times as large, the units still say GY."""
    scale_dose(folder, 100.0)


def one_fraction_dose(folder: Path) -> None:
    """Dose of one fraction in place of the course's."""
    group = pydicom.dcmread(folder / "RP.dcm").FractionGroupSequence[0]
    scale_dose(folder, 1 / int(group.NumberOfFractionsPlanned))


def keep_one_beam_dose(folder: Path) -> None:
    """DoseSummationType BEAM: the dose of the first beam alone."""
    group = pydicom.dcmread(folder / "RP.dcm").FractionGroupSequence[0]
    doses = [float(b.get("BeamDose") or 0) for b in group.ReferencedBeamSequence]
    beam, fraction_group = Dataset(), Dataset()
    beam.ReferencedBeamNumber = group.ReferencedBeamSequence[0].ReferencedBeamNumber
    fraction_group.ReferencedFractionGroupNumber = group.FractionGroupNumber
    fraction_group.ReferencedBeamSequence = [beam]
    with _edited(folder / "RD.dcm") as dataset:
        dataset.DoseSummationType = "BEAM"
        dataset.DoseGridScaling = format(float(dataset.DoseGridScaling) * doses[0] / sum(doses), ".10g")
        dataset.ReferencedRTPlanSequence[0].ReferencedFractionGroupSequence = [fraction_group]


def repeat_beam_dose(folder: Path) -> None:
    """DoseSummationType BEAM: beam 2's dose says that it is of beam 1. For a plan after `write_beam_doses`."""
    with _edited(folder / "RD.2.dcm") as dataset:
        group = dataset.ReferencedRTPlanSequence[0].ReferencedFractionGroupSequence[0]
        group.ReferencedBeamSequence[0].ReferencedBeamNumber = 1


def copy_dose(folder: Path) -> None:
    """The same dose twice under two file names: counts once."""
    (folder / "copy.dcm").write_bytes((folder / "RD.dcm").read_bytes())


def add_second_dose(folder: Path, *, same_uid: bool = False, factor: float = 0.5) -> None:
    """Several PLAN doses: one more with other values, under its own UID or under the UID of the first."""
    (folder / "RD2.dcm").write_bytes((folder / "RD.dcm").read_bytes())
    with _edited(folder / "RD2.dcm") as dataset:
        dataset.DoseGridScaling = format(float(dataset.DoseGridScaling) * factor, ".10g")
        if not same_uid:
            _set_uid(dataset, hashed_uid("fault", "second dose"))


def oblique_dose(folder: Path) -> None:
    """Orientation: a dose grid that is turned by 10 degrees about z."""
    c, s = "0.984807753", "0.1736481777"
    with _edited(folder / "RD.dcm") as dataset:
        dataset.ImageOrientationPatient = [c, s, "0", f"-{s}", c, "0"]


def cut_pixels(folder: Path, count: int = 64) -> None:
    """Pixel data shorter than rows x columns x frames, in a file that is whole."""
    with _edited(folder / "RD.dcm") as dataset:
        dataset.PixelData = dataset.PixelData[:-count]


def claim_frames(folder: Path, frames: int = 2_000_000_000) -> None:
    """Hostile input: a grid that claims more frames than memory holds."""
    with _edited(folder / "RD.dcm") as dataset:
        dataset.NumberOfFrames = frames


# ---- Prescription and linking


def set_fractions(folder: Path, fractions: int | None = 20) -> None:
    """The prescription is not that of the regimen: another number of fractions, or none."""
    with _edited(folder / "RP.dcm") as dataset:
        dataset.FractionGroupSequence[0].NumberOfFractionsPlanned = fractions


def remove_prescription(folder: Path) -> None:
    """The prescription, or the level of a target, not known: no dose reference is left."""
    with _edited(folder / "RP.dcm") as dataset:
        del dataset.DoseReferenceSequence


def set_prescription(folder: Path, name: str, dose_gy: float) -> None:
    """The prescription of a level is another one than the dose was planned for."""
    with _edited(folder / "RP.dcm") as dataset:
        for reference in dataset.DoseReferenceSequence:
            if reference.DoseReferenceDescription == name:
                reference.TargetPrescriptionDose = format(dose_gy, ".10g")


def other_patient(folder: Path, name: str = "RD.dcm") -> None:
    """Linking: one file is of another patient."""
    with _edited(folder / name) as dataset:
        dataset.PatientID, dataset.PatientName = "SYNTHETIC-OTHER", "Synthetic^Other"


def other_frame_of_reference(folder: Path, name: str = "RD.dcm") -> None:
    """Linking: one file (the dose or the structures) is in another frame of reference."""
    uid = hashed_uid("fault", "frame")
    with _edited(folder / name) as dataset:
        dataset.FrameOfReferenceUID = uid
        for item in dataset.get("ReferencedFrameOfReferenceSequence", []):
            item.FrameOfReferenceUID = uid
        for item in dataset.get("StructureSetROISequence", []):
            item.ReferencedFrameOfReferenceUID = uid


def other_plan_reference(folder: Path) -> None:
    """Linking: the dose refers to a plan that is not there."""
    with _edited(folder / "RD.dcm") as dataset:
        dataset.ReferencedRTPlanSequence[0].ReferencedSOPInstanceUID = hashed_uid("fault", "plan")


def other_structure_reference(folder: Path) -> None:
    """Linking: the plan refers to a structure set that is not there."""
    with _edited(folder / "RP.dcm") as dataset:
        dataset.ReferencedStructureSetSequence[0].ReferencedSOPInstanceUID = hashed_uid("fault", "structures")


def remove_reference(folder: Path, name: str = "RD.dcm") -> None:
    """Linking: what cannot be proven. The dose names no plan, or the plan (RP.dcm) no structure set."""
    keyword = {"RD.dcm": "ReferencedRTPlanSequence", "RP.dcm": "ReferencedStructureSetSequence"}[name]
    with _edited(folder / name) as dataset:
        delattr(dataset, keyword)


NEVER_PASS: dict[str, Fault] = {
    "target removed": partial(remove_structure, name="PTV_HR"),
    "target empty": partial(empty_contours, name="PTV_HR"),
    "target flat": partial(flat_contours, name="PTV_HR"),
    "target of points": partial(point_geometry, name="PTV_HR"),
    "target open": partial(point_geometry, name="PTV_HR", geometric_type="OPEN_PLANAR"),
    "target renamed zPTV_HR": partial(rename_structure, name="PTV_HR", new_name="zPTV_HR"),
    "two ROIs of one name": partial(duplicate_roi_name, name="PTV_HR"),
    "two ROIs of one number": partial(duplicate_roi_number, name="PTV_HR"),
    "organ on the other side": partial(wrong_side, name="Femur_L"),
    "NaN in a contour": partial(bad_number, name="GTV", text="nan"),
    "infinity in a contour": partial(bad_number, name="GTV", text="1e999"),
    "Arabic digits in a contour": partial(bad_number, name="GTV", text="\u0661\u0662"),
    "odd count in a contour": partial(odd_count, name="GTV"),
    "target outside the dose grid": partial(move_structure, name="PTV_HR", by_mm=(0.0, 0.0, 500.0)),
    "dose grid cut in half": halve_dose_grid,
    "dose grid cut in half in plane": partial(halve_dose_grid, axis="rows"),
    "scaling 0": set_dose_scaling,
    "scaling missing": partial(set_dose_scaling, value=None),
    "scaling negative": partial(set_dose_scaling, value="-1e-6"),
    "scaling not finite": partial(set_dose_scaling, value="nan"),
    "units RELATIVE": set_dose_units,
    "type ERROR": set_dose_type,
    "type EFFECTIVE": partial(set_dose_type, value="EFFECTIVE"),
    "cGy for Gy": centi_gray,
    "dose of one fraction": one_fraction_dose,
    "dose of one beam of two": keep_one_beam_dose,
    "two doses": add_second_dose,
    "two doses of one UID": partial(add_second_dose, same_uid=True),
    "dose grid oblique": oblique_dose,
    "pixels missing": cut_pixels,
    "frames without end": claim_frames,
    "wrong number of fractions": set_fractions,
    "number of fractions missing": partial(set_fractions, fractions=None),
    "prescription missing": remove_prescription,
    "dose of another patient": other_patient,
    "structures of another patient": partial(other_patient, name="RS.dcm"),
    "dose in another frame": other_frame_of_reference,
    "structures in another frame": partial(other_frame_of_reference, name="RS.dcm"),
    "dose of another plan": other_plan_reference,
    "plan on other structures": other_structure_reference,
    "dose names no plan": remove_reference,
    "structures cut short": cut_file,
    "dose cut short": partial(cut_file, name="RD.dcm"),
    "plan cut short": partial(cut_file, name="RP.dcm"),
    "dose is a pointer file": pointer_file,
    "line endings mangled": mangle_line_endings,
    "no structures": remove_file,
    "no dose": partial(remove_file, name="RD.dcm"),
}


# ---- How it is done


@contextmanager
def _edited(path: Path) -> Iterator[Dataset]:
    dataset = pydicom.dcmread(path)
    yield dataset
    pydicom.dcmwrite(path, dataset, enforce_file_format=True)


def _roi(dataset: Dataset, name: str) -> Dataset:
    return next(r for r in dataset.StructureSetROISequence if name == r.ROIName)


def _contour(dataset: Dataset, number: int) -> Dataset:
    return next(r for r in dataset.ROIContourSequence if r.ReferencedROINumber == number)


def _observation(dataset: Dataset, number: int) -> Dataset:
    return next(r for r in dataset.RTROIObservationsSequence if r.ReferencedROINumber == number)


def _contours(dataset: Dataset, name: str) -> list[Dataset]:
    return list(_contour(dataset, _roi(dataset, name).ROINumber).ContourSequence)


def _move(folder: Path, name: str, change: Callable[[np.ndarray], np.ndarray]) -> None:
    with _edited(folder / "RS.dcm") as dataset:
        for contour in _contours(dataset, name):
            points = np.array(contour.ContourData, dtype=float).reshape(-1, 3)
            contour.ContourData = [f"{v:.3f}" for v in change(points).ravel()]


def _keep_slices(folder: Path, name: str, choose: Callable[[list[float]], list[float]]) -> None:
    with _edited(folder / "RS.dcm") as dataset:
        contours = _contours(dataset, name)
        kept = choose(sorted({float(c.ContourData[2]) for c in contours}))
        roi = _contour(dataset, _roi(dataset, name).ROINumber)
        roi.ContourSequence = [c for c in contours if float(c.ContourData[2]) in kept]


def _set_raw(dataset: Dataset, keyword: str, text: str) -> None:
    """Write a number as `text`, whatever pydicom thinks of it."""
    data = text.encode("utf-8")
    data += b" " * (len(data) % 2)
    tag = Tag(keyword)
    dataset[tag] = RawDataElement(tag, "DS", len(data), data, 0, False, True)


def _stored(dataset: Dataset) -> np.ndarray:
    shape = (int(dataset.NumberOfFrames), dataset.Rows, dataset.Columns)
    return np.frombuffer(dataset.PixelData, f"<u{dataset.BitsAllocated // 8}")[: np.prod(shape)].reshape(shape)


def _store(dataset: Dataset, stored: np.ndarray) -> None:
    data = stored.tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)


def _set_uid(dataset: Dataset, uid: str) -> None:
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = uid
