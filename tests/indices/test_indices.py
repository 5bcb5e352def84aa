"""Indices on concentric spheres, where each has a closed form; and whose isodose is whose.

Tolerances, from the interpolation alone: in a cell of h the trilinear dose is above one that bends with D'' by at most
h² (|D_rr| + 2 |D_r| / r) / 8. With h = 1 mm and the dose below that is 0.045 Gy at 10 mm, where the dose falls by
1.6 Gy/mm: a radius is off by at most 0.03 mm, a volume of that radius by 1 %, and two together by 2 %. A sphere of 1 mm
slices as polygons of 0.3 mm sides is off by less than 0.3 % of its volume (tests of the engine). So 3 % for each.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.dvh import compute_dvhs
from hardcheck.indices import Indices, body_of
from hardcheck.metric import Metric
from hardcheck.phantom import Box, Sphere, axis_mm, sample
from hardcheck.plan import Plan, Structure
from hardcheck.quantity import Quantity, ratio

WITHIN = 0.03
RADIUS = 10.0
HALF = 45.0


def fall(r):
    """Gy at r mm: 50 in the middle, 32 at 10 mm, 8 at 30 mm; smooth where the target ends, flat in the middle."""
    return 50 - 2 * r + 0.02 * r**2


def smooth(r):
    """`fall` with its tip rounded off below 5 mm, so that no grid cuts it off."""
    inner = fall(5.0) + (2.0 - 0.2) / 10 * (25 - r**2)
    return np.where(r < 5, inner, fall(np.maximum(r, 5)))


def radius_at(dose_gy):
    return (2 - math.sqrt(4 - 0.08 * (50 - dose_gy))) / 0.04


def ball(number, name, radius=RADIUS, centre=(0.0, 0.0, 0.0), kind="PTV", slice_mm=1.0, shift=0.0):
    z = np.arange(-HALF + 0.5 + shift, HALF, slice_mm)
    return Structure.from_contours(number, name, Sphere(radius, centre).contours(z, 0.3), interpreted_type=kind)


BODY = ball(9, "Body", 42.0, kind="EXTERNAL")


def plan_of(*structures, h=1.0, field=None, half=HALF):
    axis = axis_mm(-half, half, h)
    made = sample(field or (lambda x, y, z: smooth(np.sqrt(x**2 + y**2 + z**2))), axis, axis, axis)
    return Plan(tuple(structures), made)


def asked(plan, target, *metrics, level_gy=None, named=()):
    targets = tuple(s for s in plan.structures if s.interpreted_type in ("PTV", "GTV"))
    indices = Indices(plan, body_of(plan, named), targets)
    (dvh,) = compute_dvhs(plan, [target])
    return [indices.metric(Metric.parse(m), dvh, level_gy) for m in metrics]


def holds(quantity, exact):
    return quantity.low <= exact <= quantity.high


ALL = ("CI_RTOG[]", "CI_CK[]", "CI_Paddick[]", "nCI[]", "GI[]", "R50[]", "HI_max[]", "HI_ICRU[]")


def exact_of(isodose_mm):
    """The indices of a target of RADIUS, the prescription isodose a sphere around the same centre."""
    level = fall(isodose_mm)
    half_mm = radius_at(level / 2)
    tv, piv, piv50, tiv = (r**3 for r in (RADIUS, isodose_mm, half_mm, min(isodose_mm, RADIUS)))
    d2, d98, d50 = (float(smooth(RADIUS * (share / 100) ** (1 / 3))) for share in (2, 98, 50))
    return {
        "CI_RTOG[]": piv / tv,
        "CI_CK[]": piv / tiv,
        "CI_Paddick[]": tiv**2 / (tv * piv),
        "nCI[]": tv * piv / tiv**2,
        "GI[]": piv50 / piv,
        "R50[]": piv50 / tv,
        "HI_max[]": float(smooth(0.0)) / level,
        "HI_ICRU[]": (d2 - d98) / d50,
    }


@pytest.mark.parametrize("isodose_mm", [8.0, 9.3, 10.9, 12.5])
def test_every_index_on_concentric_spheres(isodose_mm):
    target = ball(1, "PTV")
    found = asked(plan_of(target, BODY), target, *ALL, level_gy=fall(isodose_mm))
    for metric, quantity in zip(ALL, found, strict=True):
        exact = exact_of(isodose_mm)[metric]
        assert holds(quantity, exact), (metric, quantity, exact)
        assert quantity.value == pytest.approx(exact, rel=WITHIN), metric
        assert quantity.caveats == ()


@pytest.mark.parametrize(
    ("h", "slice_mm", "shift"), [(2.0, 2.0, 0.3), (2.5, 3.0, 1.0), (2.5, 3.0, 0.0), (3.0, 2.0, 0.7)]
)
@pytest.mark.parametrize("isodose_mm", [9.0, 11.0])
def test_intervals_hold_on_clinical_grids(h, slice_mm, shift, isodose_mm):
    target = ball(1, "PTV", slice_mm=slice_mm, shift=shift)
    body = ball(9, "Body", 42.0, kind="EXTERNAL", slice_mm=slice_mm, shift=shift)
    found = asked(plan_of(target, body, h=h), target, *ALL, "D2cm[Gy]", level_gy=fall(isodose_mm))
    exact = {**exact_of(isodose_mm), "D2cm[Gy]": fall(RADIUS + 20)}
    for metric, quantity in zip((*ALL, "D2cm[Gy]"), found, strict=True):
        assert holds(quantity, exact[metric]), (metric, quantity, exact[metric])


def test_another_dose_than_the_prescription():
    target = ball(1, "PTV")
    plan = plan_of(target, BODY)
    same = asked(plan, target, "CI_RTOG[]", "CI_RTOG 32Gy[]", "CI_RTOG 80%[]", level_gy=32.0)
    of_80 = asked(plan, target, "CI_RTOG[]", level_gy=25.6)[0]
    assert same[0] == same[1]
    assert same[2] == of_80
    assert asked(plan, target, "CI_RTOG 32Gy[]")[0] == same[0]


def test_what_needs_a_level_says_so_where_there_is_none():
    target = ball(1, "PTV")
    plan = plan_of(target, BODY)
    needing = ("CI_RTOG[]", "GI[]", "HI_max[]", "CI_CK 80%[]", "D2cm[%]")
    for quantity in (*asked(plan, target, *needing), *asked(plan, target, *needing, level_gy=0.0)):
        assert quantity.value is None
        assert "level" in quantity.reason
    for quantity in asked(plan, target, "HI_ICRU[]", "D2cm[Gy]", "GI 32Gy[]"):
        assert quantity.value is not None


@pytest.mark.parametrize("slice_mm", [1.0, 2.0])
def test_the_dose_2_cm_away(slice_mm):
    """The dose falls by 0.8 Gy/mm there; half a slice of the target and 1 mm between the planes are not resolved."""
    target = ball(1, "PTV", slice_mm=slice_mm)
    body = ball(9, "Body", 42.0, kind="EXTERNAL", slice_mm=slice_mm)
    gy, percent = asked(plan_of(target, body), target, "D2cm[Gy]", "D2cm[%]", level_gy=32.0)
    assert holds(gy, fall(30.0))
    assert gy.value == pytest.approx(fall(30.0), abs=0.8 * (slice_mm / 2 + 1))
    assert percent.value == pytest.approx(gy.value / 0.32)


def test_a_hot_spot_far_from_the_target_is_the_dose_2_cm_away():
    target = ball(1, "PTV")

    def field(x, y, z):
        spot = 20 * np.exp(-((x - 34) ** 2 + y**2 + z**2) / 8)
        return smooth(np.sqrt(x**2 + y**2 + z**2)) + spot

    (found,) = asked(plan_of(target, BODY, field=field), target, "D2cm[Gy]")
    assert found.value == pytest.approx(fall(34.0) + 20, abs=0.2)


def test_only_the_body_counts():
    """A body that ends at z = 4 mm cuts a cap off the isodose of 12 mm: of height 8 mm, π h² (3 r - h) / 3."""
    target = ball(1, "PTV", 3.0, kind="PTV")
    z = np.arange(-HALF + 0.5, 4.0, 1.0)
    body = Structure.from_contours(9, "Body", Sphere(60.0).contours(z), interpreted_type="EXTERNAL")
    plan = plan_of(target, body)
    (found,) = asked(plan, target, "CI_RTOG 28.88Gy[]")
    assert fall(12.0) == pytest.approx(28.88)
    cut = math.pi * 8**2 * (36 - 8) / 3
    exact = (4 / 3 * math.pi * 12**3 - cut) / (4 / 3 * math.pi * 3**3)
    assert holds(found, exact)
    assert found.value == pytest.approx(exact, rel=WITHIN)


@pytest.mark.parametrize("bodies", [0, 2])
def test_without_one_outline_of_the_body_the_grid_counts_and_it_is_said(bodies):
    target = ball(1, "PTV")
    plan = plan_of(target, *(replace(BODY, number=10 + i) for i in range(bodies)))
    (found,) = asked(plan, target, "CI_RTOG[]", level_gy=fall(11.0))
    assert holds(found, 1.331)
    assert "EXTERNAL" in found.caveats[0]
    named = replace(BODY, number=20, interpreted_type="")
    (found,) = asked(
        replace(plan, structures=(*plan.structures, named)), target, "CI_RTOG[]", level_gy=fall(11.0), named=[named]
    )
    assert found.caveats == ()


def test_a_body_that_lost_slices_is_not_believed():
    target = ball(1, "PTV")
    kept = [c for c in BODY.contours() if not -4 < c[0, 2] < 6]
    torn = Structure.from_contours(9, "Body", kept, interpreted_type="EXTERNAL")
    rtog, away = asked(plan_of(target, torn), target, "CI_RTOG[]", "D2cm[Gy]", level_gy=fall(11.0))
    assert holds(rtog, 1.331)
    assert "slices seem to be missing" in rtog.caveats[0]
    assert away.caveats[0] == rtog.caveats[0]


# --- several targets


APART_MM = 40.0


def two_peaks(x, y, z):
    a = smooth(np.sqrt((x + APART_MM / 2) ** 2 + y**2 + z**2))
    b = smooth(np.sqrt((x - APART_MM / 2) ** 2 + y**2 + z**2))
    return np.maximum(np.maximum(a, b), 0)


LEFT, RIGHT = (ball(n, name, centre=(c, 0, 0)) for n, name, c in ((1, "PTV1", -20.0), (2, "PTV2", 20.0)))


def test_each_of_two_targets_has_its_own_isodose():
    plan = plan_of(LEFT, RIGHT, BODY, field=two_peaks)
    one = asked(plan, LEFT, "CI_RTOG[]", "CI_CK[]", "R50[]", level_gy=fall(11.0))
    other = asked(plan, RIGHT, "CI_RTOG[]", level_gy=fall(9.0))[0]
    assert holds(one[0], 1.331)
    assert one[0].value == pytest.approx(1.331, rel=WITHIN)
    assert holds(other, 0.729)
    assert other.value == pytest.approx(0.729, rel=WITHIN)


def test_isodoses_that_run_together_are_nobodys():
    """Half of the dose at 11 mm is met at 22 mm, beyond half-way between the two."""
    assert radius_at(fall(11.0) / 2) > APART_MM / 2
    plan = plan_of(LEFT, RIGHT, BODY, field=two_peaks)
    for quantity in asked(plan, LEFT, "GI[]", "R50[]", level_gy=fall(11.0)):
        assert quantity.value is None
        assert quantity.reason.startswith("the isodose volumes of PTV1 and PTV2 run together: ")


def test_any_number_of_targets():
    """Sixty small targets on a ring around one, each 2 cm away from the dose in the middle of the ring's other side."""
    angles = 2 * np.pi * np.arange(60) / 60
    ring = [ball(10 + n, f"M{n}", 1.5, (30 * np.cos(a), 30 * np.sin(a), 0)) for n, a in enumerate(angles)]
    plan = plan_of(LEFT, *ring, BODY, h=3.0)
    (found,) = asked(plan, ring[0], "D2cm[Gy]")
    assert found.value is not None or found.reason
    assert "M59" in found.caveats[0]


