"""The volume inside of an isodose that belongs to one target.

The engine's dose is trilinear between voxels, so a point at or above a dose lies in a cell of which some corner is at
or above it. Voxels at or above it that share a cell are one region; two regions share none, and lowering the voxels
of one leaves the other as it is. So the region of a target is the engine's volume at that dose in a box around it,
inside of the body, with the voxels of all other regions lowered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hardcheck.algebra import derive, is_nothing, nodes_near
from hardcheck.dvh import Dvh, compute_dvhs
from hardcheck.indices.body import Body
from hardcheck.metric import Kind, Metric
from hardcheck.plan import DoseGrid, Plan, Structure
from hardcheck.protocol.expression import parse_expression
from hardcheck.quantity import Quantity

Booleans = NDArray[np.bool_]

FIRST_ALLOWANCE: Final = 0.002
"""By which part of the dose the region is at first looked at below it, for the interval; as much more as that needs."""
TRIES: Final = 4
LOWERED: Final = 0.999
"""Voxels of other regions get this part of the dose from which on regions are told apart."""
ROOM: Final = 2
"""Voxels around the region that the box reaches further: the ends of the box hold no dose that counts."""
LEAST_PLANES: Final = 24
"""Planes of the box, so that nothing is left open between them."""

BOX: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Isodoses:
    """The isodose regions of a plan; `targets` are those that a region may belong to."""

    plan: Plan
    body: Body
    targets: tuple[Structure, ...]

    def volume(self, target: Structure, others: Sequence[Structure], dose_gy: float) -> Quantity:
        """The volume in cc at `dose_gy` or more, in the body, of the region connected with `target`.

        `others` are targets elsewhere. Without them all of the isodose counts, and what of it does not reach the target
        widens the interval downwards: it may be of a target that nobody contoured. With them a region that reaches two
        targets is neither's, and what reaches none may be anyone's: it widens the interval upwards.
        """
        dose = self.plan.dose
        if dose is None:
            return Quantity.unknown("cc", "there is no dose that could be trusted")
        metric = Metric(Kind.VOLUME_AT_DOSE, "cc", dose_gy, "Gy")
        low_gy = (1 - FIRST_ALLOWANCE) * dose_gy - dose.quantum_gy
        for _ in range(TRIES):
            regions = _regions(dose, low_gy, target, others)
            if isinstance(regions, str):
                return Quantity.unknown("cc", regions, self.body.caveats)
            if not np.any(regions.own):
                return _beside(Quantity(0.0, 0.0, 0.0, "cc", None, self.body.caveats), self._stray(regions, low_gy))
            dvh = self._dvh(_lowered(dose, regions.own, regions.hot, low_gy), regions.own)
            if is_nothing(dvh.structure):
                return _beside(Quantity(0.0, 0.0, 0.0, "cc", None, self.body.caveats), self._stray(regions, low_gy))
            if dvh.reason is not None:
                return Quantity.unknown("cc", f"the isodose volume is not known: {dvh.reason}", self.body.caveats)
            reach_gy = dose_gy + dvh.slack.around(dose_gy)[0]
            if reach_gy >= low_gy:
                found = dvh.metric(metric)
                found = replace(found, caveats=(*self.body.caveats, *found.caveats))
                found = self._reaching(self._at_edges(found, regions.own), regions, metric, low_gy)
                return _beside(found, self._stray(regions, low_gy))
            low_gy = reach_gy - FIRST_ALLOWANCE * dose_gy
        return Quantity.unknown(
            "cc", f"the dose grid is too coarse to tell the {dose_gy:g} Gy isodose", self.body.caveats
        )

    def _dvh(self, dose: DoseGrid, nodes: Booleans) -> Dvh:
        """The DVH, in `dose`, of the part of the body around the nodes."""
        box = _box_around(dose, nodes)
        if self.body.structure is not None:
            parts = {"Box": box, "Body": self.body.structure}
            box = derive(parse_expression("Box & Body"), parts, number=BOX, name=box.name)
        alone = replace(self.plan, structures=(), image=None, dose=dose)
        return compute_dvhs(alone, [box])[0]

    def _reaching(self, found: Quantity, regions: _Regions, metric: Metric, low_gy: float) -> Quantity:
        """`found`, as low as if only what reaches the target were its own."""
        dose = self.plan.dose
        if dose is None or found.value is None or found.low is None or regions.reaching is regions.own:
            return found
        alone = 0.0
        if np.any(regions.reaching):
            dvh = self._dvh(_lowered(dose, regions.reaching, regions.hot, low_gy), regions.reaching)
            alone = 0.0 if is_nothing(dvh.structure) else dvh.metric(metric).low or 0.0
        if alone >= found.low:
            return found
        said = "a part of the isodose does not reach the target, and counts as its: no other target is contoured"
        return replace(found, low=alone, caveats=(*found.caveats, said))

    def _stray(self, regions: _Regions, low_gy: float) -> Quantity | None:
        """The volume in the body of regions that reach no target, None where there is none."""
        dose = self.plan.dose
        if dose is None or not np.any(regions.stray):
            return None
        dvh = self._dvh(_lowered(dose, regions.stray, regions.hot, low_gy), regions.stray)
        return None if is_nothing(dvh.structure) else dvh.metric(Metric(Kind.VOLUME_AT_DOSE, "cc", low_gy, "Gy"))

    def _at_edges(self, found: Quantity, nodes: Booleans) -> Quantity:
        """`found` without an upper bound where the isodose runs out of the dose grid while the body goes on."""
        dose, body = self.plan.dose, self.body.structure
        if dose is None or found.value is None or found.low is None:
            return found
        for axis, positions in enumerate(dose.axes_mm):
            across = np.any(nodes, axis=tuple(k for k in range(3) if k != 2 - axis))
            for at_edge, edge, sign in ((across[0], positions[0], -1.0), (across[-1], positions[-1], 1.0)):
                goes_on = body is None or float(np.max(sign * body.points_mm[:, axis])) > sign * edge
                if at_edge and goes_on:
                    said = "the isodose runs out of the dose grid: how far it goes on is not known"
                    return Quantity(found.value, found.low, np.inf, "cc", None, (*found.caveats, said))
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _Regions:
    """Nodes (nz, ny, nx) at or above a dose.

    All (`hot`), the target's `own`, those of them that are `reaching` it, and those of others that reach no target.
    """

    hot: Booleans
    own: Booleans
    reaching: Booleans
    stray: Booleans


def _regions(dose: DoseGrid, low_gy: float, target: Structure, others: Sequence[Structure]) -> _Regions | str:
    """The regions at or above `low_gy`, or why the target's own cannot be told."""
    from scipy import ndimage  # noqa: PLC0415 - only for indices: it takes a while to load

    hot = dose.dose_gy >= low_gy
    labels, _ = ndimage.label(hot, structure=np.ones((3, 3, 3)))
    reach = np.array(dose.spacing_mm)

    def touched(structure: Structure) -> set[int]:
        return set(np.unique(labels[nodes_near(structure, dose.axes_mm, reach)]).tolist()) - {0}

    own = touched(target)
    its = np.isin(labels, list(own))
    if not others:
        return _Regions(hot, hot, hot if np.array_equal(its, hot) else its, np.zeros_like(hot))
    theirs = {other.name: touched(other) for other in others}
    if together := [name for name, found in theirs.items() if found & own]:
        together = [target.name, *together]
        return f"the isodose volumes of {' and '.join(together)} run together: ask about the union of these targets"
    reached = own.union(*theirs.values())
    return _Regions(hot, its, its, hot & ~np.isin(labels, list(reached)))


