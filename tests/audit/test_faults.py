"""Each fault of the generator on its own: the bin that the plan is counted in, and what is said of it."""

import re
from collections import Counter

import pytest

from benchmarks.archive_faults import FAULTS
from hardcheck.store import Bin
from tests.audit.archives import generated, rows, run

WANTED = {
    "structures cut short": [(Bin.UNREADABLE, "RTSTRUCT .* cut short or damaged")],
    "dose cut short": [(Bin.UNREADABLE, "RTDOSE .* cut short or damaged")],
    "plan cut short": [(Bin.UNREADABLE, "cut short or damaged")],
    "no dose": [(Bin.UNLINKED, "no RTDOSE in the archive refers to the RTPLAN")],
    "no structures": [(Bin.UNLINKED, "its RTSTRUCT .* is not in the archive")],
    "no plan": [(Bin.UNLINKED, "a dose is of the RTPLAN .*, which is not in the archive")],
    "a pointer for a plan": [
        (Bin.UNREADABLE, "pointer.*: it may have been a plan"),
        (Bin.UNLINKED, "a dose is of the RTPLAN .*, which is not in the archive"),
    ],
    "copied": [(Bin.PASSED, None), (Bin.DUPLICATE, "the same object as")],
    "one UID, two contents": [(Bin.UNLINKED, "its RTDOSE has one UID and different contents")],
    "relative dose": [(Bin.REVIEW, None)],
    "dose of another patient": [(Bin.REVIEW, None)],
    "ambiguous names": [(Bin.REVIEW, None)],
    "organ not contoured": [(Bin.REVIEW, None)],
    "no target": [(Bin.NO_PROTOCOL, "no target of level Rx is contoured")],
    "another fractionation": [(Bin.NO_PROTOCOL, "7 fractions")],
    "two doses": [(Bin.UNREADABLE, "2 different doses of the whole plan")],
    "a text beside it": [(Bin.PASSED, None)],
}
"""What is counted of one plan, and what the reason has to say; None where there is an evaluation and no reason."""


def test_every_fault_is_looked_at():
    assert WANTED.keys() == FAULTS.keys()


@pytest.mark.parametrize("fault", WANTED)
def test_a_fault_alone_has_its_bin_and_its_reason(tmp_path, monkeypatch, fault):
    root, where = tmp_path / "archive", tmp_path / "audit.db"
    generated(root, 1, monkeypatch, fault)
    audited = run(root, where)
    found = sorted(rows(where, audited.run).values(), key=lambda row: list(Bin).index(row.bin))
    wanted = sorted(WANTED[fault], key=lambda each: list(Bin).index(each[0]))
    assert [Bin(row.bin) for row in found] == [each for each, _ in wanted]
    for row, (_, reason) in zip(found, wanted, strict=True):
        if reason is None:
            assert row.reason is None
            assert row.key
        else:
            assert row.key is None
            assert re.search(reason, row.reason), row.reason
    assert audited.account.closes
    assert audited.account.found == len(wanted)
    assert {each: n for each, n in audited.account.counts.items() if n} == Counter(each for each, _ in wanted)


def test_reasons_name_no_patient(tmp_path):
    """The generator's patients are called Synthetic^ARCHIVE-…; its files are not named after them."""
    root, where = tmp_path / "archive", tmp_path / "audit.db"
    generated(root, len(FAULTS), faulty=1.0)
    reasons = [row.reason for row in rows(where, run(root, where).run).values() if row.reason]
    assert len(reasons) == sum(reason is not None for wanted in WANTED.values() for _, reason in wanted)
    assert not [reason for reason in reasons if "Synthetic" in reason or "ARCHIVE-" in reason]
