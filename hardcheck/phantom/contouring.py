"""The structure set of the synthetic thigh: names after AAPM TG-263, contours on each CT slice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from hardcheck.phantom.limb import (
    FAT_MM,
    TARGETS,
    TUMOUR_MM,
    Target,
    body_centre_mm,
    body_radius_mm,
    depth_mm,
    femur_centre_mm,
    femur_radius_mm,
)
from hardcheck.plan import Structure
from hardcheck.plan.geometry import Floats

Z_MM: Final = np.arange(-120.0, 121.0, 3.0)
"""CT slices."""
KNEE_MM: Final = (-114.0, -99.0)
"""From the lowest to the highest slice of the knee joint."""
GENITALS_MM: Final = (30.0, -14.0, 102.0)
GENITALS_HALF_MM: Final = (15.0, 12.0, 13.0)
SCIATIC_RADIUS_MM: Final = 4.0
FEMORAL_RADIUS_MM: Final = 5.5
NERVES_MM: Final = (-87.0, 111.0)
"""From the lowest to the highest slice on which both bundles are contoured: above the knee, below the groin."""
STRIP_HALF_WIDTH_MM: Final = 10.5
RIND_MM: Final = 5.0

_BODY_POINTS: Final = 100
_TARGET_POINTS: Final = 96
_TARGET_KINDS: Final = {"GTV": "GTV", "PTV_HR": "PTV", "CTV_IR": "CTV", "CTV_LR": "CTV", "PTV_LR": "PTV"}
_TARGET_COLORS: Final = ((255, 0, 0), (230, 60, 0), (255, 140, 0), (60, 160, 255), (0, 90, 255))
_Cut = Callable[[float], list[Floats]]
"""The outlines (n, 2) of a structure in the plane at z."""


def structures() -> tuple[Structure, ...]:
    """All structures, External first; their order is no key to anything."""
    cuts: dict[str, tuple[_Cut, str, tuple[int, int, int]]] = {
        "External": (_external, "EXTERNAL", (0, 200, 80)),
        **{
            name: (_target(target), _TARGET_KINDS[name], color)
            for (name, target), color in zip(TARGETS.items(), _TARGET_COLORS, strict=True)
        },
        "Femur_L": (_femur, "ORGAN", (205, 170, 110)),
        "Joint_Knee_L": (_knee, "ORGAN", (150, 110, 70)),
        "SkinStrip": (_skin_strip, "ORGAN", (250, 180, 160)),
        "Subcutaneous5mm": (_rind, "ORGAN", (240, 210, 120)),
        "Nerve_Sciatic_L": (_sciatic, "ORGAN", (250, 240, 40)),
        "NVB_Femoral_L": (_femoral, "ORGAN", (170, 60, 200)),
        "Genitals": (_genitals, "ORGAN", (90, 140, 230)),
    }
    return tuple(
        Structure.from_contours(
            number,
            name,
            [_at(outline, z) for z in Z_MM for outline in cut(float(z))],
            interpreted_type=kind,
            color=color,
        )
        for number, (name, (cut, kind, color)) in enumerate(cuts.items(), 1)
    )


def sciatic_mm(z_mm: float) -> tuple[float, float]:
    """The sciatic nerve, behind the femur."""
    return 92.5 - 0.03 * z_mm, 28.0 + 0.02 * z_mm


def femoral_mm(z_mm: float) -> tuple[float, float]:
    """The femoral artery, vein and nerve: in front and medial, winding backwards towards the knee."""
    return 66.0 + 0.02 * z_mm, -22.0 - 0.09 * z_mm


def strip_axes() -> tuple[Floats, Floats]:
    """Unit vectors of the skin strip in plane: away from the tumour, and along the skin."""
    cx, cy = body_centre_mm(0.0)
    away = np.array([cx - TUMOUR_MM[0], cy - TUMOUR_MM[1]])
    away /= np.hypot(*away)
    return away, np.array([-away[1], away[0]])


def _at(outline: Floats, z_mm: float) -> Floats:
    return np.column_stack([outline, np.full(len(outline), z_mm)])


def _polar(centre_mm: tuple[float, float], angle: Floats, radius_mm: Floats | float) -> Floats:
    return np.column_stack([centre_mm[0] + radius_mm * np.cos(angle), centre_mm[1] + radius_mm * np.sin(angle)])


def _angles(count: int) -> Floats:
    # Not from 0 on: no corner lies on an axis, where a coordinate would be a round number give or take its last bit.
    return 2 * np.pi * (np.arange(count) + 0.31) / count


def _body(z_mm: float, depth: float) -> Floats:
    angle = _angles(_BODY_POINTS)
    return _polar(body_centre_mm(z_mm), angle, body_radius_mm(angle, z_mm) - depth)


def _external(z_mm: float) -> list[Floats]:
    return [_body(z_mm, 0.0)]


def _rind(z_mm: float) -> list[Floats]:
    return [_body(z_mm, 0.0), _body(z_mm, RIND_MM)]


def _target(target: Target) -> _Cut:
    def cut(z_mm: float) -> list[Floats]:
        if abs(z_mm) >= target.half_length_mm:
            return []
        # The same angles for every target, so that polygons nest as their radii do.
        angle = _angles(_TARGET_POINTS)
        return [_polar(TUMOUR_MM, angle, target.radius_mm(angle, z_mm))]

    return cut


def _beside_target(z_mm: float) -> bool:
    return abs(z_mm) < TARGETS["PTV_LR"].half_length_mm


def _femur(z_mm: float) -> list[Floats]:
    """The protocol's bone: on the slices of PTV_LR alone."""
    return [_polar(femur_centre_mm(z_mm), _angles(40), femur_radius_mm(z_mm))] if _beside_target(z_mm) else []


