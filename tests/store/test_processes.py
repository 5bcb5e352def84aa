"""Several processes at once, and one that is killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hardcheck.store import Bin, Store, export_csv
from tests.store.sample import begin, key

ROOT = Path(__file__).parents[2]


def writer(where, run, first, last, *stop):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.writer", str(where), str(run), str(first), str(last), *stop],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def ended(processes):
    for process in processes:
        process.communicate(timeout=120)
    return [process.returncode for process in processes]


def exported(where, run, folder):
    folder.mkdir()
    with Store(where) as store:
        return [path.read_bytes() for path in export_csv(store, run, folder)]


def test_four_writers_at_once_that_overlap(where, tmp_path):
    with Store(where) as store:
        run = begin(store, found=90)
    # Each plan but the outer ones is stored by two of them.
    assert ended([writer(where, run, first, first + 30) for first in (0, 20, 40, 60)]) == [0] * 4
    with Store(where) as store:
        account = store.finish(run, "2026-11-22")
        assert account.counts[Bin.PASSED] == 90
        assert len(store.known([key(n) for n in range(90)])) == 90
    alone = tmp_path / "alone.db"
    with Store(alone) as store:
        other = begin(store, found=90)
    assert ended([writer(alone, other, 0, 90)]) == [0]
    assert exported(where, run, tmp_path / "four") == exported(alone, other, tmp_path / "one")


MAKER = """
import sys
from hardcheck.store import Store
print("ready", flush=True)
for line in sys.stdin:
    try:
        Store(line.strip()).close()
        print("made", flush=True)
    except Exception as error:
        print(error, flush=True)
"""


def test_four_that_make_a_store_at_once(where, tmp_path):
    files = [tmp_path / f"{n}.db" for n in range(60)] if isinstance(where, Path) else []
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", MAKER], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    try:
        assert [maker.stdout.readline() for maker in makers] == ["ready\n"] * 4
        for each in (where, *files):
            for maker in makers:
                maker.stdin.write(f"{each}\n")
                maker.stdin.flush()
            assert [maker.stdout.readline() for maker in makers] == ["made\n"] * 4
            with Store(each) as store:
                assert begin(store) == 1
    finally:
        assert ended(makers) == [0] * 4


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_killed_in_the_middle_of_a_plan(where, tmp_path):
    with Store(where) as store:
        run = begin(store, found=6)
    process = writer(where, run, 0, 6, "stop")
    with process.stdout:
        assert [process.stdout.readline() for _ in range(4)] == ["0\n", "1\n", "2\n", "open\n"]
        process.send_signal(signal.SIGKILL)
        assert process.wait(timeout=60) == -signal.SIGKILL
    with Store(where) as store:
        assert sorted(store.known([key(n) for n in range(6)])) == sorted(key(n) for n in range(3))
        assert store.account(run).counted == 3
    assert ended([writer(where, run, 0, 6)]) == [0]
    undisturbed = tmp_path / "undisturbed.db"
    with Store(undisturbed) as store:
        other = begin(store, found=6)
    assert ended([writer(undisturbed, other, 0, 6)]) == [0]
    assert exported(where, run, tmp_path / "a") == exported(undisturbed, other, tmp_path / "b")
