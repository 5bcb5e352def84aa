"""Islands, and distances between surfaces, on solids of known place: a distance is within half a slice."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardcheck.algebra import Stack, depth_mm, gap_mm, islands_of
from hardcheck.phantom import Annulus, Box, Cylinder, Islands, Sphere
from hardcheck.plan import Structure

SLICE_MM = 2.0
Z = np.arange(-59.0, 60, SLICE_MM)


def made(*shapes, z=Z, name="S") -> Structure:
    return Structure.from_contours(1, name, [c for shape in shapes for c in shape.contours(z, 0.3)])


def stack(*shapes, z=Z) -> Stack:
    found = Stack.of(made(*shapes, z=z))
    assert isinstance(found, Stack)
    return found


def holds(quantity, exact):
    return quantity.low - 1e-9 <= exact <= quantity.high + 1e-9


# --- islands


def test_one_part_is_given_as_it_is():
    ball = made(Sphere(10))
    assert islands_of(ball) == [ball]
    tube = made(Annulus(10, 5, 20))
    assert islands_of(tube) == [tube]


def test_parts_beside_and_above_one_another():
    parts = islands_of(made(*(Sphere(7.5, (x, 0, z)) for z in (-12, 12) for x in (-10, 10)), name="V"))
    assert [p.name for p in parts] == ["V 1", "V 2", "V 3", "V 4"]
    centres = [Stack.of(p).centre_mm for p in parts]
    assert sorted((round(x), round(z)) for x, _, z in centres) == [(-10, -12), (-10, 12), (10, -12), (10, 12)]
    assert [a[2] <= b[2] + 1e-6 for a, b in pairwise(centres)] == [True] * 3


def test_parts_that_meet_on_one_slice_are_one():
    bridge = Box((40, 2, 2), (0, 0, 0))
    assert len(islands_of(made(Islands(5, 20, 30)))) == 2
    joined = made(Islands(5, 20, 30), z=[z for z in Z if abs(z) > 1.5])
    both = Structure.from_contours(1, "S", [*joined.contours(), *bridge.contours([1.0]), *bridge.contours([-1.0])])
    assert len(islands_of(both)) == 1


def test_a_missing_slice_does_not_part_and_two_do():
    bar = Cylinder(5, 40)
    assert len(islands_of(made(bar, z=[z for z in Z if abs(z - 1) > 0.5]))) == 1
    assert len(islands_of(made(bar, z=[z for z in Z if abs(z) > 3.5]))) == 2


def test_what_cannot_be_used_says_why():
    assert "no contours" in islands_of(made())
    assert "no contours" in Stack.of(made())


# --- distances


@pytest.mark.parametrize(
    ("a", "b", "exact"),
    [
        (Box((10, 10, 12)), Box((10, 10, 12), (25, 0, 0)), 15.0),
        (Box((10, 10, 12)), Box((10, 10, 12), (0, 0, 26)), 14.0),
        (Box((10, 10, 12)), Box((10, 10, 12), (13, 14, 24)), math.hypot(3, 4, 12)),
        (Sphere(8), Sphere(6, (30, 0, 0)), 16.0),
        (Sphere(8), Sphere(6, (0, 0, 30)), 16.0),
        (Sphere(8), Sphere(6, (18, 0, 24)), 16.0),
        (Sphere(8), Cylinder(5, 100, centre_mm=(0, 30, 0)), 17.0),
        (Sphere(20), Sphere(5, (3, 0, 0)), 0.0),
        (Box((10, 10, 10)), Box((10, 10, 10), (10, 0, 0)), 0.0),
    ],
)
def test_the_gap_between_two_solids(a, b, exact):
    found = gap_mm(stack(a), stack(b))
    assert holds(found, exact), found
    assert found.value == pytest.approx(exact, abs=SLICE_MM / 2)
    assert gap_mm(stack(b), stack(a)).value == pytest.approx(found.value, abs=1e-6)


@pytest.mark.parametrize(
    ("inner", "outer", "exact"),
    [
        (Sphere(7.5), Sphere(40), 32.5),
        (Sphere(7.5, (20, 0, 0)), Sphere(40), 12.5),
        (Sphere(7.5, (0, 0, -20)), Sphere(40), 12.5),
        (Sphere(7.5, (12, 0, 16)), Sphere(40), 12.5),
        (Sphere(7.5, (0, 10, 0)), Box((80, 60, 100)), 12.5),
        (Sphere(7.5, (0, 0, 24)), Box((80, 80, 80)), 8.5),
        (Sphere(7.5, (20, 0, 0)), Annulus(40, 5, 80), 7.5),
        (Sphere(7.5, (38, 0, 0)), Sphere(40), 0.0),
        (Sphere(7.5, (80, 0, 0)), Sphere(40), 0.0),
    ],
)
def test_the_depth_of_one_solid_in_another(inner, outer, exact):
    found = depth_mm(stack(inner), stack(outer))
    assert holds(found, exact), found
    assert found.value == pytest.approx(exact, abs=SLICE_MM / 2)


def test_the_gap_along_z_of_a_tumour_of_two_parts_is_its_surface():
    outer = stack(Box((60, 60, 30), (0, 0, 25)), Box((60, 60, 30), (0, 0, -25)))
    found = depth_mm(stack(Sphere(6, (0, 0, 22))), outer)
    assert holds(found, 6.0)
    assert found.value == pytest.approx(6.0, abs=SLICE_MM / 2)


@settings(deadline=None, max_examples=40)
@given(
    st.floats(5, 12), st.floats(5, 12), st.floats(0, math.pi), st.floats(0, 2 * math.pi), st.floats(1, 20),
    st.sampled_from([1.0, 2.0, 3.0]), st.floats(0, 1),
)  # fmt: skip
def test_the_gap_of_two_balls_in_any_direction(one, other, polar, azimuth, gap, slice_mm, shift):
    z = np.arange(-60, 60, slice_mm) + shift * slice_mm
    away = one + other + gap
    direction = np.array([math.sin(polar) * math.cos(azimuth), math.sin(polar) * math.sin(azimuth), math.cos(polar)])
    found = gap_mm(stack(Sphere(one), z=z), stack(Sphere(other, tuple(away * direction)), z=z))
    assert holds(found, gap), (found, gap)


# --- centre and diameter


@pytest.mark.parametrize("centre", [(0, 0, 0), (3.3, -4.1, 5.0), (0, 0, 6.4)])
def test_the_centre_of_a_ball(centre):
    assert stack(Sphere(9, centre)).centre_mm == pytest.approx(centre, abs=0.3)


@pytest.mark.parametrize(
    ("shape", "exact"),
    [(Sphere(30), 60.0), (Box((30, 40, 20)), math.hypot(30, 40, 20)), (Cylinder(10, 60), math.hypot(20, 60))],
)
def test_the_greatest_diameter(shape, exact):
    found = stack(shape).diameter_mm
    assert holds(found, exact), found
    assert found.value == pytest.approx(exact, abs=SLICE_MM)
