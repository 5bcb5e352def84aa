"""The indices, each with its definition.

TV is the volume of the target, PIV the isodose volume that belongs to it, TIV the volume of the target inside of that
isodose, PIV50 the isodose volume at half of the dose. The dose is the prescription, or the one written behind.

| index | definition | source |
|---|---|---|
| CI_RTOG | PIV / TV | Shaw et al. 1993 (PITV) |
| CI_CK | PIV / TIV | CyberKnife's conformity index, as in Feng et al. 2020 |
| CI_Paddick | TIV² / (TV PIV) | Paddick 2000 |
| nCI | TV PIV / TIV² = CI_CK / coverage = 1 / CI_Paddick | Nakamura et al. 2001 |
| GI | PIV50 / PIV | Paddick and Lippitz 2006 |
| R50 | PIV50 / TV | RTOG 0813, 0915 |
| HI_max | greatest dose in the target / prescription | Shaw et al. 1993 |
| HI_ICRU | (D2% - D98%) / D50% | ICRU Report 83 |
| D2cm | greatest dose in the body at 2 cm or more from the target | RTOG 0813, 0915 |

Each index rises or falls with each of its parts, so its interval goes from what the ends of theirs give on one side to
what they give on the other. TIV/TV has the value of V[%], of which both lie under the same model of the contours, and
is at most 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from hardcheck.algebra import derive, is_nothing
from hardcheck.dvh import Dvh, compute_dvhs, size_of
from hardcheck.indices.body import Body, with_target
from hardcheck.indices.isodose import Isodoses, box
from hardcheck.metric import Kind, Metric
from hardcheck.plan import Plan, Structure
from hardcheck.plan.geometry import PLANE_TOLERANCE_MM
from hardcheck.protocol.expression import SIDES, Combined, Grown, Margins, Name
from hardcheck.quantity import Quantity, ratio

SAME_PLACE: Final = 0.5
"""Two targets that share this part of the smaller one are one lesion, as GTV and PTV; others are apart."""

NO_LEVEL: Final = "the prescription level that it is about is not known"
AWAY_MM: Final = 20.0
FINE_MM: Final = 1.0
"""The spacing of planes near 2 cm from the target."""
HALF_WAY: Final = 0.5
"""The part of the dose that GI and R50 are about."""


@dataclass(slots=True, eq=False)
class Indices:
    """Values of indices in `plan`. `targets` are all that may have isodose regions of their own, usable or not."""

    plan: Plan
    body: Body
    targets: tuple[Structure, ...]
    end_caps: str = "half"
    _isodoses: dict[tuple[int, float], Quantity] = field(default_factory=dict)
    _away: dict[int, Quantity] = field(default_factory=dict)
    _bodies: dict[int, Body] = field(default_factory=dict)
    _others: dict[int, tuple[Structure, ...]] = field(default_factory=dict)

    def metric(self, metric: Metric, dvh: Dvh, level_gy: float | None) -> Quantity:
        """`metric` of the structure of `dvh`; what is no index is `dvh`'s own. `level_gy` is its prescription.

        What cannot be known is a quantity with a reason.
        """
        evaluate = _EVALUATORS.get(metric.kind)
        if evaluate is None:
            return dvh.metric(metric, level_gy)
        if dvh.reason is not None:
            return Quantity.unknown(metric.unit, dvh.reason)
        dose_gy = _dose_gy(metric, level_gy)
        if dose_gy is None:
            return Quantity.unknown(metric.unit, NO_LEVEL)
        return evaluate(_Target(self, dvh, metric, dose_gy))

    def isodose(self, target: Structure, dose_gy: float) -> Quantity:
        """The isodose volume in cc that belongs to `target`."""
        key = target.number, dose_gy
        if key not in self._isodoses:
            isodoses = Isodoses(self.plan, self._body_with(target), self.targets)
            self._isodoses[key] = isodoses.volume(target, self.others(target), dose_gy)
        return self._isodoses[key]

    def _body_with(self, target: Structure) -> Body:
        """The body with what of the target lies outside of it, so that no more of the target than of PIV counts."""
        if target.number not in self._bodies:
            self._bodies[target.number] = with_target(self.body, target)
        return self._bodies[target.number]

    def others(self, target: Structure) -> tuple[Structure, ...]:
        """Targets that lie elsewhere than `target`."""
        if target.number not in self._others:
            usable = (s for s in self.targets if s.unusable is None and s.number != target.number)
            self._others[target.number] = tuple(s for s in usable if not _one_place(target, s))
        return self._others[target.number]

    def at_distance(self, target: Structure) -> Quantity:
        """The greatest dose in Gy in the body at 2 cm or more from `target` and from all targets elsewhere.

        Its interval holds those a slice further away and nearer: contours do not tell where in a slice a target ends,
        nor those of the body to better than half of one where 2 cm end.
        """
        if target.number not in self._away:
            self._away[target.number] = self._at_distance(target)
        return self._away[target.number]

    def _at_distance(self, target: Structure) -> Quantity:
        away = (target, *self.others(target))
        parts = {"Body": self.body.structure or self._grid(), **{f"T{i}": s for i, s in enumerate(away)}}
        slice_mm = max(_slice_mm(structure) for structure in (*away, parts["Body"]))
        points = np.concatenate([structure.points_mm for structure in away])
        reach_mm = AWAY_MM + 2 * slice_mm + FINE_MM
        ends = list(zip(points.min(axis=0) - reach_mm, points.max(axis=0) + reach_mm, strict=True))
        # Near the target on planes that are finer than those of the body: the dose is looked at from plane to plane.
        parts["Near"] = box("near", ends, 2 * FINE_MM)
        recipes = [Combined("-", (Name("Body"), Name("Near")))]
        for distance_mm in (AWAY_MM, AWAY_MM + slice_mm, max(AWAY_MM - slice_mm, FINE_MM)):
            margins = Margins(*[distance_mm] * len(SIDES))
            grown = (Grown("margin", Name(f"T{i}"), margins) for i in range(len(away)))
            recipes.append(Combined("-", (Combined("&", (Name("Near"), Name("Body"))), *grown)))
        slices = self.plan.image.z_mm if self.plan.image is not None else None
        made = [
            derive(recipe, parts, number=-k, name="2 cm away", slice_z_mm=slices) for k, recipe in enumerate(recipes, 1)
        ]
        alone = replace(self.plan, structures=(), image=None)
        far, near, *others = compute_dvhs(alone, made, end_caps=self.end_caps)
        found = _greatest([near, far])
        return _spanning(found, [_greatest([other, far]) for other in others])

    def _grid(self) -> Structure:
        """The whole dose grid as a structure."""
        dose = self.plan.dose
        if dose is None:
            return Structure.from_contours(-1, "grid", [])
        return box("grid", [(float(axis[0]), float(axis[-1])) for axis in dose.axes_mm], 2 * dose.spacing_mm[2])


@dataclass(frozen=True, slots=True, eq=False)
class _Target:
    """One target asked about one index at one dose."""

    indices: Indices
    dvh: Dvh
    metric: Metric
    dose_gy: float

    @property
    def volume(self) -> Quantity:
        return self.dvh.volume

    @property
    def covered(self) -> Quantity:
        """TIV in cc."""
        return self.dvh.metric(Metric(Kind.VOLUME_AT_DOSE, "cc", self.dose_gy, "Gy"))

    @property
    def coverage(self) -> Quantity:
        """TIV/TV, as wide as that of both under one model of the contours and as their own intervals make it."""
        share = self.dvh.metric(Metric(Kind.VOLUME_AT_DOSE, "%", self.dose_gy, "Gy")).scaled(0.01, "")
        apart = ratio([self.covered], [self.volume])
        if share.value is None or apart.low is None or apart.high is None:
            return share
        return Quantity.spanning(
            share.value, (share.low or 0.0, share.high or 0.0, apart.low, min(apart.high, 1.0)), "", share.caveats
        )

    def isodose(self, part: float = 1.0) -> Quantity:
        return self.indices.isodose(self.dvh.structure, part * self.dose_gy)

    def dose(self, text: str) -> Quantity:
        return self.dvh.metric(text)


def _bounded(index: Quantity, *, least: float = 0.0, most: float = math.inf) -> Quantity:
    """`index` without what of its interval lies beyond a bound that holds for every target within the body."""
    if index.value is None or index.low is None or index.high is None or not least <= index.value <= most:
        return index
    return replace(index, low=max(index.low, least), high=min(index.high, most))


def _ci_rtog(target: _Target) -> Quantity:
    """PIV / TV."""
    return ratio([target.isodose()], [target.volume])


def _ci_ck(target: _Target) -> Quantity:
    """PIV / TIV."""
    return _bounded(ratio([target.isodose()], [target.covered]), least=1.0)


def _ci_paddick(target: _Target) -> Quantity:
    """TIV² / (TV PIV), as coverage times TIV / PIV."""
    return _bounded(ratio([target.coverage, target.covered], [target.isodose()]), most=1.0)


def _nci(target: _Target) -> Quantity:
    """TV PIV / TIV², as PIV over TIV and coverage."""
    return _bounded(ratio([target.isodose()], [target.covered, target.coverage]), least=1.0)


def _gi(target: _Target) -> Quantity:
    """PIV50 / PIV."""
    return ratio([target.isodose(HALF_WAY)], [target.isodose()])


def _r50(target: _Target) -> Quantity:
    """PIV50 / TV."""
    return ratio([target.isodose(HALF_WAY)], [target.volume])


def _hi_max(target: _Target) -> Quantity:
    """The greatest dose in the target over the dose."""
    return target.dose("Max[Gy]").scaled(1 / target.dose_gy, "")


def _hi_icru(target: _Target) -> Quantity:
    """(D2% - D98%) / D50%."""
    high, low, middle = (target.dose(f"D{share}%[Gy]") for share in (2, 98, 50))
    if high.value is None or low.value is None or high.low is None or low.high is None or low.low is None:
        return Quantity.unknown("", high.reason or low.reason or "not known")
    spread = Quantity(
        high.value - low.value,
        max(high.low - low.high, 0.0),
        (high.high if high.high is not None else math.inf) - low.low,
        "Gy",
        None,
        (*high.caveats, *low.caveats),
    )
    return ratio([spread], [middle])


def _d2cm(target: _Target) -> Quantity:
    """The greatest dose at 2 cm or more, in Gy or in percent of the dose."""
    found = target.indices.at_distance(target.dvh.structure)
    if found.value is not None and target.metric.unit == "%":
        found = found.scaled(100 / target.dose_gy, "%")
    caveats = target.indices.body.caveats
    if others := target.indices.others(target.dvh.structure):
        caveats = (*caveats, f"2 cm from {' and '.join(s.name for s in others)} too")
    if found.value is None:
        return Quantity.unknown(target.metric.unit, f"what lies 2 cm away is not known: {found.reason}", caveats)
    return replace(found, caveats=(*caveats, *found.caveats))


def _greatest(parts: Sequence[Dvh]) -> Quantity:
    """The greatest dose in several structures. Of which nothing is left does not count; what is not known may be it."""
    counting = [dvh for dvh in parts if not is_nothing(dvh.structure)]
    found = [dvh.metric("Max[Gy]") for dvh in counting]
    known = [q for q in found if q.value is not None]
    if not known:
        return found[0] if found else Quantity.unknown("Gy", "nothing of the body lies there")
    low, value = max(q.low or 0.0 for q in known), max(q.value or 0.0 for q in known)
    high = max(q.high if q.high is not None else math.inf for q in known)
    caveats = dict.fromkeys(c for q in known for c in q.caveats)
    for q in found:
        if q.value is None:
            high = math.inf
            caveats[f"a part of what lies there is not known: {q.reason}"] = None
    return Quantity(value, low, high, "Gy", None, tuple(caveats))


def _spanning(found: Quantity, others: Sequence[Quantity]) -> Quantity:
    """`found` with an interval that holds those of the others too; not known where one of them is not."""
    bounds = [bound for q in (found, *others) for bound in (q.low, q.high) if bound is not None]
    if found.value is None or len(bounds) < 2 * (1 + len(others)):
        return Quantity.unknown("Gy", found.reason or "what lies around 2 cm away is not known", found.caveats)
    return Quantity.spanning(found.value, tuple(bounds), "Gy", found.caveats)


def _slice_mm(structure: Structure) -> float:
    """The usual distance of a structure's planes, 0 where it has one."""
    planes = np.unique(np.round(structure.points_mm[:, 2] / PLANE_TOLERANCE_MM)) * PLANE_TOLERANCE_MM
    return float(np.median(np.diff(planes))) if planes.size > 1 else 0.0


