"""Which plan, structure set and dose belong together, and whether that is proven by their UIDs.

What cannot be proven is a STOP; with `assume_linked` it becomes a WARN that states what was assumed. Two
patients or two frames of reference stay a STOP whatever was assumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hardcheck.dicom.dataset import DataSet
from hardcheck.dicom.image import Slice
from hardcheck.dicom.inventory import DicomFile
from hardcheck.dicom.rtstruct import RegionFrame
from hardcheck.dicom.tag import Tag
from hardcheck.errors import InputError, PlanChoiceError
from hardcheck.plan import Finding, Patient, Severity, unproven

PATIENT_CHECK: Final = "one-patient"
LINK_CHECK: Final = "objects-linked"
FRAME_CHECK: Final = "one-frame-of-reference"
PLAN_CHECK: Final = "plan-present"
_LISTED: Final = 10
"""Plans, files or ROIs that one message names."""
_CHOOSE: Final = "choose one with --plan UID or --plan LABEL"


def unique(files: Sequence[DicomFile]) -> tuple[list[DicomFile], list[Finding]]:
    """Each object once, by SOP Instance UID. InputError where one UID stands for two contents."""
    first: dict[str, DicomFile] = {}
    findings = []
    for file in files:
        known = first.setdefault(file.uid, file)
        if known is file:
            continue
        if known.content() != file.content():
            raise InputError(
                f"{known.name} and {file.name} have the same SOP Instance UID {file.uid} and different content",
                do="leave the one that is meant",
            )
        findings.append(Finding("duplicates", Severity.INFO, f"{file.name} is the same object as {known.name}"))
    return list(first.values()), findings


def choose_plan(plans: Sequence[DicomFile], wanted: str | None) -> DicomFile | None:
    """The RTPLAN whose UID or label is `wanted`, or the only one; None where there is no RTPLAN at all."""
    listed = ", ".join(f"{_label(plan)!r} {plan.uid}" for plan in plans[:_LISTED])
    if wanted is not None:
        chosen = [plan for plan in plans if plan.uid == wanted] or [plan for plan in plans if _label(plan) == wanted]
        if not chosen:
            raise PlanChoiceError(f"no plan is {wanted!r}; found: {listed or 'none'}", do=_CHOOSE)
        if len(chosen) > 1:
            raise PlanChoiceError(
                f"{len(chosen)} plans are {wanted!r}: {listed}", do="choose one by its UID, with --plan UID"
            )
        return chosen[0]
    if len(plans) > 1:
        raise PlanChoiceError(f"there are {len(plans)} plans: {listed}", do=_CHOOSE)
    return plans[0] if plans else None


def _label(plan: DicomFile) -> str:
    return plan.dataset.text(Tag.RTPlanLabel).strip()


def choose_doses(
    doses: Sequence[DicomFile], plan: DicomFile | None, plans: Sequence[DicomFile], *, assume_linked: bool
) -> tuple[list[DicomFile], list[Finding]]:
    """The doses of the plan (one at least), and what is to be said of the link."""
    if plan is None:
        return _without_plan(doses)
    own = [dose for dose in doses if plan.uid in _plans_of(dose)]
    if own:
        return own, _ignored([dose for dose in doses if plan.uid not in _plans_of(dose)])
    others = {other.uid for other in plans}
    foreign = [dose for dose in doses if others.intersection(_plans_of(dose))]
    free = [dose for dose in doses if dose not in foreign]
    if not free:
        raise InputError(f"no RTDOSE refers to the plan {plan.uid}", do="add its dose, or choose the plan that has one")
    silent = [dose for dose in free if not _plans_of(dose)]
    if silent:
        said = f"the RTDOSE {silent[0].name} does not say which plan it is of"
        return silent, [unproven(LINK_CHECK, said, assume_linked=assume_linked), *_ignored(_rest(doses, silent))]
    said = f"the RTDOSE {free[0].name} is of the plan {_plans_of(free[0])[0]}, and the RTPLAN is {plan.uid}"
    return free, [unproven(LINK_CHECK, said, assume_linked=assume_linked), *_ignored(foreign)]


def _without_plan(doses: Sequence[DicomFile]) -> tuple[list[DicomFile], list[Finding]]:
    referred = {_plans_of(dose) for dose in doses}
    if len(referred) > 1:
        uids = ", ".join(sorted({uid for plans in referred for uid in plans})[:_LISTED])
        raise InputError(f"there are doses of several plans and no RTPLAN: {uids}", do="leave the doses of one plan")
    uids = ", ".join(referred.pop()[:_LISTED])
    which = f"the dose refers to the RTPLAN {uids}, which is not here" if uids else "the dose refers to none"
    return list(doses), [Finding(PLAN_CHECK, Severity.STOP, f"no RTPLAN was found; {which}")]


def _plans_of(dose: DicomFile) -> tuple[str, ...]:
    return dose.dataset.references(Tag.ReferencedRTPlanSequence)


def _rest(doses: Sequence[DicomFile], chosen: Sequence[DicomFile]) -> list[DicomFile]:
    return [dose for dose in doses if dose not in chosen]


def _ignored(doses: Sequence[DicomFile]) -> list[Finding]:
    if not doses:
        return []
    names = ", ".join(dose.name for dose in doses[:_LISTED])
    return [Finding("doses-ignored", Severity.INFO, f"{len(doses)} doses of other plans were left out: {names}")]


def choose_structure_set(
    sets: Sequence[DicomFile], plan: DicomFile | None, doses: Sequence[DicomFile], *, assume_linked: bool
) -> tuple[DicomFile, list[Finding]]:
    """The RTSTRUCT that the plan refers to; without a plan, the one that the dose refers to, or the only one."""
    referrer = plan or doses[0]
    wanted = referrer.dataset.references(Tag.ReferencedStructureSetSequence)
    for each in sets:
        if each.uid in wanted:
            return each, []
    what = f"the {referrer.kind} {referrer.name}"
    said = (
        f"{what} refers to the RTSTRUCT {wanted[0]}, which is not here" if wanted else f"{what} refers to no RTSTRUCT"
    )
    if len(sets) > 1:
        named = ", ".join(f"{each.name} ({each.uid})" for each in sets[:_LISTED])
        raise InputError(f"{said}, and there are {len(sets)}: {named}", do="leave the one that is meant")
    if not wanted and plan is None:
        return sets[0], []  # that there is no plan is said already, and a dose need not name a structure set
    return sets[0], [unproven(LINK_CHECK, said, assume_linked=assume_linked)]


def check_patient(files: Sequence[DicomFile], *, assume_linked: bool) -> list[Finding]:
    """Whether all files are of one patient, as far as they say. Nothing of who it is goes into the message."""
    differing = [
        name
        for name, tag in (("PatientID", Tag.PatientID), ("PatientBirthDate", Tag.PatientBirthDate))
        if len({file.dataset.text(tag).strip() for file in files} - {""}) > 1
    ]
    if len({_person(file.dataset) for file in files} - {""}) > 1:
        differing.append("PatientName")
    if differing:
        kinds = ", ".join(f"{file.kind} {file.name}" for file in files[:_LISTED])
        return [Finding(PATIENT_CHECK, Severity.STOP, f"{' and '.join(differing)} differ between {kinds}")]
    if silent := [file for file in files if not file.dataset.text(Tag.PatientID).strip()]:
        said = f"PatientID is missing in {', '.join(file.name for file in silent[:_LISTED])}"
        return [unproven(PATIENT_CHECK, f"{said}: one patient is not proven", assume_linked=assume_linked)]
    return []


def check_images(slices: Sequence[Slice], frame_of_reference_uid: str, patient_id: str) -> list[Finding]:
    """Whether the images that slice positions are taken from are of the plan's patient, as far as they say."""
    near = [s for s in slices if s.frame_of_reference_uid == frame_of_reference_uid]
    foreign = [s for s in near if patient_id and s.patient_id not in ("", patient_id)]
    if not foreign:
        return []
    said = f"PatientID of {len(foreign)} CT images differs from the plan's, {foreign[0].source.name} among them"
    return [Finding(PATIENT_CHECK, Severity.STOP, said)]


