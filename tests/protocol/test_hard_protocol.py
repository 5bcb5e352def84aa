"""HARD as shipped, held against a table that was typed by hand from the clinical content, not made from the file."""

import hashlib

import pytest

from hardcheck.files import data_folder
from hardcheck.library import lint, load_protocol
from hardcheck.protocol import Extent, Protocol, parse_goal

REQ, REC, ADV = "required", "recommended", "advisory"

GOALS = {
    # targets, in percent of their own level
    ("GTV", "V100%[%]", ">", 99.0, "%", REQ),
    ("GTV", "DC0.03cc[%]", ">", 95.0, "%", REQ),
    ("GTV", "D0.03cc[%]", "<=", 105.0, "%", REC),
    ("GTV", "D0.03cc[%]", "<=", 110.0, "%", REQ),
    ("PTV_HR", "V100%[%]", ">", 95.0, "%", REQ),
    ("PTV_HR", "DC0.03cc[%]", ">", 95.0, "%", REC),
    ("PTV_HR", "DC0.03cc[%]", ">", 90.0, "%", REQ),
    ("CTV_IR", "V100%[%]", ">", 99.0, "%", REC),
    ("CTV_IR", "V100%[%]", ">", 95.0, "%", REQ),
    ("CTV_IR", "DC0.03cc[%]", ">", 95.0, "%", REC),
    ("CTV_IR", "DC0.03cc[%]", ">", 90.0, "%", REQ),
    ("PTV_LR", "V100%[%]", ">", 95.0, "%", REQ),
    ("PTV_LR", "DC0.03cc[%]", ">", 95.0, "%", REC),
    ("PTV_LR", "DC0.03cc[%]", ">", 90.0, "%", REQ),
    # organs at risk
    ("Bone", "V40Gy[%]", "<", 50.0, "%", REC),
    ("Bone", "V46Gy[%]", "<", 50.0, "%", REQ),
    ("Joint", "V40Gy[%]", "<", 50.0, "%", REC),
    ("Joint", "V46Gy[%]", "<", 50.0, "%", REQ),
    ("SkinStrip", "V10Gy[%]", "<", 50.0, "%", REC),
    ("SkinStrip", "V20Gy[%]", "<", 50.0, "%", REQ),
    ("Subcutaneous5mm", "D0.03cc[Gy]", "<=", 69.3, "Gy", REC),
    ("Subcutaneous5mm", "D0.03cc[Gy]", "<=", 70.62, "Gy", REQ),
    ("Subcutaneous5mm", "D0.03cc[Gy]", "<=", 63.0, "Gy", ADV),
    ("Subcutaneous5mm", "D0.03cc[Gy]", "<=", 64.2, "Gy", ADV),
    ("Cord", "D0.03cc[Gy]", "<=", 40.0, "Gy", REC),
    ("Cord", "D0.03cc[Gy]", "<=", 46.0, "Gy", REQ),
    ("Cord", "V42Gy[cc]", "<", 5.0, "cc", REQ),
    ("Nerves", "D0.03cc[Gy]", "<=", 54.0, "Gy", REC),
    ("Nerves", "D0.03cc[Gy]", "<=", 58.0, "Gy", REQ),
    ("Nerves", "V54Gy[cc]", "<=", 5.0, "cc", REQ),
    ("Anorectum", "V54Gy[cc]", "<", 40.0, "cc", REC),
    ("Anorectum", "D0.03cc[Gy]", "<=", 70.0, "Gy", REQ),
    ("Anorectum", "V40Gy[%]", "<", 40.0, "%", REQ),
    ("Genitalia", "D0.03cc[Gy]", "<=", 69.3, "Gy", REC),
    ("Genitalia", "D0.03cc[Gy]", "<=", 70.62, "Gy", REQ),
    ("Genitalia", "V30Gy[%]", "<", 35.0, "%", REQ),
    ("Genitalia", "D0.03cc[Gy]", "<=", 63.0, "Gy", ADV),
    ("Genitalia", "D0.03cc[Gy]", "<=", 64.2, "Gy", ADV),
    ("Lungs", "V18Gy[%]", "<", 37.0, "%", REC),
    ("Lungs", "V19Gy[%]", "<", 37.0, "%", REQ),
    ("Lungs", "V18Gy[cc]", "<", -1500.0, "cc", REQ),
    ("Heart", "D0.03cc[Gy]", "<=", 52.0, "Gy", REC),
    ("Heart", "V46Gy[cc]", "<", 15.0, "cc", REC),
    ("Heart", "Mean[Gy]", "<", 20.0, "Gy", REC),
    ("Heart", "D0.03cc[Gy]", "<=", 69.7, "Gy", REQ),
    ("Esophagus", "D0.03cc[Gy]", "<=", 48.0, "Gy", REC),
    ("Esophagus", "Mean[Gy]", "<", 20.0, "Gy", REC),
    ("Esophagus", "D0.03cc[Gy]", "<=", 58.0, "Gy", REQ),
    ("Esophagus", "Mean[Gy]", "<", 32.0, "Gy", REQ),
    ("SmallBowel", "D0.03cc[Gy]", "<=", 44.0, "Gy", REC),
    ("SmallBowel", "D0.03cc[Gy]", "<=", 50.0, "Gy", REQ),
    ("SmallBowel", "V42Gy[cc]", "<", 50.0, "cc", REQ),
    ("Stomach", "D0.03cc[Gy]", "<=", 44.0, "Gy", REC),
    ("Stomach", "D0.03cc[Gy]", "<=", 50.0, "Gy", REQ),
    ("Stomach", "V42Gy[cc]", "<", 50.0, "cc", REQ),
    ("Colon", "D0.03cc[Gy]", "<=", 50.0, "Gy", REC),
    ("Colon", "D0.03cc[Gy]", "<=", 55.0, "Gy", REQ),
    ("Colon", "V50Gy[cc]", "<", 20.0, "cc", REQ),
    ("Kidneys", "V20Gy[%]", "<", 20.0, "%", REC),
    ("Kidneys", "Mean[Gy]", "<", 12.0, "Gy", REC),
    ("Kidneys", "V26Gy[cc]", "<", 200.0, "cc", REQ),
    ("Liver", "V30Gy[cc]", "<", -700.0, "cc", REC),
    ("Liver", "V32Gy[cc]", "<", -700.0, "cc", REQ),
    ("Bladder", "V40Gy[%]", "<", 50.0, "%", REC),
    ("Bladder", "V46Gy[%]", "<", 50.0, "%", REQ),
    ("Bladder", "V60Gy[%]", "<", 3.0, "%", REQ),
}

