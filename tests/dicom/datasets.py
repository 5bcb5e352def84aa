"""A small plan as pydicom data sets, for tests that put one fault into it.

The dose of voxel (k, j, i) is ``k + j / 10 + i / 100`` Gy, so that each voxel shows where it is.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from hardcheck.dicom import read_plan
from hardcheck.errors import HardcheckError

CT_CLASS = "1.2.840.10008.5.1.4.1.1.2"
DOSE_CLASS = "1.2.840.10008.5.1.4.1.1.481.2"
STRUCTURES_CLASS = "1.2.840.10008.5.1.4.1.1.481.3"
PLAN_CLASS = "1.2.840.10008.5.1.4.1.1.481.5"
FRAME = "1.2.3.9"
PLAN_UID, STRUCTURES_UID, DOSE_UID = "1.2.3.1", "1.2.3.2", "1.2.3.3"
SCALING = 0.01
SHAPE = (4, 5, 6)
POSITION_MM = (-10.0, -20.0, -30.0)
SPACING_MM = (2.0, 3.0)
OFFSETS_MM = (0.0, 2.5, 5.0, 7.5)


def item(**values: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def reference(uid: str, sop_class: str = PLAN_CLASS) -> Dataset:
    return item(ReferencedSOPClassUID=sop_class, ReferencedSOPInstanceUID=uid)


def _object(sop_class: str, uid: str, modality: str) -> Dataset:
    return item(
        SOPClassUID=sop_class,
        SOPInstanceUID=uid,
        Modality=modality,
        PatientName="DOE^JANE",
        PatientID="P1",
        PatientBirthDate="19500101",
    )


def square(z_mm: float, half_mm: float = 5.0) -> list[float]:
    corners = [(-half_mm, -half_mm), (half_mm, -half_mm), (half_mm, half_mm), (-half_mm, half_mm)]
    return [value for x, y in corners for value in (x, y, z_mm)]


def contour(points: list[float], kind: str = "CLOSED_PLANAR") -> Dataset:
    return item(ContourGeometricType=kind, NumberOfContourPoints=len(points) // 3, ContourData=points)


def structures() -> Dataset:
    """ROI 3 "Target" of two contours, ROI 7 "Cord" of one, ROI 5 "Empty" without an ROIContour item."""
    dataset = _object(STRUCTURES_CLASS, STRUCTURES_UID, "RTSTRUCT")
    dataset.ReferencedFrameOfReferenceSequence = [item(FrameOfReferenceUID=FRAME)]
    dataset.StructureSetROISequence = [
        item(ROINumber=number, ReferencedFrameOfReferenceUID=FRAME, ROIName=name)
        for number, name in ((3, "Target"), (7, "Cord"), (5, "Empty"))
    ]
    # In another order than above: nothing may be joined by position.
    dataset.ROIContourSequence = [
        item(ReferencedROINumber=7, ROIDisplayColor=[0, 255, 0], ContourSequence=[contour(square(-25.0, 2.0))]),
        item(ReferencedROINumber=3, ContourSequence=[contour(square(-27.5)), contour(square(-25.0))]),
    ]
    dataset.RTROIObservationsSequence = [
        item(ObservationNumber=1, ReferencedROINumber=7, RTROIInterpretedType="ORGAN"),
        item(ObservationNumber=2, ReferencedROINumber=3, RTROIInterpretedType="PTV"),
    ]
    return dataset


def plan(uid: str = PLAN_UID, label: str = "Thigh", beams: tuple[int, ...] = (1, 2)) -> Dataset:
    dataset = _object(PLAN_CLASS, uid, "RTPLAN")
    dataset.FrameOfReferenceUID = FRAME
    dataset.RTPlanLabel = label
    dataset.RTPlanGeometry = "PATIENT"
    dataset.DoseReferenceSequence = [
        item(
            DoseReferenceNumber=1,
            DoseReferenceStructureType="VOLUME",
            DoseReferenceDescription="HR",
            DoseReferenceType="TARGET",
            TargetPrescriptionDose="66",
            ReferencedROINumber=3,
        )
    ]
    dataset.FractionGroupSequence = [
        item(
            FractionGroupNumber=1,
            NumberOfFractionsPlanned=22,
            ReferencedBeamSequence=[
                *(item(ReferencedBeamNumber=number, BeamDose="1.5", BeamMeterset="100") for number in beams),
                item(ReferencedBeamNumber=9),
            ],
        )
    ]
    dataset.BeamSequence = [
        *(item(BeamNumber=number, TreatmentDeliveryType="TREATMENT") for number in beams),
        item(BeamNumber=9, TreatmentDeliveryType="SETUP"),
    ]
    dataset.ReferencedStructureSetSequence = [reference(STRUCTURES_UID, STRUCTURES_CLASS)]
    dataset.ApprovalStatus = "APPROVED"
    return dataset


def grid() -> np.ndarray:
    k, j, i = np.indices(SHAPE)
    return 100 * k + 10 * j + i


def dose(uid: str = DOSE_UID, plan_uid: str = PLAN_UID, values: np.ndarray | None = None, bits: int = 32) -> Dataset:
    """The stored integers `values` (frames, rows, columns) are in steps of `SCALING` Gy."""
    values = grid() if values is None else values
    dataset = _object(DOSE_CLASS, uid, "RTDOSE")
    dataset.FrameOfReferenceUID = FRAME
    dataset.ImagePositionPatient = list(POSITION_MM)
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing = list(SPACING_MM)
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.NumberOfFrames, dataset.Rows, dataset.Columns = values.shape
    dataset.FrameIncrementPointer = 0x3004000C
    dataset.GridFrameOffsetVector = list(OFFSETS_MM)
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    dataset.PixelRepresentation = 0
    dataset.DoseUnits, dataset.DoseType, dataset.DoseSummationType = "GY", "PHYSICAL", "PLAN"
    dataset.DoseGridScaling = str(SCALING)
    dataset.ReferencedRTPlanSequence = [reference(plan_uid)]
    dataset.add_new("PixelData", "OW", values.astype(f"<u{bits // 8}").tobytes())
    return dataset


def beam_dose(number: int, uid: str, values: np.ndarray | None = None) -> Dataset:
    dataset = dose(uid, values=values)
    dataset.DoseSummationType = "BEAM"
    group = item(ReferencedFractionGroupNumber=1, ReferencedBeamSequence=[item(ReferencedBeamNumber=number)])
    dataset.ReferencedRTPlanSequence[0].ReferencedFractionGroupSequence = [group]
    return dataset


def image(z_mm: float, series: str = "1.2.3.4") -> Dataset:
    """A CT slice of 3 x 4 pixels: Hounsfield number ``10 * row + column - 1000``."""
    dataset = _object(CT_CLASS, f"1.2.3.5.{round(z_mm * 10) + 100000}", "CT")
    dataset.FrameOfReferenceUID = FRAME
    dataset.SeriesInstanceUID = series
    dataset.ImagePositionPatient = [-5.0, -6.0, z_mm]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing = [1.0, 2.0]
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = 3, 4
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    dataset.RescaleSlope, dataset.RescaleIntercept = "1", "-1024"
    row, column = np.indices((3, 4))
    dataset.add_new("PixelData", "OW", (10 * row + column + 24).astype("<u2").tobytes())
    return dataset


def encoded(dataset: Dataset, *, explicit: bool = False, meta: bool = True, undefined: bool = False) -> bytes:
    """The bytes of a file; `undefined` writes every sequence and item without its length."""
    if undefined:
        _undefine(dataset)
    buffer = io.BytesIO()
    if not meta:
        pydicom.dcmwrite(buffer, dataset, implicit_vr=not explicit, little_endian=True)
        return buffer.getvalue()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian if explicit else ImplicitVRLittleEndian
    pydicom.dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()


def _undefine(dataset: Dataset) -> None:
    for element in dataset:
        if element.VR == "SQ":
            element.is_undefined_length = True
            for each in element.value:
                each.is_undefined_length_sequence_item = True
                _undefine(each)


def write(folder: Path, **files: Dataset | bytes) -> Path:
    """Write each data set into `folder` under its name; the folder is returned."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else encoded(content))
    return folder


def write_plan(folder: Path, **changed: Dataset | bytes | None) -> Path:
    """The good plan (files rp, rs, rd) with some files changed, added or, where None, left out."""
    files: dict[str, Dataset | bytes | None] = {"rp": plan(), "rs": structures(), "rd": dose(), **changed}
    return write(folder, **{name: content for name, content in files.items() if content is not None})


def refusal(path: Path) -> str:
    """The one line that says why there is no plan in `path`, empty where there is one."""
    try:
        read_plan(path, pixels=True)
    except HardcheckError as error:
        return str(error)
    return ""
