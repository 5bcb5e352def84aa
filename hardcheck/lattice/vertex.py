"""Vertices: the small volumes of high dose inside of a tumour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import cbrt, pi

import numpy as np

from hardcheck.algebra import Stack, depth_mm, gap_mm, islands_of
from hardcheck.plan import Structure
from hardcheck.plan.geometry import Floats
from hardcheck.quantity import Quantity


@dataclass(frozen=True, slots=True, eq=False)
class Vertex:
    """One vertex. Distances are from surface to surface, in mm; `centre_mm` in patient LPS."""

    structure: Structure
    centre_mm: tuple[float, float, float]
    volume: Quantity
    median: Quantity
    """D50% in Gy."""
    to_surface: Quantity
    """To the surface of the tumour around it; 0 where it reaches out of it."""
    spacing: Quantity
    """From its centre to the nearest other; unknown where there is none."""
    to_organs: Mapping[str, Quantity]

    @property
    def diameter(self) -> Quantity:
        """Of the ball with its volume, in mm."""
        return _ball(self.volume)


def find_vertices(structures: Sequence[Structure], slice_z_mm: Floats | None) -> list[Structure] | str:
    """Each island of `structures` as a structure of its own with a number of its own; or why they cannot be told."""
    found: list[Structure] = []
    for structure in structures:
        several = islands_of(structure, slice_z_mm)
        if isinstance(several, str):
            return f"{structure.name}: {several}"
        found += several
    return [replace(structure, number=-n) for n, structure in enumerate(found, 1)]


def nearest_mm(stacks: Sequence[Stack]) -> list[Quantity]:
    """From the centre of each to the nearest other centre, in mm; along z contours leave a centre in some doubt."""
    if len(stacks) < 2:
        return [Quantity.unknown("mm", "there is no other vertex")] * len(stacks)
    centres = np.array([stack.centre_mm for stack in stacks])
    doubt = np.array([stack.bulge_mm for stack in stacks])
    found = []
    for i in range(len(stacks)):
        across, along = np.hypot(*(centres[:, :2] - centres[i, :2]).T), np.abs(centres[:, 2] - centres[i, 2])
        others = np.arange(len(stacks)) != i
        several = (np.maximum(along - doubt - doubt[i], 0.0), along, along + doubt + doubt[i])
        low, value, high = (float(np.hypot(across, rise)[others].min()) for rise in several)
        found.append(Quantity(value, low, high, "mm"))
    return found


def distances(vertex: Stack, tumour: Stack, organs: Mapping[str, Stack | str]) -> tuple[Quantity, dict[str, Quantity]]:
    """From a vertex to the surface of the tumour, and to each organ by its name."""
    to_organs = {
        name: Quantity.unknown("mm", organ) if isinstance(organ, str) else gap_mm(vertex, organ)
        for name, organ in organs.items()
    }
    return depth_mm(vertex, tumour), to_organs


def overlap(vertices: Sequence[Structure], stacks: Sequence[Stack]) -> tuple[str, str] | None:
    """The names of the first two vertices that touch or share a place, None where none do."""
    boxes = [(s.points_mm.min(axis=0), s.points_mm.max(axis=0)) for s in vertices]
    for i, (low, high) in enumerate(boxes):
        for j in range(i):
            apart = np.any((low > boxes[j][1]) | (boxes[j][0] > high))
            if not apart and gap_mm(stacks[i], stacks[j]).value == 0.0:
                return vertices[j].name, vertices[i].name
    return None


def _ball(volume: Quantity) -> Quantity:
    if volume.value is None or volume.low is None or volume.high is None:
        return Quantity.unknown("mm", volume.reason or "", volume.caveats)
    low, value, high = (cbrt(6000 * cc / pi) for cc in (volume.low, volume.value, volume.high))
    return Quantity(value, low, high, "mm", None, volume.caveats)
