"""Either-or, only-if, and limits relative to another structure."""

from dataclasses import replace
from itertools import product

import pytest

from hardcheck.evaluation import GoalResult, Outcome, evaluate
from hardcheck.evaluation.alternatives import any_of
from hardcheck.evaluation.verdict import decide
from hardcheck.phantom import linear
from hardcheck.plan import Plan
from hardcheck.protocol import Goal, Limit, Op, ProtocolStructure, parse_claim
from hardcheck.quantity import Quantity
from tests.evaluation.cases import GTV, ORGAN, PTV, box, dose, goal, plan, protocol

OTHER = ProtocolStructure("Other", "organ")
STRUCTURES = (GTV, PTV, ORGAN, OTHER)
# 30 to 50 Gy over 8 cc, half of them at 40 Gy and more; 10 to 20 Gy over 4 cc.
CHECKED = plan(
    box(1, "Organ"), box(5, "Other", (10, 20, 20), (-25, 0, 0)), grid=dose(linear(40, (1, 0, 0)), half_mm=60)
)

MET, NOT_MET = "Max[Gy] <= 60 Gy", "Max[Gy] <= 45 Gy"
MARGINAL, UNKNOWN = "Max[Gy] <= 50 Gy", "D9cc[Gy] <= 60 Gy"
TEXTS = {"MET": MET, "NOT_MET": NOT_MET, "MARGINAL": MARGINAL, "NOT_EVALUATED": UNKNOWN}


def judged(made: Goal, checked: Plan = CHECKED, structures=STRUCTURES) -> GoalResult:
    (result,) = evaluate(checked, protocol(made, structures=structures)).results
    return result


def either(*texts: str) -> Goal:
    first, *others = texts
    return replace(goal(first), alternatives=tuple(map(parse_claim, others)))


def only_if(text: str, condition: str) -> Goal:
    return replace(goal(text), only_if=parse_claim(condition))


@pytest.mark.parametrize("outcome", TEXTS)
def test_the_goals_that_the_tables_are_made_of(outcome):
    assert judged(goal(TEXTS[outcome])).outcome == outcome


EITHER = {
    ("MET", "MET"): "MET",
    ("MET", "NOT_MET"): "MET",
    ("MET", "MARGINAL"): "MET",
    ("MET", "NOT_EVALUATED"): "MET",
    ("NOT_MET", "NOT_MET"): "NOT_MET",
    ("NOT_MET", "MARGINAL"): "MARGINAL",
    ("NOT_MET", "NOT_EVALUATED"): "NOT_EVALUATED",
    ("MARGINAL", "MARGINAL"): "MARGINAL",
    ("MARGINAL", "NOT_EVALUATED"): "NOT_EVALUATED",
    ("NOT_EVALUATED", "NOT_EVALUATED"): "NOT_EVALUATED",
}


