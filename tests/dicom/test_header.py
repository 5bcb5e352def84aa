"""The header of a file: what a whole read says of it, from its first bytes alone; and a reason where it is broken."""

from __future__ import annotations

import dataclasses
import json
import pickle
import zipfile

import pytest

from hardcheck.dicom import Header, content_of, head_sha256, header, read_header, take_inventory
from hardcheck.dicom.rtplan import read_prescription
from hardcheck.dicom.stream import read_stream
from hardcheck.errors import InputError
from hardcheck.plan import Prescription
from tests.dicom import datasets
from tests.dicom.test_files import LFS

ENCODINGS = [
    {"explicit": explicit, "undefined": undefined, "meta": meta}
    for explicit in (False, True)
    for undefined in (False, True)
    for meta in ((False, True) if not explicit else (True,))
]


def of_bytes(tmp_path, data: bytes) -> Header:
    (tmp_path / "file").write_bytes(data)
    return read_header(tmp_path / "file")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("first_bytes", [160, 300, 2**16])
def test_it_says_what_stands_in_the_file_however_little_is_read_at_first(tmp_path, monkeypatch, encoding, first_bytes):
    monkeypatch.setattr(header, "_FIRST_BYTES", first_bytes)
    monkeypatch.setattr(header, "_MORE", 2)
    plan = datasets.plan()
    plan.BeamSequence[0].TreatmentMachineName = "LINAC1"
    plan.BeamSequence[2].TreatmentMachineName = "SETUP"
    plan.RTPlanDate, plan.RTPlanTime = "20240102", "030405"
    plan.OperatorsName = "Planner^A"
    read = of_bytes(tmp_path, datasets.encoded(plan, **encoding))
    assert (read.kind, read.uid, read.label, read.approval) == ("RTPLAN", datasets.PLAN_UID, "Thigh", "APPROVED")
    assert (read.patient_id, read.machines, read.made) == ("P1", ("LINAC1",), "20240102030405")
    assert read.planner == "Planner^A"
    assert (read.prescription.fractions, read.prescription.dose_gy) == (22, 66.0)
    assert (read.structure_sets, read.frames_of_reference) == ((datasets.STRUCTURES_UID,), (datasets.FRAME,))
    read = of_bytes(tmp_path, datasets.encoded(datasets.structures(), **encoding))
    assert (read.kind, read.uid) == ("RTSTRUCT", datasets.STRUCTURES_UID)
    assert read.rois == ((3, "Target"), (7, "Cord"), (5, "Empty"))
    read = of_bytes(tmp_path, datasets.encoded(datasets.dose(), **encoding))
    assert (read.kind, read.uid, read.plans, read.summation) == (
        "RTDOSE",
        datasets.DOSE_UID,
        (datasets.PLAN_UID,),
        "PLAN",
    )
    assert read.problem is None
    read = of_bytes(tmp_path, datasets.encoded(datasets.image(-30.0), **encoding))
    assert (read.kind, read.series_uid, read.frames_of_reference) == ("CT", "1.2.3.4", (datasets.FRAME,))
    assert read.problem is None


def test_the_prescription_is_that_of_a_whole_read_without_beams(tmp_path):
    data = datasets.encoded(datasets.plan())
    whole = read_prescription(read_stream(data, "").dataset)
    groups = tuple(dataclasses.replace(group, beams=()) for group in whole.groups)
    assert of_bytes(tmp_path, data).prescription == Prescription(whole.references, groups)


def test_neither_contours_nor_pixels_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(header, "_FIRST_BYTES", 2**11)
    monkeypatch.setattr(header, "_MORE", 2)
    structures = datasets.structures()
    structures.ROIContourSequence[0].ContourSequence = [datasets.contour(datasets.square(-25.0))] * 3000
    counts = []
    whole = header.Source.head
    monkeypatch.setattr(header.Source, "head", lambda self, count: counts.append(count) or whole(self, count))
    read = of_bytes(tmp_path, datasets.encoded(structures))
    assert len(read.rois) == 3
    assert sum(counts) <= 2**12 < (tmp_path / "file").stat().st_size / 20


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("make", [datasets.plan, datasets.structures, datasets.dose])
def test_a_cut_is_a_reason_or_lies_behind_what_is_read_and_never_an_exception(tmp_path, make, undefined):
    data = datasets.encoded(make(), undefined=undefined)
    whole = of_bytes(tmp_path, data)
    reasons = 0
    for length in range(0, len(data), 2):  # elements are of even length
        read = of_bytes(tmp_path, data[:length])
        reasons += read.problem is not None
        assert read.problem is None or read.problem.isprintable()
        if read.problem is None and read != whole:
            # A plan that was cut between two elements may have lost its last ones, of which none is required.
            assert dataclasses.replace(read, approval=whole.approval) == whole
    assert reasons > 150


@pytest.mark.parametrize("make", [datasets.structures, datasets.dose])
def test_contours_or_pixels_that_end_too_early_are_found_by_their_length(tmp_path, make):
    data = datasets.encoded(make())
    stop = len(data) if make is datasets.dose else read_stream(data, "").dataset.elements[0x30060039].stop
    read = of_bytes(tmp_path, data[: stop - 1])
    assert read.problem.startswith("cut short or damaged")
    assert read.uid  # it is known which object it was


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"some text", "not DICOM"),
        (b"", "empty file"),
        (LFS, "Git LFS pointer"),
        (b"PK\x03\x04rest", "zip"),
        (datasets.encoded(datasets.plan()).replace(b"\n", b"\r\n"), "line endings"),
    ],
)
def test_what_is_no_dicom_has_a_reason(tmp_path, content, why):
    read = of_bytes(tmp_path, content)
    assert why in read.problem
    assert read.is_foreign == (why == "not DICOM")


