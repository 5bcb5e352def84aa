"""The same archive a second time: what is known is not computed again, and what has changed is."""

import os
import shutil
from collections import Counter
from dataclasses import replace

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import RTPlanStorage

from hardcheck.audit import Against, AuditTerms, evaluate_task, known_index
from hardcheck.audit import index as index_module
from hardcheck.audit import task as task_module
from hardcheck.dicom import read_header
from hardcheck.errors import InputError
from hardcheck.evaluation import evaluate
from hardcheck.store import Bin, Store, export_csv
from tests.audit.archives import Here, generated, protocol, rows, run, wanted_bins

PLANS = 40


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """An archive of which a quarter is faulty, and a store with one run of it."""
    folder = tmp_path_factory.mktemp("again")
    manifest = generated(folder / "archive", PLANS, seed=3, faulty=0.25)
    workers = Here()
    return folder, manifest, workers, run(folder / "archive", folder / "audit.db", workers)


@pytest.fixture
def copy(first, tmp_path):
    """The archive and the store at the same path each, so that the store knows it; put back afterwards."""
    folder, *_ = first
    shutil.copytree(folder, tmp_path / "saved")
    yield folder / "archive", folder / "audit.db"
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "saved", folder, copy_function=shutil.copy2)


def without_evaluation(workers):
    """The plans that a worker refused: they are tried each time, since what refused them may have passed."""
    return {done.path for done in workers.dones if done.entry is None}


def test_the_second_run_evaluates_nothing(first):
    folder, manifest, before, done = first
    again = Here()
    second = run(folder / "archive", folder / "audit.db", again)
    assert {task.path for task in again.tasks} == without_evaluation(before)
    assert len(again.tasks) < len(before.tasks) / 10
    assert second.account == done.account
    assert rows(folder / "audit.db", second.run) == rows(folder / "audit.db", done.run)
    assert second.account.counts == wanted_bins(manifest)[1]


def test_only_headers_that_could_not_be_read_are_read_again(first, monkeypatch):
    folder, *_ = first
    root = folder / "archive"
    asked = []
    original = index_module._read
    monkeypatch.setattr(index_module, "_read", lambda *given: asked.extend(given[-1]) or original(*given))
    run(root, folder / "audit.db")
    problems = {path: read_header(root / path) for path in asked}
    assert problems
    assert all(header.problem and not header.is_foreign for header in problems.values())


def test_the_plans_of_a_changed_file_alone_are_evaluated_again(first, copy):
    """A structure set that several plans share, whose cord gets a name that is no alias: what is known is the old."""
    _, _, before, _ = first
    root, where = copy
    refused = without_evaluation(before)
    shared = Counter(task.files[1] for task in before.tasks if task.path not in refused)
    path, plans = shared.most_common(1)[0]
    assert plans > 1
    dataset = pydicom.dcmread(root / path)
    (cord,) = (roi for roi in dataset.StructureSetROISequence if roi.ROIName == "SpinalCord")
    cord.ROIName = "zzz"
    dataset.save_as(root / path)
    again = Here()
    third = run(root, where, again)
    changed = {task.path for task in before.tasks if task.files[1] == path}
    assert {task.path for task in again.tasks} == changed | refused
    found = rows(where, third.run)
    assert {found[path].bin for path in changed} == {Bin.REVIEW}


def test_a_file_that_was_touched_is_read_and_its_plan_not_computed(first, copy):
    _, _, before, done = first
    root, where = copy
    refused = without_evaluation(before)
    one = next(task for task in before.tasks if task.path not in refused)
    os.utime(root / one.files[-1], ns=(1, 1))
    again = Here()
    third = run(root, where, again)
    (came,) = (done for done in again.dones if done.path not in refused)
    assert came.entry is None
    assert came.key == rows(where, done.run)[one.path].key
    assert third.account == done.account


def test_an_archive_that_was_moved_is_not_computed_again(first, tmp_path):
    folder, _, before, done = first
    shutil.copytree(folder / "archive", tmp_path / "moved")
    again = Here()
    third = run(tmp_path / "moved", folder / "audit.db", again)
    assert len(again.tasks) == len(before.tasks)
    assert [done for done in again.dones if done.entry is not None] == []
    assert rows(folder / "audit.db", third.run).keys() == rows(folder / "audit.db", done.run).keys()
    assert third.account == done.account


def test_a_file_that_is_gone_is_forgotten(first, copy):
    _, _, before, done = first
    root, where = copy
    one = next(task for task in before.tasks if task.path not in without_evaluation(before))
    (root / one.path).unlink()
    third = run(root, where)
    assert third.account.found == done.account.found  # its dose is still there
    assert third.account.counts[Bin.UNLINKED] == done.account.counts[Bin.UNLINKED] + 1
    with Store(where) as store:
        assert one.path not in known_index(store, str(root.resolve())).files


