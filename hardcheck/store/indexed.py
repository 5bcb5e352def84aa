"""What the index of an archive says of its files, and so of plans that have no evaluation to say it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from hardcheck.spreadsheet import Cell
from hardcheck.store.bin import Bin
from hardcheck.store.entry import PlanFacts
from hardcheck.store.schema import FILES, RESULTS, RUNS, shown_text
from hardcheck.store.store import Store

_PLAN: Final = "RTPLAN"
_COUNTED: Final = ("plan", "image")
"""The bins of files of which nothing more is to be told."""


@dataclass(frozen=True, slots=True)
class Unevaluated:
    """A plan of a run that has no evaluation, and why."""

    path: str
    bin: Bin
    reason: str | None


def knows_files(store: Store, connection: Connection, run: int) -> bool:
    """Whether the index, which is that of the newest run of the archive, is also that of `run`.

    It is where no run came after it, or the files were the same in the newest one. An anonymous store keeps no index.
    """
    if store.anonymous:
        return False
    archive = select(RUNS.c.archive).where(RUNS.c.id == run).scalar_subquery()
    query = select(RUNS.c.id, RUNS.c.settings).where(RUNS.c.archive == archive, RUNS.c.id >= run).order_by(RUNS.c.id)
    runs = connection.execute(query).all()
    asked, newest = (json.loads(row.settings).get("index") for row in (runs[0], runs[-1]))
    return len(runs) == 1 or (asked is not None and asked == newest)


def identities(connection: Connection, run: int, paths: Sequence[str]) -> dict[str, dict[str, Cell]]:
    """What the headers say of the plans of `run` at `paths`, by path, in columns of an evaluation."""
    return {path: _identity(header) for path, header in _headers(connection, run, RESULTS.c.path.in_(paths))}


def unevaluated_plans(store: Store, run: int, name: str) -> tuple[Unevaluated, ...]:
    """The plans of `run` without an evaluation whose path, UID or label is `name`, by path."""
    without = RESULTS.c.run_id == run, RESULTS.c.evaluation_id.is_(None)
    with store.reading() as connection:
        named = {name}
        if knows_files(store, connection, run):
            for path, header in _headers(connection, run, RESULTS.c.evaluation_id.is_(None)):
                said = _identity(header)
                if name in (said["sop_instance_uid"], said["label"]):
                    named.add(path)
        rows = connection.execute(select(RESULTS.c.path, RESULTS.c.bin, RESULTS.c.reason).where(*without))
        found = [Unevaluated(row.path, Bin(row.bin), row.reason) for row in rows if row.path in named]
    return tuple(sorted(found, key=lambda plan: plan.path))


def paths_aside(connection: Connection, run: int) -> list[str]:
    """The files of the archive of `run` that are neither an image nor of a complete plan, sorted."""
    query = select(FILES.c.path).where(_of_run(run), FILES.c.outcome.not_in(_COUNTED))
    return sorted(connection.execute(query).scalars())


def files_aside(connection: Connection, run: int, paths: Sequence[str]) -> list[dict[str, Cell]]:
    """Path, bin and reason of the files at `paths`, by path."""
    query = select(FILES.c.path, FILES.c.outcome, FILES.c.header).where(_of_run(run), FILES.c.path.in_(paths))
    rows = sorted(connection.execute(query), key=lambda row: str(row.path))
    return [{"path": row.path, "bin": row.outcome, "reason": _text(_loaded(row.header).get("reason"))} for row in rows]


def _of_run(run: int) -> Any:
    return FILES.c.archive == select(RUNS.c.archive).where(RUNS.c.id == run).scalar_subquery()


def _headers(connection: Connection, run: int, which: Any) -> list[tuple[str, Mapping[str, Any]]]:
    """Path and header of the files that are results of `run`."""
    query = select(RESULTS.c.path, FILES.c.header).select_from(RESULTS.join(FILES, FILES.c.path == RESULTS.c.path))
    rows = connection.execute(query.where(RESULTS.c.run_id == run, _of_run(run), which))
    return [(row.path, _loaded(row.header).get("header") or {}) for row in rows]


def _loaded(text: str | None) -> dict[str, Any]:
    return json.loads(text) if text else {}


def _identity(header: Mapping[str, Any]) -> dict[str, Cell]:
    """A dose whose plan is not there says whose it is, and nothing else of the plan."""
    given = header if header.get("kind") == _PLAN else {}
    facts = PlanFacts.of(given.get("machines", ()), given.get("planner", ""), given.get("made", ""))
    return {
        "sop_instance_uid": _text(given.get("uid")),
        "patient_id": _text(header.get("patient_id")),
        "label": _text(given.get("label")),
        "machine": _text(facts.machine),
        "planner": _text(facts.planner),
        "plan_date": facts.date,
    }


def _text(value: str | None) -> str | None:
    return shown_text(value) if value else None
