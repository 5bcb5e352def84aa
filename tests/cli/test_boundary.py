"""Errors are one line and a status, whatever happens."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pydicom
import pytest

import hardcheck.cli.dvh
from hardcheck import STATEMENT, __version__

ROOT = Path(__file__).parents[2]


def test_version_and_help(run):
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout == f"hardcheck {__version__}\n{STATEMENT}\n"
    for command in ([], ["check"], ["dvh"], ["inspect"], ["protocols"], ["protocols", "lint"], ["demo"]):
        result = run(*command, "--help")
        assert result.exit_code == 0
        assert result.stdout.startswith("Usage: hardcheck")


def test_without_a_command_it_says_what_there_is(run):
    result = run()
    assert result.exit_code == 2
    assert "check" in result.stderr


def test_an_unknown_command_is_one_line(refused):
    assert "audti" in refused("audti")


def test_what_nobody_foresaw_is_called_a_defect(run, box, monkeypatch):
    def fail(*_args, **_options):
        raise ZeroDivisionError("Synthetic^Box")

    monkeypatch.setattr(hardcheck.cli.dvh, "chosen", fail)
    result = run("dvh", box)
    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert "defect of hardcheck: ZeroDivisionError at hardcheck/cli/dvh.py:" in line
    assert "Synthetic" not in line
    assert "Traceback" in run("dvh", box, HARDCHECK_DEBUG="1").stderr


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX")
def test_a_reader_that_goes_away_is_no_verdict(box):
    command = f"{sys.executable} -m hardcheck dvh {box} --curve --json - | true; exit ${{PIPESTATUS[0]}}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=False, timeout=120, env=environment
    )
    assert run.returncode == 141
    assert run.stderr == ""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX")
def test_control_c_is_one_line(box, tmp_path):
    # A pipe that nobody writes to keeps the command waiting where it reads.
    pipe = tmp_path / "waits.yaml"
    os.mkfifo(pipe)
    with subprocess.Popen(
        [sys.executable, "-m", "hardcheck", "check", str(box), "-p", str(pipe)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        # A shell starts what runs in its background with this signal ignored, and that would be inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - there is one thread here
    ) as run:
        try:
            writer = opened_for_writing(pipe)
            run.send_signal(signal.SIGINT)
            # A signal between Python's last look and the read it starts is seen when the read ends.
            os.close(writer)
            stdout, stderr = run.communicate(timeout=60)
        finally:
            run.kill()
    assert run.returncode == 130
    assert stdout == ""
    assert stderr == "hardcheck: interrupted\n"


def opened_for_writing(pipe):
    """The pipe, once somebody has it open for reading."""
    for _ in range(600):
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("nobody reads")


def test_text_of_any_script_reaches_an_ascii_terminal(process, box, tmp_path):
    shutil.copytree(box, tmp_path / "plan")
    structures = pydicom.dcmread(tmp_path / "plan" / "RS.dcm")
    structures.StructureSetROISequence[1].ROIName = "Größe [bold]腫瘍[/bold]"
    structures.save_as(tmp_path / "plan" / "RS.dcm")
    for encoding in ("ascii", "utf-8"):
        for arguments in (["dvh"], ["inspect"], ["check", "-p", "hard"]):
            run = process(arguments[0], tmp_path / "plan", *arguments[1:], PYTHONIOENCODING=encoding, text=False)
            assert run.returncode in (0, 1, 3), run.stderr
            assert b"defect" not in run.stderr
            if arguments != ["check", "-p", "hard"]:
                assert "[bold]" in run.stdout.decode(encoding)  # markup is text


def test_a_module_run_is_the_command(process):
    run = process("--version")
    assert run.returncode == 0
    assert run.stdout.startswith("hardcheck ")
