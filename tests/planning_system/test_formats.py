"""Text exports of planning systems: what is read, and what is refused in one line. The samples are made up."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.errors import HardcheckError, InputError, LimitError
from hardcheck.planning_system import export as module
from hardcheck.planning_system import read_export

ECLIPSE = """\
Patient Name         : Doe, Jane
Patient ID           : P-17
Comment              : DVHs for one plan
Date                 : Friday, January 17, 2020 09:45:07
Type                 : Cumulative Dose Volume Histogram
Description          : The cumulative DVH displays the percentage (relative)
                       or volume (absolute) of structures that receive a dose
                       equal to or greater than a given dose.

Plan: Thigh
Course: C1
Total dose [cGy]: 6600.0
% for dose (%): 100.0

Structure: PTV HR
Approval Status: Approved
Plan: Thigh
Course: C1
Volume [cm³]: 40.5
Dose Cover.[%]: 99.5
Sampling Cover.[%]: 100.0
Min Dose [cGy]: 6000.0
Max Dose [cGy]: 7000.0
Mean Dose [cGy]: 6500.0
STD [cGy]: 10.0
Conformity Index: N/A

         Dose [cGy]   Relative dose [%] Ratio of Total Structure Volume [%]
                  0                   0                       100
               6000             90.9091                       100
               6500             98.4848                        50
               7000             106.061              1.5e-005

Structure: Couch
Volume [cm³]: 0.0
Dose Cover.[%]: 0.0
"""
RAYSTATION = """\
#PatientName:Doe^Jane
#PatientId:P-17
#Dosename:Thigh
#RoiName:PTV HR
#Roi volume fraction outside grid: 3 %
#Unit: cGy
0.000\t100.000
6000.000\t100.000
6500.000\t50.000
7000.000\t0.000

#RoiName:Cord
#Dose unit: Gy
#RoiVolume:12.25
0.000\t100.000
1.000\t20.000
"""
MONACO = """\
Patient ID: Doe~P-17 | Plan Name: Thigh | Resolution: 0.2(cm) | Bin Width: 5(Gy) | Dose Units: Gy | Volume Units: cm³

Structure Name      Bin Dose     Bin Volume
PTV HR              0.000        40.500
PTV HR              60.000       40.500
PTV HR              65.000       20.250
PTV HR              70.000       0.000
Cord                0.000        12.250
Cord                1.000        2.450

