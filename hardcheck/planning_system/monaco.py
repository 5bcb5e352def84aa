"""The DVH text export of Monaco (Elekta): one line of settings, then one line for each structure and dose.

The format as DVHmetrics (github.com/dwoll/DVHmetrics, R/parseMonaco.R) describes it. The last line is a date.

    Patient ID: name~id | Plan Name: p | Resolution: 0.2(cm) | Bin Width: 0.1(Gy) | Dose Units: Gy | Volume Units: cm³

    Structure Name  Bin Dose  Bin Volume
    PTV             0.0       60.0
"""

from __future__ import annotations

from typing import Final

from hardcheck.plan import StoredDvh
from hardcheck.planning_system.number import CC, GY, number

SYSTEM: Final = "Monaco"
_CELLS: Final = 3
"""Name, dose and volume; a name may have spaces."""


def knows(text: str) -> bool:
    """Whether `text` looks like such an export."""
    head = text.split("\n", 1)[0]
    return "Bin Width:" in head and "Dose Units:" in head and "Volume Units:" in head


def patient_id(text: str) -> str:
    """The id of the patient, empty where it is not given."""
    _, tilde, after = _setting(text, "Patient ID").rpartition("~")
    return after.strip() if tilde else ""


def read(text: str) -> tuple[StoredDvh, ...]:
    """The curves; ValueError says what is wrong."""
    dose_unit, volume_unit = _setting(text, "Dose Units").lower(), _setting(text, "Volume Units").lower()
    if dose_unit not in GY:
        raise ValueError("does not give dose in Gy or cGy; export it with absolute dose")
    if volume_unit not in CC and volume_unit != "%":
        raise ValueError("does not give volume in cm³ or %")
    tables: dict[str, list[tuple[float, float]]] = {}
    for line in text.splitlines()[1:]:
        cells = line.rsplit(None, _CELLS - 1)
        dose, volume = (number(cell) for cell in cells[1:]) if len(cells) == _CELLS else (None, None)
        if dose is not None and volume is not None:
            tables.setdefault(cells[0].strip(), []).append((dose * GY[dose_unit], volume))
    return tuple(
        _curve(name, table, in_cc=volume_unit in CC) for name, table in tables.items() if any(v > 0 for _, v in table)
    )


def _curve(name: str, table: list[tuple[float, float]], *, in_cc: bool) -> StoredDvh:
    doses, volumes = zip(*table, strict=True)
    return StoredDvh.from_points(name, doses, volumes, volume_cc=volumes[0] if in_cc else None)


def _setting(text: str, title: str) -> str:
    for part in text.split("\n", 1)[0].split(" | "):
        name, colon, value = part.partition(":")
        if colon and name.strip() == title:
            return value.strip()
    return ""
