"""Structures made of others, held against closed forms: 2 mm slices and margins of 5 mm, within 1 %.

The 1 % is what the issue asks of them. Boxes and cylinders along z are exact up to the arcs, which are polygons of 64
sides: 0.2 % of what a margin adds.
"""

import math

import numpy as np
import pytest

from hardcheck.algebra import derive
from hardcheck.dvh import size_of
from hardcheck.phantom import Box, Cylinder, Sphere
from hardcheck.plan import Structure
from hardcheck.protocol.expression import parse_expression

SLICE_MM = 2.0
Z = np.arange(-59.0, 60, SLICE_MM)
WITHIN = 0.01


def solid(shape, number=1, z=Z) -> Structure:
    half = shape.contours(z)
    return Structure.from_contours(number, f"S{number}", half)


def cc(text, **structures) -> float:
    made = derive(parse_expression(text), structures, number=-1, name="made")
    assert made.unusable is None, made.unusable
    return size_of(made).volume_cc["half"]


def ball_cc(radius):
    return 4 / 3 * math.pi * radius**3 / 1000


BALL = solid(Sphere(25.0))
BOX = solid(Box((40, 30, 40)))


@pytest.mark.parametrize("radius", [20.0, 25.0])
def test_a_sphere_grown_shrunk_and_its_rind(radius):
    ball = solid(Sphere(radius))
    assert cc("margin(A, 5 mm)", A=ball) == pytest.approx(ball_cc(radius + 5), rel=WITHIN)
    assert cc("contract(A, 5 mm)", A=ball) == pytest.approx(ball_cc(radius - 5), rel=WITHIN)
    assert cc("rind(A, 5 mm)", A=ball) == pytest.approx(ball_cc(radius) - ball_cc(radius - 5), rel=WITHIN)


@pytest.mark.parametrize("height", [10.0, 9.0, 6.5])
def test_a_sphere_cropped_to_the_slices_of_another(height):
    """A zone of a sphere between -h and h."""
    short = solid(Cylinder(3.0, 20.0), 2)
    beyond = height - 10.0
    exact = math.pi * (25.0**2 * 2 * height - 2 * height**3 / 3) / 1000
    text = "along(A, B)" if beyond == 0 else f"along(A, contract(B, superior {-beyond} mm, inferior {-beyond} mm))"
    assert cc(text, A=BALL, B=short) == pytest.approx(exact, rel=WITHIN)


@pytest.mark.parametrize("margin", [5.0, 4.0, 2.7])
def test_a_sphere_cropped_with_a_margin(margin):
    short = solid(Cylinder(3.0, 20.0), 2)
    height = 10 + margin
    exact = math.pi * (25.0**2 * 2 * height - 2 * height**3 / 3) / 1000
    assert cc(f"along(A, B, {margin} mm)", A=BALL, B=short) == pytest.approx(exact, rel=WITHIN)


def test_a_sphere_less_another_in_it():
    small = solid(Sphere(12.0), 2)
    assert cc("A - B", A=BALL, B=small) == pytest.approx(ball_cc(25) - ball_cc(12), rel=WITHIN)
    assert cc("A & B", A=BALL, B=small) == pytest.approx(ball_cc(12), rel=WITHIN)
    assert cc("A | B", A=BALL, B=small) == pytest.approx(ball_cc(25), rel=WITHIN)


def test_a_box_grown_by_a_ball():
    """Steiner's formula: the box, its faces, a quarter of a cylinder at each edge, and one ball."""
    a, b, c, m = 40, 30, 40, 5
    exact = a * b * c + 2 * m * (a * b + b * c + a * c) + math.pi * m**2 * (a + b + c) + 4 / 3 * math.pi * m**3
    assert cc("margin(A, 5 mm)", A=BOX) == pytest.approx(exact / 1000, rel=WITHIN)


@pytest.mark.parametrize("margin", [5.0, 4.0, 3.3])
def test_a_box_shrunk_and_its_rind(margin):
    inner = (40 - 2 * margin) * (30 - 2 * margin) * (40 - 2 * margin) / 1000
    assert cc(f"contract(A, {margin} mm)", A=BOX) == pytest.approx(inner, rel=1e-6)
    assert cc(f"rind(A, {margin} mm)", A=BOX) == pytest.approx(48 - inner, rel=WITHIN)


