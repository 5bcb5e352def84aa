import shutil

import pytest

from benchmarks import archive as generator
from benchmarks.archive_plan import PROTOCOL
from tests.audit import command
from tests.store.conftest import postgres, server

__all__ = ["postgres", "server"]

PLANS = 24


@pytest.fixture(scope="session")
def protocols(tmp_path_factory):
    """A folder with the protocol of generated archives."""
    folder = tmp_path_factory.mktemp("protocols")
    shutil.copy(PROTOCOL, folder)
    return folder


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """An archive with every fourth plan at fault."""
    root = tmp_path_factory.mktemp("made") / "archive"
    generator.generate(root, PLANS, seed=8, faulty=0.25)
    return root


@pytest.fixture(scope="session")
def undisturbed(made, protocols, tmp_path_factory):
    """What one run by one process exports, by the name of the file."""
    folder = tmp_path_factory.mktemp("undisturbed")
    done = command.run(made, protocols, folder / "audit.db", folder / "tables")
    assert done.returncode == 0, done.stderr
    return command.tables(folder / "tables")
