"""``hardcheck accept`` and ``hardcheck verify``: what is done with an evaluation that was written as JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hardcheck import __version__
from hardcheck.cli.asked import Asked
from hardcheck.cli.figure import counted
from hardcheck.cli.option import Paths
from hardcheck.cli.screen import screen, text
from hardcheck.cli.status import Status
from hardcheck.errors import HardcheckError, InputError, ProtocolError, UsageError

if TYPE_CHECKING:
    from hardcheck.evaluation import Evaluation
    from hardcheck.plan import Plan
    from hardcheck.planning_system import Export
    from hardcheck.protocol import Protocol
    from hardcheck.signoff import FoundFile, Line


def accept_finding(path: Path, name: str, *, by: str, role: str, reason: str, roi: int | None) -> Status:
    """Add to the evaluation in `path` that a person accepts a goal or a finding."""
    from hardcheck.signoff import Person, accept, read_evaluation, with_accepted, write_evaluation

    person = Person(by, role, reason)
    document = read_evaluation(path)
    entries = accept(document, name, person, datetime.now().astimezone(), roi=roi)
    write_evaluation(path, with_accepted(document, [*document.get("accepted", []), *entries]))
    what = f"{name}" + (f" of ROI {entries[0]['roi_number']}" if entries[0]["roi_number"] is not None else "")
    said = f"Accepted: {what}, written into {path}. The verdict stays {document['verdict']}."
    screen().print(text(said), soft_wrap=True)
    return Status.DONE


def verify_evaluation(
    evaluation_path: Path, path: Paths, protocol: str | None, *, tps: Path | None, asked: Asked
) -> Status:
    """Say what is still as it was when the evaluation was written: DONE where all is, FAIL where anything is not."""
    from hardcheck.signoff import read_evaluation, require_checksums

    stored = read_evaluation(evaluation_path)
    require_checksums(stored)
    lines = list(_lines(stored, evaluation_path, path, protocol, tps=tps, asked=asked))
    console = screen()
    for line in lines:
        console.print(text("same     " if line.same else "DIFFERS  ") + text(line.text), soft_wrap=True)
    differing = sum(not line.same for line in lines)
    said = (
        f"{counted(differing, 'difference')}: this is not the evaluation of these files."
        if differing
        else "All is as it was."
    )
    console.print(text(said))
    return Status.FAIL if differing else Status.DONE


def _lines(
    stored: Mapping[str, Any],
    evaluation_path: Path,
    path: Paths,
    protocol: str | None,
    *,
    tps: Path | None,
    asked: Asked,
) -> Iterator[Line]:
    from hardcheck.report import evaluation_document
    from hardcheck.signoff import Line, evaluation_lines, input_lines, self_lines

    files = _files(path)
    recorded = _as_recorded(asked, stored, path, {file.sop_instance_uid for file in files})
    exports, told = _exports(stored, tps)
    first = [*self_lines(stored, evaluation_path.name), *input_lines(stored, files), *told]
    loaded, line = _protocol(stored["protocol"], protocol)
    version = stored.get("version")
    first += [line, Line(version == __version__, f"version: {version}, now {__version__}")]
    yield from first
    if loaded is None or exports is None:
        return
    try:
        again = _again(stored, loaded, recorded.read(path), exports)
    except HardcheckError as error:
        if all(line.same for line in first):
            raise
        yield Line(False, f"the evaluation could not be computed again: {error}")
        return
    yield from evaluation_lines(stored, evaluation_document(again))


def _files(path: Paths) -> list[FoundFile]:
    """The files that are there; those of several folders each with the folder's name."""
    from hardcheck.dicom import take_inventory
    from hardcheck.signoff import FoundFile

    several = path if isinstance(path, tuple) else (path,)
    folders = [f"{each.name}/" if len(several) > 1 and each.is_dir() else "" for each in several]
    return [
        FoundFile(folder + entry.name, entry.sop_instance_uid, entry.sha256, entry.problem)
        for folder, each in zip(folders, several, strict=True)
        for entry in take_inventory(each).entries
    ]


def _as_recorded(asked: Asked, stored: Mapping[str, Any], path: Paths, uids: Collection[str]) -> Asked:
    """`asked`, and where it names no plan those that the evaluation is of, as far as they are among the `uids` there.

    UsageError where the evaluation is of a course, and was asked about as one plan.
    """
    course = stored.get("course")
    several = [plan for plan in course if isinstance(plan, Mapping)] if isinstance(course, list) else []
    if several and not asked.course:
        do = "name the folder or zip of each plan, as for 'hardcheck check', and add --course"
        raise UsageError(f"the evaluation is of a course of {len(several)} plans", do=do)
    named = asked.plans
    if not named and not (asked.course and isinstance(path, tuple)):
        of = several if asked.course else [stored["plan"]]
        named = tuple(plan["sop_instance_uid"] for plan in of if _is_among(plan.get("sop_instance_uid"), uids))
    used = next((plan.get("sop_instance_uid") for plan in several if plan.get("structures") is True), None)
    known = used if asked.course and _is_among(used, uids) else None
    return replace(asked, plans=named, structures_from=asked.structures_from or known)


