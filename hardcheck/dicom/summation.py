"""From the RTDOSE objects of one plan to one dose: which of them it is, or which of them add up to it.

DoseSummationType (3004,000A), PS3.3 C.8.8.3: PLAN is the dose of the whole plan; FRACTION that of one fraction
group, which is the plan where there is but one; BEAM that of one beam or several, whose sum is the plan only
when each is there once. Which of several doses is right is never guessed, least of all by time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hardcheck.dicom.inventory import DicomFile
from hardcheck.dicom.rtdose import PHYSICAL_CHECK, is_planar, offsets_note, planar_error, read_dose
from hardcheck.dicom.tag import Tag, tag_text
from hardcheck.errors import InputError
from hardcheck.plan import DoseGrid, Finding, FractionGroup, Prescription, Severity

_CONTENT: Final = (
    Tag.FrameOfReferenceUID,
    Tag.ImagePositionPatient,
    Tag.ImageOrientationPatient,
    Tag.PixelSpacing,
    Tag.NumberOfFrames,
    Tag.Rows,
    Tag.Columns,
    Tag.BitsAllocated,
    Tag.PixelRepresentation,
    Tag.DoseUnits,
    Tag.DoseType,
    Tag.DoseSummationType,
    Tag.GridFrameOffsetVector,
    Tag.DoseGridScaling,
    Tag.PixelData,
)


@dataclass(frozen=True, slots=True, eq=False)
class ChosenDose:
    """The dose of the plan, None where there is none that can be trusted, and the files that it is made of."""

    grid: DoseGrid | None
    files: tuple[DicomFile, ...]
    findings: tuple[Finding, ...] = ()


def whole_dose(doses: Sequence[DicomFile], plan_uid: str | None, prescription: Prescription | None) -> ChosenDose:
    """The dose of the whole plan from the doses that belong to it (one at least).

    InputError where two of them say different things of the same plan.
    """
    findings: list[Finding] = []
    doses = _volumes(doses, findings)
    doses = _distinct(doses, findings)
    findings += dict.fromkeys(note for dose in doses if (note := offsets_note(dose.dataset)) is not None)
    kinds = [dose.dataset.code(Tag.DoseSummationType).upper() for dose in doses]
    groups = prescription.groups if prescription is not None else ()
    whole = [d for d, kind in zip(doses, kinds, strict=True) if _is_whole(d, kind, plan_uid)]
    fractions = [d for d, kind in zip(doses, kinds, strict=True) if kind == "FRACTION"]
    beams = [d for d, kind in zip(doses, kinds, strict=True) if kind == "BEAM"]
    if whole:
        chosen = _single(whole, "the whole plan")
    elif fractions:
        chosen = _of_fractions(fractions, groups)
    elif beams:
        chosen = _sum(beams, plan_uid, groups)
    else:
        types = ", ".join(sorted({repr(kind[:16]) if kind else "missing" for kind in kinds}))
        chosen = _stop(doses, f"{tag_text(Tag.DoseSummationType)} is {types}, not the dose of the whole plan")
    return ChosenDose(chosen.grid, chosen.files, (*findings, *chosen.findings))


def _volumes(doses: Sequence[DicomFile], findings: list[Finding]) -> list[DicomFile]:
    """The doses that are volumes; planar ones are refused only where there is nothing else."""
    volumes = [dose for dose in doses if not is_planar(dose.dataset)]
    if not volumes:
        raise planar_error(doses[0].dataset)
    if planar := [dose.name for dose in doses if is_planar(dose.dataset)]:
        findings.append(Finding("doses-ignored", Severity.WARN, f"planar doses were left out: {', '.join(planar[:5])}"))
    return volumes


def _distinct(doses: Sequence[DicomFile], findings: list[Finding]) -> list[DicomFile]:
    """Each content once, whatever its UID."""
    if len(doses) < 2:
        return list(doses)
    first: dict[str, DicomFile] = {}
    for dose in doses:
        if (known := first.setdefault(_content(dose), dose)) is not dose:
            message = f"{dose.name} holds the same dose as {known.name}; it counts once"
            findings.append(Finding("duplicates", Severity.INFO, message))
    return list(first.values())


def _content(dose: DicomFile) -> str:
    digest = hashlib.sha256(repr((_groups(dose), _plans(dose))).encode())
    for tag in _CONTENT:
        raw = dose.dataset.raw(tag)
        digest.update(b"%d " % len(raw))
        digest.update(raw)
    return digest.hexdigest()


def _plans(dose: DicomFile) -> tuple[str, ...]:
    return tuple(sorted(set(dose.dataset.references(Tag.ReferencedRTPlanSequence))))


def _groups(dose: DicomFile) -> list[tuple[int | None, list[int]]]:
    """Fraction group number and beam numbers to which a dose refers."""
    return [
        (
            group.integer(Tag.ReferencedFractionGroupNumber),
            [beam.required_integer(Tag.ReferencedBeamNumber) for beam in group.items(Tag.ReferencedBeamSequence)],
        )
        for plan in dose.dataset.items(Tag.ReferencedRTPlanSequence)
        for group in plan.items(Tag.ReferencedFractionGroupSequence)
    ]


def _is_whole(dose: DicomFile, kind: str, plan_uid: str | None) -> bool:
    """PLAN of one plan; or MULTI_PLAN that names this plan and no other."""
    plans = _plans(dose)
    if kind == "PLAN":
        return len(plans) <= 1
    return kind == "MULTI_PLAN" and plan_uid is not None and plans == (plan_uid,)


def _single(doses: Sequence[DicomFile], what: str) -> ChosenDose:
    if len(doses) > 1:
        named = ", ".join(f"{dose.name} ({dose.uid})" for dose in doses[:5])
        raise InputError(f"{len(doses)} different doses of {what}: {named}", do="leave the one that is meant")
    grid = read_dose(doses[0].usable)
    if isinstance(grid, Finding):
        return ChosenDose(None, tuple(doses), (grid,))
    return ChosenDose(grid, tuple(doses))


def _stop(doses: Sequence[DicomFile], message: str) -> ChosenDose:
    # A dose that cannot be read at all is an error first; one that is not physical says so beside the message.
    read = (read_dose(dose.usable) for dose in doses)
    others = dict.fromkeys(found for found in read if isinstance(found, Finding))
    return ChosenDose(None, tuple(doses), (*others, Finding(PHYSICAL_CHECK, Severity.STOP, message)))


def _of_fractions(doses: Sequence[DicomFile], groups: Sequence[FractionGroup]) -> ChosenDose:
    if len(groups) > 1:
        return _stop(doses, f"the dose is of one fraction group, and the plan has {len(groups)}")
    chosen = _single(doses, "one fraction group")
    warning = Finding(
        PHYSICAL_CHECK,
        Severity.WARN,
        f"{tag_text(Tag.DoseSummationType)} is FRACTION: it is taken for the dose of the whole course",
    )
    return ChosenDose(chosen.grid, chosen.files, (*chosen.findings, warning))


def _sum(doses: Sequence[DicomFile], plan_uid: str | None, groups: Sequence[FractionGroup]) -> ChosenDose:
    if len(groups) != 1:
        return _stop(
            doses, "the doses are of single beams, and there is no plan with one fraction group to add them up by"
        )
    if any(_plans(dose) not in ((), (plan_uid,)) for dose in doses):
        return _stop(doses, "the doses are of single beams of another plan or of several")
    if reason := _incomplete(doses, groups[0]):
        return _stop(doses, reason)
    total: DoseGrid | None = None
    for dose in doses:
        grid = read_dose(dose.usable)
        if isinstance(grid, Finding):
            return ChosenDose(None, tuple(doses), (grid,))
        if total is not None and not total.has_voxels_of(grid):
            return _stop(doses, "the doses of the beams are on different grids")
        total = grid if total is None else _added(total, grid)
    message = f"the dose is the sum of {len(doses)} doses of single beams, each taken for the whole course"
    return ChosenDose(total, tuple(doses), (Finding(PHYSICAL_CHECK, Severity.WARN, message),))


def _incomplete(doses: Sequence[DicomFile], group: FractionGroup) -> str | None:
    """Why the doses are not those of all beams of the group once, None where they are."""
    beams = [beam for beam in group.beams if beam.treats and beam.meterset != 0]
    wanted = {beam.number for beam in beams}
    given: list[int] = []
    for dose in doses:
        groups = _groups(dose)
        if len(groups) != 1 or not groups[0][1]:
            return f"{dose.name} does not say which beams its dose is of"
        if groups[0][0] not in (None, group.number):
            return f"{dose.name} is of fraction group {groups[0][0]}, and the plan has {group.number}"
        given += groups[0][1]
    if missing := sorted(wanted - set(given)):
        return f"the dose of beam {', '.join(map(str, missing))} is missing of {len(wanted)} treatment beams"
    if foreign := sorted(set(given) - wanted):
        return f"there is a dose of beam {', '.join(map(str, foreign))}, which is no treatment beam of the plan"
    if len(set(given)) != len(given):
        return "a beam has more than one dose"
    return None


def _added(one: DoseGrid, other: DoseGrid) -> DoseGrid:
    dose_gy = one.dose_gy + other.dose_gy
    return DoseGrid(one.x_mm, one.y_mm, one.z_mm, dose_gy, one.quantum_gy + other.quantum_gy)
