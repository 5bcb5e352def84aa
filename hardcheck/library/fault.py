"""Faults of a protocol beyond its schema, and the walks through a file that look for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hardcheck.library.schema import GoalEntry, ProtocolEntry, StructureEntry
from hardcheck.protocol import Claim, parse_claim

Path = tuple[str | int, ...]


class Fault(NamedTuple):
    """What is wrong at a path of the file, and what to write instead."""

    path: Path
    message: str
    instead: str
    beside: Path = ()
    """The other place that it is about, told behind the message; empty where there is none."""


def goals_of(protocol: ProtocolEntry) -> Iterator[tuple[Path, StructureEntry, GoalEntry]]:
    """All goals with their place and their structure."""
    for i, structure in enumerate(protocol.structures):
        for j, goal in enumerate(structure.goals):
            yield ("structures", i, "goals", j), structure, goal


def claims_of(goal: GoalEntry) -> Iterator[tuple[Path, str, Claim]]:
    """What a goal asks, each with its place and its text."""
    if goal.goal is not None:
        yield ("goal",), goal.goal, parse_claim(goal.goal)
    for k, text in enumerate(goal.any_of):
        yield ("any_of", k), text, parse_claim(text)


def conditions_of(goal: GoalEntry) -> Iterator[tuple[Path, str, Claim]]:
    """What a goal asks, and what it applies under."""
    yield from claims_of(goal)
    if goal.only_if is not None:
        yield ("only_if",), goal.only_if, parse_claim(goal.only_if)
