"""The geometry of the dose-volume plot: what is drawn where. Pure: lines and marks in, coordinates out.

The template draws it, so that every text in it is escaped where all others are. Coordinates are in units
of the view box, y downwards.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hardcheck.report.axis import step
from hardcheck.report.histogram import Beside, Histogram
from hardcheck.report.mark import Mark

_TOLERANCE: Final = 0.12
"""How far, in view box units, a drawn line may be from the curve: less than can be seen."""

_TAG_HEIGHTS: Final = (50, 62, 38, 74, 26, 86, 14, 56, 44, 68, 32, 80, 20, 92, 8)
"""Percent of volume at which the number of a line is tried, in this order."""

_ANGLES: Final = {"left": 0, "up": 90, "right": 180, "down": 270}


@dataclass(frozen=True, slots=True)
class Layout:
    """Size of the view box and of the frame in it. `x_ticks` is about how many there is room for."""

    name: str
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    x_ticks: int
    tag: float
    """Radius of the number at a line."""
    mark: float
    """Size of the marks."""


WIDE: Final = Layout("wide", 1200, 560, 56, 16, 30, 52, 14, 9, 1)
NARROW: Final = Layout("narrow", 380, 400, 50, 12, 26, 46, 6, 8.5, 0.75)


@dataclass(frozen=True, slots=True)
class GoalMark:
    """A mark with what it stands for. `key` is of the histogram that it is about."""

    mark: Mark
    key: int
    colour: str
    tier: str
    ring: str
    """Around it: ``missed``, ``open`` or none."""
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis, with its number."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """A curve as an SVG path."""

    key: int
    name: str
    colour: str
    dash: str
    path: str
    part_of: str = ""
    band: str = ""
    """Around the curve: the area of its interval; empty where that is not known."""
    band_cc: str = ""
    """The same for the volume in cc, at the scale of the curve: it may go beyond 100 %."""
    besides: tuple[BesideLine, ...] = ()


@dataclass(frozen=True, slots=True)
class BesideLine:
    """A curve of the same structure by somebody else, in percent of its own volume."""

    path: str
    title: str
    volume_cc: float | None


@dataclass(frozen=True, slots=True)
class Tag:
    """The number of a line, at the line; `x` and `y` are its centre."""

    key: int
    colour: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PlacedMark:
    """A goal in the plot, turned by `angle` degrees; the number beside it is left out where there is no room."""

    goal: GoalMark
    x: float
    y: float
    angle: int
    label: Tag | None


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything to draw."""

    layout: Layout
    end_gy: float
    """The dose at the right edge of the frame."""
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]
    tags: tuple[Tag, ...]
    marks: tuple[PlacedMark, ...]

    @property
    def right(self) -> float:
        """The x of the right edge of the frame."""
        return self.layout.width - self.layout.right

    @property
    def bottom(self) -> float:
        """The y of the lower edge of the frame."""
        return self.layout.height - self.layout.bottom


def plot(curves: Sequence[Histogram], goals: Sequence[GoalMark], layout: Layout) -> Plot:
    """The plot of all curves that have points, with the goals on it. Dose in Gy, volume in percent."""
    drawn = [c for c in curves if c.points]
    doses_gy = [d for c in drawn for points in (c.points, *(b.points for b in c.besides)) for d, _ in points]
    highest_gy = max(doses_gy + [g.mark.dose_gy for g in goals], default=0.0)
    step_gy = step(max(highest_gy, 1e-3), layout.x_ticks)
    # A mark at the very edge would lie half outside.
    steps = max(1, math.ceil(highest_gy * 1.01 / step_gy))
    frame = _Frame(layout, steps * step_gy)
    decimals = max(0, -math.floor(math.log10(step_gy)))
    x_ticks = tuple(Tick(frame.x(i * step_gy), f"{i * step_gy:.{decimals}f}") for i in range(steps + 1))
    y_ticks = tuple(Tick(frame.y(p), str(p)) for p in range(0, 101, 20))
    lines = tuple(_line(c, frame) for c in drawn)
    tags = _tags(drawn, frame)
    return Plot(layout, steps * step_gy, x_ticks, y_ticks, lines, tags, tuple(_marks(goals, frame, tags)))


