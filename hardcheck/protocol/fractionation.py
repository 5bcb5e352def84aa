"""The schedules that the numbers of a protocol are for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

TOLERANCE_GY: Final = 0.005
"""Doses per fraction are said to the centigray: 50.4 Gy in 28 fractions is 1.8 Gy, as is 45.1 Gy in 25."""


EQD2_FRACTION_GY: Final = 2.0
"""The dose per fraction that EQD2 is of."""


@dataclass(frozen=True, slots=True)
class Fractionation:
    """Ranges, both ends included; None where any will do."""

    fractions: tuple[int, int] | None = None
    dose_per_fraction_gy: tuple[float, float] | None = None
    convert_with_alpha_beta_gy: float | None = None
    """Doses of a plan with another dose per fraction are held against the numbers as EQD2; None where they are not."""

    def refuses(self, fractions: int | None, dose_gy: float | None, called: str = "the plan") -> str | None:
        """Why a course of `dose_gy` in `fractions` is not one of these schedules, in one line; None where it is.

        What is not known of the course is no reason to think that it is one. `called` is the course in that line.
        """
        if fractions is None or not fractions > 0:
            return f"{self._schedules}; {called} has no single number of fractions"
        if self.fractions is not None and not self.fractions[0] <= fractions <= self.fractions[1]:
            return f"{self._schedules}; {called} has {fractions}"
        if self.dose_per_fraction_gy is None:
            return None
        if dose_gy is None:
            return f"{self._schedules}; {called} states no prescription"
        if self._holds(dose_gy / fractions):
            return None
        return f"{self._schedules}; {called} gives {dose_gy / fractions:.4g} Gy"

    def converts(self, fractions: int | None, dose_gy: float | None) -> bool:
        """Whether a course of `dose_gy` in `fractions` that is refused may be held against the numbers as EQD2.

        Only where they are for about 2 Gy, and for any number of fractions; and a course that is known.
        """
        if self.convert_with_alpha_beta_gy is None or fractions is None or dose_gy is None:
            return False
        is_known = fractions > 0 and math.isfinite(dose_gy) and dose_gy > 0
        return is_known and self.can_convert

    @property
    def can_convert(self) -> bool:
        """Whether EQD2 is a dose that the numbers are for."""
        return self.fractions is None and self.dose_per_fraction_gy is not None and self.allows_eqd2

    @property
    def allows_eqd2(self) -> bool:
        """Whether the numbers may be for 2 Gy per fraction: where they are for others, EQD2 is none of theirs."""
        return self._holds(EQD2_FRACTION_GY)

    def _holds(self, dose_per_fraction_gy: float) -> bool:
        low_gy, high_gy = self.dose_per_fraction_gy or (-math.inf, math.inf)
        return low_gy - TOLERANCE_GY <= dose_per_fraction_gy <= high_gy + TOLERANCE_GY

    def __str__(self) -> str:
        if self.convert_with_alpha_beta_gy is None:
            return self._schedules
        return f"{self._schedules}, others in EQD2 with alpha/beta {self.convert_with_alpha_beta_gy:g} Gy"

    @property
    def _schedules(self) -> str:
        said = []
        if self.fractions is not None:
            said.append(f"{_range(*self.fractions)} fractions")
        if self.dose_per_fraction_gy is not None:
            said.append(f"{_range(*self.dose_per_fraction_gy)} Gy per fraction")
        return f"for schedules of {' and '.join(said) or 'any kind'}"


def _range(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
