"""How much of a lack of coverage lies where the target overlaps organs, and whether that is all of it.

HARD takes PTV_HR deliberately to a lower dose where it overlaps an organ at risk (Bryant et al. 2024). A lack that is
confined to the overlap is for a person to judge; it is never good by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hardcheck.dvh import Dvh
from hardcheck.evaluation.levels import Matches
from hardcheck.evaluation.making import Maker
from hardcheck.evaluation.reach import apart
from hardcheck.metric import Kind
from hardcheck.plan import Structure
from hardcheck.protocol import Goal, Protocol
from hardcheck.quantity import Quantity

NOTHING_CC: Final = 1e-6
"""A cubic millimetre in a thousand: what rounding leaves of a volume of nothing."""

Compute = Callable[[Sequence[Structure]], Sequence[Dvh]]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """The volume in cc of a target that receives less than its goal asks, inside and outside of the overlap."""

    inside: Quantity
    outside: Quantity
    organs: tuple[str, ...]
    """ROINames of the organs that it overlaps."""

    @property
    def is_confined(self) -> bool:
        """Whether all of it certainly lies inside of the overlap; nothing that is not known is."""
        return self.outside.high is not None and self.outside.high <= NOTHING_CC and bool(self.organs)

    def __str__(self) -> str:
        if not self.organs:
            return "the target overlaps no organ that is contoured"
        split = f"{_cc(self.inside)} inside and {_cc(self.outside)} outside of its overlap"
        return f"of the target's volume that receives less, {split} with {' and '.join(self.organs)}"


def shortfall_of(
    goal: Goal, target: Structure, level_gy: float | None, organs: Sequence[Structure], maker: Maker, compute: Compute
) -> Shortfall | None:
    """The shortfall of a goal of coverage in `target`, None where `goal` is none.

    `organs` are those that count for the overlap; `compute` gives the DVHs of structures, in their order.
    """
    if goal.metric.kind is not Kind.VOLUME_AT_DOSE or goal.op.is_upper or goal.limit.volume_of is not None:
        return None
    meeting = [organ for organ in organs if not organ.unusable and not apart(target, organ)]
    names = {f"O{i}": organ for i, organ in enumerate(meeting, 1)}
    parts = {"T": target, **names}
    below = replace(goal.metric, kind=Kind.CRITICAL_VOLUME, unit="cc")
    if not meeting:
        (whole,) = compute([target])
        return Shortfall(Quantity(0.0, 0.0, 0.0, "cc"), whole.metric(below, level_gy), ())
    rest = maker.make(" - ".join(parts), parts, target.name)
    overlap = maker.make(f"T & ({' | '.join(names)})", parts, target.name)
    outside, inside = (dvh.metric(below, level_gy) for dvh in compute([rest, overlap]))
    if overlap.unusable:
        return Shortfall(Quantity(0.0, 0.0, 0.0, "cc"), outside, ())
    return Shortfall(inside, outside, tuple(organ.name for organ in meeting))


def organs_of(protocol: Protocol, matches: Matches, maker: Maker) -> list[Structure]:
    """The contoured organs of the protocol, each ROI once."""
    organs = [matches[s.name] for s in protocol.structures if s.role == "organ"]
    return list(dict.fromkeys(roi for match in organs for roi in match.structures if not maker.is_made(roi)))


def _cc(quantity: Quantity) -> str:
    if quantity.value is None:
        return "an unknown volume"
    return f"{quantity.value:.2f} cc ({quantity.low:.2f} to {quantity.high:.2f})"
