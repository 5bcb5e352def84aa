"""No name and no birth date of the patient in what a command prints, above all where it fails."""

from __future__ import annotations

from dataclasses import replace

import pytest
from click.testing import CliRunner

from hardcheck.cli.commands import hardcheck
from hardcheck.dicom.writer import write_plan
from hardcheck.phantom import box_plan
from hardcheck.plan import Patient
from tests import faults

SECRETS = ("zebedee", "quux", "19330304", "1933-03-04", "04.03.1933")
COMMANDS = (["check", "-p", "hard"], ["dvh"], ["inspect"])


@pytest.fixture
def folder(tmp_path):
    plan = replace(box_plan(), patient=Patient("ID-7", "Zebedee^Quux", "19330304"))
    write_plan(plan, tmp_path / "plan")
    return tmp_path / "plan"


def said(folder, command, *more):
    name, *options = command
    result = CliRunner().invoke(hardcheck, [name, str(folder), *options, *more])
    assert result.exit_code in (0, 1, 2, 3)
    return (result.stdout + result.stderr).casefold()


def assert_silent(text):
    assert [secret for secret in SECRETS if secret in text] == []


@pytest.mark.parametrize("fault", faults.NEVER_PASS)
def test_no_fault_makes_it_tell(folder, fault):
    faults.NEVER_PASS[fault](folder)
    for command in COMMANDS:
        assert_silent(said(folder, command))


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("options", [["--json", "-"], ["--plan", "none such"], ["--assume-linked"]])
def test_no_option_makes_it_tell(folder, command, options):
    assert_silent(said(folder, command, *options))


@pytest.mark.parametrize("file", ["RS.dcm", "RP.dcm", "RD.dcm"])
def test_another_person_is_not_named(folder, file):
    """Two names are in the files then, and neither is told."""
    faults.other_patient(folder, file)
    text = said(folder, ["check", "-p", "hard:22fx"])
    assert "differ" in text
    assert_silent(text)
    assert "synthetic^other" not in text


@pytest.mark.parametrize("command", COMMANDS)
def test_a_defect_does_not_tell(folder, command, monkeypatch):
    """An error that nobody foresaw, with the patient in its message."""

    def fail(*_args, **_options):
        raise RuntimeError("Zebedee^Quux 19330304")

    monkeypatch.setattr("hardcheck.dicom.read_plan", fail)
    text = said(folder, command)
    assert "this is a defect of hardcheck: runtimeerror" in text
    assert_silent(text)
