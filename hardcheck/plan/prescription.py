"""What was prescribed: dose references and fraction groups of an RTPLAN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NO_TREATMENT: Final = frozenset({"SETUP", "OPEN_PORTFILM", "TRMT_PORTFILM"})
"""Treatment Delivery Types (300A,00CE) of beams that give no dose of the course."""


@dataclass(frozen=True, slots=True)
class DoseReference:
    """One item of the Dose Reference Sequence (300A,0010). Doses in Gy, None where the plan does not say."""

    number: int
    structure_type: str
    """POINT, VOLUME, COORDINATES or SITE (300A,0014)."""
    kind: str
    """TARGET or ORGAN_AT_RISK (300A,0020)."""
    description: str = ""
    roi_number: int | None = None
    """ReferencedROINumber (3006,0084)."""
    prescription_gy: float | None = None
    """TargetPrescriptionDose (300A,0026)."""
    target_minimum_gy: float | None = None
    target_maximum_gy: float | None = None
    organ_maximum_gy: float | None = None
    """OrganAtRiskMaximumDose (300A,002C)."""
    organ_limit_gy: float | None = None
    """OrganAtRiskLimitDose (300A,002B), which `overdose_percent` of the organ may exceed."""
    overdose_percent: float | None = None
    """OrganAtRiskOverdoseVolumeFraction (300A,002D)."""


@dataclass(frozen=True, slots=True)
class Beam:
    """A beam as its fraction group refers to it."""

    number: int
    dose_gy: float | None = None
    """BeamDose (300A,0084), per fraction."""
    meterset: float | None = None
    """BeamMeterset (300A,0086)."""
    delivery: str = "TREATMENT"
    """TreatmentDeliveryType (300A,00CE); setup beams are no treatment."""
    radiation: str = ""
    """RadiationType (300A,00C6)."""
    energies_mv: tuple[float, ...] = ()
    """The different NominalBeamEnergy (300A,0114) of its control points, rising."""
    machine: str = ""
    """TreatmentMachineName (300A,00B2), untrusted text."""
    technique: str = ""
    """BeamType (300A,00C4), STATIC or DYNAMIC."""
    isocentres_mm: tuple[tuple[float, float, float], ...] = ()
    """The different IsocenterPosition (300A,012C) of its control points, patient LPS."""
    boli: int = 0
    """NumberOfBoli (300A,00ED)."""

    @property
    def treats(self) -> bool:
        """Whether it gives dose: not a setup beam or a portal image."""
        return self.delivery.upper() not in NO_TREATMENT


@dataclass(frozen=True, slots=True)
class FractionGroup:
    """One item of the Fraction Group Sequence (300A,0070)."""

    number: int
    fractions: int | None
    """NumberOfFractionsPlanned (300A,0078)."""
    beams: tuple[Beam, ...] = ()
    prescription_gy: float | None = None
    """TargetPrescriptionDose (300A,0026) of its Referenced Dose Reference Sequence, where it is there."""


@dataclass(frozen=True, slots=True)
class Prescription:
    """All dose references and fraction groups of one plan."""

    references: tuple[DoseReference, ...] = ()
    groups: tuple[FractionGroup, ...] = ()

    @property
    def fractions(self) -> int | None:
        """Fractions of the course, None where the plan does not say or has several fraction groups.

        Several groups may be given one after another or on the same days; the file does not tell.
        """
        return self.groups[0].fractions if len(self.groups) == 1 else None

    @property
    def dose_gy(self) -> float | None:
        """The highest dose prescribed to a target, None where the plan prescribes none."""
        doses = [r.prescription_gy for r in self.references if r.kind == "TARGET"]
        doses += [g.prescription_gy for g in self.groups]
        return max((d for d in doses if d is not None), default=None)
