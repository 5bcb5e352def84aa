"""Room for words on a picture: each where it covers no other."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from hardcheck.plan.geometry import Floats

SIZE: Final = 12.0
"""Height of the letters, in units of the view box."""

_WIDTH: Final = 0.55
"""Width of a letter by its height, a little more than that of most fonts."""

_LONGEST: Final = 18
"""Letters of a name on a picture; the legend has the whole of it."""

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
        """A box for `text` on one of `lines` (n, 2), the longest first; None where there is no room."""
        short = shortened(text)
        width, height = _width(short) * SIZE * _WIDTH + 4, SIZE + 3
        for x, y in _points(lines):
            box = Label(short, round(x - width / 2, 1), round(y - height / 2, 1), round(width, 1), height)
            within = 0 <= box.x <= self.side - width and 0 <= box.y <= self.side - height
            if within and not any(box.overlaps(other) for other in self.taken):
                self.taken.append(box)
                return box
        return None


def shortened(text: str) -> str:
    """The beginning of a name that is too long for a picture."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _width(text: str) -> int:
    """In letters; those of East Asia are twice as wide."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _points(lines: Sequence[Floats]) -> Iterator[tuple[float, float]]:
    """Places along the three longest lines."""
    lengths = [float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines]
    for index in sorted(range(len(lines)), key=lambda n: -lengths[n])[:3]:
        line = lines[index]
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        for share in _SHARES:
            at = share * along[-1]
            yield float(np.interp(at, along, line[:, 0])), float(np.interp(at, along, line[:, 1]))
