"""The exact values that the engines are measured against agree with one another and with the published ones."""

import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks.generated import FIELDS, generated_cases
from benchmarks.nelms import STEP_GY, file_cases
from benchmarks.reference import along_axis, by_points
from benchmarks.results import table, write_section
from benchmarks.solid import SOLIDS

DATA = os.environ.get("HARDCHECK_DATA") or None
NOWHERE = (99.0, 99.0, 99.0)


@pytest.mark.parametrize("direction", ["y", "z"])
@pytest.mark.parametrize("name", SOLIDS)
def test_sections_and_points_agree(name, direction):
    field = FIELDS["linear-AP" if direction == "y" else "linear-SI"]
    sections = along_axis(SOLIDS[name], direction, 16.0, -1.0)
    points = by_points(SOLIDS[name], field, NOWHERE)
    assert points == pytest.approx(sections, abs=1e-3)
    assert sections["Volume"] == pytest.approx(SOLIDS[name].shape().volume_cc, rel=1e-7)


@pytest.mark.skipif(DATA is None, reason="HARDCHECK_DATA does not name the folder with the published values")
def test_sections_with_caps_agree_with_the_published_values():
    cases = list(file_cases(Path(DATA)))
    assert len(cases) == 25
    for case in cases:
        direction = "y" if case.field == "linear-AP" else "z"
        ours = along_axis(SOLIDS[case.shape], direction, 16.0, -1.0, case.slice_mm / 2)
        theirs = case.exact()
        assert ours.pop("Volume") == pytest.approx(theirs.pop("Volume"), rel=1e-4), case.name
        # Theirs are integrated in steps, and rounded down to half a cGy.
        assert all(-1e-3 <= ours[name] - theirs[name] <= STEP_GY + 1e-3 for name in ours), case.name


def test_points_find_a_peak_inside_and_on_the_surface():
    sphere = SOLIDS["sphere"]
    peak = by_points(sphere, FIELDS["gaussian"], (3.0, -2.0, 4.0))
    assert peak["Dmax"] == pytest.approx(28.0, abs=1e-9)
    # The farthest point of the sphere is 12 mm beyond the middle, seen from the peak.
    farthest = 12 + np.sqrt(9 + 4 + 16)
    assert peak["Dmin"] == pytest.approx(4 + 24 * np.exp(-(farthest**2) / (2 * 81)), abs=1e-4)


def test_the_contours_are_those_of_the_solid():
    """Areas of the contours, as polygons, against the sections."""
    for case in generated_cases():
        if case.group != "shifted" or case.field != "linear-AP":
            continue
        solid = SOLIDS[case.shape]
        structure = case.plan().structures[0]
        for z in case.planes_mm():
            areas = [shoelace(c) for c in structure.contours() if c[0, 2] == z]
            area = max(areas) - min(areas) if solid.kind == "annulus" else sum(areas)
            (wanted,) = solid.section("z", np.array([z]))
            # A polygon of sides s in a circle of radius r lacks (s / r)^2 / 6 of its area; cuts of cones a little more.
            side = min(0.2, solid.radius / 30)
            lacking = side**2 / (6 * wanted / np.pi)
            assert (1 - 1.1 * lacking - 1e-3) * wanted <= area <= (1 + 1e-9) * wanted, case.name


def shoelace(points):
    x, y = points[:, 0], points[:, 1]
    return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def test_the_cases_are_as_many_as_the_bars_speak_of():
    cases = list(generated_cases())
    assert len({case.name for case in cases}) == len(cases)
    groups = [case.group for case in cases]
    assert {group: groups.count(group) for group in set(groups)} == {"placed": 108, "shifted": 96, "bent": 96}


def test_a_section_replaces_itself_and_leaves_the_others(tmp_path):
    path = tmp_path / "RESULTS.md"
    write_section("one", "first", path)
    write_section("two", table(["a", "b"], [[1, 2]]), path)
    write_section("one", "again", path)
    text = path.read_text("utf-8")
    assert "first" not in text
    assert text.index("again") < text.index("| 1 | 2 |")
    assert text.count("begin") == text.count("end -->") == 2
