"""Courses: what their plans add up to, physically and in effect, and which plans are no course.

The numbers of the effect are worked out by hand from BED = n d (1 + d/ab) and EQD2 = n d (d + ab) / (2 + ab).
"""

import math
from dataclasses import replace

import numpy as np
import pytest

import hardcheck as hc
from hardcheck.course import course_of
from hardcheck.dvh import compute_dvh, compute_dvhs, kernels
from hardcheck.dvh.field import Effect, field_around
from hardcheck.errors import LinkError, PlanChoiceError, UsageError
from hardcheck.phantom import Box, Sphere, axis_mm, gaussian, linear, sample, uniform
from hardcheck.plan import (
    DoseReference,
    Finding,
    FractionGroup,
    Patient,
    Plan,
    Prescription,
    Severity,
    SourceFile,
    Structure,
)

SLICES = axis_mm(-29, 29, 2)
BALL = Structure.from_contours(1, "Ball", Sphere(20).contours(SLICES, 0.5))
CUBE = Structure.from_contours(2, "Cube", Box((20, 20, 20)).contours(axis_mm(-9, 9, 2)))
FIRST, SECOND = axis_mm(-40, 40, 2.5), axis_mm(-39, 40, 3)


def plan(label, field, fractions, prescribed_gy, axis=FIRST, **more):
    groups = (FractionGroup(1, fractions),)
    prescription = Prescription((DoseReference(1, "VOLUME", "TARGET", prescription_gy=prescribed_gy),), groups)
    made = Plan(
        (BALL, CUBE),
        sample(field, axis, axis, axis),
        sop_instance_uid=f"1.2.3.{label}",
        label=label,
        patient=Patient("ID-1", "DOE^JANE", "19500102"),
        prescription=prescription,
        frame_of_reference_uid="1.2.9",
        sources=(SourceFile(f"1.2.4.{label}", "RTDOSE", f"dose {label}", (f"1.2.3.{label}",)),),
    )
    return replace(made, **more)


def two(first=25.0, second=50.0, **more):
    """25 Gy in 5 and 50 Gy in 25 fractions."""
    return [plan("1", uniform(first), 5, 25.0, **more), plan("2", uniform(second), 25, 50.0, SECOND)]


def said(found, check):
    return [(str(f.severity), f.message) for f in found.findings if f.id == check]


def value(course, metric, structure="Ball"):
    return compute_dvh(course, structure).metric(metric)


# ---- Doses


@pytest.mark.parametrize("metric", ["Mean", "Min", "Max", "Median", "D95%", "D0.03cc"])
def test_five_fives_and_25_twos_have_the_effect_of_the_table(metric):
    """Wiltink et al. 2024: 5 x 5 is 35.9 Gy and 25 x 2 is 50.0 Gy for 4.9 Gy; the course is 85.87 Gy."""
    course = course_of(two())
    assert value(course, f"{metric}[Gy]").value == pytest.approx(75.0, abs=1e-9)
    eqd2 = value(course, f"{metric} EQD2(ab=4.9)[Gy]")
    assert round(eqd2.value, 2) == 85.87
    assert eqd2.value == pytest.approx(5 * 5 * (5 + 4.9) / 6.9 + 50, abs=1e-9)
    bed = value(course, f"{metric} BED(ab=10)[Gy]")
    assert bed.value == pytest.approx(25 * 1.5 + 50 * 1.2, abs=1e-9)
    for found in (eqd2, bed):
        assert found.low == pytest.approx(found.value, abs=1e-6)
        assert found.high == pytest.approx(found.value, abs=1e-6)


def test_the_effect_is_never_that_of_the_blended_sum():
    """75 Gy in 30 fractions of 2.5 Gy would be 80.4 Gy."""
    blended = 75 * (2.5 + 4.9) / 6.9
    assert value(course_of(two()), "Mean EQD2(ab=4.9)[Gy]").low > blended + 5


def test_a_volume_at_an_effect():
    course = course_of(two())
    for metric, wanted in (("V85.8Gy EQD2(ab=4.9)[%]", 100.0), ("V85.9Gy EQD2(ab=4.9)[%]", 0.0)):
        assert value(course, metric).value == wanted


