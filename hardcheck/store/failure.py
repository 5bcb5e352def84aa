"""What a database says went wrong, as one line without what was in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from hardcheck.errors import StoreError

_FULL = ("the disk of the store is full", "make room; what was stored before is there")
_READ_ONLY = ("the store cannot be written", "allow writing to it and to its folder")
_LOCKED = ("another program keeps the store locked", "end it, or try again")
_UNREACHABLE = ("the store cannot be opened", "look at the path or URL, and at what you may read and write there")
_FOREIGN = ("this is not a database", "name another file")
_DAMAGED = ("the database is damaged", "restore it from a copy")
_DISK = ("the disk of the store failed", "look at the disk; what was stored before is there")

_SQLITE: Final = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CANTOPEN: _UNREACHABLE,
    sqlite3.SQLITE_NOTADB: _FOREIGN,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_IOERR: _DISK,
}
"""By the lowest byte of SQLite's result code (sqlite.org/rescode.html)."""

_POSTGRESQL: Final = {
    "53100": _FULL,
    "25006": _READ_ONLY,
    "42501": _READ_ONLY,
    "55P03": _LOCKED,
    "40P01": _LOCKED,
    "40001": _LOCKED,
    "53300": _LOCKED,
}
"""By SQLSTATE (PostgreSQL, appendix A)."""


@contextmanager
def told(where: str) -> Iterator[None]:
    """Turn what SQLAlchemy raises into StoreError. Nothing of its text is kept: it holds the values of rows."""
    try:
        yield
    except DBAPIError as error:
        what, do = _told(error)
        raise StoreError(what, where=where, do=do) from None
    except SQLAlchemyError as error:
        raise StoreError(f"the store failed ({type(error).__name__})", where=where, do="report this") from None


def _told(error: DBAPIError) -> tuple[str, str]:
    cause = error.orig
    code = getattr(cause, "sqlite_errorcode", None)
    state = getattr(cause, "sqlstate", None)
    known = _SQLITE.get(code & 0xFF) if code is not None else _POSTGRESQL.get(state or "")
    if known is not None:
        return known
    if (
        error.connection_invalidated
        or (code is None and state is None)
        or (state or "")[:2] in ("08", "28", "3D", "57")
    ):
        return _UNREACHABLE
    said = state or getattr(cause, "sqlite_errorname", None) or type(cause).__name__
    return f"the store failed ({said})", "report this"
