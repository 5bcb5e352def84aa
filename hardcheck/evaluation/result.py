"""What an evaluation says: one result per goal, met or not, and one verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from hardcheck.metric import Metric
from hardcheck.plan import Finding, Plan, Structure
from hardcheck.protocol import Claim, Goal, Match, Protocol, Regimen
from hardcheck.quantity import Quantity

if TYPE_CHECKING:
    from hardcheck.dvh import Dvh
    from hardcheck.evaluation.acceptance import Acceptance
    from hardcheck.evaluation.opinion import SecondOpinion
    from hardcheck.evaluation.scale import GoalScale, PlanScale
    from hardcheck.evaluation.shortfall import Shortfall
    from hardcheck.evaluation.spot import GoalSpot
    from hardcheck.lattice import Lattice


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
    recipe: str | None = None
    """The expression that the value is of, as in ``Cord - PTV_HR``; None where it is of the whole contour."""
    derived_volume: Quantity | None = None
    """The volume in cc of what the recipe makes."""
    whole: Quantity | None = None
    """The value without the subtraction, where that changes it; of the whole contour where nothing else is known."""
    by_whole: bool = False
    """The part that it is about is not known, and the value is of the whole contour, which meets it."""
    review: str | None = None
    """Why a person has to judge it, although its outcome alone does not ask for that."""
    shortfall: Shortfall | None = None
    """How a lack of coverage divides into the overlap with organs and the rest."""
    alternatives: tuple[GoalResult, ...] = ()
    """Of the other ways to meet the goal. Value and limit of this result are of the first way."""
    structure_number: int | None = None
    """The number of the structure that the value is of, contoured or made, among the `dvhs` or the `parts` of the
    evaluation; None without a value."""
    spot: GoalSpot | None = None
    """Where it is hottest or coldest, of a goal that is not met or marginal."""
    dose_scale: GoalScale | None = None
    """By how much the whole dose would have to be scaled, of a goal that is not met or marginal."""
    findings: tuple[str, ...] = ()
    """Ids of the checks of the plan that found something graver than INFO about the ROIs that the value rests on."""

    @property
    def claim(self) -> Claim:
        """What the value was held against."""
        return Claim(self.goal.metric, self.goal.op, self.goal.limit)

    @property
    def told(self) -> str:
        """The outcome in words, with value and interval, or the reason why there is none."""
        quantity, word = self.quantity, self.outcome.replace("_", " ").lower()
        if quantity.value is None:
            return f"{word}, {self.reason or quantity.reason}"
        return f"{word}, {quantity.value:.2f} ({quantity.low:.2f} to {quantity.high:.2f}) {quantity.unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Reported:
    """A value that the protocol asks for without a limit; unknown, with a reason, where it could not be had."""

    structure: str
    metric: Metric
    quantity: Quantity
    roi_number: int | None = None
    roi_name: str | None = None
    recipe: str | None = None
    """What the value is of, as of a goal."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a protocol asks of vertices, held against what there is; it decides nothing."""

    name: str
    quantity: Quantity
    """Of several vertices the lowest value, with an interval up to the highest."""
    wanted: str
    outcome: Outcome
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class LatticeResult:
    """The vertices in one ROI of a structure that the protocol asks vertices of.

    `lattice` is None where no number of it may be believed; `reason` says why, or why no vertex could be told.
    """

    structure: str
    roi_number: int | None
    roi_name: str | None
    vertex_dose: str
    """What was declared of the dose of the vertices, in words."""
    lattice: Lattice | None = None
    asked: tuple[Asked, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A plan held against a protocol. `dvhs` by ROINumber, of the structures that the goals use.

    A structure that was made because nobody contoured it has a number below those of all ROIs.
    """

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
    parts: Mapping[int, Dvh] = field(default_factory=dict)
    """Of the parts of organs that goals are about, by the `structure_number` of the results."""
    reported: tuple[Reported, ...] = ()
    """What the protocol asks to be reported without a limit."""
    second_opinions: tuple[SecondOpinion, ...] = ()
    """The planning system's own DVHs beside ours, one for each source that there is."""
    matches: Mapping[str, Match[Structure]] = field(default_factory=dict)
    """Which ROIs each structure of the protocol is, and how they were found."""
    accepted: tuple[Acceptance, ...] = ()
    """What people accepted; neither outcomes nor verdict take account of it."""
    dose_scale: PlanScale | None = None
    """The factors on the whole dose that the required goals allow; None where none was evaluated."""
    lattices: tuple[LatticeResult, ...] = ()
    """The vertices in each target that the protocol asks vertices of."""

    def matched_by(self, name: str, roi_number: int | None) -> str | None:
        """How the ROI of that number was found to be the structure `name`, in words; None where it was not.

        What was made of others stands in results without a number.
        """
        way = self.matches[name].way(roi_number) if name in self.matches else None
        return None if way is None else str(way)

    def count(self, outcome: Outcome) -> int:
        """How many goals have that outcome."""
        return sum(r.outcome is outcome for r in self.results)
