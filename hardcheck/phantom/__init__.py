"""Synthetic patients: shapes and dose fields with closed forms, and plans of box, thigh, trunk and small targets."""

from hardcheck.phantom.box import box_plan
from hardcheck.phantom.doses import axis_mm, gaussian, linear, penumbra, sample, uniform
from hardcheck.phantom.lattice import lattice_plan
from hardcheck.phantom.shapes import Annulus, Box, Cone, Cylinder, Islands, Sphere
from hardcheck.phantom.stereotactic import sbrt_plan
from hardcheck.phantom.thigh import thigh_plan
from hardcheck.phantom.trunk import trunk_plan

__all__ = [
    "Annulus",
    "Box",
    "Cone",
    "Cylinder",
    "Islands",
    "Sphere",
    "axis_mm",
    "box_plan",
    "gaussian",
    "lattice_plan",
    "linear",
    "penumbra",
    "sample",
    "sbrt_plan",
    "thigh_plan",
    "trunk_plan",
    "uniform",
]
