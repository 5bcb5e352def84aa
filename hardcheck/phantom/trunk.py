"""A trunk of boxes in a dose of one coordinate, so that every volume at every dose can be worked out by hand.

All boxes lie across the same fall-off from the right to the left of the patient: 6.5 Gy up to x = 10 mm, rising by
2 Gy/mm to 66.5 Gy at 40 mm, and 66.5 Gy from there on. A box of y by z mm2 holds y z / 1000 cc for each mm along x.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from hardcheck.phantom.box import prescription
from hardcheck.phantom.doses import axis_mm, sample
from hardcheck.phantom.shapes import Box
from hardcheck.plan import Patient, Plan, Structure
from hardcheck.plan.geometry import Floats

LEVELS_GY: Final = {"PTV_HR": 66.0, "CTV_IR": 55.0, "PTV_LR": 46.0}
FRACTIONS: Final = 22
PTV_LR_FROM_MM: Final = 31.0
"""Where the low-risk target begins along x; the dose is 48.5 Gy there."""

_SLICE_MM: Final = 3.0
_FALL_OFF: Final = ((10.0, 40.0), (6.5, 66.5))

Span = tuple[float, float]


def trunk_plan(
    *,
    liver_from_mm: float = -50.0,
    lungs_from_mm: float = -100.0,
    lungs_from_z_mm: float = 24.0,
    bowel: bool = False,
) -> Plan:
    """A plan of 22 fractions that keeps what HARD requires of it.

    Along x the liver (12 cc/mm) and the lungs (18 cc/mm) reach from `liver_from_mm` and `lungs_from_mm` to the low-risk
    target, the kidneys (6 cc/mm) from 0 to 60 mm, into it, and so does the small bowel (0.84 cc/mm), if there is one.
    Along z the lungs begin at `lungs_from_z_mm`, on a whole slice of 3 mm; the targets end at 30 mm.
    """
    boxes: dict[str, tuple[Span, Span, Span, str]] = {
        "External": ((-105, 105), (-105, 105), (-90, 150), "EXTERNAL"),
        "GTV": ((55, 75), (-12, 12), (-12, 12), "GTV"),
        "PTV_HR": ((45, 85), (-18, 18), (-18, 18), "PTV"),
        "CTV_IR": ((40, 90), (-24, 24), (-24, 24), "CTV"),
        "PTV_LR": ((PTV_LR_FROM_MM, 95), (-100, 100), (-30, 30), "PTV"),
        "Liver": ((liver_from_mm, PTV_LR_FROM_MM), (-50, 50), (-90, 30), "ORGAN"),
        "Lungs": ((lungs_from_mm, PTV_LR_FROM_MM), (-75, 75), (lungs_from_z_mm, lungs_from_z_mm + 120), "ORGAN"),
        "Kidneys": ((0, 60), (0, 100), (-30, 30), "ORGAN"),
    }
    if bowel:
        boxes["SmallBowel"] = ((0, 60), (-20, 0), (-21, 21), "ORGAN")
    z_mm = axis_mm(-88.5, 148.5, _SLICE_MM)
    structures = tuple(
        _structure(number, name, *spans, kind=kind, z_mm=z_mm)
        for number, (name, (*spans, kind)) in enumerate(boxes.items(), 1)
    )
    return Plan(
        structures=structures,
        dose=sample(_dose_gy, axis_mm(-107.5, 107.5, 2.5), axis_mm(-110, 110, 10.0), axis_mm(-95, 155, 10.0)),
        label="TRUNK",
        patient=Patient("SYNTHETIC-TRUNK", "Synthetic^Trunk"),
        prescription=prescription(LEVELS_GY, structures, FRACTIONS),
        approval="APPROVED",
    )


def _structure(number: int, name: str, x: Span, y: Span, z: Span, *, kind: str, z_mm: Floats) -> Structure:
    size = (x[1] - x[0], y[1] - y[0], z[1] - z[0])
    box = Box(size, ((x[0] + x[1]) / 2, (y[0] + y[1]) / 2, (z[0] + z[1]) / 2))
    return Structure.from_contours(number, name, box.contours(z_mm), interpreted_type=kind)


def _dose_gy(x: Floats, y: Floats, z: Floats) -> Floats:
    return np.asarray(np.interp(x, *_FALL_OFF) + 0 * y + 0 * z)
