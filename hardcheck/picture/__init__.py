"""Planes through a plan: CT and dose on them, isodose lines, and what of the structures they cut.

Arrays and millimetres in, arrays and millimetres out; never a resampled volume, only planes.
"""

from hardcheck.picture.outline import Outline
from hardcheck.picture.picture import Picture, picture_of
from hardcheck.picture.plane import Plane, View
from hardcheck.picture.reslice import value_at

__all__ = [
    "Outline",
    "Picture",
    "Plane",
    "View",
    "picture_of",
    "value_at",
]
