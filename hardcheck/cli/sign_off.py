"""``hardcheck accept`` and ``hardcheck verify``: what is done with an evaluation that was written as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hardcheck import __version__
from hardcheck.cli.figure import counted
from hardcheck.cli.option import Paths
from hardcheck.cli.screen import screen, text
from hardcheck.cli.status import Status
from hardcheck.errors import HardcheckError, ProtocolError, UsageError

if TYPE_CHECKING:
    from hardcheck.evaluation import Evaluation
    from hardcheck.protocol import Protocol
    from hardcheck.signoff import Line


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
    evaluation_path: Path, path: Paths, protocol: str | None, *, plan_name: str | None, assume_linked: bool
) -> Status:
    """Say what is still as it was when the evaluation was written: DONE where all is, FAIL where anything is not."""
    from hardcheck.signoff import read_evaluation, require_checksums

    stored = read_evaluation(evaluation_path)
    require_checksums(stored)
    lines = list(_lines(stored, evaluation_path, path, protocol, plan_name=plan_name, assume_linked=assume_linked))
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
    plan_name: str | None,
    assume_linked: bool,
) -> Iterator[Line]:
    from hardcheck.dicom import read_plan, take_inventory
    from hardcheck.report import evaluation_document
    from hardcheck.signoff import Line, evaluation_lines, input_lines, self_lines
    from hardcheck.signoff.verification import FoundFile

    entries = take_inventory(path).entries
    files = [FoundFile(e.name, e.sop_instance_uid, e.sha256, e.problem) for e in entries]
    first = [*self_lines(stored, evaluation_path.name), *input_lines(stored, files)]
    loaded, line = _protocol(stored["protocol"], protocol)
    version = stored.get("version")
    first += [line, Line(version == __version__, f"version: {version}, now {__version__}")]
    yield from first
    if loaded is None:
        return
    try:
        uid = stored["plan"].get("sop_instance_uid")
        plan = read_plan(path, plan=plan_name or uid, assume_linked=assume_linked)
        again = _again(stored, loaded, plan)
    except HardcheckError as error:
        if all(line.same for line in first):
            raise
        yield Line(False, f"the evaluation could not be computed again: {error}")
        return
    yield from evaluation_lines(stored, evaluation_document(again))


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


def _again(stored: Mapping[str, Any], protocol: Protocol, plan: Any) -> Evaluation:
    """The evaluation with the settings that it was made with."""
    from hardcheck.evaluation import evaluate

    settings = stored["provenance"]["settings"]
    levels, mapping, absent, aliases = (settings.get(name) or kind() for name, kind in _KINDS.items())
    kinds = zip((levels, mapping, absent, aliases), _KINDS.values(), strict=True)
    known = all(isinstance(value, kind) for value, kind in kinds)
    if not known or not all(isinstance(dose, int | float) for dose in levels.values()):
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
    )


_KINDS: dict[str, type] = {"levels": dict, "mapping": dict, "absent": list, "aliases": dict}
