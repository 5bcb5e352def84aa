"""The dose grid: where each voxel is, how much it is, and what is no dose at all."""

from __future__ import annotations

import io

import numpy as np
import pydicom
import pytest
from pydicom.pixels import compress
from pydicom.uid import RLELossless

from hardcheck.dicom import read_plan, rtdose
from hardcheck.errors import InputError, LimitError, TruncatedError
from hardcheck.plan import Severity
from tests.dicom import datasets

# ImageOrientationPatient of the eight patient positions, as a common planning system writes them.
ORIENTATIONS = {
    "HFS": (1, 0, 0, 0, 1, 0),
    "HFP": (-1, 0, 0, 0, -1, 0),
    "HFDR": (0, 1, 0, -1, 0, 0),
    "HFDL": (0, -1, 0, 1, 0, 0),
    "FFS": (-1, 0, 0, 0, 1, 0),
    "FFP": (1, 0, 0, 0, -1, 0),
    "FFDR": (0, -1, 0, -1, 0, 0),
    "FFDL": (0, 1, 0, 1, 0, 0),
}


def _dose(tmp_path, dataset):
    return read_plan(datasets.write_plan(tmp_path, rd=dataset)).dose


def _at(grid, x_mm, y_mm, z_mm):
    """The dose of the voxel whose centre is at that place."""
    indices = []
    for axis, value in ((grid.z_mm, z_mm), (grid.y_mm, y_mm), (grid.x_mm, x_mm)):
        (found,) = np.flatnonzero(np.abs(axis - value) < 1e-9)
        indices.append(found)
    return grid.dose_gy[tuple(indices)]


def _places(orientation, offsets):
    """Each voxel (k, j, i) with its place by the formula of PS3.3 C.7.6.2.1.1, and its dose."""
    column, row = np.array(orientation[:3], float), np.array(orientation[3:], float)
    normal = np.cross(column, row)
    for k, j, i in np.ndindex(datasets.SHAPE):
        place = np.array(datasets.POSITION_MM) + i * datasets.SPACING_MM[1] * column + j * datasets.SPACING_MM[0] * row
        yield place + offsets[k] * normal, (100 * k + 10 * j + i) * datasets.SCALING


@pytest.mark.parametrize("offsets", [(0, 2.5, 5, 7.5), (0, -2.5, -5, -7.5), (0, 1, 4, 9)])
@pytest.mark.parametrize("position", ORIENTATIONS)
def test_every_voxel_of_every_patient_position_is_where_it_belongs(tmp_path, position, offsets):
    dataset = datasets.dose()
    dataset.ImageOrientationPatient = list(ORIENTATIONS[position])
    dataset.GridFrameOffsetVector = list(offsets)
    grid = _dose(tmp_path, dataset)
    for place, gray in _places(ORIENTATIONS[position], offsets):
        assert _at(grid, *place) == pytest.approx(gray, rel=1e-12, abs=0)


@pytest.mark.parametrize("orientation", [(0, 1, 0, 0, 0, -1), (1, 0, 0, 0, 0, -1), (0, 0, 1, 1, 0, 0)])
def test_sagittal_and_coronal_planes(tmp_path, orientation):
    dataset = datasets.dose()
    dataset.ImageOrientationPatient = list(orientation)
    grid = _dose(tmp_path, dataset)
    for place, gray in _places(orientation, datasets.OFFSETS_MM):
        assert _at(grid, *place) == pytest.approx(gray, rel=1e-12, abs=0)


@pytest.mark.parametrize("position", ORIENTATIONS)
@pytest.mark.parametrize("steps", [(0, 2.5, 5, 7.5), (0, -1, -4, -9)])
def test_absolute_offsets_are_the_patient_z(tmp_path, position, steps):
    dataset = datasets.dose()
    dataset.ImageOrientationPatient = list(ORIENTATIONS[position])
    z_mm = [datasets.POSITION_MM[2] + step for step in steps]
    dataset.GridFrameOffsetVector = z_mm
    read = read_plan(datasets.write_plan(tmp_path, rd=dataset))
    np.testing.assert_array_equal(read.dose.z_mm, sorted(z_mm))
    direction = np.cross(ORIENTATIONS[position][:3], ORIENTATIONS[position][3:])[2]
    for place, gray in _places(ORIENTATIONS[position], np.array(steps) * direction):
        assert _at(read.dose, *place) == pytest.approx(gray, rel=1e-12, abs=0)
    said = [finding for finding in read.findings if finding.id == "orientation"]
    assert bool(said) == (position != "HFS")


