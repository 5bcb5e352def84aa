"""Which curve is of which ROI: by number or by name, never by guess."""

import pytest

from hardcheck.plan import StoredDvh
from hardcheck.planning_system import Export, pair
from tests.evaluation.cases import box, plan


def curves(*names):
    made = [
        StoredDvh.from_points(
            "" if isinstance(n, int) else n, [0, 1], [1, 0], roi_number=n if isinstance(n, int) else None
        )
        for n in names
    ]
    return Export("test", tuple(made))


PLAN = plan(box(1, "GTV"), box(2, "Spinal Cord"), box(3, "PTV_HR"), box(4, "ptv-hr"))


@pytest.mark.parametrize(
    ("name", "number"),
    [("GTV", 1), ("gtv", 1), ("SpinalCord", 2), ("PTV_HR", 3), ("ptv-hr", 4), (1, 1), (3, 3)],
)
def test_the_same_name_or_number(name, number):
    ((structure, _),) = pair(PLAN, curves(name)).matched
    assert structure.number == number


@pytest.mark.parametrize("name", ["PTVHR", "GTV1", "Cord", "PTV", "Spinal Cord PRV", 9, "1"])
def test_neither_guessed_nor_ambiguous(name):
    found = pair(PLAN, curves(name))
    assert found.matched == ()
    assert found.unmatched == (name if isinstance(name, str) else "ROINumber 9",)
    assert found.missing == ("GTV", "Spinal Cord", "PTV_HR", "ptv-hr")


@pytest.mark.parametrize("names", [("GTV", "GTV"), ("gtv", "GtV"), ("Spinal_Cord", "SpinalCord")])
def test_two_curves_of_one_name_are_neither(names):
    assert pair(PLAN, curves(*names)).matched == ()


def test_a_number_of_two_rois_is_of_neither():
    assert pair(plan(box(1, "A"), box(1, "B")), curves(1)).matched == ()
