"""The same archive gives the same tables, byte for byte, however and wherever it is audited."""

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.audit.archives import PROTOCOL, ROOT, generated, wanted_bins

PLANS = 60


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("same")
    return folder / "archive", generated(folder / "archive", PLANS, seed=7, faulty=0.3)


def command(root, where, *arguments, module="hardcheck", **environment):
    """The arguments and environment of a process that audits `root` into the folder `where`."""
    where.mkdir(exist_ok=True)
    given = [sys.executable, "-m", module, "audit", str(root), "-p", "auto", "--protocols", str(PROTOCOL.parent)]
    given += ["--store", str(where / "audit.db"), "-o", f"{where / 'tables'}/", "-o", str(where / "account.json")]
    given += ["--log-json", *arguments]
    return given, {**os.environ, "PYTHONPATH": str(ROOT), **environment}


def tables(root, where, *arguments, **more):
    """The bytes of all that a run writes."""
    given, environment = command(root, where, *arguments, **more)
    done = subprocess.run(given, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return {path.name: path.read_bytes() for path in (*(where / "tables").iterdir(), where / "account.json")}


@pytest.fixture(scope="module")
def plain(archive, tmp_path_factory):
    root, _ = archive
    made = tables(root, tmp_path_factory.mktemp("plain"), "-j", "1")
    assert made.keys() == {"plans.csv", "goals.csv", "findings.csv", "curves.csv", "files.csv", "account.json"}
    return made


def test_the_account_is_that_of_the_manifest(archive, plain):
    _, counts = wanted_bins(archive[1])
    plans = json.loads(plain["account.json"])["plans"]
    assert plans == {"found": sum(counts.values())} | {str(each): count for each, count in counts.items()}


@pytest.mark.parametrize(
    ("jobs", "more"),
    [
        (2, {"LC_ALL": "C", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "1"}),
        (4, {"LC_ALL": "C.UTF-8", "TZ": "America/St_Johns", "PYTHONHASHSEED": "2", "module": "tests.audit.shuffled"}),
    ],
)
def test_processes_order_of_files_locale_time_zone_and_hash_seed_change_nothing(archive, plain, tmp_path, jobs, more):
    assert tables(archive[0], tmp_path / "other", "-j", str(jobs), **more) == plain


def test_a_run_that_is_interrupted_goes_on_and_ends_as_an_undisturbed_one(archive, plain, tmp_path):
    root, _ = archive
    given, environment = command(root, tmp_path / "other", "-j", "2")
    with subprocess.Popen(given, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        events = []
        for line in process.stderr:
            events.append(line)
            if '"event": "plan"' in line:
                process.send_signal(signal.SIGINT)
                break
        rest = process.stderr.read().splitlines()
        assert process.wait(timeout=60) == 130
        assert process.stdout.read() == ""
    assert rest[-1] == "hardcheck: interrupted; what is done is stored, and the same command goes on"
    assert all(line.startswith("{") for line in rest[:-1])
    assert not (tmp_path / "other" / "account.json").exists()
    done = subprocess.run(given, env=environment, capture_output=True, text=True, check=False, timeout=300)
    (begun,) = (event for event in map(json.loads, done.stderr.splitlines()) if event["event"] == "run")
    (before,) = (event for event in map(json.loads, events) if event["event"] == "run")
    assert before["run"] == 1
    assert 0 < begun["to_evaluate"] < before["to_evaluate"]
    assert {
        path.name: path.read_bytes()
        for path in (*(tmp_path / "other" / "tables").iterdir(), tmp_path / "other" / "account.json")
    } == plain
