"""A goal whose number is for another fractionation than the plan's: refused, or held against EQD2."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hardcheck.metric import PHYSICAL, Kind, Metric
from hardcheck.plan import Plan
from hardcheck.protocol import Claim, Fractionation, Goal


def for_course(goal: Goal, whole: Fractionation | None, plan: Plan) -> tuple[Goal, tuple[str, ...]] | str:
    """`goal` as it is held against the dose of `plan`, with what is to be said of that; or why it is not.

    Of a course of several plans each of them, and all together, have to be one of the schedules that the number is for.
    `whole` is what all numbers of the protocol are for. Where the protocol says so, EQD2 takes the place of the
    physical dose in the goal, its alternatives and its condition, with its alpha/beta: a goal's own before that of the
    protocol. Doses in percent of a level, and indices, cannot be converted; volumes and what is EQD2 or BED need not.
    """
    schedules = tuple(_schedules(plan))
    guards = [f for f in (goal.fractionation, whole) if f is not None]
    refusing = [(f, said) for f in guards for one in schedules if (said := f.refuses(*one)) is not None]
    for fractionation, said in refusing:
        if not all(fractionation.converts(fractions, dose_gy) for fractions, dose_gy, _ in schedules):
            return said
    if not refusing:
        return goal, ()
    for fractionation in guards:
        if not fractionation.allows_eqd2:
            return f"{refusing[0][1]}, and the number of this goal is not for EQD2 either: {fractionation}"
    fractionation, said = refusing[0]
    claims = [*goal.claims, *([goal.only_if] if goal.only_if is not None else [])]
    for metric in (claim.metric for claim in claims):
        if metric.is_of_level or metric.kind in PHYSICAL - {Kind.VOLUME}:
            return f"{said}, and {metric} is no dose in Gy that could be converted"
    alpha_beta_gy = fractionation.convert_with_alpha_beta_gy
    converted = replace(
        goal,
        metric=_in_eqd2(goal.metric, alpha_beta_gy),
        alternatives=tuple(_claim(claim, alpha_beta_gy) for claim in goal.alternatives),
        only_if=None if goal.only_if is None else _claim(goal.only_if, alpha_beta_gy),
    )
    if converted == goal:
        return goal, ()
    return converted, (f"{said}: held against EQD2 with alpha/beta {alpha_beta_gy:g} Gy, as the protocol says",)


def _schedules(plan: Plan) -> Iterable[tuple[int | None, float | None, str]]:
    """Fractions and dose in Gy of the plan, or of each plan of a course and of all of them, and what it is called."""
    if plan.course is None:
        yield plan.fractions, plan.prescription_gy, "the plan"
        return
    for called, one in plan.course.numbered:
        yield one.fractions, one.prescription_gy, called
    yield plan.course.fractions, plan.course.prescription_gy, "the course"


def _claim(claim: Claim, alpha_beta_gy: float | None) -> Claim:
    return replace(claim, metric=_in_eqd2(claim.metric, alpha_beta_gy))


def _in_eqd2(metric: Metric, alpha_beta_gy: float | None) -> Metric:
    if metric.effect or metric.kind is Kind.VOLUME:
        return metric
    return replace(metric, effect="EQD2", alpha_beta_gy=alpha_beta_gy)
