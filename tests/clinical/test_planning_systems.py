"""Real plans: our numbers against those that the planning systems stored. Skipped where HARDCHECK_DATA is not set."""

import os
from pathlib import Path

import pytest

from benchmarks.stored import by_number
from hardcheck.dicom import read_plan
from hardcheck.dvh import compute_dvh, compute_dvhs
from hardcheck.planning_system import read_export, stored_in

DATA = os.environ.get("HARDCHECK_DATA") or None
pytestmark = pytest.mark.skipif(DATA is None, reason="HARDCHECK_DATA does not name the folder with the real plans")

PRESCRIPTION_GY = 14.0
END_CAPS, BETWEEN_SLICES = "none", "shape"
"""What the planning systems' volumes are nearest to; the values named here are of these conventions."""
METRICS = {"D2%[Gy]": 2.0, "D50%[Gy]": 50.0, "D95%[Gy]": 95.0, "Mean[Gy]": None}
TRUNCATED, EMPTY = "BODY", "Areola"


@pytest.fixture(scope="module")
def breast():
    return read_plan(Path(DATA) / "dicompyler_breast")


@pytest.fixture(scope="module")
def stored(breast):
    return by_number(breast, stored_in(breast))


@pytest.fixture(scope="module")
def eclipse():
    folder = Path(DATA) / "eclipse_prostate_phantom"
    plan = read_plan(folder)
    return plan, by_number(plan, read_export(folder / "EclipseProstate_DvhTable_Eclipse.csv"))


@pytest.mark.parametrize(
    "name", ["Borders", "Breast", "Heart", "Lt Lung", "Nodes", "Scar", "Tumor Bed", "Tumor Bed Block"]
)
def test_breast_doses_are_within_one_percent_of_the_prescription(breast, stored, name):
    dvh = compute_dvh(breast, name, end_caps=END_CAPS, between_slices=BETWEEN_SLICES)
    theirs = stored[dvh.structure.number]
    assert dvh.in_grid_fraction == 1.0
    for metric, percent in METRICS.items():
        wanted = theirs.mean_gy if percent is None else theirs.dose_at(percent)
        assert dvh.metric(metric).value == pytest.approx(wanted, abs=0.01 * PRESCRIPTION_GY), metric


def test_breast_names_every_roi_of_the_stored_curves(breast, stored):
    """So that none of them is left out above."""
    names = {s.name for s in breast.structures if s.number in stored}
    assert names == {
        TRUNCATED,
        "Borders",
        "Breast",
        "Heart",
        "Lt Lung",
        "Nodes",
        "Scar",
        "Tumor Bed",
        "Tumor Bed Block",
    }
    assert {s.name for s in breast.structures} - names == {EMPTY}


@pytest.mark.parametrize("name", ["Borders", "Breast", "Heart", "Nodes", "Tumor Bed", "Tumor Bed Block"])
def test_breast_volumes_lie_in_the_interval_of_either_end_cap_convention(breast, stored, name):
    theirs = stored[breast.named(name)[0].number].volume_cc
    half, none = (compute_dvh(breast, name, end_caps=caps).volume for caps in ("half", "none"))
    assert none.value < half.value
    assert half.low <= theirs <= half.high
    assert none.low <= theirs <= none.high


def test_breast_body_is_said_to_be_truncated(breast):
    dvh = compute_dvh(breast, TRUNCATED)
    assert 0.9 < dvh.in_grid_fraction < 1.0
    assert any("outside of the dose grid" in caveat for caveat in dvh.volume.caveats)
    # What is outside could have any dose.
    assert dvh.metric("Max[Gy]").high == float("inf")
    assert dvh.metric("Mean[Gy]").high == float("inf")


def test_breast_empty_roi_has_a_reason(breast):
    quantity = compute_dvh(breast, EMPTY).metric("D95%[Gy]")
    assert quantity.value is None
    assert "empty" in quantity.reason


@pytest.mark.parametrize(("name", "percent"), [("PTV", 95.0), ("Bladder", 50.0), ("Rectum", 2.0)])
@pytest.mark.parametrize("end_caps", ["half", "none"])
def test_eclipse_doses_are_within_a_tenth_of_a_gray(eclipse, name, percent, end_caps):
    plan, table = eclipse
    ours = compute_dvh(plan, name, end_caps=end_caps).metric(f"D{percent:g}%[Gy]")
    assert ours.value == pytest.approx(table[plan.named(name)[0].number].dose_at(percent), abs=0.1)


def test_eclipse_volumes_lie_in_the_interval(eclipse):
    plan, table = eclipse
    for dvh in compute_dvhs(plan, [s for s in plan.structures if not s.is_empty]):
        theirs = table[dvh.structure.number]
        volume = dvh.volume
        # Eclipse prints one decimal.
        assert volume.low - theirs.rounding_cc <= theirs.volume_cc <= volume.high + theirs.rounding_cc
