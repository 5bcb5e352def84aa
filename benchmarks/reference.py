"""Exact values of the generated cases, kept on disk from run to run.

A dose that rises evenly along an axis turns a DVH into an integral over plane sections, which have closed forms. For
curved doses, points of a Sobol sequence are mapped into the solid with even density. Neither knows of a contour, a
slice or a dose grid.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from scipy.stats import qmc

from benchmarks.solid import Solid
from hardcheck.plan.geometry import Floats

Field = Callable[[Floats, Floats, Floats], Floats]

METRICS: Final = {
    "Volume": "Volume[cc]",
    "Dmin": "Min[Gy]",
    "Dmax": "Max[Gy]",
    "Dmean": "Mean[Gy]",
    "D99": "D99%[Gy]",
    "D95": "D95%[Gy]",
    "D5": "D5%[Gy]",
    "D1": "D1%[Gy]",
    "D0.03cc": "D0.03cc[Gy]",
}
"""Names of Nelms et al. and how they are written here."""

SECTIONS: Final = 400_000
POINTS_LOG2: Final = 21
FACE_POINTS: Final = 801
_CACHE_VERSION: Final = "1"


def along_axis(
    solid: Solid, direction: str, at_origin_gy: float, gradient_gy_per_mm: float, cap: float = 0.0
) -> dict[str, float]:
    """Values for a dose that rises evenly along `direction`, with end caps of `cap` mm on axial faces.

    As Nelms et al. have it, the least and greatest dose reach over the caps along z also where they hold no volume.
    """
    half = solid.half["xyz".index(direction)]
    reach = half + (cap if direction == "z" else 0.0)
    edges = np.linspace(-reach, reach, SECTIONS + 1)
    # The sections jump at the end faces alone, and those lie on edges: no step has a jump inside it.
    middle = (edges[:-1] + edges[1:]) / 2
    part = solid.section(direction, middle, cap) * np.diff(edges)
    doses = at_origin_gy + gradient_gy_per_mm * edges
    volume = float(part.sum())
    mean = float(np.sum(part * (doses[:-1] + doses[1:]) / 2) / volume)
    if gradient_gy_per_mm < 0:
        doses, part = doses[::-1], part[::-1]
    above = np.concatenate([np.cumsum(part[::-1])[::-1], [0.0]])
    hottest = {
        name: float(np.interp(-amount, -above, doses)) for name, amount in _hottest(volume).items() if amount < volume
    }
    return {"Volume": volume / 1000, "Dmin": float(doses[0]), "Dmax": float(doses[-1]), "Dmean": mean} | hottest


def by_points(solid: Solid, field: Field, centre_mm: tuple[float, float, float]) -> dict[str, float]:
    """Values for any dose `field`, whose greatest dose is at `centre_mm` if that lies inside, else on the surface."""
    with np.errstate(all="ignore"):
        unit = qmc.Sobol(3, scramble=False).random_base2(POINTS_LOG2)
    doses = np.sort(field(*solid.points(unit)))[::-1]
    volume = solid.volume_mm3
    low, high = float(doses[-1]), float(doses[0])
    grid = np.linspace(0, 1, FACE_POINTS)
    for axis in range(3):
        for end in (0.0, 1.0):
            a, b = (g.ravel() for g in np.meshgrid(grid, grid))
            face = np.insert(np.column_stack([a, b]), axis, end, axis=1)
            on_face = field(*solid.points(face))
            low, high = min(low, float(on_face.min())), max(high, float(on_face.max()))
    if _holds(solid, centre_mm):
        high = max(high, float(field(*(np.array([c]) for c in centre_mm))[0]))
    rank = (np.arange(doses.size) + 0.5) / doses.size * volume
    hottest = {
        name: float(np.interp(amount, rank, doses)) for name, amount in _hottest(volume).items() if amount < volume
    }
    return {"Volume": volume / 1000, "Dmin": low, "Dmax": high, "Dmean": float(doses.mean())} | hottest


def _hottest(volume_mm3: float) -> dict[str, float]:
    """The hottest volume in mm3 that each D asks for."""
    shares = {"D99": 0.99, "D95": 0.95, "D5": 0.05, "D1": 0.01}
    return {name: share * volume_mm3 for name, share in shares.items()} | {"D0.03cc": 30.0}


def _holds(solid: Solid, point: tuple[float, float, float]) -> bool:
    """Whether `point` lies in a sphere, cylinder or cone; the others are hollow in the middle."""
    x, y, z = point
    along, across = (y, z) if solid.axis == "y" else (z, y)
    square = x**2 + across**2
    if solid.kind == "sphere":
        return square + along**2 <= solid.radius**2
    part = 0.5 - along / solid.length if solid.kind == "cone" else 1.0
    off = np.sqrt(square) if solid.kind != "islands" else np.hypot(abs(x) - solid.half[0] + solid.radius, across)
    return bool(abs(along) <= solid.length / 2 and solid.inner <= off <= solid.radius * part)


def cached(key: str, make: Callable[[], dict[str, float]]) -> dict[str, float]:
    """What `make` gives, from disk where it was made before under the same `key`.

    The folder is HARDCHECK_BENCHMARK_CACHE, or one in the system's temporary folder; it may be deleted at any time.
    """
    folder = Path(os.environ.get("HARDCHECK_BENCHMARK_CACHE") or Path(tempfile.gettempdir()) / "hardcheck-benchmarks")
    path = folder / f"{hashlib.sha256(f'{_CACHE_VERSION} {key}'.encode()).hexdigest()[:32]}.json"
    try:
        found: dict[str, float] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        found = make()
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(found), "utf-8")
        part.replace(path)
    return found
