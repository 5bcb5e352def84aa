"""Plans whose dose is even in every structure, evaluated and stored: what the cohort says is what was put in."""

from collections import Counter
from random import Random

import numpy as np
import pytest

from benchmarks.archive_plan import CORD_GY, PAROTID_GY, PROTOCOL, variant
from hardcheck.cohort import cohort_of
from hardcheck.evaluation import evaluate
from hardcheck.library import load_protocol
from hardcheck.report import evaluation_document
from hardcheck.store import Curve, PlanFacts, Store, entry_of
from tests.store.sample import begin, key

PLANS = 24


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """The plans as they were meant, and their cohort."""
    random = Random(8)  # noqa: S311 - the same plans each time
    protocol = load_protocol(str(PROTOCOL))
    meant = [variant(random, f"P{n}", f"plan {n}") for n in range(PLANS)]
    with Store(tmp_path_factory.mktemp("archive") / "audit.db") as store:
        run = begin(store, found=PLANS)
        for number, one in enumerate(meant):
            evaluation = evaluate(one.plan(), protocol)
            facts = PlanFacts(f"machine {number % 3}", date=f"2026-{number % 12 + 1:02d}-01")
            store.put(run, f"{number:02d}", entry_of(key(number), evaluation_document(evaluation), facts, curves(one)))
        store.finish(run, "2026-11-22T05:00:00")
        yield meant, cohort_of(store, run)


def curves(one):
    """The cord has one dose: all of its volume up to there, and none beyond."""
    yield Curve("SpinalCord", 3, "SpinalCord", np.array([0.0, one.cord_gy, one.cord_gy]), np.array([2.0, 2.0, 0.0]))


def test_the_account_is_that_of_the_formulas(archive):
    meant, cohort = archive
    counts = Counter({"PASS": "passed", "VARIATION": "variation", "FAIL": "failed"}[one.verdict] for one in meant)
    assert {str(each): n for each, n in cohort.account.counts.items() if n} == counts


@pytest.mark.parametrize(
    ("goal_id", "limit_gy", "dose"),
    [("cord-max", CORD_GY, lambda one: one.cord_gy), ("parotid-mean", PAROTID_GY, lambda one: one.parotid_gy)],
)
def test_margins_are_limit_less_the_even_dose(archive, goal_id, limit_gy, dose):
    meant, cohort = archive
    (goal,) = [one for one in cohort.goals if one.goal_id == goal_id]
    margins = [limit_gy - dose(one) for one in meant]
    assert goal.met.met == sum(margin > 0 for margin in margins)
    found = goal.margins
    wanted = (min(margins), np.median(margins), max(margins))
    assert (found.least, found.median, found.most) == pytest.approx(wanted, abs=1e-4)
    assert goal.percents.median == pytest.approx(100 * np.median(margins) / limit_gy, abs=1e-2)
    missed = {f"{n:02d}" for n, margin in enumerate(margins) if margin < 0}
    assert {one.path for one in goal.outcomes["NOT_MET"].first} == missed


def test_each_group_has_its_own_plans(archive):
    meant, cohort = archive
    (cord,) = [one for one in cohort.goals if one.goal_id == "cord-max"]
    machines = {group.name: (group.met.met, group.met.of) for group in cord.divisions[0].groups}
    for number in range(3):
        own = meant[number::3]
        assert machines[f"machine {number}"] == (sum(one.cord_gy < CORD_GY for one in own), len(own))
    regimens = {group.name: group.met.of for group in cord.divisions[2].groups}
    assert regimens == Counter(f"{one.fractions}fx" for one in meant)


def test_the_population_falls_where_half_of_the_cords_end(archive):
    meant, cohort = archive
    for population in cohort.populations:
        doses = sorted(one.cord_gy for one in meant if f"{one.fractions}fx" == population.regimen)
        dvh = population.dvh
        assert dvh.plans == len(doses)
        middle = dvh.volume_percent[dvh.percentiles.index(50)]
        # With half of the plans or more beyond it the median has all of the volume, with fewer none.
        more = np.array([sum(dose > gy for dose in doses) for gy in dvh.dose_gy])
        assert (middle[2 * more > len(doses)] == 100).all()
        assert (middle[2 * more < len(doses)] == 0).all()
