from __future__ import annotations

import numpy as np
import pytest

from hardcheck.phantom import Annulus, Box, Cone, Cylinder, Islands, Sphere

SHAPES = {
    "sphere": Sphere(12, (3, -4, 5)),
    "cylinder z": Cylinder(10, 24, "z", (1, 2, 0)),
    "cylinder x": Cylinder(10, 24, "x", (1, 2, 0)),
    "cylinder y": Cylinder(10, 24, "y", (1, 2, 0)),
    "cone z": Cone(12, 24, "z"),
    "cone x": Cone(12, 24, "x", (0, 0, 2)),
    "cone y": Cone(12, 24, "y"),
    "box": Box((10, 20, 24), (5, 5, 0)),
    "annulus": Annulus(12, 7, 24),
    "keyhole": Annulus(12, 7, 24, keyhole=True),
    "islands": Islands(6, 24, 20),
}


def area(polygon: np.ndarray) -> float:
    """Twice-signed trapezoids: the shoelace formula."""
    x, y = polygon[:, 0], polygon[:, 1]
    return 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def slab_volume_cc(shape: object, step_mm: float) -> float:
    """Areas on planes in the middle of slabs of `step_mm`, times that; inner contours count as holes."""
    planes = np.arange(-20 + step_mm / 2, 25, step_mm)
    contours = shape.contours(planes, step_mm)  # type: ignore[attr-defined]
    areas: dict[float, list[float]] = {}
    for contour in contours:
        assert np.ptp(contour[:, 2]) == 0
        areas.setdefault(float(contour[0, 2]), []).append(abs(area(contour)))
    holes = isinstance(shape, Annulus) and not shape.keyhole
    return step_mm / 1000 * sum(max(a) - min(a) if holes else sum(a) for a in areas.values())


@pytest.mark.parametrize("name", SHAPES)
def test_volume_converges_to_the_closed_form(name: str) -> None:
    shape = SHAPES[name]
    errors = [abs(slab_volume_cc(shape, step) / shape.volume_cc - 1) for step in (2.0, 0.5, 0.125)]
    # The deficit of a chord goes with the square of the step; a curved edge is cut slower near a tip.
    assert errors[2] < 1e-3
    assert errors[2] <= errors[0]


def test_prisms_are_exact() -> None:
    assert slab_volume_cc(SHAPES["box"], 2.0) == pytest.approx(SHAPES["box"].volume_cc, rel=1e-12)


@pytest.mark.parametrize("axis", ["x", "y"])
def test_a_lying_cylinder_reaches_from_end_to_end(axis: str) -> None:
    (middle,) = Cylinder(10, 24, axis, (1, 2, 0)).contours([0.0])
    along, across = (0, 1) if axis == "x" else (1, 0)
    assert np.ptp(middle[:, along]) == 24
    assert np.ptp(middle[:, across]) == 20
    assert (middle[:, 0].mean(), middle[:, 1].mean()) == (1, 2)


def test_a_cone_points_to_the_positive_side() -> None:
    low, high = Cone(12, 24, "z").contours([-11.0, 11.0])
    assert np.ptp(low[:, 0]) > 20 > np.ptp(high[:, 0])
    (cut,) = Cone(12, 24, "x").contours([0.0])
    assert cut[np.argmax(cut[:, 0])] == pytest.approx([12, 0, 0])
    assert np.ptp(cut[cut[:, 0] == -12][:, 1]) == 24


def test_planes_that_miss_have_no_contour() -> None:
    for shape in SHAPES.values():
        assert shape.contours([-100.0, 100.0]) == []
    assert Sphere(10).contours([-10.0, 10.0]) == []


def test_corners_are_no_farther_apart_than_asked() -> None:
    (ring,) = Sphere(10).contours([0.0], spacing_mm=0.7)
    assert np.max(np.hypot(*np.diff(ring[:, :2], axis=0).T)) <= 0.7


def test_tubes_and_islands_have_two_contours_and_a_keyhole_one() -> None:
    assert [len(SHAPES[n].contours([0.0])) for n in ("annulus", "islands", "keyhole")] == [2, 2, 1]


def test_no_such_axis() -> None:
    with pytest.raises(ValueError, match="axis"):
        Cylinder(1, 1, "w").contours([0.0])
