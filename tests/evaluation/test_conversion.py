"""A protocol for 2 Gy per fraction and a plan of another dose: refused, or held against EQD2 where it says so.

The dose rises evenly over the organ. With alpha/beta of 3 Gy, 20 Gy in 2 Gy fractions is the D with
D (D / n + 3) / 5 = 20: 23.852 Gy in 20 fractions, 16.085 Gy in 5.
"""

from dataclasses import replace

import pytest

from hardcheck.evaluation import GoalResult, Outcome, evaluate
from hardcheck.library import load_protocol
from hardcheck.metric import Metric
from hardcheck.phantom import linear
from hardcheck.plan import Plan
from hardcheck.protocol import Fractionation, Goal, parse_claim
from tests.evaluation.cases import box, course, dose, goal, plan, protocol

ABOUT_2_GY = Fractionation(None, (1.8, 2.2))
CONVERTED = Fractionation(None, (1.8, 2.2), 3.0)
MET, NOT_MET, NOT_EVALUATED = Outcome.MET, Outcome.NOT_MET, Outcome.NOT_EVALUATED


def rising(low_gy: float, high_gy: float, fractions: int | None, total_gy: float | None) -> Plan:
    """An organ of 8 cc, of 20 mm along x, in `low_gy` to `high_gy`; the grid reaches 2 mm further."""
    field = linear((low_gy + high_gy) / 2, ((high_gy - low_gy) / 20, 0, 0))
    return plan(box(1, "Organ"), grid=dose(field, half_mm=12), prescription=course(fractions, total_gy))


THREE_GY = rising(3, 30, 20, 60.0)
EIGHT_GY = rising(3, 27, 5, 40.0)
TWO_GY = rising(3, 30, 30, 60.0)


def judged(made: Goal | str, checked: Plan = THREE_GY, whole: Fractionation | None = CONVERTED) -> GoalResult:
    made = goal(made) if isinstance(made, str) else made
    (result,) = evaluate(checked, replace(protocol(made), fractionation=whole)).results
    return result


V20 = "V20Gy[%] < 35 %"


def test_3_gy_spare_what_2_gy_would_not():
    """Physically (30 - 20) / 27 = 37.0 % of the organ have 20 Gy; (30 - 23.852) / 27 = 22.8 % have it in EQD2."""
    result = judged(V20)
    assert result.outcome is MET
    assert result.quantity.value == pytest.approx(22.8, abs=0.1)
    assert str(result.goal.metric) == "V20Gy EQD2(ab=3)[%]"
    assert result.caveats[0] == (
        "for schedules of 1.8 to 2.2 Gy per fraction; the plan gives 3 Gy: "
        "held against EQD2 with alpha/beta 3 Gy, as the protocol says"
    )
    as_it_is = judged(V20, whole=None)
    assert (as_it_is.outcome, as_it_is.quantity.value) == (NOT_MET, pytest.approx(37.0, abs=0.1))


def test_8_gy_do_what_2_gy_would_not():
    """Physically (27 - 20) / 24 = 29.2 % of the organ have 20 Gy; (27 - 16.085) / 24 = 45.5 % have it in EQD2."""
    result = judged(V20, EIGHT_GY)
    assert (result.outcome, result.quantity.value) == (NOT_MET, pytest.approx(45.5, abs=0.1))
    assert judged(V20, EIGHT_GY, whole=None).outcome is MET


def test_it_is_never_converted_unless_the_protocol_says_so():
    result = judged(V20, whole=ABOUT_2_GY)
    assert (result.outcome, str(result.goal.metric)) == (NOT_EVALUATED, "V20Gy[%]")
    assert result.reason == "for schedules of 1.8 to 2.2 Gy per fraction; the plan gives 3 Gy"


def test_a_plan_of_2_gy_is_not_converted():
    result = judged(V20, TWO_GY)
    assert (result.outcome, str(result.goal.metric)) == (NOT_MET, "V20Gy[%]")
    assert not any("EQD2" in caveat for caveat in result.caveats)


def test_a_mean_is_taken_over_converted_doses():
    """16.5 Gy are 16.5 (16.5 + 60) / 100 = 12.62 Gy, but the doses around it add 27^2 / 12 / 100: 13.23 Gy."""
    result = judged("Mean[Gy] < 12.9 Gy")
    assert (result.outcome, result.quantity.value) == (NOT_MET, pytest.approx(13.23, abs=0.01))


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("D10%[Gy] < 70 Gy", 27.3 * 87.3 / 100),
        ("D0.8cc[Gy] < 70 Gy", 27.3 * 87.3 / 100),
        ("DC10%[Gy] < 70 Gy", 5.7 * 65.7 / 100),
        ("Median[Gy] < 70 Gy", 16.5 * 76.5 / 100),
        ("Max[Gy] < 70 Gy", 30 * 90 / 100),
        ("Min[Gy] < 70 Gy", 3 * 63 / 100),
        ("CV20Gy[cc] > 1 cc", 8 * (23.852 - 3) / 27),
        ("V20Gy[cc] < Volume(Organ) - 1 cc", 8 * (30 - 23.852) / 27),
    ],
)
def test_doses_and_volumes_at_a_dose_are_converted(text, exact):
    result = judged(text)
    assert result.outcome is MET
    # 0.005 Gy of physical dose, as for the physical metrics, at most twice in effect.
    assert result.quantity.value == pytest.approx(exact, abs=0.01)
    assert result.goal.metric.effect == "EQD2"


