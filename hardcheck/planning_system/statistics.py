"""The minimum, mean and maximum that are stated beside a curve, held against the curve itself.

Some systems write them in percent of the prescription under a label that says Gy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from hardcheck.plan import StoredDvh

AGREE: Final = 0.01
"""How far a stated mean may be from that of its curve, of it; half a bin is allowed besides."""
FOREIGN: Final = "the stated minimum, mean and maximum do not fit the curve, and are left out"


def settled(curves: Sequence[StoredDvh], prescription_gy: float | None) -> tuple[list[StoredDvh], tuple[str, ...]]:
    """`curves` with statistics in Gy alone, and what was found out about all of them.

    Statistics are believed where the mean fits that of the curve. Where most means fit their curves as percent of the
    prescription, they are that. What fits neither is left out, and the curve says so.
    """
    asked = [curve for curve in curves if curve.average_gy is not None]
    plain = sum(_fits(curve, 1.0) for curve in asked)
    notes: tuple[str, ...] = ()
    scale = 1.0
    if prescription_gy and sum(_fits(curve, prescription_gy / 100) for curve in asked) > max(plain, len(asked) / 2):
        scale = prescription_gy / 100
        notes = (
            f"minimum, mean and maximum are labelled Gy and are percent of the prescription of {prescription_gy:g} Gy",
        )
    return [_settled(curve, scale) for curve in curves], notes


def _fits(curve: StoredDvh, scale: float) -> bool:
    off = abs((curve.average_gy or 0.0) * scale - curve.mean_gy)
    return bool(off <= AGREE * curve.mean_gy + curve.bin_gy / 2)


def _settled(curve: StoredDvh, scale: float) -> StoredDvh:
    stated = (curve.minimum_gy, curve.average_gy, curve.maximum_gy)
    if all(value is None for value in stated):
        return curve
    if curve.average_gy is None or not _fits(curve, scale) or not _in_order(curve, scale):
        return replace(curve, minimum_gy=None, average_gy=None, maximum_gy=None, notes=(*curve.notes, FOREIGN))
    low, mean, high = (value if value is None else value * scale for value in stated)
    return replace(curve, minimum_gy=low, average_gy=mean, maximum_gy=high)


def _in_order(curve: StoredDvh, scale: float) -> bool:
    """Whether the extremes lie where the curve begins to fall and ends, to a bin."""
    share, dose = curve.share, curve.dose_gy
    first, last = float(dose[np.argmax(share < 1) - 1]), float(dose[-1])
    off = curve.bin_gy + AGREE * last
    low, high = curve.minimum_gy, curve.maximum_gy
    return (low is None or low * scale >= first - off) and (high is None or high * scale <= last + off)
