"""A real plan in two parts, the second on more voxels: together they are the plan. Skipped without HARDCHECK_DATA."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hardcheck.course import course_of, resampled
from hardcheck.dicom import read_plan
from hardcheck.dvh import compute_dvh
from hardcheck.plan import DoseGrid, FractionGroup, Prescription

DATA = os.environ.get("HARDCHECK_DATA") or None
pytestmark = pytest.mark.skipif(DATA is None, reason="HARDCHECK_DATA does not name the folder with the real plans")


@pytest.fixture(scope="module")
def breast():
    """14 Gy in 7 fractions."""
    return read_plan(Path(DATA) / "dicompyler_breast")


@pytest.fixture(scope="module")
def parts(breast):
    """3 fractions on the plan's voxels, and 4 fractions on these and, along y, on those half-way between."""
    dose = breast.dose
    dense = dose.x_mm, np.sort(np.concatenate([dose.y_mm, (dose.y_mm[1:] + dose.y_mm[:-1]) / 2])), dose.z_mm
    denser = DoseGrid(*dense, resampled(dose.dose_gy, dose.axes_mm, dense) * 4 / 7, dose.quantum_gy)
    grids = {3: DoseGrid(*dose.axes_mm, dose.dose_gy * 3 / 7, dose.quantum_gy), 4: denser}
    return [
        replace(
            breast,
            dose=grid,
            sop_instance_uid=f"1.2.{n}",
            prescription=Prescription((), (FractionGroup(1, n),)),
            sources=tuple(s for s in breast.sources if s.modality == "RTSTRUCT"),
        )
        for n, grid in grids.items()
    ]


@pytest.mark.parametrize("name", ["Tumor Bed", "Heart", "Lt Lung", "Breast"])
def test_the_parts_have_the_dose_of_the_plan(breast, parts, name):
    """It is the same trilinear field, of which the engine samples 0.1 % of the dose range sharp."""
    alone, course = compute_dvh(breast, name), compute_dvh(course_of(parts), name)
    for metric in ("Mean[Gy]", "D2%[Gy]", "D50%[Gy]", "D95%[Gy]", "Max[Gy]", "Min[Gy]"):
        one, both = alone.metric(metric), course.metric(metric)
        assert both.value == pytest.approx(one.value, abs=1e-3 * (alone.maximum_gy - alone.minimum_gy)), metric
    assert course.volume.value == alone.volume.value


def test_the_effect_of_the_parts_is_that_of_the_plan_in_its_fractions(breast, parts):
    """3 and 4 fractions of the same dose each have the effect of 7: at each voxel d = D / 7, EQD2 = D (d + 3) / 5."""
    course = course_of([parts[0], replace(parts[0], **_four(breast, parts[1]))])
    found = compute_dvh(course, "Tumor Bed").metric("Mean EQD2(ab=3)[Gy]")
    dose = breast.dose.dose_gy
    converted = replace(breast, dose=DoseGrid(*breast.dose.axes_mm, dose * (dose / 7 + 3) / 5, breast.dose.quantum_gy))
    assert found.value == pytest.approx(compute_dvh(converted, "Tumor Bed").metric("Mean[Gy]").value, abs=1e-9)
    assert np.isfinite([found.low, found.high]).all()


def _four(breast, second):
    """The 4 fractions on the plan's own voxels."""
    grid = DoseGrid(*breast.dose.axes_mm, breast.dose.dose_gy * 4 / 7, breast.dose.quantum_gy)
    return {"dose": grid, "sop_instance_uid": second.sop_instance_uid, "prescription": second.prescription}
