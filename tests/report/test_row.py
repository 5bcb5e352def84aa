"""The small scale of a goal: where value, interval and the limits of all tiers lie."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hardcheck.evaluation.result import Outcome
from hardcheck.protocol import Tier
from hardcheck.report.row import goal_table
from tests.report.sample import evaluation, missing, result, spot


def rows(*results):
    return goal_table(evaluation(*results)).rows


@pytest.mark.parametrize(
    ("strict", "loose"),
    [
        ("D0.03cc[Gy] <= 40 Gy", "D0.03cc[Gy] <= 50 Gy"),
        ("V100%[%] > 95 %", "V100%[%] > 90 %"),
        ("CV18Gy[cc] > 700 cc", "CV18Gy[cc] > 600 cc"),
    ],
)
def test_a_looser_limit_misses_and_a_stricter_one_meets(strict, loose):
    first, second = rows(result(strict, 1.0, tier=Tier.RECOMMENDED), result(loose, 1.0))
    (other,) = first.others
    assert (other.tier, other.text) == ("required", loose.split(" ", 1)[1])
    assert other.at < 0
    assert second.others[0].at > 0


def test_a_value_that_is_the_other_limit_lies_on_it():
    first, second = rows(
        result("D0.03cc[Gy] <= 40 Gy", 50.0, Outcome.NOT_MET, tier=Tier.RECOMMENDED),
        result("D0.03cc[Gy] <= 50 Gy", 50.0),
    )
    assert first.others[0].at == pytest.approx(first.scale.value)
    assert second.scale.value == 0


@pytest.mark.parametrize(
    "other",
    [
        result("D0.03cc[Gy] <= 50 Gy", 1.0, structure="Heart"),
        result("D0.03cc[Gy] <= 50 Gy", 1.0, roi=(8, "Other")),
        result("D1cc[Gy] <= 50 Gy", 1.0),
        result("D0.03cc[Gy] >= 50 Gy", 1.0),
        result("D0.03cc[Gy] <= 50 Gy", 1.0, limit=float("inf")),
    ],
)
def test_only_limits_that_can_be_held_against_each_other_share_a_scale(other):
    assert [row.others for row in rows(result(), other)] == [(), ()]


def test_what_decides_comes_first_when_sorted_by_outcome():
    made = [
        result(value=50.0, outcome=Outcome.NOT_MET),
        result(outcome=Outcome.MARGINAL),
        missing(structure="PTV_HR"),
        result(value=50.0, outcome=Outcome.NOT_MET, tier=Tier.RECOMMENDED),
        result(value=50.0, outcome=Outcome.NOT_MET, tier=Tier.ADVISORY),
        result("Mean[Gy] < 9 Gy", None, Outcome.NOT_APPLICABLE, roi=None, reason="none"),
        result(),
    ]
    ranks = {id(row.result): row.rank for row in rows(*made)}
    assert [ranks[id(each)] for each in made] == sorted(ranks.values())
    assert len(set(ranks.values())) == len(made)


def test_a_spot_is_told_once_of_a_structure_and_another_structure_tells_its_own():
    rows = [
        replace(result(id=f"g{n}", structure=name), spot=spot()) for n, name in enumerate(("Cord", "Cord", "Brain"))
    ]
    first, second, other = goal_table(evaluation(*rows)).rows
    assert (first.spot_of, other.spot_of) == (None, None)
    assert second.spot_of is first
    assert second.spot_word == "hottest"


def test_one_link_of_each_source_is_enough_for_the_keyboard():
    rows = [result(id=f"g{n}", source=source) for n, source in enumerate(("A", "A", "B", "A", "B"))]
    assert [row.is_first_of_source for row in goal_table(evaluation(*rows)).rows] == [True, False, True, False, False]
