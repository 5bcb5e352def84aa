"""RTDOSE: one dose grid, turned to the patient axes and to Gy (PS3.3 C.8.8.3)."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from hardcheck.dicom.dataset import DataSet
from hardcheck.dicom.grid import MAX_COORDINATE_MM, Lattice, is_plausible_place, plane_directions
from hardcheck.dicom.pixels import stored_pixels
from hardcheck.dicom.stream import Stream
from hardcheck.dicom.tag import Tag, tag_text
from hardcheck.errors import InputError, LimitError
from hardcheck.plan import DoseGrid, Finding, Severity
from hardcheck.plan.geometry import Floats

MAX_VOXELS: Final = 2**26
"""Voxels of one grid: 400 x 400 x 400, half a gigabyte in double precision."""
MAX_DOSE_GY: Final = 1e9
"""Beyond it a number is damage, and calculating with it overflows. What a patient may get is another check's work."""
OFFSET_TOLERANCE_MM: Final = 1e-3
"""How far the first absolute offset may be from ImagePositionPatient: both are written with three decimals or more."""

PHYSICAL_CHECK: Final = "dose-physical-gy"
ORIENTATION_CHECK: Final = "orientation"
_TRANSVERSE: Final = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def read_dose(stream: Stream) -> DoseGrid | Finding:
    """The grid of an RTDOSE in Gy, or the STOP that says why it holds no dose that means anything.

    InputError where the object contradicts itself or its pixels are not all there, LimitError above `MAX_VOXELS`.
    """
    dataset = stream.dataset
    shape = _shape(dataset)
    offsets = _offsets(dataset, shape[0])
    if reason := unphysical(dataset):
        return Finding(PHYSICAL_CHECK, Severity.STOP, reason)
    lattice = _lattice(dataset, shape, offsets)
    if isinstance(lattice, str):
        return Finding(ORIENTATION_CHECK, Severity.STOP, lattice)
    allocated = dataset.unsigned(Tag.BitsAllocated)
    if (dataset.unsigned(Tag.BitsStored) or allocated) != allocated:
        raise dataset.error("the dose does not use all the bits that are allocated to it")
    voxels = lattice.to_lps(stored_pixels(stream, shape))
    scaling = dataset.number(Tag.DoseGridScaling) or math.nan
    if not (voxels.min() >= 0 and float(voxels.max()) * scaling <= MAX_DOSE_GY):
        raise dataset.error(f"the dose has voxels that are negative, above {MAX_DOSE_GY:g} Gy or not finite")
    dose_gy = np.empty(voxels.shape)
    np.multiply(voxels, scaling, out=dose_gy)
    try:
        return DoseGrid(lattice.positions(0), lattice.positions(1), lattice.positions(2), dose_gy, quantum_gy=scaling)
    except ValueError as error:  # steps so small that two planes fall on one place
        raise dataset.error(f"the dose grid has no volume: {error}") from None


def unphysical(dataset: DataSet) -> str | None:
    """Why the numbers are no physical dose in Gy, None where they are."""
    for tag, wanted in ((Tag.DoseUnits, "GY"), (Tag.DoseType, "PHYSICAL")):
        value = dataset.code(tag)
        if value.upper() != wanted:
            return f"{tag_text(tag)} is {_shown(value)}, not {wanted}"
    try:
        scaling = dataset.number(Tag.DoseGridScaling)
    except InputError as error:
        return error.what
    if scaling is None or not scaling > 0:
        return (
            f"{tag_text(Tag.DoseGridScaling)} is {'missing' if scaling is None else f'{scaling:g}'}; it must be above 0"
        )
    return None


def is_planar(dataset: DataSet) -> bool:
    """Whether there is one frame only: a dose in a plane, as measurements are compared with, and not in a volume."""
    return (dataset.integer(Tag.NumberOfFrames) or 1) == 1


def planar_error(dataset: DataSet) -> InputError:
    """The refusal of a planar dose."""
    what = "planar dose: the RTDOSE has one frame and is no dose in a volume"
    return dataset.error(what, do="export the dose of the whole volume")


