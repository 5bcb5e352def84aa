"""``hardcheck compare``: from plans and from evaluations, what it says, and with which status."""

import json
from dataclasses import replace

import pytest

from hardcheck.dicom.writer import write_plan
from hardcheck.phantom import box_plan
from hardcheck.plan import Patient
from hardcheck.report import json_text
from hardcheck.report.seal import seal
from tests.pdf.engine import library, needs_pdf

# The GTV is a cube of 12 mm around the hottest point of 68 Gy.
MET = "Max[Gy] <= 70 Gy"


@pytest.fixture
def written(run, box, tmp_path, protocol):
    """Writes the evaluation of the box plan, and a changed one beside it with a fitting checksum."""

    def make(name="a.json", change=None, goals=None, seals=True, anonymous=False):
        path = tmp_path / name
        options = ["--anonymous"] if anonymous else []
        made = protocol(goals or {MET: "required"})
        assert run("check", box, "-p", made, "--json", path, *options).exit_code in (0, 1, 3)
        if change is not None:
            document = json.loads(path.read_text("utf-8"))
            change(document)
            if seals:
                document["provenance"]["evaluation_sha256"] = seal(document)
            path.write_text(json_text(document), "utf-8")
        return path

    return make


def test_a_plan_and_its_evaluation_are_the_same(run, box, written, protocol):
    result = run("compare", written(), box, "-p", protocol({MET: "required"}))
    assert result.exit_code == 0, result.output
    assert "Nothing that counts got worse" in result.stdout
    assert "1 the same" in result.stdout


def test_two_evaluations_need_no_protocol(run, written):
    assert run("compare", written("a.json"), written("b.json")).exit_code == 0


def outcome(name, verdict):
    def change(document):
        document["goals"][0]["outcome"] = name
        document["verdict"] = verdict

    return change


@pytest.mark.parametrize(
    ("there", "back", "name", "verdict"),
    [(1, 0, "NOT_MET", "FAIL"), (3, 0, "MARGINAL", "REVIEW"), (1, 0, "NOT_MET", "VARIATION")],
)
def test_exit_status(run, written, there, back, name, verdict):
    a, b = written("a.json"), written("b.json", outcome(name, verdict))
    before = json.loads(a.read_text("utf-8"))["verdict"]
    assert run("compare", a, b).exit_code == there
    # REVIEW to a decided verdict is no worse; the goal is met again.
    assert run("compare", b, a).exit_code == (3 if before == "REVIEW" and verdict != "REVIEW" else back)


def test_an_evaluation_that_was_changed_is_not_believed(run, written):
    def improve(document):
        document["goals"][0]["value"] = document["goals"][0]["low"]

    a = written("a.json")
    result = run("compare", a, written("b.json", improve, seals=False))
    assert result.exit_code == 3
    assert "changed after it was written" in result.stdout
    assert run("compare", a, written("b.json", improve)).exit_code == 0


def test_another_protocol_is_another_question(run, box, written, protocol):
    result = run("compare", written(), box, "-p", protocol({"Max[Gy] <= 71 Gy": "required"}))
    assert result.exit_code == 3
    assert "SHA-256 of the protocol" in result.stdout


def test_json_is_one_document(run, written, one_document):
    result = run("compare", written("a.json"), written("b.json"), "--json", "-")
    said = one_document(result.stdout)
    assert said["schema"] == "hardcheck.comparison/1"
    assert said["result"] == "NOT_WORSE"
    assert "Nothing that counts" in result.stderr


def test_everything_is_written(run, box, written, protocol, tmp_path):
    outputs = [tmp_path / f"c.{form}" for form in ("html", "json", "csv")]
    options = [word for output in outputs for word in ("-o", output)]
    assert run("compare", written(), box, "-p", protocol({MET: "required"}), *options).exit_code == 0
    assert all(output.stat().st_size > 100 for output in outputs)
    page = outputs[0].read_text("utf-8")
    assert "No curves of A" in page
    assert "No curves of B" not in page


@needs_pdf
def test_a_pdf_is_written_with_the_look_of_the_department(run, box, written, protocol, tmp_path):
    site, made = tmp_path / "site.yaml", tmp_path / "c.pdf"
    site.write_text("department: Clinic of A\npaper: Letter\n", "utf-8")
    result = run("compare", written(), box, "-p", protocol({MET: "required"}), "-o", made, "--settings", site)
    assert result.exit_code == 0, result.output
    page = library("pypdf").PdfReader(made).pages[0]
    assert "Clinic of A" in page.extract_text()
    assert [round(float(side)) for side in page.mediabox[2:]] == [612, 792]


