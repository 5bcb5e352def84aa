"""Plans evaluated by the workers of a Dask scheduler, on any number of machines."""

from __future__ import annotations

import logging
import pickle
import queue
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from hardcheck import __version__
from hardcheck.audit.local import ENDED, SECONDS, too_slow
from hardcheck.audit.task import Done, Task, evaluate_task
from hardcheck.errors import UsageError
from hardcheck.store import Bin

WAIT_S: Final = 60.0
"""How long the scheduler may be out of reach, or without any worker."""
CONNECT_S: Final = 10.0
SILENCE_S: Final = 600.0
"""How long beyond the time of a plan nothing may come back; Dask gives a worker that is silent five minutes."""
AHEAD: Final = 2
"""Plans that are given out for each thread of the workers, so that none waits for the next."""
GATHER_S: Final = 60.0
LOOK_S: Final = 2.0
"""How often scheduler and workers are looked at."""

_AGAIN: Final = "what is done is stored, and the same command goes on"
_one_at_a_time = threading.Lock()
"""In a worker: threads would share its memory."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a `worker` with this `version` says of a task. Without `done` it did not begin: the version is another.

    `sees` is whether any of the plan's files is there for it, `slow` whether it was left at the end of its time.
    """

    worker: str
    version: str
    done: Done | None = None
    sees: bool = True
    slow: bool = False