def _shown(value: str) -> str:
    return repr(value[:16]) if value else "missing"


def _shape(dataset: DataSet) -> tuple[int, int, int]:
    """Frames, rows, columns."""
    if is_planar(dataset):
        raise planar_error(dataset)
    frames = dataset.integer(Tag.NumberOfFrames) or 0
    rows, columns = dataset.unsigned(Tag.Rows) or 0, dataset.unsigned(Tag.Columns) or 0
    if frames < 2 or rows < 2 or columns < 2:
        raise dataset.error(f"a dose of {frames} x {rows} x {columns} voxels is no volume")
    if frames * rows * columns > MAX_VOXELS:
        raise LimitError(
            f"the dose has {frames} x {rows} x {columns} voxels, and at most {MAX_VOXELS} are read", where=dataset.where
        )
    return frames, rows, columns


def _offsets(dataset: DataSet, frames: int) -> Floats:
    """GridFrameOffsetVector as it stands; it must run one way and name each frame."""
    pointer = dataset.raw(Tag.FrameIncrementPointer)
    order = "<u2" if dataset.little_endian else ">u2"
    if pointer and (len(pointer) != 4 or list(np.frombuffer(pointer, order)) != [0x3004, 0x000C]):
        raise dataset.error(f"{tag_text(Tag.FrameIncrementPointer)} does not point to the frames' offsets")
    offsets = np.array(dataset.numbers(Tag.GridFrameOffsetVector))
    if offsets.size != frames:
        raise dataset.error(f"{tag_text(Tag.GridFrameOffsetVector)} has {offsets.size} entries for {frames} frames")
    steps = np.diff(offsets)
    if not (np.all(steps > 0) or np.all(steps < 0)):
        raise dataset.error(f"{tag_text(Tag.GridFrameOffsetVector)} neither rises nor falls throughout")
    return offsets


def _lattice(dataset: DataSet, shape: tuple[int, int, int], offsets: Floats) -> Lattice | str:
    """Where the voxels stand, or why that is not known."""
    position = dataset.numbers(Tag.ImagePositionPatient)
    spacing = dataset.numbers(Tag.PixelSpacing)
    if not is_plausible_place(position, spacing) or not np.abs(offsets).max() <= MAX_COORDINATE_MM:
        raise dataset.error(
            "ImagePositionPatient, PixelSpacing or the frames' offsets are missing or out of all bounds"
        )
    orientation = dataset.numbers(Tag.ImageOrientationPatient)
    along = Lattice.from_plane(position, orientation, spacing, shape[1:], offsets)
    if along is None:
        return f"{tag_text(Tag.ImageOrientationPatient)} is missing or oblique to the patient axes"
    if offsets[0] == 0:
        return along
    if abs(offsets[0] - position[2]) > OFFSET_TOLERANCE_MM:
        raise dataset.error(
            f"{tag_text(Tag.GridFrameOffsetVector)} begins neither with 0 nor with the z of the first frame"
        )
    if along.axes[0] != 2:
        return f"{tag_text(Tag.GridFrameOffsetVector)} is absolute, which is defined for frames stacked along z only"
    # The absolute form (C.8.8.3.2 b) gives the patient z of each frame, whichever way the normal points.
    return Lattice(along.axes, (offsets, *along.positions_mm[1:]))


def offsets_note(dataset: DataSet) -> Finding | None:
    """What is to be said of absolute offsets in an orientation for which DICOM does not define them."""
    offsets, orientation = dataset.numbers(Tag.GridFrameOffsetVector), dataset.numbers(Tag.ImageOrientationPatient)
    if not offsets or offsets[0] == 0 or plane_directions(orientation) == plane_directions(_TRANSVERSE):
        return None
    said = f"{tag_text(Tag.GridFrameOffsetVector)} is absolute where DICOM wants it relative; taken as the patient's z"
    return Finding(ORIENTATION_CHECK, Severity.WARN, said)