def _lowered(dose: DoseGrid, nodes: Booleans, hot: Booleans, low_gy: float) -> DoseGrid:
    """`dose` with all hot voxels but `nodes` below `low_gy`."""
    others = hot & ~nodes
    if not np.any(others):
        return dose
    return replace(dose, dose_gy=np.where(others, LOWERED * low_gy, dose.dose_gy))


def _box_around(dose: DoseGrid, nodes: Booleans) -> Structure:
    """A box of rectangles that holds all cells of the nodes, and some more, inside of the grid."""
    ends = []
    for axis, positions in enumerate(dose.axes_mm):
        at = np.flatnonzero(np.any(nodes, axis=tuple(k for k in range(3) if k != 2 - axis)))
        first, last = max(int(at[0]) - ROOM, 0), min(int(at[-1]) + ROOM, positions.size - 1)
        ends.append((float(positions[first]), float(positions[last])))
    return box("isodose", ends, min(dose.spacing_mm))


def box(name: str, ends_mm: Sequence[tuple[float, float]], spacing_mm: float) -> Structure:
    """A box between `ends_mm` along x, y and z, of planes at most half of `spacing_mm` apart."""
    (x0, x1), (y0, y1), (z0, z1) = ends_mm
    planes = max(LEAST_PLANES, int(np.ceil(2 * (z1 - z0) / spacing_mm)))
    heights = z0 + (np.arange(planes) + 0.5) * (z1 - z0) / planes
    contours = [[(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)] for z in heights]
    return Structure.from_contours(BOX, name, contours)


def _beside(found: Quantity, stray: Quantity | None) -> Quantity:
    """`found`, as high as if all that reaches no target were its own."""
    if stray is None or found.value is None or found.low is None or found.high is None or stray.high == 0:
        return found
    size = f"{stray.value:.3g} cc" if stray.value is not None else "parts"
    said = f"{size} of the isodose reach no target, and may belong to any of them"
    high = found.high + stray.high if stray.high is not None else np.inf
    return Quantity(found.value, found.low, high, "cc", None, (*found.caveats, said))
