"""The planning system's curves against ours, on boxes in linear doses whose curves are known in closed form.

A box of 20 mm in a dose that rises by g Gy/mm along an axis has all of its volume at or above c - 10 g and none above
c + 10 g, and its curve is a straight line between. Along z without end caps it ends 1 mm earlier on either side.
"""

from dataclasses import replace

import numpy as np
import pytest

from hardcheck.dvh import compute_dvhs
from hardcheck.phantom import linear
from hardcheck.plan import StoredDvh
from hardcheck.planning_system import Export, compare
from hardcheck.planning_system.histogram import NO_VOLUME, histogram
from hardcheck.planning_system.statistics import settled
from tests.evaluation.cases import box, dose, plan

FULL_CC, BARE_CC = 8.0, 7.2
RX_GY = 66.0


def line(low_gy, high_gy, volume_cc=FULL_CC, *, number=1, **more):
    """A curve that falls from `low_gy` to `high_gy`."""
    at = np.concatenate([np.arange(0, low_gy, 0.05), np.linspace(low_gy, high_gy, 201)])
    share = np.interp(at, [low_gy, high_gy], [1, 0]) if high_gy > low_gy else np.array(at < high_gy, dtype=float)
    curve = StoredDvh.from_points("", at, share, roi_number=number, volume_cc=volume_cc)
    return replace(curve, **more)


def compared(gradient, *curves, structures=None, **options):
    made = plan(*(structures or [box(1, "Box")]), grid=dose(linear(60, gradient)))
    return compare(made, Export("test", curves), {}, **options)


def explained(found, metric, structure=0):
    (difference,) = [d for d in found.structures[structure].differences if str(d.metric) == metric]
    return difference.percent, " ".join(difference.explanations)


def test_the_same_curve_has_no_difference():
    found = compared((0.5, 0, 0), line(55, 65))
    (structure,) = found.structures
    assert all(abs(d.percent) < 0.1 for d in structure.differences)
    assert structure.gap_percent < 0.2
    assert structure.gap_gy < 0.02
    assert found.reference_gy == RX_GY


def test_a_shift_is_a_shift_in_every_dose():
    """0.99 Gy are 1.5 % of 66 Gy, and 9.9 % of the volume of a curve that falls over 10 Gy."""
    found = compared((0.5, 0, 0), line(55.99, 65.99))
    (structure,) = found.structures
    for difference in structure.differences[1:]:
        assert difference.percent == pytest.approx(1.5, abs=0.05)
        assert difference.is_open
    assert structure.gap_gy == pytest.approx(0.99, abs=0.02)
    assert structure.gap_percent == pytest.approx(9.9, abs=0.2)
    assert found.widest is not None


def test_end_caps_that_explain_a_difference():
    """Along z at 1 Gy/mm: 50 to 70 Gy with half a slice, 51 to 69 Gy without."""
    found = compared((0, 0, 1), line(51, 69, BARE_CC))
    for metric in ("Volume[cc]", "Min[Gy]", "Max[Gy]", "D98%[Gy]", "D2%[Gy]"):
        percent, why = explained(found, metric)
        assert abs(percent) > 1, metric
        assert "end caps: none" in why
    assert explained(found, "Mean[Gy]")[1] == ""
    assert not explained(compared((0, 0, 1), line(51, 69, BARE_CC), end_caps="none"), "D98%[Gy]")[1]
    turned = compared((0, 0, 1), line(50, 70, FULL_CC), end_caps="none")
    assert "half a slice" in explained(turned, "Volume[cc]")[1]


def test_volume_that_is_counted_inside_the_grid_alone():
    """The grid ends at 30 mm, and 5 of the 20 mm of the box lie beyond."""
    found = compared((0, 0, 0), line(60, 60, 0.75 * FULL_CC), structures=[box(1, "Box", centre=(25, 0, 0))])
    percent, why = explained(found, "Volume[cc]")
    assert percent == pytest.approx(-25)
    assert "outside of the dose grid" in why
    assert "the rest alone" in why
    half = compared((0, 0, 0), line(60, 60, 0.5 * FULL_CC), structures=[box(1, "Box", centre=(25, 0, 0))])
    assert "the rest alone" not in explained(half, "Volume[cc]")[1]


def test_a_curve_that_begins_above_0_gy():
    """0 to 20 Gy, and a curve that begins at 4 Gy has lost a fifth of the volume."""
    made = plan(box(1, "Box"), grid=dose(linear(10, (1, 0, 0))))
    curve = StoredDvh.from_points("", [4, 20], [1, 0], roi_number=1, volume_cc=0.8 * FULL_CC)
    found = compare(made, Export("test", (curve,)), {})
    assert explained(found, "Volume[cc]")[0] == pytest.approx(-20)
    assert "begins at 4 Gy" in explained(found, "Volume[cc]")[1]


def test_the_same_number_of_cc():
    """A curve whose coldest tenth is missing: every D of the same cc agrees, as D50% of 7.2 cc is D3.6cc."""
    found = compared((0.5, 0, 0), line(56, 65, BARE_CC))
    percent, why = explained(found, "D98%[Gy]")
    assert percent > 1
    assert "at the same cc both agree" in why


