"""The islands of a structure: what of it hangs together in space."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from shapely import Polygon

from hardcheck.algebra.outline import SLIVER_MM2, contours, polygons
from hardcheck.algebra.region import ONE_SLICE_GAP, Region
from hardcheck.plan import Structure
from hardcheck.plan.geometry import Floats


def islands_of(structure: Structure, slice_z_mm: Floats | None = None) -> list[Structure] | str:
    """The parts of `structure` that hang together, from inferior to superior; or the reason why there are none.

    Two outlines hang together where one lies over the other on neighbouring planes; one plane may be missing between
    them. A structure of one part is given as it is; the parts of others are named and numbered after it.
    """
    region = Region.of(structure, slice_z_mm)
    if isinstance(region, str):
        return region
    planes = [[p for p in polygons(region.at(z)) if p.area >= SLIVER_MM2] for z in region.z_mm]
    nodes = [(k, polygon) for k, several in enumerate(planes) for polygon in several]
    first = np.cumsum([0, *(len(several) for several in planes)])
    parent = list(range(len(nodes)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for k in range(1, len(planes)):
        if region.z_mm[k] - region.z_mm[k - 1] <= ONE_SLICE_GAP * region.spacing_mm:
            for i, j in _over(planes[k - 1], planes[k]):
                parent[root(int(first[k]) + j)] = root(int(first[k - 1]) + i)
    groups: dict[int, list[tuple[int, Polygon]]] = {}
    for i, node in enumerate(nodes):
        groups.setdefault(root(i), []).append(node)
    if len(groups) <= 1:
        return [structure]
    return [
        Structure.from_contours(
            structure.number,
            f"{structure.name} {n}",
            [ring for k, polygon in group for ring in contours(polygon, float(region.z_mm[k]))],
            interpreted_type=structure.interpreted_type,
        )
        for n, group in enumerate(groups.values(), 1)
    ]


def _over(below: list[Polygon], above: list[Polygon]) -> Iterator[tuple[int, int]]:
    """Which of both lie over one another."""
    if not below or not above:
        return
    tree = shapely.STRtree(below)
    for j, polygon in enumerate(above):
        for i in tree.query(polygon, predicate="intersects"):
            if shapely.intersection(polygon, below[i]).area >= SLIVER_MM2:
                yield int(i), j
