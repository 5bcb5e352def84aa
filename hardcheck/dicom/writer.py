"""Writes a plan as DICOM RT files: for the sample patient, phantoms and tests.

The same plan gives the same bytes on every machine: dates are fixed, nothing names the version of a library,
numbers are rounded to what is written, and the SOP Instance UID of a file is a hash of everything else in it.
Explicit VR little endian; modules after DICOM PS3.3 A.3 (CT), A.18 (RT Dose), A.19 (RT Structure Set), A.20 (RT Plan).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_OID, uuid5

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.pixels.encoders.base import RLELosslessEncoder
from pydicom.tag import BaseTag
from pydicom.uid import (
    UID,
    CTImageStorage,
    ExplicitVRLittleEndian,
    RLELossless,
    RTDoseStorage,
    RTPlanStorage,
    RTStructureSetStorage,
)

from hardcheck.dicom.written_dose import ROUND_UP, Layout, decimal_string, even_spacing, fill_dose, fill_image_plane
from hardcheck.dicom.written_plan import fill_approval, fill_plan, item
from hardcheck.plan import DoseGrid, Plan, Structure

DATE: Final = "20240101"
TIME: Final = "120000"
_IMPLEMENTATION: Final = UID("2.25.305828488182831875890203105390285383139")
_CONTOUR_DATA: Final = BaseTag(0x30060050)


def write_plan(
    plan: Plan,
    folder: Path,
    *,
    bits: int = 32,
    patient_position: str = "HFS",
    absolute_offsets: bool = False,
    reverse_frames: bool = False,
    decimals: int = 2,
    image_encoding: str = "rle",
) -> list[Path]:
    """Write RS.dcm, RP.dcm, RD.dcm and, where the image has pixels, CT.nnn.dcm into `folder`; the paths are returned.

    What the plan does not have (no prescription, no dose) is not written. `bits` is 16 or 32, of the dose.
    `patient_position` is how the dose grid is laid out in its file; where it lies in the patient stays the same.
    `absolute_offsets` writes the GridFrameOffsetVector as patient z (PS3.3 C.8.8.3.2 has that form for the positions
    HFS, HFP, FFS and FFP alone), `reverse_frames` from the last plane to the first. Contours are written with
    `decimals`. `image_encoding` is "rle" or "native". ValueError where the grid or image is not evenly spaced in plane.
    """
    folder.mkdir(parents=True, exist_ok=True)
    images = _images(plan, patient_position, image_encoding)
    written = [_save(image, folder / f"CT.{n:03d}.dcm") for n, image in enumerate(images, 1)]
    structures = _structure_set(plan, images, decimals)
    written.append(_save(structures, folder / "RS.dcm"))
    reference = _plan_reference(plan)
    if plan.prescription is not None:
        treatment = _dataset(plan, RTPlanStorage, "RTPLAN", 3)
        fill_plan(treatment, plan, patient_position, _reference(structures))
        treatment.SOPInstanceUID = plan.sop_instance_uid or _content_uid(treatment)
        reference = _reference(treatment)
        written.append(_save(treatment, folder / "RP.dcm"))
    if plan.dose is not None:
        dose = _dose(plan, plan.dose, reference, bits, Layout(patient_position, absolute_offsets, reverse_frames))
        written.append(_save(dose, folder / "RD.dcm"))
    return written


def write_beam_doses(plan: Plan, folder: Path, *, bits: int = 32) -> list[Path]:
    """Replace RD.dcm of a plan in `folder` by one RD.n.dcm per treatment beam, of DoseSummationType BEAM.

    Each is the plan's dose times that beam's share of the sum of the beam doses.
    """
    if plan.dose is None or plan.prescription is None:
        raise ValueError("a plan with dose and prescription is needed")
    reference = _reference(pydicom.dcmread(folder / "RP.dcm", stop_before_pixels=True))
    group = plan.prescription.groups[0]
    beams = [beam for beam in group.beams if beam.delivery == "TREATMENT"]
    total = sum(beam.dose_gy or 0.0 for beam in beams)
    (folder / "RD.dcm").unlink(missing_ok=True)
    written = []
    for n, beam in enumerate(beams, 1):
        grid = plan.dose
        part = DoseGrid(grid.x_mm, grid.y_mm, grid.z_mm, grid.dose_gy * ((beam.dose_gy or 0.0) / total))
        dose = _dose(plan, part, reference, bits, Layout())
        dose.DoseSummationType = "BEAM"
        dose.InstanceNumber = n
        beam_item = item(ReferencedBeamNumber=beam.number)
        dose.ReferencedRTPlanSequence[0].ReferencedFractionGroupSequence = [
            item(ReferencedFractionGroupNumber=group.number, ReferencedBeamSequence=[beam_item])
        ]
        dose.SOPInstanceUID = _content_uid(dose)
        written.append(_save(dose, folder / f"RD.{n}.dcm"))
    return written


def hashed_uid(*parts: str) -> str:
    """A UID under the UUID root (PS3.5 B.2) that depends on `parts` alone."""
    return f"2.25.{uuid5(NAMESPACE_OID, chr(0).join(('hardcheck', *parts))).int}"


def _dataset(plan: Plan, sop_class: UID, modality: str, number: int) -> Dataset:
    """Patient, study, series, equipment and frame of reference, common to all files of a plan."""
    patient = plan.patient
    label = plan.label if modality in ("RTPLAN", "RTDOSE") else ""
    dataset = item(
        SpecificCharacterSet="ISO_IR 192",
        InstanceCreationDate=DATE,
        InstanceCreationTime=TIME,
        SOPClassUID=sop_class,
        StudyDate=DATE,
        SeriesDate=DATE,
        StudyTime=TIME,
        SeriesTime=TIME,
        AccessionNumber="",
        Modality=modality,
        Manufacturer="hardcheck",
        ReferringPhysicianName="",
        StationName="SYNTHETIC",
        SeriesDescription=f"Synthetic {modality}",
        OperatorsName="",
        ManufacturerModelName="hardcheck phantom",
        PatientName=patient.name,
        PatientID=patient.id,
        PatientBirthDate=patient.birth_date,
        PatientSex="O",
        DeviceSerialNumber="0",
        SoftwareVersions="1",
        StudyInstanceUID=hashed_uid("study", patient.id),
        SeriesInstanceUID=hashed_uid("series", patient.id, modality, label),
        StudyID="1",
        SeriesNumber=number,
        FrameOfReferenceUID=plan.frame_of_reference_uid or hashed_uid("frame", patient.id),
        PositionReferenceIndicator="",
    )
    if modality != "CT":
        dataset.InstanceNumber = 1
    return dataset


def _images(plan: Plan, patient_position: str, encoding: str) -> list[Dataset]:
    """One CT image for each slice, from the lowest z up; none where the image has no pixels."""
    stack = plan.image
    if stack is None or stack.hounsfield is None or stack.x_mm is None or stack.y_mm is None:
        return []
    spacing = [even_spacing(stack.y_mm), even_spacing(stack.x_mm)]
    thickness = stack.spacing_mm or 1.0
    images = []
    for n, (z_mm, hounsfield) in enumerate(zip(stack.z_mm, stack.hounsfield, strict=True), 1):
        image = _dataset(plan, CTImageStorage, "CT", 1)
        stored = hounsfield.astype(np.int32) + 1024
        if stored.min() < 0 or stored.max() > 65535:
            raise ValueError("CT numbers must lie between -1024 and 64511 HU")
        fill_image_plane(image, stored.shape, spacing, (stack.x_mm[0], stack.y_mm[0], z_mm), (1, 0, 0, 0, 1, 0))
        for keyword, value in {
            "ImageType": ["DERIVED", "SECONDARY", "AXIAL"],
            "ContentDate": DATE,
            "ContentTime": TIME,
            "KVP": "120",
            "AcquisitionNumber": 1,
            "InstanceNumber": n,
            "PatientPosition": patient_position,
            "SliceThickness": decimal_string(thickness),
            "SliceLocation": decimal_string(z_mm),
            "RescaleIntercept": "-1024",
            "RescaleSlope": "1",
            "RescaleType": "HU",
            "WindowCenter": "40",
            "WindowWidth": "400",
        }.items():
            setattr(image, keyword, value)
        _fill_pixels(image, stored.astype("<u2"), encoding)
        image.SOPInstanceUID = _content_uid(image)
        images.append(image)
    return images


def _fill_pixels(image: Dataset, stored: NDArray[np.uint16], encoding: str) -> None:
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 16, 15, 0
    image.add_new("PixelData", "OW", stored.tobytes())
    if encoding == "rle":
        # The plug-in is named: others that may be installed pack the same pixels into other bytes.
        frame = RLELosslessEncoder.encode(
            stored.tobytes(), encoding_plugin="pydicom", rows=image.Rows, columns=image.Columns, samples_per_pixel=1,
            bits_allocated=16, bits_stored=16, pixel_representation=0, number_of_frames=1,
            photometric_interpretation="MONOCHROME2",
        )  # fmt: skip
        image.add_new("PixelData", "OB", encapsulate([frame]))
        image["PixelData"].is_undefined_length = True
    elif encoding != "native":
        raise ValueError(f"image_encoding is 'rle' or 'native', not {encoding!r}")


def _structure_set(plan: Plan, images: Sequence[Dataset], decimals: int) -> Dataset:
    dataset = _dataset(plan, RTStructureSetStorage, "RTSTRUCT", 2)
    frame = item(FrameOfReferenceUID=dataset.FrameOfReferenceUID)
    if images:
        series = item(
            SeriesInstanceUID=images[0].SeriesInstanceUID, ContourImageSequence=[_reference(i) for i in images]
        )
        study = item(
            ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1",  # Detached Study Management, retired and still usual here
            ReferencedSOPInstanceUID=dataset.StudyInstanceUID,
            RTReferencedSeriesSequence=[series],
        )
        frame.RTReferencedStudySequence = [study]
    slices = {round(float(i.ImagePositionPatient[2]), 1): _reference(i) for i in images}
    dataset.StructureSetLabel = "Synthetic"
    dataset.StructureSetDate, dataset.StructureSetTime = DATE, TIME
    dataset.ReferencedFrameOfReferenceSequence = [frame]
    dataset.StructureSetROISequence = [
        item(
            ROINumber=s.number,
            ReferencedFrameOfReferenceUID=dataset.FrameOfReferenceUID,
            ROIName=s.name,
            ROIGenerationAlgorithm="AUTOMATIC",
        )
        for s in plan.structures
    ]
    dataset.ROIContourSequence = [_roi_contour(s, slices, decimals) for s in plan.structures]
    dataset.RTROIObservationsSequence = [
        item(
            ObservationNumber=n,
            ReferencedROINumber=s.number,
            RTROIInterpretedType=s.interpreted_type,
            ROIInterpreter="",
        )
        for n, s in enumerate(plan.structures, 1)
    ]
    fill_approval(dataset, plan)
    dataset.SOPInstanceUID = _content_uid(dataset)
    return dataset


def _roi_contour(structure: Structure, slices: dict[float, Dataset], decimals: int) -> Dataset:
    roi = Dataset()
    if structure.color is not None:
        roi.ROIDisplayColor = list(structure.color)
    contours = []
    for points, geometric_type in zip(structure.contours(), structure.geometric_types, strict=True):
        contour = Dataset()
        if len(points) and (image := slices.get(round(float(points[0, 2]), 1))) is not None:
            contour.ContourImageSequence = [image]
        contour.ContourGeometricType = geometric_type
        contour.NumberOfContourPoints = len(points)
        steps = np.rint(points.ravel() * 10**decimals + ROUND_UP) / 10**decimals + 0.0  # + 0.0: never "-0"
        text = "\\".join([f"{v:.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{v:.0f}" for v in steps])
        data = (text + " " * (len(text) % 2)).encode("ascii")
        # A DS longer than 16 bits can tell goes as UN in explicit VR (PS3.5 6.2.2, note 2). Raw, since pydicom
        # would turn each number into an object first.
        vr = "DS" if len(data) < 65536 else "UN"
        contour[_CONTOUR_DATA] = RawDataElement(_CONTOUR_DATA, vr, len(data), data, 0, False, True)
        contours.append(contour)
    if contours:
        roi.ContourSequence = contours
    roi.ReferencedROINumber = structure.number
    return roi


def _dose(plan: Plan, grid: DoseGrid, reference: Dataset, bits: int, layout: Layout) -> Dataset:
    dataset = _dataset(plan, RTDoseStorage, "RTDOSE", 4)
    fill_dose(dataset, grid, bits, layout)
    dataset.ReferencedRTPlanSequence = [Dataset(reference)]
    dataset.SOPInstanceUID = _content_uid(dataset)
    return dataset


def _plan_reference(plan: Plan) -> Dataset:
    """What a dose without an RTPLAN file refers to."""
    uid = plan.sop_instance_uid or hashed_uid("plan", plan.patient.id, plan.label)
    return item(ReferencedSOPClassUID=RTPlanStorage, ReferencedSOPInstanceUID=uid)


def _reference(dataset: Dataset) -> Dataset:
    return item(ReferencedSOPClassUID=dataset.SOPClassUID, ReferencedSOPInstanceUID=dataset.SOPInstanceUID)


def _content_uid(dataset: Dataset) -> str:
    """A SOP Instance UID that is the hash of everything else in the file."""
    if "SOPInstanceUID" in dataset:
        del dataset.SOPInstanceUID
    stream = DicomBytesIO()
    stream.is_little_endian, stream.is_implicit_VR = True, False
    write_dataset(stream, dataset)
    return hashed_uid("instance", stream.getvalue().hex())


def _save(dataset: Dataset, path: Path) -> Path:
    compressed = "PixelData" in dataset and dataset["PixelData"].is_undefined_length
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = RLELossless if compressed else ExplicitVRLittleEndian
    # Named here, or pydicom writes its own version into every file.
    meta.ImplementationClassUID = _IMPLEMENTATION
    meta.ImplementationVersionName = "HARDCHECK"
    dataset.file_meta = meta
    pydicom.dcmwrite(path, dataset, enforce_file_format=True)
    return path
