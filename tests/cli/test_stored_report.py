"""`hardcheck report STORE --plan`: one stored plan, evaluated again from the files of the archive."""

import json
import re
import shutil

import pydicom
import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select, update

from benchmarks.archive import generate
from benchmarks.archive_plan import PROTOCOL
from hardcheck.cli.commands import hardcheck
from hardcheck.store import Store
from hardcheck.store.schema import EVALUATIONS, GOALS, PROTOCOLS, RESULTS
from tests.audit.archives import ROOT

STATUS = {"PASS": 0, "VARIATION": 0, "FAIL": 1, "REVIEW": 3}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An archive of five plans and the store of its audit, never changed."""
    root = tmp_path_factory.mktemp("stored") / "archive"
    generate(root, 5, seed=4, faulty=0.0)
    where = root.with_name("audit.db")
    done = CliRunner().invoke(hardcheck, ["audit", str(root), "-p", str(PROTOCOL), "--store", str(where), "-j", "1"])
    assert done.exit_code == 0, done.output
    return root, where


@pytest.fixture
def store(made):
    return made[1]


@pytest.fixture
def copied(made, tmp_path):
    """A copy of the store, which a test may change."""
    return shutil.copy(made[1], tmp_path / "audit.db")


def plans(where):
    with Store(where) as opened, opened.reading() as connection:
        query = select(RESULTS.c.path, EVALUATIONS.c.sop_instance_uid, EVALUATIONS.c.label, EVALUATIONS.c.verdict)
        return connection.execute(query.select_from(RESULTS.join(EVALUATIONS)).order_by(RESULTS.c.path)).all()


def change(where, statement):
    with Store(where) as opened, opened._database.writing() as connection:
        connection.execute(statement)


@pytest.mark.parametrize("by", ["path", "uid"])
def test_it_is_what_is_stored(run, store, tmp_path, by):
    for path, uid, _, verdict in plans(store):
        target = tmp_path / "plan.json"
        done = run("report", store, "--plan", path if by == "path" else uid, "-o", target)
        assert done.exit_code == STATUS[verdict], done.output
        document = json.loads(target.read_text("utf-8"))
        assert (document["verdict"], document["plan"]["sop_instance_uid"]) == (verdict, uid)
        assert "Not as it is stored" not in done.output
        assert "Changed since" not in done.output


def test_a_page(run, store, tmp_path):
    (path, uid, *_), *_ = plans(store)
    done = run("report", store, "--plan", path, "-o", tmp_path / "plan.html")
    assert done.exit_code in (0, 1), done.output
    assert uid in (tmp_path / "plan.html").read_text("utf-8")


def test_without_identity(run, store, tmp_path):
    (path, uid, *_), *_ = plans(store)
    run("report", store, "--plan", path, "--anonymous", "-o", tmp_path / "plan.json")
    assert uid not in (tmp_path / "plan.json").read_text("utf-8")


def test_a_label_of_several_plans_names_them(refused, copied):
    change(copied, update(EVALUATIONS).values(label="Same"))
    line = refused("report", copied, "--plan", "Same")
    assert "5 plans have that label or UID" in line
    assert all(uid in line for _, uid, *_ in plans(copied))


def test_a_label_of_one_plan(run, copied):
    (_, uid, *_), *_ = plans(copied)
    change(copied, update(EVALUATIONS).where(EVALUATIONS.c.sop_instance_uid == uid).values(label="Only"))
    assert run("report", copied, "--plan", "Only").exit_code in (0, 1)


def test_no_such_plan(refused, store):
    assert "run 1 has no evaluated plan with that path, UID or label" in refused("report", store, "--plan", "none")


def test_a_value_that_is_not_as_it_is_stored(run, copied):
    (path, *_), *_ = plans(copied)
    change(copied, update(GOALS).where(GOALS.c.goal_id == "cord-max").values(value=GOALS.c.value + 1e-9))
    done = run("report", copied, "--plan", path)
    assert "Not as it is stored" in done.output
    assert "stored by hardcheck" in done.output
    assert re.search(r"cord-max was MET|cord-max was NOT_MET", done.output)


def test_a_verdict_that_is_not_as_it_is_stored(run, copied):
    (path, _, _, verdict), *_ = plans(copied)
    change(copied, update(EVALUATIONS).values(verdict="REVIEW"))
    done = run("report", copied, "--plan", path)
    assert f"the verdict was REVIEW, and is {verdict}" in done.output
    assert done.exit_code == STATUS[verdict]


def test_the_protocol_that_is_not_kept(refused, run, copied, tmp_path):
    (path, _, _, verdict), *_ = plans(copied)
    change(copied, delete(PROTOCOLS))
    line = refused("report", copied, "--plan", path)
    assert "generated_archive, version 1 (SHA-256" in line
    assert "neither in the store nor shipped" in line
    assert run("report", copied, "--plan", path, "-p", PROTOCOL).exit_code == STATUS[verdict]
    other = tmp_path / "other.yaml"
    other.write_text(PROTOCOL.read_text("utf-8").replace('version: "1"', 'version: "2"'), "utf-8")
    line = refused("report", copied, "--plan", path, "-p", other)
    assert len(re.findall(r"generated_archive, version [12] \(SHA-256 [0-9a-f]{12}…\)", line)) == 2


def test_another_protocol_in_the_place_of_the_one_that_is_kept(refused, copied):
    (path, *_), *_ = plans(copied)
    other = PROTOCOL.read_text("utf-8").replace('version: "1"', 'version: "2"')
    change(copied, update(PROTOCOLS).values(text=json.dumps(other)))
    line = refused("report", copied, "--plan", path)
    assert "is another one" in line
    assert str(copied) in line
    assert "None" not in line


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"op": ">="}, r"cord-max asked for >= [\d.]+, required, and asks for <= [\d.]+, required"),
        ({"limit_value": 12.5}, r"cord-max asked for <= 12.5, required, and asks for <= [\d.]+, required"),
        ({"tier": "advisory"}, r"cord-max asked for <= [\d.]+, advisory, and asks for <= [\d.]+, required"),
    ],
)
def test_what_was_asked_is_not_as_it_is_stored(run, copied, values, said):
    (path, *_), *_ = plans(copied)
    change(copied, update(GOALS).where(GOALS.c.goal_id == "cord-max").values(**values))
    done = run("report", copied, "--plan", path)
    assert "Not as it is stored" in done.output
    assert re.search(said, " ".join(done.output.split()))


def test_a_bin_that_is_not_as_it_is_stored(run, copied):
    (path, _, _, verdict), *_ = plans(copied)
    change(copied, update(RESULTS).values(bin="review"))
    done = run("report", copied, "--plan", path)
    assert f"the run counted the plan as review, and the verdict is {verdict}" in " ".join(done.output.split())


@pytest.mark.parametrize(
    "provenance", ["{", "[]", "{}", '{"inputs": [{}], "settings": {}}', '{"inputs": [], "settings": {}}']
)
def test_a_provenance_that_cannot_be_read(refused, copied, provenance):
    (path, *_), *_ = plans(copied)
    change(copied, update(EVALUATIONS).values(provenance=provenance))
    line = refused("report", copied, "--plan", path)
    assert str(copied) in line
    assert "cannot be read" in line


def test_options_of_a_plan_alone(refused, store):
    assert "--anonymous are of one plan" in refused("report", store, "--anonymous")


class TestFilesThatChanged:
    @pytest.fixture
    def moved(self, made, tmp_path):
        """An archive of its own with its store."""
        root = tmp_path / "archive"
        shutil.copytree(made[0], root)
        where = tmp_path / "audit.db"
        done = CliRunner().invoke(
            hardcheck, ["audit", str(root), "-p", str(PROTOCOL), "--store", str(where), "-j", "1"]
        )
        assert done.exit_code == 0, done.output
        return root, where

    def test_another_dose(self, run, moved):
        root, where = moved
        (path, uid, *_), *_ = plans(where)
        for file in sorted(root.rglob("*")):
            if file.is_file() and (dose := _dose_of(file, uid)) is not None:
                dose.DoseGridScaling = float(dose.DoseGridScaling) * 0.5
                dose.save_as(file)
        done = run("report", where, "--plan", path)
        assert "Changed since run 1" in done.output
        assert re.search(r"RTDOSE \S+ is another file: SHA-256 [0-9a-f]{12}… then, [0-9a-f]{12}… now", done.output)
        assert "Not as it is stored" in done.output

    def test_other_images_after_a_later_audit(self, run, tmp_path):
        """The index knows the later ones alone."""
        root, where = tmp_path / "archive", tmp_path / "audit.db"
        shutil.copytree(ROOT / "sample_data" / "thigh", root)
        images = sorted(root.glob("CT.*"))
        audit = ("audit", root, "-p", "hard", "--store", where, "-j", "1")
        run(*audit)
        assert "Changed since" not in run("report", where, "--plan", _plan(where), "--run", "1").output
        image = pydicom.dcmread(images[0])
        image.StationName = "OTHER"
        image.save_as(images[0])
        run(*audit)
        assert "Changed since run 1" in run("report", where, "--plan", _plan(where), "--run", "1").output
        assert "Changed since" not in run("report", where, "--plan", _plan(where)).output
        images[-1].unlink()
        run(*audit)
        done = run("report", where, "--plan", _plan(where), "--run", "2")
        assert "the images, their number, the options or hardcheck's version are not as they were" in " ".join(
            done.output.split()
        )

    def test_a_file_that_is_gone(self, refused, moved):
        root, where = moved
        (path, *_), *_ = plans(where)
        (root / path).unlink()
        assert "the file is not there any more" in refused("report", where, "--plan", path)


def _plan(where):
    (path, *_), *_ = plans(where)
    return path


def _dose_of(file, uid):
    try:
        found = pydicom.dcmread(file)
    except pydicom.errors.InvalidDicomError:
        return None
    if found.Modality != "RTDOSE" or found.ReferencedRTPlanSequence[0].ReferencedSOPInstanceUID != uid:
        return None
    return found