UNCERTAIN = {
    ("Anorectum", "V40Gy[%]"),
    ("Genitalia", "V30Gy[%]"),
    ("Lungs", "V18Gy[cc]"),
    ("Kidneys", "V26Gy[cc]"),
    ("Bladder", "V60Gy[%]"),
}
CONFLICTS = {
    ("CTV_IR", "V100%[%]", REC),
    ("CTV_IR", "V100%[%]", REQ),
    ("CTV_IR", "DC0.03cc[%]", REC),
    ("CTV_IR", "DC0.03cc[%]", REQ),
    ("PTV_LR", "DC0.03cc[%]", REC),
    ("PTV_LR", "DC0.03cc[%]", REQ),
}
TARGETS = {"GTV": "HR", "PTV_HR": "HR", "CTV_IR": "IR", "CTV_LR": "LR", "PTV_LR": "LR"}
SIDES = {"Lung_L", "Lung_R", "Kidney_L", "Kidney_R"}
"""Not in the source: what Lungs and Kidneys are made of where nobody contoured both as one."""
ORGANS = {
    "Bone", "Joint", "SkinStrip", "Subcutaneous5mm", "Cord", "Nerves", "Anorectum", "Genitalia", "Lungs", "Heart",
    "Esophagus", "SmallBowel", "Stomach", "Colon", "Kidneys", "Liver", "Bladder",
}  # fmt: skip


