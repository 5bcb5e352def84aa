"""Processes that work on items one at a time, and may die: each item gets exactly one answer.

Each process has a pipe of its own and no lock that it shares, so that one that is killed takes nothing with it but
the item that it had.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Final, Generic, TypeVar

from hardcheck.errors import UsageError

TRIES: Final = 3
"""How often an item is given to a process, if those before died of it."""
STARTS: Final = 5
"""How many processes in a row may end before they are ready."""

ONE_THREAD: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)
"""Read by the libraries of numerical work when they are loaded."""

_READY: Final = b"ready"

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Lost(StrEnum):
    """Why there is no answer to an item."""

    DIED = "the process that worked on it ended, each time"
    SLOW = "it took longer than a plan may take"


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    pipe: Connection
    item: Any = None
    is_busy: bool = True
    """Until it says that it is ready, too."""
    is_ready: bool = False
    until: float = float("inf")


@dataclass(slots=True)
class Pool:
    """`jobs` processes, each with at most `memory_bytes` of data (Linux; None is no limit) and `seconds` for an item.

    `again` says of an answer that the item is worth another try in a fresh process; the last answer counts.
    """

    jobs: int
    memory_bytes: int | None = None
    seconds: float = float("inf")
    again: Callable[[Any], bool] = field(default=lambda _: False)

    def map(self, function: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[tuple[Item, Answer | Lost]]:
        """Each item with its answer, in any order. UsageError where no process can be started.

        `function` must be importable, raise nothing, and its answers be no instance of Lost.
        """
        source = iter(items)
        first = next(source, None)
        if first is None:
            return
        with _Running(self, function, source) as running:
            running.waiting.append((first, 1))
            yield from running.answers()


class _Running(Generic[Item, Answer]):
    """The processes of one `map`."""

    def __init__(self, pool: Pool, function: Callable[[Item], Answer], source: Iterator[Item]) -> None:
        self.pool = pool
        self.function = function
        self.source = source
        self.waiting: deque[tuple[Item, int]] = deque()
        """Items with the number of their try."""
        self.workers: list[_Worker] = []
        self.failed_starts = 0

    def __enter__(self) -> _Running[Item, Answer]:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            self._end(worker)

    def answers(self) -> Iterator[tuple[Item, Answer | Lost]]:
        """All of them."""
        while self._feed():
            for worker in self._heard():
                yield from self._answer(worker)

    def _next(self) -> tuple[Item, int] | None:
        if not self.waiting and (item := next(self.source, None)) is not None:
            self.waiting.append((item, 1))
        return self.waiting.popleft() if self.waiting else None

    def _feed(self) -> bool:
        """Give every idle process an item, start processes for more; whether any is at work."""
        for worker in [each for each in self.workers if not each.is_busy]:
            self._give(worker)
        while len(self.workers) < self.pool.jobs and (given := self._next()) is not None:
            worker = self._start()
            worker.item = given
            self.workers.append(worker)
        return any(worker.item is not None for worker in self.workers)

    def _give(self, worker: _Worker) -> None:
        """To a process that is ready the item that it has, or the next one."""
        given = worker.item or self._next()
        worker.item, worker.is_busy = given, given is not None
        if given is None:
            return
        worker.until = time.monotonic() + self.pool.seconds
        with suppress(OSError):  # it has ended, which is found where it is heard
            worker.pipe.send(given[0])

    def _heard(self) -> list[_Worker]:
        """The processes that have answered, ended, or had their time."""
        busy = {worker.pipe: worker for worker in self.workers if worker.is_busy}
        left = min(worker.until for worker in busy.values()) - time.monotonic()
        ready = wait(list(busy), None if left == float("inf") else max(left, 0.0))
        now = time.monotonic()
        late = [worker for worker in busy.values() if worker.until <= now and worker.pipe not in ready]
        return [*(busy[pipe] for pipe in ready if isinstance(pipe, Connection)), *late]

    def _answer(self, worker: _Worker) -> Iterator[tuple[Item, Answer | Lost]]:
        if not worker.pipe.poll():
            yield self._lost(worker, Lost.SLOW)
            return
        try:
            answer = worker.pipe.recv()
        except (EOFError, OSError):
            yield from self._died(worker)
            return
        if not worker.is_ready:
            worker.is_ready, self.failed_starts = True, 0
            self._give(worker)
            return
        item, tries = worker.item
        worker.item, worker.is_busy, worker.until = None, False, float("inf")
        if self.pool.again(answer):
            self._drop(worker)
            if tries < TRIES:
                self.waiting.appendleft((item, tries + 1))
                return
        yield item, answer

    def _died(self, worker: _Worker) -> Iterator[tuple[Item, Answer | Lost]]:
        item, tries = worker.item
        if not worker.is_ready:
            self.failed_starts += 1
            if self.failed_starts >= STARTS:
                raise UsageError(
                    "the processes that should work end when they start",
                    do="give them more memory with --memory, or start fewer with -j",
                )
            self._drop(worker)
            self.waiting.appendleft((item, tries))
        elif tries < TRIES:
            self._drop(worker)
            self.waiting.append((item, tries + 1))
        else:
            yield self._lost(worker, Lost.DIED)

    def _lost(self, worker: _Worker, why: Lost) -> tuple[Item, Lost]:
        item, _ = worker.item
        self._drop(worker)
        return item, why

    def _drop(self, worker: _Worker) -> None:
        self.workers.remove(worker)
        self._end(worker)

    def _end(self, worker: _Worker) -> None:
        worker.pipe.close()
        worker.process.kill()
        worker.process.join()
        worker.process.close()

    def _start(self) -> _Worker:
        ours, theirs = get_context("spawn").Pipe()
        arguments = (theirs, self.function, self.pool.memory_bytes)
        process = get_context("spawn").Process(target=_work, args=arguments, daemon=True)
        with _one_thread(), _uninterrupted():
            process.start()
        theirs.close()
        return _Worker(process, ours)


@contextmanager
def _one_thread() -> Iterator[None]:
    """What is started here has one thread for its numerical libraries: there is a process for each core."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """What is started here never hears Ctrl-C, which goes to all processes of a terminal: its parent ends it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Connection, function: Callable[[Any], Any], memory_bytes: int | None) -> None:
    """Answer items until the pipe is closed, or the parent is no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if memory_bytes is not None:
        bound_memory(memory_bytes)
    pipe.send(_READY)
    with suppress(EOFError, OSError):
        while True:
            pipe.send(function(pipe.recv()))


def _end_with_parent() -> None:
    """A parent that was killed cannot end what it started."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def bound_memory(memory_bytes: int) -> None:
    """From here on this process has MemoryError beyond so much data. Only Linux counts all of it, else there is none.

    Neither code and files that are mapped, nor what is shared, is counted.
    """
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415 - there is none on Windows

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    least = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (least, hard))
