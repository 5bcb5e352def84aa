"""A store that was edited by hand, or damaged, is told and not believed."""

import pytest
from sqlalchemy import delete, insert, update

from hardcheck.cohort import cohort_of
from hardcheck.errors import StoreError
from hardcheck.replay import kept_protocol
from hardcheck.store import (
    KnownFile,
    Store,
    export_csv,
    find_plans,
    goal_values,
    population_dvh,
    stored_evaluations,
)
from hardcheck.store.schema import CURVES, EVALUATIONS, FILES, FINDINGS, GOALS, PROTOCOLS, RESULTS
from tests.store.sample import begin, entry, fill, goal, key, ramp

GOALS_OF_IT = [goal(), goal("mean", outcome="NOT_MET", value=50.0), goal("none", outcome="NOT_EVALUATED", value=None)]


def change(store, statement):
    with store._database.writing() as connection:
        connection.execute(statement)


def whole(store):
    """One evaluation of all parts."""
    store.put(begin(store), "p", entry(1, "FAIL", GOALS_OF_IT, curves=[ramp(40.0), ramp(41.0, bound="high")]))


@pytest.mark.parametrize(
    "statement",
    [
        update(EVALUATIONS).values(verdict="PASS"),
        update(EVALUATIONS).values(prescription_gy=60.0),
        update(EVALUATIONS).values(sop_instance_uid="1.2.4"),
        update(EVALUATIONS).values(levels=None),
        update(EVALUATIONS).values(provenance="{"),
        update(GOALS).values(outcome="MET"),
        update(GOALS).where(GOALS.c.position == 1).values(limit_value=60.0),
        update(GOALS).where(GOALS.c.position == 0).values(high=None),
        delete(GOALS).where(GOALS.c.position == 2),
        update(FINDINGS).values(severity="INFO"),
        delete(FINDINGS),
        update(CURVES).where(CURVES.c.position == 1).values(volume_cc="[10.0,0.5]"),
        delete(CURVES).where(CURVES.c.position == 1),
    ],
)
def test_an_evaluation_that_was_edited_is_not_counted_again(store, statement):
    whole(store)
    change(store, statement)
    run = begin(store)
    with pytest.raises(StoreError, match="the stored evaluation of p is not what was stored") as told:
        store.reuse(run, {"p": key(1)})
    assert told.value.where == store.name
    assert store.account(run).counted == 0
    with pytest.raises(StoreError, match="is not what was stored"):
        store.put(run, "p", entry(1, "FAIL", GOALS_OF_IT, curves=[ramp(40.0), ramp(41.0, bound="high")]))


def test_text_in_place_of_a_number(tmp_path):
    """SQLite takes it."""
    with Store(tmp_path / "audit.db") as store:
        run = fill(store)
        with store._database.writing() as connection:
            connection.exec_driver_sql("UPDATE goals SET value = 'many'")
        with pytest.raises(StoreError, match="not what was stored"):
            store.reuse(begin(store), {"p": key(1)})
        for read in (
            lambda: goal_values(store, run, "hard", "cord-max"),
            lambda: list(stored_evaluations(store, run, "hard")),
            lambda: cohort_of(store, run),
        ):
            with pytest.raises(StoreError, match="cannot be read") as told:
                read()
            assert told.value.where == store.name


@pytest.mark.parametrize(
    "given",
    [
        {"goals": [goal(value=-0.0, low=-0.0)]},
        {"goals": [goal(limit=46, value=40)]},
        {"goals": [goal(structure="a\0\ud800", reason="\\x00")]},
        {"curves": [ramp(1 / 3, volume_cc=0.1)]},
        {"goals": []},
    ],
)
def test_what_nobody_edited_is_counted_again(store, given):
    store.put(begin(store), "p", entry(1, **given))
    run = begin(store, found=2)
    store.reuse(run, {"p": key(1)})
    assert not store.put(run, "q", entry(1, **given))
    assert store.account(run).counted == 2


def test_of_many_the_edited_one_is_told(store):
    run = begin(store, found=120)
    for number in range(120):
        store.put(run, f"{number:03}", entry(number))
    keys = {f"{number:03}": key(number) for number in range(120)}
    store.reuse(begin(store, found=120), keys)
    change(store, update(EVALUATIONS).where(EVALUATIONS.c.key == key(77)).values(verdict="REVIEW"))
    with pytest.raises(StoreError, match="evaluation of 077 is not"):
        store.reuse(begin(store, found=120), keys)


@pytest.mark.parametrize(
    "statement",
    [
        update(RESULTS).where(RESULTS.c.bin == "failed").values(bin="passed"),
        update(EVALUATIONS).where(EVALUATIONS.c.verdict == "FAIL").values(verdict="PASS"),
    ],
)
def test_a_bin_that_is_not_of_the_verdict_makes_no_account(store, statement):
    run = fill(store)
    change(store, statement)
    with pytest.raises(StoreError, match=r"p2/plan.dcm is counted as"):
        store.account(run)


def test_a_protocol_in_the_place_of_another(store):
    sha256 = store.put_protocol(b"id: hard\n")
    change(store, update(PROTOCOLS).values(text='"id: soft\\n"'))
    with pytest.raises(StoreError, match=f"SHA-256 {sha256[:12]}… is another one"):
        kept_protocol(store, sha256)
    change(store, update(PROTOCOLS).values(text="{"))
    with pytest.raises(StoreError, match="cannot be read"):
        kept_protocol(store, sha256)


@pytest.mark.parametrize("points", ["[]", "{", "[1.0,null]", "[1.0,NaN]", "[1.0,2.0,3.0]", '["a","b"]'])
def test_a_curve_that_is_none(store, points):
    run = fill(store)
    change(store, update(CURVES).values(dose_gy=points))
    for read in (
        lambda: population_dvh(store, run, "hard", "Cord"),
        lambda: list(stored_evaluations(store, run, "hard", curves_of=["Cord"])),
    ):
        with pytest.raises(StoreError, match="cannot be read"):
            read()


def test_broken_json(store, tmp_path):
    run = fill(store)
    change(store, update(EVALUATIONS).values(provenance="{"))
    with pytest.raises(StoreError, match="cannot be read"):
        find_plans(store, run, "1.2.3")
    change(store, update(EVALUATIONS).values(levels="{"))
    with pytest.raises(StoreError, match="cannot be read"):
        list(stored_evaluations(store, run, "hard"))
    change(store, update(CURVES).values(dose_gy="{"))
    with pytest.raises(StoreError, match="cannot be read"):
        export_csv(store, run, tmp_path)
    change(store, insert(FILES).values(archive="/archive", path="p", size=1, mtime_ns=1, header="{"))
    with pytest.raises(StoreError, match="cannot be read"):
        store.files("/archive")


def test_an_anonymous_store_keeps_no_size_and_no_time(where):
    with Store(where, anonymous=True) as store:
        store.put_files("/archive", {"p": KnownFile(1234, 5678, {"a": 1}, "plan")})
        assert list(store.files("/archive").values()) == [KnownFile(0, 0, None, "plan")]
