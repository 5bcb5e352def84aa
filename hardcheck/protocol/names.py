"""Which ROI is which structure of the protocol.

An ROI matches when its name is the protocol structure's name or one of its aliases. Names are compared after
`normal`, which forgives case and separators and nothing else: nothing is guessed, so planning volumes, rings and
optimisation structures match only where an alias names them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from hardcheck.errors import UsageError, one_line
from hardcheck.protocol.protocol import Protocol as PlanProtocol
from hardcheck.protocol.protocol import ProtocolStructure
from hardcheck.spelling import did_you_mean


class Roi(Protocol):
    """What matching needs to know of an ROI."""

    @property
    def number(self) -> int:
        """ROINumber (3006,0022)."""

    @property
    def name(self) -> str:
        """ROIName (3006,0026)."""


R = TypeVar("R", bound=Roi)

NOT_CONTOURED: Final = "not contoured"

_SEPARATORS: Final = re.compile(r"(?<!^)(?:[ _-]|(?<![0-9])\.|\.(?![0-9]))", re.ASCII)
"""What may stand between the parts of a name. A leading one is kept, since AAPM TG-263 sets optimisation
structures apart by it (``_Cord``); so is the point in 0.5. Other signs mean something in TG-263: ``Lungs~`` is a
part of the lungs, ``PTV!`` is cropped, ``Cord+5`` is expanded."""


def normal(name: str) -> str:
    """The form in which names are compared: composed, case folded, without separators between the parts."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFC", name).strip().casefold())


@dataclass(frozen=True, slots=True)
class Match(Generic[R]):
    """The ROIs of one protocol structure: one, or several where each is evaluated as its own.

    Where none could be told, `structures` is empty and `reason` says why, in one line. `how` is "name", "alias",
    "map" (the user decided), or empty.
    """

    name: str
    structures: tuple[R, ...]
    reason: str | None = None
    how: str = ""


def match_structures(
    protocol: PlanProtocol, structures: Sequence[R], mapping: Mapping[str, str] | None = None
) -> dict[str, Match[R]]:
    """The match of every structure of the protocol, by its name and in its order.

    `mapping` is what the user decided: the name of a protocol structure or the id of one of its goals, to an
    ROIName, or to an ROINumber (``7`` or ``#7``) where no ROI has that for a name. Ambiguity is never resolved in
    silence. Raises UsageError where `mapping` names something unknown or is itself ambiguous.
    """
    chosen = _chosen(protocol, structures, mapping or {})
    return {
        wanted.name: Match(wanted.name, (chosen[wanted.name],), None, "map")
        if wanted.name in chosen
        else _match(wanted, structures)
        for wanted in protocol.structures
    }


def _match(wanted: ProtocolStructure, structures: Sequence[R]) -> Match[R]:
    names = {normal(name) for name in (wanted.name, *wanted.aliases)}
    found = tuple(s for s in structures if normal(s.name) in names)
    if not found:
        return Match(wanted.name, (), NOT_CONTOURED)
    namesakes = len({s.name for s in found}) < len(found)
    if len(found) > 1 and (namesakes or not wanted.each):
        return Match(wanted.name, (), _ambiguous(wanted, found))
    by_name = all(normal(s.name) == normal(wanted.name) for s in found)
    return Match(wanted.name, found, None, "name" if by_name else "alias")


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
