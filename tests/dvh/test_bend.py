"""How a dose bends between its voxels, also where they are unlike apart."""

import numpy as np
import pytest

from hardcheck.dvh.bend import bend_of
from hardcheck.phantom import sample

EVEN = np.arange(0.0, 21.0, 2.0)
UNEVEN = np.array([0.0, 1.0, 3.0, 3.5, 6.5, 8.0, 12.0])


@pytest.mark.parametrize("axis", [EVEN, UNEVEN])
def test_a_linear_dose_does_not_bend(axis):
    made = sample(lambda x, y, z: 3 + 2 * x - y + 0.5 * z, axis, UNEVEN, EVEN)
    assert np.abs(bend_of(made)).max() < 1e-4


@pytest.mark.parametrize("axis", [EVEN, UNEVEN])
@pytest.mark.parametrize("along", ["x", "y", "z"])
def test_a_parabola_is_a_twelfth_of_its_second_derivative_off_on_average(axis, along):
    """Over a cell of width h the chord of a x^2 lies a h^2 / 6 above it on average; at a node both its cells count."""
    axes = {name: axis if name == along else EVEN for name in "xyz"}
    made = sample(lambda x, y, z: 0.3 * {"x": x, "y": y, "z": z}[along] ** 2 + 0 * (x + y + z), *axes.values())
    found = np.moveaxis(bend_of(made), {"z": 0, "y": 1, "x": 2}[along], 0)
    squares = np.diff(axis) ** 2
    means = np.concatenate([squares[:1], (squares[1:] + squares[:-1]) / 2, squares[-1:]])
    assert found == pytest.approx(np.broadcast_to(-0.3 * means.reshape(-1, 1, 1) / 6, found.shape), rel=1e-3, abs=1e-4)
