"""What was asked of a histogram."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hardcheck.metric import Metric

if TYPE_CHECKING:
    from hardcheck.dvh import Dvh
    from hardcheck.quantity import Quantity

ANY_GY = 1.0
ANY_FRACTIONS = 1


@dataclass(frozen=True, slots=True)
class Question:
    """Metrics, the dose that percentages of dose are of, and the course's fractions, None where they were not given."""

    metrics: tuple[Metric, ...]
    level_gy: float | None = None
    fractions: int | None = None

    def answer(self, dvh: Dvh, metric: Metric) -> Quantity:
        """`metric` of `dvh`; where the level or the fractions alone are missing, the reason says how to give them."""
        found = dvh.metric(metric, self.level_gy)
        if found.reason is None:
            return found
        if self.level_gy is None and dvh.metric(metric, ANY_GY).reason != found.reason:
            return replace(found, reason=f"{found.reason}; give --level GY")
        if dvh.fractions is None and replace(dvh, fractions=ANY_FRACTIONS).metric(metric).reason != found.reason:
            return replace(found, reason=f"{found.reason}; give --fractions N")
        return found
