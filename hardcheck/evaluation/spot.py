"""Where what decides a goal lies: the hot or the cold spot, and how far it is from the edge and from the targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hardcheck.algebra import Surface
from hardcheck.dvh import Dvh, Effect, spot_of
from hardcheck.evaluation.levels import Matches
from hardcheck.evaluation.result import GoalResult, Outcome
from hardcheck.evaluation.scale import rises_with_dose
from hardcheck.metric import PHYSICAL, Metric
from hardcheck.plan import Plan, Structure
from hardcheck.protocol import Protocol

NO_PLACE: Final = PHYSICAL
"""What they measure lies in no one place of the structure."""


@dataclass(frozen=True, slots=True)
class Away:
    """How far a spot is from the surface of the structure of that name, and whether it lies inside."""

    name: str
    mm: float
    inside: bool


@dataclass(frozen=True, slots=True)
class GoalSpot:
    """The hottest or the coldest point of what a goal is about, patient LPS in mm, and the dose there.

    `slice_mm` is the nearest slice of the image. `edge` is the distance from the surface of the structure itself, None
    where that is not known. `effect`, such as "EQD2(ab=3)", is what `dose_gy` is of in a course whose plans add up in
    it, empty for the physical dose.
    """

    hottest: bool
    at_mm: tuple[float, float, float]
    dose_gy: float
    slice_mm: float
    edge: Away | None
    targets: tuple[Away, ...]
    effect: str = ""


@dataclass(slots=True, eq=False)
class Locator:
    """Finds spots, each place and each surface once."""

    plan: Plan
    targets: tuple[Structure, ...]
    end_caps: str
    spots: dict[tuple[int, bool, Effect | None], GoalSpot | None]
    surfaces: dict[int, Surface | None]

    @classmethod
    def of(cls, plan: Plan, protocol: Protocol, matches: Matches, end_caps: str) -> Locator:
        """The locator of an evaluation; distances are to the targets of `protocol`."""
        names = [s.name for s in protocol.structures if s.role == "target"]
        targets = tuple(dict.fromkeys(roi for name in names for roi in matches[name].structures))
        return cls(plan, targets, end_caps, {}, {})

    def locate(self, results: Iterable[GoalResult], dvhs: Mapping[int, Dvh]) -> Iterator[GoalResult]:
        """`results` with the spot of those that are not met or marginal; `dvhs` are by number of the structure."""
        for result in results:
            missed = result.outcome in (Outcome.NOT_MET, Outcome.MARGINAL) and result.quantity.value is not None
            dvh = dvhs.get(result.structure_number) if result.structure_number is not None else None
            metric = result.goal.metric
            if not missed or dvh is None or metric.kind in NO_PLACE:
                yield result
                continue
            # What must not rise fails where the dose is high, and what must not fall where it is low.
            hottest = result.goal.op.is_upper == rises_with_dose(metric)
            yield replace(result, spot=self._spot(dvh.structure, self._effect(metric), hottest=hottest))

    def _effect(self, metric: Metric) -> Effect | None:
        """What to look for the extreme of; of one plan alone the physical dose is highest where its effect is."""
        if self.plan.course is None or metric.alpha_beta_gy is None:
            return None
        return Effect(metric.effect, metric.alpha_beta_gy)

    def _spot(self, structure: Structure, effect: Effect | None, *, hottest: bool) -> GoalSpot | None:
        key = structure.number, hottest, effect
        if key not in self.spots:
            self.spots[key] = self._found(structure, effect, hottest=hottest)
        return self.spots[key]

    def _found(self, structure: Structure, effect: Effect | None, *, hottest: bool) -> GoalSpot | None:
        found = spot_of(self.plan, structure, hottest=hottest, end_caps=self.end_caps, effect=effect)
        if found is None:
            return None
        others = [target for target in self.targets if target.number != structure.number]
        away = [self._away(target, found.at_mm) for target in others]
        return GoalSpot(
            hottest,
            found.at_mm,
            found.dose_gy,
            self._slice_mm(found.at_mm[2], structure),
            self._away(structure, found.at_mm),
            tuple(each for each in away if each is not None),
            "" if effect is None else str(effect),
        )

    def _away(self, structure: Structure, at_mm: tuple[float, float, float]) -> Away | None:
        if structure.number not in self.surfaces:
            image = self.plan.image
            self.surfaces[structure.number] = Surface.of(structure, None if image is None else image.z_mm)
        surface = self.surfaces[structure.number]
        if surface is None:
            return None
        distance = surface.distance(at_mm)
        return Away(structure.name, distance.mm, distance.inside)

    def _slice_mm(self, z_mm: float, structure: Structure) -> float:
        """The slice of the image nearest to a height; where it has no two, the nearest plane of the contours."""
        image = self.plan.image
        slices = image.z_mm if image is not None and image.z_mm.size > 1 else np.unique(structure.points_mm[:, 2])
        return float(slices[np.abs(slices - z_mm).argmin()])
