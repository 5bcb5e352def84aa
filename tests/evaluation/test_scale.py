"""By how much the dose would have to be scaled, against what evaluating a scaled dose says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hardcheck.evaluation import Outcome, evaluate
from hardcheck.protocol import ProtocolStructure, parse_claim
from tests.evaluation.cases import GTV, ORGAN, PTV, box, dose, goal, held, plan, protocol

RISING = dose(lambda x, _y, _z: 30 + x)
"""Over the organ, 20 mm wide, from 20 to 40 Gy, with as much volume at each dose."""

OFF = 1e-3
"""Of the factor: the engine keeps volumes to some 0.01 % between its 4096 edges of dose."""


FRACTIONS = 22


def physical_gy(effect_gy, *, each=1.0, square):
    """The dose D with `each` D + `square` D^2 of `effect_gy`, both over the fractions of the plan."""
    square /= FRACTIONS
    return ((each**2 + 4 * square * effect_gy) ** 0.5 - each) / (2 * square)


def organ(grid=RISING, *more):
    return plan(box(1, "Organ"), *more, grid=grid)


def scaled(grid, factor):
    return replace(grid, dose_gy=grid.dose_gy * factor)


@pytest.mark.parametrize(
    ("text", "factor", "at_most"),
    [
        ("Max[Gy] <= 30 Gy", 0.75, True),
        ("Mean[Gy] < 24 Gy", 0.8, True),
        ("Min[Gy] >= 25 Gy", 1.25, False),
        ("Median[Gy] > 33 Gy", 1.1, False),
        ("D25%[Gy] <= 28 Gy", 0.8, True),  # a quarter receives 35 Gy or more
        ("D75%[Gy] >= 30 Gy", 1.2, False),  # and three quarters 25
        ("V30Gy[%] <= 25 %", 30 / 35, True),  # where 35 Gy becomes 30
        ("V30Gy[%] >= 75 %", 30 / 25, False),
        ("V30Gy[cc] < 2 cc", 30 / 35, True),  # of 8 cc
        ("V30Gy[cc] < Volume(Organ) - 6 cc", 30 / 35, True),
        ("CV25Gy[%] >= 50 %", 25 / 30, True),  # half of it below 25 Gy
        ("CV25Gy[cc] > 4 cc", 25 / 30, True),
        ("CV35Gy[%] < 50 %", 35 / 30, False),
        ("gEUD(a=2)[Gy] <= 25 Gy", 25 / (2800 / 3) ** 0.5, True),  # the mean square is (40^3 - 20^3) / 60
        # n d (d + 3) / 5 is D (3 + D / n) / 5, and n d (1 + d / 3) is D + D^2 / (3 n)
        ("Max EQD2(ab=3)[Gy] <= 30 Gy", physical_gy(30, each=3 / 5, square=1 / 5) / 40, True),
        ("D75% EQD2(ab=3)[Gy] >= 30 Gy", physical_gy(30, each=3 / 5, square=1 / 5) / 25, False),
        ("V50Gy BED(ab=3)[%] <= 25 %", physical_gy(50, square=1 / 3) / 35, True),
        ("V30Gy EQD2(ab=3)[cc] < 2 cc", physical_gy(30, each=3 / 5, square=1 / 5) / 35, True),
        # Of the mean, with the mean square: 90 f / 5 + 2800 / 3 f^2 / 22 / 5
        ("Mean EQD2(ab=3)[Gy] <= 20 Gy", physical_gy(20, each=18, square=2800 / 15), True),
    ],
)
def test_the_factor_of_one_goal(text, factor, at_most):
    result = held(text, organ())
    assert result.outcome is Outcome.NOT_MET
    found = result.dose_scale
    assert found.factor.value == pytest.approx(factor, rel=OFF)
    assert found.factor.low <= factor <= found.factor.high
    assert found.at_most is at_most
    inside, outside = (1 - 2 * OFF, 1 + 2 * OFF) if at_most else (1 + 2 * OFF, 1 - 2 * OFF)
    values = [held(text, organ(scaled(RISING, found.factor.value * step))).quantity.value for step in (inside, outside)]
    limit = held(text, organ()).limit
    assert [result.goal.op.against(limit)(value) for value in values] == [True, False]
    # Beyond the interval there is no doubt left.
    certain, never = (found.factor.low, found.factor.high) if at_most else (found.factor.high, found.factor.low)
    assert held(text, organ(scaled(RISING, certain * inside))).outcome is Outcome.MET
    assert held(text, organ(scaled(RISING, never * outside))).outcome is Outcome.NOT_MET


def test_percent_of_a_level_is_of_what_was_prescribed():
    """66 Gy is prescribed and stays: of 30 Gy in the median, 45.45 % are to become 50."""
    wanted = replace(ORGAN, level="HR")
    assert held("Median[%] >= 50 %", organ(), wanted=wanted).dose_scale.factor.value == pytest.approx(1.1, rel=OFF)
    assert held("V50%[%] >= 75 %", organ(), wanted=wanted).dose_scale.factor.value == pytest.approx(33 / 25, rel=OFF)


@pytest.mark.parametrize(
    "text", ["Max[Gy] < 0 Gy", "Volume[cc] > 9 cc", "V10Gy[cc] >= 9 cc", "CV10Gy[cc] > 20 cc", "V0Gy[%] < 50 %"]
)
def test_where_no_scale_meets_it(text):
    found = held(text, organ()).dose_scale
    assert found.factor.value is None
    assert found.factor.reason in ("no scale of the dose meets it", "the dose does not change it")
    assert not found.always


def test_what_is_met_or_has_no_value_has_none():
    assert held("Max[Gy] <= 50 Gy", organ()).dose_scale is None
    assert held("Max[%] <= 5 %", organ()).dose_scale is None


def test_where_dose_is_unknown_nothing_is_certain():
    """Part of the organ is outside of the grid: it may have any dose, whatever the scale."""
    out = plan(box(1, "Organ", centre=(25, 0, 0)), grid=RISING)
    result = held("Mean[Gy] <= 30 Gy", out)
    assert result.outcome in (Outcome.NOT_MET, Outcome.MARGINAL)
    assert result.dose_scale.factor.low == 0.0


def both(grid, *goals, **more):
    checked = plan(box(1, "Organ", centre=(0, 26, 0)), box(2, "GTV", kind="GTV"), grid=grid, **more)
    return evaluate(checked, protocol(*goals)).dose_scale


def uniform_steps(target_gy, organ_gy):
    """The target in one dose and the organ, beside it, in another."""
    return dose(lambda _x, y, _z: target_gy + (organ_gy - target_gy) * (y > 13), half_mm=36.0)


COVER = goal("D95%[Gy] >= 60 Gy", "GTV")
SPARE = goal("D5%[Gy] <= 40 Gy")


def test_the_range_of_a_plan():
    found = both(uniform_steps(66.0, 30.0), COVER, SPARE)
    assert found.is_possible
    assert found.low.value == pytest.approx(60 / 66, rel=OFF)
    assert found.high.value == pytest.approx(40 / 30, rel=OFF)
    assert [g.name for g in found.goals] == ["GTV D95%[Gy] >= 60 Gy", "Organ D5%[Gy] <= 40 Gy"]
    assert (found.evaluated, found.not_evaluated) == (2, 0)


def test_two_goals_that_exclude_each_other_are_named():
    found = both(uniform_steps(55.0, 50.0), COVER, SPARE)
    assert not found.is_possible
    (pair,) = found.excluding
    assert (pair.lower.id, pair.upper.id) == (COVER.id, SPARE.id)
    assert pair.from_factor == pytest.approx(60 / 55, rel=OFF)
    assert pair.to_factor < pair.from_factor
    assert pair.certain


def test_what_is_not_required_bounds_nothing():
    found = both(uniform_steps(66.0, 30.0), COVER, replace(SPARE, tier=goal("Max[Gy] < 1 Gy", tier="recommended").tier))
    assert found.high is None
    assert found.evaluated == 1


def test_a_required_goal_without_a_value_is_counted():
    found = both(uniform_steps(66.0, 30.0), COVER, goal("Max[Gy] <= 40 Gy", "PTV"))
    assert (found.evaluated, found.not_evaluated) == (1, 1)
    assert both(uniform_steps(66.0, 30.0), goal("Max[Gy] <= 40 Gy", "PTV")) is None


def test_a_goal_that_no_factor_meets_leaves_none():
    found = both(uniform_steps(66.0, 30.0), COVER, goal("Volume[cc] > 100 cc", "GTV"))
    assert not found.is_possible
    assert [g.name for g in found.never] == ["GTV Volume[cc] > 100 cc"]


def test_one_of_several_ways_is_enough():
    either = replace(SPARE, alternatives=(parse_claim("Mean[Gy] <= 45 Gy"),))
    assert both(uniform_steps(66.0, 50.0), SPARE).high.value == pytest.approx(0.8, rel=OFF)
    assert both(uniform_steps(66.0, 50.0), either).high.value >= 0.9 - OFF


def test_a_bone_of_the_protocol_that_is_made_is_scaled_as_made():
    """The part of the organ outside of the target, not the whole organ, sets the factor."""
    wanted = replace(ORGAN, subtract=("GTV",))
    checked = plan(box(1, "Organ", (20, 40, 20), (0, 10, 0)), box(2, "GTV", kind="GTV"), grid=uniform_steps(66.0, 50.0))
    small = protocol(goal("Mean[Gy] <= 45 Gy"), structures=(GTV, PTV, wanted))
    (result,) = evaluate(checked, small).results
    # From y 10 to 12 mm it has 66 Gy, from there to 15 mm as much of each dose down to 50 Gy, and 50 Gy up to 30 mm.
    mean_gy = (2 * 66 + 3 * 58 + 15 * 50) / 20
    assert result.dose_scale.factor.value == pytest.approx(45 / mean_gy, rel=OFF)


def test_every_structure_of_the_protocol_may_be_absent():
    lonely = evaluate(plan(box(1, "Else")), protocol(SPARE, structures=(GTV, PTV, ProtocolStructure("Organ", "organ"))))
    assert lonely.dose_scale is None


def test_a_goal_that_would_apply_at_another_scale_is_counted():
    """At 40 / 38 of the dose some of the organ has 40 Gy, and the goal that does not apply now is missed."""
    waiting = replace(goal("Mean[Gy] < 10 Gy"), id="waiting", only_if=parse_claim("V40.5Gy[%] > 1 %"))
    plain = evaluate(organ(), protocol(goal("Max[Gy] <= 50 Gy"))).dose_scale
    both = evaluate(organ(), protocol(goal("Max[Gy] <= 50 Gy"), waiting))
    assert both.results[1].outcome is Outcome.NOT_APPLICABLE
    assert (plain.not_evaluated, both.dose_scale.not_evaluated) == (0, 1)
