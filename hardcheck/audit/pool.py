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
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
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

START_S: Final = 300.0
"""What a process may take until it is ready."""

_READY: Final = "ready"
_NOTHING: Final[Any] = object()

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Lost(StrEnum):
    """Why there is no answer to an item."""

    DIED = "the process that worked on it ended, each time"
    SLOW = "it took longer than a plan may take"


def _never(_: object) -> bool:
    return False


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    pipe: Connection
    item: Any
    """What it works on, or is to work on when it is ready; `_NOTHING` where that is none."""
    tries: int
    until: float
    """When its time is over, of the monotonic clock."""
    is_ready: bool = False
    answered: int = 0

    @property
    def is_idle(self) -> bool:
        """Whether it waits for an item."""
        return self.item is _NOTHING


@dataclass(frozen=True, slots=True)
class Pool:
    """`jobs` processes, each with at most `memory_bytes` of data (Linux; None is no limit) and `seconds` for an item.

    `again` says of an answer that the item is worth a try in a process that has done nothing else.
    """

    jobs: int
    memory_bytes: int | None = None
    seconds: float = float("inf")
    again: Callable[[Any], bool] = _never

    def map(self, function: Callable[[Item], Answer], items: Iterable[Item]) -> Generator[tuple[Item, Answer | Lost]]:
        """Each item with its answer, in any order. UsageError where no process can be started.

        `function` must be importable, raise nothing, and its answers be no instance of Lost.
        """
        with closing(_Running(self, function, iter(items))) as running:
            while running.feed():
                for worker in running.heard():
                    yield from running.answers(worker)


class _Running(Generic[Item, Answer]):
    """The processes of one `map`."""

    def __init__(self, pool: Pool, function: Callable[[Item], Answer], items: Iterator[Item]) -> None:
        self.pool = pool
        self.function = function
        self.items = items
        self.retries: deque[tuple[Item, int]] = deque()
        """For fresh processes alone, with the number of the try. Each comes with a process that is no more, so that
        there is room for another."""
        self.workers: list[_Worker] = []
        self.failed_starts = 0

    def close(self) -> None:
        """End all processes."""
        while self.workers:
            self._drop(self.workers[0])

    def feed(self) -> bool:
        """Give every idle process an item, start processes for more; whether any is at work."""
        for worker in self.workers:
            if worker.is_idle:
                worker.item, worker.tries = next(self.items, _NOTHING), 1
                self._give(worker)
        while len(self.workers) < self.pool.jobs:
            item, tries = self.retries.popleft() if self.retries else (next(self.items, _NOTHING), 1)
            if item is _NOTHING:
                break
            self.workers.append(self._start(item, tries))
        return any(not worker.is_idle for worker in self.workers)

    def heard(self) -> list[_Worker]:
        """Wait for processes that answer or end, or whose time is over."""
        at_work = {worker.pipe: worker for worker in self.workers if not worker.is_idle}
        left = min(worker.until for worker in at_work.values()) - time.monotonic()
        ready = set(wait(list(at_work), None if left == float("inf") else max(left, 0.0)))
        now = time.monotonic()
        return [worker for pipe, worker in at_work.items() if pipe in ready or worker.until <= now]

    def answers(self, worker: _Worker) -> Iterator[tuple[Item, Answer | Lost]]:
        """The answer to the item of a process, none where it is to be tried again."""
        try:
            answer = worker.pipe.recv() if worker.pipe.poll() else Lost.SLOW
        except (EOFError, OSError):
            answer = Lost.DIED
        item, tries = worker.item, worker.tries
        if not worker.is_ready:
            self._begin(worker, answer)
        elif isinstance(answer, Lost):
            self._drop(worker)
            if answer is Lost.DIED and tries < TRIES:
                self.retries.append((item, tries + 1))
            else:
                yield item, answer
        elif self.pool.again(answer) and worker.answered:
            self._drop(worker)
            self.retries.append((item, tries))
        else:
            worker.item, worker.until = _NOTHING, float("inf")
            worker.answered += 1
            yield item, answer

    def _begin(self, worker: _Worker, answer: Any) -> None:
        """Let a process work that says it is ready; one that ended before that is replaced."""
        if answer == _READY:
            worker.is_ready, self.failed_starts = True, 0
            self._give(worker)
            return
        worker.process.join(1.0)  # what it writes of why it ends
        self.failed_starts += 1
        if self.failed_starts == STARTS:
            raise UsageError(
                "the processes that should work end when they start",
                do="start fewer with -j, or give them more with --memory",
            )
        self._drop(worker)
        self.retries.append((worker.item, worker.tries))

    def _give(self, worker: _Worker) -> None:
        if worker.is_idle:
            return
        worker.until = time.monotonic() + self.pool.seconds
        with suppress(OSError):  # it has ended, which is found when it is heard
            worker.pipe.send(worker.item)

    def _drop(self, worker: _Worker) -> None:
        self.workers.remove(worker)
        worker.pipe.close()
        worker.process.kill()
        worker.process.join()
        worker.process.close()

    def _start(self, item: Item, tries: int) -> _Worker:
        ours, theirs = get_context("spawn").Pipe()
        arguments = (theirs, self.function, self.pool.memory_bytes)
        process = get_context("spawn").Process(target=_work, args=arguments, daemon=True)
        with _one_thread(), _uninterrupted():
            process.start()
        theirs.close()
        return _Worker(process, ours, item, tries, time.monotonic() + START_S)


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
    warnings.simplefilter("ignore")  # of libraries about texts in headers, between the lines of progress
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if memory_bytes is not None:
        bound_memory(memory_bytes)
    with suppress(EOFError, OSError):
        pipe.send(_READY)
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
