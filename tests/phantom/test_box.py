from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from hardcheck.dicom.writer import write_plan
from hardcheck.phantom import box_plan
from hardcheck.phantom.box import LEVELS_GY

SIZES_MM = {
    "External": (60, 60, 60),
    "GTV": (12, 12, 12),
    "PTV_HR": (22, 22, 18),
    "CTV_IR": (30, 30, 30),
    "CTV_LR": (30, 30, 36),
    "PTV_LR": (40, 40, 42),
    "Femur_L": (5, 16, 42),
    "SpinalCord": (4, 8, 60),
}


def test_slices_fill_the_boxes() -> None:
    structures = {s.name: s for s in box_plan().structures}
    assert {n: s.interpreted_type for n, s in structures.items()}.keys() == SIZES_MM.keys()
    for name, size in SIZES_MM.items():
        points = structures[name].points_mm
        planes = np.unique(points[:, 2])
        assert (np.ptp(points[:, 0]), np.ptp(points[:, 1]), 3 * planes.size) == size
        assert np.allclose(np.diff(planes), 3)


def test_targets_get_their_levels_and_organs_are_spared() -> None:
    plan = box_plan()
    grid = plan.dose
    assert grid is not None
    z, y, x = np.meshgrid(grid.z_mm, grid.y_mm, grid.x_mm, indexing="ij")
    for name, level in {"GTV": 66.0, **LEVELS_GY}.items():
        half = [(np.ceil(s / 2 / 3)) * 3 for s in SIZES_MM[name]]
        # Every voxel that interpolation inside of the box can use.
        around = (abs(x) <= half[0]) & (abs(y) <= half[1]) & (abs(z) <= half[2])
        assert grid.dose_gy[around].min() > level
    assert grid.maximum_gy <= 1.05 * 66
    assert grid.dose_gy[abs(x) >= 24].max() < 40
    assert plan.prescription is not None
    assert plan.prescription.fractions == 22
    assert plan.prescription.dose_gy == 66


def test_grid_extends_beyond_the_body() -> None:
    plan = box_plan()
    assert plan.dose is not None
    for axis, positions in enumerate((plan.dose.x_mm, plan.dose.y_mm, plan.dose.z_mm)):
        assert positions[0] <= plan.structures[0].points_mm[:, axis].min() - 3
        assert positions[-1] >= plan.structures[0].points_mm[:, axis].max() + 3


def test_it_is_small_and_quick(tmp_path: Path) -> None:
    write_plan(box_plan(), tmp_path)
    start = time.perf_counter()
    paths = write_plan(box_plan(), tmp_path)
    assert time.perf_counter() - start < 0.5
    assert sum(p.stat().st_size for p in paths) < 100_000


def test_each_call_is_a_plan_of_its_own() -> None:
    with pytest.raises(ValueError, match="read-only"):
        box_plan().structures[0].points_mm[0, 0] = 1
    assert box_plan() is not box_plan()