def _knee(z_mm: float) -> list[Floats]:
    low, high = KNEE_MM
    if not low <= z_mm <= high:
        return []
    return [_polar(femur_centre_mm(z_mm), _angles(48), femur_radius_mm(z_mm) + 3.0)]


def _skin_strip(z_mm: float) -> list[Floats]:
    """From the skin down to the fat's depth, with parallel sides, on the slices of PTV_LR."""
    if not _beside_target(z_mm):
        return []
    across = np.linspace(-STRIP_HALF_WIDTH_MM, STRIP_HALF_WIDTH_MM, 9)
    return [np.concatenate([_strip_side(across, z_mm, 0.0), _strip_side(across, z_mm, FAT_MM)[::-1]])]


def _strip_side(across: Floats, z_mm: float, depth: float) -> Floats:
    away, along = strip_axes()
    middle = np.array(body_centre_mm(z_mm)) + across[:, None] * along
    near, far = np.zeros_like(across), np.full_like(across, 150.0)
    for _ in range(50):
        half = (near + far) / 2
        point = middle + half[:, None] * away
        inside = depth_mm(point[:, 0], point[:, 1], z_mm) > depth
        near, far = np.where(inside, half, near), np.where(inside, far, half)
    return middle + near[:, None] * away


def _sciatic(z_mm: float) -> list[Floats]:
    low, high = NERVES_MM
    return [_polar(sciatic_mm(z_mm), _angles(16), SCIATIC_RADIUS_MM)] if low <= z_mm <= high else []


def _femoral(z_mm: float) -> list[Floats]:
    low, high = NERVES_MM
    return [_polar(femoral_mm(z_mm), _angles(20), FEMORAL_RADIUS_MM)] if low <= z_mm <= high else []


def _genitals(z_mm: float) -> list[Floats]:
    x, y, z = GENITALS_MM
    rest = 1 - ((z_mm - z) / GENITALS_HALF_MM[2]) ** 2
    if rest <= 0:
        return []
    angle = _angles(36)
    half_x, half_y = (half * np.sqrt(rest) for half in GENITALS_HALF_MM[:2])
    return [np.column_stack([x + half_x * np.cos(angle), y + half_y * np.sin(angle)])]