def test_a_target_inside_of_another_is_no_other_place():
    inner = ball(3, "GTV", 6.0, kind="GTV")
    target = ball(1, "PTV")
    (found,) = asked(plan_of(target, inner, BODY), target, "CI_RTOG[]", level_gy=fall(11.0))
    assert holds(found, 1.331)
    (found,) = asked(plan_of(target, inner, BODY), inner, "CI_RTOG[]", level_gy=fall(5.5))
    assert holds(found, (5.5 / 6) ** 3)


def test_isodose_that_reaches_no_target_widens_upwards():
    """A third peak of the same height, 30 mm to the back, where no target is."""

    def field(x, y, z):
        third = smooth(np.sqrt(x**2 + (y - 30) ** 2 + z**2))
        return np.maximum(two_peaks(x, y, z), third)

    plan = plan_of(LEFT, RIGHT, BODY, field=field)
    (found,) = asked(plan, LEFT, "CI_RTOG[]", level_gy=fall(11.0))
    assert found.value == pytest.approx(1.331, rel=WITHIN)
    assert found.low <= 1.331
    assert found.high >= 2 * 1.331
    assert "reach no target" in found.caveats[0]


def test_with_one_target_all_of_the_isodose_is_its():
    plan = plan_of(LEFT, BODY, field=two_peaks)
    (found,) = asked(plan, LEFT, "CI_RTOG[]", level_gy=fall(11.0))
    assert holds(found, 2 * 1.331)
    assert found.value == pytest.approx(2 * 1.331, rel=WITHIN)


