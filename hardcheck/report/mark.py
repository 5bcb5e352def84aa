"""Where a goal lies in a cumulative dose-volume plot, and on which side of it a curve must pass."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hardcheck.metric import Kind

if TYPE_CHECKING:
    from hardcheck.evaluation.result import GoalResult

LEFT: Final = "left"
RIGHT: Final = "right"
DOWN: Final = "down"
UP: Final = "up"


@dataclass(frozen=True, slots=True)
class Mark:
    """The limit of a goal as a point of the plot; the curve must pass on its `good` side: left, right, down or up."""

    dose_gy: float
    percent: float
    good: str


def mark_of(result: GoalResult, volume_cc: float | None, level_gy: float | None) -> Mark | None:
    """The mark of a goal, None where it has no place: a mean, an index, another dose than the physical one.

    `volume_cc` is of the structure, `level_gy` what percentages of dose are of; None where they are unknown.
    """
    goal, limit = result.goal, result.limit
    if limit is None or not math.isfinite(limit) or goal.metric.effect:
        return None
    metric, upper = goal.metric, goal.op.is_upper
    match metric.kind:
        case Kind.VOLUME_AT_DOSE:
            place = _gy(metric.at, metric.at_unit, level_gy), _percent(limit, metric.unit, volume_cc)
            return _mark(*place, DOWN if upper else UP)
        case Kind.CRITICAL_VOLUME:
            spared = _percent(limit, metric.unit, volume_cc)
            place = _gy(metric.at, metric.at_unit, level_gy), None if spared is None else 100 - spared
            return _mark(*place, UP if upper else DOWN)
    hottest = _hottest_percent(result, volume_cc)
    return _mark(_gy(limit, metric.unit, level_gy), hottest, LEFT if upper else RIGHT)


def _hottest_percent(result: GoalResult, volume_cc: float | None) -> float | None:
    """At which height of the plot a dose is read off; None for what is no point of the curve."""
    metric = result.goal.metric
    fixed = {Kind.MAXIMUM: 0.0, Kind.MEDIAN: 50.0, Kind.MINIMUM: 100.0}
    if metric.kind in fixed:
        return fixed[metric.kind]
    if metric.kind not in (Kind.DOSE_AT_VOLUME, Kind.DOSE_AT_COLD_VOLUME):
        return None
    share = _percent(metric.at, metric.at_unit, volume_cc)
    return 100 - share if share is not None and metric.kind is Kind.DOSE_AT_COLD_VOLUME else share


def _mark(dose_gy: float | None, percent: float | None, good: str) -> Mark | None:
    if dose_gy is None or percent is None or not 0 <= percent <= 100:
        return None
    return Mark(dose_gy, percent, good)


def _gy(value: float | None, unit: str, level_gy: float | None) -> float | None:
    if value is None or unit == "Gy":
        return value
    return None if level_gy is None else value * level_gy / 100


def _percent(value: float | None, unit: str, volume_cc: float | None) -> float | None:
    if value is None or unit == "%":
        return value
    return 100 * value / volume_cc if volume_cc else None
