"""Numbers for one fractionation are not held against a plan of another."""

from dataclasses import replace

import pytest

from hardcheck.evaluation import Outcome, evaluate
from hardcheck.protocol import Fractionation
from tests.evaluation.cases import box, course, goal, plan, protocol

TWO_GRAY = Fractionation(None, (1.8, 2.2))
THIRTY = Fractionation((25, 33), None)


@pytest.mark.parametrize(
    ("schedule", "fractions", "dose_gy", "refused"),
    [
        (TWO_GRAY, 25, 50.0, False),
        (TWO_GRAY, 28, 50.4, False),  # 1.8 Gy, which binary numbers make 1.7999999999999998
        (TWO_GRAY, 28, 50.0, True),
        (TWO_GRAY, 22, 66.0, True),
        (TWO_GRAY, 30, 66.0, False),
        (TWO_GRAY, None, 66.0, True),
        (TWO_GRAY, 0, 66.0, True),
        (TWO_GRAY, 30, None, True),
        (TWO_GRAY, 30, float("nan"), True),
        (THIRTY, 25, None, False),
        (THIRTY, 24, 50.0, True),
        (THIRTY, 34, 50.0, True),
        (THIRTY, None, 50.0, True),
    ],
)
def test_which_schedules_are_refused(schedule, fractions, dose_gy, refused):
    assert (schedule.refuses(fractions, dose_gy) is not None) == refused


def test_both_have_to_hold():
    both = Fractionation((25, 33), (1.8, 2.2))
    assert both.refuses(33, 66.0) is None
    assert both.refuses(33, 99.0) == (
        "for schedules of 25 to 33 fractions and 1.8 to 2.2 Gy per fraction; the plan gives 3 Gy"
    )
    assert both.refuses(22, 44.0).endswith("; the plan has 22")


CHECKED = plan(box(1, "Organ"))  # 66 Gy in 22 fractions
GOOD = goal("Max[Gy] <= 70 Gy")


@pytest.mark.parametrize("schedule", [TWO_GRAY, THIRTY])
@pytest.mark.parametrize("whole", [True, False])
def test_a_plan_of_3_gy_per_fraction_is_not_held_against_it(schedule, whole):
    small = protocol(GOOD if whole else replace(GOOD, fractionation=schedule))
    evaluation = evaluate(CHECKED, replace(small, fractionation=schedule if whole else None))
    (result,) = evaluation.results
    assert result.outcome is Outcome.NOT_EVALUATED
    assert result.reason.startswith("for schedules of ")
    assert evaluation.verdict not in ("PASS", "VARIATION")


def test_a_plan_of_such_a_schedule_is():
    small = protocol(replace(GOOD, fractionation=Fractionation((22, 22), (3.0, 3.0))))
    assert evaluate(CHECKED, small).results[0].outcome is Outcome.MET


@pytest.mark.parametrize("prescribed", [None, course(None), course(22, None)])
def test_a_plan_that_does_not_say_is_not(prescribed):
    small = protocol(replace(GOOD, fractionation=Fractionation((22, 22), (3.0, 3.0))))
    (result,) = evaluate(replace(CHECKED, prescription=prescribed), small).results
    assert result.outcome is Outcome.NOT_EVALUATED
