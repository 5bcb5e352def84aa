from __future__ import annotations

import numpy as np
import pytest

from hardcheck.phantom import axis_mm, gaussian, linear, penumbra, sample, uniform

X, Y, Z = axis_mm(-10, 10, 2.5), axis_mm(-6, 6, 3), axis_mm(0, 8, 2)


def test_axis_reaches_its_end() -> None:
    assert list(axis_mm(-1, 1, 0.5)) == [-1, -0.5, 0, 0.5, 1]
    assert axis_mm(0, 1, 0.3)[-1] == pytest.approx(1.2)
    assert axis_mm(0, 0.3, 0.1).size == 4


def test_uniform() -> None:
    grid = sample(uniform(66.0), X, Y, Z)
    assert grid.dose_gy.shape == (Z.size, Y.size, X.size)
    assert np.all(grid.dose_gy == 66.0)


def test_linear_rises_along_each_axis() -> None:
    dose = sample(linear(30, (0.5, -0.25, 2)), X, Y, Z).dose_gy
    assert np.diff(dose, axis=2) == pytest.approx(0.5 * 2.5)
    assert np.diff(dose, axis=1) == pytest.approx(-0.25 * 3)
    assert np.diff(dose, axis=0) == pytest.approx(2 * 2)
    assert dose[0, 2, 4] == 30


def test_gaussian_at_its_peak_and_one_sigma_away() -> None:
    dose = sample(gaussian(20, 5, (0, 0, 4), background_gy=10), X, Y, Z).dose_gy
    assert dose[2, 2, 4] == 30
    assert dose[2, 2, 6] == pytest.approx(10 + 20 * np.exp(-0.5))


def test_penumbra_is_half_way_at_its_edge_and_80_to_20_over_its_width() -> None:
    field = penumbra(60, 10, edge_mm=2, width_mm=6, direction=(0, 0, 3))
    at = np.array([-500.0, -1, 2, 5, 500])
    assert field(0 * at, 0 * at, at) == pytest.approx([60, 50, 35, 20, 10])
