"""Where the rows go, and what volume each stands for under each model of what lies between the planes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from hardcheck.dvh.kernels import Chords, RowSet, Shares, sums
from hardcheck.dvh.planes import Lines, PlaneStack
from hardcheck.dvh.profile import Profile
from hardcheck.plan.geometry import Floats, Integers

LINES: Final = 3072
"""Lines of constant y per structure, two rows on each. The error that is left is measured each time, by the model
that uses every other line."""

LINES_PER_PLANE: Final = (24, 512)
"""Least and most lines of one plane."""

LINES_PER_CONTOUR: Final = 6
"""Least lines through the smallest contour of a plane, within `LINES_PER_PLANE`."""

ALIKE: Final = 8
"""Neighbouring planes that are much alike."""

_GOLDEN: Final = 0.6180339887498949
_SILVER: Final = 0.4142135623730950


class Part(IntEnum):
    """Parts of a structure, each a channel of the histogram, which models put together.

    Between the planes: SMOOTH, by a smooth area, or OTHER, each plane up to half-way and full ends. Beyond the lowest
    planes (BELOW) and the highest (ABOVE): CLOSING, to where the structure closes or else half a slice; INNER and
    OUTER, the first and the second half of a slice.
    """

    SMOOTH = 0
    OTHER = 1
    CLOSING_BELOW = 2
    CLOSING_ABOVE = 3
    INNER_BELOW = 4
    INNER_ABOVE = 5
    OUTER_BELOW = 6
    OUTER_ABOVE = 7


BETWEEN: Final = (Part.SMOOTH, Part.OTHER)
CLOSING: Final = (Part.CLOSING_BELOW, Part.CLOSING_ABOVE)
INNER: Final = (Part.INNER_BELOW, Part.INNER_ABOVE)
OUTER: Final = (Part.OUTER_BELOW, Part.OUTER_ABOVE)

CHANNELS: Final = 2 * len(Part)
"""Each part twice: of the even and of the odd lines."""


@dataclass(frozen=True, slots=True)
class Model:
    """What is taken to lie between and beyond the planes: the parts of which the structure is made.

    `every`: 2 where only every other line is used. `scale` of the volume.
    """

    parts: tuple[Part, ...]
    every: int = 1
    scale: float = 1.0

    @property
    def mix(self) -> Floats:
        """The weight (CHANNELS,) of each channel."""
        weights = np.zeros(CHANNELS)
        for part in self.parts:
            weights[2 * part] = self.every
            weights[2 * part + 1] = 1.0 if self.every == 1 else 0.0
        return weights

    def volume_cc(self, volumes: Floats) -> float:
        """The volume of the structure of which `volumes` (parts, 2, K) are the parts in mm3."""
        return float(volumes[list(self.parts)].sum() * self.scale / 1000)


def part_volumes(profile: Profile) -> Floats:
    """The volumes (parts, 2, K) in mm3 of all parts, below and above each plane."""
    joined = profile.stack.joined
    share = np.empty((len(Part), *joined.shape))
    held = profile.held()
    share[list(BETWEEN)] = np.where(joined, held, 0.0)
    for parts, cap in ((CLOSING, held[0]), (INNER, 0.5), (OUTER, 0.5)):
        share[list(parts)] = np.where(joined, 0.0, cap)
        share[parts[0], 1] = share[parts[1], 0] = 0.0
    return np.asarray(share * profile.stack.area_mm2 * profile.stack.reach_mm)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Two rows on each line, below and above its plane: `at` says where, and the rest (r,) what they belong to.

    `distance` is from the plane, in units of the reach on that `side` (0 below, 1 above).
    """

    at: RowSet
    plane: Integers
    side: Integers
    place: Integers
    distance: Floats


def make_lines(stack: PlaneStack) -> Lines:
    """The lines of a structure."""
    height = stack.y_range_mm[1] - stack.y_range_mm[0]
    least = np.ceil(LINES_PER_CONTOUR * height / stack.finest_mm)
    count = np.clip(np.maximum(least, LINES / stack.z_mm.size), *LINES_PER_PLANE).astype(np.int64)
    offset = np.mod(0.5 + np.arange(count.size) * _GOLDEN, 1.0)
    return Lines(stack.y_range_mm[0], stack.y_range_mm[1], count, offset)


def make_rows(stack: PlaneStack, lines: Lines) -> Rows:
    """The two rows of each line: stratified in y, and in z by the golden ratio.

    They lie at distances that add up to one reach, so that each line has the same weight.
    """
    plane, place = np.repeat(lines.plane(), 2), np.repeat(lines.place(), 2)
    side = np.tile([0, 1], plane.size // 2)
    below = np.mod((place + 0.5) * _GOLDEN + plane * _SILVER, 1.0)
    distance = np.where(side == 0, below, 1.0 - below)
    reach = stack.reach_mm[side, plane]
    z = stack.z_mm[plane] + np.where(side == 1, distance, -distance) * reach
    # Neighbouring planes look between one another's lines, so that a line stands for less than its stratum.
    alike = min(stack.z_mm.size, ALIKE)
    half_y, half_z = lines.step_mm[plane] / (2 * alike), reach / (2 * lines.count[plane])
    return Rows(RowSet(np.repeat(lines.y_mm(), 2), z, half_y, half_z), plane, side, place, distance)


def on_both_rows(chords: Chords) -> Chords:
    """Chords of lines as chords of the two rows of each line."""
    row = np.stack([2 * chords.row, 2 * chords.row + 1], axis=1).reshape(-1)
    return Chords(row, np.repeat(chords.x0_mm, 2), np.repeat(chords.x1_mm, 2))


def make_shares(profile: Profile, volumes: Floats, rows: Rows, chords: Chords) -> Shares:
    """What each row adds to which part, of `volumes` (parts, 2, K) in mm3.

    On each side of each plane the rows together hold the volume of the part exactly, so that sampling never changes
    a volume.
    """
    length = sums(chords.row, chords.x1_mm - chords.x0_mm, rows.plane.size)
    group = 2 * rows.plane + rows.side
    at = rows.side, rows.plane, rows.distance
    near = rows.distance < 0.5
    joined = profile.stack.joined[rows.side, rows.plane]
    caps = np.stack([np.array(CLOSING)[rows.side], np.where(near, *(np.array(p)[rows.side] for p in (INNER, OUTER)))])
    part = np.where(joined, np.array([[Part.SMOOTH], [Part.OTHER]]), caps)
    ends = np.stack([profile.cap(*at), np.ones(near.size)])
    weight = np.where(joined, np.stack([profile.between(*at), profile.otherwise(*at)]), ends)
    area = np.zeros_like(weight)
    for this in Part:
        share = 0 if this is Part.SMOOTH or this in CLOSING else 1
        given = np.where(part[share] == this, weight[share], 0.0)
        wanted = volumes[this].T.reshape(-1)
        sampled = sums(group, given * length, wanted.size)
        area[share] += given * np.divide(wanted, sampled, out=np.zeros(wanted.size), where=sampled > 0)[group]
    return Shares(area, 2 * part + rows.place % 2)
