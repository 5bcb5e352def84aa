"""docs/first-protocol.md as a new user would type it: its blocks, one after the other, are one protocol."""

import re
from pathlib import Path

import pytest

from hardcheck.evaluation import Outcome, evaluate, outcome_of
from hardcheck.library import load_protocol
from hardcheck.phantom import thigh_plan

PAGE = Path(__file__).parents[2] / "docs" / "first-protocol.md"


@pytest.fixture(scope="module")
def blocks():
    return re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_each_step_is_a_protocol(blocks, tmp_path):
    for steps in range(1, len(blocks) + 1):
        file = tmp_path / "thigh.yaml"
        file.write_text("".join(blocks[:steps]), "utf-8")
        assert len(load_protocol(file).structures) >= steps or load_protocol(file).examples


def test_its_examples_come_out_as_it_says(blocks, tmp_path):
    file = tmp_path / "thigh.yaml"
    file.write_text("".join(blocks), "utf-8")
    protocol = load_protocol(file)
    goals = {goal.id: goal for goal in protocol.goals}
    assert len(protocol.examples) == 3
    assert all(outcome_of(example, goals[example.goal]) == example.outcome for example in protocol.examples)


def test_the_whole_is_evaluated_on_the_sample_plan(blocks, tmp_path):
    file = tmp_path / "thigh.yaml"
    file.write_text("".join(blocks), "utf-8")
    results = {r.goal.id: r for r in evaluate(thigh_plan(), load_protocol(file)).results}
    assert len(results) == len(re.findall(r"id: \S+-", "".join(blocks)))
    assert results["femur-v40-recommended"].recipe == "Femur - PTV_HR"
    assert results["skinrind-max-advisory"].quantity.value is not None
    assert results["genitals-mean-recommended"].outcome is Outcome.NOT_APPLICABLE
