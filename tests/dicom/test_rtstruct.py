"""Structures are joined by ROINumber alone, and no contour point is believed that is not a number."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from hardcheck.dicom import read_plan, rtstruct
from hardcheck.errors import InputError, LimitError
from tests.dicom import datasets


def _with_cord(raw: bytes, dataset: Dataset | None = None) -> bytes:
    """A structure set whose ROI 7 has `raw` for its ContourData, as a faulty system would write it."""
    dataset = dataset or datasets.structures()
    raw += b" " * (len(raw) % 2)
    placeholder = b"88" + b"\\8" * (len(raw) // 2 - 1)
    contour = dataset.ROIContourSequence[0].ContourSequence[0]
    contour.ContourData = placeholder.decode().split("\\")
    contour.NumberOfContourPoints = None
    data = datasets.encoded(dataset)
    assert data.count(placeholder) == 1
    return data.replace(placeholder, raw)


def test_joined_by_number_not_by_position(tmp_path):
    read = read_plan(datasets.write_plan(tmp_path))
    target, cord, empty = read.structures
    assert (target.number, target.name, target.interpreted_type) == (3, "Target", "PTV")
    assert (cord.number, cord.name, cord.interpreted_type, cord.color) == (7, "Cord", "ORGAN", (0, 255, 0))
    assert empty.is_empty
    np.testing.assert_array_equal(
        target.points_mm, np.reshape(datasets.square(-27.5) + datasets.square(-25.0), (-1, 3))
    )
    np.testing.assert_array_equal(target.starts, [0, 4, 8])
    np.testing.assert_array_equal(cord.points_mm, np.reshape(datasets.square(-25.0, 2.0), (-1, 3)))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_order_of_the_sequences_changes_nothing(tmp_path, order):
    dataset = datasets.structures()
    dataset.ROIContourSequence = [dataset.ROIContourSequence[i] for i in order]
    dataset.RTROIObservationsSequence = [dataset.RTROIObservationsSequence[i] for i in order]
    read = read_plan(datasets.write_plan(tmp_path, rs=dataset))
    assert [len(s.points_mm) for s in read.structures] == [8, 4, 0]


@pytest.mark.parametrize(
    "raw",
    [
        b"nan\\0\\0",
        b"NaN\\0\\0",
        b"inf\\0\\0",
        b"-Infinity\\0\\0",
        b"1e999\\0\\0",
        b"1\\2\\",
        b"1\\\\3",
        b"\\2\\3",
        b"1 2\\3\\4",
        b"1,5\\2\\3",
        b"1_0\\2\\3",
        b"0x10\\2\\3",
        b"1e\\2\\3",
        b"1-2\\3\\4",
        "١\\2\\3".encode(),
        "１\\2\\3".encode(),
        b"1\t\\2\\3",
        b"1\0\\2\\3",
        b"1\\2",
        b"1\\2\\3\\4",
        b"999999\\2\\3",
    ],
)
def test_contour_data_that_are_no_points_are_refused_and_the_roi_is_named(tmp_path, raw):
    with pytest.raises(InputError, match="contour 1 of ROI 7 'Cord'") as caught:
        read_plan(datasets.write_plan(tmp_path, rs=_with_cord(raw)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "point"),
    [(b"1.5\\-2e1\\+.25", (1.5, -20, 0.25)), (b" 1 \\ 2\\3 ", (1, 2, 3)), (b"1.\\2E+0\\-0", (1, 2, 0))],
)
def test_all_forms_of_a_decimal_string_are_read(tmp_path, raw, point):
    read = read_plan(datasets.write_plan(tmp_path, rs=_with_cord(raw)))
    np.testing.assert_array_equal(read.structure(7).points_mm, [point])


def test_a_wrong_number_of_points_is_refused(tmp_path):
    dataset = datasets.structures()
    dataset.ROIContourSequence[1].ContourSequence[1].NumberOfContourPoints = 5
    with pytest.raises(InputError, match=r"contour 2 of ROI 3 'Target'.* is 5, and 4 points are there"):
        read_plan(datasets.write_plan(tmp_path, rs=dataset))


def test_missing_contour_data_is_refused_and_an_empty_list_is_an_empty_structure(tmp_path):
    dataset = datasets.structures()
    del dataset.ROIContourSequence[0].ContourSequence[0].ContourData
    with pytest.raises(InputError, match=r"ContourData.* is missing"):
        read_plan(datasets.write_plan(tmp_path, rs=dataset))
    dataset.ROIContourSequence[0].ContourSequence = []
    read = read_plan(datasets.write_plan(tmp_path, rs=dataset))
    assert read.structure(7).is_empty


def test_an_offset_vector_is_refused(tmp_path):
    dataset = datasets.structures()
    dataset.ROIContourSequence[0].ContourSequence[0].add_new(0x30060045, "DS", ["0", "0", "5"])
    with pytest.raises(InputError, match="ContourOffsetVector"):
        read_plan(datasets.write_plan(tmp_path, rs=dataset))


@pytest.mark.parametrize(
    ("sequence", "index", "key", "number", "what"),
    [
        ("StructureSetROISequence", 1, "ROINumber", 3, "ROINumber .* 3 is there twice"),
        ("ROIContourSequence", 0, "ReferencedROINumber", 3, "ReferencedROINumber .* 3 is there twice"),
        ("ROIContourSequence", 0, "ReferencedROINumber", 8, r"not there: \[8\]"),
        ("StructureSetROISequence", 1, "ROINumber", None, "ROINumber .* is missing"),
    ],
)
def test_numbers_that_do_not_join(tmp_path, sequence, index, key, number, what):
    dataset = datasets.structures()
    setattr(dataset[sequence].value[index], key, number)
    with pytest.raises(InputError, match=what):
        read_plan(datasets.write_plan(tmp_path, rs=dataset))


def test_geometric_types_are_kept(tmp_path):
    dataset = datasets.structures()
    dataset.ROIContourSequence[0].ContourSequence = [
        datasets.contour([1, 2, 3], "POINT"),
        datasets.contour(datasets.square(0.0)),
    ]
    cord = read_plan(datasets.write_plan(tmp_path, rs=dataset)).structure(7)
    assert cord.geometric_types == ("POINT", "CLOSED_PLANAR")
    assert "POINT" in cord.unusable


@pytest.mark.parametrize(
    ("charset", "name"),
    [
        ("ISO_IR 100", "Fémur gauche"),
        ("ISO_IR 192", "大腿骨 左"),
        ("GB18030", "股骨"),
        (["", "ISO 2022 IR 87"], "大腿骨"),
    ],
)
def test_names_in_any_character_set(tmp_path, charset, name):
    dataset = datasets.structures()
    dataset.SpecificCharacterSet = charset
    dataset.PatientName = name
    dataset.StructureSetROISequence[0].ROIName = name
    read = read_plan(datasets.write_plan(tmp_path, rs=datasets.encoded(dataset)))
    assert read.structures[0].name == name


@pytest.mark.parametrize("charset", [b"ISO_IR 192", b"NO SUCHSET", b"\xff\xfe\0\\\\ISO 2", b"ISO_IR 100"])
def test_names_are_kept_as_they_are_and_never_break_reading(tmp_path, charset):
    evil = b"<img src=x onerror=1>\r\n\xff\xfe\x1b$)x"
    dataset = datasets.structures()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.StructureSetROISequence[1].ROIName = "N" * len(evil)

    def spoiled(raw: bytes) -> bytes:
        data = _with_cord(raw, dataset).replace(b"N" * len(evil), evil).replace(b"DOE^JANE", b"\xff\xfe\x1b(\0\r\n\xe9")
        return data.replace(b"ISO_IR 192", charset)

    with pytest.raises(InputError) as caught:
        read_plan(datasets.write_plan(tmp_path, rs=spoiled(b"x\\1\\2")))
    assert str(caught.value).isprintable()
    read = read_plan(datasets.write_plan(tmp_path, rs=spoiled(b"0\\1\\2")))
    assert read.structure(7).name.startswith("<img src=x onerror=1>")


def test_a_colour_that_is_none_is_left_out(tmp_path):
    dataset = datasets.structures()
    dataset.ROIContourSequence[0][0x3006002A] = DataElement(0x3006002A, "IS", ["300", "0", "0"])
    assert read_plan(datasets.write_plan(tmp_path, rs=dataset)).structure(7).color is None


def test_points_have_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(rtstruct, "MAX_POINTS", 1)
    with pytest.raises(LimitError, match="1 points"):
        read_plan(datasets.write_plan(tmp_path))