# --- what is not known


def test_an_isodose_that_runs_out_of_the_grid_has_no_upper_bound():
    target = ball(1, "PTV")
    plan = plan_of(target, BODY, half=15.0)
    r50, gi, ci = asked(plan, target, "R50[]", "GI[]", "CI_RTOG[]", level_gy=fall(11.0))
    assert r50.high == gi.high == math.inf
    assert any("runs out of the dose grid" in c for c in r50.caveats)
    assert holds(ci, 1.331)
    assert math.isfinite(ci.high)


def test_a_target_that_gets_none_of_the_dose():
    target = ball(1, "PTV")
    rtog, ck, paddick, nci = asked(plan_of(target, BODY), target, *ALL[:4], level_gy=70.0)
    assert (rtog.value, rtog.high) == (0.0, 0.0)
    for quantity in (ck, paddick, nci):
        assert quantity.value is None


def test_without_a_dose_and_without_a_volume():
    target, empty = ball(1, "PTV"), Structure.from_contours(2, "None", [], interpreted_type="PTV")
    plan = replace(plan_of(target, empty, BODY), dose=None)
    assert all(q.value is None and q.reason for q in asked(plan, target, *ALL, "D2cm[Gy]", level_gy=32.0))
    plan = plan_of(target, empty, BODY)
    assert all(q.value is None and q.reason for q in asked(plan, empty, *ALL, "D2cm[Gy]", level_gy=32.0))
    assert asked(plan, target, "CI_RTOG[]", level_gy=32.0)[0].value is not None


