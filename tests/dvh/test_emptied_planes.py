"""Planes that are known to be empty: what ends beside them ends half-way, and no contour is missing there."""

from dataclasses import replace

import numpy as np
import pytest

from hardcheck.dvh.planes import PlaneStack, plane_stack
from hardcheck.dvh.size import size_of
from hardcheck.phantom import Box
from hardcheck.plan import Structure

Z = np.arange(-9.0, 10, 2)
"""Ten planes, 2 mm apart, of 4 cm2 each: 0.8 cc for every plane."""


def left(*planes_mm: float, jitter: float = 0.0) -> Structure:
    """A box of which the contours on `planes_mm` are left, and the rest of the planes are known to be empty."""
    kept = Structure.from_contours(1, "Organ", Box((20, 20, 20)).contours([z + jitter for z in planes_mm]))
    return replace(kept, empty_z_mm=np.array([z for z in Z if z not in planes_mm]))


@pytest.mark.parametrize(
    "planes_mm",
    [(-9.0, 9.0), (-9.0, -7.0, 7.0, 9.0), (1.0,), (-9.0,), (-9.0, -5.0, -1.0, 3.0, 7.0), tuple(Z[:5]), (-1.0, 3.0)],
)
@pytest.mark.parametrize("jitter", [0.0, 0.03])
def test_each_plane_is_as_thick_as_its_own_slice(planes_mm, jitter):
    assert size_of(left(*planes_mm, jitter=jitter)).volume_cc["half"] == pytest.approx(0.8 * len(planes_mm), abs=0.02)


def test_nothing_is_joined_over_an_empty_plane():
    stack = plane_stack(left(-9.0, -7.0, 7.0, 9.0))
    assert isinstance(stack, PlaneStack)
    assert stack.joined.tolist() == [[False, True, False, True], [True, False, True, False]]
    assert stack.caveats == ()


def test_without_them_contours_seem_to_be_missing():
    bare = replace(left(*Z[:4], *Z[7:]), empty_z_mm=None)
    assert "seem to be missing" in plane_stack(bare)
    assert isinstance(plane_stack(left(*Z[:4], *Z[7:])), PlaneStack)


def test_a_gap_that_is_not_known_to_be_empty_is_a_gap():
    """Planes are missing between 1 and 9 mm, where nothing is known, beside those that are empty below."""
    half_known = replace(left(-9.0, -7.0, 1.0, 9.0), empty_z_mm=np.array([-5.0, -3.0, -1.0]))
    assert "seem to be missing" in plane_stack(half_known)


def test_what_was_contoured_has_none():
    assert Structure.from_contours(1, "Organ", []).empty_z_mm is None
