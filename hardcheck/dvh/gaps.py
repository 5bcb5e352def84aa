"""Along z: how far each plane reaches, which neighbours it is joined to, and where slices are missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from hardcheck.dvh.kernels import Booleans
from hardcheck.plan import Plan, Structure
from hardcheck.plan.geometry import PLANE_TOLERANCE_MM, Floats

CONTIGUOUS: Final = 1.5
"""Up to this many usual spacings apart, two planes are neighbours."""

LOST: Final = 0.5
"""Overlap of the outlines on both sides of a gap, and ratio of their areas, from which slices are lost in the gap."""

BRIDGED: Final = "a contour is missing on"
"""How what is said of a gap of one slice begins."""

EVEN: Final = 1e-6
"""Spacings that differ by less are even as they are."""


@dataclass(frozen=True, slots=True, eq=False)
class Slices:
    """Where contours could be, `z_mm` (n,) rising: of the image (`whole`), or what other structures show of it."""

    z_mm: Floats
    whole: bool


def evenly(z_mm: Floats) -> Floats:
    """Planes `z_mm` (K,), rising, on the even spacing that all of them keep within the tolerance; else as they are.

    A file holds each z to some digits, and a thickness is the difference of two of them.
    """
    if z_mm.size < 3:
        return z_mm
    usual = float(np.median(np.diff(z_mm)))
    slot = np.rint((z_mm - z_mm[0]) / usual)
    if np.any(np.diff(slot) < 1):
        return z_mm
    centred = slot - slot.mean()
    # Spacings of slices are whole hundredths of a millimetre, as far as the planes do not speak against it.
    fitted = float(centred @ z_mm / (centred @ centred))
    step = round(fitted, 2) if abs(round(fitted, 2) - fitted) * slot[-1] <= PLANE_TOLERANCE_MM else fitted
    even = z_mm.mean() + step * centred
    off = np.abs(even - z_mm).max()
    return even if EVEN < off <= PLANE_TOLERANCE_MM / 2 else z_mm


def slices_of(plan: Plan, structures: Iterable[Structure]) -> list[Slices]:
    """Where each of `structures` could have contours: on slices of the image, or else where others of the plan have.

    Without an image those are the planes of each structure that has a contour on all of its own where both have some.
    """
    several = list(structures)
    if plan.image is not None:
        return [Slices(plan.image.z_mm, whole=True)] * len(several)
    planes = {s.number: _planes(s) for s in (*plan.structures, *several) if s.unusable is None}
    found = []
    for structure in several:
        own = planes.get(structure.number, np.empty(0))
        slices = [own]
        for other in planes.values():
            here = own[(own >= other[0] - PLANE_TOLERANCE_MM) & (own <= other[-1] + PLANE_TOLERANCE_MM)]
            if here.size > 1 and np.all(_distance(here, other) <= PLANE_TOLERANCE_MM):
                slices.append(other)
        found.append(Slices(_merged(np.concatenate(slices)), whole=False))
    return found


def joints(
    z: Floats, empty_z_mm: Floats | None, slices: Slices | None
) -> tuple[Floats, Booleans, Booleans, tuple[str, ...]] | str:
    """How planes `z` (K,) go together, or the reason why that cannot be told.

    Reach (2, K) and joined (2, K) of `PlaneStack`; at which ends (2, K) nothing is known to follow, since a plane
    beside one of `empty_z_mm` ends half-way to it; and what is to be said about gaps.
    """
    if empty_z_mm is None or empty_z_mm.size == 0:
        found = _joints(z, slices)
        return found if isinstance(found, str) else (found[0], found[1], np.zeros((2, z.size), dtype=bool), found[2])
    both = np.concatenate([z, empty_z_mm])
    order = np.argsort(both, kind="stable")
    is_empty = order >= z.size
    found = _joints(both[order], slices)
    if isinstance(found, str):
        return found
    reach, joined, caveats = found
    beside = np.zeros((2, order.size), dtype=bool)
    # One that lies beyond a gap of its own shows nothing of what is in the gap.
    beside[0, 1:], beside[1, :-1] = is_empty[:-1] & joined[0, 1:], is_empty[1:] & joined[1, :-1]
    return reach[:, ~is_empty], (joined & ~beside)[:, ~is_empty], beside[:, ~is_empty], caveats


def _joints(z: Floats, slices: Slices | None) -> tuple[Floats, Booleans, tuple[str, ...]] | str:
    """Reach (2, K) and joined (2, K) of `PlaneStack`, with what is to be said about gaps; or why not."""
    if z.size == 1:
        thickness = _image_thickness(float(z[0]), slices)
        if thickness is None:
            return "one slice only, and no image from which to tell its thickness"
        reach = np.full((2, 1), thickness)
        return reach, np.zeros((2, 1), dtype=bool), ("one slice only: its thickness is that of the image",)
    gap = np.diff(z)
    usual = float(np.median(gap))
    missing = np.maximum(np.rint(gap / usual).astype(np.int64) - 1, 0)
    missing[gap <= CONTIGUOUS * usual] = 0
    if slices is not None and _on_slices(z, slices.z_mm):
        upto = np.searchsorted(slices.z_mm, z + PLANE_TOLERANCE_MM)
        missing = np.diff(upto) - 1 if slices.whole else np.maximum(missing, np.diff(upto) - 1)
    bridged = missing == 1
    apart = missing > 1
    caveats = []
    if np.any(bridged):
        where = ", ".join(f"{a:.1f} to {b:.1f}" for a, b in zip(z[:-1][bridged][:3], z[1:][bridged][:3], strict=True))
        caveats.append(f"{BRIDGED} {np.count_nonzero(bridged)} slice(s), bridged: z {where} mm")
    if np.any(apart):
        caveats.append(f"{np.count_nonzero(apart) + 1} islands along z; nothing is taken to lie between them")
    # An end cap is as thick as the slices beside it, or as usual where a plane stands alone.
    whole = np.where(apart | bridged, usual, gap)
    inner = np.where(apart, usual, gap)
    reach = np.empty((2, z.size))
    reach[0, 1:], reach[1, :-1] = inner, inner
    reach[0, 0], reach[1, -1] = whole[0], whole[-1]
    joined = np.zeros((2, z.size), dtype=bool)
    joined[0, 1:], joined[1, :-1] = ~apart, ~apart
    return reach, joined, tuple(caveats)


def lost_slices(boxes: Floats, area_mm2: Floats, joined: Booleans) -> int | None:
    """The first plane after which contours seem to be lost rather than an island to end, None where there is none.

    `boxes` (4, K) are the least and greatest x and y of each plane. An island ends and another begins elsewhere or
    small; where both sides of a gap have much the same outline, slices in between were deleted.
    """
    for plane in np.flatnonzero(~joined[1, :-1]):
        x0, x1, y0, y1 = boxes[:, plane : plane + 2]
        shared = max(x1.min() - x0.max(), 0.0) * max(y1.min() - y0.max(), 0.0)
        union = np.sum((x1 - x0) * (y1 - y0)) - shared
        areas = area_mm2[plane : plane + 2]
        if shared > LOST * union and areas.min() > LOST * areas.max():
            return int(plane)
    return None


def _planes(structure: Structure) -> Floats:
    """The planes of a structure's contours, rising."""
    return _merged(structure.points_mm[structure.starts[:-1], 2])