@dataclass(frozen=True, slots=True)
class DaskWorkers:
    """The workers of the scheduler at `address`, such as ``tcp://host:8786``; `seconds` for a plan.

    UsageError where distributed is not installed. They need the same version of hardcheck, and the archive at the
    same path. What memory each may have is told when it is started.
    """

    address: str
    seconds: float = SECONDS
    wait_s: float = WAIT_S

    def __post_init__(self) -> None:
        _distributed()

    def reach(self) -> None:
        """UsageError where there is no such scheduler."""
        with self._client():
            pass

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Give what came of each task, as it comes. UsageError where nothing can come any more."""
        source = iter(tasks)
        first = next(source, None)
        if first is None:
            return
        with self._client() as client:
            running = _Running(self, client, source)
            running.submit(first)
            yield from running.dones()

    @contextmanager
    def _client(self) -> Iterator[Any]:
        distributed = _distributed()
        with _silent():
            try:
                # A client of an address that makes no sense does not end by itself.
                address = distributed.comm.resolve_address(self.address)
                client = distributed.Client(address, timeout=min(CONNECT_S, self.wait_s), set_as_default=False)
            except (OSError, ValueError, ImportError) as error:
                raise self.failed(
                    "there is no Dask scheduler that answers", "start it, or look at the address"
                ) from error
            try:
                yield client
            finally:
                with suppress(Exception):  # it is gone already
                    client.close(timeout=GATHER_S)

    def failed(self, what: str, do: str) -> UsageError:
        """An error of scheduler or workers."""
        return UsageError(what, where=f"--dask {self.address}", do=do)


class _Running:
    """The tasks of one run: no more of them are given out than the workers soon begin."""

    def __init__(self, workers: DaskWorkers, client: Any, source: Iterator[Task]) -> None:
        self.workers = workers
        self.client = client
        self.source = source
        self.pending: dict[Any, Task] = {}
        """By the future of each."""
        self.settled: queue.SimpleQueue[Any] = queue.SimpleQueue()
        """Futures that have an answer, or that Dask gave up."""
        self.name = f"hardcheck-{uuid.uuid4().hex}"
        self.given = 0
        self.threads = 0
        self.looked = float("-inf")
        self.last_worker = self.last_answer = time.monotonic()

    def submit(self, task: Task) -> None:
        """Give out a task. Dask shows and logs its key, which says nothing."""
        self.given += 1
        arguments = pickle.dumps(task), __version__, self.workers.seconds
        future = self.client.submit(work, *arguments, key=f"{self.name}-{self.given}", pure=False)
        self.pending[future] = task
        future.add_done_callback(self.settled.put)

    def dones(self) -> Iterator[Done]:
        """All of them."""
        while self._feed():
            for future in self._answered():
                done = self._done(future)
                if done is not None:
                    del self.pending[future]
                    self.last_answer = time.monotonic()
                    yield done

    def _feed(self) -> bool:
        self._look()
        room = max(AHEAD * self.threads, 1) - len(self.pending)
        for _ in range(room):
            task = next(self.source, None)
            if task is None:
                break
            self.submit(task)
        return bool(self.pending)

    def _look(self) -> None:
        """Count the threads of all workers. UsageError where there were none for too long, or nothing comes back."""
        now = time.monotonic()
        if now - self.looked < LOOK_S:
            return
        self.looked, self.threads = now, self._asked()
        if self.threads:
            self.last_worker = now
        elif now - self.last_worker > self.workers.wait_s:
            raise self.workers.failed(
                f"the scheduler is out of reach or has had no worker for {self.workers.wait_s:g} s",
                f"start scheduler and workers, all with hardcheck {__version__}; {_AGAIN}",
            )
        silence = self.workers.seconds + SILENCE_S
        if now - self.last_answer > silence:
            raise self.workers.failed(f"no plan came back for {silence:g} s", f"look at the workers; {_AGAIN}")

    def _asked(self) -> int:
        if self.client.status != "running":
            return 0
        try:
            return sum(self.client.nthreads().values())
        except Exception:  # whatever a scheduler that goes away makes of it
            return 0

    def _answered(self) -> list[Any]:
        """The futures of which something is known, after a while none."""
        found: list[Any] = []
        with suppress(queue.Empty):
            found.append(self.settled.get(timeout=LOOK_S))
            while True:
                found.append(self.settled.get_nowait())
        return found

    def _done(self, future: Any) -> Done | None:
        """What came of it; None where that was lost with its worker, and is computed again."""
        task = self.pending[future]
        try:
            answer = future.result(timeout=GATHER_S)
        except TimeoutError:
            future.add_done_callback(self.settled.put)
            return None
        except CancelledError:
            raise self.workers.failed("the scheduler ended or gave the plans up", f"start it again; {_AGAIN}") from None
        except _distributed().KilledWorker:
            return Done(task.path, bin=Bin.UNREADABLE, reason=ENDED)
        except Exception as error:
            raise self.workers.failed(
                f"a worker cannot run hardcheck {__version__} ({type(error).__name__})",
                f"install this version on scheduler and workers; {_AGAIN}",
            ) from error
        return self._checked(answer, task)

    def _checked(self, answer: Answer, task: Task) -> Done:
        if answer.done is None:
            raise self.workers.failed(
                f"the worker at {answer.worker} has hardcheck {answer.version}, this is {__version__}",
                f"install the same version on both; {_AGAIN}",
            )
        if not answer.sees and _sees(task):
            raise self.workers.failed(
                f"the worker at {answer.worker} does not see the plans in {task.root}",
                f"mount the archive there at the same path; {_AGAIN}",
            )
        if answer.slow:
            # Its thread cannot be ended, but its process can, where a nanny starts it anew.
            with suppress(Exception):
                self.client.restart_workers([answer.worker], timeout=GATHER_S, raise_for_error=False)
        return answer.done


def work(sealed: bytes, version: str, seconds: float) -> Answer:
    """In a worker: evaluate the pickled task of a program of this `version`, in so many seconds."""
    from distributed import get_worker  # noqa: PLC0415 - an extra

    here = Answer(get_worker().address, __version__)
    if version != __version__:
        return here
    with _one_at_a_time:
        task: Task = pickle.loads(sealed)  # noqa: S301 - what a scheduler sends is code that is run, in any case
        found: list[Done] = []
        thread = threading.Thread(target=lambda: found.append(evaluate_task(task)), daemon=True)
        thread.start()
        thread.join(seconds)
        if thread.is_alive():
            slow = Done(task.path, bin=Bin.UNREADABLE, reason=too_slow(seconds))
            return replace(here, done=slow, slow=True)
        return replace(here, done=found[0], sees=_sees(task))


def _sees(task: Task) -> bool:
    """Whether any file of the plan is there."""
    return any(Path(task.root, path).exists() for path in task.files)


def _distributed() -> Any:
    try:
        import distributed  # noqa: PLC0415 - an extra, which is slow to load
    except ModuleNotFoundError:
        raise UsageError("Dask needs distributed", where="--dask", do="pip install 'hardcheck[dask]'") from None
    return distributed


@contextmanager
def _silent() -> Iterator[None]:
    """What Dask logs here is told by an error, or is nothing."""
    # Dask gives several of them a level and a handler of their own.
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] in {"distributed", "tornado"}]
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
