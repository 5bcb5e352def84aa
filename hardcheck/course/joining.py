"""From several plans to one: whether they are of one course, and what is to be said of their sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

import numpy as np

from hardcheck.course.common_grid import are_alike, summed
from hardcheck.errors import LinkError, PlanChoiceError, UsageError
from hardcheck.plan import (
    Course,
    DoseGrid,
    DoseReference,
    Finding,
    Plan,
    Prescription,
    Severity,
    SourceFile,
    Structure,
    unproven,
)

_DOSE: Final = "RTDOSE"
_STRUCTURES: Final = "RTSTRUCT"


def course_of(plans: Sequence[Plan], *, structures_from: str | None = None, assume_linked: bool = False) -> Plan:
    """The course of `plans` as one plan: their physical doses added, the structures of one of them, no fractions.

    `structures_from` is the label or SOP Instance UID of the plan whose structure set is used, the first where it is
    None. What reading each plan found is in the findings, each with the number of its plan. `assume_linked` takes
    plans as being in one frame of reference that do not say in which they are, and says so.

    Where not all of the grids have a dose, the sum is unknown, never 0. Raises LinkError for other patients or frames
    of reference, the same plan or dose twice, or grids that do not overlap, LimitError above the stated limit, and
    UsageError where there are fewer than two plans.
    """
    if len(plans) < 2 or any(plan.course is not None for plan in plans):
        raise UsageError("a course is of two plans or more", do="name the folder or zip of each plan")
    course = Course(tuple(plans), _chosen(plans, structures_from))
    for (one, a), (other, b) in combinations(course.numbered, 2):
        _refuse_others(f"{_named(one, a)} and {_named(other, b)}", a, b)
    used, doses = plans[course.structures_from], course.doses
    dose = None if doses is None else summed(doses)
    return Plan(
        structures=used.structures,
        dose=dose,
        label=" + ".join(plan.label.strip() or name for name, plan in course.numbered),
        patient=used.patient,
        prescription=_prescription(course),
        image=used.image,
        frame_of_reference_uid=used.frame_of_reference_uid,
        approval=", ".join(dict.fromkeys(plan.approval or "not stated" for plan in plans)),
        sources=tuple(dict.fromkeys(source for plan in plans for source in plan.sources)),
        findings=(
            *_carried(course),
            *_patients(course, assume_linked=assume_linked),
            *_frames(course, assume_linked=assume_linked),
            *_structure_sets(course),
            *_same_doses(course),
            *(() if dose is None or doses is None else _sum(dose, doses)),
        ),
        course=course,
        records=used.recorded(_STRUCTURES),
    )


def _chosen(plans: Sequence[Plan], wanted: str | None) -> int:
    """The place of the plan whose structures are used."""
    if wanted is None:
        return 0
    by_uid = [n for n, plan in enumerate(plans) if plan.sop_instance_uid == wanted]
    found = by_uid or [n for n, plan in enumerate(plans) if plan.label.strip() == wanted.strip() != ""]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{plan.label.strip()!r} {plan.sop_instance_uid or 'without UID'}" for plan in plans)
    said = f"{len(found)} plans of the course are {wanted!r}" if found else f"no plan of the course is {wanted!r}"
    raise PlanChoiceError(f"{said}; they are {listed}", where="--structures-from", do="name one by its UID")


def _named(name: str, plan: Plan) -> str:
    return f"{name} ({plan.label.strip()!r})" if plan.label.strip() else name


def _refuse_others(both: str, a: Plan, b: Plan) -> None:
    """LinkError where two plans cannot be of one course, or are one and the same."""
    if a.patient.id and b.patient.id and a.patient.id != b.patient.id:
        raise LinkError(f"{both} are of different patients", do="add up plans of one patient only")
    frames = a.frame_of_reference_uid, b.frame_of_reference_uid
    if all(frames) and frames[0] != frames[1]:
        said = f"{both} are in different frames of reference, {frames[0]} and {frames[1]}"
        raise LinkError(said, do="compute both doses on one image, or on images of one frame of reference")
    if a.sop_instance_uid is not None and a.sop_instance_uid == b.sop_instance_uid:
        raise LinkError(f"{both} are one plan, {a.sop_instance_uid}", do="name each plan once")
    if twice := _twice(a, b):
        raise LinkError(f"{both} have the same dose, {twice.sop_instance_uid}", do="name each plan with its own dose")
    if uid := _other_content(a, b):
        raise LinkError(
            f"{both} have the structure set {uid} with different contours", do="leave the one that is meant"
        )
    if any(_has_dose_of(this, other) for this, other in ((a, b), (b, a))):
        raise LinkError(f"{both}: the dose of one says that it is of the other", do="name each plan with its own dose")


def _other_content(a: Plan, b: Plan) -> str | None:
    """The UID of a structure set that stands for two contents."""
    sets = [{s.sop_instance_uid: s.sha256 for s in plan.sources if s.modality == _STRUCTURES} for plan in (a, b)]
    differing = [uid for uid in sets[0].keys() & sets[1].keys() if uid and sets[0][uid] != sets[1][uid]]
    return differing[0] if differing and not _are_same(a.structures, b.structures) else None


def _are_same(some: Sequence[Structure], others: Sequence[Structure]) -> bool:
    """Whether two structure sets hold the same, however their files were written."""
    if len(some) != len(others):
        return False
    return all(
        (a.number, a.name, a.geometric_types) == (b.number, b.name, b.geometric_types)
        and np.array_equal(a.starts, b.starts)
        and np.array_equal(a.points_mm, b.points_mm)
        for a, b in zip(some, others, strict=True)
    )


def _has_dose_of(plan: Plan, other: Plan) -> bool:
    """Whether a dose of `plan` says that it is of the `other` one."""
    doses = [source for source in plan.sources if source.modality == _DOSE]
    return any(other.sop_instance_uid in s.refers_to and plan.sop_instance_uid not in s.refers_to for s in doses)


def _twice(a: Plan, b: Plan) -> SourceFile | None:
    """A dose that both plans have, by its UID or by its bytes."""
    doses = [source for source in a.sources if source.modality == _DOSE]
    known = [source for source in b.sources if source.modality == _DOSE]
    uids, hashes = {s.sop_instance_uid for s in known} - {""}, {s.sha256 for s in known} - {""}
    return next((s for s in doses if s.sop_instance_uid in uids or s.sha256 in hashes), None)


def _prescription(course: Course) -> Prescription | None:
    """The sum of the prescriptions as one, without fractions; None where a plan has no prescription."""
    if any(plan.prescription is None for plan in course.plans):
        return None
    if course.prescription_gy is None:
        return Prescription()
    return Prescription((DoseReference(1, "SITE", "TARGET", prescription_gy=course.prescription_gy),))


def _carried(course: Course) -> Iterator[Finding]:
    """What was found about each plan."""
    for name, plan in course.numbered:
        for finding in plan.findings:
            yield finding.within(f"{name}: ")


def _patients(course: Course, *, assume_linked: bool) -> Iterator[Finding]:
    """Whether all plans are of one person, as far as they say."""
    differing = [
        what
        for what, said in (
            ("PatientBirthDate", {plan.patient.birth_date for plan in course.plans}),
            ("PatientName", {plan.patient.person for plan in course.plans}),
        )
        if len(said - {""}) > 1
    ]
    if differing:
        said = f"{' and '.join(differing)} differ between the plans of the course"
        yield Finding("one-patient", Severity.STOP, said)
    silent = [name for name, plan in course.numbered if not plan.patient.id]
    if 0 < len(silent) < len(course.plans):
        said = f"PatientID is missing in {' and '.join(silent)}: one patient is not proven"
        yield unproven("one-patient", said, assume_linked=assume_linked)


def _frames(course: Course, *, assume_linked: bool) -> Iterator[Finding]:
    """Whether the frame of reference of each plan is known."""
    silent = [name for name, plan in course.numbered if not plan.frame_of_reference_uid]
    if silent:
        said = f"{' and '.join(silent)} without a frame of reference: nothing shows that the doses can be added"
        yield unproven("one-frame-of-reference", said, assume_linked=assume_linked)


def _structure_sets(course: Course) -> Iterator[Finding]:
    """Whose structures are used, and whether the other plans have the same."""
    used = course.structures_from
    sets = [_structure_set(plan) for plan in course.plans]
    others = [name for (name, _), found in zip(course.numbered, sets, strict=True) if found != sets[used]]
    name = f"plan {used + 1}"
    if others:
        verb = "has another one" if len(others) == 1 else "have other ones"
        said = f"the structure set is that of {name}; {' and '.join(others)} {verb}, which nobody looked at"
        yield Finding("course-structures", Severity.WARN, said)
    else:
        yield Finding("course-structures", Severity.INFO, f"the structure set is that of {name}, as of all plans")


def _structure_set(plan: Plan) -> object:
    """What tells structure sets apart: UID and content of the file, or the very structures where there is no file."""
    files = {(s.sop_instance_uid, s.sha256) for s in plan.sources if s.modality == _STRUCTURES}
    return files or plan.structures


def _same_doses(course: Course) -> Iterator[Finding]:
    """Whether two plans have one dose under two names."""
    for (one, a), (other, b) in combinations(course.numbered, 2):
        if a.dose is not None and b.dose is not None and _is_same(a.dose, b.dose):
            said = f"{one} and {other} have the same dose in every voxel: make sure that it is given twice"
            yield Finding("course-same-dose", Severity.WARN, said)


def _is_same(one: DoseGrid, other: DoseGrid) -> bool:
    return one.has_voxels_of(other) and bool(np.array_equal(one.dose_gy, other.dose_gy))


def _sum(dose: DoseGrid, doses: Sequence[DoseGrid]) -> Iterator[Finding]:
    """How the sum was made."""
    size = " x ".join(str(axis.size) for axis in dose.axes_mm)
    how = "voxel by voxel, on the one grid that they all have"
    if not are_alike(doses):
        how = (
            "on the planes of all their grids, where all of them have a dose: exact for doses trilinear between voxels"
        )
    said = f"the dose is the sum of {len(doses)} plans, {size} nodes (x, y, z), {how}"
    yield Finding("course-sum", Severity.INFO, said)
