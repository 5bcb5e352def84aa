"""The checks of the plan itself, as data: what code, protocols, `hardcheck inspect --checks` and docs/checks.md go by.

AAPM MPPG 11.a is the practice guideline on plan and chart review, TG-275 the report on its failure modes, TG-263 the
one on names. What has no reference of that kind follows from DICOM (PS3.3) or is this project's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `severities` are those that it can have, gravest first; `reads` are the DICOM elements it rests on."""

    id: str
    severities: tuple[str, ...]
    about: str
    """A heading of docs/checks.md: files, plan, structures or contours."""
    says: str
    """What it looks at, and when it speaks."""
    reads: str
    reference: str = ""

    @property
    def can_stop(self) -> bool:
        """Whether it can say that numbers mean nothing: such a check is never lowered or switched off."""
        return "STOP" in self.severities


_PATIENT: Final = "PatientID, PatientBirthDate, PatientName"
_CONTOURS: Final = "ContourData (3006,0050)"
_KIND: Final = "RTROIInterpretedType (3006,00A4)"
_GRID: Final = "ImagePositionPatient, PixelSpacing, GridFrameOffsetVector (3004,000C)"
_REFERENCES: Final = "DoseReferenceSequence (300A,0010)"
_PRESCRIBED: Final = "TargetPrescriptionDose (300A,0026)"
_MPPG: Final = "AAPM MPPG 11.a"
_TG275: Final = "AAPM TG-275"

