"""The geometry of the charts of the cohort report. Pure: numbers in, coordinates of a view box out, y downwards."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hardcheck.report.axis import step
from hardcheck.report.number import MINUS
from hardcheck.report.plot import Tick

if TYPE_CHECKING:
    from hardcheck.cohort import Bar, Limits, Month
    from hardcheck.store import PopulationDvh

WIDTH: Final = 420.0
HEIGHT: Final = 210.0
LEFT: Final = 44.0
RIGHT: Final = WIDTH - 10.0
TOP: Final = 22.0
BOTTOM: Final = HEIGHT - 38.0

_TICKS: Final = 6


@dataclass(frozen=True, slots=True)
class Frame:
    """The axes: their ticks at places of the view box."""

    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """A bar; `is_open` where its numbers go on beyond it, `is_good` on the good side of the limit."""

    x: float
    y: float
    width: float
    height: float
    is_good: bool
    is_open: bool
    title: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """How many plans have which margin; `limit` is the x of margin 0, None where that is outside."""

    frame: Frame
    bars: tuple[DrawnBar, ...]
    limit: float | None


@dataclass(frozen=True, slots=True)
class Point:
    """One month."""

    x: float
    y: float
    is_signal: bool
    title: str


@dataclass(frozen=True, slots=True)
class TrendChart:
    """A number by month with centre line and control limits as paths, empty where there are none.

    `limit` is the y of margin 0, None where there is none.
    """

    frame: Frame
    points: tuple[Point, ...]
    line: str
    centre: str
    limits: str
    limit: float | None


@dataclass(frozen=True, slots=True)
class BandChart:
    """Percentile bands of DVHs around their median, as paths."""

    frame: Frame
    outer: str
    inner: str
    median: str


@dataclass(frozen=True, slots=True)
class _Axis:
    """From a number to its place; `start` and `end` are places."""

    low: float
    high: float
    start: float
    end: float

    def at(self, number: float) -> float:
        share = (number - self.low) / (self.high - self.low)
        return round(self.start + min(max(share, 0.0), 1.0) * (self.end - self.start), 1)

    def ticks(self) -> tuple[Tick, ...]:
        size = step(self.high - self.low, _TICKS)
        decimals = max(0, -math.floor(math.log10(size)))
        first, last = math.ceil(self.low / size - 1e-9), math.floor(self.high / size + 1e-9)
        return tuple(Tick(self.at(n * size), _label(n * size, decimals)) for n in range(first, last + 1))


def _label(number: float, decimals: int) -> str:
    text = f"{number:.{decimals}f}"
    return text.removeprefix("-") if not text.strip("-0.") else text.replace("-", MINUS)


def margin_chart(bars: Sequence[Bar], titles: Sequence[str]) -> BarChart:
    """The bars, of which there is at least one, with a title each."""
    edges = [edge for bar in bars for edge in (bar.low, bar.high) if edge is not None]
    width = min((bar.high - bar.low for bar in bars if bar.low is not None and bar.high is not None), default=1.0)
    low, high = min(edges), max(edges)
    x = _Axis(low - width * (bars[0].low is None), high + width * (bars[-1].high is None or low == high), LEFT, RIGHT)
    highest = max(bar.count for bar in bars)
    y = _Axis(0.0, float(highest), BOTTOM, TOP)
    drawn = []
    for bar, title in zip(bars, titles, strict=True):
        first = x.at(-math.inf if bar.low is None else bar.low)
        last = x.at(math.inf if bar.high is None else bar.high)
        is_good = bar.low is not None and bar.low >= 0
        top = y.at(bar.count)
        is_open = bar.low is None or bar.high is None
        drawn.append(
            DrawnBar(first, top, max(round(last - first - 1, 1), 0.6), round(BOTTOM - top, 1), is_good, is_open, title)
        )
    whole = tuple(tick for tick in y.ticks() if tick.label.isdigit())
    return BarChart(Frame(x.ticks(), whole), tuple(drawn), x.at(0.0) if x.low <= 0 <= x.high else None)


def share_chart(months: Sequence[Month], titles: Sequence[str]) -> TrendChart:
    """The share of plans that meet the goal in each of `months`, of which there is at least one, in percent."""
    shares = [100 * month.met / month.of for month in months]
    limits = [month.share_limits for month in months]
    lows = [100 * one.low for one in limits if one is not None]
    axis = _Axis(math.floor(min(shares + lows + [90.0]) / 10) * 10.0, 100.0, BOTTOM, TOP)
    return _trend(months, shares, (limits, 100.0, "share"), titles, axis)


def trend_of_margins(months: Sequence[Month], titles: Sequence[str]) -> TrendChart | None:
    """The median margin of each of `months` in the unit of the goal; None where no month has one."""
    known = [(month, title) for month, title in zip(months, titles, strict=True) if month.margin is not None]
    if not known:
        return None
    having = [month for month, _ in known]
    margins = [0.0 if month.margin is None else month.margin for month in having]
    limits = [month.margin_limits for month in having]
    ends = [end for one in limits if one is not None for end in (one.low, one.high)]
    low, high = min([*margins, *ends, 0.0]), max([*margins, *ends, 0.0])
    room = (high - low) * 0.06 or 1.0
    axis = _Axis(low - room, high + room, BOTTOM, TOP)
    return _trend(having, margins, (limits, 1.0, "margin"), [title for _, title in known], axis, limit=axis.at(0.0))


def _trend(
    months: Sequence[Month],
    values: Sequence[float],
    control: tuple[Sequence[Limits | None], float, str],
    titles: Sequence[str],
    y: _Axis,
    *,
    limit: float | None = None,
) -> TrendChart:
    around, scale, what = control
    numbers = [_number(month.month) for month in months]
    x = _Axis(numbers[0] - 0.5, numbers[-1] + 0.5, LEFT + 4, RIGHT - 4)
    places = [x.at(number) for number in numbers]
    points = tuple(
        Point(place, y.at(value), what in month.signals, title)
        for place, value, month, title in zip(places, values, months, titles, strict=True)
    )
    half = (x.at(numbers[0] + 0.5) - x.at(numbers[0] - 0.5)) / 2
    steps = [(place, y.at(scale * one.low), y.at(scale * one.high), y.at(scale * one.centre))
             for place, one in zip(places, around, strict=True) if one is not None]  # fmt: skip
    return TrendChart(
        Frame(_month_ticks(numbers, x), y.ticks()),
        points,
        _polyline((point.x, point.y) for point in points),
        "".join(f"M{place - half:.1f} {centre}h{2 * half:.1f}" for place, _, _, centre in steps),
        "".join(f"M{place - half:.1f} {end}h{2 * half:.1f}" for place, *ends, _ in steps for end in ends),
        limit,
    )


def _number(month: str) -> int:
    """Months since the year 0, of ``YYYY-MM``."""
    year, _, number = month.partition("-")
    return 12 * int(year) + int(number) - 1


def _month_ticks(numbers: Sequence[int], x: _Axis) -> tuple[Tick, ...]:
    span = numbers[-1] - numbers[0] + 1
    size = next((n for n in (1, 2, 3, 6, 12, 24, 60) if span / n <= _TICKS), 120)
    first = math.ceil(numbers[0] / size) * size
    return tuple(Tick(x.at(n), f"{n // 12}-{n % 12 + 1:02d}") for n in range(first, numbers[-1] + 1, size))


def _polyline(points: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def band_chart(dvh: PopulationDvh) -> BandChart:
    """The bands of 5 to 95 and 25 to 75 percent of the curves around their median, on Gy and percent of volume."""
    x = _Axis(0.0, max(float(dvh.dose_gy[-1]), 1e-3), LEFT, RIGHT)
    y = _Axis(0.0, 100.0, BOTTOM, TOP)
    doses = [x.at(float(dose)) for dose in dvh.dose_gy]
    places = {
        share: [(dose, y.at(float(volume))) for dose, volume in zip(doses, row, strict=True)]
        for share, row in zip(dvh.percentiles, dvh.volume_percent, strict=True)
    }
    return BandChart(
        Frame(x.ticks(), y.ticks()),
        _polyline([*places[95.0], *reversed(places[5.0])]) + "Z",
        _polyline([*places[75.0], *reversed(places[25.0])]) + "Z",
        _polyline(places[50.0]),
    )
