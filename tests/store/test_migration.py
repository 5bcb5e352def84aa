import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import inspect

from hardcheck.errors import StoreError
from hardcheck.store import Store, migration
from hardcheck.store.schema import METADATA
from tests.store.sample import begin, entry, fill, key

VERSION_1 = """
CREATE TABLE hardcheck_store (version INTEGER NOT NULL, anonymous INTEGER NOT NULL);
INSERT INTO hardcheck_store VALUES (1, 0);
CREATE TABLE files (archive TEXT NOT NULL, path TEXT NOT NULL, size BIGINT NOT NULL, mtime_ns BIGINT NOT NULL,
    header TEXT, outcome TEXT, PRIMARY KEY (archive, path));
CREATE TABLE runs (id INTEGER PRIMARY KEY, archive TEXT NOT NULL, found BIGINT NOT NULL, settings TEXT NOT NULL,
    started TEXT NOT NULL, finished TEXT);
CREATE TABLE evaluations (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, content_sha256 TEXT NOT NULL,
    version TEXT NOT NULL, verdict TEXT NOT NULL, sop_instance_uid TEXT, patient_id TEXT, label TEXT, machine TEXT,
    planner TEXT, plan_date TEXT, fractions BIGINT, prescription_gy DOUBLE PRECISION, protocol_id TEXT NOT NULL,
    protocol_version TEXT NOT NULL, protocol_sha256 TEXT NOT NULL, regimen TEXT, provenance TEXT NOT NULL);
CREATE TABLE goals (evaluation_id BIGINT NOT NULL, position BIGINT NOT NULL, goal_id TEXT NOT NULL,
    structure TEXT NOT NULL, roi_number BIGINT, roi_name TEXT, metric TEXT NOT NULL, op TEXT NOT NULL,
    limit_value DOUBLE PRECISION, unit TEXT NOT NULL, tier TEXT NOT NULL, value DOUBLE PRECISION,
    low DOUBLE PRECISION, high DOUBLE PRECISION, outcome TEXT NOT NULL, reason TEXT,
    PRIMARY KEY (evaluation_id, position));
CREATE TABLE findings (evaluation_id BIGINT NOT NULL, position BIGINT NOT NULL, check_id TEXT NOT NULL,
    severity TEXT NOT NULL, message TEXT NOT NULL, structures TEXT NOT NULL, PRIMARY KEY (evaluation_id, position));
CREATE TABLE curves (evaluation_id BIGINT NOT NULL, position BIGINT NOT NULL, structure TEXT NOT NULL,
    roi_number BIGINT, roi_name TEXT, bound TEXT NOT NULL, dose_error_gy DOUBLE PRECISION NOT NULL,
    volume_error_cc DOUBLE PRECISION NOT NULL, dose_gy TEXT NOT NULL, volume_cc TEXT NOT NULL,
    PRIMARY KEY (evaluation_id, position));
CREATE TABLE results (run_id BIGINT NOT NULL, path TEXT NOT NULL, bin TEXT NOT NULL, reason TEXT,
    evaluation_id BIGINT, PRIMARY KEY (run_id, path));
INSERT INTO runs VALUES (1, '/archive', 2, '{}', '2026-11-21', '2026-11-22');
INSERT INTO evaluations VALUES (1, 'k', 's', '0.1.0', 'FAIL', '1.2.3', 'P1', NULL, NULL, NULL, NULL, 22, 66.0,
    'hard', '1', 'abab', '22fx', '{}');
INSERT INTO results VALUES (1, 'p', 'failed', NULL, 1), (1, 'q', 'duplicate', 'of p', NULL);
"""
"""A store as the first version wrote it. It stays as it is."""


@pytest.fixture
def version_1(tmp_path):
    path = tmp_path / "audit.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1)
    return path


def sql(path, statement):
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement).fetchall()


def test_a_store_of_version_1_is_brought_up(version_1):
    with Store(version_1) as store:
        assert str(store.account(1)).startswith("2 found = 0 passed + 0 variation + 1 failed")
        assert list(store.known(["k"])) == ["k"]
        store.put(begin(store), "new", entry(1))
    assert sql(version_1, "SELECT version FROM hardcheck_store") == [(len(migration.MIGRATIONS),)]


