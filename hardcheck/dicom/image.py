"""CT images: where the axial slices are, and their Hounsfield numbers where a picture needs them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hardcheck.dicom.dataset import DataSet
from hardcheck.dicom.files import Source
from hardcheck.dicom.grid import Lattice, is_plausible_place, plane_directions
from hardcheck.dicom.pixels import stored_pixels
from hardcheck.dicom.stream import read_stream
from hardcheck.dicom.tag import Tag
from hardcheck.errors import InputError, LimitError
from hardcheck.plan import ImageStack
from hardcheck.plan.geometry import Floats

MAX_PIXELS: Final = 2**28
"""Pixels of a stack, half a gigabyte: 1000 slices of 512 x 512."""
SAME_SLICE_MM: Final = 0.01
"""Slices nearer than this are one; slice positions are written with two or three decimals."""


@dataclass(frozen=True, slots=True)
class Slice:
    """The header of one axial CT image."""

    source: Source
    patient_id: str
    frame_of_reference_uid: str
    series_uid: str
    position_mm: tuple[float, ...]
    orientation: tuple[float, ...]
    spacing_mm: tuple[float, ...]
    rows: int
    columns: int

    @property
    def z_mm(self) -> float:
        """Where the slice is along the patient."""
        return self.position_mm[2]

    @property
    def plane(self) -> tuple[object, ...]:
        """What all slices of a stack have in common."""
        corner = tuple(round(value / SAME_SLICE_MM) for value in self.position_mm[:2])
        return corner, self.orientation, self.spacing_mm, self.rows, self.columns


def read_slice(dataset: DataSet, source: Source) -> Slice | None:
    """The slice of a CT image, None where it is not axial (a localiser, a reformatted plane, an enhanced object)."""
    position = dataset.numbers(Tag.ImagePositionPatient)
    orientation = dataset.numbers(Tag.ImageOrientationPatient)
    directions = plane_directions(orientation)
    if len(position) != 3 or directions is None or directions[0][0] != 2:
        return None
    return Slice(
        source,
        dataset.text(Tag.PatientID).strip(),
        dataset.code(Tag.FrameOfReferenceUID),
        dataset.code(Tag.SeriesInstanceUID),
        position,
        orientation,
        dataset.numbers(Tag.PixelSpacing),
        dataset.unsigned(Tag.Rows) or 0,
        dataset.unsigned(Tag.Columns) or 0,
    )


def stack(
    slices: Sequence[Slice], frame_of_reference_uid: str, series: Sequence[str], *, pixels: bool
) -> ImageStack | None:
    """The slices in one frame of reference, None where there are none.

    Of several series the one in `series` (those that the structures were drawn on) is taken, else the longest.
    With `pixels`, InputError where the pixels cannot be made one volume.
    """
    chosen = [s for s in slices if s.frame_of_reference_uid == frame_of_reference_uid]
    counts = Counter(s.series_uid for s in chosen)
    wanted = [uid for uid in counts if uid in series] or [uid for uid, _ in counts.most_common(1)]
    chosen = sorted((s for s in chosen if s.series_uid in wanted), key=lambda s: s.z_mm)
    distinct = [s for i, s in enumerate(chosen) if i == 0 or s.z_mm - chosen[i - 1].z_mm > SAME_SLICE_MM]
    if not distinct:
        return None
    z_mm = np.array([s.z_mm for s in distinct])
    if pixels and len(wanted) > 1:
        said = f"the structures were drawn on {len(wanted)} CT series, which are no one volume"
        raise InputError(said, where=distinct[0].source.name)
    return _with_pixels(distinct, z_mm) if pixels else ImageStack(z_mm)


def _with_pixels(slices: Sequence[Slice], z_mm: Floats) -> ImageStack:
    """The stack with Hounsfield numbers."""
    first = slices[0]
    shape = (first.rows, first.columns)
    odd = next((s for s in slices if s.plane != first.plane), None)
    if odd is not None:
        raise InputError("the slice is not of the shape and place of the others", where=odd.source.name)
    if 0 in shape or not is_plausible_place(first.position_mm, first.spacing_mm):
        raise InputError("rows, columns or PixelSpacing are missing", where=first.source.name)
    if len(slices) * shape[0] * shape[1] > MAX_PIXELS:
        raise LimitError(
            f"the CT has more than {MAX_PIXELS} pixels", where=first.source.name, do="read it without pixels"
        )
    lattice = Lattice.from_plane(first.position_mm, first.orientation, first.spacing_mm, shape, np.zeros(1))
    if lattice is None:
        raise InputError("the slice is not axial", where=first.source.name)
    volume = np.empty((len(slices), lattice.positions(1).size, lattice.positions(0).size), dtype=np.int16)
    for index, each in enumerate(slices):
        volume[index] = lattice.to_lps(_hounsfield(each)[np.newaxis])[0]
    return ImageStack(z_mm, lattice.positions(0), lattice.positions(1), volume)


def _hounsfield(image: Slice) -> NDArray[np.int16]:
    """The pixels of one slice (rows, columns), rounded to whole Hounsfield units."""
    stream = read_stream(image.source.read(), image.source.name)
    dataset = stream.dataset
    stored = dataset.unsigned(Tag.BitsStored) or 16
    if dataset.unsigned(Tag.BitsAllocated) != 16 or not 1 <= stored <= 16:
        raise dataset.error("a CT image is of 16 bits")
    raw = stored_pixels(stream, (1, image.rows, image.columns)).astype(np.int16 if _signed(dataset) else np.uint16)
    # Bits above the stored ones may hold anything (PS3.5 8.1.1): shift them out, and back with or without the sign.
    values = (raw << (16 - stored)) >> (16 - stored)
    slope, intercept = dataset.number(Tag.RescaleSlope), dataset.number(Tag.RescaleIntercept)
    with np.errstate(over="ignore"):  # what overflows is clipped with all else that is no Hounsfield number
        scaled = values[0] * (1.0 if slope is None else slope) + (intercept or 0.0)
    limits = np.iinfo(np.int16)
    clipped: Floats = np.clip(scaled, limits.min, limits.max)
    return np.rint(clipped).astype(np.int16)


def _signed(dataset: DataSet) -> bool:
    return bool(dataset.unsigned(Tag.PixelRepresentation))
