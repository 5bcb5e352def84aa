"""The engines, each asked for the metrics of one structure in its own words."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks import plastimatch, reference
from hardcheck.plan import Plan, Structure

Answer = tuple[float | None, float | None, float | None, str | None]
"""Value, low, high, and the reason where there is none."""


def hardcheck_answers(plan: Plan, structure: Structure, metrics: list[str]) -> dict[str, Answer]:
    """By ``hardcheck.dvh`` with its default settings."""
    from hardcheck.dvh import compute_dvhs  # noqa: PLC0415 - so that a study of one engine loads that one alone

    (dvh,) = compute_dvhs(plan, [structure])
    quantities = {name: dvh.metric(reference.METRICS[name]) for name in metrics}
    return {name: (q.value, q.low, q.high, q.reason) for name, q in quantities.items()}


def compiled_answers(plan: Plan, structure: Structure, metrics: list[str]) -> dict[str, Answer]:
    """By ``hardcheck.dvh`` with its numba kernels, where they are installed."""
    from hardcheck.dvh import compiled, compute_dvhs  # noqa: PLC0415

    (dvh,) = compute_dvhs(plan, [structure], kernels=compiled)
    quantities = {name: dvh.metric(reference.METRICS[name]) for name in metrics}
    return {name: (q.value, q.low, q.high, q.reason) for name, q in quantities.items()}


def dicompyler_answers(plan: Plan, structure: Structure, metrics: list[str]) -> dict[str, Answer]:
    """By dicompyler-core with its default settings, read with its own statistics: nearest bin, no interval."""
    from hardcheck.second_opinion.dataset import dose_file, structure_set  # noqa: PLC0415
    from hardcheck.second_opinion.dicompyler import get_dvh  # noqa: PLC0415

    assert plan.dose is not None  # noqa: S101 - every case has one
    dvh = get_dvh(structure_set(structure), dose_file(plan.dose), structure.number)
    if not dvh.counts[0] > 0:
        return dict.fromkeys(metrics, (None, None, None, "no volume in the dose grid"))
    own = {"Volume": dvh.volume, "Dmin": dvh.min, "Dmax": dvh.max, "Dmean": dvh.mean}
    values = {name: float(own[name] if name in own else dvh.statistic(name).value) for name in metrics}
    return {name: (value, None, None, None) for name, value in values.items()}


def plastimatch_answers(plan: Plan, structure: Structure, metrics: list[str]) -> dict[str, Answer]:
    """By plastimatch on the voxels of a CT, its cumulative curve read by linear interpolation: no interval."""
    with tempfile.TemporaryDirectory() as folder:
        curves = plastimatch.run(replace(plan, structures=(structure,)), Path(folder))
    values = curves[0].values() if curves else {}
    return {name: (values.get(name), None, None, None if name in values else "no volume") for name in metrics}


ENGINES: Final[dict[str, Callable[[Plan, Structure, list[str]], dict[str, Answer]]]] = {
    "hardcheck": hardcheck_answers,
    "dicompyler": dicompyler_answers,
    "plastimatch": plastimatch_answers,
    "compiled": compiled_answers,
}
COMPARED: Final = ("hardcheck", "dicompyler", "plastimatch")
"""Those of a full run."""


def installed(engine: str) -> bool:
    """Whether `engine` can run here; only plastimatch is no Python package that comes with hardcheck."""
    return engine != plastimatch.PROGRAM or plastimatch.installed()
