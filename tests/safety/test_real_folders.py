"""Every folder and every file of real data through the command line: a result or one clear line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from hardcheck.cli.commands import hardcheck

ROOT = Path(os.environ.get("HARDCHECK_DATA", ""))
pytestmark = pytest.mark.skipif(
    "HARDCHECK_DATA" not in os.environ, reason="HARDCHECK_DATA names no folder of real data"
)
PATHS = sorted(ROOT.rglob("*")) if "HARDCHECK_DATA" in os.environ else []

LINKED = ("dicompyler_breast", "eclipse_prostate_phantom", "raystation_brain_srs")
REFUSED = {
    "planar_rtdose": "planar dose",
    "planar_rtdose/GeometricSquare_Reference_1mmPx.dcm": "planar dose",
    "pydicom_test": "rtplan_truncated.dcm: cut short or damaged",
    "pydicom_test/rtplan_truncated.dcm": "cut short or damaged",
    "pydicom_test/rtdose.dcm": "DoseUnits (3004,0002) is 'RELATIVE', not GY",
    "pydicom_test/rtdose_1frame.dcm": "planar dose",
    "pydicom_test/badVR.dcm": "not a number",
    "monaco_rs_phantoms": "no RTDOSE was found",
    "raystation8_water_wedge": "no RTSTRUCT was found",
    "rtplans_various": "there are 4 plans",
    "orientation_headers_pixelless": "the pixel data have 0 bytes",
    "nelms_analytic": "have the same SOP Instance UID",
    "dvh_text_formats": "no file is a usable DICOM file",
    "dvh_text_formats/planiq_lung.txt": "not DICOM",
}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PATHS, ids=name)
def test_a_verdict_or_one_line(check, path):
    checked = check(path, protocol="hard:22fx")
    if checked.status == 2:
        assert len(checked.line) < 1500
        assert "; " in checked.line  # what to do
    else:
        # No real plan here was made for HARD.
        assert checked.verdict in ("FAIL", "REVIEW")
        assert all(g["outcome"] != "MET" or g["value"] is not None for g in checked.document["goals"])


@pytest.mark.parametrize("path", PATHS, ids=name)
def test_it_can_be_inspected(path):
    result = CliRunner().invoke(hardcheck, ["inspect", str(path), "--json", "-"])
    if path.is_file() and result.exit_code == 2:  # a file that was named and is none
        (line,) = result.stderr.splitlines()
        assert "; name a DICOM file" in line
        return
    assert result.exit_code == 0, result.stderr
    assert "Traceback" not in result.stderr
    document = json.loads(result.stdout)
    assert document["files"]
    assert (document["plan"] is None) == (document["problem"] is not None)


@pytest.mark.parametrize("path", REFUSED)
def test_refused_for_the_right_reason(check, path):
    assert REFUSED[path] in check(ROOT / path, protocol="hard:22fx").line


@pytest.mark.parametrize("folder", LINKED)
def test_a_plan_of_another_treatment_fails(check, folder):
    """Breast, prostate and brain: other fractions, and nothing that HARD asks for."""
    assert "chooses no regimen of protocol 'hard'" in check(ROOT / folder, protocol="hard").line
    checked = check(ROOT / folder, protocol="hard:22fx")
    assert checked.verdict == "FAIL"
    assert any("FAIL prescription-matches-regimen: the plan has" in line for line in checked.findings)
