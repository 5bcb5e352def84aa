"""What is shown while an audit runs: a bar on a terminal, a line now and then elsewhere, or JSON."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from hardcheck.audit import Progress
from hardcheck.cli.figure import counted
from hardcheck.cli.screen import screen, text

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from hardcheck.archive import Linked
    from hardcheck.store import Account, Bin, Store

EVERY_S: Final = 30.0
"""Seconds between two lines where the output is no terminal."""


class Shown(Progress):
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the screen to others."""


class JsonLines(Shown):
    """One JSON object per line on standard error. Of an anonymous store the paths as it knows them, and no reason."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def started(self, archive: str) -> None:
        """``{"event": "started", "archive": …}``."""
        self._say("started", archive=self.store.path_of(archive))

    def indexed(self, linked: Linked, found: int) -> None:
        """``{"event": "index", "files": {bin: count}, "plans": …}``."""
        self._say("index", files={str(each): n for each, n in linked.account.items()}, plans=found)

    def begun(self, run: int, counts: Mapping[Bin, int], to_evaluate: int) -> None:
        """``{"event": "run", "run": …, "counted": {bin: count}, "to_evaluate": …}``."""
        self._say("run", run=run, counted={str(each): n for each, n in counts.items()}, to_evaluate=to_evaluate)

    def plan(self, path: str, where: Bin, reason: str) -> None:
        """``{"event": "plan", "path": …, "bin": …, "reason": …}``."""
        said = None if self.store.anonymous else reason or None
        self._say("plan", path=self.store.path_of(path), bin=str(where), reason=said)

    def finished(self, account: Account) -> None:
        """``{"event": "finished", "found": …, "counts": {bin: count}}``."""
        self._say("finished", found=account.found, counts={str(each): n for each, n in account.counts.items()})

    def _say(self, event: str, **facts: Any) -> None:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        print(json.dumps({"event": event, "time": now, **facts}), file=sys.stderr, flush=True)  # noqa: T201


class Plain(Shown):
    """For a person, on standard error: rate, time left, and how many plans are in each bin."""

    def __init__(self) -> None:
        self.console = screen(to_stderr=True)
        self.bars: Bars | None = None
        self.bar: TaskID | None = None
        self.counts: Counter[Bin] = Counter()
        self.done = self.total = 0
        self.begin = self.said = time.monotonic()

    def close(self) -> None:
        """Take the bar away."""
        if self.bars is not None:
            self.bars.stop()
            self.bars = None

    def started(self, archive: str) -> None:
        """Say which folder it is."""
        self.begin = time.monotonic()
        self._line(f"Looking through {archive}")

    def reading(self, done: int, files: int) -> None:
        """Say so now and then, or move the bar."""
        self._move("files", done, files, "")

    def indexed(self, linked: Linked, found: int) -> None:
        """Say how many there are."""
        self.close()
        self._line(f"{counted(len(linked.places), 'file')}, {counted(found, 'plan')} found")

    def begun(self, run: int, counts: Mapping[Bin, int], to_evaluate: int) -> None:
        """Say how many remain."""
        self.counts = Counter(counts)
        self.done, self.total, self.begin = 0, to_evaluate, time.monotonic()
        self._line(f"Run {run}: {to_evaluate} to evaluate, {sum(counts.values())} are known or set aside")

    def plan(self, path: str, where: Bin, reason: str) -> None:
        """Say so now and then, or move the bar."""
        del path, reason
        self.counts[where] += 1
        self.done += 1
        counts = ", ".join(f"{self.counts[each]} {each}" for each in type(where) if self.counts[each])
        self._move("plans", self.done, self.total, counts)

    def finished(self, account: Account) -> None:
        """Take the bar away."""
        del account
        self.close()

    def _line(self, said: str) -> None:
        self.console.print(text(said), soft_wrap=True)

    def _move(self, what: str, done: int, total: int, counts: str) -> None:
        now = time.monotonic()
        rate = done / max(now - self.begin, 1e-9)
        said = f"{done} of {total} {what}, {rate:.1f} per second, {_duration((total - done) / rate)} left"
        if self.console.is_terminal:
            self._bar(said, done, total, counts)
        elif now - self.said >= EVERY_S:
            self.said = now
            self._line(f"{said}; {counts}" if counts else said)

    def _bar(self, said: str, done: int, total: int, counts: str) -> None:
        if self.bars is None:
            from rich.progress import BarColumn, TextColumn
            from rich.progress import Progress as Bars
            from rich.table import Column

            whole = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True))
            rest = TextColumn("{task.fields[counts]}", markup=False, table_column=Column(no_wrap=False))
            self.bars = Bars(whole, BarColumn(12), rest, console=self.console, transient=True)
            self.bars.start()
            self.bar = self.bars.add_task(said, total=total, counts=counts)
        if self.bar is not None:
            self.bars.update(self.bar, description=said, completed=done, counts=counts)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
