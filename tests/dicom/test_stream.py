"""The walk: a file is believed only when its declared lengths add up."""

from __future__ import annotations

import io
import zlib

import pydicom
import pytest

from hardcheck.dicom import stream
from hardcheck.dicom.stream import is_dicom, read_stream
from hardcheck.dicom.tag import Tag
from hardcheck.errors import LimitError
from tests.dicom import datasets


@pytest.mark.parametrize("explicit", [False, True])
@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("meta", [False, True])
def test_reads_every_plain_encoding(explicit, undefined, meta):
    data = datasets.encoded(datasets.structures(), explicit=explicit, undefined=undefined, meta=meta)
    assert is_dicom(data)
    found = read_stream(data, "rs")
    assert found.problem is None
    assert found.dataset.code(Tag.SOPInstanceUID) == datasets.STRUCTURES_UID
    regions = found.dataset.items(Tag.StructureSetROISequence)
    assert [region.text(Tag.ROIName) for region in regions] == ["Target", "Cord", "Empty"]
    contours = found.dataset.items(Tag.ROIContourSequence)[1].items(Tag.ContourSequence)
    assert [c.numbers(Tag.ContourData)[:3] for c in contours] == [(-5, -5, -27.5), (-5, -5, -25)]


def test_reads_big_endian():
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, datasets.structures(), implicit_vr=False, little_endian=False)
    found = read_stream(buffer.getvalue(), "rs")
    assert found.problem is None
    assert not found.dataset.little_endian
    assert len(found.dataset.items(Tag.StructureSetROISequence)) == 3


def test_another_encoding_than_the_declared_one_is_seen():
    declared = datasets.encoded(datasets.plan(), explicit=True)
    body = datasets.encoded(datasets.plan(), meta=False)
    start = read_stream(declared, "rp").start
    found = read_stream(declared[:start] + body, "rp")
    assert found.problem is None
    assert found.dataset.code(Tag.SOPInstanceUID) == datasets.PLAN_UID


def deflated(data: bytes) -> bytes:
    start = read_stream(data, "rs").start
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = packer.compress(data[start:]) + packer.flush()
    uid = b"1.2.840.10008.1.2.1\0"
    assert data.count(uid) == 1
    longer = b"1.2.840.10008.1.2.1.99"
    at = data.index(uid)
    head = data[: at - 2] + len(longer).to_bytes(2, "little") + longer + data[at + len(uid) : start]
    return head + packed


def test_reads_deflated():
    data = deflated(datasets.encoded(datasets.structures(), explicit=True))
    found = read_stream(data, "rs")
    assert found.problem is None
    assert len(found.dataset.items(Tag.ROIContourSequence)) == 2


def test_deflated_is_cut_or_too_large(monkeypatch):
    data = deflated(datasets.encoded(datasets.structures(), explicit=True))
    assert read_stream(data[:-5], "rs").problem is not None
    assert read_stream(data + b"more", "rs").problem is not None
    monkeypatch.setattr(stream, "MAX_INFLATED_BYTES", 100)
    with pytest.raises(LimitError, match="100 bytes"):
        read_stream(data, "rs")


@pytest.mark.parametrize(
    "more",
    [
        b"garbage",
        b"\0",
        b"\0" * 20,
        # a second SOPInstanceUID
        b"\x08\0\x18\0\x02\0\0\x001\0",
        # an item delimiter where none belongs
        b"\xfe\xff\x0d\xe0\0\0\0\0",
    ],
)
def test_bytes_after_the_last_element_are_a_problem(more):
    data = datasets.encoded(datasets.structures())
    assert read_stream(data + more, "rs").problem is not None


@pytest.mark.parametrize(
    ("undefined", "lengths"),
    # Without declared lengths, elements that are lost as a whole (8 bytes or more) leave no trace.
    [(False, (1, 2, 8, 20, 100)), (True, (1, 2, 3, 5, 7))],
)
def test_bytes_missing_in_the_middle_are_a_problem(undefined, lengths):
    data = datasets.encoded(datasets.structures(), undefined=undefined)
    start = data.index(b"\x06\x30\x39\x00")
    for length in lengths:
        for at in range(start, len(data) - length):
            assert read_stream(data[:at] + data[at + length :], "rs").problem is not None, (at, length)


def test_nesting_has_a_limit():
    nested = datasets.item(ROINumber=1)
    for _ in range(stream.MAX_DEPTH + 1):
        nested = datasets.item(StructureSetROISequence=[nested])
    nested.SOPInstanceUID = "1"
    with pytest.raises(LimitError, match=str(stream.MAX_DEPTH)):
        read_stream(datasets.encoded(nested, meta=False), "rs")


def test_elements_have_a_limit(monkeypatch):
    monkeypatch.setattr(stream, "MAX_ELEMENTS", 30)
    with pytest.raises(LimitError, match="30 elements"):
        read_stream(datasets.encoded(datasets.structures()), "rs")


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"x" * 200, b"PK\x03\x04" + b"\0" * 200, b"\x08\0\x05\0\xff\xff\xff\xff"]
)
def test_what_is_not_dicom(data):
    assert not is_dicom(data)
