"""What changed between two protocols, typed as a person would say it."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.library import load_protocol
from hardcheck.protocol import Protocol, differences

OLD = """\
id: mine
version: "1"
title: Mine
source: A paper
verification: draft
notes: [First, Second]
regimens:
  - {id: a, fractions: 22, levels: {HR: 66 Gy, LR: 44 to 50.6 Gy}}
  - {id: b, fractions: 20, levels: {HR: 60 Gy}, when: seldom}
structures:
  - name: PTV
    role: target
    level: HR
    goals:
      - {id: ptv-v95, goal: "V95%[%] > 95 %", tier: required}
  - {name: PTV_2, role: target, level: HR}
  - name: Cord
    role: organ
    aliases: [SpinalCord]
    subtract: [PTV]
    extent: {of: PTV, margin: 3 cm}
    goals:
      - {id: cord-recommended, goal: "D0.03cc[Gy] <= 40 Gy", tier: recommended, regimens: [a]}
      - {id: cord-required, goal: "D0.03cc[Gy] <= 46 Gy", tier: required}
      - {id: cord-v42, goal: "V42Gy[cc] < 5 cc", tier: required, uncertain_tier: true}
  - name: Heart
    role: organ
    goals:
      - {id: heart-mean, goal: "Mean[Gy] < 20 Gy", tier: recommended, source: Another paper}
examples:
  - {goal: cord-required, value: 46 Gy, outcome: MET}
