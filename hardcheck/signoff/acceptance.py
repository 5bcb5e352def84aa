"""People's acceptances: made, and carried over to a later evaluation of the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from hardcheck.errors import UsageError
from hardcheck.evaluation import Acceptance
from hardcheck.report.document import acceptance_entry
from hardcheck.report.seal import is_acceptance_intact, is_intact, seal
from hardcheck.signoff.stored import Document
from hardcheck.spelling import did_you_mean

OPEN: Final = ("NOT_MET", "MARGINAL", "NOT_EVALUATED")
"""Outcomes that a person may accept; any other only where a person has to judge how it came about."""

SAME: Final = (
    "structure", "roi_name", "goal", "metric", "op", "limit", "unit", "tier", "value", "low", "high", "outcome",
    "reason", "review",
)  # fmt: skip
"""What of a goal must be the same for an acceptance of it to go on."""

LONGEST: Final = 2000
"""Characters of a name, a role and a reason."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who accepts: name, role, and why. UsageError where any of them is empty or too long."""

    by: str
    role: str
    reason: str

    def __post_init__(self) -> None:
        for option, text in (("--by", self.by), ("--role", self.role), ("--reason", self.reason)):
            if not text.strip() or not any(c.isalnum() for c in text):
                raise UsageError("says nothing", where=option, do="an acceptance has a name, a role and a reason")
            if len(text) > LONGEST:
                raise UsageError(f"has more than {LONGEST} characters", where=option, do="say it shorter")


def accept(document: Document, name: str, person: Person, time: datetime, *, roi: int | None = None) -> list[Document]:
    """The entries that `person` adds to `accepted` of an evaluation, for the goal or the check of id `name`.

    `roi` is the ROINumber, where several ROIs were held against the goal, or the check speaks of several. UsageError
    where there is nothing to accept, and where the evaluation is not as it was written.
    """
    require_intact(document)
    goals = [goal for goal in document["goals"] if goal["id"] == name]
    findings = [finding for finding in document["integrity"] if finding["id"] == name]
    if not goals and not findings:
        known = dict.fromkeys(item["id"] for item in (*document["goals"], *document["integrity"]))
        do = did_you_mean(name, list(known)) or "the JSON has the ids under goals and integrity"
        raise UsageError(f"the evaluation has no goal and no finding {name!r}", do=do)
    if goals:
        goal = _the_goal(goals, name, roi)
        _refuse_settled(goal, name)
        chosen = [Acceptance(name, goal["roi_number"], None, (), *_said(person, time, document))]
    else:
        chosen = [
            Acceptance(name, roi, found["message"], tuple(found["structures"]), *_said(person, time, document))
            for found in _the_findings(findings, name, roi, document)
        ]
    return [acceptance_entry(accepted) for accepted in chosen]


def require_intact(document: Mapping[str, Any]) -> None:
    """UsageError where the document is not as it was written, or does not say."""
    if document["provenance"].get("evaluation_sha256") is None:
        raise UsageError("the evaluation carries no checksum of itself", do="run 'hardcheck check' again")
    what = (
        "the evaluation" if not is_intact(document) else "" if is_acceptance_intact(document) else "what was accepted"
    )
    if what:
        raise UsageError(
            f"{what} was changed after it was written: its own checksum does not fit", do="run 'hardcheck check' again"
        )


def carried(stored: Mapping[str, Any], document: Mapping[str, Any]) -> tuple[tuple[Acceptance, ...], list[str]]:
    """What of the acceptances in `stored` goes on in `document`, a later evaluation; and why others do not.

    Only where goal, value, limit and inputs are the same. UsageError where `stored` is not as it was written.
    """
    require_intact(stored)
    kept: list[Acceptance] = []
    left: list[str] = []
    same_inputs = _inputs(stored) is not None and _inputs(stored) == _inputs(document)
    for entry in stored.get("accepted", []):
        accepted = _read(entry)
        if not same_inputs:
            left.append(f"{accepted.id}: the files are not the same, or have no checksum")
        elif why := _changed(accepted, stored, document):
            left.append(f"{accepted.id}: {why}")
        else:
            kept.append(accepted)
    return tuple(kept), left


