"""The DVH text export of RayStation (RaySearch): for each ROI its name, its unit and a table of dose and percent.

The format as DVHmetrics (github.com/dwoll/DVHmetrics, R/parseRayStation.R) describes it; versions differ in the line
of the unit. There is no volume in it, but where a ``#RoiVolume:`` in cc was added.

    #PatientName:...
    #PatientId:...
    #Dosename:...
    #RoiName:PTV
    #Roi volume fraction outside grid: 0 %
    #Dose unit: cGy                    (or #Unit: cGy)
    0.000   100.000
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from hardcheck.plan import StoredDvh
from hardcheck.planning_system.number import GY, number, rounding, rows

SYSTEM: Final = "RayStation"
_ROI: Final = re.compile(r"(?m)^#RoiName:[ \t]*(.*)$")
_UNIT: Final = re.compile(r"(?im)^#(?:[a-z]+[ \t]+)?unit:[ \t]*([a-z%]+)[ \t]*$")


def knows(text: str) -> bool:
    """Whether `text` looks like such an export."""
    return _ROI.search(text) is not None


def patient_id(text: str) -> str:
    """The id of the patient, empty where it is not given."""
    return _field(text, "PatientId")


def read(text: str) -> tuple[StoredDvh, ...]:
    """The curves; ValueError says what is wrong."""
    starts = list(_ROI.finditer(text))
    ends = [start.start() for start in starts[1:]] + [len(text)]
    found = [_curve(start[1].strip(), text[start.end() : end]) for start, end in zip(starts, ends, strict=True)]
    return tuple(curve for curve in found if curve is not None)


def _curve(name: str, section: str) -> StoredDvh | None:
    unit = _UNIT.search(section)
    if unit is None or unit[1].lower() not in GY:
        raise ValueError(f"does not give the dose of {name!r} in Gy or cGy")
    table = rows([line for line in section.splitlines() if not line.startswith("#")], 2)
    if len(table) == 0 or not table[0, 1] > 0:
        return None
    said = _field(section, "RoiVolume")
    volume_cc, off = number(said), rounding(said) if said else 0.0
    curve = StoredDvh.from_points(
        name, table[:, 0] * GY[unit[1].lower()], table[:, 1], volume_cc=volume_cc, rounding_cc=off
    )
    outside = number(_field(section, "Roi volume fraction outside grid").removesuffix("%"))
    return replace(curve, outside_percent=outside if outside is not None and outside > 0 else None)


def _field(text: str, title: str) -> str:
    found = re.search(rf"(?m)^#{re.escape(title)}:[ \t]*(.*)$", text)
    return found[1].strip() if found else ""
