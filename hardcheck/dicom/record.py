"""How a file was made: when, with what, and whether anybody approved it (PS3.3 C.8.8.16, C.7.5.1)."""

from __future__ import annotations

import re
from typing import Final

from hardcheck.dicom.dataset import DataSet
from hardcheck.dicom.inventory import DicomFile
from hardcheck.dicom.tag import Kind, Tag
from hardcheck.plan import Record

_WHEN: Final = {
    Kind.PLAN.value: (Tag.RTPlanDate, Tag.RTPlanTime),
    Kind.STRUCTURES.value: (Tag.StructureSetDate, Tag.StructureSetTime),
    Kind.DOSE.value: (Tag.InstanceCreationDate, Tag.InstanceCreationTime),
}
"""What says when the content was made. Of a dose only the file does, so it may be older than it says, never newer."""

_DATE: Final = re.compile(r"[0-9]{8}", re.ASCII)
_TIME: Final = re.compile(r"[0-9]{6}(?:\.[0-9]*)?", re.ASCII)


def read_record(file: DicomFile) -> Record:
    """What an RTPLAN, RTSTRUCT or RTDOSE says of how it was made; empty texts for what it does not say."""
    dataset = file.dataset
    return Record(
        kind=file.kind,
        approval=dataset.code(Tag.ApprovalStatus),
        intent=dataset.code(Tag.PlanIntent),
        made=made_at(file.kind, dataset),
        system=dataset.text(Tag.ManufacturerModelName).strip(),
        software=", ".join(part.strip() for part in dataset.text(Tag.SoftwareVersions).split("\\") if part.strip()),
        structure_sets=dataset.references(Tag.ReferencedStructureSetSequence),
        heterogeneity=tuple(
            c.strip() for c in dataset.code(Tag.TissueHeterogeneityCorrection).split("\\") if c.strip()
        ),
        comment=dataset.text(Tag.DoseComment),
    )


def made_at(kind: str, dataset: DataSet) -> str:
    """Date and time to the second, empty where one of them is missing or none."""
    date, time = (dataset.code(tag) for tag in _WHEN.get(kind, (Tag.RTPlanDate, Tag.RTPlanTime)))
    return date + time[:6] if _DATE.fullmatch(date) and _TIME.fullmatch(time) else ""
