"""A stereotactic plan: one round target of 20 mm, 35 Gy in 5 fractions prescribed to the 80 % isodose.

The dose is peak / (1 + (r / a)^4) around a point beside the middle of the target, so the isodose of any dose is a
sphere of known radius. The middle is missed by 1.2 mm, and the target is not covered on one side.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from hardcheck.phantom.box import prescription
from hardcheck.phantom.doses import axis_mm, sample
from hardcheck.phantom.shapes import Cylinder, Sphere
from hardcheck.plan import Patient, Plan, Structure
from hardcheck.plan.geometry import Floats

FRACTIONS: Final = 5
PRESCRIPTION_GY: Final = 35.0
PEAK_GY: Final = PRESCRIPTION_GY / 0.8
FALL_MM: Final = 15.0
"""Where the dose is half of the peak."""
PTV_MM: Final = 10.0
GTV_MM: Final = 7.0
MISSED_MM: Final = 1.2
"""How far the dose lies beside the target, to the left."""

_SLICE_MM: Final = 1.0
_BODY_MM: Final = (45.0, 100.0)
_POINT_MM: Final = 0.5


def isodose_mm(dose_gy: float) -> float:
    """The radius of the isodose of that dose."""
    return float(FALL_MM * (PEAK_GY / dose_gy - 1) ** 0.25)


def sbrt_plan() -> Plan:
    """The plan: a round limb with the target in its middle and a nerve beside it, on a dose grid of 1 mm."""
    z_mm = axis_mm(-49.5, 49.5, _SLICE_MM)
    radius_mm, length_mm = _BODY_MM
    solids: dict[str, tuple[Cylinder | Sphere, str]] = {
        "External": (Cylinder(radius_mm, length_mm), "EXTERNAL"),
        "GTV": (Sphere(GTV_MM), "GTV"),
        "PTV": (Sphere(PTV_MM), "PTV"),
        "Nerve": (Cylinder(4.0, length_mm, centre_mm=(0.0, 30.0, 0.0)), "ORGAN"),
    }
    structures = tuple(
        Structure.from_contours(number, name, solid.contours(z_mm, _POINT_MM), interpreted_type=kind)
        for number, (name, (solid, kind)) in enumerate(solids.items(), 1)
    )
    across, along = axis_mm(-46.0, 46.0, 1.0), axis_mm(-52.0, 52.0, 1.0)
    return Plan(
        structures=structures,
        dose=sample(_dose_gy, across, across, along),
        label="SBRT_35",
        patient=Patient("SYNTHETIC-SBRT", "Synthetic^Stereotactic"),
        prescription=prescription({"PTV": PRESCRIPTION_GY}, structures, FRACTIONS),
        approval="APPROVED",
    )


def _dose_gy(x: Floats, y: Floats, z: Floats) -> Floats:
    square = (x - MISSED_MM) ** 2 + y**2 + z**2
    return np.asarray(PEAK_GY / (1 + (square / FALL_MM**2) ** 2))
