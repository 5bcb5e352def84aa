"""A protocol as CSV."""

from __future__ import annotations

from hardcheck.metric import decimal_text
from hardcheck.protocol import Goal, Protocol
from hardcheck.spreadsheet import Cell, csv_text


def to_csv(protocol: Protocol) -> str:
    """One row for each goal, in the order of the file; no cell becomes a formula in a spreadsheet.

    `limit` is a number, or text where it is relative to a volume. Other ways to meet the goal, and what it applies
    under, stand in `remarks`.
    """
    return csv_text([_row(goal) for goal in protocol.goals])


def _row(goal: Goal) -> dict[str, Cell]:
    others = [f"or {claim}" for claim in goal.alternatives]
    others += [f"only if {goal.only_if}"] if goal.only_if is not None else []
    value, of = goal.limit.value, goal.limit.volume_of
    sign = "-" if value < 0 else "+"
    return {
        "id": goal.id,
        "structure": goal.structure,
        "metric": str(goal.metric),
        "op": goal.op.value,
        "limit": value if of is None else f"Volume({of}) {sign} {decimal_text(abs(value))}",
        "unit": goal.limit.unit,
        "tier": goal.tier.value,
        "regimens": ", ".join(goal.regimens) or "all",
        "source": goal.source,
        "remarks": "; ".join([*others, *goal.remarks]),
    }
