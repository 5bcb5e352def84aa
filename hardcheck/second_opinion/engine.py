"""DVHs by dicompyler-core with the signature and the result of ``hardcheck.dvh``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import numpy as np
from pydicom.dataset import Dataset

from hardcheck.dvh import END_CAPS, Dvh, find_structure
from hardcheck.dvh.distribution import Distribution
from hardcheck.errors import UsageError, one_line
from hardcheck.plan import DoseGrid, Plan, Structure
from hardcheck.plan.geometry import PLANE_TOLERANCE_MM
from hardcheck.second_opinion import dicompyler
from hardcheck.second_opinion.dataset import dose_file, structure_set

ENGINE: Final = f"dicompyler-core {dicompyler.VERSION}"

NO_INTERVAL: Final = "dicompyler-core gives a value alone: the interval says nothing of how sure it is"
WHOLE_SLICES: Final = "dicompyler-core counts each slice in full, which is half a slice at each end, whatever was asked"


LEAVES_GRID: Final = (
    "reaches outside of the dose grid, where dose is unknown; dicompyler-core takes its curve from the rest alone"
)


def compute_dvh(plan: Plan, structure: str | int, *, end_caps: str = "half", between_slices: str = "blend") -> Dvh:
    """The DVH of the structure with that ROIName or ROINumber; UsageError where there is not exactly one."""
    found = find_structure(plan, structure)
    return compute_dvhs(plan, [found], end_caps=end_caps, between_slices=between_slices)[0]


def compute_dvhs(
    plan: Plan, structures: Iterable[Structure], *, end_caps: str = "half", between_slices: str = "blend"
) -> list[Dvh]:
    """The DVHs of `structures` in the plan's dose, in their order, by dicompyler-core with its default settings.

    Volumes, doses and curve are dicompyler-core's (bins of 0.01 Gy, read here with linear interpolation instead of its
    nearest bin). It knows one end cap convention, takes each slice for itself, and has no interval: the conventions
    change a caveat, no number. What it cannot do is a Dvh with the reason.
    """
    if end_caps not in END_CAPS:
        raise UsageError(f"end caps {end_caps!r} are not known", do=f"choose {' or '.join(END_CAPS)}")
    caveats = (NO_INTERVAL,) if (end_caps, between_slices) == ("half", "blend") else (NO_INTERVAL, WHOLE_SLICES)
    if plan.dose is None:
        return [Dvh(s, ENGINE, reason="there is no dose that could be trusted") for s in structures]
    try:
        dose = dose_file(plan.dose)
    except ValueError as error:
        return [Dvh(s, ENGINE, reason=f"dicompyler-core cannot read {error}") for s in structures]
    fractions = plan.prescription.fractions if plan.prescription is not None else None
    made = [_structure_dvh(s, dose, caveats if _inside(s, plan.dose) else (*caveats, LEAVES_GRID)) for s in structures]
    return [replace(dvh, fractions=fractions) for dvh in made]


def _structure_dvh(structure: Structure, dose: Dataset, caveats: tuple[str, ...]) -> Dvh:
    if structure.unusable is not None:
        return Dvh(structure, ENGINE, reason=structure.unusable)
    try:
        found = dicompyler.get_dvh(structure_set(structure), dose, structure.number)
    except Exception as error:
        return Dvh(structure, ENGINE, reason=one_line(f"dicompyler-core failed: {type(error).__name__}: {error}"))
    distribution = _distribution(found)
    if distribution is None:
        return Dvh(structure, ENGINE, reason="dicompyler-core finds no volume in the dose grid")
    notes = (f"dicompyler-core: {one_line(found.notes)}",) if found.notes else ()
    return Dvh(structure, ENGINE, (distribution,), caveats=(*caveats, *notes))


def _inside(structure: Structure, dose: DoseGrid) -> bool:
    """Whether every contour point lies between the outermost voxel centres; dicompyler-core says little of it."""
    if structure.is_empty:
        return True
    first = [axis[0] - PLANE_TOLERANCE_MM for axis in (dose.x_mm, dose.y_mm, dose.z_mm)]
    last = [axis[-1] + PLANE_TOLERANCE_MM for axis in (dose.x_mm, dose.y_mm, dose.z_mm)]
    low, high = structure.points_mm.min(axis=0), structure.points_mm.max(axis=0)
    return bool(np.all(low >= first) and np.all(high <= last))


def _distribution(found: Any) -> Distribution | None:
    """The cumulative curve of a ``dicompylercore.dvh.DVH``: volume at or above each bin's lower edge."""
    counts = np.asarray(found.counts, dtype=np.float64)
    if counts.size == 0 or not np.all(np.isfinite(counts)) or not counts[0] > 0:
        return None
    edges = np.asarray(found.bins, dtype=np.float64)
    low, mean, high = float(found.min), float(found.mean), float(found.max)
    if counts.size == 1:
        # All dose in the first bin. dicompyler-core then stretches that bin to 1 Gy and says 0 to minimum, mean and
        # maximum; the curve is drawn as a fall at 0 Gy, which agrees with that.
        edges = np.zeros(2)
    return Distribution(edges, np.append(counts, 0.0), mean, low, high)
