"""What is in a folder: one entry per file, with what it is, what it refers to, or why it cannot be used."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from hardcheck.dicom.dataset import Buffer, DataSet
from hardcheck.dicom.files import UNREADABLE, Source, open_sources
from hardcheck.dicom.image import Slice, read_slice
from hardcheck.dicom.stream import Stream, is_dicom, read_stream
from hardcheck.dicom.tag import KIND_OF_SOP_CLASS, RT_KINDS, Kind, Tag, tag_text
from hardcheck.errors import HardcheckError, InputError, TruncatedError

REQUIRED: Final = {
    Kind.STRUCTURES.value: (Tag.StructureSetROISequence, Tag.ROIContourSequence, Tag.RTROIObservationsSequence),
    Kind.DOSE.value: (Tag.PixelData,),
    Kind.PLAN.value: (Tag.FractionGroupSequence,),
}
"""What an object of a kind must hold (Type 1 in PS3.3 C.8.8; for a dose, the pixels). A file that was cut exactly
between two elements walks well, and is noticed by the lack of one of these."""

NOT_DICOM: Final = "not DICOM"
"""What is said of a file that is neither DICOM nor known to have been it."""

ZIP_INSIDE: Final = "a zip inside of the input; name it itself"

MANGLED: Final = "line endings mangled by a text or version-control program"
"""What is said of a file whose every line end has become two bytes."""

_LINE_ENDS: Final = 3
"""So many line ends, each of them carriage return and line feed, do not happen in binary data by chance."""
_SEARCHED_BYTES: Final = 2**24
_OFFICE: Final = {"[Content_Types].xml", "_rels/.rels"}
"""What every such package holds."""
_LFS: Final = b"version https://git-lfs"


@dataclass(frozen=True, slots=True, eq=False)
class DicomFile:
    """One file as it was found. `stream` is there for a usable RT object, `slice` for a usable CT image.

    A file with an `error` stops the reading of a plan; one that was `skipped` is left out and named.
    """

    source: Source
    kind: str = ""
    sop_class_uid: str = ""
    uid: str = ""
    size_bytes: int = 0
    stream: Stream | None = None
    slice: Slice | None = None
    frames_of_reference: tuple[str, ...] = ()
    refers_to: tuple[str, ...] = ()
    sha256: str | None = None
    skipped: str | None = None
    error: HardcheckError | None = None

    @property
    def name(self) -> str:
        """The file's name, relative to the path that was named."""
        return self.source.name

    @property
    def usable(self) -> Stream:
        """The stream of an RT object that was read without an error."""
        if self.stream is None:
            raise ValueError(f"{self.name} was not read")
        return self.stream

    @property
    def dataset(self) -> DataSet:
        """The data set of an RT object that was read without an error."""
        return self.usable.dataset

    def content(self) -> str:
        """SHA-256 of the data set without preamble and file meta: the same object however it was stored."""
        return hashlib.sha256(self.dataset.data[self.usable.start :]).hexdigest()


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an inventory. Empty texts and None are what the file does not say."""

    name: str
    modality: str
    sop_class_uid: str
    sop_instance_uid: str
    size_bytes: int
    sha256: str | None
    """Of RT objects only."""
    frames_of_reference: tuple[str, ...]
    refers_to: tuple[str, ...]
    """SOP Instance UIDs of plans and structure sets; of a structure set, the series it was drawn on."""
    problem: str | None
    """Why it is skipped, or why reading a plan from here is refused."""
    refused: bool
    """Whether the problem stops the reading of a plan."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """All files of a path, by name."""

    entries: tuple[Entry, ...]


def take_inventory(path: str | Path | Sequence[str | Path]) -> Inventory:
    """What is in `path` (a folder, a file, a zip, or several). InputError only where the path itself cannot be read."""
    with open_sources(path) as sources:
        files = [examine(source) for source in sources]
    return Inventory(
        tuple(
            Entry(
                file.name,
                file.kind,
                file.sop_class_uid,
                file.uid,
                file.size_bytes,
                file.sha256,
                file.frames_of_reference,
                file.refers_to,
                file.skipped or (str(file.error) if file.error else None),
                file.error is not None,
            )
            for file in files
        )
    )


def examine(source: Source) -> DicomFile:
    """Read and walk one file. Never raises for what the file holds: the result says it."""
    try:
        data = source.read()
    except InputError as error:
        return DicomFile(source, error=error)
    if reason := foreign_reason(data):
        office = reason == ZIP_INSIDE and is_office(source)
        return DicomFile(source, size_bytes=len(data), skipped=NOT_DICOM if office else reason)
    try:
        stream = read_stream(data, source.name)
    except InputError as error:
        return DicomFile(source, size_bytes=len(data), error=error)
    kind, sop_class = kind_of(stream)
    known = DicomFile(source, kind, sop_class, stream.dataset.code(Tag.SOPInstanceUID), len(data))
    if stream.problem is not None:
        return _broken(known, data, stream.problem)
    if not kind:
        return replace(known, error=_truncated(source.name, "neither SOPClassUID nor Modality is there"))
    if kind in RT_KINDS:
        return _rt_object(known, data, stream)
    if kind == Kind.CT:
        return _ct_image(known, stream.dataset)
    return replace(known, frames_of_reference=present(stream.dataset.code(Tag.FrameOfReferenceUID)))


def foreign_reason(data: Buffer) -> str | None:
    """Why this is no DICOM file, None where it is one."""
    if len(data) == 0:
        return "empty file"
    if data[: len(_LFS)] == _LFS:
        return "a Git LFS pointer, not the file itself"
    if data[:4] == b"PK\x03\x04":
        return ZIP_INSIDE
    return None if is_dicom(data) else NOT_DICOM


def is_office(source: Source) -> bool:
    """Whether a zip is a document of an office program: a package of the Open Packaging Conventions (ECMA-376-2)."""
    try:
        with source.open() as file, zipfile.ZipFile(file) as packed:
            return set(packed.namelist()) >= _OFFICE
    except UNREADABLE:
        return False


def _broken(known: DicomFile, data: Buffer, problem: str) -> DicomFile:
    """A file whose walk failed: mangled or a plain image is left out, anything else stops the reading."""
    if is_mangled(data):
        return replace(known, skipped=MANGLED)
    if known.kind and known.kind not in RT_KINDS:
        return replace(known, skipped=f"cut short or damaged: {problem}")
    return replace(known, error=_truncated(known.name, problem))


def is_mangled(data: Buffer) -> bool:
    """Whether each line end in `data` has become two bytes, as when binary data is taken for text."""
    searched = bytes(data[:_SEARCHED_BYTES])
    return _LINE_ENDS <= searched.count(b"\r\n") == searched.count(b"\n")


def _truncated(name: str, problem: str) -> TruncatedError:
    return TruncatedError(f"cut short or damaged: {problem}", where=name, do="export the object again")


def kind_of(stream: Stream) -> tuple[str, str]:
    """The kind by SOP class, else by modality; and the SOP class."""
    sop_class = stream.dataset.code(Tag.SOPClassUID) or stream.meta.code(Tag.MediaStorageSOPClassUID)
    return KIND_OF_SOP_CLASS.get(sop_class) or stream.dataset.code(Tag.Modality) or sop_class, sop_class


def _rt_object(known: DicomFile, data: Buffer, stream: Stream) -> DicomFile:
    dataset = stream.dataset
    missing = [tag for tag in (Tag.SOPInstanceUID, *REQUIRED[known.kind]) if tag not in dataset]
    if lacks_structure_set(known.kind, dataset):
        missing.append(Tag.ReferencedStructureSetSequence)
    if missing:
        text = ", ".join(tag_text(tag) for tag in missing)
        return replace(known, error=_truncated(known.name, f"a {known.kind} must hold {text}"))
    return replace(
        known,
        stream=stream,
        sha256=hashlib.sha256(data).hexdigest(),
        frames_of_reference=frames_of(dataset),
        refers_to=_references(known.kind, dataset),
    )


def lacks_structure_set(kind: str, dataset: DataSet) -> bool:
    """A plan on a patient's geometry refers to a structure set (PS3.3 C.8.8.9, Type 1C)."""
    return (
        kind == Kind.PLAN
        and dataset.code(Tag.RTPlanGeometry) == "PATIENT"
        and Tag.ReferencedStructureSetSequence not in dataset
    )


