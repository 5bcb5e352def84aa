"""The same plan encoded differently gives the same numbers (ENGINE.md): to 0.05 % of volume and 0.01 Gy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from hardcheck.dicom import read_plan
from hardcheck.dicom.writer import write_plan
from hardcheck.dvh import compute_dvhs
from hardcheck.phantom import Annulus, Box, Sphere, axis_mm, gaussian, linear, sample
from hardcheck.plan import Plan, Structure
from hardcheck.plan.geometry import Floats

VOLUME_SHARE = 0.0005
DOSE_GY = 0.01
SAME = 1e-9
POSITIONS = ("HFS", "HFP", "HFDL", "HFDR", "FFS", "FFP", "FFDL", "FFDR")
WITH_ABSOLUTE_OFFSETS = ("HFS", "HFP", "FFS", "FFP")

Z_MM = axis_mm(-31.5, 34.5, 3.0)
CENTRE = (11.0, -6.5, 2.0)
STRUCTURES = (
    Structure.from_contours(4, "Sphere", Sphere(17.0, CENTRE).contours(Z_MM)),
    Structure.from_contours(9, "Tube", Annulus(21.0, 9.0, 33.0, centre_mm=CENTRE).contours(Z_MM)),
    Structure.from_contours(2, "Box", Box((24, 14, 30), (4.0, 9.0, 1.0)).contours(Z_MM)),
)
AXES = axis_mm(-47, 45, 2.5), axis_mm(-52, 38, 3.0), axis_mm(-43, 51, 2.0)
"""Neither even in all directions nor around the origin, so that no flip and no exchange of axes goes unseen."""
METRICS = (
    "D2%[Gy]",
    "D50%[Gy]",
    "D95%[Gy]",
    "D98%[Gy]",
    "D0.03cc[Gy]",
    "DC0.03cc[Gy]",
    "Mean[Gy]",
    "V30Gy[%]",
    "V45Gy[%]",
    "Volume[cc]",
)


def plan(structures: tuple[Structure, ...] = STRUCTURES, field: Callable[..., Floats] | None = None) -> Plan:
    peak = gaussian(60.0, 22.0, (6.0, -9.0, 7.0), 4.0)
    return Plan(structures, sample(field or peak, *AXES))


def numbers(of: Plan) -> dict[tuple[str, str], float]:
    """Every metric of every structure; a volume in % or cc is told by its unit in the key."""
    dvhs = compute_dvhs(of, of.structures)
    return {(dvh.structure.name, m): dvh.metric(m).value for dvh in dvhs for m in METRICS}


def through_files(of: Plan, folder, **how) -> dict[tuple[str, str], float]:
    write_plan(of, folder, decimals=4, **how)
    return numbers(read_plan(folder))


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for (name, metric), value in expected.items():
        if metric.endswith("[Gy]"):
            allowed = DOSE_GY
        else:
            allowed = 100 * VOLUME_SHARE if metric.endswith("[%]") else VOLUME_SHARE * value
        assert found[name, metric] == pytest.approx(value, rel=0, abs=allowed), (name, metric)


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return through_files(plan(), tmp_path_factory.mktemp("expected"))


@pytest.mark.parametrize("bits", [16, 32])
def test_files_hold_the_plan(tmp_path, bits):
    assert_same(through_files(plan(), tmp_path, bits=bits), numbers(plan()))


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("position", POSITIONS)
def test_patient_positions_agree(tmp_path, expected, position, reverse):
    found = through_files(plan(), tmp_path, patient_position=position, reverse_frames=reverse)
    for key, value in expected.items():
        assert found[key] == pytest.approx(value, rel=SAME), key


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("position", WITH_ABSOLUTE_OFFSETS)
def test_absolute_offsets_agree(tmp_path, expected, position, reverse):
    found = through_files(
        plan(), tmp_path, patient_position=position, absolute_offsets=True, reverse_frames=reverse, bits=32
    )
    for key, value in expected.items():
        assert found[key] == pytest.approx(value, rel=SAME), key


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("gradient", [(0.5, 0, 0), (0, 0.5, 0), (0, 0, 0.5)])
def test_a_dose_that_rises_along_one_axis_is_where_it_was(tmp_path, position, gradient):
    """In closed form: the mean of an evenly rising dose over a box is the dose at its middle, (4, 9, 1.5) mm."""
    box = Structure.from_contours(1, "Box", Box((24, 14, 30), (4.0, 9.0, 1.5)).contours(Z_MM))
    write_plan(plan((box,), linear(40.0, gradient)), tmp_path, patient_position=position)
    (dvh,) = compute_dvhs(read := read_plan(tmp_path), read.structures)
    middle = 40.0 + gradient[0] * 4.0 + gradient[1] * 9.0 + gradient[2] * _middle_z(box)
    assert dvh.mean_gy == pytest.approx(middle, abs=DOSE_GY)


def _middle_z(structure: Structure) -> float:
    z = structure.points_mm[:, 2]
    return float((z.min() + z.max()) / 2)


def redrawn(change: Callable[[list[Floats]], list[Floats]]) -> Plan:
    """The plan with the contours of each structure as `change` makes them."""
    return plan(tuple(Structure.from_contours(s.number, s.name, change(list(s.contours()))) for s in STRUCTURES))


def shuffled(contours: list[Floats]) -> list[Floats]:
    order = np.random.default_rng(5).permutation(len(contours))
    return [contours[i] for i in order]


def keyhole(contours: list[Floats], along: int = -1) -> list[Floats]:
    """Outline and hole of one plane as one contour, in and out along a cut; `along` 1: both the same way round."""
    planes: dict[float, list[Floats]] = {}
    for contour in contours:
        planes.setdefault(float(contour[0, 2]), []).append(contour)
    joined = []
    for outer, *holes in planes.values():
        whole = outer
        for hole in holes:
            whole = np.concatenate([whole, whole[:1], hole[:1], np.roll(hole, -1, axis=0)[::along], hole[:1]])
        joined.append(whole)
    return joined


def raised(contour: Floats, by_mm: float) -> Floats:
    return contour + np.array([0.0, 0.0, by_mm])


DRAWN = {
    "the other way round": lambda contours: [c[::-1] for c in contours],
    "one hole the other way round": lambda contours: [c[::-1] if i % 2 else c for i, c in enumerate(contours)],
    "in any order": shuffled,
    "from the top down": lambda contours: contours[::-1],
    "beginning at another point": lambda contours: [np.roll(c, 3, axis=0) for c in contours],
    "with every point twice": lambda contours: [np.repeat(c, 2, axis=0) for c in contours],
    "with the first point again at the end": lambda contours: [np.concatenate([c, c[:1]]) for c in contours],
    "with a point in the middle of each side": lambda contours: [
        np.stack([c, (c + np.roll(c, -1, axis=0)) / 2], axis=1).reshape(-1, 3) for c in contours
    ],
    "as keyholes": keyhole,
    "as keyholes, the hole the same way round": lambda contours: keyhole(contours, 1),
    "with a z that jitters": lambda contours: [raised(c, 0.04 * (-1) ** (i // 2)) for i, c in enumerate(contours)],
    "with spikes": lambda contours: [
        np.concatenate([c[:2], raised(c[1:2] * 1.3, -0.3 * c[0, 2]), c[1:]]) for c in contours
    ],
}


@pytest.mark.parametrize("how", DRAWN)
def test_contours_drawn_otherwise_agree(tmp_path, expected, how):
    assert_same(through_files(redrawn(DRAWN[how]), tmp_path), expected)


@pytest.mark.parametrize("kind", ["CLOSEDPLANAR_XOR", "CLOSED_PLANAR"])
def test_holes_of_another_type_agree(tmp_path, expected, kind):
    structures = tuple(replace(s, geometric_types=(kind,) * len(s.geometric_types)) for s in STRUCTURES)
    assert_same(through_files(plan(structures), tmp_path), expected)


def test_the_order_of_structures_is_of_no_account(tmp_path, expected):
    assert_same(through_files(plan(STRUCTURES[::-1]), tmp_path), expected)
