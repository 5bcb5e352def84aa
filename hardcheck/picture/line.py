"""Lines on a plane: what of them is in the square, with no more points than can be seen."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely

from hardcheck.plan.geometry import Floats

Lines = tuple[Floats, ...]
"""Lines of (n, 2) points each, in mm to the right and downwards."""


def drawn(lines: Iterable[Floats], side_mm: float, tolerance_mm: float) -> Lines:
    """The parts of `lines` inside the square, none further than `tolerance_mm` from what it was."""
    long_enough = [line for line in lines if len(line) > 1]
    if not long_enough:
        return ()
    strings = np.array([shapely.linestrings(line) for line in long_enough])
    inside = shapely.get_parts(shapely.clip_by_rect(strings, 0.0, 0.0, side_mm, side_mm))
    inside = inside[(shapely.get_type_id(inside) == shapely.GeometryType.LINESTRING) & ~shapely.is_empty(inside)]
    return tuple(shapely.get_coordinates(line) for line in shapely.simplify(inside, tolerance_mm))
