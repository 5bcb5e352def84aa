"""Structures that are made of others: those that the protocol defines and nobody contoured, and parts of organs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from hardcheck.algebra import derive
from hardcheck.dvh import size_of, slices_of
from hardcheck.evaluation.levels import Matches
from hardcheck.plan import Plan, Structure
from hardcheck.protocol import Protocol
from hardcheck.protocol.expression import parse_expression
from hardcheck.protocol.names import NOT_CONTOURED, How, Match, Way


@dataclass(slots=True, eq=False)
class Maker:
    """Makes structures. Each has a number of its own, below those of all ROIs; `made_of` knows its ROIs by number."""

    plan: Plan
    numbers: Iterator[int]
    made_of: dict[int, tuple[Structure, ...]] = field(default_factory=dict)
    problems: dict[int, str | None] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Plan) -> Maker:
        """The maker for a plan."""
        lowest = min((s.number for s in plan.structures), default=0)
        return cls(plan, count(min(lowest, 0) - 1, -1))

    def problem(self, structure: Structure) -> str | None:
        """Why nothing can be made of `structure`, as where slices of it seem to be missing; None where it can be."""
        if structure.number not in self.problems:
            (slices,) = slices_of(self.plan, [structure])
            self.problems[structure.number] = size_of(structure, slices).reason
        return self.problems[structure.number]

    def make(self, text: str, structures: Mapping[str, Structure], name: str) -> Structure:
        """What the expression `text` makes of `structures`; unusable, with a reason, where that is nothing."""
        slice_z_mm = self.plan.image.z_mm if self.plan.image is not None else None
        made = derive(parse_expression(text), structures, number=next(self.numbers), name=name, slice_z_mm=slice_z_mm)
        self.made_of[made.number] = tuple(dict.fromkeys(roi for s in structures.values() for roi in self.rois(s)))
        return made

    def is_made(self, structure: Structure) -> bool:
        """Whether `structure` was made, and is no ROI."""
        return structure.number in self.made_of

    def rois(self, structure: Structure) -> tuple[Structure, ...]:
        """The ROIs that `structure` rests on: itself where it was contoured."""
        return self.made_of.get(structure.number, (structure,))


def make_missing(protocol: Protocol, matches: Matches, maker: Maker, absent: Collection[str]) -> Matches:
    """`matches` with the structures that the protocol defines by an expression and nobody contoured."""
    found = dict(matches)
    open_names = {
        s.name
        for s in protocol.structures
        if s.expression and s.name not in absent and matches[s.name].reason == NOT_CONTOURED
    }
    for name in [s.name for s in protocol.structures if s.name in open_names]:
        _make(name, protocol, found, maker, open_names)
    return found


def operand(name: str, matches: Matches, maker: Maker) -> Structure | str:
    """The one structure that `name` stands for, or the reason why it cannot be used."""
    match = matches[name]
    if len(match.structures) > 1:
        return f"{name} stands for {len(match.structures)} ROIs"
    if not match.structures:
        return f"{name}: {match.reason}"
    structure = match.structures[0]
    problem = maker.problem(structure)
    return f"{name}: {problem}" if problem else structure


def _make(name: str, protocol: Protocol, found: dict[str, Match[Structure]], maker: Maker, ahead: set[str]) -> None:
    """Makes `name`, and before it what it is made of; `ahead` are those that nobody has tried yet."""
    if name not in ahead:
        return
    ahead.discard(name)
    text = protocol.structure(name).expression
    expression = parse_expression(text)
    for part in expression.names():
        _make(part, protocol, found, maker, ahead)
    parts = {part: operand(part, found, maker) for part in expression.names()}
    structures = {part: s for part, s in parts.items() if isinstance(s, Structure)}
    problem = next((reason for reason in parts.values() if isinstance(reason, str)), None)
    if problem is None:
        made = maker.make(text, structures, name)
        problem = made.unusable or maker.problem(made)
        if problem is None:
            found[name] = Match(name, (made,), None, (Way(How.EXPRESSION, str(expression)),))
            return
    found[name] = replace(found[name], reason=f"{NOT_CONTOURED}, and {expression} cannot be made: {problem}")
