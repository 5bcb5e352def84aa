import csv
import random

import pyarrow.parquet
import pytest

from hardcheck.errors import StoreError
from hardcheck.store import Bin, Store, export_csv, export_parquet
from tests.store.sample import begin, entry, fill, goal, key, ramp

EXPORTS = pytest.mark.parametrize("export", [export_csv, export_parquet])


def bytes_of(paths):
    return {path.name: path.read_bytes() for path in paths}


def table(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_tables(store, tmp_path):
    export_csv(store, fill(store), tmp_path)
    plans = table(tmp_path, "plans")
    assert [row["path"] for row in plans] == [f"p{n}/plan.dcm" for n in range(8)]
    assert [row["bin"] for row in plans] == [str(each) for each in Bin]
    assert (plans[0]["key"], plans[0]["machine"], plans[0]["prescription_gy"]) == (key(0), "TrueBeam1", "66.0")
    assert (plans[6]["key"], plans[6]["reason"]) == ("", "'=because(of) this")
    goals = table(tmp_path, "goals")
    assert [row["key"] for row in goals] == sorted([key(0), key(1), key(1), key(2), key(3)])
    (missed,) = (row for row in goals if row["goal_id"] == "cord-mean")
    assert (missed["value"], missed["low"], missed["outcome"], missed["position"]) == ("50.0", "49.5", "NOT_MET", "1")
    curves = [row for row in table(tmp_path, "curves") if row["key"] == key(1)]
    assert [(row["point"], row["dose_gy"], row["volume_cc"]) for row in curves] == [
        ("0", "0.0", "10.0"),
        ("1", "60.0", "0.0"),
    ]
    assert len(table(tmp_path, "findings")) == 4
    assert sorted(path.name for path in tmp_path.glob("*.*") if path.suffix in (".csv", ".partial")) == [
        "curves.csv",
        "files.csv",
        "findings.csv",
        "goals.csv",
        "plans.csv",
    ]


@EXPORTS
def test_the_order_of_insertion_does_not_show(where, tmp_path, export):
    written = []
    for attempt in range(3):
        order = list(range(8))
        random.Random(attempt).shuffle(order)  # noqa: S311
        with Store(tmp_path / f"{attempt}.db" if attempt else where) as store:
            for _ in range(attempt):  # what came before
                begin(store)
                store.put(begin(store), "earlier", entry(100 + attempt))
            folder = tmp_path / f"{attempt}"
            folder.mkdir()
            written.append(bytes_of(export(store, fill(store, order), folder)))
    assert written[0] == written[1] == written[2]
    assert len(written[0]) == 5


@EXPORTS
def test_more_than_one_part(tmp_path, export):
    written = []
    for order in (range(450), range(449, -1, -1)):
        with Store(tmp_path / f"{order.start}.db") as store:
            run = begin(store, found=450)
            for number in order:
                store.put(run, f"{number:04}", entry(number, curves=[ramp(40.0)]))
            folder = tmp_path / f"{order.start}"
            folder.mkdir()
            written.append(bytes_of(export(store, run, folder)))
    assert written[0] == written[1]
    if export is export_csv:
        assert [row["path"] for row in table(tmp_path / "0", "plans")] == [f"{n:04}" for n in range(450)]
        assert [row["key"] for row in table(tmp_path / "0", "goals")] == sorted(key(n) for n in range(450))


def test_parquet_holds_what_csv_holds(store, tmp_path):
    run = fill(store)
    export_csv(store, run, tmp_path)
    for path in export_parquet(store, run, tmp_path):
        rows = pyarrow.parquet.read_table(path).to_pylist()
        texts = [{name: "" if cell is None else str(cell) for name, cell in row.items()} for row in rows]
        assert [{name: cell.replace("=because", "'=because") for name, cell in row.items()} for row in texts] == table(
            tmp_path, path.stem
        )
    types = {field.name: str(field.type) for field in pyarrow.parquet.read_schema(tmp_path / "goals.parquet")}
    assert (types["value"], types["roi_number"], types["outcome"]) == ("double", "int64", "string")


def test_no_cell_is_a_formula(store, tmp_path):
    evil = '=HYPERLINK("http://a","b")'
    run = begin(store, found=2)
    store.put(
        run, f"{evil}.dcm", entry(1, goals=[goal(roi_name=evil, reason="@x")], patient_id="+1", curves=[ramp(1.0)])
    )
    store.set_aside(run, {"-q": (Bin.UNREADABLE, "\t=1")})
    for path in export_csv(store, run, tmp_path):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                assert not [cell for cell in row if cell.lstrip().startswith(("=", "+", "@"))]
    assert [row["path"] for row in table(tmp_path, "plans")] == ["'-q", f"'{evil}.dcm"]


@EXPORTS
def test_a_run_of_nothing(store, tmp_path, export):
    paths = export(store, begin(store, found=0), tmp_path)
    if export is export_csv:
        assert [path.read_bytes().count(b"\r\n") for path in paths] == [1] * 5
    else:
        assert [pyarrow.parquet.read_table(path).num_rows for path in paths] == [0] * 5


@EXPORTS
def test_paths_that_are_no_text(tmp_path, export):
    with Store(tmp_path / "audit.db") as store:
        run = begin(store)
        store.put(run, "\udcff.dcm", entry(1))
        (path, *_) = export(store, run, tmp_path)
    assert b"udcff.dcm" in path.read_bytes()


@EXPORTS
def test_where_nothing_can_be_written(store, tmp_path, export):
    run = fill(store)
    with pytest.raises(
        StoreError, match=r"plans\.\w+: the table cannot be written \(No such file or directory\); name"
    ):
        export(store, run, tmp_path / "none")
    with pytest.raises(StoreError, match="there is no run 99"):
        export(store, 99, tmp_path)
    assert not list(tmp_path.glob("*.partial"))
