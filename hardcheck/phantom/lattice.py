"""A lattice plan: 3 x 3 x 2 vertices of 15 mm in a tumour of 96 x 96 x 84 mm.

45 Gy in 15 fractions to the tumour, and 36 Gy on top of it to the vertices: 3 fractions of 12 Gy, or 4 of 9 Gy. Around
the middle of each vertex the dose is even up to `PLATEAU_MM` and falls evenly to that of the tumour at `FOOT_MM`.
"""

from __future__ import annotations

from itertools import product
from typing import Final

import numpy as np

from hardcheck.phantom.box import prescription
from hardcheck.phantom.doses import axis_mm, sample
from hardcheck.phantom.shapes import Cylinder, Sphere
from hardcheck.plan import Patient, Plan, Structure
from hardcheck.plan.geometry import Floats

FRACTIONS: Final = 15
VALLEY_GY: Final = 45.0
VERTEX_GY: Final = 36.0
"""On top of the valley."""
VERTEX_MM: Final = 7.5
"""Radius of a vertex."""
PLATEAU_MM: Final = 9.0
FOOT_MM: Final = 12.0
TUMOUR_MM: Final = (48.0, 84.0)
"""Radius and length of the tumour, a cylinder along z."""
CENTRES_MM: Final = tuple(product((-24.0, 0.0, 24.0), (-24.0, 0.0, 24.0), (-15.0, 15.0)))
SPACING_MM: Final = 24.0
"""From each centre to the nearest."""

_SLICE_MM: Final = 3.0
_BODY_MM: Final = (80.0, 132.0)
_BONE: Final = Cylinder(10.0, 132.0, centre_mm=(66.0, 0.0, 0.0))
_NERVE: Final = Cylinder(4.0, 132.0, centre_mm=(0.0, 60.0, 0.0))
_EDGE_MM: Final = 2.0
_FALL_MM: Final = 15.0
_POINT_MM: Final = 0.5


def lattice_plan(*, as_islands: bool = True) -> Plan:
    """The plan, its vertices as islands of one ROI or as 18 ROIs; a bone and a nerve beside the tumour."""
    z_mm = axis_mm(-64.5, 64.5, _SLICE_MM)
    radius_mm, length_mm = _BODY_MM
    balls = [Sphere(VERTEX_MM, centre).contours(z_mm, _POINT_MM) for centre in CENTRES_MM]
    contours = {
        "External": (Cylinder(radius_mm, length_mm).contours(z_mm), "EXTERNAL"),
        "GTV": (Cylinder(*TUMOUR_MM).contours(z_mm, _POINT_MM), "GTV"),
        "Bone": (_BONE.contours(z_mm, _POINT_MM), "ORGAN"),
        "Nerve": (_NERVE.contours(z_mm, _POINT_MM), "ORGAN"),
    }
    if as_islands:
        contours["Vertices"] = ([contour for ball in balls for contour in ball], "CTV")
    else:
        contours |= {f"Vertex_{n}": (ball, "CTV") for n, ball in enumerate(balls, 1)}
    structures = tuple(
        Structure.from_contours(number, name, made, interpreted_type=kind)
        for number, (name, (made, kind)) in enumerate(contours.items(), 1)
    )
    across, along = axis_mm(-84.0, 84.0, 2.0), axis_mm(-70.0, 70.0, 2.0)
    return Plan(
        structures=structures,
        dose=sample(_dose_gy, across, across, along),
        label="LATTICE_45",
        patient=Patient("SYNTHETIC-LATTICE", "Synthetic^Lattice"),
        prescription=prescription({"GTV": VALLEY_GY}, structures, FRACTIONS),
        approval="APPROVED",
    )


def _dose_gy(x: Floats, y: Floats, z: Floats) -> Floats:
    radius_mm, length_mm = TUMOUR_MM
    beyond = np.maximum(np.hypot(x, y) - radius_mm, np.abs(z) - length_mm / 2) - _EDGE_MM
    dose = VALLEY_GY * np.exp(-np.maximum(beyond, 0.0) / _FALL_MM)
    for cx, cy, cz in CENTRES_MM:
        at = np.sqrt((x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2)
        dose = dose + VERTEX_GY * np.clip((FOOT_MM - at) / (FOOT_MM - PLATEAU_MM), 0.0, 1.0)
    return np.asarray(dose)
