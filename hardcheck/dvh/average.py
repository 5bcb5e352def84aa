"""Averages over a distribution beside its mean dose: gEUD, and the mean of BED and EQD2.

Between two knots of the distribution the dose is spread evenly, so each integral has a closed form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from hardcheck.dvh.distribution import Distribution
from hardcheck.dvh.slack import NO_SLACK, Slack
from hardcheck.plan.geometry import Floats
from hardcheck.radiobiology import Conversion

EVEN: Final = 1e-8
"""Ends that differ by less than this part of themselves are one dose, the one between them."""


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Parts of a volume, (n,) each: the dose in Gy spread evenly from `start_gy` to `end_gy`, in `share` of the volume.

    `share` is more than 0; its sum is 1. `mean_gy` is the mean dose.
    """

    start_gy: Floats
    end_gy: Floats
    share: Floats
    mean_gy: float

    @classmethod
    def of(cls, d: Distribution, volume_cc: Floats, slack: Slack, sign: int, *, bent: bool) -> Pieces:
        """The pieces of the volume whose dose is known, `volume_cc` (n,) of it at the knots; doses moved by `slack`.

        What is moved below 0 Gy is 0 Gy.
        """
        # The first and the last step of a histogram reach beyond the extremes.
        dose = np.concatenate([[d.minimum_gy], np.clip(d.dose_gy, d.minimum_gy, d.maximum_gy), [d.maximum_gy]])
        share = -np.diff(volume_cc, prepend=d.inside_cc, append=0.0) / d.inside_cc
        held = share > 0
        start, end, share = dose[:-1][held], dose[1:][held], share[held]
        moved_start, moved_end = (np.maximum(slack.moved(dose, sign, bent=bent), 0.0) for dose in (start, end))
        # The mean of the distribution is more exact than that of its pieces.
        by = float(np.sum(share * ((moved_start - start) + (moved_end - end)))) / 2
        return cls(moved_start, moved_end, share, max(d.mean_gy + by, 0.0))


@dataclass(frozen=True, slots=True)
class Average:
    """(mean of x^a)^(1/a) with the `exponent` a, which is gEUD (Niemierko 1999, Med Phys 26:1100), and the mean for 1.

    x is the physical dose, or what `conversion` makes of it. With a below 0 it is 0 Gy where some volume has 0 Gy.
    """

    exponent: float = 1.0
    conversion: Conversion | None = None

    def of(self, pieces: Pieces) -> float:
        """The average in Gy.

        Exact for the physical dose and for the mean of BED and EQD2; gEUD of these takes the effect, instead of the
        dose, as spread evenly between two knots.
        """
        convert = self.conversion
        if self.exponent != 1.0:
            start, end = pieces.start_gy, pieces.end_gy
            if convert is not None:
                start, end = convert.of(start), convert.of(end)
            return _power_mean(start, end, pieces.share, self.exponent)
        if convert is None:
            return pieces.mean_gy
        a, b = pieces.start_gy - pieces.mean_gy, pieces.end_gy - pieces.mean_gy
        variance = float(np.sum(pieces.share * (a * a + a * b + b * b))) / 3
        return convert.of(pieces.mean_gy) + convert.bend * variance

    def bounds(
        self, d: Distribution, slack: Slack = NO_SLACK, sign: int = 0, *, bent: bool = False
    ) -> tuple[float, float, float]:
        """Low, value and high, for 0 Gy or any dose where it is not known; where it is, lower or higher by `slack`.

        A mean is as sure as its doses, the rest of the volume outweighing what a part of it is off by; a power is of
        small parts, and counts with what their volumes may be off by too.
        """
        if not d.is_known:
            return 0.0, 0.0, math.inf
        volume = d.volume_cc
        if sign and self.exponent != 1.0:
            off = sign * slack.sampled_each_cc(volume, d.inside_cc)
            volume = np.minimum.accumulate(np.clip(volume + off, 0.0, d.inside_cc))
        value = self.of(Pieces.of(d, volume, slack, sign, bent=bent))
        if not d.outside_cc:
            return value, value, value
        diluted = value * (d.inside_cc / d.total_cc) ** (1 / self.exponent)
        # No dose, however high, makes up for a cold part where the exponent is negative.
        return (0.0, value, diluted) if self.exponent < 0 else (diluted, value, math.inf)


def _power_mean(start: Floats, end: Floats, share: Floats, exponent: float) -> float:
    """The mean of x^a to the power 1 / a, in parts of the greatest x so that no power is too large."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    top = float(high.max())
    if top == 0.0:
        return 0.0
    logs = np.log(share) + _log_mean_power(low / top, high / top, exponent)
    most = float(logs.max())
    if most == math.inf:
        return 0.0
    total = most + math.log(np.sum(np.exp(logs - most)))
    return float(np.clip(top * math.exp(total / exponent), low.min(), top))


def _log_mean_power(low: Floats, high: Floats, exponent: float) -> Floats:
    """The logarithm of the mean of x^a for x spread evenly from `low` to `high`, (n,) from 0 to 1; inf where that is.

    From (high^q - low^q) / (q (high - low)) with q = a + 1, written so that neither large powers nor ends that are
    near to one another lose digits.
    """
    q = exponent + 1.0
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        span = np.where(low > 0, np.log1p((high - low) / low), np.inf)  # log(high / low)
        if q > 0:
            spread = exponent * np.log(high) + np.log(-np.expm1(-q * span)) - np.log(q) - np.log(-np.expm1(-span))
        elif q < 0:
            spread = q * np.log(low) + np.log(-np.expm1(q * span)) - np.log(-q) - np.log(high - low)
        else:
            spread = np.log(span) - np.log(high - low)
        even = exponent * np.log((low + high) / 2)
    return np.where(high - low <= EVEN * high, even, spread)
