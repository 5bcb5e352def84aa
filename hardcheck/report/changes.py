"""A comparison as JSON (``hardcheck.comparison/1``) and as a flat table.

Numbers are unrounded; what is unknown or infinite is null, never NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hardcheck import STATEMENT, __version__
from hardcheck.comparison import Change
from hardcheck.report.document import finite
from hardcheck.spreadsheet import Cell

if TYPE_CHECKING:
    from hardcheck.comparison import Comparison, FindingChange, GoalChange, Held, Side

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
        "anonymous": comparison.a.anonymous and comparison.b.anonymous,
        "same_input": comparison.same_input,
        "differences": [
            {"what": found.what, "a": found.a, "b": found.b, "decides": found.decides}
            for found in comparison.differences
        ],
        "a": _side(comparison.a),
        "b": _side(comparison.b),
        "goals": [_goal(goal) for goal in comparison.goals],
        "findings": [_finding(found) for found in comparison.findings],
        "statement": STATEMENT,
    }


def changes_rows(comparison: Comparison) -> list[dict[str, Cell]]:
    """One row for each goal of either side; numbers unrounded, None where there is none."""
    return [_row(goal) for goal in comparison.goals]


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


def _finding(found: FindingChange) -> dict[str, Any]:
    return {
        "id": found.finding.id,
        "severity": str(found.finding.severity),
        "structures": list(found.finding.structures),
        "movement": str(found.movement),
        "a": None if found.a is None else found.a.message,
        "b": None if found.b is None else found.b.message,
    }


_NUMBERS: Final = ("roi_number", "roi_name", "limit", "value", "low", "high", "outcome", "reason")


def _row(goal: GoalChange) -> dict[str, Cell]:
    document = _goal(goal)
    names = ("id", "structure", "metric", "op", "unit", "tier", "change", "outcome_change", "value_change")
    row: dict[str, Cell] = {name: document[name] for name in names}
    row |= {"certain": "yes" if goal.certain else "no", "difference": document["difference"]}
    for side in ("a", "b"):
        held = document[side] or {}
        row |= {f"{side}_{name}": held.get(name) for name in _NUMBERS}
    return row | {"notes": "; ".join(goal.notes)}
