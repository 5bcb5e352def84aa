"""Planes through a volume: every pixel is where the patient is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.dicom import read_plan
from hardcheck.picture import Plane, View, picture_of, value_at
from hardcheck.picture.reslice import resliced
from hardcheck.plan import DoseGrid, ImageStack
from tests.dicom import datasets

X_MM, Y_MM, Z_MM = np.array([-20.0, -11.0, 0.0, 4.0, 21.0]), np.linspace(-15, 15, 11), np.array([-9.0, -3.0, 0.0, 12.0])
LINEAR_TOLERANCE = 1e-9
"""A linear function has no interpolation error; what is left is rounding."""

places = st.tuples(st.floats(-19, 20), st.floats(-14, 14), st.floats(-8.9, 11.9))


def linear(x, y, z):
    return 3.0 + 0.25 * x - 0.5 * y + 2.0 * z


def volume() -> np.ndarray:
    z, y, x = np.meshgrid(Z_MM, Y_MM, X_MM, indexing="ij")
    return linear(x, y, z)


@given(places, st.sampled_from(View), st.floats(1.0, 12.0))
def test_a_linear_field_is_itself_on_any_plane(at_mm, view, side_mm):
    plane = Plane.around(view, at_mm, at_mm, side_mm)
    found = resliced((X_MM, Y_MM, Z_MM), volume(), plane, 9)
    right, down, across = plane.axes
    columns_mm, rows_mm = plane.centres(9)
    place = [0.0, 0.0, 0.0]
    for row in range(9):
        for column in range(9):
            place[right], place[down], place[across] = columns_mm[column], rows_mm[row], at_mm[across]
            within = all(a[0] <= p <= a[-1] for a, p in zip((X_MM, Y_MM, Z_MM), place, strict=True))
            wanted = linear(*place) if within else np.nan
            np.testing.assert_allclose(found[row, column], wanted, atol=LINEAR_TOLERANCE)


@given(places)
def test_the_value_at_a_point_is_the_same_field(at_mm):
    assert value_at((X_MM, Y_MM, Z_MM), volume(), at_mm) == pytest.approx(linear(*at_mm), abs=LINEAR_TOLERANCE)


@pytest.mark.parametrize("at_mm", [(-20.1, 0, 0), (0, 15.1, 0), (0, 0, -9.1), (0, 0, 12.1)])
def test_outside_of_the_voxels_nothing_is_known(at_mm):
    assert np.isnan(value_at((X_MM, Y_MM, Z_MM), volume(), at_mm))
    for view in View:
        plane = Plane.around(view, at_mm, at_mm, 0.05)
        assert np.all(np.isnan(resliced((X_MM, Y_MM, Z_MM), volume(), plane, 3)))


@pytest.mark.parametrize("view", View)
@pytest.mark.parametrize("index", [(2, 3, 1), (0, 0, 0), (4, 10, 3)])
def test_a_voxel_shows_where_it_is(view, index):
    axes = (np.arange(5) * 4.0 - 7.5, np.arange(11) * 3.0 + 40.0, np.arange(4) * 5.0 - 2.0)
    hounsfield = np.zeros((4, 11, 5), np.int16)
    i, j, k = index
    hounsfield[k, j, i] = 1000
    at_mm = axes[0][i], axes[1][j], axes[2][k]
    image = ImageStack(axes[2], axes[0], axes[1], hounsfield)
    plane = Plane.around(view, at_mm, (3.0, 50.0, 4.0), 60.0)
    pixels = 240
    seen = picture_of(plane, pixels, dose=None, image=image, levels_gy=(), outlines={}).hounsfield
    row, column = np.unravel_index(np.nanargmax(seen), seen.shape)
    wanted = plane.place(np.array([at_mm]))[0]
    pixel_mm = 60.0 / pixels
    # Pixel centres are half a pixel from one another's edges; the voxel's centre lies in the pixel that is brightest.
    assert abs((column + 0.5) * pixel_mm - wanted[0]) <= pixel_mm / 2 + 1e-9
    assert abs((row + 0.5) * pixel_mm - wanted[1]) <= pixel_mm / 2 + 1e-9


def test_radiological_convention():
    assert {view: Plane(view, 0, (0, 0), 1).letters for view in View} == {
        View.AXIAL: ("R", "L", "A", "P"),
        View.CORONAL: ("R", "L", "S", "I"),
        View.SAGITTAL: ("A", "P", "S", "I"),
    }


@pytest.mark.parametrize("view", View)
@pytest.mark.parametrize(
    ("letter", "point"),
    [("L", (9, 0, 0)), ("R", (-9, 0, 0)), ("P", (0, 9, 0)), ("A", (0, -9, 0)), ("S", (0, 0, 9)), ("I", (0, 0, -9))],
)
def test_a_letter_stands_on_the_side_that_it_names(view, letter, point):
    plane = Plane.around(view, (0, 0, 0), (0, 0, 0), 20.0)
    right, down = plane.place(np.array([point], dtype=float))[0] - 10.0
    left_letter, right_letter, top_letter, bottom_letter = plane.letters
    sides = {left_letter: right < 0, right_letter: right > 0, top_letter: down < 0, bottom_letter: down > 0}
    assert sides.get(letter, (right, down) == (0, 0))


ORIENTATIONS = {
    "HFS": [1, 0, 0, 0, 1, 0],
    "HFP": [-1, 0, 0, 0, -1, 0],
    "FFS": [-1, 0, 0, 0, 1, 0],
    "FFP": [1, 0, 0, 0, -1, 0],
    "HFDR": [0, 1, 0, -1, 0, 0],
    "HFDL": [0, -1, 0, 1, 0, 0],
    "FFDR": [0, 1, 0, 1, 0, 0],
    "FFDL": [0, -1, 0, -1, 0, 0],
}


@pytest.mark.parametrize("position", ORIENTATIONS)
def test_left_is_left_however_the_patient_lay(tmp_path, position):
    """A bright pixel 7 mm to the patient's left and 4 mm to anterior, on the slice 5 mm to superior."""
    orientation = np.array(ORIENTATIONS[position], dtype=float)
    along_columns, along_rows = orientation[:3], orientation[3:]
    bright = np.array([7.0, -4.0, 5.0])
    images = {}
    for z in (-5.0, 0.0, 5.0):
        image = datasets.image(z)
        image.Rows = image.Columns = 21
        image.PixelSpacing = [1.0, 1.0]
        image.ImageOrientationPatient = orientation.astype(int).tolist()
        image.ImagePositionPatient = [*(-10 * along_columns - 10 * along_rows)[:2].tolist(), z]
        stored = np.full((21, 21), 24)
        if z == bright[2]:
            stored[round(bright @ along_rows) + 10, round(bright @ along_columns) + 10] = 3000
        image.PixelData = stored.astype("<u2").tobytes()
        images[f"ct{z:g}"] = image
    read = read_plan(datasets.write_plan(tmp_path, **images), pixels=True).image
    for view in View:
        plane = Plane.around(view, tuple(bright), (0.0, 0.0, 0.0), 20.0)
        seen = picture_of(plane, 100, dose=None, image=read, levels_gy=(), outlines={}).hounsfield
        row, column = np.unravel_index(np.nanargmax(seen), seen.shape)
        left, right, top, bottom = plane.letters
        assert (right if column > 50 else left) == ("A" if view is View.SAGITTAL else "L")
        assert (bottom if row > 50 else top) == ("A" if view is View.AXIAL else "S")


