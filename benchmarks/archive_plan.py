"""Small plans whose outcome is known before they are evaluated.

The dose is even in and around each structure that a goal is about, so that every metric is that dose, and it lies at
least a quarter of the limit away from it. All is by formulas; none of hardcheck's values has a part in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import numpy as np

from hardcheck.phantom import Box, axis_mm, sample
from hardcheck.phantom.box import prescription
from hardcheck.plan import Patient, Plan, Structure
from hardcheck.plan.geometry import Floats

PROTOCOL: Final = Path(__file__).with_name("archive_protocol.yaml")
REGIMENS: Final = {20: 60.0, 25: 50.0, 5: 35.0}
"""Fractions and prescribed dose in Gy, as in the protocol."""
CORD_GY: Final = 20.0
"""Its limit, required; that of the parotid is recommended."""
PAROTID_GY: Final = 15.0

_GRID_MM: Final = 4.0
_HALF_MM: Final = 44.0
"""Of the body; the dose grid reaches a voxel further."""
_OUTCOMES: Final = (("PASS", 6), ("VARIATION", 2), ("FAIL cord", 1), ("FAIL target", 1))


@dataclass(frozen=True)
class Variant:
    """One plan of the archive, as it is before anything is wrong with it. Lengths in mm, doses in Gy."""

    patient: str
    label: str
    fractions: int
    target_half_mm: float
    organ_half_mm: tuple[float, float]
    """Along y and z."""
    body_name: str
    target_gy: float
    cord_gy: float
    parotid_gy: float

    @property
    def prescribed_gy(self) -> float:
        """The dose of the regimen with so many fractions."""
        return REGIMENS.get(self.fractions, 49.0)

    @property
    def verdict(self) -> str:
        """What the limits say of the even doses."""
        if self.cord_gy > CORD_GY or self.target_gy < 0.95 * self.prescribed_gy:
            return "FAIL"
        return "VARIATION" if self.parotid_gy > PAROTID_GY else "PASS"

    def plan(self, names: Mapping[str, str] | None = None) -> Plan:
        """The plan; `names` gives structures other names."""
        z_mm = axis_mm(-_HALF_MM + _GRID_MM / 2, _HALF_MM - _GRID_MM / 2, _GRID_MM)
        y, z = self.organ_half_mm
        half = self.target_half_mm
        boxes = {
            self.body_name: (Box((2 * _HALF_MM,) * 3), "EXTERNAL"),
            "PTV": (Box((2 * half,) * 3), "PTV"),
            "SpinalCord": (Box((8, 2 * y, 2 * z), (-36, 0, 0)), "ORGAN"),
            "Parotid_L": (Box((8, 2 * y, 2 * z), (36, 0, 0)), "ORGAN"),
            "Ring": (Box((4, 4, 2 * z), (0, 36, 0)), "CONTROL"),
        }
        structures = tuple(
            Structure.from_contours(n, (names or {}).get(name, name), box.contours(z_mm), interpreted_type=kind)
            for n, (name, (box, kind)) in enumerate(boxes.items(), 1)
        )
        grid = axis_mm(-_HALF_MM - _GRID_MM, _HALF_MM + _GRID_MM, _GRID_MM)
        return Plan(
            structures=structures,
            dose=sample(self._dose_gy, grid, grid, grid),
            label=self.label,
            patient=Patient(self.patient, f"Synthetic^{self.patient}"),
            prescription=prescription({"PTV": self.prescribed_gy}, structures, self.fractions),
            approval="APPROVED",
        )

    def _dose_gy(self, x: Floats, y: Floats, z: Floats) -> Floats:
        """Even to two voxels around the target, and beyond that on either side. Organs begin two voxels further."""
        largest = np.maximum(np.maximum(np.abs(x), np.abs(y)), np.abs(z))
        outside = np.where(x > 0, self.parotid_gy, self.cord_gy)
        return np.where(largest <= self.target_half_mm + 2 * _GRID_MM, self.target_gy, outside)


def variant(random: Random, patient: str, label: str, *, like: Variant | None = None, passing: bool = False) -> Variant:
    """A plan drawn from `random`, on the structures of the plan `like` where there is one."""
    names, weights = zip(*_OUTCOMES, strict=True)
    outcome = "PASS" if passing else random.choices(names, weights)[0]
    fractions = random.choice(list(REGIMENS))
    good, bad = (lambda: random.uniform(0.3, 0.75)), (lambda: random.uniform(1.25, 1.6))
    target_half_mm = random.choice([8.0, 12.0])
    organ_half_mm = (random.choice([6.0, 8.0, 10.0]), random.choice([8.0, 12.0, 16.0]))
    body_name = random.choice(["External", "BODY", "External"])
    return Variant(
        patient,
        label,
        fractions,
        target_half_mm if like is None else like.target_half_mm,
        organ_half_mm if like is None else like.organ_half_mm,
        body_name if like is None else like.body_name,
        target_gy=REGIMENS[fractions] * (random.uniform(0.7, 0.85) if outcome == "FAIL target" else 1.02),
        cord_gy=CORD_GY * (bad() if outcome == "FAIL cord" else good()),
        parotid_gy=PAROTID_GY * (bad() if outcome == "VARIATION" else good()),
    )
