"""Structures made of others, and distances of their surfaces, by exact polygon algebra in each plane.

Imports numpy, shapely, what a plan and a quantity are, and the language of expressions.
"""

from hardcheck.algebra.derive import derive, is_nothing, shares_slices
from hardcheck.algebra.deviation import Deviation, compare
from hardcheck.algebra.distance import Distance, Surface
from hardcheck.algebra.island import islands, islands_of
from hardcheck.algebra.nodes import nodes_near
from hardcheck.algebra.solid import Solid, shared_cc, widths_mm
from hardcheck.algebra.stack import Stack, depth_mm, gap_mm

__all__ = [
    "Deviation",
    "Distance",
    "Solid",
    "Stack",
    "Surface",
    "compare",
    "depth_mm",
    "derive",
    "gap_mm",
    "is_nothing",
    "islands",
    "islands_of",
    "nodes_near",
    "shared_cc",
    "shares_slices",
    "widths_mm",
]
