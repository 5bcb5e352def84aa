"""One plane as it is drawn.

Coordinates are in units of a view box of `SIDE` by `SIDE`, y downwards; paths are in tenths of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hardcheck.picture import Picture
from hardcheck.plan.geometry import Floats
from hardcheck.report.isodose import Isodoses
from hardcheck.report.label import Label, Room
from hardcheck.report.place import Point
from hardcheck.report.raster import data_uri, raster

SIDE: Final = 320.0

_FINE: Final = 10
"""Steps of a path in a unit."""

_BAR_MM: Final = (100, 50, 20, 10)
_LETTER: Final = 16.0
_SMALL: Final = SIDE / 3
"""Of a contour up to this size in both directions words stay off."""
_MARK: Final = 20.0
"""Around the mark, where no word hides what is to be looked at."""


@dataclass(frozen=True, slots=True)
class Contoured:
    """A structure that may be drawn. `key` is its number in the dose-volume plot, 0 where it has none there."""

    number: int
    key: int
    name: str
    colour: str
    dash: str


@dataclass(frozen=True, slots=True)
class Curve:
    """The lines of one isodose or of one structure, as the path of an SVG; `label` where there is room for one."""

    id: str
    name: str
    path: str
    colour: str
    dash: str
    label: Label | None


@dataclass(frozen=True, slots=True)
class Drawing:
    """One plane. `key` is unique on the page; `letters` are the patient's sides left, right, above and below."""

    key: str
    title: str
    caption: str
    image: str
    isodoses: tuple[Curve, ...]
    contours: tuple[Curve, ...]
    grid_edge: str
    letters: tuple[str, str, str, str]
    bar: float
    """Length of the scale bar."""
    bar_text: str
    mark: tuple[float, float]
    """Where the place is."""
    mark_title: str
    has_ct: bool

    @property
    def size(self) -> int:
        """About how many bytes it takes on the page."""
        curves = (*self.isodoses, *self.contours)
        return len(self.image) + sum(len(curve.path) + 300 for curve in curves) + 2000


def drawing(
    key: str,
    picture: Picture,
    at_mm: Point,
    contoured: Mapping[int, Contoured],
    isodoses: Isodoses,
    said: tuple[str, str, str],
) -> Drawing:
    """The drawing of a picture with a mark at a place; `said` are its title, its caption and what the mark is."""
    plane = picture.plane
    units = SIDE / plane.side_mm
    x, y = (float(c) for c in plane.place(np.array([at_mm]))[0] * units)
    bar_mm = next((mm for mm in _BAR_MM if mm <= plane.side_mm / 3), _BAR_MM[-1])
    room = _room(bar_mm * units, x, y)
    contours_of = [(contoured[number], [line * units for line in lines]) for number, lines in picture.outlines]
    for line in (line for _, lines in contours_of for line in lines):
        _keep_free(room, line)
    levels = [
        (level, [line * units for line in lines])
        for level, (_, lines) in zip(isodoses.levels, picture.isodoses, strict=True)
    ]
    curves = tuple(
        Curve(f"{key}-i{n}", level.text, _path(lines), level.colour, _dash(level.dash), room.beside(level.text, lines))
        for n, (level, lines) in enumerate(levels)
        if lines
    )
    contours = tuple(_contour(key, one, lines, room) for one, lines in contours_of)
    seen = raster(picture.hounsfield, picture.dose_gy, isodoses.steps_gy)
    return Drawing(
        key,
        *said[:2],
        data_uri(seen),
        curves,
        contours,
        _path([line * units for line in picture.grid_edge]),
        plane.letters,
        round(bar_mm * units, 1),
        f"{bar_mm} mm",
        (round(x, 1), round(y, 1)),
        said[2],
        picture.hounsfield is not None,
    )


def _contour(key: str, one: Contoured, lines: Sequence[Floats], room: Room) -> Curve:
    name = room.beside(one.name, lines)
    return Curve(f"{key}-c{one.number}", one.name, _path(lines), one.colour, _dash(one.dash), name)


def _dash(dash: str) -> str:
    """A dash array in units, in steps of a path."""
    return " ".join(f"{_FINE * float(length):g}" for length in dash.split())


def _room(bar: float, x: float, y: float) -> Room:
    """The square without what stands at fixed places: letters, bar and mark."""
    room = Room(SIDE)
    middle = (SIDE - _LETTER) / 2
    for left, top in ((0, middle), (SIDE - _LETTER, middle), (middle, 0), (middle, SIDE - _LETTER)):
        room.take(left, top, _LETTER, _LETTER)
    room.take(0, SIDE - 30, bar + 16, 30)
    room.take(x - _MARK, y - _MARK, 2 * _MARK, 2 * _MARK)
    return room


def _keep_free(room: Room, line: Floats) -> None:
    """No word on what a small contour (n, 2) is around."""
    (left, top), (right, bottom) = line.min(axis=0).tolist(), line.max(axis=0).tolist()
    if max(right - left, bottom - top) <= _SMALL:
        room.take(left, top, right - left, bottom - top)


def _path(lines: Iterable[Floats]) -> str:
    """Lines (n, 2) in units as one path, in whole tenths and relative to the point before."""
    pieces: list[str] = []
    for line in lines:
        points = np.rint(line * _FINE).astype(np.int64)
        steps = np.diff(points, axis=0)
        steps = steps[np.any(steps != 0, axis=1)]
        if steps.size:
            x, y = points[0]
            pieces.append(f"M{x} {y}l" + " ".join(f"{dx} {dy}" for dx, dy in steps.tolist()))
    return "".join(pieces).replace(" -", "-")
