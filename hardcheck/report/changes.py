"""A comparison as JSON (``hardcheck.comparison/1``) and as a flat table.

Numbers are unrounded; what is unknown or infinite is null, never NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from hardcheck import STATEMENT, __version__
from hardcheck.comparison import Change, Shift
from hardcheck.report.document import finite
from hardcheck.spreadsheet import Cell

if TYPE_CHECKING:
    from hardcheck.comparison import Comparison, FindingChange, GoalChange, Held, Side, Value, ValueChange

COMPARISON_SCHEMA: Final = "hardcheck.comparison/1"


def changes_document(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain dicts, lists, strings and numbers, ready for ``json.dumps(..., allow_nan=False)``."""
    return {
        "schema": COMPARISON_SCHEMA,
        "version": __version__,
        "result": str(comparison.result),
        "reasons": [{"result": str(reason.result), "text": reason.text} for reason in comparison.reasons],
        "verdict": {
            "a": str(comparison.a.verdict),
            "b": str(comparison.b.verdict),
            "change": str(comparison.verdict),
        },
        "counts": {str(change): comparison.count(change) for change in Change},
        "certain": {str(change): comparison.count(change, certain=True) for change in (Change.WORSE, Change.BETTER)},
        "value_counts": {str(shift): comparison.count_values(shift) for shift in Shift},
        "anonymous": comparison.a.anonymous and comparison.b.anonymous,
        "same_input": comparison.same_input,
        "differences": [
            {"what": found.what, "a": found.a, "b": found.b, "decides": found.decides}
            for found in comparison.differences
        ],
        "a": _side(comparison.a),
        "b": _side(comparison.b),
        "goals": [_goal(goal) for goal in comparison.goals],
        "values": [_value(value) for value in comparison.values],
        "findings": [_finding(found) for found in comparison.findings],
        "statement": STATEMENT,
    }


def changes_rows(comparison: Comparison) -> list[dict[str, Cell]]:
    """One row for each goal and for each value without a limit of either side.

    Numbers unrounded, None where there is none.
    """
    return [*map(_goal_row, comparison.goals), *map(_value_row, comparison.values)]


def _side(side: Side) -> dict[str, Any]:
    return {
        "verdict": str(side.verdict),
        "version": side.version,
        "as_written": side.intact,
        "plan": {
            name: side.plan.get(name)
            for name in ("sop_instance_uid", "label", "patient_id", "fractions", "prescription_gy")
        },
        "protocol": {name: side.protocol.get(name) for name in ("id", "version", "regimen", "sha256", "verification")},
        "levels": dict(side.levels),
        "inputs": [
            {"modality": modality or None, "sop_instance_uid": uid or None, "sha256": sha256 or None}
            for modality, uid, sha256 in side.inputs
        ],
    }


def _goal(goal: GoalChange) -> dict[str, Any]:
    held = goal.held
    return {
        "id": held.id,
        "structure": held.structure,
        "metric": held.metric,
        "op": str(held.op),
        "unit": held.unit,
        "goal": held.text,
        "tier": str(held.tier),
        "change": str(goal.change),
        "outcome_change": str(goal.outcome),
        "value_change": str(goal.value),
        "certain": goal.certain,
        "difference": finite(goal.difference),
        "notes": list(goal.notes),
        "a": _held(goal.a),
        "b": _held(goal.b),
    }


def _held(held: Held | None) -> dict[str, Any] | None:
    if held is None:
        return None
    return {
        "roi_number": held.roi_number,
        "roi_name": held.roi_name,
        "limit": finite(held.limit),
        "value": finite(held.value),
        "low": finite(held.low),
        "high": finite(held.high),
        "outcome": str(held.outcome),
        "reason": held.reason or None,
        "review": held.review or None,
    }


def _value(change: ValueChange) -> dict[str, Any]:
    found = change.found
    return {
        "kind": str(found.kind),
        "structure": found.structure,
        "vertex": found.vertex or None,
        "name": found.name,
        "unit": found.unit,
        "change": str(change.shift),
        "certain": change.certain,
        "difference": finite(change.difference),
        "notes": list(change.notes),
        "a": _one(change.a),
        "b": _one(change.b),
    }


def _one(value: Value | None) -> dict[str, Any] | None:
    if value is None:
        return None
    return {
        "roi_number": value.roi_number,
        "roi_name": value.roi_name,
        "rests_on": value.rests_on or None,
        "value": finite(value.value),
        "low": finite(value.low),
        "high": finite(value.high),
        "outcome": value.outcome or None,
        "reason": value.reason or None,
    }


def _finding(found: FindingChange) -> dict[str, Any]:
    return {
        "id": found.finding.id,
        "severity": str(found.finding.severity),
        "structures": list(found.finding.structures),
        "movement": str(found.movement),
        "a": None if found.a is None else found.a.message,
        "b": None if found.b is None else found.b.message,
    }


_TEXTS: Final = ("id", "structure", "metric", "op", "unit", "tier", "change", "outcome_change", "value_change")
_NUMBERS: Final = ("roi_number", "roi_name", "limit", "value", "low", "high", "outcome", "reason")


def _goal_row(goal: GoalChange) -> dict[str, Cell]:
    return _row("goal", _goal(goal))


def _value_row(value: ValueChange) -> dict[str, Cell]:
    """With the same columns as a goal; those of a limit are empty."""
    document = _value(value)
    name = f"{value.found.vertex}: {value.found.name}" if value.found.vertex else value.found.name
    return _row(str(value.found.kind), document | {"metric": name, "value_change": document["change"]})


def _row(kind: str, document: Mapping[str, Any]) -> dict[str, Cell]:
    row: dict[str, Cell] = {"kind": kind, **{name: document.get(name) for name in _TEXTS}}
    row |= {"certain": "yes" if document["certain"] else "no", "difference": document["difference"]}
    for side in ("a", "b"):
        held = document[side] or {}
        row |= {f"{side}_{name}": held.get(name) for name in _NUMBERS}
    return row | {"notes": "; ".join(document["notes"])}
