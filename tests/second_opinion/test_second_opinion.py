"""dicompyler-core behind our types says what dicompyler-core says of the files."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import hardcheck.dvh
from hardcheck import second_opinion
from hardcheck.dicom import read_plan
from hardcheck.dicom.writer import write_plan
from hardcheck.errors import UsageError
from hardcheck.phantom import Box, axis_mm, box_plan, sample, uniform
from hardcheck.plan import DoseGrid, Plan, Structure
from hardcheck.second_opinion.dicompyler import get_dvh
from hardcheck.second_opinion.engine import LEAVES_GRID, NO_INTERVAL, WHOLE_SLICES

DATA = os.environ.get("HARDCHECK_DATA") or None
REAL = {
    "dicompyler_breast": ("rtss.dcm", "rtdose.dcm"),
    "eclipse_prostate_phantom": ("RS.dcm", "RD_reconstructed.dcm"),
    "raystation_brain_srs": ("RS.dcm", "RD_VMAT.dcm"),
}


def assert_same_as_on_files(plan, structure_file, dose_file):
    """Volume, mean, extremes and the whole curve."""
    for dvh in second_opinion.compute_dvhs(plan, plan.structures):
        if dvh.reason is not None:
            continue
        direct = get_dvh(str(structure_file), str(dose_file), dvh.structure.number)
        (distribution,) = dvh.distributions
        assert distribution.total_cc == pytest.approx(direct.volume, rel=1e-9)
        assert distribution.mean_gy == pytest.approx(direct.mean, rel=1e-9)
        assert (distribution.minimum_gy, distribution.maximum_gy) == (direct.min, direct.max)
        if direct.counts.size > 1:
            assert distribution.dose_gy == pytest.approx(direct.bins)
            assert distribution.volume_cc[:-1] == pytest.approx(direct.counts)


@pytest.mark.parametrize("bits", [16, 32])
def test_it_says_what_dicompyler_core_says_of_written_files(tmp_path, bits):
    write_plan(box_plan(), tmp_path, bits=bits)
    plan = read_plan(tmp_path)
    assert_same_as_on_files(plan, tmp_path / "RS.dcm", tmp_path / "RD.dcm")
    assert all(dvh.reason is None for dvh in second_opinion.compute_dvhs(plan, plan.structures))


@pytest.mark.skipif(DATA is None, reason="HARDCHECK_DATA does not name the folder with the real plans")
@pytest.mark.parametrize("folder", REAL)
def test_it_says_what_dicompyler_core_says_of_real_files(folder):
    path = Path(DATA) / folder
    assert_same_as_on_files(read_plan(path), *(path / name for name in REAL[folder]))


def box_in(dose: DoseGrid | None, contours=None) -> Plan:
    if contours is None:
        contours = Box((20, 20, 21)).contours(axis_mm(-9, 9, 3))
    return Plan((Structure.from_contours(4, "Box", contours),), dose)


def grid(spacing=2.0, half=30.0) -> DoseGrid:
    axis = axis_mm(-half, half, spacing)
    return sample(uniform(12.0), axis, axis, axis)


def test_a_value_has_an_interval_of_no_width_and_says_so():
    dvh = second_opinion.compute_dvh(box_in(grid()), "Box")
    assert dvh.engine == second_opinion.ENGINE == "dicompyler-core 0.5.6"
    for metric in ("D95%[Gy]", "Mean[Gy]", "Volume[cc]", "V10Gy[%]"):
        quantity = dvh.metric(metric)
        assert quantity.low == quantity.value == quantity.high
        assert NO_INTERVAL in quantity.caveats
    # Seven slices of 3 mm, of 20 x 20 mm to within a row of voxels.
    assert dvh.volume.value == pytest.approx(8.4, rel=0.22)
    assert dvh.metric("D50%[Gy]").value == pytest.approx(12.0, abs=0.0101)


def test_end_caps_are_its_own():
    plan = box_in(grid())
    half, none = (second_opinion.compute_dvh(plan, 4, end_caps=caps) for caps in ("half", "none"))
    assert half.volume.value == none.volume.value
    assert WHOLE_SLICES in none.volume.caveats
    assert WHOLE_SLICES not in half.volume.caveats
    with pytest.raises(UsageError, match="end caps"):
        second_opinion.compute_dvh(plan, 4, end_caps="quarter")


def test_it_has_the_signature_of_our_engine():
    for name in ("compute_dvh", "compute_dvhs"):
        theirs, ours = (inspect.signature(getattr(m, name)) for m in (second_opinion, hardcheck.dvh))
        assert list(theirs.parameters) == list(ours.parameters)[: len(theirs.parameters)]
        assert [p.default for p in theirs.parameters.values()] == [
            p.default for p in list(ours.parameters.values())[: len(theirs.parameters)]
        ]


@pytest.mark.parametrize(
    ("contours", "kind", "said"),
    [
        ([], "CLOSED_PLANAR", "empty"),
        ([[[0, 0, 0]]], "POINT", "POINT"),
        ([[[0, 0, 0], [5, 0, 0], [5, 5, 0]]], "OPEN_PLANAR", "OPEN_PLANAR"),
        ([[[0, 0, 0], [5, 0, 0], [5, 5, 0]]], "CLOSED_PLANAR", "dicompyler-core"),
        ([[[0, 0, 99], [5, 0, 99], [5, 5, 99]]], "CLOSED_PLANAR", "dicompyler-core"),
        ([[[0, 0, 0], [5, 5, 5]], [[0, 0, 3], [5, 5, 5]]], "CLOSED_PLANAR", "dicompyler-core"),
    ],
    ids=["empty", "point", "open", "one slice", "outside", "a line"],
)
def test_an_odd_structure_is_a_reason(contours, kind, said):
    structure = Structure.from_contours(1, "Odd", contours, geometric_type=kind)
    (dvh,) = second_opinion.compute_dvhs(Plan((structure,), grid()), [structure])
    quantity = dvh.metric("Mean[Gy]")
    assert quantity.value is None
    assert said in quantity.reason


def test_a_dose_that_it_cannot_have_is_a_reason():
    assert "dose" in second_opinion.compute_dvh(box_in(None), 4).reason
    even = grid()
    uneven_x = even.x_mm.copy()
    uneven_x[-1] += 1
    uneven = DoseGrid(uneven_x, even.y_mm, even.z_mm, even.dose_gy)
    assert "unevenly" in second_opinion.compute_dvh(box_in(uneven), 4).reason
    negative = DoseGrid(even.x_mm, even.y_mm, even.z_mm, even.dose_gy - 13)
    assert "below 0" in second_opinion.compute_dvh(box_in(negative), 4).reason


def test_a_structure_that_leaves_the_grid_is_said_to():
    assert LEAVES_GRID not in second_opinion.compute_dvh(box_in(grid()), 4).caveats
    small = grid(half=8.0)
    assert LEAVES_GRID in second_opinion.compute_dvh(box_in(small), 4).caveats


def test_uneven_slices_of_dose_are_kept():
    even = grid()
    z_mm = np.concatenate([even.z_mm[:-1], [even.z_mm[-1] + 1]])
    plan = box_in(DoseGrid(even.x_mm, even.y_mm, z_mm, even.dose_gy))
    assert second_opinion.compute_dvh(plan, 4).reason is None


def test_nothing_of_it_leaks():
    code = (
        "from hardcheck.phantom import box_plan\n"
        "from hardcheck.second_opinion import compute_dvhs\n"
        "from pydicom import dicomio\n"
        "plan = box_plan()\n"
        "assert all(d.reason is None for d in compute_dvhs(plan, plan.structures))\n"
        "assert not hasattr(dicomio, 'read_file')\n"
    )
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