# --- the interval of a ratio


bounds = st.lists(st.floats(0.1, 100), min_size=3, max_size=3).map(sorted).map(lambda b: Quantity(b[1], b[0], b[2], ""))


@given(st.lists(bounds, min_size=1, max_size=2), st.lists(bounds, min_size=1, max_size=2), st.data())
def test_the_interval_of_a_ratio_holds_every_ratio_of_its_parts(above, below, data):
    found = ratio(above, below)
    drawn = [data.draw(st.floats(q.low, q.high)) for q in (*above, *below)]
    value = math.prod(drawn[: len(above)]) / math.prod(drawn[len(above) :])
    assert found.low * (1 - 1e-12) <= value <= found.high * (1 + 1e-12)


def test_a_ratio_by_hand():
    piv, tiv = Quantity(6.0, 5.0, 8.0, "cc", None, ("a",)), Quantity(4.0, 2.0, 5.0, "cc", None, ("a", "b"))
    assert ratio([piv], [tiv]) == Quantity(1.5, 1.0, 4.0, "", None, ("a", "b"))
    assert ratio([piv], [Quantity(4.0, 0.0, 5.0, "cc")]).high == math.inf
    assert ratio([piv], [Quantity(0.0, 0.0, 5.0, "cc")]).value is None
    assert ratio([Quantity(6.0, 5.0, math.inf, "cc")], [tiv]).high == math.inf
    unknown = ratio([piv], [Quantity.unknown("cc", "why")])
    assert (unknown.value, unknown.reason) == (None, "why")


# --- what could make an index look better than it is


def test_an_isodose_of_a_target_that_nobody_contoured_widens_downwards():
    """The other peak may be of another target: an empty ROI of type PTV, or none at all."""
    empty = Structure.from_contours(7, "PTV2", [], interpreted_type="PTV")
    level_gy = fall(11.0)
    for more in ((), (empty,)):
        gi, rtog = asked(plan_of(LEFT, *more, BODY, field=two_peaks), LEFT, "GI[]", "CI_RTOG[]", level_gy=level_gy)
        assert holds(rtog, 1.331)
        assert holds(rtog, 2 * 1.331)
        assert any("does not reach the target" in caveat for caveat in rtog.caveats)
        assert gi.high > 1.5 * gi.value


def test_a_body_that_cuts_the_target_makes_no_index_better():
    """The body ends in the middle of the target: what of the target lies beyond counts in TV, TIV and PIV alike."""
    target = ball(1, "PTV")
    contours = Box((84, 42, 84), (0, -21, 0)).contours(axis_mm(-41, 41, 2))
    half = Structure.from_contours(9, "Body", contours, interpreted_type="EXTERNAL")
    level_gy = fall(9.3)  # inside of the target, so that all of the isodose is
    for metric in ("CI_Paddick[]", "CI_RTOG[]", "CI_CK[]"):
        bodies = (BODY, half)
        whole, cut = (asked(plan_of(target, body), target, metric, level_gy=level_gy)[0] for body in bodies)
        assert cut.value == pytest.approx(whole.value, rel=0.02), metric
        assert cut.high <= 1.0 or metric != "CI_Paddick[]"
        assert any("outside of the body" in caveat for caveat in cut.caveats)
