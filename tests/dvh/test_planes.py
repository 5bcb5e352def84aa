"""Contours on planes: holes, keyholes, islands, gaps, and what cannot be used."""

import numpy as np
import pytest

from hardcheck.dvh import compute_dvh
from hardcheck.dvh.planes import plane_stack
from tests.dvh.solids import circle, grid, plan, square, stacked, structure, uniform

HEIGHTS = [0.0, 2.0, 4.0, 6.0]
DOSE = grid(uniform(10.0))


def volume(solid, end_caps="half", slices=None):
    return compute_dvh(plan(solid, DOSE, slices), 1, end_caps=end_caps).volume


def test_a_prism_is_exact_with_and_without_end_caps():
    prism = stacked(lambda z: square(5, z), HEIGHTS)
    assert volume(prism).value == pytest.approx(0.8, rel=1e-9)
    assert volume(prism, "none").value == pytest.approx(0.6, rel=1e-9)
    assert volume(prism).low <= 0.6
    assert volume(prism, "none").high >= 0.8


@pytest.mark.parametrize("geometric_type", ["CLOSED_PLANAR", "CLOSEDPLANAR_XOR", "CLOSED_PLANAR_XOR"])
def test_a_hole_and_a_keyhole_are_the_same(geometric_type):
    def keyhole(z):
        x = [-5, 5, 5, -5, -5, -2, -2, 2, 2, -2, -2, -5]
        y = [-5, -5, 5, 5, 0, 0, 2, 2, -2, -2, 0, 0]
        return np.stack([x, y, np.full(12, z)], axis=1).astype(float)

    pairs = [c for z in HEIGHTS for c in (square(5, z), square(2, z))]
    apart = structure(*pairs, geometric_type=geometric_type)
    joined = structure(*(keyhole(z) for z in HEIGHTS), geometric_type=geometric_type)
    assert volume(apart).value == pytest.approx(0.084 * 8, rel=1e-9)
    assert volume(joined).value == pytest.approx(0.084 * 8, rel=1e-9)


def test_an_island_in_a_hole_counts_again():
    solid = structure(*(c for z in HEIGHTS for c in (square(5, z), square(4, z), square(1, z))))
    assert volume(solid).value == pytest.approx((100 - 64 + 4) * 8 / 1000, rel=1e-9)


def test_islands_side_by_side_add_up():
    solid = structure(*(c for z in HEIGHTS for c in (square(2, z, cx=-8), square(3, z, cx=8))))
    assert volume(solid).value == pytest.approx((16 + 36) * 8 / 1000, rel=1e-9)


def test_contours_that_intersect_are_even_odd_and_reported():
    solid = structure(*(c for z in HEIGHTS for c in (square(4, z), square(4, z, cx=4))))
    dvh = compute_dvh(plan(solid, DOSE), 1)
    assert dvh.volume.value == pytest.approx((64 + 64 - 2 * 32) * 8 / 1000, rel=0.01)
    assert any("intersect" in c for c in dvh.caveats)


def test_the_same_contour_twice_encloses_nothing():
    solid = structure(*(square(4, z) for z in HEIGHTS for _ in range(2)))
    assert "zero volume" in compute_dvh(plan(solid, DOSE), 1).reason


def test_winding_repeated_points_order_and_jitter_change_nothing():
    rng = np.random.default_rng(7)
    usual = stacked(lambda z: circle(6, z), HEIGHTS)
    contours = []
    for z in [4.0, 0.0, 6.0, 2.0]:
        c = circle(6, z)[::-1]
        c = np.concatenate([c, c[-1:], c[:1]])
        c[:, 2] += rng.uniform(-0.004, 0.004)
        contours.append(c)
    assert volume(structure(*contours)).value == pytest.approx(volume(usual).value, rel=2e-3)


def test_one_missing_slice_is_bridged_and_said():
    dvh = compute_dvh(plan(stacked(lambda z: square(5, z), [0, 2, 4, 8, 10]), DOSE), 1)
    assert dvh.volume.value == pytest.approx(100 * 12 / 1000, rel=1e-9)
    assert any("missing" in c for c in dvh.caveats)


def test_a_wider_gap_makes_islands_and_is_said():
    dvh = compute_dvh(plan(stacked(lambda z: square(5, z, cx=0 if z < 9 else 8), [0, 2, 4, 14, 16]), DOSE), 1)
    assert dvh.volume.value == pytest.approx(100 * (6 + 4) / 1000, rel=1e-9)
    assert any("islands" in c for c in dvh.caveats)


