"""A structure and a dose grid as the datasets in memory that dicompyler-core wants to read."""

from __future__ import annotations

from typing import Final

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian, RTDoseStorage, RTStructureSetStorage

from hardcheck.plan import DoseGrid, Structure
from hardcheck.plan.geometry import Floats

_CONTOUR_DATA: Final = 0x30060050
_LARGEST: Final = 2**32 - 1
_STEP_GY: Final = 1e-6
"""The step of a dose that was not read from a file; finer than any bin of dicompyler-core."""
_EVEN_MM: Final = 1e-3
"""dicompyler-core knows evenly spaced pixels alone; this is how far they may stray."""


def structure_set(structure: Structure) -> Dataset:
    """An RTSTRUCT of one ROI, without names: what dicompyler-core says of it can then hold none."""
    dataset = _dataset(RTStructureSetStorage, UID("2.25.1"))
    roi = Dataset()
    roi.ROINumber, roi.ROIName = structure.number, str(structure.number)
    dataset.StructureSetROISequence = Sequence([roi])
    contours = Dataset()
    contours.ReferencedROINumber = structure.number
    contours.ROIDisplayColor = [0, 0, 0]
    items = [_contour(c, kind) for c, kind in zip(structure.contours(), structure.geometric_types, strict=True)]
    if items:
        contours.ContourSequence = Sequence(items)
    dataset.ROIContourSequence = Sequence([contours])
    return dataset


def _contour(points_mm: Floats, geometric_type: str) -> Dataset:
    item = Dataset()
    item.ContourGeometricType = geometric_type
    item.NumberOfContourPoints = len(points_mm)
    # As doubles (FD) instead of decimal strings (DS): every digit is kept, and no object is made of each number.
    item.add_new(_CONTOUR_DATA, "FD", points_mm.ravel().tolist())
    return item


def dose_file(dose: DoseGrid) -> Dataset:
    """An RTDOSE, head first supine, of 32 bits in the step in which the dose was stored.

    ValueError where the grid cannot be written so: spaced unevenly in plane, or dose below 0 Gy.
    """
    if dose.dose_gy.min() < 0:
        raise ValueError("dose below 0 Gy")
    step = dose.quantum_gy or _STEP_GY
    step = max(step, dose.maximum_gy / _LARGEST)
    dataset = _dataset(RTDoseStorage, UID("2.25.2"))
    dataset.ImagePositionPatient = [float(a[0]) for a in (dose.x_mm, dose.y_mm, dose.z_mm)]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing = [_spacing(dose.y_mm), _spacing(dose.x_mm)]
    dataset.GridFrameOffsetVector = [float(z) for z in dose.z_mm - dose.z_mm[0]]
    dataset.NumberOfFrames, dataset.Rows, dataset.Columns = dose.dose_gy.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 32, 32, 31, 0
    dataset.DoseUnits, dataset.DoseType, dataset.DoseSummationType = "GY", "PHYSICAL", "PLAN"
    dataset.DoseGridScaling = step
    dataset.add_new("PixelData", "OW", np.rint(dose.dose_gy / step).astype("<u4").tobytes())
    return dataset


def _spacing(positions_mm: Floats) -> float:
    steps = np.diff(positions_mm)
    if np.ptp(steps) > _EVEN_MM:
        raise ValueError("a dose grid that is spaced unevenly in plane")
    return float(np.mean(steps))


def _dataset(sop_class: UID, uid: UID) -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, uid
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, uid
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID("2.25.3")
    dataset.file_meta = meta
    return dataset
