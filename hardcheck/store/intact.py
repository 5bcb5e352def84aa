"""Whether the rows of an evaluation are what was stored: an accident or an edit by hand must not become a verdict."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, select

from hardcheck.errors import StoreError
from hardcheck.store.entry import Entry
from hardcheck.store.schema import CURVES, EVALUATIONS, FINDINGS, GOALS
from hardcheck.store.thinning import ThinCurve

RESTORE: Final = "restore the store from a copy, or audit into a new one"
"""What to do about a store that is not what was stored."""

MANY: Final = 50
"""Evaluations that are held in memory at once, with all their curves."""

_OWN: Final = ("id", "key", "content_sha256", "evaluation_id", "position")
"""Columns that are no content."""

_SINCE_2: Final = {"levels", "recipe", "by_whole", "whole_value", "whole_low", "whole_high", "review", "confined"} | {
    "step_gy"
}
"""Columns that an evaluation of version 1 of the store did not have, which has no levels."""


def altered(connection: Connection, keys: Sequence[str]) -> Iterator[str]:
    """Those of `keys` whose evaluation, goals, findings or curves are not what `content_sha256` was made of."""
    for at in range(0, len(keys), MANY):
        query = select(EVALUATIONS).where(EVALUATIONS.c.key.in_(keys[at : at + MANY]))
        found = [row._asdict() for row in connection.execute(query)]
        parts = [_by_number(connection, table, [row["id"] for row in found]) for table in (GOALS, FINDINGS, CURVES)]
        for row in found:
            if _sha256(row, [part[row["id"]] for part in parts]) != row["content_sha256"]:
                yield row["key"]


def _by_number(connection: Connection, table: Any, numbers: Sequence[int]) -> dict[int, list[Mapping[str, Any]]]:
    query = select(table).where(table.c.evaluation_id.in_(numbers)).order_by(table.c.evaluation_id, table.c.position)
    found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.evaluation_id].append(row._asdict())
    return found


def _sha256(row: Mapping[str, Any], parts: Sequence[Sequence[Mapping[str, Any]]]) -> str | None:
    """The checksum of what is there now, None where it cannot be told."""
    left_out = {*_OWN, *(_SINCE_2 if row["levels"] is None else ())}
    evaluation, *rest = (
        [{name: value for name, value in each.items() if name not in left_out} for each in some]
        for some in ([row], *parts)
    )
    try:
        return Entry(row["key"], False, evaluation[0], *rest).content_sha256
    except (AttributeError, TypeError, ValueError):
        return None


@contextmanager
def legible(where: str) -> Iterator[None]:
    """StoreError that names the store where what a row holds is not of the kind that was stored."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        said = "something in the store is not what was stored, and cannot be read"
        raise StoreError(said, where=where, do=RESTORE) from None


def number(value: Any) -> float | None:
    """A number of a row, or none. TypeError for anything else."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise TypeError(type(value).__name__)


def stored_curve(dose_gy: Any, volume_cc: Any, dose_error_gy: Any, volume_error_cc: Any) -> ThinCurve:
    """The curve of a row. ValueError or TypeError where it is none."""
    doses, volumes = (np.array(list(map(number, json.loads(text))), np.float64) for text in (dose_gy, volume_cc))
    if not doses.size or doses.shape != volumes.shape or not np.isfinite([doses, volumes]).all():
        raise ValueError("no curve")
    return ThinCurve(doses, volumes, float(dose_error_gy), float(volume_error_cc))
