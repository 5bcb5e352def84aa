"""The evaluation and the histograms as flat tables, for CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from hardcheck.report.anonymity import anonymised
from hardcheck.report.document import evaluation_document, finite
from hardcheck.report.number import margin_of
from hardcheck.spreadsheet import Cell

if TYPE_CHECKING:
    from hardcheck.evaluation.result import Evaluation

_GOAL_COLUMNS: Final = (
    "id", "structure", "roi_number", "roi_name", "metric", "op", "limit", "unit", "tier", "value", "low", "high",
    "outcome", "reason", "caveats", "uncertain_tier", "source_conflict", "not_in_source", "source",
)  # fmt: skip


def evaluation_rows(evaluation: Evaluation, *, anonymous: bool = False) -> list[dict[str, Cell]]:
    """One row per goal, each with the verdict of the plan; numbers unrounded, None where there is none."""
    document = evaluation_document(evaluation, anonymous=anonymous)
    shown = anonymised(evaluation) if anonymous else evaluation
    plan, protocol = document["plan"], document["protocol"]
    first: dict[str, Cell] = {
        "verdict": document["verdict"],
        "patient_id": plan["patient_id"],
        "plan": plan["label"],
        "protocol": protocol["id"],
        "regimen": protocol["regimen"],
    }
    rows: list[dict[str, Cell]] = []
    for goal, result in zip(document["goals"], shown.results, strict=True):
        row = first | {name: _cell(goal[name]) for name in _GOAL_COLUMNS}
        rows.append(row | {"margin": finite(margin_of(result))})
    return rows


def dvh_rows(document: Mapping[str, Any]) -> list[dict[str, Cell]]:
    """One row per structure and metric of a document of `dvh_document`; without metrics one row per structure."""
    rows: list[dict[str, Cell]] = []
    for structure in document["structures"]:
        volume = structure["volume_cc"]
        first: dict[str, Cell] = {name: structure[name] for name in ("roi_number", "roi_name")}
        first |= {"volume_cc": volume["value"], "volume_low_cc": volume["low"], "volume_high_cc": volume["high"]}
        first |= {name: structure[name] for name in ("mean_gy", "min_gy", "max_gy", "in_grid_fraction")}
        last: dict[str, Cell] = {"reason": structure["reason"], "caveats": _cell(structure["caveats"])}
        metrics = structure["metrics"] or {None: dict.fromkeys(("value", "low", "high", "unit", "reason"))}
        for name, metric in metrics.items():
            numbers: dict[str, Cell] = {key: metric[key] for key in ("value", "low", "high", "unit")}
            why = {"reason": metric["reason"] or structure["reason"]}
            rows.append({**first, "metric": name, **numbers, **last, **why})
    return rows


def _cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "; ".join(value) if isinstance(value, list) else value
