import math

import pytest

from hardcheck.cohort.control import FEWEST_POINTS, Limits, individual_limits, robust_z, share_limits

FLOW = (49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1)
"""The worked example of NIST/SEMATECH e-Handbook 6.3.2.2, with the limits that it prints."""


def test_the_example_of_the_handbook():
    found = individual_limits(FLOW, fewest=10)
    assert (found.centre, found.high, found.low) == pytest.approx((50.81, 55.8041, 45.8159), abs=5e-5)


def test_few_points_have_no_limits():
    assert individual_limits([1.0, 2.0] * 5 + [1.0]) is None
    # The range is 1 each time, so the limits are 1.5 ± 3 / 1.128.
    found = individual_limits([1.0, 2.0] * 6)
    assert (found.low, found.high) == pytest.approx((1.5 - 3 / 1.128, 1.5 + 3 / 1.128))
    assert share_limits([9] * 11, [100] * 11) == (None,) * 11
    assert share_limits([], []) == ()
    assert share_limits([0] * 12, [0] * 12) == (None,) * 12


def test_shares_by_hand():
    # p = 0.9: sigma is 0.03 of 100 plans and 0.015 of 400.
    found = share_limits([90] * 11 + [360], [100] * 11 + [400])
    assert [found[0].low, found[0].centre, found[0].high] == pytest.approx([0.81, 0.9, 0.99])
    assert [found[-1].low, found[-1].high] == pytest.approx([0.855, 0.945])


def test_a_share_is_never_beyond_none_and_all():
    found = share_limits([45] * 12, [50] * 12)  # 0.9 ± 0.127
    assert found[0].high == 1.0
    assert share_limits([5] * 12, [50] * 12)[0].low == 0.0


def test_a_month_needs_five_on_either_side():
    # Of 50 plans 5 are expected not to meet it, of 49 fewer.
    months = [50] * 10 + [49, 51]
    met = [45] * 9 + [46, 44, 45]  # 450 + ... = 540 of 600
    assert sum(met) * 10 == 9 * sum(months)
    assert [one is not None for one in share_limits(met, months)] == [True] * 10 + [False, True]
    assert share_limits([50] * FEWEST_POINTS, [50] * FEWEST_POINTS) == (None,) * FEWEST_POINTS


def test_what_is_on_a_limit_is_in_control():
    limits = Limits(0.5, 0.1 + 0.2, 0.7)
    assert limits.holds(0.3)
    assert limits.holds(0.7)
    assert not limits.holds(0.29)
    assert not limits.holds(0.71)


def test_robust_z_by_hand():
    # Median 5.5; the deviations 0.5, 0.5, 1.5, 1.5, 2.5, 2.5, 3.5, 3.5, 4.5, 94.5 have the median 2.5.
    found = robust_z([1, 2, 3, 4, 5, 6, 7, 8, 9, 100])
    assert found[0] == pytest.approx(-0.6745 * 4.5 / 2.5)
    assert found[-1] == pytest.approx(0.6745 * 94.5 / 2.5)


def test_few_values_have_no_outliers():
    assert robust_z([1.0] * 8 + [100.0]) is None


def test_where_most_are_alike_the_mean_deviation_decides():
    # Nine of 1 and one of 11: the mean deviation is 1, so z is 10 / √(π/2).
    found = robust_z([1.0] * 9 + [11.0])
    assert found[:9] == (0.0,) * 9
    assert found[9] == pytest.approx(10 / math.sqrt(math.pi / 2))


def test_what_differs_by_the_last_bit_is_alike():
    assert robust_z([0.1 + 0.2, 0.3] * 6) == (0.0,) * 12
