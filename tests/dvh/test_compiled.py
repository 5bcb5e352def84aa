"""The compiled kernels give what the plain ones give."""

import numpy as np
import pytest

from hardcheck.dvh import compute_dvhs, kernels
from hardcheck.phantom import box_plan
from hardcheck.plan import DoseGrid, Plan
from tests.dvh.solids import circle, grid, square, structure

compiled = pytest.importorskip(
    "hardcheck.dvh.compiled", reason="numba, an extra, is not installed", exc_type=ImportError
)

METRICS = ("Volume[cc]", "Mean[Gy]", "Min[Gy]", "Max[Gy]", "D98%[Gy]", "D50%[Gy]", "D2%[Gy]", "D0.03cc[Gy]", "V20Gy[%]")


def plans():
    bent = grid(lambda x, y, z: 40 + 0.3 * x - 0.01 * y * y + 0.2 * z + 4 * np.sin(x / 5))
    half = DoseGrid(bent.x_mm[:12], bent.y_mm, bent.z_mm, bent.dose_gy[:, :, :12], 0.01)
    step = grid(lambda x, _y, _z: np.where(x > 0, 60.0, 20.0))
    ring = structure(*(c for z in np.arange(-9, 9.1, 3) for c in (circle(12, z), circle(5, z, cx=2))))
    islands = structure(*(square(4, z, cx=cx) for z in (-6.0, -3.0, 6.0, 9.0) for cx in (2 * z - 9, 2 * z + 9)))
    for dose in (bent, half, step):
        for solid in (ring, islands):
            yield Plan((solid,), dose)
    yield box_plan()


@pytest.mark.parametrize("plan", list(plans()), ids=lambda plan: plan.label or "solid")
def test_both_kernels_give_the_same_numbers(plan):
    plain = compute_dvhs(plan, plan.structures, kernels=kernels)
    fast = compute_dvhs(plan, plan.structures, kernels=compiled)
    for one, other in zip(plain, fast, strict=True):
        assert one.in_grid_fraction == pytest.approx(other.in_grid_fraction, rel=1e-9)
        for metric in METRICS:
            a, b = one.metric(metric), other.metric(metric)
            assert (a.low, a.value, a.high) == pytest.approx((b.low, b.value, b.high), rel=1e-9, abs=1e-9), metric
