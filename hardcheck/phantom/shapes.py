"""Shapes whose volume is known in closed form, cut into axial contours.

`contours(z_mm, spacing_mm)` gives the closed contours, each of shape (n, 3), of the planes of `z_mm` that meet the
shape. A curve is a polygon with its corners on the curve and at most `spacing_mm` between them; straight sides have
corners only at their ends. A plane on an end face counts as inside.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from hardcheck.plan.geometry import Floats

Point = tuple[float, float, float]
ORIGIN: Point = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Sphere:
    """A ball."""

    radius_mm: float
    centre_mm: Point = ORIGIN

    @property
    def volume_cc(self) -> float:
        """4/3 π r³."""
        return 4 / 3 * math.pi * self.radius_mm**3 / 1000

    def contours(self, z_mm: Iterable[float], spacing_mm: float = 1.0) -> list[Floats]:
        """Circles; the planes through the poles have none."""
        x, y, z = self.centre_mm
        squares = ((at, self.radius_mm**2 - (at - z) ** 2) for at in z_mm)
        return [circle((x, y, at), math.sqrt(square), spacing_mm) for at, square in squares if square > 0]


@dataclass(frozen=True, slots=True)
class Cylinder:
    """A round cylinder along the axis "x", "y" or "z"."""

    radius_mm: float
    length_mm: float
    axis: str = "z"
    centre_mm: Point = ORIGIN

    @property
    def volume_cc(self) -> float:
        """π r² l."""
        return math.pi * self.radius_mm**2 * self.length_mm / 1000

    def contours(self, z_mm: Iterable[float], spacing_mm: float = 1.0) -> list[Floats]:
        """Circles along z, else rectangles."""
        x, y, z = self.centre_mm
        if self.axis == "z":
            return [circle((x, y, at), self.radius_mm, spacing_mm) for at in _within(z_mm, z, self.length_mm)]
        cuts = []
        for at in z_mm:
            if (square := self.radius_mm**2 - (at - z) ** 2) > 0:
                outline = _rectangle(self.length_mm, 2 * math.sqrt(square))
                cuts.append(_placed(outline, self.axis, (x, y, at)))
        return cuts


@dataclass(frozen=True, slots=True)
class Cone:
    """A round cone along the axis "x", "y" or "z", its tip towards the positive side, `centre_mm` at half height."""

    radius_mm: float
    height_mm: float
    axis: str = "z"
    centre_mm: Point = ORIGIN

    @property
    def volume_cc(self) -> float:
        """1/3 π r² h."""
        return math.pi * self.radius_mm**2 * self.height_mm / 3000

    def contours(self, z_mm: Iterable[float], spacing_mm: float = 1.0) -> list[Floats]:
        """Circles along z, else branches of hyperbolas closed by the base."""
        x, y, z = self.centre_mm
        cuts = []
        for at in z_mm:
            part = 0.5 - (at - z) / self.height_mm if self.axis == "z" else 1 - abs(at - z) / self.radius_mm
            if not 0 < part <= 1:
                continue
            if self.axis == "z":
                cuts.append(circle((x, y, at), self.radius_mm * part, spacing_mm))
            else:
                cuts.append(_placed(self._branch(at - z, part, spacing_mm), self.axis, (x, y, at)))
        return cuts

    def _branch(self, off_axis_mm: float, part: float, spacing_mm: float) -> Floats:
        """The cut `off_axis_mm` from the axis, from the base up one side and back down the other."""
        length = self.height_mm * part
        count = max(8, math.ceil(4 * length / spacing_mm))
        # Corners crowd towards the tip, where the branch turns.
        along = length * (1 - np.linspace(1, 0, count) ** 2)
        radius = self.radius_mm * (1 - along / self.height_mm)
        across = np.sqrt(np.maximum(radius**2 - off_axis_mm**2, 0))
        along = along - self.height_mm / 2
        up, down = np.column_stack([along, across]), np.column_stack([along, -across])[-2::-1]
        return np.concatenate([up, down])


@dataclass(frozen=True, slots=True)
class Box:
    """A box along the axes, `size_mm` along x, y and z."""

    size_mm: Point
    centre_mm: Point = ORIGIN

    @property
    def volume_cc(self) -> float:
        """Length times width times height."""
        return math.prod(self.size_mm) / 1000

    def contours(self, z_mm: Iterable[float], spacing_mm: float = 1.0) -> list[Floats]:  # noqa: ARG002 - sides are straight
        """Rectangles of four corners."""
        x, y, z = self.centre_mm
        outline = _rectangle(self.size_mm[0], self.size_mm[1])
        return [_placed(outline, "x", (x, y, at)) for at in _within(z_mm, z, self.size_mm[2])]


@dataclass(frozen=True, slots=True)
class Annulus:
    """A tube along z: two contours in each plane, or with `keyhole` one that goes in and out along a cut."""

    outer_mm: float
    inner_mm: float
    length_mm: float
    keyhole: bool = False
    centre_mm: Point = ORIGIN

    @property
    def volume_cc(self) -> float:
        """π (R² - r²) l."""
        return math.pi * (self.outer_mm**2 - self.inner_mm**2) * self.length_mm / 1000

    def contours(self, z_mm: Iterable[float], spacing_mm: float = 1.0) -> list[Floats]:
        """Outer and inner circle, or the keyhole."""
        x, y, z = self.centre_mm
        cuts: list[Floats] = []
        for at in _within(z_mm, z, self.length_mm):
            outer = circle((x, y, at), self.outer_mm, spacing_mm)
            inner = circle((x, y, at), self.inner_mm, spacing_mm)
            if self.keyhole:
                cuts.append(np.concatenate([outer, outer[:1], inner[:1], inner[::-1]]))
            else:
                cuts += [outer, inner]
        return cuts


@dataclass(frozen=True, slots=True)
class Islands:
    """Two cylinders along z, their axes `distance_mm` apart along x."""

    radius_mm: float
    length_mm: float
    distance_mm: float
    centre_mm: Point = ORIGIN

    @property
    def volume_cc(self) -> float:
        """2 π r² l."""
        return 2 * math.pi * self.radius_mm**2 * self.length_mm / 1000

    def contours(self, z_mm: Iterable[float], spacing_mm: float = 1.0) -> list[Floats]:
        """Two circles in each plane."""
        x, y, z = self.centre_mm
        sides = (x - self.distance_mm / 2, x + self.distance_mm / 2)
        planes = _within(z_mm, z, self.length_mm)
        return [circle((side, y, at), self.radius_mm, spacing_mm) for at in planes for side in sides]


def circle(centre_mm: Point, radius_mm: float, spacing_mm: float) -> Floats:
    """A regular polygon in the circle of that radius, of at least eight corners, shape (n, 3)."""
    count = max(8, math.ceil(2 * math.pi * radius_mm / spacing_mm))
    angle = 2 * math.pi * np.arange(count) / count
    return _placed(np.column_stack([radius_mm * np.cos(angle), radius_mm * np.sin(angle)]), "x", centre_mm)


def _rectangle(length: float, width: float) -> Floats:
    x, y = length / 2, width / 2
    return np.array([[-x, -y], [x, -y], [x, y], [-x, y]])


def _within(z_mm: Iterable[float], middle: float, length: float) -> list[float]:
    return [float(at) for at in z_mm if abs(at - middle) <= length / 2]


def _placed(outline: Floats, along: str, centre_mm: Point) -> Floats:
    """`outline` (n, 2), its first column along the axis `along` ("x" or "y"), moved to `centre_mm`."""
    if along not in ("x", "y"):
        raise ValueError(f"axis is 'x', 'y' or 'z', not {along!r}")
    in_plane = outline if along == "x" else outline[:, ::-1]
    points: Floats = np.column_stack([in_plane, np.zeros(len(outline))]) + np.array(centre_mm)
    return points
