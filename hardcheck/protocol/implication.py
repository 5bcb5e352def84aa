"""Which claims follow from others, whatever the dose distribution.

The volume that receives a dose falls with the dose, and the dose to the hottest volume with the volume. So
``V20Gy[%] < 30 %`` implies ``V25Gy[%] < 35 %``, and ``Max[Gy] < 46 Gy`` implies ``V50Gy[cc] < 5 cc``. Only what can
be proven for every structure is said to follow.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

from hardcheck.metric import DOSE_KINDS, STATISTICS, VOLUME_KINDS, Kind
from hardcheck.protocol.goal import Claim, Op

_FALLS: Final = frozenset({Kind.VOLUME_AT_DOSE, Kind.DOSE_AT_VOLUME})
"""What falls with the dose or volume that it is asked at; CV and DC rise."""
_DOSES: Final = STATISTICS | DOSE_KINDS


def implies(one: Claim, other: Claim) -> bool:
    """Whether every dose distribution that meets `one` provably meets `other`. Both are about the same structure."""
    one, other = _as_received(one), _as_received(other)
    if _frame(one) != _frame(other):
        return False
    if one.metric.kind is other.metric.kind:
        return _implies_of_its_kind(one, other)
    if one.limit.volume_of is not None:
        return False
    bounds_all = one.metric.kind is (Kind.MAXIMUM if one.op.is_upper else Kind.MINIMUM)
    if bounds_all and other.metric.kind in _DOSES and one.metric.unit == other.metric.unit:
        return _is_as_tight(one, other)
    return _implies_by_the_curve(one, other)


def excludes(one: Claim, other: Claim) -> bool:
    """Whether no dose distribution that meets `one` can meet `other`. Both are about the same structure."""
    return implies(one, replace(other, op=other.op.opposite))


def _frame(claim: Claim) -> tuple[object, ...]:
    """What two claims have in common of which one can follow from the other."""
    metric = claim.metric
    return claim.structure, metric.effect, metric.alpha_beta_gy, claim.limit.volume_of, claim.op.is_upper


def _as_received(claim: Claim) -> Claim:
    """A claim on the share that receives less than a dose, as one on the share that receives at least that dose."""
    if claim.metric.kind is not Kind.CRITICAL_VOLUME or claim.metric.unit != "%":
        return claim
    metric = replace(claim.metric, kind=Kind.VOLUME_AT_DOSE)
    limit = replace(claim.limit, value=100.0 - claim.limit.value)
    return replace(claim, metric=metric, op=claim.op.turned, limit=limit)


def _is_as_tight(one: Claim, other: Claim) -> bool:
    """Whether what meets the limit of `one` meets that of `other`; both are upper limits, or both lower ones."""
    if one.limit.value == other.limit.value:
        return one.op in (Op.LESS, Op.MORE) or other.op in (Op.AT_MOST, Op.AT_LEAST)
    return (one.limit.value < other.limit.value) == one.op.is_upper


def _implies_of_its_kind(one: Claim, other: Claim) -> bool:
    if (one.metric.unit, one.metric.at_unit) != (other.metric.unit, other.metric.at_unit):
        return False
    at, other_at = one.metric.at, other.metric.at
    if at is None or other_at is None or one.metric.kind not in VOLUME_KINDS | DOSE_KINDS:
        return at == other_at and _is_as_tight(one, other)
    is_harder = at <= other_at if (one.metric.kind in _FALLS) == one.op.is_upper else at >= other_at
    return is_harder and _is_as_tight(one, other)


class _Point(NamedTuple):
    """A point of the cumulative plot, which the curve passes below or above."""

    dose: float
    dose_unit: str
    volume: float
    volume_unit: str | None
    """None where it is of any unit."""


def _point(claim: Claim) -> _Point | None:
    metric, limit = claim.metric, claim.limit.value
    if metric.kind is Kind.VOLUME_AT_DOSE and metric.at is not None:
        return _Point(metric.at, metric.at_unit, limit, metric.unit)
    if metric.kind is Kind.DOSE_AT_VOLUME and metric.at is not None:
        return _Point(limit, metric.unit, metric.at, metric.at_unit)
    if metric.kind is Kind.MAXIMUM and claim.op.is_upper:
        return _Point(limit, metric.unit, 0.0, None)
    if metric.kind is Kind.MINIMUM and not claim.op.is_upper:
        return _Point(limit, metric.unit, 100.0, "%")
    return None


def _implies_by_the_curve(one: Claim, other: Claim) -> bool:
    """Of a V and a D: with dose and volume both clearly looser, where strict or not makes no difference."""
    first, second = _point(one), _point(other)
    if first is None or second is None or first.dose_unit != second.dose_unit:
        return False
    if None not in (first.volume_unit, second.volume_unit) and first.volume_unit != second.volume_unit:
        return False
    if one.op.is_upper:
        return first.dose < second.dose and first.volume < second.volume
    return first.dose > second.dose and first.volume > second.volume