@dataclass(frozen=True, slots=True)
class _Frame:
    """From dose and volume to the view box."""

    layout: Layout
    end_gy: float

    def x(self, dose_gy: float) -> float:
        room = self.layout.width - self.layout.left - self.layout.right
        return round(self.layout.left + room * dose_gy / self.end_gy, 2)

    def y(self, percent: float) -> float:
        room = self.layout.height - self.layout.top - self.layout.bottom
        return round(self.layout.top + room * (1 - percent / 100), 2)

    def points(self, points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        """A curve from dose 0 to its end; `points` are doses in Gy and percent."""
        return [(self.x(d), self.y(v)) for d, v in [(0.0, points[0][1]), *points]]


def _line(curve: Histogram, frame: _Frame) -> Line:
    return Line(
        curve.key,
        curve.name,
        curve.colour,
        curve.dash,
        _path(frame.points(curve.points)),
        curve.part_of,
        _area(curve.band.outline(), frame),
        _area(curve.band.outline(curve.known_cc), frame),
        tuple(_beside_line(beside, frame) for beside in curve.besides),
    )


def _beside_line(beside: Beside, frame: _Frame) -> BesideLine:
    return BesideLine(_path(frame.points(beside.points)), beside.title, beside.volume_cc)


def _area(band: Sequence[tuple[float, float, float]], frame: _Frame) -> str:
    """The outline of an area from (dose, low, high) with rising doses: along the high side, back along the low one."""
    if len(band) < 2:
        return ""
    if band[-1][2] > 0:
        # What is not known may have any dose: the bounds go on.
        band = [*band, (band[-1][0], 0.0, band[-1][2]), (frame.end_gy, 0.0, band[-1][2])]
    low, high = ([(frame.x(point[0]), frame.y(point[side])) for point in band] for side in (1, 2))
    return _joined([*_thinned(high), *reversed(_thinned(low))]) + "Z"


def _path(points: Sequence[tuple[float, float]]) -> str:
    return _joined(_thinned(points))


def _joined(points: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Fewer points on the same line ("swinging door").

    Along a falling curve neither x nor y (downwards) ever decreases, so turned by 45 degrees it is a function of
    u = x + y with a slope between -1 and 1: flat and steep parts are treated alike. Where the bound of an interval goes
    the other way, nothing is left out.
    """
    kept = [points[0]]
    low, high = -math.inf, math.inf
    previous = points[0]
    for point in points[1:]:
        du, dv = _turned(kept[-1], point)
        if du <= 0 or not low <= dv / du <= high:
            kept += [previous] if previous != kept[-1] else []
            low, high = -math.inf, math.inf
            du, dv = _turned(previous, point)
        if du <= 0:
            kept += [point] if point != previous else []
            previous = point
            continue
        low, high = max(low, (dv - _TOLERANCE) / du), min(high, (dv + _TOLERANCE) / du)
        previous = point
    return [*kept, previous] if previous != kept[-1] else kept


def _turned(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    dx, dy = end[0] - start[0], end[1] - start[1]
    return dx + dy, dx - dy


def _tags(curves: Sequence[Histogram], frame: _Frame) -> tuple[Tag, ...]:
    """A number at each line where it is not on top of another; the last place tried where there is none."""
    tags: list[Tag] = []
    radius = frame.layout.tag
    for curve in curves:
        places = [(frame.x(_dose_at(curve, percent)), frame.y(percent)) for percent in _TAG_HEIGHTS]
        free = (p for p in places if all(math.dist(p, (t.x, t.y)) > 2 * radius + 1 for t in tags))
        x, y = next(free, places[0])
        x = min(max(x, frame.layout.left + radius), frame.layout.width - frame.layout.right - radius)
        tags.append(Tag(curve.key, curve.colour, round(x, 2), y))
    return tuple(tags)


def _dose_at(curve: Histogram, percent: float) -> float:
    """The dose at which the curve falls through `percent`."""
    before = (0.0, curve.points[0][1])
    for point in curve.points:
        if point[1] < percent <= before[1]:
            share = (before[1] - percent) / (before[1] - point[1])
            return before[0] + share * (point[0] - before[0])
        before = point
    return before[0] if percent <= before[1] else 0.0


def _marks(goals: Sequence[GoalMark], frame: _Frame, tags: Sequence[Tag]) -> Iterable[PlacedMark]:
    places = [(frame.x(g.mark.dose_gy), frame.y(g.mark.percent)) for g in goals]
    taken = [(t.x, t.y) for t in tags] + places
    for goal, (x, y) in zip(goals, places, strict=True):
        label = _label(goal, x, y, taken, frame.layout)
        if label is not None:
            taken.append((label.x, label.y))
        yield PlacedMark(goal, x, y, _ANGLES[goal.mark.good], label)


def _label(goal: GoalMark, x: float, y: float, taken: Sequence[tuple[float, float]], layout: Layout) -> Tag | None:
    """The first free place around a mark; on the bad side first, where no arrow points."""
    away = {"left": (1, 0), "right": (-1, 0), "down": (0, -1), "up": (0, 1)}[goal.mark.good]
    reach = 1.65 * layout.tag
    across = (away[1], away[0])
    ways = [away, (away[0] + across[0], away[1] + across[1]), (away[0] - across[0], away[1] - across[1])]
    for dx, dy in ways:
        place = (x + reach * dx, y + reach * dy)
        inside = layout.left < place[0] < layout.width - layout.right and 0 < place[1] < layout.height - layout.bottom
        if inside and all(math.dist(place, other) > 1.4 * layout.tag for other in taken):
            return Tag(goal.key, goal.colour, round(place[0], 2), round(place[1], 2))
    return None
