"""Structures made of others, by exact polygon algebra in each plane and distance in space.

Imports numpy, shapely, what a plan is, and the language of expressions.
"""

from hardcheck.algebra.derive import derive, shares_slices
from hardcheck.algebra.deviation import Deviation, compare
from hardcheck.algebra.distance import Distance, Surface

__all__ = ["Deviation", "Distance", "Surface", "compare", "derive", "shares_slices"]
