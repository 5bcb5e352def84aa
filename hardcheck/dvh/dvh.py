"""The dose-volume histogram of one structure, with an interval on every number."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np

from hardcheck.dvh.average import Average
from hardcheck.dvh.distribution import DOSE_EPSILON_GY, Distribution
from hardcheck.dvh.slack import NO_SLACK, Slack
from hardcheck.metric import DOSE_KINDS, VOLUME_KINDS, Kind, Metric
from hardcheck.plan import Structure
from hardcheck.plan.geometry import Floats
from hardcheck.quantity import Quantity
from hardcheck.radiobiology import EXTRAPOLATED_GY, Conversion

LARGE_SHARE: Final = 0.5
"""A D of more than this share of the structure's volume says more about the structure than about its extreme dose."""

VOLUME_EPSILON: Final = 1e-6
"""Shares of the volume closer than this are the same."""

REFLECT: Final = 2.0
"""How much of the difference of two ways to fill the space between planes may lie on either side of the value."""

CURVE_POINTS: Final = 1000

NO_DOSE: Final = "without its end caps the structure is wholly outside of the dose grid"
NO_LEVEL: Final = "the prescription level that the dose is in percent of is not known"

Bounds = tuple[float, float, float]
"""Low, value and high of one distribution; low and high differ where part of the structure has no known dose."""