def test_the_effect_at_points_is_that_by_hand():
    """Doses that fall along x and y: at each node the two doses and their effects are known."""
    first, second = linear(20, (0.2, 0, 0)), linear(45, (0, -0.5, 0))
    course = course_of([plan("1", first, 5, 25.0), plan("2", second, 25, 50.0, SECOND)])
    grid = field_around(course, course.dose, (-20, -20, -20), (20, 20, 20), Effect("EQD2", 3.0)).grid
    x, y = grid.x_mm, grid.y_mm[:, None]
    wanted = np.zeros((grid.y_mm.size, grid.x_mm.size))
    for dose, n in ((20 + 0.2 * x, 5), (45 - 0.5 * y, 25)):
        wanted = wanted + dose * (dose / n + 3) / 5
    assert grid.dose_gy == pytest.approx(np.broadcast_to(wanted, grid.dose_gy.shape), abs=1e-9)
    # At x = 10, y = 12 mm: 22 Gy in 5 (4.4 each) and 39 Gy in 25 (1.56 each).
    i, j = np.flatnonzero(np.isclose(x, 10))[0], np.flatnonzero(np.isclose(grid.y_mm, 12))[0]
    assert grid.dose_gy[3, j, i] == pytest.approx(22 * 7.4 / 5 + 39 * 4.56 / 5, abs=1e-9)


def test_the_mean_effect_over_a_sphere():
    """Over a ball of radius r a dose m + g x has the variance g² r² / 5, and the mean of its square is m² + that."""
    r, ab = 20.0, 3.0
    parts = [(30.0, 5, 0.5), (40.0, 20, -0.3)]
    fields = [linear(m, (0, g, 0)) for m, _, g in parts]
    fine = axis_mm(-30, 30, 1), axis_mm(-30.5, 30, 1)
    plans = [plan(str(k), f, n, 25.0, a) for k, (f, (_, n, _), a) in enumerate(zip(fields, parts, fine, strict=True))]
    found = value(course_of(plans), f"Mean EQD2(ab={ab:g})[Gy]")
    exact = sum((m + (m**2 + g**2 * r**2 / 5) / (n * ab)) / (1 + 2 / ab) for m, n, g in parts)
    assert found.low <= exact <= found.high
    # The polygons and slices of the ball move its variance by up to 1 %, of which the effect has 3 Gy.
    assert found.value == pytest.approx(exact, abs=0.03)


@pytest.mark.parametrize("spacing_mm", [1.0, 2.0, 5.0])
def test_between_the_nodes_the_effect_is_trilinear_and_the_interval_knows(spacing_mm):
    """Of a dose m + g x on nodes h apart, the effect between them is g² h² / (6 n ab) too high on average in BED."""
    m, g, n, ab = 30.0, 1.0, 5, 3.0
    axis = axis_mm(-30, 30, spacing_mm)
    course = course_of([plan("1", linear(m, (g, 0, 0)), n, 25.0, axis), plan("2", uniform(0.0), 5, 1.0, axis)])
    found = value(course, f"Mean BED(ab={ab:g})[Gy]", "Cube")
    exact = m + (m**2 + g**2 * 20**2 / 12) / (n * ab)
    assert found.value - exact == pytest.approx(g**2 * spacing_mm**2 / (6 * n * ab), abs=0.02)
    assert found.low <= exact <= found.high


def test_more_than_10_gy_per_fraction_is_said():
    course = course_of([plan("1", uniform(33.0), 3, 33.0), plan("2", uniform(50.0), 25, 50.0)])
    caveats = value(course, "Mean EQD2(ab=3)[Gy]").caveats
    assert any("more than 10 Gy per fraction in plan 1: the linear-quadratic model" in c for c in caveats)
    assert not any("extrapolated" in c for c in value(course_of(two()), "Mean EQD2(ab=3)[Gy]").caveats)


def test_a_plan_without_fractions_has_a_physical_dose_and_no_effect():
    first, second = two()
    course = course_of([first, replace(second, prescription=Prescription(second.prescription.references))])
    assert value(course, "Mean[Gy]").value == pytest.approx(75)
    found = value(course, "Mean EQD2(ab=3)[Gy]")
    assert found.value is None
    assert "plan 2 without a single number of fractions" in found.reason