def _merged(z_mm: Floats) -> Floats:
    """`z_mm` in rising order, one for those within the tolerance."""
    rising = np.unique(z_mm)
    return np.asarray(rising[np.diff(rising, prepend=-np.inf) > PLANE_TOLERANCE_MM])


def _distance(z_mm: Floats, slices_mm: Floats) -> Floats:
    """How far each `z_mm` (n,) lies from the nearest of `slices_mm` (m,), rising."""
    if slices_mm.size < 2:
        return np.asarray(np.abs(z_mm - slices_mm[0]))
    upper = np.clip(np.searchsorted(slices_mm, z_mm), 1, slices_mm.size - 1)
    return np.asarray(np.minimum(np.abs(z_mm - slices_mm[upper - 1]), np.abs(z_mm - slices_mm[upper])))


def _on_slices(z: Floats, slice_z_mm: Floats) -> bool:
    """Whether each plane lies on a slice of the image."""
    return slice_z_mm.size > 1 and bool(np.all(_distance(z, slice_z_mm) <= PLANE_TOLERANCE_MM))


def _image_thickness(z: float, slices: Slices | None) -> float | None:
    """The spacing of the image at its slice `z`, None where the image does not tell."""
    if slices is None or not slices.whole or not _on_slices(np.array([z]), slices.z_mm):
        return None
    at = int(np.argmin(np.abs(slices.z_mm - z)))
    around = np.diff(slices.z_mm[max(at - 1, 0) : at + 2])
    return float(np.mean(around)) if around.size else None
