"""The planning system's curves held against ours, structure by structure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hardcheck.dvh import END_CAPS, Dvh, compute_dvhs
from hardcheck.metric import Kind, Metric
from hardcheck.plan import Plan, StoredDvh, Structure
from hardcheck.planning_system.explanation import Case, explanations
from hardcheck.planning_system.export import Export
from hardcheck.planning_system.histogram import histogram
from hardcheck.planning_system.match import pair
from hardcheck.planning_system.statistics import settled
from hardcheck.quantity import Quantity

METRICS: Final = tuple(
    Metric.parse(text)
    for text in ("Volume[cc]", "Mean[Gy]", "D2%[Gy]", "D50%[Gy]", "D95%[Gy]", "D98%[Gy]", "Min[Gy]", "Max[Gy]")
)
CLOSE_PERCENT: Final = 1.0
"""A difference up to this, of the reference dose or of the volume, needs no explanation."""
_GAP_SHARES: Final = np.linspace(0.02, 0.98, 97)
"""Where the gap in dose is looked for: beyond, a curve hangs by a voxel."""
_GAP_DOSES: Final = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric by both."""

    metric: Metric
    ours: Quantity
    theirs: Quantity
    percent: float | None
    """Theirs less ours: of the reference dose, for a volume of our volume; None where either is not known."""
    other_caps: float | None = None
    """Ours by the other end cap convention, where the difference needs an explanation."""
    explanations: tuple[str, ...] = ()
    """What explains a difference of more than `CLOSE_PERCENT`."""

    @property
    def is_open(self) -> bool:
        """Whether nothing explains the difference."""
        return self.percent is not None and abs(self.percent) > CLOSE_PERCENT and not self.explanations


@dataclass(frozen=True, slots=True, eq=False)
class StructureComparison:
    """One structure by both. `reason` says why there are no `differences`."""

    structure: Structure
    theirs: Dvh
    differences: tuple[Difference, ...] = ()
    gap_percent: float | None = None
    """The largest difference of the volumes at one dose, in percent of the volume."""
    gap_gy: float | None = None
    """The largest difference of the doses at one share of the volume, between 2 and 98 %."""
    in_grid_fraction: float | None = None
    notes: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """All curves of one export. Doses are in percent of `reference_gy`."""

    export: Export
    reference_gy: float
    structures: tuple[StructureComparison, ...]
    unmatched: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def widest(self) -> tuple[StructureComparison, Difference] | None:
        """The largest difference of a dose, one that nothing explains before all others; None where there is none.

        A minimum is left out: it hangs by a voxel.
        """
        found = [
            (each, difference)
            for each in self.structures
            for difference in each.differences
            if difference.metric.kind not in (Kind.VOLUME, Kind.MINIMUM) and difference.percent is not None
        ]
        return max(found, key=lambda pair: (pair[1].is_open, abs(pair[1].percent or 0.0)), default=None)


def compare(
    plan: Plan,
    export: Export,
    dvhs: Mapping[int, Dvh],
    *,
    end_caps: str = "half",
    reference_gy: float | None = None,
) -> Comparison | None:
    """`export` against our DVHs of the same structures; None where the plan has no dose.

    `dvhs` are those that are known already, by ROINumber, with `end_caps`. `reference_gy` is what doses are in percent
    of: the plan's prescription where it is None, and where there is none the maximum of the dose.
    """
    if plan.dose is None:
        return None
    prescribed = plan.prescription.dose_gy if plan.prescription is not None else None
    reference = reference_gy or prescribed or plan.dose.maximum_gy
    pairs = pair(plan, export)
    curves, notes = settled([curve for _, curve in pairs.matched], prescribed)
    structures = [structure for structure, _ in pairs.matched]
    missing = [s for s in structures if s.number not in dvhs]
    known = {**dvhs, **{d.structure.number: d for d in compute_dvhs(plan, missing, end_caps=end_caps)}}
    first = [
        _structure(known[s.number], histogram(s, curve, export.system), reference)
        for s, curve in zip(structures, curves, strict=True)
    ]
    open_ones = [found.structure for found in first if any(d.is_open for d in found.differences)]
    other = END_CAPS[1 - END_CAPS.index(end_caps)]
    others = {d.structure.number: d for d in compute_dvhs(plan, open_ones, end_caps=other)}
    explained = tuple(
        _explained(found, known[found.structure.number], others[found.structure.number], curve, end_caps, reference)
        if found.structure.number in others
        else replace(found, notes=(*found.notes, *_notes(curve)))
        for found, curve in zip(first, curves, strict=True)
    )
    return Comparison(export, reference, explained, pairs.unmatched, pairs.missing, notes)


def _structure(ours: Dvh, theirs: Dvh, reference_gy: float) -> StructureComparison:
    if ours.reason is not None or not ours.distributions:
        return StructureComparison(ours.structure, theirs, reason=ours.reason or "no numbers")
    differences = tuple(_difference(metric, ours, theirs, reference_gy) for metric in METRICS)
    return StructureComparison(
        ours.structure,
        theirs,
        differences,
        _gap_percent(ours, theirs),
        _gap_gy(ours, theirs),
        ours.in_grid_fraction,
    )


def _difference(metric: Metric, ours: Dvh, theirs: Dvh, reference_gy: float) -> Difference:
    mine, other = ours.metric(metric), theirs.metric(metric)
    percent = None
    if mine.value is not None and other.value is not None:
        whole = mine.value if metric.kind is Kind.VOLUME else reference_gy
        percent = 100 * (other.value - mine.value) / whole if whole > 0 else None
    return Difference(metric, mine, other, percent)


def _gap_percent(ours: Dvh, theirs: Dvh) -> float:
    mine, other = ours.distributions[0], theirs.distributions[0]
    doses = np.linspace(0.0, max(mine.maximum_gy, other.maximum_gy), _GAP_DOSES)
    gaps = [abs(mine.volume_at(d) / mine.inside_cc - other.volume_at(d) / other.inside_cc) for d in doses]
    return 100 * float(max(gaps))


def _gap_gy(ours: Dvh, theirs: Dvh) -> float:
    mine, other = ours.distributions[0], theirs.distributions[0]
    return float(max(abs(mine.dose_at(v * mine.inside_cc) - other.dose_at(v * other.inside_cc)) for v in _GAP_SHARES))


def _explained(
    found: StructureComparison, ours: Dvh, others: Dvh, curve: StoredDvh, end_caps: str, reference_gy: float
) -> StructureComparison:
    """`found` with what explains each difference that needs it."""
    differences = []
    for each in found.differences:
        if not each.is_open or each.theirs.value is None or each.ours.value is None:
            differences.append(each)
            continue
        theirs = each.theirs.value
        is_volume = each.metric.kind is Kind.VOLUME
        off = CLOSE_PERCENT / 100 * (each.ours.value if is_volume else reference_gy)
        off += curve.rounding_cc if is_volume else 0.0
        case = Case(each.metric, ours, others, found.theirs, curve, end_caps, theirs, off)
        other_caps = others.metric(each.metric).value
        differences.append(replace(each, other_caps=other_caps, explanations=explanations(case)))
    return replace(found, differences=tuple(differences), notes=(*found.notes, *_notes(curve)))


def _notes(curve: StoredDvh) -> tuple[str, ...]:
    """What must be known beside the numbers."""
    outside = curve.outside_percent
    said = () if outside is None else (f"the planning system itself has no dose for {outside:g} % of it",)
    return (*curve.notes, *said)
