"""How far a point is from the surface of a structure, in space."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely import MultiPolygon, Point

from hardcheck.algebra.outline import areal
from hardcheck.algebra.region import Region
from hardcheck.plan import Structure
from hardcheck.plan.geometry import Floats


@dataclass(frozen=True, slots=True)
class Distance:
    """The distance in mm to the nearest point of a surface, and whether the point lies inside of it."""

    mm: float
    inside: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Slab:
    low_mm: float
    high_mm: float
    shape: MultiPolygon
    faces: tuple[tuple[float, MultiPolygon], ...]
    """Height and shape of what the slabs below and above leave free."""

    def beyond(self, z_mm: float) -> float:
        """How far below or above it a height is."""
        return max(self.low_mm - z_mm, z_mm - self.high_mm, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """The surface of a structure: the sides of the slabs of its contours, and what of their faces is free.

    Each slab reaches half-way to its neighbours. Where the true surface slopes it lies up to half a slice from theirs.
    """

    slabs: tuple[_Slab, ...]

    @classmethod
    def of(cls, structure: Structure, slice_z_mm: Floats | None = None) -> Surface | None:
        """The surface of `structure`, None where it is not known.

        `slice_z_mm` (n,) tells the thickness of a structure of one slice.
        """
        region = Region.of(structure, slice_z_mm)
        if isinstance(region, str):
            return None
        found: list[_Slab] = []
        for block in region.blocks:
            planes = region.z_mm[(region.z_mm > block[0]) & (region.z_mm < block[1])]
            ends = [block[0], *(float(z) for z in (planes[:-1] + planes[1:]) / 2), block[1]]
            shapes = [areal(region.at((low + high) / 2)) for low, high in pairwise(ends)]
            around = [MultiPolygon(), *shapes, MultiPolygon()]
            for i, (low, high) in enumerate(pairwise(ends)):
                free = [(z, areal(shapely.difference(shapes[i], around[j]))) for z, j in ((low, i), (high, i + 2))]
                found.append(_Slab(low, high, shapes[i], tuple((z, s) for z, s in free if not s.is_empty)))
        return cls(tuple(found))

    def distance(self, at_mm: tuple[float, float, float]) -> Distance:
        """The distance of a point, patient LPS in mm."""
        x, y, z = at_mm
        point, nearest, inside = Point(x, y), np.inf, False
        # What is further along z alone than what was found is not looked at.
        for slab in sorted(self.slabs, key=lambda slab: slab.beyond(z)):
            off = slab.beyond(z)
            if off >= nearest:
                break
            inside = inside or (off == 0 and bool(shapely.intersects(slab.shape, point)))
            nearest = min(nearest, float(np.hypot(shapely.distance(slab.shape.boundary, point), off)))
            for height, free in slab.faces:
                nearest = min(nearest, float(np.hypot(shapely.distance(free, point), z - height)))
        return Distance(nearest, inside)
