"""How the files came to be: approval, intent, dates, and what computed the dose."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from hardcheck.errors import one_line
from hardcheck.evaluation.integrity.subject import Subject
from hardcheck.plan import Finding, Record, Severity

NOT_TO_TREAT: Final = frozenset({"VERIFICATION", "MACHINE_QA", "RESEARCH", "SERVICE"})
"""Plan Intents (300A,000A) of plans that nobody is treated with."""

ONE_EXPORT: Final = timedelta(minutes=10)
"""Files of one export are written one after another, and some systems date what they export by that."""

ALGORITHMS: Final = (
    ("Monte Carlo", r"monte[ _-]?carlo|\bx?vmc\b|\be?mc(?:_|\b)"),
    ("Acuros", r"acuros|\baxb\b"),
    ("AAA", r"\baaa(?:_|\b)|anisotropic analytical"),
    ("collapsed cone", r"collapsed[ _-]?cone|\bccc\b|\bcc convolution"),
    ("convolution superposition", r"superposition"),
    ("pencil beam", r"pencil[ _-]?beam|\bpbc\b"),
)
"""Names of dose algorithms, and how a dose comment writes them."""

_KINDS: Final = {"RTPLAN": "plan", "RTSTRUCT": "structure set"}


def approved(subject: Subject) -> Iterable[Finding]:
    """Plan and structure set are approved. AAPM MPPG 11.a; (300E,0002)."""
    open_ = [
        f"the {what} {f'is {_short(r.approval)}' if r.approval else 'does not say whether it is approved'}"
        for kind, what in _KINDS.items()
        for r in subject.plan.recorded(kind)
        if r.approval != "APPROVED"
    ]
    if open_:
        yield Finding("approved", Severity.WARN, ", and ".join(open_))


def intent(subject: Subject) -> Iterable[Finding]:
    """The plan is one to treat with. (300A,000A)."""
    for record in subject.plan.recorded("RTPLAN"):
        if record.intent in NOT_TO_TREAT:
            yield Finding("plan-intent", Severity.WARN, f"the intent of the plan is {record.intent}")


def newer_than_dose(subject: Subject) -> Iterable[Finding]:
    """Neither structures nor plan were changed after the dose was computed. AAPM TG-275."""
    doses = subject.plan.recorded("RTDOSE")
    times = [made for dose in doses if (made := _time(dose)) is not None]
    for kind, what in _KINDS.items():
        for record in subject.plan.recorded(kind):
            made = _time(record)
            # Years that stand in for removed ones tell nothing.
            if made is not None and times and made - min(times) > ONE_EXPORT:
                text = f"the {what} is newer than the dose by {_span(made - min(times))}"
                yield Finding("newer-than-dose", Severity.WARN, text)
    used = {s.sop_instance_uid for s in subject.plan.sources if s.modality == "RTSTRUCT"}
    if any(dose.structure_sets and used.isdisjoint(dose.structure_sets) for dose in doses if used):
        yield Finding("newer-than-dose", Severity.WARN, "the dose refers to another structure set than the plan's")


def algorithm(subject: Subject) -> Iterable[Finding]:
    """What computed the dose. AAPM MPPG 11.a; (3004,0014), (3004,0006)."""
    for dose in dict.fromkeys(subject.plan.recorded("RTDOSE")):
        name = next((n for n, pattern in ALGORITHMS if re.search(pattern, dose.comment, re.IGNORECASE)), None)
        by = " ".join(_short(text) for text in (dose.system, dose.software) if text) or "a system that is not named"
        corrected = ", ".join(_short(code) for code in dose.heterogeneity) or "not said"
        said = f"the dose is by {by}; heterogeneity correction: {corrected}; algorithm: {name or 'not said'}"
        is_unknown = name is None or "WATER" in dose.heterogeneity
        yield from _computed(said, is_unknown=is_unknown)


def _computed(said: str, *, is_unknown: bool) -> Iterable[Finding]:
    if is_unknown:
        yield Finding("dose-algorithm", Severity.WARN, said)
    else:
        yield Finding("dose-algorithm", Severity.INFO, said)


def _time(record: Record) -> datetime | None:
    """When it was made, None where that is not said or no date."""
    try:
        return datetime.strptime(record.made, "%Y%m%d%H%M%S") if record.made else None
    except ValueError:
        return None


def _span(time: timedelta) -> str:
    if time.days:
        return f"{time.days} day{'' if time.days == 1 else 's'}"
    minutes = int(time.total_seconds() // 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"


def _short(text: str) -> str:
    """Text from a file, in one line that is not long."""
    return one_line(text[:48])
