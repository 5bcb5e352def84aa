"""A table of comma separated values with a pair of columns for each structure, as SlicerRT writes it.

Eclipse's own curves were published in this form (github.com/SlicerRt/SlicerRT, test data of its DVH module); names
have lost their spaces:

    PTV_DvhArray Dose (Gy),PTV_DvhArray Value (% of 48.6 cc),
    0,100
"""

from __future__ import annotations

import csv
import re
from typing import Final

from hardcheck.plan import StoredDvh
from hardcheck.planning_system.number import GY, column_pairs, number, rounding

SYSTEM: Final = "DVH table"
_DOSE: Final = re.compile(r"(.*?)(?:_Dvh[A-Za-z]*)? Dose \((c?Gy)\)", re.IGNORECASE)
_VALUE: Final = re.compile(r"(.*?)(?:_Dvh[A-Za-z]*)? Value \(% of ([0-9.]{1,12}) cc\)", re.IGNORECASE)


def knows(text: str) -> bool:
    """Whether `text` looks like such a table."""
    return " Value (% of " in text.split("\n", 1)[0]


def patient_id(_text: str) -> str:
    """Empty: the table does not say whose it is."""
    return ""


def read(text: str) -> tuple[StoredDvh, ...]:
    """The curves; ValueError says what is wrong."""
    try:
        head, *lines = list(csv.reader(text.splitlines()))
    except csv.Error:
        raise ValueError("is no table of comma separated values") from None
    found = []
    for column in range(0, len(head) - 1, 2):
        dose, value = _DOSE.fullmatch(head[column].strip()), _VALUE.fullmatch(head[column + 1].strip())
        if dose is None or value is None or dose[1] != value[1]:
            raise ValueError(f"has headings that are not understood in column {column + 1}")
        pairs = column_pairs(lines, column)
        if not pairs:
            continue
        doses, percents = zip(*pairs, strict=True)
        scale, said = GY[dose[2].lower()], value[2]
        found.append(
            StoredDvh.from_points(
                dose[1], [d * scale for d in doses], percents, volume_cc=number(said), rounding_cc=rounding(said)
            )
        )
    return tuple(found)