def _ct_image(known: DicomFile, dataset: DataSet) -> DicomFile:
    try:
        image = read_slice(dataset, known.source)
    except InputError as error:
        return replace(known, skipped=error.what)
    return replace(known, slice=image, frames_of_reference=present(dataset.code(Tag.FrameOfReferenceUID)))


def frames_of(dataset: DataSet) -> tuple[str, ...]:
    """All frames of reference that an object names: its own, and those of its ROIs."""
    uids = [dataset.code(Tag.FrameOfReferenceUID)]
    uids += [item.code(Tag.FrameOfReferenceUID) for item in dataset.items(Tag.ReferencedFrameOfReferenceSequence)]
    uids += [item.code(Tag.ReferencedFrameOfReferenceUID) for item in dataset.items(Tag.StructureSetROISequence)]
    return present(*uids)


def _references(kind: str, dataset: DataSet) -> tuple[str, ...]:
    if kind == Kind.STRUCTURES:
        return referenced_series(dataset)
    # The ReferencedRTPlanSequence of a plan names its predecessors, on which nothing here rests.
    plans = dataset.references(Tag.ReferencedRTPlanSequence) if kind == Kind.DOSE else ()
    return present(*plans, *dataset.references(Tag.ReferencedStructureSetSequence))


def referenced_series(dataset: DataSet) -> tuple[str, ...]:
    """SeriesInstanceUIDs of the images that a structure set was drawn on."""
    return present(
        *(
            series.code(Tag.SeriesInstanceUID)
            for frame in dataset.items(Tag.ReferencedFrameOfReferenceSequence)
            for study in frame.items(Tag.RTReferencedStudySequence)
            for series in study.items(Tag.RTReferencedSeriesSequence)
        )
    )


def present(*uids: str) -> tuple[str, ...]:
    """Each of `uids` once, in order, without empty ones."""
    return tuple(dict.fromkeys(uid for uid in uids if uid))
