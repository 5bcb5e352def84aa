"""What makes two numbers differ, as far as that can be computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from hardcheck.dvh import END_CAPS, Dvh
from hardcheck.metric import DOSE_KINDS, Kind, Metric
from hardcheck.plan import StoredDvh
from hardcheck.quantity import Quantity

SMALL_CC: Final = 1.0
"""Below it planning systems differ by a third of the volume and more (Stanley et al. 2021, J Appl Clin Med Phys)."""
FLAT_PERCENT: Final = 1.0
"""Two doses between which so little of the volume lies are one to the curve."""

POINT_CC: Final = 0.03
"""What counts as a point: near-maxima are asked for at this volume (as in D0.03cc)."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One metric of one structure: ours, ours by the other end cap convention, and theirs."""

    metric: Metric
    ours: Dvh
    others: Dvh
    theirs: Dvh
    curve: StoredDvh
    end_caps: str
    value: float
    """Theirs."""
    tolerance: float
    """Within it two values of the metric are the same for practical purposes."""

    def close(self, value: float) -> bool:
        """Whether `value` is theirs, to the tolerance."""
        return abs(value - self.value) <= self.tolerance

    def is_close(self, quantity: Quantity) -> bool:
        """Whether `quantity` is known and close."""
        return quantity.value is not None and self.close(quantity.value)


def explanations(case: Case) -> tuple[str, ...]:
    """All that explains why theirs is not ours, the most telling first; empty where nothing does."""
    return tuple(said for test in _TESTS for said in test(case))


def is_small(dvh: Dvh) -> bool:
    """Whether the structure is so small that systems differ widely."""
    return dvh.volume.value is not None and dvh.volume.value < SMALL_CC


def _end_caps(case: Case) -> Iterator[str]:
    other = END_CAPS[1 - END_CAPS.index(case.end_caps)]
    if case.is_close(case.others.metric(case.metric)):
        yield f"end caps: {'none' if other == 'none' else 'half a slice'} at the ends gives theirs"


def _grid(case: Case) -> Iterator[str]:
    fraction = case.ours.in_grid_fraction
    if fraction is None or fraction >= 1:
        return
    said = f"{100 * (1 - fraction):.2g} % of it lies outside of the dose grid"
    if case.metric.kind is not Kind.VOLUME:
        yield said
    elif case.close(case.ours.distributions[0].inside_cc):
        yield f"{said}, and theirs counts the rest alone"


def _least_dose(case: Case) -> Iterator[str]:
    """A curve whose first point is not at 0 Gy has lost the volume below it."""
    first = case.curve.dose_gy[case.curve.dose_gy > 0]
    if case.metric.kind is Kind.VOLUME and first.size and case.ours.distributions:
        least = float(first[0])
        if case.close(case.ours.distributions[0].volume_at(least)):
            yield f"their curve begins at {least:.2g} Gy, and theirs is the volume that receives as much"


def _same_volume(case: Case) -> Iterator[str]:
    """The same number of cc instead of the same share."""
    cc = case.curve.volume_cc
    if case.metric.kind not in DOSE_KINDS or case.metric.at_unit != "%" or cc is None or case.metric.at is None:
        return
    asked = Metric(case.metric.kind, "Gy", round(case.metric.at / 100 * cc, 6), "cc")
    if asked.at and case.is_close(case.ours.metric(asked)):
        yield "its volume: at the same cc both agree"


def _flat(case: Case) -> Iterator[str]:
    if case.metric.kind not in DOSE_KINDS:
        return
    mine = case.ours.metric(case.metric).value
    if mine is None or not case.ours.distributions:
        return
    between = [abs(_share(case.ours, dose) - _share(case.theirs, dose)) for dose in (mine, case.value)]
    if max(between) <= FLAT_PERCENT:
        yield f"the curve is flat there: the volumes differ by {max(between):.1g} % of the structure"


def _point(case: Case) -> Iterator[str]:
    """Extremes between which next to nothing lies, in our curve and in theirs."""
    mine = case.ours.metric(case.metric).value
    if case.metric.kind not in (Kind.MINIMUM, Kind.MAXIMUM) or mine is None:
        return
    whole_cc = case.ours.distributions[0].inside_cc
    between = [abs(_share(dvh, mine) - _share(dvh, case.value)) / 100 * whole_cc for dvh in (case.ours, case.theirs)]
    if max(between) <= POINT_CC:
        yield f"less than {POINT_CC:g} cc lies between the two"


def _share(dvh: Dvh, dose_gy: float) -> float:
    """Percent of the volume that receives at least `dose_gy`."""
    first = dvh.distributions[0]
    return 100 * first.volume_at(dose_gy) / first.inside_cc


def _bins(case: Case) -> Iterator[str]:
    mine = case.ours.metric(case.metric).value
    if case.metric.unit == "Gy" and mine is not None and abs(mine - case.value) <= case.curve.bin_gy / 2:
        yield f"their bins are {case.curve.bin_gy:.2g} Gy wide"


def _interval(case: Case) -> Iterator[str]:
    mine, off = case.ours.metric(case.metric), case.curve.rounding_cc if case.metric.unit == "cc" else 0.0
    if mine.low is not None and mine.high is not None and mine.low - off <= case.value <= mine.high + off:
        yield "inside the interval"


def _small(case: Case) -> Iterator[str]:
    if is_small(case.ours) and (volume := case.ours.volume.value) is not None:
        yield f"{volume:.2g} cc: so small that systems differ widely"


_TESTS: Final[tuple[Callable[[Case], Iterator[str]], ...]] = (
    _end_caps,
    _grid,
    _least_dose,
    _same_volume,
    _flat,
    _point,
    _bins,
    _interval,
    _small,
)
