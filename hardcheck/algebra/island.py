"""The islands of a structure: what of it hangs together in space."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import shapely
from shapely import Polygon

from hardcheck.algebra.outline import SLIVER_MM2, contours, polygons
from hardcheck.algebra.region import ONE_SLICE_GAP, Region
from hardcheck.algebra.solid import Solid
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
    near = np.diff(region.z_mm) <= ONE_SLICE_GAP * region.spacing_mm
    groups = _grouped(
        len(nodes),
        (
            (int(first[k]) + i, int(first[k + 1]) + j)
            for k in np.flatnonzero(near)
            for i, j in _over(planes[k], planes[k + 1])
        ),
    )
    if len(groups) <= 1:
        return [structure]
    return [
        Structure.from_contours(
            structure.number,
            f"{structure.name} {n}",
            [ring for k, polygon in map(nodes.__getitem__, group) for ring in contours(polygon, float(region.z_mm[k]))],
            interpreted_type=structure.interpreted_type,
        )
        for n, group in enumerate(groups, 1)
    ]


def islands(solid: Solid) -> Iterator[tuple[float, float, int]]:
    """The separate parts of a solid: volume in cc, height in mm of its lowest plane, and number of planes.

    Outlines on neighbouring planes are one part where they overlap, or are no farther apart than the planes, as in
    vessels that run aslant: what is looked for are strays, and a thin vessel is none.
    """
    pieces = [(k, p) for k, s in enumerate(solid.sheets) for p in polygons(s.shape)]
    thick = [s.below_mm + s.above_mm for s in solid.sheets]
    for members in _grouped(len(pieces), _neighbours(solid, pieces)):
        planes = {pieces[i][0] for i in members}
        volume = sum(pieces[i][1].area * thick[pieces[i][0]] for i in members) / 1000
        yield volume, solid.sheets[min(planes)].z_mm, len(planes)


def _neighbours(solid: Solid, pieces: list[tuple[int, Polygon]]) -> Iterator[tuple[int, int]]:
    """Pairs of pieces on neighbouring planes that are no farther apart than these."""
    by_plane: dict[int, list[int]] = {}
    for i, (k, _) in enumerate(pieces):
        by_plane.setdefault(k, []).append(i)
    for k, upper in by_plane.items():
        gap = solid.sheets[k].z_mm - solid.sheets[k - 1].z_mm if k else np.inf
        for i in upper if gap <= ONE_SLICE_GAP * solid.spacing_mm else ():
            yield from ((j, i) for j in by_plane.get(k - 1, ()) if pieces[i][1].distance(pieces[j][1]) <= gap)


def _grouped(count: int, pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The numbers 0 to `count` - 1 in groups: those that `pairs` join, directly or by others, are in one."""
    parent = list(range(count))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j in pairs:
        parent[root(j)] = root(i)
    groups: dict[int, list[int]] = {}
    for i in range(count):
        groups.setdefault(root(i), []).append(i)
    return list(groups.values())


def _over(below: list[Polygon], above: list[Polygon]) -> Iterator[tuple[int, int]]:
    """Which of both lie over one another."""
    if not below or not above:
        return
    tree = shapely.STRtree(below)
    for j, polygon in enumerate(above):
        for i in tree.query(polygon, predicate="intersects"):
            if shapely.intersection(polygon, below[i]).area >= SLIVER_MM2:
                yield int(i), j
