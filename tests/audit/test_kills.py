"""Killed at any moment and started again, a run ends with the same rows as one that nobody disturbed."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from random import Random

import pytest

from tests.audit import command

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes of a group are looked for in /proc")

CHAINS = 2
KILLS = 50
"""Of each chain."""


class Run:
    """A run whose events are counted while it goes on."""

    def __init__(self, *given):
        self.process = command.start(*given, stdout=subprocess.DEVNULL)
        self.events = Counter()
        self.heard = threading.Condition()
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        for line in self.process.stderr:
            if not line.startswith("{"):  # what Python says of a process that was killed while it started
                continue
            with self.heard:
                self.events[json.loads(line)["event"]] += 1
                self.heard.notify()

    def wait_for(self, event, count):
        """Until it has said so that often, or has ended."""
        with self.heard:
            while self.events[event] < count and self.process.poll() is None:
                self.heard.wait(0.1)

    def end(self):
        """Wait for its end; the exit status."""
        status = self.process.wait(timeout=300)
        self.reader.join(timeout=60)
        assert not self.reader.is_alive(), "a process that it left holds its standard error"
        self.process.stderr.close()
        return status


def kill(run, random):
    """-9 at a moment that is drawn, to the parent alone or to all its processes; where it still ran, how far it was."""
    if random.random() < 0.2:
        time.sleep(random.uniform(0, 0.6))
    else:
        run.wait_for(*random.choice([("index", 1), ("run", 1), ("plan", 1), ("plan", 2), ("plan", 4), ("plan", 7)]))
        time.sleep(random.uniform(0, 0.12))
    to = os.kill if random.random() < 0.5 else os.killpg
    if run.process.poll() is None:
        to(run.process.pid, signal.SIGKILL)
    status = run.end()
    command.wait_until_gone(run.process.pid)
    return None if status != -signal.SIGKILL else "plan" if run.events["plan"] else "before"


def chain(seed, archive, protocols, folder, undisturbed):
    """Kill one run after another, each in the store that the one before left; begin anew where one came to its end."""
    random = Random(seed)  # noqa: S311 - to be the same each time
    fell = Counter()
    ended = 0
    while fell.total() < KILLS:
        store = folder / f"{seed}-{ended}.db"
        for attempt in range(KILLS + 1):
            tables = folder / f"{seed}-{ended}-{attempt}"
            run = Run(archive, protocols, store, tables, "--log-json", "-j", str(random.choice([1, 2])))
            where = kill(run, random) if fell.total() < KILLS else run.end() or None
            if where is None:
                break
            fell[where] += 1
        assert run.process.returncode == 0
        assert command.tables(tables) == undisturbed
        with closing(sqlite3.connect(store)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        ended += 1
    return fell


def test_killed_a_hundred_times(made, protocols, undisturbed, tmp_path):
    with ThreadPoolExecutor(CHAINS) as threads:
        chains = [threads.submit(chain, n, made, protocols, tmp_path, undisturbed) for n in range(CHAINS)]
        fell = sum((each.result() for each in chains), Counter())
    assert fell.total() == CHAINS * KILLS
    assert fell["plan"] >= CHAINS * KILLS * 0.4  # in the midst of the work
