"""What values and findings rest on: two versions of a protocol are held against one another.

A value that is stored is of the structures, levels and schedules of the protocol that it was evaluated with, and so is
what the checks said of the plan. Where any of that is another in the new version, nothing that is stored may be used.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Final

from hardcheck.protocol import Goal, Protocol, ProtocolStructure, Regimen

_OF_ITS_GOALS: Final = frozenset({"subtract", "applies_on_slices_of", "serial", "relaxed_in_organs"})
"""What of a structure only its goals depend on. All else may decide which ROI is which, or what a check says."""

_OF_NOTHING: Final = frozenset({"definition", "note", "report", "site_aliases"})
"""What neither a goal nor a check depends on, or, of a site's own names, belongs to the settings of the run."""

FOLLOW_GOALS: Final = frozenset({"limits-in-plan", "stored-dvh"})
"""Checks that look at limits or outcomes. They say WARN, and decide nothing, unless the protocol raises them."""

OF_THE_FILE: Final = "protocol-not-as-shipped"
"""The check that looks at the protocol's file; so does it."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What two versions share. `problem` is why nothing can be told of any plan, None where goals can be judged.

    `changed` are structures, by name, whose goals are now about something else.
    """

    problem: str | None = None
    changed: frozenset[str] = frozenset()


def ground_of(old: Protocol, new: Protocol, regimen: str | None) -> Ground:
    """What the plans of `regimen` that were held against `old` share with `new`."""
    problem = _whole(old, new) or _structures(old, new) or _goals(old, new, regimen)
    before = {s.name: s for s in old.structures}
    changed = {s.name for s in new.structures if s.name in before and _differ(before[s.name], s, _OF_ITS_GOALS)}
    return Ground(problem, frozenset(changed))


def applying(protocol: Protocol, regimen: str | None) -> tuple[Goal, ...]:
    """The goals of `regimen`, as `evaluate` takes them."""
    return tuple(goal for goal in protocol.goals if not goal.regimens or regimen in goal.regimens)


def _whole(old: Protocol, new: Protocol) -> str | None:
    if list(map(_decides, old.regimens)) != list(map(_decides, new.regimens)):
        return "the regimens or their levels are others"
    if old.fractionation != new.fractionation:
        return "the schedules that the numbers are for are others"
    if [(c.id, c.severity) for c in old.checks] != [(c.id, c.severity) for c in new.checks]:
        return "the checks of the plan are wanted otherwise"
    return None


def _decides(regimen: Regimen) -> object:
    return regimen.id, regimen.fractions, regimen.levels


def _structures(old: Protocol, new: Protocol) -> str | None:
    before, after = [s.name for s in old.structures], [s.name for s in new.structures]
    if before != after:
        others = sorted(set(before) ^ set(after))
        return f"the structures are others: {', '.join(others)}" if others else "the structures stand in another order"
    deciding = {f.name for f in fields(ProtocolStructure)} - _OF_ITS_GOALS - _OF_NOTHING
    for one, other in zip(old.structures, new.structures, strict=True):
        if _differ(one, other, deciding):
            return f"the structure {one.name} is defined otherwise"
    return None


def _differ(one: ProtocolStructure, other: ProtocolStructure, names: Collection[str]) -> bool:
    return any(getattr(one, name) != getattr(other, name) for name in names)


def _goals(old: Protocol, new: Protocol, regimen: str | None) -> str | None:
    """Why what the checks said may be other by the goals alone."""
    before, after = applying(old, regimen), applying(new, regimen)
    # ROIs that goals are about are looked at more strictly than others.
    moved = sorted({g.structure for g in before} ^ {g.structure for g in after})
    if moved:
        return f"{moved[0]} has goals in one of the two versions only, and the checks look at it otherwise"
    raised = {c.id for c in new.checks if c.severity == "FAIL"}
    if raised & FOLLOW_GOALS and before != after:
        return f"the protocol makes {min(raised & FOLLOW_GOALS)} a FAIL, which follows the goals"
    if OF_THE_FILE in raised and bool(old.shipped_sha256) != bool(new.shipped_sha256):
        return f"the protocol makes {OF_THE_FILE} a FAIL, which follows the file"
    return None
