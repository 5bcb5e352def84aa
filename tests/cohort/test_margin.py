import pytest

from hardcheck.cohort.margin import margin_of, seen_of
from hardcheck.store import GoalValue


def value(path="p", *, op="<=", limit=50.0, number=45.0, low=44.0, high=46.0, outcome="MET", **more):
    known = {"date": "2026-03-01", "machine": "T1", "planner": "ab", "regimen": "22fx", "protocol_version": "1"}
    said = known | {"roi_number": 7, "metric": "D2%[Gy]", "unit": "Gy", "reason": None, "structure": "Cord"} | more
    numbers = {"limit": limit, "value": number, "low": low, "high": high}
    return GoalValue(path=path, key="k", op=op, outcome=outcome, tier="required", **numbers, **said)


@pytest.mark.parametrize(
    ("op", "limit", "number", "wanted"),
    [
        ("<=", 50.0, 45.0, 5.0),
        ("<", 50.0, 55.0, -5.0),
        (">=", 95.0, 97.5, 2.5),
        (">", 95.0, 95.0, 0.0),
        ("<=", None, 45.0, None),
        ("<=", 50.0, None, None),
        ("<=", float("inf"), 1.0, None),
    ],
)
def test_positive_is_the_good_side(op, limit, number, wanted):
    assert margin_of(op, limit, number) == wanted


def test_percent_is_of_the_limit():
    # 5 of 50 Gy are 10 %, -2 of 80 % are -2.5 %.
    found = seen_of([value("a"), value("b", op=">=", limit=80.0, number=78.0, unit="%", outcome="NOT_MET")])
    assert [(one.margin, one.percent) for one in found] == [(5.0, 10.0), (-2.0, -2.5)]
    (nothing,) = seen_of([value(limit=0.0, number=0.5, low=0.4, high=0.6, outcome="NOT_MET")])
    assert (nothing.margin, nothing.percent) == (-0.5, None)


def test_of_several_rois_the_worst_outcome_and_the_smallest_margin():
    rois = [value(number=45.0), value(number=49.0, roi_number=8), value(number=None, outcome="NOT_EVALUATED")]
    (found,) = seen_of(rois)
    assert (found.outcome, found.value, found.margin) == ("NOT_EVALUATED", 49.0, 1.0)


def test_nothing_is_known_of_a_plan_without_values():
    (found,) = seen_of([value(number=None, low=None, high=None, outcome="NOT_EVALUATED")])
    assert (found.value, found.margin, found.percent, found.is_near_miss) == (None, None, None, False)


@pytest.mark.parametrize(
    ("number", "low", "high", "outcome", "near"),
    [
        (49.5, 49.4, 49.6, "MET", True),  # 1 % of the limit
        (49.0, 48.9, 49.1, "MET", False),  # 2 %: not less than that
        (48.0, 45.0, 50.5, "MARGINAL", True),
        (48.0, 45.0, 50.0, "MET", False),  # the limit is the end of the interval, not inside
        (45.0, 40.0, None, "MARGINAL", True),  # nobody knows how high it may be
        (50.2, 50.1, 50.3, "NOT_MET", False),  # missed, not nearly
        (50.2, 49.9, 50.5, "MARGINAL", True),
        (49.5, 49.4, 49.6, "NOT_APPLICABLE", False),
    ],
)
def test_near_misses(number, low, high, outcome, near):
    (found,) = seen_of([value(number=number, low=low, high=high, outcome=outcome)])
    assert found.is_near_miss is near


@pytest.mark.parametrize(
    ("date", "month"),
    [("2026-03-01", "2026-03"), ("2026-03", "2026-03"), ("2026-13-01", None), ("20260301", None), (None, None)],
)
def test_the_month_of_a_date_that_is_one(date, month):
    assert seen_of([value(date=date)])[0].month == month
