"""One engine, one plan, in a process of its own: ``python -m benchmarks.speed_worker ENGINE RUNS SLICES VOXEL_MM``.

Prints the seconds of each run, and the peak memory of the process before and after, as JSON. With ``write FOLDER``
it writes the plan's files instead, with ``plastimatch FOLDER`` those for plastimatch, which have a CT.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import plastimatch
from benchmarks.clinical_plan import POINTS, SLICES, clinical_plan
from hardcheck.plan import Plan


def main() -> None:
    """Build the plan, run the engine, print what it took."""
    if sys.argv[1] == "write":
        from hardcheck.dicom.writer import write_plan  # noqa: PLC0415

        write_plan(clinical_plan(), Path(sys.argv[2]))
        return
    if sys.argv[1] == plastimatch.PROGRAM:
        plastimatch.write_files(clinical_plan(), Path(sys.argv[2]))
        return
    engine, runs, slices, voxel_mm = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    plan = clinical_plan(slices, POINTS * slices // SLICES, voxel_mm)
    compute = _COMPUTE[engine](plan)
    before = peak_mb()
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        compute()
        seconds.append(time.perf_counter() - started)
    assert plan.dose is not None  # noqa: S101
    points = sum(len(s.points_mm) for s in plan.structures)
    answer = {"seconds": seconds, "before_mb": before, "peak_mb": peak_mb(), "points": points}
    print(json.dumps(answer | {"voxels": plan.dose.dose_gy.size, "rois": len(plan.structures)}))


def peak_mb() -> float:
    """The largest resident memory that this process has had, in MB; the unit of ru_maxrss is the system's."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _hardcheck(plan: Plan) -> Callable[[], object]:
    from hardcheck.dvh import compute_dvhs  # noqa: PLC0415 - each process loads its own engine alone

    return lambda: compute_dvhs(plan, plan.structures)


def _compiled(plan: Plan) -> Callable[[], object]:
    from hardcheck.dvh import compiled, compute_dvhs  # noqa: PLC0415

    # Once beforehand: the compiler's work is kept on disk, and is not the engine's.
    compute_dvhs(plan, plan.structures[1:3], kernels=compiled)
    return lambda: compute_dvhs(plan, plan.structures, kernels=compiled)


def _dicompyler(plan: Plan) -> Callable[[], object]:
    from hardcheck.second_opinion.dataset import dose_file, structure_set  # noqa: PLC0415
    from hardcheck.second_opinion.dicompyler import get_dvh  # noqa: PLC0415

    # The datasets are made beforehand: dicompyler-core would find them in the files.
    assert plan.dose is not None  # noqa: S101
    dose = dose_file(plan.dose)
    sets = {s.number: structure_set(s) for s in plan.structures}
    return lambda: [get_dvh(dataset, dose, number) for number, dataset in sets.items()]


_COMPUTE = {"hardcheck": _hardcheck, "compiled": _compiled, "dicompyler": _dicompyler}

if __name__ == "__main__":
    main()
