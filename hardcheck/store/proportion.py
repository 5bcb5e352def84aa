"""A share of plans with its confidence interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Proportion:
    """`met` of `of`, and the bounds of the share; all three shares are None where there is nothing to divide by."""

    met: int
    of: int
    share: float | None
    low: float | None
    high: float | None


def wilson(met: int, of: int, confidence: float = CONFIDENCE) -> Proportion:
    """The share `met` / `of` with its score interval (Wilson, J Am Stat Assoc 22:209, 1927), no continuity correction.

    ValueError where `met` is not from 0 to `of`, or `confidence` not between 0 and 1.
    """
    if not 0 <= met <= of or not 0 < confidence < 1:
        raise ValueError(f"no share: {met} of {of} at {confidence}")
    if of == 0:
        return Proportion(met, of, None, None, None)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, z2 = met / of, z * z / of
    middle = (share + z2 / 2) / (1 + z2)
    half = z / (1 + z2) * math.sqrt(share * (1 - share) / of + z2 / (4 * of))
    # At the ends the bound is the share itself; rounding must not put it on the other side.
    return Proportion(met, of, share, max(min(middle - half, share), 0.0), min(max(middle + half, share), 1.0))
