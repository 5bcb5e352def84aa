"""What a protocol file must be beyond its schema: names that exist, tiers in order, a source for every number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from hardcheck.catalogue import BY_ID, OF_THE_PROTOCOL
from hardcheck.library.direction import excessive_doses, printed_otherwise, reversed_comparisons
from hardcheck.library.examples import faulty_examples
from hardcheck.library.fault import Fault, Path, claims_of, conditions_of, goals_of
from hardcheck.library.idle import decided_by_condition, implied_goals, refused_schedules
from hardcheck.library.near import near
from hardcheck.library.schema import (
    AS_PRESCRIBED,
    FractionationEntry,
    GoalEntry,
    ProtocolEntry,
    StructureEntry,
    length_mm,
    level_range_gy,
)
from hardcheck.metric import VOLUME_KINDS, Kind, Metric
from hardcheck.protocol import Claim, parse_claim
from hardcheck.protocol.expression import parse_expression
from hardcheck.protocol.names import normal
from hardcheck.spelling import did_you_mean


def faults(protocol: ProtocolEntry) -> list[Fault]:
    """All faults that the schema alone cannot see."""
    return [fault for check in _CHECKS for fault in check(protocol)]


def _ways(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Goals that ask nothing, or in two places."""
    for path, structure, goal in goals_of(protocol):
        own = [claim for _, _, claim in claims_of(goal) if claim.structure in ("", structure.name)]
        if goal.goal is None and not goal.any_of:
            yield Fault(path, f"{goal.id} asks nothing", "write goal: and what it asks, as in V40Gy[%] < 50 %")
        elif goal.goal is not None and goal.any_of:
            yield Fault((*path, "any_of"), "goal and any_of stand together", "put all ways to meet it under any_of")
        elif len(goal.any_of) == 1:
            yield Fault((*path, "any_of"), "any_of has one way only", "write it as goal:")
        elif not own:
            message = f"no way of {goal.id} is about {structure.name}"
            yield Fault((*path, "any_of"), message, "put the goal under one of the structures that it is about")