class TestEitherOr:
    @pytest.mark.parametrize(("one", "other"), list(product(TEXTS, repeat=2)))
    def test_table(self, one, other):
        expected = EITHER.get((one, other)) or EITHER[other, one]
        assert judged(either(TEXTS[one], TEXTS[other])).outcome == expected

    @pytest.mark.parametrize("outcomes", list(product(["MET", "NOT_MET"], repeat=3)))
    def test_of_three_one_is_enough(self, outcomes):
        expected = "MET" if "MET" in outcomes else "NOT_MET"
        assert judged(either(*(TEXTS[o] for o in outcomes))).outcome == expected

    def test_the_way_that_met_it_is_said(self):
        result = judged(either(NOT_MET, "Mean[Gy] < 45 Gy"))
        assert result.reason.startswith("met by another way: Mean[Gy] < 45 Gy: met, 40.0")
        assert result.quantity.value == pytest.approx(50, abs=1e-6)
        assert [str(way.outcome) for way in result.alternatives] == ["MET"]
        assert str(result.goal) == "Max[Gy] <= 45 Gy or Mean[Gy] < 45 Gy"

    def test_why_it_is_not_met_names_both(self):
        result = judged(either(NOT_MET, "Mean[Gy] < 35 Gy"))
        assert NOT_MET in result.reason
        assert "Mean[Gy] < 35 Gy: not met, 40.0" in result.reason

    def test_of_another_structure(self):
        assert judged(either(NOT_MET, "Max[Gy] <= 25 Gy of Other")).outcome is Outcome.MET
        assert judged(either(NOT_MET, "Max[Gy] <= 15 Gy of Other")).outcome is Outcome.NOT_MET

    def test_another_structure_that_is_not_contoured_is_no_way(self):
        result = judged(either(NOT_MET, "Max[Gy] <= 25 Gy of Other"), plan(box(1, "Organ")))
        assert result.outcome is Outcome.NOT_EVALUATED
        assert "Other: not contoured" in result.reason

    @staticmethod
    def made(outcome: str, review: str | None = None) -> GoalResult:
        return GoalResult(goal(MET), Outcome(outcome), Quantity(1.0, 1.0, 1.0, "Gy"), 60.0, review=review)

    @pytest.mark.parametrize(
        ("ways", "outcome", "review"),
        [
            ([("MET", "doubt"), ("NOT_MET", None)], "MET", "doubt"),
            ([("MET", "doubt"), ("MET", None)], "MET", None),
            ([("NOT_MET", "doubt"), ("NOT_MET", None)], "NOT_MET", None),
            ([("NOT_MET", "doubt"), ("NOT_MET", "doubt")], "NOT_MET", "doubt"),
            ([("NOT_APPLICABLE", None), ("NOT_MET", None)], "NOT_MET", None),
            ([("NOT_APPLICABLE", None), ("NOT_APPLICABLE", None)], "NOT_APPLICABLE", None),
        ],
    )
    def test_what_a_person_has_to_judge(self, ways, outcome, review):
        result = any_of(goal(MET), [self.made(*way) for way in ways])
        assert (str(result.outcome), result.review) == (outcome, review)


HOLDS, FAILS = "Volume[cc] > 7 cc", "Volume[cc] > 9 cc"
OPEN, NOT_KNOWN = "Volume[cc] > 8 cc", "D9cc[Gy] > 1 Gy"


class TestOnlyIf:
    @pytest.mark.parametrize(
        ("condition", "text", "outcome"),
        [
            *((HOLDS, TEXTS[outcome], outcome) for outcome in TEXTS),
            *((FAILS, text, "NOT_APPLICABLE") for text in TEXTS.values()),
            # What is met is met, whether it applies or not.
            (OPEN, MET, "MET"),
            (OPEN, NOT_MET, "MARGINAL"),
            (OPEN, MARGINAL, "MARGINAL"),
            (OPEN, UNKNOWN, "NOT_EVALUATED"),
            (NOT_KNOWN, MET, "MET"),
            (NOT_KNOWN, NOT_MET, "NOT_EVALUATED"),
            (NOT_KNOWN, MARGINAL, "NOT_EVALUATED"),
            (NOT_KNOWN, UNKNOWN, "NOT_EVALUATED"),
        ],
    )
    def test_table(self, condition, text, outcome):
        assert judged(only_if(text, condition)).outcome == outcome

    def test_the_reason_shows_the_value(self):
        result = judged(only_if(NOT_MET, FAILS))
        assert result.reason.startswith("only if Volume[cc] > 9 cc: not met, 8.00 (")

    def test_a_doubt_is_said(self):
        assert any("not certain" in c for c in judged(only_if(MET, OPEN)).caveats)

    @pytest.mark.parametrize(
        ("condition", "outcome"),
        [("Mean[Gy] < 20 Gy of Other", "NOT_MET"), ("Mean[Gy] > 20 Gy of Other", "NOT_APPLICABLE")],
    )
    def test_of_another_structure(self, condition, outcome):
        """Other receives 10 to 20 Gy."""
        assert judged(only_if(NOT_MET, condition)).outcome == outcome

    def test_a_condition_on_what_is_not_contoured(self):
        result = judged(only_if(NOT_MET, "Mean[Gy] > 20 Gy of Other"), plan(box(1, "Organ")))
        assert result.outcome is Outcome.NOT_EVALUATED
        assert "Other: not contoured" in result.reason

    @pytest.mark.parametrize("condition", [OPEN, NOT_KNOWN])
    def test_a_goal_that_may_apply_never_passes(self, condition):
        for text in (NOT_MET, MARGINAL, UNKNOWN):
            assert decide([judged(only_if(text, condition))], []) == "REVIEW"


