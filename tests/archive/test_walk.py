"""The files below a folder, and what of them has changed."""

from __future__ import annotations

import os

import pytest

from hardcheck.archive import Stamp, changes, walk
from hardcheck.errors import InputError


def paths(root):
    return [stamp.path for stamp in walk(root).files]


@pytest.fixture
def root(tmp_path):
    for name in ("b/2", "b/1", "a/c/3", "Z", "ä", "b-1"):
        path = tmp_path / "archive" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path / "archive"


def test_every_file_is_there_by_name_with_size_and_time(root):
    os.utime(root / "Z", ns=(5, 7_000_000_001))
    walked = walk(root)
    assert [stamp.path for stamp in walked.files] == ["Z", "a/c/3", "b-1", "b/1", "b/2", "ä"]
    assert walked.files[0] == Stamp("Z", 1, 7_000_000_001)
    assert walked.obstacles == ()


def test_links_to_folders_are_told_and_lead_nowhere(root):
    (root / "a" / "loop").symlink_to(root, target_is_directory=True)
    (root / "out").symlink_to(root.parent, target_is_directory=True)
    (root / "file").symlink_to(root / "Z")
    (root / "broken").symlink_to(root / "nowhere")
    walked = walk(root)
    assert [stamp.path for stamp in walked.files] == ["Z", "a/c/3", "b-1", "b/1", "b/2", "file", "ä"]
    assert [(each.path, each.reason.split(",")[0]) for each in walked.obstacles] == [
        ("a/loop", "a link to a folder"),
        ("broken", "cannot be looked at (FileNotFoundError)"),
        ("out", "a link to a folder"),
    ]


def test_a_pipe_is_told_and_never_opened(root):
    os.mkfifo(root / "pipe")
    assert [(each.path, each.reason) for each in walk(root).obstacles] == [("pipe", "neither a file nor a folder")]


def test_a_folder_that_cannot_be_listed_is_told(root, monkeypatch):
    listed = os.scandir

    def scandir(path):
        if str(path).endswith("c"):
            raise PermissionError
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    walked = walk(root)
    assert [stamp.path for stamp in walked.files] == ["Z", "b-1", "b/1", "b/2", "ä"]
    assert [(each.path, "PermissionError" in each.reason) for each in walked.obstacles] == [("a/c", True)]


def test_a_name_that_is_no_text_is_told(root):
    try:
        (root / os.fsdecode(b"caf\xe9\n")).write_bytes(b"")
    except OSError:
        pytest.skip("the file system takes no such name")
    (obstacle,) = walk(root).obstacles
    assert obstacle.path.isprintable()
    assert "UTF-8" in obstacle.reason
    assert len(walk(root).files) == 6


@pytest.mark.parametrize("name", ["nowhere", "Z"])
def test_what_is_no_folder_is_an_error(root, name):
    with pytest.raises(InputError, match="no such folder"):
        walk(root / name)


def test_only_what_is_new_or_changed_is_to_be_read(root):
    known = walk(root).files
    assert changes(known, known).to_read == ()
    (root / "new").write_bytes(b"")
    (root / "Z").write_bytes(b"longer")
    os.utime(root / "b" / "1", ns=(0, 12))
    (root / "b" / "2").unlink()
    (root / "ä").rename(root / "moved")
    found = changes(reversed(walk(root).files), reversed(known))
    assert [stamp.path for stamp in found.to_read] == ["Z", "b/1", "moved", "new"]
    assert [stamp.path for stamp in found.same] == ["a/c/3", "b-1"]
    assert found.gone == ("b/2", "ä")
    assert sorted((*found.to_read, *found.same)) == list(walk(root).files)
