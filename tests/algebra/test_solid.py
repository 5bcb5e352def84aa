"""Distances in space between bodies of closed form: right within half the spacing of the planes."""

import numpy as np
import pytest

from hardcheck.algebra import Solid, islands, shared_cc, widths_mm
from hardcheck.phantom import Box
from hardcheck.plan import Structure


def ball(radius, centre=(0.0, 0.0, 0.0), spacing=3.0, first=0.0, points=180):
    """A ball on planes `first` + k `spacing`."""
    z = first + spacing * np.arange(-40, 41)
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    contours = []
    for height in z[np.abs(z - centre[2]) < radius]:
        r = np.sqrt(radius**2 - (height - centre[2]) ** 2)
        x, y = centre[0] + r * np.cos(angle), centre[1] + r * np.sin(angle)
        contours.append(np.column_stack([x, y, np.full(points, height)]))
    return Solid.of(Structure.from_contours(1, "Ball", contours))


def block(size, centre=(0, 0, 0), spacing=2.0):
    """A box whose planes begin half a spacing inside of its ends."""
    low = centre[2] - size[2] / 2
    heights = np.arange(low + spacing / 2, centre[2] + size[2] / 2, spacing)
    return Solid.of(Structure.from_contours(1, "Box", Box(size, centre).contours(heights)))


@pytest.mark.parametrize("spacing", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("first", [0.0, 0.3, 0.5])
def test_distance_from_a_ball(spacing, first):
    """In all directions, of points 4 mm and 10 mm away, and inside."""
    solid = ball(20.0, spacing=spacing, first=first * spacing)
    ways = np.random.default_rng(1).normal(size=(300, 3))
    ways /= np.linalg.norm(ways, axis=1)[:, None]
    for away in (4.0, 10.0):
        found = solid.outside_mm((20.0 + away) * ways, 20.0)
        assert np.abs(found - away).max() <= spacing / 2
    assert np.all(solid.outside_mm(15.0 * ways, 20.0) == 0)


@pytest.mark.parametrize("spacing", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("margin", [3.0, 5.0])
@pytest.mark.parametrize("radius", [8.0, 20.0])
def test_margin_between_two_balls(spacing, margin, radius):
    inner, outer = ball(radius, spacing=spacing, first=0.2), ball(radius + margin, spacing=spacing, first=0.2)
    found = inner.outside_mm(outer.surface_mm(), 20.0)
    assert np.abs(found - margin).max() <= spacing / 2


def test_margin_between_two_boxes_is_exact_on_the_faces():
    inner, outer = block((20, 20, 20)), block((28, 28, 32))
    points = outer.surface_mm()
    sides = points[(np.abs(points[:, 2]) < 10) & (np.abs(points[:, 0]) < 10)]
    assert np.allclose(inner.outside_mm(sides, 20.0), 4.0)
    ends = points[np.all(np.abs(points[:, :2]) < 10, axis=1)]
    assert len(ends) > 50
    assert np.allclose(inner.outside_mm(ends, 20.0), 6.0)


def test_depth_below_the_walls_and_not_below_the_ends():
    body = block((100, 60, 40))
    points = np.array([[0.0, 0.0, 0.0], [48.0, 0.0, 0.0], [0.0, 25.0, 10.0], [0.0, 0.0, 19.0]])
    assert body.depth_mm(points, 40.0) == pytest.approx([30, 2, 5, 30], abs=0.01)


def test_beyond_reach_nothing_is_told():
    assert np.isinf(block((20, 20, 20)).outside_mm(np.array([[50.0, 0, 0]]), 20.0)).all()


def test_what_two_boxes_share():
    one, other = block((20, 20, 20)), block((20, 20, 20), centre=(10, 0, 0))
    assert shared_cc(one, other, 0.0) == pytest.approx(4.0)
    assert shared_cc(one, other, 1.0) == pytest.approx(8 * 18 * 20 / 1000)
    assert shared_cc(one, block((20, 20, 20), centre=(21, 0, 0)), 0.0) == 0
    assert shared_cc(one, block((20, 20, 20), centre=(0, 0, 40)), 0.0) == 0


def test_islands_are_told_apart_in_plane_and_along_z():
    contours = [
        c
        for centre, size in (((0, 0, 0), (20, 20, 20)), ((40, 0, 0), (4, 4, 20)), ((0, 0, 60), (20, 20, 4)))
        for c in Box(size, centre).contours(np.arange(centre[2] - size[2] / 2 + 1, centre[2] + size[2] / 2, 2.0))
    ]
    found = sorted(islands(Solid.of(Structure.from_contours(1, "Three", contours))))
    assert [planes for _, _, planes in found] == [10, 2, 10]
    assert [volume for volume, _, _ in found] == pytest.approx([0.32, 1.6, 8.0])


def test_contours_that_enclose_nothing_are_no_solid():
    line = np.array([[0.0, 0, 0], [10, 0, 0], [20, 0, 0]])
    assert Solid.of(Structure.from_contours(1, "Line", [line])) is None
    assert Solid.of(Structure.from_contours(1, "Empty", [])) is None


@pytest.mark.parametrize("width", [15.0, 20.0, 30.0])
def test_width_of_a_strip_is_measured_along_a_round_body(width):
    """A sector of 10 mm depth below the surface of a cylinder of radius 80 mm."""
    z, radius = np.arange(-9.0, 10, 3), 80.0
    around = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    half = np.linspace(-width / 2 / radius, width / 2 / radius, 40)
    circle = np.column_stack([radius * np.cos(around), radius * np.sin(around)])
    outer, inner = (np.column_stack([r * np.cos(half), r * np.sin(half)]) for r in (radius - 0.1, radius - 10))
    sector = np.concatenate([outer, inner[::-1]])
    body, strip = (
        Solid.of(Structure.from_contours(1, "S", [np.column_stack([ring, np.full(len(ring), h)]) for h in heights]))
        for ring, heights in ((circle, z), (sector, z[1:-1]))
    )
    assert widths_mm(strip, body) == pytest.approx([width] * 5, abs=0.05)
