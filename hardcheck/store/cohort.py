"""What a report on a cohort asks of the store, each of one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy import case, false, func, or_, select

from hardcheck.store.bin import Bin
from hardcheck.store.intact import legible, number, stored_curve
from hardcheck.store.proportion import CONFIDENCE, Proportion, wilson
from hardcheck.store.schema import CURVES, EVALUATIONS, FINDINGS, GOALS, RESULTS, RUNS
from hardcheck.store.store import Store
from hardcheck.store.thinning import Floats

_WORST_LAST: Final = ("NOT_APPLICABLE", "MET", "MARGINAL", "NOT_EVALUATED", "NOT_MET")
"""A goal of several ROIs is as good in a plan as the worst of them."""

_WORST_PLANS_FIRST: Final = (
    Bin.FAILED,
    Bin.REVIEW,
    Bin.UNREADABLE,
    Bin.UNLINKED,
    Bin.NO_PROTOCOL,
    Bin.VARIATION,
    Bin.DUPLICATE,
    Bin.PASSED,
)

SEVERITIES: Final = ("STOP", "FAIL", "WARN", "INFO")
"""The worst first."""

_OPEN: Final = ("NOT_MET", "NOT_EVALUATED", "MARGINAL")
"""Outcomes of goals that a plan does not meet, or is not known to meet; the worst first."""

PERCENTILES: Final = (5.0, 25.0, 50.0, 75.0, 95.0)

DOSES: Final = 161
"""How many doses a population is drawn on."""


@dataclass(frozen=True, slots=True)
class PassRate:
    """How many plans met one goal of one version of a protocol.

    `met` is of all plans to which the goal applies: what is marginal or was not evaluated is not met.
    """

    protocol_id: str
    protocol_version: str
    regimen: str | None
    goal_id: str
    met: Proportion
    not_met: int
    marginal: int
    not_evaluated: int
    not_applicable: int


@dataclass(frozen=True, slots=True)
class GoalValue:
    """The value of one goal in one plan, with its interval and what plans are compared by.

    `path` is of the plan in the archive. `low` and `high` are None beside a value where nothing is known on that
    side; all three are None where there is no value, and `reason` says why.
    """

    path: str
    key: str
    date: str | None
    machine: str | None
    planner: str | None
    regimen: str | None
    protocol_version: str
    roi_number: int | None
    metric: str
    op: str
    limit: float | None
    unit: str
    value: float | None
    low: float | None
    high: float | None
    outcome: str
    reason: str | None
    structure: str
    tier: str


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """One plan as a run counted it. All that an evaluation says is None where there is none, then `reason` says why.

    `path` is of the plan in the archive; `not_met` how many goals it does not meet, `version` that of hardcheck.
    `open_goals` are structure and metric of the goals that are not met, not evaluated or marginal, by outcome, and as
    ``REVIEW`` those that a person has to judge though they are met; in the order of the protocol.
    """

    path: str
    bin: Bin
    open_goals: Mapping[str, Sequence[str]]
    reason: str | None
    sop_instance_uid: str | None
    patient_id: str | None
    label: str | None
    machine: str | None
    planner: str | None
    date: str | None
    protocol_id: str | None
    protocol_version: str | None
    regimen: str | None
    version: str | None
    not_met: int


@dataclass(frozen=True, slots=True)
class StoredCheck:
    """A check that found something in plans of a run: what it said first of each, by the path of the plan."""

    check_id: str
    severity: str
    messages: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run: its number, the archive (in an anonymous store its SHA-256), and when it began and ended (ISO 8601)."""

    number: int
    archive: str
    started: str
    finished: str | None


@dataclass(frozen=True, slots=True, eq=False)
class PopulationDvh:
    """Percentiles over plans of the volume that receives at least each dose, in percent of the ROI's volume.

    `dose_gy` (n,), `percentiles` (k,), `volume_percent` (k, n). Each number is within `error_percent` of that of the
    whole curves. `curves` from `plans` plans; a structure that is several ROIs has as many curves.
    """

    structure: str
    dose_gy: Floats
    percentiles: tuple[float, ...]
    volume_percent: Floats
    error_percent: float
    curves: int
    plans: int


