"""Distances from surfaces, against closed forms: exact on prisms, within half a slice on what slopes."""

import numpy as np
import pytest

from hardcheck.algebra import Surface
from hardcheck.plan import Structure
from tests.dvh.solids import circle, square, stacked

SLICE_MM = 3.0
HEIGHTS = np.arange(-9.0, 10, SLICE_MM)
"""With half a slice at both ends, a prism from -10.5 to 10.5 mm."""


def signed_box(at, half):
    """Distance from the surface of a box, negative inside (the usual closed form)."""
    beyond = np.abs(at) - half
    return np.linalg.norm(np.maximum(beyond, 0)) + min(beyond.max(), 0)


@pytest.mark.parametrize(
    "at",
    [
        (0, 0, 0),
        (9, 0, 0),
        (0, 0, 10),
        (3, -7, 9),
        (15, 0, 0),
        (15, 14, 13.5),
        (0, 3, -20),
        (10, 10, 10.5),
        (-40, 2, 33),
    ],
)
def test_a_prism_is_exact(at):
    found = Surface.of(stacked(lambda z: square(10.0, z), HEIGHTS)).distance(at)
    expected = signed_box(np.array(at, float), np.array([10, 10, 10.5]))
    assert found.mm == pytest.approx(abs(expected), abs=1e-9)
    assert found.inside == (expected <= 0)


@pytest.mark.parametrize("radius", [0.0, 5.0, 14.0, 19.0, 21.0, 35.0, 60.0])
@pytest.mark.parametrize("direction", [(1, 0, 0), (0, 0, 1), (0, 0, -1), (1, 1, 1), (2, -1, 3), (1, 0, 4)])
@pytest.mark.parametrize("spacing", [1.0, 3.0])
def test_a_sphere_within_half_a_slice(radius, direction, spacing):
    """Contours of a sphere of 20 mm; a circle of 360 points is 0.001 mm off."""
    heights = np.arange(-20 + spacing / 2, 20, spacing)
    ball = stacked(lambda z: circle(np.sqrt(400 - z * z), z), heights)
    at = radius * np.array(direction) / np.linalg.norm(direction)
    found = Surface.of(ball).distance(tuple(at))
    assert found.mm == pytest.approx(abs(radius - 20), abs=spacing / 2 + 0.002)
    if abs(radius - 20) > spacing / 2:
        assert found.inside == (radius < 20)


def test_a_step_has_a_face():
    wide = [square(20.0, z) for z in (-9, -6, -3)]
    narrow = [square(5.0, z) for z in (0, 3, 6)]
    found = Surface.of(Structure.from_contours(1, "Step", [*wide, *narrow])).distance((12, 0, 4.5))
    assert found.mm == pytest.approx(6.0)  # down to the face at z = -1.5; the side of the narrow part is 7 away
    assert not found.inside


def test_a_hole_is_outside():
    ring = Structure.from_contours(1, "Ring", [c for z in HEIGHTS for c in (square(20.0, z), square(8.0, z))])
    found = Surface.of(ring).distance((1, 0, 0))
    assert (found.mm, found.inside) == (pytest.approx(7.0), False)


def test_between_two_islands_is_outside():
    islands = Structure.from_contours(1, "Two", [square(10.0, z) for z in (-33, -30, -27, 27, 30, 33)])
    found = Surface.of(islands).distance((0, 0, 5))
    assert (found.mm, found.inside) == (pytest.approx(20.5), False)


def test_what_has_no_volume_has_no_surface():
    assert Surface.of(Structure.from_contours(1, "None", [])) is None
    one = Structure.from_contours(1, "One", [square(10.0, 0.0)])
    assert Surface.of(one) is None
    assert Surface.of(one, np.array([-2.0, 0.0, 2.0])).distance((0, 0, 5)).mm == pytest.approx(4.0)
