"""Real Dask schedulers and workers on loopback: the results of one process, whatever happens to the workers."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from hardcheck.audit import Against, AuditTerms
from hardcheck.audit.dask import AHEAD, DaskWorkers
from hardcheck.audit.index import index_archive
from hardcheck.audit.pool import Pool
from hardcheck.audit.run import sort_plans
from hardcheck.errors import UsageError
from hardcheck.library import load_protocol
from hardcheck.store import Bin, Store
from tests.audit import command
from tests.audit.cluster import cluster

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are looked for in /proc")


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    """Two workers, which are there again after each test."""
    with cluster(tmp_path_factory.mktemp("dask") / "cluster") as made:
        yield made


@pytest.fixture(scope="module")
def tasks(made, protocols, tmp_path_factory):
    """One for each plan of the archive that can be evaluated."""
    (path,) = protocols.iterdir()
    with Store(tmp_path_factory.mktemp("tasks") / "audit.db") as store:
        index = index_archive(made, store, Pool(1))
    found = sort_plans(index, Against((load_protocol(path),), named=False), AuditTerms(), anonymous=False).tasks
    assert len(found) > 12
    return [found[path] for path in sorted(found)]


def audit(made, protocols, folder, address, *more):
    return command.start(made, protocols, folder / "audit.db", folder / "tables", "--dask", address, "-j", "1", *more)


def ended(process):
    """Its status, and the lines of its standard error that are no events."""
    _, err = process.communicate(timeout=300)
    return process.returncode, [line for line in err.splitlines() if not line.startswith("{")]


def wait_for_plans(process, count):
    """Until so many plans are counted."""
    for line in process.stderr:
        count -= json.loads(line)["event"] == "plan"
        if not count:
            return
    raise AssertionError("it ended before that")


def test_the_same_as_processes_of_this_machine(made, protocols, undisturbed, dask, tmp_path):
    assert ended(audit(made, protocols, tmp_path, dask.address, "--quiet")) == (0, [])
    assert command.tables(tmp_path / "tables") == undisturbed


def test_workers_that_are_killed_in_the_middle(made, protocols, undisturbed, dask, tmp_path):
    process = audit(made, protocols, tmp_path, dask.address, "--log-json")
    killed = []
    for _ in range(3):
        wait_for_plans(process, 2)
        first, *_ = [pid for pid in dask.processes() if pid not in killed]
        os.kill(first, signal.SIGKILL)
        killed.append(first)
    assert ended(process) == (0, [])
    assert len(set(killed)) == 3
    assert command.tables(tmp_path / "tables") == undisturbed


def test_nothing_of_a_patient_in_the_logs(made, protocols, dask, tmp_path):
    assert ended(audit(made, protocols, tmp_path, dask.address, "--quiet")) == (0, [])
    log = dask.log()
    assert "Register worker" in log
    plans = command.tables(tmp_path / "tables")["plans.csv"].decode("utf-8")
    assert "ARCHIVE-8-" in plans  # the PatientIDs
    paths = [path.name for path in made.rglob("*") if path.is_file()]
    assert [text for text in ("ARCHIVE-", "Synthetic", "PLAN_", str(made), *paths) if text in log] == []


@pytest.fixture
def endless(tasks, tmp_path):
    """A task that takes for ever: its file is a pipe into which nobody writes."""
    os.mkfifo(tmp_path / "pipe")
    return replace(tasks[0], path="pipe", root=str(tmp_path), files=("pipe",), images=())


def test_a_plan_that_takes_too_long(tasks, endless, dask):
    given = [*tasks[:4], endless, *tasks[4:8]]
    dones = {done.path: done for done in DaskWorkers(dask.address, seconds=5).run(given)}
    assert dones.keys() == {task.path for task in given}
    assert dones["pipe"].bin is Bin.UNREADABLE
    assert dones["pipe"].reason == "took longer than 5 s, and was ended (--time-limit gives more)"
    assert all(done.entry is not None for path, done in dones.items() if path != "pipe")


def test_a_plan_of_which_every_worker_dies(tasks, endless, dask):
    found = {}
    working = threading.Thread(
        target=lambda: found.update((done.path, done) for done in DaskWorkers(dask.address).run([endless]))
    )
    working.start()
    while working.is_alive():
        for pid in dask.processes():
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.5)
    assert found["pipe"].bin is Bin.UNREADABLE
    assert "ended each time" in found["pipe"].reason
    assert [done.path for done in DaskWorkers(dask.address).run(tasks[:1])] == [tasks[0].path]


def test_no_more_is_given_out_than_workers_soon_begin(tasks, dask):
    taken = 0

    def many():
        nonlocal taken
        for n in range(200):
            taken += 1
            yield replace(tasks[n % len(tasks)], path=f"{n}")

    running = DaskWorkers(dask.address).run(many())
    for n in range(6):
        next(running)
        assert taken <= n + 2 * AHEAD + 1
    running.close()
    assert taken < 20


def test_no_scheduler(made, protocols, tmp_path):
    workers = DaskWorkers("tcp://127.0.0.1:1", wait_s=1)
    with pytest.raises(UsageError, match="there is no Dask scheduler that answers; start it") as raised:
        workers.reach()
    assert "\n" not in str(raised.value)
    status, said = ended(audit(made, protocols, tmp_path, "nonsense://host", "--quiet"))
    assert status == 2
    assert said == [
        "hardcheck: --dask nonsense://host: there is no Dask scheduler that answers; start it, or look at the address"
    ]
    assert not (tmp_path / "audit.db").exists()


@pytest.fixture
def empty(tmp_path):
    """A scheduler without workers."""
    with cluster(tmp_path / "cluster", workers=0) as made:
        yield made


def test_no_worker(tasks, empty):
    with pytest.raises(UsageError, match="has had no worker for 1 s; start scheduler and workers") as raised:
        list(DaskWorkers(empty.address, wait_s=1).run(tasks))
    assert "what is done is stored, and the same command goes on" in str(raised.value)


def test_all_are_gone_in_the_middle(made, protocols, undisturbed, empty, tmp_path):
    empty.start_worker()
    process = audit(made, protocols, tmp_path, empty.address, "--log-json")
    wait_for_plans(process, 3)
    empty.end()
    status, said = ended(process)
    assert status == 2
    assert len(said) == 1
    assert "the same command goes on" in said[0]
    again = command.run(made, protocols, tmp_path / "audit.db", tmp_path / "tables", "-j", "1", "--log-json")
    assert again.returncode == 0
    (begun,) = [event for event in map(json.loads, again.stderr.splitlines()) if event["event"] == "run"]
    with Store(tmp_path / "audit.db") as store:
        assert begun["to_evaluate"] < store.account(begun["run"]).found
    assert command.tables(tmp_path / "tables") == undisturbed


def test_a_worker_with_another_version(tasks, empty, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(command.ROOT / "hardcheck", other / "hardcheck")
    init = other / "hardcheck" / "__init__.py"
    text = init.read_text("utf-8")
    assert text.count('__version__ = "') == 1
    init.write_text(text.replace('__version__ = "', '__version__ = "99.'), "utf-8")
    empty.start_worker(path=other)
    with pytest.raises(UsageError, match=r"the worker at tcp://.* has hardcheck 99\.\d.*, this is \d") as raised:
        list(DaskWorkers(empty.address).run(tasks))
    assert "\n" not in str(raised.value)


def test_a_worker_that_does_not_see_the_archive(tasks, empty):
    hidden = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs "$0" && exec "$@"', tasks[0].root]
    if os.geteuid() or shutil.which("unshare") is None or subprocess.run([*hidden, "true"], check=False).returncode:
        pytest.skip("what a process sees can be changed by root alone")
    empty.start_worker(before=hidden)
    with pytest.raises(UsageError, match=r"the worker at tcp://.* does not see the plans in .*; mount the archive"):
        list(DaskWorkers(empty.address).run(tasks))


def test_without_distributed(made, protocols, tmp_path):
    given = command.arguments(made, protocols, tmp_path / "audit.db", None, "--dask", "tcp://127.0.0.1:1")
    code = "import sys; sys.modules['distributed'] = None; import hardcheck.cli; hardcheck.cli.main()"
    run = subprocess.run(
        [sys.executable, "-c", code, *given[3:]],
        env=command.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 2
    assert run.stderr == "hardcheck: --dask: Dask needs distributed; pip install 'hardcheck[dask]'\n"


def test_it_is_not_loaded_without_need():
    code = "import sys, hardcheck.audit, hardcheck.audit.dask; print({'dask', 'distributed'} & sys.modules.keys())"
    run = subprocess.run(
        [sys.executable, "-c", code], env=command.environment(), capture_output=True, text=True, check=True
    )
    assert run.stdout == "set()\n"
