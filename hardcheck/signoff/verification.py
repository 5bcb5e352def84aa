"""Whether files, protocol, version and evaluation are still the same as when an evaluation was written."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from hardcheck.errors import UsageError
from hardcheck.report.seal import is_acceptance_intact, is_intact

ROUNDING: Final = 1e-9
"""Of a number that was computed again: another version of a library may add up in another order."""

NOT_HELD: Final = {
    ("version",): "has a line of its own",
    ("protocol", "sha256"): "has a line of its own, from the protocol file",
    ("provenance", "evaluation_sha256"): "the checksum of all this: the document itself is held against it",
    ("accepted",): "what people wrote is computed by nobody; it has a checksum of its own",
    ("accepted_sha256",): "that checksum: what was accepted is held against it",
    ("provenance", "versions", "python"): "of the machine, not of the plan: what it computes is held to ROUNDING",
    ("provenance", "versions", "numpy"): "as python",
    ("provenance", "versions", "pydicom"): "as python",
}
"""What is written and may be another when it is computed again, and why. That it is there is looked at."""

ABOUT_THE_FOLDER: Final = "files-skipped"
"""The one finding that is not looked at: it tells of other files beside the plan, which may come and go. What the
evaluation rests on is in its inputs."""

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


def exports_of(document: Mapping[str, Any]) -> dict[str, str | None]:
    """The text files whose DVHs stood beside ours, by name, with their SHA-256; None where there is none of it."""
    names, opinions = document["provenance"]["settings"].get("tps"), document.get("second_opinion")
    found: dict[str, str | None] = {str(name): None for name in names} if isinstance(names, list) else {}
    for opinion in opinions if isinstance(opinions, list) and _are_items(opinions) else ():
        if opinion.get("file"):
            found[str(opinion["file"])] = opinion.get("sha256")
    return found


def evaluation_lines(stored: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Line]:
    """All that was computed, held against `document`, which was computed again, but for what is NOT_HELD.

    Both ways where this version wrote it. Of an older one, what only `document` has is what is written by now.
    """
    if stored.get("verdict") == document["verdict"]:
        yield Line(True, f"verdict: {document['verdict']}")
    exact = stored.get("version") == document["version"]
    rest = dict(stored)
    others: dict[str, Any] = dict(document)
    for items in _ITEMS:
        before, after = (items.of(d) for d in (stored, document))
        if before is None or after is None:
            continue
        _leave_out(items.place, rest, others)
        differing = list(_item_lines(items, before, after, exact=exact))
        yield from differing
        if not differing and items.place in (("goals",), ("integrity",)):
            yield Line(True, f"{items.what}s: {len(before)} computed again")
    whole = list(_rest_lines(rest, others, exact=exact))
    yield from whole or [Line(True, "all else that is written: computed again")]


class _Kind(StrEnum):
    """How one place of a document differs from what is computed again."""

    CHANGED = "computed again is not what is written"
    TAKEN_OUT = "computed, and not written"
    ADDED = "written, and not computed"


_Difference = tuple[_Kind, tuple[str, ...]]
"""What, and where: the keys, and the numbers from 1, that lead to it."""


@dataclass(frozen=True, slots=True)
class _Items:
    """A list whose order says nothing, and what an item of it is told by."""

    place: tuple[str, ...]
    what: str
    keys: tuple[str, ...]

    def of(self, document: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
        """The items in `document` that are looked at, None where there is no such list."""
        found: Any = document
        for name in self.place:
            found = found.get(name) if isinstance(found, Mapping) else None
        if not _are_items(found):
            return None
        return [item for item in found if self.place != ("integrity",) or item.get("id") != ABOUT_THE_FOLDER]

    def named(self, found: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
        """Those of each name."""
        several: dict[str, list[Mapping[str, Any]]] = {}
        for item in found:
            several.setdefault(self.name(item), []).append(item)
        return several

    def name(self, item: Mapping[str, Any]) -> str:
        """What an item is called in a line, and what tells it from others."""
        said = [self.what]
        for key in self.keys:
            value = item.get(key)
            if key == "roi_number":
                said += [] if value is None else [f"of ROI {value}"]
            elif key == "structures":
                said += [f"of {', '.join(map(str, value))}"] if isinstance(value, list) and value else []
            else:
                said.append(str(value))
        return " ".join(said)


_ITEMS: Final = (
    _Items(("goals",), "goal", ("id", "roi_number")),
    _Items(("integrity",), "finding", ("id", "structures")),
    _Items(("reported",), "reported", ("structure", "metric", "roi_number")),
    _Items(("structures",), "structure", ("name",)),
    _Items(("lattice",), "vertices", ("structure", "roi_number")),
    _Items(("provenance", "inputs"), "input", ("sop_instance_uid",)),
)


def _are_items(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)


def _leave_out(place: tuple[str, ...], *documents: dict[str, Any]) -> None:
    """Take what is at `place` out of each of these copies, and leave what they were copied from."""
    for document in documents:
        at = document
        for name in place[:-1]:
            at[name] = at = dict(at[name])
        del at[place[-1]]


def _item_lines(
    items: _Items, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], *, exact: bool
) -> Iterator[Line]:
    """A line for each name that does not stand for the same in both, and as often."""
    written, computed = items.named(before), items.named(after)
    for name in dict.fromkeys((*written, *computed)):
        old, new = written.get(name, []), computed.get(name, [])
        if len(old) != len(new):
            yield Line(False, f"{name}: {_how_often(len(old), len(new))}")
            continue
        for one, other in _unlike(old, new, exact=exact):
            yield Line(False, f"{name}: {_said(_differences(one, other, (), exact=exact))}")


def _how_often(written: int, computed: int) -> str:
    if not computed:
        return "written, and not there when computed again"
    if not written:
        return "there when computed again, and not written"
    times = ["once" if count == 1 else f"{count} times" for count in (written, computed)]
    return f"written {times[0]}, and there {times[1]} when computed again"


def _unlike(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], *, exact: bool
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Of as many items of one name, those without their like, in pairs."""
    left = list(after)
    unlike = []
    for one in before:
        place = next((n for n, other in enumerate(left) if not any(_differences(one, other, (), exact=exact))), None)
        if place is None:
            unlike.append(one)
        else:
            del left[place]
    yield from zip(unlike, left, strict=True)


