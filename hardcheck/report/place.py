"""Which places of the patient a report pictures, and what it says about each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from hardcheck.metric import decimal_text
from hardcheck.picture import Outline, value_at
from hardcheck.report.isodose import Isodoses, goal_dose_gy, isodoses
from hardcheck.report.number import MINUS, fixed
from hardcheck.report.row import structure_of
from hardcheck.report.spot import spot_text

if TYPE_CHECKING:
    from hardcheck.evaluation.result import Evaluation
    from hardcheck.evaluation.spot import GoalSpot
    from hardcheck.plan import DoseGrid
    from hardcheck.protocol import Level
    from hardcheck.report.row import GoalRow

Point = tuple[float, float, float]
Named = Mapping[int, tuple[str, Outline]]
"""Name and outline of structures by their number."""

SAME_MM: Final = 0.5
"""Places nearer than this are pictured once."""

MOST: Final = 8
"""Places that are pictured; of the goals whose spots are left the number is told."""

_GRAVEST_FIRST: Final = ("fail", "review", "variation", "neutral", "good")


@dataclass(frozen=True, slots=True)
class Caption:
    """Why a place is pictured: the `subjects` with what is known of them, and what to look at."""

    subjects: tuple[str, ...]
    text: str
    look: str
    anchors: tuple[str, ...] = ()
    """Where each subject stands on the page, where it is a goal; empty where none is."""

    @property
    def is_of_goals(self) -> bool:
        """Whether each subject is a goal."""
        return bool(self.anchors)

    @property
    def asked(self) -> tuple[tuple[str, str], ...]:
        """Each subject with where it stands on the page, empty where it does not."""
        return tuple(zip(self.subjects, self.anchors or [""] * len(self.subjects), strict=True))


@dataclass(frozen=True, slots=True)
class Place:
    """A place, patient LPS in mm, with all that is to be seen there. `title` is what the mark at it stands for."""

    at_mm: Point
    title: str
    captions: tuple[Caption, ...]
    slice_mm: float | None = None
    """The slice that the evaluation names for it."""
    doses_gy: tuple[float, ...] = ()
    """The doses that its goals are about."""

    @property
    def goals(self) -> int:
        """How many goals it decides."""
        return sum(len(caption.subjects) for caption in self.captions if caption.is_of_goals)


def places(
    evaluation: Evaluation, rows: Iterable[GoalRow], named: Named, most: int = MOST
) -> tuple[tuple[Place, ...], int]:
    """At most so many places, the goals' spots after what they do to the verdict; and how many goals are left out."""
    found: list[Place] = []
    lines = isodoses(evaluation)
    for place in (_target(evaluation, named, lines), _maximum(evaluation.plan.dose, named)):
        if place is not None:
            _add(found, place)
    left_out = 0
    for row in sorted(rows, key=lambda row: _GRAVEST_FIRST.index(row.effect)):
        place = _spot(row, evaluation, lines)
        if place is None:
            continue
        if len(found) < most or _like(found, place) is not None:
            _add(found, place)
        else:
            left_out += 1
    return tuple(found), left_out


def coordinates(at_mm: Point) -> str:
    """The place in words, as the goals' tables have it."""
    x, y, z = (fixed(number, 1) for number in at_mm)
    return f"x {x}, y {y}, z {z} mm".replace("-", MINUS)


def _add(found: list[Place], place: Place) -> None:
    """Put a place among those that were `found`, or its captions to the one that it is."""
    index = _like(found, place)
    if index is None:
        found.append(place)
        return
    one = found[index]
    title = one.title if place.title in one.title else f"{one.title}; {place.title}"
    doses_gy = tuple(dict.fromkeys((*one.doses_gy, *place.doses_gy)))
    found[index] = replace(one, title=title, captions=_merged((*one.captions, *place.captions)), doses_gy=doses_gy)


def _merged(captions: Iterable[Caption]) -> tuple[Caption, ...]:
    """Those that say the same as one."""
    together: dict[tuple[str, str, bool], list[Caption]] = {}
    for caption in captions:
        together.setdefault((caption.text, caption.look, caption.is_of_goals), []).append(caption)
    return tuple(
        Caption(
            tuple(subject for one in same for subject in one.subjects),
            *said[:2],
            tuple(anchor for one in same for anchor in one.anchors),
        )
        for said, same in together.items()
    )


def _like(found: Sequence[Place], place: Place) -> int | None:
    near = (n for n, other in enumerate(found) if math.dist(other.at_mm, place.at_mm) <= SAME_MM)
    return next(near, None)


