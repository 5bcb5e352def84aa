"""Structures made of others, and distances of their surfaces, by exact polygon algebra in each plane.

Imports numpy, shapely, what a plan is, and the language of expressions.
"""

from hardcheck.algebra.derive import derive, shares_slices
from hardcheck.algebra.deviation import Deviation, compare
from hardcheck.algebra.distance import Distance, Surface
from hardcheck.algebra.solid import Solid, islands, shared_cc, widths_mm

__all__ = [
    "Deviation",
    "Distance",
    "Solid",
    "Surface",
    "compare",
    "derive",
    "islands",
    "shared_cc",
    "shares_slices",
    "widths_mm",
]
