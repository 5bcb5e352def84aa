"""``hardcheck audit``: what is said, what is written, and how it ends."""

import io
import json
import os
import re
from pathlib import Path

import pydicom
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from benchmarks.archive import generate
from benchmarks.archive_faults import FAULTS
from benchmarks.archive_plan import PROTOCOL
from hardcheck.cli.commands import hardcheck
from hardcheck.store import Store
from hardcheck.store.schema import RUNS
from tests.audit.archives import sound

PLANS = 20


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    root = tmp_path_factory.mktemp("audit") / "archive"
    return root, generate(root, PLANS, seed=2, faulty=0.85)


@pytest.fixture(scope="module")
def audited(archive):
    """The store of a run, which the others of the module reuse."""
    root, _ = archive
    where = root.with_name("audit.db")
    arguments = ["audit", root, "-p", "auto", "--protocols", PROTOCOL.parent, "--store", where, "-j", "1"]
    done = CliRunner().invoke(hardcheck, [str(each) for each in arguments])
    assert done.exit_code == 0, done.output
    return [str(each) for each in arguments], done, where


def test_it_ends_with_the_account_of_plans_and_files_and_with_what_to_look_at(archive, audited):
    _, manifest = archive
    _, done, _ = audited
    lines = done.stdout.splitlines()
    assert {plan["fault"] for plan in manifest["plans"]} > FAULTS.keys()
    # 17 faults and 3 sound plans: the copy counts once more, and so does the pointer.
    assert lines[1].startswith("Plans: 22 found = ")
    assert sum(int(part.split()[0]) for part in lines[1].partition(" = ")[2].split(" + ")) == 22
    assert lines[0].startswith(f"Files: {len(manifest['files'])} = ")
    assert lines[2].startswith("Look first at: ")
    assert "(run 1 of the store; -o FOLDER/ lists them)" in lines[2]
    progress = done.stderr.splitlines()
    assert progress[1] == f"{len(manifest['files'])} files, 22 plans found"
    assert progress[2].startswith("Run 1: ")


def test_the_cohort_report_is_of_this_run(run, audited, tmp_path):
    arguments, *_ = audited
    done = run(*arguments, "--quiet", "-o", tmp_path / "cohort.html", "-o", tmp_path / "account.json")
    counts = json.loads((tmp_path / "account.json").read_text("utf-8"))["plans"]
    page = (tmp_path / "cohort.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert f"{counts['failed']} failed" in " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert f"Written: {tmp_path / 'cohort.html'}" in done.stdout


def test_quiet_leaves_the_progress_out(run, audited):
    arguments, *_ = audited
    done = run(*arguments, "--quiet")
    assert done.stderr == ""
    assert done.stdout.splitlines()[1].startswith("Plans: 22 found")


def test_the_log_is_one_object_per_line(run, audited):
    arguments, *_ = audited
    events = [json.loads(line) for line in run(*arguments, "--log-json").stderr.splitlines()]
    names = [event["event"] for event in events]
    assert names == ["started", "index", "run", *["plan"] * (len(names) - 4), "finished"]
    assert events[1]["plans"] == events[-1]["found"] == 22
    assert sum(events[-1]["counts"].values()) == 22
    assert sum(events[2]["counted"].values()) + events[2]["to_evaluate"] == 22
    assert all(event["reason"] for event in events if event["event"] == "plan")


def test_tables_and_account_are_written(run, audited, one_document, tmp_path):
    arguments, *_ = audited
    done = run(*arguments, "-o", f"{tmp_path / 'tables'}/", "-o", tmp_path / "account.json")
    assert done.exit_code == 0, done.output
    assert {path.name for path in (tmp_path / "tables").iterdir()} == {
        "plans.csv",
        "goals.csv",
        "findings.csv",
        "curves.csv",
        "files.csv",
    }
    document = one_document((tmp_path / "account.json").read_text("ascii"))
    assert document["schema"] == "hardcheck.audit/1"
    assert document["plans"].pop("found") == sum(document["plans"].values()) == 22
    assert {goal["goal_id"] for goal in document["goals"]} == {"ptv-v95", "cord-max", "parotid-mean"}
    assert f"Written: {tmp_path / 'account.json'}" in done.stdout


def test_tables_may_be_parquet(run, audited, tmp_path):
    arguments, *_ = audited
    assert run(*arguments, "--tables", "parquet", "-o", f"{tmp_path}/").exit_code == 0
    assert (tmp_path / "plans.parquet").read_bytes()[:4] == b"PAR1"


def test_a_log_without_identity_tells_neither_path_nor_reason(run, archive, tmp_path):
    root, manifest = archive
    done = run(
        "audit", root, "-p", "auto", "--protocols", PROTOCOL.parent, "--store", tmp_path / "a.db", "--anonymous",
        "--log-json", "-j", "1", "-o", tmp_path / "account.json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    said = done.output + (tmp_path / "account.json").read_text("ascii")
    assert not [path for path in manifest["files"] if path in said]
    assert not [plan["uid"] for plan in manifest["plans"] if plan["uid"] and plan["uid"] in said]
    assert str(root) not in done.stderr


def test_what_cannot_be_looked_at_is_told_and_is_no_success(run, archive, tmp_path):
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "elsewhere").symlink_to(archive[0], target_is_directory=True)
    done = run("audit", tmp_path / "archive", "-p", "hard", "--store", tmp_path / "audit.db")
    assert done.exit_code == 3
    assert "Not looked at: elsewhere: a link to a folder" in done.stdout
    assert "Look first at: 1 place of the archive that could not be looked at" in done.stdout


@pytest.fixture
def one(tmp_path):
    """An archive of one plan that passes, and the command that counts it."""
    root = sound(tmp_path / "archive")
    return root, ["audit", root, "-p", PROTOCOL, "--store", tmp_path / "audit.db"]


def test_every_plan_passed_is_said_where_no_file_is_in_doubt(run, one):
    _, arguments = one
    assert "\nEvery plan passed, or has a variation\n" in run(*arguments, "-j", "1").stdout


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        ([b"1.2.3.4"], "1 file unreadable"),
        ([b"1.2.3.4", b"1.2.3.5"], "2 files unreadable"),
    ],
)
def test_damaged_files_of_no_plan_are_to_be_looked_at(run, one, contents, said):
    root, arguments = one
    for number, uid in enumerate(contents):
        (root / f"cut{number}.dcm").write_bytes(registration(root, uid.decode())[:-4])
    line = run(*arguments, "-j", "1").stdout.splitlines()[2]
    assert line == f"Look first at: {said}, though every plan that could be told passed, or has a variation"


