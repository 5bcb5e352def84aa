"""How far a structure as it was contoured is from what it should be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from hardcheck.algebra.region import Region
from hardcheck.plan import Structure


@dataclass(frozen=True, slots=True)
class Deviation:
    """Of a contoured structure from a wanted one: volumes in cc, summed over the slices that were looked at."""

    wanted_cc: float
    outside_cc: float
    """Of the contoured one, further than the tolerance from the wanted one."""
    missing_cc: float
    """Of the wanted one, further than the tolerance from the contoured one."""

    @property
    def share(self) -> float:
        """The larger of both, of the volume that was wanted."""
        return max(self.outside_cc, self.missing_cc) / self.wanted_cc


def compare(contoured: Structure, wanted: Structure, *, tolerance_mm: float, ends_mm: float) -> Deviation | None:
    """The deviation of `contoured` from `wanted`, in plane, on the planes of `contoured`; None where it cannot be told.

    Slices less than `ends_mm` from either end of `wanted` are left out: what a margin makes of the cut end of an image,
    and where an organ ends between two slices, is no matter of contouring.
    """
    drawn, made = Region.of(contoured), Region.of(wanted)
    if isinstance(drawn, str) or isinstance(made, str):
        return None
    low, high = made.blocks[0][0] + ends_mm, made.blocks[-1][1] - ends_mm
    planes = drawn.z_mm[(drawn.z_mm > low) & (drawn.z_mm < high)]
    # A slice without a contour is as wrong as one with a wrong contour.
    heights = np.arange(low + drawn.spacing_mm / 2, high, drawn.spacing_mm)
    bare = [z for z in heights if np.abs(drawn.z_mm - z).min() > 0.75 * drawn.spacing_mm]
    wanted_mm2 = outside_mm2 = missing_mm2 = 0.0
    for z in [*planes, *bare]:
        here, there = drawn.at(z), made.at(z)
        wanted_mm2 += there.area
        outside_mm2 += shapely.difference(here, there.buffer(tolerance_mm)).area
        missing_mm2 += shapely.difference(there, here.buffer(tolerance_mm)).area
    if not wanted_mm2 > 0:
        return None
    to_cc = drawn.spacing_mm / 1000
    return Deviation(wanted_mm2 * to_cc, outside_mm2 * to_cc, missing_mm2 * to_cc)
