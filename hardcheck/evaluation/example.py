"""The examples of a protocol, held against its goals as the values of plans are."""

from __future__ import annotations

from hardcheck.evaluation.held import compare
from hardcheck.evaluation.result import Outcome
from hardcheck.metric import VOLUME_KINDS
from hardcheck.protocol import Example, Goal
from hardcheck.quantity import Quantity


def outcome_of(example: Example, goal: Goal) -> Outcome:
    """What comes of the value of `example`, where `goal` applies; of several ways to meet it, by the first."""
    quantity = Quantity(example.value, example.low, example.high, goal.metric.unit)
    of = goal.limit.volume_of
    if of is None:
        return compare(goal, quantity).outcome
    cc = example.volumes_cc.get(of)
    if cc is None:
        return compare(goal, quantity, Quantity.unknown("cc", "the example does not give it")).outcome
    rest = None
    if of == goal.structure and goal.metric.kind in VOLUME_KINDS:
        rest = Quantity(cc - example.value, cc - example.high, cc - example.low, "cc")
    return compare(goal, quantity, Quantity(cc, cc, cc, "cc"), rest).outcome
