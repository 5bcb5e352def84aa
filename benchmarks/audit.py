"""An audit of a generated archive: plans per second, memory, scaling, beside a plain loop over dicompyler-core.

python -m benchmarks.audit --plans 10000
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing import active_children
from pathlib import Path
from statistics import median
from typing import Any, Final

import pydicom

from benchmarks.archive import generate
from benchmarks.archive_plan import PROTOCOL
from benchmarks.results import machine, table, write_section
from hardcheck.audit import Against, Audited, Index, LocalWorkers, Progress, audit, known_index
from hardcheck.library import load_protocol
from hardcheck.second_opinion.dicompyler import get_dvh
from hardcheck.store import Bin, Store

_OUTCOMES: Final = {
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
_BESIDE: Final[dict[str, list[Bin]]] = {
    "copied": [Bin.DUPLICATE],
    "no plan": [Bin.UNLINKED],
    "a pointer for a plan": [Bin.UNREADABLE, Bin.UNLINKED],
}
"""What is counted beside a plan with that fault, or in its place."""
_SETTLED: Final = 20
"""Plans after which a process is taken to have loaded all that it needs."""


@dataclass
class Watch(Progress):
    """When the evaluations begin and end, and the memory of each process after each plan."""

    begin: float = 0.0
    end: float = 0.0
    settled_mb: dict[int, float] = field(default_factory=dict)
    last_mb: dict[int, float] = field(default_factory=dict)
    peak_mb: dict[int, float] = field(default_factory=dict)
    plans: int = 0

    def begun(self, *_: object) -> None:
        """Start the clock."""
        self.begin = time.perf_counter()

    def plan(self, *_: object) -> None:
        """Look at the memory after every tenth."""
        self.plans += 1
        if self.plans % 10:
            return
        for process in active_children():
            if process.pid is None or (found := _memory_mb(process.pid)) is None:
                continue
            now, peak = found
            if self.plans >= _SETTLED * len(active_children()):
                self.settled_mb.setdefault(process.pid, now)
            self.last_mb[process.pid] = now
            self.peak_mb[process.pid] = peak

    def finished(self, *_: object) -> None:
        """Stop the clock."""
        self.end = time.perf_counter()

    @property
    def rate(self) -> float:
        """Plans per second, with the start of the processes."""
        return self.plans / (self.end - self.begin)


def _memory_mb(pid: int) -> tuple[float, float] | None:
    """What a process holds, and the most that it held."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines()
    except OSError:
        return None
    values = dict(line.split(":", 1) for line in lines if ":" in line)
    if "VmRSS" not in values or "VmHWM" not in values:
        return None
    now, peak = (float(values[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return now, peak


def one_run(root: Path, where: Path, jobs: int) -> tuple[Audited, Watch]:
    """A first run over the archive."""
    watch, workers = Watch(), LocalWorkers(jobs)
    against = Against((load_protocol(PROTOCOL),), named=False)
    with Store(where) as store:
        return audit(root, against, store, workers, pool=workers.pool, progress=watch), watch


def hold(manifest: Mapping[str, Any], root: Path, where: Path, done: Audited) -> str:
    """What the manifest says against what is counted; ends the program where one plan differs."""
    with Store(where) as store:
        index = known_index(store, str(root.resolve()))
        bins = _bins(store, done.run)
    wanted = {plan["uid"]: _OUTCOMES[plan["outcome"]] for plan in manifest["plans"] if plan["uid"]}
    found = {plan.uid: bins[plan.plan] for plan in index.linked.plans}
    counts = Counter(wanted.values())
    for plan in manifest["plans"]:
        counts.update(_BESIDE.get(plan["fault"], []))
    if found != wanted or {each: n for each, n in done.account.counts.items() if n} != counts:
        differ = sum(found.get(uid) != wanted.get(uid) for uid in found.keys() | wanted.keys())
        raise SystemExit(f"{differ} plans are not what the manifest says: {done.account}")
    return str(done.account)


def _bins(store: Store, run: int) -> dict[str, Bin]:
    from sqlalchemy import select  # noqa: PLC0415 - as hardcheck.store, an extra

    from hardcheck.store.schema import RESULTS  # noqa: PLC0415

    with store.reading() as connection:
        rows = connection.execute(select(RESULTS.c.path, RESULTS.c.bin).where(RESULTS.c.run_id == run))
        return {row.path: Bin(row.bin) for row in rows}


def dicompyler_rate(root: Path, index: Index, most: int) -> tuple[int, float]:
    """Plans and plans per second of a plain loop: each file is read once, then `get_dvh` for each ROI."""
    done, seconds = 0, 0.0
    for plan in index.linked.plans:
        if done == most:
            break
        if not plan.is_complete or len(plan.doses) > 1:
            continue
        begin = time.perf_counter()
        structures, dose = pydicom.dcmread(root / plan.structures), pydicom.dcmread(root / plan.doses[0])
        if dose.DoseUnits != "GY":
            continue
        for roi in structures.StructureSetROISequence:
            get_dvh(structures, dose, roi.ROINumber)
        seconds += time.perf_counter() - begin
        done += 1
    return done, done / seconds


def measure(plans: int, single: int, loop: int) -> str:
    """The section of RESULTS.md."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "archive")
        manifest = generate(root, plans)
        done, two = one_run(root, Path(folder, "two.db"), 2)
        account = hold(manifest, root, Path(folder, "two.db"), done)
        begin = time.perf_counter()
        again, _ = one_run(root, Path(folder, "two.db"), 2)
        seconds = time.perf_counter() - begin
        small = Path(folder, "small")
        fewer = generate(small, single, seed=2)
        done_one, one = one_run(small, Path(folder, "one.db"), 1)
        hold(fewer, small, Path(folder, "one.db"), done_one)
        with Store(Path(folder, "two.db")) as store:
            index = known_index(store, str(root.resolve()))
        count, rate = dicompyler_rate(root, index, loop)
        size_mb = Path(folder, "two.db").stat().st_size / 1e6
    own_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = [
        ("hardcheck, 1 process", one.plans, f"{one.rate:.1f}", f"{one.rate:.1f}", f"{one.rate / rate:.2f}"),
        ("hardcheck, 2 processes", two.plans, f"{two.rate:.1f}", f"{two.rate / 2:.1f}", f"{two.rate / rate:.2f}"),
        ("dicompyler-core, a loop", count, f"{rate:.1f}", f"{rate:.1f}", "1"),
    ]
    head = ("", "plans", "plans per second", "per process", "beside the loop")
    grown = [two.last_mb[pid] - settled for pid, settled in two.settled_mb.items() if pid in two.last_mb]
    memory = [
        ("peak of a process", f"{max(two.peak_mb.values()):.0f} MB"),
        (f"growth of a process from its {_SETTLED}th plan to its last, median", f"{median(grown):.0f} MB"),
        ("peak of the program that counts, with generator and loop", f"{own_mb:.0f} MB"),
        ("store", f"{size_mb:.0f} MB"),
    ]
    said = (
        f"An archive of {plans} generated plans, 5 % of them faulty; every outcome is that of its manifest: {account}. "
        "Of each plan hardcheck reads all files, evaluates goals with intervals, and stores values and curves; the "
        "loop computes one DVH of each of its five ROIs and keeps nothing. Times are with the start of the processes."
    )
    also = (
        f"From 1 to 2 processes: {two.rate / one.rate:.2f} times as fast. The same command again, with nothing new: "
        f"{again.evaluated} plans evaluated (those that were refused), {seconds:.1f} s."
    )
    parts = ("## Audit", machine(), said, table(head, rows), also, table(("memory, 2 processes", ""), memory))
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plans", type=int, default=10_000)
    parser.add_argument("--single", type=int, help="plans of the run with one process, a fifth where it is not given")
    parser.add_argument("--loop", type=int, default=200, help="plans of the loop over dicompyler-core")
    parser.add_argument("--print", action="store_true", help="leave RESULTS.md alone")
    given = parser.parse_args()
    text = measure(given.plans, given.single or max(given.plans // 5, 50), given.loop)
    print(text)
    if not given.print:
        write_section("audit", text)


if __name__ == "__main__":
    main()
