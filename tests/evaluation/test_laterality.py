"""Left and right: x rises to the patient's left, and a name that says a side is on it."""

import numpy as np
import pytest

from hardcheck.evaluation import Verdict, evaluate
from hardcheck.evaluation.integrity.side import named_side, wrong_side
from hardcheck.phantom import thigh_plan
from hardcheck.plan import Structure
from tests.evaluation.cases import box, findings, goal, plan, protocol

TRUNK = box(90, "External", (400, 200, 20), kind="EXTERNAL")


def at(name: str, x_mm: float, number: int = 1) -> Structure:
    return box(number, name, (10, 10, 20), (x_mm, 0, 0))


def found(*structures: Structure) -> list[str]:
    return [structure.name for structure, _ in wrong_side(structures)]


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("Femur_L", ("femur", 1)),
        ("Femur_R", ("femur", -1)),
        ("L_Femur", ("femur", 1)),
        ("Lt Lung", ("lung", 1)),
        ("RT-LUNG", ("lung", -1)),
        ("Left Kidney", ("kidney", 1)),
        ("kidney.right", ("kidney", -1)),
        ("Femur_L_PRV", ("femur_prv", 1)),
        ("Lungs", None),
        ("Liver", None),
        ("PTV_LR", None),
        ("PTV_HR", None),
        ("Femur_L_R", None),
        ("VB_L5", None),
        ("Rectum", None),
        ("Larynx", None),
        ("Colon", None),
        ("", None),
    ],
)
def test_the_side_that_a_name_says(name, side):
    read = named_side(name)
    assert (read if read is None else read[1]) == (side if side is None else side[1])


def test_a_pair_that_says_the_same_thing_is_one():
    names = ["Femur_L", "R_Femur", "Left Femur", "femur-rt"]
    assert {named_side(name)[0] for name in names} == {"femur"}


class TestPair:
    """Held against one another, so it needs no body."""

    @pytest.mark.parametrize("by_mm", [-300, 0, 300])
    def test_right_way_round(self, by_mm):
        assert found(at("Femur_L", by_mm + 80), at("Femur_R", by_mm - 80, 2)) == []

    @pytest.mark.parametrize("by_mm", [-300, 0, 300])
    def test_exchanged(self, by_mm):
        assert found(at("Femur_L", by_mm - 80), at("Femur_R", by_mm + 80, 2)) == ["Femur_L", "Femur_R"]

    def test_other_pairs_are_of_no_account(self):
        assert found(at("Femur_L", 80), at("Femur_R", -80, 2), at("Lung_L", -60, 3), at("Lung_R", 60, 4)) == [
            "Lung_L",
            "Lung_R",
        ]

    def test_an_empty_partner_is_none(self):
        assert found(at("Femur_L", -90), Structure.from_contours(2, "Femur_R", []), TRUNK) == ["Femur_L"]


class TestSingle:
    """Held against the middle of the body, and wrong only where it is clearly beyond it."""

    @pytest.mark.parametrize(
        ("name", "x_mm", "wrong"),
        [
            ("Femur_L", 90, False),
            ("Femur_L", -90, True),
            ("Femur_R", -90, False),
            ("Femur_R", 90, True),
            ("Femur_R", 70, False),  # a fifth of 400 mm is 80 mm
            ("Stomach_L", -20, False),
            ("Femur", -90, False),
        ],
    )
    def test_of_a_trunk(self, name, x_mm, wrong):
        assert found(TRUNK, at(name, x_mm)) == ([name] if wrong else [])

    def test_the_middle_of_the_body_need_not_be_at_0(self):
        shifted = box(90, "External", (400, 200, 20), (150, 0, 0), kind="EXTERNAL")
        assert found(shifted, at("Femur_L", 60)) == ["Femur_L"]
        assert found(shifted, at("Femur_R", 60)) == []

    def test_without_a_body_nothing_is_said(self):
        assert found(at("Femur_L", -90)) == []
        assert found(at("Femur_L", -90), TRUNK, box(91, "Body", (400, 200, 20), kind="EXTERNAL")) == []

    def test_one_wrong_among_right_ones_is_found(self):
        assert found(TRUNK, at("Femur_L", 90), at("Kidney_L", 60, 2), at("Lung_L", -90, 3)) == ["Lung_L"]


class TestLimb:
    @pytest.mark.parametrize("side", [1, -1])
    def test_on_one_side_of_0(self, side):
        limb = box(90, "External", (160, 160, 20), (side * 100, 0, 0), kind="EXTERNAL")
        mine, other = ("Femur_L", "Femur_R") if side > 0 else ("Femur_R", "Femur_L")
        # Medial and lateral parts of it are on the same side of the patient.
        assert found(limb, at(mine, side * 100), at(mine.replace("Femur", "Nerve"), side * 40, 2)) == []
        assert found(limb, at(other, side * 100)) == [other]

    def test_in_the_middle_of_the_scanner(self):
        """One left thigh around x = 0: its medial nerve is not on the right of the patient."""
        limb = box(90, "External", (180, 180, 20), kind="EXTERNAL")
        assert found(limb, at("Femur_L", 15), at("Nerve_Sciatic_L", 5, 2), at("NVB_Femoral_L", -50, 3)) == []

    @pytest.mark.parametrize("kind", ["meets", "fails"])
    def test_the_sample_thigh(self, kind):
        assert found(*thigh_plan(kind, with_image=False).structures) == []

    def test_the_sample_thigh_on_the_other_side(self):
        mirrored = [
            Structure.from_contours(
                s.number, s.name, [c * np.array([-1, 1, 1]) for c in s.contours()], interpreted_type=s.interpreted_type
            )
            for s in thigh_plan(with_image=False).structures
        ]
        sided = [s.name for s in mirrored if s.name.endswith("_L")]
        assert len(sided) == 4
        assert found(*mirrored) == sided


def test_a_wrong_side_fails_the_plan():
    checked = plan(box(2, "GTV"), at("Femur_L", -90), TRUNK)
    evaluation = evaluate(checked, protocol(goal("V95%[%] >= 95 %", "GTV")))
    assert [severity for severity, _ in findings(evaluation, "laterality")] == ["FAIL"]
    assert evaluation.verdict is Verdict.FAIL
    assert [f.structures for f in evaluation.findings if f.id == "laterality"] == [("Femur_L",)]
