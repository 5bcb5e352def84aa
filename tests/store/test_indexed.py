"""Plans without an evaluation, and files, by what the index knows of them."""

import csv

import pytest

from hardcheck.store import Bin, KnownFile, Store, export_csv, export_parquet, unevaluated_plans
from tests.store.sample import begin, entry

PLAN = {
    "kind": "RTPLAN",
    "uid": "1.2.9",
    "patient_id": "P9",
    "label": "=Boost",
    "machines": ["LINAC1", "LINAC2"],
    "planner": "ab",
    "made": "20240102030405",
}
DOSE = {"kind": "RTDOSE", "uid": "1.2.8", "patient_id": "P8", "label": "", "machines": [], "planner": "", "made": ""}
FILES = {
    "aside.dcm": KnownFile(1, 2, {"header": PLAN, "reason": "no RTDOSE"}, "unlinked"),
    "dose.dcm": KnownFile(1, 2, {"header": DOSE, "reason": "its RTPLAN is away"}, "unlinked"),
    "good.dcm": KnownFile(1, 2, {"header": PLAN | {"uid": "1.2.3"}, "reason": ""}, "plan"),
    "image.dcm": KnownFile(1, 2, {"header": DOSE | {"kind": "CT"}, "reason": ""}, "image"),
    "notes.txt": KnownFile(1, 2, {"header": {}, "reason": "not DICOM"}, "foreign"),
    "odd\udcff.dcm": KnownFile(1, 2, {"header": PLAN | {"uid": "1.2.7", "label": "\ud83d\0"}}, "unreadable"),
}
ASIDE = {
    "aside.dcm": (Bin.UNLINKED, "no RTDOSE"),
    "dose.dcm": (Bin.UNLINKED, "a dose is of the RTPLAN 1.2.6"),
    "odd\udcff.dcm": (Bin.UNREADABLE, "damaged"),
    "lost": (Bin.UNREADABLE, "empty file"),
}
IDENTITY = ("sop_instance_uid", "patient_id", "label", "machine", "planner", "plan_date")


def run_of(store, index="a", archive="/archive"):
    """A finished run over FILES: one plan with an evaluation, and four without."""
    run = store.begin(archive, found=5, settings={"index": index}, started="2026-11-21T22:00:00")
    store.set_aside(run, ASIDE)
    store.put(run, "good.dcm", entry(1, anonymous=store.anonymous))
    store.finish(run, "2026-11-21T23:00:00")
    return run


def table(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


def test_a_plan_without_an_evaluation_has_its_identity_from_the_index(store, tmp_path):
    store.put_files("/archive", FILES)
    store.put_files("/other", {"lost": FILES["aside.dcm"]})
    export_csv(store, run_of(store), tmp_path)
    plans = {path: tuple(row[name] for name in IDENTITY) for path, row in table(tmp_path, "plans").items()}
    assert plans["aside.dcm"] == ("1.2.9", "P9", "'=Boost", "LINAC1, LINAC2", "ab", "2024-01-02")
    assert plans["dose.dcm"] == ("", "P8", "", "", "", "")
    assert plans["lost"] == ("",) * 6
    # An evaluation says it itself.
    assert plans["good.dcm"] == ("1.2.3", "P1", "Boost", "TrueBeam1", "ab", "2026-11-21")
    (odd,) = (row for path, row in plans.items() if path.startswith("odd"))
    assert odd[0] == "1.2.7"


def test_the_files_that_are_of_no_complete_plan(store, tmp_path):
    store.put_files("/archive", FILES)
    paths = export_csv(store, run_of(store), tmp_path)
    assert [path.name for path in paths] == ["plans.csv", "goals.csv", "findings.csv", "curves.csv", "files.csv"]
    rows = list(table(tmp_path, "files").values())
    assert [(row["path"][:9], row["bin"], row["reason"]) for row in rows] == [
        ("aside.dcm", "unlinked", "no RTDOSE"),
        ("dose.dcm", "unlinked", "its RTPLAN is away"),
        ("notes.txt", "foreign", "not DICOM"),
        (rows[3]["path"][:9], "unreadable", ""),
    ]


@pytest.mark.parametrize("export", [export_csv, export_parquet])
def test_equal_files_give_equal_bytes(tmp_path, export):
    written = []
    for n, order in enumerate((1, -1)):
        with Store(tmp_path / f"{n}.db") as store:
            for path in list(FILES)[::order]:
                store.put_files("/archive", {path: FILES[path]})
            (tmp_path / str(n)).mkdir()
            first, again = run_of(store), run_of(store)
            written += [[path.read_bytes() for path in export(store, run, tmp_path / str(n))] for run in (first, again)]
    assert written == [written[0]] * 4
    assert len(written[0]) == 5


def test_many_files(tmp_path):
    with Store(tmp_path / "audit.db") as store:
        store.put_files("/archive", {f"{n:04}": FILES["notes.txt"] for n in range(450)})
        export_csv(store, run_of(store), tmp_path)
    assert list(table(tmp_path, "files")) == [f"{n:04}" for n in range(450)]


def test_the_index_is_not_that_of_a_run_before_files_changed(store, tmp_path):
    store.put_files("/archive", FILES)
    first = run_of(store)
    export_csv(store, first, tmp_path)
    begin(store, archive="/other")
    export_csv(store, first, tmp_path)
    assert table(tmp_path, "plans")["aside.dcm"]["sop_instance_uid"] == "1.2.9"
    assert unevaluated_plans(store, first, "1.2.9")
    second = run_of(store, index="b")
    assert [path.name for path in export_csv(store, first, tmp_path)][-1] == "curves.csv"
    assert not (tmp_path / "files.csv").exists()
    assert table(tmp_path, "plans")["aside.dcm"]["sop_instance_uid"] == ""
    assert unevaluated_plans(store, first, "1.2.9") == ()
    assert [plan.path for plan in unevaluated_plans(store, second, "1.2.9")] == ["aside.dcm"]
    begin(store)  # which does not say of which files it is
    assert unevaluated_plans(store, second, "1.2.9") == ()


def test_nothing_of_it_is_in_an_anonymous_store(tmp_path):
    with Store(tmp_path / "audit.db", anonymous=True) as store:
        store.put_files("/archive", FILES)
        run = run_of(store)
        assert len(export_csv(store, run, tmp_path)) == 4
        assert unevaluated_plans(store, run, "1.2.9") == ()
        (found,) = unevaluated_plans(store, run, store.path_of("lost"))
        assert (found.bin, found.reason) == (Bin.UNREADABLE, None)
    for row in table(tmp_path, "plans").values():
        assert not row["sop_instance_uid"]
        assert not row["patient_id"]


@pytest.mark.parametrize("name", ["aside.dcm", "1.2.9", "=Boost"])
def test_why_a_plan_has_no_evaluation(store, name):
    store.put_files("/archive", FILES)
    (found,) = unevaluated_plans(store, run_of(store), name)
    assert (found.path, found.bin, found.reason) == ("aside.dcm", Bin.UNLINKED, "no RTDOSE")


@pytest.mark.parametrize("name", ["good.dcm", "1.2.3", "1.2.8", "", "none"])
def test_what_is_no_plan_without_an_evaluation(store, name):
    store.put_files("/archive", FILES)
    assert unevaluated_plans(store, run_of(store), name) == ()
