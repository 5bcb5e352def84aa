"""The histograms as the report shows them: a line in the plot and a row in the table that is its legend."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hardcheck.report.colour import DOTS, Style, line_styles
from hardcheck.report.number import interval, plain

if TYPE_CHECKING:
    from hardcheck.dvh import Dvh
    from hardcheck.evaluation.result import Evaluation


@dataclass(frozen=True, slots=True)
class Histogram:
    """One structure: `points` are (dose in Gy, percent of `volume_cc`), falling; none where there is a `reason`."""

    key: int
    """The number at the line, from 1."""
    roi_number: int
    """Of the ROI, or of what was made."""
    name: str
    colour: str
    dash: str
    points: tuple[tuple[float, float], ...]
    volume_cc: float | None
    volume: str
    volume_interval: str
    minimum: str
    mean: str
    maximum: str
    in_grid: str
    reason: str
    caveats: tuple[str, ...]
    is_made: bool = False
    """Whether it was made of other structures, since nobody contoured it."""
    part_of: str = ""
    """The recipe by which it is a part of the ROI of the line before: goals are about that part."""


def histograms(evaluation: Evaluation, hide: Callable[[str], str] = str) -> tuple[Histogram, ...]:
    """All histograms in the order in which the goals use them; `hide` takes identity out of their texts.

    The part of a structure that goals are about follows it.
    """
    used = dict.fromkeys(r.roi_number for r in evaluation.results if r.roi_number in evaluation.dvhs)
    numbers = [n for n in dict.fromkeys([*used, *evaluation.dvhs]) if n is not None]
    styles = line_styles([evaluation.dvhs[n].structure.color for n in numbers])
    contoured = {structure.number for structure in evaluation.plan.structures}
    found: list[Histogram] = []
    for number, style in zip(numbers, styles, strict=True):
        made = number not in contoured
        found.append(_histogram(len(found) + 1, evaluation.dvhs[number], style, hide, made=made))
        for part, recipe in _parts(evaluation, number).items():
            dotted = Style(style.colour, DOTS)
            line = _histogram(len(found) + 1, evaluation.parts[part], dotted, hide, made=made)
            found.append(replace(line, part_of=recipe))
    return tuple(found)


def _parts(evaluation: Evaluation, number: int) -> dict[int, str]:
    """The parts of the structure of that number that goals are about, each with its recipe."""
    name = evaluation.dvhs[number].structure.name
    found: dict[int, str] = {}
    for result in evaluation.results:
        part = result.structure_number
        if part is None or part not in evaluation.parts or result.recipe is None:
            continue
        made = result.roi_number is None and evaluation.parts[part].structure.name == name
        if made or result.roi_number == number:
            found[part] = result.recipe
    return found


def _histogram(key: int, dvh: Dvh, style: Style, hide: Callable[[str], str], *, made: bool) -> Histogram:
    volume_cc = dvh.volume.value
    inside = dvh.in_grid_fraction
    return Histogram(
        key=key,
        roi_number=dvh.structure.number,
        name=hide(dvh.structure.name),
        colour=style.colour,
        dash=style.dash,
        points=() if dvh.reason is not None else tuple(_points(dvh, volume_cc)),
        volume_cc=volume_cc,
        volume=plain(volume_cc, "cc"),
        volume_interval=interval(dvh.volume),
        minimum=plain(dvh.minimum_gy, "Gy"),
        mean=plain(dvh.mean_gy, "Gy"),
        maximum=plain(dvh.maximum_gy, "Gy"),
        in_grid=_share(inside),
        reason=hide(dvh.reason or ""),
        caveats=tuple(hide(c) for c in dict.fromkeys((*dvh.caveats, *dvh.volume.caveats))),
        is_made=made,
    )


def _share(fraction: float | None) -> str:
    """In percent; a share just under the whole is never rounded up to it."""
    if fraction is None or not math.isfinite(fraction):
        return ""
    percent = 100 * fraction
    return "100" if percent >= 100 else f"{math.floor(percent * 10) / 10:.1f}"


def _points(dvh: Dvh, volume_cc: float | None) -> Iterable[tuple[float, float]]:
    doses_gy, volumes_cc = dvh.curve()
    pairs = [(float(d), float(v)) for d, v in zip(doses_gy, volumes_cc, strict=True)]
    whole_cc = volume_cc or max((v for _, v in pairs), default=0.0)
    if not whole_cc > 0:
        return
    for dose_gy, cc in pairs:
        if math.isfinite(dose_gy) and math.isfinite(cc):
            yield dose_gy, 100 * cc / whole_cc
