"""The solids of the accuracy benchmark: a map from the unit cube that keeps volume, and plane sections in closed form.

They are described apart from ``hardcheck.phantom``, so that neither can hide an error of the other.

Each solid is 24 mm across and long (the small sphere 3 mm), centred on the origin, its axis along z, or along y where
it is rotated; a cone's tip points to the positive side. Lengths in mm, areas in mm2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from hardcheck.phantom import Annulus, Cone, Cylinder, Islands, Sphere
from hardcheck.plan.geometry import Floats

Shape = Annulus | Cone | Cylinder | Islands | Sphere

POLE_MM: Final = 0.01
"""Half the width of the contour on a plane that only touches the solid: about what the files of Nelms et al. have."""


@dataclass(frozen=True)
class Solid:
    """A solid of revolution of `kind`; `radius` and `inner` across the axis, `length` along it."""

    name: str
    kind: str
    radius: float = 12.0
    length: float = 24.0
    inner: float = 0.0
    axis: str = "z"

    @property
    def volume_mm3(self) -> float:
        """The volume in closed form."""
        disc = np.pi * (self.radius**2 - self.inner**2)
        factor = {"sphere": 2 / 3, "cone": 1 / 3, "islands": 2.0}.get(self.kind, 1.0)
        return float(disc * self.length * factor)

    @property
    def half(self) -> tuple[float, float, float]:
        """Half of the extent along x, y and z."""
        x = self.radius if self.kind != "islands" else ISLAND_OFFSET + self.radius
        return (x, self.length / 2, self.radius) if self.axis == "y" else (x, self.radius, self.length / 2)

    def points(self, unit: Floats) -> tuple[Floats, Floats, Floats]:
        """Points x, y, z (n,) of the solid for `unit` (n, 3) in the unit cube, of even density; faces map to faces."""
        u, v, w = unit.T
        angle = 2 * np.pi * v
        if self.kind == "sphere":
            along = 2 * w - 1
            ring, rho = np.sqrt(1 - along**2), self.radius * np.cbrt(u)
            return rho * ring * np.cos(angle), rho * ring * np.sin(angle), rho * along
        radius: Floats | float = self.radius
        along = (w - 0.5) * self.length
        if self.kind == "cone":
            part = np.cbrt(w)
            radius, along = self.radius * part, self.length * (0.5 - part)
        rho = np.sqrt(self.inner**2 + u * (radius**2 - self.inner**2))
        x, across = rho * np.cos(angle), rho * np.sin(angle)
        if self.kind == "islands":
            # The first half of the angles makes one island, the second the other.
            side = np.where(v < 0.5, -1.0, 1.0)
            x, across = rho * np.cos(2 * angle) + side * ISLAND_OFFSET, rho * np.sin(2 * angle)
        return (x, along, across) if self.axis == "y" else (x, across, along)

    def section(self, direction: str, at: Floats, cap: float = 0.0) -> Floats:
        """Area (n,) of the section at `at` (n,) across `direction` ("y" or "z").

        `cap` prolongs each end face of an axial solid by that length, as slices of half a thickness do.
        """
        faces = cap if self.axis == "z" else 0.0
        if direction == self.axis:
            return self._along(at, faces)
        return self._across(at, faces)

    def _along(self, at: Floats, cap: float) -> Floats:
        if self.kind == "sphere":
            return np.pi * np.maximum(self.radius**2 - at**2, 0)
        half = self.length / 2
        disc = np.pi * (self.radius**2 - self.inner**2) * (2 if self.kind == "islands" else 1)
        if self.kind == "cone":
            part = np.clip(0.5 - at / self.length, 0, 1)
            return np.where(at >= -half - cap, disc * part**2, 0.0)
        return np.where(np.abs(at) <= half + cap, disc, 0.0)

    def _across(self, at: Floats, cap: float) -> Floats:
        chord = 2 * np.sqrt(np.maximum(self.radius**2 - at**2, 0))
        if self.kind == "sphere":
            return np.pi / 4 * chord**2
        if self.kind == "cone":
            # The integral of the chord 2 sqrt(r^2 - y^2) over r from |y| to R, with dz = length / R dr.
            off = np.maximum(np.abs(at), 1e-12)
            ratio = np.maximum((self.radius + chord / 2) / off, 1.0)
            branch = self.length / self.radius * (self.radius * chord / 2 - off**2 * np.log(ratio))
            return np.where(np.abs(at) < self.radius, branch, 0.0) + cap * chord
        hole = 2 * np.sqrt(np.maximum(self.inner**2 - at**2, 0))
        return np.asarray((chord - hole) * (self.length + 2 * cap) * (2 if self.kind == "islands" else 1))

    def shape(self) -> Shape:
        """The same solid as hardcheck's phantom has it, which draws the contours."""
        if self.kind == "sphere":
            return Sphere(self.radius)
        if self.kind == "annulus":
            return Annulus(self.radius, self.inner, self.length)
        if self.kind == "islands":
            return Islands(self.radius, self.length, 2 * ISLAND_OFFSET)
        return (Cone if self.kind == "cone" else Cylinder)(self.radius, self.length, self.axis)

    def contours(self, z_mm: Floats) -> list[Floats]:
        """Contours on the planes of `z_mm`; where a plane only touches the solid, one that encloses next to nothing."""
        found = self.shape().contours(z_mm, spacing_mm=min(0.2, self.radius / 30))
        touching = [self._touch(float(z)) for z in (z_mm[0], z_mm[-1]) if abs(abs(z) - self.half[2]) < 1e-9]
        return found + [points for points in touching if points is not None]

    def _touch(self, z: float) -> Floats | None:
        """The contour on a plane that touches the solid in a point or line; None where the plane holds an end face."""
        if self.kind == "sphere" or (self.kind == "cone" and self.axis == "z" and z > 0):
            return POLE_MM * np.array([[1, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0]]) + [0, 0, z]
        if self.axis == "z":
            return None
        base, end = -self.length / 2, self.length / 2
        if self.kind == "cone":
            return np.array([[-0.12, base, z], [0.12, base, z], [0, base + POLE_MM / 10, z]])
        x = POLE_MM / 2
        return np.array([[-x, base, z], [x, base, z], [x, end, z], [-x, end, z]])


ISLAND_OFFSET: Final = 7.0
"""From the middle to the axis of each island; 4 mm lie between them."""

SOLIDS: Final = {
    solid.name: solid
    for solid in (
        Solid("sphere", "sphere"),
        Solid("cylinder", "cylinder"),
        Solid("cone", "cone"),
        Solid("rotated-cylinder", "cylinder", axis="y"),
        Solid("rotated-cone", "cone", axis="y"),
        Solid("annulus", "annulus", inner=6.0),
        Solid("islands", "islands", radius=5.0),
        Solid("sphere-3mm", "sphere", radius=1.5, length=3.0),
    )
}
