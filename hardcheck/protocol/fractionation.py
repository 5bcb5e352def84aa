"""The schedules that the numbers of a protocol are for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

TOLERANCE_GY: Final = 0.005
"""Doses per fraction are said to the centigray: 50.4 Gy in 28 fractions is 1.8 Gy, as is 45.1 Gy in 25."""


@dataclass(frozen=True, slots=True)
class Fractionation:
    """Ranges, both ends included; None where any will do."""

    fractions: tuple[int, int] | None = None
    dose_per_fraction_gy: tuple[float, float] | None = None

    def refuses(self, fractions: int | None, dose_gy: float | None) -> str | None:
        """Why a course of `dose_gy` in `fractions` is not one of these schedules, in one line; None where it is.

        What is not known of the course is no reason to think that it is one.
        """
        if fractions is None or not fractions > 0:
            return f"{self}; the plan has no single number of fractions"
        if self.fractions is not None and not self.fractions[0] <= fractions <= self.fractions[1]:
            return f"{self}; the plan has {fractions}"
        if self.dose_per_fraction_gy is None:
            return None
        if dose_gy is None:
            return f"{self}; the plan states no prescription"
        low_gy, high_gy = self.dose_per_fraction_gy
        if low_gy - TOLERANCE_GY <= dose_gy / fractions <= high_gy + TOLERANCE_GY:
            return None
        return f"{self}; the plan gives {dose_gy / fractions:.4g} Gy"

    def __str__(self) -> str:
        said = []
        if self.fractions is not None:
            said.append(f"{_range(*self.fractions)} fractions")
        if self.dose_per_fraction_gy is not None:
            said.append(f"{_range(*self.dose_per_fraction_gy)} Gy per fraction")
        return f"for schedules of {' and '.join(said) or 'any kind'}"


def _range(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
