"""Which ROI is which structure of the protocol.

An ROI matches when its name is the protocol structure's name or one of its aliases, of the protocol or of the site.
Names are compared after `normal`, which forgives case and separators and nothing else: nothing is guessed, so planning
volumes, rings and optimisation structures match only where an alias names them.

An ROI that marks a place, such as an isocentre, is left out beside another of the same name that has a volume, and the
match says so; beside one of another alias it is not. Alone it stays the match, of which nothing can be evaluated: a
person has to look.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, Protocol, TypeVar

from hardcheck.errors import UsageError, one_line
from hardcheck.protocol.protocol import Protocol as PlanProtocol
from hardcheck.protocol.protocol import ProtocolStructure
from hardcheck.spelling import did_you_mean, near_names


class Roi(Protocol):
    """What matching needs to know of an ROI."""

    @property
    def number(self) -> int:
        """ROINumber (3006,0022)."""

    @property
    def name(self) -> str:
        """ROIName (3006,0026)."""

    @property
    def is_mark(self) -> bool:
        """Whether it marks places and can be no volume."""

    @property
    def unusable(self) -> str | None:
        """Why no volume can be made of it, None where one can be tried."""


R = TypeVar("R", bound=Roi)

NOT_CONTOURED: Final = "not contoured"
"""How the reason begins where no ROI is the structure; what follows says why it could not be made of others either."""

_SEPARATORS: Final = re.compile(r"(?<!^)(?:(?P<in_number>(?<=[0-9])[ _-]+(?=[0-9]))|[ _-]+|\.(?![0-9]))", re.ASCII)
"""What may stand between the parts of a name. A leading one is kept, since AAPM TG-263 sets optimisation
structures apart by it (``_Cord``); so is the point in 0.5 and .5, and one between digits: ``PTV_1_1`` is not
``PTV_11``. Other signs mean something in TG-263: ``Lungs~`` is a part of the lungs, ``PTV!`` is cropped, ``Cord+5`` is
expanded."""


def normal(name: str) -> str:
    """The form in which names are compared: composed, case folded, without separators between the parts."""
    folded = unicodedata.normalize("NFC", name).strip().casefold()
    return _SEPARATORS.sub(lambda found: "_" if found["in_number"] else "", folded)


class How(StrEnum):
    """How an ROI was found to be a structure of the protocol."""

    NAME = "name"
    ALIAS = "alias"
    SITE_ALIAS = "site alias"
    MAP = "map"
    """The user decided."""
    EXPRESSION = "expression"
    """It is no ROI: it was made of others."""


@dataclass(frozen=True, slots=True)
class Way:
    """How an ROI was found, and the alias or the expression `by` which it was."""

    how: How
    by: str = ""

    def __str__(self) -> str:
        words = {
            How.NAME: "by its name",
            How.ALIAS: f"by the alias {self.by}",
            How.SITE_ALIAS: f"by the site's alias {self.by}",
            How.MAP: "chosen with --map",
            How.EXPRESSION: f"made: {self.by}",
        }
        return words[self.how]


@dataclass(frozen=True, slots=True)
class Match(Generic[R]):
    """The ROIs of one protocol structure: one, or several where each is evaluated as its own.

    `ways` says of each how it was found. Where none could be told, both are empty and `reason` says why, in one line.
    """

    name: str
    structures: tuple[R, ...]
    reason: str | None = None
    ways: tuple[Way, ...] = ()
    near: tuple[str, ...] = ()
    """Where none is contoured, names of ROIs that are no other structure and are spelled alike: a hint, no match."""
    marks: tuple[R, ...] = ()
    """ROIs of that name that mark places, such as an isocentre, and were left out beside one that has a volume."""

    @property
    def caveats(self) -> tuple[str, ...]:
        """What is to be known beside whatever is said of the structure, one line each."""
        return tuple(
            f"ROI {s.number} {s.name!r} has the name too and was left out: it marks a point" for s in self.marks
        )

    def way(self, number: int | None) -> Way | None:
        """How the ROI of that number was found; a structure that was made has no number that anybody knows."""
        for structure, way in zip(self.structures, self.ways, strict=True):
            if structure.number == number or (number is None and way.how is How.EXPRESSION):
                return way
        return None


def match_structures(
    protocol: PlanProtocol, structures: Sequence[R], mapping: Mapping[str, str] | None = None
) -> dict[str, Match[R]]:
    """The match of every structure of the protocol, by its name and in its order.

    `mapping` is what the user decided: the name of a protocol structure or the id of one of its goals, to an
    ROIName, or to an ROINumber (``7`` or ``#7``) where no ROI has that for a name. Ambiguity is never resolved in
    silence. Raises UsageError where `mapping` names something unknown or is itself ambiguous.
    """
    chosen = _chosen(protocol, structures, mapping or {})
    known = {normal(name) for wanted in protocol.structures for name in wanted.names}
    taken = {roi.number for roi in chosen.values()}
    free = [s.name for s in structures if normal(s.name) not in known and s.number not in taken]
    found = {}
    for wanted in protocol.structures:
        match = _match(wanted, structures, free)
        if wanted.name in chosen:
            match = _with_chosen(match, chosen[wanted.name], each=wanted.each)
        found[wanted.name] = match
    return found


def _with_chosen(match: Match[R], roi: R, *, each: bool) -> Match[R]:
    """`match` with the ROI that the user chose instead; beside the others where `each` of them is looked at.

    What is chosen for one femur must not take the other one out.
    """
    others = [(s, way) for s, way in zip(match.structures, match.ways, strict=True) if each and s is not roi]
    structures = (roi, *(s for s, _ in others))
    marks = tuple(s for s in match.marks if each and s is not roi)
    return Match(match.name, structures, None, (Way(How.MAP), *(way for _, way in others)), marks=marks)


def chosen_names(protocol: PlanProtocol, structures: Sequence[Roi], mapping: Mapping[str, str]) -> dict[str, str]:
    """The names of the ROIs that `mapping` chooses, by structure of the protocol.

    UsageError, beside those of `match_structures`, where another ROI is called the same.
    """
    chosen = _chosen(protocol, structures, mapping)
    for roi in chosen.values():
        if others := [s for s in structures if s is not roi and normal(s.name) == normal(roi.name)]:
            listed = " and ".join(f"{s.name!r} (#{s.number})" for s in (roi, *others))
            raise UsageError(
                f"an alias cannot tell {listed} apart",
                where="--save-aliases",
                do="rename one in the planning system, or leave --save-aliases away",
            )
    return {name: roi.name for name, roi in chosen.items()}


def _match(wanted: ProtocolStructure, structures: Sequence[R], free: Sequence[str]) -> Match[R]:
    ways = _ways(wanted)
    found = tuple(s for s in structures if normal(s.name) in ways)
    if not found:
        return Match(wanted.name, (), NOT_CONTOURED, (), tuple(near_names(wanted.name, free, aliases=wanted.names)))
    # Beside a volume of another name, though an alias, the mark may be all that is left of a structure.
    volumes = {normal(s.name) for s in found if s.unusable is None}
    marks = tuple(s for s in found if s.is_mark and normal(s.name) in volumes)
    found = tuple(s for s in found if s not in marks)
    namesakes = len({s.name for s in found}) < len(found)
    if len(found) > 1 and (namesakes or not wanted.each):
        return Match(wanted.name, (), _ambiguous(wanted, found), marks=marks)
    return Match(wanted.name, found, None, tuple(ways[normal(s.name)] for s in found), marks=marks)


def _ways(wanted: ProtocolStructure) -> dict[str, Way]:
    """How an ROI of that normal name is found; the protocol's own word goes before that of the site."""
    ways = {normal(wanted.name): Way(How.NAME)}
    for how, aliases in ((How.ALIAS, wanted.aliases), (How.SITE_ALIAS, wanted.site_aliases)):
        for alias in aliases:
            ways.setdefault(normal(alias), Way(how, alias))
    return ways


def _ambiguous(wanted: ProtocolStructure, found: Sequence[Roi]) -> str:
    # The number, not the name, goes into the suggested command: the name is untrusted text and might be pasted.
    listed = " and ".join(f"{s.name!r} (#{s.number})" for s in found)
    count = "two" if len(found) == 2 else len(found)
    return one_line(f"{count} ROIs match: {listed}; choose with --map {wanted.name}=#{found[0].number}")


def _chosen(protocol: PlanProtocol, structures: Sequence[R], mapping: Mapping[str, str]) -> dict[str, R]:
    """What the user decided, by the name of the protocol structure."""
    homes = {goal.id: goal.structure for goal in protocol.goals} | {s.name: s.name for s in protocol.structures}
    chosen: dict[str, R] = {}
    for name, text in mapping.items():
        if name not in homes:
            hint = did_you_mean(name, homes) or "`hardcheck protocols show` lists the names"
            raise UsageError(f"the protocol has no structure or goal {name!r}", where="--map", do=hint)
        roi = _roi(name, text, structures)
        if chosen.setdefault(homes[name], roi) is not roi:
            raise UsageError(f"{homes[name]} is given two ROIs", where="--map", do="give one")
    return chosen


def _roi(name: str, text: str, structures: Sequence[R]) -> R:
    found = [s for s in structures if s.name == text]
    if len(found) > 1:
        numbers = " or ".join(f"{name}=#{s.number}" for s in found)
        raise UsageError(f"{len(found)} ROIs are named {text!r}", where="--map", do=f"give the number: {numbers}")
    if not found and re.fullmatch(r"#?[0-9]{1,10}", text, re.ASCII):
        found = [s for s in structures if s.number == int(text.removeprefix("#"))]
    if not found:
        hint = did_you_mean(text, [s.name for s in structures]) or "`hardcheck inspect` lists the ROIs"
        raise UsageError(f"the plan has no ROI {text!r}", where="--map", do=hint)
    return found[0]
