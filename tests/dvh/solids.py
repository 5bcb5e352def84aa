"""Small structures and dose grids for the tests of the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from hardcheck.plan import DoseGrid, ImageStack, Plan, Structure
from hardcheck.plan.geometry import Floats

Field = Callable[[Floats, Floats, Floats], Floats]


def grid(field: Field, *, spacing_mm: float = 2.5, half_mm: float = 30.0, quantum_gy: float = 0.0) -> DoseGrid:
    """`field` of x, y, z sampled on a cube around the origin."""
    count = round(half_mm / spacing_mm)
    axis = spacing_mm * np.arange(-count, count + 1)
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    return DoseGrid(axis, axis, axis, np.asarray(field(x, y, z), dtype=float), quantum_gy)


def uniform(dose_gy: float) -> Field:
    return lambda x, _y, _z: np.full_like(x, dose_gy)


def circle(radius: float, z: float, *, cx: float = 0.0, cy: float = 0.0, points: int = 360) -> Floats:
    angle = 2 * np.pi * np.arange(points) / points
    return np.stack([cx + radius * np.cos(angle), cy + radius * np.sin(angle), np.full(points, z)], axis=1)


def square(half: float, z: float, *, cx: float = 0.0, cy: float = 0.0) -> Floats:
    x = cx + half * np.array([-1, 1, 1, -1])
    y = cy + half * np.array([-1, -1, 1, 1])
    return np.stack([x, y, np.full(4, z)], axis=1)


def structure(*contours: Floats, geometric_type: str = "CLOSED_PLANAR") -> Structure:
    return Structure.from_contours(1, "Solid", contours, geometric_type=geometric_type)


def stacked(make: Callable[[float], Floats], heights: Sequence[float]) -> Structure:
    return structure(*(make(z) for z in heights))


def plan(solid: Structure, dose: DoseGrid, slices: Sequence[float] | None = None) -> Plan:
    image = None if slices is None else ImageStack(np.asarray(slices, dtype=float))
    return Plan((solid,), dose, image=image)
