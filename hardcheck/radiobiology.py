"""The linear-quadratic model: biologically effective dose, dose in 2 Gy fractions, and the schedules that are known.

BED = n d (1 + d / ab) and EQD2 = n d (d + ab) / (2 + ab) for n fractions of d Gy and alpha/beta of ab Gy (Fowler 1989,
Br J Radiol 62:679; Bentzen et al. 2012, Radiother Oncol 105:266). Repopulation and incomplete repair are not in them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from hardcheck.plan.geometry import Floats

Dose = TypeVar("Dose", float, "Floats")

EXTRAPOLATED_GY: Final = 10.0
"""Dose per fraction up to which the model is validated (Brenner 2008, Semin Radiat Oncol 18:234); above, it is
extrapolated."""

SAME_GY: Final = 0.005
"""Doses per fraction are said to the centigray: 42.75 Gy in 15 fractions is 2.85 Gy."""


def bed_gy(fractions: int, dose_per_fraction_gy: Dose, alpha_beta_gy: float) -> Dose:
    """Biologically effective dose in Gy of `fractions` of `dose_per_fraction_gy`, a number or an array, 0 or more."""
    return fractions * dose_per_fraction_gy * (1 + dose_per_fraction_gy / alpha_beta_gy)


def eqd2_gy(fractions: int, dose_per_fraction_gy: Dose, alpha_beta_gy: float) -> Dose:
    """The dose in Gy that has the same effect in fractions of 2 Gy; doses as in `bed_gy`."""
    return fractions * dose_per_fraction_gy * (dose_per_fraction_gy + alpha_beta_gy) / (2 + alpha_beta_gy)


@dataclass(frozen=True, slots=True)
class Conversion:
    """From the physical dose D of a course of `fractions` to its `effect`, "EQD2" or "BED", with d = D / n.

    It rises with the dose from 0 Gy on, so the effect at the hottest 1 cc is that of the dose there; it is quadratic,
    so the mean is not: see `bend`.
    """

    effect: str
    alpha_beta_gy: float
    fractions: int

    def __post_init__(self) -> None:
        if self.effect not in ("EQD2", "BED") or not self.alpha_beta_gy > 0 or not self.fractions >= 1:
            raise ValueError(f"not a conversion: {self}")

    def of(self, dose_gy: Dose) -> Dose:
        """The effect in Gy of a physical dose in Gy, a number or an array, 0 or more."""
        convert = eqd2_gy if self.effect == "EQD2" else bed_gy
        return convert(self.fractions, dose_gy / self.fractions, self.alpha_beta_gy)

    def physical_gy(self, effect_gy: float) -> float:
        """The physical dose in Gy that has this effect."""
        bed = effect_gy * (1 + 2 / self.alpha_beta_gy) if self.effect == "EQD2" else effect_gy
        # The root of D + D^2 / (n ab) = BED, in the form that loses no digits where the dose is small.
        return 2 * bed / (1 + math.sqrt(1 + 4 * bed / (self.fractions * self.alpha_beta_gy)))

    @property
    def bend(self) -> float:
        """The factor of D^2, in 1/Gy: the mean effect is the effect of the mean dose and this times the variance."""
        denominator = 2 + self.alpha_beta_gy if self.effect == "EQD2" else self.alpha_beta_gy
        return 1 / (self.fractions * denominator)

    def is_extrapolated(self, dose_gy: float) -> bool:
        """Whether a physical dose is more per fraction than the model was made for."""
        return dose_gy / self.fractions > EXTRAPOLATED_GY + SAME_GY


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule that a plan can be recognised by; `alpha_beta_gy` is the value that its source counts with."""

    fractions: int
    dose_per_fraction_gy: float
    name: str
    alpha_beta_gy: float
    alpha_beta_of: str
    source: str

    @property
    def eqd2_gy(self) -> float:
        """The dose in Gy that has the same effect in fractions of 2 Gy."""
        return eqd2_gy(self.fractions, self.dose_per_fraction_gy, self.alpha_beta_gy)

    def __str__(self) -> str:
        said = f"{self.fractions} x {self.dose_per_fraction_gy:g} Gy: {self.name}; EQD2 {self.eqd2_gy:.1f} Gy"
        return f"{said} (alpha/beta {self.alpha_beta_gy:g} Gy, {self.alpha_beta_of})"


def _hard(fractions: int, dose_per_fraction_gy: float, source: str = "Bryant et al. 2024") -> Schedule:
    """Of HARD: Bryant et al. 2024, doi 10.1016/j.adro.2024.101447, which counts with 4 Gy."""
    return Schedule(fractions, dose_per_fraction_gy, "HARD", 4.0, "tumour", source)


def _preoperative(fractions: int, dose_per_fraction_gy: float, trial: str = "preoperative") -> Schedule:
    """Of the table in Wiltink et al. 2024, doi 10.1016/j.semradonc.2023.12.004."""
    return Schedule(fractions, dose_per_fraction_gy, trial, 4.9, "sarcoma cell lines", "Wiltink et al. 2024")


SCHEDULES: Final = (
    _hard(22, 3.0),
    _hard(20, 3.0),
    _hard(28, 2.5, "Radiother Oncol 2025;202:110644"),
    _preoperative(25, 2.0),
    _preoperative(15, 2.85),
    _preoperative(10, 3.0),
    _preoperative(10, 3.25),
    _preoperative(10, 3.5),
    _preoperative(5, 3.5),
    _preoperative(8, 3.5),
    _preoperative(5, 5.0),
    _preoperative(5, 6.0),
    _preoperative(5, 7.0),
    _preoperative(5, 8.0),
    _preoperative(14, 3.0),
    _preoperative(18, 2.0, "preoperative, myxoid liposarcoma, DOREMY"),
)
"""One each: of a number of fractions and a dose per fraction there are no two."""


def known_schedule(fractions: int | None, dose_gy: float | None) -> Schedule | None:
    """The known schedule of a course of `dose_gy` in `fractions`; None where it is none, or where either is unknown."""
    if fractions is None or dose_gy is None or fractions < 1:
        return None
    each_gy = dose_gy / fractions
    found = (s for s in SCHEDULES if s.fractions == fractions and abs(s.dose_per_fraction_gy - each_gy) <= SAME_GY)
    return next(found, None)
