"""Planes along z: even ones, and slices that other structures have and one has not."""

import numpy as np
import pytest

from hardcheck.dvh import compute_dvh, compute_dvhs, size_of, slices_of
from hardcheck.dvh.gaps import evenly
from hardcheck.plan import Plan
from tests.dvh.solids import grid, plan, square, stacked, structure, uniform

BODY_Z = np.arange(-12.0, 12.1, 2.0)


def beside_body(z_mm):
    """A structure with contours at `z_mm`, and one that has them on every slice of 2 mm; no image."""
    organ = stacked(lambda z: square(5, z), z_mm)
    body = stacked(lambda z: square(9, z), BODY_Z)
    body = type(body)(2, "Body", body.points_mm, body.starts, body.geometric_types)
    return Plan((organ, body), grid(uniform(10.0)))


def test_every_other_slice_missing_is_bridged_and_said():
    organ = compute_dvh(beside_body(np.arange(-8.0, 8.1, 4.0)), 1)
    assert any("missing on 4 slice(s), bridged" in caveat for caveat in organ.caveats)


def test_many_slices_missing_between_outlines_that_match_is_a_reason():
    """Alone, its own spacing would be taken as the usual one."""
    sparse = np.array([-9.0, -3.0, 3.0, 9.0]) - 1.0
    assert "slices seem to be missing" in compute_dvh(beside_body(sparse), 1).reason
    alone = stacked(lambda z: square(5, z), sparse)
    assert compute_dvh(plan(alone, grid(uniform(10.0))), 1).reason is None


@pytest.mark.parametrize("z_mm", [np.arange(-9.0, 9.1, 2.0), np.arange(-7.3, 7, 3.1)])
def test_a_structure_on_slices_of_its_own_misses_nothing(z_mm):
    organ, body = compute_dvhs(beside_body(z_mm), beside_body(z_mm).structures)
    assert organ.reason is None
    assert organ.caveats == body.caveats == ()


def test_a_gap_that_others_do_not_reach_is_a_gap_all_the_same():
    organ = stacked(lambda z: square(5, z), [-12, -10, -8, 2, 4, 6])
    other = stacked(lambda z: square(2, z), [-12, -10, -8])
    other = type(other)(2, "Other", other.points_mm, other.starts, other.geometric_types)
    made = Plan((organ, other), grid(uniform(10.0)))
    assert "seem to be missing" in compute_dvh(made, 1).reason


def test_the_slices_of_others_give_no_thickness_to_a_single_one():
    made = beside_body([0.0])
    assert "one slice only" in size_of(made.structures[0], slices_of(made, made.structures)[0]).reason


def test_planes_that_are_even_but_for_rounding_are_made_even():
    even = 3.0 * np.arange(-6, 7)
    jitter = 0.04 * np.cos(np.arange(13) * np.pi)
    assert np.abs(evenly(even + jitter) - even).max() < 0.01


@pytest.mark.parametrize("z_mm", [[0.0, 2.0, 4.0, 6.0], [0.0, 2.0, 4.5, 6.5, 9.0], [0.0, 3.0], [1.0]])
def test_planes_that_are_even_or_are_not_stay_as_they_are(z_mm):
    assert evenly(np.array(z_mm)).tolist() == z_mm


def test_a_spike_has_no_dose():
    dose = grid(lambda x, _y, _z: 30 + x)
    spiked = [np.insert(square(5, z), 1, [(9, -5, z)], axis=0) for z in (0, 2, 4)]
    spiked = [np.insert(c, 2, [(5, -5, c[0, 2])], axis=0) for c in spiked]
    assert compute_dvh(plan(structure(*spiked), dose), 1).maximum_gy == pytest.approx(35, abs=1e-9)
