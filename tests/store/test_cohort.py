import numpy as np
import pytest

from hardcheck.errors import StoreError
from hardcheck.store import (
    Bin,
    PlanFacts,
    Store,
    curved_structures,
    goal_values,
    pass_rates,
    population_dvh,
    stored_plans,
)
from hardcheck.store.proportion import wilson
from tests.store.sample import begin, entry, fill, goal, ramp


def put(store, plans, found=None):
    run = begin(store, found=len(plans) if found is None else found)
    for number, plan in enumerate(plans):
        store.put(run, f"p{number}", plan)
    return run


def outcome(number, *outcomes, **more):
    verdict = "REVIEW"
    goals = [
        goal(outcome=each, value=None if each == "NOT_EVALUATED" else 40.0, roi_number=n)
        for n, each in enumerate(outcomes)
    ]
    return entry(number, verdict, goals, **more)


def test_only_what_is_met_is_met(store):
    each = ("MET", "MET", "MET", "NOT_MET", "MARGINAL", "NOT_EVALUATED", "NOT_APPLICABLE", "NOT_APPLICABLE")
    (rate,) = pass_rates(store, put(store, [outcome(n, name) for n, name in enumerate(each)]))
    assert (rate.protocol_id, rate.protocol_version, rate.regimen, rate.goal_id) == ("hard", "1", "22fx", "cord-max")
    assert rate.met == wilson(3, 6)
    assert (rate.not_met, rate.marginal, rate.not_evaluated, rate.not_applicable) == (1, 1, 1, 2)


@pytest.mark.parametrize(
    ("outcomes", "counted"),
    [
        (("MET", "MET"), "met"),
        (("MET", "NOT_APPLICABLE"), "met"),
        (("MET", "MARGINAL"), "marginal"),
        (("MET", "NOT_EVALUATED"), "not_evaluated"),
        (("NOT_EVALUATED", "NOT_MET", "MET"), "not_met"),
        (("NOT_APPLICABLE", "NOT_APPLICABLE"), "not_applicable"),
    ],
)
def test_a_plan_is_as_good_as_the_worst_of_its_rois(store, outcomes, counted):
    (rate,) = pass_rates(store, put(store, [outcome(0, *outcomes)]))
    counts = {name: getattr(rate, name) for name in ("not_met", "marginal", "not_evaluated", "not_applicable")}
    assert counts | {"met": rate.met.met} == dict.fromkeys([*counts, "met"], 0) | {counted: 1}


def test_versions_of_a_protocol_are_apart(store):
    run = put(store, [outcome(0, "MET"), outcome(1, "NOT_MET", protocol_version="2")])
    assert [(rate.protocol_version, rate.met.share) for rate in pass_rates(store, run)] == [("1", 1.0), ("2", 0.0)]


def test_a_run_sees_its_own_plans_alone(store):
    before = put(store, [outcome(0, "NOT_MET")])
    run = put(store, [outcome(1, "MET")])
    store.set_aside(run, {"other": (Bin.UNLINKED, "no dose")})
    assert [rate.met for rate in pass_rates(store, run)] == [wilson(1, 1)]
    assert [rate.met for rate in pass_rates(store, before)] == [wilson(0, 1)]
    assert pass_rates(store, 99) == ()


def test_values_by_date(store):
    dates = ("2026-03-01", None, "2025-12-31", "2026-03-01")
    plans = [
        entry(n, goals=[goal(value=30.0 + n), goal("other")], facts=PlanFacts(f"machine {n}", "ab", date))
        for n, date in enumerate(dates)
    ]
    run = put(store, plans)
    found = goal_values(store, run, "hard", "cord-max")
    assert [(each.path, each.date, each.value) for each in found] == [
        ("p2", "2025-12-31", 32.0),
        ("p0", "2026-03-01", 30.0),
        ("p3", "2026-03-01", 33.0),
        ("p1", None, 31.0),
    ]
    assert (found[0].machine, found[0].low, found[0].high, found[0].limit) == ("machine 2", 31.5, 32.5, 46.0)
    assert goal_values(store, run, "other", "cord-max") == ()


def test_what_has_no_value_has_its_reason(store):
    run = put(store, [entry(0, "REVIEW", [goal(outcome="NOT_EVALUATED", value=None)])])
    (found,) = goal_values(store, run, "hard", "cord-max")
    assert (found.value, found.low, found.high, found.reason) == (None, None, None, "not contoured")