@pytest.mark.parametrize(
    ("make", "keyword"),
    [
        (datasets.plan, "FractionGroupSequence"),
        (datasets.plan, "ReferencedStructureSetSequence"),
        (datasets.structures, "ROIContourSequence"),
        (datasets.dose, "PixelData"),
    ],
)
def test_what_must_be_there_is_missed(tmp_path, make, keyword):
    dataset = make()
    delattr(dataset, keyword)
    assert f"must hold {keyword}" in of_bytes(tmp_path, datasets.encoded(dataset)).problem


def test_a_file_that_cannot_be_opened_has_a_reason(tmp_path):
    assert "cannot be read (FileNotFoundError)" in read_header(tmp_path / "gone").problem
    assert content_of(tmp_path / "gone") == ""


def test_a_number_that_is_none_is_a_reason(tmp_path):
    plan = datasets.plan()
    data = datasets.encoded(plan).replace(b"22", b"2x")
    read = of_bytes(tmp_path, data)
    assert "NumberOfFractionsPlanned" in read.problem
    assert read.uid == datasets.PLAN_UID


def test_more_than_the_limit_is_a_reason(tmp_path, monkeypatch):
    monkeypatch.setattr(header, "MAX_HEADER_BYTES", 300)
    monkeypatch.setattr(header, "_FIRST_BYTES", 200)
    assert "more than 300 bytes" in of_bytes(tmp_path, datasets.encoded(datasets.dose())).problem


def test_a_row_and_a_pickle_are_the_same_header(tmp_path):
    for make in (datasets.plan, datasets.structures, datasets.dose, lambda: datasets.image(-30.0)):
        read = of_bytes(tmp_path, datasets.encoded(make()))
        assert Header.of_row(read.as_row()) == read
        assert Header.of_row(json.loads(json.dumps(read.as_row()))) == read
        assert pickle.loads(pickle.dumps(read)) == read  # noqa: S301 - our own


def test_the_content_is_the_data_set_without_what_a_program_puts_before_it(tmp_path):
    (tmp_path / "a").write_bytes(datasets.encoded(datasets.dose()))
    (tmp_path / "b").write_bytes(datasets.encoded(datasets.dose(), meta=False))
    (tmp_path / "c").write_bytes(datasets.encoded(datasets.dose(values=datasets.grid() + 1)))
    one, other, third = (content_of(tmp_path / name) for name in "abc")
    assert one == other != third
    assert len(one) == 64


def test_it_agrees_with_the_inventory(tmp_path):
    folder = datasets.write_plan(tmp_path, ct=datasets.image(-30.0), note=b"text", cut=b"")
    for entry in take_inventory(folder).entries:
        read = read_header(folder / entry.name)
        assert (read.kind, read.sop_class_uid, read.uid) == (
            entry.modality,
            entry.sop_class_uid,
            entry.sop_instance_uid,
        )
        assert read.frames_of_reference == entry.frames_of_reference
        assert read.problem == entry.problem


@pytest.mark.parametrize("first_bytes", [160, 2**16])
def test_the_checksum_of_a_head_is_of_all_before_the_pixels(tmp_path, monkeypatch, first_bytes):
    monkeypatch.setattr(header, "_FIRST_BYTES", first_bytes)
    monkeypatch.setattr(header, "_MORE", 2)

    def checksum(pixels, **changed):
        image = datasets.image(-30.0)
        image.Rows = image.Columns = 512
        image.PixelData = pixels
        for keyword, value in changed.items():
            setattr(image, keyword, value)
        (tmp_path / "file").write_bytes(datasets.encoded(image))
        return head_sha256(tmp_path / "file")

    pixels = bytes(2 * 512 * 512)
    same = checksum(pixels)
    assert checksum(pixels[:-2] + b"\1\1") == same
    # The last element before the pixels, one of the first, and a file that is longer.
    others = [checksum(pixels, RescaleSlope="2"), checksum(pixels, Modality="MR"), checksum(pixels + b"\0\0")]
    assert len({same, *others}) == 4
    with pytest.raises(InputError, match="cannot be read"):
        head_sha256(tmp_path / "gone")


OFFICE = ("docProps/app.xml", "_rels/.rels", "xl/workbook.xml", "[Content_Types].xml")


def zipped(path, names, method=zipfile.ZIP_DEFLATED, content=b"x"):
    with zipfile.ZipFile(path, "w", method) as packed:
        for name in names:
            packed.writestr(name, content)
    return path


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("content", [b"x", bytes(2**17)])
def test_a_document_of_an_office_program_is_foreign(tmp_path, order, content):
    path = zipped(tmp_path / "list.xlsx", OFFICE[::order], zipfile.ZIP_STORED, content)
    read = read_header(path)
    assert (read.is_foreign, read.problem) == (True, "not DICOM")
    assert take_inventory(tmp_path).entries[0].problem == "not DICOM"


def test_another_zip_is_to_be_unpacked(tmp_path):
    office = zipped(tmp_path / "list.xlsx", OFFICE)
    plans = zipped(tmp_path / "plans.zip", ["plan.dcm"])
    with zipfile.ZipFile(plans, "a", zipfile.ZIP_STORED) as packed:
        packed.write(office, "list.xlsx")  # whose names stand in the zip, one level below
        packed.writestr("[Content_Types].xml", "x")
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(office.read_bytes()[:-30])
    for path in (plans, cut):
        read = read_header(path)
        assert (read.is_foreign, read.problem) == (False, "a zip, unpack it")
    problems = {entry.name: entry.problem for entry in take_inventory(tmp_path).entries}
    assert problems["plans.zip"] == problems["cut.xlsx"] == "a zip inside of the input; name it itself"
