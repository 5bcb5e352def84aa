"""`hardcheck audit` in a process of its own, as a person starts it."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLES = ("plans.csv", "goals.csv", "findings.csv", "curves.csv", "files.csv")


def arguments(archive, protocols, store, tables=None, *more):
    """The command; where `tables` is a folder, they are written into it."""
    program = [sys.executable, "-m", "hardcheck", "audit", str(archive), "-p", "auto", "--protocols", str(protocols)]
    wanted = [] if tables is None else ["-o", f"{tables}/"]
    return [*program, "--store", str(store), *wanted, *(more or ("-j", "1", "--quiet"))]


def environment():
    """That of this process, with the package that is tested."""
    return os.environ | {"PYTHONPATH": str(ROOT)}


def start(*given, **options):
    """Begin a run, in a process group of its own."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options
    return subprocess.Popen(arguments(*given), env=environment(), start_new_session=True, **options)


def run(*given):
    """The whole of a run."""
    process = start(*given)
    out, err = process.communicate(timeout=300)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def tables(folder):
    """What was exported, by the name of the file."""
    return {name: (folder / name).read_bytes() for name in TABLES}


def living(group):
    """The processes of a process group that have not ended."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of_group = stat.read_text("utf-8", "replace").rpartition(")")[2].split()[:3]
        except OSError:  # it ended just now
            continue
        if int(of_group) == group and state not in "ZX":
            found.append(int(stat.parent.name))
    return found


def wait_until_gone(group, seconds=60):
    """AssertionError where processes of the group stay."""
    end = time.monotonic() + seconds
    while left := living(group):
        assert time.monotonic() < end, f"still there: {left}"
        time.sleep(0.02)
