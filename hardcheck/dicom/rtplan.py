"""RTPLAN: what was prescribed, and which beams treat (PS3.3 C.8.8.10, C.8.8.13, C.8.8.14)."""

from __future__ import annotations

from hardcheck.dicom.dataset import DataSet
from hardcheck.dicom.tag import Tag, tag_text
from hardcheck.plan import Beam, DoseReference, FractionGroup, Prescription


def read_prescription(dataset: DataSet) -> Prescription:
    """The dose references and fraction groups of an RTPLAN or RT Ion Plan; InputError where a number is none."""
    references = tuple(_dose_reference(item) for item in dataset.items(Tag.DoseReferenceSequence))
    deliveries = _deliveries(dataset)
    targets = {r.number: r.prescription_gy for r in references if r.kind == "TARGET"}
    groups = tuple(_group(item, deliveries, targets) for item in dataset.items(Tag.FractionGroupSequence))
    _check_beams(dataset, groups, deliveries)
    numbers = [group.number for group in groups]
    if len(set(numbers)) != len(numbers):
        raise dataset.error(f"{tag_text(Tag.FractionGroupNumber)} is there twice")
    return Prescription(references, groups)


def _check_beams(dataset: DataSet, groups: tuple[FractionGroup, ...], deliveries: dict[int, str]) -> None:
    """Refuse a plan whose fraction groups refer to beams that it does not hold: which of them treat is not known."""
    missing = sorted({beam.number for group in groups for beam in group.beams} - deliveries.keys())
    if missing:
        named = ", ".join(map(str, missing[:5]))
        raise dataset.error(f"{tag_text(Tag.ReferencedBeamNumber)} {named} is not in {tag_text(Tag.BeamSequence)}")


def _dose_reference(item: DataSet) -> DoseReference:
    return DoseReference(
        number=item.integer(Tag.DoseReferenceNumber) or 0,
        structure_type=item.code(Tag.DoseReferenceStructureType),
        kind=item.code(Tag.DoseReferenceType),
        description=item.text(Tag.DoseReferenceDescription),
        roi_number=item.integer(Tag.ReferencedROINumber),
        prescription_gy=_dose(item, Tag.TargetPrescriptionDose),
        target_minimum_gy=_dose(item, Tag.TargetMinimumDose),
        target_maximum_gy=_dose(item, Tag.TargetMaximumDose),
        organ_maximum_gy=_dose(item, Tag.OrganAtRiskMaximumDose),
    )


def _dose(item: DataSet, tag: Tag) -> float | None:
    """A dose in Gy; None for 0, which systems write where nothing was entered."""
    value = item.number(tag)
    if value is not None and value < 0:
        raise item.error(f"{tag_text(tag)} is {value:g} Gy")
    return value or None


def _deliveries(dataset: DataSet) -> dict[int, str]:
    """TreatmentDeliveryType by beam number, of photon, electron and ion beams."""
    deliveries: dict[int, str] = {}
    for sequence in (Tag.BeamSequence, Tag.IonBeamSequence):
        for item in dataset.items(sequence):
            number = item.required_integer(Tag.BeamNumber)
            if number in deliveries:
                raise dataset.error(f"{tag_text(Tag.BeamNumber)} {number} is there twice")
            deliveries[number] = item.code(Tag.TreatmentDeliveryType) or "TREATMENT"
    return deliveries


def _group(item: DataSet, deliveries: dict[int, str], targets: dict[int, float | None]) -> FractionGroup:
    fractions = item.integer(Tag.NumberOfFractionsPlanned)
    if fractions is not None and fractions < 0:
        raise item.error(f"{tag_text(Tag.NumberOfFractionsPlanned)} is {fractions}")
    beams = tuple(_beam(beam, deliveries) for beam in item.items(Tag.ReferencedBeamSequence))
    numbers = [beam.number for beam in beams]
    if len(set(numbers)) != len(numbers):
        raise item.error(f"{tag_text(Tag.ReferencedBeamNumber)} is there twice in one fraction group")
    return FractionGroup(
        number=item.required_integer(Tag.FractionGroupNumber),
        fractions=fractions or None,
        beams=beams,
        prescription_gy=_group_prescription(item, targets),
    )


def _beam(item: DataSet, deliveries: dict[int, str]) -> Beam:
    number = item.required_integer(Tag.ReferencedBeamNumber)
    return Beam(number, item.number(Tag.BeamDose), item.number(Tag.BeamMeterset), deliveries.get(number, ""))


def _group_prescription(item: DataSet, targets: dict[int, float | None]) -> float | None:
    """The highest dose that the group's own references prescribe, themselves or through the plan's reference."""
    doses = []
    for reference in item.items(Tag.ReferencedDoseReferenceSequence):
        number = reference.integer(Tag.ReferencedDoseReferenceNumber)
        own = _dose(reference, Tag.TargetPrescriptionDose)
        doses.append(own if own is not None or number is None else targets.get(number))
    return max((dose for dose in doses if dose is not None), default=None)
