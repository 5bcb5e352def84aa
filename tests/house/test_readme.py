"""What README.md and CONTRIBUTING.md show is what works."""

import os
import re
import shlex
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

import hardcheck
from hardcheck.cli.commands import hardcheck as command

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
SHELL = [text for language, text in BLOCKS if language == "bash"]
PYTHON = [text for language, text in BLOCKS if language == "python"]
COMMANDS = [line for text in SHELL for line in text.splitlines() if line.startswith("hardcheck ")]

STATUS = {"check": {0, 1, 3}, "compare": {0, 1, 3}}
"""A verdict is not an error; everything else ends with 0."""


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A folder that looks like the checkout and may be written to."""
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data", target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_block_is_of_a_known_language():
    assert {language for language, _ in BLOCKS} == {"bash", "python"}
    assert COMMANDS
    assert PYTHON


@pytest.mark.skipif(os.name == "nt", reason="needs bash")
@pytest.mark.parametrize("text", SHELL, ids=[f"shell{n}" for n in range(len(SHELL))])
def test_shell_blocks_parse(text):
    run = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("line", COMMANDS, ids=[f"command{n}" for n in range(len(COMMANDS))])
def test_commands_work(line, checkout):
    arguments = shlex.split(line, comments=True)[1:]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code in STATUS.get(arguments[0], {0}), result.stderr
    outputs = [value for option, value in pairwise(arguments) if option in ("-o", "--json", "--csv")]
    for output in outputs:
        assert output == "-" or (checkout / output).exists()


@pytest.mark.parametrize("text", PYTHON, ids=[f"python{n}" for n in range(len(PYTHON))])
def test_python_blocks_run(text, checkout):
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", text],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert run.returncode == 0, run.stderr
    assert (checkout / "report.html").stat().st_size > 1000


def test_the_two_commands_are_marked_for_ci():
    text = (ROOT / "README.md").read_text("utf-8")
    assert re.findall(r"^<!-- ci: (\w+) -->\n```bash\n", text, re.MULTILINE) == ["main", "tests"]
    assert text.index("<!-- ci: tests -->") < text.index("\n## ")


@pytest.mark.skipif(os.name == "nt", reason="needs bash")
def test_the_script_of_ci_parses_and_can_be_run():
    run = subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 0, run.stderr
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_statement_is_there():
    assert hardcheck.STATEMENT in " ".join((ROOT / "README.md").read_text("utf-8").split())


def test_the_version_has_its_place_in_the_changelog():
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"## {hardcheck.__version__}" in changes
    assert "### Numerical changes" in changes


def test_links_lead_somewhere():
    for name in ("README.md", "CONTRIBUTING.md"):
        for link in re.findall(r"\]\(([^):]+)\)", (ROOT / name).read_text("utf-8")):
            assert (ROOT / link).exists(), f"{name}: {link}"
