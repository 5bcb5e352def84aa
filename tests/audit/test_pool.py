"""Processes that die, hang or run out of memory: each item has its one answer, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
from multiprocessing import active_children
from pathlib import Path

import pytest

from hardcheck.audit.pool import Lost, Pool
from hardcheck.errors import UsageError
from tests.audit import unstartable
from tests.audit.work import work

ROOT = Path(__file__).parents[2]


def answers(pool, items):
    """By the item, each of which must have one answer."""
    found = list(pool.map(work, items))
    assert len(found) == len(items)
    assert not active_children()
    return dict(found)


def is_alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.parametrize("jobs", [1, 3])
def test_every_item_has_one_answer(jobs):
    items = list(range(20))
    assert answers(Pool(jobs), items) == {item: item for item in items}


def test_nothing_starts_no_process():
    assert answers(Pool(2), []) == {}


def test_an_item_that_kills_its_process_takes_no_other_with_it():
    found = answers(Pool(2), [1, "die", 2, 3])
    assert found == {1: 1, "die": Lost.DIED, 2: 2, 3: 3}


def test_a_process_that_dies_once_costs_nothing(tmp_path):
    item = ("once", str(tmp_path / "mark"))
    assert answers(Pool(1), [item, 1]) == {item: item, 1: 1}
    assert (tmp_path / "mark").exists()


def test_an_item_that_hangs_is_ended():
    assert answers(Pool(1, seconds=1.0), ["hang", 1, 2]) == {"hang": Lost.SLOW, 1: 1, 2: 2}


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux alone")
def test_a_gigabyte_is_refused_where_less_is_allowed_and_given_where_it_is_not():
    assert answers(Pool(1, memory_bytes=2**29), ["big", 1]) == {"big": "no memory", 1: 1}
    assert answers(Pool(1), ["big"]) == {"big": 2**30}


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux alone")
def test_what_is_worth_another_try_gets_a_fresh_process():
    """The second answer counts, whatever it is; of a process that has done nothing else the first one does."""
    pool = Pool(1, memory_bytes=2**29, again=lambda answer: answer == "no memory")
    pids = [pid for item, pid in pool.map(work, ["pid", "big", "pid"]) if item == "pid"]
    assert pids[0] != pids[1]
    assert answers(pool, ["big", 1]) == {"big": "no memory", 1: 1}


def test_processes_have_one_thread_for_numerical_work_and_this_one_keeps_its_own(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    assert answers(Pool(1), ["threads"]) == {"threads": ("1", "1")}
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "OPENBLAS_NUM_THREADS" not in os.environ


def test_an_interrupt_is_for_the_parent_alone():
    """Ctrl-C goes to all processes of a terminal."""
    assert answers(Pool(1), ["interrupt"]) == {"interrupt": "interrupt"}


def test_processes_that_cannot_start_are_one_error(capfd):
    with pytest.raises(UsageError, match="end when they start"):
        list(Pool(1).map(unstartable.work, [1]))
    assert not active_children()
    assert "nobody can" in capfd.readouterr().err


def test_a_map_that_is_left_leaves_no_process():
    started = Pool(2).map(work, range(100))
    next(started)
    assert active_children()
    started.close()
    assert not active_children()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_processes_end_when_their_parent_is_killed():
    """In the middle of an item, where they would not hear that their pipe is closed."""
    command = [sys.executable, "-m", "tests.audit.work"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as parent:
        worker = int(parent.stdout.readline())
        assert is_alive(worker)
        parent.kill()
    for _ in range(100):
        if not is_alive(worker):
            return
        time.sleep(0.1)
    os.kill(worker, signal.SIGKILL)
    pytest.fail("it is still there")
