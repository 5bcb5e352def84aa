"""The generated archive: what links, matching and evaluation say of it is what its manifest says."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.archive import generate, index
from benchmarks.archive_faults import FAULTS
from benchmarks.archive_plan import PROTOCOL
from hardcheck.archive import Bin, choose_protocol, link
from hardcheck.dicom import read_plan
from hardcheck.errors import InputError
from hardcheck.evaluation import evaluate
from hardcheck.library import load_protocol

PLANS = 60


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    root = tmp_path_factory.mktemp("generated") / "archive"
    return root, generate(root, PLANS, seed=3, faulty=0.5)


@pytest.fixture(scope="module")
def linked(archive):
    root, _ = archive
    return link(index(root))


def test_every_kind_of_fault_is_there(archive):
    _, manifest = archive
    counts = Counter(plan["fault"] for plan in manifest["plans"])
    assert counts.keys() == {"", *FAULTS}
    assert counts[""] == PLANS // 2
    outcomes = {plan["outcome"] for plan in manifest["plans"]}
    assert {"PASS", "VARIATION", "FAIL", "REVIEW", "REFUSED", "no protocol", "conflict", "unreadable", ""} < outcomes


def test_every_file_is_in_the_bin_that_was_meant(archive, linked):
    _, manifest = archive
    assert {place.path: str(place.bin) for place in linked.places} == manifest["files"]
    assert sum(linked.account.values()) == len(manifest["files"])


def test_every_plan_is_there_once_and_complete_as_was_meant(archive, linked):
    _, manifest = archive
    said = {
        plan["uid"]: "plan" if plan["outcome"].isupper() or plan["outcome"] == "no protocol" else plan["outcome"]
        for plan in manifest["plans"]
        if plan["uid"]
    }
    assert {plan.uid: str(plan.bin) for plan in linked.plans} == said
    assert len(linked.plans) == len(said)
    assert any(len(plan.doses) > 1 and plan.is_complete for plan in linked.plans)
    shared = Counter(plan.structures for plan in linked.plans if plan.is_complete)
    assert max(shared.values()) > 1


def test_the_outcome_of_every_plan_is_that_of_the_manifest(archive, linked):
    root, manifest = archive
    protocol = load_protocol(str(PROTOCOL))

    def outcome(plan):
        chosen = choose_protocol(plan.header, plan.rois, [protocol]).chosen
        if chosen is None:
            return "no protocol"
        try:
            read = read_plan([root / path for path in plan.files])
        except InputError:
            return "REFUSED"
        return str(evaluate(read, chosen.protocol, regimen=chosen.regimen.id).verdict)

    found = {plan.uid: outcome(plan) for plan in linked.plans if plan.is_complete}
    wanted = {plan["uid"]: plan["outcome"] for plan in manifest["plans"] if plan["uid"] in found}
    assert found == wanted


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(tmp_path):
    one, same, other = (generate(tmp_path / name, 20, seed, 1.0) for name, seed in (("a", 1), ("b", 1), ("c", 2)))
    assert one == same != other
    for name in one["files"]:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_few_faults_are_five_in_a_hundred(tmp_path):
    manifest = generate(tmp_path / "archive", 40)
    assert sum(bool(plan["fault"]) for plan in manifest["plans"]) == 2


def test_bins_are_named_as_in_the_manifest(archive):
    _, manifest = archive
    assert set(manifest["files"].values()) <= set(Bin)
