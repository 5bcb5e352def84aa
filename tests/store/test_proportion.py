import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.store.proportion import wilson

Z = 1.959963984540054
"""The quantile of the normal distribution at 0.975 (NIST Handbook, 1.3.6.7.1)."""


def test_half_of_them():
    # At one half the interval is 1/2 ± z / (2 sqrt(n + z²)).
    found = wilson(10, 20)
    half = Z / (2 * math.sqrt(20 + Z**2))
    assert (found.low, found.share, found.high) == pytest.approx((0.5 - half, 0.5, 0.5 + half), abs=1e-14)


def test_all_and_none_of_them():
    # At the ends the other bound is n / (n + z²) and z² / (n + z²).
    every, none = wilson(10, 10), wilson(0, 10)
    assert (every.share, every.high) == (1.0, 1.0)
    assert every.low == pytest.approx(10 / (10 + Z**2), abs=1e-14)
    assert (none.low, none.share) == (0.0, 0.0)
    assert none.high == pytest.approx(Z**2 / (10 + Z**2), abs=1e-14)


def test_newcombe_1998():
    # Newcombe, Stat Med 17:857, table I, method 3: 81 of 263 gives 0.2553 to 0.3662.
    found = wilson(81, 263)
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)


def test_nothing_to_divide_by():
    assert (wilson(0, 0).share, wilson(0, 0).low, wilson(0, 0).high) == (None, None, None)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_bounds_hold_the_share(met, more):
    found = wilson(met, met + more)
    if met + more:
        assert 0 <= found.low <= found.share <= found.high <= 1


@pytest.mark.parametrize(("met", "of", "confidence"), [(2, 1, 0.95), (-1, 1, 0.95), (0, 1, 1.0)])
def test_no_share(met, of, confidence):
    with pytest.raises(ValueError, match="no share"):
        wilson(met, of, confidence)
