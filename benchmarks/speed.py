"""``python -m benchmarks.speed``: time and peak memory of 31 ROIs, beside other engines, as ratios in one run."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks import plastimatch
from benchmarks.clinical_plan import SLICES, VOXEL_MM
from benchmarks.results import machine, table, write_section

REPOSITORY: Final = Path(__file__).parents[1]
RUNS: Final = 5
"""hardcheck's time is the median of so many runs; the others run once."""
FINE_MM: Final = 1.75
NUMPY_BAR, COMPILED_BAR, PROCESS_BAR, MEMORY_BAR_MB, SLICES_BAR = 30.0, 100.0, 12.0, 400.0, 11.0
"""S1 with numpy, S1 with numba, S2, S2 and S3 of the bars."""


def main() -> None:
    """Run S1, S2 and S3; after a full run, write them into RESULTS.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--only", choices=("S1", "S2", "S3"), action="append")
    parser.add_argument("--engine", choices=("hardcheck",), help="leave the others out: no ratios, but quick")
    chosen = parser.parse_args()
    parts = {"S1": in_process, "S2": whole_command, "S3": scaling}
    peers = chosen.engine is None
    texts = [parts[name](peers) for name in chosen.only or parts]
    print("\n\n".join(texts))
    if not chosen.only and peers:
        head = f"## Speed and memory\n\n`python -m benchmarks.speed`. {machine(plastimatch.version())}."
        write_section("speed", "\n\n".join([head, *texts]))


def in_process(peers: bool) -> str:
    """S1: the DVHs alone, everything in memory."""
    engines = ["hardcheck"] + (["compiled"] if _has_compiled() else []) + (["dicompyler"] if peers else [])
    found = {name: worker(name, 1 if name == "dicompyler" else RUNS) for name in engines}
    slowest = median(found["dicompyler"]["seconds"]) if peers else None
    rows = []
    for name, one in found.items():
        seconds = median(one["seconds"])
        bar = {"hardcheck": NUMPY_BAR, "compiled": COMPILED_BAR}.get(name)
        row = [_LABELS[name], f"{seconds:.3f} s", f"{one['before_mb']:.0f} MB", f"{one['peak_mb']:.0f} MB"]
        rows.append([*row, *_ratio(slowest, seconds, bar)])
    if peers:
        time_s, peak = plastimatch_cells()
        rows.append([f"{_LABELS['plastimatch']}: its row of S2", time_s, "", peak, "", "", ""])
    size = found["hardcheck"]
    return (
        f"**S1, the DVHs alone**, with intervals, of {size['rois']} ROIs with {size['points']} contour points in "
        f"{size['voxels']} voxels; each engine in a process of its own, plan and datasets in memory beforehand. "
        "plastimatch is a separate program: it can only be measured whole, from files to files.\n\n"
        + table(["engine", "time", "memory before", "peak memory", "dicompyler-core / this", "bar", ""], rows)
    )


def whole_command(peers: bool) -> str:
    """S2: a command from start to end, on the plan's files."""
    with tempfile.TemporaryDirectory() as folder:
        say("writing the plan's files")
        # Not in this process: the system counts the largest size of a parent as its children's too.
        subprocess.run([sys.executable, "-m", "benchmarks.speed_worker", "write", folder], cwd=REPOSITORY, check=True)
        commands = {"hardcheck": [sys.executable, "-m", "hardcheck", "dvh", folder, "--json", "-"]}
        if peers:
            commands["dicompyler"] = [sys.executable, "-m", "benchmarks.dicompyler_script", folder]
        found = {}
        for name, command in commands.items():
            say(f"S2 {name}")
            found[name] = [process(command) for _ in range(1 if name == "dicompyler" else RUNS)]
    slowest = found["dicompyler"][0][0] if peers else None
    rows = []
    for name, runs in found.items():
        seconds, peak_mb = median(r[0] for r in runs), max(r[1] for r in runs)
        memory = f"at most {MEMORY_BAR_MB:.0f} MB: {_met(peak_mb <= MEMORY_BAR_MB)}" if name == "hardcheck" else ""
        bar = PROCESS_BAR if name == "hardcheck" else None
        rows.append([_LABELS[name], f"{seconds:.2f} s", f"{peak_mb:.0f} MB", memory, *_ratio(slowest, seconds, bar)])
    if peers:
        rows.append([_LABELS["plastimatch"], *plastimatch_cells(), "", "", "", ""])
    return (
        "**S2, the whole command** on the same plan's files, process start to end: `hardcheck dvh FOLDER --json -` and "
        "`benchmarks/dicompyler_script.py`. plastimatch: `plastimatch convert`, then `plastimatch dvh`, on the "
        "same plan with the CT that it needs; seconds of both, peak of the larger, no intervals.\n\n"
        + table(["command", "time", "peak memory", "bar", "dicompyler-core / this", "bar", ""], rows)
    )


