"""Histograms on the terminal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from hardcheck.cli.figure import figure
from hardcheck.cli.question import Question
from hardcheck.cli.screen import say, table, text
from hardcheck.metric import decimal_text
from hardcheck.report.number import interval

if TYPE_CHECKING:
    from rich.console import Console

    from hardcheck.dvh import Dvh
    from hardcheck.quantity import Quantity

_LEGEND: Final = (
    "{theirs}: a second opinion by {who}, without an interval.",
    "Interval: where the value lies by {ours}, with all that the contours and the dose grid leave open.",
    "Difference: {theirs} less {ours}, in the unit of the row. Neither is the truth by itself.",
    "Inside: whether {theirs} lies in the interval. no by little: its bins and its pixels.",
    "no by much: they read the structure or its dose otherwise (slices, holes, small volumes), so find out why.",
)
"""Below a comparison of two engines."""


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


def show_metrics(console: Console, dvhs: Sequence[Dvh], question: Question) -> None:
    """One row per structure and metric."""
    if not question.metrics:
        return
    rows = table("Name", "Metric", "Value", "Interval", "Unit", "Why not", right=("Value", "Interval"))
    beside: list[str] = []
    for dvh in dvhs:
        for metric in question.metrics:
            quantity = question.answer(dvh, metric)
            beside += [f"{dvh.structure.name} {metric}: {c}" for c in quantity.caveats if c not in dvh.caveats]
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
    for line in beside:
        console.print(text(line))
    _show_level(console, question)


def show_comparison(console: Console, dvhs: Sequence[Dvh], others: Sequence[Dvh], question: Question) -> None:
    """Both engines side by side, and what the columns say."""
    if not dvhs:
        return
    ours, theirs = dvhs[0].engine, others[0].engine
    who = "another program, on dose bins of 1 cGy" if theirs.startswith("dicompyler") else "the planning system"
    numbers = (ours, "Interval", theirs, "Difference")
    rows = table("Name", "Metric", *numbers, "Unit", "Inside", right=numbers)
    for dvh, other in zip(dvhs, others, strict=True):
        for metric in question.metrics:
            mine, other_one = question.answer(dvh, metric), question.answer(other, metric)
            cells = (
                dvh.structure.name,
                str(metric),
                *_compared(mine, other_one),
                metric.unit,
                _inside(mine, other_one),
            )
            rows.add_row(*(text(c) for c in cells))
    console.print(rows)
    console.print()
    for line in _LEGEND:
        say(console, line.format(ours=ours, theirs=theirs, who=who), indent=0)
    _show_level(console, question)
    console.print()
    for made in (*dvhs, *others):
        if made.reason:
            console.print(text(f"{made.structure.name}: no numbers from {made.engine}: {made.reason}"))


def _show_level(console: Console, question: Question) -> None:
    if question.level_gy is not None:
        console.print(text(f"Doses in percent are of {decimal_text(question.level_gy)} Gy, as --level says."))


def _compared(mine: Quantity, theirs: Quantity) -> tuple[str, ...]:
    difference = figure(theirs.value - mine.value) if mine.value is not None and theirs.value is not None else "?"
    return figure(mine.value), interval(mine), figure(theirs.value), difference


def _inside(mine: Quantity, theirs: Quantity) -> str:
    """Whether the other engine's value lies in our interval; empty where that cannot be told."""
    if mine.low is None or mine.high is None or theirs.value is None:
        return ""
    return "yes" if mine.low <= theirs.value <= mine.high else "no"


def _show_caveats(console: Console, dvhs: Sequence[Dvh]) -> None:
    grouped: dict[str, list[str]] = defaultdict(list)
    for dvh in dvhs:
        for caveat in dvh.caveats:
            grouped[caveat].append(dvh.structure.name)
    for caveat, names in grouped.items():
        console.print(text(f"{', '.join(names)}: {caveat}"))