class TestRelativeToAnotherStructure:
    """4 cc of the organ receive 40 Gy and more. Other has 4 cc, with the ends of its contours 3.6 to 4.4 cc."""

    @pytest.mark.parametrize(
        ("text", "outcome", "limit"),
        [
            ("V40Gy[cc] < Volume(Other) + 1 cc", "MET", 5.0),
            ("V40Gy[cc] < Volume(Other) - 1 cc", "NOT_MET", 3.0),
            ("V40Gy[cc] < Volume(Other) + 0.1 cc", "MARGINAL", 4.1),
            ("V40Gy[cc] > Volume(Other) - 1 cc", "MET", 3.0),
            ("V40Gy[cc] > Volume(Other) + 1 cc", "NOT_MET", 5.0),
            ("CV40Gy[cc] <= Volume(Other) + 1 cc", "MET", 5.0),
            ("Volume[cc] > Volume(Other) + 2 cc", "MET", 6.0),
        ],
    )
    def test_by_hand(self, text, outcome, limit):
        result = judged(goal(text))
        assert result.outcome == outcome
        assert result.limit == pytest.approx(limit, abs=1e-6)

    def test_the_limit_has_an_interval_too(self):
        """The value itself is sure, and 10 % of the limit are not."""
        sure = Quantity(4.0, 4.0, 4.0, "cc")
        assert sure.holds(Op.LESS.against(4.1)) is True
        assert judged(goal("V40Gy[cc] < Volume(Other) + 0.1 cc")).outcome is Outcome.MARGINAL

    def test_of_a_structure_outside_of_a_target(self):
        """Half of Other lies in PTV: 2 cc remain."""
        outside = replace(OTHER, subtract=("PTV",))
        checked = replace(CHECKED, structures=(*CHECKED.structures, box(2, "PTV", (10, 10, 20), (-25, 5, 0))))
        result = judged(goal("V40Gy[cc] < Volume(Other) + 1 cc"), checked, (GTV, PTV, ORGAN, outside))
        assert result.limit == pytest.approx(3.0, abs=0.01)
        assert result.outcome is Outcome.NOT_MET

    @pytest.mark.parametrize(
        "others",
        [(), (box(5, "Other", (10, 20, 20)), box(6, "Other", (10, 20, 20)))],
        ids=["not contoured", "ambiguous"],
    )
    def test_a_volume_that_is_not_known(self, others):
        result = judged(goal("V40Gy[cc] < Volume(Other) + 1000 cc"), plan(box(1, "Organ"), *others))
        assert result.outcome is Outcome.NOT_EVALUATED
        assert "Other" in result.reason

    def test_its_own_volume_moves_with_it(self):
        """Exactly half of it is spared, whatever the ends of its contours are."""
        made = replace(goal("V40Gy[cc] < 1 cc"), limit=Limit(-3.5, "cc", "Organ"))
        assert judged(made).outcome is Outcome.MET


class TestSerialCondition:
    """A condition on a serial organ that fails to hold only because of the subtraction."""

    SERIAL = ProtocolStructure("Cord", "organ", subtract=("PTV",), serial=True)
    # The cord runs along x through the target, which takes its hot half: 30 to 40 Gy are left, of 30 to 50 Gy.
    CHECKED = plan(
        box(1, "Organ"), box(3, "Cord"), box(2, "PTV", (10, 30, 30), (5, 0, 0)), grid=dose(linear(40, (1, 0, 0)))
    )

    def judged(self, text: str, condition: str, wanted: ProtocolStructure) -> GoalResult:
        return judged(only_if(text, condition), self.CHECKED, (GTV, PTV, ORGAN, wanted))

    def test_is_no_reason_to_leave_a_goal_out(self):
        result = self.judged(NOT_MET, "D0.03cc[Gy] > 45 Gy of Cord", self.SERIAL)
        assert result.outcome is Outcome.NOT_EVALUATED
        assert "not certain" in result.reason

    def test_where_the_whole_cord_does_not_hold_it_either_the_goal_does_not_apply(self):
        result = self.judged(NOT_MET, "D0.03cc[Gy] > 55 Gy of Cord", self.SERIAL)
        assert result.outcome is Outcome.NOT_APPLICABLE

    def test_an_organ_that_is_not_serial_is_what_remains(self):
        result = self.judged(NOT_MET, "D0.03cc[Gy] > 45 Gy of Cord", replace(self.SERIAL, serial=False))
        assert result.outcome is Outcome.NOT_APPLICABLE
