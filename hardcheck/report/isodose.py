"""Which isodose lines the pictures have, and how they are called."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from hardcheck.evaluation.levels import is_level
from hardcheck.metric import Kind, decimal_text
from hardcheck.report.raster import Steps, colour_of

if TYPE_CHECKING:
    from hardcheck.evaluation.result import Evaluation, GoalResult

PERCENT: Final = (150, 120, 107, 100, 95, 80, 50, 30)
"""Of the prescription, from the highest."""

LEVEL_COLOUR: Final = "#ffffff"
LEVEL_DASHES: Final = ("8 3", "14 4", "8 3 2 3", "14 3 2 3 2 3")
"""Of the lines at the doses of levels, in turn from the highest."""

GOAL_COLOUR: Final = "#d28769"
GOAL_DASHES: Final = ("2.5 2.5", "10 3 2.5 3", "6 4", "10 3 2.5 3 2.5 3")
"""Of the lines at the doses of the goals of one place, in turn from the highest."""

_STEPS_GY: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
_MOST: Final = 7
"""Lines where no prescription is known."""

_LONGEST: Final = 8
"""Letters of the name of a level at its line: the dose behind it must have room."""


@dataclass(frozen=True, slots=True)
class Isodose:
    """A level: `text` stands at its lines, `beside` in the legend next to it. `dash` is an SVG dash array."""

    dose_gy: float
    text: str
    beside: str
    colour: str
    dash: str = ""


@dataclass(frozen=True, slots=True)
class Isodoses:
    """The levels from the highest, the `steps_gy` of the wash, and what the percentages are of."""

    levels: tuple[Isodose, ...]
    steps_gy: Steps
    of: str
    highest_gy: float = 0.0
    """Of the dose: at this and above there is no line."""

    def at(self, dose_gy: float) -> Isodose | None:
        """The line of that dose, as doses are written."""
        return next((one for one in self.levels if is_level(one.dose_gy, dose_gy)), None)

    def with_goals(self, doses_gy: Iterable[float]) -> Isodoses:
        """The same with lines at the doses of goals, of those that have none here and are reached."""
        missing: list[float] = []
        for dose_gy in sorted(doses_gy, reverse=True):
            known = self.at(dose_gy) is not None or any(is_level(dose_gy, other) for other in missing)
            if not known and 0 < dose_gy < self.highest_gy:
                missing.append(dose_gy)
        own = [
            Isodose(gy, f"{_dose_text(gy)} Gy", "dose of a goal", GOAL_COLOUR, GOAL_DASHES[n % len(GOAL_DASHES)])
            for n, gy in enumerate(missing)
        ]
        return replace(self, levels=_falling((*self.levels, *own)))


def isodoses(evaluation: Evaluation) -> Isodoses:
    """The levels that the plan's dose has: in percent of the prescription where one is known, else in Gy.

    Beside them the doses of the regimen's levels, also those that the plan does not state: a picture decides nothing.
    """
    dose = evaluation.plan.dose
    highest_gy = 0.0 if dose is None else dose.maximum_gy
    level_gy = {name: (gy, "") for name, gy in evaluation.levels.items() if math.isfinite(gy) and gy > 0}
    fixed_gy = {
        name: (gy, ", of the regimen: not stated by the plan") for name, gy in _unstated(evaluation, level_gy).items()
    }
    reference_gy, of = _reference(evaluation, level_gy, fixed_gy)
    if reference_gy is None:
        step = next((step for step in _STEPS_GY if highest_gy / step <= _MOST + 1), _STEPS_GY[-1])
        named = [(n * step, f"{decimal_text(round(n * step, 1))} Gy", "") for n in range(_MOST + 1, 0, -1)]
    else:
        named = [(p * reference_gy / 100, f"{p} %", f"{p * reference_gy / 100:.2f} Gy") for p in PERCENT]
    reached = [one for one in named if one[0] < highest_gy]
    steps = (*(gy for gy, _, _ in reversed(reached)), highest_gy) if reached else ()
    lines = tuple(Isodose(*one, colour_of(one[0], steps)) for one in reached)
    made = Isodoses(lines, steps, of, highest_gy)
    return _with_levels(made, level_gy | fixed_gy, reference_gy or math.nan)


def goal_dose_gy(result: GoalResult, level_gy: float | None) -> float | None:
    """The dose that a goal is about: the one of its volume, or its limit; None where it is about no single one.

    `level_gy` is what percentages are of, None where that is not known.
    """
    metric = result.goal.metric
    if metric.effect:
        return None
    match metric.kind:
        case Kind.VOLUME_AT_DOSE | Kind.CRITICAL_VOLUME:
            value, unit = metric.at, metric.at_unit
        case Kind.DOSE_AT_VOLUME | Kind.DOSE_AT_COLD_VOLUME | Kind.MAXIMUM | Kind.MINIMUM:
            value, unit = result.limit, metric.unit
        case _:
            return None
    if value is not None and unit == "%":
        value = None if level_gy is None else value * level_gy / 100
    return value if value is not None and math.isfinite(value) else None


def _dose_text(dose_gy: float) -> str:
    return decimal_text(round(dose_gy, 2))


def _falling(levels: Iterable[Isodose]) -> tuple[Isodose, ...]:
    return tuple(sorted(levels, key=lambda one: -one.dose_gy))


Named = Mapping[str, tuple[float, str]]
"""The doses in Gy of levels by name, each with what must be known of it."""


def _with_levels(made: Isodoses, levels: Named, reference_gy: float) -> Isodoses:
    """With the lines of levels: those that there are get their names, and the others are added."""
    lines = list(made.levels)
    added = 0
    for name, (gy, note) in sorted(levels.items(), key=lambda one: -one[1][0]):
        same = next((n for n, one in enumerate(lines) if is_level(one.dose_gy, gy)), None)
        if same is not None:
            said = f"{lines[same].beside}, level {name}" if lines[same].beside else f"level {name}"
            lines[same] = replace(lines[same], beside=f"{said}{note}")
        elif gy < made.highest_gy:
            short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1].rstrip()}…"
            share = "" if math.isnan(reference_gy) else f"{100 * gy / reference_gy:.1f} %, "
            dash = LEVEL_DASHES[added % len(LEVEL_DASHES)]
            lines.append(Isodose(gy, f"{short} {_dose_text(gy)} Gy", f"{share}level {name}{note}", LEVEL_COLOUR, dash))
            added += 1
    return replace(made, levels=_falling(lines))


def _unstated(evaluation: Evaluation, known: Named) -> dict[str, float]:
    """Levels whose dose the regimen fixes, and of which nothing shows that the plan prescribes them."""
    fixed = {level.name: level.dose_gy for level in evaluation.regimen.levels if level.name not in known}
    return {name: gy for name, gy in fixed.items() if gy is not None and math.isfinite(gy) and gy > 0}


def _reference(evaluation: Evaluation, level_gy: Named, fixed_gy: Named) -> tuple[float | None, str]:
    """The prescription of the plan, else the highest level that is known, else the highest that the regimen fixes."""
    dose_gy = evaluation.plan.prescription_gy
    if dose_gy is not None and math.isfinite(dose_gy) and dose_gy > 0:
        return dose_gy, f"the prescription, {decimal_text(dose_gy)} Gy"
    for levels, note in ((level_gy, ""), (fixed_gy, " of the regimen; that it is prescribed, the plan does not say")):
        if levels:
            name = max(levels, key=lambda one: levels[one][0])
            return levels[name][0], f"the level {name}, {decimal_text(levels[name][0])} Gy{note}"
    return None, ""
