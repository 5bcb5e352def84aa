"""A body in space that knows its outline at every height, whatever it was made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from hardcheck.algebra.outline import EMPTY, SLIVER_MM2, contours, grown, outline, shrunk
from hardcheck.plan import Structure
from hardcheck.plan.geometry import PLANE_TOLERANCE_MM, Floats
from hardcheck.protocol.expression import Margins

ONE_SLICE_GAP: Final = 2.5
"""Up to this many usual spacings apart, one contour is taken as missing and bridged; beyond it, these are islands."""

CLOSES: Final = 0.5
"""An end whose last outline has less than this share of the area before it closes; others end in a flat face."""

FINE_MM: Final = 0.01
"""How far an outline may be simplified before it is grown or shrunk."""

EXACT_MM: Final = 0.01
"""Ends closer than this are the same."""

Block = tuple[float, float]
"""From where to where along z."""


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """`section` gives the outline at a height z; `blocks` are where there is something, and `z_mm` (K,) rising planes.

    `spacing_mm` is the usual distance of the planes. At `steps_mm` within a block the outline may change at once, as
    where something that is taken away begins. At `empty_mm` it is known to have nothing.
    """

    z_mm: Floats
    spacing_mm: float
    blocks: tuple[Block, ...]
    section: Callable[[float], BaseGeometry]
    steps_mm: tuple[float, ...] = ()
    empty_mm: tuple[float, ...] = ()

    @property
    def _changes_mm(self) -> tuple[float, ...]:
        """The heights at which its outline begins, ends or changes at once."""
        return (*self.steps_mm, *(end for block in self.blocks for end in block))

    @classmethod
    def of(cls, structure: Structure, slice_z_mm: Floats | None = None) -> Region | str:
        """The region of a structure's contours, or the reason why there is none.

        Each outline reaches half-way to its neighbours, and as far beyond the last ones. `slice_z_mm` (n,) tells the
        thickness of a structure of one slice.
        """
        if structure.unusable is not None:
            return structure.unusable
        bounds = np.split(structure.points_mm, structure.starts[1:-1])
        if any(len(c) == 0 or np.ptp(c[:, 2]) > PLANE_TOLERANCE_MM for c in bounds):
            return "contours that are not axial (oblique, sagittal or coronal) are not supported"
        height = np.array([c[:, 2].mean() for c in bounds])
        empty = structure.empty_z_mm if structure.empty_z_mm is not None else np.empty(0)
        levels = np.unique(np.concatenate([height, empty]))
        levels = levels[np.diff(levels, prepend=-np.inf) > PLANE_TOLERANCE_MM]
        slot = np.abs(height[:, None] - levels).argmin(axis=1)
        shapes = [outline(bounds[i] for i in np.flatnonzero(slot == k)) for k in range(levels.size)]
        spacing = _usual_mm(levels, slice_z_mm)
        if spacing is None:
            return "one slice only, and no image from which to tell its thickness"
        low, high = _extents(levels, spacing)
        filled = [k for k in range(levels.size) if shapes[k].area > 0]
        if not filled:
            return "the contours enclose no area"
        blocks = merged((float(low[k]), float(high[k])) for k in filled)

        def section(z: float) -> BaseGeometry:
            k = int(np.abs(levels - z).argmin())
            return shapes[k] if low[k] - EXACT_MM <= z <= high[k] + EXACT_MM else EMPTY

        return cls(levels[filled], spacing, blocks, section, empty_mm=tuple(float(z) for z in empty))

    @property
    def range_mm(self) -> Block | None:
        """From the first slice on which there is something to the last, half a slice beyond; None where nothing is."""
        heights = [z for block in self.blocks for z in _planes_of(block, self.z_mm, self.spacing_mm)]
        filled = [z for z in heights if self.at(z).area >= SLIVER_MM2]
        if not filled:
            return None
        half = self.spacing_mm / 2
        low = max(low for low, _ in self.blocks if low < filled[0])
        high = min(high for _, high in self.blocks if high > filled[-1])
        return max(low, filled[0] - half), min(high, filled[-1] + half)

    def along(self, other: Block, margin_mm: float) -> Region:
        """What of it lies within the range of another, and `margin_mm` beyond."""
        blocks = _common(self.blocks, ((other[0] - margin_mm, other[1] + margin_mm),))
        return replace(self, blocks=blocks)

    def union(self, other: Region) -> Region:
        """What lies in either."""
        z = np.unique(np.concatenate([self.z_mm, other.z_mm]))
        z = z[np.diff(z, prepend=-np.inf) > PLANE_TOLERANCE_MM]
        blocks = merged((*self.blocks, *other.blocks))
        spacing = min(self.spacing_mm, other.spacing_mm)
        either = _cached(lambda at: shapely.union(self.at(at), other.at(at)))
        steps = (*self._changes_mm, *other._changes_mm)
        return Region(z, spacing, blocks, either, steps, (*self.empty_mm, *other.empty_mm))

    def intersection(self, other: Region) -> Region:
        """What lies in both."""
        blocks = _common(self.blocks, other.blocks)
        shared = _cached(lambda at: shapely.intersection(self.at(at), other.at(at)))
        steps = (*self.steps_mm, *other.steps_mm)
        return Region(self.z_mm, self.spacing_mm, blocks, shared, steps, (*self.empty_mm, *other.empty_mm))

    def difference(self, other: Region) -> Region:
        """What of it lies outside of the other."""
        left = _cached(lambda at: shapely.difference(self.at(at), other.at(at)))
        return replace(self, section=left, steps_mm=(*self.steps_mm, *other._changes_mm))

    def at(self, z: float) -> BaseGeometry:
        """The outline at a height, empty outside of the blocks."""
        inside = any(low - EXACT_MM <= z <= high + EXACT_MM for low, high in self.blocks)
        return self.section(z) if inside else EMPTY

    def grow(self, margins: Margins) -> Region:
        """It and all points within an ellipsoid around it whose half axes are `margins`."""
        sources = list(self._sources())
        up, down = margins.superior, margins.inferior

        def section(z: float) -> BaseGeometry:
            parts = [grown(self.at(z), _sides(margins, 1.0))]
            for height, shape in sources:
                reach = up if z > height else down
                if abs(z - height) < reach:
                    parts.append(grown(shape, _sides(margins, _narrowed(z - height, reach))))
            return shapely.union_all(parts)

        h = self.spacing_mm
        beyond = [np.arange(high + h / 2, high + up + h, h) for _, high in self.blocks]
        before = [np.arange(low - h / 2, low - down - h, -h) for low, _ in self.blocks]
        blocks = merged((low - down, high + up) for low, high in self.blocks)
        z = np.unique(np.concatenate([self.z_mm, *beyond, *before]))
        return Region(_thinned(z, h), h, blocks, _cached(section))

    def shrink(self, margins: Margins) -> Region:
        """The points around which the ellipsoid of `grow` lies wholly inside."""
        sources = [(z, self._fine(z)) for z in self.z_mm]
        up, down = margins.superior, margins.inferior

        def section(z: float) -> BaseGeometry:
            left = shrunk(self.at(z), _sides(margins, 1.0))
            for height, shape in sources:
                reach = up if height > z else down
                if 0 < abs(z - height) < reach and not left.is_empty:
                    left = shapely.intersection(left, shrunk(shape, _sides(margins, _narrowed(z - height, reach))))
            return left

        blocks = tuple((low + down, high - up) for low, high in self.blocks if high - up > low + down)
        return Region(self.z_mm, self.spacing_mm, blocks, _cached(section), empty_mm=self.empty_mm)

    def structure(self, number: int, name: str) -> Structure:
        """A structure of axial contours on planes that reach from end to end of each block.

        Planes on which nothing is left are its `empty_z_mm`, but for those where it closes by itself; so is one as far
        behind the end of a block as its last plane before it, where it is known to have nothing beyond.
        """
        found: list[Floats] = []
        empty: list[float] = []
        for block in self.blocks:
            planes = _with_steps(_planes_of(block, self.z_mm, self.spacing_mm), block, self.steps_mm, self.spacing_mm)
            here = [list(contours(self.at(z), z)) for z in planes]
            found += [contour for some in here for contour in some]
            empty += self._cut_away(planes, [bool(some) for some in here])
            for end, last in ((block[0], planes[0]), (block[1], planes[-1])):
                if any((z - end) * (end - last) > 0 and abs(z - end) < self.spacing_mm for z in self.empty_mm):
                    empty.append(2 * end - last)
        made = Structure.from_contours(number, name, found)
        return replace(made, empty_z_mm=np.unique(empty)) if empty else made

    def _cut_away(self, planes: list[float], filled: list[bool]) -> list[float]:
        """Planes with nothing, between others that have something or behind a step; not behind an end that closes."""
        found: list[float] = []
        at = [i for i, has in enumerate(filled) if has]
        for before, after in pairwise([-1, *at, len(planes)]):
            run = planes[before + 1 : after]
            ends = [(planes[i], run[j]) for i, j in ((before, 0), (after, -1)) if run and 0 <= i < len(planes)]
            steps = [any(min(pair) < step < max(pair) for step in self.steps_mm) for pair in ends]
            if len(ends) == 2 or any(steps):
                found += run
        return found

    def _fine(self, z: float) -> BaseGeometry:
        return shapely.simplify(self.at(z), FINE_MM)

    def _sources(self) -> list[tuple[float, BaseGeometry]]:
        """Heights with the outlines there: the planes, and the flat faces at the ends of blocks."""
        found = [(float(z), self._fine(z)) for z in self.z_mm]
        for low, high in self.blocks:
            mine = [(z, shape) for z, shape in found if low < z < high]
            for face, shapes in ((low, mine[:2]), (high, mine[:-3:-1])):
                last = shapes[0][1] if shapes else self._fine(face)
                if len(shapes) < 2 or last.area >= CLOSES * shapes[1][1].area:
                    found.append((face, last))
        return found


def merged(blocks: object) -> tuple[Block, ...]:
    """`blocks` in rising order, those that touch as one."""
    found: list[Block] = []
    for low, high in sorted(blocks):  # type: ignore[call-overload]
        if found and low <= found[-1][1] + EXACT_MM:
            found[-1] = found[-1][0], max(found[-1][1], high)
        else:
            found.append((low, high))
    return tuple(found)


def _common(some: tuple[Block, ...], others: tuple[Block, ...]) -> tuple[Block, ...]:
    """Where both lie."""
    pairs = ((max(a[0], b[0]), min(a[1], b[1])) for a in some for b in others)
    return tuple(sorted((low, high) for low, high in pairs if high - low > EXACT_MM))


def _cached(section: Callable[[float], BaseGeometry]) -> Callable[[float], BaseGeometry]:
    return lru_cache(maxsize=None)(section)


def _sides(margins: Margins, share: float) -> tuple[float, float, float, float]:
    return margins.left * share, margins.right * share, margins.anterior * share, margins.posterior * share


def _narrowed(distance_mm: float, reach_mm: float) -> float:
    """The share of its half axes that an ellipsoid has left at a distance along the axis of length `reach_mm`."""
    return float(np.sqrt(max(1.0 - (distance_mm / reach_mm) ** 2, 0.0)))


def _usual_mm(levels: Floats, slice_z_mm: Floats | None) -> float | None:
    """The usual distance of planes; of a single one, that of the image around it."""
    if levels.size > 1:
        return float(np.median(np.diff(levels)))
    if slice_z_mm is None or slice_z_mm.size < 2 or np.abs(slice_z_mm - levels[0]).min() > PLANE_TOLERANCE_MM:
        return None
    return float(np.median(np.diff(slice_z_mm)))


def _extents(levels: Floats, spacing_mm: float) -> tuple[Floats, Floats]:
    """From where to where (K,) each plane's outline reaches."""
    gap = np.diff(levels)
    half = np.where(gap > ONE_SLICE_GAP * spacing_mm, spacing_mm, gap) / 2
    first, last = (half[:1], half[-1:]) if half.size else (np.array([spacing_mm / 2]),) * 2
    return levels - np.concatenate([first, half]), levels + np.concatenate([half, last])


