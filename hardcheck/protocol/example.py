"""An example that a protocol carries: a value of a goal, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Example:
    """`low` <= `value` <= `high`, in the unit of the goal with the id `goal`."""

    goal: str
    value: float
    low: float
    high: float
    outcome: str
    """"MET", "NOT_MET" or "MARGINAL"."""
    volumes_cc: Mapping[str, float] = field(default_factory=dict, hash=False)
    """Volumes of the structures that the limit is relative to, by name."""
    line: int = 0
    column: int = 0
    """Where it stands in the file, from 1; 0 where it is of none."""
