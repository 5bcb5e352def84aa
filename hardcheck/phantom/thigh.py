"""The sample patient: a synthetic sarcoma of the left thigh, planned after HARD (66 Gy in 22 fractions)."""

from __future__ import annotations

from typing import Final

from hardcheck.phantom.box import FRACTIONS, LEVELS_GY, prescription
from hardcheck.phantom.contouring import structures
from hardcheck.phantom.painting import dose
from hardcheck.phantom.tissue import image
from hardcheck.plan import Patient, Plan

KINDS: Final = {"meets": ("THIGH_66", (0.0, 0.0, 0.0)), "fails": ("THIGH_66_SHIFT", (-10.0, 0.0, 0.0))}
"""Label of each plan, and by how far its isocentre is off the planned one in mm."""


def thigh_plan(kind: str = "meets", *, with_image: bool = True) -> Plan:
    """The plan that "meets" every required goal and misses some recommended ones, or the one that "fails".

    The second is the first with its isocentre 10 mm too far medial, as when shifts are made from the wrong mark:
    the high dose leaves PTV_HR laterally and reaches the sciatic nerve. KeyError for any other kind.
    """
    label, shift_mm = KINDS[kind]
    contoured = structures()
    return Plan(
        structures=contoured,
        dose=dose(shift_mm),
        label=label,
        patient=Patient("SYNTHETIC-THIGH", "Synthetic^Thigh"),
        prescription=prescription(LEVELS_GY, contoured, FRACTIONS),
        image=image() if with_image else None,
        approval="APPROVED",
    )
