"""One of the two: an evaluation as its JSON document (``hardcheck.evaluation/1``) says it, with every part looked at.

What is not as it is written ends in a UsageError, never in a number (see `written`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hardcheck.comparison.value import Value, values_of
from hardcheck.comparison.written import NotAsWrittenError, bounds, known, name, number, text, whole, word
from hardcheck.errors import UsageError
from hardcheck.evaluation.result import Outcome, Verdict
from hardcheck.plan import Severity
from hardcheck.protocol import Op, Tier

_DO: Final = "name a file that 'hardcheck check --json FILE' wrote"


@dataclass(frozen=True, slots=True)
class Held:
    """A goal as it was held against one ROI of the plan; all numbers in `unit`."""

    id: str
    structure: str
    metric: str
    op: Op
    unit: str
    text: str
    """Metric, comparison and limit as the protocol has them."""
    tier: Tier
    outcome: Outcome
    limit: float | None
    value: float | None
    low: float | None
    """None without a value; minus infinity where nothing is known on that side."""
    high: float | None
    reason: str
    review: str
    """Why a person has to judge it although its outcome does not ask for that; empty where nobody has to."""
    roi_number: int | None
    roi_name: str | None
    uncertain_tier: bool
    """Whether the source leaves the tier in doubt."""
    ways: int
    """In how many ways the goal can be met; the value is of the first."""

    @property
    def asks(self) -> tuple[str, ...]:
        """What is asked: only where it is the same can two values be held against one another."""
        return self.id, self.structure, self.metric, self.op, self.unit


@dataclass(frozen=True, slots=True)
class Said:
    """What a check of the plan said, as it was written: another version may have had other checks."""

    id: str
    severity: Severity
    message: str
    structures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """An evaluation. Empty texts and None are what it does not say."""

    verdict: Verdict
    goals: tuple[Held, ...]
    findings: tuple[Said, ...]
    values: tuple[Value, ...]
    """Without a limit."""
    plan: Mapping[str, Any]
    protocol: Mapping[str, Any]
    levels: Mapping[str, float]
    """Prescription levels in Gy by name."""
    version: str
    settings: Mapping[str, Any]
    inputs: tuple[tuple[str, str, str], ...]
    """Modality, UID and SHA-256 of each file."""
    anonymous: bool
    intact: bool
    """Whether it is as it was written, by the checksum that it carries of itself."""

    @property
    def patient_id(self) -> str:
        """Empty where it is not said."""
        return str(self.plan.get("patient_id") or "").strip()

    @property
    def structure_sets(self) -> frozenset[str]:
        """UIDs of the structure sets."""
        return frozenset(uid for modality, uid, _ in self.inputs if modality == "RTSTRUCT" and uid)


def is_one_set(a: Side, b: Side) -> bool:
    """Whether both are known to rest on the same structure sets."""
    return bool(a.structure_sets) and a.structure_sets == b.structure_sets


def side_of(document: Mapping[str, Any], *, intact: bool, where: str | None = None) -> Side:
    """The evaluation of `document`, whose outer shape is known to be right.

    `intact` says whether its checksum fits, `where` is the file that an error names. UsageError for what no
    evaluation says.
    """
    try:
        goals = tuple(_held(goal) for goal in document["goals"])
        found = tuple(_finding(entry) for entry in document["integrity"])
        side = Side(
            verdict=word(Verdict, document["verdict"]),
            goals=goals,
            findings=found,
            values=tuple(values_of(document)),
            plan=dict(document["plan"]),
            protocol=dict(document["protocol"]),
            levels={
                str(level): known(number(dose_gy)) for level, dose_gy in dict(document.get("levels") or {}).items()
            },
            version=text(document.get("version")),
            settings=dict(document["provenance"]["settings"]),
            inputs=tuple(_inputs(document["provenance"]["inputs"])),
            anonymous=document.get("anonymous") is True,
            intact=intact,
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        said = error.args[0] if isinstance(error, NotAsWrittenError) else "a part of it is not as it is written"
        raise UsageError(f"is no evaluation: {said}", where=where, do=_DO) from None
    _refuse_twice(goals, where)
    return side


def _refuse_twice(goals: Iterable[Held], where: str | None) -> None:
    keys = [(goal.asks, goal.roi_number, goal.roi_name) for goal in goals]
    if len(set(keys)) != len(keys):
        raise UsageError("is no evaluation: a goal is there twice", where=where, do=_DO)


def _held(goal: Mapping[str, Any]) -> Held:
    value, low, high = bounds(goal, "a goal")
    outcome = word(Outcome, goal["outcome"])
    if outcome is Outcome.MARGINAL and value is None:
        raise NotAsWrittenError("a goal is marginal without a value")
    op, metric = word(Op, goal["op"]), text(goal["metric"])
    limit, unit = number(goal["limit"]), text(goal["unit"])
    return Held(
        id=text(goal["id"]),
        structure=text(goal["structure"]),
        metric=metric,
        op=op,
        unit=unit,
        text=text(goal.get("goal") or f"{metric} {op} {'?' if limit is None else f'{limit:g}'} {unit}".rstrip()),
        tier=word(Tier, goal["tier"]),
        outcome=outcome,
        limit=limit,
        value=value,
        low=low,
        high=high,
        reason=text(goal.get("reason")),
        review=text(goal.get("review")),
        roi_number=whole(goal["roi_number"]),
        roi_name=name(goal["roi_name"]),
        uncertain_tier=goal.get("uncertain_tier") is True,
        ways=1 + len(list(goal.get("alternatives") or ())),
    )


def _finding(entry: Mapping[str, Any]) -> Said:
    structures = tuple(text(roi) for roi in entry["structures"])
    return Said(text(entry["id"]), word(Severity, entry["severity"]), text(entry["message"]), structures)


def _inputs(entries: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str, str]]:
    for entry in entries:
        yield tuple(text(entry.get(key)) for key in ("modality", "sop_instance_uid", "sha256"))  # type: ignore[misc]
