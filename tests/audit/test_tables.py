"""The tables of an archive of which most plans have a fault: whose they are, and why their files are where they are."""

import csv
import re

import pytest
from click.testing import CliRunner

from benchmarks.archive_faults import FAULTS
from benchmarks.archive_plan import PROTOCOL
from hardcheck.audit import Against, known_index
from hardcheck.cli.commands import hardcheck
from hardcheck.dicom import read_header
from hardcheck.store import Store, export_csv
from tests.audit.archives import generated, protocol, run


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """Archive, manifest, store and tables of a run over every fault, one unknown file beside it."""
    folder = tmp_path_factory.mktemp("tables")
    manifest = generated(folder / "archive", len(FAULTS), faulty=1.0)
    (folder / "archive" / "plans.zip").write_bytes(b"PK\x03\x04 and no more")
    run(folder / "archive", folder / "audit.db")
    (folder / "tables").mkdir()
    with Store(folder / "audit.db") as store:
        export_csv(store, 1, folder / "tables")
    return folder, manifest


def table(folder, name="plans"):
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


def test_every_plan_can_be_found_in_the_planning_system(audited):
    folder, manifest = audited
    plans = table(folder / "tables")
    assert {row["bin"] for row in plans.values()} > {"no protocol", "unlinked", "unreadable", "duplicate"}
    uids = {row["sop_instance_uid"] for row in plans.values()}
    assert uids - {""} == {plan["uid"] for plan in manifest["plans"] if plan["uid"]}
    for path, row in plans.items():
        header = read_header(folder / "archive" / path)
        if header.kind == "RTPLAN":
            made = f"{header.made[:4]}-{header.made[4:6]}-{header.made[6:8]}" if header.made else ""
            assert (row["sop_instance_uid"], row["patient_id"]) == (header.uid, header.patient_id)
            assert (row["label"], row["machine"], row["plan_date"]) == (header.label, ", ".join(header.machines), made)


def test_every_file_that_is_of_no_complete_plan_is_listed_with_its_reason(audited):
    folder, manifest = audited
    files = table(folder / "tables", "files")
    wanted = {path: where for path, where in manifest["files"].items() if where not in ("plan", "image")}
    assert {path: row["bin"] for path, row in files.items()} == wanted | {"plans.zip": "unreadable"}
    assert all(row["reason"] for row in files.values())
    assert files["plans.zip"]["reason"] == "a zip, unpack it"
    assert table(folder / "tables")["plans.zip"]["reason"] == "a zip, unpack it: it may have been a plan"


def test_report_writes_what_audit_writes(audited, tmp_path):
    folder, _ = audited
    common = ["audit", str(folder / "archive"), "-p", "auto", "--protocols", str(PROTOCOL.parent)]
    given = [*common, "--store", str(tmp_path / "audit.db"), "-j", "1", "--quiet", "-o", f"{tmp_path}/audit/"]
    for arguments in (given, ["report", str(tmp_path / "audit.db"), "-o", f"{tmp_path}/report/"]):
        done = CliRunner().invoke(hardcheck, arguments)
        assert done.exit_code == 0, done.output
    written, again = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("audit", "report")
    )
    assert written == again == {path.name: path.read_bytes() for path in (folder / "tables").iterdir()}


@pytest.mark.parametrize("where", ["no protocol", "unlinked", "unreadable"])
def test_the_report_of_a_plan_says_why_there_is_none(audited, where):
    folder, _ = audited
    plans = table(folder / "tables").values()
    row = next(row for row in plans if row["bin"] == where and row["sop_instance_uid"])
    for name in (row["sop_instance_uid"], row["path"]):
        done = CliRunner().invoke(hardcheck, ["report", str(folder / "audit.db"), "--plan", name])
        assert done.exit_code == 2
        line = f"hardcheck: --plan {name}: the plan has no evaluation in run 1: {where}, {row['reason']}\n"
        assert done.stderr == line


def test_another_reason_for_the_same_bin_is_known(tmp_path, monkeypatch):
    root, where = tmp_path / "archive", tmp_path / "audit.db"
    generated(root, 1, monkeypatch, "no structures")
    run(root, where)
    plan = next(path for path in root.rglob("*") if path.is_file() and read_header(path).kind == "RTPLAN")
    plan.unlink()
    run(root, where)
    with Store(where) as store:
        files = store.files(str(root.resolve()))
        places = known_index(store, str(root.resolve())).places
    assert {path: (file.outcome, file.header["reason"]) for path, file in files.items()} == {
        path: (str(place.bin), place.reason) for path, place in places.items()
    }
    assert any(re.search("its RTPLAN .* is not in the archive", place.reason) for place in places.values())


def test_no_reason_advises_another_regimen(tmp_path, monkeypatch):
    root, where = tmp_path / "archive", tmp_path / "audit.db"
    generated(root, 1, monkeypatch, "another fractionation")
    done = run(root, where, against=Against((protocol(),)))
    (tmp_path / "tables").mkdir()
    with Store(where) as store:
        export_csv(store, done.run, tmp_path / "tables")
    (row,) = table(tmp_path / "tables").values()
    assert row["bin"] == "no protocol"
    assert "7" in row["reason"]
    assert "name" not in row["reason"]
    assert ";" not in row["reason"]
    assert row["sop_instance_uid"]
