"""``hardcheck check DIR... -o rounds/``: every plan its report, a list of all, and nothing that is left out."""

import json
import re
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from hardcheck.cli.asked import Asked
from hardcheck.dicom.writer import write_plan
from hardcheck.phantom import box_plan
from hardcheck.plan import Patient
from tests.report.test_page import Page

GOOD, BAD = {"Max[Gy] <= 70 Gy": "required"}, {"Max[Gy] <= 60 Gy": "required"}


@pytest.fixture
def cut(box, tmp_path):
    """The folder of the box plan with a dose that is cut short."""
    folder = tmp_path / "cut"
    shutil.copytree(box, folder)
    for path in folder.iterdir():
        if b"RTDOSE" in path.read_bytes()[:4000]:
            path.write_bytes(path.read_bytes()[:3000])
    return folder


@pytest.fixture
def two_plans(tmp_path):
    """One folder that holds two plans."""
    folder = tmp_path / "two"
    for label in ("FIRST", "SECOND"):
        write_plan(replace(box_plan(), label=label, sop_instance_uid=None), folder / label)
    return folder


@pytest.fixture
def checked(run, tmp_path, protocol):
    """Runs the list of a day; gives the status, the document, and the names of the files."""

    def go(*arguments, goals=None, folder="rounds"):
        out = tmp_path / folder
        document = tmp_path / "rounds.json"
        result = run("check", *arguments, "-p", protocol(goals or GOOD), "-o", f"{out}/", "--json", document)
        names = sorted(path.name for path in out.iterdir()) if out.exists() else []
        return result, json.loads(document.read_text("utf-8")), names

    return go


def test_each_plan_has_its_report_and_the_list_its_links(checked, box, two_plans, cut, tmp_path):
    result, said, names = checked(box, two_plans, cut)
    assert (said["found"], said["reports"], said["refused"], said["places"]) == (4, 3, 1, 3)
    assert result.exit_code == 2, result.output
    page = Page((tmp_path / "rounds" / "index.html").read_text("utf-8"))
    links = [a["href"] for tag, a in page.tags if tag == "a"]
    assert sorted([*links, "index.html"]) == names
    assert all(re.fullmatch(r"[0-9]{2}-[0-9a-f]{8}\.(html|json)", name) for name in links)
    assert "cut short or damaged" in page.text
    assert {"FIRST", "SECOND"} <= {plan["label"] for plan in said["plans"]}
    for name in links:
        written = (tmp_path / "rounds" / name).read_text("utf-8")
        if name.endswith(".json"):
            assert json.loads(written)["schema"] == "hardcheck.evaluation/1"
        else:
            assert "index.html" in [a.get("href") for tag, a in Page(written).tags if tag == "a"]


@pytest.mark.parametrize("anonymous", [False, True])
def test_what_is_refused_after_it_was_read_stands_with_its_label(checked, two_plans, anonymous):
    options = ["--map", "GTV=no such ROI", *(["--anonymous"] if anonymous else [])]
    _, said, _ = checked(two_plans, *options)
    assert (said["reports"], said["refused"]) == (0, 2)
    labels = {plan["label"] for plan in said["plans"]}
    assert labels == ({None} if anonymous else {"FIRST", "SECOND"})


@pytest.mark.parametrize(("goals", "with_refused", "status"), [(BAD, True, 1), (BAD, False, 1), (GOOD, True, 2)])
def test_exit_status(checked, box, cut, goals, with_refused, status):
    result, _, _ = checked(box, *([cut] if with_refused else []), goals=goals)
    assert result.exit_code == status, result.output


def test_without_refused_plans_it_is_that_of_the_worst(run, checked, box, protocol):
    alone = run("check", box, "-p", protocol(GOOD)).exit_code
    assert alone in (0, 3)
    assert checked(box)[0].exit_code == alone


def test_a_place_without_a_plan_is_told(checked, box, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "notes.txt").write_text("nothing", "utf-8")
    result, said, _ = checked(box, tmp_path / "empty", tmp_path / "text")
    assert result.exit_code == 2
    assert (said["found"], said["reports"], said["refused"]) == (3, 1, 2)
    assert all(plan["reason"] for plan in said["plans"] if plan["verdict"] is None)


