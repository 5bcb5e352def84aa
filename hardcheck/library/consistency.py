"""What a protocol file must be beyond its schema: names that exist, tiers in order, a source for every number."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from hardcheck.library.schema import GoalEntry, ProtocolEntry, StructureEntry
from hardcheck.metric import DOSE_KINDS, STATISTICS, VOLUME_KINDS, Kind, Metric
from hardcheck.protocol import Limit, Op, parse_goal
from hardcheck.protocol.names import normal

Path = tuple[str | int, ...]


class Fault(NamedTuple):
    """What is wrong at a path of the file, and what to write instead."""

    path: Path
    message: str
    instead: str


def faults(protocol: ProtocolEntry) -> list[Fault]:
    """All faults that the schema alone cannot see."""
    return [fault for check in _CHECKS for fault in check(protocol)]


def near(name: str, known: Iterable[str]) -> str:
    """A hint at the nearest of the known names, or at all of them where they are few."""
    known = list(known)
    found = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if found:
        return f"did you mean {found[0]!r}?"
    return f"known are {', '.join(known)}" if known else "there are none"


def _goals(protocol: ProtocolEntry) -> Iterator[tuple[Path, StructureEntry, GoalEntry]]:
    for i, structure in enumerate(protocol.structures):
        for j, goal in enumerate(structure.goals):
            yield ("structures", i, "goals", j), structure, goal


def _twice(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Ids and names that stand more than once."""
    regimens: list[tuple[str, Path]] = [(r.id, ("regimens", i, "id")) for i, r in enumerate(protocol.regimens)]
    goals: list[tuple[str, Path]] = [(goal.id, (*path, "id")) for path, _, goal in _goals(protocol)]
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
    if structure.applies_on_slices_of is not None:
        yield ("applies_on_slices_of",), structure.applies_on_slices_of, False


def _unknown_names(protocol: ProtocolEntry) -> Iterator[Fault]:
    known = [s.name for s in protocol.structures]
    regimens = [r.id for r in protocol.regimens]
    for i, structure in enumerate(protocol.structures):
        for path, name, _ in _references(structure):
            if name not in known:
                yield Fault(("structures", i, *path), f"there is no structure {name!r}", near(name, known))
    for path, _, goal in _goals(protocol):
        _, _, limit = parse_goal(goal.goal)
        if limit.volume_of is not None and limit.volume_of not in known:
            hint = near(limit.volume_of, known)
            yield Fault((*path, "goal"), f"there is no structure {limit.volume_of!r}", hint)
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
    for path, structure, goal in _goals(protocol):
        if _of_level(parse_goal(goal.goal)[0]) and structure.level is None:
            message = f"{goal.goal!r} is in percent of a dose level, and {structure.name} has none"
            yield Fault((*path, "goal"), message, "give the structure a level, or write the dose in Gy")


def _of_level(metric: Metric) -> bool:
    """Whether a dose in the metric is in percent of a prescription level."""
    if metric.kind in DOSE_KINDS | STATISTICS | {Kind.GEUD}:
        return metric.unit == "%"
    return metric.at_unit == "%"


def _sources(protocol: ProtocolEntry) -> Iterator[Fault]:
    for path, structure, goal in _goals(protocol):
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
                if (required.tier, recommended.tier) != ("required", "recommended"):
                    continue
                if _overlap(required, recommended) and _stricter(required.goal, recommended.goal):
                    message = f"the required {required.goal!r} is stricter than the recommended {recommended.goal!r}"
                    yield Fault(("structures", i, "goals", j, "goal"), message, "exchange the two, or correct one")


def _overlap(one: GoalEntry, other: GoalEntry) -> bool:
    return not one.regimens or not other.regimens or not set(one.regimens).isdisjoint(other.regimens)


def _stricter(one: str, other: str) -> bool:
    """Whether every value that meets `one` meets `other`, and not the other way round."""
    metric, op, limit = parse_goal(one)
    other_metric, other_op, other_limit = parse_goal(other)
    if metric != other_metric or op.is_upper != other_op.is_upper or limit.volume_of != other_limit.volume_of:
        return False
    if limit.value == other_limit.value:
        return op in (Op.LESS, Op.MORE) and other_op in (Op.AT_MOST, Op.AT_LEAST)
    return (limit.value < other_limit.value) == op.is_upper


def _empty_goals(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Goals that every plan meets, or none."""
    for path, _, goal in _goals(protocol):
        metric, op, limit = parse_goal(goal.goal)
        if limit.volume_of is None and _decided(metric, op, limit):
            message = f"{goal.goal!r} is met by every plan, or by none"
            yield Fault((*path, "goal"), message, "correct the value")


def _decided(metric: Metric, op: Op, limit: Limit) -> bool:
    if metric.kind in VOLUME_KINDS and metric.at == 0:
        return True
    meets = op.against(limit.value)
    # A volume is from 0 to 100 %; anything else is at least 0, and has no other bound.
    highest = 100.0 if metric.kind in VOLUME_KINDS and metric.unit == "%" else float("inf")
    return meets(0.0) == meets(highest)


_CHECKS: Final[tuple[Callable[[ProtocolEntry], Iterator[Fault]], ...]] = (
    _twice,
    _shared_names,
    _unknown_names,
    _circles,
    _levels,
    _sources,
    _tiers,
    _empty_goals,
)
