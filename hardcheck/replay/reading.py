"""Metrics read off stored curves, with intervals that are wider than those of the evaluation.

A stored curve was given on points and thinned, so that between two of them it may lie anywhere that does not rise. And
the interval of a dose is not quite that of the volumes around it turned on its side, nor do the two ends of an interval
need to fall everywhere. So an interval is taken twice as wide as the curves say. A limit inside of it is not decided.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from hardcheck.metric import Kind, Metric
from hardcheck.quantity import Quantity
from hardcheck.store import StoredCurve, ThinCurve

WIDER: Final = 2.0
"""How much further than the curves say the ends of an interval are taken to lie from the value."""

BOUNDS: Final = ("low", "value", "high")

_KINDS: Final = frozenset({Kind.VOLUME_AT_DOSE, Kind.DOSE_AT_VOLUME, Kind.MEDIAN})


def read(metric: Metric, curves: Mapping[str, StoredCurve], level_gy: float | None) -> Quantity:
    """`metric` of the ROI whose curve and the ends of its interval are `curves`, by `BOUNDS`.

    A dose in % is of `level_gy`. A quantity without a value where curves do not tell.
    """
    if metric.kind not in _KINDS or metric.effect:
        return Quantity.unknown(metric.unit, f"no curve tells {metric}")
    if any(bound not in curves for bound in BOUNDS):
        return Quantity.unknown(metric.unit, "no curve of it is stored")
    if metric.is_of_level and not (level_gy is not None and level_gy > 0):
        return Quantity.unknown(metric.unit, "the prescription level is not stored")
    low, value, high = (curves[bound] for bound in BOUNDS)
    if not (low.curve.volume_cc[0] > 0 and value.curve.volume_cc[0] > 0):
        return Quantity.unknown(metric.unit, "its volume may be nothing")
    found = _volume if metric.kind is Kind.VOLUME_AT_DOSE else _dose
    return _wider(metric, *found(metric, low, value, high, (level_gy or math.nan) / 100))


def _wider(metric: Metric, least: float, value: float, most: float) -> Quantity:
    if math.isnan(value):
        return Quantity.unknown(metric.unit, "it may be smaller than that volume")
    low, high = value - WIDER * max(value - least, 0.0), value + WIDER * max(most - value, 0.0)
    return Quantity(value, low, high, metric.unit)


def _volume(
    metric: Metric, low: StoredCurve, value: StoredCurve, high: StoredCurve, one_percent_gy: float
) -> tuple[float, float, float]:
    """Low, value and high of the volume that receives at least a dose, in cc or percent."""
    dose_gy = (metric.at or 0.0) * (one_percent_gy if metric.at_unit == "%" else 1.0)
    least = _volume_at(low.curve, dose_gy + low.step_gy) - low.curve.volume_error_cc
    most = _volume_at(high.curve, dose_gy - high.step_gy) + high.curve.volume_error_cc
    most = max(most, float(high.curve.volume_cc[-1]))  # beyond its last dose nothing is said
    middle = _volume_at(value.curve, dose_gy)
    if metric.unit == "cc":
        return least, middle, most
    smallest, volume, largest = _volumes(low, value, high)
    return 100 * least / largest, 100 * middle / volume, 100 * most / smallest


def _dose(
    metric: Metric, low: StoredCurve, value: StoredCurve, high: StoredCurve, one_percent_gy: float
) -> tuple[float, float, float]:
    """Low, value and high of the least dose to the hottest volume, in Gy or percent of the level."""
    smallest, volume, largest = _volumes(low, value, high)
    if metric.at_unit == "cc":
        least_cc = asked_cc = most_cc = metric.at or math.nan
        if not asked_cc <= smallest:
            return math.nan, math.nan, math.nan
    else:
        share = 0.5 if metric.kind is Kind.MEDIAN else (metric.at or math.nan) / 100
        least_cc, asked_cc, most_cc = share * smallest, share * volume, share * largest
    least = _dose_at(low.curve, most_cc) - low.curve.dose_error_gy - low.step_gy
    most = _dose_at(high.curve, least_cc) + high.curve.dose_error_gy + high.step_gy
    if least_cc <= high.curve.volume_cc[-1]:
        most = math.inf
    scale = 1 / one_percent_gy if metric.unit == "%" else 1.0
    return least * scale, _dose_at(value.curve, asked_cc) * scale, most * scale


def _volumes(low: StoredCurve, value: StoredCurve, high: StoredCurve) -> tuple[float, float, float]:
    return tuple(float(each.curve.volume_cc[0]) for each in (low, value, high))  # type: ignore[return-value]


def _volume_at(curve: ThinCurve, dose_gy: float) -> float:
    return float(curve.volumes_at(np.array([dose_gy]))[0])


def _dose_at(curve: ThinCurve, volume_cc: float) -> float:
    """The greatest dose that at least `volume_cc` receives; 0 where less than that is there."""
    doses, volumes = curve.dose_gy, curve.volume_cc
    holding = np.flatnonzero(volumes >= volume_cc)
    if not holding.size:
        return 0.0
    last = int(holding[-1])
    if last == doses.size - 1 or volumes[last] == volume_cc:
        return float(doses[last])
    share = (volumes[last] - volume_cc) / (volumes[last] - volumes[last + 1])
    return float(doses[last] + share * (doses[last + 1] - doses[last]))
