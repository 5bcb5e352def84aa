"""The dose of vertices in a tumour, and of the valleys between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Final

from hardcheck.algebra import Stack, derive
from hardcheck.dvh import Dvh, compute_dvhs, size_of, slices_of
from hardcheck.lattice.vertex import Vertex, distances, find_vertices, nearest_mm, overlap
from hardcheck.metric import Metric
from hardcheck.plan import Plan, Structure
from hardcheck.plan.geometry import Floats
from hardcheck.protocol.expression import Combined, Name
from hardcheck.quantity import Quantity, ratio

REPORTED: Final = tuple(
    Metric.parse(text) for text in ("D5%[Gy]", "D10%[Gy]", "D50%[Gy]", "D90%[Gy]", "D95%[Gy]", "Mean[Gy]")
)
"""What is reported of the tumour."""

PVDR_DEFINITION: Final = (
    "PVDR = peak / valley: mean dose of all vertices over mean dose of the tumour outside of the vertices"
)
"""Peak over valley dose, as Wu et al. 2020 (Radiat Res 194(6):737-746) speak of a lattice; which doses stand for the
two differs from centre to centre. Mean doses need no choice of a point or a profile."""

NO_VERTEX: Final = Quantity.unknown("Gy", "there is no vertex")

MOST: Final = 500
"""More islands than any lattice has vertices: something else was named."""


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """The vertices in `tumour`; where they cannot be told there is none, and `reason` says why."""

    tumour: Structure
    doses: Mapping[Metric, Quantity]
    """`REPORTED`, of the tumour."""
    d10_d90: Quantity
    """D10% over D90% of the tumour."""
    diameter: Quantity
    """The greatest distance of two points of the tumour, in mm."""
    volume: Quantity
    vertices: tuple[Vertex, ...] = ()
    peak: Quantity = NO_VERTEX
    """Mean dose of all vertices."""
    valley: Quantity = NO_VERTEX
    """Mean dose of the tumour outside of them."""
    reason: str | None = None

    @property
    def pvdr(self) -> Quantity:
        """The peak-to-valley ratio as `PVDR_DEFINITION` has it."""
        if self.reason is not None:
            return Quantity.unknown("", self.reason)
        return ratio([self.peak], [self.valley])


def lattice_of(
    plan: Plan,
    tumour: Structure,
    structures: Sequence[Structure],
    organs: Sequence[Structure],
    *,
    missing: str = "no vertices are contoured",
    end_caps: str = "half",
) -> Lattice:
    """The lattice in `tumour` of the vertices in `structures`: several ROIs, or islands of one.

    `organs` are those that distances are given to; `missing` says why there are no structures.
    """
    slices = plan.image.z_mm if plan.image is not None else None
    found = find_vertices(structures, slices) if structures else missing
    if not isinstance(found, str) and len(found) > MOST:
        found = f"there are {len(found)} islands, more than a lattice has vertices"
    vertices = [] if isinstance(found, str) else found
    valleys = [_valleys(tumour, vertices, slices)] if vertices else []
    whole, *dvhs = compute_dvhs(plan, [tumour, *vertices, *valleys], end_caps=end_caps)
    parts = dvhs[: len(vertices)]
    around = _stack(plan, tumour)
    lattice = _of_tumour(whole, around)
    reasons = [found] if isinstance(found, str) else [f"{d.structure.name}: {d.reason}" for d in parts if d.reason]
    if isinstance(around, str):
        reasons.append(f"{tumour.name}: {around}")
    stacks = [stack for v in vertices if not isinstance(stack := Stack.of(v, slices), str)]
    if not reasons and (both := overlap(vertices, stacks)):
        reasons.append(f"the vertices {both[0]} and {both[1]} touch or share a place")
    if reasons or isinstance(around, str):
        return replace(lattice, reason=reasons[0])
    to = {organ.name: _stack(plan, organ) for organ in organs}
    peak = _mean([dvh.metric("Mean[Gy]") for dvh in parts], [dvh.volume for dvh in parts])
    several = _several(parts, stacks, around, to)
    return replace(lattice, vertices=several, peak=peak, valley=dvhs[-1].metric("Mean[Gy]"))


def _several(
    dvhs: Sequence[Dvh], stacks: Sequence[Stack], tumour: Stack, organs: Mapping[str, Stack | str]
) -> tuple[Vertex, ...]:
    """The vertices of those DVHs."""
    made = []
    for dvh, stack, spacing in zip(dvhs, stacks, nearest_mm(stacks), strict=True):
        to_surface, to_organs = distances(stack, tumour, organs)
        median = dvh.metric("D50%[Gy]")
        made.append(Vertex(dvh.structure, stack.centre_mm, dvh.volume, median, to_surface, spacing, to_organs))
    return tuple(made)


def _of_tumour(dvh: Dvh, stack: Stack | str) -> Lattice:
    """What can be said of the tumour without its vertices."""
    doses = {metric: dvh.metric(metric) for metric in REPORTED}
    high, low = (dvh.metric(text) for text in ("D10%[Gy]", "D90%[Gy]"))
    diameter = Quantity.unknown("mm", stack) if isinstance(stack, str) else stack.diameter_mm
    return Lattice(dvh.structure, doses, ratio([high], [low]), diameter, dvh.volume)


def _valleys(tumour: Structure, vertices: Sequence[Structure], slices: Floats | None) -> Structure:
    """What of the tumour lies outside of the vertices."""
    names = {f"V{n}": vertex for n, vertex in enumerate(vertices, 1)}
    outside = Combined("-", (Name("Tumour"), *(Name(name) for name in names)))
    number = -1 - len(vertices)
    return derive(outside, {"Tumour": tumour, **names}, number=number, name="valleys", slice_z_mm=slices)


def _mean(doses: Sequence[Quantity], volumes: Sequence[Quantity]) -> Quantity:
    """The mean of `doses` weighted by `volumes`; its ends with the weights, of those possible, that go furthest."""
    reason = next((q.reason for q in (*doses, *volumes) if q.value is None), None)
    if reason is not None:
        return Quantity.unknown("Gy", reason)
    ends = [(v.low or 0.0, v.high if v.high is not None else inf) for v in volumes]
    value = _weighted([(d.value or 0.0, v.value or 0.0) for d, v in zip(doses, volumes, strict=True)])
    low = _furthest([d.low or 0.0 for d in doses], ends, sign=1)
    high = _furthest([d.high if d.high is not None else inf for d in doses], ends, sign=-1)
    caveats = tuple(dict.fromkeys(c for q in doses for c in q.caveats))
    return Quantity(value, min(low, value), max(high, value), "Gy", None, caveats)


def _furthest(doses: Sequence[float], weights: Sequence[tuple[float, float]], *, sign: int) -> float:
    """The least (`sign` 1) or greatest (-1) weighted mean: the furthest have most of their weight, the rest least."""
    if not all(isfinite(dose) for dose in doses):
        return max(doses) if sign < 0 else min(doses)
    rising = sorted(zip(doses, weights, strict=True), key=lambda pair: sign * pair[0])
    means = [
        _weighted([(dose, high if i < n else low) for i, (dose, (low, high)) in enumerate(rising)])
        for n in range(len(rising) + 1)
    ]
    return min(means) if sign > 0 else max(means)


def _weighted(pairs: Sequence[tuple[float, float]]) -> float:
    whole = sum(weight for _, weight in pairs)
    return sum(dose * weight for dose, weight in pairs) / whole if whole > 0 else max(dose for dose, _ in pairs)


def _stack(plan: Plan, structure: Structure) -> Stack | str:
    """The outlines of a contoured structure, or why they are not to be believed, as where slices seem to be missing."""
    (slices,) = slices_of(plan, [structure])
    reason = size_of(structure, slices).reason
    return reason or Stack.of(structure, plan.image.z_mm if plan.image is not None else None)
