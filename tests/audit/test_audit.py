"""An archive of two thousand plans, 5 % of them faulty: what is counted is what its manifest says."""

import pytest

from benchmarks.archive_faults import FAULTS
from hardcheck.audit import LocalWorkers
from hardcheck.store import Bin
from tests.audit.archives import bins_by_uid, generated, rows, run, wanted_bins

PLANS = 2000


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """The archive, its manifest, the store, and the one run that is made of it."""
    folder = tmp_path_factory.mktemp("audit")
    manifest = generated(folder / "archive", PLANS)
    workers = LocalWorkers(2)
    return folder, manifest, run(folder / "archive", folder / "audit.db", workers, pool=workers.pool)


def test_the_outcome_of_every_plan_is_that_of_the_manifest(audited):
    folder, manifest, done = audited
    by_uid, _ = wanted_bins(manifest)
    assert bins_by_uid(folder / "audit.db", folder / "archive", done.run) == by_uid
    assert {plan["fault"] for plan in manifest["plans"]} == {"", *FAULTS}


def test_the_account_closes_and_counts_nothing_twice(audited):
    folder, manifest, done = audited
    _, counts = wanted_bins(manifest)
    assert done.account.counts == counts
    assert done.account.found == sum(counts.values())
    assert len(rows(folder / "audit.db", done.run)) == done.account.found
    assert all(counts[each] for each in Bin)


def test_every_file_is_in_the_bin_of_the_manifest(audited):
    _, manifest, done = audited
    assert sum(done.files.values()) == len(manifest["files"])
    for each, count in done.files.items():
        assert count == list(manifest["files"].values()).count(str(each)), each
