"""Where the lines of a structure are set closer: through its hottest and its coldest places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from hardcheck.dvh.distribution import DOSE_EPSILON_GY
from hardcheck.dvh.extremes import Seen
from hardcheck.dvh.kernels import Booleans
from hardcheck.dvh.lines import Lines
from hardcheck.dvh.planes import PlaneStack
from hardcheck.plan import DoseGrid
from hardcheck.plan.geometry import Floats, Integers

TAIL_MM3: Final = 250.0
"""The hottest and the coldest volume of a structure that is looked at more closely, some D0.1cc."""

RESOLVED_MM3: Final = 2.0
"""Where each line stands for less than this, the tails are resolved as they are."""

ROWS_PER_CELL: Final = 48
"""Rows in each column of voxels along x, where lines are set closer."""

LINES: Final = 1024
"""At most about so many lines are added to a structure."""

LINES_OF_GRID: Final = (4, 256)
"""Least and most lines of the grid that the closer lines go through, for each tail."""


EPSILON: Final = 1e-6
"""In mm and in lines: what only touches is not in reach, however the coordinates were rounded."""


@dataclass(frozen=True, slots=True, eq=False)
class Refinement:
    """Runs (S,) of neighbouring lines, from `first` up to, not with, `last`, on `plane`, of which `times` are made."""

    plane: Integers
    first: Integers
    last: Integers
    times: int

    @property
    def count(self) -> Integers:
        """The number of lines (S,) that are put in place of each run."""
        return (self.last - self.first) * self.times


def refine(stack: PlaneStack, lines: Lines, seen: tuple[Seen, ...], dose: DoseGrid) -> Refinement:
    """Where `lines` through a structure are too few for its hottest and coldest places.

    `seen` are the lines of the grid in the structure, which leave out no voxel.
    """
    nothing = np.zeros(0, dtype=np.int64)
    none = Refinement(nothing, nothing, nothing, 1)
    volume_mm3 = float(np.sum(stack.area_mm2 * stack.reach_mm)) / 2
    if volume_mm3 / lines.count.sum() <= RESOLVED_MM3:
        return none
    spacing = np.array([np.diff(axis).max() for axis in dose.axes_mm])
    y, z = _tails(seen, float(np.prod(spacing)))
    flagged = _flagged(stack, lines, (y, z), (spacing[1], spacing[2]))
    if not np.any(flagged):
        return none
    begin, end = _runs(lines, flagged)
    plane, place = lines.plane(), lines.place()
    area = (lines.step_mm * stack.reach_mm.max(axis=0))[plane[begin]].max()
    wanted = int(np.ceil(ROWS_PER_CELL * area / (spacing[1] * spacing[2])))
    times = min(wanted, LINES // int(np.count_nonzero(flagged)))
    if times < 2:
        return none
    # An even number: one half of the lines is held against the other.
    return Refinement(plane[begin], place[begin], place[end - 1] + 1, times - times % 2)


def _tails(seen: tuple[Seen, ...], voxel_mm3: float) -> tuple[Floats, Floats]:
    """Where (n,), y and z, the lines of the grid are that see the greatest and the least doses."""
    y, z = (np.concatenate([getattr(s, name) for s in seen]) for name in ("y_mm", "z_mm"))
    least, greatest = (np.concatenate([getattr(s, name) for s in seen]) for name in ("least_gy", "greatest_gy"))
    # A compact place of n voxels is seen by n to the power of 2/3 lines; twice as many may be more than one place.
    count = int(np.clip(2 * np.ceil((TAIL_MM3 / voxel_mm3) ** (2 / 3)), *LINES_OF_GRID))
    found = []
    for values in (least, -greatest):
        here = np.flatnonzero(np.isfinite(values))
        if here.size > count:
            last = np.partition(values[here], count - 1)[count - 1]
            alike = here[values[here] <= last + DOSE_EPSILON_GY]
            # Many more that are as hot or as cold as the last are no place of their own.
            here = alike if alike.size <= 2 * count else here[values[here] < last - DOSE_EPSILON_GY]
        found.append(here)
    at = np.concatenate([np.empty(0, dtype=np.int64), *found])
    return y[at], z[at]


def _flagged(stack: PlaneStack, lines: Lines, at: tuple[Floats, Floats], reach: tuple[float, float]) -> Booleans:
    """Whether (L,) each line's stratum lies within `reach`, in y and z, of some of the places `at`."""
    low = stack.z_mm - stack.reach_mm[0] - reach[1] + EPSILON
    high = stack.z_mm + stack.reach_mm[1] + reach[1] - EPSILON
    place, plane = np.nonzero((at[1][:, None] > low) & (at[1][:, None] < high))
    y = at[0][place]
    begin, per_mm = (np.cumsum(lines.count) - lines.count)[plane], (1 / lines.step_mm)[plane]
    first, last = (
        np.clip(round_((y + way * reach[0] - lines.low_mm[plane]) * per_mm - way * EPSILON), 0, lines.count[plane])
        for way, round_ in ((-1, np.floor), (1, np.ceil))
    )
    first, last = first.astype(np.int64), last.astype(np.int64)
    change = np.zeros(int(lines.count.sum()) + 1, dtype=np.int64)
    np.add.at(change, begin + first, 1)
    np.add.at(change, begin + last, -1)
    return np.asarray(np.cumsum(change)[:-1] > 0)


def _runs(lines: Lines, flagged: Booleans) -> tuple[Integers, Integers]:
    """First line and the one after the last, (S,) each, of all runs of neighbours on one plane."""
    plane = lines.plane()
    at = np.flatnonzero(flagged)
    breaks = np.flatnonzero((np.diff(at) > 1) | (np.diff(plane[at]) > 0)) + 1
    return at[np.concatenate([[0], breaks])], at[np.concatenate([breaks - 1, [at.size - 1]])] + 1
