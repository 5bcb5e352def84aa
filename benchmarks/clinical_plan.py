"""A generated plan of clinical size: 31 ROIs on 200 slices with 561 000 contour points, dose 200 x 150 x 180.

Ellipsoids and tubes with lobes, some with holes, some in two islands; the dose has hot spots and a smooth fall-off.
The same numbers give the same plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from hardcheck.phantom import sample
from hardcheck.plan import Beam, DoseReference, FractionGroup, ImageStack, Patient, Plan, Prescription, Structure
from hardcheck.plan.geometry import Floats

SLICES: Final = 200
SLICE_MM: Final = 2.0
POINTS: Final = 561_000
VOXELS: Final = (200, 150, 180)
"""Along x, y and z, 2.5 mm apart."""
VOXEL_MM: Final = 2.5
_ORGANS: Final = 22
_TARGETS: Final = 4
_RINGS: Final = 2


@dataclass(frozen=True)
class Organ:
    """An ellipsoid, or with `tube` an elliptic tube, of half axes `half_mm` around `centre_mm`, wavy by `lobes`.

    `wall` of its radius is left where it is hollow; `apart_mm` puts a second one beside it.
    """

    name: str
    centre_mm: tuple[float, float, float]
    half_mm: tuple[float, float, float]
    lobes: int = 3
    tube: bool = False
    wall: float = 0.0
    apart_mm: float = 0.0

    def outlines(self, z_mm: float) -> list[tuple[float, float, float, float]]:
        """Centre x, y and half axes of each outline in the plane at `z_mm`."""
        off = (z_mm - self.centre_mm[2]) / self.half_mm[2]
        if abs(off) >= 1:
            return []
        scale = 1.0 if self.tube else float(np.sqrt(1 - off**2))
        x, y = self.centre_mm[0] + 3 * np.sin(z_mm / 40), self.centre_mm[1]
        a, b = self.half_mm[0] * scale, self.half_mm[1] * scale
        found = [(x, y, a, b)]
        if self.wall:
            found.append((x, y, a * (1 - self.wall), b * (1 - self.wall)))
        if self.apart_mm:
            found.append((x + self.apart_mm, y, a, b))
        return found

    def contours(self, z_mm: Floats, spacing_mm: float) -> list[Floats]:
        """Closed contours with points about `spacing_mm` apart."""
        contours = []
        for z in z_mm:
            for x, y, a, b in self.outlines(float(z)):
                count = max(6, round(np.pi * (a + b) / spacing_mm))
                angle = 2 * np.pi * np.arange(count) / count
                wave = 1 + 0.06 * np.sin(self.lobes * angle + z / 30)
                points = [x + a * wave * np.cos(angle), y + b * wave * np.sin(angle), np.full(angle.size, z)]
                contours.append(np.column_stack(points))
        return contours


def organs() -> list[Organ]:
    """31 of them: body, cord, nested targets, rings, and organs of all sizes."""
    random = np.random.default_rng(2024)
    made = [
        Organ("BODY", (0, 0, 0), (200, 140, 1000), lobes=4, tube=True),
        Organ("Cord", (0, 85, 0), (6, 5, 180), tube=True),
        Organ("Lungs", (-95, -10, 60), (55, 75, 110), apart_mm=190),
    ]
    for n in range(_TARGETS):
        grown = 5.0 + 9 * n
        made.append(Organ(f"PTV_{n + 1}", (10, 5, -20), (14 + grown, 18 + grown, 20 + grown), lobes=5))
    for n in range(_RINGS):
        size = 70.0 + 15 * n
        made.append(Organ(f"Ring_{n + 1}", (10, 5, -20), (size, size, size), wall=0.25))
    for n in range(_ORGANS):
        half = 5.0 * np.exp(random.uniform(0, 2.3, 3))
        place = random.uniform(-1, 1, 3) * (110, 70, 150)
        made.append(
            Organ(
                f"Organ_{n + 1:02d}",
                (float(place[0]), float(place[1]), float(place[2])),
                (float(half[0]), float(half[1]), float(half[2])),
                lobes=int(random.integers(2, 7)),
                tube=n % 7 == 0,
                wall=0.3 if n % 5 == 0 else 0.0,
                apart_mm=3 * float(half[0]) if n % 6 == 0 else 0.0,
            )
        )
    return made


def clinical_plan(slices: int = SLICES, points: int = POINTS, voxel_mm: float = VOXEL_MM) -> Plan:
    """The plan. More `slices` lie closer together, a finer grid covers the same body.

    `points` is met within one in a thousand.
    """
    spacing_mm = SLICES * SLICE_MM / slices
    z_mm = spacing_mm * (np.arange(slices, dtype=np.float64) - (slices - 1) / 2)
    made = organs()
    length = sum(np.pi * (a + b) for o in made for z in z_mm for _, _, a, b in o.outlines(float(z)))
    structures = tuple(
        Structure.from_contours(number, organ.name, organ.contours(z_mm, length / points))
        for number, organ in enumerate(made, 1)
    )
    counts = [round(n * VOXEL_MM / voxel_mm) for n in VOXELS]
    axes = [voxel_mm * (np.arange(n, dtype=np.float64) - (n - 1) / 2) for n in counts]
    levels = (DoseReference(1, "VOLUME", "TARGET", "PTV_1", 4, prescription_gy=66.0),)
    return Plan(
        structures=structures,
        dose=sample(_dose_gy, axes[0], axes[1], axes[2]),
        label="CLINICAL-SIZE",
        patient=Patient("SYNTHETIC-CLINICAL-SIZE", "Synthetic^ClinicalSize"),
        prescription=Prescription(levels, (FractionGroup(1, 22, (Beam(1, 3.0, 800.0),)),)),
        image=ImageStack(z_mm),
    )


def _dose_gy(x: Floats, y: Floats, z: Floats) -> Floats:
    """66 Gy around the target, falling off more slowly along z, with ripples."""
    distance = np.sqrt(((x - 10) / 1.2) ** 2 + (y - 5) ** 2 + ((z + 20) / 1.1) ** 2)
    falloff = 66 / (1 + (distance / 60) ** 4)
    return np.maximum(falloff * (1 + 0.03 * np.sin(x / 9) * np.cos(y / 11) * np.sin(z / 13)), 0.01)
