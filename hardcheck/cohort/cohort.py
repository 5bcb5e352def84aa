"""All that the cohort report says of one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hardcheck.cohort.goal import GoalCohort, goal_cohorts
from hardcheck.store import (
    curved_structures,
    goal_values,
    pass_rates,
    population_dvh,
    stored_checks,
    stored_plans,
    stored_run,
)

if TYPE_CHECKING:
    from hardcheck.store import Account, PopulationDvh, Store, StoredCheck, StoredPlan, StoredRun


@dataclass(frozen=True, slots=True)
class Population:
    """The DVHs of one structure in the plans of one regimen."""

    protocol_id: str
    regimen: str | None
    dvh: PopulationDvh


@dataclass(frozen=True, slots=True)
class Cohort:
    """One run of the store `store`, which is named as a person types it, without a password.

    `plans` by bin, the worst of each first; `checks` the worst severity first; `goals` with those
    that the fewest plans meet first.
    """

    store: str
    anonymous: bool
    run: StoredRun
    account: Account
    plans: tuple[StoredPlan, ...]
    checks: tuple[StoredCheck, ...]
    goals: tuple[GoalCohort, ...]
    populations: tuple[Population, ...]


def cohort_of(store: Store, run: int) -> Cohort:
    """What the store knows of `run`. StoreError where there is no such run."""
    account = store.account(run)
    names = sorted({(rate.protocol_id, rate.goal_id) for rate in pass_rates(store, run)})
    goals = [
        goal
        for protocol_id, goal_id in names
        for goal in goal_cohorts(protocol_id, goal_id, goal_values(store, run, protocol_id, goal_id))
    ]
    populations = [
        Population(protocol_id, regimen, dvh)
        for protocol_id, regimen, structure in curved_structures(store, run)
        if (dvh := population_dvh(store, run, protocol_id, structure, regimens=(regimen,))) is not None
    ]
    return Cohort(
        store.name,
        store.anonymous,
        stored_run(store, run),
        account,
        stored_plans(store, run),
        stored_checks(store, run),
        tuple(sorted(goals, key=_lowest_rate)),
        tuple(populations),
    )


def _lowest_rate(goal: GoalCohort) -> tuple[float, str, str, str, str]:
    share = 2.0 if goal.met.share is None else goal.met.share
    return (share, goal.protocol_id, goal.structure, goal.goal_id, goal.metric)