def pass_rates(store: Store, run: int, *, confidence: float = CONFIDENCE) -> tuple[PassRate, ...]:
    """The pass rate of each goal over the plans of `run`, with its Wilson interval, by protocol and goal."""
    rank = case({outcome: at for at, outcome in enumerate(_WORST_LAST)}, value=GOALS.c.outcome)
    goal = (EVALUATIONS.c.protocol_id, EVALUATIONS.c.protocol_version, EVALUATIONS.c.regimen, GOALS.c.goal_id)
    worst = (
        select(*goal, RESULTS.c.path, func.max(rank).label("worst"))
        .select_from(RESULTS.join(EVALUATIONS).join(GOALS))
        .where(RESULTS.c.run_id == run)
        .group_by(*goal, RESULTS.c.path)
        .subquery()
    )
    named = [column for column in worst.c if column.name not in ("path", "worst")]
    counts: dict[tuple[Any, ...], dict[str, int]] = {}
    with store.reading() as connection:
        for *name, at, plans in connection.execute(
            select(*named, worst.c.worst, func.count()).group_by(*named, worst.c.worst)
        ):
            counts.setdefault(tuple(name), dict.fromkeys(_WORST_LAST, 0))[_WORST_LAST[at]] = plans
    ordered = sorted(counts.items(), key=lambda item: tuple(part or "" for part in item[0]))
    return tuple(_pass_rate(name, found, confidence) for name, found in ordered)


def _pass_rate(name: tuple[Any, ...], found: dict[str, int], confidence: float) -> PassRate:
    applies = sum(found.values()) - found["NOT_APPLICABLE"]
    protocol_id, protocol_version, regimen, goal_id = name
    return PassRate(
        protocol_id,
        protocol_version,
        regimen,
        goal_id,
        met=wilson(found["MET"], applies, confidence),
        not_met=found["NOT_MET"],
        marginal=found["MARGINAL"],
        not_evaluated=found["NOT_EVALUATED"],
        not_applicable=found["NOT_APPLICABLE"],
    )


def stored_plans(store: Store, run: int) -> tuple[StoredPlan, ...]:
    """All plans of `run` by bin, failed ones first and passed ones last, those that miss the most goals first."""
    e = EVALUATIONS.c
    missed = (
        select(GOALS.c.evaluation_id, func.count().label("not_met"))
        .where(GOALS.c.outcome == "NOT_MET")
        .group_by(GOALS.c.evaluation_id)
        .subquery()
    )
    query = (
        select(RESULTS.c.path, RESULTS.c.bin, RESULTS.c.reason)
        .add_columns(e.sop_instance_uid, e.patient_id, e.label, e.machine, e.planner, e.plan_date)
        .add_columns(e.protocol_id, e.protocol_version, e.regimen, e.version, func.coalesce(missed.c.not_met, 0))
        .select_from(RESULTS.outerjoin(EVALUATIONS).outerjoin(missed, missed.c.evaluation_id == e.id))
        .where(RESULTS.c.run_id == run)
    )
    goals = _open_goals(store, run)
    with store.reading() as connection:
        found = [
            StoredPlan(path, Bin(which), goals.get(path, {}), *rest) for path, which, *rest in connection.execute(query)
        ]
    return tuple(sorted(found, key=lambda plan: (_WORST_PLANS_FIRST.index(plan.bin), -plan.not_met, plan.path)))


def _open_goals(store: Store, run: int) -> dict[str, dict[str, list[str]]]:
    query = (
        select(RESULTS.c.path, GOALS.c.outcome, GOALS.c.structure, GOALS.c.metric)
        .select_from(RESULTS.join(EVALUATIONS).join(GOALS))
        .where(RESULTS.c.run_id == run, or_(GOALS.c.outcome.in_(_OPEN), GOALS.c.review.is_not(None)))
        .order_by(RESULTS.c.path, GOALS.c.position)
    )
    found: dict[str, dict[str, list[str]]] = {}
    with store.reading() as connection:
        for path, outcome, structure, metric in connection.execute(query):
            named = found.setdefault(path, {each: [] for each in (*_OPEN, "REVIEW")})
            named[outcome if outcome in _OPEN else "REVIEW"].append(f"{structure} {metric}")
    return found


def stored_checks(store: Store, run: int) -> tuple[StoredCheck, ...]:
    """What the checks found in the plans of `run`, the worst severity first, then by how many plans, then by id."""
    query = (
        select(FINDINGS.c.check_id, FINDINGS.c.severity, RESULTS.c.path, FINDINGS.c.message)
        .select_from(RESULTS.join(EVALUATIONS).join(FINDINGS))
        .where(RESULTS.c.run_id == run)
        .order_by(RESULTS.c.path, FINDINGS.c.position)
    )
    found: dict[tuple[str, str], dict[str, str]] = {}
    with store.reading() as connection:
        for check_id, severity, path, message in connection.execute(query):
            found.setdefault((check_id, severity), {}).setdefault(path, message)
    checks = [StoredCheck(check_id, severity, said) for (check_id, severity), said in found.items()]
    return tuple(sorted(checks, key=lambda one: (SEVERITIES.index(one.severity), -len(one.messages), one.check_id)))


