"""By how much the whole dose would have to be scaled: the factor at which a goal is just met, and what all goals allow.

The dose of a level is what was prescribed and stays. D, mean, maximum, minimum and median are proportional to the
dose: the factor is limit over value. The volume above a dose d of the scaled plan is the volume above d / factor of
the plan itself, which rises with the factor, so that its root is found by halving. So is that of radiobiological doses:
n f d (f d + ab) is f^2 n d (d + ab / f), so that the EQD2 of the scaled plan is that of the plan itself at alpha/beta
ab / f, times f^2 (2 + ab / f) / (2 + ab); its BED is f times the BED at ab / f.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hardcheck.dvh import Dvh
from hardcheck.evaluation.held import Held, Volumes, hold
from hardcheck.evaluation.levels import LevelChoice
from hardcheck.metric import DOSE_KINDS, VOLUME_KINDS, Kind, Metric
from hardcheck.protocol import Goal
from hardcheck.quantity import Quantity

PROPORTIONAL: Final = DOSE_KINDS | {Kind.GEUD, Kind.MEAN, Kind.MAXIMUM, Kind.MINIMUM, Kind.MEDIAN}

WIDEST: Final = 1e4
"""Factors above this and below one over it are not looked for: a dose of nothing, or of no bound."""

NEVER: Final = "no scale of the dose meets it"

HALVINGS: Final = 30
"""Of the logarithm of the factor between both ends: to 2e-8 of it."""


@dataclass(frozen=True, slots=True)
class GoalScale:
    """The factors on the whole dose that a goal allows: up to `factor` where `at_most`, else from it on.

    `factor` has the interval that the value's own interval leaves; infinite where nothing is certain on that side. It
    is unknown, with a reason, where no factor meets the goal, and where every factor certainly does (`always`).
    """

    factor: Quantity
    at_most: bool
    always: bool = False


@dataclass(frozen=True, slots=True)
class Bounded:
    """A required goal with the factors that it allows, in each way to meet it.

    `roi_number` and `name`, its structure with metric and limit, tell it from others of the same `id`.
    """

    id: str
    roi_number: int | None
    name: str
    scales: tuple[GoalScale, ...]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Two required goals that no one factor meets; `certain` where their intervals leave none either."""

    lower: Bounded
    upper: Bounded
    from_factor: float
    """What the goal of coverage asks for at the least."""
    to_factor: float
    """What the other one allows at the most."""
    certain: bool


@dataclass(frozen=True, slots=True)
class PlanScale:
    """The factors on the whole dose at which every required goal that was evaluated is met.

    `low` and `high` are the ends, with the intervals; None where nothing bounds that side. `goals` (2) are those that
    set them. Nothing is said of the required goals that were `not_evaluated`.
    """

    low: Quantity | None
    high: Quantity | None
    goals: tuple[Bounded | None, Bounded | None]
    excluding: tuple[Exclusion, ...]
    never: tuple[Bounded, ...]
    """The goals that no factor meets."""
    evaluated: int
    not_evaluated: int
    """With those whose ways to be met leave a gap in between."""

    @property
    def is_possible(self) -> bool:
        """Whether there is a factor at which the values of all of them meet their limits."""
        return not self.excluding and not self.never


def rises_with_dose(metric: Metric) -> bool:
    """Whether the value rises with the dose. What stays below a dose falls."""
    return metric.kind is not Kind.CRITICAL_VOLUME


def scale_of(goal: Goal, dvh: Dvh, choice: LevelChoice | None, volumes: Volumes) -> GoalScale | None:
    """The factors that `goal` on `dvh` allows; None where no value is known.

    `choice` is the level that percent of dose is of, `volumes` gives the volumes that limits are relative to.
    """
    held = hold(goal, dvh, choice, volumes)
    if held.quantity.value is None or held.limit is None:
        return None
    at_most = goal.op.is_upper == rises_with_dose(goal.metric)
    if goal.metric.kind in PROPORTIONAL and not goal.metric.effect:
        factor = _ratio(held.limit, held.quantity)
        # A dose of nothing stays nothing.
        return GoalScale(factor, at_most, always=factor.value is None and held.met is True)
    if goal.metric.kind in PROPORTIONAL or (goal.metric.kind in VOLUME_KINDS and goal.metric.at):
        return _root(goal, dvh, choice, volumes, at_most=at_most)
    return GoalScale(Quantity.unknown("", "the dose does not change it"), at_most, always=held.met is True)


def _ratio(limit: float, quantity: Quantity) -> Quantity:
    """Limit over value; its interval is from the value's other ends."""
    value, low, high = (n if n is not None else math.nan for n in (quantity.value, quantity.low, quantity.high))
    if not (limit > 0 and value > 0):
        return Quantity.unknown("", NEVER)
    return Quantity(limit / value, limit / high, limit / low if low > 0 else math.inf, "")