def test_what_version_1_did_not_store_is_not_known_after_it_was_brought_up(version_1):
    with closing(sqlite3.connect(version_1)) as connection, connection:
        goal_row = (1, 0, "g", "Cord", 7, "Cord", "Mean[Gy]", "<", 9, "Gy", "required", 8, 7, 9, "MET", None)
        connection.execute(f"INSERT INTO goals VALUES ({', '.join('?' * len(goal_row))})", goal_row)  # noqa: S608
    with Store(version_1) as store:
        assert store.protocol("abab") is None
    assert sql(version_1, "SELECT levels FROM evaluations") == [(None,)]
    assert sql(version_1, "SELECT value, whole_value, review, confined FROM goals") == [(8.0, None, None, None)]


def test_a_later_version(version_1, monkeypatch):
    added = ("ALTER TABLE runs ADD COLUMN host TEXT", "UPDATE runs SET host = 'here'")
    monkeypatch.setattr(migration, "MIGRATIONS", (*migration.MIGRATIONS, added))
    with Store(version_1) as store:
        assert store.account(1).closes
    with Store(version_1):
        pass
    assert sql(version_1, "SELECT host FROM runs") == [("here",)]
    assert sql(version_1, "SELECT version FROM hardcheck_store") == [(len(migration.MIGRATIONS),)]


def test_a_later_version_on_each_database(where, monkeypatch):
    with Store(where) as store:
        run = fill(store)
    monkeypatch.setattr(migration, "MIGRATIONS", (*migration.MIGRATIONS, ("ALTER TABLE runs ADD COLUMN host TEXT",)))
    with Store(where) as store, store.reading() as connection:
        assert connection.exec_driver_sql("SELECT host FROM runs").all() == [(None,)]
    monkeypatch.undo()
    with pytest.raises(StoreError, match=r"of version 3, and this hardcheck knows 2; use the hardcheck that wrote it"):
        Store(where)
    assert run


def test_a_migration_that_fails_leaves_the_store_as_it_was(where, monkeypatch):
    with Store(where) as store:
        run = fill(store)
    halves = ("ALTER TABLE runs ADD COLUMN host TEXT", "ALTER TABLE no_such_table ADD COLUMN host TEXT")
    with monkeypatch.context() as later:
        later.setattr(migration, "MIGRATIONS", (*migration.MIGRATIONS, halves))
        with pytest.raises(StoreError, match="the store failed"):
            Store(where)
    with Store(where) as store:
        assert store.account(run).closes
        with store.reading() as connection:
            assert "host" not in [column["name"] for column in inspect(connection).get_columns("runs")]


def test_queries_name_what_the_migrations_make(store):
    with store.reading() as connection:
        inspector = inspect(connection)
        assert set(inspector.get_table_names()) == set(METADATA.tables)
        for name, table in METADATA.tables.items():
            made = {column["name"]: bool(column["nullable"]) for column in inspector.get_columns(name)}
            named = {column.name: bool(column.nullable) for column in table.columns}
            assert made.keys() == named.keys()
            keys = inspector.get_pk_constraint(name)["constrained_columns"]
            assert set(keys) == {column.name for column in table.primary_key}
            assert {c: made[c] for c in made if c not in keys} == {c: named[c] for c in named if c not in keys}


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE hardcheck_store SET version = 99", "this store is of version 99, and this hardcheck knows"),
        ("UPDATE hardcheck_store SET version = 0", "does not say which version it is"),
        ("DELETE FROM hardcheck_store", "does not say which version it is"),
        ("DROP TABLE curves", "this store has no table curves"),
        ("DROP TABLE hardcheck_store", "not a store of hardcheck"),
    ],
)
def test_what_is_no_store_is_refused_and_left_alone(version_1, statement, said):
    with Store(version_1):
        pass
    sql(version_1, statement)
    before = sql(version_1, "SELECT sql FROM sqlite_master ORDER BY sql")
    with pytest.raises(StoreError, match=said):
        Store(version_1)
    assert sql(version_1, "SELECT sql FROM sqlite_master ORDER BY sql") == before


def test_the_keys_of_version_1_do_not_change():
    # Stored keys are looked up by later versions: this is SHA-256 of
    # [["00…01"],"abab…",  "22fx",{},"0.1.0"] by sha256sum of coreutils.
    assert key(1) == KEY_1


KEY_1 = "28f137f35ca220f0e8badf3716163a3c85b66bc422d3e016bafeb46a18c5327a"
