"""Which protocol a plan is of, from what its headers say: fractions, prescribed doses and names of ROIs.

One protocol that fits is chosen. Where none or several do, none is: the reasons are told, and a person names one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hardcheck.dicom import Header
from hardcheck.errors import UsageError
from hardcheck.evaluation.levels import allows, choose_regimen, doses_text, highest_level, prescribed_gy
from hardcheck.plan import Plan, Structure
from hardcheck.protocol import Match, Protocol, Regimen, match_structures
from hardcheck.protocol.names import NOT_CONTOURED


@dataclass(frozen=True, slots=True)
class Candidate:
    """One protocol, with the regimen that fits or the reason why none does."""

    protocol: Protocol
    regimen: Regimen | None = None
    reason: str = ""

    def __str__(self) -> str:
        return self.protocol.id + (f":{self.regimen.id}" if self.regimen is not None else f": {self.reason}")


@dataclass(frozen=True, slots=True)
class ProtocolChoice:
    """What was chosen, and how each protocol stands to the plan, in the order of their ids."""

    candidates: tuple[Candidate, ...]

    @property
    def fitting(self) -> tuple[Candidate, ...]:
        """The protocols that the plan fits."""
        return tuple(candidate for candidate in self.candidates if candidate.regimen is not None)

    @property
    def chosen(self) -> Candidate | None:
        """The only one that fits; None where none or several do."""
        return self.fitting[0] if len(self.fitting) == 1 else None

    @property
    def reason(self) -> str:
        """Why none was chosen, in one line; empty where one was."""
        if self.chosen is not None:
            return ""
        if self.fitting:
            return f"{len(self.fitting)} protocols fit: {', '.join(map(str, self.fitting))}"
        return (
            f"no protocol fits: {'; '.join(map(str, self.candidates))}" if self.candidates else "there is no protocol"
        )


def choose_protocol(header: Header, rois: Sequence[tuple[int, str]], protocols: Sequence[Protocol]) -> ProtocolChoice:
    """How an RTPLAN of that header, with structures of those numbers and names, stands to each of `protocols`.

    A protocol fits where the plan keeps its schedules as they are written (not in EQD2), one of its regimens has the
    plan's fractions and doses, and of each level with targets one target is contoured; without such levels, any
    structure with a goal.
    """
    structures = tuple(Structure.from_contours(number, name, ()) for number, name in rois)
    plan = Plan(structures, None, header.uid, prescription=header.prescription)
    return ProtocolChoice(tuple(_candidate(each, plan) for each in sorted(protocols, key=lambda p: (p.id, p.version))))


def _candidate(protocol: Protocol, plan: Plan) -> Candidate:
    if plan.fractions is None or plan.prescription_gy is None:
        lacking = "single number of fractions" if plan.fractions is None else "prescribed dose"
        return Candidate(protocol, reason=f"the plan states no {lacking}")
    if protocol.fractionation is not None:
        refused = protocol.fractionation.refuses(plan.fractions, plan.prescription_gy)
        if refused is not None:
            return Candidate(protocol, reason=refused)
    try:
        regimen = choose_regimen(protocol, plan, None)
    except UsageError as error:
        return Candidate(protocol, reason=error.what)
    matches = match_structures(protocol, plan.structures)
    reason = _other_schedule(regimen, plan) or _other_doses(protocol, regimen, plan, matches)
    reason = reason or _not_contoured(protocol, regimen, matches)
    return Candidate(protocol, reason=reason) if reason else Candidate(protocol, regimen)


def _other_schedule(regimen: Regimen, plan: Plan) -> str:
    """A protocol with one regimen has it chosen, whatever the fractions of the plan."""
    if regimen.fractions in (None, plan.fractions):
        return ""
    return f"regimen {regimen.id} has {regimen.fractions_text}, and the plan {plan.fractions}"


def _other_doses(protocol: Protocol, regimen: Regimen, plan: Plan, matches: Mapping[str, Match[Structure]]) -> str:
    if not regimen.levels or plan.prescription_gy is None:
        return ""
    highest = highest_level(regimen)
    if not allows(highest, plan.prescription_gy):
        wanted = f"level {highest.name} of regimen {regimen.id} is {highest.text}"
        return f"{wanted}, and the plan prescribes {plan.prescription_gy:g} Gy"
    for level in regimen.levels:
        others = [dose for dose in prescribed_gy(level, protocol, plan, matches) if not allows(level, dose)]
        if others:
            wanted = f"level {level.name} of regimen {regimen.id} is {level.text}"
            return f"{wanted}, and the plan prescribes {doses_text(others)} for it"
    return ""


def _not_contoured(protocol: Protocol, regimen: Regimen, matches: Mapping[str, Match[Structure]]) -> str:
    """Two ROIs that might be a structure show that the plan is of the protocol as one does; which it is comes later."""
    there = {name for name, match in matches.items() if match.structures or match.reason != NOT_CONTOURED}
    targets = {
        level.name: [s.name for s in protocol.structures if s.role == "target" and s.level == level.name]
        for level in regimen.levels
    }
    for level, names in targets.items():
        if names and there.isdisjoint(names):
            return f"no target of level {level} is contoured ({', '.join(names)})"
    if not any(targets.values()) and there.isdisjoint(goal.structure for goal in protocol.goals):
        return "none of its structures is contoured"
    return ""
