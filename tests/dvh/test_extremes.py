"""Least and greatest dose where no corner of a contour and no plane of the grid is."""

import numpy as np
import pytest

from hardcheck.dvh import compute_dvh
from hardcheck.plan import DoseGrid
from tests.dvh.solids import plan, stacked

VOXEL_MM = 3.0
AXIS = VOXEL_MM * np.arange(-20, 21)
STEPS = np.arange(-20, 21)


def edge(low_gy: float, high_gy: float) -> DoseGrid:
    """`high_gy` on all voxels with x + y <= 0, `low_gy` on the others: an edge across the grid, one voxel steep."""
    dose = np.where(STEPS[None, :, None] + STEPS[None, None, :] + 0 * STEPS[:, None, None] <= 0, high_gy, low_gy)
    return DoseGrid(AXIS, AXIS, AXIS, dose.astype(float))


def beside(at: float, points: int):
    """A rectangle along the edge whose near side is x + y = `at` voxels, of 30 mm with `points` points on a side."""
    along, across = np.array([1, -1]) / np.sqrt(2), np.array([1, 1]) / np.sqrt(2)
    start = across * at * VOXEL_MM / np.sqrt(2)
    corners = [
        start - 15 * along,
        start + 15 * along,
        start + 15 * along + 10 * across,
        start - 15 * along + 10 * across,
    ]
    parts = np.arange(points) / points
    xy = np.concatenate(
        [a + parts[:, None] * (b - a) for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)]
    )
    return stacked(lambda z: np.column_stack([xy, np.full(len(xy), z)]), np.arange(-9.0, 10, 3))


@pytest.mark.parametrize("at", [1.05, 1.2, 1.3, 1.6, 1.9])
@pytest.mark.parametrize("points", [1, 5, 40])
def test_the_bulge_along_an_oblique_side(at, points):
    """Its cell holds low + (high - low) (1 - u)(1 - v), which along u + v = `at` is most in the middle."""
    hot = compute_dvh(plan(beside(at, points), edge(30, 66)), 1)
    cold = compute_dvh(plan(beside(at, points), edge(66, 30)), 1)
    assert hot.maximum_gy == pytest.approx(30 + 36 * (1 - at / 2) ** 2, abs=0.05)
    assert cold.minimum_gy == pytest.approx(66 - 36 * (1 - at / 2) ** 2, abs=0.05)
    assert hot.metric("Max[Gy]").high >= hot.maximum_gy
