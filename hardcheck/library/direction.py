"""Comparisons that point the wrong way, and doses that are in another unit than they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from hardcheck.library.fault import Fault, claims_of, conditions_of, goals_of
from hardcheck.library.schema import GoalEntry, ProtocolEntry, StructureEntry, level_range_gy
from hardcheck.metric import VOLUME_KINDS, Metric
from hardcheck.protocol import Claim
from hardcheck.protocol.slip import excessive, excessive_dose, excessive_metric, reversed_comparison

_UPPER: Final = re.compile("[<≤⩽]")
_LOWER: Final = re.compile("[>≥⩾]")


def reversed_comparisons(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Goals that a target meets by a lack of dose, or an organ by too much. Advisory ones may be ranges."""
    by_name = {s.name: s for s in protocol.structures}
    for path, structure, goal in goals_of(protocol):
        if goal.tier == "advisory":
            continue
        for place, _, claim in claims_of(goal):
            about = by_name.get(claim.structure or structure.name)
            if about is None or claim.is_decided:
                continue  # told as such
            if slip := reversed_comparison(claim, about.role, _least_gy(protocol, about, goal)):
                yield Fault((*path, *place), *slip)


def _least_gy(protocol: ProtocolEntry, structure: StructureEntry, goal: GoalEntry) -> float | None:
    """The lowest dose that the level of a structure can have where a goal applies; None where that is not known."""
    regimens = [r for r in protocol.regimens if not goal.regimens or r.id in goal.regimens]
    texts = [r.levels.get(structure.level or "") for r in regimens]
    doses = [level_range_gy(text)[0] for text in texts if text is not None]
    return min(doses) if doses and len(doses) == len(regimens) else None


def printed_otherwise(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Goals whose comparison is not the one that their source prints."""
    for path, _, goal in goals_of(protocol):
        claims = [claim for _, _, claim in claims_of(goal)]
        printed = goal.printed or ""
        if len(claims) != 1 or not _is_of_the_metric(printed, claims[0]):
            continue
        has_upper, has_lower = _UPPER.search(printed) is not None, _LOWER.search(printed) is not None
        if has_upper != has_lower and has_upper != claims[0].op.is_upper:
            message = f"{printed!r} is printed, and '{claims[0]}' points the other way"
            yield Fault((*path, "printed"), message, "look at the source, and make both the same")


def _is_of_the_metric(printed: str, claim: Claim) -> bool:
    """Whether what is printed is no other way to say it: a volume that is spared for one that is not."""
    kind = claim.metric.kind
    return kind not in VOLUME_KINDS or re.search(rf"\b{kind}_?[0-9]", printed, re.ASCII) is not None


def excessive_doses(protocol: ProtocolEntry) -> Iterator[Fault]:
    """Doses beyond what any course gives."""
    for i, regimen in enumerate(protocol.regimens):
        for name, text in regimen.levels.items():
            high_gy = level_range_gy(text)[1]
            if high_gy != float("inf") and (slip := excessive(high_gy)):
                yield Fault(("regimens", i, "levels", name), *slip)
    for path, _, goal in goals_of(protocol):
        for place, _, claim in conditions_of(goal):
            if slip := excessive_dose(claim):
                yield Fault((*path, *place), *slip)
    for i, structure in enumerate(protocol.structures):
        for k, text in enumerate(structure.report):
            if slip := excessive_metric(Metric.parse(text)):
                yield Fault(("structures", i, "report", k), *slip)
