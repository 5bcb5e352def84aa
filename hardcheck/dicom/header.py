"""What linking and matching need to know of a file, read from its first bytes alone.

Neither contours nor pixels are read. So what stands behind them is not known, and a file that was cut there may look
whole; that is found when the plan is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from hardcheck.dicom.dataset import DataSet
from hardcheck.dicom.files import MAX_FILE_BYTES, Source
from hardcheck.dicom.inventory import (
    MANGLED,
    NOT_DICOM,
    REQUIRED,
    ZIP_INSIDE,
    foreign_reason,
    frames_of,
    is_mangled,
    is_office,
    kind_of,
    lacks_structure_set,
    present,
    referenced_series,
)
from hardcheck.dicom.record import made_at
from hardcheck.dicom.rtplan import read_prescription
from hardcheck.dicom.stream import Stream, read_head
from hardcheck.dicom.tag import RT_KINDS, Kind, Tag, tag_text
from hardcheck.errors import InputError, one_line
from hardcheck.plan import DoseReference, FractionGroup, Prescription

HEADER_FORMAT: Final = 2
"""Of `Header.as_row`; a row of another format has to be read from its file again."""
MAX_HEADER_BYTES: Final = 2**25
"""What may come before contours or pixels, and what an object without either may hold. A plan has a megabyte or two."""

_ZIP: Final = "a zip, unpack it"
_FIRST_BYTES: Final = 2**16
_MORE: Final = 8
"""By what factor more is read where the first bytes were too few."""
_STOPS: Final = frozenset({Tag.ROIContourSequence, Tag.PixelData})
_PASSED: Final = frozenset({Tag.ControlPointSequence, Tag.IonControlPointSequence, Tag.DVHSequence})
_BEHIND: Final = {Kind.STRUCTURES.value: {Tag.RTROIObservationsSequence}}
"""Of what an object must hold, what stands behind its contours."""


@dataclass(frozen=True, slots=True)
class Header:
    """One file. Empty texts and None are what it does not say, or what is not read of its kind.

    With a `problem` it cannot be used, and the rest is what could be read before that.
    """

    kind: str = ""
    """RTPLAN, RTSTRUCT, RTDOSE, CT or another modality."""
    sop_class_uid: str = ""
    uid: str = ""
    """SOPInstanceUID."""
    patient_id: str = ""
    """Untrusted text; never in a log or an error."""
    study_uid: str = ""
    series_uid: str = ""
    frames_of_reference: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    """SOP Instance UIDs of the RTPLANs that an RTDOSE is of."""
    structure_sets: tuple[str, ...] = ()
    """SOP Instance UIDs of the RTSTRUCTs that an RTPLAN or RTDOSE refers to."""
    image_series: tuple[str, ...] = ()
    """SeriesInstanceUIDs of the images that an RTSTRUCT was drawn on."""
    label: str = ""
    """RTPlanLabel, untrusted text."""
    made: str = ""
    """Date and time of the content, YYYYMMDDHHMMSS."""
    approval: str = ""
    """ApprovalStatus of an RTPLAN."""
    planner: str = ""
    """OperatorsName of an RTPLAN, untrusted text."""
    machines: tuple[str, ...] = ()
    """The different TreatmentMachineName of the beams that treat, untrusted text."""
    prescription: Prescription | None = None
    """Of an RTPLAN, its fraction groups without their beams."""
    summation: str = ""
    """DoseSummationType of an RTDOSE."""
    rois: tuple[tuple[int, str], ...] = ()
    """ROINumber and ROIName (untrusted text) of an RTSTRUCT."""
    problem: str | None = None
    """Why the file cannot be used, in one line."""

    @property
    def is_foreign(self) -> bool:
        """Whether it is no DICOM file at all, nor known to have been one."""
        return self.problem == NOT_DICOM

    def as_row(self) -> dict[str, Any]:
        """Texts, numbers, lists and dictionaries, such as JSON holds; `of_row` is the way back."""
        return asdict(self)

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Header:
        """The header that `as_row` was of, before or after JSON."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in row.items()
        }
        values["rois"] = tuple((number, name) for number, name in row["rois"])
        if (given := row["prescription"]) is not None:
            references = tuple(DoseReference(**reference) for reference in given["references"])
            groups = tuple(FractionGroup(**{**group, "beams": ()}) for group in given["groups"])
            values["prescription"] = Prescription(references, groups)
        return cls(**values)


def read_header(path: Path, name: str = "") -> Header:
    """The header of the file at `path`; `name` is what messages call it. Never raises for what the file holds."""
    source = Source(name or path.name, path)
    try:
        return _header(source)
    except InputError as error:
        return Header(problem=one_line(error.what))


