"""What of a protocol may change so that stored values still count, and what ends a replay."""

from dataclasses import replace

import pytest

from hardcheck.protocol import CheckChange, Extent, Fractionation, Level, Tier
from hardcheck.replay.ground import ground_of
from tests.replay.sample import goal, limited
from tests.replay.test_as_fresh import OLD, OUTSIDE, PLAIN

REGIMEN = "22fx"


def ground(**changed):
    return ground_of(OLD, replace(OLD, version="2", **changed), REGIMEN)


def structure(name, **changed):
    return {"structures": tuple(replace(s, **changed) if s.name == name else s for s in OLD.structures)}


def with_goal(change):
    return {"goals": tuple(change(g) if g.id == "Plain-0" else g for g in OLD.goals)}


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "T", "source": "S", "notes": ("N",), "verification": "verified", "sha256": "ef" * 32},
        structure("Plain", definition="all of it", note="N", report=(PLAIN.report)),
        with_goal(lambda g: limited(g, 1.0)),
        with_goal(lambda g: replace(g, tier=Tier.ADVISORY, id="other", source="S")),
        {"goals": (*OLD.goals, goal("more", "Plain", "Min[Gy] > 1 Gy"))},
        {"goals": (*OLD.goals, goal("elsewhere", "GTV", "Min[Gy] > 1 Gy", regimens=("5fx",)))},
    ],
)
def test_what_leaves_values_and_findings_as_they_are(changed):
    found = ground(**changed)
    assert (found.problem, found.changed) == (None, frozenset())


@pytest.mark.parametrize(
    "changed",
    [
        structure("Outside", subtract=()),
        structure("Outside", serial=False),
        structure("Plain", applies_on_slices_of="PTV"),
        structure("PTV", relaxed_in_organs=False),
    ],
)
def test_what_changes_the_goals_of_one_structure(changed):
    (name,) = (s.name for s, o in zip(changed["structures"], OLD.structures, strict=True) if s != o)
    assert (ground(**changed).problem, ground(**changed).changed) == (None, {name})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (structure("Plain", aliases=("Other",)), "Plain is defined otherwise"),
        (structure("Plain", level=""), "Plain is defined otherwise"),
        (structure("Made", expression="Plain | PTV"), "Made is defined otherwise"),
        (structure("Along", extent=Extent("PTV", 5.0)), "Along is defined otherwise"),
        (structure("Plain", role="target"), "Plain is defined otherwise"),
        ({"structures": (*OLD.structures, replace(OUTSIDE, name="New"))}, "the structures are others: New"),
        ({"structures": OLD.structures[:-1]}, "the structures are others: Gone"),
        ({"structures": OLD.structures[::-1]}, "in another order"),
        ({"regimens": (replace(OLD.regimens[0], levels=(Level("HR", 60.0, 60.0),)),)}, "regimens or their levels"),
        ({"regimens": (*OLD.regimens, replace(OLD.regimens[0], id="b"))}, "regimens or their levels"),
        ({"fractionation": Fractionation((22, 22))}, "schedules that the numbers are for"),
        ({"checks": (CheckChange("dose-grid-spacing", "FAIL", "ours"),)}, "checks of the plan are wanted otherwise"),
        ({"goals": (*OLD.goals, goal("gtv", "GTV", "Min[Gy] > 1 Gy"))}, "GTV has goals in one of the two versions"),
        ({"goals": tuple(g for g in OLD.goals if g.structure != "Plain")}, "Plain has goals in one of the two"),
    ],
)
def test_what_ends_a_replay(changed, said):
    assert said in ground(**changed).problem


@pytest.mark.parametrize("check", ["limits-in-plan", "stored-dvh"])
def test_a_check_that_follows_the_goals_and_counts(check):
    raised = replace(OLD, checks=(CheckChange(check, "FAIL", "ours"),))
    other = replace(raised, goals=(*OLD.goals, goal("more", "Plain", "Min[Gy] > 1 Gy")))
    assert f"makes {check} a FAIL" in ground_of(raised, other, REGIMEN).problem
    assert ground_of(raised, replace(raised, title="T"), REGIMEN).problem is None


def test_a_check_of_the_file_that_counts():
    raised = replace(OLD, checks=(CheckChange("protocol-not-as-shipped", "FAIL", "ours"),))
    assert "which follows the file" in ground_of(raised, replace(raised, shipped_sha256="ab"), REGIMEN).problem


def test_another_regimen_has_goals_of_its_own():
    added = replace(OLD, goals=(*OLD.goals, goal("gtv", "GTV", "Min[Gy] > 1 Gy", regimens=("5fx",))))
    assert ground_of(OLD, added, REGIMEN).problem is None
    assert ground_of(OLD, added, "5fx").problem is not None
