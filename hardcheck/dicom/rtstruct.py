"""RTSTRUCT: the ROIs of a structure set with their contours (PS3.3 C.8.8.5, C.8.8.6, C.8.8.8).

The three sequences are joined by ROINumber alone, never by position.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hardcheck.dicom.dataset import DataSet
from hardcheck.dicom.grid import MAX_COORDINATE_MM
from hardcheck.dicom.tag import Tag, tag_text
from hardcheck.errors import InputError, LimitError
from hardcheck.plan import Structure
from hardcheck.plan.geometry import Floats

MAX_POINTS: Final = 20_000_000
"""Contour points of one structure set: half a gigabyte; a large one has half a million."""

_NUMBER_BYTES: Final = b"0123456789+-.eE \\"
"""All that a decimal string of several values may hold (PS3.5 6.2)."""


@dataclass(frozen=True, slots=True)
class RegionFrame:
    """The frame of reference of one ROI, empty where the file does not say."""

    number: int
    name: str
    frame_of_reference_uid: str
    has_contours: bool


@dataclass(frozen=True, slots=True, eq=False)
class StructureSet:
    """The structures, in the order of StructureSetROISequence, and their frames of reference."""

    structures: tuple[Structure, ...]
    frames: tuple[RegionFrame, ...]


def read_structures(dataset: DataSet) -> StructureSet:
    """All ROIs of an RTSTRUCT. InputError names the ROI whose numbers or contours cannot be right."""
    regions = _by_number(dataset, Tag.StructureSetROISequence, Tag.ROINumber)
    contours = _by_number(dataset, Tag.ROIContourSequence, Tag.ReferencedROINumber)
    if unknown := sorted(contours.keys() - regions.keys()):
        raise dataset.error(
            f"{tag_text(Tag.ROIContourSequence)} refers to ROI numbers that are not there: {unknown[:5]}"
        )
    kinds, overrides = _interpreted_types(dataset), _overrides(dataset)
    _check_points(dataset, contours)
    structures = tuple(_structure(number, region, contours.get(number), kinds) for number, region in regions.items())
    structures = tuple(replace(s, overrides=overrides[s.number]) if s.number in overrides else s for s in structures)
    fallback = _only_frame(dataset)
    frames = tuple(
        RegionFrame(s.number, s.name, region.code(Tag.ReferencedFrameOfReferenceUID) or fallback, not s.is_empty)
        for s, region in zip(structures, regions.values(), strict=True)
    )
    return StructureSet(structures, frames)


def _by_number(dataset: DataSet, sequence: Tag, key: Tag) -> dict[int, DataSet]:
    found: dict[int, DataSet] = {}
    for item in dataset.items(sequence):
        number = item.required_integer(key)
        if number in found:
            raise dataset.error(f"{tag_text(key)} {number} is there twice in {sequence.name}")
        found[number] = item
    return found


def _interpreted_types(dataset: DataSet) -> dict[int, str]:
    """RTROIInterpretedType by ROI number. An ROI may have several observations; the first that says a type counts."""
    kinds: dict[int, str] = {}
    for item in dataset.items(Tag.RTROIObservationsSequence):
        number, kind = item.integer(Tag.ReferencedROINumber), item.code(Tag.RTROIInterpretedType)
        if number is not None and kind:
            kinds.setdefault(number, kind)
    return kinds


def _overrides(dataset: DataSet) -> dict[int, tuple[tuple[str, float], ...]]:
    """Physical properties that are set, by ROI number. What is no number is left out: no dose depends on it here."""
    found: dict[int, tuple[tuple[str, float], ...]] = {}
    for item in dataset.items(Tag.RTROIObservationsSequence):
        number = item.integer(Tag.ReferencedROINumber)
        for each in item.items(Tag.ROIPhysicalPropertiesSequence) if number is not None else ():
            try:
                value = each.number(Tag.ROIPhysicalPropertyValue)
            except InputError:
                value = None
            if number is not None and value is not None:
                found[number] = (*found.get(number, ()), (each.code(Tag.ROIPhysicalProperty), value))
    return found


def _only_frame(dataset: DataSet) -> str:
    """The frame of reference of the whole structure set, where there is but one."""
    uids = {item.code(Tag.FrameOfReferenceUID) for item in dataset.items(Tag.ReferencedFrameOfReferenceSequence)}
    uids.add(dataset.code(Tag.FrameOfReferenceUID))
    uids.discard("")
    return uids.pop() if len(uids) == 1 else ""


def _check_points(dataset: DataSet, contours: dict[int, DataSet]) -> None:
    """Refuse more points than are allowed before memory is taken: three numbers take at least six bytes."""
    size = sum(
        element.stop - element.start
        for region in contours.values()
        for contour in region.items(Tag.ContourSequence)
        if (element := contour.elements.get(Tag.ContourData)) is not None
    )
    # A coordinate needs a digit and a separator, and is mostly written with five to ten characters.
    if size > MAX_POINTS * 3 * 10:
        raise LimitError(f"holds more contour data than {MAX_POINTS} points need", where=dataset.where)


def _structure(number: int, region: DataSet, contours: DataSet | None, kinds: dict[int, str]) -> Structure:
    name = region.text(Tag.ROIName)
    items = () if contours is None else contours.items(Tag.ContourSequence)
    arrays: list[Floats] = []
    types: list[str] = []
    for index, item in enumerate(items):
        try:
            points = _points(item)
        except ValueError as error:
            raise InputError(
                f"contour {index + 1} of ROI {number} {name!r}: {error}", where=item.where, do="export it again"
            ) from None
        if len(points):  # a contour without points bounds nothing
            arrays.append(points)
            types.append(item.code(Tag.ContourGeometricType))
    starts = np.cumsum([0, *map(len, arrays)])
    points = np.concatenate(arrays) if arrays else np.empty((0, 3))
    return Structure(number, name, points, starts, tuple(types), kinds.get(number, ""), _color(contours))


def _points(contour: DataSet) -> Floats:
    """The points (n, 3) of one contour in mm, patient LPS; ValueError says what is wrong with them."""
    if Tag.ContourData not in contour:
        raise ValueError(f"{tag_text(Tag.ContourData)} is missing")
    if any(contour.numbers(Tag.ContourOffsetVector)):
        raise ValueError(f"the retired {tag_text(Tag.ContourOffsetVector)} is not supported")
    raw = contour.raw(Tag.ContourData).rstrip(b" \0")
    if raw.translate(None, _NUMBER_BYTES):
        raise ValueError(f"{tag_text(Tag.ContourData)} holds what is no decimal number")
    parts = raw.split(b"\\") if raw else []
    try:
        # Twenty times faster than one object per number, and as strict: float takes no empty or half number.
        values = np.fromiter(map(float, parts), dtype=np.float64, count=len(parts))
    except ValueError:
        raise ValueError(f"{tag_text(Tag.ContourData)} holds an empty or malformed number") from None
    if values.size % 3:
        raise ValueError(f"{values.size} coordinates are no points of three each")
    # Written so that neither NaN nor infinity passes.
    if values.size and not np.abs(values).max() <= MAX_COORDINATE_MM:
        raise ValueError(f"a coordinate is not within {MAX_COORDINATE_MM:g} mm of the origin")
    declared = contour.integer(Tag.NumberOfContourPoints)
    if declared is not None and declared != values.size // 3:
        raise ValueError(
            f"{tag_text(Tag.NumberOfContourPoints)} is {declared}, and {values.size // 3} points are there"
        )
    return values.reshape(-1, 3)


def _color(contours: DataSet | None) -> tuple[int, int, int] | None:
    """ROIDisplayColor; None where it is no colour, since nothing depends on it."""
    if contours is None:
        return None
    try:
        red, green, blue = (int(value) for value in contours.numbers(Tag.ROIDisplayColor))
    except (InputError, ValueError):
        return None
    return (red, green, blue) if all(0 <= value <= 255 for value in (red, green, blue)) else None
