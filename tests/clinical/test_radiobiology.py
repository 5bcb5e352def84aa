"""The linear-quadratic model against published numbers, typed from the sources, within their printed rounding."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.library import load_protocol
from hardcheck.radiobiology import SCHEDULES, Conversion, bed_gy, eqd2_gy, known_schedule

# Wiltink et al. 2024, table of preoperative schedules: fractions, dose per fraction, EQD2 with alpha/beta 4.9 Gy
PREOPERATIVE = [
    (25, 2.0, 50.0), (15, 2.85, 48.0), (10, 3.0, 34.3), (10, 3.25, 38.4), (10, 3.5, 42.6), (5, 3.5, 21.3),
    (8, 3.5, 34.1), (5, 5.0, 35.9), (5, 6.0, 47.4), (5, 7.0, 60.4), (5, 8.0, 74.8), (14, 3.0, 48.1),
]  # fmt: skip
PRINTED_GY = 0.05


@pytest.mark.parametrize(("fractions", "each_gy", "printed_gy"), PREOPERATIVE)
def test_eqd2_of_the_preoperative_schedules(fractions, each_gy, printed_gy):
    assert eqd2_gy(fractions, each_gy, 4.9) == pytest.approx(printed_gy, abs=PRINTED_GY)


def test_a_course_of_two_phases_is_summed():
    """The table prints 5 x 5 Gy followed by 25 x 2 Gy with the first phase alone; the course is 85.87 Gy."""
    assert eqd2_gy(5, 5.0, 4.9) + eqd2_gy(25, 2.0, 4.9) == pytest.approx(85.87, abs=0.005)


@pytest.mark.parametrize(
    ("fractions", "total_gy", "alpha_beta_gy", "printed_gy"),
    [(10, 40.0, 10, 56.0), (10, 40.0, 3, 93.3), (4, 52.0, 10, 119.6), (4, 52.0, 3, 277.3)],
)
def test_bed_at_both_ends_of_the_refractory_series(fractions, total_gy, alpha_beta_gy, printed_gy):
    assert bed_gy(fractions, total_gy / fractions, alpha_beta_gy) == pytest.approx(printed_gy, abs=PRINTED_GY)


@pytest.mark.parametrize(("fractions", "claimed_gy"), [(20, 70.0), (22, 77.0)])
def test_what_hard_claims_of_its_schedules_holds_exactly(fractions, claimed_gy):
    assert eqd2_gy(fractions, 3.0, 4.0) == pytest.approx(claimed_gy, rel=1e-12)


def test_the_dose_at_which_the_heart_was_read_off():
    """V30Gy in EQD2 (alpha/beta 3) is V32.45Gy of physical dose in 20 fractions."""
    assert Conversion("EQD2", 3.0, 20).physical_gy(30.0) == pytest.approx(32.45, abs=0.005)


@pytest.mark.parametrize(
    ("fractions", "total_gy", "text"),
    [
        (22, 66.0, "22 x 3 Gy: HARD; EQD2 77.0 Gy (alpha/beta 4 Gy, tumour)"),
        (20, 60.0, "20 x 3 Gy: HARD; EQD2 70.0 Gy (alpha/beta 4 Gy, tumour)"),
        # 70 (2.5 + 4) / 6 = 75.83
        (28, 70.0, "28 x 2.5 Gy: HARD; EQD2 75.8 Gy (alpha/beta 4 Gy, tumour)"),
        (15, 42.75, "15 x 2.85 Gy: preoperative; EQD2 48.0 Gy (alpha/beta 4.9 Gy, sarcoma cell lines)"),
        (
            18,
            36.0,
            "18 x 2 Gy: preoperative, myxoid liposarcoma, DOREMY; EQD2 36.0 Gy (alpha/beta 4.9 Gy, sarcoma cell lines)",
        ),
    ],
)
def test_a_known_schedule_is_recognised(fractions, total_gy, text):
    assert str(known_schedule(fractions, total_gy)) == text


@pytest.mark.parametrize(("fractions", "each_gy", "_printed"), PREOPERATIVE)
def test_all_preoperative_schedules_are_known(fractions, each_gy, _printed):
    found = known_schedule(fractions, fractions * each_gy)
    assert (found.fractions, found.dose_per_fraction_gy, found.source) == (fractions, each_gy, "Wiltink et al. 2024")


@pytest.mark.parametrize(
    ("fractions", "total_gy"),
    [(22, 65.0), (21, 63.0), (66, 66.0), (None, 66.0), (22, None), (0, 0.0), (22, math.nan), (-22, -66.0)],
)
def test_another_schedule_is_none(fractions, total_gy):
    assert known_schedule(fractions, total_gy) is None


def test_no_two_schedules_are_the_same():
    assert len({(s.fractions, s.dose_per_fraction_gy) for s in SCHEDULES}) == len(SCHEDULES) == 16


@pytest.mark.parametrize("schedule", SCHEDULES, ids=str)
def test_the_page_lists_it(schedule):
    page = (Path(__file__).parents[2] / "docs" / "radiobiology.md").read_text("utf-8")
    given = f"| {schedule.fractions} x {schedule.dose_per_fraction_gy:g} Gy | {schedule.name} |"
    counted = f"| {schedule.alpha_beta_gy:g} Gy, {schedule.alpha_beta_of} | {schedule.eqd2_gy:.1f} Gy |"
    assert f"{given} {counted.removeprefix('| ')} {schedule.source} |" in page


@pytest.mark.parametrize("name", ["hard", "preoperative"])
def test_the_regimens_of_the_library_are_known(name):
    for regimen in load_protocol(name).regimens:
        assert known_schedule(regimen.fractions, max(level.high_gy for level in regimen.levels)) is not None


doses = st.floats(0, 200)
conversions = st.builds(Conversion, st.sampled_from(("EQD2", "BED")), st.floats(0.1, 30), st.integers(1, 50))


@given(conversions, doses, doses)
def test_the_effect_rises_with_the_dose_and_leads_back_to_it(conversion, one, other):
    low, high = sorted((one, other))
    assert conversion.of(low) <= conversion.of(high)
    assert conversion.physical_gy(conversion.of(one)) == pytest.approx(one, rel=1e-9, abs=1e-12)


@given(st.floats(0.1, 30), st.integers(1, 50))
def test_2_gy_fractions_are_what_they_are(alpha_beta_gy, fractions):
    assert Conversion("EQD2", alpha_beta_gy, fractions).of(2.0 * fractions) == pytest.approx(2.0 * fractions)


@given(conversions, doses)
def test_eqd2_is_bed_over_that_of_2_gy_fractions(conversion, dose_gy):
    ab = conversion.alpha_beta_gy
    bed = Conversion("BED", ab, conversion.fractions).of(dose_gy)
    assert Conversion("EQD2", ab, conversion.fractions).of(dose_gy) == pytest.approx(bed / (1 + 2 / ab), abs=1e-12)


@given(conversions, doses, doses)
def test_the_bend_is_what_two_halves_have_more_than_their_mean(conversion, one, other):
    variance = (one - other) ** 2 / 4
    of_both = (conversion.of(one) + conversion.of(other)) / 2
    expected = conversion.of((one + other) / 2) + conversion.bend * variance
    assert of_both == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("wrong", [("EQD3", 3.0, 20), ("BED", 0.0, 20), ("BED", math.nan, 20), ("BED", 3.0, 0)])
def test_what_is_no_conversion(wrong):
    with pytest.raises(ValueError, match="not a conversion"):
        Conversion(*wrong)
