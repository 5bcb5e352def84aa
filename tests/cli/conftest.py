"""Plans with answers that can be worked out by hand, as DICOM files, and protocols to hold them against.

The box plan: GTV is a cube of 12 mm around the hottest point, 68 Gy. Its volume is 1.728 cc with half-slice end
caps, and 12 x 12 x 9 mm = 1.296 cc without.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from hardcheck.cli.commands import hardcheck
from hardcheck.dicom.writer import write_plan
from hardcheck.phantom import box_plan

ROOT = Path(__file__).parents[2]

PROTOCOL = """\
id: {id}
version: "1"
title: a protocol for tests
source: made up
verification: transcribed
regimens:
  - id: a
    fractions: 22
    levels: {{HR: 66 Gy}}
structures:
  - name: {structure}
    role: target
    level: HR
    goals:
{goals}
"""


@pytest.fixture(scope="session")
def box(tmp_path_factory):
    """The folder of the box plan."""
    folder = tmp_path_factory.mktemp("box")
    write_plan(box_plan(), folder)
    return folder


@pytest.fixture
def protocol(tmp_path):
    """Makes a protocol file with goals for one structure, ``{goal: tier}``."""

    def make(goals, structure="GTV"):
        lines = "\n".join(
            f'      - {{id: goal-{n}, goal: "{goal}", tier: {tier}}}' for n, (goal, tier) in enumerate(goals.items(), 1)
        )
        path = tmp_path / "test.yaml"
        path.write_text(PROTOCOL.format(id="test", structure=structure, goals=lines), "utf-8")
        return path

    return make


@pytest.fixture
def run():
    """Runs a command in this process."""

    def invoke(*arguments, **environment):
        return CliRunner().invoke(hardcheck, [str(a) for a in arguments], env=environment)

    return invoke


@pytest.fixture
def process():
    """Runs a command in a process of its own, as a person does."""

    def start(*arguments, text=True, **environment):
        return subprocess.run(
            [sys.executable, "-m", "hardcheck", *(str(a) for a in arguments)],
            capture_output=True,
            text=text,
            check=False,
            timeout=120,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        )

    return start


@pytest.fixture
def refused(run):
    """Runs a command that must be refused: exit status 2, one line, nothing on standard output."""

    def invoke(*arguments):
        result = run(*arguments)
        assert result.exit_code == 2, result.output
        assert result.stdout == ""
        (line,) = result.stderr.splitlines()
        assert line.startswith("hardcheck: ")
        assert "defect" not in line
        return line

    return invoke


@pytest.fixture
def one_document():
    """The JSON document that is all of a text; NaN and Infinity are no JSON."""

    def parse(text):
        def refuse(constant):
            raise AssertionError(f"{constant} is no JSON")

        return json.loads(text, parse_constant=refuse)

    return parse
