"""What a replay tells is what evaluating afresh says; the rest is untold. Never is it better."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.archive_plan import PROTOCOL, variant
from hardcheck.evaluation import Outcome, evaluate
from hardcheck.library import load_protocol
from hardcheck.phantom import linear
from hardcheck.protocol import Extent, Op, ProtocolStructure, Tier, parse_claim
from hardcheck.store import Store
from tests.evaluation import cases
from tests.evaluation.cases import GTV, box, dose
from tests.replay.sample import assert_as_fresh, goal, limited, replayed, store_evaluations, with_goals

PTV = replace(cases.PTV, level="HR", relaxed_in_organs=True)
PLAIN = ProtocolStructure("Plain", "organ", level="HR")
OUTSIDE = ProtocolStructure("Outside", "organ", subtract=("PTV",), serial=True)
ALONG = ProtocolStructure("Along", "organ", subtract=("PTV",), extent=Extent("PTV"))
BESIDE = ProtocolStructure("Beside", "organ", applies_on_slices_of="PTV")
MADE = ProtocolStructure("Made", "organ", expression="Plain - PTV")
GONE = ProtocolStructure("Gone", "organ")

ORGANS = (PLAIN, OUTSIDE, ALONG, BESIDE, MADE, GONE)
TEXTS = ("D0.03cc[Gy] <= 45 Gy", "Mean[Gy] < 30 Gy", "V20Gy[%] < 60 %", "V20Gy[cc] < 3 cc", "D95%[Gy] > 20 Gy")

OLD = replace(
    cases.protocol(
        *(
            goal(f"{s.name}-{n}", s.name, text, Tier.RECOMMENDED if n == 1 else Tier.REQUIRED)
            for s in ORGANS
            for n, text in enumerate(TEXTS)
        ),
        goal("ptv-v", "PTV", "V95%[%] > 95 %"),
        goal("ptv-d", "PTV", "D98%[%] >= 90 %"),
        goal("rest", "Plain", "V20Gy[cc] < Volume(Plain) - 2 cc"),
        goal("either", "Plain", "Max[Gy] < 40 Gy", alternatives=(parse_claim("V40Gy[cc] < 1 cc"),)),
        goal("if", "Plain", "Mean[Gy] < 30 Gy", only_if=parse_claim("V10Gy[cc] > 1 cc of Outside")),
        structures=(GTV, PTV, *ORGANS),
    ),
    sha256="ab" * 32,
)


def plan(middle_gy, slope, shift_mm):
    """A target across the middle, and organs that reach into it, in a dose that rises along y."""
    structures = (
        box(1, "GTV", (12, 12, 12)),
        box(2, "PTV"),
        box(3, "Plain", centre=(0, -14 + shift_mm, 0)),
        box(4, "Outside", centre=(0, -16 + shift_mm, 0)),
        box(5, "Along", (20, 20, 40), (0, 14 + shift_mm, 0)),
        box(6, "Beside", centre=(24, 0, 10 + shift_mm)),
        box(9, "External", (100, 100, 100), kind="EXTERNAL"),
    )
    return cases.plan(*structures, grid=dose(linear(middle_gy, (0, slope, 0)), half_mm=60))


PLANS = st.builds(plan, st.floats(45, 75), st.floats(-0.3, 0.3), st.sampled_from([-12, -4, 0, 4, 12]))
settings_ = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


@settings_
@given(checked=PLANS)
def test_an_unchanged_protocol_gives_what_is_stored(tmp_path_factory, checked):
    before = evaluate(checked, OLD)
    with Store(tmp_path_factory.mktemp("store") / "audit.db") as store:
        run = store_evaluations(store, [before])
        found = replayed(store, run, OLD, replace(OLD, version="2", title="the same"))
    (told,) = found.plans
    assert (told.changes, told.gone, told.untold, told.reason) == ((), (), (), None)
    assert told.before is told.after is before.verdict


@st.composite
def versions(draw):
    """Another version: other limits, comparisons and tiers. Where few goals count, any verdict may come of it."""
    few = draw(st.integers(0, 3)) > 0
    counting = draw(st.sets(st.sampled_from([g.id for g in OLD.goals]), max_size=1))

    def change(each):
        value = draw(st.floats(0.3, 2)) * each.limit.value
        made = limited(each, value) if draw(st.booleans()) else each
        if draw(st.integers(0, 5)) == 0:
            made = replace(made, op=made.op.turned if draw(st.booleans()) else Op.AT_MOST)
        if draw(st.integers(0, 3)) == 0:
            made = replace(made, tier=draw(st.sampled_from(list(Tier))))
        if few and made.id not in counting:
            made = replace(made, tier=Tier.ADVISORY)
        return replace(made, uncertain_tier=draw(st.integers(0, 5)) == 0)

    return with_goals(OLD, change)


@settings_
@given(checked=PLANS, new=versions())
def test_other_limits_give_what_evaluating_afresh_gives(tmp_path_factory, checked, new):
    with Store(tmp_path_factory.mktemp("store") / "audit.db") as store:
        run = store_evaluations(store, [before := evaluate(checked, OLD)])
        (told,) = replayed(store, run, OLD, new).plans
    of_goals, _ = assert_as_fresh(told, before, evaluate(checked, new))
    assert of_goals >= 25


@settings_
@given(checked=PLANS, scale=st.floats(0.2, 1.8), at=st.floats(5, 60))
def test_values_of_curves_give_what_evaluating_afresh_gives(tmp_path_factory, checked, scale, at):
    texts = [f"V{at:.1f}Gy[cc] < {2 * scale:.3f} cc", f"V{at:.1f}Gy[%] > {50 * scale:.2f} %"]
    texts += [f"D{at:.1f}%[Gy] < {40 * scale:.2f} Gy", f"D{at / 20:.2f}cc[Gy] > {30 * scale:.2f} Gy"]
    texts += [f"Median[Gy] <= {30 * scale:.2f} Gy", f"V{at:.1f}%[%] < {60 * scale:.2f} %"]
    added = tuple(goal(f"new-{s.name}-{n}", s.name, text) for s in (PTV, *ORGANS) for n, text in enumerate(texts))
    new = replace(OLD, version="2", goals=(*OLD.goals, *added))
    with Store(tmp_path_factory.mktemp("store") / "audit.db") as store:
        run = store_evaluations(store, [before := evaluate(checked, OLD)])
        (told,) = replayed(store, run, OLD, new).plans
    of_goals, _ = assert_as_fresh(told, before, evaluate(checked, new))
    assert of_goals > len(OLD.goals)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Plans of the generated archive as they are stored, with their protocol."""
    protocol, random = load_protocol(PROTOCOL), Random(8)  # noqa: S311 - plans, no secrets
    plans = [variant(random, f"P{n}", "A").plan() for n in range(12)]
    with Store(tmp_path_factory.mktemp("archive") / "audit.db") as store:
        run = store_evaluations(store, [evaluate(each, protocol) for each in plans])
        yield store, run, protocol, plans