@pytest.mark.parametrize("metric", ["Max[Gy]", "D0.03cc[Gy]", "Max EQD2(ab=3)[Gy]"])
def test_where_one_plan_has_no_dose_the_sum_is_unknown(metric):
    half = axis_mm(-40, 0, 2.5)
    second = plan("2", uniform(50.0), 25, 50.0)
    second = replace(second, dose=sample(uniform(50.0), half, FIRST, FIRST))  # along x chords are exact
    course = course_of([two()[0], second])
    assert compute_dvh(course, "Cube").in_grid_fraction == pytest.approx(0.5, abs=1e-9)
    found = value(course, metric, "Cube")
    assert found.high == math.inf
    low = value(course, "Min[Gy]", "Cube")
    assert (low.value, low.low) == (pytest.approx(75), 0.0)


def test_the_interval_is_not_narrower_for_the_planes_of_another_grid():
    """A second plan of next to nothing, half a voxel off, makes the nodes twice as dense, and teaches nothing."""
    first = plan("1", gaussian(30.0, 12.0), 5, 30.0)
    second = plan("2", uniform(1e-6), 5, 1.0, axis_mm(-38.75, 40, 2.5))
    course = course_of([first, second])
    assert course.dose.x_mm.size > 60
    for metric in ("Mean[Gy]", "D50%[Gy]", "D2%[Gy]", "D98%[Gy]"):
        alone, together = value(first, metric), value(course, metric)
        assert together.value == pytest.approx(alone.value, abs=0.01)
        assert together.high - together.low >= 0.95 * (alone.high - alone.low), metric


def test_both_kernels_agree_on_uneven_planes():
    compiled = pytest.importorskip("hardcheck.dvh.compiled", reason="numba is not installed", exc_type=ImportError)
    course = course_of(
        [plan("1", gaussian(30.0, 12.0), 5, 30.0), plan("2", gaussian(40.0, 15.0, (3, 2, 1)), 25, 40.0, SECOND)]
    )
    for one, other in zip(
        *(compute_dvhs(course, course.structures, kernels=k) for k in (kernels, compiled)), strict=True
    ):
        for metric in ("Mean[Gy]", "Max[Gy]", "D2%[Gy]", "D0.03cc EQD2(ab=3)[Gy]"):
            a, b = one.metric(metric), other.metric(metric)
            assert (a.low, a.value, a.high) == pytest.approx((b.low, b.value, b.high), rel=1e-9), metric


def test_three_plans():
    course = hc.course_of([*two(), plan("3", uniform(10.0), 5, 10.0, axis_mm(-38, 38, 4))])
    assert value(course, "Mean[Gy]").value == pytest.approx(85)
    assert value(course, "Mean BED(ab=10)[Gy]").value == pytest.approx(25 * 1.5 + 50 * 1.2 + 10 * 1.2)


# ---- What a course says of itself


def test_a_course_has_no_number_of_fractions_and_the_sum_of_the_prescriptions():
    course = course_of(two())
    assert (course.fractions, course.prescription_gy) == (None, 75.0)
    assert (course.course.fractions, course.course.prescription_gy) == (30, 75.0)
    assert (course.label, course.sop_instance_uid) == ("1 + 2", None)


def test_how_the_sum_was_made_is_said():
    (_, message), *rest = said(course_of(two()), "course-sum")
    assert "sum of 2 plans, 54 x 54 x 54 nodes" in message
    assert "exact for doses trilinear between voxels" in message
    assert rest == []
    same = [plan("1", uniform(1.0), 5, 1.0), plan("2", uniform(2.0), 5, 2.0)]
    assert "33 x 33 x 33 nodes (x, y, z), voxel by voxel" in said(course_of(same), "course-sum")[0][1]


def test_whose_structures_are_used_is_said_and_can_be_chosen():
    first, second = two()
    assert said(course_of([first, second]), "course-structures") == [
        ("INFO", "the structure set is that of plan 1, as of all plans")
    ]
    second = replace(second, structures=(CUBE,))
    for wanted, used, other in ((None, first, 2), ("1.2.3.2", second, 1), ("2", second, 1)):
        course = course_of([first, second], structures_from=wanted)
        assert course.structures == used.structures
        ((severity, message),) = said(course, "course-structures")
        assert severity == "WARN"
        assert f"plan {other} has another one" in message


@pytest.mark.parametrize("wanted", ["none such", ""])
def test_structures_of_no_plan_of_the_course(wanted):
    with pytest.raises(PlanChoiceError, match="no plan of the course"):
        course_of(two(), structures_from=wanted)


def test_structures_of_a_label_that_two_plans_have():
    with pytest.raises(PlanChoiceError, match="2 plans of the course"):
        course_of([replace(p, label="same") for p in two()], structures_from="same")


