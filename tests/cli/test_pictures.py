"""The pixels of the CT are read for a page, and change nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pydicom
import pytest

from hardcheck.dicom.writer import write_plan
from hardcheck.phantom import box_plan
from hardcheck.plan import ImageStack


@pytest.fixture
def with_image(tmp_path):
    """The box plan with a CT of its slices."""
    axis_mm = np.arange(-40.0, 41.0, 4.0)
    heights_mm = np.arange(-28.5, 29.0, 3.0)
    image = ImageStack(
        heights_mm, axis_mm, axis_mm, np.full((heights_mm.size, axis_mm.size, axis_mm.size), 40, np.int16)
    )
    write_plan(replace(box_plan(), image=image), tmp_path / "plan")
    return tmp_path / "plan"


def test_a_page_shows_the_ct(run, with_image, tmp_path):
    run("check", with_image, "-p", "hard", "-o", tmp_path / "a.html")
    assert "CT from −160 HU" in (tmp_path / "a.html").read_text("utf-8")


def test_the_evaluation_is_the_same_with_and_without_a_page(run, with_image, tmp_path):
    """Also where the pixels cannot be read, which the page says and the evaluation does not care for."""
    path = sorted(with_image.glob("CT*"))[3]
    dataset = pydicom.dcmread(path)
    dataset.PixelSpacing = [1.0, 1.0]
    dataset.save_as(path)
    run("check", with_image, "-p", "hard", "--json", tmp_path / "alone.json")
    run("check", with_image, "-p", "hard", "--json", tmp_path / "beside.json", "-o", tmp_path / "a.html")
    assert (tmp_path / "alone.json").read_bytes() == (tmp_path / "beside.json").read_bytes()
    page = (tmp_path / "a.html").read_text("utf-8")
    assert "The pixels of the CT could not be read" in page
    assert path.name in page


def test_of_a_course_the_ct_of_the_plan_whose_structures_are_used_is_shown(run, with_image, tmp_path):
    other = replace(box_plan(), label="BOOST")
    write_plan(other, tmp_path / "boost")
    for path in (tmp_path / "boost").iterdir():
        dataset = pydicom.dcmread(path)
        dataset.SOPInstanceUID += ".9"
        for sequence in ("ReferencedRTPlanSequence", "ReferencedStructureSetSequence"):
            for item in dataset.get(sequence, ()):
                item.ReferencedSOPInstanceUID += ".9"
        dataset.save_as(path)
    run("check", "--course", with_image, tmp_path / "boost", "-p", "hard:22fx", "-o", tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text("utf-8")
    assert "CT from −160 HU" in page
    assert "of the prescription, 132 Gy" in page
