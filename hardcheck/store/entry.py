"""One plan as the store takes it: what `check` writes of it, and its curves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from hardcheck.store.bin import OF_VERDICT, Bin
from hardcheck.store.schema import CURVES, EVALUATIONS, FINDINGS, GOALS, as_stored
from hardcheck.store.thinning import DOSE_ERROR_GY, VOLUME_ERROR, Floats, thinned

SCHEMA: Final = "hardcheck.evaluation/1"

_OF_THE_MACHINE: Final = ("versions", "evaluation_sha256")
"""What the provenance says of where it was computed; the same numbers from another machine are the same content."""

_SAME: Final = ("structure", "roi_number", "roi_name", "metric", "op", "unit", "tier", "value", "low", "high")

_OF_A_GOAL: Final = {
    "goal_id": "id",
    "limit_value": "limit",
    **{name: name for name in (*_SAME, "outcome", "reason")},
}
"""The columns of a goal, and the keys of the document that they are filled from."""

_OF_A_REPLAY: Final = ("recipe", "review")
"""Further ones, which a replay judges by."""


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What the cohort is divided by and the document does not say; `date` is ISO 8601, a day."""

    machine: str | None = None
    planner: str | None = None
    date: str | None = None

    @classmethod
    def of(cls, machines: Sequence[str], planner: str, made: str) -> PlanFacts:
        """From what the header of an RTPLAN says, empty where it says nothing; `made` begins with YYYYMMDD."""
        day = made[:8]
        date = f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 and day.isdecimal() else None
        return cls(", ".join(machines) or None, planner or None, date)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A cumulative histogram of the ROI that is the protocol's `structure`: Gy (n,) and cc (n,).

    `bound` says whether it is the curve itself or the low or high end of its interval.
    """

    structure: str
    roi_number: int | None
    roi_name: str | None
    dose_gy: Floats
    volume_cc: Floats
    bound: Literal["value", "low", "high"] = "value"


@dataclass(frozen=True, slots=True)
class Entry:
    """What one transaction writes: a row of the evaluation, and those of its goals, findings and curves."""

    key: str
    anonymous: bool
    evaluation: Mapping[str, Any]
    goals: Sequence[Mapping[str, Any]]
    findings: Sequence[Mapping[str, Any]]
    curves: Sequence[Mapping[str, Any]]

    @property
    def bin(self) -> Bin:
        """The bin of its verdict."""
        return OF_VERDICT[self.evaluation["verdict"]]

    @property
    def content_sha256(self) -> str:
        """SHA-256 of all of it but the key and the versions of the machine that computed it."""
        provenance = json.loads(self.evaluation["provenance"])
        kept = {name: said for name, said in provenance.items() if name not in _OF_THE_MACHINE}
        rows = [list(map(dict, part)) for part in (self.goals, self.findings, self.curves)]
        return _sha256([dict(self.evaluation) | {"provenance": kept}, *rows])


def key_of(
    inputs_sha256: Iterable[str],
    *,
    protocol_sha256: str,
    regimen: str | None,
    settings: Mapping[str, Any],
    version: str,
) -> str:
    """What an evaluation is known by: the content of all its inputs in any order, and all that was asked of them.

    It can be told before anything is computed. ValueError where a checksum is missing, or `settings` are not JSON.
    """
    inputs = sorted(inputs_sha256)
    if not inputs or not all(inputs) or not protocol_sha256:
        raise ValueError("an evaluation is known by the checksums of all its inputs and of its protocol")
    return _sha256([inputs, protocol_sha256, regimen, dict(settings), version])


def entry_of(
    key: str,
    document: Mapping[str, Any],
    facts: PlanFacts,
    curves: Iterable[Curve] = (),
    *,
    dose_error_gy: float = DOSE_ERROR_GY,
    volume_error: float = VOLUME_ERROR,
) -> Entry:
    """The evaluation `document` (`hardcheck.report.document.evaluation_document`) under its `key` (`key_of`).

    An anonymous document makes an anonymous entry: no planner, the month of the date, curves without the name of
    the ROI. ValueError where the document is of another schema or holds NaN.
    """
    if document["schema"] != SCHEMA or document["verdict"] not in OF_VERDICT:
        raise ValueError(f"no evaluation that the store knows: {document['schema']}, {document['verdict']}")
    anonymous, plan, protocol = bool(document["anonymous"]), document["plan"], document["protocol"]
    evaluation = {
        "version": document["version"],
        "verdict": document["verdict"],
        "sop_instance_uid": plan["sop_instance_uid"],
        "patient_id": plan["patient_id"],
        "label": plan["label"],
        "machine": facts.machine,
        "planner": None if anonymous else facts.planner,
        "plan_date": facts.date[:7] if anonymous and facts.date is not None else facts.date,
        "fractions": plan["fractions"],
        "prescription_gy": plan["prescription_gy"],
        "protocol_id": protocol["id"],
        "protocol_version": protocol["version"],
        "protocol_sha256": protocol["sha256"],
        "regimen": protocol["regimen"],
        "provenance": json_text(document["provenance"]),
        "levels": json_text(document["levels"]),
    }
    return Entry(
        key,
        anonymous,
        as_stored(EVALUATIONS, evaluation),
        [as_stored(GOALS, _goal(goal)) for goal in document["goals"]],
        [as_stored(FINDINGS, _finding(said)) for said in document["integrity"]],
        [as_stored(CURVES, _curve(c, anonymous, dose_error_gy, volume_error)) for c in curves],
    )


def _goal(said: Mapping[str, Any]) -> dict[str, Any]:
    whole, shortfall = said["whole"] or {}, said["shortfall"]
    return {
        **{column: said[key] for column, key in _OF_A_GOAL.items()},
        **{name: said[name] for name in _OF_A_REPLAY},
        "by_whole": int(said["by_whole"]),
        **{f"whole_{end}": whole.get(end) for end in ("value", "low", "high")},
        "confined": None if shortfall is None else int(shortfall["confined"]),
    }


def _finding(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "check_id": said["id"],
        "severity": said["severity"],
        "message": said["message"],
        "structures": json_text(said["structures"]),
    }


def _curve(curve: Curve, anonymous: bool, dose_error_gy: float, volume_error: float) -> dict[str, Any]:
    thin = thinned(curve.dose_gy, curve.volume_cc, dose_error_gy=dose_error_gy, volume_error=volume_error)
    return {
        "structure": curve.structure,
        "roi_number": curve.roi_number,
        "roi_name": None if anonymous else curve.roi_name,
        "bound": curve.bound,
        "dose_error_gy": thin.dose_error_gy,
        "volume_error_cc": thin.volume_error_cc,
        "dose_gy": json_text(thin.dose_gy.tolist()),
        "volume_cc": json_text(thin.volume_cc.tolist()),
        "step_gy": float(np.diff(curve.dose_gy).max(initial=0.0)),
    }


def json_text(value: Any) -> str:
    """`value` as JSON that is the same for equal values: keys sorted, no white space, ASCII. ValueError for NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def _sha256(value: Any) -> str:
    return hashlib.sha256(json_text(value).encode("ascii")).hexdigest()