def test_the_population_of_straight_curves(store):
    # V(D) = 100 % (1 - D / top): at 20 Gy tops of 25, 40, 50, 80, 100 Gy have 20, 50, 60, 75, 80 %, and at
    # 30 Gy 0, 25, 40, 62.5, 70 %; of five values the quartiles are the second and the fourth.
    tops = (50.0, 25.0, 100.0, 80.0, 40.0)
    run = put(store, [entry(n, curves=[ramp(top, volume_cc=n + 1.0)]) for n, top in enumerate(tops)])
    dose_gy = np.array([0.0, 20.0, 30.0])
    found = population_dvh(store, run, "hard", "Cord", dose_gy, percentiles=(25, 50, 75))
    wanted = [[100, 50, 25], [100, 60, 40], [100, 75, 62.5]]
    assert found.volume_percent == pytest.approx(np.array(wanted), abs=1e-9)
    assert (found.curves, found.plans, found.percentiles) == (5, 5, (25, 50, 75))
    assert found.error_percent < 1e-9


def test_the_population_is_off_by_what_it_says(store):
    # V(D) = 100 % (1 - (D / top)²), whose chords are off.
    grid = np.linspace(0, 1, 401)
    tops = (30.0, 45.0, 60.0)
    curves = [ramp(top) for top in tops]
    for curve, top in zip(curves, tops, strict=True):
        curve.dose_gy[:] = np.linspace(0, top, 101)
        curve.volume_cc[:] = 10 * (1 - np.linspace(0, 1, 101) ** 2)
    run = put(store, [entry(n, curves=[curve]) for n, curve in enumerate(curves)])
    dose_gy = grid * 60
    found = population_dvh(store, run, "hard", "Cord", dose_gy, percentiles=(50,))
    exact = 100 * np.maximum(1 - (dose_gy / 45) ** 2, 0)
    assert 0.01 < found.error_percent <= 0.1
    # The curve is given at 101 points, whose own chords are off by (1/100)² / 4 of the volume.
    assert np.abs(found.volume_percent[0] - exact).max() <= found.error_percent + 100 * 0.01**2 / 4 + 1e-9


def test_bounds_and_other_structures_are_no_part_of_it(store):
    curves = [ramp(40.0), ramp(30.0, bound="low"), ramp(50.0, bound="high"), ramp(60.0, "Lung")]
    run = put(store, [entry(0, curves=curves)])
    found = population_dvh(store, run, "hard", "Cord", np.array([10.0]))
    assert found.volume_percent.tolist() == [[75.0]] * 5
    assert population_dvh(store, run, "hard", "Heart", np.array([10.0])) is None
    assert population_dvh(store, run, "other", "Cord", np.array([10.0])) is None


def test_a_whole_run(store):
    run = fill(store)
    rates = {rate.goal_id: rate for rate in pass_rates(store, run)}
    assert rates["cord-max"].met == wilson(2, 4)
    assert rates["cord-mean"].met == wilson(0, 1)


def test_plans_by_what_became_of_them(store):
    run = fill(store)
    found = stored_plans(store, run)
    assert [str(plan.bin) for plan in found] == [
        "failed", "review", "unreadable", "unlinked", "no protocol", "variation", "duplicate", "passed",
    ]  # fmt: skip
    failed, unreadable = found[0], found[2]
    assert (failed.path, failed.sop_instance_uid, failed.patient_id, failed.not_met) == (
        "p2/plan.dcm", "1.2.3", "P1", 1,
    )  # fmt: skip
    assert (failed.machine, failed.planner, failed.date, failed.regimen) == ("TrueBeam1", "ab", "2026-11-21", "22fx")
    assert (unreadable.reason, unreadable.protocol_id, unreadable.not_met) == ("=because(of) this", None, 0)


def test_structures_with_curves_and_populations_of_a_regimen(store):
    run = put(store, [entry(0, curves=[ramp(40.0), ramp(50.0, "Lung")]), entry(1, curves=[ramp(60.0)])])
    assert curved_structures(store, run) == (("hard", "22fx", "Cord"), ("hard", "22fx", "Lung"))
    found = population_dvh(store, run, "hard", "Cord", regimens=("22fx",))
    assert (found.plans, found.dose_gy[0], found.dose_gy[-1]) == (2, 0.0, 60.0)
    assert population_dvh(store, run, "hard", "Cord", regimens=("5fx", None)) is None


def test_reading_makes_no_store(tmp_path):
    where = tmp_path / "none.db"
    with pytest.raises(StoreError, match="no such store"):
        Store(where, new=False)
    assert not where.exists()
    with Store(where) as made:
        run = fill(made)
        assert made.finished_run(run) == run
        open_run = begin(made)
        for number in (open_run, 99):
            with pytest.raises(StoreError, match=f"run {number}"):
                made.finished_run(number)
    with Store(where, new=False) as again:
        assert again.last_run() == run
