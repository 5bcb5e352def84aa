"""Slips in writing a goal: a comparison that points the wrong way, centigray written as gray.

A reversed comparison turns a goal into its opposite: an underdosed target meets it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from hardcheck.metric import DOSE_KINDS, STATISTICS, VOLUME_KINDS, Kind, Metric, decimal_text
from hardcheck.protocol.goal import Claim

MOST_GY: Final = 500.0
"""No course of external radiotherapy prescribes, and no goal asks for, a physical dose beyond it."""

_MOST_OF_IT: Final = 50.0
"""From this volume in % on, D is about how a target is covered, and not about its hot spots."""
_SPARED_BY_LESS: Final = frozenset(
    {Kind.VOLUME_AT_DOSE, Kind.DOSE_AT_VOLUME, Kind.MEAN, Kind.MAXIMUM, Kind.MEDIAN, Kind.GEUD}
)


class Slip(NamedTuple):
    """What is likely to be wrong, and what to write instead."""

    message: str
    instead: str


def reversed_comparison(claim: Claim, role: str, least_gy: float | None = None) -> Slip | None:
    """Why `claim`, as a goal of a target or an organ, points the wrong way; None where it does not.

    `least_gy` is the lowest dose that the level of a target can have, None where that is not known.
    """
    written = f"{claim.metric} {claim.op.turned} {claim.limit}"
    if role == "organ" and _asks_for_dose(claim):
        message = f"'{claim}' asks for dose in an organ, and one that receives too much would meet it"
        return Slip(message, f"write {written}, or role: target if it is to be treated, or tier: advisory")
    if role == "target" and _asks_for_a_lack(claim, least_gy):
        message = f"'{claim}' asks for a lack of dose in a target, and one that is underdosed would meet it"
        return Slip(message, f"write {written}, or tier: advisory if a range is meant")
    return None


def _asks_for_dose(claim: Claim) -> bool:
    if claim.metric.kind is Kind.CRITICAL_VOLUME:
        return claim.op.is_upper
    return claim.metric.kind in _SPARED_BY_LESS and not claim.op.is_upper


def _asks_for_a_lack(claim: Claim, least_gy: float | None) -> bool:
    metric = claim.metric
    if metric.kind is Kind.CRITICAL_VOLUME:
        return not claim.op.is_upper
    if not claim.op.is_upper or metric.effect:
        return False
    if metric.kind in (Kind.DOSE_AT_COLD_VOLUME, Kind.MINIMUM):
        return True
    if metric.kind is Kind.VOLUME_AT_DOSE and metric.at is not None:
        share = _share(metric.at, metric.at_unit, least_gy)
        return share is not None and share <= 1
    if metric.kind is Kind.DOSE_AT_VOLUME and metric.at_unit == "%" and (metric.at or 0) >= _MOST_OF_IT:
        share = _share(claim.limit.value, metric.unit, least_gy)
        return share is not None and share < 1
    return False


def _share(dose: float, unit: str, least_gy: float | None) -> float | None:
    """`dose` over the level of the target; None where that is not known."""
    if unit == "%":
        return dose / 100
    return dose / least_gy if least_gy else None


def excessive_dose(claim: Claim) -> Slip | None:
    """Why a dose in `claim` cannot be in Gy, None where it can; a radiobiological dose may be of any size."""
    in_gy = claim.metric.kind in DOSE_KINDS | STATISTICS | {Kind.GEUD} and claim.metric.unit == "Gy"
    if in_gy and not claim.metric.effect and (slip := excessive(claim.limit.value)):
        return slip
    return excessive_metric(claim.metric)


def excessive_metric(metric: Metric) -> Slip | None:
    """Why the dose that `metric` is asked at cannot be in Gy, None where it can."""
    if metric.kind not in VOLUME_KINDS or metric.at_unit != "Gy" or metric.effect or metric.at is None:
        return None
    return excessive(metric.at)


def excessive(dose_gy: float) -> Slip | None:
    """Why `dose_gy` cannot be in Gy, None where it can."""
    if dose_gy <= MOST_GY:
        return None
    text = decimal_text(dose_gy)
    return Slip(f"{text} Gy is more than any course of radiotherapy", f"write {text} cGy, or the dose in Gy")