def _target(evaluation: Evaluation, named: Named, lines: Isodoses) -> Place | None:
    """The centre of the target with the highest level; of several with it, the largest."""
    found = [
        (evaluation.levels.get(target.level, -math.inf), roi.number, target.level)
        for target in evaluation.protocol.structures
        if target.role == "target" and target.name in evaluation.matches
        for roi in evaluation.matches[target.name].structures
        if roi.number in named
    ]
    if not found:
        return None
    level_gy, number, level = max(found, key=lambda one: (one[0], named[one[1]][1].volume_mm3))
    name, outline = named[number]
    at_mm = outline.middle_mm
    text = f"{coordinates(at_mm)}, dose there {_dose_text(evaluation.plan.dose, at_mm)}"
    look = _look_at_target(name, level_gy, evaluation.regimen.level(level), lines)
    return Place(at_mm, f"Centre of {name}", (Caption((f"Centre of {name}",), text, f"{look} on all three planes"),))


def _look_at_target(name: str, level_gy: float, level: Level | None, lines: Isodoses) -> str:
    """What to look at in a target: the line of its level, also where the regimen alone says what that is."""
    stated = math.isfinite(level_gy)
    dose_gy = level_gy if stated else None if level is None else level.dose_gy
    if dose_gy is None or not math.isfinite(dose_gy):
        return f"how the isodose lines follow the contour of {name}"
    line = lines.at(dose_gy)
    which = "the isodose lines near" if line is None else f"the {line.text} line,"
    verb = "follow" if line is None else "follows"
    note = "" if stated else " of the regimen, that the plan does not state,"
    return f"whether {which} its level, {decimal_text(dose_gy)} Gy{note or ','} {verb} the contour of {name}"


def _dose_text(dose: DoseGrid | None, at_mm: Point) -> str:
    dose_gy = math.nan if dose is None else value_at(dose.axes_mm, dose.dose_gy, at_mm)
    return "not known" if math.isnan(dose_gy) else f"{dose_gy:.2f} Gy"


def _maximum(dose: DoseGrid | None, named: Named) -> Place | None:
    if dose is None:
        return None
    at_mm = dose.maximum_at_mm
    inside = [name for name, outline in named.values() if outline.holds(at_mm)]
    where = f"inside {', '.join(inside)}" if inside else "in none of the structures that are drawn"
    text = f"{coordinates(at_mm)}, {dose.maximum_gy:.2f} Gy, {where}"
    caption = Caption(("Highest dose of the plan",), text, "what it lies in, and what is near to it")
    return Place(at_mm, "Highest dose of the plan", (caption,))


def _spot(row: GoalRow, evaluation: Evaluation, lines: Isodoses) -> Place | None:
    """The place that decides a goal which is not met or marginal."""
    result = row.result
    spot, goal = result.spot, result.goal
    if spot is None:
        return None
    value = f" {row.shown.value} {row.shown.unit}".rstrip() if row.shown.value else ""
    level_gy = evaluation.levels.get(structure_of(evaluation.protocol, goal.structure).level)
    dose_gy = goal_dose_gy(result, level_gy)
    caption = Caption(
        (f"{goal.structure} {goal}, {goal.tier}: {row.word}{',' if value else ''}{value}",),
        spot_text(spot, most=2).replace("-", MINUS),
        _look(spot, dose_gy, lines),
        (row.anchor,),
    )
    title = f"{'Hottest' if spot.hottest else 'Coldest'} point of {result.roi_name or goal.structure}"
    return Place(spot.at_mm, title, (caption,), spot.slice_mm, () if dose_gy is None else (dose_gy,))


def _look(spot: GoalSpot, dose_gy: float | None, lines: Isodoses) -> str:
    """What to look at where a goal is decided, by the line of its dose where there is one."""
    line = None if dose_gy is None else lines.with_goals((dose_gy,)).at(dose_gy)
    if dose_gy is not None and line is None:
        return f"which isodose is here: the dose of this goal, {decimal_text(round(dose_gy, 2))} Gy, is reached nowhere"
    if line is None:
        crossing = "crosses the contour here, and from where the dose comes"
        return f"which isodose {crossing if spot.hottest else 'leaves a part of the contour out here'}"
    of = f"of the {line.text} line, the dose of this goal"
    if spot.hottest:
        return f"how much of the structure lies inside {of}, and from where the dose comes"
    return f"how much of the structure lies outside {of}"