def content_of(path: Path) -> str:
    """SHA-256 of the data set without preamble and file meta, of the whole file; empty where it cannot be read."""
    source = Source(path.name, path)
    try:
        data, size = source.head(MAX_FILE_BYTES)
        stream = read_head(data, size, source.name, stops=_STOPS, passed=_PASSED)
    except InputError:
        return ""
    return "" if stream is None else hashlib.sha256(stream.dataset.data[stream.start :]).hexdigest()


def head_sha256(path: Path) -> str:
    """SHA-256 of size and first bytes of the file, those that `read_header` reads: of an image all before its pixels.

    InputError where it cannot be read.
    """
    source = Source(path.name, path)
    count = _FIRST_BYTES
    while True:
        data, size = source.head(count)
        known = bool(foreign_reason(data)) or count > MAX_HEADER_BYTES or len(data) < count
        if known or read_head(data, size, source.name, stops=_STOPS, passed=_PASSED) is not None:
            return hashlib.sha256(b"%d " % size + data).hexdigest()
        count *= _MORE


def _header(source: Source) -> Header:
    count = _FIRST_BYTES
    while count <= MAX_HEADER_BYTES:
        data, size = source.head(count)
        if reason := foreign_reason(data):
            # A document of an office program holds no plan; what another zip holds is not known.
            zipped = reason == ZIP_INSIDE
            return Header(problem=(NOT_DICOM if is_office(source) else _ZIP) if zipped else reason)
        # A file that shrinks while it is read must not be asked for more for ever.
        size = size if len(data) == count else len(data)
        stream = read_head(data, size, source.name, stops=_STOPS, passed=_PASSED)
        if stream is not None:
            return _of_stream(stream, data)
        count *= _MORE
    return Header(problem=f"more than {MAX_HEADER_BYTES} bytes come before contours or pixels")


def _of_stream(stream: Stream, data: bytes) -> Header:
    dataset = stream.dataset
    kind, sop_class = kind_of(stream)
    header = Header(
        kind=kind,
        sop_class_uid=sop_class,
        uid=dataset.code(Tag.SOPInstanceUID),
        patient_id=dataset.text(Tag.PatientID).strip(),
        study_uid=dataset.code(Tag.StudyInstanceUID),
        series_uid=dataset.code(Tag.SeriesInstanceUID),
        frames_of_reference=frames_of(dataset),
        plans=dataset.references(Tag.ReferencedRTPlanSequence) if kind == Kind.DOSE else (),
        structure_sets=dataset.references(Tag.ReferencedStructureSetSequence),
        image_series=referenced_series(dataset),
    )
    if problem := _problem(stream, kind, data):
        return replace(header, problem=one_line(problem))
    try:
        return replace(header, **_READ[kind](dataset)) if kind in _READ else header
    except InputError as error:
        return replace(header, problem=one_line(error.what))


def _problem(stream: Stream, kind: str, data: bytes) -> str | None:
    """Why the object cannot be used, as far as its first part tells."""
    if stream.problem is not None:
        return MANGLED if is_mangled(data) else f"cut short or damaged: {stream.problem}"
    if not kind:
        return "cut short or damaged: neither SOPClassUID nor Modality is there"
    if kind not in RT_KINDS:
        return None
    needed = (Tag.SOPInstanceUID, *(tag for tag in REQUIRED[kind] if tag not in _BEHIND.get(kind, ())))
    missing = [tag for tag in needed if tag not in stream.dataset]
    if lacks_structure_set(kind, stream.dataset):
        missing.append(Tag.ReferencedStructureSetSequence)
    named = ", ".join(tag_text(tag) for tag in missing)
    return f"cut short or damaged: a {kind} must hold {named}" if missing else None


def _plan(dataset: DataSet) -> dict[str, Any]:
    prescription = read_prescription(dataset)
    beams = (beam for group in prescription.groups for beam in group.beams if beam.treats)
    groups = tuple(replace(group, beams=()) for group in prescription.groups)
    return {
        "label": dataset.text(Tag.RTPlanLabel).strip(),
        "made": made_at(Kind.PLAN, dataset),
        "approval": dataset.code(Tag.ApprovalStatus),
        "planner": dataset.text(Tag.OperatorsName).strip(),
        "machines": present(*sorted(beam.machine for beam in beams)),
        "prescription": Prescription(prescription.references, groups),
    }


def _structures(dataset: DataSet) -> dict[str, Any]:
    rois = ((item.required_integer(Tag.ROINumber), item) for item in dataset.items(Tag.StructureSetROISequence))
    return {
        "made": made_at(Kind.STRUCTURES, dataset),
        "rois": tuple((number, item.text(Tag.ROIName)) for number, item in rois),
    }


def _dose(dataset: DataSet) -> dict[str, Any]:
    return {"made": made_at(Kind.DOSE, dataset), "summation": dataset.code(Tag.DoseSummationType).upper()}


_READ: Final = {Kind.PLAN.value: _plan, Kind.STRUCTURES.value: _structures, Kind.DOSE.value: _dose}
