"""The regimen and the prescription levels that a plan is held against."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from hardcheck.errors import UsageError
from hardcheck.plan import Plan, Structure
from hardcheck.protocol import Level, Protocol, Regimen
from hardcheck.protocol.names import Match, normal

LEVEL_TOLERANCE_GY: Final = 0.01
"""Prescriptions are written to the centigray."""

Matches = Mapping[str, Match[Structure]]


@dataclass(frozen=True, slots=True)
class LevelChoice:
    """The dose of one level in Gy, None where it is not known, and how that is so."""

    name: str
    dose_gy: float | None
    how: str


def choose_regimen(protocol: Protocol, plan: Plan, name: str | None) -> Regimen:
    """The regimen of that name, or the one with the plan's number of fractions, and of several its dose.

    UsageError where there is none, and where none is named for a course.
    """
    listed = ", ".join(f"{protocol.id}:{r.id} ({r.fractions_text})" for r in protocol.regimens)
    if name is not None:
        for regimen in protocol.regimens:
            if regimen.id == name:
                return regimen
        raise UsageError(f"protocol {protocol.id!r} has no regimen {name!r}", do=f"choose one of: {listed}")
    if plan.course is not None:
        said = f"the fractions of {len(plan.course.plans)} plans choose no regimen of protocol {protocol.id!r}"
        raise UsageError(said, do=f"name one: {listed}")
    if len(protocol.regimens) == 1:
        return protocol.regimens[0]
    fractions = plan.prescription.fractions if plan.prescription is not None else None
    dose_gy = plan.prescription.dose_gy if plan.prescription is not None else None
    as_many = [r for r in protocol.regimens if r.fractions == fractions]
    fitting = as_many
    if len(as_many) > 1:
        fitting = [r for r in as_many if dose_gy is not None and allows(highest_level(r), dose_gy)]
    if len(fitting) == 1:
        return fitting[0]
    said = f"{fractions} fractions" if fractions is not None else "no single number of fractions"
    if as_many:
        said += f" and prescribes {dose_gy:g} Gy" if dose_gy is not None else " and prescribes no dose"
    raise UsageError(
        f"the plan has {said}, which chooses no regimen of protocol {protocol.id!r}", do=f"name one: {listed}"
    )


def highest_level(regimen: Regimen) -> Level:
    """The level with the highest dose."""
    return max(regimen.levels, key=lambda level: level.high_gy)


def choose_levels(
    protocol: Protocol, regimen: Regimen, plan: Plan, matches: Matches, given: Mapping[str, float]
) -> dict[str, LevelChoice]:
    """The dose of each level of `regimen`: as `given` in Gy, as the regimen fixes it, or as the plan prescribes it.

    Of a course it is never read from the plans: which of their doses add up to which level, they do not say.
    UsageError where `given` names no level of the regimen or a dose that it does not allow.
    """
    for name, dose_gy in given.items():
        level = regimen.level(name)
        if level is None:
            known = ", ".join(v.name for v in regimen.levels) or "none"
            raise UsageError(
                f"regimen {regimen.id} has no level {name!r}", where="--level", do=f"its levels are: {known}"
            )
        if not allows(level, dose_gy):
            raise UsageError(
                f"{name}={dose_gy:g} Gy is not allowed in regimen {regimen.id}",
                where="--level",
                do=f"it takes {level.text}",
            )
    return {v.name: _choose(v, protocol, plan, matches, given) for v in regimen.levels}


def allows(level: Level, dose_gy: float) -> bool:
    """Whether `dose_gy` is one that `level` may have; false for NaN."""
    return level.low_gy - LEVEL_TOLERANCE_GY <= dose_gy <= level.high_gy + LEVEL_TOLERANCE_GY


def _choose(level: Level, protocol: Protocol, plan: Plan, matches: Matches, given: Mapping[str, float]) -> LevelChoice:
    prescribed = prescribed_gy(level, protocol, plan, matches)
    if level.name in given:
        return LevelChoice(level.name, given[level.name], _beside("given by the user", given[level.name], prescribed))
    allowed = level.text
    if plan.prescription is None or plan.prescription.dose_gy is None:
        # A number of fractions alone does not show that the regimen's doses were prescribed.
        how = f"the plan states no prescription; give --level {level.name}=GY ({allowed})"
        return LevelChoice(level.name, None, how)
    if level.dose_gy is not None:
        return LevelChoice(level.name, level.dose_gy, _beside("fixed by the regimen", level.dose_gy, prescribed))
    if plan.course is not None:
        how = f"plans of a course prescribe it together; give --level {level.name}=GY ({allowed})"
        return LevelChoice(level.name, None, how)
    if level.is_as_prescribed and prescribed <= {plan.prescription.dose_gy}:
        return LevelChoice(level.name, plan.prescription.dose_gy, "the highest dose that the plan prescribes")
    if len(prescribed) == 1 and not level.is_as_prescribed:
        dose_gy = prescribed.pop()
        if allows(level, dose_gy):
            return LevelChoice(level.name, dose_gy, "read from the plan's dose references")
        return LevelChoice(level.name, None, f"the plan prescribes {dose_gy:g} Gy, the regimen allows {allowed}")
    said = ("another dose than its highest" if len(prescribed) == 1 else "several doses") if prescribed else "no dose"
    return LevelChoice(level.name, None, f"the plan prescribes {said} for it; give --level {level.name}=GY ({allowed})")


def _beside(how: str, dose_gy: float, prescribed: Collection[float]) -> str:
    """`how` a dose is known, and what the plan prescribes where that is not just the same."""
    if all(is_level(d, dose_gy) for d in prescribed):
        return how
    return f"{how}; the plan's dose references prescribe {doses_text(prescribed)} to it"


def doses_text(doses_gy: Iterable[float]) -> str:
    """Such as ``46 and 50.6 Gy``."""
    return f"{' and '.join(f'{d:g}' for d in sorted(doses_gy))} Gy"


def is_level(one_gy: float, other_gy: float) -> bool:
    """Whether both are the same dose, as prescriptions are written; false for NaN."""
    return abs(one_gy - other_gy) <= LEVEL_TOLERANCE_GY


def prescribed_gy(level: Level, protocol: Protocol, plan: Plan, matches: Matches) -> set[float]:
    """Doses that the plan's dose references prescribe to the targets of `level`."""
    targets = [s for s in protocol.structures if s.level == level.name]
    names = {normal(level.name)} | {normal(n) for s in targets for n in s.names}
    numbers = {roi.number for s in targets for roi in matches[s.name].structures}
    doses = set()
    for reference in plan.prescription.references if plan.prescription is not None else ():
        named = normal(reference.description) in names
        meant = reference.roi_number in numbers or (reference.roi_number is None and named)
        if meant and reference.kind == "TARGET" and reference.prescription_gy is not None:
            doses.add(reference.prescription_gy)
    return doses