@dataclass(frozen=True, slots=True, eq=False)
class Dvh:
    """The DVH of `structure`.

    `distributions` are the same structure under several models of what its contours leave open; the first is the
    one that values are of, and all of them span the interval. Where nothing could be computed there is none, and
    `reason` says why.
    """

    structure: Structure
    engine: str
    distributions: tuple[Distribution, ...] = ()
    slack: Slack = NO_SLACK
    widest_gy: tuple[float, float] | None = None
    """How far the least and the greatest dose may go beyond those of the distributions."""
    turning: int = 0
    """How many of the distributions after the first differ from it by what may as well go the other way."""
    caveats: tuple[str, ...] = ()
    reason: str | None = None
    fractions: int | None = None
    """Of the course whose dose it is, for BED and EQD2; None where that is not known."""
    converted: Callable[[str, float], Dvh] | None = None
    """Of several plans: the DVH of the structure in the "EQD2" or "BED" with an alpha/beta that they have together."""

    def spanning(self, other: Dvh) -> Dvh:
        """The same DVH with intervals that hold those of `other`, another model of the same structure."""
        if other.reason is not None or self.reason is not None:
            return self if self.reason is None else other
        widest = self.widest_gy
        if widest is not None and other.widest_gy is not None:
            widest = min(widest[0], other.widest_gy[0]), max(widest[1], other.widest_gy[1])
        return replace(self, distributions=self.distributions + other.distributions, widest_gy=widest)

    @property
    def volume(self) -> Quantity:
        """The volume in cc."""
        return self.metric(Metric(Kind.VOLUME, "cc"))

    @property
    def in_grid_fraction(self) -> float | None:
        """The share of the volume whose dose is known."""
        if not self.distributions:
            return None
        return self.distributions[0].inside_cc / self.distributions[0].total_cc

    @property
    def mean_gy(self) -> float | None:
        """Mean dose of the volume whose dose is known."""
        return self.distributions[0].mean_gy if self.distributions else None

    @property
    def minimum_gy(self) -> float | None:
        """Least dose of the trilinear field over the volume whose dose is known."""
        return self.distributions[0].minimum_gy if self.distributions else None

    @property
    def maximum_gy(self) -> float | None:
        """Greatest dose of the trilinear field over the volume whose dose is known."""
        return self.distributions[0].maximum_gy if self.distributions else None

    def curve(self) -> tuple[Floats, Floats]:
        """Dose in Gy and volume in cc at or above it, (n,) each, at most some 1000 points of the exact curve."""
        if not self.distributions:
            return np.empty(0), np.empty(0)
        full = self.distributions[0]
        doses = np.linspace(0.0, full.maximum_gy, CURVE_POINTS)
        return doses, np.array([full.volume_at(d) for d in doses])

    def volumes(self, doses_gy: Floats) -> tuple[Floats, Floats] | None:
        """The metrics V[%] and V[cc] at doses (n,), the curve with its interval: low, value and high, (3, n) each.

        None where they have no value.
        """
        if self.reason is not None or not self.distributions[0].is_known:
            return None
        value = self.distributions[0].volumes_at(doses_gy)
        shifts = self.slack.around_each(doses_gy)
        spans = [_spans(d, doses_gy - shift, self.slack) for d in self.distributions for shift in shifts]
        turning = [_spans(d, doses_gy, NO_SLACK) for d in self.distributions[1 : 1 + self.turning]]
        percent, cc = (
            _hull(np.minimum(value * scale, most), [s[unit] for s in spans], [s[unit] for s in turning])
            for unit, scale, most in ((0, 100 / self.distributions[0].inside_cc, 100.0), (1, 1.0, np.inf))
        )
        off = self.slack.volume
        cc = np.maximum(np.stack([cc[0] * (1 - off), cc[1], cc[2] * (1 + off)]), 0.0)
        return np.clip(percent, 0.0, 100.0), cc

    def metric(self, metric: Metric | str, level_gy: float | None = None) -> Quantity:
        """`metric` of this structure. A dose in % is of `level_gy`, the structure's own prescription level.

        BED and EQD2 are of the dose at each point, in `fractions`, before the histogram (`hardcheck.radiobiology`).

        MetricError where `metric` is a text that is not a metric. What cannot be known is a quantity with a reason.
        """
        if isinstance(metric, str):
            metric = Metric.parse(metric)
        if self.reason is not None:
            return Quantity.unknown(metric.unit, self.reason)
        if not self.distributions[0].is_known and metric.kind is not Kind.VOLUME:
            return Quantity.unknown(metric.unit, NO_DOSE)
        if metric.effect and self.converted is not None:
            return self._of_course(self.converted, metric)
        try:
            if metric.kind is Kind.GEUD or (metric.effect and metric.kind is Kind.MEAN):
                return self._average(metric, level_gy)
            return self._converted(metric) if metric.effect else self._read(metric, level_gy)
        except _UnknownError as unknown:
            return Quantity.unknown(metric.unit, str(unknown))

    def _read(self, metric: Metric, level_gy: float | None) -> Quantity:
        """A `metric` of the physical dose that the distributions tell by themselves."""
        bounds = _bounds(metric, level_gy)
        value = bounds(self.distributions[0], 0.0, NO_SLACK.sampled_cc)[1]
        sampled = self.slack.sampled_cc
        shifts = self._shifts(metric, value, level_gy)
        spans = [bounds(d, shift, sampled) for d in self.distributions for shift in shifts]
        low, high = self._spanned(value, spans, lambda d: bounds(d, 0.0, NO_SLACK.sampled_cc))
        if metric.unit == "cc":
            low, high = max(low * (1 - self.slack.volume), 0.0), high * (1 + self.slack.volume)
        elif metric.unit == "%" and metric.kind in VOLUME_KINDS:
            low, high = max(low, 0.0), min(high, 100.0)
        elif metric.kind in (Kind.MINIMUM, Kind.MAXIMUM) and self.widest_gy is not None:
            scale = 100.0 / level_gy if metric.unit == "%" and level_gy else 1.0
            least, greatest = self.widest_gy
            low = min(low, least * scale) if metric.kind is Kind.MINIMUM else low
            high = max(high, greatest * scale) if metric.kind is Kind.MAXIMUM else high
        if metric.unit == "Gy" or metric.kind not in VOLUME_KINDS:
            low = max(low, min(value, 0.0))  # no dose is negative, but what a wrong file may say stays as it is
        return Quantity(value, low, high, metric.unit, None, self._caveats(metric))

    def _spanned(
        self, value: float, spans: Iterable[Bounds], plain: Callable[[Distribution], Bounds]
    ) -> tuple[float, float]:
        """Low and high around `value` from `spans` of all distributions; `plain` gives those of one as it is."""
        # What filling the planes otherwise, and sampling less, change may as well go the other way.
        other = map(plain, self.distributions[1 : 1 + self.turning])
        turned = max((REFLECT * max(low - value, value - high) for low, _, high in other), default=0.0)
        lows, _, highs = zip(*spans, strict=True)
        return min(value - turned, *lows), max(value + turned, *highs)

    def _average(self, metric: Metric, level_gy: float | None) -> Quantity:
        """gEUD, or the mean of BED or EQD2: of all doses together, so that none may be unknown to the model."""
        conversion = self._conversion(metric) if metric.effect else None
        self._refuse_negative(metric)
        if metric.unit == "%" and not level_gy:
            raise _UnknownError(NO_LEVEL)
        average = Average(metric.at if metric.at is not None else 1.0, conversion)
        value = average.bounds(self.distributions[0])[1]
        ways = product(self.distributions, (-1, 1), (False, True))
        spans = [average.bounds(d, self.slack, sign, bent=bent) for d, sign, bent in ways]
        low, high = self._spanned(value, spans, average.bounds)
        found = Quantity(value, max(low, 0.0), high, "Gy", None, self._caveats(metric))
        if conversion is not None:
            return _with_caveat(found, conversion, self.distributions[0].maximum_gy)
        return found.scaled(100.0 / level_gy, "%") if metric.unit == "%" and level_gy else found

    def _converted(self, metric: Metric) -> Quantity:
        """A point of the curve in BED or EQD2: that of the physical dose, since they rise with it."""
        conversion = self._conversion(metric)
        self._refuse_negative(metric)
        physical = replace(metric, effect="", alpha_beta_gy=None)
        if metric.kind in VOLUME_KINDS:
            dose_gy = conversion.physical_gy(metric.at or 0.0)
            return _with_caveat(self._read(replace(physical, at=dose_gy), None), conversion, dose_gy)
        found = self._read(physical, None)
        if found.value is None or found.low is None or found.high is None:
            return found
        low, value, high = (
            conversion.of(max(dose_gy, 0.0)) if dose_gy < math.inf else dose_gy
            for dose_gy in (found.low, found.value, found.high)
        )
        return _with_caveat(replace(found, low=low, value=value, high=high), conversion, found.value)

    def _conversion(self, metric: Metric) -> Conversion:
        """From the doses of this course to what `metric` is of."""
        if self.fractions is None or self.fractions < 1 or metric.alpha_beta_gy is None:
            raise _UnknownError(f"{metric.effect} is of a number of fractions, which is not known")
        return Conversion(metric.effect, metric.alpha_beta_gy, self.fractions)

    def _refuse_negative(self, metric: Metric) -> None:
        least_gy = min(d.minimum_gy for d in self.distributions)
        if not least_gy >= -DOSE_EPSILON_GY:
            raise _UnknownError(f"the dose goes down to {least_gy:.3g} Gy; {metric} is of doses from 0 Gy on")

    def _of_course(self, converted: Callable[[str, float], Dvh], metric: Metric) -> Quantity:
        """`metric` of the effect that the plans of a course have together, which no conversion of their sum gives."""
        found = converted(metric.effect, metric.alpha_beta_gy or math.nan)
        return found.metric(replace(metric, effect="", alpha_beta_gy=None))

    def _shifts(self, metric: Metric, value: float, level_gy: float | None) -> tuple[float, float]:
        """By how much the doses near those that `metric` is about may be off."""
        if metric.kind is Kind.MEAN:
            return self.slack.around_mean()
        percent = level_gy / 100 if level_gy is not None else math.nan
        if metric.kind in VOLUME_KINDS:
            return self.slack.around((metric.at or 0.0) * (percent if metric.at_unit == "%" else 1.0))
        return self.slack.around(value * (percent if metric.unit == "%" else 1.0))

    def _caveats(self, metric: Metric) -> tuple[str, ...]:
        """The DVH's caveats and those of the metric."""
        volume_cc = self.distributions[0].total_cc
        share = 0.0
        if metric.kind in DOSE_KINDS and metric.at_unit == "cc" and metric.at is not None:
            share = metric.at / volume_cc
        if share > LARGE_SHARE:
            return (*self.caveats, f"{metric.at:g} cc is {share:.0%} of the structure's {volume_cc:.3g} cc")
        return self.caveats


