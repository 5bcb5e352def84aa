"""The generated cases: solids on planes, with a dose field on a grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.reference import Field, along_axis, by_points, cached
from benchmarks.solid import SOLIDS, Solid
from hardcheck.phantom import gaussian, linear, penumbra, sample
from hardcheck.plan import DoseGrid, ImageStack, Plan, Structure
from hardcheck.plan.geometry import Floats

PLACED_MM: Final = ((0.2, 0.4), (0.2, 1.0), (0.2, 2.0), (0.2, 3.0), (1.0, 1.0), (2.0, 2.0), (3.0, 3.0))
"""Slice and dose grid spacings of the paper."""
SPACINGS_MM: Final = ((1.0, 1.0), (2.0, 2.0), (3.0, 3.0))
SHIFTS: Final = (0.5, 0.3)
"""How far the first plane lies inside the object, in slices."""
GRID_SHIFT: Final = (0.37, 0.21, 0.43)
"""How far voxel centres lie off the object's middle along x, y and z, in voxels, where planes are shifted."""

_MIDDLE_GY: Final = 16.0
_PEAK_MM: Final = (3.0, -2.0, 4.0)
FIELDS: Final[dict[str, Field]] = {
    "linear-AP": linear(_MIDDLE_GY, (0, -1, 0)),
    "linear-SI": linear(_MIDDLE_GY, (0, 0, -1)),
    "gaussian": gaussian(24, 9, _PEAK_MM, 4),
    "penumbra-AP": penumbra(28, 4, 2, 6, (0, 1, 0)),
    "penumbra-SI": penumbra(28, 4, 2, 6, (0, 0, 1)),
    "penumbra-oblique": penumbra(28, 4, 2, 6, (1, 2, 3)),
}
"""Linear: 28 to 4 Gy over 24 mm. The others go from 28 to about 4 Gy too, but bend between voxels."""
_BENT: Final = {"gaussian": 0.3, "penumbra-AP": 0.5, "penumbra-SI": 0.3, "penumbra-oblique": 0.5}
"""The bent fields, and the shift of the planes that they are seen on."""


@dataclass(frozen=True)
class GeneratedCase:
    """`solid` on planes `slice_mm` apart in a dose of `field` on a grid of `grid_mm`.

    "placed": planes from end to end of the object, which with half a slice at each end is longer than it was drawn;
    as in the paper, the exact values are of that longer object. "shifted" and "bent": the first plane lies `shift`
    slices inside, as on a real CT, and the exact values are of the object itself.
    """

    group: str
    shape: str
    slice_mm: float
    grid_mm: float
    field: str
    shift: float = 0.0

    @property
    def name(self) -> str:
        """A name that no other case has."""
        place = f"-shift{self.shift:g}" if self.shift else ""
        return f"{self.group}/{self.shape}/slice{self.slice_mm:g}-grid{self.grid_mm:g}{place}/{self.field}"

    @property
    def _solid(self) -> Solid:
        return SOLIDS[self.shape]

    def exact(self) -> dict[str, float]:
        """The exact values, in cc and Gy."""
        if not self.field.startswith("linear"):
            key = f"{self._solid} {self.field} bent 1"
            return cached(key, lambda: by_points(self._solid, FIELDS[self.field], _PEAK_MM))
        cap = self.slice_mm / 2 if self.group == "placed" else 0.0
        direction = "y" if self.field.endswith("AP") else "z"
        key = f"{self._solid} {direction} {cap} linear 1"
        return cached(key, lambda: along_axis(self._solid, direction, _MIDDLE_GY, -1.0, cap))

    def plan(self) -> Plan:
        """Structure 1, the dose grid and an image with the planes, some of them beyond the object."""
        z_mm = self.planes_mm()
        structure = Structure.from_contours(1, self.shape, self._solid.contours(z_mm))
        beyond = self.slice_mm * np.arange(1, 4)
        image = ImageStack(np.concatenate([z_mm[0] - beyond[::-1], z_mm, z_mm[-1] + beyond]))
        grid = sample(FIELDS[self.field], *self._axes_mm())
        # The linear doses fall below 0 Gy on the outermost nodes, 4 mm off the object, and a dose file cannot.
        grid = DoseGrid(grid.x_mm, grid.y_mm, grid.z_mm, np.maximum(grid.dose_gy, 0.0))
        return Plan((structure,), grid, label=self.name, image=image)

    def planes_mm(self) -> Floats:
        """The planes that meet the object; planes that only touch it count where they are placed to."""
        touching = 1e-9 if self.group == "placed" else -1e-9
        half = self._solid.half[2]
        first = -half + self.shift * self.slice_mm
        count = int(np.floor((half - first) / self.slice_mm + touching)) + 1
        return np.round(first + self.slice_mm * np.arange(count), 9)

    def _axes_mm(self) -> tuple[Floats, Floats, Floats]:
        off = (0.0, 0.0, 0.0) if self.group == "placed" else GRID_SHIFT
        axes: list[Floats] = []
        for half, shift in zip(self._solid.half, off, strict=True):
            count = int(np.ceil((half + 2.0) / self.grid_mm)) + 1
            axes.append(self.grid_mm * (np.arange(-count, count + 1, dtype=np.float64) + shift))
        return axes[0], axes[1], axes[2]


def generated_cases() -> Iterator[GeneratedCase]:
    """All of them. The small sphere is placed only where its 3 mm are whole slices and more than one."""
    for name, solid in SOLIDS.items():
        for field in ("linear-AP", "linear-SI"):
            for slice_mm, grid_mm in PLACED_MM:
                slices = 2 * solid.half[2] / slice_mm
                if abs(slices - round(slices)) < 1e-9 and slices > 1.5:
                    yield GeneratedCase("placed", name, slice_mm, grid_mm, field)
            for slice_mm, grid_mm in SPACINGS_MM:
                for shift in SHIFTS:
                    yield GeneratedCase("shifted", name, slice_mm, grid_mm, field, shift)
        for field, shift in _BENT.items():
            for slice_mm, grid_mm in SPACINGS_MM:
                yield GeneratedCase("bent", name, slice_mm, grid_mm, field, shift)
