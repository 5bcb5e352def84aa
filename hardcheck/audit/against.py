"""What the plans of an archive are held against: one protocol, or of several the one that fits."""

from __future__ import annotations

from dataclasses import dataclass

from hardcheck.archive import LinkedPlan, choose_protocol
from hardcheck.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Against:
    """`protocols` to choose from by the rules of `choose_protocol`; of a `named` one there is no choice.

    `regimen` goes with a named protocol; None is the one that the plan's fractions choose. `files` are what the
    protocols were read from, for the store to keep.
    """

    protocols: tuple[Protocol, ...]
    named: bool = True
    regimen: str | None = None
    files: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.named and len(self.protocols) != 1:
            raise ValueError("one protocol is named, or it is chosen for each plan")

    def of(self, plan: LinkedPlan) -> tuple[Protocol | None, str | None, str]:
        """Protocol and regimen of a complete plan, and the reason where there is none."""
        if self.named:
            return self.protocols[0], self.regimen, ""
        choice = choose_protocol(plan.header, plan.rois, self.protocols)
        if choice.chosen is None or choice.chosen.regimen is None:
            return None, None, choice.reason
        return choice.chosen.protocol, choice.chosen.regimen.id, ""
