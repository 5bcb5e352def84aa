"""The store: what is known of an archive, its runs, and the evaluation of each plan."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from sqlalchemy import Connection, case, delete, func, insert, select, update
from sqlalchemy.schema import Table

from hardcheck.errors import StoreError
from hardcheck.store.account import Account
from hardcheck.store.bin import OF_VERDICT, Bin
from hardcheck.store.database import WAIT_S, Database
from hardcheck.store.entry import Entry, json_text
from hardcheck.store.intact import RESTORE, altered, legible
from hardcheck.store.known_file import KnownFile
from hardcheck.store.migration import bring_up, is_newest
from hardcheck.store.schema import CURVES, EVALUATIONS, FILES, FINDINGS, GOALS, PROTOCOLS, RESULTS, RUNS

MANY: Final = 500
"""Rows in one statement."""

_Item = TypeVar("_Item")


class Store:
    """The store at `where`, made where there is none, and brought to the newest version.

    `where` is a path, ``sqlite:///PATH`` or ``postgresql://USER@HOST/DATABASE``. An `anonymous` store holds no patient
    ID, no path and no header; None takes it as it is. Each process opens its own. StoreError, here and in all
    that it does, where the database cannot be used, or with `new` False is no file; what was stored before stays.
    """

    def __init__(
        self, where: str | Path, *, anonymous: bool | None = None, wait_s: float = WAIT_S, new: bool = True
    ) -> None:
        self._database = Database(where, wait_s=wait_s, new=new)
        try:
            with self._database.reading() as connection:
                newest = is_newest(connection, self.name)
            # A store that needs nothing is opened without waiting for those that write.
            with self._database.reading() if newest else self._database.writing() as connection:
                self.anonymous = bring_up(connection, self.name, anonymous=anonymous)
        except BaseException:
            self.close()
            raise
        self._identity = self._database.identity()

    @property
    def name(self) -> str:
        """The file or URL, without a password."""
        return self._database.name

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction for queries: the store as it is at one moment."""
        with self._database.reading() as connection:
            yield connection

    def path_of(self, path: str) -> str:
        """What this store knows a path by: itself, in an anonymous one its SHA-256."""
        if not self.anonymous:
            return path
        return hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()

    # The index of the archive.

    def files(self, archive: str) -> dict[str, KnownFile]:
        """What is known of the files of `archive`, by `path_of` their paths relative to it."""
        query = select(FILES).where(FILES.c.archive == self.path_of(archive))
        with self.reading() as connection, legible(self.name):
            return {
                row.path: KnownFile(row.size, row.mtime_ns, _loaded(row.header), row.outcome)
                for row in connection.execute(query)
            }

    def put_files(self, archive: str, files: Mapping[str, KnownFile]) -> None:
        """Know `files` by their paths relative to `archive`, in place of what was known of them. All, or none."""
        rows = sorted(
            (self._file_row(archive, path, file) for path, file in files.items()), key=lambda row: row["path"]
        )
        statement = self._database.insert(FILES)
        changed = {name: statement.excluded[name] for name in ("size", "mtime_ns", "header", "outcome")}
        statement = statement.on_conflict_do_update(index_elements=["archive", "path"], set_=changed)
        with self._database.writing() as connection:
            for some in _parts(rows):
                connection.execute(statement, some)

    def forget_files(self, archive: str, paths: Iterable[str]) -> None:
        """Know nothing of the files at `paths` any more, which are gone."""
        with self._database.writing() as connection:
            for some in _parts(sorted(self.path_of(path) for path in paths)):
                ours = FILES.c.archive == self.path_of(archive), FILES.c.path.in_(some)
                connection.execute(delete(FILES).where(*ours))

    def _file_row(self, archive: str, path: str, file: KnownFile) -> dict[str, Any]:
        hidden = self.anonymous or file.header is None
        return {
            "archive": self.path_of(archive),
            "path": self.path_of(path),
            # Nothing asks an anonymous store for these, and they may tell which file it is.
            "size": 0 if self.anonymous else file.size,
            "mtime_ns": 0 if self.anonymous else file.mtime_ns,
            "header": None if hidden else json_text(file.header),
            "outcome": file.outcome,
        }

    # The protocols that plans were held against.

    def put_protocol(self, content: bytes) -> str:
        """Keep the file of a protocol, UTF-8, and give its SHA-256, which evaluations name it by."""
        sha256 = hashlib.sha256(content).hexdigest()
        row = {"sha256": sha256, "text": json_text(content.decode("utf-8"))}
        statement = self._database.insert(PROTOCOLS).values(row).on_conflict_do_nothing(index_elements=["sha256"])
        with self._database.writing() as connection:
            connection.execute(statement)
        return sha256

    def protocol(self, sha256: str) -> bytes | None:
        """The file of a protocol by its SHA-256, None where it was not kept. StoreError where another is there."""
        with self.reading() as connection:
            text = connection.execute(select(PROTOCOLS.c.text).where(PROTOCOLS.c.sha256 == sha256)).scalar()
        if text is None:
            return None
        with legible(self.name):
            content = str(json.loads(text)).encode("utf-8")
        if hashlib.sha256(content).hexdigest() != sha256:
            raise StoreError(
                f"the protocol that is kept as SHA-256 {sha256[:12]}… is another one",
                where=self.name,
                do=RESTORE,
            )
        return content

    # Runs and what they count.

    def begin(self, archive: str, *, found: int, settings: Mapping[str, Any], started: str) -> int:
        """A new run over `archive` in which `found` plans are to be counted; gives its number.

        `settings` are what was asked, ready for JSON; in an anonymous store they must name no one. `started` is a time
        in ISO 8601.
        """
        row = {"archive": self.path_of(archive), "found": found, "settings": json_text(settings), "started": started}
        with self._database.writing() as connection:
            return int(connection.execute(insert(RUNS).values(row).returning(RUNS.c.id)).scalar_one())

    def last_run(self) -> int:
        """The number of the newest run that is finished. StoreError where none is."""
        with self.reading() as connection:
            number = connection.execute(select(func.max(RUNS.c.id)).where(RUNS.c.finished.is_not(None))).scalar()
        if number is None:
            raise StoreError("no run of this store is finished", where=self.name, do="run the audit to its end")
        return int(number)

    def finished_run(self, run: int) -> int:
        """`run`, of which all is counted. StoreError where there is no such run, or it is not finished."""
        with self.reading() as connection:
            row = connection.execute(select(RUNS.c.finished).where(RUNS.c.id == run)).one_or_none()
        if row is None or row.finished is None:
            state = "there is no run" if row is None else "not finished is run"
            raise StoreError(f"{state} {run}", where=self.name, do="name one that is, or none for the last")
        return run

    def put(self, run: int, path: str, entry: Entry) -> bool:
        """Store the evaluation of the plan at `path` and count it in `run`: all of it, or nothing.

        Gives whether the evaluation is new. The same again changes nothing; StoreError for other content under the
        same key, and for a path that the run has counted in another bin.
        """
        if self.anonymous and not entry.anonymous:
            raise StoreError(
                "this store is anonymous, and the evaluation is not", where=self.name, do="write it without identity"
            )
        sha256 = entry.content_sha256
        row = dict(entry.evaluation) | {"key": entry.key, "content_sha256": sha256}
        insertion = self._database.insert(EVALUATIONS).values(row).on_conflict_do_nothing(index_elements=["key"])
        with self._database.writing() as connection:
            number = connection.execute(insertion.returning(EVALUATIONS.c.id)).scalar()
            new = number is not None
            if number is None:
                number = self._same(connection, entry.key, sha256)
            else:
                for table, part in ((GOALS, entry.goals), (FINDINGS, entry.findings), (CURVES, entry.curves)):
                    _insert_part(connection, table, number, part)
            self._count(connection, run, {path: (entry.bin, None, number)})
        return new

    def known(self, keys: Iterable[str]) -> dict[str, Bin]:
        """Those of `keys` whose evaluation is stored, with its bin."""
        found: dict[str, Bin] = {}
        with self.reading() as connection:
            for some in _parts(sorted(set(keys))):
                query = select(EVALUATIONS.c.key, EVALUATIONS.c.verdict).where(EVALUATIONS.c.key.in_(some))
                found |= {row.key: OF_VERDICT[row.verdict] for row in connection.execute(query)}
        return found

    def keys(self, archive: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """The keys of stored evaluations: by `path_of` each plan of `archive`, and by the UID of any plan.

        An anonymous store knows no UID.
        """
        of_paths: dict[str, list[str]] = {}
        of_uids: dict[str, list[str]] = {}
        counted = select(RESULTS.c.path, EVALUATIONS.c.key).select_from(RESULTS.join(EVALUATIONS).join(RUNS))
        with self.reading() as connection:
            ours = counted.where(RUNS.c.archive == self.path_of(archive)).distinct()
            for path, key in connection.execute(ours):
                of_paths.setdefault(path, []).append(key)
            for uid, key in connection.execute(select(EVALUATIONS.c.sop_instance_uid, EVALUATIONS.c.key)):
                if uid:
                    of_uids.setdefault(uid, []).append(key)
        return of_paths, of_uids

    def reuse(self, run: int, keys: Mapping[str, str]) -> None:
        """Count in `run` the plans whose evaluations are stored: the key by the path. All, or none.

        StoreError where one of them is not what was stored.
        """
        with self.reading() as connection:
            self._refuse_altered(connection, sorted(set(keys.values())))
        with self._database.writing() as connection:
            stored: dict[str, tuple[Bin, None, int]] = {}
            for some in _parts(sorted(set(keys.values()))):
                query = select(EVALUATIONS).where(EVALUATIONS.c.key.in_(some))
                stored |= {row.key: (OF_VERDICT[row.verdict], None, row.id) for row in connection.execute(query)}
            missing = sorted(set(keys.values()) - stored.keys())
            if missing:
                raise StoreError(f"no evaluation {missing[0]} is stored", where=self.name, do="evaluate the plan")
            self._count(connection, run, {path: stored[key] for path, key in keys.items()})

    def set_aside(self, run: int, plans: Mapping[str, tuple[Bin, str]]) -> None:
        """Count in `run` the plans that have no evaluation: bin and reason by the path. All, or none.

        An anonymous store keeps no reason: it may name a file. ValueError for the bin of a verdict.
        """
        wrong = [which for which, _ in plans.values() if which in OF_VERDICT.values()]
        if wrong:
            raise ValueError(f"a plan that is {wrong[0]} has an evaluation")
        rows = {path: (which, None if self.anonymous else why, None) for path, (which, why) in plans.items()}
        with self._database.writing() as connection:
            self._count(connection, run, rows)

    def finish(self, run: int, finished: str) -> Account:
        """End `run` at a time in ISO 8601, and give its account.

        StoreError where it does not close, or the store is not the file any more that was opened.
        """
        if self._database.identity() != self._identity:
            raise StoreError(
                "the store was taken away or replaced while it was used", where=self.name, do="leave it where it is"
            )
        with self._database.writing() as connection:
            # PostgreSQL: after those that count now, and before all that want to.
            connection.execute(select(RUNS.c.id).where(RUNS.c.id == run).with_for_update())
            account = self._account(connection, run)
            if not account.closes:
                raise StoreError(f"run {run} does not close: {account}", where=self.name, do="run the audit again")
            connection.execute(
                update(RUNS).where(RUNS.c.id == run, RUNS.c.finished.is_(None)).values(finished=finished)
            )
        return account

    def account(self, run: int) -> Account:
        """The account of `run`. StoreError where there is no such run, or a plan is in the bin of another verdict."""
        with self.reading() as connection:
            return self._account(connection, run)

    def _account(self, connection: Connection, run: int) -> Account:
        found = connection.execute(select(RUNS.c.found).where(RUNS.c.id == run)).scalar()
        if found is None:
            raise StoreError(f"there is no run {run}", where=self.name, do="name one that is stored")
        of_verdict = case({verdict: str(which) for verdict, which in OF_VERDICT.items()}, value=EVALUATIONS.c.verdict)
        wrong = select(RESULTS.c.path, RESULTS.c.bin, EVALUATIONS.c.verdict).select_from(RESULTS.join(EVALUATIONS))
        row = connection.execute(wrong.where(RESULTS.c.run_id == run, RESULTS.c.bin != of_verdict).limit(1)).first()
        if row is not None:
            raise StoreError(
                f"{row.path} is counted as {row.bin}, and its evaluation says {row.verdict}: not what was stored",
                where=self.name,
                do=RESTORE,
            )
        query = select(RESULTS.c.bin, func.count()).where(RESULTS.c.run_id == run).group_by(RESULTS.c.bin)
        counts = {Bin(name): int(count) for name, count in connection.execute(query)}
        return Account(int(found), {each: counts.get(each, 0) for each in Bin})

    def _count(self, connection: Connection, run: int, plans: Mapping[str, tuple[Bin, str | None, int | None]]) -> None:
        """Put each path into its bin, once; of a finished run nothing changes."""
        rows: list[dict[str, Any]] = [
            {"run_id": run, "path": self.path_of(path), "bin": str(which), "reason": why, "evaluation_id": number}
            for path, (which, why, number) in sorted(plans.items())
        ]
        self._refuse_finished(connection, run)
        for some in _parts(rows):
            statement = self._database.insert(RESULTS).on_conflict_do_nothing(index_elements=["run_id", "path"])
            connection.execute(statement, some)
            there = RESULTS.c.run_id == run, RESULTS.c.path.in_([row["path"] for row in some])
            stored = {row.path: row for row in connection.execute(select(RESULTS).where(*there))}
            for row in some:
                other = stored[row["path"]]
                if (other.bin, other.evaluation_id) != (row["bin"], row["evaluation_id"]):
                    raise StoreError(
                        f"run {run} has counted this plan as {other.bin} by another evaluation, not as {row['bin']}",
                        where=row["path"],
                        do="begin another run",
                    )

    def _refuse_finished(self, connection: Connection, run: int) -> None:
        query = select(RUNS.c.finished).where(RUNS.c.id == run).with_for_update(read=True)
        row = connection.execute(query).one_or_none()
        if row is None or row.finished is not None:
            state = "no" if row is None else "already finished"
            raise StoreError(f"there is {state} run {run}", where=self.name, do="begin another run")

    def _refuse_altered(self, connection: Connection, keys: Sequence[str]) -> None:
        key = next(altered(connection, keys), None)
        if key is not None:
            counted = select(RESULTS.c.path).select_from(RESULTS.join(EVALUATIONS)).where(EVALUATIONS.c.key == key)
            path = connection.execute(counted.limit(1)).scalar() or key
            raise StoreError(
                f"the stored evaluation of {path} is not what was stored",
                where=self.name,
                do=RESTORE,
            )

    def _same(self, connection: Connection, key: str, sha256: str) -> int:
        """The number of the evaluation that is stored under `key`, whose content has to be the same."""
        self._refuse_altered(connection, [key])
        row = connection.execute(select(EVALUATIONS).where(EVALUATIONS.c.key == key)).one()
        if row.content_sha256 != sha256:
            raise StoreError(
                f"another evaluation is stored under {key}",
                where=self.name,
                do="find out what differs: nothing changed",
            )
        return int(row.id)


def _insert_part(connection: Connection, table: Table, number: int, rows: Sequence[Mapping[str, Any]]) -> None:
    numbered = [dict(row) | {"evaluation_id": number, "position": at} for at, row in enumerate(rows)]
    for some in _parts(numbered):
        connection.execute(insert(table), some)


def _parts(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    return (items[at : at + MANY] for at in range(0, len(items), MANY))


def _loaded(header: str | None) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = None if header is None else json.loads(header)
    return found
