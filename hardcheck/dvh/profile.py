"""The area of a structure's sections along z: between its planes, and beyond the last ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from hardcheck.dvh.planes import PlaneStack
from hardcheck.plan.geometry import Floats, Integers

RATIO: Final = (0.5, 1.5)
"""How far the smooth area between two planes may differ from the straight line between them."""

CLOSING: Final = 0.05
"""Share of the squared slope by which a parabola may miss zero and still be taken to touch it, as a cone's tip does."""

CLOSES: Final = 0.5
"""A section of less than this share of its neighbour's area is an end that closes."""

ROUND: Final = 0.1
"""The square of the area is taken for a parabola where it misses it by less than this part of what the area misses."""

_NODES: Final = (np.arange(16) + 0.5) / 16


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Section areas by cubic pieces through the planes, their slopes from the neighbours (Hermite).

    `slope` (K,) mm2/mm is exact for a quadratic area, as those of a sphere and a cone are. Beyond the last planes goes
    a parabola of the area to the `power` (K,) 1, or 2 for a bar that lies across: its slope and curvature at the plane
    are `end_slope` and `end_curvature` (K,). `closing` (2, K), below and above each plane, is where it comes to zero,
    in units of the reach; infinite where it does not within one reach. A plane that stands alone, with a contour
    that is small against the thickness of a slice, is taken for the middle of a ball; two for the ball through them.
    """

    stack: PlaneStack
    slope: Floats
    power: Integers
    end_slope: Floats
    end_curvature: Floats
    closing: Floats

    @classmethod
    def of(cls, stack: PlaneStack) -> Profile:
        """The profile of a stack of planes."""
        slope, curvature = _derivatives(stack)
        power, end_slope, end_curvature = _ends_of(stack, slope, curvature)
        slope = np.where(power == 2, end_slope / (2 * stack.area_mm2), slope)
        closing = np.full(stack.joined.shape, np.inf)
        height = stack.area_mm2**power
        for side, sign in ((0, -1.0), (1, 1.0)):
            outward = sign * end_slope
            square = outward**2 - 2 * end_curvature * height
            falls = (outward < 0) & (square >= -CLOSING * outward**2)
            root = 2 * height / np.where(falls, -outward + np.sqrt(np.maximum(square, 0.0)), 1.0)
            closes = falls & (root <= stack.reach_mm[side] * (1 + 1e-6)) & ~stack.joined[side]
            closing[side, closes] = (root / stack.reach_mm[side])[closes]
        radius = np.sqrt(stack.area_mm2 / np.pi)
        # A ball through such a contour has 4/3 r of its area for a height; one slice alone would have more.
        ball = ~np.any(stack.joined, axis=0) & (4 / 3 * radius < stack.reach_mm.min(axis=0))
        closing[:, ball] = (radius / stack.reach_mm)[:, ball]
        end_curvature[ball] = -2 * np.pi
        return cls(stack, slope, power, end_slope, end_curvature, closing)

    def between(self, side: Integers, plane: Integers, distance: Floats) -> Floats:
        """Share (n,) of a joined plane at `distance` (n,) in units of its reach, between it and its neighbour."""
        lower, upper, t = self._interval(side, plane, distance)
        a0, a1, h = self.stack.area_mm2[lower], self.stack.area_mm2[upper], self.stack.reach_mm[side, plane]
        m0, m1 = self.slope[lower] * h, self.slope[upper] * h
        straight = a0 + t * (a1 - a0)
        smooth = straight + t * (1 - t) * ((1 - t) * (m0 - (a1 - a0)) - t * (m1 - (a1 - a0)))
        return np.asarray((1.0 - distance) * np.clip(smooth / straight, *RATIO))

    def otherwise(self, side: Integers, plane: Integers, distance: Floats) -> Floats:
        """The same by another model: each plane up to half-way, and where an end closes, as full as a round bar's."""
        lower, upper, t = self._interval(side, plane, distance)
        a0, a1 = self.stack.area_mm2[lower], self.stack.area_mm2[upper]
        full = np.sqrt(a0**2 + t * (a1**2 - a0**2)) / (a0 + t * (a1 - a0))
        closes = np.minimum(a0, a1) < CLOSES * np.maximum(a0, a1)
        return np.where(closes, (1.0 - distance) * full, distance < 0.5)

    def _interval(self, side: Integers, plane: Integers, distance: Floats) -> tuple[Integers, Integers, Floats]:
        """The planes below and above, and the place between them (0 to 1)."""
        last = self.stack.z_mm.size - 1
        lower = np.clip(plane - 1 + side, 0, max(last - 1, 0))
        return lower, np.minimum(lower + 1, last), np.where(side == 1, distance, 1.0 - distance)

    def cap(self, side: Integers, plane: Integers, distance: Floats) -> Floats:
        """Share (n,) of a last plane at `distance` (n,) beyond it: to where the structure closes, or half a slice."""
        stack = self.stack
        closing = self.closing[side, plane]
        u = distance * stack.reach_mm[side, plane]
        outward = np.where(side == 1, 1.0, -1.0) * self.end_slope[plane]
        power = self.power[plane]
        parabola = 1.0 + (outward * u + self.end_curvature[plane] * u**2 / 2) / stack.area_mm2[plane] ** power
        share = np.clip(parabola, 0.0, 1.0) ** (1.0 / power)
        tapered = np.where(distance < closing, share, 0.0)
        return np.where(np.isinf(closing), distance < 0.5, tapered)

    def held(self) -> Floats:
        """Integrals (2, 2, K) over the reach, below and above each plane: of `between` or `cap`, and of `otherwise`."""
        side, plane, node = np.meshgrid([0, 1], np.arange(self.stack.z_mm.size), _NODES, indexing="ij")
        at = side.reshape(-1), plane.reshape(-1), node.reshape(-1)
        joined = self.stack.joined[at[0], at[1]]
        shares = np.where(joined, self.between(*at), self.cap(*at)), self.otherwise(*at)
        means = np.stack([share.reshape(side.shape).mean(axis=2) for share in shares])
        # Half a slice is exact.
        means[0][~self.stack.joined & np.isinf(self.closing)] = 0.5
        return means