def _dose_gy(metric: Metric, level_gy: float | None) -> float | None:
    """The dose that `metric` is about, None where that is not known; any for those that need none."""
    if metric.at is not None and metric.at_unit == "Gy":
        return metric.at
    if not metric.is_of_level:
        return 1.0
    if level_gy is None or not level_gy > 0:
        return None
    return level_gy if metric.at is None else level_gy * metric.at / 100


def _one_place(a: Structure, b: Structure) -> bool:
    """Whether two targets share so much that they are of one lesion."""
    shared = derive(Combined("&", (Name("A"), Name("B"))), {"A": a, "B": b}, number=-1, name="shared")
    if shared.unusable:
        return False
    volumes = [size_of(s).volume_cc.get("half", 0.0) for s in (shared, a, b)]
    return volumes[0] >= SAME_PLACE * min(volumes[1:])


_EVALUATORS: Final[dict[Kind, Callable[[_Target], Quantity]]] = {
    Kind.CI_RTOG: _ci_rtog,
    Kind.CI_CK: _ci_ck,
    Kind.CI_PADDICK: _ci_paddick,
    Kind.NCI: _nci,
    Kind.GI: _gi,
    Kind.R50: _r50,
    Kind.HI_MAX: _hi_max,
    Kind.HI_ICRU: _hi_icru,
    Kind.D2CM: _d2cm,
}
