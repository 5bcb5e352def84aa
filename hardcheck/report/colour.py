"""Colours of the histogram lines: those of the structures, where they can be seen and told apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

RGB = tuple[int, int, int]

PALETTE: Final[tuple[RGB, ...]] = (
    (0, 114, 178), (213, 94, 0), (0, 140, 100), (200, 80, 150), (110, 70, 190), (150, 105, 0),
    (30, 140, 200), (190, 40, 50), (90, 125, 30), (130, 90, 75), (0, 135, 150), (115, 120, 130),
)  # fmt: skip
"""Hues apart from one another, also for readers who see two primaries only."""

DARKEST: Final = 0.15
LIGHTEST: Final = 0.27
"""Relative luminance (WCAG 2) between which a line has a contrast of 3 to white and to the dark page alike."""

APART: Final = 0.07
"""Distance in OKLab (Ottosson 2020) under which two lines are taken for one colour."""

ALIKE: Final = 0.16
"""Distance under which two lines get different dashes."""

DASHES: Final = ("", "8 3", "2.5 2.5", "10 3 2.5 3", "14 4")
"""Together with the number at the line they tell lines apart where colour does not."""

DOTS: Final = "1.5 3"
"""Of a line for the part of a structure that goals are about, in the colour of the structure."""

Lab = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Style:
    """How a line is drawn: ``#rrggbb``, and an SVG dash array, empty for none."""

    colour: str
    dash: str


def line_styles(colours: Sequence[RGB | None]) -> tuple[Style, ...]:
    """Colour and dashes of each line: its own colour, or one of the palette where it is none or like an earlier one."""
    taken: list[tuple[Lab, str]] = []
    chosen: list[Style] = []
    for index, own in enumerate(colours):
        linear = _seen(own) if own is not None else None
        if linear is None or _nearest(linear, taken) < APART:
            linear = max((_seen(c) for c in PALETTE), key=lambda c: (-_uses(c, taken), _nearest(c, taken)))
        dash = _dash(_lab(linear), index, taken)
        taken.append((_lab(linear), dash))
        chosen.append(Style(_hex(linear), dash))
    return tuple(chosen)


def _dash(lab: Lab, index: int, taken: Sequence[tuple[Lab, str]]) -> str:
    """The first pattern in turn that no line of nearly this colour has."""
    alike = [dash for other, dash in taken if math.dist(lab, other) < ALIKE]
    turn = [DASHES[(index + i) % len(DASHES)] for i in range(len(DASHES))]
    return min(turn, key=alike.count)


def luminance(linear: Lab) -> float:
    """Relative luminance of a linear-light colour, 0 to 1 (WCAG 2)."""
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def linear_light(colour: RGB) -> Lab:
    """Colour in sRGB (0 to 255 each) in linear light, 0 to 1 (IEC 61966-2-1)."""
    parts = [min(255, max(0, c)) / 255 for c in colour]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return red, green, blue


def _seen(colour: RGB) -> Lab:
    """The colour in linear light, darkened or lightened until it shows on white and on dark alike."""
    linear = linear_light(colour)
    bright = luminance(linear)
    if bright > LIGHTEST:
        return tuple(c * LIGHTEST / bright for c in linear)  # type: ignore[return-value]
    if bright < DARKEST:
        share = (DARKEST - bright) / (1 - bright)
        return tuple(c + share * (1 - c) for c in linear)  # type: ignore[return-value]
    return linear


def _uses(linear: Lab, taken: Sequence[tuple[Lab, str]]) -> int:
    """How many lines have this very colour: with more lines than colours, all are used in turn."""
    return sum(math.dist(_lab(linear), other) < 1e-9 for other, _ in taken)


def _nearest(linear: Lab, taken: Sequence[tuple[Lab, str]]) -> float:
    return min((math.dist(_lab(linear), other) for other, _ in taken), default=math.inf)


def _lab(linear: Lab) -> Lab:
    """OKLab of a linear-light sRGB colour."""
    r, g, b = linear
    long = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    medium = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    short = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _hex(linear: Lab) -> str:
    parts = (12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in linear)
    return "#" + "".join(f"{min(255, max(0, round(255 * p))):02x}" for p in parts)
