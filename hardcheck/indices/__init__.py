"""Indices of conformity, gradient and homogeneity, and the dose at 2 cm: what a target makes of the dose around it.

Imports numpy and scipy (connected components), the DVH engine, structure algebra, and what a plan and a metric are.
"""

from hardcheck.indices.body import TARGET_TYPES, body_of
from hardcheck.indices.index import Indices

__all__ = ["TARGET_TYPES", "Indices", "body_of"]
