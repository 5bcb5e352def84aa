"""RTPLAN: what was prescribed, and which beams treat (PS3.3 C.8.8.10, C.8.8.13, C.8.8.14)."""

from __future__ import annotations

from dataclasses import replace

from hardcheck.dicom.dataset import DataSet
from hardcheck.dicom.tag import Tag, tag_text
from hardcheck.errors import InputError
from hardcheck.plan import Beam, DoseReference, FractionGroup, Prescription


def read_prescription(dataset: DataSet) -> Prescription:
    """The dose references and fraction groups of an RTPLAN or RT Ion Plan; InputError where a number is none."""
    references = tuple(_dose_reference(item) for item in dataset.items(Tag.DoseReferenceSequence))
    beams = _beams(dataset)
    targets = {r.number: r.prescription_gy for r in references if r.kind == "TARGET"}
    groups = tuple(_group(item, beams, targets) for item in dataset.items(Tag.FractionGroupSequence))
    _check_beams(dataset, groups, beams)
    numbers = [group.number for group in groups]
    if len(set(numbers)) != len(numbers):
        raise dataset.error(f"{tag_text(Tag.FractionGroupNumber)} is there twice")
    return Prescription(references, groups)


def _check_beams(dataset: DataSet, groups: tuple[FractionGroup, ...], beams: dict[int, Beam]) -> None:
    """Refuse a plan whose fraction groups refer to beams that it does not hold: which of them treat is not known."""
    missing = sorted({beam.number for group in groups for beam in group.beams} - beams.keys())
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
        organ_limit_gy=next(iter(_readable(item, Tag.OrganAtRiskLimitDose)), None),
        overdose_percent=next(iter(_readable(item, Tag.OrganAtRiskOverdoseVolumeFraction)), None),
    )


def _dose(item: DataSet, tag: Tag) -> float | None:
    """A dose in Gy; None for 0, which systems write where nothing was entered."""
    value = item.number(tag)
    if value is not None and value < 0:
        raise item.error(f"{tag_text(tag)} is {value:g} Gy")
    return value or None


def _beams(dataset: DataSet) -> dict[int, Beam]:
    """Photon, electron and ion beams by number, without the dose and meterset that fraction groups give them."""
    beams: dict[int, Beam] = {}
    for sequence in (Tag.BeamSequence, Tag.IonBeamSequence):
        for item in dataset.items(sequence):
            number = item.required_integer(Tag.BeamNumber)
            if number in beams:
                raise dataset.error(f"{tag_text(Tag.BeamNumber)} {number} is there twice")
            beams[number] = _described(number, item)
    return beams


def _described(number: int, item: DataSet) -> Beam:
    """What a beam says of itself. No dose depends on it, so what is not written as it should be is left out."""
    points = item.items(Tag.ControlPointSequence)
    # The layers of an ion beam differ in energy by nature.
    energies = {energy for point in points for energy in _readable(point, Tag.NominalBeamEnergy)}
    points = points or item.items(Tag.IonControlPointSequence)
    places = (_readable(point, Tag.IsocenterPosition) for point in points)
    return Beam(
        number,
        delivery=item.code(Tag.TreatmentDeliveryType) or "TREATMENT",
        radiation=item.code(Tag.RadiationType),
        energies_mv=tuple(sorted(energies)),
        machine=item.text(Tag.TreatmentMachineName).strip(),
        technique=item.code(Tag.BeamType),
        isocentres_mm=tuple(dict.fromkeys((p[0], p[1], p[2]) for p in places if len(p) == 3)),
        boli=int(sum(_readable(item, Tag.NumberOfBoli))),
    )


def _readable(item: DataSet, tag: Tag) -> tuple[float, ...]:
    """The numbers of an element, none where they are not there or no numbers."""
    try:
        return item.numbers(tag)
    except InputError:
        return ()


def _group(item: DataSet, described: dict[int, Beam], targets: dict[int, float | None]) -> FractionGroup:
    fractions = item.integer(Tag.NumberOfFractionsPlanned)
    if fractions is not None and fractions < 0:
        raise item.error(f"{tag_text(Tag.NumberOfFractionsPlanned)} is {fractions}")
    beams = tuple(_beam(beam, described) for beam in item.items(Tag.ReferencedBeamSequence))
    numbers = [beam.number for beam in beams]
    if len(set(numbers)) != len(numbers):
        raise item.error(f"{tag_text(Tag.ReferencedBeamNumber)} is there twice in one fraction group")
    return FractionGroup(
        number=item.required_integer(Tag.FractionGroupNumber),
        fractions=fractions or None,
        beams=beams,
        prescription_gy=_group_prescription(item, targets),
    )


def _beam(item: DataSet, described: dict[int, Beam]) -> Beam:
    number = item.required_integer(Tag.ReferencedBeamNumber)
    beam = described.get(number, Beam(number, delivery=""))
    return replace(beam, dose_gy=item.number(Tag.BeamDose), meterset=item.number(Tag.BeamMeterset))


def _group_prescription(item: DataSet, targets: dict[int, float | None]) -> float | None:
    """The highest dose that the group's own references prescribe, themselves or through the plan's reference."""
    doses = []
    for reference in item.items(Tag.ReferencedDoseReferenceSequence):
        number = reference.integer(Tag.ReferencedDoseReferenceNumber)
        own = _dose(reference, Tag.TargetPrescriptionDose)
        doses.append(own if own is not None or number is None else targets.get(number))
    return max((dose for dose in doses if dose is not None), default=None)
