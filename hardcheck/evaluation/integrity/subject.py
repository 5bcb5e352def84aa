"""What the checks look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from hardcheck.algebra import Solid
from hardcheck.dvh import Dvh
from hardcheck.evaluation.levels import LevelChoice, Matches
from hardcheck.evaluation.making import Maker
from hardcheck.indices import TARGET_TYPES
from hardcheck.plan import Plan, Structure
from hardcheck.protocol import Goal, Level, Protocol, Regimen

NO_ANATOMY: Final = frozenset({"BOLUS", "SUPPORT", "FIXATION", "MARKER", "ISOCENTER", "REGISTRATION", "CONTROL"})
"""RTROIInterpretedType of what is no part of the patient, or no volume."""


@dataclass(slots=True, eq=False)
class Shapes:
    """The solids of structures, each made once."""

    found: dict[Structure, Solid | None] = field(default_factory=dict)

    def of(self, structure: Structure) -> Solid | None:
        """The solid of `structure`, None where its contours make none."""
        if structure not in self.found:
            self.found[structure] = Solid.of(structure)
        return self.found[structure]


@dataclass(frozen=True, slots=True)
class Subject:
    """A plan with the protocol that it is held against. `dvhs` by ROINumber, of all structures of the protocol."""

    plan: Plan
    protocol: Protocol
    regimen: Regimen
    levels: Mapping[str, LevelChoice]
    matches: Matches
    dvhs: Mapping[int, Dvh]
    maker: Maker
    shapes: Shapes = field(default_factory=Shapes)

    @property
    def highest(self) -> Level | None:
        """The highest level with the dose that was chosen for it, or its range where none was; None without levels."""
        chosen = {name: choice.dose_gy for name, choice in self.levels.items() if choice.dose_gy is not None}
        levels = [
            Level(v.name, chosen.get(v.name, v.low_gy), chosen.get(v.name, v.high_gy)) for v in self.regimen.levels
        ]
        return max(levels, key=lambda v: v.high_gy, default=None)

    @property
    def goals(self) -> tuple[Goal, ...]:
        """The goals of the regimen."""
        return tuple(g for g in self.protocol.goals if not g.regimens or self.regimen.id in g.regimens)

    @property
    def used(self) -> tuple[Structure, ...]:
        """The ROIs that goals of the regimen are about."""
        names = dict.fromkeys(goal.structure for goal in self.goals)
        rois = (roi for name in names for roi in self.matches[name].structures)
        return tuple(dict.fromkeys(roi for roi in rois if not self.maker.is_made(roi)))

    @property
    def targets(self) -> tuple[Structure, ...]:
        """The ROIs that are targets by the protocol or by their own type."""
        named = [s.name for s in self.protocol.structures if s.role == "target"]
        rois = [roi for name in named for roi in self.matches[name].structures]
        typed = [s for s in self.plan.structures if s.interpreted_type in TARGET_TYPES]
        return tuple(dict.fromkeys((*rois, *typed)))

    @property
    def vertices(self) -> tuple[Structure, ...]:
        """The ROIs that hold the vertices of a target, by the protocol."""
        named = [name for s in self.protocol.structures if s.vertices is not None for name in s.vertices.structures]
        return tuple(dict.fromkeys(roi for name in named for roi in self.matches[name].structures))

    @property
    def externals(self) -> tuple[Structure, ...]:
        """The ROIs that are the outline of the body, by their own type or else by the protocol; empty ones aside."""
        typed = [s for s in self.plan.structures if s.interpreted_type == "EXTERNAL"]
        named = [s.name for s in self.protocol.structures if s.role == "external"]
        found = typed or [roi for name in named for roi in self.matches[name].structures]
        return tuple(s for s in found if not s.is_empty)

    @property
    def body(self) -> Solid | None:
        """The body, None where it is not one external contour."""
        externals = self.externals
        return self.shapes.of(externals[0]) if len(externals) == 1 else None
