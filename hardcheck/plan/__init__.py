"""What a plan is: geometry, structures, dose grid, prescription. Imports nothing but numpy."""

from hardcheck.plan.course import Course
from hardcheck.plan.dose import DoseGrid
from hardcheck.plan.finding import Finding, Severity, unproven
from hardcheck.plan.image import ImageStack
from hardcheck.plan.plan import Patient, Plan, Record, SourceFile
from hardcheck.plan.prescription import Beam, DoseReference, FractionGroup, Prescription
from hardcheck.plan.stored_dvh import StoredDvh
from hardcheck.plan.structure import Structure

__all__ = [
    "Beam",
    "Course",
    "DoseGrid",
    "DoseReference",
    "Finding",
    "FractionGroup",
    "ImageStack",
    "Patient",
    "Plan",
    "Prescription",
    "Record",
    "Severity",
    "SourceFile",
    "StoredDvh",
    "Structure",
    "unproven",
]