2020-01-17-Fri 09:45:07
"""
PLANIQ = (
    "PTV HR \t \tCord\n"
    "Dose (Gy)\tVolume (cc)\tDose (Gy)\tVolume (cc)\n"
    "0\t40.5\t0\t12.25\n60\t40.5\t1\t2.45\n65\t20.25\n70\t0\n"
)
TABLE = (
    "PTVHR_DvhArray Dose (Gy),PTVHR_DvhArray Value (% of 40.5 cc),Cord Dose (cGy),Cord Value (% of 12.25 cc),\n"
    "0,100,0,100\n60,100,100,20\n65,50\n70,0\n"
)
ALL = {"Eclipse": ECLIPSE, "RayStation": RAYSTATION, "Monaco": MONACO, "PlanIQ": PLANIQ, "DVH table": TABLE}


def written(folder, text, encoding="utf-8"):
    path = folder / "export.txt"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("system", ALL)
def test_each_format_says_the_same_curve(tmp_path, system):
    """All have all of the volume at 60 Gy, half at 65 Gy, none beyond 70 Gy: the mean is 65 Gy."""
    found = read_export(written(tmp_path, ALL[system]))
    assert found.system == system
    curve = found.curves[0]
    assert curve.name.replace(" ", "") == "PTVHR"
    assert curve.share[0] == 1
    assert curve.share[-1] == 0
    assert [curve.dose_at(percent) for percent in (100, 75, 50, 25)] == pytest.approx([60, 62.5, 65, 67.5], abs=1e-4)
    assert curve.mean_gy == pytest.approx(65, abs=1e-4)
    assert curve.volume_cc == (None if system == "RayStation" else 40.5)


@pytest.mark.parametrize(("system", "count"), [("RayStation", 2), ("Monaco", 2), ("PlanIQ", 2), ("DVH table", 2)])
def test_the_second_structure_and_its_volume(tmp_path, system, count):
    curves = read_export(written(tmp_path, ALL[system])).curves
    assert len(curves) == count
    assert (curves[1].name, curves[1].volume_cc) == ("Cord", 12.25)
    # The curve ends at 1 Gy with a fifth of the volume, which falls there: 1 Gy x (1 + 0.2) / 2.
    assert curves[1].mean_gy == pytest.approx(0.6)


def test_what_eclipse_states_beside_the_curve(tmp_path):
    """A structure without a table, as the couch, is left out."""
    (curve,) = read_export(written(tmp_path, ECLIPSE)).curves
    assert (curve.minimum_gy, curve.average_gy, curve.maximum_gy) == (60.0, 65.0, 70.0)
    assert curve.outside_percent == pytest.approx(0.5)
    assert curve.rounding_cc == pytest.approx(0.05)


@pytest.mark.parametrize("system", ["Eclipse", "RayStation", "Monaco"])
def test_whose_it_is(tmp_path, system):
    assert read_export(written(tmp_path, ALL[system])).patient_id == "P-17"


def test_what_raystation_says_of_the_grid(tmp_path):
    curves = read_export(written(tmp_path, RAYSTATION)).curves
    assert [curve.outside_percent for curve in curves] == [3, None]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_of_the_cube(tmp_path, encoding):
    (curve,) = read_export(written(tmp_path, ECLIPSE.replace("\n", "\r\n"), encoding)).curves
    assert curve.volume_cc == 40.5


def test_eclipse_with_relative_dose_alone(tmp_path):
    """6600 cGy are 110 %, so 1 % is 0.6 Gy."""
    text = ECLIPSE.replace("% for dose (%): 100.0", "% for dose (%): 110.0")
    head, _, tail = text.partition("         Dose [cGy]")
    table = "Relative dose [%] Structure Volume [cm³]\n0 40\n100 40\n110 0\n"
    (curve,) = read_export(written(tmp_path, head + table + tail.partition("1.5e-005")[2])).curves
    assert curve.dose_at(50) == pytest.approx(63)
    assert curve.volume_cc == 40


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no DVH export that is known"),
        ("Dose,Volume\n1,2\n", "no DVH export that is known"),
        (ECLIPSE.replace("Cumulative Dose", "Differential Dose"), "differential"),
        (ECLIPSE.replace("Dose [cGy]   Relative", "Relative"), "does not fit its heading"),
        (ECLIPSE.replace("6600.0", "not defined").replace("[cGy]   Relative", "[%]   Relative"), "absolute dose"),
        (RAYSTATION.replace("#Unit: cGy", "#Unit: %"), "in Gy or cGy"),
        (RAYSTATION.replace("6500.000\t50.000", "6500.000\t150.000"), "no cumulative DVH"),
        (RAYSTATION.replace("6500.000\t50.000", "6500,000\t50,000"), "decimal comma"),
        (MONACO.replace("Dose Units: Gy", "Dose Units: %"), "absolute dose"),
        (MONACO.replace("65.000 ", "55.000 "), "doses that fall"),
        (PLANIQ.replace("Volume (cc)\n", "Dose (Gy)\n"), "headings"),
        (PLANIQ.replace("65\t", "x\t"), "no number"),
        (TABLE.replace("Cord Dose", "Cart Dose"), "headings"),
        (TABLE.replace("0,100,0,100", "0,-100,0,100"), "no volume"),
        (RAYSTATION.split("0.000", 1)[0], "holds no DVH"),
    ],
)
def test_what_is_refused_in_one_line(tmp_path, text, said):
    with pytest.raises(InputError) as caught:
        read_export(written(tmp_path, text))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "Doe" not in str(caught.value)
    assert str(caught.value).startswith("export.txt: ")


def test_limits_and_paths(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="no such file"):
        read_export(tmp_path / "nothing.txt")
    with pytest.raises(InputError, match="no such file"):
        read_export(tmp_path)
    path = written(tmp_path, RAYSTATION)
    monkeypatch.setattr(module, "MAX_CURVES", 1)
    with pytest.raises(LimitError, match="2 DVHs"):
        read_export(path)
    monkeypatch.setattr(module, "MAX_BYTES", 10)
    with pytest.raises(LimitError, match="10 bytes"):
        read_export(path)


@pytest.mark.parametrize("system", ALL)
@given(data=st.data())
def test_a_damaged_export_is_read_or_refused(tmp_path_factory, system, data):
    """Whatever is cut out or put in, nothing but our own errors comes of it, and no curve that is none."""
    text = ALL[system]
    at, to = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    changed = text[:at] + data.draw(st.text(max_size=12)) + text[to:]
    path = tmp_path_factory.mktemp("export") / "export.txt"
    path.write_text(changed, "utf-8", newline="")
    try:
        found = read_export(path)
    except HardcheckError:
        return
    for curve in found.curves:
        assert np.all(np.diff(curve.dose_gy) >= 0)
        assert np.all(np.diff(curve.share) <= 0)
        assert (curve.share[0], curve.share[-1]) == (1, 0)


@pytest.mark.skipif("HARDCHECK_DATA" not in os.environ, reason="HARDCHECK_DATA is not set: no real exports here")
def test_a_real_export_of_planiq():
    found = read_export(Path(os.environ["HARDCHECK_DATA"]) / "dvh_text_formats" / "planiq_lung.txt")
    volumes = {curve.name: curve.volume_cc for curve in found.curves}
    assert found.system == "PlanIQ"
    assert len(volumes) == 13
    assert (volumes["HEART"], volumes["D2CM LN"], volumes["TRACHEA"]) == (531.063, 677.287, 9.96)
