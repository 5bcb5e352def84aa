"""Histograms on the terminal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hardcheck.cli.figure import figure
from hardcheck.cli.screen import table, text
from hardcheck.metric import Metric
from hardcheck.report.number import interval

if TYPE_CHECKING:
    from rich.console import Console

    from hardcheck.dvh import Dvh


def show_histograms(console: Console, dvhs: Sequence[Dvh]) -> None:
    """One row per structure; below it why one has no numbers, and what a reader must know of the others."""
    columns = ("Volume cc", "Interval", "Min Gy", "Mean Gy", "Max Gy", "In grid")
    rows = table("ROI", "Name", *columns, right=("ROI", *columns))
    for dvh in dvhs:
        share = dvh.in_grid_fraction
        numbers = [figure(n) for n in (dvh.minimum_gy, dvh.mean_gy, dvh.maximum_gy)]
        inside = "?" if share is None else f"{100 * share:.2f} %"
        cells = [figure(dvh.volume.value), interval(dvh.volume), *numbers, inside]
        rows.add_row(text(dvh.structure.number), text(dvh.structure.name), *(text(c) for c in cells))
    console.print(rows)
    console.print()
    for dvh in dvhs:
        if dvh.reason:
            console.print(text(f"{dvh.structure.name}: no numbers: {dvh.reason}"))
    _show_caveats(console, dvhs)


def show_metrics(console: Console, dvhs: Sequence[Dvh], metrics: Sequence[Metric]) -> None:
    """One row per structure and metric."""
    if not metrics:
        return
    rows = table("Name", "Metric", "Value", "Interval", "Unit", "Why not", right=("Value", "Interval"))
    for dvh in dvhs:
        for metric in metrics:
            quantity = dvh.metric(metric)
            cells = (
                dvh.structure.name,
                metric,
                figure(quantity.value),
                interval(quantity),
                metric.unit,
                quantity.reason or "",
            )
            rows.add_row(*(text(c) for c in cells))
    console.print(rows)
    console.print()


def show_comparison(console: Console, dvhs: Sequence[Dvh], others: Sequence[Dvh], metrics: Sequence[Metric]) -> None:
    """Both engines side by side; the difference is the other one's value less ours."""
    if not dvhs:
        return
    ours, theirs = dvhs[0].engine, others[0].engine
    numbers = (ours, "Interval", theirs, "Difference")
    rows = table("Name", "Metric", *numbers, "Unit", "Inside", right=numbers)
    for dvh, other in zip(dvhs, others, strict=True):
        for metric in metrics:
            rows.add_row(*(text(c) for c in _compared(dvh, other, metric)))
    console.print(rows)
    console.print()
    for made in (*dvhs, *others):
        if made.reason:
            console.print(text(f"{made.structure.name}: no numbers from {made.engine}: {made.reason}"))


def _compared(dvh: Dvh, other: Dvh, metric: Metric) -> tuple[str, ...]:
    mine, theirs = dvh.metric(metric), other.metric(metric)
    difference, inside = None, ""
    if mine.value is not None and theirs.value is not None and mine.low is not None and mine.high is not None:
        difference = theirs.value - mine.value
        inside = "yes" if mine.low <= theirs.value <= mine.high else "no"
    values = figure(mine.value), interval(mine), figure(theirs.value), figure(difference)
    return (dvh.structure.name, str(metric), *values, metric.unit, inside)


def _show_caveats(console: Console, dvhs: Sequence[Dvh]) -> None:
    grouped: dict[str, list[str]] = defaultdict(list)
    for dvh in dvhs:
        for caveat in dvh.caveats:
            grouped[caveat].append(dvh.structure.name)
    for caveat, names in grouped.items():
        console.print(text(f"{', '.join(names)}: {caveat}"))
