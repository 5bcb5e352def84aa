import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.dvh.distribution import Distribution
from hardcheck.store import thinned

ROUNDING = 1e-9
"""Gy and cc, of curves of some hundred of each: far above what the arithmetic of doubles leaves."""


def test_a_straight_line_is_its_ends():
    dose_gy = np.linspace(0, 50, 501)
    found = thinned(dose_gy, 10 - dose_gy / 5)
    assert found.dose_gy.tolist() == [0, 50]
    assert max(found.dose_error_gy, found.volume_error_cc) < ROUNDING


def test_a_uniform_dose_stays_a_jump():
    found = thinned(np.array([0.0, 20.0, 40.0, 40.0]), np.array([5.0, 5.0, 5.0, 0.0]))
    assert (found.dose_gy.tolist(), found.volume_cc.tolist()) == ([0, 40, 40], [5, 5, 0])
    assert found.volumes_at(np.array([0.0, 39.9, 40.0, 40.1])).tolist() == [5, 5, 5, 0]


def test_the_errors_of_a_parabola():
    # From 0 to 1 the chord of 1 - D² is off by max(D - D²) = 1/4 of volume at D = 1/2, and in dose by
    # max(sqrt(1 - V) - (1 - V)) = 1/4 at V = 3/4: both are points of this curve.
    dose_gy = np.linspace(0, 1, 101)
    found = thinned(dose_gy, 1 - dose_gy**2, dose_error_gy=1.0, volume_error=1.0)
    assert found.dose_gy.size == 2
    assert (found.dose_error_gy, found.volume_error_cc) == pytest.approx((0.25, 0.25), abs=1e-12)


def test_one_point():
    found = thinned(np.array([3.0]), np.array([2.0]))
    assert found.volumes_at(np.array([2.0, 3.0, 4.0])).tolist() == [2, 2, 0]


def test_a_smooth_curve_becomes_short():
    # A chord over a width w is off by at most w² |V''| / 8: of a logistic of slope s, |V''| <= s² / (6 sqrt 3).
    dose_gy = np.linspace(0, 80, 1001)
    found = thinned(dose_gy, 100 / (1 + np.exp((dose_gy - 40) / 5)), dose_error_gy=80.0)
    assert found.volume_error_cc <= 0.1
    assert found.dose_gy.size < 60  # 80 Gy in steps of sqrt(8 · 0.001 · 6 sqrt 3 · 5²) = 1.44 Gy are 56


@st.composite
def curves(draw):
    size = draw(st.integers(1, 60))
    step = st.one_of(st.just(0.0), st.floats(0.001, 5.0))
    dose_gy = np.cumsum(draw(st.lists(step, min_size=size, max_size=size)))
    volume_cc = np.cumsum(draw(st.lists(step, min_size=size, max_size=size)))[::-1]
    return dose_gy, volume_cc


@given(curves(), st.floats(0.001, 2.0), st.floats(0.0001, 0.2))
def test_both_errors_are_kept(curve, dose_error_gy, volume_error):
    """Against the engine's own reading of a curve, anywhere on it, from either side of each point."""
    dose_gy, volume_cc = curve
    found = thinned(dose_gy, volume_cc, dose_error_gy=dose_error_gy, volume_error=volume_error)
    assert found.dose_error_gy <= dose_error_gy
    assert found.volume_error_cc <= volume_error * volume_cc[0]
    assert (found.dose_gy[0], found.dose_gy[-1]) == (dose_gy[0], dose_gy[-1])
    whole, thin = (
        Distribution(d, v, 0.0, float(d[0]), float(d[-1])) for d, v in (curve, (found.dose_gy, found.volume_cc))
    )
    some = np.concatenate([dose_gy, (dose_gy[1:] + dose_gy[:-1]) / 2, dose_gy + 1e-3])
    # The engine's curves are read 1e-6 Gy to the left of a dose: here no two doses are that close and apart.
    assert np.abs(whole.volumes_at(some) - thin.volumes_at(some)).max() <= found.volume_error_cc + ROUNDING
    levels = np.concatenate([volume_cc, (volume_cc[1:] + volume_cc[:-1]) / 2])
    for level in levels[(levels > volume_cc[-1]) & (levels < volume_cc[0])]:
        assert abs(inverse(whole, level) - inverse(thin, level)) <= found.dose_error_gy + ROUNDING


def inverse(curve, level):
    """The least dose at which no more than `level` is left."""
    after = int(np.argmax(curve.volume_cc <= level))
    d0, d1, v0, v1 = (each[i] for each in (curve.dose_gy, curve.volume_cc) for i in (after - 1, after))
    return d0 + (d1 - d0) * (v0 - level) / (v0 - v1)


@given(curves())
def test_it_is_read_as_the_engine_reads_it(curve):
    dose_gy, volume_cc = curve
    whole = Distribution(dose_gy, volume_cc, 0.0, float(dose_gy[0]), float(dose_gy[-1]))
    found = thinned(dose_gy, volume_cc, dose_error_gy=0.0, volume_error=0.0)
    between = np.append((dose_gy[1:] + dose_gy[:-1]) / 2, dose_gy[-1] + 1)
    between = between[~np.isin(between, dose_gy)]
    # The slope is at most 5 cc over 0.001 Gy, and the engine reads 1e-6 Gy to the left.
    assert np.abs(found.volumes_at(between) - whole.volumes_at(between)).max() <= 5e-3 + ROUNDING


@pytest.mark.parametrize(
    ("dose_gy", "volume_cc", "said"),
    [
        ([], [], "no curve"),
        ([0, 1], [1], "no curve"),
        ([0, np.nan], [1, 0], "finite"),
        ([0, 1], [1, -1], "not negative"),
        ([1, 0], [1, 0], "does not fall"),
        ([0, 1], [0, 1], "does not rise"),
    ],
)
def test_what_is_no_curve_is_refused(dose_gy, volume_cc, said):
    with pytest.raises(ValueError, match=said):
        thinned(np.array(dose_gy, float), np.array(volume_cc, float))
