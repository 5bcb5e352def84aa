"""``python -m benchmarks.accuracy``: values and intervals against exact ones, beside those of other engines."""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks import plastimatch
from benchmarks.accuracy_report import report
from benchmarks.engines import COMPARED, ENGINES, installed
from benchmarks.generated import generated_cases
from benchmarks.nelms import data_folder, file_cases
from benchmarks.results import machine, write_section
from benchmarks.run import Case, run_cases
from benchmarks.value import Value

QUICK = 5
"""--quick takes every fifth case."""


def main() -> None:
    """Run the cases, print the tables; after a full run, write them into RESULTS.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("--only", action="append", default=[], help="cases whose name holds this text; all must match")
    parser.add_argument("--engine", action="append", choices=sorted(ENGINES), help="one engine instead of all")
    parser.add_argument("--quick", action="store_true", help="every fifth case")
    parser.add_argument("--csv", type=Path, help="write every value to this file")
    parser.add_argument("--list", action="store_true", help="print the names of the cases and stop")
    parser.add_argument("--off", action="store_true", help="print the values that are off or not held")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    cases = [case for case in all_cases() if all(text in case.name for text in chosen.only)]
    if chosen.quick:
        cases = cases[::QUICK]
    if chosen.list or not cases:
        print("\n".join(case.name for case in cases) or "no case has such a name")
        return
    started = time.perf_counter()
    engines = chosen.engine or COMPARED
    values = run_cases(cases, [engine for engine in engines if installed(engine)], chosen.jobs)
    took = time.perf_counter() - started
    text = report(values, [engine for engine in engines if not installed(engine)])
    print(text)
    print(f"{len(cases)} cases in {took:.1f} s", file=sys.stderr)
    if chosen.off:
        print("\n" + "\n".join(_line(v) for v in values if v.off or v.held is False))
    if chosen.csv and values:
        write_csv(values, chosen.csv)
    if not (chosen.only or chosen.quick or chosen.engine):
        files = "" if data_folder() else " The group `files` is missing: HARDCHECK_DATA was not set."
        measured = f"{len(cases)} cases. {machine(plastimatch.version())}.{files}"
        head = f"## Accuracy and intervals\n\n`python -m benchmarks.accuracy`, {measured}"
        write_section("accuracy", f"{head}\n\n{text}")


def all_cases() -> list[Case]:
    """The generated cases, and those of the files where HARDCHECK_DATA names their folder."""
    data = data_folder()
    if data is None:
        print("HARDCHECK_DATA is not set: without the files of Nelms et al.", file=sys.stderr)
    files: list[Case] = [] if data is None else list(file_cases(data))
    return [*files, *generated_cases()]


def write_csv(values: Sequence[Value], path: Path) -> None:
    """Every value with its case, error, and whether it is off or held."""
    derived = ("error", "off", "held", "half_width")
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = [asdict(v) | {name: getattr(v, name) for name in derived} for v in values]
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _line(v: Value) -> str:
    numbers = f"exact {v.exact:.4f}, value {_number(v.value)} [{_number(v.low)}, {_number(v.high)}]"
    said = " ".join(word for word, said in (("OFF", v.off), ("NOT-HELD", v.held is False)) if said)
    return f"{v.engine:11} {v.case:60} {v.metric:8} {numbers} {said} {v.reason or ''}"


def _number(number: float | None) -> str:
    return "none" if number is None else f"{number:.4f}"


if __name__ == "__main__":
    main()
