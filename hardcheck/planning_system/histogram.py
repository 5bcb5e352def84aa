"""A curve of the planning system as a `Dvh`, so that it is asked the same questions as ours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hardcheck.dvh import Dvh
from hardcheck.dvh.distribution import Distribution
from hardcheck.metric import Metric
from hardcheck.plan import StoredDvh, Structure
from hardcheck.quantity import Quantity

NO_VOLUME = "the planning system's export gives no volume in cc"


@dataclass(frozen=True, slots=True, eq=False)
class _WithoutVolume(Dvh):
    """A DVH of which the shares alone are known."""

    def metric(self, metric: Metric | str, level_gy: float | None = None) -> Quantity:
        """`metric`, unknown where it is about cc."""
        if isinstance(metric, str):
            metric = Metric.parse(metric)
        if "cc" in (metric.unit, metric.at_unit):
            return Quantity.unknown(metric.unit, NO_VOLUME)
        return Dvh.metric(self, metric, level_gy)


def histogram(structure: Structure, curve: StoredDvh, engine: str) -> Dvh:
    """`curve` of `structure`: values without an interval, linear between the points of the curve.

    Minimum, mean and maximum are the stated ones where there are any, else those of the curve, to a bin.
    """
    kind = Dvh if curve.volume_cc is not None else _WithoutVolume
    share, dose = curve.share, curve.dose_gy
    low, mean, high = curve.minimum_gy, curve.average_gy, curve.maximum_gy
    low = low if low is not None else float(dose[max(int(np.argmax(share < 1)) - 1, 0)])
    high = high if high is not None else float(dose[int(np.argmax(share <= 0))])
    mean = mean if mean is not None else curve.mean_gy
    volume = share * (curve.volume_cc or 1.0)
    distribution = Distribution(dose, volume, float(np.clip(mean, low, max(low, high))), low, max(low, high))
    return kind(structure, engine, (distribution,), caveats=curve.notes)
