"""A run as tables: CSV for spreadsheets, Parquet for programs. Equal content gives equal bytes.

Nothing in them tells when, in which order, or by how many processes it was stored.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select
from sqlalchemy.schema import Table

from hardcheck.errors import StoreError, UsageError
from hardcheck.spreadsheet import Cell, csv_text
from hardcheck.store.indexed import files_aside, identities, knows_files, paths_aside
from hardcheck.store.intact import legible
from hardcheck.store.schema import CURVES, EVALUATIONS, FINDINGS, GOALS, RESULTS
from hardcheck.store.store import Store

Row = dict[str, Cell]

MANY: Final = 200
"""Evaluations that are held in memory at once."""

_NUMBERS: Final = {"limit_value", "value", "low", "high", "prescription_gy", "whole_value", "whole_low", "whole_high"}
_NUMBERS_OF_CURVES: Final = {"dose_gy", "volume_cc", "dose_error_gy", "volume_error_cc", "step_gy"}
_COUNTS: Final = {"fractions", "roi_number", "position", "point", "confined", "by_whole"}


@dataclass(frozen=True, slots=True)
class _Part:
    """An exported table: its columns, and what a row of the stored one becomes."""

    name: str
    columns: tuple[str, ...]
    stored: Table
    rows: Callable[[Row], Iterator[Row]]


def _one(row: Row) -> Iterator[Row]:
    yield row


def _points(row: Row) -> Iterator[Row]:
    doses, volumes = json.loads(str(row["dose_gy"])), json.loads(str(row["volume_cc"]))
    for point, (dose_gy, volume_cc) in enumerate(zip(doses, volumes, strict=True)):
        yield row | {"point": point, "dose_gy": dose_gy, "volume_cc": volume_cc}


_OWN: Final = ("run_id", "evaluation_id", "id", "content_sha256")
"""What the store alone needs: numbers that tell the order in which rows came."""


def _columns(*tables: Table) -> tuple[str, ...]:
    return tuple(column.name for table in tables for column in table.columns if column.name not in _OWN)


_PLANS: Final = _columns(RESULTS, EVALUATIONS)

_FILES: Final = ("path", "bin", "reason")

_PARTS: Final = (
    _Part("goals", ("key", *_columns(GOALS)), GOALS, _one),
    _Part("findings", ("key", *_columns(FINDINGS)), FINDINGS, _one),
    _Part("curves", ("key", "position", "point", *_columns(CURVES)[1:]), CURVES, _points),
)


def export_csv(store: Store, run: int, folder: Path) -> tuple[Path, ...]:
    """Write ``plans.csv``, ``goals.csv``, ``findings.csv``, ``curves.csv`` and ``files.csv`` of `run` into `folder`.

    Plans without an evaluation have their identity from the index, and ``files.csv`` the files that are neither an
    image nor of a complete plan. An anonymous store keeps no index, and a run before the newest one of its archive
    has none if files have changed since: then there is no ``files.csv``, and one of another run is taken away. Text is
    quoted and never a formula. StoreError where a file cannot be written; none is left half.
    """
    return _export(store, run, folder, "csv", _csv)


def export_parquet(store: Store, run: int, folder: Path) -> tuple[Path, ...]:
    """The tables of `export_csv` as Parquet. UsageError without pyarrow."""
    try:
        import pyarrow.parquet  # noqa: F401, PLC0415
    except ModuleNotFoundError:
        raise UsageError("Parquet needs pyarrow", do="pip install 'hardcheck[parquet]'") from None
    return _export(store, run, folder, "parquet", _parquet)


_Write = Callable[[Path, Sequence[str], Iterator[list[Row]]], None]


def _export(store: Store, run: int, folder: Path, suffix: str, write: _Write) -> tuple[Path, ...]:
    store.account(run)
    with store.reading() as connection:
        numbers = _numbers(connection, run)
        indexed = knows_files(store, connection, run)
        parts = [("plans", _PLANS, _plans(connection, run, indexed=indexed))]
        parts += [(part.name, part.columns, _rows(connection, part, numbers, store.name)) for part in _PARTS]
        if indexed:
            parts.append(("files", _FILES, _files(connection, run)))
        else:
            _remove(folder / f"files.{suffix}")
        written = []
        for name, columns, chunks in parts:
            path = folder / f"{name}.{suffix}"
            with _whole(path) as partial:
                write(partial, columns, chunks)
            written.append(path)
    return tuple(written)


def _numbers(connection: Connection, run: int) -> list[tuple[str, int]]:
    """Key and number of each evaluation of `run`, by key: not as the database sorts text, which its locale decides."""
    query = select(EVALUATIONS.c.key, EVALUATIONS.c.id).join(RESULTS).where(RESULTS.c.run_id == run).distinct()
    return sorted((key, number) for key, number in connection.execute(query))


def _plans(connection: Connection, run: int, *, indexed: bool) -> Iterator[list[Row]]:
    columns = [table.c[name] for table in (RESULTS, EVALUATIONS) for name in _columns(table)]
    joined = RESULTS.outerjoin(EVALUATIONS)
    paths = sorted(connection.execute(select(RESULTS.c.path).where(RESULTS.c.run_id == run)).scalars())
    for at in range(0, len(paths), MANY):
        some = RESULTS.c.run_id == run, RESULTS.c.path.in_(paths[at : at + MANY])
        found = connection.execute(select(*columns).select_from(joined).where(*some)).mappings()
        rows = sorted((dict(row) for row in found), key=lambda row: str(row["path"]))
        aside = [str(row["path"]) for row in rows if row["key"] is None] if indexed else []
        said = identities(connection, run, aside) if aside else {}
        yield [row | said.get(str(row["path"]), {}) for row in rows]


def _files(connection: Connection, run: int) -> Iterator[list[Row]]:
    paths = paths_aside(connection, run)
    for at in range(0, len(paths), MANY):
        yield files_aside(connection, run, paths[at : at + MANY])


def _rows(connection: Connection, part: _Part, numbers: Sequence[tuple[str, int]], name: str) -> Iterator[list[Row]]:
    for at in range(0, len(numbers), MANY):
        keys = {number: key for key, number in numbers[at : at + MANY]}
        query = select(part.stored).where(part.stored.c.evaluation_id.in_(keys))
        found = [dict(row) for row in connection.execute(query).mappings()]
        found.sort(key=lambda row: (keys[row["evaluation_id"]], row["position"]))
        with legible(name):
            made = [each for row in found for each in part.rows(row | {"key": keys[row["evaluation_id"]]})]
        yield [{column: row[column] for column in part.columns} for row in made]


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A file beside `path` that takes its place when it is whole."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        yield partial
        partial.replace(path)
    except OSError as error:
        raise _unwritten(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def _remove(path: Path) -> None:
    """No table of another run stays beside those that are written."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritten(path, error) from None


