"""Cohorts that are made to have one thing each, and stores whose content is the same."""

import pytest

from hardcheck.cohort import cohort_of
from hardcheck.store import PlanFacts, Store, wilson
from tests.cohort.sample import fill as fill_varied
from tests.store.sample import begin, entry, fill, goal


def put(store, plans):
    run = begin(store, found=len(plans))
    for number, plan in enumerate(plans):
        store.put(run, f"p{number:03d}", plan)
    store.finish(run, "2026-11-22T05:00:00")
    return run


def plan(number, value, *, outcome="MET", machine="T1", planner="ab", date="2026-03-01", version="1", **more):
    goals = [goal(value=value, outcome=outcome, **more)]
    return entry(number, goals=goals, facts=PlanFacts(machine, planner, date), protocol_version=version)


def only_goal(store, plans):
    (found,) = cohort_of(store, put(store, plans)).goals
    return found


def test_rate_margins_and_lists(store):
    # Limit 46 Gy: margins 6, 1, -4; one plan has no value.
    found = only_goal(
        store,
        [
            plan(0, 40.0),
            plan(1, 45.0),
            plan(2, 50.0, outcome="NOT_MET"),
            plan(3, None, outcome="NOT_EVALUATED"),
            plan(4, None, outcome="NOT_APPLICABLE"),
        ],
    )
    assert found.met == wilson(2, 4)
    assert (found.margins.count, found.margins.least, found.margins.median, found.margins.most) == (3, -4, 1, 6)
    assert found.percents.median == pytest.approx(100 / 46)
    assert {name: one.count for name, one in found.outcomes.items()} == {
        "NOT_MET": 1, "NOT_EVALUATED": 1, "MARGINAL": 0, "MET": 2, "NOT_APPLICABLE": 1,
    }  # fmt: skip
    assert [one.path for one in found.outcomes["MET"].first] == ["p001", "p000"]
    assert sum(bar.count for bar, _ in found.bars) == 3
    assert [one.path for bar, listed in found.bars if bar.high <= 0 for one in listed.first] == ["p002"]


def test_divided_by_what_the_store_knows(store):
    found = only_goal(
        store,
        [
            plan(0, 40.0, machine="A", planner="x"),
            plan(1, 50.0, outcome="NOT_MET", machine="A", planner="y"),
            plan(2, 40.0, machine="B", planner="x", version="2"),
            plan(3, 40.0, machine=None, planner="x"),
        ],
    )
    rates = {
        division.by: [(group.name, group.met.met, group.met.of) for group in division.groups]
        for division in found.divisions
    }
    assert rates == {
        "machine": [("A", 1, 2), ("B", 1, 1), (None, 1, 1)],
        "planner": [("x", 3, 3), ("y", 0, 1)],
        "regimen": [("22fx", 3, 4)],
        "protocol version": [("1", 2, 3), ("2", 1, 1)],
    }
    assert [one.path for one in found.divisions[0].groups[0].unmet.first] == ["p001"]


def test_every_plan_is_in_one_group_of_each_division(store):
    for found in cohort_of(store, fill_varied(store, 60)).goals:
        for division in found.divisions:
            assert division.left_out == 0
            assert sum(group.met.of for group in division.groups) == found.met.of
            assert sum(group.met.met for group in division.groups) == found.met.met
        assert sum(month.of for month in found.months) + found.undated == found.met.of


def test_groups_beyond_the_twentieth_are_counted(store):
    found = only_goal(store, [plan(n, 40.0, planner=f"planner {n}") for n in range(25)])
    planners = found.divisions[1]
    assert (len(planners.groups), planners.left_out) == (20, 5)


def test_a_planted_outlier_is_found_and_nothing_else(store):
    # Margins 1 … 21 in steps of 1, and one of -80: |z| of the others is at most 0.6745 * 10 / 5.5.
    plans = [plan(n, 45.0 - n) for n in range(21)] + [plan(21, 126.0, outcome="NOT_MET")]
    (outlier,) = only_goal(store, plans).outliers
    assert (outlier.seen.path, outlier.among, outlier.median) == ("p021", 22, 10.5)
    # Deviations from 10.5: 0.5 twice … 9.5 twice, 10.5 and 90.5; the 11th and 12th of 22 are 5.5.
    assert outlier.z == pytest.approx(-0.6745 * 90.5 / 5.5)


