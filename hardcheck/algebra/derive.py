"""A structure from an expression and the structures that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import Final

import numpy as np

from hardcheck.algebra.region import Region
from hardcheck.plan import Structure
from hardcheck.plan.geometry import PLANE_TOLERANCE_MM, Floats
from hardcheck.protocol.expression import Along, Combined, Expression, Grown, Name

NOTHING: Final = "nothing is left of"


def derive(
    expression: Expression,
    structures: Mapping[str, Structure],
    *,
    number: int,
    name: str,
    slice_z_mm: Floats | None = None,
) -> Structure:
    """What `expression` makes of `structures`, by the names that it uses; a structure of axial contours.

    Where it cannot be made, or nothing is left, its `unusable` says why: a part that cannot be used is never taken as
    nothing. `slice_z_mm` (n,) are the slices of the image, which tell the thickness of a structure of one slice.
    """
    try:
        region = _region(expression, structures, slice_z_mm)
    except _UnusableError as error:
        return _none(number, name, str(error))
    made = region.structure(number, name)
    return made if not made.is_empty else _none(number, name, f"{NOTHING} {expression}")


def is_nothing(made: Structure) -> bool:
    """Whether a structure could be made, and nothing was left of it."""
    return made.problem.startswith(NOTHING)


def shares_slices(a: Structure, b: Structure) -> bool | None:
    """Whether some part of `a` lies on the axial slices of `b`; None where that cannot be known.

    Nor can it be known of two that end within a slice of one another: no contour tells where they end in it.
    """
    regions = Region.of(a), Region.of(b)
    if isinstance(regions[0], str) or isinstance(regions[1], str):
        return _certainly_share(a, b)
    apart_mm = min(
        max(low, other_low) - min(high, other_high)
        for low, high in regions[0].blocks
        for other_low, other_high in regions[1].blocks
    )
    if apart_mm < -PLANE_TOLERANCE_MM:
        return True
    slice_mm = max(regions[0].spacing_mm, regions[1].spacing_mm)
    return None if apart_mm < slice_mm - PLANE_TOLERANCE_MM else False


class _UnusableError(Exception):
    """Carries the reason why a structure cannot be made; never leaves this module."""


def _none(number: int, name: str, problem: str) -> Structure:
    return replace(Structure.from_contours(number, name, []), problem=problem)


def _certainly_share(a: Structure, b: Structure) -> bool | None:
    """True where both have a contour on one plane; else None, since one of them has no thickness that is known."""
    if a.unusable or b.unusable:
        return None
    apart = np.abs(np.unique(a.points_mm[:, 2])[:, None] - np.unique(b.points_mm[:, 2]))
    return True if apart.min() <= PLANE_TOLERANCE_MM else None


def _region(expression: Expression, structures: Mapping[str, Structure], slice_z_mm: Floats | None) -> Region:
    def of(inner: Expression) -> Region:
        return _region(inner, structures, slice_z_mm)

    match expression:
        case Name(name):
            found = Region.of(structures[name], slice_z_mm)
        case Combined(operator, parts):
            found = reduce(_OPERATORS[operator], (of(part) for part in parts))
        case Grown("margin", inner, margins):
            found = of(inner).grow(margins)
        case Grown("contract", inner, margins):
            found = of(inner).shrink(margins)
        case Grown(_, inner, margins):
            found = of(inner).difference(of(inner).shrink(margins))
        case Along(inner, beyond, margin_mm):
            between = of(beyond).range_mm
            if between is None:
                raise _UnusableError(f"{NOTHING} {beyond}")
            found = of(inner).along(between, margin_mm)
    if isinstance(found, str):
        raise _UnusableError(f"{expression}: {found}")
    return found


_OPERATORS = {"|": Region.union, "&": Region.intersection, "-": Region.difference}
