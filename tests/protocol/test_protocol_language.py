"""What a protocol file may say beside plain goals: expressions, either-or, only-if, fractionation, overlap."""

from pathlib import Path

import pytest

from hardcheck.errors import MetricError
from hardcheck.library import lint, load_protocol, protocol_table
from hardcheck.protocol import Claim, Fractionation, Protocol, parse_claim, parse_goal

GOOD = """\
id: mine
version: "1"
title: Mine
source: A paper
verification: draft
fractionation: {dose_per_fraction: 1.8 to 2.2 Gy}
regimens:
  - {id: a, fractions: 25, levels: {Main: 50 Gy}}
structures:
  - {name: External, role: external}
  - {name: Lung_L, role: organ}
  - {name: Lung_R, role: organ}
  - name: PTV
    role: target
    level: Main
    relaxed_in_organs: true
    goals:
      - {id: ptv-v95, goal: "V95%[%] > 95 %", tier: required}
  - name: Rind
    role: organ
    expression: External - contract(External, 0.5 cm)
  - name: Lungs
    role: organ
    expression: Lung_L | Lung_R
    goals:
      - id: lungs-either
        any_of:
          - Mean[Gy] < 10 Gy of Lung_L
          - V20Gy[%] < 30 %
        tier: required
      - id: lungs-spared
        goal: V18Gy[cc] < Volume(Lung_R) + 5 cc
        only_if: Volume[cc] > 100 cc of PTV
        fractionation: {fractions: 20 to 30}
        tier: recommended
"""

# what is replaced, by what, the place and the words of the one problem that follows
FAULTS = {
    "expression that is none": ("Lung_L | Lung_R\n", "Lung_L and Lung_R\n", "24:17", "Lung_L and Lung_R"),
    "expression without a unit": ("0.5 cm)", "0.5)", "21:17", "0.5"),
    "expression of something unknown": (
        "Lung_L | Lung_R\n",
        "Lung_L | Lung_X\n",
        "24:17",
        "there is no structure 'Lung_X'",
    ),
    "expression of itself": ("Lung_L | Lung_R\n", "Lung_L | Lungs\n", "24:17", "Lungs is defined by itself"),
    "no goal": ("goal: V18Gy[cc] < Volume(Lung_R) + 5 cc\n        ", "", "31:9", "lungs-spared asks nothing"),
    "both forms": (
        "        any_of:",
        "        goal: Mean[Gy] < 9 Gy\n        any_of:",
        "29:11",
        "goal and any_of stand together",
    ),
    "one way": ("          - V20Gy[%] < 30 %\n", "", "28:11", "any_of has one way only"),
    "no way of its own": (
        "V20Gy[%] < 30 %",
        "V20Gy[%] < 30 % of Lung_R",
        "28:11",
        "no way of lungs-either is about Lungs",
    ),
    "way that is no goal": ("V20Gy[%] < 30 %", "V20Gy < 30 %", "29:13", "is not a metric"),
    "way of something unknown": ("10 Gy of Lung_L", "10 Gy of Lung_X", "28:13", "there is no structure 'Lung_X'"),
    "way that every plan meets": ("V20Gy[%] < 30 %", "V20Gy[%] < 130 %", "29:13", "met by every plan, or by none"),
    "condition of something unknown": ("100 cc of PTV", "100 cc of PTW", "33:18", "did you mean 'PTV'?"),
    "condition that is no goal": (
        "only_if: Volume[cc] > 100 cc of PTV",
        "only_if: large PTV",
        "33:18",
        "is not a goal",
    ),
    "condition in percent of no level": (
        "Volume[cc] > 100 cc of PTV",
        "V95%[%] > 9 % of Rind",
        "33:18",
        "and Rind has none",
    ),
    "limit of something unknown": ("Volume(Lung_R)", "Volume(Lung_X)", "32:15", "there is no structure 'Lung_X'"),
    "fractions that are none": (
        "{fractions: 20 to 30}",
        "{fractions: many}",
        "34:36",
        "'many' is not a number of fractions",
    ),
    "fractions that fall": ("{fractions: 20 to 30}", "{fractions: 30 to 20}", "34:36", "write the lower number first"),
    "dose per fraction without a unit": ("1.8 to 2.2 Gy}", "2}", "6:36", "'2' has no unit; write 2 Gy"),
    "fractionation that says nothing": ("{fractions: 20 to 30}", "{}", "34:24", "fractionation says nothing"),
    "unknown key of fractionation": (
        "{fractions: 20 to 30}",
        "{fraction: 20 to 30}",
        "34:25",
        "did you mean 'fractions'?",
    ),
    "conversion with a range": (
        "1.8 to 2.2 Gy}",
        "1.8 to 2.2 Gy, convert_with_alpha_beta: 2 to 3 Gy}",
        "6:76",
        "'2 to 3 Gy' is a range; write one alpha/beta",
    ),
    "conversion with nothing": ("2.2 Gy}", "2.2 Gy, convert_with_alpha_beta: 0 Gy}", "6:76", "a dose above 0"),
    "conversion without a unit": ("2.2 Gy}", "2.2 Gy, convert_with_alpha_beta: 3}", "6:76", "write 3 Gy"),
    "conversion to what the numbers are not for": (
        "1.8 to 2.2 Gy}",
        "2.5 to 3.5 Gy, convert_with_alpha_beta: 3 Gy}",
        "6:76",
        "dose_per_fraction does not hold 2 Gy",
    ),
    "conversion from any dose": (
        "{fractions: 20 to 30}",
        "{convert_with_alpha_beta: 3 Gy}",
        "34:50",
        "dose_per_fraction does not hold 2 Gy",
    ),
    "conversion of a number of fractions": (
        "{fractions: 20 to 30}",
        "{fractions: 20 to 30, convert_with_alpha_beta: 3 Gy}",
        "34:71",
        "leave one of them away",
    ),
    "conversion that the file refuses": (
        "{fractions: 20 to 30}",
        "{dose_per_fraction: 1.8 to 2.2 Gy, convert_with_alpha_beta: 3 Gy}",
        "34:84",
        "the fractionation of the whole file refuses what this converts",
    ),
    "margin of kilometres": (
        "  - {name: Lung_L, role: organ}",
        "  - {name: Lung_L, role: organ, extent: {of: PTV, margin: 600 mm}}",
        "11:59",
        "write at most 500 mm",
    ),
    "overlap that is no flag": (
        "relaxed_in_organs: true",
        "relaxed_in_organs: yes",
        "16:24",
        "'yes' is not true or false",
    ),
}


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def mine(tmp_path: Path) -> Protocol:
    path = written(tmp_path, GOOD)
    assert [str(p) for p in lint(path)] == []
    return load_protocol(path)