def test_files_in_conflict_of_no_plan_are_to_be_looked_at(run, one):
    root, arguments = one
    for label in ("A", "B"):
        (root / f"{label}.dcm").write_bytes(registration(root, "1.2.3.4", ContentLabel=label))
    line = run(*arguments, "-j", "1").stdout.splitlines()[2]
    assert line.startswith("Look first at: 2 files in conflict, though ")


def test_no_plan_is_not_every_plan(run, tmp_path):
    (tmp_path / "archive").mkdir()
    done = run("audit", tmp_path / "archive", "-p", PROTOCOL, "--store", tmp_path / "audit.db", "-j", "1")
    assert "\nNo plan was found\n" in done.stdout


def registration(root, uid, **edited):
    """A file that is of no plan: what a dose says of itself, of another class."""
    dataset = pydicom.dcmread(root / "RD.dcm", stop_before_pixels=True)
    dataset.SOPClassUID = pydicom.uid.SpatialRegistrationStorage
    dataset.Modality, dataset.SOPInstanceUID = "REG", uid
    for keyword, value in edited.items():
        setattr(dataset, keyword, value)
    content = io.BytesIO()
    dataset.save_as(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-p", "hrd"], "there is no protocol 'hrd'; did you mean 'hard'?"),
        (["-p", "hard:9fx"], "hard has no regimen '9fx'"),
        (["-p", "hard", "--protocols", "."], "goes with -p auto alone"),
        (["-p", "auto", "--protocols", "{tmp}"], "holds no protocol"),
        (["-p", "hard", "-o", "{tmp}/a.txt"], "the suffix '.txt' is none that this command writes"),
        (["-p", "hard", "-o", "{tmp}/a.pdf"], "the suffix '.pdf' is none that this command writes"),
        (["-p", "hard", "-o", "{tmp}/a/b/"], "the folder cannot be used"),
        (["-p", "hard", "-o", "{root}/tables/"], "lies in the archive"),
        (["-p", "hard", "--store", "{root}/audit.db"], "lies in the archive"),
        (["-p", "hard", "--store", "sqlite:///{root}/audit.db"], "lies in the archive"),
        (["-p", "hard", "--store", "{tmp}/a/audit.db"], "there is no such folder"),
        (["-p", "hard", "--store", "{tmp}/text"], "this is not a database"),
        (["-p", "hard", "--store", "mysql://x/y"], "no store in mysql"),
        (["-p", "hard", "--level", "XR=50"], "no protocol has a level 'XR'"),
        (["-p", "hard", "-o", "{tmp}/a/", "-o", "{tmp}"], "one folder takes all tables"),
        (["-p", "hard", "--level", "HR=x"], "'x' is not a dose in Gy"),
        (["-p", "hard", "-j", "0"], "Invalid value for '-j'"),
    ],
)
def test_what_cannot_be_done_is_one_line(refused, archive, tmp_path, arguments, said):
    (tmp_path / "text").write_text("this is a text of more than sixteen bytes", "ascii")
    given = [each.format(tmp=tmp_path, root=archive[0]) for each in arguments]
    given += [] if "--store" in given else ["--store", str(tmp_path / "audit.db")]
    assert said in refused("audit", archive[0], *given)


def test_no_folder_makes_no_store(refused, tmp_path):
    line = refused("audit", tmp_path / "none", "-p", "hard", "--store", tmp_path / "audit.db")
    assert "no such folder" in line
    assert list(tmp_path.iterdir()) == []


def test_an_anonymous_store_and_one_with_identity_are_not_mixed(refused, audited):
    arguments, *_ = audited
    assert "anonymous" in refused(*arguments, "--anonymous")


def test_without_the_extra_it_says_what_to_install(process, tmp_path):
    (tmp_path / "sqlalchemy.py").write_text("raise ModuleNotFoundError(__name__)", "ascii")
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])
    done = process("audit", tmp_path, "-p", "hard", "--store", "x.db", PYTHONPATH=path)
    assert done.returncode == 2
    assert done.stderr == "hardcheck: the store needs SQLAlchemy; pip install 'hardcheck[audit]'\n"


def test_a_run_is_kept_with_what_was_asked(audited):
    _, _, where = audited
    with Store(where) as store, store.reading() as connection:
        row = connection.execute(select(RUNS).order_by(RUNS.c.id)).first()
    settings = json.loads(row.settings)
    assert settings["auto"] is True
    assert [each["id"] for each in settings["protocols"]] == ["generated_archive"]
    assert settings["end_caps"] == "half"
    assert row.finished >= row.started
