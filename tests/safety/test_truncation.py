"""The files of the sample plan, cut short at many lengths: never read as if they were whole."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from hardcheck.dicom import read_plan
from hardcheck.errors import HardcheckError, InputError, TruncatedError
from hardcheck.plan import Severity
from tests import faults
from tests.safety.conftest import SAMPLE

LENGTHS = 200
SHORTEST = 300
"""A file of less than this may look like no DICOM at all; then the plan is refused for the lack of it."""


def parts(name: str) -> list[Path]:
    """The three RT objects of the sample plan but the one of that name."""
    return [SAMPLE / other for other in ("RS.dcm", "RP.dcm", "RD.dcm") if other != name]


def test_the_whole_is_read():
    assert read_plan([*parts("RS.dcm"), SAMPLE / "RS.dcm"]).structures


@pytest.mark.parametrize("name", ["RS.dcm", "RD.dcm"])
def test_two_hundred_random_lengths(tmp_path, name):
    data = (SAMPLE / name).read_bytes()
    lengths = random.Random(20240101).sample(range(len(data)), LENGTHS)  # noqa: S311 - the same lengths each time
    cut = tmp_path / name
    for length in lengths:
        cut.write_bytes(data[:length])
        with pytest.raises(InputError if length < SHORTEST else TruncatedError) as caught:
            read_plan([*parts(name), cut])
        assert "\n" not in str(caught.value)


def test_a_plan_cut_anywhere_is_refused_or_no_plan_or_has_lost_its_approval_only(tmp_path):
    data = (SAMPLE / "RP.dcm").read_bytes()
    whole = read_plan([*parts("RP.dcm"), SAMPLE / "RP.dcm"]).prescription
    cut = tmp_path / "RP.dcm"
    for length in range(0, len(data), 21):
        cut.write_bytes(data[:length])
        try:
            plan = read_plan([*parts("RP.dcm"), cut])
        except HardcheckError:
            continue
        stops = {finding.id for finding in plan.findings if finding.severity is Severity.STOP}
        assert plan.prescription == whole or stops == {"plan-present"}


@pytest.mark.parametrize("part", [0.0, 0.001, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("name", ["RS.dcm", "RP.dcm", "RD.dcm"])
def test_the_command_says_it_in_one_line(check, thigh, name, part):
    faults.cut_file(thigh, name, fraction=part)
    line = check(thigh, protocol="hard").line
    assert f"{name}: cut short or damaged" in line or "no RT" in line or "no single number of fractions" in line