CHECKS: Final = (
    Check(
        "files-skipped",
        ("WARN",),
        "files",
        "files that are no DICOM, cut short or otherwise of no use were left out; they are named",
        "all",
    ),
    Check(
        "duplicates",
        ("INFO",),
        "files",
        "the same object is there under two file names, and counts once",
        "SOPInstanceUID",
    ),
    Check(
        "doses-ignored",
        ("WARN", "INFO"),
        "files",
        "doses that were left out: planar ones (WARN), those of other plans (INFO)",
        "ReferencedRTPlanSequence (300C,0002)",
    ),
    Check(
        "plan-present",
        ("STOP",),
        "files",
        "there is no RTPLAN, so nothing shows what was prescribed",
        "SOPClassUID",
        _MPPG,
    ),
    Check(
        "one-patient",
        ("STOP", "WARN"),
        "files",
        "PatientID, PatientBirthDate or PatientName differ between the files or the CT (STOP), or PatientID is missing",
        _PATIENT,
        _MPPG,
    ),
    Check(
        "objects-linked",
        ("STOP", "WARN"),
        "files",
        "plan, structure set and dose do not refer to one another by UID",
        "ReferencedStructureSetSequence (300C,0060), ReferencedRTPlanSequence (300C,0002)",
        _TG275,
    ),
    Check(
        "one-frame-of-reference",
        ("STOP", "WARN"),
        "files",
        "plan, dose and structures are in different frames of reference (STOP), or do not say in which",
        "FrameOfReferenceUID, ReferencedFrameOfReferenceSequence",
        _TG275,
    ),
    Check(
        "dose-physical-gy",
        ("STOP", "WARN"),
        "files",
        "the dose is not physical, not in Gy or not of the whole plan (STOP); it was added up from beams, or is of one "
        "fraction group (WARN)",
        "DoseUnits (3004,0002), DoseType (3004,0004), DoseSummationType (3004,000A), DoseGridScaling (3004,000E)",
        _TG275,
    ),
    Check(
        "orientation",
        ("STOP", "WARN"),
        "files",
        "the axes of the dose grid cannot be placed in the patient (STOP), or are written in a form that DICOM does "
        "not define for them (WARN)",
        "ImageOrientationPatient, GridFrameOffsetVector (3004,000C)",
        _MPPG,
    ),
    Check(
        "course-structures",
        ("WARN", "INFO"),
        "files",
        "of which plan of a course the structures are (INFO), and that other plans have other ones (WARN)",
        "ReferencedStructureSetSequence (300C,0060), SOPInstanceUID",
    ),
    Check(
        "course-same-dose",
        ("WARN",),
        "files",
        "two plans of a course have the same dose in every voxel under two names",
        "PixelData and DoseGridScaling (3004,000E) of the doses",
    ),
    Check("course-sum", ("INFO",), "files", "how the doses of a course were added up", _GRID),
    Check(
        "approved",
        ("WARN",),
        "files",
        "the plan or the structure set is not APPROVED, or does not say",
        "ApprovalStatus (300E,0002)",
        _MPPG,
    ),
    Check(
        "plan-intent",
        ("WARN",),
        "files",
        "the plan says that it is not for treatment: VERIFICATION, MACHINE_QA, RESEARCH or SERVICE",
        "PlanIntent (300A,000A)",
        _TG275,
    ),
    Check(
        "newer-than-dose",
        ("WARN",),
        "files",
        "the structure set or the plan is more than 10 minutes newer than the dose, or the dose was computed on "
        "another structure set",
        "StructureSetDate, RTPlanDate, InstanceCreationDate of the dose, ReferencedStructureSetSequence of the dose",
        _TG275,
    ),
    Check(
        "dose-algorithm",
        ("WARN", "INFO"),
        "files",
        "what computed the dose: system, software, heterogeneity correction, algorithm (INFO), and WARN where the "
        "dose does not say the algorithm or was computed without a heterogeneity correction",
        "ManufacturerModelName, SoftwareVersions, TissueHeterogeneityCorrection (3004,0014), DoseComment (3004,0006)",
        _MPPG,
    ),
    Check(
        "protocol-not-as-shipped",
        ("WARN",),
        "plan",
        "the protocol was read from a file whose `id` is that of a shipped protocol and whose SHA-256 is not: an "
        "edited copy. Give it an `id` of its own. The report says so beside the name of the protocol too, and the JSON "
        "in `protocol.not_as_shipped`",
        "none",
    ),
    Check(
        "prescription-matches-regimen",
        ("STOP", "FAIL", "WARN"),
        "plan",
        "fractions and dose are not those of the regimen, as far as it fixes them (FAIL), no dose is stated (WARN), "
        "there is no prescription at all (STOP). The plans of a course are together the regimen, in fractions of the "
        "same dose",
        f"{_PRESCRIBED}, NumberOfFractionsPlanned (300A,0078)",
        _MPPG,
    ),
    Check(
        "levels-match-plan",
        ("STOP", "FAIL"),
        "plan",
        "the plan's dose references prescribe another dose to a level: than the regimen fixes (FAIL), than you gave "
        "with `--level` (STOP, for the targets of that level)",
        f"{_REFERENCES}, {_PRESCRIBED}",
        _MPPG,
    ),
    Check(
        "levels-in-plan",
        ("WARN",),
        "plan",
        "the regimen has several levels, and the plan prescribes no dose to one whose target is contoured",
        f"{_REFERENCES}, {_PRESCRIBED}",
        _MPPG,
    ),
    Check(
        "limits-in-plan",
        ("WARN",),
        "plan",
        "a limit that the plan's dose references carry is none of those that the protocol has for that structure",
        f"{_REFERENCES}: (300A,0025), (300A,0027), (300A,002B), (300A,002C), (300A,002D)",
        _TG275,
    ),
    Check("regimen-caveat", ("WARN",), "plan", "what the source of the protocol says about the whole regimen", "none"),
    Check(
        "delivered-dose-plausible",
        ("STOP", "FAIL", "WARN"),
        "plan",
        "the median dose of the targets of the highest level is not 95 to 110 % of it, or the dose maximum not 95 to "
        "150 % (FAIL; 95 to 200 % and 95 to 250 % where the protocol says that the dose is meant to be `uneven`): cGy "
        "for Gy, one fraction, another plan. WARN where there was no such target, STOP where the "
        "regimen has no level, or the plan prescribes no dose to one that is as prescribed. Of a course, too: the dose "
        "maximum of a plan is not 95 (FAIL) to 150 % (WARN) of what it prescribes itself",
        "PixelData and DoseGridScaling (3004,000E) of the dose",
        _TG275,
    ),
    Check(
        "beam-doses-plausible",
        ("FAIL",),
        "plan",
        "the sum of the beam doses times the fractions is not 50 to 150 % of the prescription; the point that they are "
        "of may lie anywhere, so this finds cGy for Gy and one fraction for the course",
        f"BeamDose (300A,0084), NumberOfFractionsPlanned (300A,0078), {_PRESCRIBED}",
        _TG275,
    ),
    Check("dose-not-negative", ("FAIL",), "plan", "the dose grid holds negative doses", "PixelData of the dose"),
    Check(
        "dose-maximum-in-target",
        ("WARN",),
        "plan",
        "the dose maximum lies more than a voxel outside of every target; how high it is, and where",
        f"PixelData of the dose, {_CONTOURS}",
        _MPPG,
    ),
    Check(
        "dose-grid-covers-structure",
        ("WARN",),
        "plan",
        "a part of a structure that a goal uses lies outside of the dose grid; its interval is as wide as any dose "
        "there makes it",
        f"{_GRID}, {_CONTOURS}",
        _TG275,
    ),
    Check(
        "dose-grid-spacing",
        ("STOP", "WARN"),
        "plan",
        "voxels are more than 3 mm apart, or more than 2 mm where a goal's structure is under 5 cc or the dose per "
        "fraction is 5 Gy or more (WARN), or more than 10 mm (STOP: frames are missing)",
        _GRID,
        _TG275,
    ),
    Check(
        "stored-dvh",
        ("FAIL", "WARN", "INFO"),
        "plan",
        "the planning system's own DVHs, in the RTDOSE or given with `--tps`, say another dose: a mean, maximum, D2%, "
        "D50%, D95% or D98% more than 3 % of the prescription from ours (WARN), or more than 5 % with nothing that "
        "explains it (FAIL); WARN at most for less than 1 cc, for a structure that leaves the dose grid, and for one "
        "that no goal uses. WARN too for a volume outside of our interval by more than 3 %, for goals that would come "
        "out otherwise with their numbers, and for an export with another patient ID; INFO for stored DVHs that could "
        "not be read",
        "DVHSequence (3004,0050)",
        "Pepin et al. 2022",
    ),
    Check(
        "beams-alike",
        ("WARN",),
        "plan",
        "beams that treat differ in radiation, energy, machine or technique",
        "RadiationType (300A,00C6), NominalBeamEnergy (300A,0114), TreatmentMachineName (300A,00B2), BeamType",
        _MPPG,
    ),
    Check(
        "one-isocentre",
        ("WARN",),
        "plan",
        "beams that treat have isocentres more than 1 mm apart",
        "IsocenterPosition (300A,012C)",
        _MPPG,
    ),
    Check(
        "monitor-units",
        ("WARN",),
        "plan",
        "a beam that treats has no monitor units, or a setup beam has some",
        "BeamMeterset (300A,0086), TreatmentDeliveryType (300A,00CE)",
        _MPPG,
    ),
    Check(
        "bolus",
        ("WARN",),
        "plan",
        "beams use a bolus, or a bolus is contoured, so that it has to be there at treatment; or one without the other",
        f"NumberOfBoli (300A,00ED), {_KIND}",
        _MPPG,
    ),
    Check("couch", ("INFO",), "plan", "whether the couch is among the structures", _KIND, _MPPG),
    Check(
        "density-overrides",
        ("INFO",),
        "plan",
        "structures whose density or other physical property is set by hand",
        "ROIPhysicalPropertiesSequence (3006,00B0)",
        _MPPG,
    ),
    Check("roi-numbers-unique", ("STOP",), "structures", "one ROINumber stands for several ROIs", "ROINumber"),
    Check(
        "roi-names-unique",
        ("FAIL", "WARN"),
        "structures",
        "several ROIs have the same name, upper and lower case and outer spaces aside",
        "ROIName (3006,0026)",
        "AAPM TG-263",
    ),
    Check(
        "structure-empty",
        ("FAIL", "WARN"),
        "structures",
        "an ROI without contours, or whose contours enclose nothing",
        _CONTOURS,
        _TG275,
    ),
    Check(
        "structure-slices",
        ("FAIL", "WARN"),
        "structures",
        "contours are missing on slices in the middle of a structure; between `vertices` of one ROI, one slice alone",
        _CONTOURS,
        _TG275,
    ),
    Check(
        "structure-islands",
        ("FAIL", "WARN"),
        "structures",
        "a stray island: a separate part on one or two slices, of less than 0.1 cc and 1 % of the structure",
        _CONTOURS,
        _TG275,
    ),
    Check(
        "structure-slivers",
        ("FAIL", "WARN"),
        "structures",
        "the whole structure is smaller than one voxel of the dose",
        f"{_CONTOURS}, {_GRID}",
        _TG275,
    ),
    Check(
        "structure-contours",
        ("WARN",),
        "structures",
        "what else the contours of a structure that a goal uses leave in doubt: parts far apart along z, contours that "
        "intersect, one slice alone",
        _CONTOURS,
    ),
    Check(
        "external-contour",
        ("FAIL", "WARN"),
        "structures",
        "there is no external contour, or there are several (WARN); a structure other than a target lies more than "
        "3 mm outside of it (FAIL where a goal uses it, else WARN)",
        f"{_KIND}, {_CONTOURS}",
        _MPPG,
    ),
    Check(
        "target-in-body",
        ("WARN",),
        "structures",
        "a target reaches outside of the external contour; how far",
        f"{_KIND}, {_CONTOURS}",
        _TG275,
    ),
    Check(
        "organs-apart",
        ("WARN",),
        "structures",
        "two organs that cannot overlap share more than 0.5 cc, after 1 mm was taken off each",
        _CONTOURS,
        _TG275,
    ),
    Check(
        "laterality",
        ("FAIL",),
        "structures",
        "the side in a structure's name is not the side that its contours are on",
        f"ROIName (3006,0026), {_CONTOURS}",
        "AAPM TG-263",
    ),
    Check(
        "contour-as-defined",
        ("WARN",),
        "contours",
        "a structure that the protocol defines by others (`expression`), as lungs by both sides or a rind by the "
        "external contour, was contoured otherwise: more than 1 % of its volume lies more than 2 mm beside the "
        "definition. Slices within 10 mm of its ends are left alone",
        _CONTOURS,
    ),
    Check(
        "contour-inside",
        ("WARN",),
        "contours",
        "a structure reaches more than 1 mm out of one that has to hold it (`inside`), and not only where that one is "
        "held back from the skin",
        _CONTOURS,
        _TG275,
    ),
    Check(
        "contour-margin",
        ("WARN",),
        "contours",
        "more than 5 % of a target's surface is nearer to what it was grown from, or farther, than the protocol's "
        "margin (`margin_from`) by more than half a slice; percentiles, and where it is farthest off. Where it is held "
        "back from the skin it is left alone",
        _CONTOURS,
        _TG275,
    ),
    Check(
        "contour-extent",
        ("WARN",),
        "contours",
        "an organ ends more than one slice short of the slices that its goals are about (`extent`)",
        _CONTOURS,
    ),
    Check(
        "contour-cut-off",
        ("WARN",),
        "contours",
        "an organ that the goals want whole (`whole`) ends on the first or the last slice of the CT",
        f"{_CONTOURS}, ImagePositionPatient of the CT",
        _TG275,
    ),
    Check(
        "contour-strip",
        ("WARN",),
        "contours",
        "a strip (`strip`) is narrower than it has to be, along the skin, on more than 5 % of its slices, or is not "
        "in one piece",
        _CONTOURS,
    ),
    Check(
        "contour-skin-distance",
        ("WARN",),
        "contours",
        "a target comes nearer to the skin than the protocol allows (`from_skin`) by more than 1 mm",
        f"{_KIND}, {_CONTOURS}",
    ),
)

OF_THE_PROTOCOL: Final = frozenset({"protocol-not-as-shipped"})
"""Checks of the protocol file, which cannot silence what is said of it."""

BY_ID: Final = {check.id: check for check in CHECKS}
