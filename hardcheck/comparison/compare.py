"""Two evaluations held against one another.

Whether anything that counts got worse is answered in three ways, and docs/compare.md has the table: yes; no; and
"cannot be told", wherever something was decided in A and is not in B. What is missing never counts as no worse.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hardcheck.comparison.change import ORDER, Change, GoalChange, paired
from hardcheck.comparison.findings import FindingChange, Movement, moved
from hardcheck.comparison.question import Difference, differences, is_same_input
from hardcheck.comparison.shift import Shift, ValueChange, shifted
from hardcheck.comparison.side import Held, Said, Side
from hardcheck.evaluation.result import Outcome, Verdict
from hardcheck.plan import Severity

DECIDED: Final = (Verdict.FAIL, Verdict.VARIATION, Verdict.PASS)
"""Verdicts from the worst to the best. REVIEW is none of them: a person has to decide first."""


class Result(StrEnum):
    """Whether anything that counts got worse from A to B, the gravest first."""

    WORSE = "WORSE"
    NOT_TOLD = "NOT_TOLD"
    NOT_WORSE = "NOT_WORSE"


@dataclass(frozen=True, slots=True)
class Reason:
    """What `result` rests on, in words."""

    result: Result
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A and B, and what changed from A to B."""

    a: Side
    b: Side
    goals: tuple[GoalChange, ...]
    values: tuple[ValueChange, ...]
    """Without a limit: they decide nothing."""
    findings: tuple[FindingChange, ...]
    differences: tuple[Difference, ...]
    reasons: tuple[Reason, ...]
    """All of them, the gravest first; none where nothing got worse."""
    same_input: bool

    @property
    def result(self) -> Result:
        """The gravest of the reasons."""
        return self.reasons[0].result if self.reasons else Result.NOT_WORSE

    @property
    def verdict(self) -> Change:
        """Of the verdict, UNKNOWN wherever it changed from or to REVIEW."""
        return change_of_verdict(self.a.verdict, self.b.verdict)

    def count(self, change: Change, *, certain: bool | None = None) -> int:
        """How many goals of either side changed so; of one side alone it is UNKNOWN. Silent ones are not counted."""
        said = [goal for goal in self.goals if not goal.is_silent]
        return sum(goal.change is change and certain in (None, goal.certain) for goal in said)

    def count_values(self, shift: Shift) -> int:
        """How many values without a limit changed so; those without a value on either side are not counted."""
        return sum(value.shift is shift for value in self.values if not value.is_silent)

    @property
    def only_a(self) -> tuple[GoalChange, ...]:
        """Goals that B does not have."""
        return tuple(goal for goal in self.goals if goal.b is None)

    @property
    def only_b(self) -> tuple[GoalChange, ...]:
        """Goals that A does not have."""
        return tuple(goal for goal in self.goals if goal.a is None)


def compare(a: Side, b: Side, *, other_patient: bool = False) -> Comparison:
    """What changed from A to B. The other way round, what is better here is worse there.

    `other_patient` says that they are of two patients, where the sides themselves are without identity.
    """
    goals = paired(a, b)
    findings = moved(a.findings, b.findings)
    unlike = differences(a, b, other_patient=other_patient)
    reasons = [*_of_verdict(a, b), *_of_goals(goals), *_of_findings(findings), *_of_question(unlike)]
    order = list(Result)
    reasons.sort(key=lambda reason: order.index(reason.result))
    return Comparison(a, b, goals, shifted(a, b), findings, unlike, tuple(reasons), is_same_input(a, b))


def change_of_verdict(a: Verdict, b: Verdict) -> Change:
    """From one verdict to the other."""
    if a is b:
        return Change.SAME
    if a not in DECIDED or b not in DECIDED:
        return Change.UNKNOWN
    return Change.BETTER if DECIDED.index(b) > DECIDED.index(a) else Change.WORSE


def of_goal(goal: GoalChange) -> Result:
    """What one goal says of whether anything got worse."""
    before, after = (held.outcome if held is not None else None for held in (goal.a, goal.b))
    if after is Outcome.NOT_MET and before is Outcome.MET:
        return Result.WORSE
    if goal.is_of_another_roi:
        return Result.NOT_TOLD
    if after in ORDER:
        return Result.NOT_WORSE if _is_no_worse(goal.a, goal.b) else Result.NOT_TOLD
    # Without a value, or not there: what was said before is not said any more.
    if before in ORDER or (after is Outcome.NOT_EVALUATED and before is not Outcome.NOT_EVALUATED):
        return Result.NOT_TOLD
    return Result.NOT_WORSE


