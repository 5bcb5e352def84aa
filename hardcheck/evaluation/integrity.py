"""Checks of the plan itself, before any number is believed: one small function each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from hardcheck.dvh import Dvh
from hardcheck.evaluation.levels import (
    LevelChoice,
    Matches,
    allows,
    doses_text,
    is_level,
    prescribed_gy,
)
from hardcheck.evaluation.side import wrong_side
from hardcheck.metric import Kind, Metric
from hardcheck.plan import Course, DoseGrid, Finding, Plan, Severity
from hardcheck.protocol import Level, Protocol, Regimen

TARGET_D50_PERCENT: Final = (95.0, 110.0)
"""Where the D50 of a high-risk target lies in a plan that was made for its prescription (AAPM TG-275)."""

MAXIMUM_PERCENT: Final = (95.0, 150.0)
"""Where the dose maximum of such a plan lies, where no target tells more."""

UNEVEN_D50_PERCENT: Final = (95.0, 200.0)
UNEVEN_MAXIMUM_PERCENT: Final = (95.0, 250.0)
"""The same where the dose of a target is meant to be uneven: prescribed to the 50 to 88 % isodose (Feng et al. 2020)
the maximum is up to twice the prescription, and 15 fractions of 3 Gy with 4 vertices of 15 Gy on top have 233 %."""

COARSE_MM: Final = 3.0 + 1e-6
"""Spacing of a dose grid beyond which a reader is told; the rest is for spacings that were written as 3.0000001."""

UNKNOWN_BETWEEN_MM: Final = 10.0
"""Twice the coarsest grid that planning systems compute: frames are missing, and what they held is not known."""

LEVELS_CHECK: Final = "levels-match-plan"
"""What it finds is about the dose of a level, and leaves the contours of its targets as they are."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What the checks look at. `dvhs` by ROINumber."""

    plan: Plan
    protocol: Protocol
    regimen: Regimen
    levels: Mapping[str, LevelChoice]
    matches: Matches
    dvhs: Mapping[int, Dvh]

    @property
    def highest(self) -> Level | None:
        """The highest level with the dose that was chosen for it, or its range where none was; None without levels."""
        chosen = {name: choice.dose_gy for name, choice in self.levels.items() if choice.dose_gy is not None}
        levels = [
            Level(v.name, chosen.get(v.name, v.low_gy), chosen.get(v.name, v.high_gy)) for v in self.regimen.levels
        ]
        return max(levels, key=lambda v: v.high_gy, default=None)


def run_checks(subject: Subject) -> tuple[Finding, ...]:
    """What all checks have to say, after what reading the files had to say."""
    return (*subject.plan.findings, *(f for check in CHECKS for f in check(subject)))


def _numbers(subject: Subject) -> Iterable[Finding]:
    """Each ROINumber (3006,0022) is that of one ROI; a DVH is found by nothing else."""
    counts = Counter(s.number for s in subject.plan.structures)
    for number in (n for n, count in counts.items() if count > 1):
        names = tuple(s.name for s in subject.plan.structures if s.number == number)
        yield Finding("roi-numbers-unique", Severity.STOP, f"ROINumber {number} stands for {len(names)} ROIs", names)


def _as_shipped(subject: Subject) -> Iterable[Finding]:
    """Who reads the id of a published protocol in a report takes its numbers for the published ones."""
    protocol = subject.protocol
    if protocol.shipped_sha256:
        text = (
            f"the protocol file has the id {protocol.id!r} of a protocol that hardcheck ships, and is another file "
            f"(SHA-256 {protocol.sha256[:12]}… for {protocol.shipped_sha256[:12]}…): give it an id of its own"
        )
        yield Finding("protocol-not-as-shipped", Severity.WARN, text)


def _prescription(subject: Subject) -> Iterable[Finding]:
    """Fractions and dose of the plan are those of the regimen. AAPM MPPG 11.a; (300A,0026), (300A,0078)."""
    name = "prescription-matches-regimen"
    prescription, course = subject.plan.prescription, subject.plan.course
    if prescription is None:
        yield Finding(
            name, Severity.STOP, "there is no prescription, so nothing shows that the plan is of this regimen"
        )
        return
    if course is not None:
        yield from _prescriptions(subject, course)
        return
    if subject.regimen.fractions is not None and prescription.fractions != subject.regimen.fractions:
        said = "no single number of" if prescription.fractions is None else str(prescription.fractions)
        text = f"the plan has {said} fractions, regimen {subject.regimen.id} has {subject.regimen.fractions}"
        yield Finding(name, Severity.FAIL, text)
    highest = subject.highest
    if highest is None or any(level.is_as_prescribed for level in subject.regimen.levels):
        return
    if prescription.dose_gy is None:
        yield Finding(name, Severity.WARN, f"the plan states no prescription; the regimen's is {highest.text}")
    elif not allows(highest, prescription.dose_gy):
        text = f"the plan prescribes {prescription.dose_gy:g} Gy, regimen {subject.regimen.id} {highest.text}"
        yield Finding(name, Severity.FAIL, text)


