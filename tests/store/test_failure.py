"""What cannot be stored is told in one line, and what was stored before stays."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from hardcheck.errors import HardcheckError, StoreError, UsageError
from hardcheck.store import KnownFile, Store, database
from tests.store.sample import begin, entry, fill, ramp, run_sql

AS_ROOT = "root may write where nobody else may"


def one_line(raised, what):
    text = str(raised.value)
    assert what in text
    assert "\n" not in text
    assert "; " in text  # what to do


def test_another_file_is_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("what somebody wrote down, longer than the header of a database\n" * 9, "utf-8")
    before = path.read_bytes()
    with pytest.raises(StoreError) as raised:
        Store(path)
    one_line(raised, "this is not a database")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_another_database_is_left_alone(tmp_path):
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE theirs (a)")
    with pytest.raises(StoreError) as raised:
        Store(path)
    one_line(raised, "this database is not a store of hardcheck")


def test_a_damaged_store(tmp_path):
    path = tmp_path / "audit.db"
    with Store(path) as store:
        fill(store)
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 4000)
    with pytest.raises(StoreError) as raised:
        Store(path)
    one_line(raised, "the database is damaged")


def test_no_folder(tmp_path):
    with pytest.raises(StoreError) as raised:
        Store(tmp_path / "none" / "audit.db")
    one_line(raised, "there is no such folder")


def test_a_folder_is_no_store(tmp_path):
    with pytest.raises(StoreError) as raised:
        Store(tmp_path)
    one_line(raised, "the store cannot be read (Is a directory)")


@pytest.mark.skipif(os.geteuid() == 0, reason=AS_ROOT)
def test_a_folder_that_cannot_be_written(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreError) as raised:
            Store(tmp_path / "audit.db")
    finally:
        tmp_path.chmod(0o700)
    one_line(raised, "cannot be")


def test_another_program_keeps_it_locked(tmp_path):
    path = tmp_path / "audit.db"
    with Store(path, wait_s=0.05) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        run = begin(store)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as raised:
            store.put(run, "p", entry(1))
        one_line(raised, "another program keeps the store locked")
        assert store.account(run).counted == 0  # who reads does not wait
        other.execute("ROLLBACK")
        store.put(run, "p", entry(1))
        assert store.account(run).closes


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 1 MB in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if (
        mount is None
        or subprocess.run(
            [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=False, capture_output=True
        ).returncode
    ):
        pytest.skip("a file system of its own cannot be mounted: only root may")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(small_disk, tmp_path):
    path = small_disk / "audit.db"
    with Store(path) as store:
        run = begin(store, found=10_000)
        done = []
        with pytest.raises(StoreError) as raised:
            done.extend(store.put(run, f"p{n}", entry(n, curves=[ramp(40.0 + n)])) for n in range(10_000))
        stored = len(done)
        one_line(raised, "the disk of the store is full")
        assert stored > 10
        assert store.account(run).counted == stored
    shutil.copytree(small_disk, tmp_path / "room")
    with Store(tmp_path / "room" / "audit.db") as store:
        assert store.account(run).counted == stored
        store.put(run, f"p{stored}", entry(stored, curves=[ramp(40.0 + stored)]))
        assert store.account(run).counted == stored + 1


def test_a_disk_that_is_mounted_read_only(small_disk):
    path = small_disk / "audit.db"
    with Store(path) as store:
        run = fill(store)
    remount = ["mount", "-o", "remount", str(small_disk)]
    subprocess.run([*remount[:2], "remount,ro", remount[-1]], check=True)
    with pytest.raises(StoreError) as raised:
        Store(path)
    one_line(raised, "the store cannot be")
    with pytest.raises(StoreError) as raised:
        Store(small_disk / "new.db")
    one_line(raised, "the store cannot be")
    subprocess.run([*remount[:2], "remount,rw", remount[-1]], check=True)
    with Store(path) as store:
        assert store.account(run).closes


def test_the_disk_fails_while_it_is_written(small_disk):
    path = small_disk / "audit.db"
    with Store(path) as store:
        run = begin(store)
        (small_disk / "filler").write_bytes(b"\0" * (os.statvfs(small_disk).f_bavail * 4096))
        with pytest.raises(StoreError) as raised:
            store.put_files("/archive", {f"{n}": KnownFile(n, n) for n in range(5000)})
        one_line(raised, "full")
        (small_disk / "filler").unlink()
        assert store.files("/archive") == {}
        store.put(run, "p", entry(1))
        assert store.account(run).closes


# PostgreSQL.


def test_no_server(postgres):
    url = postgres.rsplit("/", 1)[0]
    port = int(url.rsplit(":", 1)[1])
    with pytest.raises(StoreError) as raised:
        Store(f"postgresql://doctor:secret@127.0.0.1:{1 if port != 1 else 2}/audit")
    one_line(raised, "the store cannot be opened")
    assert "secret" not in str(raised.value)


def test_no_such_database(postgres):
    with pytest.raises(StoreError) as raised:
        Store(f"{postgres}_missing")
    one_line(raised, "the store cannot be opened")


def test_another_database_of_postgresql_is_left_alone(postgres):
    url, name = postgres.rsplit("/", 1)
    run_sql(f"{url}/", "CREATE TABLE theirs (a int)", name)
    with pytest.raises(StoreError) as raised:
        Store(postgres)
    one_line(raised, "this database is not a store of hardcheck")


def test_who_may_not_write_there(postgres):
    url, name = postgres.rsplit("/", 1)
    with Store(postgres) as store:
        run = fill(store)
    run_sql(f"{url}/", f"CREATE ROLE guest_of_{name} LOGIN", name)
    run_sql(f"{url}/", f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest_of_{name}", name)
    with Store(postgres.replace("hardcheck@", f"guest_of_{name}@")) as store:
        assert store.account(run).closes
        with pytest.raises(StoreError) as raised:
            begin(store)
        one_line(raised, "the store cannot be written")


def test_a_server_that_ends_its_connections(postgres):
    url, name = postgres.rsplit("/", 1)
    with Store(postgres) as store:
        run = begin(store)
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        run_sql(f"{url}/", f"{others} AND datname = current_database()", name)
        with pytest.raises(StoreError) as raised:
            store.put(run, "p", entry(1))
        one_line(raised, "the store cannot be opened")
        store.put(run, "p", entry(1))
        assert store.account(run).closes


def test_without_psycopg(monkeypatch):
    def missing(*_args, **_more):
        raise ModuleNotFoundError(name="psycopg")

    monkeypatch.setattr(database, "create_engine", missing)
    with pytest.raises(UsageError, match=r"PostgreSQL needs psycopg; pip install 'hardcheck\[postgres\]'") as raised:
        Store("postgresql://doctor:secret@host/audit")
    assert isinstance(raised.value, HardcheckError)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("missing", "code", "said"),
    [
        ("sqlalchemy", "import hardcheck.store", "the store needs SQLAlchemy; pip install 'hardcheck[audit]'"),
        (
            "pyarrow",
            "from hardcheck.store import export_parquet; export_parquet(None, 1, None)",
            "Parquet needs pyarrow; pip install 'hardcheck[parquet]'",
        ),
    ],
)
def test_without_what_an_extra_installs(missing, code, said):
    script = f"import sys; sys.modules[{missing!r}] = None; import hardcheck\n{code}"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert run.stderr.splitlines()[-1] == f"hardcheck.errors.UsageError: {said}"