def _unwritten(path: Path, error: OSError) -> StoreError:
    said = f"the table cannot be written ({error.strerror})"
    return StoreError(said, where=str(path), do="name a folder with room and rights")


def _csv(path: Path, columns: Sequence[str], chunks: Iterator[list[Row]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(csv_text([dict.fromkeys(columns)]).splitlines(keepends=True)[0])
        for rows in chunks:
            _, _, text = csv_text([dict.fromkeys(columns), *rows]).partition("\r\n")
            file.write(text.partition("\r\n")[2])


def _parquet(path: Path, columns: Sequence[str], chunks: Iterator[list[Row]]) -> None:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    schema = pa.schema([(name, _type(name, pa)) for name in columns])
    with path.open("wb") as file, pq.ParquetWriter(file, schema) as writer:
        for rows in chunks:
            writer.write_table(pa.Table.from_pylist([_sound(row) for row in rows], schema))


def _type(name: str, pa: Any) -> Any:
    if name in _COUNTS:
        return pa.int64()
    return pa.float64() if name in _NUMBERS | _NUMBERS_OF_CURVES else pa.string()


def _sound(row: Row) -> Row:
    """Text of a path may hold bytes that are no UTF-8."""
    return {
        name: cell.encode("utf-8", "backslashreplace").decode() if isinstance(cell, str) else cell
        for name, cell in row.items()
    }
