"""The plan: everything that was read about one treatment plan of one patient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hardcheck.plan.dose import DoseGrid
from hardcheck.plan.finding import Finding
from hardcheck.plan.image import ImageStack
from hardcheck.plan.prescription import Prescription
from hardcheck.plan.stored_dvh import StoredDvh
from hardcheck.plan.structure import Structure

if TYPE_CHECKING:
    from hardcheck.plan.course import Course


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One DICOM file that the numbers rest on."""

    sop_instance_uid: str
    modality: str
    sha256: str
    refers_to: tuple[str, ...] = ()
    """SOP Instance UIDs of the plans and structure sets that it says it is of."""


@dataclass(frozen=True, slots=True)
class Patient:
    """Who the plan is for. Untrusted text; shown in reports only, never in a log or an error."""

    id: str = ""
    name: str = ""
    birth_date: str = ""

    @property
    def person(self) -> str:
        """The alphabetic part of the name, without empty components: systems write DOE^JOHN and DOE^JOHN^^^."""
        first = self.name.partition("=")[0]
        return "^".join(part.strip() for part in first.split("^")).rstrip("^").casefold()


@dataclass(frozen=True, slots=True)
class Record:
    """What one of the files says of how it was made. All is empty where the file does not say."""

    kind: str
    """RTPLAN, RTSTRUCT or RTDOSE."""
    approval: str = ""
    """ApprovalStatus (300E,0002)."""
    intent: str = ""
    """PlanIntent (300A,000A)."""
    made: str = ""
    """Date and time of the plan (300A,0006), the structures (3006,0008) or the dose (0008,0012), YYYYMMDDHHMMSS."""
    system: str = ""
    """ManufacturerModelName (0008,1090), untrusted text."""
    software: str = ""
    """SoftwareVersions (0018,1020), untrusted text."""
    structure_sets: tuple[str, ...] = ()
    """UIDs in ReferencedStructureSetSequence (300C,0060)."""
    heterogeneity: tuple[str, ...] = ()
    """TissueHeterogeneityCorrection (3004,0014)."""
    comment: str = ""
    """DoseComment (3004,0006), untrusted text that is never shown."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A plan with its structures and its dose.

    `sop_instance_uid` and `prescription` are None where structures and dose were read without an RTPLAN.
    `dose` is None where the file holds no dose in Gy that could be trusted; a finding of severity STOP says why.
    `findings` are what reading and linking the files had to say. Where it is the sum of several plans, `course` are
    those plans, `dose` is the sum of their physical doses, and there is no single number of fractions.
    """

    structures: tuple[Structure, ...]
    dose: DoseGrid | None
    sop_instance_uid: str | None = None
    label: str = ""
    patient: Patient = Patient()
    prescription: Prescription | None = None
    image: ImageStack | None = None
    frame_of_reference_uid: str = ""
    approval: str = ""
    """ApprovalStatus (300E,0002) of the RTPLAN."""
    sources: tuple[SourceFile, ...] = ()
    findings: tuple[Finding, ...] = ()
    stored_dvhs: tuple[StoredDvh, ...] = ()
    """DVHs that the planning system put into the RTDOSE, by `roi_number`: DVHSequence (3004,0050)."""
    course: Course | None = None
    records: tuple[Record, ...] = ()
    """How its files were made, in the order of `sources`; none for a plan that was made in Python. Of a course, how the
    structures were made that are used; the rest is with its plans."""

    @property
    def fractions(self) -> int | None:
        """The number of fractions, None where there is no single one, as of a course of several plans."""
        return self.prescription.fractions if self.prescription is not None else None

    @property
    def prescription_gy(self) -> float | None:
        """The highest dose that is prescribed to a target; of a course, of all plans together. None where none is."""
        return self.prescription.dose_gy if self.prescription is not None else None

    def recorded(self, kind: str) -> tuple[Record, ...]:
        """The records of the files of one kind."""
        return tuple(r for r in self.records if r.kind == kind)

    def structure(self, number: int) -> Structure:
        """The structure of that ROINumber; KeyError where there is none."""
        for structure in self.structures:
            if structure.number == number:
                return structure
        raise KeyError(number)

    def named(self, name: str) -> tuple[Structure, ...]:
        """All structures whose ROIName is exactly `name`, in the order of the file."""
        return tuple(s for s in self.structures if s.name == name)
