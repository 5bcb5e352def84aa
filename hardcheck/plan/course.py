"""A course: several plans of one patient, of which each is given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hardcheck.plan.dose import DoseGrid
from hardcheck.plan.plan import Plan


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """The `plans`, in the order in which they were named.

    `structures_from` is the place among them (0, 1, …) of the plan whose structure set is used.
    """

    plans: tuple[Plan, ...]
    structures_from: int = 0

    @property
    def numbered(self) -> Iterator[tuple[str, Plan]]:
        """Each plan after what it is called: plan 1, plan 2 and so on."""
        return ((f"plan {number}", plan) for number, plan in enumerate(self.plans, 1))

    @property
    def doses(self) -> tuple[DoseGrid, ...] | None:
        """The dose of each plan, None where one has none."""
        doses = tuple(plan.dose for plan in self.plans if plan.dose is not None)
        return doses if len(doses) == len(self.plans) else None

    @property
    def fractions(self) -> int | None:
        """The fractions of all plans together, None where one does not say."""
        counts = [plan.fractions for plan in self.plans if plan.fractions is not None]
        return sum(counts) if len(counts) == len(self.plans) else None

    @property
    def prescription_gy(self) -> float | None:
        """The sum of the highest doses that the plans prescribe to a target, None where one prescribes none."""
        doses = [plan.prescription_gy for plan in self.plans if plan.prescription_gy is not None]
        return sum(doses) if len(doses) == len(self.plans) else None
