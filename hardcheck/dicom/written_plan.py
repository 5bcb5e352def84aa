"""The RTPLAN part of a written plan: dose references, fraction groups and arcs (PS3.3 C.8.8.9 to C.8.8.14)."""

from __future__ import annotations

import numpy as np
from pydicom.dataset import Dataset

from hardcheck.plan import Beam, DoseReference, FractionGroup, Plan

_JAWS_MM = 100
_JAW_DIRECTIONS = ("ASYMX", "ASYMY")


def item(**values: object) -> Dataset:
    """A dataset of those keywords."""
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def fill_plan(dataset: Dataset, plan: Plan, patient_position: str, structure_set: Dataset) -> None:
    """Write the prescription of `plan` into an RTPLAN `dataset`; `structure_set` is what it refers to."""
    if plan.prescription is None:
        raise ValueError("a plan without prescription is no RTPLAN")
    beams = {b.number: b for g in plan.prescription.groups for b in g.beams}
    dataset.RTPlanLabel = plan.label or "Synthetic"
    dataset.RTPlanDate, dataset.RTPlanTime = dataset.StudyDate, dataset.StudyTime
    dataset.PlanIntent, dataset.RTPlanGeometry = "CURATIVE", "PATIENT"
    dataset.DoseReferenceSequence = [_dose_reference(r) for r in plan.prescription.references]
    dataset.FractionGroupSequence = [_fraction_group(g) for g in plan.prescription.groups]
    isocentre = _isocentre(plan)
    dataset.BeamSequence = [_beam(b, isocentre) for b in beams.values()]
    dataset.PatientSetupSequence = [item(PatientPosition=patient_position, PatientSetupNumber=1)]
    dataset.ReferencedStructureSetSequence = [structure_set]
    fill_approval(dataset, plan)


def fill_approval(dataset: Dataset, plan: Plan) -> None:
    """Write the approval of `plan` into a `dataset` of its plan or its structure set (PS3.3 C.8.8.16)."""
    dataset.ApprovalStatus = plan.approval or "UNAPPROVED"
    if dataset.ApprovalStatus == "APPROVED":
        dataset.ReviewDate, dataset.ReviewTime = dataset.StudyDate, dataset.StudyTime
        dataset.ReviewerName = "Synthetic^Reviewer"


def _dose_reference(reference: DoseReference) -> Dataset:
    dataset = item(
        DoseReferenceNumber=reference.number,
        DoseReferenceStructureType=reference.structure_type,
        DoseReferenceType=reference.kind,
    )
    if reference.description:
        dataset.DoseReferenceDescription = reference.description
    if reference.roi_number is not None:
        dataset.ReferencedROINumber = reference.roi_number
    for keyword, dose_gy in (
        ("TargetPrescriptionDose", reference.prescription_gy),
        ("TargetMinimumDose", reference.target_minimum_gy),
        ("TargetMaximumDose", reference.target_maximum_gy),
        ("OrganAtRiskMaximumDose", reference.organ_maximum_gy),
    ):
        if dose_gy is not None:
            setattr(dataset, keyword, format(dose_gy, ".10g"))
    return dataset


def _fraction_group(group: FractionGroup) -> Dataset:
    dataset = item(
        FractionGroupNumber=group.number,
        NumberOfFractionsPlanned=group.fractions,
        NumberOfBeams=len(group.beams),
        NumberOfBrachyApplicationSetups=0,
        ReferencedBeamSequence=[_referenced_beam(b) for b in group.beams],
    )
    if group.prescription_gy is not None:
        dose = format(group.prescription_gy, ".10g")
        dataset.ReferencedDoseReferenceSequence = [item(ReferencedDoseReferenceNumber=1, TargetPrescriptionDose=dose)]
    return dataset


def _referenced_beam(beam: Beam) -> Dataset:
    dataset = item(ReferencedBeamNumber=beam.number)
    if beam.dose_gy is not None:
        dataset.BeamDose = format(beam.dose_gy, ".10g")
    if beam.meterset is not None:
        dataset.BeamMeterset = format(beam.meterset, ".10g")
    return dataset


def _beam(beam: Beam, isocentre_mm: list[str]) -> Dataset:
    """An arc around the patient; odd numbers turn clockwise, even ones back. A setup beam stands still."""
    arc = beam.delivery == "TREATMENT"
    clockwise = beam.number % 2 == 1
    first, last = ("181", "179") if clockwise else ("179", "181")
    start = item(
        ControlPointIndex=0,
        NominalBeamEnergy="6",
        DoseRateSet="600",
        BeamLimitingDevicePositionSequence=[
            item(RTBeamLimitingDeviceType=d, LeafJawPositions=[-_JAWS_MM, _JAWS_MM]) for d in _JAW_DIRECTIONS
        ],
        GantryAngle=first if arc else "0",
        GantryRotationDirection=("CW" if clockwise else "CC") if arc else "NONE",
        BeamLimitingDeviceAngle="30" if clockwise else "330",
        BeamLimitingDeviceRotationDirection="NONE",
        PatientSupportAngle="0",
        PatientSupportRotationDirection="NONE",
        TableTopEccentricAngle="0",
        TableTopEccentricRotationDirection="NONE",
        TableTopVerticalPosition=None,
        TableTopLongitudinalPosition=None,
        TableTopLateralPosition=None,
        IsocenterPosition=isocentre_mm,
        CumulativeMetersetWeight="0",
    )
    end = item(ControlPointIndex=1, CumulativeMetersetWeight="1" if arc else "0")
    if arc:
        end.GantryAngle, end.GantryRotationDirection = last, "NONE"
    return item(
        TreatmentMachineName="SYNTHETIC",
        PrimaryDosimeterUnit="MU",
        SourceAxisDistance="1000",
        BeamLimitingDeviceSequence=[item(RTBeamLimitingDeviceType=d, NumberOfLeafJawPairs=1) for d in _JAW_DIRECTIONS],
        BeamNumber=beam.number,
        BeamName=f"{'Arc' if arc else 'Setup'} {beam.number}",
        BeamType="DYNAMIC" if arc else "STATIC",
        RadiationType="PHOTON",
        TreatmentDeliveryType=beam.delivery,
        NumberOfWedges=0,
        NumberOfCompensators=0,
        NumberOfBoli=0,
        NumberOfBlocks=0,
        FinalCumulativeMetersetWeight="1" if arc else "0",
        NumberOfControlPoints=2,
        ControlPointSequence=[start, end],
        ReferencedPatientSetupNumber=1,
    )


def _isocentre(plan: Plan) -> list[str]:
    """The middle of the high dose, in steps of 1 mm: where the arcs of such a plan would be centred."""
    if plan.dose is None:
        return ["0", "0", "0"]
    grid = plan.dose
    high = grid.dose_gy >= grid.maximum_gy - 0.1 * abs(grid.maximum_gy)
    middle = []
    for axis, positions_mm in enumerate((grid.x_mm, grid.y_mm, grid.z_mm)):
        inside = positions_mm[np.any(high, axis=tuple(a for a in range(3) if a != 2 - axis))]
        middle.append(format(float(np.rint((inside[0] + inside[-1]) / 2 + 1e-7)), "g"))
    return middle
