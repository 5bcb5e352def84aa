"""Fractions and doses of an imported protocol: from its file, or from whoever imports it, and never assumed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hardcheck.errors import MetricError, UsageError
from hardcheck.exchange.figure import figure
from hardcheck.exchange.naming import is_name
from hardcheck.metric import decimal_text
from hardcheck.protocol.names import normal
from hardcheck.protocol.slip import excessive

MOST_FRACTIONS: Final = 100
LEVEL: Final = "Prescription"
"""The name of the level that a file gives without a name."""


@dataclass(frozen=True, slots=True)
class Given:
    """What whoever imports a file says of it: its name, and what it leaves open."""

    file: str
    fractions: int | None = None
    prescription_gy: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """A regimen: its fractions, and its dose levels in Gy as text."""

    id: str
    fractions: int
    levels_gy: Mapping[str, str]

    def level_of(self, structure: str) -> str | None:
        """The level that percentages of dose are of: the one of the structure's name, else the one there is."""
        named = [level for level in self.levels_gy if normal(level) == normal(structure)]
        if named or len(self.levels_gy) == 1:
            return (named or list(self.levels_gy))[0]
        return LEVEL if LEVEL in self.levels_gy else None


def course_of(given: Given, *, fractions: int | None = None, dose_gy: Decimal | None = None) -> Course:
    """The one regimen of a file that says `fractions` and `dose_gy`, or leaves them to `given`.

    Raises UsageError where neither says them, and where they say different things.
    """
    if fractions is not None and given.fractions not in (None, fractions):
        raise UsageError(f"the file says {fractions} fractions", where="--fractions", do="leave the option away")
    count = given.fractions if fractions is None else fractions
    if count is None:
        do = "give it, as in --fractions 25"
        raise UsageError("the file does not say the number of fractions", where=given.file, do=do)
    levels = _levels(given, None if dose_gy is None else _dose(dose_gy, given.file))
    return regimen(f"{count}fx", count, levels, where=given.file if fractions is not None else "--fractions")


def regimen(id_: str, fractions: int, levels_gy: Mapping[str, str], *, where: str) -> Course:
    """A course; UsageError where no protocol has that many fractions."""
    if not 1 <= fractions <= MOST_FRACTIONS:
        raise UsageError(f"{fractions} is not a number of fractions", where=where, do=f"1 to {MOST_FRACTIONS} are")
    return Course(id_, fractions, levels_gy)


def _levels(given: Given, dose_gy: str | None) -> dict[str, str]:
    levels = {} if dose_gy is None else {LEVEL: dose_gy}
    for name, value in (given.prescription_gy or {}).items():
        if not is_name(name):
            raise UsageError(f"{name!r} is not the name of a level", where="--level", do="write it as in --level HR=66")
        text = _dose(Decimal(decimal_text(value)) if math.isfinite(value) else Decimal(-1), f"--level {name}")
        if levels.setdefault(name, text) != text:
            raise UsageError(f"the file prescribes {levels[name]} Gy", where=f"--level {name}", do="leave it away")
    if not levels:
        do = "give it, as in --level Prescription=66"
        raise UsageError("the file does not say the prescribed dose", where=given.file, do=do)
    return levels


def _dose(value: Decimal, where: str) -> str:
    try:
        text = figure(value)
    except MetricError as error:
        raise UsageError(error.what, where=where, do="give a dose in Gy") from None
    if text == "0":
        raise UsageError("a dose is more than 0 Gy", where=where, do="give a dose in Gy")
    if slip := excessive(float(text)):
        raise UsageError(slip.message, where=where, do="give it in Gy")
    return text
