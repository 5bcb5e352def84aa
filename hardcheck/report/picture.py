"""The pictures of a report: planes through the places that decide it. What is drawn here, a template writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hardcheck.picture import Outline, Picture, Plane, View, picture_of
from hardcheck.plan.geometry import Floats, Integers
from hardcheck.report.drawing import Contoured, Drawing, drawing
from hardcheck.report.isodose import Isodose, Isodoses, isodoses
from hardcheck.report.number import MINUS, fixed
from hardcheck.report.place import Place, Point, places

if TYPE_CHECKING:
    from hardcheck.evaluation.result import Evaluation
    from hardcheck.plan import DoseGrid, Plan
    from hardcheck.report.histogram import Histogram
    from hardcheck.report.row import GoalRow

MOST_BYTES: Final = 1_200_000
"""Of all pictures together, so that the report can be sent: what would go beyond it is left out, and said."""

_SMALLEST_MM: Final = 80.0
_LARGEST_MM: Final = 320.0
_AROUND: Final = 1.25
"""How much larger a picture is than the high dose and the targets on it."""

_HIGH: Final = 0.5
"""Share of the highest dose above which it is high dose."""

_PIXELS: Final = ((256, 400), (140, 140))
"""Fewest and most pixels of a side; and where the pictures would be too large for the report with these."""

_BODY: Final = "#9aa7b4"
"""Colour of an outline of the body that no goal is about."""

_NAMES: Final = "xyz"


@dataclass(frozen=True, slots=True)
class OwnLine:
    """The line at the dose of a goal, and whether it is on one of the planes."""

    line: Isodose
    is_seen: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """The planes through one place. `id` is its own on the page."""

    id: str
    place: Place
    drawings: tuple[Drawing, ...]
    own: tuple[OwnLine, ...] = ()
    """The isodose lines that only this place has."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """All pictures of a report with their legend."""

    sheets: tuple[Sheet, ...]
    isodoses: Isodoses
    structures: tuple[Contoured, ...]
    without: str
    """Why there is no CT on them, empty where there is."""
    left_out: int
    """How many goals have spots that are not pictured."""

    @property
    def of_goals(self) -> dict[str, str]:
        """The id of the place of each goal that has one here, by the id of its row."""
        return {
            anchor: sheet.id for sheet in self.sheets for caption in sheet.place.captions for anchor in caption.anchors
        }


def pictures(
    evaluation: Evaluation, rows: Sequence[GoalRow], lines: Iterable[Histogram], most_bytes: int = MOST_BYTES
) -> Pictures:
    """The pictures of `evaluation` with its goals in `rows`; structures look as in the plot of `lines`."""
    outlines, drawn = _structures(evaluation, lines)
    chosen, left_out = places(evaluation, rows, {each.number: (each.name, outlines[each.number]) for each in drawn})
    studio = _Studio(evaluation.plan, outlines, {each.number: each for each in drawn}, isodoses(evaluation))
    sheets: tuple[Sheet, ...] = ()
    for pixels in _PIXELS:
        sheets = tuple(studio.sheets(chosen, pixels, most_bytes))
        if len(sheets) == len(chosen):
            break
    left_out += sum(place.goals for place in chosen[len(sheets) :])
    seen = {curve.name for sheet in sheets for each in sheet.drawings for curve in each.contours}
    legend = tuple(each for each in drawn if each.name in seen)
    return Pictures(sheets, studio.isodoses, legend, _without(evaluation.plan, sheets), left_out)


def _structures(evaluation: Evaluation, lines: Iterable[Histogram]) -> tuple[dict[int, Outline], tuple[Contoured, ...]]:
    """The outlines, by number, of what has a line in the plot, and of the body."""
    plan = evaluation.plan
    wanted = [
        (evaluation.dvhs[line.roi_number].structure, line.key, line.name, line.colour, line.dash)
        for line in lines
        if not line.part_of
    ]
    known = {structure.number for structure, *_ in wanted}
    bodies = [s for s in plan.structures if s.interpreted_type == "EXTERNAL" and s.number not in known]
    wanted += [(body, 0, body.name or "External", _BODY, "") for body in bodies]
    slice_mm = None if plan.image is None else plan.image.spacing_mm
    outlines: dict[int, Outline] = {}
    drawn: list[Contoured] = []
    for structure, key, name, colour, dash in wanted:
        outline = Outline.of(structure, slice_mm)
        if outline is not None:
            outlines[structure.number] = outline
            drawn.append(Contoured(structure.number, key, name, colour, dash))
    return outlines, tuple(drawn)


def _without(plan: Plan, sheets: Iterable[Sheet]) -> str:
    """Why the pictures have no CT, empty where one of them has."""
    image = plan.image
    if image is None:
        return "There is no CT with the plan: dose and contours alone are shown."
    if image.hounsfield is not None:
        has = any(drawing.has_ct for sheet in sheets for drawing in sheet.drawings)
        return "" if has else "The CT does not reach these planes: dose and contours alone are shown."
    why = f"could not be read ({image.unread})" if image.unread else "were not read"
    return f"The pixels of the CT {why}: dose and contours alone are shown."


class _Studio:
    """What all pictures of a report have in common."""

    def __init__(
        self, plan: Plan, outlines: Mapping[int, Outline], contoured: Mapping[int, Contoured], levels: Isodoses
    ) -> None:
        self.plan = plan
        self.outlines = outlines
        self.contoured = contoured
        self.isodoses = levels

    def sheets(self, places: Iterable[Place], pixels: tuple[int, int], most_bytes: int) -> Iterator[Sheet]:
        """The sheets of `places`, up to the one with which they would have more than `most_bytes`."""
        size = 0
        for number, place in enumerate(places, 1):
            lines = self.isodoses.with_goals(place.doses_gy)
            drawings = tuple(self._drawings(place, f"p{number}", pixels, lines))
            seen = {curve.name for each in drawings for curve in each.isodoses}
            own = tuple(OwnLine(line, line.text in seen) for line in lines.levels if line not in self.isodoses.levels)
            sheet = Sheet(f"place-{number}", place, drawings, own)
            size += sum(drawing.size for drawing in sheet.drawings)
            if size > most_bytes:
                return
            yield sheet

    def _drawings(self, place: Place, key: str, pixels: tuple[int, int], lines: Isodoses) -> Iterator[Drawing]:
        """The three planes through a place."""
        box = _of_interest(self.plan, self.outlines, place.at_mm)
        for view in View:
            at_mm = self._on_slice(place) if view is View.AXIAL else place.at_mm
            plane = self._plane(view, at_mm, box)
            picture = picture_of(
                plane,
                self._pixels(plane.side_mm, pixels),
                dose=self.plan.dose,
                image=self.plan.image,
                levels_gy=[level.dose_gy for level in lines.levels],
                outlines=self.outlines,
            )
            said = self._said(picture, place, lines)
            yield drawing(f"{key}{view[0]}", picture, place.at_mm, self.contoured, lines, said)

    @staticmethod
    def _plane(view: View, at_mm: Point, box: tuple[Floats, Floats]) -> Plane:
        """The square with a box in its middle, or the place where that would not be on it."""
        right, down, _ = Plane(view, 0.0, (0.0, 0.0), 0.0).axes
        extent = box[1] - box[0]
        side = float(np.clip(_AROUND * max(extent[right], extent[down]), _SMALLEST_MM, _LARGEST_MM))
        middle = (box[0] + box[1]) / 2
        away = np.abs(np.array(at_mm) - middle)[[right, down]]
        if np.any(away > 0.45 * side) or np.any(extent[[right, down]] > side):
            middle = np.array(at_mm)
        return Plane.around(view, at_mm, tuple(middle.tolist()), side)

    def _pixels(self, side_mm: float, bounds: tuple[int, int]) -> int:
        """As many as the image has there, within bounds."""
        fewest, most = bounds
        image = self.plan.image
        if image is None or image.x_mm is None or image.x_mm.size < 2:
            return fewest
        return int(np.clip(side_mm / float(np.diff(image.x_mm).min()), fewest, most))

    def _on_slice(self, place: Place) -> Point:
        """The place moved to the slice next to it, where slices are no further than half of their spacing."""
        x, y, z = place.at_mm
        heights = self._slices_mm
        if heights.size == 0:
            return place.at_mm
        nearest = float(heights[np.abs(heights - z).argmin()]) if place.slice_mm is None else place.slice_mm
        return (x, y, nearest) if abs(nearest - z) <= self._half_mm else place.at_mm

    @property
    def _slices_mm(self) -> Floats:
        """The slices of the image, or where there is none, those of the contours."""
        image = self.plan.image
        if image is not None and image.z_mm.size > 1:
            return image.z_mm
        return np.concatenate([np.empty(0), *(outline.z_mm for outline in self.outlines.values())])

    @property
    def _half_mm(self) -> float:
        """Half of the usual distance of slices; without an image, of the planes of the dose."""
        image, dose = self.plan.image, self.plan.dose
        if image is not None and image.spacing_mm is not None:
            return image.spacing_mm / 2
        return 0.0 if dose is None else dose.spacing_mm[2] / 2

    def _said(self, picture: Picture, place: Place, isodoses: Isodoses) -> tuple[str, str, str]:
        """Title and caption of a picture, and what its mark is."""
        plane = picture.plane
        axis = plane.axes[2]
        where = f"{plane.view.capitalize()}, {_NAMES[axis]} {_mm(plane.through_mm)}"
        off_mm = place.at_mm[axis] - plane.through_mm
        notes = (
            [f"the mark is {abs(off_mm):.1f} mm {'above' if off_mm > 0 else 'below'} this slice"]
            if abs(off_mm) >= 0.05
            else []
        )
        if picture.hounsfield is None:
            notes.append(
                "no CT here" if self.plan.image is not None and self.plan.image.hounsfield is not None else "without CT"
            )
        caption = "; ".join([where, *notes])
        what = [] if picture.hounsfield is None else ["CT"]
        met = [level.text for level, (_, lines) in zip(isodoses.levels, picture.isodoses, strict=True) if lines]
        what += [f"isodose lines {', '.join(met)}"] if met else []
        names = [self.contoured[number].name for number, _ in picture.outlines]
        what += [f"contours of {', '.join(names)}"] if names else []
        return f"{caption}, through: {place.title}. {'; '.join(what) or 'Nothing'} on it.", caption, place.title


def _mm(value: float) -> str:
    return f"{fixed(value, 1)} mm".replace("-", MINUS)


def _of_interest(plan: Plan, outlines: Mapping[int, Outline], at_mm: Point) -> tuple[Floats, Floats]:
    """The corners (3,) of the box around the high dose next to a place; without a dose, around all structures."""
    dose = plan.dose
    if dose is not None and dose.maximum_gy > 0:
        return _high_dose(dose, at_mm)
    boxes = np.array([outline.bounds_mm for outline in outlines.values()]).reshape(-1, 2, 3)
    if boxes.size == 0:
        return np.array(at_mm), np.array(at_mm)
    return boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)


def _high_dose(dose: DoseGrid, at_mm: Point) -> tuple[Floats, Floats]:
    """The box around the high dose next to a place: as seen along the axes, it hangs together within the box."""
    high = dose.dose_gy >= _HIGH * dose.maximum_gy
    near = [int(np.abs(axis - place).argmin()) for axis, place in zip(dose.axes_mm, at_mm, strict=True)]
    box = [(0, axis.size - 1) for axis in dose.axes_mm]
    before = None
    while box != before:
        before = list(box)
        for axis, others in enumerate(((0, 1), (0, 2), (1, 2))):
            x, y, z = (slice(first, last + 1) for first, last in box)
            met = np.flatnonzero(high[z, y, x].any(axis=others)) + box[axis][0]
            box[axis] = _run(met, near[axis])
    low, high_end = ([axis[ends[n]] for axis, ends in zip(dose.axes_mm, box, strict=True)] for n in (0, 1))
    return np.array(low), np.array(high_end)


def _run(met: Integers, near: int) -> tuple[int, int]:
    """First and last of the numbers without a gap among `met` (n,), rising, that are next to `near`."""
    runs = np.split(met, np.flatnonzero(np.diff(met) > 1) + 1)
    run = min(runs, key=lambda run: max(run[0] - near, near - run[-1], 0))
    return int(run[0]), int(run[-1])