def _said(person: Person, time: datetime, document: Document) -> tuple[str, str, str, str, str]:
    by, role, reason = (text.strip() for text in (person.by, person.role, person.reason))
    return by, role, time.isoformat(timespec="seconds"), reason, seal(document)


def _the_goal(goals: Sequence[Document], name: str, roi: int | None) -> Document:
    found = [goal for goal in goals if roi is None or goal["roi_number"] == roi]
    if len(found) == 1:
        return found[0]
    numbers = ", ".join("none" if goal["roi_number"] is None else str(goal["roi_number"]) for goal in goals)
    if not found:
        raise UsageError(f"{name} was not held against ROI {roi}", where="--roi", do=f"its ROIs are: {numbers}")
    raise UsageError(f"{name} was held against {len(found)} ROIs", do=f"choose one with --roi: {numbers}")


def _refuse_settled(goal: Document, name: str) -> None:
    """UsageError for a goal that is met, unless a person has to judge how, and for one that does not apply."""
    outcome = goal.get("outcome")
    if outcome in OPEN or goal.get("review"):
        return
    said = "is met" if outcome == "MET" else "does not apply"
    raise UsageError(f"{name} {said}: there is nothing to accept", do="accept what is not met, marginal or open")


def _the_findings(findings: Sequence[Document], name: str, roi: int | None, document: Document) -> list[Document]:
    """The findings of a check: the one there is, or all about one ROI."""
    names = {goal["roi_name"] for goal in document["goals"] if roi is not None and goal["roi_number"] == roi}
    found = [each for each in findings if roi is None or names & set(each["structures"])]
    if not found:
        raise UsageError(f"{name} says nothing about ROI {roi}", where="--roi", do="leave --roi away, or name another")
    if len(found) > 1 and roi is None:
        about = {each for finding in findings for each in finding["structures"]}
        numbers = dict.fromkeys(g["roi_number"] for g in document["goals"] if g["roi_name"] in about)
        listed = ", ".join(str(number) for number in numbers if number is not None) or "none of the goals"
        raise UsageError(f"{name} found {len(found)} things", do=f"choose the ROI with --roi: {listed}")
    return found


def _inputs(document: Mapping[str, Any]) -> frozenset[tuple[str, str]] | None:
    """UID and checksum of each file, None where one has none."""
    files = [(item.get("sop_instance_uid"), item.get("sha256")) for item in document["provenance"]["inputs"]]
    return frozenset(files) if files and all(uid and sha256 for uid, sha256 in files) else None


def _changed(accepted: Acceptance, stored: Mapping[str, Any], document: Mapping[str, Any]) -> str | None:
    """Why an acceptance does not go on, None where what it is of is the same."""
    if accepted.message is not None:
        both = [[f for f in d["integrity"] if _is_finding(f, accepted)] for d in (stored, document)]
        return None if both[0] and both[0] == both[1] else "the check does not say the same any more"
    before, after = (
        [g for g in d["goals"] if (g["id"], g["roi_number"]) == (accepted.id, accepted.roi_number)]
        for d in (stored, document)
    )
    if len(before) != 1 or len(after) != 1:
        return "the goal is not there any more"
    changed = [name for name in SAME if before[0].get(name) != after[0].get(name)]
    return f"changed: {', '.join(changed)}" if changed else None


def _is_finding(finding: Mapping[str, Any], accepted: Acceptance) -> bool:
    said = finding["id"], finding["message"], tuple(finding["structures"])
    return said == (accepted.id, accepted.message, accepted.structures)


def _read(entry: Mapping[str, Any]) -> Acceptance:
    """An entry as it was written; UsageError for one that is not."""
    texts = [entry.get(name) for name in ("id", "by", "role", "time", "reason", "evaluation_sha256")]
    roi, message, structures = (entry.get(name) for name in ("roi_number", "message", "structures"))
    known = all(isinstance(text, str) for text in texts) and isinstance(roi, int | None)
    known = known and isinstance(message, str | None) and isinstance(structures, list)
    if not known or not all(isinstance(name, str) for name in structures):  # type: ignore[union-attr]
        raise UsageError("an entry of accepted is not as it is written", where="--accepted", do="leave it away")
    name, by, role, time, reason, sha256 = (str(text) for text in texts)
    return Acceptance(name, roi, message, tuple(structures), by, role, time, reason, sha256)  # type: ignore[arg-type]
