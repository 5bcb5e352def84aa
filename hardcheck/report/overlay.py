"""The histograms of two plans in one plot: A solid, B dashed, one colour and one number for each structure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from hardcheck.report.colour import line_styles
from hardcheck.report.histogram import Histogram, histograms
from hardcheck.report.plot import Layout, Plot, plot

if TYPE_CHECKING:
    from collections.abc import Callable

    from hardcheck.evaluation.result import Evaluation

SOLID: Final = ""
DASHED: Final = "7 4"
RGB = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Overlaid:
    """One structure. `a` and `b` are its histograms, None on a side that has none of it."""

    key: int
    colour: str
    a: Histogram | None
    b: Histogram | None

    @property
    def name(self) -> str:
        """Of the ROI, as A has it where both do."""
        found = self.a if self.a is not None else self.b
        return "" if found is None else found.name

    @property
    def rois(self) -> str:
        """The ROIs; one where both sides have the same."""
        said = [(side, _roi(h)) for side, h in (("A", self.a), ("B", self.b)) if h is not None]
        if len(said) == 2 and said[0][1] == said[1][1]:
            return said[0][1]
        return ", ".join(f"{side}: {roi}" for side, roi in said)


def _roi(histogram: Histogram) -> str:
    return "made" if histogram.is_made else f"ROI {histogram.roi_number}"


def overlaid(
    a: Evaluation | None, b: Evaluation | None, hide: tuple[Callable[[str], str], Callable[[str], str]] = (str, str)
) -> tuple[Overlaid, ...]:
    """The structures of both in the order of A, then those of B alone; none of a side that has no curves.

    Structures are the same by name, and by the number of the ROI too where both plans have one structure set. `hide`
    takes identity out of the texts of each side. The parts that goals are about are left out.
    """
    of_a = [] if a is None else _whole(a, hide[0])
    of_b = [] if b is None else _whole(b, hide[1])
    one_set = a is not None and b is not None and bool(_sets(a)) and _sets(a) == _sets(b)
    pairs = _pairs([h for h, _ in of_a], [h for h, _ in of_b], one_set=one_set)
    colours = {id(h): colour for h, colour in (*of_a, *of_b)}
    styles = line_styles([colours[id(x if x is not None else y)] for x, y in pairs])
    found: list[Overlaid] = []
    for key, ((x, y), style) in enumerate(zip(pairs, styles, strict=True), 1):
        sides = [
            None if h is None else replace(h, key=key, colour=style.colour, dash=dash)
            for h, dash in ((x, SOLID), (y, DASHED))
        ]
        found.append(Overlaid(key, style.colour, *sides))
    return tuple(found)


def overlay_plot(lines: Sequence[Overlaid], layout: Layout) -> Plot:
    """All lines; the number of a structure stands at one line of it."""
    named = [[_named(h, side) for side, h in (("A", line.a), ("B", line.b)) if h is not None] for line in lines]
    drawn = [[h for h in sides if h.points] for sides in named]
    first = [sides[0] for sides in drawn if sides]
    made = plot([*first, *(h for sides in drawn for h in sides[1:])], (), layout)
    return replace(made, tags=made.tags[: len(first)])


def _named(histogram: Histogram, side: str) -> Histogram:
    return replace(histogram, name=f"{histogram.name} in {side}")


def _whole(evaluation: Evaluation, hide: Callable[[str], str]) -> list[tuple[Histogram, RGB | None]]:
    made = [h for h in histograms(evaluation, hide) if not h.part_of]
    return [(h, evaluation.dvhs[h.roi_number].structure.color) for h in made]


def _sets(evaluation: Evaluation) -> frozenset[str]:
    return frozenset(s.sop_instance_uid for s in evaluation.plan.sources if s.modality == "RTSTRUCT")


def _pairs(
    of_a: Sequence[Histogram], of_b: Sequence[Histogram], *, one_set: bool
) -> list[tuple[Histogram | None, Histogram | None]]:
    """Each histogram once. A name that stands twice on a side finds nothing, unless the number does."""
    rest = list(of_b)
    pairs: list[tuple[Histogram | None, Histogram | None]] = []
    for h in of_a:
        same = [other for other in rest if one_set and (other.roi_number, other.name) == (h.roi_number, h.name)]
        if not same and [one.name for one in of_a].count(h.name) == 1:
            same = [other for other in rest if other.name == h.name]
        found = same[0] if len(same) == 1 else None
        if found is not None:
            rest = [other for other in rest if other is not found]
        pairs.append((h, found))
    return [*pairs, *((None, other) for other in rest)]
