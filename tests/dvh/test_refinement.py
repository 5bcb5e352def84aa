"""Small hot and cold places in large structures, where lines that are evenly spread would pass by.

One voxel centre of another dose makes the product of three tents around it. With u, v and w even between 0 and 1 the
share of u v w >= t is 1 - t (1 - ln t + (ln t)^2 / 2), so that all volumes are known in closed form.
"""

import math

import numpy as np
import pytest
from scipy.optimize import brentq

from hardcheck.dvh import compute_dvhs
from hardcheck.phantom import Box
from hardcheck.plan import DoseGrid, Plan, Structure

VOXEL_MM = 2.5
BULK_GY, SPOT_GY = 20.0, 60.0
Z_MM = np.arange(-58.5, 60, 3.0)
BOX = Structure.from_contours(1, "Box", Box((120, 120, 120)).contours(Z_MM))
SPOT_CC = (2 * VOXEL_MM) ** 3 / 1000


def share(t: float) -> float:
    """The share of the spot's cube in which the product of the tents is at least `t`."""
    return 1 - t * (1 - math.log(t) + math.log(t) ** 2 / 2)


def with_spots(spot_gy: float, seed: int, spots: int = 1) -> Plan:
    """Spots at random voxels of a grid at a random place, none near another or the surface of the box."""
    random = np.random.default_rng(seed)
    axis = np.arange(-65, 65.1, VOXEL_MM)
    dose = np.full((axis.size,) * 3, BULK_GY)
    for n in range(spots):
        k, j, i = random.integers(8, axis.size - 8, 3)
        dose[k, j, 8 + 8 * n if spots > 1 else i] = spot_gy
    shift = random.uniform(-1.2, 1.2, 3)
    return Plan((BOX,), DoseGrid(axis + shift[0], axis + shift[1], axis + shift[2], dose))


@pytest.mark.parametrize("seed", range(30))
def test_a_hot_voxel_is_in_the_interval_of_every_metric(seed):
    (dvh,) = compute_dvhs(with_spots(SPOT_GY, seed), [BOX])
    for dose_gy in (25, 30, 40, 50, 55):
        exact = SPOT_CC * share((dose_gy - BULK_GY) / (SPOT_GY - BULK_GY))
        volume = dvh.metric(f"V{dose_gy}Gy[cc]")
        assert volume.low <= exact <= volume.high
    t = brentq(lambda t: SPOT_CC * share(t) - 0.03, 1e-6, 1)
    hottest = dvh.metric("D0.03cc[Gy]")
    assert hottest.low <= BULK_GY + t * (SPOT_GY - BULK_GY) <= hottest.high
    assert dvh.maximum_gy == pytest.approx(SPOT_GY, abs=1e-9)


@pytest.mark.parametrize("seed", range(30))
def test_a_cold_voxel_is_in_the_interval_of_every_metric(seed):
    (dvh,) = compute_dvhs(with_spots(0.0, seed), [BOX])
    for dose_gy in (5, 10, 15):
        exact = SPOT_CC * share(1 - dose_gy / BULK_GY)
        volume = dvh.metric(f"CV{dose_gy}Gy[cc]")
        assert volume.low <= exact <= volume.high
    t = brentq(lambda t: SPOT_CC * share(t) - 0.03, 1e-6, 1)
    coldest = dvh.metric("DC0.03cc[Gy]")
    assert coldest.low <= BULK_GY * (1 - t) <= coldest.high


@pytest.mark.parametrize("seed", range(10))
def test_spots_far_from_one_another_add_up(seed):
    (dvh,) = compute_dvhs(with_spots(SPOT_GY, seed, spots=4), [BOX])
    exact = 4 * SPOT_CC * share((40 - BULK_GY) / (SPOT_GY - BULK_GY))
    volume = dvh.metric("V40Gy[cc]")
    assert volume.low <= exact <= volume.high


def test_a_spot_is_found_to_a_tenth_of_its_volume():
    """The interval alone could hold the value by being wide."""
    for seed in range(10):
        (dvh,) = compute_dvhs(with_spots(SPOT_GY, seed), [BOX])
        exact = SPOT_CC * share(0.5)
        assert dvh.metric("V40Gy[cc]").value == pytest.approx(exact, rel=0.1)
