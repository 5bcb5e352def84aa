"""One run over an archive: every plan that is found gets into exactly one bin of the store."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any, Final

from hardcheck import __version__
from hardcheck.archive import Bin as FileBin
from hardcheck.archive import Obstacle, Stamp
from hardcheck.audit.against import Against
from hardcheck.audit.index import Index, index_archive
from hardcheck.audit.pool import Pool
from hardcheck.audit.progress import Progress
from hardcheck.audit.task import AuditTerms, Done, Task
from hardcheck.audit.workers import Workers
from hardcheck.dicom import Header
from hardcheck.store import Account, Bin, PlanFacts, Store

SAVED: Final = 100
"""Plans after which the checksums of their files are stored; without them a plan is read again to know it."""

_PLAN: Final = "RTPLAN"
_OF_A_PLAN: Final = {
    FileBin.CONFLICT: Bin.UNLINKED,
    FileBin.UNREADABLE: Bin.UNREADABLE,
    FileBin.UNLINKED: Bin.UNLINKED,
}


@dataclass(frozen=True, slots=True)
class Audited:
    """A run that has ended: its number in the store, its account, the bins of all files, what was not looked at."""

    run: int
    account: Account
    files: Mapping[FileBin, int]
    obstacles: tuple[Obstacle, ...]
    evaluated: int
    """Plans that a worker was given; the others were known or set aside."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """The plans of an archive as the run counts them, each by one path: in the end, and those to be evaluated."""

    aside: Mapping[str, tuple[Bin, str]]
    tasks: Mapping[str, Task]

    @property
    def found(self) -> int:
        """How many plans there are."""
        return len(self.aside) + len(self.tasks)


def audit(
    root: Path,
    against: Against,
    store: Store,
    workers: Workers,
    terms: AuditTerms | None = None,
    *,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> Audited:
    """Evaluate what is not known of the archive in `root`, and count all of it in a new run of `store`.

    `pool` reads headers. InputError where there is no such folder, StoreError where the store fails: what was
    stored stays, and the same call goes on.
    """
    progress, terms = progress or Progress(), terms or AuditTerms()
    index = index_archive(root, store, pool or Pool(1), progress)
    plans = sort_plans(index, against, terms, anonymous=store.anonymous)
    progress.indexed(index.linked, plans.found)
    for content in against.files:
        store.put_protocol(content)
    run = store.begin(
        index.archive,
        found=plans.found,
        settings=_settings(against, terms) | ({} if store.anonymous else {"index": index.fingerprint}),
        started=_now(),
    )
    store.set_aside(run, plans.aside)
    known, remaining = _known(index, plans.tasks, store)
    store.reuse(run, {path: key for path, (key, _) in known.items()})
    counts = Counter([*(where for where, _ in plans.aside.values()), *(where for _, where in known.values())])
    progress.begun(run, counts, len(remaining))
    _Counting(index, store, run, progress).count(workers, remaining)
    account = store.finish(run, _now())
    progress.finished(account)
    return Audited(run, account, index.linked.account, index.obstacles, len(remaining))


def sort_plans(index: Index, against: Against, terms: AuditTerms, *, anonymous: bool) -> Sorted:
    """Every plan of the archive in one of two heaps: what has no evaluation and why, and what may have one."""
    aside = dict(chain(_beside(index), _missing(index)))
    tasks: dict[str, Task] = {}
    for plan in index.linked.plans:
        if not plan.is_complete:
            aside[plan.plan] = (_OF_A_PLAN[plan.bin], plan.reason)
            continue
        protocol, regimen, reason = against.of(plan)
        if protocol is None:
            aside[plan.plan] = (Bin.NO_PROTOCOL, reason)
            continue
        tasks[plan.plan] = Task(
            path=plan.plan,
            uid=plan.uid,
            root=index.archive,
            files=plan.files,
            images=plan.images,
            protocol=protocol,
            regimen=regimen,
            terms=terms,
            facts=facts_of(plan.header),
            anonymous=anonymous,
        )
    return Sorted(aside, tasks)


def facts_of(header: Header) -> PlanFacts:
    """What the header of an RTPLAN says of machine, planner and day."""
    return PlanFacts.of(header.machines, header.planner, header.made)


def _beside(index: Index) -> Iterator[tuple[str, tuple[Bin, str]]]:
    """Further copies of an RTPLAN, and what cannot be read and may have been a plan or of one that is not told."""
    told, lost = {plan.plan for plan in index.linked.plans}, set(index.linked.lost)
    for place in index.linked.places:
        header = index.files[place.path].header
        if place.bin is FileBin.DUPLICATE and header.kind == _PLAN:
            yield place.path, (Bin.DUPLICATE, place.reason)
        elif place.bin is not FileBin.UNREADABLE or place.path in told:
            continue
        elif not header.kind:
            yield place.path, (Bin.UNREADABLE, f"{place.reason}: it may have been a plan")
        elif header.kind == _PLAN:
            yield place.path, (Bin.UNREADABLE, f"{place.reason}: there is another file of the RTPLAN {header.uid}")
        elif place.path in lost:
            yield place.path, (Bin.UNREADABLE, f"{place.reason}: which plan this {header.kind} is of is not known")


def _missing(index: Index) -> Iterator[tuple[str, tuple[Bin, str]]]:
    """RTPLANs that are not there and that doses are of, each under the path of its first dose."""
    told = {plan.uid for plan in index.linked.plans}
    names = set(index.files)
    for path, file in index.files.items():
        for number, uid in enumerate(uid for uid in dict.fromkeys(file.header.plans) if uid not in told):
            told.add(uid)
            # One dose may be the first of several plans, and a file may have any name.
            name = f"{path}#{uid}" if number else path
            while number and name in names:
                name += "#"
            names.add(name)
            yield name, (Bin.UNLINKED, f"a dose is of the RTPLAN {uid}, which is not in the archive")


def _known(index: Index, tasks: Mapping[str, Task], store: Store) -> tuple[dict[str, tuple[str, Bin]], list[Task]]:
    """Key and bin of the tasks whose evaluation is stored, as far as their files are known; and all other tasks."""
    keys = {
        path: task.key(index.sha256)
        for path, task in tasks.items()
        if all(file in index.sha256 for file in (*task.files, *task.images))
    }
    stored = store.known(keys.values())
    known = {path: (key, stored[key]) for path, key in keys.items() if key in stored}
    remaining = [task for path, task in sorted(tasks.items()) if path not in known]
    of_paths, of_uids = store.keys(index.archive) if remaining else ({}, {})
    return known, [
        replace(task, stored=(*of_paths.get(store.path_of(task.path), ()), *of_uids.get(task.uid, ())))
        for task in remaining
    ]


@dataclass(slots=True)
class _Counting:
    """What comes from the workers goes into the store: each plan one transaction."""

    index: Index
    store: Store
    run: int
    progress: Progress

    def count(self, workers: Workers, tasks: list[Task]) -> None:
        """Evaluate and count `tasks`."""
        fresh: set[str] = set()
        plans = 0
        try:
            with closing(_closable(workers.run(tasks))) as dones:
                for answer in dones:
                    done = self._of_the_index(answer)
                    with _whole():
                        where = self._put(done)
                    fresh |= self._noted(done)
                    plans += 1
                    if plans % SAVED == 0:
                        self._save(fresh)
                    self.progress.plan(done.path, where, done.reason)
        finally:
            self._save(fresh)

    def _of_the_index(self, done: Done) -> Done:
        """It, unless a file of it changed since its header was read: of that header are its links and its protocol."""
        changed = [path for path in sorted(done.sha256) if not self._is_as_found(path)]
        if not changed:
            return done
        return Done(done.path, bin=Bin.UNREADABLE, reason=f"{changed[0]} changed while the audit ran; run it again")

    def _is_as_found(self, path: str) -> bool:
        try:
            now = Path(self.index.archive, path).stat()
        except OSError:
            return False
        return Stamp(path, now.st_size, now.st_mtime_ns) == self.index.stamps[path]

    def _put(self, done: Done) -> Bin:
        if done.entry is None and not done.key:
            where = done.bin or Bin.UNREADABLE
            self.store.set_aside(self.run, {done.path: (where, done.reason)})
            return where
        stored = self.store.known([done.key])
        if done.key in stored:
            # Files that were moved: what is stored may name them as they were.
            self.store.reuse(self.run, {done.path: done.key})
            return stored[done.key]
        if done.entry is None:
            raise AssertionError("a worker relied on a key that is not stored")
        self.store.put(self.run, done.path, done.entry)
        return done.entry.bin

    def _noted(self, done: Done) -> set[str]:
        self.index.sha256.update(done.sha256)
        return set(done.sha256)

    def _save(self, paths: set[str]) -> None:
        if paths:
            with _whole():
                self.store.put_files(self.index.archive, self.index.rows(sorted(paths)))
            paths.clear()


@contextmanager
def _whole() -> Iterator[None]:
    """What is done here is done whole: Ctrl-C is heard at its end. Only the first thread hears it at all."""
    if current_thread() is not main_thread() or (before := signal.getsignal(signal.SIGINT)) is None:
        yield
        return
    heard: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if heard:
        raise KeyboardInterrupt


def _closable(dones: Iterator[Done]) -> Any:
    """A generator, so that it can be closed whatever the workers give."""
    return (done for done in dones) if not hasattr(dones, "close") else dones


def _settings(against: Against, terms: AuditTerms) -> dict[str, Any]:
    protocols = [{"id": p.id, "version": p.version, "sha256": p.sha256} for p in against.protocols]
    asked = {"auto": not against.named, "regimen": against.regimen, "protocols": protocols}
    return {**asked, **terms.as_settings(), "version": __version__}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
