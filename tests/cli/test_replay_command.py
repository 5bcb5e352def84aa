"""`hardcheck replay`: on a store of generated plans."""

import csv
import io
import json
from random import Random

import pytest

from benchmarks.archive_plan import PROTOCOL, variant
from hardcheck.evaluation import evaluate
from hardcheck.library import load_protocol
from hardcheck.store import Store
from tests.replay.sample import store_evaluations


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store of six plans that pass, with less than 15 Gy in the cord, and its protocol."""
    path = tmp_path_factory.mktemp("replay") / "audit.db"
    protocol, random = load_protocol(PROTOCOL), Random(8)  # noqa: S311 - plans, no secrets
    plans = [variant(random, f"P{n}", "=A()", passing=True) for n in range(6)]
    with Store(path) as opened:
        store_evaluations(opened, [evaluate(each.plan(), protocol) for each in plans])
        opened.put_protocol(PROTOCOL.read_bytes())
    return path, plans


@pytest.fixture
def version_2(tmp_path):
    def make(*changes):
        text = PROTOCOL.read_text("utf-8").replace('version: "1"', 'version: "2"')
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "new.yaml"
        path.write_text(text, "utf-8")
        return path

    return make


def test_nothing_changes(run, store, version_2):
    result = run("replay", str(store[0]), "-p", str(version_2()))
    assert result.exit_code == 0
    assert "6 plans of run 1, generated_archive from version 1 to 2: 0 would change, 0 cannot be told" in result.output


def test_a_stricter_limit(run, store, version_2, tmp_path):
    limit_gy = sorted(plan.cord_gy for plan in store[1])[2] + 0.05
    new = version_2(("D0.03cc[Gy] <= 20 Gy", f"D0.03cc[Gy] <= {limit_gy:.3f} Gy"))
    table = tmp_path / "plans.csv"
    result = run("replay", str(store[0]), "-p", str(new), "--json", "-", "-o", str(table))
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    hotter = sum(plan.cord_gy > limit_gy for plan in store[1])
    assert 0 < hotter < 6
    assert document["counts"] == {"plans": 6, "same": 6 - hotter, "changed": hotter, "untold": 0}
    assert {"before": "PASS", "after": "FAIL", "plans": hotter} in document["verdicts"]
    assert document["goals"] == [{"id": "cord-max", "before": "MET", "after": "NOT_MET", "plans": hotter}]
    assert [plan["changes"][0]["id"] for plan in document["plans"]] == ["cord-max"] * hotter
    rows = list(csv.DictReader(io.StringIO(table.read_text("utf-8"))))
    assert len(rows) == 6
    assert {row["label"] for row in rows} == {"'=A()"}
    assert sum(row["verdict_after"] == "FAIL" for row in rows) == hotter


def test_what_cannot_be_told(run, store, version_2):
    new = version_2(("aliases: [Cord]", "aliases: [Cord, Medulla]"))
    result = run("replay", str(store[0]), "-p", str(new))
    assert result.exit_code == 3
    assert "0 would change, 6 cannot be told" in result.output
    assert "the structure SpinalCord is defined otherwise: evaluate it again" in result.output


def test_no_plan_of_that_protocol(run, store):
    result = run("replay", str(store[0]), "-p", "hard")
    assert result.exit_code == 2
    assert "no plan of run 1 was held against a protocol with the id 'hard'" in result.output
    assert "its protocols are: generated_archive" in result.output


def test_no_store(run, tmp_path):
    result = run("replay", str(tmp_path / "no.db"), "-p", "hard")
    assert result.exit_code == 2
    assert not (tmp_path / "no.db").exists()
