"""`hardcheck accept`, `hardcheck verify` and `hardcheck check --accepted`."""

from __future__ import annotations

import json
import shutil
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardcheck.dicom import take_inventory
from hardcheck.report.seal import seal

GOALS = {"Max[Gy] <= 60 Gy": "required", "Volume[cc] <= 900 cc": "required", "Mean[Gy] <= 1 Gy": "recommended"}
"""The box has 68 Gy at its hottest: the first and the last are missed."""

WHO = ("--by", "A. Physicist", "--role", "medical physicist", "--reason", "discussed on the tumour board")


SHAPE = {
    "schema": "hardcheck.evaluation/1",
    "plan": {},
    "protocol": {},
    "goals": [],
    "integrity": [],
    "provenance": {"inputs": [], "settings": {}},
}
"""What an evaluation has at the least."""


@pytest.fixture
def written(run, box, protocol, tmp_path):
    """The evaluation of the box plan as a file, with the protocol that it was held against."""
    path = tmp_path / "evaluation.json"
    assert run("check", box, "-p", protocol(GOALS), "--json", path).exit_code == 1
    return path


def names(folder):
    return {entry.modality: folder / entry.name for entry in take_inventory(folder).entries}


def flip(path, place):
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def test_accept_adds_an_entry_and_changes_nothing_else(run, written):
    before = written.read_bytes()
    result = run("accept", written, "goal-1", *WHO)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "The verdict stays FAIL" in result.stdout
    after = written.read_bytes()
    until = before.index(b'"accepted"')
    assert after[:until] == before[:until]
    document = json.loads(after)
    (entry,) = document.pop("accepted")
    del document["accepted_sha256"]
    assert document == {k: v for k, v in json.loads(before).items() if k not in ("accepted", "accepted_sha256")}
    assert (entry["id"], entry["by"], entry["role"]) == ("goal-1", "A. Physicist", "medical physicist")
    assert datetime.fromisoformat(entry["time"]).tzinfo is not None
    run("accept", written, "goal-3", *WHO)
    assert [e["id"] for e in json.loads(written.read_bytes())["accepted"]] == ["goal-1", "goal-3"]
    assert list(written.parent.glob(".hardcheck-*")) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("goal-2", *WHO), "goal-2 is met"),
        (("goal-7", *WHO), "no goal and no finding 'goal-7'"),
        (("goal-1", *WHO[:-1], " "), "--reason"),
        (("goal-1", *WHO, "--roi", "99"), "--roi"),
        (("goal-1", *WHO[:4]), "--reason"),
    ],
)
def test_accept_refuses_what_cannot_be_accepted(refused, written, arguments, said):
    before = written.read_bytes()
    assert said in refused("accept", written, *arguments)
    assert written.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff",
        b"[]",
        b"{}",
        b'{"schema": "hardcheck.dvh/1"}',
        b'{"schema": "hardcheck.evaluation/1"}',
        b'{"schema": "hardcheck.evaluation/1", "schema": "hardcheck.evaluation/1"}',
        b"[" * 200_000,
        b'{"schema": NaN}',
        json.dumps(SHAPE | {"goals": [7]}).encode(),
        json.dumps(SHAPE | {"accepted": "DOE^JANE"}).encode(),
        json.dumps(SHAPE | {"goals": [{"metric": "DOE^JANE"}]}).encode(),
        json.dumps(SHAPE | {"provenance": {"inputs": []}}).encode(),
        json.dumps(SHAPE | {"goals": [{"id": "goal-1"}]}).encode(),
        json.dumps(SHAPE | {"integrity": [{"id": "goal-1", "message": "DOE^JANE", "structures": [7]}]}).encode(),
    ],
)
def test_what_is_no_evaluation_is_refused(refused, box, tmp_path, content):
    path = tmp_path / "other.json"
    path.write_bytes(content)
    for arguments in (("accept", path, "goal-1", *WHO), ("verify", path, box)):
        line = refused(*arguments)
        assert "other.json" in line
        assert "DOE" not in line
    assert path.read_bytes() == content


def test_a_file_that_is_not_there_is_refused(refused, box, tmp_path):
    assert "cannot be read" in refused("accept", tmp_path / "none.json", "goal-1", *WHO)
    assert "cannot be read" in refused("verify", tmp_path, box)


def test_verify_finds_everything_as_it_was(run, written, box):
    result = run("verify", written, box, "-p", written.parent / "test.yaml")
    assert result.exit_code == 0, result.output
    assert "DIFFERS" not in result.stdout
    assert result.stdout.count("same ") >= 7
    run("accept", written, "goal-1", *WHO)
    assert run("verify", written, box, "-p", written.parent / "test.yaml").exit_code == 0