def _is_no_worse(a: Held | None, b: Held | None) -> bool:
    """Whether a goal with a value in B is met there, or was no better in A, with no more for a person to judge."""
    judged_anew = b is not None and bool(b.review) and not (a is not None and a.review)
    let_go = a is not None and bool(a.review) and not (b is not None and b.review)
    if b is not None and b.outcome is Outcome.MET:
        return not judged_anew
    if a is None or b is None or a.outcome not in ORDER:
        return False
    return ORDER.index(a.outcome) <= ORDER.index(b.outcome) and not let_go


def _of_verdict(a: Side, b: Side) -> Iterator[Reason]:
    said = f"the verdict was {a.verdict} and is {b.verdict}"
    fails = b.verdict is Verdict.FAIL and a.verdict is not Verdict.FAIL
    if fails or change_of_verdict(a.verdict, b.verdict) is Change.WORSE:
        yield Reason(Result.WORSE, said)
    elif b.verdict is Verdict.REVIEW and a.verdict is not Verdict.REVIEW:
        yield Reason(Result.NOT_TOLD, said)


def _of_goals(goals: Sequence[GoalChange]) -> Iterator[Reason]:
    worse = [goal for goal in goals if of_goal(goal) is Result.WORSE]
    if worse:
        yield Reason(Result.WORSE, f"{_counted(worse)} met in A and not met in B: {_named(worse)}")
    open_ = [goal for goal in goals if of_goal(goal) is Result.NOT_TOLD]
    unknown = [goal for goal in goals if goal.change is Change.UNKNOWN and not goal.is_silent]
    untold = [goal for goal in open_ if goal in unknown]
    if untold:
        # Counted as in the table of counts: some of them could not have got worse, as one that is met in B alone.
        counting = "" if len(untold) == len(unknown) else f", and for {len(untold)} of them that counts"
        yield Reason(Result.NOT_TOLD, f"of {_counted(unknown)} it cannot be told{counting}: {_named(untold)}")
    known = [goal for goal in open_ if goal not in unknown]
    judged = [goal for goal in known if goal.is_judged_otherwise]
    marginal = [goal for goal in known if not goal.is_judged_otherwise]
    if judged:
        yield Reason(Result.NOT_TOLD, f"{_counted(judged)} for a person to judge on one side alone: {_named(judged)}")
    if marginal:
        yield Reason(Result.NOT_TOLD, f"{_counted(marginal)} worse, and marginal in A or B: {_named(marginal)}")


def _of_findings(findings: Sequence[FindingChange]) -> Iterator[Reason]:
    for severity, result in ((Severity.FAIL, Result.WORSE), (Severity.STOP, Result.NOT_TOLD)):
        # A check that says the same of the same structures, in other words, is CHANGED and not NEW.
        new = [c.finding for c in findings if c.movement is Movement.NEW and c.finding.severity is severity]
        fresh = list(dict.fromkeys(_about(finding) for finding in new))
        if fresh:
            yield Reason(result, f"a check of the plan says {severity} in B alone: {', '.join(fresh)}")


def _about(finding: Said) -> str:
    return f"{finding.id} ({', '.join(finding.structures)})" if finding.structures else finding.id


def _of_question(unlike: Sequence[Difference]) -> Iterator[Reason]:
    deciding = [difference.what for difference in unlike if difference.decides]
    if deciding:
        yield Reason(
            Result.NOT_TOLD,
            f"these are not the same on both sides, so that nothing is known to be no worse: {', '.join(deciding)}",
        )


def _counted(goals: Sequence[GoalChange]) -> str:
    return f"{len(goals)} goal{'' if len(goals) == 1 else 's'}"


_LISTED: Final = 5
"""Goals that one reason names; the page has them all."""


def _named(goals: Sequence[GoalChange]) -> str:
    names = [f"{goal.held.structure} {goal.held.text}" for goal in goals[:_LISTED]]
    more = f" and {len(goals) - _LISTED} more" if len(goals) > _LISTED else ""
    return f"{', '.join(names)}{more}"
