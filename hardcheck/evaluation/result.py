"""What an evaluation says: one result per goal, met or not, and one verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from hardcheck.plan import Finding, Plan
from hardcheck.protocol import Goal, Protocol, Regimen
from hardcheck.quantity import Quantity

if TYPE_CHECKING:
    from hardcheck.dvh import Dvh


class Outcome(StrEnum):
    """The outcome of one goal."""

    MET = "MET"
    NOT_MET = "NOT_MET"
    MARGINAL = "MARGINAL"
    NOT_EVALUATED = "NOT_EVALUATED"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class Verdict(StrEnum):
    """The outcome of the plan."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    VARIATION = "VARIATION"
    REVIEW = "REVIEW"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class GoalResult:
    """One goal held against the plan."""

    goal: Goal
    outcome: Outcome
    quantity: Quantity
    """The value with its interval, in the unit of the goal; unknown where the outcome has a reason instead."""
    limit: float | None
    """The limit in the unit of the goal, None where it could not be worked out."""
    roi_number: int | None = None
    roi_name: str | None = None
    reason: str | None = None
    """Why it was not evaluated, does not apply, or is marginal."""
    caveats: tuple[str, ...] = ()
    extreme: Quantity | None = None
    """The highest or lowest dose of the field itself, beside a D0.03cc or DC0.03cc and their kind."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A plan held against a protocol. `dvhs` by ROINumber, of the structures that the goals use."""

    plan: Plan
    protocol: Protocol
    regimen: Regimen
    levels: Mapping[str, float]
    """Prescription levels in Gy by name, of those that are known."""
    results: tuple[GoalResult, ...]
    findings: tuple[Finding, ...]
    verdict: Verdict
    settings: Mapping[str, object] = field(default_factory=dict)
    dvhs: Mapping[int, Dvh] = field(default_factory=dict)
    level_origins: Mapping[str, str] = field(default_factory=dict)
    """How each level of the regimen is known, or why it is not."""

    def count(self, outcome: Outcome) -> int:
        """How many goals have that outcome."""
        return sum(r.outcome is outcome for r in self.results)
