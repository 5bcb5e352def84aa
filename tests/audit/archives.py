"""Archives that are generated, and what a run of one leaves in its store."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pydicom
from sqlalchemy import select

from benchmarks import archive
from benchmarks.archive_plan import PROTOCOL
from hardcheck.audit import Against, audit, evaluate_task, known_index
from hardcheck.library import load_protocol
from hardcheck.store import Bin, Store
from hardcheck.store.schema import EVALUATIONS, RESULTS

ROOT = Path(__file__).parents[2]

BINS = {
    "PASS": Bin.PASSED,
    "VARIATION": Bin.VARIATION,
    "FAIL": Bin.FAILED,
    "REVIEW": Bin.REVIEW,
    "REFUSED": Bin.UNREADABLE,
    "unreadable": Bin.UNREADABLE,
    "unlinked": Bin.UNLINKED,
    "conflict": Bin.UNLINKED,
    "no protocol": Bin.NO_PROTOCOL,
}
"""The bin of a plan by the outcome that the manifest says."""

BESIDE = {
    "copied": {Bin.DUPLICATE: 1},
    "no plan": {Bin.UNLINKED: 1},
    # The pointer may have been a plan, and the dose is of one that is not there.
    "a pointer for a plan": {Bin.UNREADABLE: 1, Bin.UNLINKED: 1},
}
"""What is counted beside the plan, or in place of it where nothing of its RTPLAN is left."""


@dataclass
class Here:
    """Workers that are this very process, and the tasks and answers that they had."""

    tasks: list = field(default_factory=list)
    dones: list = field(default_factory=list)

    def run(self, tasks):
        for task in tasks:
            self.tasks.append(task)
            self.dones.append(evaluate_task(task))
            yield self.dones[-1]


def protocol():
    return load_protocol(PROTOCOL)


def run(root, where, workers=None, against=None, **options):
    """One run over the archive in `root` into the store `where`."""
    with Store(where, anonymous=options.pop("anonymous", None)) as store:
        against = against or Against((protocol(),), named=False)
        return audit(root, against, store, workers or Here(), **options)


def generated(folder, plans, monkeypatch=None, fault=None, **options):
    """An archive with its manifest; with a `fault`, every plan has it."""
    if fault is not None:
        monkeypatch.setattr(archive, "_drawn_faults", lambda _random, count, _faulty: [fault] * count)
    return archive.generate(folder, plans, **options)


def sound(folder):
    """`folder` with the files of one plan that passes, called RP.dcm, RS.dcm and RD.dcm."""
    made = folder.with_name(f"{folder.name} as generated")
    (plan,) = archive.generate(made, 1, seed=1, faulty=0)["plans"]
    assert plan["outcome"] == "PASS"
    folder.mkdir()
    for path in [path for path in made.rglob("*") if path.is_file()]:
        modality = pydicom.dcmread(path, stop_before_pixels=True).Modality
        path.rename(folder / {"RTPLAN": "RP.dcm", "RTSTRUCT": "RS.dcm", "RTDOSE": "RD.dcm"}[modality])
    return folder


def rows(where, number):
    """The rows of a run: bin, reason and key by the path."""
    query = select(RESULTS.c.path, RESULTS.c.bin, RESULTS.c.reason, EVALUATIONS.c.key)
    query = query.select_from(RESULTS.outerjoin(EVALUATIONS)).where(RESULTS.c.run_id == number)
    with Store(where) as store, store.reading() as connection:
        found = connection.execute(query).all()
    assert len({row.path for row in found}) == len(found)
    return {row.path: row for row in found}


def bins_by_uid(where, root, number):
    """The bin of each RTPLAN that is in the archive, by its UID."""
    with Store(where) as store:
        index = known_index(store, str(root.resolve()))
    stored = rows(where, number)
    return {plan.uid: Bin(stored[plan.plan].bin) for plan in index.linked.plans}


def wanted_bins(manifest):
    """What the manifest says of each RTPLAN by its UID, and how many plans are to be in each bin."""
    by_uid = {plan["uid"]: BINS[plan["outcome"]] for plan in manifest["plans"] if plan["uid"]}
    counts = Counter(by_uid.values())
    for plan in manifest["plans"]:
        counts.update(BESIDE.get(plan["fault"], {}))
    return by_uid, {each: counts[each] for each in Bin}