@pytest.fixture(scope="module")
def hard() -> Protocol:
    return load_protocol("hard")


def test_every_goal_and_no_other(hard: Protocol) -> None:
    rows = [(g.structure, str(g.metric), g.op.value, g.limit.value, g.limit.unit, g.tier.value) for g in hard.goals]
    assert set(rows) == GOALS
    assert len(rows) == len(GOALS) == 66


def test_volumes_that_limits_are_relative_to(hard: Protocol) -> None:
    relative = {(g.structure, g.limit.volume_of) for g in hard.goals if g.limit.value < 0}
    assert relative == {("Lungs", "Lungs"), ("Liver", "Liver")}
    assert all(g.limit.volume_of is None for g in hard.goals if g.limit.value > 0)


def test_goals_of_uncertain_tier_are_required(hard: Protocol) -> None:
    uncertain = [g for g in hard.goals if g.uncertain_tier]
    assert {(g.structure, str(g.metric)) for g in uncertain} == UNCERTAIN
    assert len(uncertain) == 5
    assert {g.tier.value for g in uncertain} == {REQ}


def test_conflicts_of_the_source(hard: Protocol) -> None:
    conflicts = [g for g in hard.goals if g.source_conflict]
    assert {(g.structure, str(g.metric), g.tier.value) for g in conflicts} == CONFLICTS
    for goal in conflicts:
        assert "table" in goal.source_conflict
        assert "Methods" in goal.source_conflict


def test_what_is_not_in_the_source_is_advice_for_20_fractions(hard: Protocol) -> None:
    added = [g for g in hard.goals if g.not_in_source]
    assert {(g.structure, g.limit.value) for g in added} == {
        ("Subcutaneous5mm", 63.0), ("Subcutaneous5mm", 64.2), ("Genitalia", 63.0), ("Genitalia", 64.2),
    }  # fmt: skip
    for goal in hard.goals:
        if goal.not_in_source:
            assert (goal.tier.value, goal.regimens) == (ADV, ("20fx",))
            assert goal.source.startswith("not in the source")
        else:
            assert goal.regimens == ()
            assert goal.tier.value != ADV
            assert "10.1016/j.adro.2024.101447" in goal.source


def test_maximum_and_minimum_keep_the_words_of_the_source(hard: Protocol) -> None:
    for goal in hard.goals:
        if goal.not_in_source:
            continue
        word = {"D": "max", "DC": "min"}.get(goal.metric.kind.value)
        if word is not None:
            assert goal.printed == f"{word} {goal.op.value} {goal.limit}"
        elif goal.limit.volume_of is not None:
            assert goal.printed == f"V{goal.metric.at:g}Gy < {goal.structure} - {-goal.limit.value:g} cc"
        else:
            assert goal.printed == ""


def test_regimens(hard: Protocol) -> None:
    levels = {r.id: (r.fractions, {v.name: (v.low_gy, v.high_gy) for v in r.levels}) for r in hard.regimens}
    assert levels == {
        "22fx": (22, {"HR": (66.0, 66.0), "IR": (55.0, 55.0), "LR": (44.0, 50.6)}),
        "20fx": (20, {"HR": (60.0, 60.0), "IR": (50.0, 50.0), "LR": (40.0, 46.0)}),
        "28fx": (28, {"HR": (70.0, 70.0), "IR": (61.6, 61.6), "LR": (50.4, 50.4)}),
    }
    first, second, third = hard.regimens
    assert first.when == "default"
    assert second.when == "prior radiation to the site, or concurrent systemic therapy"
    assert (first.level("LR").dose_gy, third.level("LR").dose_gy) == (None, 50.4)
    assert (first.source, second.source) == ("", "")
    assert third.source == "Radiother Oncol 2025;202:110644"
    assert "no constraint of its own" in third.caveat