class _UnknownError(Exception):
    """Carries the reason why a metric has no value; never leaves this module."""


def _with_caveat(found: Quantity, conversion: Conversion, dose_gy: float) -> Quantity:
    """`found` of a physical dose up to `dose_gy`, with what is to be said where that is too much per fraction."""
    if found.value is None or not conversion.is_extrapolated(dose_gy):
        return found
    each = f"{dose_gy / conversion.fractions:.3g} Gy per fraction"
    said = f"{each}: above {EXTRAPOLATED_GY:g} Gy the linear-quadratic model is extrapolated"
    return replace(found, caveats=(*found.caveats, said))


Sampled = Callable[[float, float], float]
"""How far a volume may be off, of a total, both in cc."""


def _bounds(metric: Metric, level_gy: float | None) -> Callable[[Distribution, float, Sampled], Bounds]:
    """The function that gives low, value and high of `metric`.

    It takes a distribution, by how much its doses are shifted, and how far its volumes may be off.
    """
    if metric.kind not in _EVALUATORS:
        raise _UnknownError(f"{metric} is about more than the structure's own histogram")
    if "%" in (metric.at_unit if metric.kind in VOLUME_KINDS else metric.unit) and not level_gy:
        raise _UnknownError(NO_LEVEL)
    evaluate = _EVALUATORS[metric.kind]
    if metric.kind in VOLUME_KINDS or metric.kind is Kind.VOLUME or metric.unit != "%":
        return lambda d, shift, sampled: evaluate(d, metric, level_gy, shift, sampled)
    scale = 100.0 / (level_gy or math.nan)

    def percent(d: Distribution, shift: float, sampled: Sampled) -> Bounds:
        low, value, high = evaluate(d, metric, level_gy, shift, sampled)
        return low * scale, value * scale, high * scale

    return percent


