"""Where and how far, in words and in the JSON."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from hardcheck.evaluation.scale import Bounded, Exclusion, GoalScale, PlanScale
from hardcheck.quantity import Quantity
from hardcheck.report import evaluation_document
from hardcheck.report.page import html_page
from hardcheck.report.scale import goal_scale_text, plan_scale_text
from hardcheck.report.spot import spot_text
from tests.report.sample import CLOCK, everything, spot


def factor(value, low=None, high=None):
    return Quantity(value, value if low is None else low, value if high is None else high, "")


UPPER, LOWER = {"at_most": True}, {"at_most": False}
COVER, SPARE = Bounded("cover", 1, "PTV D95", ()), Bounded("spare", 2, "Cord Max", ())


def test_a_spot_in_words():
    assert spot_text(spot()) == (
        "hottest point 51.00 Gy at x -1.2, y 0.0, z 30.0 mm (slice z 30.0), 1.5 mm inside its structure, "
        "12.3 mm outside of PTV_HR"
    )
    on = replace(spot(), hottest=False, edge=replace(spot().edge, mm=2e-15, inside=False))
    assert "coldest point" in spot_text(on)
    assert "at the edge of its structure" in spot_text(on)
    assert spot_text(None) == ""


def test_of_many_targets_the_nearest_can_be_named_alone():
    three = tuple(replace(spot().targets[0], name=name, mm=mm) for name, mm in (("A", 7.0), ("B", 2.0), ("C", 9.0)))
    where = replace(spot(), targets=three)
    assert spot_text(where).endswith("7.0 mm outside of A, 2.0 mm outside of B, 9.0 mm outside of C")
    assert spot_text(where, most=1).endswith("1.5 mm inside its structure, 2.0 mm outside of B")


@pytest.mark.parametrize(
    ("scale", "text"),
    [
        (
            GoalScale(factor(0.95678, 0.94, 0.96), **UPPER),
            "just met at 0.9567 of the dose or less (0.9400 to 0.9600)",
        ),
        (
            GoalScale(factor(1.01231, 1.0, 1.02), **LOWER),
            "just met at 1.0124 of the dose or more (1.0000 to 1.0200)",
        ),
        (
            GoalScale(factor(1.1, 1.0, math.inf), **LOWER),
            "just met at 1.1000 of the dose or more (1.0000 or more)",
        ),
        (GoalScale(factor(0.9, 0.0, 0.91), **UPPER), "just met at 0.9000 of the dose or less (0.9100 or less)"),
        (
            GoalScale(Quantity.unknown("", "none meets it"), **UPPER),
            "none meets it",
        ),
        (None, ""),
    ],
)
def test_a_factor_is_never_rounded_to_where_the_goal_is_missed(scale, text):
    assert goal_scale_text(scale) == text


@pytest.mark.parametrize(
    ("scale", "text"),
    [
        (
            PlanScale(factor(0.98, 0.97, 0.99), factor(1.02, 1.01, 1.03), (COVER, SPARE), (), (), 2, 0),
            (
                "all 2 required goals with a value are met at 0.9800 (PTV D95 (ROI 1)) to 1.0200 (Cord Max (ROI 2)) "
                "of the dose, for certain at 0.9900 to 1.0100"
            ),
        ),
        (
            PlanScale(factor(0.98, 0.9, 1.1), factor(1.02, 0.95, 1.03), (COVER, SPARE), (), (), 2, 3),
            (
                "all 2 required goals with a value are met at 0.9800 (PTV D95 (ROI 1)) to 1.0200 (Cord Max (ROI 2)) "
                "of the dose, for certain at none; 3 could not be evaluated, or would apply at another dose"
            ),
        ),
        (
            PlanScale(None, factor(1.02), (None, SPARE), (), (), 1, 0),
            (
                "the one required goal with a value is met at 1.0200 (Cord Max (ROI 2)) or less of the dose, "
                "for certain at 1.0200 or less"
            ),
        ),
        (
            PlanScale(factor(1.1), factor(0.9), (COVER, SPARE), (Exclusion(COVER, SPARE, 1.1, 0.9, True),), (), 2, 0),
            (
                "no factor on the whole dose meets every required goal: Cord Max (ROI 2) allows 0.9000 at most, "
                "and PTV D95 (ROI 1) asks for 1.1000 at least"
            ),
        ),
        (
            PlanScale(None, None, (None, None), (), (SPARE,), 1, 0),
            "no factor on the whole dose meets every required goal: none meets Cord Max (ROI 2)",
        ),
        (None, ""),
    ],
)
def test_the_plan_in_words(scale, text):
    assert plan_scale_text(scale) == text


def test_the_json_has_them():
    document = evaluation_document(everything())
    (goal,) = [goal for goal in document["goals"] if goal["spot"] is not None]
    assert goal["spot"] == {
        "extreme": "hottest",
        "at_mm": [-1.25, 0.0, 30.04],
        "dose_gy": 51.0,
        "effect": None,
        "slice_z_mm": 30.0,
        "surface": {"distance_mm": 1.5, "inside": True},
        "targets": [{"roi_name": "said", "distance_mm": 12.3, "inside": False}],
    }
    assert goal["dose_scale"] == {"value": 0.95, "low": 0.94, "high": 0.96, "bound": "at_most", "reason": None}
    scale = document["dose_scale"]
    assert scale["possible"] is True
    assert (scale["low"], scale["high"]) == (None, {"value": 0.95, "low": 0.94, "high": 0.96})
    assert scale["high_goal"] == {"id": "v42", "roi_number": 7, "goal": "Cord V42Gy[cc] < 5 cc"}
    assert (scale["goals_evaluated"], scale["goals_not_evaluated"]) == (1, 1)


def test_the_page_has_them_and_what_was_accepted():
    page = html_page(everything(), created=CLOCK)
    assert "12.3 mm outside of said" in page
    assert "just met at 0.9500 of the dose or less" in page
    assert "1 could not be evaluated" in page
    assert page.count("accepted by said (said) on 2025-03-02T08:00:00+01:00: said") == 2


def test_the_same_goal_of_several_rois_is_one_line_with_the_roi_that_asks_for_most():
    upper = Bounded("max", 9, "Cord Max[Gy] < 50 Gy", ())
    names = ((1, 1.02), (2, 1.07), (3, 1.05))
    pairs = tuple(
        Exclusion(Bounded("v", number, "PTV V95%[%] > 95 %", ()), upper, factor, 0.9, certain=True)
        for number, factor in names
    )
    said = plan_scale_text(PlanScale(None, None, (None, None), pairs, (), 4, 0))
    assert said.count("PTV V95%[%] > 95 %") == 1
    assert "PTV V95%[%] > 95 % (ROI 2), of 3 ROIs the most, asks for 1.0700 at least" in said
    assert "Cord Max[Gy] < 50 Gy (ROI 9) allows 0.9000" in said
