"""The synthetic patient is what HARD's contouring rules and its own description say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator

from hardcheck.phantom.contouring import GENITALS_MM, Z_MM, strip_axes
from hardcheck.phantom.limb import (
    FAT_MM,
    FEMUR_RADIUS_MM,
    TARGETS,
    TUMOUR_MM,
    body_centre_mm,
    depth_mm,
    femur_centre_mm,
)
from hardcheck.phantom.thigh import thigh_plan
from hardcheck.plan import Plan, Structure

ANGLES = np.linspace(0, 2 * np.pi, 2000)
NAMES = (
    "External", "GTV", "PTV_HR", "CTV_IR", "CTV_LR", "PTV_LR", "Femur_L", "Joint_Knee_L", "SkinStrip",
    "Subcutaneous5mm", "Nerve_Sciatic_L", "NVB_Femoral_L", "Genitals",
)  # fmt: skip


@pytest.fixture(scope="module")
def plan() -> Plan:
    return thigh_plan("meets")


@pytest.fixture(scope="module")
def structures(plan: Plan) -> dict[str, Structure]:
    return {s.name: s for s in plan.structures}


def slices(structure: Structure) -> list[float]:
    return sorted({float(z) for z in structure.points_mm[:, 2]})


def depths(structure: Structure) -> np.ndarray:
    return np.concatenate([depth_mm(c[:, 0], c[:, 1], float(c[0, 2])) for c in structure.contours()])


def test_names_and_numbers(plan: Plan) -> None:
    assert tuple(s.name for s in plan.structures) == NAMES
    assert [s.number for s in plan.structures] == list(range(1, len(NAMES) + 1))
    assert plan.patient.name == "Synthetic^Thigh"
    assert plan.patient.birth_date == ""


@pytest.mark.parametrize(
    ("inner", "outer"),
    [("GTV", "PTV_HR"), ("GTV", "CTV_IR"), ("CTV_IR", "PTV_LR"), ("CTV_LR", "PTV_LR"), ("PTV_HR", "PTV_LR")],
)
def test_targets_nest(structures: dict[str, Structure], inner: str, outer: str) -> None:
    assert set(slices(structures[inner])) <= set(slices(structures[outer]))
    for z in np.arange(-80, 81, 2.5):
        assert np.all(TARGETS[inner].radius_mm(ANGLES, z) <= TARGETS[outer].radius_mm(ANGLES, z) + 1e-9)
    # The polygons have their corners at the same angles, so that they nest as the radii do.
    by_slice = {float(c[0, 2]): c for c in structures[outer].contours()}
    centre = np.array(TUMOUR_MM)
    for contour in structures[inner].contours():
        around = by_slice[float(contour[0, 2])]
        assert np.all(np.hypot(*(contour[:, :2] - centre).T) <= np.hypot(*(around[:, :2] - centre).T) + 1e-9)


@pytest.mark.parametrize(
    ("grown", "across_mm", "along_mm"),
    [("PTV_HR", 5, 5), ("CTV_IR", 10, 20), ("CTV_LR", 15, 30), ("PTV_LR", 20, 35)],
)
def test_margins_of_hard(grown: str, across_mm: float, along_mm: float) -> None:
    gtv, target = TARGETS["GTV"], TARGETS[grown]
    assert target.half_length_mm - gtv.half_length_mm == along_mm
    assert target.grown_mm(ANGLES, 0.0) - gtv.grown_mm(ANGLES, 0.0) == pytest.approx(across_mm)
    free = target.radius_mm(ANGLES, 0.0) == target.grown_mm(ANGLES, 0.0)
    assert free.mean() > 0.5


def test_ptv_hr_is_cropped_nowhere_and_3_to_5_mm_from_the_gtv() -> None:
    tumour, target = TARGETS["GTV"], TARGETS["PTV_HR"]
    heights = np.arange(-41, 41.01, 0.5)
    surface = np.concatenate([ring(target, z) for z in heights])
    for z in (-33.0, -20, 0, 12, 30):
        for point in ring(tumour, z)[::50]:
            assert 3 < np.min(np.linalg.norm(surface - point, axis=1)) < 5.2
        assert np.array_equal(target.radius_mm(ANGLES, z), target.grown_mm(ANGLES, z))


def ring(target: object, z: float) -> np.ndarray:
    radius = target.grown_mm(ANGLES, z)  # type: ignore[attr-defined]
    return np.column_stack([radius * np.cos(ANGLES), radius * np.sin(ANGLES), np.full(ANGLES.size, z)])


def test_targets_stop_below_the_skin(structures: dict[str, Structure]) -> None:
    assert min(depths(structures[n]).min() for n in TARGETS) >= 5 - 1e-6
    assert depths(structures["PTV_LR"]).min() == pytest.approx(5, abs=0.01)


def test_ctvs_leave_the_bone_out(structures: dict[str, Structure]) -> None:
    for name, reach in (("CTV_IR", 0.0), ("CTV_LR", 0.0), ("PTV_LR", 5.0), ("PTV_HR", 0.0), ("GTV", 0.0)):
        for contour in structures[name].contours():
            from_axis = np.hypot(*(contour[:, :2] - femur_centre_mm(float(contour[0, 2]))).T)
            assert from_axis.min() >= FEMUR_RADIUS_MM - reach - 1e-6


def test_femur_and_skin_strip_are_as_long_as_ptv_lr(structures: dict[str, Structure]) -> None:
    expected = slices(structures["PTV_LR"])
    assert slices(structures["Femur_L"]) == slices(structures["SkinStrip"]) == expected
    assert expected == [float(z) for z in Z_MM if abs(z) < 71]


def test_skin_strip_is_2_cm_wide_and_on_the_other_side(structures: dict[str, Structure]) -> None:
    away, along = strip_axes()
    for contour in structures["SkinStrip"].contours():
        from_centre = contour[:, :2] - body_centre_mm(float(contour[0, 2]))
        assert np.ptp(from_centre @ along) == pytest.approx(21)
        assert np.all(from_centre @ away > 50)
        to_tumour = np.array(TUMOUR_MM) - body_centre_mm(float(contour[0, 2]))
        assert np.all(from_centre @ to_tumour < 0)
    depth = depths(structures["SkinStrip"])
    assert depth.min() == pytest.approx(0, abs=1e-6)
    assert depth.max() == pytest.approx(FAT_MM, abs=1e-6)
    assert len(structures["SkinStrip"].geometric_types) == len(slices(structures["SkinStrip"]))


def test_rind_lies_within_5_mm_of_the_skin(structures: dict[str, Structure]) -> None:
    rind = structures["Subcutaneous5mm"]
    assert slices(rind) == slices(structures["External"]) == list(Z_MM)
    assert sorted(set(depths(rind).round(6) + 0.0)) == [0, 5]
    assert len(rind.geometric_types) == 2 * len(Z_MM)


def test_nothing_leaves_the_body_or_the_grid(plan: Plan) -> None:
    assert plan.dose is not None
    for structure in plan.structures:
        assert depths(structure).min() >= -1e-6
    external = plan.structures[0].points_mm
    for axis, positions in enumerate((plan.dose.x_mm, plan.dose.y_mm, plan.dose.z_mm)):
        voxel = positions[1] - positions[0]
        assert positions[0] <= external[:, axis].min() - voxel
        assert positions[-1] >= external[:, axis].max() + voxel


def test_it_is_a_left_thigh_on_3_mm_slices(plan: Plan) -> None:
    assert all(s.points_mm[:, 0].min() > 0 for s in plan.structures)
    assert plan.image is not None
    assert plan.image.spacing_mm == 3
    assert plan.dose is not None
    assert max(plan.dose.spacing_mm) <= 3


def test_whole_organs_end_inside_the_image(structures: dict[str, Structure]) -> None:
    for name in ("Joint_Knee_L", "Genitals", "Nerve_Sciatic_L", "NVB_Femoral_L"):
        assert slices(structures[name])[0] > Z_MM[0]
        assert slices(structures[name])[-1] < Z_MM[-1]


def test_tissues(plan: Plan) -> None:
    image = plan.image
    assert image is not None
    assert image.hounsfield is not None
    assert image.x_mm is not None
    assert image.y_mm is not None

    def at(x: float, y: float, z: float) -> float:
        j, i = np.argmin(abs(image.y_mm - y)), np.argmin(abs(image.x_mm - x))
        return float(image.hounsfield[np.argmin(abs(image.z_mm - z)), j - 1 : j + 2, i - 1 : i + 2].mean())

    bone_x, bone_y = femur_centre_mm(0.0)
    assert image.hounsfield[:, 0, :].max() == -1000
    assert at(*TUMOUR_MM, 0) < at(TUMOUR_MM[0] + 16, TUMOUR_MM[1], 0) < 50
    assert at(TUMOUR_MM[0], -20, 60) == pytest.approx(58, abs=15)
    assert at(bone_x, bone_y, 0) < 0
    assert image.hounsfield.max() > 1200
    assert at(*GENITALS_MM) == pytest.approx(40, abs=15)


def field(plan: Plan) -> RegularGridInterpolator:
    grid = plan.dose
    assert grid is not None
    return RegularGridInterpolator((grid.z_mm, grid.y_mm, grid.x_mm), grid.dose_gy)


def doses_in(plan: Plan, name: str, step_mm: float = 1.0) -> np.ndarray:
    """The dose at points of an even lattice inside of a target, apart from any engine."""
    target = TARGETS[name]
    at = field(plan)
    side = np.arange(-46, 46.1, step_mm)
    x, y = np.meshgrid(side, side)
    radius, angle = np.hypot(x, y).ravel(), np.arctan2(y, x).ravel()
    found = []
    for z in np.arange(-70.5, 70.6, 1.5):
        inside = radius < np.interp(angle, ANGLES, target.radius_mm(ANGLES, float(z)), period=2 * np.pi)
        xyz = np.column_stack(
            [np.full(inside.sum(), z), TUMOUR_MM[1] + y.ravel()[inside], TUMOUR_MM[0] + x.ravel()[inside]]
        )
        found.append(at(xyz))
    return np.concatenate(found)


def test_the_good_plan_covers_its_targets_and_misses_what_is_only_recommended(plan: Plan) -> None:
    gtv, hr = doses_in(plan, "GTV"), doses_in(plan, "PTV_HR")
    ir, lr = doses_in(plan, "CTV_IR"), doses_in(plan, "PTV_LR")
    assert np.mean(gtv >= 66) > 0.995
    assert 0.96 < np.mean(hr >= 66) < 0.99
    assert 0.965 < np.mean(ir >= 55) < 0.985
    assert 0.96 < np.mean(lr >= 50.6) < 0.99
    points = 20  # 0.03 cc of points of 1.5 cubic millimetres
    assert 1.05 < np.sort(gtv)[-points] / 66 < 1.075
    assert np.sort(gtv)[points] / 66 > 0.96
    for dose, level in ((hr, 66), (ir, 55), (lr, 50.6)):
        assert 0.91 < np.sort(dose)[points] / level < 0.945
    assert 0.95 < np.median(hr) / 66 < 1.10


def test_the_nerve_is_between_its_two_limits_and_beyond_them_in_the_other_plan(plan: Plan) -> None:
    structure = next(s for s in plan.structures if s.name == "Nerve_Sciatic_L")
    for each, low, high in ((plan, 54.5, 57.5), (thigh_plan("fails", with_image=False), 62, 70)):
        assert low < field(each)(structure.points_mm[:, ::-1]).max() < high


def test_the_other_plan_is_shifted_and_fails() -> None:
    failing = thigh_plan("fails", with_image=False)
    assert failing.label != thigh_plan("meets", with_image=False).label
    assert np.mean(doses_in(failing, "PTV_HR") >= 66) < 0.85
    assert np.mean(doses_in(failing, "GTV") >= 66) < 0.95


def test_no_other_kind() -> None:
    with pytest.raises(KeyError):
        thigh_plan("passes")
