"""Checks of the plan itself, before any number is believed: one small function each, one module for each subject.

What each looks at, its severities, its reference and the elements it reads stand in `hardcheck.catalogue`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

from hardcheck.evaluation.integrity import body, contouring, delivery, dose, origin, prescription, structures
from hardcheck.evaluation.integrity.change import changed
from hardcheck.evaluation.integrity.definition import as_defined
from hardcheck.evaluation.integrity.prescription import LEVELS_CHECK
from hardcheck.evaluation.integrity.subject import Subject
from hardcheck.plan import Finding

__all__ = ["LEVELS_CHECK", "Subject", "as_wanted_afterwards", "run_checks"]

Check = Callable[[Subject], Iterable[Finding]]

CHECKS: Final[tuple[Check, ...]] = (
    structures.numbers,
    prescription.as_shipped,
    prescription.prescription,
    prescription.levels,
    prescription.levels_in_plan,
    prescription.limits_in_plan,
    prescription.regimen,
    dose.delivered_dose,
    dose.delivered_doses,
    delivery.beam_doses,
    dose.not_negative,
    dose.maximum_in_target,
    dose.coverage,
    dose.spacing,
    delivery.alike,
    delivery.isocentre,
    delivery.monitor_units,
    delivery.bolus,
    delivery.couch,
    delivery.overrides,
    origin.approved,
    origin.intent,
    origin.newer_than_dose,
    origin.algorithm,
    structures.names,
    structures.empty,
    structures.slices,
    structures.stray,
    structures.slivers,
    structures.contours,
    body.external,
    body.target_in_body,
    body.apart,
    structures.laterality,
    as_defined,
    contouring.inside,
    contouring.margin,
    contouring.extent,
    contouring.cut_off,
    contouring.strip,
    contouring.skin_distance,
)


OF_EACH_PLAN: Final[frozenset[Check]] = frozenset(
    {
        *(delivery.beam_doses, delivery.alike, delivery.isocentre, delivery.monitor_units, delivery.bolus),
        *(origin.approved, origin.intent, origin.newer_than_dose, origin.algorithm),
    }
)
"""Checks of what each plan of a course has by itself: its beams, its files."""

AFTERWARDS: Final = frozenset({"stored-dvh"})
"""Checks that need the results of the goals, and are asked after those."""


def run_checks(subject: Subject) -> tuple[Finding, ...]:
    """What all checks have to say, after what reading the files had to say, as the protocol wants it."""
    read = (f for f in subject.plan.findings if f.id not in AFTERWARDS)
    found = (*read, *(f for check in CHECKS for f in _found(check, subject)))
    return changed(found, [change for change in subject.protocol.checks if change.id not in AFTERWARDS])


def as_wanted_afterwards(findings: Iterable[Finding], subject: Subject) -> tuple[Finding, ...]:
    """What checks have to say that need the results of the goals, as the protocol wants it.

    `findings` stand after what reading the files had to say of the same.
    """
    read = (f for f in subject.plan.findings if f.id in AFTERWARDS)
    return changed((*read, *findings), [change for change in subject.protocol.checks if change.id in AFTERWARDS])


def _found(check: Check, subject: Subject) -> Iterator[Finding]:
    """What one check has to say, where it is of each plan after the number of that, as what reading it found."""
    course = subject.plan.course
    if course is None or check not in OF_EACH_PLAN:
        yield from check(subject)
        return
    for called, plan in course.numbered:
        for finding in check(replace(subject, plan=plan)):
            yield finding.within(f"{called}: ")