def test_a_plan_that_hides_in_a_folder_is_told(checked, box, two_plans, tmp_path):
    """A zip among the files is a place; what is empty or was never fetched may have been a plan."""
    day = tmp_path / "day"
    shutil.copytree(box, day)
    with zipfile.ZipFile(day / "more", "w") as file:
        for path in two_plans.rglob("*.dcm"):
            file.write(path, str(path.relative_to(two_plans)))
    _, said, _ = checked(day)
    assert (said["places"], said["reports"], said["refused"]) == (2, 3, 0)
    (day / "notes.txt").write_text("no plan", "utf-8")
    (day / "fetched-later.dcm").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n")
    (day / "nothing.dcm").write_bytes(b"")
    result, said, _ = checked(day)
    assert (said["reports"], said["refused"]) == (3, 2)
    assert result.exit_code == 2
    assert all("it may have been a plan" in plan["reason"] for plan in said["plans"] if plan["verdict"] is None)


def test_the_dose_of_a_plan_that_is_not_there_is_told(checked, box, two_plans, tmp_path):
    day = tmp_path / "day"
    shutil.copytree(box, day)
    other = two_plans / "FIRST"
    for path in other.iterdir():
        if b"RTPLAN" not in path.read_bytes()[:4000]:
            shutil.copy(path, day / f"other-{path.name}")
    result, said, _ = checked(day)
    assert (said["reports"], said["refused"]) == (1, 1), said
    assert result.exit_code == 2
    assert "the dose of a plan that is not there" in next(p["reason"] for p in said["plans"] if p["verdict"] is None)


def test_a_list_without_identity_leaves_no_report_with_it(checked, box):
    assert checked(box)[1]["reports"] == 1
    result = checked(box, "--anonymous")[0]
    assert result.exit_code == 2
    assert "holds reports with identity" in result.stderr


@pytest.mark.parametrize("again", [".", "inside"])
def test_plans_are_not_counted_twice(run, box, protocol, tmp_path, again):
    day = tmp_path / "day"
    shutil.copytree(box, day / "inside")
    result = run("check", day, day / again, "-p", protocol(GOOD), "-o", f"{tmp_path / 'out'}/")
    assert result.exit_code == 2
    assert "hold the same plans" in result.stderr
    assert not (tmp_path / "out").exists()


def test_the_list_as_json_replaces_no_report(run, box, protocol, tmp_path):
    out = tmp_path / "out"
    result = run("check", box, "-p", protocol(GOOD), "-o", f"{out}/", "--json", out / "01-00000000.json")
    assert result.exit_code == 2
    assert not out.exists() or list(out.iterdir()) == []


def test_a_zip_is_a_place_and_other_files_are_one_together(checked, box, tmp_path):
    archive = tmp_path / "plan.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in box.iterdir():
            file.write(path, path.name)
    result, said, _ = checked(archive, *sorted(box.iterdir()))
    assert (said["places"], said["found"], said["refused"]) == (2, 2, 0), result.output


def test_a_defect_in_one_plan_stops_no_other(checked, box, two_plans, monkeypatch):
    read = Asked.read

    def broken(self, path, **options):
        if path == box:
            raise ZeroDivisionError("DOE^JANE")
        return read(self, path, **options)

    monkeypatch.setattr(Asked, "read", broken)
    result, said, _ = checked(box, two_plans)
    assert (said["reports"], said["refused"]) == (2, 1)
    assert result.exit_code == 2
    reason = next(plan["reason"] for plan in said["plans"] if plan["verdict"] is None)
    assert "this is a defect of hardcheck: ZeroDivisionError" in reason
    assert "DOE" not in json.dumps(said) + result.output


def test_a_rerun_replaces_and_forgets_the_report_of_what_is_refused_now(checked, tmp_path):
    folder = tmp_path / "plan"
    write_plan(box_plan(), folder)
    _, _, before = checked(folder)
    assert checked(folder)[2] == before
    for path in folder.iterdir():
        if b"RTDOSE" in path.read_bytes()[:4000]:
            path.write_bytes(path.read_bytes()[:3000])
    assert checked(folder)[2] == ["index.html"]


