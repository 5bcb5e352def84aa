"""How far a value is on the good side of its limit, and what one plan says of one goal."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hardcheck.store import GoalValue

UPPER: Final = ("<", "<=")
"""Limits that the value must stay below."""

NEAR_PERCENT: Final = 2.0
"""A goal that is met by less than this share of its limit is a near miss."""

WORST_FIRST: Final = ("NOT_MET", "NOT_EVALUATED", "MARGINAL", "MET", "NOT_APPLICABLE")
"""A goal of several ROIs is as good in a plan as the worst of them."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One goal in one plan; of several ROIs the worst outcome, and the numbers of that with the smallest margin.

    `margin` is limit less value in the good direction, in the unit of the goal, `percent` the same of the limit; None
    where value or limit is not known, or the limit is 0. `month` is ``YYYY-MM``;
    `reason` why it was not evaluated.
    """

    path: str
    outcome: str
    value: float | None
    low: float | None
    high: float | None
    limit: float | None
    margin: float | None
    percent: float | None
    month: str | None
    machine: str | None
    planner: str | None
    regimen: str | None
    protocol_version: str
    reason: str | None

    @property
    def holds_limit(self) -> bool:
        """Whether the limit is inside the interval of the value; a bound that is not known is as far as can be."""
        if self.value is None or self.limit is None:
            return False
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        return low < self.limit < high

    @property
    def is_near_miss(self) -> bool:
        """Whether the limit is inside the interval, or the goal is met by less than `NEAR_PERCENT`."""
        by_little = self.outcome == "MET" and self.percent is not None and 0 <= self.percent < NEAR_PERCENT
        return self.outcome != "NOT_APPLICABLE" and (self.holds_limit or by_little)


def margin_of(op: str, limit: float | None, value: float | None) -> float | None:
    """Limit less value where the value must stay below it, else value less limit; None where either is not known."""
    if limit is None or value is None or not (math.isfinite(limit) and math.isfinite(value)):
        return None
    return limit - value if op in UPPER else value - limit


def seen_of(values: Iterable[GoalValue]) -> tuple[Seen, ...]:
    """What each plan says of a goal, of its values in all ROIs of all plans; in the order of the plans."""
    of_plan: dict[str, list[GoalValue]] = {}
    for value in values:
        of_plan.setdefault(value.path, []).append(value)
    return tuple(_seen(found) for found in of_plan.values())


def _seen(found: list[GoalValue]) -> Seen:
    worst = min(found, key=lambda one: WORST_FIRST.index(one.outcome))
    margins = [(margin, one) for one in found if (margin := margin_of(one.op, one.limit, one.value)) is not None]
    margin, shown = min(margins, key=lambda pair: pair[0], default=(None, worst))
    percent = 100 * margin / abs(shown.limit) if margin is not None and shown.limit else None
    return Seen(
        worst.path,
        worst.outcome,
        shown.value,
        shown.low,
        shown.high,
        shown.limit,
        margin,
        percent,
        _month(worst.date),
        worst.machine,
        worst.planner,
        worst.regimen,
        worst.protocol_version,
        worst.reason,
    )


def _month(date: str | None) -> str | None:
    found = re.match(r"[0-9]{4}-(0[1-9]|1[0-2])(?![0-9])", date or "", re.ASCII)
    return None if found is None else found.group()