def stored_run(store: Store, run: int) -> StoredRun:
    """What is known of the run numbered `run`. StoreError where there is none."""
    store.account(run)
    query = select(RUNS.c.archive, RUNS.c.started, RUNS.c.finished).where(RUNS.c.id == run)
    with store.reading() as connection:
        archive, started, finished = connection.execute(query).one()
    return StoredRun(run, archive, started, finished)


def goal_values(store: Store, run: int, protocol_id: str, goal_id: str) -> tuple[GoalValue, ...]:
    """The values of a goal in all plans of `run`, by date, those without one last, then by path."""
    e, g = EVALUATIONS.c, GOALS.c
    query = (
        select(RESULTS.c.path, e.key, e.plan_date, e.machine, e.planner, e.regimen, e.protocol_version)
        .add_columns(g.roi_number, g.metric, g.op, g.limit_value, g.unit, g.value, g.low, g.high, g.outcome, g.reason)
        .add_columns(g.structure, g.tier)
        .select_from(RESULTS.join(EVALUATIONS).join(GOALS))
        .where(RESULTS.c.run_id == run, e.protocol_id == protocol_id, g.goal_id == goal_id)
        .order_by(g.position)
    )
    with store.reading() as connection, legible(store.name):
        found = [GoalValue(*row) for row in connection.execute(query)]
        for value in found:
            for each in (value.limit, value.value, value.low, value.high):
                number(each)
    return tuple(sorted(found, key=lambda value: (value.date is None, value.date or "", value.path)))


def curved_structures(store: Store, run: int) -> tuple[tuple[str, str | None, str], ...]:
    """Protocol id, regimen and structure of all curves of `run`, sorted."""
    curve = EVALUATIONS.c.protocol_id, EVALUATIONS.c.regimen, CURVES.c.structure
    query = select(*curve).select_from(RESULTS.join(EVALUATIONS).join(CURVES)).where(RESULTS.c.run_id == run).distinct()
    with store.reading() as connection:
        found = [(protocol_id, regimen, structure) for protocol_id, regimen, structure in connection.execute(query)]
    return tuple(sorted(found, key=lambda names: tuple(name or "" for name in names)))


def population_dvh(
    store: Store,
    run: int,
    protocol_id: str,
    structure: str,
    dose_gy: Floats | None = None,
    *,
    regimens: Sequence[str | None] | None = None,
    percentiles: Sequence[float] = PERCENTILES,
) -> PopulationDvh | None:
    """The DVHs of the protocol's `structure` in the plans of `run` on the doses `dose_gy` (n,); None where is none.

    Without `dose_gy` from 0 to the highest dose of any; of all regimens where none are named.
    """
    query = (
        select(RESULTS.c.path, CURVES.c.dose_gy, CURVES.c.volume_cc)
        .add_columns(CURVES.c.dose_error_gy, CURVES.c.volume_error_cc)
        .select_from(RESULTS.join(EVALUATIONS).join(CURVES))
        .where(*_of_structure(run, protocol_id, structure))
    )
    if regimens is not None:
        named = [EVALUATIONS.c.regimen == name for name in regimens if name is not None]
        query = query.where(or_(false(), *named, *([EVALUATIONS.c.regimen.is_(None)] if None in regimens else [])))
    with store.reading() as connection, legible(store.name):
        rows = [(path, stored_curve(*curve)) for path, *curve in connection.execute(query)]
    # A structure without volume has no share of it.
    rows = [(path, curve) for path, curve in rows if curve.volume_cc[0] > 0]
    if not rows:
        return None
    if dose_gy is None:
        dose_gy = np.linspace(0.0, max(float(curve.dose_gy[-1]) for _, curve in rows), DOSES)
    shares = np.array([100 * curve.volumes_at(dose_gy) / curve.volume_cc[0] for _, curve in rows])
    return PopulationDvh(
        structure,
        dose_gy,
        tuple(percentiles),
        np.percentile(shares, list(percentiles), axis=0),
        # An order statistic moves by no more than the values do.
        max(100 * curve.volume_error_cc / float(curve.volume_cc[0]) for _, curve in rows),
        curves=len(rows),
        plans=len({path for path, _ in rows}),
    )


def _of_structure(run: int, protocol_id: str, structure: str) -> tuple[Any, ...]:
    curve = CURVES.c.structure == structure, CURVES.c.bound == "value"
    return (RESULTS.c.run_id == run, EVALUATIONS.c.protocol_id == protocol_id, *curve)