def _open_regimens(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Regimens for any number of fractions, or any dose, that nothing else bounds."""
    for i, regimen in enumerate(protocol.regimens):
        path: Path = ("regimens", i)
        alone = len(protocol.regimens) == 1 and protocol.fractionation is not None
        if regimen.fractions is None and not alone:
            message = f"regimen {regimen.id} does not say how many fractions"
            instead = "write fractions:, or fractionation: for the whole file with one regimen"
            yield Fault(path, message, instead)
        for name, dose in regimen.levels.items():
            if dose == AS_PRESCRIBED and len(regimen.levels) > 1:
                message = f"the level {name} is {dose}, and so are others: which one the plan means is not known"
                yield Fault((*path, "levels", name), message, "write its dose or its range")


def _schedules(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Schedules that say nothing, or that no regimen of the file is one of."""
    if protocol.fractionation is not None and not protocol.fractionation.model_fields_set:
        yield Fault(("fractionation",), "fractionation says nothing", "write fractions: or dose_per_fraction:")
    for path, _, goal in goals_of(protocol):
        if goal.fractionation is not None and not goal.fractionation.model_fields_set:
            message = "fractionation says nothing"
            yield Fault((*path, "fractionation"), message, "write fractions: or dose_per_fraction:")


def _conversions(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Conversions to EQD2 of numbers that are not for 2 Gy per fraction, or that the file's own schedules forbid."""
    key = "convert_with_alpha_beta"
    whole = protocol.fractionation
    places: list[tuple[Path, FractionationEntry | None]] = [((), whole)]
    places += [(path, goal.fractionation) for path, _, goal in goals_of(protocol)]
    for home, entry in places:
        path: Path = (*home, "fractionation", key)
        if entry is None or entry.convert_with_alpha_beta is None:
            continue
        if entry.fractions is not None:
            message = "fractions and a conversion stand together, and a converted plan may have any number of them"
            yield Fault(path, message, "leave one of them away")
        elif entry.dose_per_fraction is None or not _holds_2_gy(entry.dose_per_fraction):
            message = "EQD2 is in fractions of 2 Gy, and dose_per_fraction does not hold 2 Gy"
            yield Fault(path, message, "write dose_per_fraction: 1.8 to 2.2 Gy, or leave the conversion away")
        elif whole is not None and whole.convert_with_alpha_beta is None:
            message = "the fractionation of the whole file refuses what this converts"
            yield Fault(path, message, f"write {key}: there too, or leave it away here")


def _holds_2_gy(text: str) -> bool:
    low_gy, high_gy = level_range_gy(text)
    return low_gy <= 2 <= high_gy


def _twice(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Ids and names that stand more than once."""
    regimens: list[tuple[str, Path]] = [(r.id, ("regimens", i, "id")) for i, r in enumerate(protocol.regimens)]
    goals: list[tuple[str, Path]] = [(goal.id, (*path, "id")) for path, _, goal in goals_of(protocol)]
    for what, entries in (("regimen", regimens), ("goal", goals)):
        seen: set[str] = set()
        for id_, path in entries:
            if id_ in seen:
                yield Fault(path, f"the {what} id {id_!r} stands twice", "give each its own")
            seen.add(id_)


def _shared_names(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Names and aliases by which two structures would match the same ROI."""
    owners: dict[str, int] = {}
    for i, structure in enumerate(protocol.structures):
        places: list[tuple[str, Path]] = [(structure.name, ("structures", i, "name"))]
        places += [(alias, ("structures", i, "aliases", j)) for j, alias in enumerate(structure.aliases)]
        for name, path in places:
            owner = owners.setdefault(normal(name), i)
            if owner != i:
                other = protocol.structures[owner].name
                yield Fault(path, f"{name!r} is already a name of {other}", "keep it with one structure")


def _references(structure: StructureEntry) -> Iterator[tuple[Path, str, bool]]:
    """Other structures that a structure names: path, name, and whether its definition rests on it."""
    for key in ("subtract", "inside"):
        for i, name in enumerate(getattr(structure, key)):
            yield (key, i), name, key == "subtract"
    if structure.extent is not None:
        yield ("extent", "of"), structure.extent.of, True
    if structure.margin_from is not None:
        yield ("margin_from", "of"), structure.margin_from.of, False
    for i, name in enumerate(structure.vertices.structures if structure.vertices is not None else ()):
        yield ("vertices", "structures", i), name, False
    if structure.applies_on_slices_of is not None:
        yield ("applies_on_slices_of",), structure.applies_on_slices_of, False
    if structure.expression is not None:
        for name in parse_expression(structure.expression).names():
            yield ("expression",), name, True


def _unknown_names(protocol: ProtocolEntry) -> Iterator[Fault]:
    known = [s.name for s in protocol.structures]
    regimens = [r.id for r in protocol.regimens]
    for i, structure in enumerate(protocol.structures):
        for path, name, _ in _references(structure):
            if name not in known:
                yield Fault(("structures", i, *path), f"there is no structure {name!r}", near(name, known))
    for path, _, goal in goals_of(protocol):
        for place, _, claim in conditions_of(goal):
            for other in (claim.structure, claim.limit.volume_of):
                if other and other not in known:
                    yield Fault((*path, *place), f"there is no structure {other!r}", near(other, known))
        for k, name in enumerate(goal.regimens):
            if name not in regimens:
                yield Fault((*path, "regimens", k), f"there is no regimen {name!r}", near(name, regimens))


def _circles(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Structures that are defined by themselves, directly or through others."""
    rests_on = {s.name: {name for _, name, defines in _references(s) if defines} for s in protocol.structures}

    for i, structure in enumerate(protocol.structures):
        for path, name, defines in _references(structure):
            if name == structure.name:
                yield Fault(("structures", i, *path), f"{name} is defined by itself", "name another structure")
            elif defines and structure.name in _reached(name, rests_on):
                message = f"{structure.name} is defined by itself, through {name}"
                yield Fault(("structures", i, *path), message, "name another structure")


def _reached(name: str, rests_on: Mapping[str, set[str]]) -> set[str]:
    """All that the definition of `name` rests on."""
    reached: set[str] = set()
    ahead = [name]
    while ahead:
        further = rests_on.get(ahead.pop(), set()) - reached
        reached |= further
        ahead += further
    return reached


def _levels(protocol: ProtocolEntry) -> Iterator[Fault]:
    known = list(dict.fromkeys(level for r in protocol.regimens for level in r.levels))
    for i, structure in enumerate(protocol.structures):
        if structure.level is None:
            continue
        lacking = [r.id for r in protocol.regimens if structure.level not in r.levels]
        if structure.level not in known:
            message = f"there is no level {structure.level!r}"
            yield Fault(("structures", i, "level"), message, near(structure.level, known))
        elif lacking:
            message = f"the level {structure.level!r} is missing from {', '.join(lacking)}"
            yield Fault(("structures", i, "level"), message, "give each regimen its dose")
    has_level = {s.name: s.level is not None for s in protocol.structures}
    for path, structure, goal in goals_of(protocol):
        for place, text, claim in conditions_of(goal):
            name = claim.structure or structure.name
            if claim.metric.is_of_level and not has_level.get(name, True):
                message = f"{text!r} is in percent of a dose level, and {name} has none"
                yield Fault((*path, *place), message, "give the structure a level, or write the dose in Gy")


def _reported(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Metrics to report in percent of a level that there is not, or that stand twice."""
    for i, structure in enumerate(protocol.structures):
        metrics = [Metric.parse(text) for text in structure.report]
        for k, metric in enumerate(metrics):
            path: Path = ("structures", i, "report", k)
            if metric in metrics[:k]:
                yield Fault(path, f"{metric} stands twice", "keep one of them")
            if metric.is_of_level and structure.level is None:
                message = f"{metric} is in percent of a dose level, and {structure.name} has none"
                yield Fault(path, message, "give the structure a level, or ask for Gy")


def _vertices(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Vertices or an uneven dose where there is no target; vertices that are asked by halves, or named twice."""
    for i, structure in enumerate(protocol.structures):
        path: Path = ("structures", i)
        for key, given in (("vertices", structure.vertices is not None), ("uneven", structure.uneven)):
            if given and structure.role != "target":
                yield Fault((*path, key), f"{structure.name} is no target", f"write {key} under a target")
        asks = structure.vertices
        if asks is not None and (asks.dose_per_fraction is None) != (asks.fractions is None):
            lacking = "fractions" if asks.fractions is None else "dose_per_fraction"
            message = "the dose of vertices is asked by its fractions and its dose per fraction together"
            yield Fault((*path, "vertices"), message, f"write {lacking}:")
        names = asks.structures if asks is not None else []
        for k, name in enumerate(names):
            if name in names[:k]:
                yield Fault((*path, "vertices", "structures", k), f"{name} stands twice", "keep one of them")


def _sources(protocol: ProtocolEntry) -> Iterator[Fault]:
    for path, structure, goal in goals_of(protocol):
        if goal.not_in_source and goal.source is None:
            message = f"{goal.id} is not in the source, and does not say where its number is from"
            yield Fault(path, message, "write source: with where it is from")
        elif not (goal.source or structure.source or protocol.source):
            message = f"{goal.id} has no source"
            yield Fault(path, message, "write source: in the goal, in its structure or at the top of the file")


def _tiers(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Required limits that are stricter than the recommended ones of the same metric."""
    for i, structure in enumerate(protocol.structures):
        for j, required in enumerate(structure.goals):
            for recommended in structure.goals:
                if (required.tier, recommended.tier) != ("required", "recommended") or not _overlap(
                    required, recommended
                ):
                    continue
                one, other = required.goal, recommended.goal
                if one is not None and other is not None and parse_claim(one).is_stricter_than(parse_claim(other)):
                    message = f"the required {one!r} is stricter than the recommended {other!r}"
                    yield Fault(("structures", i, "goals", j, "goal"), message, "exchange the two, or correct one")


def _overlap(one: GoalEntry, other: GoalEntry) -> bool:
    """Whether both can be held against one plan: in one regimen, and under the same condition."""
    if one.only_if != other.only_if or one.fractionation != other.fractionation:
        return False
    return not one.regimens or not other.regimens or not set(one.regimens).isdisjoint(other.regimens)


def _empty_goals(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Goals that every plan meets, or none."""
    for path, structure, goal in goals_of(protocol):
        for place, text, claim in conditions_of(goal):
            if claim.is_decided or _is_beyond_itself(claim, claim.structure or structure.name):
                yield Fault((*path, *place), f"{text!r} is met by every plan, or by none", "correct the value")


def _is_beyond_itself(claim: Claim, name: str) -> bool:
    """Whether a volume of the structure `name` is held against more than its own volume."""
    is_volume = claim.metric.kind in VOLUME_KINDS | {Kind.VOLUME}
    return is_volume and claim.limit.volume_of == name and claim.limit.value > 0


def _margins(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Margins whose least is more than their most."""
    for i, structure in enumerate(protocol.structures):
        margin = structure.margin_from
        if margin is not None and length_mm(margin.least) > length_mm(margin.most):
            path: Path = ("structures", i, "margin_from", "least")
            yield Fault(
                path, f"the least margin {margin.least!r} is above the most {margin.most!r}", "exchange the two"
            )


def _changes(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Changes of checks that there are not, that stand twice, or that would take a STOP away."""
    seen: set[str] = set()
    for i, change in enumerate(protocol.checks):
        path: Path = ("checks", i)
        check = BY_ID.get(change.id)
        if change.id in seen:
            yield Fault((*path, "id"), f"the check {change.id!r} stands twice", "keep one of them")
        seen.add(change.id)
        if check is None:
            instead = did_you_mean(change.id, BY_ID, most=1) or "hardcheck inspect --checks lists them"
            yield Fault((*path, "id"), f"there is no check {change.id!r}", instead)
        elif check.id in OF_THE_PROTOCOL and change.severity != "FAIL":
            message = f"{change.id} is about this file, which cannot silence it"
            yield Fault((*path, "severity"), message, "give the file an id of its own")
        elif check.severities == ("STOP",):
            message = f"{change.id} is a STOP, and a STOP is never lowered or switched off"
            yield Fault((*path, "severity"), message, "leave it away")
        elif check.can_stop and change.severity != "FAIL":
            message = f"{change.id} can be a STOP, and a STOP is never lowered or switched off"
            yield Fault((*path, "severity"), message, "raise what is less to FAIL, or leave it away")


_CHECKS: Final[tuple[Callable[[ProtocolEntry], Iterator[Fault]], ...]] = (
    _ways,
    _open_regimens,
    _schedules,
    _conversions,
    _twice,
    _shared_names,
    _unknown_names,
    _circles,
    _levels,
    _reported,
    _vertices,
    _sources,
    _tiers,
    _empty_goals,
    _margins,
    _changes,
    reversed_comparisons,
    printed_otherwise,
    excessive_doses,
    implied_goals,
    decided_by_condition,
    refused_schedules,
    faulty_examples,
)
