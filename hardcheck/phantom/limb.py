"""The anatomy of the synthetic thigh: star-shaped outlines, each a radius around a centre, and the margins of HARD.

A left thigh in patient LPS, 24 cm of it, from above the knee to below the groin (shorter than in life, so that both
ends of the femur's organs are in the image). Radii are smooth functions of angle and z; angles are radians from the
patient's left (+x) towards posterior (+y).

The tumour is a core, ``CORE_MM`` long to either side of z = 0, with rounded ends. A target grows it by `radial_mm`
across and `longitudinal_mm` along the limb: exactly that far across, at mid-length, and at the ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from hardcheck.plan.geometry import Floats

TUMOUR_MM: Final = (127.0, 24.0)
"""Axis of the tumour, x and y: posterolateral, in the vastus lateralis."""
CORE_MM: Final = 18.0
ROUNDING_MM: Final = 18.0
SKIN_GAP_MM: Final = 5.0
"""How far below the skin every target stops."""
FAT_MM: Final = 10.0
"""Depth of the subcutaneous tissue on the medial side, where the skin strip is."""
FEMUR_RADIUS_MM: Final = 14.0


def body_centre_mm(z_mm: float) -> tuple[float, float]:
    """The middle of the thigh in the plane at z."""
    return 100.0 - 0.05 * z_mm, 0.02 * z_mm


def body_radius_mm(angle: Floats, z_mm: float) -> Floats:
    """From the middle of the thigh to the skin: wider towards the groin, the hamstrings a little fuller."""
    girth = 79.0 + 0.055 * z_mm
    return girth * (1 + 0.018 * np.cos(2 * angle - 1.1) + 0.012 * np.cos(3 * angle + 0.4))


def femur_centre_mm(z_mm: float) -> tuple[float, float]:
    """The axis of the femur, which leans outwards towards the hip."""
    return 96.0 + 0.04 * z_mm, -7.0 - 0.02 * z_mm


def femur_radius_mm(z_mm: float) -> float:
    """The shaft, and the flare of the condyles below it."""
    return FEMUR_RADIUS_MM + 0.5 * max(-80.0 - z_mm, 0.0)


def depth_mm(x_mm: Floats, y_mm: Floats, z_mm: float) -> Floats:
    """Depth below the skin along the line to the middle of the thigh, negative outside."""
    cx, cy = body_centre_mm(z_mm)
    dx, dy = x_mm - cx, y_mm - cy
    return body_radius_mm(np.arctan2(dy, dx), z_mm) - np.hypot(dx, dy)


def gtv_radius_mm(angle: Floats) -> Floats:
    """The tumour at mid-length."""
    return 22.0 + 0.9 * np.cos(2 * angle - 0.6) + 0.5 * np.cos(3 * angle + 1.0)


@dataclass(frozen=True, slots=True)
class Target:
    """A target grown from the tumour; `femur_mm` is how far it may reach into the bone, None where it meets none."""

    radial_mm: float
    longitudinal_mm: float
    femur_mm: float | None = None

    @property
    def half_length_mm(self) -> float:
        """From z = 0 to its end."""
        return CORE_MM + ROUNDING_MM + self.longitudinal_mm

    def grown_mm(self, angle: Floats, z_mm: float) -> Floats:
        """From the tumour's axis to the target's surface as the margins alone would have it."""
        along = max(abs(z_mm) - CORE_MM, 0.0) / (ROUNDING_MM + self.longitudinal_mm)
        if along >= 1:
            return np.zeros_like(angle)
        rounded = (ROUNDING_MM + self.radial_mm) * math.sqrt(1 - along**2)
        return gtv_radius_mm(angle) - ROUNDING_MM + rounded

    def radius_mm(self, angle: Floats, z_mm: float) -> Floats:
        """From the tumour's axis to the target's surface, kept clear of skin and bone."""
        radius = np.minimum(self.grown_mm(angle, z_mm), inward_mm(angle, z_mm, SKIN_GAP_MM))
        if self.femur_mm is None:
            return radius
        return np.minimum(radius, _to_femur_mm(angle, z_mm, self.femur_mm))

    def beyond_mm(self, angle: Floats, from_axis_mm: Floats, z_mm: float) -> Floats:
        """About how far outside of the grown target a point is, negative inside."""
        across = np.maximum(from_axis_mm - (gtv_radius_mm(angle) - ROUNDING_MM), 0.0)
        along = max(abs(z_mm) - CORE_MM, 0.0)
        far = np.hypot(across, along)
        flat = np.hypot(across / (ROUNDING_MM + self.radial_mm), along / (ROUNDING_MM + self.longitudinal_mm))
        unit = np.where(flat > 0, far / np.where(flat > 0, flat, 1.0), ROUNDING_MM + self.radial_mm)
        return (flat - 1) * unit


TARGETS: Final = {
    "GTV": Target(0.0, 0.0),
    "PTV_HR": Target(5.0, 5.0),
    "CTV_IR": Target(10.0, 20.0, femur_mm=0.0),
    "CTV_LR": Target(15.0, 30.0, femur_mm=0.0),
    "PTV_LR": Target(20.0, 35.0, femur_mm=5.0),
}
"""GTV + 5 mm; GTV + 1 cm across and 2 cm along; GTV + 1.5 cm and 3 cm, and that + 5 mm. CTVs leave the bone out, so
their 5 mm margin reaches 5 mm into it."""


def inward_mm(angle: Floats, z_mm: float, depth: float) -> Floats:
    """From the tumour's axis to where it is still `depth` mm to the skin, by halving the distance."""
    near, far = np.zeros_like(angle), np.full_like(angle, 250.0)
    for _ in range(50):
        middle = (near + far) / 2
        x_mm, y_mm = TUMOUR_MM[0] + middle * np.cos(angle), TUMOUR_MM[1] + middle * np.sin(angle)
        inside = depth_mm(x_mm, y_mm, z_mm) > depth
        near, far = np.where(inside, middle, near), np.where(inside, far, middle)
    return near


def _to_femur_mm(angle: Floats, z_mm: float, reach_mm: float) -> Floats:
    """From the tumour's axis to `reach_mm` inside the near side of the femur, infinite where that is not in the way."""
    cx, cy = femur_centre_mm(z_mm)
    dx, dy = cx - TUMOUR_MM[0], cy - TUMOUR_MM[1]
    ahead = dx * np.cos(angle) + dy * np.sin(angle)
    aside = dx * np.sin(angle) - dy * np.cos(angle)
    square = (femur_radius_mm(z_mm) - reach_mm) ** 2 - aside**2
    hit = (square > 0) & (ahead > 0)
    return np.where(hit, ahead - np.sqrt(np.where(hit, square, 0.0)), np.inf)
