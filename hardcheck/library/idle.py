"""Goals that never say anything: another one implies them, or no plan reaches them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from hardcheck.library.fault import Fault, Path, claims_of, goals_of
from hardcheck.library.schema import (
    FractionationEntry,
    GoalEntry,
    ProtocolEntry,
    RegimenEntry,
    count_range,
    level_range_gy,
)
from hardcheck.protocol import Claim, excludes, implies, parse_claim
from hardcheck.protocol.fractionation import TOLERANCE_GY


def implied_goals(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Goals that another one of the same structure and tier implies wherever they apply.

    Advisory goals may be steps of which each is shown.
    """
    for i, structure in enumerate(protocol.structures):
        path: Path = ("structures", i, "goals")
        asked = [_Asked(j, goal, _claims(goal, structure.name)) for j, goal in enumerate(structure.goals)]
        asked = [each for each in asked if each.goal.tier != "advisory"]
        for each in asked:
            if (other := _idle_beside(each, asked)) is not None:
                message = f"{each.goal.id} is met by whatever meets {other.goal.id}"
                yield Fault((*path, each.at), message, "leave one of them away, or correct it", (*path, other.at))


class _Asked(NamedTuple):
    """A goal with its place among those of its structure, and what it asks."""

    at: int
    goal: GoalEntry
    claims: list[Claim]


def _idle_beside(one: _Asked, others: Iterable[_Asked]) -> _Asked | None:
    """The first of `others` beside which `one` is idle; of two that imply one another, the second is the idle one."""
    for other in others:
        if other.at != one.at and _covers(other, one) and (other.at < one.at or not _covers(one, other)):
            return other
    return None


def _covers(ours: _Asked, theirs: _Asked) -> bool:
    """Whether `theirs` is idle beside `ours`."""
    one, other = ours.goal, theirs.goal
    if one.tier != other.tier or (one.uncertain_tier and not other.uncertain_tier):
        return False
    if one.regimens and (not other.regimens or not set(other.regimens) <= set(one.regimens)):
        return False
    if one.only_if not in (None, other.only_if) or one.fractionation not in (None, other.fractionation):
        return False
    is_said = bool(ours.claims and theirs.claims)
    return is_said and all(any(implies(way, aim) for aim in theirs.claims) for way in ours.claims)


def _claims(goal: GoalEntry, name: str) -> list[Claim]:
    """What a goal of the structure `name` asks, its own name left away."""
    claims = [claim for _, _, claim in claims_of(goal)]
    return [replace(claim, structure="") if claim.structure == name else claim for claim in claims]


def decided_by_condition(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Goals that every plan meets to which they apply, or none does."""
    for path, structure, goal in goals_of(protocol):
        if goal.only_if is None:
            continue
        condition = parse_claim(goal.only_if)
        if condition.structure == structure.name:
            condition = replace(condition, structure="")
        aims = _claims(goal, structure.name)
        place = (*path, "only_if")
        if condition.is_decided:
            continue  # told as such
        if any(implies(condition, aim) for aim in aims):
            message = f"whatever meets {goal.only_if!r} meets the goal"
            yield Fault(place, message, "correct the one or the other")
        elif aims and all(excludes(condition, aim) for aim in aims):
            message = f"nothing that meets {goal.only_if!r} can meet the goal"
            yield Fault(place, message, "correct the one or the other")


def refused_schedules(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Regimens and goals whose schedules no plan of this protocol can have."""
    whole = protocol.fractionation
    for i, regimen in enumerate(protocol.regimens):
        if whole is not None and not _fits(regimen, whole):
            message = f"no plan of regimen {regimen.id} has the fractionation that the file is for"
            yield Fault(("regimens", i), message, "correct the one or the other", ("fractionation",))
    for path, _, goal in goals_of(protocol):
        if goal.fractionation is None:
            continue
        regimens = [r for r in protocol.regimens if not goal.regimens or r.id in goal.regimens]
        wanted = [goal.fractionation, *([whole] if whole is not None else [])]
        if regimens and not any(_fits(regimen, *wanted) for regimen in regimens):
            message = f"no regimen that {goal.id} is for has this fractionation, so no plan is held against it"
            yield Fault((*path, "fractionation"), message, "correct it, or leave the goal away")


def _fits(regimen: RegimenEntry, *wanted: FractionationEntry) -> bool:
    """Whether a plan of `regimen` can be of all `wanted` schedules at once, or converted where they say so."""
    wanted = tuple(each for each in wanted if not each.convert_with_alpha_beta)
    counts = [count_range(each.fractions) for each in wanted if each.fractions]
    if regimen.fractions is not None:
        counts.append((regimen.fractions, regimen.fractions))
    least, most = max((low for low, _ in counts), default=1), min((high for _, high in counts), default=math.inf)
    doses = [level_range_gy(each.dose_per_fraction) for each in wanted if each.dose_per_fraction]
    low_gy, high_gy = max((low for low, _ in doses), default=0.0), min((high for _, high in doses), default=math.inf)
    levels = [level_range_gy(text) for text in regimen.levels.values()]
    # The highest level is what a plan gives per fraction; where levels are ranges, it is somewhere in between.
    lowest_gy, highest_gy = max(low for low, _ in levels), max(high for _, high in levels)
    if least > most or low_gy - TOLERANCE_GY > high_gy + TOLERANCE_GY:
        return False
    return highest_gy / least >= low_gy - TOLERANCE_GY and lowest_gy / most <= high_gy + TOLERANCE_GY
