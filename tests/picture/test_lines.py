"""Isodose lines and contours against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.picture import Outline, Plane, View, picture_of
from hardcheck.plan import DoseGrid, Structure
from hardcheck.plan.geometry import Floats

RADIUS_MM, CENTRE_MM, STEP_MM = 30.0, (12.0, -8.0, 5.0), 1.0

OUTLINE_TOLERANCE_MM = 0.05
"""Straight lines between slices 1 mm apart stay 0.02 mm from a circle of 30 mm up to 0.8 of its radius
(step squared / 8 times the second derivative); the polygons of 720 corners and thinning to a quarter of a pixel of
0.1 mm add 0.03 mm."""


def circle(centre: tuple[float, float], radius: float, z_mm: float, corners: int = 720) -> Floats:
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    x, y = centre[0] + radius * np.cos(angles), centre[1] + radius * np.sin(angles)
    return np.column_stack([x, y, np.full(corners, z_mm)])


def sphere() -> Structure:
    heights = np.arange(-29.5, 30.0, STEP_MM)
    contours = [circle(CENTRE_MM[:2], np.sqrt(RADIUS_MM**2 - h**2), CENTRE_MM[2] + h) for h in heights]
    return Structure.from_contours(1, "Sphere", contours)


def lines_of(structure: Structure, plane: Plane, pixels: int = 1000) -> tuple[Floats, ...]:
    outline = Outline.of(structure)
    assert outline is not None
    picture = picture_of(plane, pixels, dose=None, image=None, levels_gy=(), outlines={1: outline})
    return dict(picture.outlines).get(1, ())


@pytest.mark.parametrize("view", [View.CORONAL, View.SAGITTAL])
@pytest.mark.parametrize("off_mm", [0.0, 13.3, -21.0])
def test_a_plane_across_the_slices_of_a_sphere_cuts_a_circle(view, off_mm):
    at_mm = list(CENTRE_MM)
    across = 1 if view is View.CORONAL else 0
    at_mm[across] += off_mm
    plane = Plane.around(view, tuple(at_mm), CENTRE_MM, 100.0)
    (line,) = lines_of(sphere(), plane)
    radius = np.sqrt(RADIUS_MM**2 - off_mm**2)
    from_middle = line - 50.0
    side = np.abs(from_middle[:, 1]) < 0.8 * radius
    assert np.count_nonzero(side) > 20
    np.testing.assert_allclose(np.hypot(*from_middle[side].T), radius, atol=OUTLINE_TOLERANCE_MM)
    # The ends are flat, half a slice beyond the last slice that the plane meets.
    last = max(abs(h) for h in np.arange(-29.5, 30) if h**2 <= RADIUS_MM**2 - off_mm**2)
    assert np.abs(from_middle[:, 1]).max() == pytest.approx(last + STEP_MM / 2, abs=OUTLINE_TOLERANCE_MM)


def test_in_an_axial_plane_the_stored_contour_is_drawn():
    structure = sphere()
    plane = Plane.around(View.AXIAL, (0, 0, CENTRE_MM[2] + 0.5), CENTRE_MM, 100.0)
    outline = Outline.of(structure)
    (line,) = outline.on(plane)
    (stored,) = [contour for contour in structure.contours() if contour[0, 2] == CENTRE_MM[2] + 0.5]
    np.testing.assert_allclose(line[:-1] + plane.corner_mm, stored[:, :2], atol=1e-12)
    np.testing.assert_array_equal(line[0], line[-1])


def test_beyond_the_last_slice_by_more_than_half_a_slice_there_is_nothing():
    outline = Outline.of(sphere())
    for z_mm, is_there in ((CENTRE_MM[2] + 29.9, True), (CENTRE_MM[2] + 30.2, False)):
        plane = Plane.around(View.AXIAL, (0, 0, z_mm), CENTRE_MM, 100.0)
        assert bool(list(outline.on(plane))) == is_there


def test_holes_and_islands_stay_what_they_are():
    rings = [circle((0, 0), radius, z) for z in np.arange(0.0, 10.0, 2.0) for radius in (20.0, 8.0)]
    islands = [circle((0, 0), 5.0, z) for z in (40.0, 42.0)]
    structure = Structure.from_contours(1, "Ring", rings + islands)
    plane = Plane.around(View.CORONAL, (0, 0, 0), (0, 0, 20), 60.0)
    lines = lines_of(structure, plane)
    # Two walls of the ring, and one island beyond a gap that nothing is drawn across.
    ends = sorted((round(line[:, 0].min() - 30, 1), round(line[:, 0].max() - 30, 1)) for line in lines)
    assert ends == [(-20.0, -8.0), (-5.0, 5.0), (8.0, 20.0)]
    heights_mm = sorted((round(50 - line[:, 1].max(), 1), round(50 - line[:, 1].min(), 1)) for line in lines)
    assert heights_mm == [(-1.0, 9.0), (-1.0, 9.0), (39.0, 43.0)]


def test_a_structure_that_bounds_no_volume_has_no_outline():
    square = [[0, 0, 0], [5, 0, 0], [5, 5, 0], [0, 5, 0]]
    oblique = [[0, 0, 0], [5, 0, 3], [5, 5, 3], [0, 5, 0]]
    assert Outline.of(Structure.from_contours(1, "P", [[[1, 2, 3]]], geometric_type="POINT")) is None
    assert Outline.of(Structure.from_contours(1, "O", [oblique])) is None
    assert Outline.of(Structure.from_contours(1, "E", [])) is None
    one_slice = Structure.from_contours(1, "S", [square])
    across = Plane.around(View.CORONAL, (2, 2, 0), (2, 2, 0), 20.0)
    assert not list(Outline.of(one_slice).on(across))  # nobody says how thick it is
    (line,) = Outline.of(one_slice, slice_mm=3.0).on(across)
    assert np.ptp(line[:, 1]) == pytest.approx(3.0, abs=0.01)


@given(st.floats(-29, 29), st.floats(-29, 29), st.floats(-29, 29))
def test_a_point_is_held_where_it_is_inside(x, y, z):
    outline = Outline.of(sphere_outline_source)
    distance = np.sqrt(x * x + y * y + z * z)
    at_mm = CENTRE_MM[0] + x, CENTRE_MM[1] + y, CENTRE_MM[2] + z
    # The outline of a slice reaches half a slice, so within 1 mm of the surface (more at the poles) both may be.
    if distance < RADIUS_MM - 6 or distance > RADIUS_MM + 6:
        assert outline.holds(at_mm) == (distance < RADIUS_MM)


sphere_outline_source = sphere()


def test_the_middle_is_inside_even_of_a_horseshoe():
    outer, inner = np.linspace(0.3, 2 * np.pi - 0.3, 100), np.linspace(2 * np.pi - 0.3, 0.3, 100)
    x = np.concatenate([20 * np.cos(outer), 14 * np.cos(inner)])
    y = np.concatenate([20 * np.sin(outer), 14 * np.sin(inner)])
    shoe = Structure.from_contours(1, "C", [np.column_stack([x, y, np.full(200, z)]) for z in (0.0, 3.0, 6.0)])
    outline = Outline.of(shoe)
    at_mm = outline.middle_mm
    assert 14 * np.cos(0.3) - 0.1 < np.hypot(*at_mm[:2]) < 20
    assert outline.holds(at_mm)
    assert at_mm[2] == 3.0
    np.testing.assert_allclose(Outline.of(sphere()).middle_mm[:2], CENTRE_MM[:2], atol=1e-6)


GRID_MM = np.arange(-60.0, 61.0, 2.0)


def dose(function) -> DoseGrid:
    z, y, x = np.meshgrid(GRID_MM, GRID_MM, GRID_MM, indexing="ij")
    return DoseGrid(GRID_MM, GRID_MM, GRID_MM, function(x, y, z))


@pytest.mark.parametrize(("view", "axis"), [(View.AXIAL, 0), (View.AXIAL, 1), (View.CORONAL, 2), (View.SAGITTAL, 1)])
@pytest.mark.parametrize("level_gy", [20.0, 33.3, 47.0])
def test_isodoses_of_a_linear_dose_are_straight_and_where_they_must_be(view, axis, level_gy):
    """100 Gy - 1 Gy/mm times the distance from -60 mm: the line of d Gy is at 40 - d mm."""
    field = dose(lambda *xyz: 40.0 - xyz[axis])
    plane = Plane.around(view, (3.3, 7.7, -4.1), (5.0, 5.0, 5.0), 100.0)
    picture = picture_of(plane, 200, dose=field, image=None, levels_gy=(level_gy,), outlines={})
    ((_, (line,)),) = picture.isodoses
    wanted = plane.place(np.full((1, 3), 40.0 - level_gy))[0]
    on_screen = plane.axes.index(axis)
    np.testing.assert_allclose(line[:, on_screen], wanted[on_screen], atol=1e-9)
    assert np.ptp(line[:, 1 - on_screen]) > 99  # from edge to edge, up to half a pixel


@pytest.mark.parametrize("view", View)
def test_isodoses_of_a_radial_dose_are_circles(view):
    """1 Gy/mm: the line of 60 - r Gy is a circle of r. Linear interpolation on a 2 mm grid lies 0.05 mm above a cone
    at 20 mm and more (step squared / 8 times the curvature 1/r, along two axes), and 0.03 mm is what thinning takes."""
    field = dose(lambda x, y, z: 60.0 - np.sqrt(x * x + y * y + z * z))
    plane = Plane.around(view, (0, 0, 0), (0, 0, 0), 100.0)
    levels = (40.0, 30.0, 20.0)
    picture = picture_of(plane, 400, dose=field, image=None, levels_gy=levels, outlines={})
    for level_gy, lines in picture.isodoses:
        (line,) = lines
        np.testing.assert_allclose(np.hypot(*(line - 50.0).T), 60.0 - level_gy, atol=0.12)


def test_a_level_above_the_dose_has_no_line():
    plane = Plane.around(View.AXIAL, (0, 0, 0), (0, 0, 0), 50.0)
    picture = picture_of(plane, 50, dose=dose(lambda x, *_: 0 * x + 5.0), image=None, levels_gy=(6.0,), outlines={})
    assert picture.isodoses == ((6.0, ()),)


@pytest.mark.parametrize("x_mm", [-10.0, 0.0, 10.0])
def test_a_plane_on_the_very_edge_of_a_box_shows_its_side(x_mm):
    """Where the hottest point often is: 20 by 20 mm, 10 slices."""
    square = [(-10, -10), (10, -10), (10, 10), (-10, 10)]
    box = Structure.from_contours(1, "Box", [[(x, y, z) for x, y in square] for z in np.arange(-9.0, 10.0, 2.0)])
    (line,) = lines_of(box, Plane.around(View.SAGITTAL, (x_mm, 0, 0), (0, 0, 0), 100.0))
    np.testing.assert_allclose(np.ptp(line, axis=0), [20, 20], atol=OUTLINE_TOLERANCE_MM)


def test_the_middle_is_between_two_slices_where_the_centre_is():
    square = [(-10, -10), (10, -10), (10, 10), (-10, 10)]
    box = Structure.from_contours(1, "Box", [[(x, y, z) for x, y in square] for z in (-1.5, 1.5)])
    assert Outline.of(box).middle_mm == (0.0, 0.0, 0.0)
