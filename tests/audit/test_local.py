"""Processes over plans: one that dies, hangs or has no memory left loses no plan."""

import os
import signal
import sys
from dataclasses import replace
from multiprocessing import active_children

import pydicom
import pytest

from hardcheck.audit import LocalWorkers
from hardcheck.dicom import read_header
from hardcheck.store import Bin
from tests.audit.archives import Here, generated, rows, run, wanted_bins

PLANS = 12


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """An archive without a fault, its manifest, and the tasks of it."""
    root = tmp_path_factory.mktemp("local") / "archive"
    manifest = generated(root, PLANS, seed=5, faulty=0.0)
    workers = Here()
    run(root, root.with_name("audit.db"), workers)
    return root, manifest, workers


def keys(dones):
    """Of all evaluations; each plan must have come once."""
    found = {done.path: done.key for done in dones}
    assert len(found) == len(dones) == PLANS
    assert not active_children()
    return found


def test_processes_give_what_this_process_gives(archive):
    _, _, here = archive
    dones = list(LocalWorkers(2).run(here.tasks))
    assert keys(dones) == keys(here.dones)
    contents = {done.path: done.entry.content_sha256 for done in here.dones}
    assert {done.path: done.entry.content_sha256 for done in dones} == contents


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_process_that_is_killed_from_outside_loses_no_plan(archive, jobs):
    _, _, here = archive
    dones, killed = [], 0
    for done in LocalWorkers(jobs).run(here.tasks):
        dones.append(done)
        if len(dones) % 3 == 0 and (alive := active_children()):
            os.kill(alive[0].pid, signal.SIGKILL)
            killed += 1
    assert killed >= 3
    assert keys(dones) == keys(here.dones)
    assert all(done.entry is not None for done in dones)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux alone")
def test_a_plan_that_needs_too_much_memory_is_set_aside_and_the_others_are_not(archive, tmp_path):
    """Its dose has 27 million voxels, whose 8 bytes each are 216 MB."""
    root, manifest, here = archive
    victim = here.tasks[PLANS // 2]
    path = root / victim.files[-1]
    assert read_header(path).kind == "RTDOSE"
    before = path.read_bytes()
    dataset = pydicom.dcmread(path)
    dataset.Rows = dataset.Columns = dataset.NumberOfFrames = 300
    dataset.GridFrameOffsetVector = [float(n) for n in range(300)]
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit = 15
    dataset.PixelData = bytes(2 * 300**3)
    try:
        dataset.save_as(path)
        workers = LocalWorkers(2, memory_bytes=320 * 2**20)
        audited = run(root, tmp_path / "audit.db", workers)
    finally:
        path.write_bytes(before)
    stored = rows(tmp_path / "audit.db", audited.run)
    assert stored[victim.path].bin == Bin.UNREADABLE
    assert "needs more memory than a process may have (320 MB; --memory" in stored[victim.path].reason
    counts = dict(wanted_bins(manifest)[1])
    (was,) = (done.entry.bin for done in here.dones if done.path == victim.path)
    counts[was] -= 1
    counts[Bin.UNREADABLE] += 1
    assert audited.account.counts == counts


def test_a_plan_that_takes_too_long_is_set_aside_with_that_reason(archive, tmp_path):
    """A pipe in the place of a file gives nothing for ever, as a disk that is gone may."""
    _, _, here = archive
    os.mkfifo(tmp_path / "pipe")
    stuck = replace(here.tasks[0], path="stuck", files=(str(tmp_path / "pipe"),))
    dones = {done.path: done for done in LocalWorkers(1, seconds=5.0).run([stuck, *here.tasks[1:3]])}
    assert dones["stuck"].bin is Bin.UNREADABLE
    assert dones["stuck"].reason == "took longer than 5 s, and was ended (--time-limit gives more)"
    assert {path: dones[path].key for path in dones.keys() - {"stuck"}} == {
        done.path: done.key for done in here.dones[1:3]
    }