def test_other_terms_are_other_evaluations(first):
    folder, _, before, done = first
    again = Here()
    run(folder / "archive", folder / "audit.db", again, terms=AuditTerms(end_caps="none"))
    entries = [each for each in again.dones if each.entry is not None]
    assert len(entries) == len(before.tasks) - len(without_evaluation(before))
    assert not {each.key for each in entries} & {row.key for row in rows(folder / "audit.db", done.run).values()}


def test_a_named_protocol_is_for_all_plans(first, tmp_path):
    folder, manifest, *_ = first
    done = run(folder / "archive", tmp_path / "audit.db", against=Against((protocol(),)))
    wanted = dict(wanted_bins(manifest)[1])
    # Named by a person, it is held against plans without a target too.
    targetless = sum(plan["fault"] == "no target" for plan in manifest["plans"])
    wanted[Bin.NO_PROTOCOL] -= targetless
    wanted[Bin.REVIEW] += targetless
    assert done.account.counts == wanted


def test_a_regimen_that_is_named_is_for_all_plans(first, tmp_path):
    folder, *_ = first
    workers = Here()
    run(folder / "archive", tmp_path / "audit.db", workers, against=Against((protocol(),), regimen="20fx"))
    assert {done.entry.evaluation["regimen"] for done in workers.dones if done.entry} == {"20fx"}


def test_an_anonymous_store_names_nobody_and_is_not_computed_again(first, tmp_path):
    folder, manifest, _, done = first
    where = tmp_path / "audit.db"
    first_run = run(folder / "archive", where, anonymous=True)
    assert first_run.account == done.account
    again = Here()
    second = run(folder / "archive", where, again)
    assert [each for each in again.dones if each.entry is not None] == []
    assert second.account == done.account
    (tmp_path / "tables").mkdir()
    with Store(where) as store:
        export_csv(store, second.run, tmp_path / "tables")
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for word in (
        b"ARCHIVE-",
        b"Synthetic",
        b"PLAN_0",
        *(plan["uid"].encode() for plan in manifest["plans"][:5] if plan["uid"]),
    ):
        assert word not in everything
    for path in list(manifest["files"])[:5]:
        assert path.rpartition("/")[2].encode() not in everything


def test_a_file_that_changes_while_it_is_read_is_no_evaluation(first, monkeypatch):
    """Its checksum is of what it was before."""
    _, _, before, _ = first
    one = next(task for task in before.tasks if task.path not in without_evaluation(before))
    original = task_module.read_plan

    def changed(paths, **options):
        plan = original(paths, **options)
        return replace(plan, sources=tuple(replace(source, sha256="00") for source in plan.sources))

    monkeypatch.setattr(task_module, "read_plan", changed)
    done = evaluate_task(one)
    assert (done.bin, done.entry) == (Bin.UNREADABLE, None)
    assert "changed while it was read" in done.reason


def test_a_defect_is_one_plan_that_is_set_aside_as_such(first, monkeypatch, tmp_path):
    folder, _, before, done = first
    one = next(task for task in before.tasks if task.path not in without_evaluation(before))

    def broken(plan, *given, **options):
        if plan.sop_instance_uid == one.uid:
            raise ZeroDivisionError("Synthetic^ARCHIVE")
        return evaluate(plan, *given, **options)

    monkeypatch.setattr(task_module, "evaluate", broken)
    second = run(folder / "archive", tmp_path / "audit.db")
    row = rows(tmp_path / "audit.db", second.run)[one.path]
    assert row.bin == Bin.UNREADABLE
    assert row.reason.startswith("this is a defect of hardcheck: ZeroDivisionError at hardcheck/audit/task.py")
    assert "Synthetic" not in row.reason
    assert second.account.found == done.account.found
    assert second.account.counts[Bin.UNREADABLE] == done.account.counts[Bin.UNREADABLE] + 1


def test_no_folder_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        run(tmp_path / "nowhere", tmp_path / "audit.db")


def test_a_folder_without_plans_is_an_account_of_none(tmp_path):
    (tmp_path / "archive").mkdir()
    done = run(tmp_path / "archive", tmp_path / "audit.db")
    assert (done.account.found, done.account.counted, done.account.closes) == (0, 0, True)


def test_one_dose_of_several_plans_that_are_not_there_counts_each(tmp_path, monkeypatch):
    root = tmp_path / "archive"
    generated(root, 1, monkeypatch, "no plan")
    (path,) = (path for path in root.rglob("*") if path.is_file() and read_header(path).kind == "RTDOSE")
    dataset = pydicom.dcmread(path)
    other = Dataset()
    other.ReferencedSOPClassUID, other.ReferencedSOPInstanceUID = RTPlanStorage, "1.2.3.4.5"
    dataset.ReferencedRTPlanSequence.append(other)
    dataset.save_as(path)
    done = run(root, tmp_path / "audit.db")
    assert done.account.counts[Bin.UNLINKED] == done.account.found == 2
