"""The dose around a structure: of the plan, or of a course, physical or as the effect that its plans have together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from hardcheck.course import resampled
from hardcheck.dvh.bend import bend_of
from hardcheck.dvh.kernels import Singles
from hardcheck.dvh.planes import PlaneStack
from hardcheck.plan import Course, DoseGrid, Plan
from hardcheck.plan.geometry import Floats
from hardcheck.radiobiology import EXTRAPOLATED_GY, Conversion

Point = tuple[float, float, float]

AT_MOST: Final = np.float32(1.5)
"""How much more a parabola is off its chord in the middle (1 / 8) than on average (1 / 12): what the conversion bends
is known everywhere, and so is counted in full."""

ROUNDING_MM: Final = 1e-6
"""How coordinates were rounded must not decide which voxels are near."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A part of a dose: trilinear on `grid`, from which a smooth dose differs by some `bend_gy` (nz, ny, nx)."""

    grid: DoseGrid
    bend_gy: Singles
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """What a dose is converted to: "EQD2" or "BED" with an alpha/beta in Gy."""

    name: str
    alpha_beta_gy: float

    def __str__(self) -> str:
        return f"{self.name}(ab={self.alpha_beta_gy:g})"

    def of(self, fractions: int) -> Conversion:
        """The conversion of the dose of a plan of so many fractions."""
        return Conversion(self.name, self.alpha_beta_gy, fractions)

    def refused(self, course: Course) -> str | None:
        """Why the course cannot be converted, None where it can be."""
        silent = [name for name, plan in course.numbered if not plan.fractions]
        if silent:
            return f"{' and '.join(silent)} without a single number of fractions, and {self.name} needs that of each"
        if any(float(dose.dose_gy.min()) < 0 for dose in course.doses or ()):
            return f"a dose is below 0 Gy, of which there is no {self.name}"
        return None


def field_around(plan: Plan, dose: DoseGrid, low_mm: Point, high_mm: Point, effect: Effect | None) -> Field:
    """The part of the plan's `dose` around a box, one voxel wider on each side; as its `effect` where one is asked for.

    How a dose bends is seen on the grid on which it was computed: on the planes of several grids together it would
    look straighter than it is.
    """
    part = _cut(dose, low_mm, high_mm)
    if plan.course is None:
        return Field(part, bend_of(part))
    if effect is not None:
        return _effect_field(plan.course, part, effect)
    bend = np.zeros(part.dose_gy.shape, dtype=np.float32)
    for one in plan.course.doses or ():
        bend += _bend_at(one, part)
    return Field(part, bend)


def _effect_field(course: Course, part: DoseGrid, effect: Effect) -> Field:
    """The effect of the dose of each plan, with its own fractions, added at the nodes of `part`.

    The conversion is quadratic, so that between the nodes the effect of a trilinear dose bends, too.
    """
    total, bend = np.zeros(part.dose_gy.shape), np.zeros(part.dose_gy.shape, dtype=np.float32)
    quantum_gy, extrapolated = 0.0, []
    for name, plan in course.numbered:
        if plan.dose is None or not plan.fractions:
            raise ValueError(f"{name} has no dose or no number of fractions")
        conversion = effect.of(plan.fractions)
        dose = DoseGrid(*part.axes_mm, resampled(plan.dose.dose_gy, plan.dose.axes_mm, part.axes_mm))
        converted = DoseGrid(*part.axes_mm, conversion.of(dose.dose_gy))
        slope = _slope(conversion, dose.dose_gy).astype(np.float32)
        total += converted.dose_gy
        bend += slope * _bend_at(plan.dose, part) + AT_MOST * (bend_of(converted) - slope * bend_of(dose))
        quantum_gy += plan.dose.quantum_gy * float(slope.max())
        if conversion.is_extrapolated(dose.maximum_gy):
            extrapolated.append(name)
    caveats = [f"{effect.name} of each plan with its own fractions, added at the nodes of the common grid"]
    if extrapolated:
        said = f"more than {EXTRAPOLATED_GY:g} Gy per fraction in {' and '.join(extrapolated)}"
        caveats.append(f"{said}: the linear-quadratic model is extrapolated")
    return Field(DoseGrid(*part.axes_mm, total, quantum_gy), bend, tuple(caveats))


def _slope(conversion: Conversion, dose_gy: Floats) -> Floats:
    """By how much the effect rises per Gy: the derivative of the BED, D + D² / (n ab), or of its part in EQD2."""
    return conversion.bend * (conversion.fractions * conversion.alpha_beta_gy + 2 * dose_gy)


def _bend_at(dose: DoseGrid, part: DoseGrid) -> Singles:
    """How the dose of one plan bends on its own grid, at the nodes of `part`."""
    x, y, z = part.axes_mm
    own = _cut(dose, (x[0], y[0], z[0]), (x[-1], y[-1], z[-1]))
    return resampled(bend_of(own), own.axes_mm, part.axes_mm)


def around(dose: DoseGrid, stack: PlaneStack) -> DoseGrid:
    """The part of the grid around a structure, a slice beyond its last planes and one voxel wider on each side."""
    return _cut(dose, *box_of(stack))


def box_of(stack: PlaneStack) -> tuple[Point, Point]:
    """The least and the greatest x, y and z of a structure, a slice beyond its last planes among them."""
    low = (stack.edges[:, [0, 2]].min(), stack.y_range_mm[0].min(), (stack.z_mm - stack.reach_mm[0]).min())
    high = (stack.edges[:, [0, 2]].max(), stack.y_range_mm[1].max(), (stack.z_mm + stack.reach_mm[1]).max())
    return low, high


def _cut(dose: DoseGrid, low_mm: Point, high_mm: Point) -> DoseGrid:
    """The part of the grid around a box, one voxel wider on each side."""
    cuts = []
    for axis, a, b in zip(dose.axes_mm, low_mm, high_mm, strict=True):
        first = int(np.clip(np.searchsorted(axis, a - ROUNDING_MM, side="right") - 2, 0, axis.size - 2))
        last = int(np.clip(np.searchsorted(axis, b + ROUNDING_MM, side="left") + 2, first + 2, axis.size))
        cuts.append(slice(first, last))
    x, y, z = cuts
    return DoseGrid(dose.x_mm[x], dose.y_mm[y], dose.z_mm[z], dose.dose_gy[z, y, x], dose.quantum_gy)
