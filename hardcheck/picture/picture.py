"""All that is seen on one plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hardcheck.picture.isodose import isodose_lines
from hardcheck.picture.line import Lines, drawn
from hardcheck.picture.outline import ONE_SLICE_GAP, Outline
from hardcheck.picture.plane import Plane
from hardcheck.picture.reslice import resliced
from hardcheck.plan import DoseGrid, ImageStack
from hardcheck.plan.geometry import Floats

_SEEN_PIXELS: Final = 0.25
"""How far, in pixels, a drawn line may be from the computed one: less than can be seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What is on a plane, at the pixel centres of its square (n, n) with rows from the top, and as lines in mm.

    `hounsfield` and `dose_gy` are None where there is no image or dose at all, and NaN where they do not reach.
    """

    plane: Plane
    hounsfield: Floats | None
    dose_gy: Floats | None
    isodoses: tuple[tuple[float, Lines], ...]
    """Each level in Gy with its lines."""
    outlines: tuple[tuple[int, Lines], ...]
    """Each structure that the plane meets, by its number."""
    grid_edge: Lines
    """The edge of the dose grid, beyond which the dose is not known."""


def picture_of(
    plane: Plane,
    pixels: int,
    *,
    dose: DoseGrid | None,
    image: ImageStack | None,
    levels_gy: Sequence[float],
    outlines: Mapping[int, Outline],
) -> Picture:
    """The picture of a plane with so many pixels a side; `outlines` are by number of the structure."""
    tolerance_mm = _SEEN_PIXELS * plane.side_mm / pixels
    dose_gy = None if dose is None else resliced(dose.axes_mm, dose.dose_gy, plane, pixels)
    lines = () if dose_gy is None else isodose_lines(dose_gy, plane.side_mm, tuple(levels_gy))
    cut = {number: drawn(outline.on(plane), plane.side_mm, tolerance_mm) for number, outline in outlines.items()}
    return Picture(
        plane,
        _hounsfield(image, plane, pixels),
        dose_gy,
        tuple(
            (level, drawn(found, plane.side_mm, tolerance_mm)) for level, found in zip(levels_gy, lines, strict=False)
        ),
        tuple((number, found) for number, found in cut.items() if found),
        () if dose is None else drawn([_edge(dose, plane)], plane.side_mm, tolerance_mm),
    )


def _hounsfield(image: ImageStack | None, plane: Plane, pixels: int) -> Floats | None:
    """The image on the plane; no anatomy is made up where several slices are missing."""
    if image is None or image.hounsfield is None or image.x_mm is None or image.y_mm is None:
        return None
    gaps = np.diff(image.z_mm)
    widest_mm = ONE_SLICE_GAP * float(np.median(gaps)) if gaps.size else np.inf
    axes = image.x_mm, image.y_mm, image.z_mm
    found = resliced(axes, image.hounsfield, plane, pixels, widest_mm=widest_mm)
    return None if np.all(np.isnan(found)) else found


def _edge(dose: DoseGrid, plane: Plane) -> Floats:
    right, down, _ = (dose.axes_mm[axis] for axis in plane.axes)
    (left, last), (top, bottom) = right[[0, -1]], down[[0, -1]]
    return plane.on_axes(np.array([left, last, last, left, left]), np.array([top, top, bottom, bottom, top]))