def _root(goal: Goal, dvh: Dvh, choice: LevelChoice | None, volumes: Volumes, *, at_most: bool) -> GoalScale:
    """The factor at which the value is just what the limit allows."""

    def held_at(factor: float) -> Held:
        return hold(_of_unscaled(goal, factor), dvh, choice, volumes)

    def by_value(factor: float) -> bool:
        held = held_at(factor)
        return (
            held.quantity.value is not None
            and held.limit is not None
            and goal.op.against(held.limit)(held.quantity.value)
        )

    value = _last(by_value, at_most=at_most)
    certain = _last(lambda factor: held_at(factor).met is True, at_most=at_most)
    possible = _last(lambda factor: held_at(factor).met is not False, at_most=at_most)
    if math.isnan(value):
        return GoalScale(Quantity.unknown("", NEVER), at_most)
    everywhere = WIDEST if at_most else 1 / WIDEST
    if certain == everywhere:
        return GoalScale(Quantity.unknown("", "every scale of the dose meets it"), at_most, always=True)
    nowhere = 0.0 if at_most else math.inf
    ends = tuple(nowhere if math.isnan(end) else end for end in (certain, possible))
    return GoalScale(Quantity.spanning(value, ends, ""), at_most)


def _of_unscaled(goal: Goal, factor: float) -> Goal:
    """The goal that a plan meets just where the plan with `factor` times its dose meets `goal`."""
    metric, gain = goal.metric, factor
    if metric.alpha_beta_gy is not None:
        alpha_beta_gy = metric.alpha_beta_gy / factor
        if metric.effect == "EQD2":
            gain = factor**2 * (2 + alpha_beta_gy) / (2 + metric.alpha_beta_gy)
        metric = replace(metric, alpha_beta_gy=alpha_beta_gy)
    if metric.kind in VOLUME_KINDS:
        return replace(goal, metric=replace(metric, at=(metric.at or 0.0) / gain))
    return replace(goal, metric=metric, limit=replace(goal.limit, value=goal.limit.value / gain))


def _last(holds: Callable[[float], bool], *, at_most: bool) -> float:
    """The greatest factor at which `holds`, the least where not `at_most`; NaN where none does."""
    good, bad = (1 / WIDEST, WIDEST) if at_most else (WIDEST, 1 / WIDEST)
    if not holds(good):
        return math.nan
    if holds(bad):
        return bad
    for _ in range(HALVINGS):
        middle = math.sqrt(good * bad)
        good, bad = (middle, bad) if holds(middle) else (good, middle)
    return good


def widest(scales: Sequence[GoalScale]) -> GoalScale | None:
    """What several ways to meet one goal allow together.

    Unknown where none allows anything; None where there is no way, or where some bound the dose from above and others
    from below.
    """
    if always := [scale for scale in scales if scale.always]:
        return always[0]
    known = [scale for scale in scales if scale.factor.value is not None]
    if not known:
        return scales[0] if scales else None
    if len({scale.at_most for scale in known}) > 1:
        return None
    choose = max if known[0].at_most else min
    return choose(known, key=lambda scale: _value(scale.factor))


def plan_scale(goals: Iterable[Bounded], not_evaluated: int) -> PlanScale | None:
    """What `goals`, all required, allow together; None where there is none. `not_evaluated` others there are."""
    several = [(goal, widest(goal.scales)) for goal in goals]
    known = [(goal, scale) for goal, scale in several if scale is not None]
    if not known:
        return None
    never = tuple(goal for goal, scale in known if scale.factor.value is None and not scale.always)
    bounds = [(goal, scale) for goal, scale in known if scale.factor.value is not None]
    lower = sorted(((g, s.factor) for g, s in bounds if not s.at_most), key=lambda pair: -_value(pair[1]))
    upper = sorted(((g, s.factor) for g, s in bounds if s.at_most), key=lambda pair: _value(pair[1]))
    return PlanScale(
        _joint([factor for _, factor in lower], max) if lower else None,
        _joint([factor for _, factor in upper], min) if upper else None,
        (lower[0][0] if lower else None, upper[0][0] if upper else None),
        tuple(_exclusions(lower, upper)),
        never,
        len(known),
        not_evaluated + len(several) - len(known),
    )


def _exclusions(
    lower: Sequence[tuple[Bounded, Quantity]], upper: Sequence[tuple[Bounded, Quantity]]
) -> Iterable[Exclusion]:
    """Each goal that asks for more than another one allows, gravest first, with the one that allows least."""
    for goal, factor in lower:
        most = upper[0][1] if upper else None
        if most is not None and _value(factor) > _value(most):
            certain = (factor.low or 0.0) > (math.inf if most.high is None else most.high)
            yield Exclusion(goal, upper[0][0], _value(factor), _value(most), certain)


def _joint(factors: Sequence[Quantity], choose: Callable[[Iterable[float]], float]) -> Quantity:
    """The end that all of `factors` leave: each of its numbers the greatest, or the least, of theirs."""
    low, value, high = (
        choose(n if n is not None else math.nan for n in numbers)
        for numbers in zip(*((f.low, f.value, f.high) for f in factors), strict=True)
    )
    return Quantity(value, low, high, "")


def _value(factor: Quantity) -> float:
    return factor.value if factor.value is not None else math.nan
