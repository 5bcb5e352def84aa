"""Numbers as text: sensible digits, and never on the wrong side of the limit."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.evaluation.result import Outcome
from hardcheck.quantity import Quantity
from hardcheck.report.number import interval, margin_of, plain, shown, spoken
from tests.report.sample import missing, result

MET, NOT_MET, MARGINAL = Outcome.MET, Outcome.NOT_MET, Outcome.MARGINAL


@pytest.mark.parametrize(
    ("goal", "value", "outcome", "expected", "margin"),
    [
        ("D0.03cc[Gy] <= 46 Gy", 44.912, MET, "44.91", "+1.09"),
        ("D0.03cc[Gy] <= 46 Gy", 46.004, NOT_MET, "46.004", "−0.004"),
        ("D0.03cc[Gy] <= 46 Gy", 45.999, MET, "46.00", "0.00"),
        ("D0.03cc[Gy] <= 46 Gy", 46.0, MET, "46.00", "0.00"),
        ("D0.03cc[Gy] < 46 Gy", 45.9996, MET, "45.9996", "+0.0004"),
        ("D0.03cc[Gy] < 46 Gy", 46.0, NOT_MET, "46.00", "0.00"),
        ("V100%[%] > 95 %", 95.0000001, MET, "95.0000001", "+0.0000001"),
        ("V100%[%] >= 95 %", 94.9999, NOT_MET, "94.9999", "−0.0001"),
        ("V100%[%] > 95 %", 96.349, MET, "96.35", "+1.35"),
        ("V42Gy[cc] < 5 cc", 0.0, MET, "0.00", "+5.00"),
        # The last bit of a sum: the outcome forgives it, and so does the text.
        ("V42Gy[cc] <= 1.5 cc", 1.5000000000000004, MET, "1.50", "0.00"),
    ],
)
def test_value_and_margin_agree_with_the_outcome(goal, value, outcome, expected, margin):
    text = shown(result(goal, value, outcome))
    assert (text.value, text.margin) == (expected, margin)


def test_the_interval_has_the_digits_that_tell_it_from_the_limit():
    text = shown(result(value=45.9, low=45.8, high=46.003, outcome=MARGINAL))
    assert (text.value, text.interval) == ("45.900", "45.800 to 46.003")


def test_a_limit_is_written_as_the_protocol_states_it_and_a_computed_one_rounded():
    assert shown(result("D0.03cc[Gy] <= 70.62 Gy", 60.0)).limit == "70.62"
    computed = result("V30Gy[cc] < Volume(Liver) - 700 cc", 812.0, limit=812.3456)
    assert (shown(computed).limit, shown(computed).margin) == ("812.35", "+0.35")


def test_a_computed_limit_gets_more_digits_too():
    text = shown(result("V30Gy[cc] < Volume(Liver) - 700 cc", 812.3451, NOT_MET, limit=812.345))
    assert Decimal(text.value) >= Decimal(text.limit)
    text = shown(result("V30Gy[cc] < Volume(Liver) - 700 cc", 812.3451, MET, limit=812.3452))
    assert (text.value, text.limit) == ("812.3451", "812.3452")


def test_without_a_value_there_is_nothing_but_the_limit():
    text = shown(missing())
    assert (text.value, text.interval, text.margin, text.limit) == ("", "", "", "46")


def test_open_bounds_are_said_in_words():
    assert interval(Quantity(40.0, 39.5, math.inf, "Gy")) == "39.50 or more, no upper bound known"
    assert interval(Quantity(40.0, -math.inf, 41.0, "Gy")) == "41.00 or less, no lower bound known"
    assert interval(Quantity(40.0, -math.inf, math.inf, "Gy")) == "no bounds known"
    assert spoken(Quantity.unknown("Gy", "no dose")) == "no dose"


def test_unknown_numbers_are_empty_and_zero_has_no_sign():
    assert plain(None, "Gy") == plain(math.nan, "Gy") == plain(math.inf, "Gy") == ""
    assert plain(-0.001, "Gy") == "0.00"
    assert plain(-1.5, "Gy") == "−1.50"


def test_margin_is_the_limit_minus_the_value_in_the_good_direction():
    assert margin_of(result(value=44.0)) == 2.0
    assert margin_of(result("V100%[%] > 95 %", 94.0, NOT_MET)) == -1.0
    assert margin_of(missing()) is None


@given(
    limit=st.sampled_from(["0.5", "5", "46", "69.3", "100"]),
    off=st.floats(-1e-3, 1e-3),
    op=st.sampled_from(["<", "<=", ">", ">="]),
)
def test_what_is_printed_never_contradicts_the_outcome(limit, off, op):
    value = float(limit) + off
    probe = result(f"Mean[Gy] {op} {limit} Gy", value)
    met = probe.goal.op.against(float(limit))(value)
    text = shown(result(f"Mean[Gy] {op} {limit} Gy", value, MET if met else NOT_MET))
    printed, bound = Decimal(text.value.replace("−", "-")), Decimal(text.limit)
    assert {"<": printed < bound, "<=": printed <= bound, ">": printed > bound, ">=": printed >= bound}[op] is met
