"""Outputs are examined before the work starts, and written whole or not at all."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("report", "suffix"),
        ("report.txt", "suffix"),
        ("none such/report.html", "does not exist"),
        ("folder.html", "is a folder"),
    ],
)
def test_what_cannot_be_written_is_said_before_the_work(refused, tmp_path, output, said):
    (tmp_path / "folder.html").mkdir()
    # The folder holds no plan: had the work begun, that would be the complaint.
    assert said in refused("check", tmp_path, "-p", "hard", "-o", tmp_path / output)


def test_one_file_takes_one_output(refused, tmp_path):
    assert "twice" in refused("check", tmp_path, "-p", "hard", "-o", tmp_path / "a.json", "--json", tmp_path / "a.json")


def test_standard_output_takes_one_document(refused, tmp_path):
    assert "one document" in refused("dvh", tmp_path, "--json", "-", "--csv", "-")


@pytest.mark.skipif(os.name == "nt" or not os.getuid(), reason="the superuser may write anywhere")
def test_a_folder_of_others_is_said(refused, tmp_path):
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o500)
    assert "cannot be written" in refused("check", tmp_path, "-p", "hard", "-o", folder / "a.json")


def test_nothing_is_written_where_the_input_is_wrong(refused, tmp_path):
    (tmp_path / "in").mkdir()
    old = tmp_path / "old.json"
    old.write_text("yesterday's", "utf-8")
    refused("check", tmp_path / "in", "-p", "hard", "-o", tmp_path / "new.html", "-o", old)
    assert old.read_text("utf-8") == "yesterday's"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "old.json"]


def test_no_scraps_are_left_beside_what_was_written(run, box, tmp_path):
    assert run("dvh", box, "-s", "GTV", "-o", tmp_path / "a.json", "-o", tmp_path / "a.csv").exit_code == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", "a.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX")
def test_a_pipe_is_written_to_and_stays_one(run, box, tmp_path, one_document):
    """So that ``--json >(jq .)`` works, and /dev/null is never replaced by a file."""
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)  # opened first, so that nothing has to wait
    try:
        assert run("dvh", box, "-s", "GTV", "-o", pipe).exit_code == 0
        assert pipe.is_fifo()
        assert one_document(os.read(reader, 1 << 16).decode())["structures"]
    finally:
        os.close(reader)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX")
def test_a_link_stays_a_link(run, box, tmp_path):
    (tmp_path / "link.json").symlink_to(tmp_path / "target.json")
    assert run("dvh", box, "-s", "GTV", "-o", tmp_path / "link.json").exit_code == 0
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "target.json").stat().st_size > 100


@pytest.mark.skipif(sys.platform == "win32", reason="needs bash")
def test_process_substitution_works(box, tmp_path):
    command = f"{sys.executable} -m hardcheck dvh {box} -s GTV --json >(cat > {tmp_path}/out.json); sleep 0.5"
    run = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert run.returncode == 0, run.stderr
    assert json.loads((tmp_path / "out.json").read_text("utf-8"))["structures"]
