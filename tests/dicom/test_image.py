"""CT images: slice positions, and pixels on request."""

from __future__ import annotations

import io

import numpy as np
import pydicom
import pytest
from pydicom.pixels import compress
from pydicom.uid import RLELossless

from hardcheck.dicom import read_plan
from tests.dicom import datasets


def _images(*z_mm, **changes):
    images = {}
    for z in z_mm:
        image = datasets.image(z)
        for keyword, value in changes.items():
            setattr(image, keyword, value)
        images[f"ct{z}"] = image
    return images


def test_slice_positions_are_sorted_and_unique(tmp_path):
    folder = datasets.write_plan(tmp_path, **_images(-25.0, -30.0, -27.5), again=datasets.image(-30.0))
    read = read_plan(folder)
    np.testing.assert_array_equal(read.image.z_mm, [-30, -27.5, -25])
    assert read.image.hounsfield is None


def test_no_images_no_stack(tmp_path):
    assert read_plan(datasets.write_plan(tmp_path)).image is None


@pytest.mark.parametrize(
    "changes",
    [
        {"FrameOfReferenceUID": "1.2.3.8"},
        {"ImageOrientationPatient": [0, 1, 0, 0, 0, -1]},
        {"ImageOrientationPatient": [0.9998, 0.02, 0, -0.02, 0.9998, 0]},
        {"ImagePositionPatient": None},
    ],
)
def test_images_elsewhere_are_left_out(tmp_path, changes):
    assert read_plan(datasets.write_plan(tmp_path, **_images(-25.0, **changes))).image is None


def test_several_series_are_no_one_volume(tmp_path):
    """Slices of one in between those of the other would be pictures of nothing."""
    series = [datasets.item(SeriesInstanceUID=uid) for uid in ("1.2.3.5", "1.2.3.6")]
    study = datasets.item(RTReferencedSeriesSequence=series)
    frame = datasets.item(FrameOfReferenceUID=datasets.FRAME, RTReferencedStudySequence=[study])
    structures = datasets.structures()
    structures.ReferencedFrameOfReferenceSequence = [frame]
    both = _images(-30.0, -25.0, SeriesInstanceUID="1.2.3.5") | _images(-27.5, SeriesInstanceUID="1.2.3.6")
    image = read_plan(datasets.write_plan(tmp_path, rs=structures, **both), pixels=True).image
    assert image.hounsfield is None
    assert "drawn on 2 CT series" in image.unread
    np.testing.assert_array_equal(image.z_mm, [-30, -27.5, -25])


def test_the_series_that_the_structures_were_drawn_on_is_taken(tmp_path):
    dataset = datasets.structures()
    series = datasets.item(SeriesInstanceUID="1.2.3.6")
    study = datasets.item(RTReferencedSeriesSequence=[series])
    dataset.ReferencedFrameOfReferenceSequence[0].RTReferencedStudySequence = [study]
    images = {"a": datasets.image(0.0), "b": datasets.image(3.0), "c": datasets.image(1.0, "1.2.3.6")}
    np.testing.assert_array_equal(read_plan(datasets.write_plan(tmp_path / "1", rs=dataset, **images)).image.z_mm, [1])
    np.testing.assert_array_equal(read_plan(datasets.write_plan(tmp_path / "2", **images)).image.z_mm, [0, 3])


def _expected():
    row, column = np.indices((3, 4))
    return 10 * row + column - 1000


def test_hounsfield_numbers_stand_where_they_belong(tmp_path):
    image = read_plan(datasets.write_plan(tmp_path, **_images(-25.0, -30.0)), pixels=True).image
    assert image.hounsfield.dtype == np.int16
    np.testing.assert_array_equal(image.hounsfield, [_expected()] * 2)
    np.testing.assert_array_equal(image.x_mm, [-5, -3, -1, 1])
    np.testing.assert_array_equal(image.y_mm, [-6, -5, -4])


