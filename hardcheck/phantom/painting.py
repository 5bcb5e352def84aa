"""The dose of the synthetic thigh: painted onto its targets level by level, with the fall-off and hot spots of arcs.

Each level is a smooth step across the surface of its target; beyond the last one the dose falls exponentially,
faster along the limb, where only the collimator's edge is. Every number is chosen for how the plan is to look
against HARD, not fitted to a machine.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from hardcheck.phantom.contouring import Z_MM, sciatic_mm
from hardcheck.phantom.doses import axis_mm, step
from hardcheck.phantom.limb import (
    FEMUR_RADIUS_MM,
    TARGETS,
    TUMOUR_MM,
    depth_mm,
    femur_centre_mm,
)
from hardcheck.plan import DoseGrid
from hardcheck.plan.geometry import Floats

X_MM: Final = axis_mm(3.0, 185.0, 2.5)
Y_MM: Final = axis_mm(-87.0, 92.0, 2.5)
Z_DOSE_MM: Final = axis_mm(float(Z_MM[0]) - 3.0, float(Z_MM[-1]) + 3.0, 3.0)

_HR_GY: Final = 67.6
_IR_GY: Final = 56.6
_LR_GY: Final = 52.6
_HOT_SPOTS: Final = (
    ((128.0, 26.0, 4.0), 2.3, 6.0),
    ((121.0, 16.0, -14.0), 1.9, 6.5),
    ((135.0, 30.0, 17.0), 1.6, 7.0),
    ((106.0, 3.0, 11.0), -8.0, 4.5),
    ((106.0, 2.0, -36.0), -4.0, 5.0),
)
"""Centre in mm, height in Gy, width in mm. The last two are cold: where PTV_HR and CTV_IR are nearest to the femur."""
_NERVE_SPARING: Final = (0.05, 7.0)
"""By what part the dose is lowered at the sciatic nerve, and over what width in mm."""


def dose(shift_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> DoseGrid:
    """The planned dose, or the same dose with its isocentre moved by `shift_mm`; the skin stays where it is."""
    x, y = np.meshgrid(X_MM, Y_MM)
    planes = []
    for z in Z_DOSE_MM:
        painted = _painted_gy(x - shift_mm[0], y - shift_mm[1], float(z) - shift_mm[2])
        planes.append(painted * _in_body(depth_mm(x, y, float(z))))
    return DoseGrid(X_MM, Y_MM, Z_DOSE_MM, np.stack(planes))


def _painted_gy(x: Floats, y: Floats, z_mm: float) -> Floats:
    dx, dy = x - TUMOUR_MM[0], y - TUMOUR_MM[1]
    angle, at = np.arctan2(dy, dx), np.hypot(dx, dy)
    wave = 0.5 * np.cos(2 * angle + 0.05 * z_mm) + 0.4 * np.cos(3 * angle - 0.11 * z_mm)
    beyond = {name: TARGETS[name].beyond_mm(angle, at, z_mm) for name in ("PTV_HR", "CTV_IR", "PTV_LR")}
    level = _outside_gy(_spared(beyond["PTV_LR"], x, y, z_mm, 3.0) + wave, at, z_mm)
    level = level + (_IR_GY - _LR_GY) * step((_spared(beyond["CTV_IR"], x, y, z_mm, -2.5) + 1.3 * wave - 0.8) / 1.2)
    level = level + (_HR_GY - _IR_GY) * step((beyond["PTV_HR"] + 1.2 * wave - 2.3) / 0.9)
    for (cx, cy, cz), height, width in _HOT_SPOTS:
        level = level + height * np.exp(-((x - cx) ** 2 + (y - cy) ** 2 + (z_mm - cz) ** 2) / (2 * width**2))
    nx, ny = sciatic_mm(z_mm)
    part, width = _NERVE_SPARING
    level = level * (1 - part * np.exp(-((x - nx) ** 2 + (y - ny) ** 2) / (2 * width**2)))
    ripple: Floats = 1 + 0.006 * np.cos(x / 4.3) * np.cos(y / 5.1) * np.cos(z_mm / 6.7)
    return level * ripple


def _outside_gy(beyond: Floats, at: Floats, z_mm: float) -> Floats:
    """The low-risk level, and its fall-off beyond `beyond` = 2 mm."""
    along = max(abs(z_mm) - 18.0, 0.0)
    part = along / np.hypot(along, np.maximum(at, 1.0))
    # A slice more along the limb: where a target ends between two slices no contour tells.
    far = np.maximum(beyond - 1.5 - 1.5 * part**2, 0.0) * (1 + 0.9 * part**2)
    return _LR_GY * (0.7 * np.exp(-((far / 9.0) ** 1.3)) + 0.3 * np.exp(-far / 65.0))


def _spared(beyond: Floats, x: Floats, y: Floats, z_mm: float, reach_mm: float) -> Floats:
    """`beyond`, raised in the femur from `reach_mm` under its surface on, where the optimiser was told to spare it."""
    cx, cy = femur_centre_mm(z_mm)
    inside = FEMUR_RADIUS_MM - reach_mm - np.hypot(x - cx, y - cy)
    return np.maximum(beyond, 0.9 * inside)


def _in_body(depth: Floats) -> Floats:
    """Build-up under the skin, and the little that is scattered into the air outside of it."""
    return np.where(
        depth > 0, 1 - 0.45 * np.exp(-np.maximum(depth, 0) / 3.2), 0.55 * np.exp(np.minimum(depth, 0) / 3.0)
    )
