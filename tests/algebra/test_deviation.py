"""What was contoured against what was wanted: boxes whose differences are known."""

import math

import numpy as np
import pytest

from hardcheck.algebra import compare
from hardcheck.phantom import Box, Cylinder
from hardcheck.plan import Structure

Z = np.arange(-49.0, 50, 2)
"""Fifty planes; 40 of them lie 10 mm and more from the ends at -50 and 50 mm."""
LENGTH_MM = 80.0


def solid(shape, z=Z) -> Structure:
    return Structure.from_contours(1, "S", shape.contours(z))


def deviation(contoured, wanted):
    return compare(contoured, wanted, tolerance_mm=2.0, ends_mm=10.0)


SQUARE = solid(Box((40, 40, 1e3)))


def test_the_same_is_the_same():
    found = deviation(SQUARE, SQUARE)
    assert (found.outside_cc, found.missing_cc, found.share) == (0.0, 0.0, 0.0)
    assert found.wanted_cc == pytest.approx(1.6 * LENGTH_MM, rel=1e-9)


@pytest.mark.parametrize("beyond_mm", [1.0, 1.9, 3.0, 5.0])
def test_what_reaches_beyond_counts_behind_the_tolerance(beyond_mm):
    wide = solid(Box((40, 40 + 2 * beyond_mm, 1e3)))
    strip_cc = 2 * 40 * max(beyond_mm - 2, 0) * LENGTH_MM / 1000
    found = deviation(wide, SQUARE)
    assert found.outside_cc == pytest.approx(strip_cc, abs=1e-9)
    assert found.missing_cc == 0.0
    found = deviation(SQUARE, wide)
    assert (found.missing_cc, found.outside_cc) == (pytest.approx(strip_cc, abs=1e-9), 0.0)


def test_a_tube_that_is_too_large():
    found = deviation(solid(Cylinder(25.0, 1e3, axis="z")), solid(Cylinder(20.0, 1e3, axis="z")))
    assert found.outside_cc == pytest.approx(math.pi * (25**2 - 22**2) * LENGTH_MM / 1000, rel=5e-3)


def test_slices_without_a_contour_are_missing():
    half = solid(Box((40, 40, 1e3)), Z[Z < 0])
    assert deviation(half, SQUARE).missing_cc == pytest.approx(1.6 * LENGTH_MM / 2, abs=1.6 * 2)


def test_the_ends_are_left_alone():
    short = solid(Box((40, 40, 1e3)), Z[np.abs(Z) < 42])
    assert deviation(short, SQUARE).share == 0.0


def test_what_has_no_thickness_cannot_be_compared():
    assert deviation(solid(Box((40, 40, 1e3)), Z[:1]), SQUARE) is None
    assert deviation(SQUARE, solid(Box((40, 40, 1e3)), Z[:5])) is None
