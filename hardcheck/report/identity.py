"""Whose plan it is, and what it was held against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hardcheck.metric import decimal_text
from hardcheck.radiobiology import Schedule, known_schedule
from hardcheck.wording import ENGLISH, WORDS, Wording

if TYPE_CHECKING:
    from hardcheck.evaluation.result import Evaluation
    from hardcheck.plan import Course, Patient, Plan

_NOT_SAID = "not stated"
_KEYS = {text: key for key, text in WORDS["fact"].items()}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: what it is, what it says, and what is to be known about it."""

    label: str
    value: str
    note: str = ""

    @property
    def is_fixed(self) -> bool:
        """Whether the value is the report's own word that there is none."""
        return self.value in (_NOT_SAID, WORDS["fact"]["left_out"])


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Lines under one heading."""

    title: str
    facts: tuple[Fact, ...]


def identity(evaluation: Evaluation, *, anonymous: bool, wording: Wording = ENGLISH) -> tuple[FactGroup, ...]:
    """Patient, plan, protocol and prescription levels. With `anonymous` the patient is not among them."""
    *groups, levels = _groups(evaluation, anonymous=anonymous)
    # The names of levels are the protocol's.
    return (*(_worded(group, wording) for group in groups), replace(levels, title=_word(levels.title, wording)))


def _worded(group: FactGroup, wording: Wording) -> FactGroup:
    """The group with the fixed words as `wording` has them."""
    facts = (
        replace(
            fact, label=_word(fact.label, wording), value=_word(fact.value, wording) if fact.is_fixed else fact.value
        )
        for fact in group.facts
    )
    return FactGroup(_word(group.title, wording), tuple(facts))


def _word(text: str, wording: Wording) -> str:
    key = _KEYS.get(text)
    return text if key is None else wording.say(f"fact.{key}")


def _groups(evaluation: Evaluation, *, anonymous: bool) -> tuple[FactGroup, ...]:
    groups = [
        _plan_group(evaluation.plan, anonymous=anonymous),
        FactGroup("Protocol", tuple(_protocol(evaluation))),
        FactGroup("Prescription levels", tuple(_levels(evaluation))),
    ]
    if anonymous:
        left_out = "name, id, birth date, plan label, UIDs and checksums of the files"
        return FactGroup("Patient", (Fact("Identity", "left out", left_out),)), *groups
    return FactGroup("Patient", tuple(_patient(evaluation.plan.patient))), *groups


def named(patient: Patient) -> str:
    """Family name, given names; empty where there is none."""
    family, _, given = patient.name.partition("^")
    given = given.replace("^", " ").strip()
    return f"{family}, {given}" if given else family


def _patient(patient: Patient) -> Iterable[Fact]:
    yield Fact("Name", named(patient) or _NOT_SAID)
    yield Fact("ID", patient.id or _NOT_SAID)
    yield Fact("Born", _date(patient.birth_date) or _NOT_SAID)


def _date(text: str) -> str:
    """YYYYMMDD as DICOM has it, with dashes; anything else as it is."""
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == 8 and text.isascii() and text.isdigit() else text


def _plan_group(plan: Plan, *, anonymous: bool) -> FactGroup:
    if plan.course is not None:
        title = f"Course of {len(plan.course.plans)} plans"
        return FactGroup(title, tuple(_course(plan.course, anonymous=anonymous)))
    return FactGroup("Plan", tuple(_plan(plan, anonymous=anonymous)))


def _course(course: Course, *, anonymous: bool) -> Iterable[Fact]:
    """Each plan, and what they are together."""
    for place, (name, plan) in enumerate(course.numbered):
        notes = ["" if anonymous else plan.label, _per_fraction(plan.prescription_gy, plan.fractions)]
        notes += [f"approval {plan.approval or _NOT_SAID}"]
        notes += ["its structures are used"] if place == course.structures_from else []
        yield Fact(name.capitalize(), _scheme(plan.prescription_gy, plan.fractions), "; ".join(n for n in notes if n))
    together = _scheme(course.prescription_gy, course.fractions)
    yield Fact("Together", together, "physical doses added; EQD2 and BED plan by plan")


def _scheme(dose_gy: float | None, fractions: int | None) -> str:
    dose = _NOT_SAID if dose_gy is None else f"{decimal_text(dose_gy)} Gy"
    return f"{dose} in {fractions or '?'} fractions"


def _plan(plan: Plan, *, anonymous: bool) -> Iterable[Fact]:
    dose_gy, fractions = plan.prescription_gy, plan.fractions
    if not anonymous:
        yield Fact("Label", plan.label or _NOT_SAID)
    yield Fact(
        "Prescribed", _NOT_SAID if dose_gy is None else f"{decimal_text(dose_gy)} Gy", _per_fraction(dose_gy, fractions)
    )
    yield Fact("Fractions", _NOT_SAID if fractions is None else str(fractions))
    if (schedule := schedule_of(plan)) is not None:
        how = "named by fractions and dose per fraction alone, whatever is treated"
        yield Fact("Schedule", str(schedule), f"{how}; {schedule.source}")
    yield Fact("Approval", plan.approval or _NOT_SAID)


def schedule_of(plan: Plan) -> Schedule | None:
    """The known schedule that the plan's fractions and its highest prescribed dose are."""
    prescription = plan.prescription
    return None if prescription is None else known_schedule(prescription.fractions, prescription.dose_gy)


def _per_fraction(dose_gy: float | None, fractions: int | None) -> str:
    return f"{dose_gy / fractions:.2f} Gy per fraction" if dose_gy is not None and fractions else ""


def _protocol(evaluation: Evaluation) -> Iterable[Fact]:
    protocol, regimen = evaluation.protocol, evaluation.regimen
    yield Fact("Protocol", f"{protocol.id} {protocol.version}".strip(), protocol.title)
    yield Fact("Regimen", regimen.id, "; ".join(t for t in (regimen.fractions_text, regimen.when) if t))
    yield Fact("Verification", protocol.verification or _NOT_SAID, "how far its numbers were held against the source")
    if protocol.shipped_sha256:
        yield Fact(
            "File", "not as shipped", f"it has the id of a shipped protocol, and is another file: {protocol.sha256}"
        )
    if regimen.caveat:
        yield Fact("Mind", regimen.caveat)


def _levels(evaluation: Evaluation) -> Iterable[Fact]:
    """Every level of the regimen, known or not, and how each was known."""
    names = [level.name for level in evaluation.regimen.levels]
    for name in dict.fromkeys([*names, *evaluation.levels]):
        dose_gy = evaluation.levels.get(name)
        how = evaluation.level_origins.get(name, "")
        if dose_gy is None:
            yield Fact(name, "not known", how or "goals in percent of it are not evaluated")
        else:
            yield Fact(name, f"{decimal_text(dose_gy)} Gy", how or "not said how it is known")
