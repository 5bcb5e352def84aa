"""A protocol as CSV."""

import csv
import io

from hardcheck.exchange import to_csv
from hardcheck.library import load_protocol

FILE = """\
id: mine
version: "1"
title: Mine
source: "=HYPERLINK(0)"
verification: draft
regimens:
  - {id: a, fractions: 22, levels: {HR: 66 Gy}}
  - {id: b, fractions: 20, levels: {HR: 60 Gy}}
structures:
  - {name: Heart, role: organ}
  - name: Lungs
    role: organ
    goals:
      - {id: lungs-v18, goal: "V18Gy[cc] < Volume(Lungs) - 1500 cc", tier: required, regimens: [a], source: A paper}
      - id: lungs-either
        any_of: ["V20Gy[%] < 33.5 %", "Mean[Gy] < 10 Gy of Heart"]
        only_if: Volume[cc] > 100 cc
        fractionation: {fractions: 20 to 30}
        tier: recommended
        uncertain_tier: true
        printed: "-20"
        note: "@once"
"""


def rows(path):
    return list(csv.DictReader(io.StringIO(to_csv(load_protocol(path)), newline="")))


def test_one_row_for_each_goal(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(FILE, "utf-8")
    assert rows(path) == [
        {"id": "lungs-v18", "structure": "Lungs", "metric": "V18Gy[cc]", "op": "<", "limit": "Volume(Lungs) - 1500",
         "unit": "cc", "tier": "required", "regimens": "a", "source": "A paper", "remarks": ""},
        {"id": "lungs-either", "structure": "Lungs", "metric": "V20Gy[%]", "op": "<", "limit": "33.5", "unit": "%",
         "tier": "recommended", "regimens": "all", "source": "'=HYPERLINK(0)",
         "remarks": "or Mean[Gy] < 10 Gy of Heart; only if Volume[cc] > 100 cc; tier uncertain; printed: -20; "
                    "for schedules of 20 to 30 fractions; @once"},
    ]  # fmt: skip


def test_cells_are_no_formulas(tmp_path):
    for sign in "=+-@":
        path = tmp_path / "mine.yaml"
        path.write_text(FILE.replace("A paper", f'"{sign}1"'), "utf-8")
        assert rows(path)[0]["source"] == f"'{sign}1"


def test_a_limit_is_a_number(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(FILE, "utf-8")
    assert ',"<",33.5,"%",' in to_csv(load_protocol(path))


def test_hard_has_all_of_its_goals():
    hard = load_protocol("hard")
    made = list(csv.DictReader(io.StringIO(to_csv(hard), newline="")))
    assert [row["id"] for row in made] == [goal.id for goal in hard.goals]