@pytest.mark.parametrize("name", FAULTS)
def test_fault(tmp_path: Path, name: str) -> None:
    old, new, place, words = FAULTS[name]
    assert GOOD.count(old) == 1
    found = lint(written(tmp_path, GOOD.replace(old, new)))
    assert len(found) == 1, [str(p) for p in found]
    assert found[0].place.endswith(f":{place}"), str(found[0])
    assert words in str(found[0])
    assert found[0].instead


def test_expressions_that_rest_on_one_another(tmp_path: Path) -> None:
    text = GOOD.replace("{name: Lung_R, role: organ}", "{name: Lung_R, role: organ, expression: Lungs - Lung_L}")
    found = lint(written(tmp_path, text))
    assert [(p.line, p.message) for p in found] == [
        (12, "Lung_R is defined by itself, through Lungs"),
        (24, "Lungs is defined by itself, through Lung_R"),
    ]


def test_expressions_arrive_in_their_canonical_form(mine: Protocol) -> None:
    assert mine.structure("Rind").expression == "External - contract(External, 5 mm)"
    assert mine.structure("Lungs").expression == "Lung_L | Lung_R"
    assert mine.structure("PTV").expression == ""
    assert mine.structure("PTV").relaxed_in_organs


def test_goals_arrive(mine: Protocol) -> None:
    either, spared = mine.goals[1:]
    # The way that is about the structure itself comes first: value and limit of the result are its.
    assert (either.metric, either.op, either.limit) == parse_goal("V20Gy[%] < 30 %")
    assert either.alternatives == (parse_claim("Mean[Gy] < 10 Gy of Lung_L"),)
    assert str(either) == "V20Gy[%] < 30 % or Mean[Gy] < 10 Gy of Lung_L"
    assert spared.only_if == parse_claim("Volume[cc] > 100 cc of PTV")
    assert str(spared) == "V18Gy[cc] < Volume(Lung_R) + 5 cc, only if Volume[cc] > 100 cc of PTV"
    assert spared.fractionation == Fractionation((20, 30), None)
    assert mine.fractionation == Fractionation(None, (1.8, 2.2))


def test_a_conversion_arrives(tmp_path: Path) -> None:
    text = GOOD.replace("1.8 to 2.2 Gy}", "1.8 to 2.2 Gy, convert_with_alpha_beta: 300 cGy}")
    assert load_protocol(written(tmp_path, text)).fractionation == Fractionation(None, (1.8, 2.2), 3.0)


def test_the_table_says_it_all(mine: Protocol) -> None:
    rows = {row.id: row for row in protocol_table(mine)}
    assert rows["lungs-either"].goal == "V20Gy[%] < 30 % or Mean[Gy] < 10 Gy of Lung_L"
    assert "20 to 30 fractions" in rows["lungs-spared"].remarks


def test_tiers_under_different_conditions_are_not_compared(tmp_path: Path) -> None:
    stricter = (
        '      - {id: lungs-v18, goal: "V18Gy[cc] < Volume(Lung_R) + 2 cc", tier: required}\n'
        '      - {id: lungs-v18-too, goal: "V18Gy[cc] < Volume(Lung_R) + 1 cc", tier: required,'
        ' only_if: "Volume[cc] > 100 cc of PTV", fractionation: {fractions: 20 to 30}}\n'
    )
    found = lint(written(tmp_path, GOOD + stricter))
    assert len(found) == 1
    assert found[0].line == 37


@pytest.mark.parametrize(
    ("text", "structure"),
    [
        ("V20Gy[%] < 30 %", ""),
        ("V20Gy[%] < 30 % of Lung_L", "Lung_L"),
        ("V20Gy[cc] < Volume(Lungs) - 5 cc of Lung_L", "Lung_L"),
        ("CI_RTOG[] < 2 of PTV+3", "PTV+3"),
    ],
)
def test_claims_read_back_as_they_are_written(text: str, structure: str) -> None:
    claim = parse_claim(text)
    assert claim == Claim(*parse_goal(text.split(" of ", maxsplit=1)[0]), structure)
    assert str(claim) == text


@pytest.mark.parametrize("text", ["of PTV", "V20Gy[%] < 30 % of", "V20Gy[%] < 30 % of 3PTV", "V20Gy[%] of PTV < 30 %"])
def test_claims_that_are_none(text: str) -> None:
    with pytest.raises(MetricError):
        parse_claim(text)