def test_a_margin_along_one_axis_makes_a_longer_box():
    assert cc("margin(A, left 4 mm)", A=BOX) == pytest.approx(44 * 30 * 40 / 1000, rel=1e-6)
    assert cc("margin(A, left 4 mm, right 3 mm)", A=BOX) == pytest.approx(47 * 30 * 40 / 1000, rel=1e-6)
    assert cc("margin(A, superior 6 mm)", A=BOX) == pytest.approx(40 * 30 * 46 / 1000, rel=1e-6)
    assert cc("margin(A, superior 5 mm)", A=BOX) == pytest.approx(40 * 30 * 45 / 1000, rel=1e-6)
    assert cc("contract(A, posterior 7 mm)", A=BOX) == pytest.approx(40 * 23 * 40 / 1000, rel=1e-6)
    assert cc("contract(A, inferior 5 mm)", A=BOX) == pytest.approx(40 * 30 * 35 / 1000, rel=1e-6)


@pytest.mark.parametrize(
    ("side", "axis", "sign"),
    [
        ("left", 0, 1),
        ("right", 0, -1),
        ("posterior", 1, 1),
        ("anterior", 1, -1),
        ("superior", 2, 1),
        ("inferior", 2, -1),
    ],
)
def test_each_side_is_on_its_side(side, axis, sign):
    """LPS: x rises to the left, y to posterior, z to superior."""
    made = derive(parse_expression(f"margin(A, {side} 6 mm)"), {"A": BOX}, number=-1, name="x")
    moved = [
        made.points_mm.max(axis=0) - BOX.points_mm.max(axis=0),
        made.points_mm.min(axis=0) - BOX.points_mm.min(axis=0),
    ]
    expected = np.zeros(3)
    expected[axis] = 6 * sign
    assert moved[0 if sign > 0 else 1] == pytest.approx(expected, abs=1e-9)
    assert moved[1 if sign > 0 else 0] == pytest.approx(np.zeros(3), abs=1e-9)


def test_a_cylinder_grown_by_an_ellipsoid():
    """Radius 10 along 30 mm; 5 mm to all sides in plane, nothing along z."""
    tube = solid(Cylinder(10.0, 40.0))
    text = "margin(A, left 5 mm, right 5 mm, anterior 5 mm, posterior 5 mm)"
    assert cc(text, A=tube) == pytest.approx(math.pi * 15**2 * 40 / 1000, rel=0.003)


def test_slices_of_another_spacing_and_place():
    """Half of a box is taken away by one on other slices."""
    other = Structure.from_contours(2, "B", Box((40, 30, 60), (20, 0, 0)).contours(np.arange(-31.0, 31, 3.0)))
    assert cc("A - B", A=BOX, B=other) == pytest.approx(24, rel=1e-6)


def test_holes_and_keyholes_are_not_filled():
    hollow = Structure.from_contours(
        1, "A", [c for z in Z[20:40] for size in (40, 20) for c in Box((size, size, 200)).contours([z])]
    )
    assert cc("A & A", A=hollow) == pytest.approx((1600 - 400) * 40 / 1000, rel=1e-6)
    assert cc("contract(A, left 2 mm, right 2 mm)", A=hollow) == pytest.approx(
        (36 * 40 - 24 * 20) * 40 / 1000, rel=1e-6
    )


def test_islands_apart_along_z_stay_apart():
    lower, upper = Box((20, 20, 200)).contours([-41, -39, -37]), Box((8, 8, 200)).contours([37, 39, 41])
    far = Structure.from_contours(1, "A", [*lower, *upper])
    assert cc("A & A", A=far) == pytest.approx((400 + 64) * 6 / 1000, rel=1e-6)
    assert cc("margin(A, superior 4 mm)", A=far) == pytest.approx((400 + 64) * 10 / 1000, rel=1e-6)
