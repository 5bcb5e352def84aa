"""A disk that is full or cannot be written: one line, what was stored stays, and with room the same command goes on."""

import os
import shutil
import subprocess

import pytest

from hardcheck.store import Store
from hardcheck.store.schema import EVALUATIONS
from tests.audit import command

ROOM = 450_000
"""Bytes that the store may grow by at a time: some plans, and never all of them."""


@pytest.fixture
def disk(tmp_path):
    """A file system of 4 MB in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if (
        mount is None
        or subprocess.run(
            [mount, "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], check=False, capture_output=True
        ).returncode
    ):
        pytest.skip("a file system of its own cannot be mounted: only root may")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def filled(disk, room):
    """A file that takes all of the disk but `room` bytes."""
    filler = disk / "filler"
    filler.unlink(missing_ok=True)
    state = os.statvfs(disk)
    filler.write_bytes(b"\0" * max(state.f_bavail * state.f_frsize - room, 0))
    return filler


def evaluations(store):
    """How many are stored; a store that could not even be made has none."""
    if not store.exists() or not store.stat().st_size:
        return 0
    with Store(store) as opened, opened.reading() as connection:
        return len(connection.execute(EVALUATIONS.select()).all())


def said(done, what):
    """The run failed with one line that says what, and what to do."""
    assert done.returncode == 2, done.stderr
    line = done.stderr.removesuffix("\n")
    assert "\n" not in line
    assert what in line
    assert line.startswith("hardcheck: ")
    assert "; " in line


def test_a_disk_that_is_full_again_and_again(made, protocols, undisturbed, disk, tmp_path):
    store = disk / "audit.db"
    counts = []
    for _ in range(20):
        filler = filled(disk, ROOM)
        done = command.run(made, protocols, store, tmp_path / "tables")
        if done.returncode == 0:
            break
        said(done, "the disk of the store is full")
        filler.unlink()
        counts.append(evaluations(store))
    assert done.returncode == 0, done.stderr
    assert counts == sorted(counts)
    assert len(counts) > 1
    assert counts[-1] > 0  # it was full in the midst of the work
    assert command.tables(tmp_path / "tables") == undisturbed


@pytest.mark.parametrize("room", [0, 50_000])
def test_a_disk_without_room_for_any_store(made, protocols, undisturbed, disk, tmp_path, room):
    store = disk / "audit.db"
    filler = filled(disk, room)
    said(command.run(made, protocols, store), "the disk of the store is full")
    filler.unlink()
    assert command.run(made, protocols, store, tmp_path / "tables").returncode == 0
    assert command.tables(tmp_path / "tables") == undisturbed


def test_tables_that_have_no_room(made, protocols, undisturbed, disk, tmp_path):
    store = tmp_path / "audit.db"
    filler = filled(disk, 20_000)
    done = command.run(made, protocols, store, disk / "tables")
    said(done, "No space left")
    assert not any(path.suffix == ".csv" and path.stat().st_size == 0 for path in (disk / "tables").iterdir())
    filler.unlink()
    assert command.run(made, protocols, store, disk / "tables").returncode == 0
    assert command.tables(disk / "tables") == undisturbed


def test_a_disk_that_cannot_be_written(made, protocols, undisturbed, disk, tmp_path):
    store = disk / "audit.db"
    assert command.run(made, protocols, store).returncode == 0
    before = store.read_bytes()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    try:
        said(command.run(made, protocols, store), "the store cannot be")
        said(command.run(made, protocols, disk / "new.db"), "the store cannot be")
        said(command.run(made, protocols, tmp_path / "audit.db", disk / "tables"), "the folder cannot be used")
        assert store.read_bytes() == before
        assert sorted(path.name for path in disk.iterdir()) == ["audit.db"]
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    assert command.run(made, protocols, store, tmp_path / "tables").returncode == 0
    assert command.tables(tmp_path / "tables") == undisturbed


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write where nobody else may")
def test_a_folder_that_cannot_be_written(made, protocols, tmp_path):
    tmp_path.chmod(0o500)
    try:
        said(command.run(made, protocols, tmp_path / "audit.db"), "cannot be")
    finally:
        tmp_path.chmod(0o700)
