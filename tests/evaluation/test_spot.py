"""Where a goal is missed: the point, its slice, and how far it is from the structure's edge and from the targets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hardcheck.course import course_of
from hardcheck.evaluation import evaluate
from hardcheck.phantom import linear
from hardcheck.plan import ImageStack, Patient
from tests.evaluation.cases import box, course, dose, goal, plan, protocol

HALF_A_SLICE_MM = 1.0

NODE = (3.0, -6.0, 6.0)
"""Of the grid, inside of the organ; 10 mm cube, 20 mm wide, around the origin."""


def spiked(height_gy, base_gy=40.0):
    return dose(lambda x, y, z: base_gy + height_gy * ((x == NODE[0]) & (y == NODE[1]) & (z == NODE[2])).astype(float))


def located(text, grid, *more, **options):
    checked = plan(box(1, "Organ"), *more, grid=grid, **options)
    (result,) = evaluate(checked, protocol(goal(text))).results
    return result.spot


@pytest.mark.parametrize(
    "text", ["Max[Gy] <= 45 Gy", "D0.001cc[Gy] <= 41 Gy", "V41Gy[cc] < 0.0001 cc", "CV41Gy[%] > 99.999 %"]
)
def test_goals_that_must_stay_below_have_the_hottest_point(text):
    spot = located(text, spiked(20.0))
    assert spot.hottest
    assert spot.at_mm == NODE
    assert spot.dose_gy == 60.0
    assert spot.edge.inside
    assert spot.edge.mm == pytest.approx(4.0)  # y -6 in a cube that ends at -10, z 6 in one that ends at 10


@pytest.mark.parametrize(
    "text", ["Min[Gy] >= 35 Gy", "D99.999%[Gy] > 39.9 Gy", "V39Gy[%] > 99.999 %", "DC0.001cc[Gy] > 39 Gy"]
)
def test_goals_that_must_stay_above_have_the_coldest_point(text):
    spot = located(text, spiked(-20.0))
    assert not spot.hottest
    assert spot.at_mm == NODE
    assert spot.dose_gy == 20.0


def test_distances_to_targets_are_in_space():
    """The PTV is a cube from 7 to 17 mm in all three; from the spot 4, 13 and 1 mm before it."""
    spot = located(
        "Max[Gy] <= 45 Gy", spiked(20.0), box(2, "PTV", (10, 10, 10), (12, 12, 12)), box(3, "GTV", (8, 24, 20))
    )
    away = {each.name: each for each in spot.targets}
    assert away["PTV"].mm == pytest.approx(np.sqrt(4**2 + 13**2 + 1**2), abs=HALF_A_SLICE_MM)
    assert not away["PTV"].inside
    assert away["GTV"].mm == pytest.approx(1.0)  # x 3 in a box that ends at 4
    assert away["GTV"].inside


def test_the_slice_is_the_nearest_of_the_image():
    image = ImageStack(np.arange(-30.0, 31.0, 2.0) + 0.7)
    assert located("Max[Gy] <= 45 Gy", spiked(20.0)).slice_mm == 5.0  # contours on odd millimetres: 5 or 7
    assert located("Max[Gy] <= 45 Gy", spiked(20.0), image=image).slice_mm == pytest.approx(6.7)


@pytest.mark.parametrize("text", ["Max[Gy] <= 70 Gy", "Volume[cc] > 20 cc", "Max[%] <= 5 %"])
def test_what_is_met_has_no_place_or_has_no_value_has_no_spot(text):
    assert located(text, spiked(20.0)) is None


def test_one_slice_of_an_image_is_not_the_slice_of_every_spot():
    spot = located("Max[Gy] <= 45 Gy", spiked(20.0), image=ImageStack(np.array([168.6])))
    assert abs(spot.slice_mm - spot.at_mm[2]) <= 1.0


def test_of_a_part_the_spot_is_in_the_part():
    """The hot node lies where the organ overlaps the target, and the goal is about the rest."""
    small = protocol(goal("Max[Gy] <= 30 Gy"))
    organ = next(s for s in small.structures if s.name == "Organ")
    small = replace(small, structures=(*small.structures[:-1], replace(organ, subtract=("GTV",))))
    checked = plan(box(1, "Organ"), box(2, "GTV", (20, 10, 20), (0, -5, 0)), grid=spiked(20.0))
    (result,) = evaluate(checked, small).results
    assert result.spot.at_mm[1] >= -1e-9
    assert result.spot.dose_gy == pytest.approx(40.0)


def test_in_a_course_the_point_is_that_of_the_effect():
    """Of EQD2 with alpha/beta 3 Gy: 65 Gy in 25 and 13 Gy in 3 fractions at x -10, 35 and 37 Gy at x 10.

    D (D / n + 3) / 5 gives 72.8 + 19.1 = 91.9 Gy on the one side and 30.8 + 113.5 = 144.3 Gy on the other, though
    physically there are 78 Gy and 72 Gy.
    """

    def part(name, slope, at_0_gy, fractions):
        made = plan(box(1, "Organ"), grid=dose(linear(at_0_gy, (slope, 0, 0)), half_mm=12))
        return replace(
            made,
            prescription=course(fractions, at_0_gy),
            sop_instance_uid=f"1.2.3.{name}",
            frame_of_reference_uid="1.2.9",
            patient=Patient("ID-1", "", ""),
        )

    joined = course_of([part("1", -1.5, 50.0, 25), part("2", 1.2, 25.0, 3)])
    goals = goal("Max EQD2(ab=3)[Gy] < 100 Gy"), goal("Max[Gy] < 50 Gy"), goal("Min EQD2(ab=3)[Gy] > 100 Gy")
    spots = [r.spot for r in evaluate(joined, protocol(*goals), regimen="22fx").results]
    assert [spot.at_mm[0] for spot in spots] == [10.0, -10.0, -10.0]
    assert [spot.effect for spot in spots] == ["EQD2(ab=3)", "", "EQD2(ab=3)"]
    assert spots[0].dose_gy == pytest.approx(144.3, abs=0.3)
    assert spots[1].dose_gy == pytest.approx(78.0)