@pytest.mark.parametrize(
    "orientation", [(0.9998, 0.02, 0, -0.02, 0.9998, 0), (1, 0, 0, 1, 0, 0), (0, 0, 0, 0, 0, 0), None]
)
def test_an_oblique_or_missing_orientation_stops(tmp_path, orientation):
    dataset = datasets.dose()
    if orientation is None:
        del dataset.ImageOrientationPatient
    else:
        dataset.ImageOrientationPatient = list(orientation)
    read = read_plan(datasets.write_plan(tmp_path, rd=dataset))
    assert read.dose is None
    assert ("orientation", Severity.STOP) in {(finding.id, finding.severity) for finding in read.findings}


def test_absolute_offsets_that_are_not_along_z_stop(tmp_path):
    dataset = datasets.dose()
    dataset.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
    dataset.GridFrameOffsetVector = [-30, -28, -26, -24]
    read = read_plan(datasets.write_plan(tmp_path, rd=dataset))
    assert read.dose is None


@pytest.mark.parametrize("bits", [16, 32])
@pytest.mark.parametrize("explicit", [False, True])
def test_bits_and_encodings(tmp_path, bits, explicit):
    data = datasets.encoded(datasets.dose(bits=bits), explicit=explicit)
    grid = _dose(tmp_path, data)
    np.testing.assert_allclose(grid.dose_gy, datasets.grid() * datasets.SCALING, rtol=1e-15)
    assert grid.quantum_gy == datasets.SCALING
    assert grid.dose_gy.dtype == np.float64


@pytest.mark.parametrize("bits", [16, 32])
def test_the_full_range_of_unsigned_numbers(tmp_path, bits):
    values = datasets.grid()
    values[0, 0, 0] = 2**bits - 1
    assert _dose(tmp_path, datasets.dose(values=values, bits=bits)).maximum_gy == pytest.approx((2**bits - 1) * 0.01)


@pytest.mark.parametrize("bits", [16, 32])
def test_big_endian(tmp_path, bits):
    dataset = datasets.dose(bits=bits)
    dataset.PixelData = datasets.grid().astype(f">u{bits // 8}").tobytes()
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, dataset, implicit_vr=False, little_endian=False)
    grid = _dose(tmp_path, buffer.getvalue())
    np.testing.assert_allclose(grid.dose_gy, datasets.grid() * datasets.SCALING, rtol=1e-15)


def _compressed() -> pydicom.Dataset:
    dataset = pydicom.dcmread(io.BytesIO(datasets.encoded(datasets.dose(bits=16), explicit=True)))
    compress(dataset, RLELossless, generate_instance_uid=False)
    return dataset


def _bytes(dataset) -> bytes:
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, dataset)
    return buffer.getvalue()


def test_run_length_encoded(tmp_path):
    grid = _dose(tmp_path, _bytes(_compressed()))
    np.testing.assert_allclose(grid.dose_gy, datasets.grid() * datasets.SCALING, rtol=1e-15)


def test_damaged_or_foreign_compression_is_refused(tmp_path):
    data = _bytes(_compressed())
    at = data.index(b"\xfe\xff\x00\xe0", data.index(b"\xe0\x7f\x10\x00") + 20)
    spoiled = data[: at + 8] + b"\x0f" * 40 + data[at + 48 :]
    with pytest.raises(InputError, match="run-length encoded pixel data are damaged"):
        _dose(tmp_path, spoiled)
    other = data.replace(b"1.2.840.10008.1.2.5\0", b"1.2.840.10008.1.2.9\0")
    with pytest.raises(InputError, match="compressed in a way that is not read"):
        _dose(tmp_path, other)


def test_signed_numbers_are_read_unless_one_is_negative(tmp_path):
    dataset = datasets.dose()
    dataset.PixelRepresentation = 1
    assert _dose(tmp_path, dataset).maximum_gy == pytest.approx(3.45)
    values = datasets.grid()
    values[1, 1, 1] = -1
    dataset.PixelData = values.astype("<i4").tobytes()
    with pytest.raises(InputError, match="negative"):
        _dose(tmp_path, dataset)


@pytest.mark.parametrize(
    ("keyword", "value", "said"),
    [
        ("DoseUnits", "RELATIVE", "DoseUnits (3004,0002) is 'RELATIVE', not GY"),
        ("DoseUnits", None, "DoseUnits (3004,0002) is missing"),
        ("DoseType", "EFFECTIVE", "DoseType (3004,0004) is 'EFFECTIVE'"),
        ("DoseType", "ERROR", "DoseType (3004,0004) is 'ERROR'"),
        ("DoseGridScaling", None, "DoseGridScaling (3004,000E) is missing"),
        ("DoseGridScaling", "0", "DoseGridScaling (3004,000E) is 0"),
        ("DoseGridScaling", "-0.01", "DoseGridScaling (3004,000E) is -0.01"),
        ("DoseSummationType", None, "DoseSummationType (3004,000A) is missing"),
        ("DoseSummationType", "CONTROL_POINT", "DoseSummationType (3004,000A) is 'CONTROL_POINT'"),
        ("DoseSummationType", "BEAM_SESSION", "DoseSummationType (3004,000A) is 'BEAM_SESSION'"),
        ("DoseSummationType", "BRACHY", "DoseSummationType (3004,000A) is 'BRACHY'"),
    ],
)
def test_what_is_no_physical_dose_of_the_plan_stops(tmp_path, keyword, value, said):
    dataset = datasets.dose()
    setattr(dataset, keyword, value)
    read = read_plan(datasets.write_plan(tmp_path, rd=dataset))
    assert read.dose is None
    (stop,) = [finding for finding in read.findings if finding.severity is Severity.STOP]
    assert stop.id == "dose-physical-gy"
    assert said in stop.message