def test_an_archive_as_it_is(archive):
    store, run, protocol, plans = archive
    found = replayed(store, run, protocol, protocol)
    assert len(found.plans) == len(plans)
    assert (found.changed, found.untold) == ((), ())
    assert {p.before for p in found.plans} == {p.after for p in found.plans}
    assert len({p.before for p in found.plans}) == 3


@pytest.mark.parametrize("limit_gy", [2, 8, 10, 13, 25, 40])
def test_an_archive_with_another_limit_of_the_cord(archive, limit_gy):
    """The dose to the cord is even, so that the maximum is below any limit where the plan's number is."""
    store, run, protocol, plans = archive
    new = with_goals(protocol, lambda g: limited(g, limit_gy) if g.id == "cord-max" else g)
    found = replayed(store, run, protocol, new)
    for told, checked in zip(found.plans, plans, strict=True):
        assert_as_fresh(told, evaluate(checked, protocol), evaluate(checked, new))
        assert told.is_told
    assert sum(found.moves.values()) == len(plans)


def test_some_of_an_archive_are_told_from_curves(archive):
    store, run, protocol, plans = archive
    added = goal("cord-v", "SpinalCord", "V12Gy[%] < 10 %")
    new = replace(protocol, version="2", goals=(*protocol.goals, added))
    found = replayed(store, run, protocol, new)
    outcomes = {c.told.outcome for p in found.plans for c in p.changes if c.told.of_curve}
    assert outcomes == {Outcome.MET, Outcome.NOT_MET}
    for told, checked in zip(found.plans, plans, strict=True):
        assert_as_fresh(told, evaluate(checked, protocol), evaluate(checked, new))
