"""The plans of a day as a list: one row for each plan that was found, the worst first, none left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from hardcheck import STATEMENT, __version__
from hardcheck.evaluation.result import Outcome
from hardcheck.report.anonymity import anonymised
from hardcheck.report.headline import Headline, headline
from hardcheck.report.row import goal_table

if TYPE_CHECKING:
    from hardcheck.evaluation.result import Evaluation
    from hardcheck.plan import Plan

ROUNDS_SCHEMA: Final = "hardcheck.rounds/1"

REFUSED: Final = "REFUSED"
"""What stands in the place of a verdict where there is none: the plan could not be read, or not be evaluated."""

ORDER: Final = ("FAIL", REFUSED, "REVIEW", "VARIATION", "PASS")
"""The worst first. Of a plan that was refused nobody knows anything."""


@dataclass(frozen=True, slots=True)
class RoundsRow:
    """One plan. `number` is its place in the order in which it was found, from 1."""

    number: int
    verdict: str
    """Or `REFUSED`."""
    place: str
    """Where it was found, as it was typed; empty without identity."""
    label: str
    patient_id: str
    protocol: str
    regimen: str
    said: str
    """What decided the verdict, or why it was refused."""
    named: str
    """The findings and goals that decided it, as far as there is room."""
    counts: Mapping[str, int]
    """Goals by outcome; empty where it was refused."""
    files: tuple[tuple[str, str], ...]
    """Form and name of each file that was written beside the list."""

    @property
    def is_refused(self) -> bool:
        """Whether there is no report of it."""
        return self.verdict == REFUSED


@dataclass(frozen=True, slots=True)
class Rounds:
    """The list. Each plan that was found is in it once: found = reports + refused."""

    rows: tuple[RoundsRow, ...]
    places: int
    anonymous: bool
    created: datetime

    @classmethod
    def of(cls, rows: Iterable[RoundsRow], *, places: int, anonymous: bool, created: datetime) -> Rounds:
        """`rows` sorted, the worst first and then as they were found."""
        ordered = sorted(rows, key=lambda row: (ORDER.index(row.verdict), row.number))
        return cls(tuple(ordered), places, anonymous, created)

    @property
    def refused(self) -> int:
        """How many have no report."""
        return sum(row.is_refused for row in self.rows)

    @property
    def reports(self) -> int:
        """How many have one."""
        return len(self.rows) - self.refused

    def count(self, verdict: str) -> int:
        """How many have that verdict, or `REFUSED`."""
        return sum(row.verdict == verdict for row in self.rows)


def judged(
    evaluation: Evaluation, *, number: int, place: str, files: tuple[tuple[str, str], ...], anonymous: bool
) -> RoundsRow:
    """The row of a plan that was evaluated; with `anonymous` nothing in it says who the patient is."""
    shown = anonymised(evaluation) if anonymous else evaluation
    rows = goal_table(shown).rows
    head = headline(shown, rows)
    return RoundsRow(
        number,
        str(shown.verdict),
        "" if anonymous else place,
        shown.plan.label,
        shown.plan.patient.id,
        f"{shown.protocol.id} {shown.protocol.version}".strip(),
        shown.regimen.id,
        head.sentence,
        _named(head),
        {str(outcome): shown.count(outcome) for outcome in Outcome},
        files,
    )


_LISTED: Final = 4
"""Findings and goals that a row names; the report has all."""


def _named(head: Headline) -> str:
    names = list(dict.fromkeys(finding.id for finding in head.findings))
    names += [f"{row.result.goal.structure} {row.result.goal}" for row in head.rows]
    names += [f"{', '.join(group.structures)}: {group.reason}" for group in head.undecided] if not names else []
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"{'; '.join(names[:_LISTED])}{more}"


def refused(reason: str, *, number: int, place: str, plan: Plan | None = None, anonymous: bool) -> RoundsRow:
    """The row of a plan without a report; `reason` is one line, and with `anonymous` one that names nothing.

    `plan` is what could be read all the same.
    """
    label, patient_id = ("", "") if plan is None or anonymous else (plan.label, plan.patient.id)
    return RoundsRow(number, REFUSED, "" if anonymous else place, label, patient_id, "", "", reason, "", {}, ())


def rounds_document(rounds: Rounds) -> dict[str, Any]:
    """The list as plain dicts, lists, strings and numbers (``hardcheck.rounds/1``)."""
    return {
        "schema": ROUNDS_SCHEMA,
        "version": __version__,
        "created": rounds.created.isoformat(timespec="seconds"),
        "anonymous": rounds.anonymous,
        "places": rounds.places,
        "found": len(rounds.rows),
        "reports": rounds.reports,
        "refused": rounds.refused,
        "plans": [_plan(row) for row in rounds.rows],
        "statement": STATEMENT,
    }


def _plan(row: RoundsRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "verdict": None if row.is_refused else row.verdict,
        "place": row.place or None,
        "label": row.label or None,
        "patient_id": row.patient_id or None,
        "protocol": row.protocol or None,
        "regimen": row.regimen or None,
        "decided_by": None if row.is_refused else row.said,
        "named": row.named or None,
        "reason": row.said if row.is_refused else None,
        "outcomes": dict(row.counts),
        "files": dict(row.files),
    }