def _volume_at_dose(d: Distribution, metric: Metric, level_gy: float | None, shift: float, sampled: Sampled) -> Bounds:
    dose = metric.at or 0.0
    if metric.at_unit == "%":
        dose = dose / 100 * (level_gy or math.nan)
    if not d.is_known:
        return 0.0, 0.0, 100.0 if metric.unit == "%" else d.total_cc
    at_least = d.volume_at(dose - shift)
    volume = d.inside_cc - at_least if metric.kind is Kind.CRITICAL_VOLUME else at_least
    # Beyond the extremes of the dose nothing is sampled.
    off = sampled(volume, d.inside_cc) if d.minimum_gy < dose - shift <= d.maximum_gy else 0.0
    low, high = max(volume - off, 0.0), min(volume + off, d.inside_cc)
    if metric.unit == "cc":
        return low, volume, high + d.outside_cc
    shares = low / d.total_cc, volume / d.inside_cc, (high + d.outside_cc) / d.total_cc
    low, value, high = (100 * min(share, 1.0) for share in shares)
    return low, value, high


def _spans(d: Distribution, at_gy: Floats, slack: Slack) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Low and high of the volume at doses (n,), as `_volume_at_dose` has them: in percent, and in cc."""
    if not d.is_known:
        none, one = np.zeros_like(at_gy), np.ones_like(at_gy)
        return (none, 100 * one), (none, d.total_cc * one)
    volume = d.volumes_at(at_gy)
    off = np.where((d.minimum_gy < at_gy) & (at_gy <= d.maximum_gy), slack.sampled_each_cc(volume, d.inside_cc), 0.0)
    low, high = np.maximum(volume - off, 0.0), np.minimum(volume + off, d.inside_cc) + d.outside_cc
    scale = 100 / d.total_cc
    return (np.minimum(low * scale, 100.0), np.minimum(high * scale, 100.0)), (low, high)


def _hull(value: Floats, spans: Sequence[tuple[Floats, Floats]], turning: Sequence[tuple[Floats, Floats]]) -> Floats:
    """Low, value and high (3, n) around all `spans`, and around what may as well go the other way."""
    turned = np.zeros_like(value)
    for low, high in turning:
        turned = np.maximum(turned, REFLECT * np.maximum(low - value, value - high))
    lowest = np.minimum.reduce([value - turned, *(low for low, _ in spans)])
    highest = np.maximum.reduce([value + turned, *(high for _, high in spans)])
    return np.stack([lowest, value, highest])


def _dose_at_volume(d: Distribution, metric: Metric, _level_gy: float | None, shift: float, sampled: Sampled) -> Bounds:
    share = 50.0 if metric.kind is Kind.MEDIAN else metric.at or 0.0
    if metric.at_unit == "cc":
        inside = whole = share
        if share > d.total_cc and shift == 0.0:
            raise _UnknownError(f"{share:g} cc is more than the structure's volume of {d.total_cc:.3g} cc")
    else:
        inside, whole = share / 100 * d.inside_cc, share / 100 * d.total_cc
    # Where the curve is flat the dose jumps at one volume, and rounding must not choose the side.
    little = VOLUME_EPSILON * d.total_cc
    off = little + sampled(inside, d.inside_cc)
    reaches = whole - d.inside_cc > little  # into the part whose dose is not known
    if metric.kind is Kind.DOSE_AT_COLD_VOLUME:
        value = d.coldest_dose_at(inside)
        low = d.coldest_dose_at(whole - d.outside_cc - off) if whole > d.outside_cc else min(0.0, value)
        high = math.inf if reaches else d.coldest_dose_at(whole + off)
    else:
        value = d.dose_at(inside)
        low = min(0.0, value) if reaches else d.dose_at(whole + off)
        high = d.dose_at(whole - d.outside_cc - off) if whole > d.outside_cc else math.inf
    return min(low, value) + shift, value + shift, max(high, value) + shift


def _mean(d: Distribution, _metric: Metric, _level_gy: float | None, shift: float, _sampled: Sampled) -> Bounds:
    low = d.mean_gy * (d.inside_cc / d.total_cc)
    return low + shift, d.mean_gy + shift, (math.inf if d.outside_cc else d.mean_gy) + shift


def _maximum(d: Distribution, _metric: Metric, _level_gy: float | None, shift: float, _sampled: Sampled) -> Bounds:
    return d.maximum_gy + shift, d.maximum_gy + shift, (math.inf if d.outside_cc else d.maximum_gy) + shift


def _minimum(d: Distribution, _metric: Metric, _level_gy: float | None, shift: float, _sampled: Sampled) -> Bounds:
    low = min(0.0, d.minimum_gy) if d.outside_cc else d.minimum_gy
    return low + shift, d.minimum_gy + shift, d.minimum_gy + shift


def _volume(d: Distribution, _metric: Metric, _level_gy: float | None, _shift: float, _sampled: Sampled) -> Bounds:
    return d.total_cc, d.total_cc, d.total_cc


_EVALUATORS: Final = {
    Kind.VOLUME_AT_DOSE: _volume_at_dose,
    Kind.CRITICAL_VOLUME: _volume_at_dose,
    Kind.DOSE_AT_VOLUME: _dose_at_volume,
    Kind.DOSE_AT_COLD_VOLUME: _dose_at_volume,
    Kind.MEDIAN: _dose_at_volume,
    Kind.MEAN: _mean,
    Kind.MAXIMUM: _maximum,
    Kind.MINIMUM: _minimum,
    Kind.VOLUME: _volume,
}


def unknown(structures: Iterable[Structure], engine: str, reason: str) -> list[Dvh]:
    """DVHs without numbers, all for one reason."""
    return [Dvh(s, engine, reason=reason) for s in structures]