def _prescriptions(subject: Subject, course: Course) -> Iterable[Finding]:
    """Fractions and doses of the plans of a course are together those of the regimen, each in fractions as large."""
    name = "prescription-matches-regimen"
    regimen, highest = subject.regimen, subject.highest
    for called, plan in course.numbered:
        if regimen.fractions is not None and not plan.fractions:
            said = f"{called} has no single number of fractions, regimen {regimen.id} has {regimen.fractions}"
            yield Finding(name, Severity.FAIL, said)
    if highest is not None and highest.dose_gy is not None and _is_given(course, regimen, highest.dose_gy):
        return
    plans = " and ".join(f"{_gy(p.prescription_gy)} in {p.fractions or '?'}" for p in course.plans)
    whole = f"{_gy(course.prescription_gy)} in {course.fractions or '?'}"
    wanted = regimen.fractions_text if highest is None else f"{highest.text}, {regimen.fractions_text}"
    said = f"a course of {plans} fractions, together {whole}, is held against regimen {regimen.id} ({wanted})"
    if regimen.fractions is None:
        yield Finding(name, Severity.WARN, f"{said}, which was named for it")
    else:
        yield Finding(name, Severity.FAIL, f"{said}, which it is not")


def _is_given(course: Course, regimen: Regimen, dose_gy: float) -> bool:
    """Whether the plans are together the regimen with its highest `dose_gy`, in fractions of the same dose."""
    if course.fractions is None or course.prescription_gy is None or course.fractions != regimen.fractions:
        return False
    each_gy = dose_gy / course.fractions
    parts = [(plan.prescription_gy or 0.0, each_gy * (plan.fractions or 0)) for plan in course.plans]
    return is_level(course.prescription_gy, dose_gy) and all(is_level(has, wanted) for has, wanted in parts)


def _gy(dose_gy: float | None) -> str:
    return "an unknown dose" if dose_gy is None else f"{dose_gy:g} Gy"


def _levels(subject: Subject) -> Iterable[Finding]:
    """What the plan prescribes to the targets of each level is what they are evaluated with. (300A,0010)."""
    name = "levels-match-plan"
    plan_gy = subject.plan.prescription.dose_gy if subject.plan.prescription is not None else None
    for level in subject.regimen.levels:
        dose_gy = subject.levels[level.name].dose_gy
        prescribed = prescribed_gy(level, subject.protocol, subject.plan, subject.matches)
        # The highest dose that the plan prescribes is held against the highest level by itself.
        is_highest = subject.highest is not None and level.name == subject.highest.name
        is_held = is_highest and plan_gy in prescribed and not level.is_as_prescribed
        if dose_gy is None or is_held or not prescribed or any(is_level(d, dose_gy) for d in prescribed):
            continue
        said = doses_text(prescribed)
        if level.dose_gy is not None:
            text = f"the plan prescribes {said} to level {level.name}, which is evaluated with {dose_gy:g} Gy"
            yield Finding(name, Severity.FAIL, text)
        else:
            # A dose out of a range that is not the plan's was given by the user. Which one is meant is not known, and
            # coverage held against the lower one would pass a plan that falls short of what was prescribed.
            text = (
                f"the user gives {level.name} = {dose_gy:g} Gy, the plan prescribes {said}: give the one that the plan "
                "was made with, or correct the plan"
            )
            yield Finding(name, Severity.STOP, text, _targets(subject, level))


def _targets(subject: Subject, level: Level) -> tuple[str, ...]:
    """ROINames of the targets of `level`; never empty, since a finding without names touches the whole plan."""
    names = [s.name for s in subject.protocol.structures if s.level == level.name]
    rois = tuple(dict.fromkeys(roi.name for name in names for roi in subject.matches[name].structures))
    return rois or tuple(names) or (level.name,)


def _regimen(subject: Subject) -> Iterable[Finding]:
    """What the source says about the whole regimen."""
    if subject.regimen.caveat:
        yield Finding("regimen-caveat", Severity.WARN, subject.regimen.caveat)


def _delivered_dose(subject: Subject) -> Iterable[Finding]:
    """The dose is of the order of the prescription: not cGy, one fraction, or another plan. AAPM TG-275."""
    name = "delivered-dose-plausible"
    highest = subject.highest
    if subject.plan.dose is None:
        return
    if highest is None:
        text = "the regimen has no dose level, so nothing shows that the dose is of the whole course in Gy"
        yield Finding(name, Severity.STOP, text)
        return
    if highest.is_as_prescribed:
        text = "no prescription is known, so nothing shows that the dose is of the whole course in Gy"
        yield Finding(name, Severity.STOP, text)
        return
    uneven = any(s.uneven and s.level == highest.name for s in subject.protocol.structures)
    d50_percent = UNEVEN_D50_PERCENT if uneven else TARGET_D50_PERCENT
    maximum_percent = UNEVEN_MAXIMUM_PERCENT if uneven else MAXIMUM_PERCENT
    medians = list(_target_medians(subject, highest.name))
    for target, roi_name, median_gy in medians:
        if said := _implausible(median_gy, highest, d50_percent):
            yield Finding(name, Severity.FAIL, f"the median dose of {target} is {said}", (roi_name,))
    if said := _implausible(subject.plan.dose.maximum_gy, highest, maximum_percent):
        yield Finding(name, Severity.FAIL, f"the dose maximum is {said}")
    elif not medians:
        text = f"no target of level {highest.name} could be looked at: only the dose maximum was held against it"
        yield Finding(name, Severity.WARN, text)