def test_feet_first_prone_images_are_turned(tmp_path):
    images = _images(-25.0, -30.0, ImageOrientationPatient=[1, 0, 0, 0, -1, 0])
    image = read_plan(datasets.write_plan(tmp_path, **images), pixels=True).image
    np.testing.assert_array_equal(image.hounsfield[0], _expected()[::-1])
    np.testing.assert_array_equal(image.y_mm, [-8, -7, -6])


@pytest.mark.parametrize("rubbish", [0x0000, 0x3000, 0xF000])
@pytest.mark.parametrize("signed", [0, 1])
def test_bits_above_the_stored_ones_mean_nothing(tmp_path, signed, rubbish):
    values = np.array([[0, 1, 2, 3], [100, 2000, 5, 6], [2047, 0, 0, 9]])
    image = datasets.image(0.0)
    image.PixelRepresentation = signed
    if signed:
        values = values - 1000
    image.PixelData = ((values & 0x0FFF) | rubbish).astype("<u2").tobytes()
    read = read_plan(datasets.write_plan(tmp_path, ct=image), pixels=True)
    np.testing.assert_array_equal(read.image.hounsfield[0], values - 1024)


def test_rescaled_values_are_rounded_and_kept_in_range(tmp_path):
    image = datasets.image(0.0)
    image.RescaleSlope, image.RescaleIntercept = "1000", "0.6"
    read = read_plan(datasets.write_plan(tmp_path, ct=image), pixels=True)
    assert read.image.hounsfield[0, 0, 0] == 24001
    assert read.image.hounsfield[0, 2, 3] == 32767


def test_numbers_out_of_all_bounds_do_no_harm(tmp_path):
    image = datasets.image(0.0)
    image.RescaleSlope = "1e308"
    assert read_plan(datasets.write_plan(tmp_path, ct=image), pixels=True).image.hounsfield.max() == 32767
    image.PixelSpacing = ["1e308", "1e308"]
    assert read_plan(datasets.write_plan(tmp_path, ct=image), pixels=True).image.hounsfield is None


def test_run_length_encoded_images(tmp_path):
    dataset = pydicom.dcmread(io.BytesIO(datasets.encoded(datasets.image(0.0), explicit=True)))
    compress(dataset, RLELossless, generate_instance_uid=False)
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, dataset)
    image = read_plan(datasets.write_plan(tmp_path, ct=buffer.getvalue()), pixels=True).image
    np.testing.assert_array_equal(image.hounsfield[0], _expected())


@pytest.mark.parametrize(
    "changes",
    [{"PixelSpacing": [1, 1]}, {"Rows": 4}, {"BitsAllocated": 32}, {"PixelData": b"\0\0"}, {"RescaleSlope": None}],
)
def test_pixels_that_make_no_volume_leave_the_positions(tmp_path, changes):
    odd = datasets.image(-25.0)
    for keyword, value in changes.items():
        setattr(odd, keyword, value)
    read = read_plan(datasets.write_plan(tmp_path, a=datasets.image(-30.0), b=odd), pixels=True)
    np.testing.assert_array_equal(read.image.z_mm, [-30, -25])
    if "RescaleSlope" in changes:  # optional in practice: 1 where it is not said
        assert read.image.hounsfield is not None
    else:
        assert read.image.hounsfield is None
        assert read.image.unread
        # The same evaluation comes of a plan whether or not its pictures are wanted.
        assert read.findings == read_plan(datasets.write_plan(tmp_path, a=datasets.image(-30.0), b=odd)).findings


def test_a_header_that_is_no_number_is_left_out_and_said(tmp_path):
    data = datasets.encoded(datasets.image(-25.0)).replace(b"-25.0", b"-2A.0")
    read = read_plan(datasets.write_plan(tmp_path, a=datasets.image(-30.0), b=data))
    np.testing.assert_array_equal(read.image.z_mm, [-30])
    assert [f.id for f in read.findings] == ["files-skipped"]
