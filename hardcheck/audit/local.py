"""Plans evaluated by processes of this machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Final

from hardcheck.audit.pool import Lost, Pool
from hardcheck.audit.task import OUT_OF_MEMORY, Done, Task, evaluate_task
from hardcheck.store import Bin

MEMORY_BYTES: Final = 4096 * 2**20
"""What a process may have; a large plan needs a quarter of that."""
SECONDS: Final = 3600.0
"""What a plan may take, so that nothing hangs for ever; a large one takes a minute."""

ENDED: Final = "the process that evaluated it ended each time: killed, out of memory, or a defect worth a report"
"""Of a plan of which several processes died."""


@dataclass(frozen=True, slots=True)
class LocalWorkers:
    """`jobs` processes, each of which may have `memory_bytes` (None is no bound) and `seconds` for a plan."""

    jobs: int
    memory_bytes: int | None = MEMORY_BYTES
    seconds: float = SECONDS

    @property
    def pool(self) -> Pool:
        """The processes, for work of another kind."""
        return Pool(self.jobs, self.memory_bytes, self.seconds, again=_is_exhausted)

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Give what came of each task, as it comes."""
        with closing(self.pool.map(evaluate_task, tasks)) as answered:
            for task, answer in answered:
                yield self._done(task, answer)

    def _done(self, task: Task, answer: Done | Lost) -> Done:
        if isinstance(answer, Lost):
            return Done(task.path, bin=Bin.UNREADABLE, reason=self._said(answer))
        if answer.exhausted and self.memory_bytes is not None:
            return replace(answer, reason=f"{OUT_OF_MEMORY} ({self.memory_bytes // 2**20} MB; --memory gives more)")
        return answer

    def _said(self, lost: Lost) -> str:
        return too_slow(self.seconds) if lost is Lost.SLOW else ENDED


def too_slow(seconds: float) -> str:
    """The reason of a plan that had its time."""
    return f"took longer than {seconds:g} s, and was ended (--time-limit gives more)"


def _is_exhausted(answer: object) -> bool:
    return isinstance(answer, Done) and answer.exhausted
