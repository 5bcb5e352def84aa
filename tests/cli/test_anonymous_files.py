"""Without identity no output names a file: names of files are often glued together of who the patient is."""

import json
import shutil
from dataclasses import replace

import pydicom
import pytest
from sqlalchemy import select

from hardcheck.dicom.writer import write_plan
from hardcheck.phantom import box_plan
from hardcheck.plan import Patient
from hardcheck.store import Store
from hardcheck.store.schema import EVALUATIONS, FINDINGS, GOALS

NAMES = {"RP": "MusterfrauErika1950.dcm", "RD": "Anders_Ottokar_19500101_RD.dcm", "RS": "xMusterfrauRS.dcm"}
SECRETS = ("musterfrau", "erika", "anders", "ottokar", "1950", ".dcm")

PROTOCOL = """\
id: files
version: "1"
title: a protocol for tests
source: made up
verification: transcribed
regimens:
  - id: a
    fractions: 22
    levels: {HR: 66 Gy}
structures:
  - name: GTV
    role: target
    level: HR
    report: ["Mean[Gy]"]
    goals:
      - {id: simple, goal: "Max[Gy] <= 70 Gy", tier: required}
      - {id: either, any_of: ["D95%[Gy] >= 60 Gy", "V60Gy[cc] >= 1 cc"], tier: required}
      - {id: sometimes, goal: "D50%[Gy] >= 62 Gy", tier: required, only_if: "Volume[cc] > 1 cc"}
"""


@pytest.fixture
def stopped(tmp_path):
    """The folder of a plan whose dose is of another person, as its files are named."""
    folder = tmp_path / "archive" / "plan"
    write_plan(replace(box_plan(), patient=Patient("ID-4711", "Musterfrau^Erika", "19500101")), folder)
    for kind, name in NAMES.items():
        (folder / f"{kind}.dcm").rename(folder / name)
    dose = pydicom.dcmread(folder / NAMES["RD"])
    dose.PatientName = "Anders^Ottokar"
    dose.save_as(folder / NAMES["RD"])
    treatment = pydicom.dcmread(folder / NAMES["RP"])
    for beam in treatment.BeamSequence:
        beam.TreatmentMachineName = "Linac2 ERIKA"
    treatment.save_as(folder / NAMES["RP"])
    return folder


@pytest.fixture
def made(tmp_path):
    path = tmp_path / "files.yaml"
    path.write_text(PROTOCOL, "utf-8")
    return path


def leaks(text):
    """What of `text` says who the patient is."""
    return [secret for secret in SECRETS if secret in text.casefold()]


def said(result):
    """What is on the screen, but where it was written to."""
    return "\n".join(line for line in result.stdout.splitlines() if not line.startswith("Written"))


def outputs(folder, *forms):
    files = [folder / f"out.{form}" for form in forms]
    return files, [part for file in files for part in ("-o", file)]


def test_with_identity_the_reasons_name_the_files(run, stopped, made):
    document = json.loads(run("check", stopped, "-p", made, "--json", "-").stdout)
    reasons = [found["reason"] for found in (*document["goals"], *document["reported"])]
    assert len(reasons) == 4
    assert all(NAMES["RP"] in reason and NAMES["RD"] in reason for reason in reasons)


def test_a_check_names_no_file(run, stopped, made, tmp_path):
    files, options = outputs(tmp_path, "html", "json", "csv", "xml")
    result = run("check", stopped, "-p", made, "--anonymous", *options)
    assert result.exit_code == 3, result.output
    assert leaks(said(result)) == []
    assert [leaks(file.read_text("utf-8")) for file in files] == [[]] * 4
    document = json.loads(files[1].read_text("utf-8"))
    wanted = next(f"{f['id']}: {f['message']}" for f in document["integrity"] if f["id"] == "one-patient")
    assert "RTPLAN [file]" in wanted
    assert {document["goals"][0]["reason"], document["reported"][0]["reason"]} == {wanted}


def test_a_course_names_no_file(run, stopped, made, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(stopped, other)
    for modality in ("RP", "RD"):
        dataset = pydicom.dcmread(other / NAMES[modality])
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"{dataset.SOPInstanceUID[:-2]}7"
        if modality == "RP":
            plan_uid = dataset.SOPInstanceUID
        else:
            dataset.ReferencedRTPlanSequence[0].ReferencedSOPInstanceUID = plan_uid
        dataset.save_as(other / NAMES[modality])
    files, options = outputs(tmp_path, "html", "json")
    asked = ("check", stopped, other, "--course", "-p", f"{made}:a", "--level", "HR=66")
    assert NAMES["RP"] in run(*asked, "--json", "-").stdout
    result = run(*asked, "--anonymous", *options)
    assert result.exit_code == 1, result.output
    assert leaks(said(result)) == []
    assert [leaks(file.read_text("utf-8")) for file in files] == [[]] * 2


def test_a_comparison_names_no_file(run, stopped, made, tmp_path):
    files, options = outputs(tmp_path, "html", "json", "csv")
    asked = ("compare", stopped, stopped, "-p", made)
    assert NAMES["RP"] in run(*asked, "--json", "-").stdout
    result = run(*asked, "--anonymous", *options)
    assert result.exit_code == 0, result.output
    assert leaks(said(result)) == []
    assert [leaks(file.read_text("utf-8")) for file in files] == [[]] * 3


def test_rounds_name_no_file(run, stopped, made, tmp_path):
    out = tmp_path / "rounds"
    result = run("check", stopped, "-p", made, "--anonymous", "-o", f"{out}/")
    assert "Written" in result.stdout, result.output
    assert leaks(said(result)) == []
    written = [path.read_text("utf-8") for path in out.iterdir() if path.suffix != ".pdf"]
    assert len(written) > 2
    assert [leaks(text) for text in written] == [[]] * len(written)


@pytest.mark.parametrize("anonymous", [False, True])
def test_an_anonymous_store_names_no_file_and_no_patient_in_a_machine(run, stopped, made, tmp_path, anonymous):
    where = tmp_path / "audit.db"
    options = ["--anonymous"] if anonymous else []
    result = run("audit", stopped.parent, "-p", made, "--store", where, "-j", "1", *options)
    assert result.exit_code == 0, result.output
    with Store(where) as store, store.reading() as connection:
        (machine,) = connection.execute(select(EVALUATIONS.c.machine)).scalars()
        reasons = list(connection.execute(select(GOALS.c.reason)).scalars())
        messages = list(connection.execute(select(FINDINGS.c.message)).scalars())
    assert machine == ("Linac2 [removed]" if anonymous else "Linac2 ERIKA")
    assert len(reasons) == 3
    assert all(reason.startswith("one-patient: ") or "one-patient: " in reason for reason in reasons)
    assert bool(leaks(" ".join((*reasons, *messages)))) is not anonymous
    if anonymous:
        stored = b"".join(path.read_bytes() for path in tmp_path.glob("audit.db*"))
        assert leaks(stored.decode("latin-1")) == []
