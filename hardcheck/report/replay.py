"""A change of a protocol replayed, as documents: ``hardcheck.replay/1`` and a table.

Numbers are unrounded; what is unknown or infinite is null, never NaN.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from hardcheck import STATEMENT, __version__
from hardcheck.report.document import finite
from hardcheck.spreadsheet import Cell

if TYPE_CHECKING:
    from hardcheck.replay import GoalChange, PlanReplay, Replay, Told

REPLAY_SCHEMA = "hardcheck.replay/1"


def replay_document(replay: Replay) -> dict[str, Any]:
    """The replay as plain dicts, lists, strings and numbers; `plans` are those that come out otherwise or untold."""
    protocol = replay.protocol
    return {
        "schema": REPLAY_SCHEMA,
        "version": __version__,
        "run": replay.run,
        "protocol": {"id": protocol.id, "version": protocol.version, "sha256": protocol.sha256},
        "counts": {
            "plans": len(replay.plans),
            "same": len(replay.plans) - len(replay.changed) - len(replay.untold),
            "changed": len(replay.changed),
            "untold": len(replay.untold),
        },
        "verdicts": [
            {"before": str(before), "after": str(after), "plans": count}
            for (before, after), count in sorted(replay.moves.items())
        ],
        "goals": [
            {"id": id_, "before": before, "after": after, "plans": count}
            for (id_, before, after), count in sorted(goal_moves(replay).items())
        ],
        "plans": [_plan(plan) for plan in replay.plans if plan.after is not plan.before or plan.changes],
        "statement": STATEMENT,
    }


def goal_moves(replay: Replay) -> Counter[tuple[str, str, str]]:
    """In how many plans a goal goes from one outcome to another: id, before, after.

    ``NEW`` before and ``GONE`` after stand for a goal that is in one version only, ``UNTOLD`` after for what cannot be
    told. A plan counts once for each of these, whatever the number of its ROIs.
    """
    found: Counter[tuple[str, str, str]] = Counter()
    for plan in replay.plans:
        moves = {(c.told.goal.id, str(c.before or "NEW"), str(c.told.outcome)) for c in plan.changes}
        moves |= {(told.goal.id, "", "UNTOLD") for told in plan.untold}
        moves |= {(id_, "", "GONE") for id_ in plan.gone}
        found.update(moves)
    return found


def replay_rows(replay: Replay) -> list[dict[str, Cell]]:
    """A row for each goal that comes out otherwise, is gone or untold, and one for a plan without any of these."""
    return [row for plan in replay.plans for row in _rows(plan)]


def _rows(plan: PlanReplay) -> Iterator[dict[str, Cell]]:
    own: dict[str, Cell] = {
        "path": plan.path,
        "sop_instance_uid": plan.uid,
        "label": plan.label,
        "protocol_version": plan.protocol_version,
        "verdict_before": str(plan.before),
        "verdict_after": None if plan.after is None else str(plan.after),
    }
    goals = [*(_change(c) for c in plan.changes), *(_told(t) | _OPEN for t in plan.untold), *map(_gone, plan.gone)]
    for goal in goals or [dict.fromkeys(_COLUMNS) | {"reason": plan.reason}]:
        yield own | {name: goal.get(name) for name in _COLUMNS}


_OPEN: dict[str, Any] = {"after": "UNTOLD"}
_COLUMNS = (
    *("id", "structure", "roi_number", "goal", "tier", "tier_before", "before", "after"),
    *("value", "low", "high", "unit", "of_curve", "review", "reason"),
)


def _plan(plan: PlanReplay) -> dict[str, Any]:
    return {
        "path": plan.path,
        "sop_instance_uid": plan.uid,
        "label": plan.label,
        "protocol_version": plan.protocol_version,
        "protocol_sha256": plan.protocol_sha256,
        "before": str(plan.before),
        "after": None if plan.after is None else str(plan.after),
        "reason": plan.reason,
        "changes": [_change(change) for change in plan.changes],
        "untold": [_told(told) for told in plan.untold],
        "gone": list(plan.gone),
    }


def _gone(id_: str) -> dict[str, Any]:
    return {"id": id_, "after": "GONE"}


def _change(change: GoalChange) -> dict[str, Any]:
    return {
        **_told(change.told),
        "tier_before": None if change.tier_before is None else str(change.tier_before),
        "before": None if change.before is None else str(change.before),
        "after": str(change.told.outcome),
    }


def _told(told: Told) -> dict[str, Any]:
    goal, quantity = told.goal, told.quantity
    return {
        "id": goal.id,
        "structure": goal.structure,
        "roi_number": told.roi_number,
        "goal": str(goal),
        "tier": str(goal.tier),
        "value": finite(quantity.value),
        "low": finite(quantity.low),
        "high": finite(quantity.high),
        "unit": quantity.unit,
        "of_curve": int(told.of_curve),
        "review": told.review,
        "reason": told.reason,
    }