@pytest.fixture
def copied(box, tmp_path):
    folder = tmp_path / "copied"
    shutil.copytree(box, folder)
    return folder


@pytest.mark.parametrize("modality", ["RTPLAN", "RTSTRUCT", "RTDOSE"])
@pytest.mark.parametrize("place", [-1, -200, 0.5])
def test_verify_finds_a_changed_byte_and_names_the_file(run, written, copied, modality, place):
    path = names(copied)[modality]
    flip(path, place if isinstance(place, int) else int(place * path.stat().st_size))
    result = run("verify", written, copied, "-p", written.parent / "test.yaml")
    assert result.exit_code == 1, result.output
    assert [line for line in result.stdout.splitlines() if line.startswith("DIFFERS") and path.name in line]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1, exclude_max=True), modality=st.sampled_from(["RTPLAN", "RTSTRUCT", "RTDOSE"]))
def test_no_changed_byte_is_the_same(run, written, copied, where, modality):
    path = names(copied)[modality]
    place = int(where * path.stat().st_size)
    flip(path, place)
    try:
        result = run("verify", written, copied, "-p", written.parent / "test.yaml")
        assert result.exit_code == 1
        assert [line for line in result.stdout.splitlines() if line.startswith("DIFFERS") and path.name in line]
    finally:
        flip(path, place)


def test_verify_finds_a_changed_value(run, written, box):
    text = written.read_text("utf-8")
    value = json.loads(text)["goals"][0]["value"]
    written.write_text(text.replace(f'"value": {value!r}', '"value": 59.0'), "utf-8")
    result = run("verify", written, box, "-p", written.parent / "test.yaml")
    assert result.exit_code == 1
    assert "evaluation.json: changed after it was written" in result.stdout
    assert "goal goal-1 of ROI" in result.stdout
    assert "value computed again is not what is written" in result.stdout


def test_a_changed_verdict_is_found_even_with_a_new_checksum(run, written, box):
    document = json.loads(written.read_text("utf-8"))
    document["verdict"] = "PASS"
    document["provenance"]["evaluation_sha256"] = seal(document)
    written.write_text(json.dumps(document), "utf-8")
    result = run("verify", written, box, "-p", written.parent / "test.yaml")
    assert result.exit_code == 1
    assert "evaluation.json: as it was written" in result.stdout
    assert "verdict: computed again is not what is written" in result.stdout


def _met_before_missed(document):
    document["goals"].insert(0, document["goals"][0] | {"outcome": "MET", "value": 1.0})


def _without_numbers(document):
    for name in ("value", "limit", "low", "high"):
        del document["goals"][0][name]


def _forged_finding(document):
    document["integrity"].append({"id": "laterality", "severity": "INFO", "message": "all is well", "structures": []})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_met_before_missed, "goal goal-1 of ROI 2: written 2 times, and there once when computed again"),
        (_without_numbers, "goal goal-1 of ROI 2: limit, value, low, high computed, and not written"),
        (lambda d: d["protocol"].update(regimen="b"), "protocol: regimen computed again is not what is written"),
        (lambda d: d["protocol"].update(verification="verified"), "protocol: verification computed again"),
        (lambda d: d["protocol"].update(not_as_shipped=True), "protocol: not_as_shipped computed again"),
        (lambda d: d.update(lattice=[{"structure": "GTV"}]), "vertices GTV: written, and not there"),
        (lambda d: d.update(second_opinion=[{"system": "Eclipse"}]), "second_opinion: computed again"),
        (lambda d: d.pop("structures"), "structures: computed, and not written"),
        (lambda d: d["integrity"][0].pop("severity"), "severity computed, and not written"),
        (_forged_finding, "finding laterality: written, and not there"),
        (lambda d: d["plan"].update(sop_instance_uid="1.2.3"), "plan: sop_instance_uid computed again"),
        (
            lambda d: d["provenance"]["settings"].update(hidden=1),
            "provenance: settings.hidden written, and not computed",
        ),
    ],
)
def test_what_was_forged_with_a_new_checksum_is_told(run, written, box, change, said):
    document = json.loads(written.read_text("utf-8"))
    change(document)
    document["provenance"]["evaluation_sha256"] = seal(document)
    written.write_text(json.dumps(document), "utf-8")
    result = run("verify", written, box, "-p", written.parent / "test.yaml")
    assert result.exit_code == 1, result.output
    assert "evaluation.json: as it was written" in result.stdout
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("DIFFERS")]
    assert said in line


