"""The DVH text export of PlanIQ (Sun Nuclear): a pair of columns for each structure, separated by tabs.

The format as pyplanscoring (github.com/victorgabr/pps) reads it:

    HEART           SPINAL CORD
    Dose (Gy)       Volume (cc)     Dose (Gy)       Volume (cc)
    0       531.063 0       52.792
"""

from __future__ import annotations

import re
from typing import Final

from hardcheck.plan import StoredDvh
from hardcheck.planning_system.number import CC, GY, column_pairs

SYSTEM: Final = "PlanIQ"
_TITLE: Final = re.compile(r"(Dose|Volume) ?\((c?Gy|cc|cm3|cm³|%)\)", re.IGNORECASE)


def knows(text: str) -> bool:
    """Whether `text` looks like such an export."""
    heads = text.split("\n", 2)
    return len(heads) > 2 and len(_TITLE.findall(heads[1])) > 1


def patient_id(_text: str) -> str:
    """Empty: the export does not say whose it is."""
    return ""


def read(text: str) -> tuple[StoredDvh, ...]:
    """The curves; ValueError says what is wrong."""
    names, titles, *lines = [line.split("\t") for line in text.splitlines()]
    found = []
    for column in range(0, len(titles) - 1, 2):
        name = names[column].strip() if column < len(names) else ""
        dose, volume = (_TITLE.fullmatch(title.strip()) for title in titles[column : column + 2])
        kinds = [title[1].lower() if title is not None else "" for title in (dose, volume)]
        if dose is None or volume is None or kinds != ["dose", "volume"] or dose[2].lower() not in GY or not name:
            raise ValueError(f"has headings that are not understood in column {column + 1}")
        pairs = column_pairs(lines, column)
        if not pairs or not pairs[0][1] > 0:
            continue
        doses, volumes = zip(*pairs, strict=True)
        scale, volume_cc = GY[dose[2].lower()], volumes[0] if volume[2].lower() in CC else None
        found.append(StoredDvh.from_points(name, [d * scale for d in doses], volumes, volume_cc=volume_cc))
    return tuple(found)
