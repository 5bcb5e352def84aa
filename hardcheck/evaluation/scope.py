"""The part of an organ that a goal is about, and whether the whole contour can stand for it.

Protocols evaluate organs outside of the PTVs, or along a target only. This version makes no structures of its own. It
evaluates the contour as it is where that is provably the same thing, or where a limit met by the whole is met by
each part of it; anything else is left unevaluated, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from hardcheck.evaluation.levels import Matches
from hardcheck.metric import Kind
from hardcheck.plan import Structure
from hardcheck.plan.geometry import PLANE_TOLERANCE_MM, Floats
from hardcheck.protocol import Goal, ProtocolStructure

_FALL_WITH_VOLUME: Final = frozenset({Kind.MAXIMUM, Kind.DOSE_AT_VOLUME, Kind.VOLUME_AT_DOSE})


def whole_contour_problems(wanted: ProtocolStructure, roi: Structure, matches: Matches) -> Iterator[str]:
    """What the protocol asks of the organ that this version can not show to change nothing."""
    if wanted.applies_on_slices_of:
        reference = matches[wanted.applies_on_slices_of].structures
        if len(reference) != 1 or not _share_slices(roi, reference[0]):
            yield f"it applies on the slices of {wanted.applies_on_slices_of} alone, which this version does not decide"
    if wanted.extent is not None:
        reference = matches[wanted.extent.of].structures
        if len(reference) != 1 or not _within(roi, reference[0], wanted.extent.margin_mm):
            beyond = f" and {wanted.extent.margin_mm:g} mm beyond it" if wanted.extent.margin_mm else ""
            yield f"the goal needs the slices of {wanted.extent.of}{beyond} alone, and the contour reaches further"
    overlapping = [name for name in wanted.subtract if not _is_apart(roi, matches[name].structures)]
    if overlapping:
        names = " and ".join(overlapping)
        yield f"the goal needs the organ outside of {names}, which may overlap it; this version subtracts no structures"


def _is_apart(roi: Structure, reference: tuple[Structure, ...]) -> bool:
    """Whether `roi` certainly lies outside of the one structure that is meant."""
    return len(reference) == 1 and _apart(roi, reference[0])


def part_meets_what_whole_meets(goal: Goal) -> bool:
    """Whether each part of a structure meets the goal if the whole structure does.

    A part has no more volume at any dose than the whole, so no greater maximum, D in cc or V in cc.
    """
    if not goal.op.is_upper or goal.limit.volume_of is not None or goal.metric.kind not in _FALL_WITH_VOLUME:
        return False
    if goal.metric.kind is Kind.VOLUME_AT_DOSE:
        return goal.metric.unit == "cc"
    return goal.metric.at_unit != "%"


def _range(structure: Structure) -> tuple[float, float, float]:
    """Lowest and highest z of the contours, and the usual distance of its planes (0 for one plane)."""
    z = _planes(structure)
    return float(z[0]), float(z[-1]), float(np.median(np.diff(z))) if z.size > 1 else 0.0


def _planes(structure: Structure) -> Floats:
    """The z of each plane of contours, to the tolerance, rising."""
    return np.unique(np.round(structure.points_mm[:, 2] / PLANE_TOLERANCE_MM)) * PLANE_TOLERANCE_MM


def _share_slices(a: Structure, b: Structure) -> bool:
    """Whether some contour of `a` lies on a plane of `b`."""
    if a.unusable or b.unusable:
        return False
    planes = np.unique(b.points_mm[:, 2])
    z = a.points_mm[:, 2]
    at = np.clip(np.searchsorted(planes, z), 1, max(planes.size - 1, 1))
    near = np.minimum(np.abs(z - planes[at - 1]), np.abs(z - planes[np.minimum(at, planes.size - 1)]))
    return bool(np.any(near <= PLANE_TOLERANCE_MM))


def _within(a: Structure, b: Structure, margin_mm: float) -> bool:
    """Whether the planes of `a` lie within those of `b` and `margin_mm` beyond, one slice either way."""
    if a.unusable or b.unusable:
        return False
    low_a, high_a, _ = _range(a)
    low_b, high_b, slice_mm = _range(b)
    allowed = margin_mm + slice_mm + PLANE_TOLERANCE_MM
    return low_a >= low_b - allowed and high_a <= high_b + allowed


def _apart(a: Structure, b: Structure) -> bool:
    """Whether boxes around both, thicker than their contours by more than their end caps, do not meet."""
    if a.unusable or b.unusable:
        return False
    low_a, high_a = a.points_mm.min(axis=0), a.points_mm.max(axis=0)
    low_b, high_b = b.points_mm.min(axis=0), b.points_mm.max(axis=0)
    grow = np.array([0.0, 0.0, _cap(a) + _cap(b)])
    return bool(np.any((low_a > high_b + grow) | (high_a < low_b - grow)))


def _cap(structure: Structure) -> float:
    """More than the structure can reach beyond its first and last contour: its widest gap, unknown for one plane."""
    z = _planes(structure)
    return float(np.max(np.diff(z))) if z.size > 1 else np.inf