def _is_among(uid: object, uids: Collection[str]) -> bool:
    return isinstance(uid, str) and uid != "" and uid in uids


def _exports(stored: Mapping[str, Any], tps: Path | None) -> tuple[list[Export] | None, list[Line]]:
    """The DVHs in `tps`, None where they cannot be read any more, and whether it is the file that it was.

    UsageError where the evaluation has DVHs of a text file beside ours, and not one file was given.
    """
    from hardcheck.planning_system import read_export
    from hardcheck.signoff import Line, exports_of

    known = exports_of(stored)
    if tps is None:
        if known:
            said = f"the evaluation has the DVHs of {', '.join(known)} beside ours"
            raise UsageError(said, do="give that file with --tps")
        return [], []
    if len(known) > 1:
        do = "make one evaluation with each of them"
        raise UsageError(f"it cannot be verified: it has the DVHs of {len(known)} text files", do=do)
    try:
        export = read_export(tps)
    except InputError as error:
        if not tps.is_file():
            raise
        return None, [Line(False, f"DVHs of the planning system: cannot be read as they are now: {error}")]
    if known == {export.file: None}:
        # Of a plan without dose: nothing was held against it, and no checksum of it was written.
        return [export], []
    same = export.sha256 in known.values()
    said = f"DVHs of the planning system: {export.file}"
    return [export], [Line(same, said if same else f"{said} is not the file that it was")]


def _protocol(known: Mapping[str, Any], named: str | None) -> tuple[Protocol | None, Line]:
    """The protocol as it is now, None where it cannot be read any more, and whether it is the same."""
    from hardcheck.cli.terms import protocol_and_regimen
    from hardcheck.library import available, load_protocol
    from hardcheck.signoff import Line

    spec = protocol_and_regimen(named)[0] if named else str(known.get("id"))
    if not named and spec not in [entry.id for entry in available()]:
        raise UsageError("the protocol of the evaluation is none that comes with hardcheck", do="name its file with -p")
    try:
        loaded = load_protocol(spec)
    except ProtocolError as error:
        return None, Line(False, f"protocol: cannot be read as it is now: {error}")
    same = bool(loaded.sha256) and loaded.sha256 == known.get("sha256")
    return loaded, Line(same, f"protocol: {spec}" + ("" if same else " is not the file that it was"))


def _again(stored: Mapping[str, Any], protocol: Protocol, plan: Plan, exports: Sequence[Export]) -> Evaluation:
    """The evaluation with the settings that it was made with."""
    from hardcheck.evaluation import evaluate

    settings = stored["provenance"]["settings"]
    levels, mapping, absent, aliases = (settings.get(name) or kind() for name, kind in _KINDS.items())
    kinds = zip((levels, mapping, absent, aliases), _KINDS.values(), strict=True)
    known = all(isinstance(value, kind) for value, kind in kinds)
    if not known or not _are_settings(levels, mapping, absent, aliases, settings.get("regimen")):
        raise UsageError("the settings of the evaluation are not as they are written", do="run 'hardcheck check' again")
    structures = tuple(replace(s, site_aliases=tuple(map(str, aliases.get(s.name, ())))) for s in protocol.structures)
    return evaluate(
        plan,
        replace(protocol, structures=structures),
        regimen=settings.get("regimen"),
        levels=levels,
        mapping=mapping,
        absent=absent,
        end_caps=str(settings.get("end_caps")),
        between_slices=str(settings.get("between_slices", "blend")),
        exports=exports,
        vertex_dose=str(settings.get("vertex_dose", "separate")),
    )


_KINDS: dict[str, type] = {"levels": dict, "mapping": dict, "absent": list, "aliases": dict}


def _are_settings(
    levels: Mapping[str, Any],
    mapping: Mapping[str, Any],
    absent: Sequence[Any],
    aliases: Mapping[str, Any],
    regimen: object,
) -> bool:
    """Whether what settings hold is of the kind that was written."""
    texts = (*mapping.values(), *absent, *(() if regimen is None else (regimen,)))
    return (
        all(isinstance(dose, int | float) for dose in levels.values())
        and all(isinstance(text, str) for text in texts)
        and all(isinstance(names, list) for names in aliases.values())
    )
