"""plastimatch as a peer: its CSV is read by a plain rule, it runs where it is installed, and may be missing."""

import numpy as np
import pytest

from benchmarks import accuracy, plastimatch, speed
from benchmarks.accuracy_report import report
from benchmarks.engines import COMPARED, installed
from benchmarks.generated import GeneratedCase
from benchmarks.reference import METRICS
from benchmarks.run import run_case
from benchmarks.solid import SOLIDS
from hardcheck.phantom import sample
from hardcheck.plan import Plan, Structure

CSV = """Dose (Gy),GTV,"a, b",none
0,100,4,0
0.01,100,3,0
0.02,100,0,0
0.03,90,0,0
0.04,40,0,0
0.05,2,0,0
0.06,0,0,0
0.07,0,0,0
"""


@pytest.fixture
def curves(tmp_path):
    path = tmp_path / "dvh.csv"
    path.write_text(CSV, "utf-8")
    return plastimatch.read_csv(path, 0.01)


def test_its_curve_is_read_by_linear_interpolation(curves):
    gtv, other, _ = curves
    # 1 cc: 95 voxels lie between 100 and 90, 5 and 3 between 40 and 2, 99 between 100 and 90.
    assert gtv.values() == pytest.approx(
        {
            "Volume": 1.0,
            "Dmin": 0.02,
            "Dmax": 0.05,
            "Dmean": 0.01 * (100 / 2 + 100 + 100 + 90 + 40 + 2) / 100,
            "D99": 0.021,
            "D95": 0.025,
            "D5": 0.04 + 0.01 * 35 / 38,
            "D1": 0.055,
            "D0.03cc": 0.04 + 0.01 * 37 / 38,
        }
    )
    assert other.values()["D5"] == pytest.approx(0.01 + 0.01 * 2.8 / 3)
    assert other.values()["Volume"] == pytest.approx(0.04)


def test_what_holds_no_volume_has_no_values(curves):
    assert curves[2].values() == {}


def test_a_metric_of_more_than_the_volume_has_no_value(tmp_path):
    path = tmp_path / "dvh.csv"
    path.write_text("Dose (Gy),small\n0,2\n0.01,0\n", "utf-8")
    (curve,) = plastimatch.read_csv(path, 0.01)
    assert set(METRICS) - set(curve.values()) == {"D0.03cc"}


def test_a_curve_that_ends_in_the_last_bin_is_read_to_there():
    curve = plastimatch.Curve(np.array([0.0, 1.0, 2.0]), np.array([1.0, 1.0, 1.0]))
    assert {curve.values()[name] for name in ("Dmin", "Dmax", "Dmean", "D99", "D1")} == {2.0}


def test_the_image_covers_the_contours_and_has_their_planes():
    for case in (
        GeneratedCase("shifted", "cone", 3.0, 3.0, "linear-SI", 0.3),
        GeneratedCase("placed", "islands", 0.2, 2.0, "linear-AP"),
    ):
        plan = case.plan()
        image = plastimatch.planning_image(Plan(plan.structures, plan.dose))
        points = plan.structures[0].points_mm
        for pixels, positions in zip((image.x_mm, image.y_mm), points.T, strict=False):
            assert np.diff(pixels) == pytest.approx(500 / 512)
            assert pixels[0] < positions.min() - 3 < positions.max() + 3 < pixels[-1]
        assert np.diff(image.z_mm) == pytest.approx(case.slice_mm)
        assert set(points[:, 2]) <= set(image.z_mm)


def test_where_it_is_missing_the_tables_say_so(monkeypatch):
    monkeypatch.setattr(plastimatch.shutil, "which", lambda _: None)
    assert [engine for engine in COMPARED if not installed(engine)] == ["plastimatch"]
    assert plastimatch.version() == "plastimatch not installed"
    values = run_case(GeneratedCase("placed", "cone", 3.0, 3.0, "linear-SI"), ["hardcheck"])
    table, *_, last = report(values, ["plastimatch"]).split("\n\n")[1:]
    assert last == "**plastimatch:** not installed"
    assert len({line.count("|") for line in table.splitlines()}) == 1
    assert table.endswith("| not installed |  |  |  |")


def test_where_it_is_missing_the_commands_end_well(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(plastimatch.shutil, "which", lambda _: None)
    case = ["--only", "placed/cone/slice3-grid3/linear-SI", "-j", "1", "--csv", str(tmp_path / "values.csv")]
    monkeypatch.setattr("sys.argv", ["accuracy", "--engine", "plastimatch", *case])
    accuracy.main()
    assert "**plastimatch:** not installed" in capsys.readouterr().out
    assert speed.plastimatch_cells() == ["not installed", ""]


@pytest.mark.skipif(not plastimatch.installed(), reason="plastimatch is not installed")
def test_a_sphere_in_an_even_dose(tmp_path):
    sphere = SOLIDS["sphere"]
    structure = Structure.from_contours(1, "sphere", sphere.contours(np.arange(-11.0, 12.0, 2.0)))
    axis = np.arange(-20.0, 21.0, 4.0)
    plan = Plan((structure,), sample(lambda x, y, z: 10.0 + 0 * (x + y + z), axis, axis, axis), label="sphere")
    (curve,) = plastimatch.run(plan, tmp_path)
    values = curve.values()
    assert values.pop("Volume") == pytest.approx(sphere.volume_mm3 / 1000, rel=0.1)
    assert set(values) == set(METRICS) - {"Volume"}
    assert all(dose == pytest.approx(10.0, abs=2 * plastimatch.BIN_GY) for dose in values.values())


@pytest.mark.skipif(not plastimatch.installed(), reason="plastimatch is not installed")
def test_a_ring_keeps_its_hole():
    (volume, *_) = run_case(GeneratedCase("shifted", "annulus", 3.0, 3.0, "linear-AP", 0.5), ["plastimatch"])
    assert volume.value == pytest.approx(volume.exact, rel=0.1)
