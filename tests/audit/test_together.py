"""Several audits at once into one store: each has exactly its rows, and no evaluation is there twice."""

import pytest
from sqlalchemy import func, select

from benchmarks import archive as generator
from hardcheck.store import Store, export_csv
from hardcheck.store.schema import EVALUATIONS, RESULTS, RUNS
from tests.audit import command

SMALL = 10


@pytest.fixture(scope="module")
def small(tmp_path_factory, protocols):
    """Four archives of other plans, and what each exports on its own."""
    folder = tmp_path_factory.mktemp("small")
    alone = {}
    for seed in range(4):
        root = folder / f"archive-{seed}"
        generator.generate(root, SMALL, seed=seed, faulty=0.3)
        done = command.run(root, protocols, folder / f"{seed}.db", folder / f"tables-{seed}")
        assert done.returncode == 0, done.stderr
        alone[root] = command.tables(folder / f"tables-{seed}")
    return alone


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request, tmp_path):
    return tmp_path / "audit.db" if request.param == "sqlite" else request.getfixturevalue("postgres")


def at_once(archives, protocols, where, folder):
    """Run one audit over each archive, all at once, into one store; what each exported."""
    started = [command.start(root, protocols, where, folder / f"{n}") for n, root in enumerate(archives)]
    for process in started:
        _, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
    return [command.tables(folder / f"{n}") for n in range(len(archives))]


def count(where, *, keys):
    """No run but has all that it found, no key twice, and as many evaluations as there are `keys`."""
    with Store(where) as store, store.reading() as connection:
        counted = select(RUNS.c.id, RUNS.c.found, func.count()).join(RESULTS, RESULTS.c.run_id == RUNS.c.id)
        runs = connection.execute(counted.group_by(RUNS.c.id, RUNS.c.found).where(RUNS.c.finished.is_not(None))).all()
        stored = connection.execute(select(EVALUATIONS.c.key)).scalars().all()
    assert all(found == rows for _, found, rows in runs)
    assert len(stored) == len(set(stored)) == keys
    return [number for number, _, _ in runs]


def evaluated(tables):
    """The keys of the evaluations that are exported."""
    lines = tables["goals.csv"].decode("utf-8").splitlines()[1:]
    return {line.split(",")[0] for line in lines}


def test_audits_of_one_archive(small, protocols, where, tmp_path):
    root, alone = next(iter(small.items()))
    audits = 4 if str(where).startswith("postgresql") else 2
    assert at_once([root] * audits, protocols, where, tmp_path) == [alone] * audits
    runs = count(where, keys=len(evaluated(alone)))
    assert len(runs) == audits
    with Store(where) as store:
        for number in runs:  # also when the others are through with it
            folder = tmp_path / f"run-{number}"
            folder.mkdir()
            export_csv(store, number, folder)
            assert command.tables(folder) == alone


def test_audits_of_four_archives(small, protocols, where, tmp_path):
    assert at_once(small, protocols, where, tmp_path) == list(small.values())
    assert len(count(where, keys=len(set().union(*map(evaluated, small.values()))))) == 4