def test_the_list_is_written_last(run, box, tmp_path, protocol, monkeypatch):
    out = tmp_path / "rounds"
    assert run("check", box, "-p", protocol(GOOD), "-o", f"{out}/").exit_code in (0, 3)

    def interrupted(*_arguments, **_more):
        raise KeyboardInterrupt

    monkeypatch.setattr("hardcheck.cli.rounds._checked", interrupted)
    assert run("check", box, "-p", protocol(GOOD), "-o", f"{out}/").exit_code == 130
    assert "index.html" not in {path.name for path in out.iterdir()}


def test_a_report_that_cannot_be_written_ends_all_and_leaves_no_list(run, box, tmp_path, protocol, monkeypatch):
    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    result = run("check", box, "-p", protocol(GOOD), "-o", f"{tmp_path}/out/")
    assert result.exit_code == 2
    assert "cannot be written (No space left on device)" in result.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_an_existing_folder_needs_no_slash(run, box, tmp_path, protocol):
    (tmp_path / "out").mkdir()
    assert run("check", box, "-p", protocol(GOOD), "-o", tmp_path / "out").exit_code in (0, 3)
    assert (tmp_path / "out" / "index.html").exists()


def test_a_list_that_is_none_of_ours_is_left_alone(refused, box, tmp_path, protocol):
    (tmp_path / "out").mkdir()
    index = tmp_path / "out" / "index.html"
    index.write_text("<title>theirs</title>", "utf-8")
    assert "did not write it" in refused("check", box, "-p", protocol(GOOD), "-o", tmp_path / "out")
    assert index.read_text("utf-8") == "<title>theirs</title>"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--plan", "X"], "is about one plan"),
        (["--course"], "is about one plan"),
        (["--tps", "x.txt"], "is about one plan"),
        (["--accepted", "x.json"], "is about one plan"),
        (["-o", "report.html"], "one -o"),
    ],
)
def test_what_is_about_one_plan_is_refused(refused, box, tmp_path, protocol, options, said):
    assert said in refused("check", box, "-p", protocol(GOOD), "-o", f"{tmp_path}/out/", *options)
    assert not (tmp_path / "out").exists()


def test_reports_are_not_written_among_the_plans(refused, two_plans, protocol):
    assert "where plans are looked for" in refused("check", two_plans, "-p", protocol(GOOD), "-o", f"{two_plans}/out/")


def test_a_folder_in_a_folder_that_is_not_there_is_refused(refused, box, tmp_path, protocol):
    assert "cannot be used" in refused("check", box, "-p", protocol(GOOD), "-o", f"{tmp_path}/none/out/")


def test_several_plans_without_a_folder_are_the_error_that_they_were(refused, box, two_plans, protocol):
    assert "there are 2 plans" in refused("check", two_plans, "-p", protocol(GOOD))
    assert "2 paths were given" in refused("check", box, two_plans, "-p", protocol(GOOD))


def test_a_wrong_protocol_ends_before_anything_is_made(refused, box, tmp_path):
    assert "no-such" in refused("check", box, "-p", "no-such", "-o", f"{tmp_path}/out/")
    assert not (tmp_path / "out").exists()


def test_without_identity(run, cut, tmp_path, protocol):
    plan = replace(box_plan(), patient=Patient("ID-4711", "DOE^JANE", "19500102"), label="JANES_PLAN")
    write_plan(plan, tmp_path / "DOE_JANE")
    bad = tmp_path / "DOE_BAD"
    shutil.copytree(cut, bad)
    out = tmp_path / "rounds"
    result = run("check", tmp_path / "DOE_JANE", bad, "-p", protocol(GOOD), "-o", f"{out}/", "--anonymous")
    assert result.exit_code == 2
    assert sorted(path.name for path in out.iterdir()) == ["01.html", "01.json", "index.html"]
    text = "".join(path.read_text("utf-8") for path in out.iterdir())
    for word in ("4711", "DOE", "JANE", "19500102", "2.25."):
        assert word not in text
    assert "a file is cut short or damaged" in text
    assert "RD" in result.stderr  # which file it is stands where errors do
