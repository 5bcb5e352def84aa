"""The prescription: that of the regimen, level by level, and with the limits that the plan carries itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hardcheck.evaluation.integrity.subject import Subject
from hardcheck.evaluation.levels import allows, doses_text, is_level, prescribed_gy
from hardcheck.metric import Kind, Metric
from hardcheck.plan import Course, DoseReference, Finding, Plan, Severity
from hardcheck.protocol import Goal, Level, Regimen
from hardcheck.protocol.names import normal

LEVELS_CHECK: Final = "levels-match-plan"
"""What it finds is about the dose of a level, and leaves the contours of its targets as they are."""


def as_shipped(subject: Subject) -> Iterable[Finding]:
    """Who reads the id of a published protocol in a report takes its numbers for the published ones."""
    protocol = subject.protocol
    if protocol.shipped_sha256:
        text = (
            f"the protocol file has the id {protocol.id!r} of a protocol that hardcheck ships, and is another file "
            f"(SHA-256 {protocol.sha256[:12]}… for {protocol.shipped_sha256[:12]}…): give it an id of its own"
        )
        yield Finding("protocol-not-as-shipped", Severity.WARN, text)


def prescription(subject: Subject) -> Iterable[Finding]:
    """Fractions and dose of the plan are those of the regimen. AAPM MPPG 11.a; (300A,0026), (300A,0078)."""
    name = "prescription-matches-regimen"
    prescribed, course = subject.plan.prescription, subject.plan.course
    if prescribed is None:
        yield Finding(
            name, Severity.STOP, "there is no prescription, so nothing shows that the plan is of this regimen"
        )
        return
    if course is not None:
        yield from _prescriptions(subject, course)
        return
    if subject.regimen.fractions is not None and prescribed.fractions != subject.regimen.fractions:
        said = "no single number of" if prescribed.fractions is None else str(prescribed.fractions)
        text = f"the plan has {said} fractions, regimen {subject.regimen.id} has {subject.regimen.fractions}"
        yield Finding(name, Severity.FAIL, text)
    highest = subject.highest
    if highest is None or any(level.is_as_prescribed for level in subject.regimen.levels):
        return
    if prescribed.dose_gy is None:
        yield Finding(name, Severity.WARN, f"the plan states no prescription; the regimen's is {highest.text}")
    elif not allows(highest, prescribed.dose_gy):
        text = f"the plan prescribes {prescribed.dose_gy:g} Gy, regimen {subject.regimen.id} {highest.text}"
        yield Finding(name, Severity.FAIL, text)


def _prescriptions(subject: Subject, course: Course) -> Iterable[Finding]:
    """Fractions and doses of the plans of a course are together those of the regimen, each in fractions as large."""
    name = "prescription-matches-regimen"
    wanted, highest = subject.regimen, subject.highest
    for called, plan in course.numbered:
        if wanted.fractions is not None and not plan.fractions:
            said = f"{called} has no single number of fractions, regimen {wanted.id} has {wanted.fractions}"
            yield Finding(name, Severity.FAIL, said)
    if highest is not None and highest.dose_gy is not None and _is_given(course, wanted, highest.dose_gy):
        return
    plans = " and ".join(f"{_gy(p.prescription_gy)} in {p.fractions or '?'}" for p in course.plans)
    whole = f"{_gy(course.prescription_gy)} in {course.fractions or '?'}"
    text = wanted.fractions_text if highest is None else f"{highest.text}, {wanted.fractions_text}"
    said = f"a course of {plans} fractions, together {whole}, is held against regimen {wanted.id} ({text})"
    if wanted.fractions is None:
        yield Finding(name, Severity.WARN, f"{said}, which was named for it")
    else:
        each = " and ".join(_each(p) for p in course.plans)
        yield Finding(name, Severity.FAIL, f"{said}, which it is not: its fractions are of {each}")


def _is_given(course: Course, wanted: Regimen, dose_gy: float) -> bool:
    """Whether the plans are together the regimen with its highest `dose_gy`, in fractions of the same dose."""
    if course.fractions is None or course.prescription_gy is None or course.fractions != wanted.fractions:
        return False
    each_gy = dose_gy / course.fractions
    parts = [(plan.prescription_gy or 0.0, each_gy * (plan.fractions or 0)) for plan in course.plans]
    return is_level(course.prescription_gy, dose_gy) and all(is_level(has, meant) for has, meant in parts)


def _each(plan: Plan) -> str:
    """The dose per fraction of a plan."""
    if plan.prescription_gy is None or not plan.fractions:
        return "an unknown dose"
    return f"{plan.prescription_gy / plan.fractions:.4g} Gy"


def _gy(dose_gy: float | None) -> str:
    return "an unknown dose" if dose_gy is None else f"{dose_gy:g} Gy"


def levels(subject: Subject) -> Iterable[Finding]:
    """What the plan prescribes to the targets of each level is what they are evaluated with. (300A,0010)."""
    name = "levels-match-plan"
    plan_gy = subject.plan.prescription.dose_gy if subject.plan.prescription is not None else None
    for level in subject.regimen.levels:
        dose_gy = subject.levels[level.name].dose_gy
        prescribed = prescribed_gy(level, subject.protocol, subject.plan, subject.matches)
        # A dose of the whole plan that names no target is that of the highest level; a course has none.
        is_whole = subject.highest is not None and level.name == subject.highest.name and subject.plan.course is None
        if is_whole and level.is_as_prescribed and not prescribed and plan_gy is not None:
            prescribed = {plan_gy}
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


def regimen(subject: Subject) -> Iterable[Finding]:
    """What the source says about the whole regimen."""
    if subject.regimen.caveat:
        yield Finding("regimen-caveat", Severity.WARN, subject.regimen.caveat)


def levels_in_plan(subject: Subject) -> Iterable[Finding]:
    """A plan with several dose levels prescribes a dose to each of its targets. (300A,0010).

    Of a course nothing says which doses of its plans add up to which level.
    """
    prescribed = subject.plan.prescription
    if prescribed is None or prescribed.dose_gy is None or len(subject.regimen.levels) < 2:
        return
    if subject.plan.course is not None:
        return
    for level in subject.regimen.levels:
        targets = _contoured(subject, level)
        is_highest = subject.highest is not None and level.name == subject.highest.name
        if targets and not is_highest and not prescribed_gy(level, subject.protocol, subject.plan, subject.matches):
            text = f"the plan prescribes no dose to level {level.name}, {level.text}"
            yield Finding("levels-in-plan", Severity.WARN, text, targets)


def _contoured(subject: Subject, level: Level) -> tuple[str, ...]:
    """ROINames of the targets of `level` that are contoured."""
    names = [s.name for s in subject.protocol.structures if s.level == level.name and s.role == "target"]
    return tuple(dict.fromkeys(roi.name for name in names for roi in subject.matches[name].structures))


def limits_in_plan(subject: Subject) -> Iterable[Finding]:
    """Limits that the plan carries are among those of the protocol. (300A,0025), (300A,0027), (300A,002B to 002D)."""
    prescribed = subject.plan.prescription
    for reference in prescribed.references if prescribed is not None else ():
        for name, rois in _meant(subject, reference):
            wanted = subject.protocol.structure(name)
            choice = subject.levels.get(wanted.level)
            level_gy = choice.dose_gy if choice is not None else None
            goals = [g for g in subject.goals if g.structure == name]
            for what, said, metrics in _limits(reference):
                own = {v for g in goals if (v := _limit(g, metrics, level_gy)) is not None}
                if own and not any(is_level(said, v) for v in own):
                    listed = " and ".join(f"{v:g}" for v in sorted(own))
                    text = f"the plan's {what} of {name} is {said:g}, the protocol's {listed}"
                    yield Finding("limits-in-plan", Severity.WARN, text, rois)


def _meant(subject: Subject, reference: DoseReference) -> Iterable[tuple[str, tuple[str, ...]]]:
    """Structures of the protocol that a dose reference is about, with their ROINames."""
    for wanted in subject.protocol.structures:
        rois = subject.matches[wanted.name].structures
        named = normal(reference.description) in {normal(n) for n in (wanted.name, *wanted.aliases)}
        is_number = reference.roi_number is not None and reference.roi_number in {r.number for r in rois}
        if is_number or (reference.roi_number is None and named):
            yield wanted.name, tuple(r.name for r in rois) or (wanted.name,)


def _limits(reference: DoseReference) -> Iterable[tuple[str, float, tuple[Metric, ...]]]:
    """What a dose reference limits, its value, and the metrics of goals that limit the same."""
    highest = (Metric(Kind.MAXIMUM, "Gy"), Metric.parse("D0.03cc[Gy]"), Metric.parse("D0.03cc[%]"))
    lowest = (Metric(Kind.MINIMUM, "Gy"), Metric.parse("DC0.03cc[Gy]"), Metric.parse("DC0.03cc[%]"))
    if reference.organ_maximum_gy is not None:
        yield "maximum in Gy", reference.organ_maximum_gy, highest
    if reference.target_maximum_gy is not None:
        yield "maximum in Gy", reference.target_maximum_gy, highest
    if reference.target_minimum_gy is not None:
        yield "minimum in Gy", reference.target_minimum_gy, lowest
    if reference.organ_limit_gy is not None and reference.overdose_percent is not None:
        at = f"V{reference.organ_limit_gy:g}Gy[%]"
        yield f"{at} in %", reference.overdose_percent, (Metric.parse(at),)


def _limit(goal: Goal, metrics: tuple[Metric, ...], level_gy: float | None) -> float | None:
    """The limit of `goal` in Gy, or in % of volume, None where it limits something else."""
    if goal.metric not in metrics or goal.limit.volume_of is not None:
        return None
    if goal.metric.is_of_level:
        return None if level_gy is None else goal.limit.value * level_gy / 100
    return goal.limit.value