@pytest.mark.parametrize(
    "settings", [{"mapping": {"GTV": 7}}, {"absent": [7]}, {"aliases": {"GTV": 7}}, {"regimen": [7]}, {"levels": 7}]
)
def test_settings_of_another_kind_are_refused(refused, written, box, settings):
    document = json.loads(written.read_text("utf-8"))
    document["provenance"]["settings"] |= settings
    document["provenance"]["evaluation_sha256"] = seal(document)
    written.write_text(json.dumps(document), "utf-8")
    assert "settings" in refused("verify", written, box, "-p", written.parent / "test.yaml")


# ---- With the DVHs of a planning system beside ours

EXPORT = """\
#PatientName:Doe
#PatientId: 1
#Dosename:test
#RoiName:GTV
#Unit: cGy
0\t100
{low}\t100
{high}\t0
"""


@pytest.fixture
def export(tmp_path):
    path = tmp_path / "dvh.txt"
    path.write_text(EXPORT.format(low=6300, high=6500), "utf-8")
    return path


@pytest.fixture
def opinion(run, box, protocol, export, tmp_path):
    """Verifies the evaluation of the box plan with `export` beside it."""
    path = tmp_path / "opinion.json"
    assert run("check", box, "-p", protocol(GOALS), "--tps", export, "--json", path).exit_code == 1
    assert {f["id"] for f in json.loads(path.read_bytes())["integrity"]} >= {"stored-dvh"}
    return "verify", path, box, "-p", tmp_path / "test.yaml"


def test_a_second_opinion_is_computed_again(run, opinion, export):
    result = run(*opinion, "--tps", export)
    assert result.exit_code == 0, result.output
    assert "same     DVHs of the planning system: dvh.txt" in result.stdout


def test_a_second_opinion_needs_its_file(refused, opinion, tmp_path):
    line = refused(*opinion)
    assert "dvh.txt" in line
    assert "--tps" in line
    assert "no such file" in refused(*opinion, "--tps", tmp_path / "none.txt")


@pytest.mark.parametrize("text", [EXPORT.format(low=6300, high=6510), EXPORT.replace("GTV", "Nothing"), "nothing", ""])
def test_another_export_is_told(run, opinion, export, text):
    export.write_text(text.format(low=6300, high=6500), "utf-8")
    result = run(*opinion, "--tps", export)
    assert result.exit_code == 1, result.output
    assert "DIFFERS  DVHs of the planning system: " in result.stdout
    assert "Doe" not in result.output


def test_an_export_that_was_not_beside_it_is_told(run, written, box, export):
    result = run("verify", written, box, "-p", written.parent / "test.yaml", "--tps", export)
    assert result.exit_code == 1
    assert "DIFFERS  DVHs of the planning system: dvh.txt" in result.stdout


@pytest.mark.parametrize("change", [{"second_opinion": []}, {"integrity": []}])
def test_a_second_opinion_taken_out_is_told(run, opinion, export, change):
    _, path, *_ = opinion
    document = json.loads(path.read_bytes()) | change
    document["provenance"]["evaluation_sha256"] = seal(document)
    path.write_text(json.dumps(document), "utf-8")
    result = run(*opinion, "--tps", export)
    assert result.exit_code == 1
    assert "as it was written" in result.stdout


def test_files_beside_the_plan_may_come_and_go(run, written, copied):
    (copied / "notes.txt").write_text("notes", "utf-8")
    result = run("verify", written, copied, "-p", written.parent / "test.yaml")
    assert result.exit_code == 0, result.output


def _reworded(document):
    document["accepted"][0]["reason"] += "."


def _taken_out(document):
    document["accepted"] = []


def _added(document):
    document["accepted"].append(document["accepted"][0] | {"by": "Somebody Else"})


@pytest.mark.parametrize("change", [_reworded, _taken_out, _added])
def test_what_was_accepted_is_found_changed(run, written, box, change):
    named = ("--by", "A. Physicist", "--role", "physicist", "--reason", "seen")
    assert run("accept", written, "goal-1", *named).exit_code == 0
    protocol = written.parent / "test.yaml"
    result = run("verify", written, box, "-p", protocol)
    assert result.exit_code == 0
    assert "what was accepted (1): as they were written" in result.stdout
    document = json.loads(written.read_text("utf-8"))
    change(document)
    written.write_text(json.dumps(document), "utf-8")
    result = run("verify", written, box, "-p", protocol)
    assert result.exit_code == 1
    assert "DIFFERS  evaluation.json: what was accepted" in result.stdout
    assert "what was accepted was changed" in run("accept", written, "goal-1", *named).stderr