def test_values_without_a_limit_from_plans_and_from_evaluations(run, box, tmp_path, protocol, one_document):
    made = protocol({MET: "required"})
    text = made.read_text("utf-8")
    reporting = tmp_path / "reporting.yaml"
    reporting.write_text(text.replace("    goals:", '    report: ["Mean[Gy]"]\n    goals:'), "utf-8")
    documents = {name: tmp_path / f"{name}.json" for name in "ab"}
    for path in documents.values():
        run("check", box, "-p", reporting, "--json", path)
    of_plans = one_document(run("compare", box, box, "-p", reporting, "--json", "-").stdout)
    of_files = one_document(run("compare", *documents.values(), "--json", "-").stdout)
    assert of_plans["values"] == of_files["values"]
    assert [(v["name"], v["change"]) for v in of_plans["values"]] == [("Mean[Gy]", "SAME")]
    document = json.loads(documents["b"].read_text("utf-8"))
    for name in ("value", "low", "high"):
        document["reported"][0][name] += 5
    document["provenance"]["evaluation_sha256"] = seal(document)
    documents["b"].write_text(json_text(document), "utf-8")
    result = run("compare", *documents.values())
    assert result.exit_code == 0
    assert "1 value without a limit: 1 higher." in result.stdout
    assert "+5.00 Gy" in result.stdout


def other_patient(document):
    document["plan"]["patient_id"] = "SOMEBODY-ELSE"


def test_two_patients_are_refused(run, refused, written):
    a, b = written("a.json"), written("b.json", other_patient)
    line = refused("compare", a, b)
    assert "different patient IDs" in line
    assert "SOMEBODY-ELSE" not in line
    result = run("compare", a, b, "--different-patients")
    assert result.exit_code == 3
    assert "patient ID" in result.stdout


@pytest.mark.parametrize("options", [["-p", "hard"], ["--level", "HR=66"], ["--map", "GTV=GTV"], ["--plan-a", "X"]])
def test_options_of_which_nothing_would_come_are_refused(refused, written, options):
    assert "leave" in refused("compare", written("a.json"), written("b.json"), *options)


def test_a_plan_needs_a_protocol(refused, box, written):
    assert "no protocol was named" in refused("compare", written(), box)


@pytest.mark.parametrize("content", ["{", "{}", '{"schema": "hardcheck.evaluation/1"}', '{"schema": "x"}'])
def test_what_is_no_evaluation_is_refused(refused, written, tmp_path, content):
    path = tmp_path / "odd.json"
    path.write_text(content, "utf-8")
    assert "odd.json" in refused("compare", path, written())


def test_numbers_that_no_evaluation_has_are_refused(refused, written):
    path = written("odd.json")
    text = path.read_text("utf-8")
    value = json.loads(text)["goals"][0]["value"]
    path.write_text(text.replace(f'"value": {value!r}', '"value": 1e999', 1), "utf-8")
    assert "is no evaluation" in refused("compare", path, written())


def test_what_is_not_there_is_said(refused, box, tmp_path):
    assert "no such file or folder" in refused("compare", box, tmp_path / "none", "-p", "hard")


def test_nothing_is_written_where_something_is_wrong(refused, written, tmp_path):
    refused("compare", written("a.json"), written("b.json", other_patient), "-o", tmp_path / "c.html")
    assert not (tmp_path / "c.html").exists()


def test_without_identity(run, refused, tmp_path, protocol, written):
    plan = replace(box_plan(), patient=Patient("ID-4711", "DOE^JANE", "19500102"), label="JANES_PLAN")
    folder = tmp_path / "DOE_JANE"
    write_plan(plan, folder)
    made = protocol({MET: "required"})
    outputs = [tmp_path / f"c.{form}" for form in ("html", "json", "csv")]
    options = [word for output in outputs for word in ("-o", output)]
    result = run("compare", folder, folder, "-p", made, "--anonymous", *options)
    assert result.exit_code == 0, result.output
    text = "".join(output.read_text("utf-8") for output in outputs)
    said = "\n".join(line for line in result.stdout.splitlines() if not line.startswith("Written"))
    for word in ("4711", "DOE", "JANE", "1950", "2.25."):
        assert word not in text
        assert word not in said
    assert "--anonymous --json" in refused("compare", written("a.json"), written("b.json"), "--anonymous")
    a = written("a.json", anonymous=True)
    assert run("compare", a, a, "--anonymous", "-o", outputs[0]).exit_code == 0