def scaling(_peers: bool) -> str:
    """S3: ten times the slices and points; a finer dose grid."""
    plain, tall, fine = (
        worker("hardcheck", RUNS, slices, voxel_mm)
        for slices, voxel_mm in ((SLICES, VOXEL_MM), (10 * SLICES, VOXEL_MM), (SLICES, FINE_MM))
    )
    # The quickest run of each: other work on the machine would pass for growth.
    base = min(plain["seconds"])
    rows = []
    for what, one, bar in (
        ("200 slices", plain, None),
        ("2000 slices", tall, SLICES_BAR),
        (f"{FINE_MM:g} mm dose grid", fine, fine["voxels"] / plain["voxels"]),
    ):
        seconds = min(one["seconds"])
        times = seconds / base
        verdict = ["", ""] if bar is None else [f"{bar:.1f}", _met(times <= bar)]
        cells = [one["points"], one["voxels"], f"{seconds:.3f} s", f"{one['peak_mb']:.0f} MB"]
        rows.append([what, *cells, f"{times:.1f}", *verdict])
    return "**S3, growth**\n\n" + table(
        ["plan", "contour points", "dose voxels", "time", "peak memory", "times the first", "at most", ""], rows
    )


_LABELS = {
    "hardcheck": "hardcheck",
    "compiled": "hardcheck, numba kernels",
    "dicompyler": "dicompyler-core, default settings",
    "plastimatch": "plastimatch, whole processes",
}


@cache
def _plastimatch() -> tuple[float, float] | None:
    """Seconds and peak memory in MB of its two commands; None where it is not installed."""
    if not plastimatch.installed():
        return None
    with tempfile.TemporaryDirectory() as folder:
        say("writing the plan's files with a CT")
        write = [sys.executable, "-m", "benchmarks.speed_worker", plastimatch.PROGRAM, folder]
        subprocess.run(write, cwd=REPOSITORY, check=True)
        say(plastimatch.PROGRAM)
        runs = [process(command) for command in plastimatch.commands(Path(folder))]
    return sum(r[0] for r in runs), max(r[1] for r in runs)


def plastimatch_cells() -> list[str]:
    """Time and peak memory of plastimatch for a table."""
    found = _plastimatch()
    return [plastimatch.NOT_INSTALLED, ""] if found is None else [f"{found[0]:.2f} s", f"{found[1]:.0f} MB"]


def worker(engine: str, runs: int, slices: int = SLICES, voxel_mm: float = VOXEL_MM) -> dict[str, Any]:
    """What `benchmarks.speed_worker` measured."""
    say(f"{engine}, {slices} slices, {voxel_mm:g} mm voxels")
    command = [sys.executable, "-m", "benchmarks.speed_worker", engine, str(runs), str(slices), str(voxel_mm)]
    run = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, check=True, text=True)
    answer: dict[str, Any] = json.loads(run.stdout)
    return answer


def process(command: Sequence[str]) -> tuple[float, float]:
    """Seconds from start to end, and peak memory in MB, of a command that must succeed."""
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        child = subprocess.Popen(command, cwd=REPOSITORY, stdout=output)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0 or output.tell() + os.fstat(output.fileno()).st_size == 0:
            raise SystemExit(f"{command} ended with {child.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, usage.ru_maxrss * unit / 1e6


def say(text: str) -> None:
    """One line of progress."""
    print(text, file=sys.stderr, flush=True)


def _has_compiled() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in ("numba", "hardcheck.dvh.compiled"))


def _ratio(slowest: float | None, seconds: float, bar: float | None) -> list[str]:
    if slowest is None or bar is None:
        return ["", "", ""]
    return [f"{slowest / seconds:.1f}", f"at least {bar:.0f}", _met(slowest / seconds >= bar)]


def _met(yes: bool) -> str:
    return "met" if yes else "**not met**"


if __name__ == "__main__":
    main()