def _rest_lines(before: Mapping[str, Any], after: Mapping[str, Any], *, exact: bool) -> Iterator[Line]:
    """A line for each part of the document that differs."""
    differing = list(_differences(before, after, (), exact=exact))
    for part in dict.fromkeys(place[0] for _, place in differing):
        inside = ((kind, place[1:]) for kind, place in differing if place[0] == part)
        yield Line(False, f"{part}: {_said(inside)}")


def _said(differing: Iterable[_Difference]) -> str:
    """The places that differ, those of each kind together."""
    places: dict[_Kind, list[str]] = {}
    for kind, place in differing:
        places.setdefault(kind, []).append(".".join(place))
    return "; ".join(f"{_listed(names)}{kind}" for kind, names in places.items())


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    said = ", ".join(name for name in names[:LISTED] if name)
    return f"{said}{more} " if said else ""


def _differences(before: Any, after: Any, place: tuple[str, ...], *, exact: bool) -> Iterator[_Difference]:
    """Where both differ; without `exact`, what only `after` has under a key is no difference."""
    if place in NOT_HELD:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys((*before, *after)):
            inside = (*place, str(name))
            if name not in after:
                yield _Kind.ADDED, inside
            elif name in before:
                yield from _differences(before[name], after[name], inside, exact=exact)
            elif exact:
                yield _Kind.TAKEN_OUT, inside
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True), 1):
            yield from _differences(one, other, (*place, str(number)), exact=exact)
    elif not _is_same(before, after):
        yield _Kind.CHANGED, place


def _is_same(before: object, after: object) -> bool:
    if isinstance(before, float) and isinstance(after, float):
        return math.isclose(before, after, rel_tol=ROUNDING, abs_tol=ROUNDING)
    return bool(before == after) and isinstance(before, bool) == isinstance(after, bool)