"""

# what is replaced, by what, and all that is said of it
CHANGES = {
    "limit": ("<= 46 Gy", "<= 45 Gy", ["Cord: required D0.03cc limit 46 Gy -> 45 Gy (stricter)"]),
    "lower limit": ("> 95 %", "> 93 %", ["PTV: required V95% limit 95 % -> 93 % (laxer)"]),
    "comparison": ("V42Gy[cc] < 5 cc", "V42Gy[cc] <= 5 cc", ["Cord: required V42Gy limit < 5 cc -> <= 5 cc (laxer)"]),
    "dose of a volume": (
        "V42Gy[cc] < 5 cc", "V41Gy[cc] < 5 cc", ["Cord: required V42Gy[cc] < 5 cc -> V41Gy[cc] < 5 cc (stricter)"],
    ),
    "what cannot be compared": (
        "V42Gy[cc] < 5 cc", "V41Gy[cc] < 6 cc", ["Cord: required V42Gy[cc] < 5 cc -> V41Gy[cc] < 6 cc"],
    ),
    "another way": (
        'goal: "Mean[Gy] < 20 Gy"', 'any_of: ["Mean[Gy] < 20 Gy", "V30Gy[%] < 10 %"]',
        ["Heart: recommended Mean[Gy] < 20 Gy -> Mean[Gy] < 20 Gy or V30Gy[%] < 10 % (laxer)"],
    ),
    "goal removed": (
        '      - {id: heart-mean, goal: "Mean[Gy] < 20 Gy", tier: recommended, source: Another paper}\n',
        '      - {id: heart-v46, goal: "V46Gy[cc] < 15 cc", tier: required}\n',
        ["Heart: goal added: required V46Gy[cc] < 15 cc", "Heart: goal removed: recommended Mean[Gy] < 20 Gy"],
    ),
    "id": ("id: cord-v42", "id: cord-v42cc", ["Cord: required V42Gy[cc] < 5 cc: id cord-v42 -> cord-v42cc"]),
    "tier": (
        "20 Gy\", tier: recommended", "20 Gy\", tier: required",
        ["Heart: Mean[Gy] < 20 Gy: tier recommended -> required (stricter)"],
    ),
    "tier, to advisory": (
        "20 Gy\", tier: recommended", "20 Gy\", tier: advisory",
        ["Heart: Mean[Gy] < 20 Gy: tier recommended -> advisory (laxer)"],
    ),
    "doubt removed": (
        ", uncertain_tier: true", "", ["Cord: required V42Gy[cc] < 5 cc: tier no longer uncertain (stricter)"],
    ),
    "regimens": (
        ", regimens: [a]", "", ["Cord: recommended D0.03cc[Gy] <= 40 Gy: regimens a -> all (stricter)"],
    ),
    "other regimens": (
        "regimens: [a]", "regimens: [b]", ["Cord: recommended D0.03cc[Gy] <= 40 Gy: regimens a -> b"],
    ),
    "condition": (
        "source: Another paper", "source: Another paper, only_if: 'Volume[cc] > 9 cc of PTV'",
        ["Heart: recommended Mean[Gy] < 20 Gy: condition added: Volume[cc] > 9 cc of PTV (laxer)"],
    ),
    "schedules": (
        "source: Another paper", "source: Another paper, fractionation: {fractions: 22}",
        ["Heart: recommended Mean[Gy] < 20 Gy: fractionation added: for schedules of 22 fractions"],
    ),
    "note": (
        "source: Another paper", "source: Another paper, note: Look twice",
        ["Heart: recommended Mean[Gy] < 20 Gy: note added: Look twice"],
    ),
    "source of a goal": (
        "Another paper", "A third", ["Heart: recommended Mean[Gy] < 20 Gy: source Another paper -> A third"],
    ),
    "source of all": ("source: A paper", "source: A book", ["Protocol: source A paper -> A book"]),
    "version": ('version: "1"', 'version: "2"', ["Protocol: version 1 -> 2"]),
    "notes": ("[First, Second]", "[Third, Second]", ["Protocol: note added: Third", "Protocol: note removed: First"]),
    "level": ("44 to 50.6 Gy", "46 Gy", ["Protocol: regimen a: level LR 44 to 50.6 Gy -> 46 Gy"]),
    "when": (", when: seldom", "", ["Protocol: regimen b: when removed: seldom"]),
    "fractions": ("fractions: 20", "fractions: 21", ["Protocol: regimen b: fractions 20 fractions -> 21 fractions"]),
    "regimen": (
        "  - {id: b, fractions: 20, levels: {HR: 60 Gy}, when: seldom}\n", "",
        ["Protocol: regimen removed: b, 20 fractions, HR 60 Gy"],
    ),
    "structure added": (
        "  - name: Heart", "  - {name: Liver, role: organ}\n  - name: Heart", ["Liver: structure added (organ)"],
    ),
    "structure renamed": (
        "name: Cord\n    role: organ\n    aliases: [SpinalCord]",
        "name: SpinalCord\n    role: organ\n    aliases: [Cord]",
        ["SpinalCord: name Cord -> SpinalCord"],
    ),
    "alias": ("[SpinalCord]", "[Myelon]", ["Cord: alias added: Myelon", "Cord: alias removed: SpinalCord"]),
    "subtraction": ("subtract: [PTV]", "subtract: [PTV, PTV_2]", ["Cord: subtracted structure added: PTV_2"]),
    "extent": ("3 cm", "20 mm", ["Cord: slices of PTV and 30 mm beyond -> of PTV and 20 mm beyond"]),
    "applicability": (
        "    subtract: [PTV]", "    subtract: [PTV]\n    applies_on_slices_of: PTV",
        ["Cord: applies on the slices of added: PTV"],
    ),
    "margin": (
        "    subtract: [PTV]", "    subtract: [PTV]\n    margin_from: {of: PTV, least: 3 mm, most: 0.5 cm}",
        ["Cord: margin added: 3 to 5 mm from PTV"],
    ),
    "skin": (
        "    subtract: [PTV]", "    subtract: [PTV]\n    from_skin: 3 mm\n    strip: 2 cm\n    whole: true",
        [
            "Cord: distance from the skin added: 3 mm",
            "Cord: width of the strip added: 20 mm",
            "Cord: now whole: it may not end where the CT does",
        ],
    ),
    "check": (
        "structures:",
        "checks: [{id: couch, severity: off, reason: why}, {id: bolus, severity: FAIL, reason: so}]\nstructures:",
        [
            "Protocol: change of a check added: couch switched off: why",
            "Protocol: change of a check added: bolus as FAIL: so",
        ],
    ),
    "expression": (
        "  - name: Heart", "  - name: Heart\n    expression: Cord - PTV", ["Heart: made as added: Cord - PTV"],
    ),
    "flag": (
        "  - name: Heart", "  - name: Heart\n    each: true",
        ["Heart: now a class: every ROI that matches is evaluated as its own"],
    ),
    "examples": ("46 Gy, outcome", "45 Gy, outcome", ["Protocol: examples: 1 added, 1 removed"]),
    "layout": ("  - name: Heart", "  # The heart.\n\n  - name: Heart", []),
    # 95 % of another dose is another dose
    "limit on other ground": (
        '66 Gy, LR: 44 to 50.6 Gy}}\n  - {id: b, fractions: 20, levels: {HR: 60 Gy}, when: seldom}',
        '64 Gy, LR: 44 to 50.6 Gy}}\n  - {id: b, fractions: 20, levels: {HR: 60 Gy}, when: seldom}',
        ["Protocol: regimen a: level HR 66 Gy -> 64 Gy"],
    ),
}  # fmt: skip


def loaded(folder: Path, text: str) -> Protocol:
    path = folder / "mine.yaml"
    path.write_text(text, "utf-8")
    return load_protocol(path)


def said(old: Protocol, new: Protocol) -> list[str]:
    return [f"{each.about or 'Protocol'}: {each}" for each in differences(old, new)]


@pytest.mark.parametrize("name", CHANGES)
def test_change(tmp_path: Path, name: str) -> None:
    before, after, expected = CHANGES[name]
    assert OLD.count(before) == 1
    old, new = loaded(tmp_path, OLD), loaded(tmp_path, OLD.replace(before, after))
    assert said(old, new) == expected
    turned = {"stricter": "laxer", "laxer": "stricter", "": ""}
    assert sorted(d.effect for d in differences(new, old)) == sorted(turned[d.effect] for d in differences(old, new))


@pytest.mark.parametrize(
    ("before", "after"),
    [("{HR: 60 Gy}", "{HR: 61 Gy}"), ("    level: HR\n    goals", "    level: HR\n    each: true\n    goals")],
)
def test_a_limit_on_other_ground_is_neither_stricter_nor_laxer(tmp_path: Path, before: str, after: str) -> None:
    old = loaded(tmp_path, OLD)
    new = loaded(tmp_path, OLD.replace("> 95 %", "> 96 %").replace(before, after))
    assert "PTV: required V95% limit 95 % -> 96 %" in said(old, new)


def test_a_renamed_goal_is_paired_by_what_it_asks(tmp_path: Path) -> None:
    old = loaded(tmp_path, OLD.split("examples:", maxsplit=1)[0])
    text = OLD.replace("id: cord-required", "id: cord-max").replace("<= 46 Gy", "<= 45 Gy").split("examples:")[0]
    assert said(old, loaded(tmp_path, text)) == [
        "Cord: required D0.03cc limit 46 Gy -> 45 Gy (stricter)",
        "Cord: required D0.03cc[Gy] <= 45 Gy: id cord-required -> cord-max",
    ]


@pytest.mark.parametrize("name", ["hard", "feng_cyberknife", "preoperative"])
def test_a_protocol_is_like_itself_in_any_order(name: str) -> None:
    protocol = load_protocol(name)
    turned = replace(
        protocol,
        structures=protocol.structures[::-1],
        goals=protocol.goals[::-1],
        regimens=protocol.regimens[::-1],
        sha256="",
    )
    assert differences(protocol, protocol) == differences(protocol, turned) == ()


@given(st.data())
def test_no_change_of_a_limit_is_missed(data: st.DataObject) -> None:
    protocol = load_protocol("hard")
    at = data.draw(st.integers(0, len(protocol.goals) - 1))
    value = data.draw(st.integers(0, 80))
    goal = protocol.goals[at]
    changed = replace(goal, limit=replace(goal.limit, value=float(value)))
    new = replace(protocol, goals=(*protocol.goals[:at], changed, *protocol.goals[at + 1 :]))
    found = differences(protocol, new)
    assert [(d.about, d.goal) for d in found] == ([] if changed == goal else [(goal.structure, goal.id)])
    if found:
        is_higher = changed.limit.value > goal.limit.value
        assert found[0].effect == ("laxer" if is_higher == goal.op.is_upper else "stricter")
