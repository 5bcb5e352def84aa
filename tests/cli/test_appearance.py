"""`check --settings` and `--template`."""

from __future__ import annotations

import pytest

TEMPLATE = """<html><head></head><body><h1>{{ head.verdict | string }}</h1>{{ department.name }}
<p>{{ statement }}</p></body></html>"""


@pytest.fixture
def site(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text("department: Ours\nlabels: de\n", "utf-8")
    return path


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.html"
    path.write_text(TEMPLATE, "utf-8")
    return path


@pytest.fixture
def goals(protocol):
    return protocol({"D95%[Gy] > 1 Gy": "required"})


def test_settings_by_option_and_by_environment(run, box, goals, site, tmp_path):
    first, second, plain = (tmp_path / f"{name}.html" for name in "abc")
    assert run("check", box, "-p", goals, "--settings", site, "-o", first).exit_code == 0
    assert run("check", box, "-p", goals, "-o", second, HARDCHECK_SETTINGS=str(site)).exit_code == 0
    assert run("check", box, "-p", goals, "-o", plain, HARDCHECK_SETTINGS="").exit_code == 0
    for path in (first, second):
        text = path.read_text("utf-8")
        assert "Ours" in text
        assert "erfüllt [MET]" in text
    assert "Ours" not in plain.read_text("utf-8")


def test_no_file_is_looked_for(run, box, goals, tmp_path, monkeypatch):
    (tmp_path / "hardcheck.yaml").write_text("department: Ours\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert run("check", box, "-p", goals, "-o", tmp_path / "a.html").exit_code == 0
    assert "Ours" not in (tmp_path / "a.html").read_text("utf-8")


def test_settings_change_no_json(run, box, goals, site, tmp_path):
    for name, options in (("a", []), ("b", ["--settings", site])):
        assert run("check", box, "-p", goals, *options, "-o", tmp_path / f"{name}.json").exit_code == 0
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_a_template(run, box, goals, site, own, tmp_path):
    out = tmp_path / "a.html"
    assert run("check", box, "-p", goals, "--settings", site, "--template", own, "-o", out).exit_code == 0
    assert "<h1>PASS</h1>Ours" in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{{ statement }}", "own.html:1: the first <h1> does not say the verdict alone"),
        ("\n{{ nothing }}", "own.html:2: 'nothing' is undefined"),
        ("{{ 'x' | safe }}", "own.html:1: the filter 'safe' is not there"),
    ],
)
def test_a_bad_template_writes_nothing(refused, box, goals, own, tmp_path, content, said):
    own.write_text(content, "utf-8")
    outputs = ("-o", tmp_path / "a.html", "-o", tmp_path / "a.json")
    assert said in refused("check", box, "-p", goals, "--template", own, *outputs)
    assert not (tmp_path / "a.html").exists()
    assert not (tmp_path / "a.json").exists()


def test_bad_settings_are_said_before_the_work(refused, site, tmp_path):
    site.write_text("departement: A\n", "utf-8")
    # The folder holds no plan: had the work begun, that would be the complaint.
    said = refused("check", tmp_path, "-p", "hard", "--settings", site, "-o", tmp_path / "a.html")
    assert "site.yaml:1:1: unknown key 'departement'; did you mean 'department'?" in said


def test_a_template_without_a_page(refused, own, tmp_path):
    said = refused("check", tmp_path, "-p", "hard", "--template", own, "-o", tmp_path / "a.json")
    assert "a template is of a page, and none is asked for" in said