def test_the_extreme_beside_it_is_of_the_same_dose():
    result = judged("D0.03cc[Gy] < 70 Gy")
    assert result.extreme.value == pytest.approx(27.0, abs=1e-6)


@pytest.mark.parametrize("text", ["V95%[%] > 90 %", "D95%[%] > 90 %", "Max[%] < 110 %", "CI_RTOG[] < 2"])
def test_what_is_no_dose_in_gy_is_refused(text):
    result = judged(goal(text, "GTV"), replace(THREE_GY, structures=(box(2, "GTV"),)))
    assert result.outcome is NOT_EVALUATED
    assert result.reason.startswith("for schedules of 1.8 to 2.2 Gy per fraction; the plan gives 3 Gy, and ")
    assert result.reason.endswith("is no dose in Gy that could be converted")


@pytest.mark.parametrize("text", ["Volume[cc] < 9 cc", "D10% BED(ab=10)[Gy] < 70 Gy", "V20Gy EQD2(ab=2)[%] < 35 %"])
def test_what_needs_no_conversion_stays_as_it_is(text):
    result = judged(text)
    assert result.outcome is MET
    assert str(result.goal) == text
    assert result.caveats == ()


@pytest.mark.parametrize(
    "checked",
    [
        rising(3, 30, None, 60.0),
        rising(3, 30, 0, 60.0),
        rising(3, 30, 20, None),
        rising(3, 30, 20, float("nan")),
        rising(3, 30, 20, 0.0),
        replace(THREE_GY, prescription=None),
    ],
)
def test_a_course_that_is_not_known_is_not_converted(checked):
    assert judged(V20, checked).outcome is NOT_EVALUATED


def test_other_ways_and_conditions_are_converted_too():
    either = replace(goal("Max[Gy] < 26 Gy"), alternatives=(parse_claim(V20),))
    result = judged(either)
    assert result.outcome is MET  # 27 Gy, but 22.8 %
    assert [str(way.goal.metric) for way in result.alternatives] == ["V20Gy EQD2(ab=3)[%]"]
    # 16.5 Gy of mean dose, but 13.23 Gy in EQD2
    conditional = replace(goal(V20), only_if=parse_claim("Mean[Gy] > 14 Gy"))
    assert judged(conditional).outcome is Outcome.NOT_APPLICABLE
    with_volume = replace(goal(V20), only_if=parse_claim("Volume[cc] > 7 cc"))
    assert judged(with_volume).outcome is MET
    with_level = replace(goal(V20), only_if=parse_claim("V95%[%] > 7 % of GTV"))
    assert judged(with_level).reason.endswith("V95%[%] is no dose in Gy that could be converted")


@pytest.mark.parametrize(
    ("own", "whole", "metric"),
    [
        (CONVERTED, None, "V20Gy EQD2(ab=3)[%]"),
        (None, CONVERTED, "V20Gy EQD2(ab=3)[%]"),
        # A goal's own alpha/beta goes before that of the file.
        (Fractionation(None, (1.8, 2.2), 2.0), CONVERTED, "V20Gy EQD2(ab=2)[%]"),
        # What one of the two refuses is refused.
        (ABOUT_2_GY, CONVERTED, None),
        (CONVERTED, ABOUT_2_GY, None),
        (Fractionation((25, 33), None), CONVERTED, None),
        # A number for 3 Gy is none for EQD2, whoever would convert it.
        (Fractionation(None, (3.0, 3.0)), CONVERTED, None),
        (Fractionation((15, 25), (3.0, 3.0)), CONVERTED, None),
        # EQD2 is in 2 Gy fractions: it says nothing to numbers for another dose, or for a number of fractions.
        (None, Fractionation(None, (3.5, 4.5), 3.0), None),
        (None, Fractionation((25, 33), (1.8, 2.2), 3.0), None),
        (None, Fractionation((25, 33), None, 3.0), None),
    ],
)
def test_who_decides(own, whole, metric):
    result = judged(replace(goal(V20), fractionation=own), whole=whole)
    if metric is None:
        assert (result.outcome, str(result.goal.metric)) == (NOT_EVALUATED, "V20Gy[%]")
    else:
        assert (result.outcome, str(result.goal.metric)) == (MET, metric)


@pytest.mark.parametrize("text", ["D2cm[Gy] < 35 Gy", "CI_RTOG 20Gy[] < 1.2", "HI_ICRU[] < 1"])
def test_what_has_no_eqd2_is_not_converted(text):
    """Shown as EQD2, the physical dose 2 cm away would be met where its EQD2 is not."""
    result = judged(text, EIGHT_GY)
    assert result.outcome is NOT_EVALUATED
    assert result.reason.endswith("is no dose in Gy that could be converted")


def test_what_is_said_of_such_schedules():
    assert str(CONVERTED) == "for schedules of 1.8 to 2.2 Gy per fraction, others in EQD2 with alpha/beta 3 Gy"


def test_the_heart_of_the_miyakojima_series_has_its_values():
    """60 Gy in 20 fractions, 27 to 37 Gy over the heart: V30Gy in EQD2 is V32.45Gy, of (37 - 32.45) / 10 = 45.5 %."""
    checked = replace(rising(27, 37, 20, 60.0), structures=(box(1, "Heart"),))
    reported = evaluate(checked, load_protocol("miyakojima"), regimen="20fx").reported
    found = {r.metric: r.quantity.value for r in reported if r.structure == "Heart"}
    assert found[Metric.parse("V30Gy EQD2(ab=3)[%]")] == pytest.approx(45.5, abs=0.1)
    assert found[Metric.parse("V32.45Gy[%]")] == pytest.approx(45.5, abs=0.1)
