"""A file that was cut short is never read: the row that most readers get wrong."""

from __future__ import annotations

import pytest

from hardcheck.dicom import read_plan, stream, take_inventory
from hardcheck.dicom.stream import read_stream
from hardcheck.dicom.tag import Tag
from hardcheck.errors import HardcheckError, LimitError, TruncatedError
from tests.dicom import datasets


def _needed_to(data: bytes, tag: Tag) -> int:
    """The byte behind the last element that the numbers rest on."""
    return read_stream(data, "").dataset.elements[tag].stop


@pytest.mark.parametrize(
    ("explicit", "undefined", "meta"), [(False, False, True), (True, True, True), (False, True, False)]
)
def test_a_structure_set_is_refused_at_every_cut(tmp_path, explicit, undefined, meta):
    data = datasets.encoded(datasets.structures(), explicit=explicit, undefined=undefined, meta=meta)
    folder = datasets.write_plan(tmp_path, rs=data)
    read_plan(folder)
    for length in range(len(data)):
        (folder / "rs").write_bytes(data[:length])
        with pytest.raises(HardcheckError):
            read_plan(folder)


def test_a_cut_is_called_a_cut(tmp_path):
    data = datasets.encoded(datasets.structures())
    for length in range(200, len(data), 10):
        folder = datasets.write_plan(tmp_path, rs=data[:length])
        with pytest.raises(TruncatedError, match=r"^rs: cut short or damaged: .*; export the object again$"):
            read_plan(folder)


@pytest.mark.parametrize(
    "lost", ["StructureSetROISequence", "ROIContourSequence", "RTROIObservationsSequence", "SOPInstanceUID"]
)
def test_a_structure_set_cut_between_two_elements_is_refused(tmp_path, lost):
    dataset = datasets.structures()
    delattr(dataset, lost)
    data = datasets.encoded(dataset, meta=lost != "SOPInstanceUID")
    with pytest.raises(TruncatedError, match=lost):
        read_plan(datasets.write_plan(tmp_path, rs=data))


def test_a_dose_is_refused_at_every_cut(tmp_path):
    data = datasets.encoded(datasets.dose())
    folder = datasets.write_plan(tmp_path)
    for length in range(len(data)):
        (folder / "rd").write_bytes(data[:length])
        with pytest.raises(HardcheckError):
            read_plan(folder)


def test_a_plan_cut_anywhere_is_refused_or_has_lost_its_approval_only(tmp_path):
    data = datasets.encoded(datasets.plan())
    folder = datasets.write_plan(tmp_path)
    whole = read_plan(folder)
    complete = _needed_to(data, Tag.ReferencedStructureSetSequence)
    for length in range(len(data)):
        (folder / "rp").write_bytes(data[:length])
        if length == complete:
            read = read_plan(folder)
            assert (read.prescription, read.findings, read.approval) == (whole.prescription, whole.findings, "")
        elif length > 300:
            with pytest.raises(TruncatedError):
                read_plan(folder)
        else:
            # So little is left that it may be no DICOM at all; then it is said, and there is no plan.
            try:
                read = read_plan(folder)
            except TruncatedError:
                continue
            assert {"files-skipped", "plan-present"} <= {finding.id for finding in read.findings}


def test_the_real_kind_decides_not_the_name(tmp_path):
    data = datasets.encoded(datasets.dose())
    folder = datasets.write_plan(tmp_path, **{"notes.txt": data[:-7]})
    with pytest.raises(TruncatedError, match=r"notes\.txt"):
        read_plan(folder)


def test_a_cut_image_is_left_out_and_named(tmp_path):
    images = {f"ct{n}": datasets.encoded(datasets.image(-30.0 + 2.5 * n)) for n in range(3)}
    images["ct1"] = images["ct1"][:-1]
    read = read_plan(datasets.write_plan(tmp_path, **images))
    assert list(read.image.z_mm) == [-30.0, -25.0]
    (skipped,) = [finding for finding in read.findings if finding.id == "files-skipped"]
    assert "ct1" in skipped.message
    assert "cut short" in skipped.message


def test_dicom_of_unknown_kind_that_is_cut_is_refused(tmp_path):
    data = datasets.encoded(datasets.dose(), meta=False)
    folder = datasets.write_plan(tmp_path, odd=b"\0" * 128 + b"DICM" + data[:10])
    with pytest.raises(TruncatedError, match="odd"):
        read_plan(folder)


def test_the_inventory_says_it_too(tmp_path):
    data = datasets.encoded(datasets.structures())
    folder = datasets.write_plan(tmp_path, rs=data[:-4])
    entries = {entry.name: entry for entry in take_inventory(folder).entries}
    assert entries["rs"].refused
    assert "cut short" in entries["rs"].problem
    assert entries["rd"].problem is None


def test_a_file_above_a_limit_is_refused_and_listed(tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "MAX_ELEMENTS", 20)
    folder = datasets.write_plan(tmp_path)
    with pytest.raises(LimitError, match="more than 20 elements"):
        read_plan(folder)
    assert any("20 elements" in (entry.problem or "") and entry.refused for entry in take_inventory(folder).entries)
