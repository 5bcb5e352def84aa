"""How far structures reach, and what that alone proves about two of them."""

from __future__ import annotations

import numpy as np

from hardcheck.plan import Structure
from hardcheck.plan.geometry import PLANE_TOLERANCE_MM, Floats


def apart(a: Structure, b: Structure) -> bool:
    """Whether boxes around both, thicker than their contours by more than their end caps, do not meet."""
    if a.unusable or b.unusable:
        return False
    low_a, high_a = a.points_mm.min(axis=0), a.points_mm.max(axis=0)
    low_b, high_b = b.points_mm.min(axis=0), b.points_mm.max(axis=0)
    grow = np.array([0.0, 0.0, _cap(a) + _cap(b)])
    return bool(np.any((low_a > high_b + grow) | (high_a < low_b - grow)))


def within(a: Structure, b: Structure, margin_mm: float) -> bool:
    """Whether every contour of `a` certainly lies on the slices of `b`, or up to `margin_mm` beyond them."""
    if a.unusable or b.unusable:
        return False
    return all(end <= margin_mm + PLANE_TOLERANCE_MM for end in _beyond_mm(a, b))


def short_by_mm(a: Structure, b: Structure, margin_mm: float) -> float:
    """How much `a` ends short of the slices of `b` and `margin_mm` beyond, at its shorter end.

    0 where one slice either way explains it, or where one of them has no volume.
    """
    if a.unusable or b.unusable:
        return 0.0
    short = margin_mm - min(_beyond_mm(a, b))
    return short if short > max(_slice_mm(a), _slice_mm(b)) + PLANE_TOLERANCE_MM else 0.0


def _beyond_mm(a: Structure, b: Structure) -> tuple[float, float]:
    """How far the contours of `a` reach beyond those of `b`, below and above; negative where they end short of them."""
    z_a, z_b = a.points_mm[:, 2], b.points_mm[:, 2]
    return float(z_b.min() - z_a.min()), float(z_a.max() - z_b.max())


def _planes(structure: Structure) -> Floats:
    """The z of each plane of contours, to the tolerance, rising."""
    return np.unique(np.round(structure.points_mm[:, 2] / PLANE_TOLERANCE_MM)) * PLANE_TOLERANCE_MM


def _slice_mm(structure: Structure) -> float:
    """The usual distance of its planes, 0 for one plane."""
    z = _planes(structure)
    return float(np.median(np.diff(z))) if z.size > 1 else 0.0


def _cap(structure: Structure) -> float:
    """More than the structure can reach beyond its first and last contour: its widest gap, unknown for one plane."""
    z = _planes(structure)
    return float(np.max(np.diff(z))) if z.size > 1 else np.inf
