"""What was asked of a histogram."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hardcheck.metric import Metric

if TYPE_CHECKING:
    from hardcheck.dvh import Dvh
    from hardcheck.quantity import Quantity

ANY_GY = 1.0


@dataclass(frozen=True, slots=True)
class Question:
    """Metrics, and the dose that percentages of dose are of, None where it was not given."""

    metrics: tuple[Metric, ...]
    level_gy: float | None = None

    def answer(self, dvh: Dvh, metric: Metric) -> Quantity:
        """`metric` of `dvh`; where the level alone is missing, the reason says how to give it."""
        found = dvh.metric(metric, self.level_gy)
        if self.level_gy is not None or found.reason is None or dvh.metric(metric, ANY_GY).reason == found.reason:
            return found
        return replace(found, reason=f"{found.reason}; give --level GY")
