"""A metric held against a limit, with the intervals of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from hardcheck.dvh import Dvh
from hardcheck.evaluation.levels import LevelChoice
from hardcheck.evaluation.result import Outcome
from hardcheck.metric import VOLUME_KINDS, Kind, Metric
from hardcheck.protocol import Goal
from hardcheck.quantity import Quantity

_FALL_WITH_VOLUME: Final = frozenset({Kind.MAXIMUM, Kind.DOSE_AT_VOLUME, Kind.VOLUME_AT_DOSE, Kind.VOLUME})
_REST: Final = {Kind.VOLUME_AT_DOSE: Kind.CRITICAL_VOLUME, Kind.CRITICAL_VOLUME: Kind.VOLUME_AT_DOSE}

Volumes = Callable[[str], Quantity]
"""The volume in cc of a structure of the protocol, by its name."""


@dataclass(frozen=True, slots=True)
class Held:
    """A value held against a limit: True, False, or None where the intervals leave it open or there is no value."""

    quantity: Quantity
    limit: float | None = None
    met: bool | None = None

    @property
    def outcome(self) -> Outcome:
        """As the outcome of a goal; a quantity without a value is evaluated nowhere."""
        if self.quantity.value is None:
            return Outcome.NOT_EVALUATED
        return {True: Outcome.MET, False: Outcome.NOT_MET, None: Outcome.MARGINAL}[self.met]


Measure = Callable[[Metric, Dvh, float | None], Quantity]
"""The value of a metric in the structure of a DVH, with the level in Gy that it may be of."""


def of_dvh(metric: Metric, dvh: Dvh, level_gy: float | None) -> Quantity:
    """What `dvh` alone can tell; indices need the dose around it."""
    return dvh.metric(metric, level_gy)


def value_of(metric: Metric, dvh: Dvh, choice: LevelChoice | None, measure: Measure = of_dvh) -> Quantity:
    """The value of `metric` in `dvh`; `choice` is the level that percent of dose is of."""
    level_gy = choice.dose_gy if choice is not None else None
    quantity = measure(metric, dvh, level_gy)
    in_percent = metric.is_of_level or ("%" in (metric.at_unit, metric.unit) and metric.kind is not Kind.VOLUME)
    if quantity.value is None and in_percent and choice is not None and level_gy is None and dvh.reason is None:
        return Quantity.unknown(quantity.unit, f"level {choice.name} is not known: {choice.how}")
    return quantity


def hold(goal: Goal, dvh: Dvh, choice: LevelChoice | None, volumes: Volumes, measure: Measure = of_dvh) -> Held:
    """The value of `goal` in `dvh` and whether it meets the limit; `choice` is the level that percent of dose is of.

    A limit relative to the volume of the goal's own structure is relative to the volume of `dvh`.
    """
    level_gy = choice.dose_gy if choice is not None else None
    quantity, of = value_of(goal.metric, dvh, choice, measure), goal.limit.volume_of
    if quantity.value is None or of is None:
        return compare(goal, quantity)
    if of != goal.structure:
        return compare(goal, quantity, volumes(of))
    if goal.metric.kind not in VOLUME_KINDS:
        return compare(goal, quantity, dvh.volume)
    return compare(goal, quantity, dvh.volume, dvh.metric(replace(goal.metric, kind=_REST[goal.metric.kind]), level_gy))


def compare(goal: Goal, quantity: Quantity, volume: Quantity | None = None, rest: Quantity | None = None) -> Held:
    """`quantity` held against the limit of `goal`.

    `volume`, in cc, is what the limit is relative to, where it is. `rest`, in cc, is what `quantity` leaves of it where
    both are of one structure: the two move together then, under every model.
    """
    if quantity.value is None:
        return Held(quantity)
    op, limit = goal.op, goal.limit
    if limit.volume_of is None:
        return Held(quantity, limit.value, quantity.holds(op.against(limit.value)))
    if volume is None or volume.value is None or volume.low is None or volume.high is None:
        why = volume.reason if volume is not None else "it is not given"
        reason = f"the volume of {limit.volume_of}, which the limit is relative to, is not known: {why}"
        return Held(Quantity.unknown(quantity.unit, reason, quantity.caveats))
    if rest is not None:
        # V < Volume - v is the same as: more than v stays below the dose.
        return Held(quantity, volume.value + limit.value, rest.holds(op.turned.against(-limit.value)))
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
