"""Where the rows go, and what volume each stands for under each model of what lies between the planes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from hardcheck.dvh.kernels import Chords, Kernels, RowSet, Shares, expand, sums
from hardcheck.dvh.lines import Lines
from hardcheck.dvh.planes import PlaneStack
from hardcheck.dvh.profile import Profile
from hardcheck.dvh.refinement import Refinement
from hardcheck.plan.geometry import Floats, Integers

LINES: Final = 3072
"""Lines of constant y per structure, two rows on each. The error that is left is measured each time, by the model
that uses every other line."""

LINES_PER_PLANE: Final = (12, 512)
"""Least and most lines of one plane."""

LINES_PER_CONTOUR: Final = 6
"""Least lines through the smallest contour of a plane, within `LINES_PER_PLANE`."""

CROSSINGS: Final = 1 << 20
"""About so many crossings of lines with edges are worked on for one structure."""

ALIKE: Final = 8
"""Neighbouring planes that are much alike."""

ROUNDING: Final = 1e-6
"""Of a line: how the coordinates were rounded must not change a number of lines."""

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


def make_lines(stack: PlaneStack) -> Lines:
    """The lines of a structure."""
    height = stack.y_range_mm[1] - stack.y_range_mm[0]
    least = np.ceil(LINES_PER_CONTOUR * height / stack.finest_mm - ROUNDING)
    count = np.clip(np.maximum(least, LINES / stack.z_mm.size), *LINES_PER_PLANE)
    # Lines that meet thousands of edges each are fewer.
    most = CROSSINGS / stack.z_mm.size / np.maximum(stack.crossings, 1.0)
    count = np.minimum(count, np.maximum(most, LINES_PER_PLANE[0])).astype(np.int64)
    return Lines(stack.y_range_mm[0], stack.y_range_mm[1], count, _offsets(count.size))


def _offsets(groups: int) -> Floats:
    """The offset (groups,) of the first line of each: all parts of a step once, neighbours far from one another."""
    stride = round(groups * _GOLDEN)
    while math.gcd(stride, groups) > 1:
        stride += 1
    return (np.arange(groups) * stride % groups + 0.5) / groups


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """Groups of lines through a structure: those of each plane, and closer ones in place of some of them.

    `plane` (g,) of each group of `lines`; `weight` (l,) of each line, 0 where closer ones take its place. Edges
    `edges` (e, 4) are crossed by the lines of `edge_group` (e,).
    """

    lines: Lines
    plane: Integers
    weight: Floats
    edges: Floats
    edge_group: Integers

    @classmethod
    def of(cls, stack: PlaneStack, lines: Lines, refinement: Refinement) -> Scan:
        """The lines of a structure's planes with their refinement."""
        planes, runs = lines.count.size, refinement.plane.size
        weight = np.ones(int(lines.count.sum()))
        if runs == 0:
            return cls(lines, np.arange(planes), weight, stack.edges, stack.edge_plane)
        run, place = expand(refinement.last - refinement.first)
        begin = np.cumsum(lines.count) - lines.count
        weight[begin[refinement.plane[run]] + refinement.first[run] + place] = 0.0
        low, step = lines.low_mm[refinement.plane], lines.step_mm[refinement.plane]
        closer = Lines(
            np.concatenate([lines.low_mm, low + refinement.first * step]),
            np.concatenate([lines.high_mm, low + refinement.last * step]),
            np.concatenate([lines.count, refinement.count]),
            np.concatenate([lines.offset, _offsets(runs)]),
        )
        weight = np.concatenate([weight, np.full(refinement.count.sum(), 1 / refinement.times)])
        first = np.searchsorted(stack.edge_plane, refinement.plane, side="left")
        count = np.searchsorted(stack.edge_plane, refinement.plane, side="right") - first
        run, place = expand(count)
        return cls(
            closer,
            np.concatenate([np.arange(planes), refinement.plane]),
            weight,
            np.concatenate([stack.edges, stack.edges[first[run] + place]]),
            np.concatenate([stack.edge_plane, planes + run]),
        )

    def row_mm2(self, stack: PlaneStack) -> tuple[float, float]:
        """The largest area that a row stands for: among the closer lines, where there are any, and among the others."""
        area = self.lines.step_mm * stack.reach_mm.max(axis=0)[self.plane] / 2
        planes = stack.z_mm.size
        coarse = float(area[:planes].max())
        return float(area[planes:].max(initial=0.0)) or coarse, coarse

    def chords(self, kernels: Kernels) -> Chords:
        """The chords of the lines."""
        return kernels.row_chords(self.edges, *self.lines.crossed(self.edges, self.edge_group), self.lines.y_mm())


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Two rows on each line, below and above its plane: `at` says where, and the rest (r,) what they belong to.

    `distance` is from the plane, in units of the reach on that `side` (0 below, 1 above); `weight` that of the line.
    """

    at: RowSet
    plane: Integers
    side: Integers
    place: Integers
    distance: Floats
    weight: Floats


def make_rows(stack: PlaneStack, scan: Scan) -> Rows:
    """The two rows of each line: stratified in y, and in z by the golden ratio."""
    lines = scan.lines
    group, place = np.repeat(lines.plane(), 2), np.repeat(lines.place(), 2)
    side = np.tile([0, 1], group.size // 2)
    below = np.mod((place + 0.5) * _GOLDEN + group * _SILVER, 1.0)
    even = np.where(side == 0, below, 1.0 - below)
    plane = scan.plane[group]
    # Towards a neighbour a plane counts less and less, and has fewer rows instead.
    distance = np.where(stack.joined[side, plane], 1.0 - np.sqrt(1.0 - even), even)
    reach = stack.reach_mm[side, plane]
    z = stack.z_mm[plane] + np.where(side == 1, distance, -distance) * reach
    # Neighbouring planes look between one another's lines, so that a line stands for less than its stratum.
    alike = min(stack.z_mm.size, ALIKE)
    half_y, half_z = lines.step_mm[group] / (2 * alike), reach / (2 * lines.count[group])
    at = RowSet(np.repeat(lines.y_mm(), 2), z, half_y, half_z)
    return Rows(at, plane, side, place, distance, np.repeat(scan.weight, 2))


def on_both_rows(chords: Chords) -> Chords:
    """Chords of lines as chords of the two rows of each line."""
    row = np.stack([2 * chords.row, 2 * chords.row + 1], axis=1).reshape(-1)
    return Chords(row, np.repeat(chords.x0_mm, 2), np.repeat(chords.x1_mm, 2))


def make_shares(profile: Profile, volumes: Floats, rows: Rows, chords: Chords) -> Shares:
    """What each row adds to which part, of `volumes` (parts, 2, K) in mm3.

    On each side of each plane the rows together hold the volume of the part exactly, so that sampling never changes
    a volume.
    """
    length = rows.weight * sums(chords.row, chords.x1_mm - chords.x0_mm, rows.plane.size)
    group = 2 * rows.plane + rows.side
    at = rows.side, rows.plane, rows.distance
    near = rows.distance < 0.5
    joined = profile.stack.joined[rows.side, rows.plane]
    caps = np.stack([np.array(CLOSING)[rows.side], np.where(near, *(np.array(p)[rows.side] for p in (INNER, OUTER)))])
    part = np.where(joined, np.array([[Part.SMOOTH], [Part.OTHER]]), caps)
    ends = np.stack([profile.cap(*at), np.ones(near.size)])
    density = 2.0 * np.maximum(1.0 - rows.distance, ROUNDING)  # of rows, between planes
    weight = np.where(joined, np.stack([profile.between(*at), profile.otherwise(*at)]) / density, ends)
    area = np.zeros_like(weight)
    for this in Part:
        share = 0 if this is Part.SMOOTH or this in CLOSING else 1
        given = np.where(part[share] == this, weight[share], 0.0)
        wanted = volumes[this].T.reshape(-1)
        sampled = sums(group, given * length, wanted.size)
        area[share] += (
            rows.weight * given * np.divide(wanted, sampled, out=np.zeros(wanted.size), where=sampled > 0)[group]
        )
    return Shares(area, 2 * part + rows.place % 2)
