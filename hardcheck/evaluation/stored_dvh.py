"""The check of the planning system's own DVHs against ours. DVHSequence (3004,0050) or a text export."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from typing import Final

from hardcheck.evaluation.opinion import SecondOpinion
from hardcheck.metric import Kind
from hardcheck.plan import Finding, Plan, Severity
from hardcheck.planning_system import RTDOSE, Difference, StructureComparison

WARN_PERCENT: Final = 3.0
"""Of the prescription: five commercial calculators agree to 0.9 to 3.2 % (Pepin et al. 2022)."""

FAIL_PERCENT: Final = 5.0
"""Of the prescription, from which on a difference that nothing explains means another dose or another structure."""

AGREE_PERCENT: Final = 1.0
"""Of the volume: curves that are nowhere further apart are one curve."""

_KINDS: Final = frozenset({Kind.MEAN, Kind.DOSE_AT_VOLUME, Kind.MAXIMUM})


def check_stored(opinion: SecondOpinion, plan: Plan, used: Collection[int]) -> Iterator[Finding]:
    """What a comparison has to say; `used` are the ROINumbers of the structures that goals use.

    A minimum is not asked: it hangs by one voxel at the edge. A structure that no goal uses is told of only where
    nothing explains a difference over `FAIL_PERCENT`.
    """
    comparison = opinion.comparison
    system = source_of(opinion)
    if comparison.export.patient_id and plan.patient.id and comparison.export.patient_id != plan.patient.id:
        yield Finding("stored-dvh", Severity.WARN, f"{system} names another patient ID than the plan")
    for found in comparison.structures:
        worst = _worst(found)
        if worst is not None:
            yield from _dose(found, worst, system, comparison.reference_gy, is_used=found.structure.number in used)
        if found.structure.number in used:
            yield from _volume(found, system)
    if opinion.others:
        names = tuple(dict.fromkeys(goal.result.roi_name or "" for goal in opinion.others))
        said = "; ".join(f"{g.result.goal.structure} {g.result.claim}" for g in opinion.others)
        count = "1 goal" if len(opinion.others) == 1 else f"{len(opinion.others)} goals"
        text = f"with the numbers of {system} {count} would come out otherwise: {said}"
        yield Finding("stored-dvh", Severity.WARN, text, names)


def source_of(opinion: SecondOpinion) -> str:
    """Whose curves they are, as a reader finds them."""
    system = opinion.comparison.export.system
    return "the planning system (DVHs in the RTDOSE)" if system == RTDOSE else f"the export of {system}"


def _worst(found: StructureComparison) -> Difference | None:
    """The largest difference of a dose that is beyond `WARN_PERCENT`, those that nothing explains first.

    Where the curves agree everywhere, a dose that our interval holds is no difference: the curve is flat there, and a
    little volume is many Gy.
    """
    agree = found.gap_percent is not None and found.gap_percent <= AGREE_PERCENT
    asked = [d for d in found.differences if d.metric.kind in _KINDS and abs(d.percent or 0.0) > WARN_PERCENT]
    asked = [d for d in asked if not (agree and _is_inside(d))]
    beyond = [d for d in asked if d.is_open]
    return max(beyond or asked, key=lambda d: abs(d.percent or 0.0), default=None)


def _is_inside(difference: Difference) -> bool:
    """Whether theirs lies in our interval, where that has two ends."""
    low, high, theirs = difference.ours.low, difference.ours.high, difference.theirs.value
    if low is None or high is None or theirs is None or not math.isfinite(low) or not math.isfinite(high):
        return False
    return low <= theirs <= high


def _dose(
    found: StructureComparison, worst: Difference, system: str, reference_gy: float, *, is_used: bool
) -> Iterator[Finding]:
    ours, theirs, percent = worst.ours.value, worst.theirs.value, abs(worst.percent or 0.0)
    beyond = worst.is_open and percent > FAIL_PERCENT
    if not is_used and not beyond:
        return
    why = "; ".join(worst.explanations) or "nothing explains it"
    text = (
        f"{found.structure.name}: {worst.metric} is {theirs:.2f} Gy by {system} and {ours:.2f} Gy here, "
        f"{percent:.1f} % of {reference_gy:g} Gy apart: {why}"
    )
    if beyond and is_used:
        yield Finding("stored-dvh", Severity.FAIL, text, (found.structure.name,))
    else:
        yield Finding("stored-dvh", Severity.WARN, text, (found.structure.name,))


def _volume(found: StructureComparison, system: str) -> Iterator[Finding]:
    """A volume beyond `WARN_PERCENT` that is not in our interval, which covers both end cap conventions."""
    for each in found.differences:
        if each.metric.kind is Kind.VOLUME and abs(each.percent or 0.0) > WARN_PERCENT and not _is_inside(each):
            why = "; ".join(each.explanations) or "nothing explains it"
            text = (
                f"{found.structure.name}: its volume is {each.theirs.value:.2f} cc by {system} and "
                f"{each.ours.value:.2f} cc here: {why}"
            )
            yield Finding("stored-dvh", Severity.WARN, text, (found.structure.name,))
