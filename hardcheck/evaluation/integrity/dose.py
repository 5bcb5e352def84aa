"""The dose: of the order of the prescription, and on a grid that tells what it has to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from hardcheck.evaluation.integrity.subject import Subject
from hardcheck.metric import Kind, Metric
from hardcheck.plan import DoseGrid, Finding, Plan, Severity
from hardcheck.protocol import Level

TARGET_D50_PERCENT: Final = (95.0, 110.0)
"""Where the D50 of a high-risk target lies in a plan that was made for its prescription (AAPM TG-275)."""

MAXIMUM_PERCENT: Final = (95.0, 150.0)
"""Where the dose maximum of such a plan lies, where no target tells more."""

UNEVEN_D50_PERCENT: Final = (95.0, 200.0)
UNEVEN_MAXIMUM_PERCENT: Final = (95.0, 250.0)
"""The same where the dose of a target is meant to be uneven: prescribed to the 50 to 88 % isodose (Feng et al. 2020)
the maximum is up to twice the prescription, and 15 fractions of 3 Gy with 4 vertices of 15 Gy on top have 233 %."""

_UNEVEN: Final = "; where it is meant to be uneven, the target of the protocol says uneven: true"
"""For a dose that is too high, which may be as it was wanted. One that is too low never is."""

COARSE_MM: Final = 3.0 + 1e-6
"""Spacing of a dose grid beyond which a reader is told; the rest is for spacings that were written as 3.0000001."""

UNKNOWN_BETWEEN_MM: Final = 10.0
"""Twice the coarsest grid that planning systems compute: frames are missing, and what they held is not known."""

FINE_MM: Final = 2.0 + 1e-6
"""The same where a structure is small or the fractions are large."""

SMALL_CC: Final = 5.0
LARGE_FRACTION_GY: Final = 5.0

HOTTEST: Final = 0.999
"""Of the maximum: voxels from which on are as hot as the hottest."""

MOST_VOXELS: Final = 5000
"""So many of them are looked at, evenly chosen: a flat dose has its maximum everywhere."""


def delivered_dose(subject: Subject) -> Iterable[Finding]:
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
            hint = "" if uneven or median_gy < highest.low_gy else _UNEVEN
            yield Finding(name, Severity.FAIL, f"the median dose of {target} is {said}{hint}", (roi_name,))
    if said := _implausible(subject.plan.dose.maximum_gy, highest, maximum_percent):
        hint = "" if uneven or subject.plan.dose.maximum_gy < highest.low_gy else _UNEVEN
        yield Finding(name, Severity.FAIL, f"the dose maximum is {said}{hint}")
    elif not medians:
        text = f"no target of level {highest.name} could be looked at: only the dose maximum was held against it"
        yield Finding(name, Severity.WARN, text)


def delivered_doses(subject: Subject) -> Iterable[Finding]:
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


def not_negative(subject: Subject) -> Iterable[Finding]:
    """A physical dose is nowhere negative."""
    for of, _, dose in _doses(subject):
        if (lowest := float(np.min(dose.dose_gy))) < 0:
            text = f"the dose grid{of} holds negative doses, down to {lowest:.3g} Gy"
            yield Finding("dose-not-negative", Severity.FAIL, text)


def _doses(subject: Subject) -> list[tuple[str, Plan, DoseGrid]]:
    """The plan with its dose, or each plan of a course with its own after its name, as in " of plan 1".

    What is wrong with one of them may not show in their sum.
    """
    course = subject.plan.course
    plans = [("", subject.plan)] if course is None else [(f" of {name}", plan) for name, plan in course.numbered]
    return [(of, plan, plan.dose) for of, plan in plans if plan.dose is not None]


def coverage(subject: Subject) -> Iterable[Finding]:
    """The dose grid covers each structure that a goal uses. (0020,0032), (3004,000C) against (3006,0050)."""
    for dvh in subject.dvhs.values():
        if (fraction := dvh.in_grid_fraction) is not None and fraction < 1:
            text = f"{100 * (1 - fraction):.3g} % of {dvh.structure.name} lies outside of the dose grid"
            yield Finding("dose-grid-covers-structure", Severity.WARN, text, (dvh.structure.name,))


def spacing(subject: Subject) -> Iterable[Finding]:
    """The voxels of the dose are near enough to one another for what lies between them. PixelSpacing, (3004,000C)."""
    for of, plan, dose in _doses(subject):
        widest = max(dose.spacing_mm)
        text = f"voxels of the dose grid{of} are up to {widest:.3g} mm apart"
        if widest > UNKNOWN_BETWEEN_MM:
            yield Finding("dose-grid-spacing", Severity.STOP, f"{text}: the dose between them is not known")
        elif widest > COARSE_MM:
            yield Finding("dose-grid-spacing", Severity.WARN, text)
        elif widest > FINE_MM:
            yield from _fine(subject, plan, text)


def _fine(subject: Subject, plan: Plan, text: str) -> Iterable[Finding]:
    """What makes a grid too coarse that would do otherwise: large fractions of `plan`, small structures."""
    prescribed = plan.prescription
    if prescribed is not None and prescribed.dose_gy and prescribed.fractions:
        fraction_gy = prescribed.dose_gy / prescribed.fractions
        if fraction_gy >= LARGE_FRACTION_GY:
            yield Finding("dose-grid-spacing", Severity.WARN, f"{text}, with {fraction_gy:.3g} Gy per fraction")
    volumes = ((s.name, subject.dvhs[s.number].volume.value) for s in subject.used)
    small = {name: cc for name, cc in volumes if cc is not None and cc < SMALL_CC}
    if small:
        listed = ", ".join(f"{name} ({cc:.2g} cc)" for name, cc in small.items())
        yield Finding("dose-grid-spacing", Severity.WARN, f"{text}, and goals are about {listed}", tuple(small))


def maximum_in_target(subject: Subject) -> Iterable[Finding]:
    """The hottest place of the dose is in a target. AAPM MPPG 11.a."""
    grid = subject.plan.dose
    solids = [solid for target in subject.targets if (solid := subject.shapes.of(target)) is not None]
    if grid is None or not solids or not grid.maximum_gy > 0:
        return
    k, j, i = np.nonzero(grid.dose_gy >= HOTTEST * grid.maximum_gy)
    points = np.column_stack([grid.x_mm[i], grid.y_mm[j], grid.z_mm[k]])[:: max(1, k.size // MOST_VOXELS)]
    reach = max(grid.spacing_mm)
    for solid in solids:
        low, high = solid.bounds_mm
        near = points[np.all((points >= low - 2 * reach) & (points <= high + 2 * reach), axis=1)]
        if near.size and np.any(np.isfinite(solid.outside_mm(near, reach))):
            return
    highest = subject.highest
    of = ""
    if highest is not None and highest.dose_gy:
        of = f", {100 * grid.maximum_gy / highest.dose_gy:.4g} % of {highest.text},"
    x, y, z = grid.maximum_at_mm
    text = f"the dose maximum, {grid.maximum_gy:.4g} Gy{of} lies outside of every target, at x {x:.0f}, y {y:.0f}, "
    yield Finding("dose-maximum-in-target", Severity.WARN, f"{text}z {z:.0f} mm")