def _delivered_doses(subject: Subject) -> Iterable[Finding]:
    """The dose of each plan of a course is of the order of its own prescription: a fault of one may hide in the sum."""
    name = "delivered-dose-plausible"
    course = subject.plan.course
    for called, plan in course.numbered if course is not None else ():
        if plan.dose is None or plan.prescription_gy is None:
            continue
        low, high = MAXIMUM_PERCENT
        maximum_gy, prescribed = plan.dose.maximum_gy, plan.prescription_gy
        text = f"the dose maximum of {called} is {maximum_gy:.4g} Gy, and it prescribes {prescribed:g} Gy"
        if maximum_gy < prescribed * low / 100:
            yield Finding(name, Severity.FAIL, text)
        elif maximum_gy > prescribed * high / 100:
            # Where it is prescribed to a low isodose, or to the valleys between vertices, that is as it should be.
            yield Finding(name, Severity.WARN, text)


def _target_medians(subject: Subject, level: str) -> Iterable[tuple[str, str, float]]:
    """Protocol name, ROIName and median dose in Gy of each target of `level` that has one."""
    for structure in subject.protocol.structures:
        if structure.role == "target" and structure.level == level:
            for roi in subject.matches[structure.name].structures:
                median = subject.dvhs[roi.number].metric(Metric(Kind.MEDIAN, "Gy"))
                if median.value is not None:
                    yield structure.name, roi.name, median.value


def _implausible(dose_gy: float, level: Level, percent: tuple[float, float]) -> str | None:
    """What is wrong with a dose that does not lie in that range of `level`, None where it does."""
    low, high = percent
    if level.low_gy * low / 100 <= dose_gy <= level.high_gy * high / 100:
        return None
    return f"{dose_gy:.4g} Gy; {low:g} to {high:g} % of {level.text} is plausible"


def _dose_not_negative(subject: Subject) -> Iterable[Finding]:
    """A physical dose is nowhere negative."""
    for of, dose in _doses(subject):
        if (lowest := float(np.min(dose.dose_gy))) < 0:
            text = f"the dose grid{of} holds negative doses, down to {lowest:.3g} Gy"
            yield Finding("dose-not-negative", Severity.FAIL, text)


def _doses(subject: Subject) -> list[tuple[str, DoseGrid]]:
    """The dose of the plan, or that of each plan of a course after its name, as in " of plan 1".

    What is wrong with one of them may not show in their sum.
    """
    if subject.plan.course is None:
        return [] if subject.plan.dose is None else [("", subject.plan.dose)]
    return [(f" of {name}", plan.dose) for name, plan in subject.plan.course.numbered if plan.dose is not None]


def _coverage(subject: Subject) -> Iterable[Finding]:
    """The dose grid covers each structure that a goal uses. (0020,0032), (3004,000C) against (3006,0050)."""
    for dvh in subject.dvhs.values():
        if (fraction := dvh.in_grid_fraction) is not None and fraction < 1:
            text = f"{100 * (1 - fraction):.3g} % of {dvh.structure.name} lies outside of the dose grid"
            yield Finding("dose-grid-covers-structure", Severity.WARN, text, (dvh.structure.name,))


def _spacing(subject: Subject) -> Iterable[Finding]:
    """The voxels of the dose are near enough to one another for what lies between them. PixelSpacing, (3004,000C)."""
    for of, dose in _doses(subject):
        if (widest := max(dose.spacing_mm)) > COARSE_MM:
            text = f"voxels of the dose grid{of} are up to {widest:.3g} mm apart"
            if widest > UNKNOWN_BETWEEN_MM:
                yield Finding("dose-grid-spacing", Severity.STOP, f"{text}: the dose between them is not known")
            else:
                yield Finding("dose-grid-spacing", Severity.WARN, text)


def _structures(subject: Subject) -> Iterable[Finding]:
    """What the contours of the structures that goals use leave in doubt."""
    for dvh in subject.dvhs.values():
        for caveat in dvh.caveats:
            if "dose grid" not in caveat:
                text = f"{dvh.structure.name}: {caveat}"
                yield Finding("structure-contours", Severity.WARN, text, (dvh.structure.name,))


def _laterality(subject: Subject) -> Iterable[Finding]:
    """The side in a structure's name is the side that its contours are on (patient LPS)."""
    for structure, text in wrong_side(subject.plan.structures):
        yield Finding("laterality", Severity.FAIL, text, (structure.name,))


CHECKS: Final[tuple[Callable[[Subject], Iterable[Finding]], ...]] = (
    _numbers,
    _as_shipped,
    _prescription,
    _levels,
    _regimen,
    _delivered_dose,
    _delivered_doses,
    _dose_not_negative,
    _coverage,
    _spacing,
    _structures,
    _laterality,
)
