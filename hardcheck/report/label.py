"""Room for words on a picture: each where it covers no other."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from hardcheck.plan.geometry import Floats

SIZE: Final = 12.0
"""Height of the letters, in units of the view box."""

_WIDTHS: Final = {"W": 1.0, "F": 1.0, "capital": 0.7, "": 0.54}
"""Width of a letter by its height, a little more than that of most fonts: East Asian ones, capitals, and others."""

_SMALL: Final = 1.2
"""What is smaller than its name by this factor has it next to it: on it, the name would hide it."""

_LONGEST: Final = 18
"""Letters of a name on a picture; the legend has the whole of it."""

_GAPS: Final = (14.0, 26.0, 40.0, 58.0, 80.0, 105.0)
"""Between a line and a word that stands aside."""
_AROUND: Final = 16
"""Directions in which room is looked for there."""

_SHARES: Final = (0.5, 0.25, 0.75, 0.0, 0.375, 0.625, 0.125, 0.875, 0.06, 0.31, 0.56, 0.81, 0.19, 0.44, 0.69, 0.94)
"""Where along a line room is looked for, in this order."""


@dataclass(frozen=True, slots=True)
class Label:
    """A word in its box, by the left upper corner, in units of the view box."""

    text: str
    x: float
    y: float
    width: float
    height: float
    leader: tuple[float, float, float, float] | None = None
    """From the line (x, y) to the word that stands aside (x, y); None where it stands at the line."""

    def overlaps(self, other: Label) -> bool:
        """Whether the boxes have a part in common."""
        across = self.x < other.x + other.width and other.x < self.x + self.width
        return across and self.y < other.y + other.height and other.y < self.y + self.height


@dataclass(slots=True)
class Room:
    """A square of `side` units, with what is `taken` of it."""

    side: float
    taken: list[Label] = field(default_factory=list)

    def take(self, x: float, y: float, width: float, height: float) -> None:
        """Keep a box free of words."""
        self.taken.append(Label("", x, y, width, height))

    def beside(self, text: str, lines: Sequence[Floats]) -> Label | None:
        """A box for `text` on one of `lines` (n, 2), the longest first, or next to it, else aside with a leader.

        None where there is no room.
        """
        short = shortened(text)
        width, height = _width(short) * SIZE + 5, SIZE + 3
        at_line = ((place, None) for place in _places(lines, width, height))
        for (x, y), start in (*at_line, *_aside(lines, width, height)):
            box = Label(short, round(x - width / 2, 1), round(y - height / 2, 1), round(width, 1), height)
            within = 0 <= box.x <= self.side - width and 0 <= box.y <= self.side - height
            if within and not any(box.overlaps(other) for other in self.taken):
                self.taken.append(box)
                return box if start is None else _led(box, start)
        return None


def shortened(text: str) -> str:
    """The beginning of a name that is too long for a picture."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _width(text: str) -> float:
    """By the height of the letters."""
    return sum(_WIDTHS.get(_kind(letter), _WIDTHS[""]) for letter in text)


def _kind(letter: str) -> str:
    return "capital" if letter.isupper() or letter in "mw%…@" else unicodedata.east_asian_width(letter)


def _places(lines: Sequence[Floats], width: float, height: float) -> Iterator[tuple[float, float]]:
    """Middles of the boxes that are tried."""
    points = np.concatenate(lines)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    if right - left > _SMALL * width or bottom - top > 4 * height:
        yield from _points(lines)
        return
    x, y = (left + right) / 2, (top + bottom) / 2
    yield from ((x, bottom + height / 2 + 2), (x, top - height / 2 - 2))
    yield from ((right + width / 2 + 2, y), (left - width / 2 - 2, y))


def _led(box: Label, start: tuple[float, float]) -> Label:
    """With a leader from `start` to the nearest point of the box."""
    x, y = start
    end = min(max(x, box.x), box.x + box.width), min(max(y, box.y), box.y + box.height)
    return replace(box, leader=(round(x, 1), round(y, 1), round(end[0], 1), round(end[1], 1)))


def _aside(
    lines: Sequence[Floats], width: float, height: float
) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Middles of boxes ever further away from the longest line, all around it, each with the point it belongs to."""
    line = max(lines, key=lambda one: float(np.hypot(*np.diff(one, axis=0).T).sum()))
    for gap in _GAPS:
        for angle in np.arange(_AROUND) * (2 * np.pi / _AROUND):
            way = np.array([np.cos(angle), np.sin(angle)])
            start = line[int((line @ way).argmax())]
            x, y = start + way * (gap + np.array([width, height]) / 2)
            yield (float(x), float(y)), (float(start[0]), float(start[1]))


def _points(lines: Sequence[Floats]) -> Iterator[tuple[float, float]]:
    """Places along the three longest lines."""
    lengths = [float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines]
    for index in sorted(range(len(lines)), key=lambda n: -lengths[n])[:3]:
        line = lines[index]
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        for share in _SHARES:
            at = share * along[-1]
            yield float(np.interp(at, along, line[:, 0])), float(np.interp(at, along, line[:, 1]))
