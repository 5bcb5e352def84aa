"""What was asked of a histogram."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hardcheck.metric import Metric

if TYPE_CHECKING:
    from hardcheck.dvh import Dvh
    from hardcheck.quantity import Quantity

ANY_GY = 1.0
ANY_FRACTIONS = 1


def _of_dvh(metric: Metric, dvh: Dvh, level_gy: float | None) -> Quantity:
    return dvh.metric(metric, level_gy)


@dataclass(frozen=True, slots=True)
class Question:
    """Metrics, the dose that percentages of dose are of, and the course's fractions, None where they were not given."""

    metrics: tuple[Metric, ...]
    level_gy: float | None = None
    fractions: int | None = None
    measure: Callable[[Metric, Dvh, float | None], Quantity] = _of_dvh
    """The value of a metric in the structure of a histogram: of indices more than that one tells."""

    def answer(self, dvh: Dvh, metric: Metric) -> Quantity:
        """`metric` of `dvh`; where the level or the fractions alone are missing, the reason says how to give them."""
        found = self.measure(metric, dvh, self.level_gy)
        if found.reason is None:
            return found
        if self.level_gy is None and self.measure(metric, dvh, ANY_GY).reason != found.reason:
            return replace(found, reason=f"{found.reason}; give --level GY")
        in_course = replace(dvh, fractions=ANY_FRACTIONS)
        if dvh.fractions is None and self.measure(metric, in_course, self.level_gy).reason != found.reason:
            return replace(found, reason=f"{found.reason}; give --fractions N")
        return found
