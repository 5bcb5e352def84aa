"""Lines of constant y, evenly spread over planes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hardcheck.plan.geometry import Floats, Integers


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Lines of constant y on K planes.

    `count` (K,) lie on each, evenly between `low_mm` and `high_mm` (K,), the first at a part `offset` (K,) of a step.
    They are numbered plane by plane, from low y to high.
    """

    low_mm: Floats
    high_mm: Floats
    count: Integers
    offset: Floats

    @property
    def step_mm(self) -> Floats:
        """The distance (K,) of neighbouring lines."""
        return (self.high_mm - self.low_mm) / self.count

    def plane(self) -> Integers:
        """The plane of each line."""
        return np.repeat(np.arange(self.count.size), self.count)

    def place(self) -> Integers:
        """The number of each line on its plane."""
        return np.arange(self.count.sum()) - np.repeat(np.cumsum(self.count) - self.count, self.count)

    def y_mm(self) -> Floats:
        """The y of each line."""
        plane = self.plane()
        return self.low_mm[plane] + (self.place() + self.offset[plane]) * self.step_mm[plane]

    def crossed(self, edges: Floats, edge_plane: Integers) -> tuple[Integers, Integers]:
        """First line that each edge crosses, and the one after the last; both (E,).

        An edge owns its lower end and not its upper one, so that a line through a vertex crosses an even number.
        """
        first_line, low = (np.cumsum(self.count) - self.count)[edge_plane], self.low_mm[edge_plane]
        offset = self.offset[edge_plane]
        per_mm, count = (1 / self.step_mm)[edge_plane], self.count[edge_plane]
        at = [
            first_line + np.clip(np.ceil((edges[:, side] - low) * per_mm - offset).astype(np.int64), 0, count)
            for side in (1, 3)
        ]
        return np.minimum(*at), np.maximum(*at)
