"""Which names somebody may have meant."""

import pytest

from hardcheck.spelling import did_you_mean, near_names

TARGETS = ["GTV", "PTV_HR", "CTV_IR", "CTV_LR", "PTV_LR"]
ORGANS = ["SpinalCord", "Femur_L", "Femur_R", "Lung_L"]


@pytest.mark.parametrize(
    ("name", "known", "near"),
    [
        ("gtv", TARGETS, ["GTV"]),
        ("Spinal cord", ORGANS, ["SpinalCord"]),
        ("Spinalcrd", ORGANS, ["SpinalCord"]),
        ("femur l", ORGANS, ["Femur_L"]),
        ("Femur", ORGANS, ["Femur_L", "Femur_R"]),
        ("Heart", ORGANS, []),
        ("", ORGANS, []),
        ("Cord", [], []),
        ("Grosse Lunge", ["Große Lunge"], ["Große Lunge"]),
        ("Cord", ["cord", "CORD"], ["CORD", "cord"]),
    ],
)
def test_near_names(name, known, near):
    assert sorted(near_names(name, known)) == sorted(near)


@pytest.mark.parametrize(
    ("name", "known"),
    [("CTV", ["GTV", "PTV"]), ("PTV_IR", ["CTV_IR"]), ("ITV", ["GTV", "CTV", "PTV"]), ("CTV-GTV", ["PTV-GTV"])],
)
def test_one_kind_of_target_is_never_near_another(name, known):
    assert near_names(name, known) == []


@pytest.mark.parametrize(("name", "known"), [("Lung_R", ["Lung_L"]), ("left kidney", ["Right Kidney"])])
def test_one_side_is_never_near_the_other(name, known):
    assert near_names(name, known) == []
    assert near_names(name.casefold(), [name]) == [name]


@pytest.mark.parametrize(("name", "known"), [("LungR", ["LungL"]), ("Lt Lung", ["RtLung", "Lung rt"])])
def test_a_side_without_a_separator_is_one_too(name, known):
    assert near_names(name, known) == []


PLANNING = ["Cord_PRV", "CordPRV05", "z_Cord", "zCord", "_Cord", "Cord~", "Cord!", "Cord+5", "Cord-PTV", "Cord_ring"]


@pytest.mark.parametrize("planning", [*PLANNING, "PRV Cord", "optCord", "Cord_opt"])
def test_a_planning_structure_is_never_near_what_it_was_made_of(planning):
    assert near_names("Cord", [planning]) == near_names(planning, ["Cord"]) == []
    assert near_names(planning.upper(), [planning.upper()]) == [planning.upper()]


def test_the_nearest_to_any_of_several_names_comes_first():
    known = ["Spinal_Crd", "Cords"]
    assert near_names("Cord", known) == ["Cords"]
    assert near_names("Cord", known, aliases=["SpinalCord"]) == ["Spinal_Crd", "Cords"]
    assert near_names("Cord", known, aliases=["SpinalCord"], most=1) == ["Spinal_Crd"]


def test_a_slip_in_the_kind_itself_leaves_all_of_them_open():
    assert near_names("PTW", ["PTV"]) == ["PTV"]
    assert set(near_names("TV_LR", TARGETS)[:2]) == {"CTV_LR", "PTV_LR"}


def test_the_hint():
    assert did_you_mean("Femur", ORGANS) == "did you mean 'Femur_L' or 'Femur_R'?"
    assert did_you_mean("Femur", ORGANS, most=1) == "did you mean 'Femur_L'?"
    assert did_you_mean("Heart", ORGANS) == ""


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Nerve_Femoral_R", ["Femoral Head RT"]),
        ("Bone", ["Bowel"]),
        ("SacralPlexus", ["Brachial Plexus"]),
    ],
)
def test_some_common_letters_make_no_near_name(name, known):
    assert near_names(name, known) == near_names(known[0], [name]) == []
