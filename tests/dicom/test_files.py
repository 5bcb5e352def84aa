"""What a path may be: a folder, a file, a zip; and what else lies about in it."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from hardcheck.dicom import files, read_plan, take_inventory
from hardcheck.errors import InputError, LimitError
from hardcheck.plan import Severity
from tests.dicom import datasets


def _skipped(plan):
    return [finding for finding in plan.findings if finding.id == "files-skipped"]


def test_a_folder_is_read_recursively_whatever_the_names(tmp_path):
    datasets.write(tmp_path / "a" / "b", **{"x.jpg": datasets.plan(), "readme": datasets.dose()})
    datasets.write(tmp_path / "c", **{"..dcm.zip": datasets.structures()})
    read = read_plan(tmp_path)
    assert read.sop_instance_uid == datasets.PLAN_UID
    assert [s.number for s in read.structures] == [3, 7, 5]
    assert read.findings == ()


def test_several_paths(tmp_path):
    datasets.write(tmp_path, rp=datasets.plan(), rs=datasets.structures(), rd=datasets.dose())
    assert read_plan([tmp_path / "rp", str(tmp_path / "rs"), tmp_path / "rd"]).findings == ()


def test_a_zip_gives_the_same_plan(tmp_path):
    folder = datasets.write_plan(tmp_path / "folder", ct=datasets.image(-30.0))
    with zipfile.ZipFile(tmp_path / "plan.bin", "w", zipfile.ZIP_DEFLATED) as archive:
        for each in folder.iterdir():
            archive.write(each, f"../../{each.name}")  # a name that would escape if it were ever a path
    one, other = read_plan(folder, pixels=True), read_plan(tmp_path / "plan.bin", pixels=True)
    assert one.sources == other.sources
    assert (one.dose.dose_gy == other.dose.dose_gy).all()
    assert (one.image.hounsfield == other.image.hounsfield).all()


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"some text", "not DICOM"),
        (b"", "empty"),
        (LFS, "Git LFS pointer"),
        (datasets.encoded(datasets.plan()).replace(b"\n", b"\r\n"), "line endings"),
    ],
)
def test_what_is_no_dicom_is_skipped_and_said_or_an_error_when_named(tmp_path, content, why):
    folder = datasets.write_plan(tmp_path, other=content)
    (finding,) = _skipped(read_plan(folder))
    assert finding.severity is Severity.WARN
    assert "1 file was skipped: other" in finding.message
    assert why in finding.message
    with pytest.raises(InputError, match=why):
        read_plan(folder / "other")


def test_a_file_name_never_breaks_the_line(tmp_path):
    read = read_plan(datasets.write_plan(tmp_path, **{"a\nPASS\x1b[31m": b"text"}))
    assert _skipped(read)[0].message.isprintable()
    with pytest.raises(InputError) as caught:
        read_plan(tmp_path / "a\nPASS\x1b[31m")
    assert str(caught.value).isprintable()


def test_a_mangled_rt_object_is_never_used(tmp_path):
    mangled = datasets.encoded(datasets.plan()).replace(b"\n", b"\r\n")
    read = read_plan(datasets.write_plan(tmp_path, rp=mangled))
    assert read.prescription is None
    assert {"files-skipped", "plan-present"} <= {finding.id for finding in read.findings}


def test_a_cut_dose_with_some_line_ends_is_not_taken_for_mangled(tmp_path):
    data = datasets.encoded(datasets.dose())
    with pytest.raises(InputError, match="cut short"):
        read_plan(datasets.write_plan(tmp_path, rd=data[:-9]))


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda p: p / "nowhere", "no such file or folder"),
        (lambda p: p, "there are no files"),
        (lambda p: datasets.write(p, only=b"text"), "no file is a usable DICOM file"),
    ],
)
def test_paths_without_a_plan(tmp_path, make, what):
    with pytest.raises(InputError, match=what):
        read_plan(make(tmp_path))


def test_a_damaged_zip(tmp_path):
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        archive.writestr("rd", datasets.encoded(datasets.dose()))
    data = bytearray((tmp_path / "z").read_bytes())
    data[300] ^= 0xFF
    (tmp_path / "z").write_bytes(data)
    with pytest.raises(InputError, match="cannot be read"):
        read_plan(tmp_path / "z")
    (tmp_path / "z").write_bytes(data[:200])
    with pytest.raises(InputError, match="damaged zip"):
        read_plan(tmp_path / "z")


def test_limits_are_stated(tmp_path, monkeypatch):
    folder = datasets.write_plan(tmp_path / "f")
    with zipfile.ZipFile(tmp_path / "z", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * 1_000_000)
    monkeypatch.setattr(files, "MAX_INFLATED_BYTES", 999_999)
    with pytest.raises(LimitError, match="999999 bytes"):
        read_plan(tmp_path / "z")
    monkeypatch.setattr(files, "MAX_FILES", 2)
    with pytest.raises(LimitError, match="2 files"):
        read_plan(folder)
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 500)
    with pytest.raises(LimitError, match="500 bytes"):
        read_plan(folder / "rd")
    with pytest.raises(LimitError, match="500 bytes"):
        read_plan(tmp_path / "z")


def test_the_inventory_lists_every_file(tmp_path):
    folder = datasets.write_plan(tmp_path, ct=datasets.image(-30.0), note=b"text")
    entries = {entry.name: entry for entry in take_inventory(folder).entries}
    assert list(entries) == ["ct", "note", "rd", "rp", "rs"]
    assert [entries[name].modality for name in entries] == ["CT", "", "RTDOSE", "RTPLAN", "RTSTRUCT"]
    assert entries["rd"].refers_to == (datasets.PLAN_UID,)
    assert entries["rp"].refers_to == (datasets.STRUCTURES_UID,)
    assert entries["rs"].frames_of_reference == (datasets.FRAME,)
    assert entries["rd"].sop_class_uid == datasets.DOSE_CLASS
    assert entries["note"].problem == "not DICOM"
    assert not entries["note"].refused
    assert len(entries["rd"].sha256) == 64


def test_sources_are_the_files_that_the_numbers_rest_on(tmp_path):
    folder = datasets.write_plan(tmp_path, ct=datasets.image(-30.0))
    read = read_plan(folder)
    assert [source.modality for source in read.sources] == ["RTPLAN", "RTSTRUCT", "RTDOSE"]
    for name, source in zip(("rp", "rs", "rd"), read.sources, strict=True):
        assert source.sha256 == hashlib.sha256((folder / name).read_bytes()).hexdigest()


def test_a_linked_folder_is_read_and_a_loop_ends(tmp_path):
    datasets.write(tmp_path / "elsewhere", rp=datasets.plan(), rs=datasets.structures(), rd=datasets.dose())
    day = tmp_path / "day"
    day.mkdir()
    (day / "patient").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "again").symlink_to(day)
    assert read_plan(day).sop_instance_uid == datasets.PLAN_UID
    assert [entry.name for entry in take_inventory(day).entries] == ["patient/rd", "patient/rp", "patient/rs"]


def test_a_folder_that_cannot_be_looked_into_is_an_error(tmp_path, monkeypatch):
    """As any user, not as the superuser of most test machines, to whom no folder is closed."""
    datasets.write(tmp_path / "open", rp=datasets.plan(), rs=datasets.structures(), rd=datasets.dose())
    (tmp_path / "closed").mkdir()
    entries = Path.iterdir

    def as_a_user(folder):
        if folder.name == "closed":
            raise PermissionError(13, "Permission denied")
        return entries(folder)

    monkeypatch.setattr(Path, "iterdir", as_a_user)
    with pytest.raises(InputError, match="cannot be read"):
        read_plan(tmp_path)
