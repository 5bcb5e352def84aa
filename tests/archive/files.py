"""Headers of small plans, as they would be read from files."""

from __future__ import annotations

from hardcheck.archive import IndexedFile
from hardcheck.dicom import Header
from hardcheck.plan import DoseReference, FractionGroup, Prescription

FRAME = "9"


def rtplan(n: int = 1, sets: tuple[str, ...] | None = None, **values) -> Header:
    values = {"structure_sets": (f"s{n}",) if sets is None else sets, **values}
    return Header("RTPLAN", uid=f"p{n}", frames_of_reference=(FRAME,), **values)


def rtstruct(n: int = 1, **values) -> Header:
    return Header("RTSTRUCT", uid=f"s{n}", frames_of_reference=(FRAME,), rois=((1, "PTV"),), **values)


def rtdose(n: int = 1, plan: str | None = None, summation: str = "PLAN", **values) -> Header:
    values = {"plans": (plan or f"p{n}",), **values}
    return Header("RTDOSE", uid=f"d{n}", frames_of_reference=(FRAME,), summation=summation, **values)


def ct(n: int = 1, series: str = "1", frame: str = FRAME) -> Header:
    return Header("CT", uid=f"c{n}", series_uid=series, frames_of_reference=(frame,))


def indexed(*headers: Header, folder: str = "f") -> list[IndexedFile]:
    """One file of each, whose content is told by its header alone."""
    return [IndexedFile(f"{folder}/{n:03d}", header, f"content of {header.uid}") for n, header in enumerate(headers)]


def prescription(fractions: int | None, **levels_gy: float) -> Prescription:
    """Levels by the description of their dose references."""
    references = tuple(
        DoseReference(n, "SITE", "TARGET", name, prescription_gy=dose_gy)
        for n, (name, dose_gy) in enumerate(levels_gy.items(), 1)
    )
    return Prescription(references, (FractionGroup(1, fractions),))