def test_the_image_decides_whether_a_slice_is_missing():
    uneven = stacked(lambda z: square(5, z), [0, 2, 4, 9, 14])
    dvh = compute_dvh(plan(uneven, DOSE, [0, 2, 4, 9, 14]), 1)
    assert not any("missing" in c or "islands" in c for c in dvh.caveats)
    assert dvh.volume.value == pytest.approx(100 * (1 + 14 + 2.5) / 1000, rel=1e-9)


def test_one_slice_takes_its_thickness_from_the_image_or_is_not_evaluated():
    single = structure(square(5, 4.0))
    assert volume(single, slices=[1.0, 4.0, 7.0]).value == pytest.approx(0.3, rel=1e-9)
    assert "one slice only" in compute_dvh(plan(single, DOSE), 1).reason
    assert "one slice only" in compute_dvh(plan(single, DOSE, [0.0, 3.0, 6.0]), 1).reason


@pytest.mark.parametrize(
    ("solid", "why"),
    [
        (structure(), "empty"),
        (structure(np.zeros((1, 3)), geometric_type="POINT"), "POINT"),
        (structure(square(3, 0), square(3, 2), geometric_type="OPEN_PLANAR"), "OPEN_PLANAR"),
        (structure(square(3, 0)[:, [0, 2, 1]], square(3, 2)[:, [0, 2, 1]]), "not axial"),
        (structure(square(3, 0)[:, [2, 1, 0]], square(3, 2)[:, [2, 1, 0]]), "not axial"),
        (structure(square(3, 0)[:2], square(3, 2)[:2]), "zero volume"),
    ],
)
def test_what_bounds_no_volume_has_a_reason(solid, why):
    dvh = compute_dvh(plan(solid, DOSE), 1)
    assert why in dvh.reason
    assert dvh.volume.value is None
    assert dvh.metric("D0.03cc[Gy]").reason == dvh.reason


def test_slivers_do_not_delete_a_slice():
    sliver = np.array([(20, 20, 2), (20.0001, 20, 2), (20, 20.0001, 2)], dtype=float)
    with_sliver = structure(*(square(5, z) for z in HEIGHTS), sliver)
    assert volume(with_sliver).value == pytest.approx(0.8, rel=1e-6)


def test_planes_are_found_within_the_tolerance():
    stack = plane_stack(structure(square(2, 0, cx=-5), square(2, 0.05, cx=5), square(2, 2)))
    assert stack.z_mm.size == 2


def test_slices_lost_from_the_middle_are_not_islands():
    """A gap between two outlines that match is no gap between islands; nothing is concluded from what is left."""
    lost = stacked(lambda z: square(5, z), [0, 2, 4, 14, 16])
    assert "slices seem to be missing" in compute_dvh(plan(lost, DOSE), 1).reason


@pytest.mark.parametrize(
    "degenerate",
    [
        np.array([(20, 0, 2), (25, 5, 2)], dtype=float),
        np.array([(20, 0, 2)], dtype=float),
        np.array([(20, 0, 2), (25, 5, 2), (30, 10, 2)], dtype=float),
    ],
    ids=["two points", "one point", "a line"],
)
def test_a_contour_that_encloses_nothing_changes_nothing_and_is_said(degenerate):
    dose = grid(lambda x, _y, _z: 30 + x)
    alone = compute_dvh(plan(stacked(lambda z: square(5, z), HEIGHTS), dose), 1)
    beside = compute_dvh(plan(structure(*(square(5, z) for z in HEIGHTS), degenerate), dose), 1)
    assert (beside.volume.value, beside.maximum_gy, beside.minimum_gy) == (
        alone.volume.value,
        alone.maximum_gy,
        alone.minimum_gy,
    )
    assert any("enclose no area" in c for c in beside.caveats)


@pytest.mark.parametrize("first", [True, False])
def test_a_contour_that_goes_around_a_corner_and_back_encloses_nothing(first):
    def with_corner(z):
        return np.array([[5, 0, z], [0, 0, z], [0, 5, z], [0, 0, z]], dtype=float)

    pairs = [(with_corner(z), square(10, z)) if first else (square(10, z), with_corner(z)) for z in HEIGHTS]
    assert volume(structure(*(c for pair in pairs for c in pair))).value == pytest.approx(3.2, rel=1e-9)
    assert "enclose no area" in volume(stacked(with_corner, HEIGHTS)).reason
