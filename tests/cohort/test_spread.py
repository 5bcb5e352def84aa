from hypothesis import given
from hypothesis import strategies as st

from hardcheck.cohort.spread import Bar, Spread, bars_of, spread_of

NUMBERS = st.lists(st.floats(-1000, 1000, allow_subnormal=False), min_size=1, max_size=80)


def test_percentiles_of_a_ladder():
    # Of 0, 1 … 20 the percentile p is p / 5.
    assert spread_of([float(n) for n in range(20, -1, -1)]) == Spread(21, 0, 1, 5, 10, 15, 19, 20)
    assert spread_of([3.0]) == Spread(1, 3, 3, 3, 3, 3, 3, 3)
    assert spread_of([]) is None


def test_bars_by_hand():
    # From -12 to 12 in bars of 1: each whole number is the left edge of its own bar, or the right one.
    numbers = [float(n) for n in range(-12, 13)]
    left = bars_of(numbers, zero_is_good=True)
    right = bars_of(numbers, zero_is_good=False)
    assert {bar.count for bar in left} == {1} == {bar.count for bar in right}
    assert Bar(0.0, 1.0, 1) in left
    assert Bar(-1.0, 0.0, 1) in right
    assert (left[0].low, left[-1].high) == (-12, 13)
    assert (right[0].low, right[-1].high) == (-13, 12)


def test_what_is_far_off_does_not_squeeze_the_rest():
    bars = bars_of([n / 100 for n in range(1000)] + [1e6], zero_is_good=True)
    assert bars[-1].low < 12
    assert (bars[-1].high, bars[-1].count) == (None, 1)
    assert len(bars) < 60


@given(NUMBERS, st.booleans())
def test_every_number_is_in_one_bar_and_no_bar_has_both_sides(numbers, zero_is_good):
    bars = bars_of(numbers, zero_is_good=zero_is_good)
    assert sum(bar.count for bar in bars) == len(numbers)
    for bar in bars:
        low, high = (-float("inf") if bar.low is None else bar.low), (float("inf") if bar.high is None else bar.high)
        assert low < high
        assert not low < 0 < high or bar.low is None or bar.high is None
        inside = [n for n in numbers if (low <= n < high if zero_is_good else low < n <= high)]
        assert len(inside) == bar.count