def _derivatives(stack: PlaneStack) -> tuple[Floats, Floats]:
    """First and second derivative (K,) of the area at each plane, from the neighbours that it is joined to."""
    size = stack.z_mm.size
    first, second = np.zeros(size), np.zeros(size)
    if size < 2:
        return first, second
    gap = np.diff(stack.z_mm)
    rise = np.diff(stack.area_mm2) / gap
    joined = stack.joined[1, :-1]
    both = np.flatnonzero(joined[:-1] & joined[1:]) + 1
    before, after = gap[both - 1], gap[both]
    first[both] = (after * rise[both - 1] + before * rise[both]) / (before + after)
    second[both] = 2 * (rise[both] - rise[both - 1]) / (before + after)
    inner = np.zeros(size, dtype=bool)
    inner[both] = True
    for end, other, interval in _ends(joined):
        # A parabola through the last three planes; a straight line where there are only two, or a small ball.
        second[end] = second[other] if inner[other] else _ball_curvature(stack, interval)
        first[end] = 2 * rise[interval] - first[other] if inner[other] else rise[interval]
        if not inner[other]:
            first[end] += second[end] * (stack.z_mm[end] - stack.z_mm[other]) / 2
    return first, second


def _ball_curvature(stack: PlaneStack, interval: int) -> float:
    """Second derivative of the area of the ball through two planes alone; 0 where it would reach the next slices."""
    a0, a1 = stack.area_mm2[interval : interval + 2]
    gap = stack.z_mm[interval + 1] - stack.z_mm[interval]
    middle = (a1 - a0) / (2 * np.pi * gap)
    radius = math.sqrt(a0 / np.pi + (gap / 2 + middle) ** 2)
    beyond = radius - gap / 2 + abs(middle)
    return -2 * np.pi if beyond < gap else 0.0


def _ends(joined: np.ndarray) -> list[tuple[int, int, int]]:
    """Planes joined on one side only: the plane, its neighbour, and the interval between them."""
    padded = np.concatenate([[False], joined, [False]])
    below, above = padded[:-1], padded[1:]
    last = [(int(k), int(k) - 1, int(k) - 1) for k in np.flatnonzero(below & ~above)]
    return last + [(int(k), int(k) + 1, int(k)) for k in np.flatnonzero(above & ~below)]


def _ends_of(stack: PlaneStack, slope: Floats, curvature: Floats) -> tuple[Integers, Floats, Floats]:
    """Power, slope and curvature (K,) of the parabola beyond each end: of the area, or of its square.

    The sections of a ball and of a cone are parabolas along z, those of a bar that lies across are the root of one.
    What the last three planes say of the fourth tells which it is.
    """
    power = np.ones(stack.z_mm.size, dtype=np.int64)
    end_slope, end_curvature = slope.copy(), curvature.copy()
    joined = stack.joined[1, :-1]
    for end, other, interval in _ends(joined):
        step = other - end
        planes = end + step * np.arange(4)
        intervals = interval + step * np.arange(3)
        if planes.min() < 0 or planes.max() >= stack.z_mm.size or not np.all(joined[intervals]):
            continue
        u, area = stack.z_mm[planes] - stack.z_mm[end], stack.area_mm2[planes]
        plain, squared = (np.polyfit(u[:3], area[:3] ** p, 2) for p in (1, 2))
        missed = abs(np.polyval(plain, u[3]) - area[3])
        if area[0] < area[1] and abs(math.sqrt(max(float(np.polyval(squared, u[3])), 0.0)) - area[3]) < ROUND * missed:
            power[end] = 2
            end_slope[end], end_curvature[end] = squared[1], 2 * squared[0]
    return power, end_slope, end_curvature
