"""Single plans, by hand: documents as small as the store takes them."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from hardcheck.evaluation import Outcome, Verdict
from hardcheck.protocol import Level, Protocol, ProtocolStructure, Regimen, Tier, parse_claim
from hardcheck.replay import replay
from hardcheck.replay.judging import needing_curves
from hardcheck.store import Store
from hardcheck.store.schema import EVALUATIONS
from tests.replay.sample import goal, limited
from tests.store import sample

CORD = ProtocolStructure("Cord", "organ")
MAX = goal("cord-max", "Cord", "D0.03cc[Gy] <= 46 Gy")
"""Stored: 40 Gy, from 39.5 to 40.5, in the ROI 7."""


def protocol(*goals, structure=CORD):
    regimen = Regimen("22fx", 22, (Level("HR", 66.0, 66.0),))
    return Protocol("hard", "1", "T", "S", "draft", (regimen,), (structure,), goals or (MAX,), sample.PROTOCOL_SHA256)


@pytest.fixture
def told(tmp_path):
    """The one plan that is replayed: what is stored of it, and by which protocols."""

    def replayed(new, *, old=None, goals=None, verdict="PASS", findings=(), curves=(), known=True):
        with Store(tmp_path / "audit.db") as store:
            document = sample.document(verdict, goals) | {"integrity": list(findings)}
            run = sample.begin(store)
            store.put(run, "plan.dcm", sample.entry_of(sample.key(1), document, sample.PlanFacts(), curves))
            store.finish(run, "2026-11-22")
            held = old or protocol()
            (found,) = replay(store, run, new, {held.sha256: held}.get if known else lambda _: None).plans
            return found

    return replayed


@pytest.mark.parametrize(
    ("limit", "outcome", "verdict"),
    [
        (46.0, Outcome.MET, Verdict.PASS),
        (40.5, Outcome.MET, Verdict.PASS),
        (40.4, Outcome.MARGINAL, Verdict.REVIEW),
        (40.0, Outcome.MARGINAL, Verdict.REVIEW),
        (39.5, Outcome.MARGINAL, Verdict.REVIEW),
        (39.4, Outcome.NOT_MET, Verdict.FAIL),
    ],
)
def test_another_limit_by_value_and_interval(told, limit, outcome, verdict):
    found = told(protocol(limited(MAX, limit)))
    assert (found.before, found.after) == (Verdict.PASS, verdict)
    assert [c.told.outcome for c in found.changes] == ([] if outcome is Outcome.MET else [outcome])
    assert found.is_changed is (verdict is not Verdict.PASS)


def test_another_tier(told):
    missed = [sample.goal(outcome="NOT_MET", value=50.0)]
    found = told(protocol(replace(MAX, tier=Tier.RECOMMENDED)), goals=missed, verdict="FAIL")
    (change,) = found.changes
    assert (found.before, found.after) == (Verdict.FAIL, Verdict.VARIATION)
    assert (change.before, change.told.outcome) == (Outcome.NOT_MET, Outcome.NOT_MET)
    assert (change.tier_before, change.told.goal.tier) == (Tier.REQUIRED, Tier.RECOMMENDED)


@pytest.mark.parametrize(("severity", "verdict"), [("FAIL", "FAIL"), ("STOP", "REVIEW"), ("WARN", "PASS")])
def test_findings_stay(told, severity, verdict):
    finding = {"id": "grid", "severity": severity, "message": "coarse", "structures": []}
    assert told(protocol(limited(MAX, 60.0)), findings=[finding], verdict=verdict).after == verdict


def test_a_bound_that_is_not_known_meets_nothing(told):
    found = told(protocol(limited(MAX, 90.0)), goals=[sample.goal(outcome="MARGINAL", high=None)], verdict="REVIEW")
    assert (found.after, found.changes) == (Verdict.REVIEW, ())


def test_what_was_not_evaluated_is_not_met_by_another_limit(told):
    found = told(
        protocol(limited(MAX, 90.0)), goals=[sample.goal(outcome="NOT_EVALUATED", value=None)], verdict="REVIEW"
    )
    assert (found.after, found.changes, found.untold) == (Verdict.REVIEW, (), ())


def test_what_a_person_has_to_judge_stays(told):
    said = [sample.goal(review="by a person")]
    assert told(protocol(), goals=said, verdict="REVIEW").after is Verdict.REVIEW


class TestUntold:
    def test_without_the_protocol_of_then(self, told):
        found = told(protocol(), known=False)
        assert (found.after, found.reason) == (None, "the protocol with SHA-256 abababababab… is not known")

    def test_another_metric_without_curve(self, told):
        found = told(protocol(MAX, goal("v", "Cord", "V20Gy[cc] < 1 cc")))
        (untold,) = found.untold
        assert (found.after, untold.reason) == (None, "no curve of it is stored")

    def test_of_an_advisory_goal_the_verdict_is_known_all_the_same(self, told):
        found = told(protocol(MAX, goal("v", "Cord", "V20Gy[cc] < 1 cc", Tier.ADVISORY)))
        assert (len(found.untold), found.after) == (1, Verdict.PASS)

    def test_of_a_recommended_goal_it_may_be_a_variation(self, told):
        found = told(protocol(MAX, goal("v", "Cord", "V20Gy[cc] < 1 cc", Tier.RECOMMENDED)))
        assert (len(found.untold), found.after) == (1, None)

    def test_where_another_goal_fails_the_plan_anyway(self, told):
        found = told(protocol(limited(MAX, 30.0), goal("v", "Cord", "V20Gy[cc] < 1 cc")))
        assert (len(found.untold), found.after) == (1, Verdict.FAIL)

    def test_a_condition(self, told):
        found = told(protocol(replace(MAX, only_if=parse_claim("V10Gy[cc] > 1 cc"))))
        assert found.after is None
        assert "condition" in found.untold[0].reason

    def test_a_goal_whose_row_is_not_there(self, told):
        found = told(protocol(), goals=[sample.goal("another")])
        assert (found.after, len(found.untold)) == (None, 1)

    def test_eqd2(self, told):
        found = told(protocol(goal("cord-max", "Cord", "D0.03cc EQD2(ab=2)[Gy] <= 46 Gy")), curves=interval(40.0))
        assert (found.after, found.untold[0].reason) == (None, "no curve tells D0.03cc EQD2(ab=2)[Gy]")

    def test_what_an_earlier_version_of_the_store_kept(self, tmp_path):
        with Store(tmp_path / "audit.db") as store:
            run = sample.begin(store)
            store.put(run, "plan.dcm", sample.entry(1))
            store.finish(run, "2026-11-22")
            with store._database.writing() as connection:
                connection.execute(update(EVALUATIONS).values(levels=None))
            (found,) = replay(store, run, protocol(), lambda _: protocol()).plans
        assert found.after is None
        assert "an earlier version" in found.reason

    def test_a_stopped_plan_by_a_curve(self, told):
        stop = {"id": "grid", "severity": "STOP", "message": "no", "structures": ["Another"]}
        new = protocol(MAX, goal("v", "Cord", "V20Gy[cc] < 9 cc"))
        found = told(new, findings=[stop], verdict="REVIEW", curves=interval(40.0))
        assert found.untold[0].reason == "a check stopped the evaluation, or part of it"

    def test_a_part_that_was_not_known(self, told):
        said = [sample.goal(by_whole=True)]
        new = protocol(limited(MAX, 39.0), goal("v", "Cord", "V20Gy[cc] < 9 cc"))
        found = told(new, goals=said, curves=interval(40.0))
        assert [c.told.outcome for c in found.changes] == [Outcome.NOT_EVALUATED]
        assert found.untold[0].reason == "no goal of it had a value"


def interval(top_gy):
    """10 cc whose dose falls evenly up to `top_gy`, and curves half a Gy to both sides."""
    ends = {"low": top_gy - 0.5, "value": top_gy, "high": top_gy + 0.5}
    return [sample.ramp(top, bound=bound) for bound, top in ends.items()]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        # V(20 Gy) = 10 (1 - 20 / 40) = 5 cc; of the ends 4.87 and 5.06 cc, with points 0.4 Gy apart some 0.1 cc more.
        ("V20Gy[cc] < 5.6 cc", Outcome.MET),
        ("V20Gy[cc] < 5.1 cc", None),
        ("V20Gy[cc] < 4.4 cc", Outcome.NOT_MET),
        ("V20Gy[%] > 44 %", Outcome.MET),
        ("V20Gy[%] > 56 %", Outcome.NOT_MET),
        # 30 Gy is in 2.5 cc: of the ends some half a Gy less and more, and twice that with 0.4 Gy between points.
        ("D2.5cc[Gy] < 32.5 Gy", Outcome.MET),
        ("D2.5cc[Gy] < 30.5 Gy", None),
        ("D25%[Gy] < 27.5 Gy", Outcome.NOT_MET),
        ("Median[Gy] < 22.5 Gy", Outcome.MET),
        ("D12cc[Gy] < 66 Gy", None),
        ("Mean[Gy] < 66 Gy", None),
    ],
)
def test_a_curve_by_hand(told, text, outcome):
    found = told(protocol(MAX, goal("new", "Cord", text)), curves=interval(40.0))
    if outcome is None:
        assert [u.goal.id for u in found.untold] == ["new"]
    else:
        assert [(c.told.outcome, c.before, c.told.of_curve) for c in found.changes] == [(outcome, None, True)]


def test_a_curve_in_percent_of_a_level_that_is_stored(told):
    """Half of 66 Gy is in 10 (1 - 33 / 40) = 1.75 cc."""
    structure = replace(CORD, level="HR")
    old, new = (protocol(MAX, *more, structure=structure) for more in ((), (goal("v", "Cord", "V50%[cc] < 3 cc"),)))
    (change,) = told(new, old=old, curves=interval(40.0)).changes
    assert change.told.outcome is Outcome.MET
    assert change.told.quantity.value == pytest.approx(1.75, abs=0.02)


def test_a_high_curve_that_does_not_end_bounds_nothing(told):
    """Part of the structure may lie outside of the dose grid."""
    curves = [c if c.bound != "high" else replace(c, volume_cc=c.volume_cc + 1.0) for c in interval(40.0)]
    found = told(protocol(MAX, goal("new", "Cord", "D0.5cc[Gy] < 99 Gy")), curves=curves)
    assert [u.goal.id for u in found.untold] == ["new"]


def test_which_curves_are_read():
    other, of_one = goal("v", "Cord", "V20Gy[cc] < 9 cc"), replace(MAX, regimens=("22fx",))
    assert needing_curves(protocol(), protocol(limited(MAX, 1.0))) == set()
    assert needing_curves(protocol(), protocol(of_one)) == set()
    assert needing_curves(protocol(of_one), protocol(of_one)) == set()
    assert needing_curves(protocol(of_one), protocol(MAX)) == {"Cord"}
    assert needing_curves(protocol(), protocol(MAX, other)) == {"Cord"}


def test_an_anonymous_store(tmp_path):
    with Store(tmp_path / "audit.db", anonymous=True) as store:
        run = sample.begin(store)
        store.put(run, "plan.dcm", sample.entry(1, anonymous=True, curves=interval(40.0)))
        store.finish(run, "2026-11-22")
        new = protocol(limited(MAX, 30.0), goal("v", "Cord", "V20Gy[cc] < 9 cc"))
        (found,) = replay(store, run, new, lambda _: protocol()).plans
    assert (found.uid, found.after) == (None, Verdict.FAIL)
    assert [(c.told.goal.id, c.told.outcome) for c in found.changes] == [
        ("cord-max", Outcome.NOT_MET),
        ("v", Outcome.MET),
    ]


def test_goals_that_are_gone_or_renamed(told):
    found = told(protocol(replace(MAX, id="renamed")))
    assert (found.gone, found.after) == (("cord-max",), Verdict.PASS)
    assert [(c.told.goal.id, c.before, c.told.outcome) for c in found.changes] == [("renamed", None, Outcome.MET)]
