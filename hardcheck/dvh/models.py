"""The models of what contours leave open: what lies between the planes, and beyond the last ones."""

from __future__ import annotations

from typing import Final

from hardcheck.dvh.planes import PlaneStack
from hardcheck.dvh.sampling import CLOSING, INNER, OUTER, Model, Part

END_CAPS: Final = ("half", "none")
"""Half a slice beyond the first and the last plane, or nothing."""


def models(end_caps: str, stack: PlaneStack) -> tuple[Model, ...]:
    """The models of a structure: the first is for the value, all are for the interval.

    A structure of one slice may be as thin as half of it, or reach up to the next slices; a small one is a ball.
    """
    if stack.z_mm.size == 1:
        return (
            Model(CLOSING),
            Model(CLOSING, every=2),
            Model(CLOSING, scale=0.5),
            Model(INNER, scale=0.5),
            Model((*INNER, *OUTER)),
        )
    caps = {"half": CLOSING, "none": ()}
    mine, other = caps[end_caps], caps[END_CAPS[1 - END_CAPS.index(end_caps)]]
    smooth, slab = Part.SMOOTH, Part.OTHER
    return (
        Model((smooth, *mine)),
        Model((smooth, *mine), every=2),
        Model((slab, *mine)),
        Model((smooth, *other)),
        Model((slab, *other)),
        Model((smooth, *INNER, *OUTER)),
        Model((smooth, Part.INNER_BELOW, Part.OUTER_BELOW)),
        Model((smooth, Part.INNER_ABOVE, Part.OUTER_ABOVE)),
    )
