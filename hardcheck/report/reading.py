"""What the script of the page reads the curves off from: numbers alone, no text from outside."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

from hardcheck.report.histogram import Histogram
from hardcheck.report.plot import Plot

_DIGITS: Final = 2
"""Of percent and cc, as everywhere in the report."""


def plot_data(lines: Iterable[Histogram], plots: Sequence[Plot], reference_gy: float | None) -> dict[str, object]:
    """A JSON document: the frames of `plots`, and of each line its readings with their bounds.

    ``reference_gy`` is what doses are in percent of, None where that is not known. A bound that is not known is null.
    """
    drawn = [line for line in lines if line.points and line.known_cc]
    step_gy = next((line.band.readings[1].dose_gy for line in drawn if len(line.band.readings) > 1), None)
    return {
        "step": step_gy,
        "reference": reference_gy if reference_gy is not None and reference_gy > 0 else None,
        "frames": {p.layout.name: _frame(p) for p in plots},
        "lines": {str(line.key): _line(line) for line in drawn},
    }


def _frame(plot: Plot) -> dict[str, float]:
    layout = plot.layout
    return {
        "left": layout.left,
        "right": plot.right,
        "top": layout.top,
        "bottom": plot.bottom,
        "end": plot.end_gy,
        "ticks": layout.x_ticks,
    }


def _line(line: Histogram) -> dict[str, object]:
    readings = line.band.readings
    return {
        "volume": _rounded(line.known_cc, 6),
        "percent": _columns([r.percent for r in readings]),
        "cc": _columns([r.cc for r in readings]),
        "beside": [
            {"volume": _rounded(b.volume_cc, 6), "percent": [_rounded(p) for p in b.percents]} for b in line.besides
        ],
    }


def _columns(bounds: Sequence[tuple[float, float, float]]) -> list[list[float | None]]:
    return [[_rounded(each[column]) for each in bounds] for column in range(3)]


def _rounded(number: float | None, digits: int = _DIGITS) -> float | None:
    if number is None or not math.isfinite(number):
        return None
    rounded = round(number, digits)
    return int(rounded) if rounded == int(rounded) else rounded
