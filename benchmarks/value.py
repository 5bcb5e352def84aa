"""One metric of one case by one engine, held against the exact value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

OFF: Final = 0.03
"""A value is off when it is farther than this from the exact one: the criterion of Nelms et al."""

GROUPS: Final = ("files", "placed", "shifted", "bent")


@dataclass(frozen=True)
class Value:
    """`value` with its interval, in cc or Gy; None with a `reason` where the engine gives none.

    `slack` is how well the exact value itself is known.
    """

    case: str
    group: str
    shape: str
    slice_mm: float
    grid_mm: float
    field: str
    range_gy: float
    volume_cc: float
    engine: str
    metric: str
    exact: float
    slack: float
    value: float | None
    low: float | None
    high: float | None
    reason: str | None

    @property
    def error(self) -> float | None:
        """How far the value is from the exact one."""
        return None if self.value is None else self.value - self.exact

    @property
    def off(self) -> bool:
        """Whether it is more than 3 % from exact; no value is off too."""
        return not (self.error is not None and abs(self.error) <= OFF * abs(self.exact) + self.slack)

    @property
    def held(self) -> bool | None:
        """Whether the interval holds the exact value; None where there is no interval."""
        if self.low is None or self.high is None:
            return None
        return self.low - self.slack <= self.exact <= self.high + self.slack

    @property
    def half_width(self) -> float | None:
        """Half the width of the interval; None where there is none."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2
