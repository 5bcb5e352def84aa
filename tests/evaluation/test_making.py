"""Structures that the protocol defines by an expression: made where nobody contoured them."""

from dataclasses import replace

import pytest

from hardcheck.errors import UsageError
from hardcheck.evaluation import Outcome, evaluate
from hardcheck.phantom import linear
from hardcheck.plan import Finding, Severity, Structure
from hardcheck.protocol import ProtocolStructure
from tests.evaluation.cases import GTV, ORGAN, PTV, box, dose, findings, goal, plan, protocol

LEFT, RIGHT = ProtocolStructure("Lung_L", "organ"), ProtocolStructure("Lung_R", "organ")
BOTH = ProtocolStructure("Lungs", "organ", expression="Lung_L | Lung_R", subtract=("PTV",))
STRUCTURES = (GTV, PTV, ORGAN, BOTH, LEFT, RIGHT)

ON_THE_LEFT, ON_THE_RIGHT = box(11, "Lung_L", (20, 20, 20), (30, 0, 0)), box(12, "Lung_R", (20, 20, 20), (-30, 0, 0))
TARGET = box(2, "PTV", (20, 20, 20), (-40, 0, 0))  # covers half of Lung_R
GRID = dose(linear(40, (1, 0, 0)), half_mm=60)
"""Lung_L receives 60 to 80 Gy, Lung_R 0 to 20 Gy, and 10 to 20 Gy where it is outside of PTV."""


def judged(text, *structures, wanted=STRUCTURES, **more):
    options = {key: more.pop(key) for key in ("absent", "mapping") if key in more}
    checked = plan(*structures, grid=GRID, **more)
    (result,) = evaluate(checked, protocol(goal(text, "Lungs"), structures=wanted), **options).results
    return result


class TestMade:
    def test_by_hand(self):
        """8 cc at 70 Gy and 4 cc at 15 Gy in the mean."""
        result = judged("Mean[Gy] < 60 Gy", ON_THE_LEFT, ON_THE_RIGHT, TARGET)
        assert result.quantity.value == pytest.approx((8 * 70 + 4 * 15) / 12, abs=0.02)
        assert result.derived_volume.value == pytest.approx(12.0, abs=0.01)
        assert result.outcome is Outcome.MET
        assert (result.roi_number, result.roi_name) == (None, None)
        assert result.recipe == "(Lung_L | Lung_R) - PTV"

    def test_what_was_contoured_wins(self):
        contoured = box(13, "Lungs", (20, 20, 20), (30, 0, 0))
        result = judged("Mean[Gy] < 60 Gy", ON_THE_LEFT, ON_THE_RIGHT, TARGET, contoured)
        assert (result.roi_name, result.outcome) == ("Lungs", Outcome.NOT_MET)

    @pytest.mark.parametrize(
        ("contoured", "reason"),
        [
            ((Structure.from_contours(13, "Lungs", []),), "empty"),
            ((box(13, "Lungs"), box(14, "Lungs")), "two ROIs match"),
        ],
    )
    def test_what_was_contoured_badly_is_not_replaced(self, contoured, reason):
        result = judged("Mean[Gy] < 60 Gy", ON_THE_LEFT, ON_THE_RIGHT, TARGET, *contoured)
        assert result.outcome is Outcome.NOT_EVALUATED
        assert reason in result.reason

    @pytest.mark.parametrize(
        ("structures", "reason"),
        [
            ((ON_THE_LEFT, TARGET), "Lung_R: not contoured"),
            ((ON_THE_LEFT, ON_THE_RIGHT, replace(ON_THE_RIGHT, number=19), TARGET), "Lung_R: two ROIs match"),
            ((ON_THE_LEFT, Structure.from_contours(12, "Lung_R", []), TARGET), "Lung_R: empty"),
            ((TARGET,), "Lung_L: not contoured"),
        ],
    )
    def test_a_part_that_is_not_known(self, structures, reason):
        result = judged("Max[Gy] < 99 Gy", *structures)
        assert result.outcome is Outcome.NOT_EVALUATED
        assert result.reason.startswith("not contoured, and Lung_L | Lung_R cannot be made: ")
        assert reason in result.reason

    def test_of_others_that_are_made(self):
        rest = ProtocolStructure("Lung_R", "organ", expression="Chest - Lung_L")
        chest = ProtocolStructure("Chest", "organ")
        whole = box(15, "Chest", (80, 20, 20))
        wanted = (GTV, PTV, replace(BOTH, subtract=()), LEFT, rest, chest)
        result = judged("Volume[cc] < 99 cc", ON_THE_LEFT, whole, wanted=wanted)
        assert result.quantity.value == pytest.approx(32.0, abs=0.01)

    def test_of_itself_it_is_never_made(self):
        """A protocol file cannot say this; one that was made in Python can."""
        wanted = (GTV, PTV, replace(BOTH, expression="Lung_R | Lung_L"), LEFT, replace(RIGHT, expression="Lungs"))
        assert judged("Max[Gy] < 99 Gy", ON_THE_LEFT, TARGET, wanted=wanted).outcome is Outcome.NOT_EVALUATED

    def test_a_stop_of_what_it_is_made_of(self):
        stop = (Finding("frame", Severity.STOP, "elsewhere", ("Lung_R",)),)
        result = judged("Mean[Gy] < 60 Gy", ON_THE_LEFT, ON_THE_RIGHT, TARGET, findings=stop)
        assert (result.outcome, result.reason) == (Outcome.NOT_EVALUATED, "frame: elsewhere")

    @pytest.mark.parametrize("absent", [["Lungs"], ["Lung_L", "Lung_R"], ["Lungs", "Lung_L", "Lung_R"]])
    def test_absent_is_not_believed_where_what_it_is_made_of_is_contoured(self, absent):
        result = judged("Mean[Gy] < 60 Gy", ON_THE_LEFT, ON_THE_RIGHT, TARGET, absent=absent)
        assert result.outcome is Outcome.NOT_EVALUATED
        assert result.reason == "declared absent, and yet made of Lung_L and Lung_R, contoured"

    @pytest.mark.parametrize("absent", [["Lungs"], ["Lung_L", "Lung_R"]])
    def test_absent_with_all_that_it_is_made_of(self, absent):
        assert judged("Mean[Gy] < 60 Gy", TARGET, absent=absent).outcome is Outcome.NOT_APPLICABLE

    def test_one_side_absent_is_not_both(self):
        assert judged("Mean[Gy] < 60 Gy", TARGET, absent=["Lung_L"]).outcome is Outcome.NOT_EVALUATED

    def test_mapped(self):
        result = judged("Mean[Gy] < 60 Gy", ON_THE_LEFT, ON_THE_RIGHT, TARGET, mapping={"Lungs": "Lung_R"})
        assert result.roi_name == "Lung_R"
        with pytest.raises(UsageError):
            judged("Mean[Gy] < 60 Gy", ON_THE_LEFT, mapping={"Lungs": "-1"})

    def test_its_dvh_is_among_those_of_the_structures(self):
        checked = plan(ON_THE_LEFT, ON_THE_RIGHT, TARGET, grid=GRID)
        evaluation = evaluate(checked, protocol(goal("Mean[Gy] < 60 Gy", "Lungs"), structures=STRUCTURES))
        made = [number for number in evaluation.dvhs if number < 0]
        assert len(made) == 1
        assert evaluation.dvhs[made[0]].volume.value == pytest.approx(16.0, abs=0.01)


