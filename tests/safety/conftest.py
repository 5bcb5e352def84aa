"""Plans as files, a protocol that the faultless one passes, and the command line to hold one against the other."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hardcheck.cli.commands import hardcheck
from hardcheck.dicom.writer import write_plan
from hardcheck.phantom import box_plan, thigh_plan

PROTOCOL = """\
id: small
version: "1"
title: what the box plan has, and keeps
source: made up
verification: transcribed
regimens:
  - {id: 22fx, fractions: 22, levels: {HR: 66 Gy, IR: 55 Gy, LR: 44 to 50.6 Gy}}
structures:
  - name: GTV
    role: target
    level: HR
    goals:
      - {id: gtv-v100, goal: "V100%[%] > 99 %", tier: required}
      - {id: gtv-min, goal: "DC0.03cc[%] > 95 %", tier: required}
      - {id: gtv-max, goal: "D0.03cc[%] <= 110 %", tier: required}
  - name: PTV_HR
    role: target
    level: HR
    goals:
      - {id: ptv_hr-v100, goal: "V100%[%] > 95 %", tier: required}
      - {id: ptv_hr-min, goal: "DC0.03cc[%] > 90 %", tier: required}
  - name: CTV_IR
    role: target
    level: IR
    goals:
      - {id: ctv_ir-v100, goal: "V100%[%] > 95 %", tier: required}
  - name: PTV_LR
    role: target
    level: LR
    goals:
      - {id: ptv_lr-v100, goal: "V100%[%] > 95 %", tier: required}
      - {id: ptv_lr-min, goal: "DC0.03cc[%] > 90 %", tier: required}
  - name: Femur
    role: organ
    aliases: [Femur_L]
    goals:
      - {id: femur-v46, goal: "V46Gy[%] < 50 %", tier: required}
      - {id: femur-mean, goal: "Mean[Gy] < 37 Gy", tier: recommended}
  - name: Cord
    role: organ
    aliases: [SpinalCord]
    goals:
      - {id: cord-max, goal: "D0.03cc[Gy] <= 46 Gy", tier: required}
      - {id: cord-v42, goal: "V42Gy[cc] < 5 cc", tier: required}
"""

SAMPLE = Path(__file__).parents[2] / "sample_data" / "thigh"


@dataclass(frozen=True)
class Checked:
    """What `hardcheck check` did: the exit status and all that it printed."""

    status: int
    stdout: str
    stderr: str

    @property
    def line(self) -> str:
        """The one line of a refusal."""
        assert self.status == 2, self.stdout + self.stderr
        assert self.stdout == ""
        (line,) = self.stderr.splitlines()
        assert line.startswith("hardcheck: ")
        assert "Traceback" not in line
        assert "defect" not in line
        return line

    @property
    def document(self) -> dict[str, Any]:
        """The JSON of a check that came to a verdict."""
        assert self.status in (0, 1, 3), self.stderr
        document: dict[str, Any] = json.loads(self.stdout)
        return document

    @property
    def verdict(self) -> str:
        """The verdict, which the exit status agrees with."""
        verdict: str = self.document["verdict"]
        assert self.status == {"PASS": 0, "VARIATION": 0, "FAIL": 1, "REVIEW": 3}[verdict]
        return verdict

    @property
    def findings(self) -> list[str]:
        """Severity, id and message of each finding."""
        return [f"{f['severity']} {f['id']}: {f['message']}" for f in self.document["integrity"]]

    @property
    def reasons(self) -> list[str]:
        """Structure, outcome and reason of each goal that has a reason."""
        goals = [g for g in self.document["goals"] if g["reason"] is not None]
        return [f"{g['structure']} {g['outcome']}: {g['reason']}" for g in goals]

    @property
    def values(self) -> list[tuple[Any, ...]]:
        """What each goal says of the plan."""
        keys = ("id", "roi_number", "value", "low", "high", "limit", "outcome")
        return [tuple(goal[key] for key in keys) for goal in self.document["goals"]]


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """The protocol that the faultless box plan passes."""
    path = tmp_path_factory.mktemp("protocol") / "small.yaml"
    path.write_text(PROTOCOL, "utf-8")
    return path


@pytest.fixture(scope="session")
def check(small):
    """Runs the command in this process, as JSON; the small protocol where none is named."""

    def run(path, *more, protocol=small, json_to="-"):
        arguments = ["check", path, "-p", protocol, "--json", json_to, *more]
        result = CliRunner().invoke(hardcheck, [str(a) for a in arguments])
        return Checked(int(result.exit_code), result.stdout, result.stderr)

    return run


@pytest.fixture(scope="session")
def _whole(tmp_path_factory):
    """The faultless plans: the box, and the sample plan without its CT."""
    plans = {"box": box_plan(), "thigh": thigh_plan(with_image=False)}
    folders = {name: tmp_path_factory.mktemp(name) for name in plans}
    for name, plan in plans.items():
        write_plan(plan, folders[name])
    return folders


@pytest.fixture(scope="session")
def whole_box(_whole):
    """The folder of the faultless box plan, not to be changed."""
    return _whole["box"]


@pytest.fixture(scope="session")
def whole_thigh(_whole):
    """The folder of the faultless sample plan, not to be changed."""
    return _whole["thigh"]


@pytest.fixture
def box(whole_box, tmp_path):
    """A copy of the faultless box plan."""
    return shutil.copytree(whole_box, tmp_path / "box")


@pytest.fixture
def thigh(whole_thigh, tmp_path):
    """A copy of the faultless sample plan."""
    return shutil.copytree(whole_thigh, tmp_path / "thigh")
