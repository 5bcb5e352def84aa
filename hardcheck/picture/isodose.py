"""Isodose lines of a plane."""

from __future__ import annotations

import numpy as np
from contourpy import LineType, contour_generator

from hardcheck.picture.line import Lines
from hardcheck.plan.geometry import Floats


def isodose_lines(dose_gy: Floats, side_mm: float, levels_gy: tuple[float, ...]) -> tuple[Lines, ...]:
    """The lines of each level through the dose (n, n) at the pixel centres of a square; they end where it is NaN."""
    pixels = dose_gy.shape[0]
    centres = (np.arange(pixels) + 0.5) * (side_mm / pixels)
    generator = contour_generator(centres, centres, np.ma.masked_invalid(dose_gy), line_type=LineType.Separate)
    return tuple(tuple(generator.lines(level)) for level in levels_gy)  # type: ignore[arg-type]
