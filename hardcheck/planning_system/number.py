"""Numbers as the text exports write them."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from hardcheck.plan.geometry import Floats

_LONGEST: Final = 40
"""Characters of a number; longer ones are none, and take no time."""
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)
_COMMA: Final = re.compile(r"[+-]?[0-9]+,[0-9]+(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)

GY: Final = {"gy": 1.0, "cgy": 0.01}
"""What one of a unit is in Gy, by the unit in lower case."""

CC: Final = frozenset({"cm³", "cm3", "cm^3", "cc", "ccm", "ml"})
"""Ways to write a cubic centimetre, in lower case."""


def number(text: str) -> float | None:
    """The number that `text` is, None where it is none; ValueError for a decimal comma."""
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    if _COMMA.fullmatch(text):
        raise ValueError("writes numbers with a decimal comma; export it with English number formats")
    return float(text) if _NUMBER.fullmatch(text) else None


def rows(lines: list[str], columns: int) -> Floats:
    """The lines of `columns` numbers each, (n, columns), up to the first that is none; empty lines before are left."""
    found: list[list[float]] = []
    for line in lines:
        cells = [number(cell) for cell in line.split()]
        values = [value for value in cells if value is not None]
        if len(values) == len(cells) == columns:
            found.append(values)
        elif found or cells:
            break
    return np.array(found, dtype=np.float64).reshape(-1, columns)


def rounding(text: str) -> float:
    """Half of the last decimal that `text` gives."""
    _, point, decimals = text.strip().partition(".")
    return 0.5 * 10.0 ** -len(decimals) if point and decimals.isdigit() else 0.5


def column_pairs(lines: list[list[str]], column: int) -> list[tuple[float, float]]:
    """The numbers of two columns that stand beside one another, as far down as they go."""
    found = []
    for cells in lines:
        if len(cells) <= column + 1 or not cells[column].strip():
            break
        dose, volume = number(cells[column]), number(cells[column + 1])
        if dose is None or volume is None:
            raise ValueError(f"has a cell that is no number in column {column + 1}")
        found.append((dose, volume))
    return found
