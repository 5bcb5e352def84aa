import os
from itertools import count

import pytest

from hardcheck.store import Store
from tests.store import sample

NUMBERS = count()


@pytest.fixture(scope="session")
def server():
    if sample.postgres_programs() is None:
        reason = "PostgreSQL is not installed: install Debian's package postgresql"
        if os.environ.get("HARDCHECK_POSTGRES") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    with sample.postgres_server() as url:
        yield url


@pytest.fixture
def postgres(server):
    """The URL of an empty database."""
    name = f"test_{next(NUMBERS)}"
    sample.run_sql(server, f"CREATE DATABASE {name}")
    return f"{server}{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request, tmp_path):
    """Where an empty store may be made, of each kind."""
    return tmp_path / "audit.db" if request.param == "sqlite" else request.getfixturevalue("postgres")


@pytest.fixture
def store(where):
    with Store(where) as opened:
        yield opened
