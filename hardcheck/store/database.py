"""The connection to the store: SQLite in a file, or PostgreSQL."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.schema import Table

from hardcheck.errors import StoreError, UsageError
from hardcheck.store.failure import told

WAIT_S: Final = 60.0
"""How long a writer waits for the others."""

SWITCHES: Final = 100
"""How often a new file is tried to be switched to WAL while others do the same."""

_MAGIC: Final = b"SQLite format 3\0"


class Database:
    """Transactions on the database at `where`: a path, ``sqlite:///PATH`` or ``postgresql://…``.

    `name` is what messages call it: no password in it.
    """

    def __init__(self, where: str | Path, *, wait_s: float = WAIT_S, new: bool = True) -> None:
        url = _url(where)
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.name = str(url.database) if self.is_sqlite else url.render_as_string(hide_password=True)
        if self.is_sqlite:
            _look_at(Path(str(url.database)), self.name, new=new)
            self._engine = create_engine(url, connect_args={"timeout": wait_s})
            event.listen(self._engine, "connect", _set_up)
            event.listen(self._engine, "begin", _begin)
            self._reader = self._engine
        else:
            try:
                self._engine = create_engine(url, connect_args={"connect_timeout": max(int(wait_s), 2)})
            except ModuleNotFoundError:
                raise UsageError(
                    "PostgreSQL needs psycopg", where=self.name, do="pip install 'hardcheck[postgres]'"
                ) from None
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ")
        self._writer = self._engine.execution_options(hardcheck_writes=True)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it, or nothing. Writers wait for each other."""
        with _transaction(self._writer, self.name) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that sees the store as it is at one moment."""
        with _transaction(self._reader, self.name) as connection:
            yield connection

    def insert(self, table: Table) -> SqliteInsert | PostgresInsert:
        """An insertion that can say what is to happen where the row is there already."""
        return sqlite_insert(table) if self.is_sqlite else postgres_insert(table)

    def identity(self) -> tuple[int, int] | None:
        """What is another for another file in its place, None where there is none; always None of PostgreSQL."""
        if not self.is_sqlite:
            return None
        try:
            found = Path(self.name).stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


@contextmanager
def _transaction(engine: Engine, name: str) -> Iterator[Connection]:
    with told(name), engine.begin() as connection:
        yield connection


def _url(where: str | Path) -> URL:
    text = str(where)
    if not re.match(r"[a-z][a-z0-9+]+://", text):
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise UsageError("this is no URL of a store", do="give a path, sqlite:///PATH or postgresql://…") from None
    backend = url.get_backend_name()
    if backend == "sqlite" and url.database not in (None, "", ":memory:"):
        return URL.create("sqlite", database=url.database)
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    raise UsageError(f"no store in {backend}", do="give a path, sqlite:///PATH or postgresql://…")


def _look_at(file: Path, name: str, *, new: bool) -> None:
    """StoreError where `file` cannot be a store, or not a `new` one, before a database library touches it."""
    try:
        if not file.parent.is_dir():
            raise StoreError("there is no such folder", where=str(file.parent), do="make it, or name another one")
        if not new and not file.exists():
            raise StoreError("there is no such store", where=name, do="run 'hardcheck audit' with --store first")
        if file.exists() and file.stat().st_size:
            with file.open("rb") as opened:
                if opened.read(len(_MAGIC)) != _MAGIC:
                    raise StoreError("this is not a database", where=name, do="name another file")
    except OSError as error:
        raise StoreError(f"the store cannot be read ({error.strerror})", where=name, do="look at its rights") from None


def _set_up(connection: Any, _record: Any) -> None:
    """A connection on which transactions begin as `_begin` says, and what is committed survives a power cut."""
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        _switch_to_wal(cursor)
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
    finally:
        cursor.close()


def _switch_to_wal(cursor: sqlite3.Cursor) -> None:
    """Two that switch at once are refused without waiting; the one that comes second finds it done."""
    for attempt in reversed(range(SWITCHES)):
        try:
            if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not attempt or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(0.02)
        else:
            return


def _begin(connection: Connection) -> None:
    """A writer takes its place at once: one that has read and writes later may have to be refused."""
    writes = connection.get_execution_options().get("hardcheck_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