@pytest.mark.parametrize("change", [("for tests", "for Tests"), ("<= 60 Gy", "<= 61 Gy"), ("goals:", "goals-")])
def test_verify_finds_a_changed_protocol(run, written, box, change):
    path = written.parent / "test.yaml"
    path.write_text(path.read_text("utf-8").replace(*change), "utf-8")
    result = run("verify", written, box, "-p", path)
    assert result.exit_code == 1
    assert "DIFFERS  protocol" in result.stdout


def test_verify_finds_another_version(run, written, box, monkeypatch):
    monkeypatch.setattr("hardcheck.cli.sign_off.__version__", "9.9.9")
    result = run("verify", written, box, "-p", written.parent / "test.yaml")
    assert result.exit_code == 1
    assert "now 9.9.9" in result.stdout


def test_verify_computes_with_the_settings_of_the_evaluation(run, box, tmp_path):
    path = tmp_path / "hard.json"
    options = ("--level", "LR=50.6", "--absent", "Heart", "--end-caps", "none")
    run("check", box, "-p", "hard", *options, "--json", path)
    result = run("verify", path, box)
    assert result.exit_code == 0, result.output


def test_a_file_that_is_gone_is_a_difference(run, written, copied):
    names(copied)["RTDOSE"].unlink()
    result = run("verify", written, copied, "-p", written.parent / "test.yaml")
    assert result.exit_code == 1
    assert "not there" in result.stdout


def test_an_anonymous_evaluation_cannot_be_verified(run, refused, box, protocol, tmp_path):
    path = tmp_path / "anonymous.json"
    run("check", box, "-p", protocol(GOALS), "--anonymous", "--json", path)
    assert "cannot be verified" in refused("verify", path, box, "-p", tmp_path / "test.yaml")


def test_the_protocol_of_a_file_is_to_be_named(refused, written, box):
    assert "name its file with -p" in refused("verify", written, box)


def test_an_acceptance_goes_on_beside_the_result(run, written, box, tmp_path, one_document):
    run("accept", written, "goal-1", *WHO)
    protocol, page = tmp_path / "test.yaml", tmp_path / "report.html"
    result = run("check", box, "-p", protocol, "--accepted", written, "-o", page)
    assert result.exit_code == 1
    assert result.stdout.startswith("FAIL: 1 required goal is not met")
    assert "accepted by A. Physicist (medical physicist)" in " ".join(result.stdout.split())
    assert "accepted by A. Physicist (medical physicist)" in page.read_text("utf-8")
    again = one_document(run("check", box, "-p", protocol, "--accepted", written, "--json", "-").stdout)
    assert again["accepted"] == json.loads(written.read_bytes())["accepted"]
    assert {k: v for k, v in again.items() if k != "accepted"} == {
        k: v for k, v in json.loads(written.read_bytes()).items() if k != "accepted"
    }


def test_an_acceptance_of_another_limit_does_not_go_on(run, written, box, protocol):
    run("accept", written, "goal-1", *WHO)
    result = run("check", box, "-p", protocol({"Max[Gy] <= 61 Gy": "required"}), "--accepted", written)
    assert result.exit_code == 1
    assert "not carried over" in result.stdout
    assert "goal-1: changed: goal, limit" in result.stdout
    assert "A. Physicist" not in result.stdout


def test_accepted_takes_an_evaluation_as_it_was_written(refused, written, box, tmp_path):
    written.write_text(written.read_text("utf-8").replace('"verdict": "FAIL"', '"verdict": "PASS"'), "utf-8")
    assert "changed after it was written" in refused("check", box, "-p", tmp_path / "test.yaml", "--accepted", written)
    assert "cannot be read" in refused("check", box, "-p", tmp_path / "test.yaml", "--accepted", tmp_path / "none")


def test_without_identity_the_reason_is_without_it_too(run, written, box, tmp_path):
    patient = json.loads(written.read_bytes())["plan"]["patient_id"]
    run("accept", written, "goal-1", *WHO[:-1], f"as for {patient} before")
    options = ("--accepted", written, "--anonymous", "--json", "-")
    document = json.loads(run("check", box, "-p", tmp_path / "test.yaml", *options).stdout)
    assert document["accepted"][0]["reason"] == "as for [removed] before"
    assert document["accepted"][0]["evaluation_sha256"] == ""
