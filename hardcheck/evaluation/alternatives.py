"""A goal with several ways to meet it: one is enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hardcheck.evaluation.result import GoalResult, Outcome
from hardcheck.protocol import Goal


def any_of(goal: Goal, ways: Sequence[GoalResult]) -> GoalResult:
    """The result of `goal` from those of its alternatives, its own first; value and limit are of its own.

    Met if one is met, not met if none can be; a way that does not apply is none.
    """
    result = replace(ways[0], goal=goal, alternatives=tuple(ways[1:]), review=None)
    said = "; ".join(f"{way.claim}: {way.told}" for way in ways)
    met = [way for way in ways if way.outcome is Outcome.MET]
    if met:
        plain = [way for way in met if way.review is None]
        best = (plain or met)[0]
        reason = None if best is ways[0] else f"met by another way: {best.claim}: {best.told}"
        return replace(result, outcome=Outcome.MET, reason=reason, review=best.review)
    outcomes = {way.outcome for way in ways} - {Outcome.NOT_APPLICABLE}
    if not outcomes:
        return replace(result, outcome=Outcome.NOT_APPLICABLE, reason=said)
    for outcome in (Outcome.NOT_EVALUATED, Outcome.MARGINAL):
        if outcome in outcomes:
            return replace(result, outcome=outcome, reason=said)
    reviews = [way.review for way in ways if way.outcome is Outcome.NOT_MET]
    return replace(result, outcome=Outcome.NOT_MET, reason=said, review=reviews[0] if all(reviews) else None)
