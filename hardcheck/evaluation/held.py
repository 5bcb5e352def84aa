"""A metric held against a limit, with the intervals of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from hardcheck.dvh import Dvh
from hardcheck.evaluation.levels import LevelChoice
from hardcheck.metric import VOLUME_KINDS, Kind, Metric
from hardcheck.protocol import Goal, Limit, Op
from hardcheck.quantity import Quantity

_FALL_WITH_VOLUME: Final = frozenset({Kind.MAXIMUM, Kind.DOSE_AT_VOLUME, Kind.VOLUME_AT_DOSE, Kind.VOLUME})
_REST: Final = {Kind.VOLUME_AT_DOSE: Kind.CRITICAL_VOLUME, Kind.CRITICAL_VOLUME: Kind.VOLUME_AT_DOSE}
_TURNED: Final = {Op.LESS: Op.MORE, Op.AT_MOST: Op.AT_LEAST, Op.MORE: Op.LESS, Op.AT_LEAST: Op.AT_MOST}

Volumes = Callable[[str], Quantity]
"""The volume in cc of a structure of the protocol, by its name."""


@dataclass(frozen=True, slots=True)
class Held:
    """A value held against a limit: True, False, or None where the intervals leave it open or there is no value."""

    quantity: Quantity
    limit: float | None = None
    met: bool | None = None


def value_of(metric: Metric, dvh: Dvh, choice: LevelChoice | None) -> Quantity:
    """The value of `metric` in `dvh`; `choice` is the level that percent of dose is of."""
    level_gy = choice.dose_gy if choice is not None else None
    quantity = dvh.metric(metric, level_gy)
    in_percent = "%" in (metric.at_unit, metric.unit) and metric.kind is not Kind.VOLUME
    if quantity.value is None and in_percent and choice is not None and level_gy is None and dvh.reason is None:
        return Quantity.unknown(quantity.unit, f"level {choice.name} is not known: {choice.how}")
    return quantity


def hold(goal: Goal, dvh: Dvh, choice: LevelChoice | None, volumes: Volumes) -> Held:
    """The value of `goal` in `dvh` and whether it meets the limit; `choice` is the level that percent of dose is of.

    A limit relative to the volume of the goal's own structure is relative to the volume of `dvh`.
    """
    quantity = value_of(goal.metric, dvh, choice)
    if quantity.value is None:
        return Held(quantity)
    level_gy = choice.dose_gy if choice is not None else None
    limit = goal.limit
    if limit.volume_of is None:
        return Held(quantity, limit.value, quantity.holds(goal.op.against(limit.value)))
    if limit.volume_of == goal.structure:
        if goal.metric.kind in VOLUME_KINDS:
            # V < Volume - v is the same as: more than v stays below the dose. Both move together under every model.
            rest = dvh.metric(replace(goal.metric, kind=_REST[goal.metric.kind]), level_gy)
            met = rest.holds(_TURNED[goal.op].against(-limit.value))
            return Held(quantity, (dvh.volume.value or 0.0) + limit.value, met)
        return _relative(goal.op, quantity, limit, dvh.volume)
    return _relative(goal.op, quantity, limit, volumes(limit.volume_of))


def _relative(op: Op, quantity: Quantity, limit: Limit, volume: Quantity) -> Held:
    """A value held against a limit that has an interval of its own."""
    if volume.value is None or volume.low is None or volume.high is None:
        reason = f"the volume of {limit.volume_of}, which the limit is relative to, is not known: {volume.reason}"
        return Held(Quantity.unknown(quantity.unit, reason, quantity.caveats))
    ends = {quantity.holds(op.against(cc + limit.value)) for cc in (volume.low, volume.value, volume.high)}
    return Held(quantity, volume.value + limit.value, ends.pop() if len(ends) == 1 else None)


def part_meets_what_whole_meets(goal: Goal) -> bool:
    """Whether each part of a structure meets the goal if the whole structure does.

    A part has no more volume at any dose than the whole, so no greater maximum, D in cc, V in cc or volume.
    """
    if not goal.op.is_upper or goal.limit.volume_of is not None or goal.metric.kind not in _FALL_WITH_VOLUME:
        return False
    if goal.metric.kind in VOLUME_KINDS:
        return goal.metric.unit == "cc"
    return goal.metric.at_unit != "%"
