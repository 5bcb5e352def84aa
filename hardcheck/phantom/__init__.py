"""Synthetic patients: shapes and dose fields with closed forms, a box that is quick to write, and a thigh sarcoma."""

from hardcheck.phantom.box import box_plan
from hardcheck.phantom.doses import axis_mm, gaussian, linear, penumbra, sample, uniform
from hardcheck.phantom.shapes import Annulus, Box, Cone, Cylinder, Islands, Sphere
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
    "linear",
    "penumbra",
    "sample",
    "thigh_plan",
    "trunk_plan",
    "uniform",
]
