"""The account of a run: what was found is what was counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hardcheck.store.bin import Bin


@dataclass(frozen=True, slots=True)
class Account:
    """How many plans a run `found`, as it said before it counted any, and how many of them are in each bin."""

    found: int
    counts: Mapping[Bin, int]

    @property
    def counted(self) -> int:
        """The plans that are in any bin."""
        return sum(self.counts.values())

    @property
    def closes(self) -> bool:
        """Whether every plan that was found is counted, once."""
        return self.counted == self.found

    def __str__(self) -> str:
        sign = "=" if self.closes else "≠"
        return f"{self.found} found {sign} " + " + ".join(f"{self.counts[each]} {each}" for each in Bin)
