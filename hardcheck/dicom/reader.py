"""From a path to a plan: find the files, choose what belongs together, prove it, read it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from hardcheck.dicom import link
from hardcheck.dicom.dvh_sequence import read_stored_dvhs
from hardcheck.dicom.files import open_sources
from hardcheck.dicom.image import Slice, stack
from hardcheck.dicom.inventory import NOT_DICOM, DicomFile, examine, referenced_series
from hardcheck.dicom.record import read_record
from hardcheck.dicom.rtplan import read_prescription
from hardcheck.dicom.rtstruct import StructureSet, read_structures
from hardcheck.dicom.summation import ChosenDose, whole_dose
from hardcheck.dicom.tag import Kind, Tag
from hardcheck.errors import InputError, one_line
from hardcheck.plan import Finding, ImageStack, Patient, Plan, Severity, SourceFile

_LISTED: Final = 10
"""Skipped files that a message names."""
_FEW: Final = 3
"""Files that are named one by one where none of them is of use."""


def read_plan(
    path: str | Path | Sequence[str | Path],
    *,
    plan: str | None = None,
    assume_linked: bool = False,
    pixels: bool = False,
) -> Plan:
    """Read the plan in `path`: a folder with all below it, a DICOM file, a zip of them, or several of these.

    `plan` chooses by SOP Instance UID or label where there are several. `assume_linked` accepts links that the files
    do not prove, and says so in the findings. `pixels` reads the CT's Hounsfield numbers too.

    What the files do not prove or do not hold is in the plan's `findings`. Raises TruncatedError for an RT object that
    is cut short, PlanChoiceError for several plans, LimitError above the stated limits, and InputError for all else
    that makes a plan impossible; each is one line.
    """
    with open_sources(path) as sources:
        if not sources:
            raise InputError("there are no files", where=_named(path), do="name the folder of an exported plan")
        files = [examine(source) for source in sources]
        findings = _skipped(files, _named(path))
        objects, duplicates = link.unique([file for file in files if file.stream is not None])
        read = _assemble(objects, files, plan, assume_linked=assume_linked, pixels=pixels)
    # File names are in the messages, and a file name may hold a line break.
    said = (*findings, *duplicates, *read.findings)
    names = [file.name for file in files]
    return replace(read, findings=tuple(_one_line(finding, names) for finding in said))


def _one_line(finding: Finding, names: Sequence[str]) -> Finding:
    unnamed = finding.unnamed or _unnamed(finding.message, names)
    return replace(
        finding,
        message=one_line(finding.message),
        unnamed="" if unnamed == finding.message else one_line(unnamed),
    )


def _unnamed(text: str, names: Sequence[str]) -> str:
    """`text` without the `names` of files, as they are and as an error says them."""
    for name in sorted({*names, *map(one_line, names)}, key=len, reverse=True):
        if name in text:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "[file]", text)
    return text


def _named(path: str | Path | Sequence[str | Path]) -> str:
    return str(path) if isinstance(path, str | Path) else ", ".join(str(each) for each in path[:_LISTED])


def _skipped(files: Sequence[DicomFile], path: str) -> list[Finding]:
    """Raise for the first file that stops the reading; else say which files were left out and why."""
    for file in files:
        if file.error is not None:
            raise file.error
    left_out = [file for file in files if file.skipped is not None]
    for file in left_out:
        if file.source.named:
            raise InputError(str(file.skipped), where=file.name, do="name a DICOM RT file, or the folder of the plan")
    if not left_out:
        return []
    named = ", ".join(f"{file.name} ({file.skipped})" for file in left_out[:_LISTED])
    more = f" and {len(left_out) - _LISTED} more" if len(left_out) > _LISTED else ""
    if len(left_out) == len(files):
        raise InputError(_nothing(left_out), where=path, do="name the folder of an exported plan")
    count = "1 file was" if len(left_out) == 1 else f"{len(left_out)} files were"
    reasons = ", ".join(f"{n} {reason}" for reason, n in Counter(str(f.skipped) for f in left_out).most_common())
    message = f"{count} skipped: {named}{more}"
    return [Finding("files-skipped", Severity.WARN, message, unnamed=f"{count} skipped: {reasons}")]


def _nothing(left_out: Sequence[DicomFile]) -> str:
    """That none of the files can be used: each with its reason where they are few, else how many have which."""
    if len(left_out) <= _FEW:
        return f"no file is a usable DICOM file: {', '.join(f'{file.name} ({file.skipped})' for file in left_out)}"
    reasons = Counter(str(file.skipped) for file in left_out)
    if set(reasons) == {NOT_DICOM}:
        return f"none of {len(left_out)} files is DICOM"
    said = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common(_FEW))
    return f"none of {len(left_out)} files is a usable DICOM file: {said}{', …' if len(reasons) > _FEW else ''}"


def _assemble(
    objects: Sequence[DicomFile], files: Sequence[DicomFile], wanted: str | None, *, assume_linked: bool, pixels: bool
) -> Plan:
    plans, sets, doses = (_of(kind, objects) for kind in (Kind.PLAN, Kind.STRUCTURES, Kind.DOSE))
    plan = link.choose_plan(plans, wanted)
    prescription = None if plan is None else read_prescription(plan.dataset)
    if not doses:
        raise _missing("RTDOSE", files)
    doses, findings = link.choose_doses(doses, plan, plans, assume_linked=assume_linked)
    chosen = whole_dose(doses, None if plan is None else plan.uid, prescription)
    if not sets:
        raise _missing("RTSTRUCT", files, _stops(chosen))
    structure_file, linked = link.choose_structure_set(sets, plan, chosen.files, assume_linked=assume_linked)
    read = read_structures(structure_file.dataset)
    used = [file for file in (plan, structure_file, *chosen.files) if file is not None]
    frame = chosen.files[0].dataset.code(Tag.FrameOfReferenceUID) or _first_frame(structure_file)
    patient = used[0].dataset
    image = _image(files, frame, structure_file, pixels=pixels)
    stored, unstored = read_stored_dvhs([file.dataset for file in chosen.files])
    return Plan(
        structures=read.structures,
        dose=chosen.grid,
        sop_instance_uid=None if plan is None else plan.uid,
        label="" if plan is None else plan.dataset.text(Tag.RTPlanLabel),
        patient=Patient(
            patient.text(Tag.PatientID).strip(), patient.text(Tag.PatientName), patient.code(Tag.PatientBirthDate)
        ),
        prescription=prescription,
        image=image,
        frame_of_reference_uid=frame,
        approval="" if plan is None else plan.dataset.code(Tag.ApprovalStatus),
        sources=tuple(SourceFile(file.uid, file.kind, file.sha256 or "", file.refers_to) for file in used),
        records=tuple(read_record(file) for file in used),
        findings=(
            *findings,
            *linked,
            *link.check_patient(used, assume_linked=assume_linked),
            *link.check_images(_slices(files), frame, patient.text(Tag.PatientID).strip()),
            *_frames(read, chosen, plan, assume_linked=assume_linked),
            *chosen.findings,
            *unstored,
        ),
        stored_dvhs=stored,
    )


def _of(kind: Kind, objects: Sequence[DicomFile]) -> list[DicomFile]:
    return [file for file in objects if file.kind == kind]


def _missing(kind: str, files: Sequence[DicomFile], also: str = "") -> InputError:
    counts = Counter("not usable" if file.skipped else file.kind for file in files)
    found = ", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "nothing"
    if skipped := [f"{file.name} ({file.skipped})" for file in files if file.skipped]:
        found += ": " + ", ".join(skipped[:_LISTED]) + (", …" if len(skipped) > _LISTED else "")
    return InputError(
        f"no {kind} was found, only: {found}{also}", do="name a folder with the RTSTRUCT and RTDOSE of a plan"
    )


def _stops(chosen: ChosenDose) -> str:
    return "".join(f"; and {finding.message}" for finding in chosen.findings if finding.severity is Severity.STOP)


def _frames(
    read: StructureSet, chosen: ChosenDose, plan: DicomFile | None, *, assume_linked: bool
) -> tuple[Finding, ...]:
    findings = [
        finding
        for dose in chosen.files
        for finding in link.check_frames(read.frames, dose, plan, assume_linked=assume_linked)
    ]
    return tuple(dict.fromkeys(findings))


def _first_frame(structures: DicomFile) -> str:
    return structures.frames_of_reference[0] if structures.frames_of_reference else ""


def _slices(files: Sequence[DicomFile]) -> list[Slice]:
    return [file.slice for file in files if file.slice is not None]


def _image(files: Sequence[DicomFile], frame: str, structures: DicomFile, *, pixels: bool) -> ImageStack | None:
    """The CT in the plan's frame of reference. Pixels are for pictures only, so the plan stands without them."""
    slices = _slices(files)
    series = referenced_series(structures.dataset)
    try:
        return stack(slices, frame, series, pixels=pixels)
    except InputError as error:
        found = stack(slices, frame, series, pixels=False)
        said = one_line(str(error))
        unnamed = _unnamed(said, [file.name for file in files])
        return None if found is None else replace(found, unread=said, unnamed=unnamed)
