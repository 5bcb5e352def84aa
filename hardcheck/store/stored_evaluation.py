"""Plans of a run as they are stored: what a replay judges them by again."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, or_, select

from hardcheck.store.bin import Bin
from hardcheck.store.intact import legible, number, stored_curve
from hardcheck.store.schema import CURVES, EVALUATIONS, FINDINGS, GOALS, RESULTS, RUNS
from hardcheck.store.store import Store
from hardcheck.store.thinning import ThinCurve

MANY: Final = 200
"""Plans that are held in memory at once."""


@dataclass(frozen=True, slots=True)
class StoredGoal:
    """A goal held against one ROI. `bounds` are low, value and high; infinite where nothing is known on that side.

    `by_whole` says that the part that it is about is not known, and that the value is of the whole contour. `whole` is
    what the value is without the subtraction, `confined` whether a lack of coverage lies all in organs; None where the
    evaluation did not say.
    """

    goal_id: str
    structure: str
    roi_number: int | None
    op: str
    limit: float | None
    tier: str
    outcome: str
    bounds: tuple[float, float, float] | None
    reason: str | None
    recipe: str | None
    by_whole: bool
    whole: tuple[float, float, float] | None
    review: str | None
    confined: bool | None


@dataclass(frozen=True, slots=True)
class StoredFinding:
    """What a check said, with the names of the ROIs that it is about."""

    id: str
    severity: str
    message: str
    structures: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class StoredCurve:
    """A cumulative histogram, which was given on doses that were at most `step_gy` apart before it was thinned."""

    curve: ThinCurve
    step_gy: float


@dataclass(frozen=True, slots=True, eq=False)
class StoredEvaluation:
    """One plan of a run with its evaluation; `curves` by structure, ROINumber and bound.

    `levels_gy` is None where a version of the store put it there that kept less than a replay needs.
    """

    path: str
    uid: str | None
    label: str | None
    verdict: str
    protocol_version: str
    protocol_sha256: str
    regimen: str | None
    levels_gy: Mapping[str, float | None] | None
    goals: tuple[StoredGoal, ...]
    findings: tuple[StoredFinding, ...]
    curves: Mapping[tuple[str, int | None, str], StoredCurve]


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """Where a plan of a run lies, what it was held against, and how: `provenance` as the document has it.

    `version` is that of hardcheck, `path` in the folder `archive`, `bin` what the run counted it as,
    `asked` the settings of the run.
    """

    path: str
    key: str
    bin: Bin
    asked: Mapping[str, Any]
    archive: str
    uid: str | None
    version: str
    protocol_id: str
    protocol_version: str
    protocol_sha256: str
    provenance: Mapping[str, Any]


def find_plans(store: Store, run: int, name: str) -> tuple[StoredRecord, ...]:
    """The evaluated plans of `run` whose path, UID or label is `name`, by path."""
    e = EVALUATIONS.c
    query = (
        select(RESULTS.c.path, e.key, RESULTS.c.bin, RUNS.c.settings, RUNS.c.archive, e.sop_instance_uid, e.version)
        .add_columns(e.protocol_id, e.protocol_version, e.protocol_sha256, e.provenance)
        .select_from(RESULTS.join(EVALUATIONS).join(RUNS))
        .where(RESULTS.c.run_id == run)
        .where(or_(RESULTS.c.path == name, e.sop_instance_uid == name, e.label == name))
    )
    with store.reading() as connection, legible(store.name):
        found = [
            StoredRecord(
                path=row["path"],
                key=row["key"],
                bin=Bin(row["bin"]),
                asked=_dict(row["settings"]),
                archive=row["archive"],
                uid=row["sop_instance_uid"],
                version=row["version"],
                protocol_id=row["protocol_id"],
                protocol_version=row["protocol_version"],
                protocol_sha256=row["protocol_sha256"],
                provenance=_provenance(row["provenance"]),
            )
            for row in connection.execute(query).mappings()
        ]
    return tuple(sorted(found, key=lambda record: record.path))


def stored_evaluations(
    store: Store, run: int, protocol_id: str, *, curves_of: Collection[str] = (), paths: Sequence[str] | None = None
) -> Iterator[StoredEvaluation]:
    """The plans of `run` that were held against any version of the protocol, by path; with curves of `curves_of`.

    Of those at `paths`, where these are given.
    """
    e = EVALUATIONS.c
    query = (
        select(RESULTS.c.path, e.id, e.sop_instance_uid, e.label, e.verdict, e.protocol_version)
        .add_columns(e.protocol_sha256, e.regimen, e.levels)
        .select_from(RESULTS.join(EVALUATIONS))
        .where(RESULTS.c.run_id == run, e.protocol_id == protocol_id)
    )
    if paths is not None:
        query = query.where(RESULTS.c.path.in_(paths))
    with store.reading() as connection:
        found = sorted((row._asdict() for row in connection.execute(query)), key=lambda row: str(row["path"]))
        for at in range(0, len(found), MANY):
            with legible(store.name):
                plans = list(_plans(connection, found[at : at + MANY], curves_of))
            yield from plans


def _dict(text: str) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise TypeError(type(found).__name__)
    return found


def _provenance(text: str) -> Mapping[str, Any]:
    """That of a row, as far as it is read here. KeyError, TypeError or ValueError where it is none."""
    found = _dict(text)
    if not isinstance(found["settings"], dict):
        raise TypeError("settings")
    for each in found["inputs"]:
        if not all(isinstance(each[name], str | None) for name in ("modality", "sop_instance_uid", "sha256")):
            raise TypeError("inputs")
    return found


def versions_of(store: Store, run: int, protocol_id: str) -> tuple[str, ...]:
    """SHA-256 of the protocols with that id that plans of `run` were held against."""
    e = EVALUATIONS.c
    query = select(e.protocol_sha256).join(RESULTS).where(RESULTS.c.run_id == run, e.protocol_id == protocol_id)
    with store.reading() as connection:
        return tuple(sorted(connection.execute(query.distinct()).scalars()))


def protocols_of(store: Store, run: int) -> tuple[str, ...]:
    """The ids of the protocols that plans of `run` were held against."""
    query = select(EVALUATIONS.c.protocol_id).join(RESULTS).where(RESULTS.c.run_id == run).distinct()
    with store.reading() as connection:
        return tuple(sorted(connection.execute(query).scalars()))


def _plans(
    connection: Connection, found: list[dict[str, Any]], curves_of: Collection[str]
) -> Iterator[StoredEvaluation]:
    numbers = {row["id"] for row in found}
    parts: dict[str, dict[int, list[Mapping[str, Any]]]] = {}
    for table in (GOALS, FINDINGS, CURVES):
        query = select(table).where(table.c.evaluation_id.in_(numbers)).order_by(table.c.position)
        if table is CURVES:
            query = query.where(CURVES.c.structure.in_(set(curves_of)))
        by_number = parts.setdefault(table.name, {number: [] for number in numbers})
        for part in connection.execute(query).mappings():
            by_number[part["evaluation_id"]].append(dict(part))
    for row in found:
        number = row["id"]
        yield StoredEvaluation(
            path=row["path"],
            uid=row["sop_instance_uid"],
            label=row["label"],
            verdict=row["verdict"],
            protocol_version=row["protocol_version"],
            protocol_sha256=row["protocol_sha256"],
            regimen=row["regimen"],
            levels_gy=None if row["levels"] is None else json.loads(row["levels"]),
            goals=tuple(map(_goal, parts["goals"][number])),
            findings=tuple(map(_finding, parts["findings"][number])),
            curves={
                (c["structure"], c["roi_number"], c["bound"]): _curve(c)
                for c in parts["curves"][number]
                if c["step_gy"] is not None
            },
        )


def _goal(row: Mapping[str, Any]) -> StoredGoal:
    return StoredGoal(
        goal_id=row["goal_id"],
        structure=row["structure"],
        roi_number=row["roi_number"],
        op=row["op"],
        limit=number(row["limit_value"]),
        tier=row["tier"],
        outcome=row["outcome"],
        bounds=_bounds(row["low"], row["value"], row["high"]),
        reason=row["reason"],
        recipe=row["recipe"],
        by_whole=bool(row["by_whole"]),
        whole=_bounds(row["whole_low"], row["whole_value"], row["whole_high"]),
        review=row["review"],
        confined=None if row["confined"] is None else bool(row["confined"]),
    )


def _bounds(low: float | None, value: float | None, high: float | None) -> tuple[float, float, float] | None:
    for each in (low, value, high):
        number(each)
    if value is None:
        return None
    return -math.inf if low is None else low, value, math.inf if high is None else high


def _finding(row: Mapping[str, Any]) -> StoredFinding:
    return StoredFinding(row["check_id"], row["severity"], row["message"], tuple(json.loads(row["structures"])))


def _curve(row: Mapping[str, Any]) -> StoredCurve:
    curve = stored_curve(row["dose_gy"], row["volume_cc"], row["dose_error_gy"], row["volume_error_cc"])
    return StoredCurve(curve, float(row["step_gy"]))
