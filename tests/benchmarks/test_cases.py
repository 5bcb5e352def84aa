"""The benchmarks run: a case by each engine, its report, and the plan of clinical size."""

import csv

import pytest

from benchmarks.accuracy import write_csv
from benchmarks.accuracy_report import report
from benchmarks.clinical_plan import POINTS, VOXELS, clinical_plan
from benchmarks.engines import COMPARED, installed
from benchmarks.generated import GeneratedCase
from benchmarks.reference import METRICS
from benchmarks.run import run_case
from benchmarks.value import Value

ENGINES = [engine for engine in COMPARED if installed(engine)]


@pytest.fixture(scope="module")
def values(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARDCHECK_BENCHMARK_CACHE", str(tmp_path_factory.mktemp("cache")))
        cases = [
            GeneratedCase(group, "cone", 3.0, 3.0, "linear-SI", shift)
            for group, shift in (("placed", 0.0), ("shifted", 0.3))
        ]
        return [value for case in cases for value in run_case(case, ENGINES)]


def test_every_engine_answers_every_metric(values):
    assert [(v.engine, v.metric) for v in values] == [(e, m) for _ in range(2) for e in ENGINES for m in METRICS]
    assert all(v.value is not None for v in values)
    assert all((v.held is None) == (v.engine != "hardcheck") for v in values)


def test_the_report_has_a_row_for_each_group_and_metric(values):
    text = report(values)
    for name in ("placed", "shifted", *METRICS):
        assert f"| {name} |" in text
    assert "nan" not in text


def test_the_values_are_written_down(values, tmp_path):
    write_csv(values, tmp_path / "values.csv")
    with (tmp_path / "values.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(values)
    assert float(rows[0]["exact"]) == values[0].exact


@pytest.mark.parametrize(
    ("value", "off"), [(1.029, False), (1.031, True), (0.969, True), (None, True), (float("nan"), True)]
)
def test_off_is_more_than_three_percent_or_unknown(value, off):
    one = Value("", "placed", "", 1, 1, "", 1, 1, "e", "Dmean", 1.0, 0.0, value, None, None, None)
    assert one.off is off


def test_the_clinical_plan_has_its_size():
    plan = clinical_plan()
    assert len(plan.structures) == 31
    assert sum(len(s.points_mm) for s in plan.structures) == pytest.approx(POINTS, rel=1e-3)
    assert plan.dose.dose_gy.shape == VOXELS[::-1]
    assert plan.image.z_mm.size == 200