def test_no_anatomy_is_made_up_where_slices_are_missing():
    z_mm = np.array([0.0, 3.0, 6.0, 9.0, 30.0, 33.0])
    image = ImageStack(z_mm, np.arange(9.0), np.arange(9.0), np.full((6, 9, 9), 40, np.int16))
    plane = Plane.around(View.CORONAL, (4, 4, 16), (4, 4, 16), 40.0)
    seen = picture_of(plane, 80, dose=None, image=image, levels_gy=(), outlines={}).hounsfield
    heights = plane.centres(80)[1]
    shown = ~np.isnan(seen[:, 40])
    np.testing.assert_array_equal(shown, ((heights >= 0) & (heights <= 9)) | ((heights >= 30) & (heights <= 33)))
    between = Plane.around(View.AXIAL, (4, 4, 20), (4, 4, 20), 4.0)
    assert picture_of(between, 8, dose=None, image=image, levels_gy=(), outlines={}).hounsfield is None


def test_an_image_of_one_slice_is_shown_on_that_slice_alone():
    image = ImageStack(np.array([12.0]), np.arange(9.0), np.arange(9.0), np.full((1, 9, 9), 40, np.int16))
    for z_mm, is_there in ((12.0, True), (13.0, False)):
        plane = Plane.around(View.AXIAL, (4, 4, z_mm), (4, 4, z_mm), 4.0)
        seen = picture_of(plane, 8, dose=None, image=image, levels_gy=(), outlines={}).hounsfield
        assert (seen is not None) == is_there
    across = Plane.around(View.SAGITTAL, (4, 4, 12), (4, 4, 12), 4.0)
    assert picture_of(across, 8, dose=None, image=image, levels_gy=(), outlines={}).hounsfield is None


def test_the_dose_is_not_known_beyond_its_grid():
    dose = DoseGrid(X_MM, Y_MM, Z_MM, np.full((4, 11, 5), 7.0))
    plane = Plane.around(View.AXIAL, (0, 0, 0), (20.0, 0, 0), 20.0)
    picture = picture_of(plane, 40, dose=dose, image=None, levels_gy=(5.0,), outlines={})
    columns_mm, _ = plane.centres(40)
    np.testing.assert_array_equal(np.isnan(picture.dose_gy[20]), columns_mm > 21.0)
    assert picture.isodoses == ((5.0, ()),)  # no line at the edge: what is beyond is not less, it is unknown
    (edge,) = picture.grid_edge
    assert np.abs(edge[:, 0] - 11.0).min() < LINEAR_TOLERANCE  # x 21 mm, from the corner at x 10 mm
