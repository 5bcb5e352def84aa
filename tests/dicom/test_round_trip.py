"""A plan that is written and read again is the same plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hardcheck.dicom import read_plan
from hardcheck.dicom.writer import write_beam_doses, write_plan
from hardcheck.phantom import box_plan
from hardcheck.plan import Beam, DoseGrid, ImageStack

POSITIONS = ("HFS", "HFP", "HFDR", "HFDL", "FFS", "FFP", "FFDR", "FFDL")


@pytest.fixture(scope="module")
def plan():
    """A box with pixels, and a dose of which every voxel is another one."""
    x, y, z = np.arange(-12.0, 13, 2.5), np.arange(-9.0, 10, 3), np.array([-9.0, -6, -3, 0, 4])
    dose = 30 + x[None, None, :] + 0.1 * y[None, :, None] + 0.01 * z[:, None, None]
    pixels = (np.arange(3 * 16 * 8) * 7 % 900 - 400).reshape(3, 16, 8).astype(np.int16)
    image = ImageStack(np.array([-4.5, -1.5, 1.5]), np.arange(8) * 2.0, np.arange(16) * 1.5, pixels)
    return replace(box_plan(), dose=DoseGrid(x, y, z, dose), image=image)


def _same_dose(read, plan):
    for axis in ("x_mm", "y_mm", "z_mm"):
        np.testing.assert_allclose(getattr(read.dose, axis), getattr(plan.dose, axis), rtol=0, atol=1e-9)
    # What is stored is a whole number of steps, so half a step is the most that may be lost.
    np.testing.assert_allclose(read.dose.dose_gy, plan.dose.dose_gy, rtol=0, atol=read.dose.quantum_gy * 0.5001)


@pytest.mark.parametrize("bits", [16, 32])
@pytest.mark.parametrize("reverse_frames", [False, True])
@pytest.mark.parametrize("position", POSITIONS)
def test_the_dose_in_every_patient_position(plan, tmp_path, position, reverse_frames, bits):
    write_plan(plan, tmp_path, bits=bits, patient_position=position, reverse_frames=reverse_frames)
    _same_dose(read_plan(tmp_path), plan)


@pytest.mark.parametrize("reverse_frames", [False, True])
@pytest.mark.parametrize("position", ["HFS", "HFP", "FFS", "FFP"])
def test_the_dose_with_absolute_offsets(plan, tmp_path, position, reverse_frames):
    write_plan(plan, tmp_path, absolute_offsets=True, patient_position=position, reverse_frames=reverse_frames)
    _same_dose(read_plan(tmp_path), plan)


def _given(group):
    """`group` with what the plan says of its beams, without the arcs that writing makes of them."""
    beams = tuple(Beam(b.number, b.dose_gy, b.meterset, b.delivery) for b in group.beams)
    return replace(group, beams=beams)


@pytest.mark.parametrize("image_encoding", ["rle", "native"])
@pytest.mark.parametrize("position", ["HFS", "FFP"])
def test_everything_else(plan, tmp_path, position, image_encoding):
    write_plan(plan, tmp_path, patient_position=position, image_encoding=image_encoding, decimals=6)
    read = read_plan(tmp_path, pixels=True)
    assert read.findings == ()
    assert read.patient.id == plan.patient.id
    assert read.prescription.references == plan.prescription.references
    assert [_given(group) for group in read.prescription.groups] == list(plan.prescription.groups)
    assert (read.label, read.approval) == (plan.label, plan.approval)
    assert [(s.number, s.name, s.interpreted_type) for s in read.structures] == [
        (s.number, s.name, s.interpreted_type) for s in plan.structures
    ]
    for one, other in zip(read.structures, plan.structures, strict=True):
        np.testing.assert_allclose(one.points_mm, other.points_mm, rtol=0, atol=1e-6)
        np.testing.assert_array_equal(one.starts, other.starts)
    np.testing.assert_array_equal(read.image.z_mm, plan.image.z_mm)
    np.testing.assert_array_equal(read.image.x_mm, plan.image.x_mm)
    np.testing.assert_array_equal(read.image.y_mm, plan.image.y_mm)
    np.testing.assert_array_equal(read.image.hounsfield, plan.image.hounsfield)


def test_beam_doses_add_up(plan, tmp_path):
    write_plan(plan, tmp_path)
    write_beam_doses(plan, tmp_path)
    _same_dose(read_plan(tmp_path), plan)
