"""Section areas between and beyond the planes, where they are known in closed form."""

import math

import numpy as np
import pytest

from hardcheck.dvh.gaps import Slices
from hardcheck.dvh.planes import plane_stack
from hardcheck.dvh.profile import Profile
from hardcheck.dvh.sampling import Part, part_volumes
from tests.dvh.solids import circle, square, structure

POINTS = 3600


def ball(heights, radius=12.0):
    return structure(*(circle(math.sqrt(radius**2 - z * z), z, points=POINTS) for z in heights))


def cone(heights, tip=12.0, slope=0.5):
    return structure(*(circle(slope * (tip - z), z, points=POINTS) for z in heights))


def profile_of(solid):
    return Profile.of(plane_stack(solid))


def smooth_volume_mm3(solid):
    volumes = part_volumes(profile_of(solid))
    return volumes[[Part.SMOOTH, Part.CLOSING_BELOW, Part.CLOSING_ABOVE]].sum()


# A polygon of n points holds this share of its circle, and sixteen nodes integrate a cubic to 1e-3.
SHARE = math.sin(2 * math.pi / POINTS) * POINTS / (2 * math.pi)


@pytest.mark.parametrize("first", [-10.5, -10.0, -9.5, -11.25])
def test_a_ball_closes_at_its_pole_and_has_its_volume(first):
    heights = np.arange(first, 12.0, 2.5)
    profile = profile_of(ball(heights))
    assert profile.closing[0, 0] * 2.5 == pytest.approx(heights[0] + 12, rel=1e-6)
    assert profile.closing[1, -1] * 2.5 == pytest.approx(12 - heights[-1], rel=1e-6)
    assert smooth_volume_mm3(ball(heights)) == pytest.approx(4 / 3 * math.pi * 12**3 * SHARE, rel=1e-3)


@pytest.mark.parametrize("first", [-10.5, -10.0, -9.5, -11.25])
def test_a_bar_across_the_slices_closes_where_it_ends(first):
    """Its sections are rectangles, as wide as the root of a parabola. A cubic between planes is within 1 %."""
    heights = np.arange(first, 12.0, 2.5)

    def section(z):
        half = math.sqrt(144 - z * z)
        return np.array([(-half, -20, z), (half, -20, z), (half, 20, z), (-half, 20, z)])

    bar = structure(*(section(z) for z in heights))
    profile = profile_of(bar)
    assert profile.power[[0, -1]].tolist() == [2, 2]
    assert profile.closing[0, 0] * 2.5 == pytest.approx(heights[0] + 12, rel=1e-6)
    assert profile.closing[1, -1] * 2.5 == pytest.approx(12 - heights[-1], rel=1e-6)
    assert smooth_volume_mm3(bar) == pytest.approx(math.pi * 144 * 40, rel=0.01)


def test_a_cone_closes_at_its_tip_and_has_half_a_slice_at_its_base():
    heights = np.arange(0.0, 11.0, 2.0)
    profile = profile_of(cone(heights))
    assert profile.closing[1, -1] * 2.0 == pytest.approx(2.0, rel=1e-3)
    assert math.isinf(profile.closing[0, 0])
    exact = math.pi / 3 * 6**2 * 12 + math.pi * 6**2 * 1.0
    assert smooth_volume_mm3(cone(heights)) == pytest.approx(exact * SHARE, rel=1e-3)


def test_a_prism_is_flat_and_ends_half_a_slice_beyond():
    profile = profile_of(structure(*(square(5, z) for z in (0.0, 2.0, 5.0, 6.0))))
    assert np.all(profile.slope == 0)
    assert np.all(np.isinf(profile.closing))
    volumes = part_volumes(profile)
    assert volumes[Part.SMOOTH].sum() == pytest.approx(600, rel=1e-12)
    assert volumes[Part.OTHER].sum() == pytest.approx(600, rel=1e-12)
    assert volumes[Part.CLOSING_BELOW].sum() == pytest.approx(100, rel=1e-12)
    assert volumes[Part.OUTER_ABOVE].sum() == pytest.approx(50, rel=1e-12)


def test_a_hole_and_what_it_leaves_add_up():
    heights = np.arange(-9.0, 9.1, 3.0)
    whole = smooth_volume_mm3(structure(*(circle(12, z) for z in heights)))
    inner = smooth_volume_mm3(structure(*(circle(5, z, cx=3) for z in heights)))
    ring = smooth_volume_mm3(structure(*(c for z in heights for c in (circle(12, z), circle(5, z, cx=3)))))
    beside = smooth_volume_mm3(structure(*(c for z in heights for c in (circle(12, z), circle(5, z, cx=30)))))
    assert ring + inner == pytest.approx(whole, rel=1e-9)
    assert beside == pytest.approx(whole + inner, rel=1e-9)


def test_two_planes_are_joined_by_a_straight_line():
    profile = profile_of(cone([0.0, 2.0]))
    middle = profile.between(np.array([1, 0]), np.array([0, 1]), np.array([0.5, 0.5]))
    area = profile.stack.area_mm2
    assert middle @ area == pytest.approx(area.mean(), rel=1e-12)


@pytest.mark.parametrize("first", [-1.1, -1.0, -0.85, -0.6])
def test_two_planes_of_a_small_ball_are_that_ball(first):
    """Of a ball of 1.5 mm on slices 1.7 mm apart both planes together tell where it ends."""
    heights = [first, first + 1.7]
    profile = profile_of(ball(heights, 1.5))
    assert profile.closing[0, 0] * 1.7 == pytest.approx(first + 1.5, rel=1e-6)
    assert profile.closing[1, 1] * 1.7 == pytest.approx(1.5 - heights[1], rel=1e-6)
    assert smooth_volume_mm3(ball(heights, 1.5)) == pytest.approx(4 / 3 * math.pi * 1.5**3 * SHARE, rel=5e-3)


def test_two_planes_of_a_large_ball_are_a_slab():
    """Round as it was, it would reach the next slices, where it has no contour."""
    profile = profile_of(ball([-1.0, 1.0], 12.0))
    assert np.all(np.isinf(profile.closing))
    assert smooth_volume_mm3(ball([-1.0, 1.0], 12.0)) == pytest.approx(4 * math.pi * 143, rel=1e-3)


@pytest.mark.parametrize(("radius", "height"), [(1.0, 4 / 3), (2.0, 8 / 3), (2.2, 8.8 / 3), (2.3, 3.0), (20.0, 3.0)])
def test_one_plane_is_a_ball_or_as_thick_as_a_slice(radius, height):
    """Slices of 3 mm: a ball has 4/3 of its radius times the area of its middle."""
    stack = plane_stack(structure(circle(radius, 0.0, points=POINTS)), Slices(np.arange(-9.0, 10, 3), whole=True))
    volume = part_volumes(Profile.of(stack))[[Part.CLOSING_BELOW, Part.CLOSING_ABOVE]].sum()
    assert volume == pytest.approx(math.pi * radius**2 * SHARE * height, rel=5e-3)