def _thinned(z: Floats, spacing_mm: float) -> Floats:
    """Planes without those that are much closer to the one before than usual."""
    kept: list[float] = []
    for height in z:
        if not kept or height - kept[-1] > spacing_mm / 2:
            kept.append(float(height))
    return np.array(kept)


def _planes_of(block: Block, z_mm: Floats, spacing_mm: float) -> list[float]:
    """Planes that, each reaching half-way to its neighbours and as far beyond the ends, fill `block` from end to end.

    Those of `z_mm` where they do; the outermost are moved where the block ends between them.
    """
    low, high = block
    mine = z_mm[(z_mm > low + EXACT_MM) & (z_mm < high - EXACT_MM)]
    if mine.size == 1 and abs((low + high) / 2 - mine[0]) <= EXACT_MM and z_mm.size == 1:
        return [float(mine[0])]
    if mine.size > 1:
        ends = mine[0] - (mine[1] - mine[0]) / 2, mine[-1] + (mine[-1] - mine[-2]) / 2
        keep_low, keep_high = abs(ends[0] - low) <= EXACT_MM, abs(ends[1] - high) <= EXACT_MM
        inner = mine[
            (keep_low | (mine - low > spacing_mm / 2 + EXACT_MM))
            & (keep_high | (high - mine > spacing_mm / 2 + EXACT_MM))
        ]
        if inner.size > 1:
            first = [] if keep_low else [float((2 * low + inner[0]) / 3)]
            last = [] if keep_high else [float((2 * high + inner[-1]) / 3)]
            return [*first, *(float(z) for z in inner), *last]
    count = max(2, int(np.ceil((high - low) / spacing_mm - EXACT_MM)))
    return [low + (i + 0.5) * (high - low) / count for i in range(count)]


def _with_steps(planes: list[float], block: Block, steps_mm: tuple[float, ...], spacing_mm: float) -> list[float]:
    """`planes` of a block, with two more on both sides of each step that does not lie half-way between two of them."""
    beside = spacing_mm / 4
    found = planes
    for step in sorted(set(steps_mm)):
        near = [abs((a + b) / 2 - step) for a, b in pairwise(found)]
        if not block[0] + EXACT_MM < step < block[1] - EXACT_MM or min(near, default=np.inf) <= EXACT_MM:
            continue
        off = min(beside, (step - block[0]) / 2, (block[1] - step) / 2)
        kept = [z for z in found if abs(z - step) > 2 * off + EXACT_MM]
        found = sorted([*kept, step - off, step + off])
    return found
