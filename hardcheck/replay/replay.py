"""A change of a protocol replayed from a store: which plans would come out otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from hardcheck.evaluation import GoalResult, Outcome, Verdict
from hardcheck.evaluation.verdict import decide
from hardcheck.plan import Finding, Severity
from hardcheck.protocol import Goal, Protocol, Tier
from hardcheck.quantity import Quantity
from hardcheck.replay.ground import Ground, applying, ground_of
from hardcheck.replay.judging import Replayer, Told, needing_curves
from hardcheck.store import Store, StoredEvaluation, StoredGoal, stored_evaluations, versions_of

Known = Callable[[str], Protocol | None]
"""The protocol of a SHA-256, None where it is not known."""

_POSSIBLE: Final = tuple((outcome, review) for outcome in Outcome for review in (None, "may be"))
"""What may come of a goal that cannot be told."""

_EARLIER: Final = "it was stored by an earlier version, which kept less than a replay needs"


@dataclass(frozen=True, slots=True)
class GoalChange:
    """A goal in one ROI, of the new version, and what the goal of the same id was before: None where there was none."""

    told: Told
    before: Outcome | None
    tier_before: Tier | None


@dataclass(frozen=True, slots=True)
class PlanReplay:
    """One plan. `after` is None where the new verdict cannot be told, and `reason` says why where it is of the whole.

    `changes` are the goals that come out otherwise, weigh otherwise or are new, `gone` the ids of those that are no
    more, and `untold` those that cannot be told.
    """

    path: str
    uid: str | None
    label: str | None
    protocol_version: str
    protocol_sha256: str
    before: Verdict
    after: Verdict | None
    changes: tuple[GoalChange, ...] = ()
    gone: tuple[str, ...] = ()
    untold: tuple[Told, ...] = ()
    reason: str | None = None

    @property
    def is_told(self) -> bool:
        """Whether the new verdict is known."""
        return self.after is not None

    @property
    def is_changed(self) -> bool:
        """Whether the verdict would be another, which is known."""
        return self.after is not None and self.after is not self.before


@dataclass(frozen=True, slots=True)
class Replay:
    """The plans of a run that were held against any version of a protocol, held against `protocol`."""

    run: int
    protocol: Protocol
    plans: tuple[PlanReplay, ...]
    moves: Counter[tuple[Verdict, Verdict]] = field(default_factory=Counter)

    @property
    def changed(self) -> tuple[PlanReplay, ...]:
        """Those whose verdict would be another."""
        return tuple(plan for plan in self.plans if plan.is_changed)

    @property
    def untold(self) -> tuple[PlanReplay, ...]:
        """Those whose verdict cannot be told."""
        return tuple(plan for plan in self.plans if not plan.is_told)


def replay(store: Store, run: int, new: Protocol, known: Known) -> Replay:
    """The plans of `run` that were held against a protocol with the id of `new`, held against `new` as it is.

    `known` gives the protocols that they were held against. Findings of the plan stay as they are stored. StoreError
    where the store cannot be read.
    """
    versions = {sha256: known(sha256) for sha256 in versions_of(store, run, new.id)}
    curves_of = {name for old in versions.values() if old is not None for name in needing_curves(old, new)}
    grounds: dict[tuple[str, str | None], tuple[Protocol, Ground] | None] = {}
    plans = []
    for plan in stored_evaluations(store, run, new.id, curves_of=curves_of):
        key = plan.protocol_sha256, plan.regimen
        if key not in grounds:
            old = versions.get(plan.protocol_sha256)
            grounds[key] = None if old is None else (old, ground_of(old, new, plan.regimen))
        plans.append(_plan(plan, new, grounds[key]))
    told = ((p.before, p.after) for p in plans if p.after is not None)
    return Replay(run, new, tuple(plans), Counter(told))


def _plan(plan: StoredEvaluation, new: Protocol, found: tuple[Protocol, Ground] | None) -> PlanReplay:
    if found is None:
        return _closed(plan, f"the protocol with SHA-256 {plan.protocol_sha256[:12]}… is not known")
    old, ground = found
    problem = ground.problem if plan.levels_gy is not None else _EARLIER
    if problem is not None:
        return _closed(plan, problem)
    replayer = Replayer(old, new, ground.changed, plan)
    goals = applying(new, plan.regimen)
    told = [each for goal in goals for each in replayer.tell(goal)]
    rows = {(row.goal_id, row.roi_number): row for row in plan.goals}
    before = {goal.id: goal for goal in old.goals}
    compared = [(each, rows.get((each.goal.id, each.roi_number)), before.get(each.goal.id)) for each in told]
    return PlanReplay(
        path=plan.path,
        uid=plan.uid,
        label=plan.label,
        protocol_version=plan.protocol_version,
        protocol_sha256=plan.protocol_sha256,
        before=Verdict(plan.verdict),
        after=_verdict(told, list(_findings(plan))),
        changes=tuple(_change(*each) for each in compared if _is_other(*each)),
        gone=tuple(dict.fromkeys(row.goal_id for row in plan.goals if row.goal_id not in {g.id for g in goals})),
        untold=tuple(each for each in told if each.outcome is None),
    )


def _is_other(told: Told, row: StoredGoal | None, goal: Goal | None) -> bool:
    """Whether a goal that is told comes out otherwise than it is stored, or weighs otherwise in the verdict."""
    if told.outcome is None:
        return False
    if row is None or goal is None or told.outcome != row.outcome or (told.review is None) != (row.review is None):
        return True
    decides = told.outcome not in (Outcome.MET, Outcome.NOT_APPLICABLE) or told.review is not None
    return decides and (goal.tier, goal.uncertain_tier) != (told.goal.tier, told.goal.uncertain_tier)


def _change(told: Told, row: StoredGoal | None, goal: Goal | None) -> GoalChange:
    return GoalChange(told, None if row is None else Outcome(row.outcome), None if goal is None else goal.tier)


def _closed(plan: StoredEvaluation, reason: str) -> PlanReplay:
    """A plan of which nothing can be told."""
    return PlanReplay(
        plan.path,
        plan.uid,
        plan.label,
        plan.protocol_version,
        plan.protocol_sha256,
        Verdict(plan.verdict),
        None,
        reason=reason,
    )


def _verdict(told: Sequence[Told], findings: Sequence[Finding]) -> Verdict | None:
    """The verdict, None where it hangs on a goal that cannot be told.

    A verdict asks whether any goal fails, asks for review, and so on. So it is the same for all that may come of
    several such goals where it is the same for each outcome that all of them may have at once.
    """
    verdicts = {decide(list(_results(told, outcome, review)), findings) for outcome, review in _POSSIBLE}
    return verdicts.pop() if len(verdicts) == 1 else None


def _results(told: Iterable[Told], outcome: Outcome, review: str | None) -> Iterator[GoalResult]:
    """The results as they are known, and as `outcome` and `review` where they are not."""
    for each in told:
        known = each.outcome is not None
        yield GoalResult(
            each.goal,
            each.outcome if each.outcome is not None else outcome,
            each.quantity if known else Quantity.unknown(each.goal.metric.unit, "not told"),
            each.goal.limit.value,
            roi_number=each.roi_number,
            review=each.review if known else review,
        )


def _findings(plan: StoredEvaluation) -> Iterator[Finding]:
    said = plan.findings
    return (Finding(finding.id, Severity(finding.severity), finding.message, finding.structures) for finding in said)
