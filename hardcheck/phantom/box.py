"""A box of water with nested targets and a few organs: small enough to be written and read in milliseconds."""

from __future__ import annotations

from typing import Final

import numpy as np

from hardcheck.phantom.doses import axis_mm, sample
from hardcheck.phantom.shapes import Box
from hardcheck.plan import Beam, DoseReference, FractionGroup, Patient, Plan, Prescription, Structure
from hardcheck.plan.geometry import Floats

FRACTIONS: Final = 22
LEVELS_GY: Final = {"PTV_HR": 66.0, "CTV_IR": 55.0, "PTV_LR": 50.6}

_SLICE_MM: Final = 3.0
_BOXES: Final = {
    "External": (Box((60, 60, 60)), "EXTERNAL"),
    "GTV": (Box((12, 12, 12)), "GTV"),
    "PTV_HR": (Box((22, 22, 18)), "PTV"),
    "CTV_IR": (Box((30, 30, 30)), "CTV"),
    "CTV_LR": (Box((30, 30, 36)), "CTV"),
    "PTV_LR": (Box((40, 40, 42)), "PTV"),
    "Femur_L": (Box((5, 16, 42), (26.5, 0, 0)), "ORGAN"),
    "SpinalCord": (Box((4, 8, 60), (-27, 0, 0)), "ORGAN"),
}
"""Sizes along z are whole slices, so that contours with half a slice at each end have exactly these volumes."""

_FALL_OFF: Final = ((0, 9, 12, 15, 18, 21, 24, 27, 33), (68, 67.6, 67.2, 57.6, 56, 51.6, 30, 14, 4))
"""Largest coordinate in mm, and the dose in Gy there. The steps are those of the grid, so that no interpolation
between two voxels falls below a level inside of its target; along z they lie a slice further out, so that a target
keeps its level however far it reaches beyond its last slice."""


def box_plan() -> Plan:
    """A plan of 22 fractions that keeps every dose that HARD prescribes to a target, with a wide margin.

    Eight structures of 4-point contours on 3 mm slices; a 3 mm dose grid that extends 3 mm beyond External.
    """
    z_mm = axis_mm(-28.5, 28.5, _SLICE_MM)
    structures = tuple(
        Structure.from_contours(number, name, box.contours(z_mm), interpreted_type=kind)
        for number, (name, (box, kind)) in enumerate(_BOXES.items(), 1)
    )
    grid = axis_mm(-33, 33, _SLICE_MM)
    return Plan(
        structures=structures,
        dose=sample(_dose_gy, grid, grid, grid),
        label="BOX",
        patient=Patient("SYNTHETIC-BOX", "Synthetic^Box"),
        prescription=prescription(LEVELS_GY, structures, FRACTIONS),
        approval="APPROVED",
    )


def prescription(levels_gy: dict[str, float], structures: tuple[Structure, ...], fractions: int) -> Prescription:
    """A target of the dose reference sequence for each level, by the name of its structure, and two arcs."""
    numbers = {s.name: s.number for s in structures}
    references = tuple(
        DoseReference(n, "VOLUME", "TARGET", name, numbers[name], prescription_gy=dose_gy)
        for n, (name, dose_gy) in enumerate(levels_gy.items(), 1)
    )
    per_fraction = max(levels_gy.values()) / fractions
    first = round(0.55 * per_fraction, 3)
    arcs = (Beam(1, first, 412.5), Beam(2, round(per_fraction - first, 3), 371.5))
    return Prescription(references, (FractionGroup(1, fractions, arcs),))


def _dose_gy(x: Floats, y: Floats, z: Floats) -> Floats:
    largest = np.maximum(np.maximum(np.abs(x), np.abs(y)), np.abs(z) - _SLICE_MM)
    return np.interp(largest, *_FALL_OFF)
