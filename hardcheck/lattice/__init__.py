"""Spatially fractionated dose: vertices inside of a tumour, where they lie, and peak and valley of the dose.

Imports numpy, the DVH engine, structure algebra, and what a plan and a metric are.
"""

from hardcheck.lattice.lattice import PVDR_DEFINITION, REPORTED, Lattice, lattice_of
from hardcheck.lattice.vertex import Vertex

__all__ = ["PVDR_DEFINITION", "REPORTED", "Lattice", "Vertex", "lattice_of"]
