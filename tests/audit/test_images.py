"""Plans with their CT: what stands before the pixels of an image is of the key, and an image that is gone is missed."""

import shutil

import pydicom
import pytest

from hardcheck.audit import Against
from hardcheck.library import load_protocol
from hardcheck.store import Bin
from tests.audit.archives import ROOT, Here, rows, run


@pytest.fixture
def archive(tmp_path):
    """One plan with its CT, and the run over it."""
    root = tmp_path / "archive"
    shutil.copytree(ROOT / "sample_data" / "thigh", root)
    workers = Here()
    done = audited(root, workers)
    assert done.account.found == 1
    (task,) = workers.tasks
    assert len(task.images) > 30
    assert all(path.startswith("CT.") for path in task.images)
    return root, task, done


def audited(root, workers):
    return run(root, root.with_name("audit.db"), workers, Against((load_protocol("hard"),)))


def test_the_same_images_are_the_same_evaluation(archive):
    root, _, done = archive
    again = Here()
    assert audited(root, again).account == done.account
    assert again.tasks == []


@pytest.mark.parametrize("keyword", ["SliceThickness", "PatientID"])
def test_an_image_of_another_header_is_another_evaluation(archive, keyword):
    root, task, done = archive
    dataset = pydicom.dcmread(root / task.images[3])
    setattr(dataset, keyword, "5")
    dataset.save_as(root / task.images[3])
    again = Here()
    second = audited(root, again)
    (came,) = again.dones
    assert came.entry is not None
    before, after = (rows(root.with_name("audit.db"), each.run)["RP.dcm"] for each in (done, second))
    assert before.key != after.key == came.key


def test_an_image_that_is_gone_is_another_evaluation(archive):
    root, task, done = archive
    (root / task.images[3]).unlink()
    again = Here()
    second = audited(root, again)
    (came,) = again.dones
    assert came.entry is not None
    assert done.account.counts[Bin.UNREADABLE] == second.account.counts[Bin.UNREADABLE] == 0