def test_plans_of_another_limit_are_no_outliers(store):
    plans = [plan(n, 40.0 + n / 10) for n in range(12)]
    plans += [plan(20 + n, 40.0 + n / 10, limit=146.0) for n in range(12)]
    found = only_goal(store, plans)
    assert found.limits == (46.0, 146.0)
    assert (found.compared, found.outliers) == (24, ())


def test_few_plans_of_a_kind_are_compared_with_nobody(store):
    plans = [plan(n, 40.0) for n in range(10)] + [plan(20 + n, 90.0, limit=200.0) for n in range(9)]
    assert only_goal(store, plans).compared == 10


def test_one_without_dose_among_many_alike_is_an_outlier(store):
    plans = [plan(n, 95.0, op=">=", limit=90.0) for n in range(20)]
    plans += [plan(20, 0.0, op=">=", limit=90.0, outcome="NOT_MET")]
    assert [one.seen.path for one in only_goal(store, plans).outliers] == ["p020"]


def test_months_by_hand(store):
    # Twelve months of 100 plans, of which 90 meet it, but in the seventh 60: p = 0.875, so the limits of 100 plans
    # are 0.875 ± 3 √(0.875 * 0.125 / 100) = 0.7757843 … 0.9742157.
    def of_month(month):
        met = 60 if month == 7 else 90
        return [(f"2026-{month:02d}-15", "MET" if n < met else "NOT_MET") for n in range(100)]

    run = begin(store, found=1200)
    said = [each for month in range(1, 13) for each in of_month(month)]
    for number, (date, outcome) in enumerate(said):
        value = 40.0 if outcome == "MET" else 50.0
        store.put(run, f"p{number:04d}", plan(number, value, outcome=outcome, date=date))
    store.finish(run, "2026-11-22T05:00:00")
    (found,) = cohort_of(store, run).goals
    limits = found.months[0].share_limits
    assert (limits.centre, limits.low, limits.high) == pytest.approx((0.875, 0.7757843, 0.9742157), abs=1e-7)
    assert [month.month for month in found.months if month.signals] == ["2026-07"]
    assert (found.months[6].signals, found.months[6].met, found.months[6].of) == (("share",), 60, 100)
    assert (found.months[6].unmet.count, found.months[6].margin) == (40, 6.0)


def test_a_shifted_month_is_out_of_control(store):
    # Margins of one plan a month go 1, 2, 1, 2 … and once 30.
    values = [45.0 if n % 2 else 44.0 for n in range(30)]
    values[20] = 16.0
    plans = [plan(n, v, date=f"{2024 + n // 12}-{n % 12 + 1:02d}-01") for n, v in enumerate(values)]
    found = only_goal(store, plans)
    assert [(month.month, month.signals) for month in found.months if month.signals] == [("2025-09", ("margin",))]


def test_plans_without_a_date_are_told(store):
    found = only_goal(store, [plan(0, 40.0, date=None), plan(1, 40.0)])
    assert (found.undated, [month.month for month in found.months]) == (1, ["2026-03"])
    assert found.months[0].share_limits is None


def test_one_id_for_two_things_is_two_goals(store):
    plans = [plan(0, 40.0), plan(1, 40.0, version="2", metric="Mean[Gy]")]
    found = cohort_of(store, put(store, plans)).goals
    assert [(one.metric, one.met.of) for one in found] == [("D0.03cc[Gy]", 1), ("Mean[Gy]", 1)]


def test_a_whole_run(store):
    found = cohort_of(store, fill(store))
    assert found.account.closes
    assert len(found.plans) == found.account.found == 8
    assert [one.goal_id for one in found.goals] == ["cord-mean", "cord-max"]
    (population,) = found.populations
    assert (population.protocol_id, population.regimen, population.dvh.structure, population.dvh.plans) == (
        "hard", "22fx", "Cord", 3,
    )  # fmt: skip


def test_the_order_of_storing_changes_nothing(store, tmp_path):
    order = [5, 2, 7, 0, 3, 6, 1, 4]
    with Store(tmp_path / "other.db") as other:
        fill(other)  # a run before it
        again, first = cohort_of(other, fill(other, order)), cohort_of(store, fill(store))
    assert (again.plans, again.goals, again.account) == (first.plans, first.goals, first.account)
