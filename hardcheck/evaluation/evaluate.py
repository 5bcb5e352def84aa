"""A plan held against a protocol."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from hardcheck.dvh import Dvh, compute_dvhs
from hardcheck.errors import UsageError
from hardcheck.evaluation.integrity import Subject, run_checks
from hardcheck.evaluation.levels import choose_levels, choose_regimen
from hardcheck.evaluation.result import Evaluation, GoalResult, Outcome
from hardcheck.evaluation.scope import part_meets_what_whole_meets, whole_contour_problems
from hardcheck.evaluation.verdict import decide
from hardcheck.metric import DOSE_KINDS, Kind, Metric
from hardcheck.plan import Finding, Plan, Severity, Structure
from hardcheck.protocol import Goal, Op, Protocol, ProtocolStructure
from hardcheck.protocol.names import NOT_CONTOURED, match_structures
from hardcheck.quantity import Quantity

ABSENT: Final = "confirmed as not in range by the user (--absent)"


def evaluate(
    plan: Plan,
    protocol: Protocol,
    *,
    regimen: str | None = None,
    levels: Mapping[str, float] | None = None,
    mapping: Mapping[str, str] | None = None,
    absent: Collection[str] = (),
    end_caps: str = "half",
) -> Evaluation:
    """Holds `plan` against `protocol`.

    `regimen` names one; without it the plan's number of fractions chooses. `levels` gives prescription levels in Gy
    by name, `mapping` structures or goals of the protocol to ROIs, `absent` organs of the protocol that a person
    has confirmed not to be in range. UsageError where any of these does not fit the protocol or the plan.
    """
    chosen = choose_regimen(protocol, plan, regimen)
    organs = {s.name for s in protocol.structures if s.role == "organ"}
    if unknown := sorted(set(absent) - organs):
        names = ", ".join(sorted(organs)) or "none"
        raise UsageError(
            f"protocol {protocol.id!r} has no organ {unknown[0]!r}", where="--absent", do=f"its organs are: {names}"
        )
    matches = match_structures(protocol, plan.structures, mapping or {})
    choices = choose_levels(protocol, chosen, plan, matches, levels or {})
    used = {roi.number: roi for match in matches.values() for roi in match.structures}
    dvhs = {d.structure.number: d for d in compute_dvhs(plan, used.values(), end_caps=end_caps)}
    subject = Subject(plan, protocol, chosen, choices, matches, dvhs)
    findings = run_checks(subject)
    goals = [g for g in protocol.goals if not g.regimens or chosen.id in g.regimens]
    results = tuple(r for g in goals for r in _results(g, subject, findings, absent))
    return Evaluation(
        plan=plan,
        protocol=protocol,
        regimen=chosen,
        levels={name: choice.dose_gy for name, choice in choices.items() if choice.dose_gy is not None},
        level_origins={name: choice.how for name, choice in choices.items()},
        results=results,
        findings=findings,
        verdict=decide(results, findings),
        settings={"end_caps": end_caps, "mapping": dict(mapping or {}), "absent": sorted(absent), "regimen": chosen.id},
        dvhs=dvhs,
    )


def _results(
    goal: Goal, subject: Subject, findings: tuple[Finding, ...], absent: Collection[str]
) -> Iterator[GoalResult]:
    """The results of one goal: one, or one for each ROI where each is evaluated as its own."""
    caveats = _caveats(goal, subject)
    match = subject.matches[goal.structure]
    if goal.structure in absent:
        if match.structures or match.reason != NOT_CONTOURED:
            contoured = f"contoured as {match.structures[0].name}" if match.structures else match.reason
            yield _without_value(goal, Outcome.NOT_EVALUATED, f"declared absent, and yet {contoured}", caveats)
        else:
            yield _without_value(goal, Outcome.NOT_APPLICABLE, ABSENT, caveats)
    elif not match.structures:
        yield _without_value(goal, Outcome.NOT_EVALUATED, match.reason or NOT_CONTOURED, caveats)
    else:
        for roi in match.structures:
            result = _held(goal, roi, subject, caveats)
            stop = _stop(findings, roi)
            if stop is not None:
                result = _without_value(goal, Outcome.NOT_EVALUATED, f"{stop.id}: {stop.message}", caveats)
            yield replace(result, roi_number=roi.number, roi_name=roi.name)


def _caveats(goal: Goal, subject: Subject) -> tuple[str, ...]:
    """What the source leaves in doubt about the goal."""
    said = []
    if goal.uncertain_tier:
        said.append("the source leaves the tier in doubt: not meeting it asks for review")
    if goal.source_conflict:
        said.append(f"the source contradicts itself: {goal.source_conflict}")
    if goal.not_in_source:
        said.append("not in the source")
    if subject.regimen.caveat:
        said.append(subject.regimen.caveat)
    return tuple(said)


def _stop(findings: tuple[Finding, ...], roi: Structure) -> Finding | None:
    """The first finding that leaves goals on `roi` without meaning."""
    stops = (f for f in findings if f.severity is Severity.STOP)
    return next((f for f in stops if not f.structures or roi.name in f.structures), None)


def _without_value(goal: Goal, outcome: Outcome, reason: str, caveats: tuple[str, ...]) -> GoalResult:
    limit = None if goal.limit.volume_of is not None else goal.limit.value
    return GoalResult(goal, outcome, Quantity.unknown(goal.metric.unit, reason), limit, reason=reason, caveats=caveats)


@dataclass(frozen=True, slots=True)
class _Held:
    """A value held against a limit: True, False, or None where the interval holds the limit."""

    quantity: Quantity
    limit: float
    met: bool | None


def _held(goal: Goal, roi: Structure, subject: Subject, caveats: tuple[str, ...]) -> GoalResult:
    """`goal` held against the DVH of `roi`."""
    wanted = subject.protocol.structure(goal.structure)
    dvh = subject.dvhs[roi.number]
    held = _hold(goal, wanted, dvh, subject)
    if isinstance(held, str):
        return _without_value(goal, Outcome.NOT_EVALUATED, held, caveats)
    caveats = (*caveats, *held.quantity.caveats)
    problems = list(whole_contour_problems(wanted, roi, subject.matches))
    if problems:
        if not (held.met and part_meets_what_whole_meets(goal)):
            whole = _whole(goal, held.quantity)
            return _without_value(goal, Outcome.NOT_EVALUATED, "; ".join(problems), (*caveats, whole))
        caveats = (*caveats, "the value is of the whole contour; a limit that it meets, each part of it meets")
    outcome = {True: Outcome.MET, False: Outcome.NOT_MET, None: Outcome.MARGINAL}[held.met]
    reason = "the limit lies inside the interval of the value" if held.met is None else None
    return GoalResult(
        goal, outcome, held.quantity, held.limit, reason=reason, caveats=caveats, extreme=_extreme(goal, dvh)
    )


def _hold(goal: Goal, wanted: ProtocolStructure, dvh: Dvh, subject: Subject) -> _Held | str:
    """The value of `goal` and whether it meets the limit, or the reason why that can not be known."""
    choice = subject.levels.get(wanted.level)
    level_gy = choice.dose_gy if choice is not None else None
    in_percent = "%" in (goal.metric.at_unit, goal.metric.unit) and goal.metric.kind is not Kind.VOLUME
    quantity = dvh.metric(goal.metric, level_gy)
    if quantity.value is None:
        if in_percent and choice is not None and level_gy is None and dvh.reason is None:
            return f"level {choice.name} is not known: {choice.how}"
        return quantity.reason or "not known"
    if goal.limit.volume_of is None:
        return _Held(quantity, goal.limit.value, quantity.holds(goal.op.against(goal.limit.value)))
    if goal.limit.volume_of != goal.structure or goal.metric.kind is not Kind.VOLUME_AT_DOSE:
        return f"a limit relative to the volume of {goal.limit.volume_of} is not computed by this version"
    # V < Volume - v is the same as: more than v stays below the dose. Both move together under every model.
    spared = dvh.metric(replace(goal.metric, kind=Kind.CRITICAL_VOLUME), level_gy)
    op = {Op.LESS: Op.MORE, Op.AT_MOST: Op.AT_LEAST, Op.MORE: Op.LESS, Op.AT_LEAST: Op.AT_MOST}[goal.op]
    limit = (dvh.volume.value or 0.0) + goal.limit.value
    return _Held(quantity, limit, spared.holds(op.against(-goal.limit.value)))


def _whole(goal: Goal, quantity: Quantity) -> str:
    """The value of the whole contour, for a reader who has to judge an organ that was not evaluated."""
    interval = f"({quantity.low:.2f} to {quantity.high:.2f})"
    return f"{goal.metric} of the whole contour is {quantity.value:.2f} {interval} {quantity.unit}"


def _extreme(goal: Goal, dvh: Dvh) -> Quantity | None:
    """The extreme of the field beside a D0.03cc or its kind."""
    if goal.metric.kind not in DOSE_KINDS or goal.metric.at_unit != "cc":
        return None
    return dvh.metric(Metric(Kind.MAXIMUM if goal.metric.kind is Kind.DOSE_AT_VOLUME else Kind.MINIMUM, "Gy"))