def test_a_rind_by_hand():
    """A cube of 60 mm loses 4 mm, two slices, on each side: 6 x 6 x 6 cc less 5.2 x 5.2 x 5.2 cc."""
    outer = ProtocolStructure("External", "external")
    rind = ProtocolStructure("Rind", "organ", expression="rind(External, 4 mm)")
    checked = plan(box(3, "External", (60, 60, 60)), grid=dose(66.0, half_mm=60))
    small = protocol(goal("Volume[cc] < 99 cc", "Rind"), structures=(GTV, PTV, ORGAN, outer, rind))
    (result,) = evaluate(checked, small).results
    assert result.quantity.value == pytest.approx(6**3 - 5.2**3, rel=0.01)
    assert result.recipe == "rind(External, 4 mm)"


class TestContouredOtherwise:
    """Lungs that were contoured as one, beside both sides of 60 mm, of which 40 mm are looked at: 16 cc each."""

    LEFT, RIGHT = (box(n, f"Lung_{side}", (20, 20, 60), (x, 0, 0)) for n, side, x in ((11, "L", 30), (12, "R", -30)))

    def found(self, *drawn):
        lungs = Structure.from_contours(13, "Lungs", [c for side in drawn for c in side.contours()])
        checked = plan(self.LEFT, self.RIGHT, TARGET, lungs, grid=GRID)
        small = protocol(goal("Mean[Gy] < 60 Gy", "Lungs"), structures=STRUCTURES)
        return findings(evaluate(checked, small), "contour-as-defined")

    def test_both_sides_drawn_as_one_are_as_defined(self):
        assert self.found(self.LEFT, self.RIGHT) == []

    def test_one_side_alone_is_said(self):
        ((severity, text),) = self.found(self.LEFT)
        assert severity == "WARN"
        assert text.startswith("Lungs is contoured otherwise than Lung_L | Lung_R, ")
        assert text.endswith("beyond with 0.0 cc, and lacks 16.0 cc")
