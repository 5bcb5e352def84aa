"""The DVH text export of Eclipse (Varian): a header, then for each structure its numbers and a table.

The format as the parsers of DVHmetrics (github.com/dwoll/DVHmetrics, R/parseEclipse.R) and eclipse-dvh-parser
(github.com/CHAVI-India/eclipse-dvh-parser, README.md) describe it:

    Patient ID           : ...
    Type                 : Cumulative Dose Volume Histogram
    Total dose [cGy]: 6600.0           (Prescribed dose before version 15)
    % for dose (%): 100.0

    Structure: Heart
    Volume [cm³]: 492.1
    Dose Cover.[%]: 100.0
    Min Dose [cGy]: 1.5
    Dose [cGy]   Relative dose [%]   Ratio of Total Structure Volume [%]
             0                   0                                  100
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from hardcheck.plan import StoredDvh
from hardcheck.planning_system.number import CC, GY, number, rounding, rows

SYSTEM: Final = "Eclipse"
_STRUCTURE: Final = re.compile(r"(?m)^Structure[ \t]*:[ \t]*(.*)$")
_COLUMN: Final = re.compile(
    r"(Relative dose|Dose|Structure Volume|Ratio of Total Structure Volume|dVolume / dDose)[ ]*\[([^\]]{1,12})\]",
    re.IGNORECASE,
)


def knows(text: str) -> bool:
    """Whether `text` looks like such an export."""
    return "Dose Volume Histogram" in text and _STRUCTURE.search(text) is not None


def patient_id(text: str) -> str:
    """The id of the patient, empty where it is not given."""
    return _field(text.split("Structure:", 1)[0], "Patient ID")[1]


def read(text: str) -> tuple[StoredDvh, ...]:
    """The curves; ValueError says what is wrong."""
    if re.search(r"(?m)^Type[ \t]*:[ \t]*Differential", text):
        raise ValueError("is a differential DVH; export the cumulative one")
    starts = list(_STRUCTURE.finditer(text))
    head = text[: starts[0].start()]
    ends = [start.start() for start in starts[1:]] + [len(text)]
    found = [_curve(start[1].strip(), text[start.end() : end], head) for start, end in zip(starts, ends, strict=True)]
    return tuple(curve for curve in found if curve is not None)


def _curve(name: str, section: str, head: str) -> StoredDvh | None:
    """One structure; None where it has no table, as one without volume."""
    lines = section.splitlines()
    at = next((i for i, line in enumerate(lines) if _is_heading(line)), None)
    if at is None:
        return None
    columns = [(title.lower(), unit.strip().lower()) for title, unit in _COLUMN.findall(lines[at])]
    table = rows(lines[at + 1 :], len(columns))
    if len(table) == 0:
        if any(line.strip() for line in lines[at + 1 :]):
            raise ValueError(f"has a table for {name!r} that does not fit its heading")
        return None
    scale, column = _dose(columns, head)
    volume_unit, volume_text = _field(section, "Volume")
    volume_cc = number(volume_text) if volume_unit.lower() in CC else None
    off = rounding(volume_text)
    absolute = [i for i, (title, unit) in enumerate(columns) if title == "structure volume" and unit in CC]
    relative = [i for i, (title, _) in enumerate(columns) if title == "ratio of total structure volume"]
    if not absolute and not relative:
        raise ValueError(f"has no column of volume for {name!r}")
    volume = table[:, (relative or absolute)[0]]
    if not relative:
        volume_cc, off = float(volume[0]), 0.0
    curve = StoredDvh.from_points(name, table[:, column] * scale, volume, volume_cc=volume_cc, rounding_cc=off)
    low, mean, high = (_stated(section, title) for title in ("Min Dose", "Mean Dose", "Max Dose"))
    cover = number(_field(section, "Dose Cover.")[1])
    outside = 100 - cover if cover is not None and 0 <= cover < 100 else None
    return replace(curve, outside_percent=outside, minimum_gy=low, average_gy=mean, maximum_gy=high)


def _stated(section: str, title: str) -> float | None:
    """A stated dose in Gy, None where it is not there or in percent."""
    unit, said = _field(section, title)
    value = number(said)
    return value * GY[unit.lower()] if unit.lower() in GY and value is not None else None


def _is_heading(line: str) -> bool:
    return len(_COLUMN.findall(line)) > 1


def _dose(columns: list[tuple[str, str]], head: str) -> tuple[float, int]:
    """What one of the column of dose is in Gy, and which column that is."""
    for i, (title, unit) in enumerate(columns):
        if title == "dose" and unit in GY:
            return GY[unit], i
    for i, (title, unit) in enumerate(columns):
        if unit == "%" and title in ("dose", "relative dose"):
            return _percent_gy(head), i
    raise ValueError("has no column of dose in Gy, cGy or %")


def _percent_gy(head: str) -> float:
    """One percent of dose in Gy, by the header's prescription."""
    for title in ("Prescribed dose", "Total dose"):
        unit, said = _field(head, title)
        dose, isodose = number(said), number(_field(head, "% for dose")[1])
        if unit.lower() in GY and dose and isodose:
            return dose * GY[unit.lower()] / isodose
    raise ValueError("gives dose in percent of an unknown dose; export it with absolute dose")


def _field(text: str, title: str) -> tuple[str, str]:
    """Unit and value of a line such as ``Volume [cm³]: 492.1``; both empty where it is not there."""
    unit = r"[ \t]*(?:[\[(]([^\])\n]{0,12})[\])][ \t]*)?:[ \t]*(.*)$"
    found = re.search(rf"(?m)^{re.escape(title)}{unit}", text)
    return ((found[1] or "").strip(), found[2].strip()) if found else ("", "")
