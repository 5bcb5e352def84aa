"""What numbers for certain schedules say of a course: each of its plans, and all together, have to be one of them."""

from dataclasses import replace

import pytest

from hardcheck.course import course_of
from hardcheck.evaluation import Outcome, evaluate
from hardcheck.plan import Patient, Plan, SourceFile
from hardcheck.protocol import Fractionation
from tests.evaluation.cases import box, course, dose, goal, plan, protocol

MET, NOT_EVALUATED = Outcome.MET, Outcome.NOT_EVALUATED


def part(name: str, fractions: int | None, total_gy: float) -> Plan:
    made = plan(box(1, "Organ"), grid=dose(lambda x, y, z: total_gy + 0 * (x + y + z)))
    return replace(
        made,
        prescription=course(fractions, total_gy),
        sop_instance_uid=f"1.2.3.{name}",
        patient=Patient("ID-1", "", ""),
        frame_of_reference_uid="1.2.9",
        sources=(SourceFile(f"1.2.4.{name}", "RTDOSE", f"dose {name}", (f"1.2.3.{name}",)),),
    )


BOOSTED = course_of([part("1", 22, 66.0), part("2", 5, 10.0)])
"""22 x 3 Gy and 5 x 2 Gy."""


def judged(text: str, schedule: Fractionation, checked: Plan = BOOSTED):
    (result,) = evaluate(checked, replace(protocol(goal(text)), fractionation=schedule), regimen="22fx").results
    return result


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        (Fractionation((1, 60), None), None),
        (Fractionation((5, 27), (2.0, 3.0)), None),
        (Fractionation((10, 60), None), "plan 2 has 5"),
        (Fractionation((1, 25), None), "the course has 27"),
        (Fractionation(None, (2.5, 3.5)), "plan 2 gives 2 Gy"),
        # Together 2.815 Gy per fraction, but none of the plans is that.
        (Fractionation(None, (2.8, 2.9)), "plan 1 gives 3 Gy"),
    ],
)
def test_each_plan_and_all_together(schedule, said):
    result = judged("Max[Gy] <= 80 Gy", schedule)
    assert result.outcome is (MET if said is None else NOT_EVALUATED)
    assert said is None or result.reason.endswith(said)


def test_what_is_not_known_of_one_plan_is_refused():
    silent = course_of([part("1", 22, 66.0), part("2", None, 10.0)])
    assert judged("Max[Gy] <= 80 Gy", Fractionation((1, 60), None), silent).reason.endswith(
        "plan 2 has no single number of fractions"
    )


def test_it_is_converted_plan_by_plan():
    """66 x (3 + 3) / (2 + 3) + 10 = 89.2 Gy in EQD2 with alpha/beta 3 Gy, where physically there are 76 Gy."""
    result = judged("Max[Gy] <= 80 Gy", Fractionation(None, (1.8, 2.2), 3.0))
    assert result.quantity.value == pytest.approx(89.2, abs=1e-6)
    assert result.outcome is Outcome.NOT_MET
    assert str(result.goal.metric) == "Max EQD2(ab=3)[Gy]"
