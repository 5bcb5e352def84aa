"""By how much the dose would have to be scaled, in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from hardcheck.evaluation.scale import Bounded, Exclusion, GoalScale, PlanScale
    from hardcheck.quantity import Quantity

_DIGITS: Final = 4
_Any = TypeVar("_Any")


def goal_scale_text(scale: GoalScale | None) -> str:
    """The factor at which a goal is just met, empty where nothing is known about it."""
    if scale is None:
        return ""
    factor = scale.factor
    if factor.value is None:
        return factor.reason or ""
    bound = (
        f"{_down(factor.value)} of the dose or less" if scale.at_most else f"{_up(factor.value)} of the dose or more"
    )
    return f"just met at {bound} ({_interval(factor)})"


def plan_scale_text(scale: PlanScale | None) -> str:
    """The factors at which every required goal is met, or what excludes what; empty where no such goal has a value."""
    if scale is None:
        return ""
    left = (
        f"; {scale.not_evaluated} could not be evaluated, or would apply at another dose" if scale.not_evaluated else ""
    )
    if not scale.is_possible:
        return f"no factor on the whole dose meets every required goal: {'; '.join(_obstacles(scale))}{left}"
    only = scale.evaluated == 1
    goals = (
        "the one required goal with a value is" if only else f"all {scale.evaluated} required goals with a value are"
    )
    return f"{goals} met at {_range(scale)} of the dose, for certain at {_certain(scale)}{left}"


def _obstacles(scale: PlanScale) -> list[str]:
    """What leaves no factor: pairs of goals, and goals that none meets."""
    said = []
    if scale.excluding:
        # All of them are excluded by the one goal that allows least.
        upper, allowed = _named(scale.excluding[0].upper), _down(scale.excluding[0].to_factor)
        asking = [_asking(pairs) for pairs in _by_name(scale.excluding, lambda pair: pair.lower.name)]
        said.append(f"{upper} allows {allowed} at most, and {', '.join(asking)} at least")
    return [*said, *(_unmet(goals) for goals in _by_name(scale.never, lambda goal: goal.name))]


def _by_name(several: Iterable[_Any], name: Callable[[_Any], str]) -> list[list[_Any]]:
    """Those of each goal together, whatever ROI they are of."""
    found: dict[str, list[_Any]] = {}
    for one in several:
        found.setdefault(name(one), []).append(one)
    return list(found.values())


def _asking(pairs: Sequence[Exclusion]) -> str:
    """What one goal asks for, of the ROI for which it is most."""
    most = max(pairs, key=lambda pair: pair.from_factor)
    others = f", of {len(pairs)} ROIs the most," if len(pairs) > 1 else ""
    doubt = "" if most.certain else " (not for certain)"
    return f"{_named(most.lower)}{others} asks for {_up(most.from_factor)}{doubt}"


def _unmet(goals: Sequence[Bounded]) -> str:
    numbers = ", ".join(str(goal.roi_number) for goal in goals if goal.roi_number is not None)
    return f"none meets {goals[0].name}{f' (ROI {numbers})' if numbers else ''}"


def _named(goal: Bounded) -> str:
    return goal.name if goal.roi_number is None else f"{goal.name} (ROI {goal.roi_number})"


def _range(scale: PlanScale) -> str:
    low = high = ""
    if scale.low is not None and scale.low.value is not None and scale.goals[0] is not None:
        low = f"{_up(scale.low.value)} ({_named(scale.goals[0])})"
    if scale.high is not None and scale.high.value is not None and scale.goals[1] is not None:
        high = f"{_down(scale.high.value)} ({_named(scale.goals[1])})"
    return _span(low, high)


def _certain(scale: PlanScale) -> str:
    """The factors that the intervals leave."""
    low = 0.0 if scale.low is None or scale.low.high is None else scale.low.high
    high = math.inf if scale.high is None or scale.high.low is None else scale.high.low
    if low > high or math.isinf(low) or not high > 0:
        return "none"
    return _span(_up(low) if low > 0 else "", _down(high) if math.isfinite(high) else "")


def _span(low: str, high: str) -> str:
    if low and high:
        return f"{low} to {high}"
    return f"{low} or more" if low else f"{high} or less" if high else "any factor"


def _interval(factor: Quantity) -> str:
    low, high = factor.low or 0.0, math.inf if factor.high is None else factor.high
    return _span(f"{low:.{_DIGITS}f}" if low > 0 else "", f"{high:.{_DIGITS}f}" if math.isfinite(high) else "")


def _down(factor: float) -> str:
    """Rounded so that what is shown does not go beyond the factor."""
    return f"{math.floor(factor * 10**_DIGITS) / 10**_DIGITS:.{_DIGITS}f}"


def _up(factor: float) -> str:
    return f"{math.ceil(factor * 10**_DIGITS) / 10**_DIGITS:.{_DIGITS}f}"
