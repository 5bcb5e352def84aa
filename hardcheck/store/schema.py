"""The tables of the newest version, as queries name them; `migration` makes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Integer, MetaData, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Shown(TypeDecorator[str]):
    """Text for people. What a database cannot hold, half of a surrogate pair or NUL, is written as its number."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """What is stored for `value`."""
        return None if value is None else shown_text(value)


class PathText(TypeDecorator[str]):
    r"""The path of a file, any that a file can have: a byte that is no UTF-8 is stored as ``\xNN``, a ``\`` as two."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """What is stored for `value`."""
        if value is None:
            return None
        raw = value.replace("\\", "\\\\").encode("utf-8", "surrogateescape")
        return _without_nul(raw.decode("utf-8", "backslashreplace"))

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """The path that `value` was stored for."""
        if value is None:
            return None
        return b"\\".join(_bytes_of(part) for part in value.split("\\\\")).decode("utf-8", "surrogateescape")


def _bytes_of(part: str) -> bytes:
    first, *rest = part.split("\\x")
    return first.encode() + b"".join(bytes([int(each[:2], 16)]) + each[2:].encode() for each in rest)


def shown_text(value: str) -> str:
    """What `Shown` holds for `value`."""
    return _without_nul(value.encode("utf-8", "backslashreplace").decode("utf-8"))


def _without_nul(text: str) -> str:
    return text.replace("\0", "\\x00")


def as_stored(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """`row` as it will be read again: a checksum of the one is that of the other."""
    return {name: _as_stored(table.c[name].type, value) for name, value in row.items()}


def _as_stored(kind: Any, value: Any) -> Any:
    if isinstance(kind, Shown) and value is not None:
        return _without_nul(value.encode("utf-8", "backslashreplace").decode("utf-8"))
    if isinstance(kind, Double) and value is not None:
        return float(value) + 0.0  # SQLite keeps no sign of 0
    return value


METADATA: Final = MetaData()

STORE: Final = Table(
    "hardcheck_store",
    METADATA,
    Column("version", Integer, nullable=False),
    Column("anonymous", Integer, nullable=False),
)

FILES: Final = Table(
    "files",
    METADATA,
    Column("archive", PathText, primary_key=True),
    Column("path", PathText, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("header", Text),
    Column("outcome", Shown),
)

RUNS: Final = Table(
    "runs",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("archive", PathText, nullable=False),
    Column("found", BigInteger, nullable=False),
    Column("settings", Text, nullable=False),
    Column("started", Shown, nullable=False),
    Column("finished", Shown),
)

PROTOCOLS: Final = Table(
    "protocols",
    METADATA,
    Column("sha256", Text, primary_key=True),
    Column("text", Text, nullable=False),
)

EVALUATIONS: Final = Table(
    "evaluations",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("content_sha256", Text, nullable=False),
    Column("version", Shown, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("sop_instance_uid", Shown),
    Column("patient_id", Shown),
    Column("label", Shown),
    Column("machine", Shown),
    Column("planner", Shown),
    Column("plan_date", Shown),
    Column("fractions", BigInteger),
    Column("prescription_gy", Double),
    Column("protocol_id", Shown, nullable=False),
    Column("protocol_version", Shown, nullable=False),
    Column("protocol_sha256", Shown, nullable=False),
    Column("regimen", Shown),
    Column("provenance", Text, nullable=False),
    Column("levels", Text),
)


def _of_evaluation() -> tuple[Column[Any], Column[Any]]:
    """The columns that every row of a part of an evaluation has, in the order of the document."""
    return (
        Column("evaluation_id", BigInteger, ForeignKey("evaluations.id"), primary_key=True),
        Column("position", BigInteger, primary_key=True),
    )


GOALS: Final = Table(
    "goals",
    METADATA,
    *_of_evaluation(),
    Column("goal_id", Shown, nullable=False),
    Column("structure", Shown, nullable=False),
    Column("roi_number", BigInteger),
    Column("roi_name", Shown),
    Column("metric", Shown, nullable=False),
    Column("op", Text, nullable=False),
    Column("limit_value", Double),
    Column("unit", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("value", Double),
    Column("low", Double),
    Column("high", Double),
    Column("outcome", Text, nullable=False),
    Column("reason", Shown),
    Column("recipe", Shown),
    Column("by_whole", Integer),
    Column("whole_value", Double),
    Column("whole_low", Double),
    Column("whole_high", Double),
    Column("review", Shown),
    Column("confined", Integer),
)

FINDINGS: Final = Table(
    "findings",
    METADATA,
    *_of_evaluation(),
    Column("check_id", Shown, nullable=False),
    Column("severity", Text, nullable=False),
    Column("message", Shown, nullable=False),
    Column("structures", Text, nullable=False),
)

CURVES: Final = Table(
    "curves",
    METADATA,
    *_of_evaluation(),
    Column("structure", Shown, nullable=False),
    Column("roi_number", BigInteger),
    Column("roi_name", Shown),
    Column("bound", Text, nullable=False),
    Column("dose_error_gy", Double, nullable=False),
    Column("volume_error_cc", Double, nullable=False),
    Column("dose_gy", Text, nullable=False),
    Column("volume_cc", Text, nullable=False),
    Column("step_gy", Double),
)

RESULTS: Final = Table(
    "results",
    METADATA,
    Column("run_id", BigInteger, ForeignKey("runs.id"), primary_key=True),
    Column("path", PathText, primary_key=True),
    Column("bin", Text, nullable=False),
    Column("reason", Shown),
    Column("evaluation_id", BigInteger, ForeignKey("evaluations.id")),
)
