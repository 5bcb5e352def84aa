"""The histograms as the report shows them: a line in the plot and a row in the table that is its legend."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hardcheck.report.band import NO_BAND, Band, band_of
from hardcheck.report.colour import DOTS, Style, line_styles
from hardcheck.report.number import interval, plain

if TYPE_CHECKING:
    from hardcheck.dvh import Dvh
    from hardcheck.evaluation.opinion import SecondOpinion
    from hardcheck.evaluation.result import Evaluation


@dataclass(frozen=True, slots=True)
class Beside:
    """The planning system's own curve of a structure: (dose in Gy, percent of its own volume), falling."""

    title: str
    points: tuple[tuple[float, float], ...]
    volume_cc: float | None
    percents: tuple[float, ...]
    """At the doses of the readings of the line that it stands beside."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """One structure: `points` are (dose in Gy, percent of `known_cc`), falling; none where there is a `reason`."""

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
    known_cc: float | None = None
    """The volume whose dose is known, which shares are of."""
    band: Band = NO_BAND
    besides: tuple[Beside, ...] = ()


def histograms(evaluation: Evaluation, hide: Callable[[str], str] = str) -> tuple[Histogram, ...]:
    """All histograms in the order in which the goals use them; `hide` takes identity out of their texts.

    The part of a structure that goals are about follows it.
    """
    used = dict.fromkeys(r.roi_number for r in evaluation.results if r.roi_number in evaluation.dvhs)
    numbers = [n for n in dict.fromkeys([*used, *evaluation.dvhs]) if n is not None]
    styles = line_styles([evaluation.dvhs[n].structure.color for n in numbers])
    contoured = {structure.number for structure in evaluation.plan.structures}
    found: list[tuple[Histogram, Dvh]] = []
    for number, style in zip(numbers, styles, strict=True):
        made = number not in contoured
        whole = evaluation.dvhs[number]
        found.append((_histogram(len(found) + 1, whole, style, hide, made=made), whole))
        for number_of_part, recipe in _parts(evaluation, number).items():
            part = evaluation.parts[number_of_part]
            line = _histogram(len(found) + 1, part, Style(style.colour, DOTS), hide, made=made)
            found.append((replace(line, part_of=recipe), part))
    highest_gy = max((dose_gy for line, _ in found for dose_gy, _ in line.points), default=0.0)
    opinions = evaluation.second_opinions
    return tuple(_read(line, dvh, highest_gy, () if line.part_of else opinions) for line, dvh in found)


def _read(line: Histogram, dvh: Dvh, highest_gy: float, opinions: Iterable[SecondOpinion]) -> Histogram:
    """`line` with its interval, and with what others say of the same structure."""
    if not line.points:
        return line
    band = band_of(dvh, highest_gy)
    return replace(line, band=band, besides=tuple(_besides(line.roi_number, band, opinions)))


def _besides(roi_number: int, band: Band, opinions: Iterable[SecondOpinion]) -> Iterable[Beside]:
    doses_gy = np.array([reading.dose_gy for reading in band.readings])
    for opinion in opinions:
        for each in opinion.comparison.structures:
            if each.structure.number != roi_number or not each.differences:
                continue
            found, (points, _) = each.theirs.volumes(doses_gy), _points(each.theirs)
            if found is not None and points:
                percents = tuple(float(percent) for percent in found[0][1])
                # Not its file: that is named as its user likes, and often by who the patient is.
                yield Beside(
                    f"the planning system's own curve, {opinion.comparison.export.system}",
                    points,
                    each.theirs.volume.value,
                    percents,
                )


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
    points, known_cc = ((), None) if dvh.reason is not None else _points(dvh)
    return Histogram(
        key=key,
        roi_number=dvh.structure.number,
        name=hide(dvh.structure.name),
        colour=style.colour,
        dash=style.dash,
        points=points,
        known_cc=known_cc,
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


def _points(dvh: Dvh) -> tuple[tuple[tuple[float, float], ...], float | None]:
    """The curve in percent of the volume whose dose is known, as the metrics have it, and that volume in cc."""
    doses_gy, volumes_cc = dvh.curve()
    pairs = [(float(d), float(v)) for d, v in zip(doses_gy, volumes_cc, strict=True)]
    finite = [(d, v) for d, v in pairs if math.isfinite(d) and math.isfinite(v)]
    known_cc = max((cc for _, cc in finite), default=0.0)
    if not known_cc > 0:
        return (), None
    return tuple((dose_gy, 100 * cc / known_cc) for dose_gy, cc in finite), known_cc
