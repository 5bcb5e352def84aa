"""The verdict: from the outcomes of the goals and the findings to one word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hardcheck.evaluation.result import GoalResult, Outcome, Verdict
from hardcheck.plan import Finding, Severity
from hardcheck.protocol import Tier

_EVALUATED = frozenset({Outcome.MET, Outcome.NOT_MET, Outcome.MARGINAL})


def decide(results: Sequence[GoalResult], findings: Iterable[Finding]) -> Verdict:
    """The verdict on the plan. Nothing that could not be computed counts as met."""
    severities = {f.severity for f in findings}
    if Severity.FAIL in severities or any(fails(r) for r in results):
        return Verdict.FAIL
    if Severity.STOP in severities or any(asks_for_review(r) for r in results):
        return Verdict.REVIEW
    if not any(r.outcome in _EVALUATED for r in results):
        return Verdict.REVIEW
    if any(varies(r) for r in results):
        return Verdict.VARIATION
    return Verdict.PASS


def fails(result: GoalResult) -> bool:
    """Whether this goal alone fails the plan."""
    goal = result.goal
    judged = goal.uncertain_tier or result.review is not None
    return goal.tier is Tier.REQUIRED and not judged and result.outcome is Outcome.NOT_MET


def asks_for_review(result: GoalResult) -> bool:
    """Whether a person has to judge this goal before the plan can pass."""
    if result.review is not None and result.goal.tier is Tier.REQUIRED:
        return True
    if result.outcome in (Outcome.MET, Outcome.NOT_APPLICABLE):
        return False
    if result.outcome is Outcome.NOT_MET:
        return result.goal.uncertain_tier
    return result.goal.tier is Tier.REQUIRED


def varies(result: GoalResult) -> bool:
    """Whether the plan misses a recommendation by this goal."""
    return result.goal.tier is Tier.RECOMMENDED and result.outcome is Outcome.NOT_MET
