"""Examples that protocols carry: held as plans are, and every fault of one told with its place."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.evaluation import Outcome, outcome_of
from hardcheck.library import lint, load_protocol
from hardcheck.protocol import Example, Goal, Tier, parse_goal

GOOD = """\
id: mine
version: "1"
title: Mine
source: A paper
verification: draft
regimens:
  - {id: a, fractions: 22, levels: {HR: 66 Gy}}
structures:
  - name: PTV
    role: target
    level: HR
    goals:
      - {id: ci, goal: "CI_Paddick[] > 0.8", tier: advisory}
  - name: Lungs
    role: organ
    goals:
      - {id: mean, goal: "Mean[Gy] < 20 Gy", tier: required}
      - {id: spared, goal: "V18Gy[cc] < Volume(Lungs) - 1500 cc", tier: required}
      - {id: either, any_of: ["V20Gy[%] < 30 %", "Median[Gy] < 9 Gy"], tier: required}
examples:
  - {goal: mean, value: 19.9 Gy, low: 19.5 Gy, high: 20.4 Gy, outcome: MARGINAL}
  - {goal: spared, value: 1000 cc, volumes: {Lungs: 3000 cc}, outcome: MET}
  - {goal: ci, value: 0.81, outcome: MET}
"""
FAULTS = {
    "unknown goal": ("{goal: mean", "{goal: meen", "21:12", "there is no goal 'meen'; did you mean 'mean'?"),
    "several ways": ("{goal: mean", "{goal: either", "21:12", "either can be met in several ways"),
    "another unit": (
        "value: 19.9 Gy",
        "value: 19.9 %",
        "21:25",
        "is in %, and Mean[Gy] is in Gy; write 19.9 Gy",
    ),
    "no unit": ("low: 19.5 Gy", "low: 19.5", "21:39", "is without a unit, and Mean[Gy] is in Gy; write 19.5 Gy"),
    "a unit too many": ("value: 0.81", "value: 0.81 %", "23:23", "CI_Paddick[] is without a unit; write 0.81"),
    "no value": ("value: 19.9 Gy", "value: low", "21:25", "is not a value with its unit"),
    "too many digits": ("value: 19.9 Gy", "value: 19.9000001 Gy", "21:25", "too many digits"),
    "outside of its interval": ("value: 19.9 Gy", "value: 19.4 Gy", "21:25", "not from low to high"),
    "unknown outcome": ("outcome: MARGINAL", "outcome: PASS", "21:72", "'PASS' is not known here; write 'MET'"),
    "no volume": (", volumes: {Lungs: 3000 cc}", "", "22:5", "write volumes: {Lungs: 1000 cc}"),
    "volume of another": ("{Lungs: 3000 cc}", "{Lungs: 3000 cc, PTV: 9 cc}", "22:67", "not relative to PTV; leave it"),
    "volume not in cc": ("3000 cc", "3000 Gy", "22:53", "the volume '3000 Gy' is not in cc"),
    "part larger than the whole": ("value: 1000 cc", "value: 4000 cc", "22:27", "the value is larger than Lungs is"),
    "unknown key": ("low: 19.5 Gy", "lowest: 19.5 Gy", "21:34", "unknown key 'lowest'; did you mean 'low'?"),
    "no goal": ("{goal: ci, value", "{value", "23:5", "'goal' is missing here"),
    "a list is wanted": ("examples:\n", "examples: none\nnotes:\n", "20:11", "a list is wanted here"),
}


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("name", FAULTS)
def test_fault(tmp_path: Path, name: str) -> None:
    old, new, place, words = FAULTS[name]
    assert old in GOOD
    found = lint(written(tmp_path, GOOD.replace(old, new, 1)))
    assert found
    assert f":{place}: " in str(found[0]), str(found[0])
    assert words in str(found[0])


def test_they_arrive_with_their_places(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    assert lint(path) == []
    assert load_protocol(path).examples == (
        Example("mean", 19.9, 19.5, 20.4, "MARGINAL", {}, 21, 5),
        Example("spared", 1000.0, 1000.0, 1000.0, "MET", {"Lungs": 3000.0}, 22, 5),
        Example("ci", 0.81, 0.81, 0.81, "MET", {}, 23, 5),
    )


def goal(text: str, structure: str = "Lungs") -> Goal:
    return Goal("g", structure, *parse_goal(text), Tier.REQUIRED, "test")


@pytest.mark.parametrize(
    ("text", "values", "volumes", "expected"),
    [
        ("Mean[Gy] <= 46 Gy", (46, 46, 46), {}, "MET"),
        ("Mean[Gy] < 46 Gy", (46, 46, 46), {}, "NOT_MET"),
        ("Mean[Gy] >= 46 Gy", (46, 46, 46), {}, "MET"),
        ("Mean[Gy] < 46 Gy", (45, 44, 46), {}, "MARGINAL"),
        ("Mean[Gy] <= 46 Gy", (45, 44, 46), {}, "MET"),
        # 3000 - 1500 cc; 1500 cc are spared, and more is asked
        ("V18Gy[cc] < Volume(Lungs) - 1500 cc", (1500, 1500, 1500), {"Lungs": 3000}, "NOT_MET"),
        ("V18Gy[cc] < Volume(Lungs) - 1500 cc", (1499, 1499, 1499), {"Lungs": 3000}, "MET"),
        ("V18Gy[cc] < Volume(Lungs) - 1500 cc", (1499, 1400, 1500), {"Lungs": 3000}, "MARGINAL"),
        ("V18Gy[cc] < Volume(Heart) + 10 cc", (610, 610, 610), {"Heart": 600}, "NOT_MET"),
        ("V18Gy[cc] < Volume(Heart) + 10 cc", (609, 600, 609.9), {"Heart": 600}, "MET"),
        ("V18Gy[cc] < Volume(Heart) + 10 cc", (1, 1, 1), {}, "NOT_EVALUATED"),
    ],
)
def test_how_they_are_held(text: str, values: tuple[float, float, float], volumes: dict, expected: str) -> None:
    assert outcome_of(Example("g", *values, "MET", volumes), goal(text)) == expected


@given(st.sampled_from(["<", "<=", ">", ">="]), st.tuples(*[st.integers(0, 9)] * 3), st.integers(0, 9))
def test_a_limit_inside_the_interval_is_never_decided(op: str, values: tuple[int, int, int], limit: int) -> None:
    low, value, high = sorted(values)
    found = outcome_of(Example("g", value, low, high, "MET"), goal(f"Mean[Gy] {op} {limit} Gy"))
    if low < limit < high:
        assert found is Outcome.MARGINAL
    if limit < low or limit > high:
        assert found is (Outcome.MET if (limit > high) == op.startswith("<") else Outcome.NOT_MET)
