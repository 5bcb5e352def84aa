"""What changed between two protocols, in the words of whoever has to approve it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hardcheck.metric import decimal_text
from hardcheck.protocol.goal import Claim, Goal, Tier
from hardcheck.protocol.implication import implies
from hardcheck.protocol.names import normal
from hardcheck.protocol.protocol import Extent, Protocol, ProtocolStructure, Regimen

STRICTER: Final = "stricter"
LAXER: Final = "laxer"
_TIERS: Final = (Tier.ADVISORY, Tier.RECOMMENDED, Tier.REQUIRED)


@dataclass(frozen=True, slots=True)
class Difference:
    """One change of what a structure of the protocol is, or of one of its goals."""

    about: str
    """The structure, of the newer version where both have it; empty for what the whole protocol says."""
    text: str
    effect: str = ""
    """"stricter" or "laxer" where that can be proven for every plan, empty where not."""
    goal: str = ""
    """The id of the goal that it is about, of the newer version where both have one."""

    def __str__(self) -> str:
        return f"{self.text} ({self.effect})" if self.effect else self.text


def differences(old: Protocol, new: Protocol) -> tuple[Difference, ...]:
    """What `new` says otherwise than `old`: the whole first, then each structure in the order of `new`.

    Structures are paired by name, or by an alias where one was renamed; goals by id, else by metric, direction and
    tier. The order in a file is no difference.
    """
    found = [Difference("", text) for text in _whole(old, new)]
    pairs = _paired_structures(old, new)
    for name, one, other in pairs:
        found += _structure(name, one, other, old, new)
    return tuple(found)


def _whole(old: Protocol, new: Protocol) -> Iterator[str]:
    for what in ("id", "version", "title", "verification", "source"):
        yield from _said(what, getattr(old, what), getattr(new, what))
    yield from _said("fractionation", _text(old.fractionation), _text(new.fractionation))
    yield from _listed("note", old.notes, new.notes)
    yield from _listed("change of a check", map(str, old.checks), map(str, new.checks))
    before, after = {r.id: r for r in old.regimens}, {r.id: r for r in new.regimens}
    for id_ in dict.fromkeys((*after, *before)):
        yield from _regimen(before.get(id_), after.get(id_))
    added, removed = len(_examples(new) - _examples(old)), len(_examples(old) - _examples(new))
    if added or removed:
        yield f"examples: {added} added, {removed} removed"


def _examples(protocol: Protocol) -> set[tuple[object, ...]]:
    return {(e.goal, e.value, e.low, e.high, e.outcome, tuple(sorted(e.volumes_cc.items()))) for e in protocol.examples}


def _regimen(old: Regimen | None, new: Regimen | None) -> Iterator[str]:
    if old is None or new is None:
        one = new or old
        if one is not None:
            levels = ", ".join(f"{level.name} {level.text}" for level in one.levels)
            yield f"regimen {'added' if old is None else 'removed'}: {one.id}, {one.fractions_text}, {levels}"
        return
    of = f"regimen {new.id}: "
    yield from _said(f"{of}fractions", old.fractions_text, new.fractions_text)
    for name in dict.fromkeys(level.name for level in (*new.levels, *old.levels)):
        texts = [level.text if level is not None else "" for level in (old.level(name), new.level(name))]
        yield from _said(f"{of}level {name}", *texts)
    for what in ("when", "caveat", "source"):
        yield from _said(f"{of}{what}", getattr(old, what), getattr(new, what))


_Pair = tuple[str, ProtocolStructure | None, ProtocolStructure | None]


def _paired_structures(old: Protocol, new: Protocol) -> list[_Pair]:
    before = {s.name: s for s in old.structures}
    pairs: list[_Pair] = []
    alone = []
    for structure in new.structures:
        one = before.pop(structure.name, None)
        if one is None:
            alone.append(structure)
        pairs.append((structure.name, one, structure))
    for structure in alone:
        names = _names(structure)
        renamed = [s for s in before.values() if normal(s.name) in names or normal(structure.name) in _names(s)]
        if len(renamed) == 1:
            del before[renamed[0].name]
            pairs[pairs.index((structure.name, None, structure))] = (structure.name, renamed[0], structure)
    return pairs + [(s.name, s, None) for s in before.values()]


def _names(structure: ProtocolStructure) -> set[str]:
    return {normal(name) for name in (structure.name, *structure.aliases)}


def _structure(
    name: str, old: ProtocolStructure | None, new: ProtocolStructure | None, before: Protocol, after: Protocol
) -> Iterator[Difference]:
    ours = [goal for goal in before.goals if old is not None and goal.structure == old.name]
    theirs = [goal for goal in after.goals if new is not None and goal.structure == new.name]
    if old is None or new is None:
        one, word = (new, "added") if old is None else (old, "removed")
        role = f" ({one.role})" if one is not None else ""
        yield Difference(name, f"structure {word}{role}")
    else:
        yield from (Difference(name, text) for text in _definition(old, new))
    for one_goal, other_goal in _paired_goals(ours, theirs):
        yield from _goal(name, one_goal, other_goal, before, after)


def _definition(old: ProtocolStructure, new: ProtocolStructure) -> Iterator[str]:
    """What goals are about: how it is found, made and cut."""
    yield from _said("name", old.name, new.name)
    for what, said in _SAID:
        yield from _said(said, getattr(old, what), getattr(new, what))
    yield from _said("slices", _extent(old.extent), _extent(new.extent))
    yield from _said("margin", _text(old.margin_from), _text(new.margin_from))
    for what, said in _LENGTHS:
        yield from _said(said, _mm(getattr(old, what)), _mm(getattr(new, what)))
    for what, said in _FLAGS:
        before, after = getattr(old, what), getattr(new, what)
        if before != after:
            yield f"{'now' if after else 'no longer'} {said}"
    ours, theirs = _names(old), _names(new)
    yield from (f"alias added: {each}" for each in new.aliases if normal(each) not in ours)
    yield from (f"alias removed: {each}" for each in old.aliases if normal(each) not in theirs)
    for what, said in _LISTS:
        yield from _listed(said, map(str, getattr(old, what)), map(str, getattr(new, what)))


_SAID: Final = (
    ("role", "role"),
    ("level", "dose level"),
    ("definition", "definition"),
    ("expression", "made as"),
    ("applies_on_slices_of", "applies on the slices of"),
    ("note", "note"),
)
_LENGTHS: Final = (
    ("from_skin_mm", "distance from the skin"),
    ("strip_mm", "width of the strip"),
)
_FLAGS: Final = (
    ("whole", "whole: it may not end where the CT does"),
    ("serial", "serial: a limit that is met only through the subtraction is for review"),
    ("each", "a class: every ROI that matches is evaluated as its own"),
    ("relaxed_in_organs", "relaxed where it overlaps organs"),
)
_LISTS: Final = (
    ("subtract", "subtracted structure"),
    ("inside", "structure that holds it"),
    ("report", "reported metric"),
)


def _mm(length_mm: float | None) -> str:
    return "" if length_mm is None else f"{decimal_text(length_mm)} mm"


def _extent(extent: Extent | None) -> str:
    if extent is None:
        return ""
    beyond = f" and {decimal_text(extent.margin_mm)} mm beyond" if extent.margin_mm else ""
    return f"of {extent.of}{beyond}"


def _paired_goals(old: Sequence[Goal], new: Sequence[Goal]) -> Iterator[tuple[Goal | None, Goal | None]]:
    """Goals of one structure: by id, then what is left by metric, direction and tier where that is unique."""
    before = {goal.id: goal for goal in old}
    partners = {goal.id: before.pop(goal.id, None) for goal in new}
    for goal in new:
        if partners[goal.id] is None:
            alike = [each for each in before.values() if _kind(each) == _kind(goal)]
            rivals = [each for each in new if partners[each.id] is None and _kind(each) == _kind(goal)]
            if len(alike) == len(rivals) == 1:
                partners[goal.id] = before.pop(alike[0].id)
    yield from ((partners[goal.id], goal) for goal in new)
    yield from ((goal, None) for goal in before.values())


def _kind(goal: Goal) -> tuple[object, ...]:
    return goal.metric, goal.op.is_upper, goal.tier, goal.regimens, goal.only_if


def _goal(name: str, old: Goal | None, new: Goal | None, before: Protocol, after: Protocol) -> Iterator[Difference]:
    if old is None or new is None:
        goal, word = (new, "added") if old is None else (old, "removed")
        if goal is not None:
            yield Difference(name, f"goal {word}: {goal.tier} {goal}{_where(goal)}", "", goal.id)
        return
    if old.claims != new.claims:
        is_comparable = _ground(old, before) == _ground(new, after)
        effect = _effect(old.claims, new.claims) if is_comparable else ""
        yield Difference(name, f"{new.tier} {_limits(old, new)}", effect, new.id)
    if old.tier is not new.tier:
        effect = _harder(is_harder=_TIERS.index(new.tier) > _TIERS.index(old.tier))
        yield Difference(name, f"{_asked(new)}: tier {old.tier} -> {new.tier}", effect, new.id)
    for text, effect in (*_weights(old, new), *_doubts(old, new, before, after)):
        yield Difference(name, f"{new.tier} {_asked(new)}: {text}", effect, new.id)


def _ground(goal: Goal, protocol: Protocol) -> object:
    """What numbers of a goal are of: two limits compare only where that is the same."""
    names = {goal.structure, *(name for c in goal.claims for name in (c.structure, c.limit.volume_of) if name)}
    structures = [s for s in protocol.structures if s.name in names]
    parts = {
        s.name if s.name != goal.structure else "": (s.level, s.expression, s.subtract, s.extent, s.each)
        for s in structures
    }
    of_level = any(claim.metric.is_of_level for claim in goal.claims)
    return parts, {r.id: r.levels for r in protocol.regimens} if of_level else None


def _limits(old: Goal, new: Goal) -> str:
    """What the limit, or all that is asked, was and is."""
    if old.alternatives != new.alternatives or old.metric != new.metric:
        return f"{_asked(old)} -> {_asked(new)}"
    before, after = (str(goal.limit) if old.op == new.op else f"{goal.op} {goal.limit}" for goal in (old, new))
    return f"{new.metric.quantity} limit {before} -> {after}"


def _asked(goal: Goal) -> str:
    return " or ".join(map(str, goal.claims))


def _effect(old: Sequence[Claim], new: Sequence[Claim]) -> str:
    """Whether what is asked became stricter or laxer, empty where that is not proven."""
    stricter, laxer = (_all_imply(one, other) for one, other in ((new, old), (old, new)))
    if stricter == laxer:
        return ""
    return STRICTER if stricter else LAXER


def _all_imply(ones: Iterable[Claim], others: Sequence[Claim]) -> bool:
    return all(any(implies(one, other) for other in others) for one in ones)


def _weights(old: Goal, new: Goal) -> Iterator[tuple[str, str]]:
    """What missing it means, and which plans it is for."""
    if old.uncertain_tier != new.uncertain_tier:
        said = "uncertain: not meeting it asks for review" if new.uncertain_tier else "no longer uncertain"
        yield f"tier {said}", _harder(is_harder=not new.uncertain_tier)
    if set(old.regimens) != set(new.regimens):
        ours, theirs = (", ".join(goal.regimens) or "all" for goal in (old, new))
        is_more = bool(old.regimens) and set(old.regimens) <= set(new.regimens or old.regimens)
        is_fewer = bool(new.regimens) and set(new.regimens) <= set(old.regimens or new.regimens)
        yield f"regimens {ours} -> {theirs}", "" if is_more == is_fewer else _harder(is_harder=is_more)
    for text in _said("condition", _text(old.only_if), _text(new.only_if)):
        is_one = old.only_if is None or new.only_if is None
        yield text, _harder(is_harder=new.only_if is None) if is_one else ""
    yield from ((text, "") for text in _said("fractionation", _text(old.fractionation), _text(new.fractionation)))


def _harder(*, is_harder: bool) -> str:
    return STRICTER if is_harder else LAXER


def _doubts(old: Goal, new: Goal, before: Protocol, after: Protocol) -> Iterator[tuple[str, str]]:
    """What the source says of it. A goal that has the protocol's source changes with that, and is not told again."""
    if (old.source, new.source) != (before.source, after.source):
        yield from ((text, "") for text in _said("source", old.source, new.source))
    for what, said in (("source_conflict", "conflict in the source"), ("printed", "printed"), ("note", "note")):
        yield from ((text, "") for text in _said(said, getattr(old, what), getattr(new, what)))
    if old.not_in_source != new.not_in_source:
        yield f"now {'not ' if new.not_in_source else ''}in the source", ""
    if old.id != new.id:
        yield f"id {old.id} -> {new.id}", ""


def _where(goal: Goal) -> str:
    return f" in {', '.join(goal.regimens)}" if goal.regimens else ""


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _said(what: str, old: str, new: str) -> Iterator[str]:
    if old != new:
        if not old or not new:
            yield f"{what} added: {new}" if new else f"{what} removed: {old}"
        else:
            yield f"{what} {old} -> {new}"


def _listed(what: str, old: Iterable[str], new: Iterable[str]) -> Iterator[str]:
    ours, theirs = list(dict.fromkeys(old)), list(dict.fromkeys(new))
    yield from (f"{what} added: {each}" for each in theirs if each not in ours)
    yield from (f"{what} removed: {each}" for each in ours if each not in theirs)
