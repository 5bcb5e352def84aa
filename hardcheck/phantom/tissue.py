"""The CT of the synthetic thigh in Hounsfield units: skin, fat, muscle and its septa, femur, vessels, nerve, tumour."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hardcheck.phantom.contouring import (
    FEMORAL_RADIUS_MM,
    GENITALS_HALF_MM,
    GENITALS_MM,
    SCIATIC_RADIUS_MM,
    Z_MM,
    femoral_mm,
    sciatic_mm,
)
from hardcheck.phantom.limb import (
    FAT_MM,
    TARGETS,
    TUMOUR_MM,
    body_centre_mm,
    depth_mm,
    femur_centre_mm,
    femur_radius_mm,
)
from hardcheck.plan import ImageStack
from hardcheck.plan.geometry import Floats

X_MM: Final = 100.0 + 1.6 * (np.arange(128, dtype=np.float64) - 63.5)
Y_MM: Final = 1.6 * (np.arange(128, dtype=np.float64) - 63.5)

_AIR, _SKIN, _FAT, _MUSCLE, _SEPTUM = -1000.0, 15.0, -105.0, 58.0, -45.0
_CORTEX, _MARROW, _SPONGIOSA = 1250.0, -30.0, 280.0
_BLOOD, _NERVE, _TUMOUR, _NECROSIS, _GENITALS = 95.0, 25.0, 36.0, 12.0, 40.0
_SKIN_MM: Final = 2.0
_CORTEX_MM: Final = 5.0
_SEPTA: Final = (0.55, 1.75, 2.9, 3.9, 5.2)
"""Angles around the femur at which fat lies between the muscles."""


def image() -> ImageStack:
    """Return 81 slices of 128 x 128 pixels, 1.6 mm and 3 mm."""
    x, y = np.meshgrid(X_MM, Y_MM)
    smooth = np.stack([_slice(x, y, float(z)) for z in Z_MM])
    hounsfield = smooth + _texture(smooth.shape) * (smooth > _AIR)
    return ImageStack(Z_MM.copy(), X_MM.copy(), Y_MM.copy(), np.rint(hounsfield).astype(np.int16))


def _slice(x: Floats, y: Floats, z_mm: float) -> Floats:
    """One slice without texture: from the outside in, each tissue painted over the one before."""
    depth = depth_mm(x, y, z_mm)
    hounsfield = np.where(depth > 0, _SKIN, _AIR)
    hounsfield[depth > _SKIN_MM] = _FAT
    muscle = depth > _fat_mm(x, y, z_mm)
    hounsfield[muscle] = _MUSCLE
    hounsfield[muscle & _septa(x, y, z_mm)] = _SEPTUM
    for (cx, cy), radius, value in (
        (femoral_mm(z_mm), FEMORAL_RADIUS_MM + 2.0, _SEPTUM),
        (femoral_mm(z_mm), FEMORAL_RADIUS_MM - 0.5, _BLOOD),
        (sciatic_mm(z_mm), SCIATIC_RADIUS_MM + 1.5, _SEPTUM),
        (sciatic_mm(z_mm), SCIATIC_RADIUS_MM, _NERVE),
    ):
        hounsfield[np.hypot(x - cx, y - cy) < radius] = value
    _paint_bone(hounsfield, x, y, z_mm)
    _paint_tumour(hounsfield, x, y, z_mm)
    gx, gy, gz = GENITALS_MM
    half_x, half_y, half_z = GENITALS_HALF_MM
    hounsfield[((x - gx) / half_x) ** 2 + ((y - gy) / half_y) ** 2 + ((z_mm - gz) / half_z) ** 2 < 1] = _GENITALS
    return hounsfield


def _fat_mm(x: Floats, y: Floats, z_mm: float) -> Floats:
    """Depth of the fascia: the fat is thinner on the lateral side, where the tumour is."""
    cx, cy = body_centre_mm(z_mm)
    return FAT_MM - 1.5 * (1 + np.cos(np.arctan2(y - cy, x - cx) - 0.73))


def _septa(x: Floats, y: Floats, z_mm: float) -> NDArray[np.bool_]:
    cx, cy = femur_centre_mm(z_mm)
    angle, radius = np.arctan2(y - cy, x - cx), np.hypot(x - cx, y - cy)
    found = np.zeros(x.shape, dtype=np.bool_)
    for at in _SEPTA:
        turned = angle - at - 0.004 * radius - 0.002 * z_mm
        found |= (np.abs(radius * np.sin(turned)) < 1.0) & (np.cos(turned) > 0)
    return found


def _paint_bone(hounsfield: Floats, x: Floats, y: Floats, z_mm: float) -> None:
    (cx, cy), radius = femur_centre_mm(z_mm), femur_radius_mm(z_mm)
    at = np.hypot(x - cx, y - cy)
    condyle = z_mm < -90
    hounsfield[at < radius] = _CORTEX
    hounsfield[at < radius - (2.0 if condyle else _CORTEX_MM)] = _SPONGIOSA if condyle else _MARROW


def _paint_tumour(hounsfield: Floats, x: Floats, y: Floats, z_mm: float) -> None:
    if abs(z_mm) >= TARGETS["GTV"].half_length_mm:
        return
    dx, dy = x - TUMOUR_MM[0], y - TUMOUR_MM[1]
    angle, at = np.arctan2(dy, dx), np.hypot(dx, dy)
    radius = TARGETS["GTV"].grown_mm(angle, z_mm)
    hounsfield[at < radius] = _TUMOUR
    hounsfield[at < 0.45 * radius] = _NECROSIS


def _texture(shape: tuple[int, ...]) -> Floats:
    """Noise of about 8 HU made from integers alone, so that it is the same in every version of numpy."""
    total = np.zeros(shape)
    index = np.arange(np.prod(shape), dtype=np.uint32).reshape(shape)
    for seed in (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D):
        mixed = index * np.uint32(seed)
        mixed ^= mixed >> np.uint32(15)
        mixed *= np.uint32(0x2C1B3C6D)
        mixed ^= mixed >> np.uint32(12)
        total += (mixed >> np.uint32(24)).astype(np.float64) - 127.5
    return np.rint(total / 16)
