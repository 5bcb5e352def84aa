"""Vertices in a tumour: what there is, and what the protocol asks of them. It is told, and decides nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from hardcheck.evaluation.integrity import Subject
from hardcheck.evaluation.levels import Matches
from hardcheck.evaluation.making import Maker
from hardcheck.evaluation.result import Asked, LatticeResult, Outcome
from hardcheck.lattice import Lattice, lattice_of
from hardcheck.metric import decimal_text
from hardcheck.plan import Structure
from hardcheck.protocol import ProtocolStructure, Vertices
from hardcheck.protocol.names import NOT_CONTOURED
from hardcheck.quantity import Quantity

VERTEX_DOSE: Final[Mapping[str, str]] = {
    "separate": "in a plan of its own: not in this dose, unless the plan has as many fractions as the vertices",
    "added": "in this dose, on top of the dose of those days",
    "instead": "in this dose, instead of the dose of those days",
}
"""What may be declared about the dose of the vertices, since no file tells it."""

ORGAN_TYPES: Final = frozenset({"ORGAN", "AVOIDANCE"})
"""RT ROI Interpreted Types (3006,00A4) of organs."""

_OUTCOMES: Final = {True: Outcome.MET, False: Outcome.NOT_MET, None: Outcome.MARGINAL}


@dataclass(frozen=True, slots=True)
class Course:
    """Fractions and dose in Gy of the plan, each None where it is not known, and what was declared of the vertices."""

    fractions: int | None
    dose_gy: float | None
    vertex_dose: str


def lattice_result(
    wanted: ProtocolStructure,
    roi: Structure,
    subject: Subject,
    maker: Maker,
    *,
    vertex_dose: str,
    end_caps: str,
    stop: str | None,
) -> LatticeResult:
    """The vertices in `roi`, one that the protocol structure `wanted` stands for; `stop` says why no number counts."""
    asks = wanted.vertices or Vertices(())
    declared = f"{vertex_dose}: {VERTEX_DOSE[vertex_dose]}"
    if stop is not None:
        return LatticeResult(wanted.name, roi.number, roi.name, declared, reason=stop)
    several, missing = _rois(asks, subject.matches)
    lattice = lattice_of(
        subject.plan, roi, several, _organs(subject, maker, (roi, *several)), missing=missing, end_caps=end_caps
    )
    prescription = subject.plan.prescription
    course = Course(
        prescription.fractions if prescription is not None else None,
        prescription.dose_gy if prescription is not None else None,
        vertex_dose,
    )
    asked = tuple(_asked(asks, lattice, course))
    return LatticeResult(wanted.name, roi.number, roi.name, declared, lattice, asked, lattice.reason)


def _rois(asks: Vertices, matches: Matches) -> tuple[list[Structure], str]:
    """The ROIs of the vertices; where one cannot be told there are none, and why."""
    found = {name: matches[name] for name in asks.structures}
    unclear = [f"{name}: {m.reason}" for name, m in found.items() if not m.structures and m.reason != NOT_CONTOURED]
    if unclear:
        return [], "; ".join(unclear)
    rois = list(dict.fromkeys(roi for match in found.values() for roi in match.structures))
    return rois, f"{' and '.join(asks.structures)}: {NOT_CONTOURED}"


def _organs(subject: Subject, maker: Maker, others: tuple[Structure, ...]) -> list[Structure]:
    """Contoured organs: those of the protocol, and ROIs of such a type."""
    named = [subject.matches[s.name] for s in subject.protocol.structures if s.role == "organ"]
    rois = [roi for match in named for roi in match.structures if not maker.is_made(roi)]
    rois += [s for s in subject.plan.structures if s.interpreted_type in ORGAN_TYPES and s.unusable is None]
    numbers = {s.number for s in others}
    return [roi for roi in dict.fromkeys(rois) if roi.number not in numbers]


def _asked(asks: Vertices, lattice: Lattice, course: Course) -> Iterator[Asked]:
    """What the protocol asks, held against what there is."""
    if asks.least_diameter_mm is not None:
        least = asks.least_diameter_mm
        met = lattice.diameter.holds(lambda mm: mm >= least)
        text = f"at least {decimal_text(least)} mm"
        yield _held("greatest diameter of the tumour", lattice.diameter, text, met)
    if asks.dose_per_fraction_gy is not None:
        yield from _doses(asks.dose_per_fraction_gy, asks.fractions, lattice, course)


def _doses(
    range_gy: tuple[float, float], fractions: tuple[int, int] | None, lattice: Lattice, course: Course
) -> Iterator[Asked]:
    """The dose of the vertices per fraction, for each number of fractions that it may be given in."""
    low_gy, high_gy = range_gy
    text = f"{decimal_text(low_gy)} to {decimal_text(high_gy)} Gy"
    name = "median dose of the vertices per vertex fraction"
    reason = lattice.reason or _unknown(fractions, course)
    if reason is not None or fractions is None or course.fractions is None:
        yield Asked(name, Quantity.unknown("Gy", reason or ""), text, Outcome.NOT_EVALUATED, reason)
        return
    first, last = fractions
    counts = [course.fractions] if course.vertex_dose == "separate" else range(first, last + 1)
    for count in counts:
        taken_gy = _taken_gy(count, course)
        doses = [_per_fraction(vertex.median, taken_gy, count) for vertex in lattice.vertices]
        quantity = _span(doses)
        ends = {q.holds(lambda gy: gy >= low_gy) for q in doses} | {q.holds(lambda gy: gy <= high_gy) for q in doses}
        inside = False if False in ends else True if ends == {True} else None
        yield _held(f"{name}, if in {count} fractions", quantity, text, inside)


def _unknown(fractions: tuple[int, int] | None, course: Course) -> str | None:
    """Why the dose per vertex fraction cannot be told, None where it can be."""
    if fractions is None:
        return "the protocol does not say in how many fractions it is given"
    if course.fractions is None:
        return "the plan has no single number of fractions"
    if course.vertex_dose == "separate":
        if fractions[0] <= course.fractions <= fractions[1]:
            return None
        return (
            "it is in a plan of its own (declared by default; --vertex-dose added or instead where it is in this one)"
        )
    if course.dose_gy is None:
        return "the plan states no prescription"
    return None if course.fractions >= fractions[1] else f"the plan has {course.fractions} fractions"


def _taken_gy(count: int, course: Course) -> float:
    """What of the dose of a vertex is not of its `count` fractions."""
    total_gy, fractions = course.dose_gy or 0.0, course.fractions or 1
    if course.vertex_dose == "separate":
        return 0.0
    return total_gy if course.vertex_dose == "added" else total_gy * (fractions - count) / fractions


def _per_fraction(dose: Quantity, taken_gy: float, count: int) -> Quantity:
    if dose.value is None or dose.low is None or dose.high is None:
        return dose
    low, value, high = ((gy - taken_gy) / count for gy in (dose.low, dose.value, dose.high))
    return Quantity(value, low, high, "Gy", None, dose.caveats)


def _span(several: list[Quantity]) -> Quantity:
    """The lowest of several doses, with an interval up to the highest; unknown where one of them is."""
    reason = next((q.reason for q in several if q.value is None), None)
    if reason is not None:
        return Quantity.unknown("Gy", reason)
    bounds = [bound if bound is not None else math.inf for q in several for bound in (q.low, q.high)]
    return Quantity.spanning(min(q.value or 0.0 for q in several), tuple(bounds), "Gy")


def _held(name: str, quantity: Quantity, wanted: str, met: bool | None) -> Asked:
    if quantity.value is None:
        return Asked(name, quantity, wanted, Outcome.NOT_EVALUATED, quantity.reason)
    return Asked(name, quantity, wanted, _OUTCOMES[met])