def _person(dataset: DataSet) -> str:
    return Patient(name=dataset.text(Tag.PatientName)).person


def check_frames(
    regions: Sequence[RegionFrame], dose: DicomFile, plan: DicomFile | None, *, assume_linked: bool
) -> list[Finding]:
    """Whether structures, dose and plan are in one frame of reference."""
    uid = dose.dataset.code(Tag.FrameOfReferenceUID)
    contoured = [region for region in regions if region.has_contours]
    if not uid:
        said = f"the RTDOSE {dose.name} has no frame of reference"
        return [unproven(FRAME_CHECK, said, assume_linked=assume_linked)]
    findings = []
    plan_uid = plan.dataset.code(Tag.FrameOfReferenceUID) if plan is not None else ""
    if plan_uid not in ("", uid):
        findings.append(Finding(FRAME_CHECK, Severity.STOP, "RTPLAN and RTDOSE are in different frames of reference"))
    if differing := [region for region in contoured if region.frame_of_reference_uid not in ("", uid)]:
        findings.append(_of_regions(differing, contoured, "not in the frame of reference of the dose", assume=False))
    if silent := [region for region in contoured if not region.frame_of_reference_uid]:
        findings.append(_of_regions(silent, contoured, "without a frame of reference", assume=assume_linked))
    return findings


def _of_regions(some: Sequence[RegionFrame], contoured: Sequence[RegionFrame], said: str, *, assume: bool) -> Finding:
    """A finding about some of the ROIs; about the whole plan where it is all of them."""
    everything = len(some) == len(contoured)
    numbers = ", ".join(str(region.number) for region in some[:_LISTED])
    what = "all structures are" if everything else f"{len(some)} structures are"
    finding = unproven(FRAME_CHECK, f"{what} {said} (ROI numbers {numbers})", assume_linked=assume)
    names = () if everything else tuple(region.name for region in some)
    return Finding(finding.id, finding.severity, finding.message, names)
