"""Which isodose lines the pictures have, and how they are called."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hardcheck.metric import decimal_text
from hardcheck.report.raster import Steps, colour_of

if TYPE_CHECKING:
    from hardcheck.evaluation.result import Evaluation

PERCENT: Final = (150, 120, 107, 100, 95, 80, 50, 30)
"""Of the prescription, from the highest."""

_STEPS_GY: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
_MOST: Final = 7
"""Lines where no prescription is known."""


@dataclass(frozen=True, slots=True)
class Isodose:
    """A level: `text` stands at its lines, `beside` in the legend next to it."""

    dose_gy: float
    text: str
    beside: str
    colour: str


@dataclass(frozen=True, slots=True)
class Isodoses:
    """The levels from the highest, the `steps_gy` of the wash, and what the levels are in percent of."""

    levels: tuple[Isodose, ...]
    steps_gy: Steps
    of: str


def isodoses(evaluation: Evaluation) -> Isodoses:
    """The levels that the plan's dose has: in percent of the prescription where one is known, else in Gy."""
    dose = evaluation.plan.dose
    highest_gy = 0.0 if dose is None else dose.maximum_gy
    reference_gy, of = _reference(evaluation)
    if reference_gy is None:
        step = next((step for step in _STEPS_GY if highest_gy / step <= _MOST + 1), _STEPS_GY[-1])
        doses = [n * step for n in range(_MOST + 1, 0, -1)]
        named = [(gy, f"{decimal_text(round(gy, 1))} Gy", "") for gy in doses]
    else:
        named = [(percent * reference_gy / 100, f"{percent} %", "") for percent in PERCENT]
        named = [(gy, text, f"{gy:.2f} Gy") for gy, text, _ in named]
    reached = [one for one in named if one[0] < highest_gy]
    steps = (*(gy for gy, _, _ in reversed(reached)), highest_gy) if reached else ()
    return Isodoses(tuple(Isodose(*one, colour_of(one[0], steps)) for one in reached), steps, of)


def _reference(evaluation: Evaluation) -> tuple[float | None, str]:
    """The prescription of the plan, else the highest level that is known."""
    dose_gy = evaluation.plan.prescription_gy
    if dose_gy is not None and math.isfinite(dose_gy) and dose_gy > 0:
        return dose_gy, f"the prescription, {decimal_text(dose_gy)} Gy"
    known = {gy: name for name, gy in evaluation.levels.items() if math.isfinite(gy) and gy > 0}
    if known:
        return max(known), f"the level {known[max(known)]}, {decimal_text(max(known))} Gy"
    return None, ""
