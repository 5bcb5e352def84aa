"""Whether files, protocol, version and evaluation are still the same as when an evaluation was written."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hardcheck.errors import UsageError
from hardcheck.report.seal import is_acceptance_intact, is_intact

ROUNDING: Final = 1e-9
"""Of a number that was computed again: another version of a library may add up in another order."""

ABOUT_THE_FOLDER: Final = "files-skipped"
"""The finding that tells of other files beside the plan: not of what the evaluation rests on."""


LISTED: Final = 5
"""Files that one line names."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was held against what it was."""

    same: bool
    text: str


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that is there now. `sha256` is None, and `problem` says why, where it could not be read."""

    name: str
    sop_instance_uid: str
    sha256: str | None
    problem: str | None


def require_checksums(document: Mapping[str, Any]) -> None:
    """UsageError where the evaluation cannot be verified, since it says too little about what it rests on."""
    do = "keep the JSON of a check without --anonymous"
    if document.get("anonymous"):
        raise UsageError("it cannot be verified: it was written without identity, so without checksums", do=do)
    inputs = document["provenance"]["inputs"]
    if not inputs or not all(isinstance(item.get("sha256"), str) and item.get("sop_instance_uid") for item in inputs):
        raise UsageError("it cannot be verified: it has no checksums of the files that it rests on", do=do)
    if not isinstance(document["provenance"].get("evaluation_sha256"), str):
        raise UsageError("it cannot be verified: it carries no checksum of itself", do="run 'hardcheck check' again")


def self_lines(document: Mapping[str, Any], name: str) -> Iterator[Line]:
    """Whether the evaluation, in the file `name`, and what people accepted in it are as they were written."""
    same = is_intact(document)
    yield Line(same, f"{name}: {'as it was written' if same else 'changed after it was written'}")
    if accepted := document.get("accepted"):
        same = is_acceptance_intact(document)
        said = "as they were written" if same else "changed after they were written"
        yield Line(same, f"{name}: what was accepted ({len(accepted)}): {said}")
    elif not is_acceptance_intact(document):
        yield Line(False, f"{name}: what was accepted was taken out")


def input_lines(document: Mapping[str, Any], files: Sequence[FoundFile]) -> Iterator[Line]:
    """Each file that the evaluation rests on, among the `files` that are there now."""
    known = {found.sha256: found for found in files if found.sha256 is not None}
    recorded = {item["sha256"] for item in document["provenance"]["inputs"]}
    instead = [
        f"{f.name} ({f.problem or 'another file'})" for f in files if f.problem or f.sha256 not in recorded | {None}
    ]
    for item in document["provenance"]["inputs"]:
        what = f"{item.get('modality') or 'file'} {item['sop_instance_uid']}"
        others = [found for found in files if found.sop_instance_uid == item["sop_instance_uid"]]
        if item["sha256"] in known:
            yield Line(True, f"{what}: {known[item['sha256']].name}")
        elif others:
            yield Line(False, f"{what}: {', '.join(found.name for found in others)} is not the file that it was")
        else:
            beside = f"; there is {', '.join(instead[:LISTED])}" if instead else ""
            yield Line(False, f"{what}: not there, or changed beyond reading{beside}")


def evaluation_lines(stored: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Line]:
    """What was computed, held against `document`, which was computed again."""
    yield _line("verdict", stored.get("verdict") == document["verdict"], f"{stored.get('verdict')}")
    before, after = (_by_goal(d["goals"]) for d in (stored, document))
    for key in dict.fromkeys((*before, *after)):
        name = key[0] if key[1] is None else f"{key[0]} of ROI {key[1]}"
        if key not in before or key not in after:
            yield Line(False, f"goal {name}: {'not there any more' if key in before else 'was not there'}")
        elif changed := _differing(before[key], after[key]):
            yield Line(False, f"goal {name}: {', '.join(changed)} computed again is not what is written")
    if all(key in after and not _differing(before[key], after[key]) for key in before) and len(before) == len(after):
        yield Line(True, f"goals: {len(before)} computed again")
    for name in ("levels", "reported", "dose_scale", "plan"):
        if not _same(stored.get(name), document[name]):
            yield Line(False, f"{name}: computed again is not what is written")
    yield _line("findings about the plan", _same(_findings(stored), _findings(document)))
    inputs = [{(i["sop_instance_uid"], i["sha256"]) for i in d["provenance"]["inputs"]} for d in (stored, document)]
    if inputs[1] - inputs[0]:
        yield Line(False, "inputs: the plan rests on other files than it did")


def _line(what: str, same: bool, said: str = "computed again") -> Line:
    return Line(same, f"{what}: {said}" if same else f"{what}: computed again is not what is written")


def _by_goal(goals: Iterable[Mapping[str, Any]]) -> dict[tuple[str, int | None], Mapping[str, Any]]:
    return {(goal["id"], goal.get("roi_number")): goal for goal in goals}


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return [name for name in before if not _same(before[name], after.get(name))]


def _findings(document: Mapping[str, Any]) -> list[Any]:
    return [finding for finding in document["integrity"] if finding["id"] != ABOUT_THE_FOLDER]


def _same(before: Any, after: Any) -> bool:
    """Whether both say the same; what only the later one has, as a later version writes more, is not looked at."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return all(name in after and _same(value, after[name]) for name, value in before.items())
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(_same(a, b) for a, b in zip(before, after, strict=True))
    if isinstance(before, float) and isinstance(after, float):
        return math.isclose(before, after, rel_tol=ROUNDING, abs_tol=ROUNDING)
    return bool(before == after) and isinstance(before, bool) == isinstance(after, bool)
