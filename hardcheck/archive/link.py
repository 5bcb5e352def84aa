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
_CT: Final = "CT"
_IMAGES: Final = frozenset({_CT, "MR", "PT"})
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
    """The same SOP Instance UID stands for several contents, or for one of which there is a damaged copy."""
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
    lost: tuple[str, ...] = ()
    """Damaged doses and CT images, by path, that tell no plan that is here: they may be of any, or of one that is not
    here."""

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
    return Linked(tuple(plans), tuple(places[file.path] for file in ordered), index.lost(plans))


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
    """Usable files whose UID stands for another content too, or for what is damaged."""
    broken: list[IndexedFile] = field(default_factory=list)
    """Unreadable ones."""
    broken_copies: Mapping[str, list[IndexedFile]] = field(default_factory=dict)
    """The unreadable ones by UID."""
    lost_structures: dict[str, tuple[Bin, str]] = field(default_factory=dict)
    """Why a structure set is of no use, by its UID."""
    lost_doses: dict[str, tuple[Bin, str]] = field(default_factory=dict)
    """Why a dose is of no use, by the UID of its plan."""
    lost_images: dict[str, tuple[Bin, str]] = field(default_factory=dict)
    """Why a CT image is of no use, by its frame of reference and by its series."""
    lost_of_study: dict[str, tuple[Bin, str]] = field(default_factory=dict)
    """Why a dose or CT image is of no use that does not tell its plan or frame of reference, by its study."""
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
                index.broken.append(file)
                where = Bin.FOREIGN if file.header.is_foreign else Bin.UNREADABLE
                index.places[file.path] = Place(file.path, where, file.header.problem)
        index.broken_copies = _by_uid(index.broken)
        for uid, group in _by_uid(usable).items():
            index._tell(uid, group)
        for file in usable:
            if not file.header.uid:
                index.places[file.path] = Place(file.path, Bin.OTHER)
        index._tell_lost()
        index.doses_of = _under((f for f in index.objects.values() if f.header.kind == _DOSE), plans=True)
        index.images_of = _under((f for f in index.objects.values() if f.header.kind == _CT), plans=False)
        return index

    def _tell(self, uid: str, group: list[IndexedFile]) -> None:
        """The one object that files of the same UID are, or that they are in conflict."""
        first, *others = group
        damaged = self.broken_copies.get(uid, [])
        reason = ""
        if others and (not first.content or {file.content for file in group} != {first.content}):
            reason = f"{len(group)} files have the SOP Instance UID {uid} and different content: {_named(group)}"
        elif damaged:
            reason = (
                f"a file with its SOP Instance UID {uid} is damaged, and not shown to be the same: {_named(damaged)}"
            )
        if reason:
            self.conflicts[uid] = group
            self.places.update({file.path: Place(file.path, Bin.CONFLICT, one_line(reason)) for file in group})
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
            (file, Bin.CONFLICT, self._conflict(file, group)) for group in self.conflicts.values() for file in group
        ]
        lost += [
            # Of what has a usable copy, which it need not be a copy of, the UID is in conflict.
            (file, Bin.CONFLICT, self._conflict(file, self.conflicts[file.header.uid]))
            if file.header.uid in self.conflicts
            else (file, Bin.UNREADABLE, f"its {file.header.kind} {file.path}: {file.header.problem}")
            for file in self.broken
        ]
        for file, where, reason in lost:
            if file.header.kind == _STRUCTURES and file.header.uid:
                self.lost_structures.setdefault(file.header.uid, (where, reason))
            for uid in file.header.plans:
                self.lost_doses.setdefault(uid, (where, reason))
            for uid in _drawn_in(file):
                self.lost_images.setdefault(uid, (where, reason))
        for file in self._unplaced():
            if study := file.header.study_uid:
                what = "dose" if file.header.kind == _DOSE else "CT image"
                reason = f"a {what} of the same study is damaged: {file.path}: {file.header.problem}"
                self.lost_of_study.setdefault(study, (Bin.UNREADABLE, reason))

    def _conflict(self, file: IndexedFile, group: Sequence[IndexedFile]) -> str:
        kind, damaged = file.header.kind, self.broken_copies.get(file.header.uid, [])
        if damaged:
            path, problem = damaged[0].path, damaged[0].header.problem
            return f"its {kind} {group[0].path} has the UID of a damaged file, {path}: {problem}"
        return f"its {kind} has one UID and different contents: {_named(group)}"

    def _unplaced(self) -> Iterator[IndexedFile]:
        """Damaged doses and CT images that do not tell, nor does a file of their UID, plan or frame of reference."""
        files = [*self.broken, *(file for group in self.conflicts.values() for file in group)]
        placed = {(file.header.kind, file.header.uid) for file in files if file.header.uid and _is_placed(file)}
        for file in self.broken:
            header = file.header
            if header.kind in (_DOSE, _CT) and not _is_placed(file) and (header.kind, header.uid) not in placed:
                yield file

    def lost(self, plans: Iterable[LinkedPlan]) -> tuple[str, ...]:
        """The damaged doses of no study of `plans`, and CT images of none at all, by path."""
        studies = {plan.header.study_uid for plan in plans} - {""}
        return tuple(
            file.path
            for file in self._unplaced()
            if file.header.study_uid not in studies
            and (file.header.kind == _DOSE or not (file.header.study_uid or _drawn_in(file)))
        )

    def of_kind(self, kind: str) -> Iterator[IndexedFile]:
        """The usable objects of a kind."""
        return (file for file in self.objects.values() if file.header.kind == kind)

    def plans(self) -> Iterator[LinkedPlan]:
        """One for each usable RTPLAN."""
        for file in self.of_kind(_PLAN):
            yield self._plan(file)

    def lost_plans(self) -> Iterator[LinkedPlan]:
        """One for each RTPLAN that is there and cannot be used."""
        told = set()
        for uid, group in self.conflicts.items():
            if first := next((file for file in group if file.header.kind == _PLAN), None):
                told.add(uid)
                yield LinkedPlan(uid, first.header, first.path, Bin.CONFLICT, self.places[first.path].reason)
        for file in self.broken:
            if file.header.kind == _PLAN and file.header.uid not in told:
                told |= {file.header.uid} - {""}
                reason = self.places[file.path].reason
                yield LinkedPlan(file.header.uid, file.header, file.path, Bin.UNREADABLE, reason)

    def _plan(self, file: IndexedFile) -> LinkedPlan:
        wanted = file.header.structure_sets
        sets = [uid for uid in wanted if self._is(uid, _STRUCTURES)]
        doses = self.doses_of.get(file.header.uid, [])
        structures = self.objects[sets[0]] if len(sets) == 1 else None
        reasons = [*self._lack_of_structures(wanted, sets), *self._lack_of_doses(file.header, doses)]
        if structures is not None and doses:
            reasons += self._lack_of_images(structures, doses[0])
        where, reason = min(reasons, key=lambda each: _FIRST.index(each[0]), default=(Bin.PLAN, ""))
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

    def _lack_of_doses(self, header: Header, found: Sequence[IndexedFile]) -> Iterator[tuple[Bin, str]]:
        """Also where one of several is of no use: a dose that is left out must not be taken for none."""
        if header.uid in self.lost_doses:
            yield self.lost_doses[header.uid]
        elif header.study_uid in self.lost_of_study:
            yield self.lost_of_study[header.study_uid]
        elif not found:
            yield Bin.UNLINKED, "no RTDOSE in the archive refers to the RTPLAN"

    def _lack_of_images(self, structures: IndexedFile, dose: IndexedFile) -> Iterator[tuple[Bin, str]]:
        """A plan may have no CT, but not one that is left out: it may be of another patient."""
        near, frames = self._near(structures, dose), _frames(structures, dose)
        series = (*structures.header.image_series, *(file.header.series_uid for file in near))
        for uid in dict.fromkeys((*frames[:1], *series)):
            if uid in self.lost_images:
                yield self.lost_images[uid]

    def _images(self, structures: IndexedFile, dose: IndexedFile) -> tuple[str, ...]:
        near = self._near(structures, dose)
        drawn_on = [file for file in near if file.header.series_uid in structures.header.image_series]
        # One of somebody else is of no series of the plan, and has to be seen by the check that asks for one patient.
        strange = [file for file in near if file.header.patient_id != structures.header.patient_id]
        return tuple(sorted({file.path for file in (*(drawn_on or near), *strange)}))

    def _near(self, structures: IndexedFile, dose: IndexedFile) -> list[IndexedFile]:
        """The CT images in the plan's frame of reference."""
        frames = _frames(structures, dose)
        return self.images_of.get(frames[0], []) if frames else []


def _frames(structures: IndexedFile, dose: IndexedFile) -> tuple[str, ...]:
    """Frames of reference, of which the first is the plan's."""
    return (*dose.header.frames_of_reference, *structures.header.frames_of_reference)


def _is_placed(file: IndexedFile) -> bool:
    """Whether a dose tells its plan, or an image its frame of reference."""
    return any(file.header.plans if file.header.kind == _DOSE else file.header.frames_of_reference)


def _drawn_in(file: IndexedFile) -> tuple[str, ...]:
    """Frame of reference and series of a CT image, as far as they are told; none of what is no CT."""
    header = file.header
    return tuple(filter(None, (*header.frames_of_reference, header.series_uid))) if header.kind == _CT else ()


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
