"""A protocol as rows of plain text, for `hardcheck protocols show` and other lists."""

from __future__ import annotations

from typing import NamedTuple

from hardcheck.protocol import Protocol, Regimen


class GoalRow(NamedTuple):
    """One goal as text."""

    id: str
    structure: str
    goal: str
    tier: str
    regimens: str
    remarks: str
    source: str


class RegimenRow(NamedTuple):
    """One regimen as text."""

    id: str
    fractions: str
    levels: str
    when: str
    caveat: str
    source: str


def protocol_table(protocol: Protocol) -> list[GoalRow]:
    """One row for each goal, in the order of the file."""
    return [
        GoalRow(
            goal.id,
            goal.structure,
            str(goal),
            goal.tier.value,
            ", ".join(goal.regimens) or "all",
            "; ".join(goal.remarks),
            goal.source,
        )
        for goal in protocol.goals
    ]


def regimen_table(protocol: Protocol) -> list[RegimenRow]:
    """One row for each regimen, in the order of the file."""
    return [
        RegimenRow(r.id, str(r.fractions or "any"), _levels(r), r.when, r.caveat, r.source or protocol.source)
        for r in protocol.regimens
    ]


def _levels(regimen: Regimen) -> str:
    return ", ".join(f"{level.name} {level.text}" for level in regimen.levels)
