"""Even-odd areas of planes, whatever the contours that draw them, and however many there are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardcheck.dvh import size_of
from tests.dvh.solids import square, structure

HEIGHTS = (0.0, 2.0, 4.0)


def area_cm2(*contours) -> float:
    """The area of each of three planes with these contours at z = 0, 2 mm apart: 6 mm with both end caps."""
    raised = [c + np.array([0, 0, z]) for z in HEIGHTS for c in contours]
    return size_of(structure(*raised)).volume_cc["half"] / 0.6


def keyhole(outer, hole):
    return np.concatenate([outer, outer[:1], hole, hole[:1]])


@pytest.mark.parametrize("way", [1, -1])
@pytest.mark.parametrize("other", [1, -1])
def test_a_keyhole_is_its_outline_less_its_hole_however_both_are_wound(way, other):
    joined = keyhole(square(5, 0)[::way], square(2, 0, cx=1)[::other])
    assert area_cm2(joined) == pytest.approx((100 - 16) / 100, rel=1e-9)


def test_two_holes_in_one_keyhole():
    first = keyhole(square(8, 0), square(1, 0, cx=-4))
    both = np.concatenate([first, square(8, 0)[:1], square(2, 0, cx=3), square(2, 0, cx=3)[:1]])
    assert area_cm2(both) == pytest.approx((256 - 4 - 16) / 100, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.3, 9.5), min_size=1, max_size=6, unique=True))
def test_nested_squares_add_and_take_away_in_turn(halves):
    falling = sorted(halves, reverse=True)
    exact = sum((-1) ** depth * 4 * half**2 for depth, half in enumerate(falling)) / 100
    assert area_cm2(*(square(half, 0) for half in halves)) == pytest.approx(exact, rel=1e-9, abs=1e-9)


def test_thousands_of_contours_on_a_plane_are_all_counted():
    """Quadratic work in Python would take minutes."""
    places = [(x, y) for x in range(-90, 90, 3) for y in range(-90, 90, 3)]
    many = [square(0.5, 0, cx=x, cy=y) for x, y in places]
    assert area_cm2(*many) == pytest.approx(len(places) / 100, rel=1e-9)


def test_a_comb_of_thousands_of_teeth_is_exact():
    """Every line in x meets every tooth."""
    teeth = 2000
    x = np.repeat(np.linspace(-80, 80, 2 * teeth), 2)
    y = np.tile([-80.0, 80.0, 80.0, -80.0], teeth)
    comb = np.column_stack([x, y, np.zeros(x.size)])
    width = 160 / (2 * teeth - 1)
    below = np.array([[80, -81, 0], [-80, -81, 0]], dtype=float)
    exact = teeth * width * 160 + 160 * 1
    assert area_cm2(np.concatenate([comb, below])) == pytest.approx(exact / 100, rel=1e-9)


def test_a_spike_holds_no_area_and_no_dose():
    out_and_back = np.insert(square(5, 0), 1, [(60, -5, 0), (30, -5, 0), (60, -5, 0)], axis=0)
    assert area_cm2(out_and_back) == pytest.approx(1.0, rel=1e-9)
