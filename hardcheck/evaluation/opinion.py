"""The goals judged once more, with the planning system's own curves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hardcheck.dvh import Dvh
from hardcheck.evaluation.held import hold
from hardcheck.evaluation.levels import LevelChoice
from hardcheck.evaluation.result import GoalResult, Outcome
from hardcheck.planning_system import Comparison
from hardcheck.protocol import Protocol
from hardcheck.quantity import Quantity

_JUDGED = (Outcome.MET, Outcome.NOT_MET, Outcome.MARGINAL)


@dataclass(frozen=True, slots=True)
class GoalOpinion:
    """A goal that we judged, with the planning system's value and what comes of it."""

    result: GoalResult
    theirs: Quantity
    outcome: Outcome

    @property
    def is_other(self) -> bool:
        """Whether the goal comes out the other way; a goal that is marginal here comes out either way there."""
        return self.result.outcome is not self.outcome and self.result.outcome is not Outcome.MARGINAL


@dataclass(frozen=True, slots=True, eq=False)
class SecondOpinion:
    """The curves of one export held against ours, and the goals judged with them."""

    comparison: Comparison
    goals: tuple[GoalOpinion, ...] = ()
    unjudged: int = 0
    """Goals that we judged and their curves cannot: of parts of organs, with alternatives, without a curve."""

    @property
    def others(self) -> tuple[GoalOpinion, ...]:
        """The goals that come out the other way."""
        return tuple(goal for goal in self.goals if goal.is_other)


def second_opinion(
    comparison: Comparison, results: Iterable[GoalResult], protocol: Protocol, levels: Mapping[str, LevelChoice]
) -> SecondOpinion:
    """`results` judged with the curves of `comparison`. Nothing here changes an outcome of ours."""
    theirs = {found.structure.number: found.theirs for found in comparison.structures}
    judged = [result for result in results if result.outcome in _JUDGED and result.quantity.value is not None]
    goals = tuple(opinion for result in judged for opinion in _judged(result, theirs, protocol, levels))
    return SecondOpinion(comparison, goals, len(judged) - len(goals))


def _judged(
    result: GoalResult, theirs: Mapping[int, Dvh], protocol: Protocol, levels: Mapping[str, LevelChoice]
) -> Iterator[GoalOpinion]:
    """The opinion on one goal, none where their curve is not of what the goal is about."""
    number = result.roi_number
    if number is None or number not in theirs or result.structure_number != number or result.alternatives:
        return
    choice = levels.get(protocol.structure(result.goal.structure).level)
    held = hold(result.goal, theirs[number], choice, _unknown_volume)
    if held.quantity.value is not None and held.met is not None:
        yield GoalOpinion(result, held.quantity, Outcome.MET if held.met else Outcome.NOT_MET)


def _unknown_volume(name: str) -> Quantity:
    return Quantity.unknown("cc", f"the export has no curve of what {name} is evaluated as")
