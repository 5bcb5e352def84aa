"""The examples of a protocol file: whether each can be held against its goal."""

from __future__ import annotations

from collections.abc import Iterator

from hardcheck.library.fault import Fault, Path, goals_of
from hardcheck.library.near import near
from hardcheck.library.schema import ExampleEntry, ProtocolEntry, figure_of
from hardcheck.metric import VOLUME_KINDS, decimal_text
from hardcheck.protocol import Claim, parse_claim


def faulty_examples(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Examples of goals that are not there, in another unit, or without what the limit is relative to."""
    goals = {goal.id: (structure.name, goal) for _, structure, goal in goals_of(protocol)}
    for k, example in enumerate(protocol.examples):
        path: Path = ("examples", k)
        if example.goal not in goals:
            yield Fault((*path, "goal"), f"there is no goal {example.goal!r}", near(example.goal, goals))
            continue
        name, goal = goals[example.goal]
        if goal.goal is None:
            message = f"{example.goal} can be met in several ways, and an example has one value"
            yield Fault((*path, "goal"), message, "leave it away")
            continue
        claim = parse_claim(goal.goal)
        yield from _in_other_units(path, example, claim)
        yield from _volumes(path, example, claim)
        yield from _orders(path, example, claim, name)


def _in_other_units(path: Path, example: ExampleEntry, claim: Claim) -> Iterator[Fault]:
    for key in ("value", "low", "high"):
        text = getattr(example, key)
        if text is not None and (unit := figure_of(text)[1]) != claim.metric.unit:
            wanted = f"in {claim.metric.unit}" if claim.metric.unit else "without a unit"
            message = f"{text!r} is {f'in {unit}' if unit else 'without a unit'}, and {claim.metric} is {wanted}"
            yield Fault((*path, key), message, f"write {decimal_text(figure_of(text)[0])} {claim.metric.unit}".strip())


def _volumes(path: Path, example: ExampleEntry, claim: Claim) -> Iterator[Fault]:
    """Volumes that are missing, that nothing asks for, or that are none."""
    wanted = claim.limit.volume_of
    if wanted is not None and wanted not in example.volumes:
        message = f"the limit is relative to the volume of {wanted}, which the example does not give"
        yield Fault(path, message, f"write volumes: {{{wanted}: 1000 cc}} with the volume")
    for name, text in example.volumes.items():
        if name != wanted:
            yield Fault((*path, "volumes", name), f"the limit is not relative to {name}", "leave it away")
        elif figure_of(text)[1] != "cc":
            yield Fault((*path, "volumes", name), f"the volume {text!r} is not in cc", "write it as in 1000 cc")


def _orders(path: Path, example: ExampleEntry, claim: Claim, name: str) -> Iterator[Fault]:
    """Intervals that do not hold the value, and parts that are larger than the whole."""
    value, low, high = interval_of(example)
    if not low <= value <= high:
        yield Fault((*path, "value"), "the value is not from low to high", "write low, value and high in rising order")
    of = claim.limit.volume_of
    if claim.metric.kind in VOLUME_KINDS and of == name and of in example.volumes:
        whole = figure_of(example.volumes[of])[0]
        if high > whole:
            yield Fault((*path, "value"), f"the value is larger than {of} is", "correct the one or the other")


def interval_of(example: ExampleEntry) -> tuple[float, float, float]:
    """Value, low and high of an example."""
    value = figure_of(example.value)[0]
    low, high = (value if text is None else figure_of(text)[0] for text in (example.low, example.high))
    return value, low, high