def test_findings_of_each_plan_are_carried_through_and_numbered():
    first, second = two()
    second = replace(second, dose=None, findings=(stop := Finding("dose-physical-gy", Severity.STOP, "RELATIVE"),))
    course = course_of([first, second])
    assert course.dose is None
    assert said(course, stop.id) == [("STOP", "plan 2: RELATIVE")]
    assert compute_dvh(course, "Ball").reason == "there is no dose that could be trusted"


def test_the_same_dose_in_every_voxel_is_said():
    first = plan("1", gaussian(30.0, 12.0), 5, 30.0)
    assert said(course_of([first, plan("2", gaussian(30.0, 12.0), 5, 30.0)]), "course-same-dose")[0][0] == "WARN"
    assert said(course_of([first, plan("2", gaussian(30.1, 12.0), 5, 30.0)]), "course-same-dose") == []


# ---- What is no course


def test_one_plan_is_no_course_and_a_course_no_plan_of_one():
    for plans in (two()[:1], [course_of(two()), two()[0]]):
        with pytest.raises(UsageError, match="two plans or more"):
            course_of(plans)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"patient": Patient("ID-2", "DOE^JANE", "19500102")}, "of different patients"),
        ({"frame_of_reference_uid": "1.2.8"}, r"different frames of reference, 1\.2\.9 and 1\.2\.8"),
        ({"sop_instance_uid": "1.2.3.1"}, r"are one plan, 1\.2\.3\.1"),
        ({"sources": (SourceFile("1.2.4.1", "RTDOSE", "other"),)}, r"have the same dose, 1\.2\.4\.1"),
        ({"sources": (SourceFile("1.2.4.7", "RTDOSE", "dose 1"),)}, "have the same dose"),
        ({"sources": (SourceFile("1.2.4.7", "RTDOSE", "x", ("1.2.3.1",)),)}, "says that it is of the other"),
    ],
)
@pytest.mark.parametrize("assume_linked", [False, True])
def test_plans_that_cannot_be_of_one_course(change, message, assume_linked):
    first, second = two()
    for plans in ([first, replace(second, **change)], [replace(second, **change), first]):
        with pytest.raises(LinkError) as raised:
            course_of(plans, assume_linked=assume_linked)
        text = str(raised.value)
        assert "\n" not in text
        assert "DOE" not in text
        assert "ID-2" not in text
    with pytest.raises(LinkError, match=message):
        course_of([first, replace(second, **change)], assume_linked=assume_linked)


@pytest.mark.parametrize(
    ("change", "check"),
    [({"frame_of_reference_uid": ""}, "one-frame-of-reference"), ({"patient": Patient()}, "one-patient")],
)
def test_what_is_not_proven_stops_unless_it_was_to_be_assumed(change, check):
    first, second = two()
    second = replace(second, **change)
    assert [s for s, _ in said(course_of([first, second]), check)] == ["STOP"]
    assert [s for s, _ in said(course_of([first, second], assume_linked=True), check)] == ["WARN"]


@pytest.mark.parametrize(
    "other", [Patient("ID-1", "DOE^JANE", "19600102"), Patient("ID-1", "ROE^JANE", "19500102")], ids=["born", "name"]
)
def test_one_patient_id_and_another_person_stop(other):
    first, second = two()
    found = said(course_of([first, replace(second, patient=other)], assume_linked=True), "one-patient")
    assert [s for s, _ in found] == ["STOP"]
    assert "ROE" not in found[0][1]
    written = replace(second, patient=Patient("ID-1", "Doe^Jane^^^", "19500102"))
    assert said(course_of([first, written]), "one-patient") == []


def test_the_greatest_effect_lies_in_its_interval():
    """105 and 28 Gy at the end of the cube, in 25 and 5 fractions: 105 x 7.2 / 5 + 28 x 8.6 / 5 = 199.36 Gy in EQD2."""
    axes = axis_mm(-30, 30, 3), axis_mm(-12, 12, 5)
    fields = linear(80, (2.5, 0, 0)), linear(40, (-1.2, 0, 0))
    made = [
        plan(str(n), field, count, 50.0, axis)
        for n, field, count, axis in zip((1, 2), fields, (25, 5), axes, strict=True)
    ]
    found = compute_dvh(course_of(made), "Cube").metric("Max EQD2(ab=3)[Gy]")
    assert found.low <= 199.36 <= found.high
