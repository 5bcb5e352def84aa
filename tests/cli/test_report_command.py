"""`hardcheck report STORE`."""

import pytest
from sqlalchemy import update

from hardcheck.store import Store
from hardcheck.store.schema import RUNS
from tests.store.sample import begin, fill


@pytest.fixture
def audited(tmp_path):
    where = tmp_path / "audit.db"
    with Store(where) as store:
        fill(store)
        begin(store)  # a run that did not end
    return where


def test_it_says_the_account_and_writes_the_page(run, audited, tmp_path):
    page = tmp_path / "cohort.html"
    result = run("report", audited, "-o", page)
    assert result.exit_code == 0, result.output
    assert "8 found = 1 passed + 1 variation + 1 failed" in result.stdout
    assert str(page) in result.stdout
    assert '<h1 id="account">8 plans found</h1>' in page.read_text("utf-8")


def test_the_tables_go_into_a_folder(run, audited, tmp_path):
    folder = tmp_path / "tables"
    assert run("report", audited, "-o", f"{folder}/").exit_code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["curves.csv", "findings.csv", "goals.csv", "plans.csv"]


def test_a_folder_that_cannot_be_made(refused, audited, tmp_path):
    assert "the folder cannot be used" in refused("report", audited, "-o", f"{tmp_path}/none/tables/")


def test_a_run_by_its_number(run, refused, audited):
    assert run("report", audited, "--run", 1).exit_code == 0
    assert "not finished is run 2" in refused("report", audited, "--run", 2)
    assert "there is no run 9" in refused("report", audited, "--run", 9)


def test_what_is_not_there_is_not_made(refused, tmp_path):
    assert "no such store" in refused("report", tmp_path / "none.db")
    assert "no such store" in refused("report", tmp_path / "none.db", "-o", f"{tmp_path}/none/")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_store(refused, tmp_path):
    other = tmp_path / "other.db"
    other.write_text("something else")
    assert "not a database" in refused("report", other)
    with Store(tmp_path / "empty.db"):
        pass
    assert "no run of this store is finished" in refused("report", tmp_path / "empty.db")


def test_an_account_that_does_not_close(refused, audited, tmp_path):
    with Store(audited) as store, store._database.writing() as connection:
        connection.execute(update(RUNS).values(found=9))
    line = refused("report", audited, "-o", tmp_path / "cohort.html")
    assert "run 1 does not close: 9 found ≠ 1 passed" in line
    assert not (tmp_path / "cohort.html").exists()


def test_the_page_is_html_alone(refused, audited, tmp_path):
    assert "use .html" in refused("report", audited, "-o", tmp_path / "cohort.pdf")
