"""Distances in space between the surfaces of structures.

Each structure is a stack of outlines. Between two of them the distance is that of the areas in plane and of the planes
along z, as the sides of a right angle; the least of all pairs is that of the solids. Contours do not tell how the
surface runs between two planes, nor where in the slice behind the last one it ends, so each distance is taken three
ways. For its value the outlines have no thickness, and a smaller one ends them up to half a slice outwards. On one
side of its interval each outline reaches half-way to its neighbours and the last ones a whole slice outwards, on the
other none has any thickness. A surface that is no rounder than a ball of one slice h bulges by at most h / 8 between
two planes, which is in the interval too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from hardcheck.algebra.outline import EMPTY
from hardcheck.algebra.region import FINE_MM, Region
from hardcheck.plan import Structure
from hardcheck.plan.geometry import Floats, Integers
from hardcheck.quantity import Quantity

BULGE: Final = 1 / 8


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """K outlines from inferior to superior; where each begins and ends (3, K): thickest, as for the value, thinnest."""

    low_mm: Floats
    high_mm: Floats
    outlines: tuple[BaseGeometry, ...]
    thickness_mm: Floats
    """Of each outline (K,): half-way to its neighbours, at the ends half a slice outwards; 0 of tips."""
    block: Integers
    """Which of the parts along z each belongs to (K,); between two of them there is nothing."""

    @classmethod
    def of(cls, structure: Structure, slice_z_mm: Floats | None = None) -> Stack | str:
        """The stack of `structure`, or the reason why it has none."""
        region = Region.of(structure, slice_z_mm)
        if isinstance(region, str):
            return region
        several = [_Part.of(region, block) for block in region.blocks]
        return cls(
            np.concatenate([part.low_mm for part in several], axis=1),
            np.concatenate([part.high_mm for part in several], axis=1),
            tuple(outline for part in several for outline in part.outlines),
            np.concatenate([part.thickness_mm for part in several]),
            np.repeat(np.arange(len(several)), [len(part.outlines) for part in several]),
        )

    @property
    def centre_mm(self) -> tuple[float, float, float]:
        """The centre of its volume."""
        weight = np.array([shape.area for shape in self.outlines]) * self.thickness_mm
        x, y = shapely.get_coordinates([shape.centroid for shape in self.outlines]).T
        places = [float(np.sum(weight * along) / weight.sum()) for along in (x, y, self.low_mm[2])]
        return places[0], places[1], places[2]

    @property
    def bulge_mm(self) -> float:
        """By how much its surface, and so its ends and its centre along z, may lie elsewhere than its planes tell."""
        return float(np.median(self.thickness_mm[self.thickness_mm > 0])) * BULGE

    @property
    def diameter_mm(self) -> Quantity:
        """The greatest distance of two of its points."""
        hulls = [shapely.get_coordinates(shape.convex_hull.simplify(FINE_MM)) for shape in self.outlines]
        middles = np.array([hull.mean(axis=0) for hull in hulls])
        radii = np.array([np.hypot(*(hull - middle).T).max() for hull, middle in zip(hulls, middles, strict=True)])
        along = np.maximum(self.high_mm[:, None] - self.low_mm[:, :, None], 0.0)
        across = np.hypot(*(middles[:, None] - middles).transpose(2, 0, 1)) + radii[:, None] + radii
        # The pairs that can be furthest apart first, until none can be further than what was found.
        most = np.hypot(across, along)
        found = np.zeros(3)
        for pair in np.argsort(-most[0], axis=None):
            i, j = divmod(int(pair), len(hulls))
            if np.all(most[:, i, j] <= found):
                break
            far = np.sqrt(((hulls[i][:, None] - hulls[j]) ** 2).sum(axis=2).max())
            found = np.maximum(found, np.hypot(far, along[:, i, j]))
        return _bulging(_quantity(found), self, self)


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """The same as a stack, of one of its parts along z: its outlines, between the tips at both ends."""

    low_mm: Floats
    high_mm: Floats
    outlines: tuple[BaseGeometry, ...]
    thickness_mm: Floats

    @classmethod
    def of(cls, region: Region, block: tuple[float, float]) -> _Part:
        """The part of `region` in `block`."""
        z = region.z_mm[(region.z_mm > block[0]) & (region.z_mm < block[1])]
        outlines = [region.at(at) for at in z]
        middle = (z[1:] + z[:-1]) / 2
        ends = 2 * block[0] - z[0], 2 * block[1] - z[-1]
        low = np.stack([np.concatenate([ends[:1], middle]), z, z])
        high = np.stack([np.concatenate([middle, ends[1:]]), z, z])
        thick = np.diff(np.concatenate([block[:1], middle, block[1:]]))
        first, first_z = _tip(outlines[:2], z[0], block[0])
        last, last_z = _tip(outlines[:-3:-1], z[-1], block[1])
        below = np.array([ends[0], first_z, z[0]]), np.array([z[0], first_z, z[0]])
        above = np.array([z[-1], last_z, z[-1]]), np.array([ends[1], last_z, z[-1]])
        return cls(
            np.column_stack([below[0], low, above[0]]),
            np.column_stack([below[1], high, above[1]]),
            (first, *outlines, last),
            np.concatenate([[0.0], thick, [0.0]]),
        )


def _tip(outlines: Sequence[BaseGeometry], z_mm: float, end_mm: float) -> tuple[BaseGeometry, float]:
    """The outline with which a part ends and its height, from its last two outlines; `end_mm` is half a slice outwards.

    The area goes on as it fell between the two: to that of half a slice outwards, or to nothing before.
    """
    last = outlines[0]
    area = last.area
    falls = max(outlines[1].area - area, 0.0) / 2 if len(outlines) > 1 else 0.0
    left = 1.0 - falls / area
    if left > 0:
        scale = float(np.sqrt(left))
        return affinity.scale(last, scale, scale, origin="centroid"), end_mm
    return last.centroid, z_mm + (end_mm - z_mm) * area / falls


def gap_mm(a: Stack, b: Stack) -> Quantity:
    """The distance in mm from the surface of `a` to that of `b`; 0 where they meet."""
    return _bulging(_nearest(a, b, shapely.distance), a, b)


def depth_mm(inner: Stack, outer: Stack) -> Quantity:
    """The distance in mm from the surface of `inner` to that of `outer`, around it; 0 where it reaches out of it."""
    return _bulging(_nearest(inner, _with_nothing_beyond(outer), _to_outside), inner, outer)


def _with_nothing_beyond(stack: Stack) -> Stack:
    """`stack` with empty outlines where it has none: below, above, and between its parts along z.

    Where the stack reaches furthest these reach least far: they are thickest where it is thinnest.
    """
    apart = np.flatnonzero(np.diff(stack.block))
    below = np.column_stack([np.full(3, -np.inf), stack.high_mm[::-1, apart], stack.high_mm[::-1, -1]])
    above = np.column_stack([stack.low_mm[::-1, 0], stack.low_mm[::-1, apart + 1], np.full(3, np.inf)])
    return replace(
        stack,
        low_mm=np.concatenate([stack.low_mm, np.minimum(below, above)], axis=1),
        high_mm=np.concatenate([stack.high_mm, np.maximum(below, above)], axis=1),
        outlines=(*stack.outlines, *(EMPTY for _ in range(apart.size + 2))),
    )


def _to_outside(shape: BaseGeometry, around: BaseGeometry) -> float:
    """From `shape` to the nearest point outside of `around`."""
    return float(shapely.distance(shape, around.boundary)) if around.covers(shape) else 0.0


def _nearest(a: Stack, b: Stack, across: Callable[[BaseGeometry, BaseGeometry], float]) -> Quantity:
    """The least distance over all pairs of outlines, `across` that in plane."""
    found = np.full(3, np.inf)
    for i, shape in enumerate(a.outlines):
        along = np.maximum(0.0, np.maximum(b.low_mm - a.high_mm[:, i, None], a.low_mm[:, i, None] - b.high_mm))
        for j in np.argsort(along[0], kind="stable"):
            if along[0, j] >= found.max():
                break
            found = np.minimum(found, np.hypot(across(shape, b.outlines[j]), along[:, j]))
    return _quantity(found)


def _bulging(found: Quantity, *stacks: Stack) -> Quantity:
    """`found` with what the surfaces may bulge between their planes."""
    bulge = sum(stack.bulge_mm for stack in stacks)
    value, low, high = found.value or 0.0, found.low or 0.0, found.high or 0.0
    return Quantity(value, max(low - bulge, 0.0), high + bulge, "mm")


def _quantity(several: Floats) -> Quantity:
    """Of a distance under the three kinds of thickness, the second for the value."""
    several = np.maximum(several, 0.0)
    return Quantity.spanning(float(several[1]), (float(several.min()), float(several.max())), "mm")
