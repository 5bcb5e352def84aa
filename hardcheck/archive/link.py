"""From the headers of all files of an archive to its plans, and to one bin for every file.

Files belong together by their UIDs alone, wherever they lie. What they do not prove is not guessed: such a plan is
not complete, with a reason. Nothing depends on the order of the files.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from hardcheck.dicom import Header
from hardcheck.errors import one_line

_PLAN: Final = "RTPLAN"
_STRUCTURES: Final = "RTSTRUCT"
_DOSE: Final = "RTDOSE"
_IMAGES: Final = frozenset({"CT", "MR", "PT"})
_LISTED: Final = 5
"""Files that one reason names."""


class Bin(StrEnum):
    """Where a file is counted; and, but for the first and the images, why a plan is not complete."""

    PLAN = "plan"
    """It is part of a complete plan."""
    IMAGE = "image"
    OTHER = "other"
    """DICOM of another kind."""
    FOREIGN = "foreign"
    """Not DICOM."""
    DUPLICATE = "duplicate"
    """The same object with the same content is counted already."""
    CONFLICT = "conflict"
    """The same SOP Instance UID stands for several contents."""
    UNREADABLE = "unreadable"
    UNLINKED = "unlinked"
    """A plan without structures or dose, structures or a dose of no complete plan."""


_FIRST: Final = (Bin.CONFLICT, Bin.UNREADABLE, Bin.UNLINKED)
"""Of several reasons why a plan is not complete, which of them is said."""


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """A file of the archive with its header. `content` is needed only where others have the same UID: `uncompared`."""

    path: str
    header: Header
    content: str = ""
    """SHA-256 of the data set, empty where it is not known."""


@dataclass(frozen=True, slots=True)
class Place:
    """The one bin of a file, and why it is there; empty for those that need no reason."""

    path: str
    bin: Bin
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LinkedPlan:
    """One RTPLAN with all that is of it. Paths are relative to the archive.

    A complete one (`bin` is PLAN) has a structure set and a dose at least; whether the doses are the whole plan's is
    decided where they are read. `reason` says why another is not complete.
    """

    uid: str
    header: Header
    plan: str
    bin: Bin = Bin.PLAN
    reason: str = ""
    structures: str = ""
    doses: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    """CT images in the frame of reference of the dose: of the series that the structures were drawn on, where it is
    there."""
    rois: tuple[tuple[int, str], ...] = ()
    """ROINumber and ROIName of the structure set."""

    @property
    def is_complete(self) -> bool:
        """Whether it can be read and evaluated."""
        return self.bin is Bin.PLAN

    @property
    def files(self) -> tuple[str, ...]:
        """The paths of its RT objects, of a complete plan."""
        return (self.plan, self.structures, *self.doses)


@dataclass(frozen=True, slots=True)
class Linked:
    """The plans of an archive by path, and the place of each file, by path."""

    plans: tuple[LinkedPlan, ...]
    places: tuple[Place, ...]

    @property
    def account(self) -> dict[Bin, int]:
        """How many files are in each bin; together they are all files."""
        counts = Counter(place.bin for place in self.places)
        return {each: counts[each] for each in Bin}


def uncompared(files: Iterable[IndexedFile]) -> tuple[IndexedFile, ...]:
    """The usable files that share their UID with others and whose content is not known yet, by path."""
    groups = _by_uid(file for file in files if file.header.problem is None)
    shared = (file for group in groups.values() if len(group) > 1 for file in group if not file.content)
    return tuple(sorted(shared, key=lambda file: file.path))


def link(files: Iterable[IndexedFile]) -> Linked:
    """The plans and the places of `files`, whose paths are all different (else ValueError).

    Files that share a UID and whose `content` is empty are not shown to be the same, and so in conflict.
    """
    ordered = sorted(files, key=lambda file: file.path)
    if len({file.path for file in ordered}) != len(ordered):
        raise ValueError("a path is there twice")
    index = _Index.of(ordered)
    plans = sorted((*index.plans(), *index.lost_plans()), key=lambda plan: plan.plan)
    places = {**index.places, **_places_of_objects(index, plans)}
    return Linked(tuple(plans), tuple(places[file.path] for file in ordered))


def _by_uid(files: Iterable[IndexedFile]) -> dict[str, list[IndexedFile]]:
    groups: dict[str, list[IndexedFile]] = defaultdict(list)
    for file in files:
        if file.header.uid:
            groups[file.header.uid].append(file)
    return groups


@dataclass(slots=True)
class _Index:
    """The usable objects by UID, and those that cannot be used."""

    objects: dict[str, IndexedFile] = field(default_factory=dict)
    conflicts: dict[str, list[IndexedFile]] = field(default_factory=dict)
    broken: list[IndexedFile] = field(default_factory=list)
    """Unreadable ones, of whose object there is no usable file."""
    lost_structures: dict[str, tuple[Bin, str]] = field(default_factory=dict)
    """Why a structure set is of no use, by its UID."""
    lost_doses: dict[str, tuple[Bin, str]] = field(default_factory=dict)
    """Why a dose is of no use, by the UID of its plan."""
    places: dict[str, Place] = field(default_factory=dict)
    doses_of: Mapping[str, list[IndexedFile]] = field(default_factory=dict)
    images_of: Mapping[str, list[IndexedFile]] = field(default_factory=dict)

    @classmethod
    def of(cls, ordered: Sequence[IndexedFile]) -> _Index:
        index = cls()
        usable = []
        for file in ordered:
            if file.header.problem is None:
                usable.append(file)
            else:
                where = Bin.FOREIGN if file.header.is_foreign else Bin.UNREADABLE
                index.places[file.path] = Place(file.path, where, file.header.problem)
        for uid, group in _by_uid(usable).items():
            index._tell(uid, group)
        for file in usable:
            if not file.header.uid:
                index.places[file.path] = Place(file.path, Bin.OTHER)
        known = {(file.header.kind, file.header.uid) for file in usable}
        index.broken = [f for f in ordered if f.header.problem and (f.header.kind, f.header.uid) not in known]
        index._tell_lost()
        index.doses_of = _under((f for f in index.objects.values() if f.header.kind == _DOSE), plans=True)
        index.images_of = _under((f for f in index.objects.values() if f.header.kind == "CT"), plans=False)
        return index

    def _tell(self, uid: str, group: list[IndexedFile]) -> None:
        """The one object that files of the same UID are, or that they are in conflict."""
        first, *others = group
        if others and (not first.content or {file.content for file in group} != {first.content}):
            self.conflicts[uid] = group
            reason = f"{len(group)} files have the SOP Instance UID {uid} and different content: {_named(group)}"
            self.places.update({file.path: Place(file.path, Bin.CONFLICT, reason) for file in group})
            return
        self.objects[uid] = first
        same = one_line(f"the same object as {first.path}")
        self.places.update({file.path: Place(file.path, Bin.DUPLICATE, same) for file in others})
        kind = first.header.kind
        if kind not in (_PLAN, _STRUCTURES, _DOSE):
            self.places[first.path] = Place(first.path, Bin.IMAGE if kind in _IMAGES else Bin.OTHER)

    def _tell_lost(self) -> None:
        """What cannot be used and would be of a plan; a conflict goes before what is damaged."""
        lost = [
            (file, Bin.CONFLICT, f"its {file.header.kind} has one UID and different contents: {_named(group)}")
            for group in self.conflicts.values()
            for file in group
        ]
        lost += [
            (file, Bin.UNREADABLE, f"its {file.header.kind} {file.path}: {file.header.problem}") for file in self.broken
        ]
        for file, where, reason in lost:
            if file.header.kind == _STRUCTURES and file.header.uid:
                self.lost_structures.setdefault(file.header.uid, (where, reason))
            for uid in file.header.plans:
                self.lost_doses.setdefault(uid, (where, reason))

    def of_kind(self, kind: str) -> Iterator[IndexedFile]:
        """The usable objects of a kind."""
        return (file for file in self.objects.values() if file.header.kind == kind)

    def plans(self) -> Iterator[LinkedPlan]:
        """One for each usable RTPLAN."""
        for file in self.of_kind(_PLAN):
            yield self._plan(file)

    def lost_plans(self) -> Iterator[LinkedPlan]:
        """One for each RTPLAN that is there and cannot be used."""
        for uid, group in self.conflicts.items():
            if first := next((file for file in group if file.header.kind == _PLAN), None):
                yield LinkedPlan(uid, first.header, first.path, Bin.CONFLICT, self.places[first.path].reason)
        told = set()
        for file in self.broken:
            if file.header.kind == _PLAN and file.header.uid not in told:
                told |= {file.header.uid} - {""}
                reason = self.places[file.path].reason
                yield LinkedPlan(file.header.uid, file.header, file.path, Bin.UNREADABLE, reason)

    def _plan(self, file: IndexedFile) -> LinkedPlan:
        wanted = file.header.structure_sets
        sets = [uid for uid in wanted if self._is(uid, _STRUCTURES)]
        doses = self.doses_of.get(file.header.uid, [])
        reasons = [*self._lack_of_structures(wanted, sets), *self._lack_of_doses(file.header.uid, doses)]
        where, reason = min(reasons, key=lambda each: _FIRST.index(each[0]), default=(Bin.PLAN, ""))
        structures = self.objects[sets[0]] if len(sets) == 1 else None
        return LinkedPlan(
            uid=file.header.uid,
            header=file.header,
            plan=file.path,
            bin=where,
            reason=one_line(reason),
            structures="" if structures is None else structures.path,
            doses=tuple(dose.path for dose in doses),
            images=() if structures is None or not doses else self._images(structures, doses[0]),
            rois=() if structures is None else structures.header.rois,
        )

    def _is(self, uid: str, kind: str) -> bool:
        return uid in self.objects and self.objects[uid].header.kind == kind

    def _lack_of_structures(self, wanted: Sequence[str], found: Sequence[str]) -> Iterator[tuple[Bin, str]]:
        if not wanted:
            yield Bin.UNLINKED, "the RTPLAN refers to no RTSTRUCT"
        elif len(found) > 1:
            yield Bin.UNLINKED, f"the RTPLAN refers to {len(found)} RTSTRUCTs"
        elif not found:
            absent = (Bin.UNLINKED, f"its RTSTRUCT {wanted[0]} is not in the archive")
            yield next((self.lost_structures[uid] for uid in wanted if uid in self.lost_structures), absent)

    def _lack_of_doses(self, uid: str, found: Sequence[IndexedFile]) -> Iterator[tuple[Bin, str]]:
        """Also where one of several is of no use: a dose that is left out must not be taken for none."""
        if uid in self.lost_doses:
            yield self.lost_doses[uid]
        elif not found:
            yield Bin.UNLINKED, "no RTDOSE in the archive refers to the RTPLAN"

    def _images(self, structures: IndexedFile, dose: IndexedFile) -> tuple[str, ...]:
        frames = (*dose.header.frames_of_reference, *structures.header.frames_of_reference)
        near = self.images_of.get(frames[0], []) if frames else []
        drawn_on = [file for file in near if file.header.series_uid in structures.header.image_series]
        return tuple(file.path for file in drawn_on or near)


def _under(files: Iterable[IndexedFile], *, plans: bool) -> dict[str, list[IndexedFile]]:
    """Files by each plan that they are of, or by their frame of reference."""
    found: dict[str, list[IndexedFile]] = defaultdict(list)
    for file in files:
        for uid in dict.fromkeys(file.header.plans if plans else file.header.frames_of_reference):
            found[uid].append(file)
    return {uid: sorted(group, key=lambda file: file.path) for uid, group in found.items()}


def _places_of_objects(index: _Index, plans: Sequence[LinkedPlan]) -> dict[str, Place]:
    """The places of the usable RT objects: in a complete plan, or why not."""
    complete = {path for plan in plans if plan.is_complete for path in plan.files}
    reasons = {plan.plan: plan.reason for plan in plans if not plan.is_complete}
    of_plan = {plan.uid: plan for plan in plans}
    found = {}
    for file in index.objects.values():
        if file.path in index.places:
            continue
        if file.path in complete:
            found[file.path] = Place(file.path, Bin.PLAN)
        else:
            reason = reasons.get(file.path) or _orphan(file, of_plan)
            found[file.path] = Place(file.path, Bin.UNLINKED, one_line(reason))
    return found


def _orphan(file: IndexedFile, plans: Mapping[str, LinkedPlan]) -> str:
    """Why structures or a dose are of no complete plan."""
    if file.header.kind == _STRUCTURES:
        return "no complete plan refers to it"
    if not file.header.plans:
        return "the RTDOSE does not say which plan it is of"
    uid = file.header.plans[0]
    return (
        f"its plan is not complete: {plans[uid].reason}" if uid in plans else f"its RTPLAN {uid} is not in the archive"
    )


def _named(group: Sequence[IndexedFile]) -> str:
    more = f" and {len(group) - _LISTED} more" if len(group) > _LISTED else ""
    return one_line(", ".join(file.path for file in group[:_LISTED]) + more)