def test_where_the_curve_is_flat():
    """One cold voxel: the coldest 2 % spread over a third of the dose, so a little volume is many Gy."""
    cold = dose(66.0)
    values = cold.dose_gy.copy()
    values[values.shape[0] // 2, values.shape[1] // 2, values.shape[2] // 2] = 0
    made = plan(box(1, "Box"), grid=replace(cold, dose_gy=values))
    ours = compute_dvhs(made, made.structures)[0]
    first = ours.distributions[0]
    at = np.linspace(0, 66, 6601)
    share = np.array([first.volume_at(d) for d in at]) / first.inside_cc
    lost = np.where(at > 0.1, 0.005, 0)
    curve = StoredDvh.from_points("", at, np.clip(share - lost, 0, 1), roi_number=1, volume_cc=8)
    found = compare(made, Export("test", (curve,)), {1: ours})
    percent, why = explained(found, "D98%[Gy]")
    assert percent < -1
    assert "the curve is flat there: the volumes differ by 0.5 %" in why


def test_small_structures_are_said_to_be_small():
    small = box(1, "Box", size=(8, 8, 8))
    percent, why = explained(compared((0, 0, 0), line(60, 60, 0.3), structures=[small]), "Volume[cc]")
    assert percent < -40
    assert "so small" in why


def test_bins_and_points():
    coarse = StoredDvh.from_points("", [0, 20, 40, 60, 80], [1, 1, 1, 0, 0], roi_number=1, volume_cc=8)
    found = compared((0, 0, 0), coarse)
    assert "bins are 20 Gy wide" in explained(found, "Mean[Gy]")[1]


def test_without_a_volume_nothing_is_said_in_cc():
    found = compared((0.5, 0, 0), line(55, 65, None))
    assert explained(found, "Volume[cc]")[0] is None
    assert explained(found, "D50%[Gy]")[0] == pytest.approx(0, abs=0.05)
    theirs = found.structures[0].theirs
    for metric in ("D0.03cc[Gy]", "V60Gy[cc]", "Volume[cc]"):
        assert theirs.metric(metric).reason == NO_VOLUME
    assert theirs.metric("V60Gy[%]").value == pytest.approx(50)


def test_a_structure_that_has_no_numbers_here():
    outside = box(1, "Box", centre=(0, 0, 200))
    (found,) = compared((0, 0, 0), line(60, 60), structures=[outside]).structures
    assert found.reason == "wholly outside of the dose grid"
    assert found.differences == ()


class TestStatistics:
    """Stated minimum, mean and maximum against the curve."""

    def test_in_gy_they_are_taken(self):
        (curve,), notes = settled([line(55, 65, minimum_gy=54.5, average_gy=60, maximum_gy=65.5)], RX_GY)
        assert (curve.minimum_gy, curve.average_gy, curve.maximum_gy) == (54.5, 60, 65.5)
        assert notes == ()

    def test_percent_under_a_label_of_gy_is_found_out(self):
        stated = {"minimum_gy": 5500 / RX_GY, "average_gy": 6000 / RX_GY, "maximum_gy": 6500 / RX_GY}
        curves, (note,) = settled([line(55, 65, number=n, **stated) for n in (1, 2)], RX_GY)
        for curve in curves:
            assert (curve.minimum_gy, curve.average_gy, curve.maximum_gy) == pytest.approx((55, 60, 65))
        assert "percent of the prescription of 66 Gy" in note

    @pytest.mark.parametrize("prescription", [RX_GY, None, 30.0])
    def test_what_fits_neither_is_left_out(self, prescription):
        (curve,), notes = settled([line(55, 65, minimum_gy=1, average_gy=33, maximum_gy=50)], prescription)
        assert (curve.minimum_gy, curve.average_gy, curve.maximum_gy) == (None, None, None)
        assert "left out" in curve.notes[0]
        assert notes == ()

    def test_extremes_that_are_not_of_the_curve_are_left_out(self):
        (curve,), _ = settled([line(55, 65, average_gy=60, maximum_gy=75)], RX_GY)
        assert curve.maximum_gy is None


@pytest.mark.parametrize(("metric", "value"), [("D95%[Gy]", 55.5), ("V60Gy[cc]", 4), ("Max[Gy]", 65), ("Min[Gy]", 55)])
def test_a_curve_is_asked_as_ours_is(metric, value):
    found = histogram(box(1, "Box"), line(55, 65), "test").metric(metric)
    assert (found.low, found.value, found.high) == pytest.approx((value, value, value))


def test_points_out_of_order():
    """One of a hundred is a damaged line; more are no curve."""
    at = np.arange(200.0)
    at[100] = 0
    curve = StoredDvh.from_points("A", at, np.linspace(1, 0, 200))
    assert "1 point" in curve.notes[0]
    assert curve.dose_at(50) == pytest.approx(99.5, abs=0.5)
    at[50:60] = 0
    with pytest.raises(ValueError, match="fall"):
        StoredDvh.from_points("A", at, np.linspace(1, 0, 200))