@pytest.mark.parametrize("text", [b"NaN ", b"inf ", b"1A  ", b"1e-\0"])
def test_a_scaling_that_is_no_finite_number_gives_no_dose(tmp_path, text):
    dataset = datasets.dose()
    dataset.DoseGridScaling = "7777"
    data = datasets.encoded(dataset).replace(b"7777", text)
    assert _dose(tmp_path, data) is None


@pytest.mark.parametrize("text", ["1e308", "9e99", "1e9"])
def test_a_dose_beyond_all_bounds_is_refused(tmp_path, text):
    dataset = datasets.dose()
    dataset.DoseGridScaling = text
    with pytest.raises(InputError, match="not finite"):
        _dose(tmp_path, dataset)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"Rows": 6}, "the pixel data have 480 bytes, and 576 are declared"),
        ({"Columns": 5}, "more than the 400"),
        ({"NumberOfFrames": 5}, "GridFrameOffsetVector .* has 4 entries for 5 frames"),
        ({"NumberOfFrames": None}, "planar dose"),
        ({"NumberOfFrames": 1, "GridFrameOffsetVector": None}, "planar dose"),
        ({"Rows": 1}, "no volume"),
        ({"GridFrameOffsetVector": [0, 2, 1, 3]}, "neither rises nor falls"),
        ({"GridFrameOffsetVector": [0, 2, 2, 3]}, "neither rises nor falls"),
        ({"GridFrameOffsetVector": [1, 2, 3, 4]}, "begins neither with 0 nor"),
        ({"GridFrameOffsetVector": None}, "has 0 entries"),
        ({"FrameIncrementPointer": 0x00181063}, "FrameIncrementPointer"),
        ({"PixelSpacing": [0, 1]}, "PixelSpacing"),
        ({"PixelSpacing": None}, "PixelSpacing"),
        ({"ImagePositionPatient": None}, "ImagePositionPatient"),
        ({"ImagePositionPatient": ["1e300", 0, 0]}, "out of all bounds"),
        ({"PixelSpacing": ["1e300", 1]}, "out of all bounds"),
        ({"PixelSpacing": ["1e-300", 1]}, "no volume"),
        ({"GridFrameOffsetVector": [0, 1, 2, "1e300"]}, "out of all bounds"),
        ({"BitsAllocated": 8, "BitsStored": 8}, "8 bits"),
        ({"BitsStored": 12}, "does not use all the bits"),
        ({"SamplesPerPixel": 3}, "only one sample"),
        ({"PixelData": b""}, "the pixel data have 0 bytes"),
    ],
)
def test_a_dose_that_contradicts_itself_is_refused(tmp_path, changes, what):
    dataset = datasets.dose()
    for keyword, value in changes.items():
        setattr(dataset, keyword, value)
    with pytest.raises(InputError, match=what):
        _dose(tmp_path, dataset)


def test_a_dose_without_pixels_is_refused(tmp_path):
    dataset = datasets.dose()
    del dataset.PixelData
    with pytest.raises(TruncatedError, match="PixelData"):
        _dose(tmp_path, dataset)


def test_voxels_have_a_limit_that_is_checked_first(tmp_path, monkeypatch):
    monkeypatch.setattr(rtdose, "MAX_VOXELS", 119)
    with pytest.raises(LimitError, match="at most 119"):
        _dose(tmp_path, datasets.dose())
    dataset = datasets.dose()
    dataset.Rows, dataset.Columns, dataset.NumberOfFrames = 65535, 65535, 2**31 - 1
    with pytest.raises(LimitError):
        _dose(tmp_path, dataset)


def test_a_planar_dose_beside_the_volume_is_left_out_and_said(tmp_path):
    planar = datasets.dose("1.2.3.77")
    planar.NumberOfFrames = None
    read = read_plan(datasets.write_plan(tmp_path, plane=planar))
    assert read.dose.maximum_gy == pytest.approx(3.45)
    assert [finding.severity for finding in read.findings if "planar" in finding.message] == [Severity.WARN]