@pytest.mark.parametrize(
    ("regimen", "level", "low", "high"),
    [
        ("22fx", "HR", 3.0, 3.0), ("22fx", "IR", 2.5, 2.5), ("22fx", "LR", 2.0, 2.3),
        ("20fx", "HR", 3.0, 3.0), ("20fx", "IR", 2.5, 2.5), ("20fx", "LR", 2.0, 2.3),
        ("28fx", "HR", 2.5, 2.5), ("28fx", "IR", 2.2, 2.2), ("28fx", "LR", 1.8, 1.8),
    ],
)  # fmt: skip
def test_dose_per_fraction_of_each_level(hard: Protocol, regimen: str, level: str, low: float, high: float) -> None:
    found = next(r for r in hard.regimens if r.id == regimen)
    dose = found.level(level)
    assert (dose.low_gy / found.fractions, dose.high_gy / found.fractions) == pytest.approx((low, high), rel=1e-12)


def test_structures_and_their_levels(hard: Protocol) -> None:
    assert {s.name: s.level for s in hard.structures if s.role == "target"} == TARGETS
    assert {s.name for s in hard.structures if s.role == "organ"} == ORGANS | SIDES
    assert [s.name for s in hard.structures if s.role == "external"] == ["External"]
    assert len(hard.structures) == 27
    assert all(s.level == "" for s in hard.structures if s.role != "target")
    assert all(s.definition for s in hard.structures)


def test_organs_are_evaluated_outside_of_the_ptvs(hard: Protocol) -> None:
    for structure in hard.structures:
        evaluated = structure.role == "organ" and structure.name not in SIDES
        assert structure.subtract == (("PTV_HR", "PTV_LR") if evaluated else ())


def test_extents_and_applicability(hard: Protocol) -> None:
    assert {s.name: s.extent for s in hard.structures if s.extent is not None} == {
        "Bone": Extent("PTV_LR", 0.0),
        "SkinStrip": Extent("PTV_LR", 0.0),
        "Cord": Extent("PTV_LR", 30.0),
        "SmallBowel": Extent("PTV_LR", 30.0),
        "Colon": Extent("PTV_LR", 30.0),
    }
    applies = {s.name: s.applies_on_slices_of for s in hard.structures if s.applies_on_slices_of}
    whole = ("Lungs", "Heart", "Esophagus", "Stomach", "Kidneys", "Liver", "Bladder")
    assert applies == dict.fromkeys(whole, "PTV_LR")


def test_serial_organs_classes_and_nesting(hard: Protocol) -> None:
    serial = {s.name for s in hard.structures if s.serial}
    assert serial == {"Cord", "Nerves", "SmallBowel", "Colon", "Esophagus"}
    assert {s.name for s in hard.structures if s.each} == {"Bone", "Joint", "Nerves"}
    assert {s.name: s.inside for s in hard.structures if s.inside} == {
        "GTV": ("PTV_HR", "CTV_IR"),
        "CTV_IR": ("PTV_LR",),
        "CTV_LR": ("PTV_LR",),
    }


def test_goal_ids_are_what_scripts_rely_on(hard: Protocol) -> None:
    ids = {g.id: g for g in hard.goals}
    assert str(ids["cord-max-required"]) == "D0.03cc[Gy] <= 46 Gy"
    for goal in hard.goals:
        assert goal.id.startswith(goal.structure.lower() + "-")
        assert goal.id.endswith("-" + goal.tier.value)


def test_identity_and_provenance(hard: Protocol) -> None:
    path = data_folder("protocols") / "sarcoma" / "hard.yaml"
    assert (hard.id, hard.version, hard.verification) == ("hard", "1", "transcribed")
    assert hard.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert lint(path) == []


def test_every_goal_reads_back_as_it_is_written(hard: Protocol) -> None:
    for goal in hard.goals:
        assert parse_goal(str(goal)) == (goal.metric, goal.op, goal.limit)


def test_spared_volume_of_the_kidneys_is_mentioned(hard: Protocol) -> None:
    goal = next(g for g in hard.goals if g.id == "kidneys-v26-required")
    assert "CV26Gy" in goal.note
