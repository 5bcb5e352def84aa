"""A lattice known by construction: 3 x 3 x 2 vertices of 15 mm, 24 mm apart, 36 Gy on top of 45 Gy."""

import math
from dataclasses import replace
from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.lattice import PVDR_DEFINITION, lattice_of
from hardcheck.lattice.lattice import _mean
from hardcheck.metric import Metric
from hardcheck.phantom import Sphere, axis_mm, lattice_plan, sample, uniform
from hardcheck.phantom.lattice import (
    CENTRES_MM,
    FOOT_MM,
    PLATEAU_MM,
    SPACING_MM,
    TUMOUR_MM,
    VALLEY_GY,
    VERTEX_GY,
    VERTEX_MM,
)
from hardcheck.plan import Plan, Structure
from hardcheck.quantity import Quantity

SLICE_MM = 3.0
ISLANDS, SEVERAL = lattice_plan(), lattice_plan(as_islands=False)


def lattice(plan):
    vertices = [s for s in plan.structures if s.name.startswith("Vert")]
    organs = [s for s in plan.structures if s.interpreted_type == "ORGAN"]
    return lattice_of(plan, plan.named("GTV")[0], vertices, organs)


@pytest.fixture(scope="module", params=["islands", "several"])
def found(request):
    return lattice({"islands": ISLANDS, "several": SEVERAL}[request.param])


def holds(quantity, exact):
    return quantity.low <= exact <= quantity.high


def test_the_vertices_are_found_where_they_are(found):
    assert found.reason is None
    assert len(found.vertices) == 18
    for centre in CENTRES_MM:
        near = [v for v in found.vertices if math.dist(v.centre_mm, centre) < 0.3]
        assert len(near) == 1, centre


def test_their_size_and_spacing(found):
    exact = 4 / 3 * pi * VERTEX_MM**3 / 1000
    for vertex in found.vertices:
        assert holds(vertex.volume, exact)
        assert vertex.volume.value == pytest.approx(exact, rel=0.02)
        assert vertex.diameter.value == pytest.approx(2 * VERTEX_MM, rel=0.01)
        assert vertex.spacing.value == pytest.approx(SPACING_MM, abs=0.1)


def test_their_distances_to_the_tumours_surface_and_to_organs(found):
    radius, length = TUMOUR_MM
    for vertex in found.vertices:
        x, y, z = min(CENTRES_MM, key=lambda c: math.dist(c, vertex.centre_mm))
        exact = {
            "surface": min(radius - math.hypot(x, y), length / 2 - abs(z)) - VERTEX_MM,
            "Bone": math.hypot(66 - x, y) - 10 - VERTEX_MM,
            "Nerve": math.hypot(x, 60 - y) - 4 - VERTEX_MM,
        }
        for name, quantity in {"surface": vertex.to_surface, **vertex.to_organs}.items():
            assert holds(quantity, exact[name]), (name, vertex.centre_mm)
            assert quantity.value == pytest.approx(exact[name], abs=SLICE_MM / 2 + 1e-6)


def ramp_gy_cc(from_mm):
    """What the ramp adds from `from_mm` to its foot around one vertex: the integral of 4 π r² 36 (foot - r) / width."""
    width = FOOT_MM - PLATEAU_MM

    def primitive(r):
        return 4 * pi * VERTEX_GY / width * (FOOT_MM * r**3 / 3 - r**4 / 4) / 1000

    return primitive(FOOT_MM) - primitive(from_mm)


def test_peak_valley_and_their_ratio_are_those_of_the_construction(found):
    """The grid of 2 mm rounds the ramps of 3 mm: within 1 % of the doses."""
    ball = 4 / 3 * pi * VERTEX_MM**3 / 1000
    tumour = pi * TUMOUR_MM[0] ** 2 * TUMOUR_MM[1] / 1000
    shell = 4 / 3 * pi * PLATEAU_MM**3 / 1000 - ball
    added = 18 * (shell * VERTEX_GY + ramp_gy_cc(PLATEAU_MM))
    valley = VALLEY_GY + added / (tumour - 18 * ball)
    peak = VALLEY_GY + VERTEX_GY
    for quantity, exact in ((found.peak, peak), (found.valley, valley), (found.pvdr, peak / valley)):
        assert holds(quantity, exact), (quantity, exact)
        assert quantity.value == pytest.approx(exact, rel=0.01)
    assert "mean dose of all vertices" in PVDR_DEFINITION


def test_what_is_reported_of_the_tumour(found):
    """10 % of it get at least the dose on the ramp at which 18 balls have 10 % of its volume."""
    tumour = pi * TUMOUR_MM[0] ** 2 * TUMOUR_MM[1]
    at = (0.1 * tumour / 18 / (4 / 3 * pi)) ** (1 / 3)
    assert PLATEAU_MM < at < FOOT_MM
    d10 = VALLEY_GY + VERTEX_GY * (FOOT_MM - at) / (FOOT_MM - PLATEAU_MM)
    exact = {"D5%[Gy]": VALLEY_GY + VERTEX_GY, "D10%[Gy]": d10, "D50%[Gy]": VALLEY_GY, "D90%[Gy]": VALLEY_GY}
    for text, dose in exact.items():
        assert holds(found.doses[Metric.parse(text)], dose), text
    assert holds(found.d10_d90, d10 / VALLEY_GY)
    assert found.diameter.value == pytest.approx(math.hypot(96, 84), abs=SLICE_MM)


# --- what is not known


def test_without_vertices_there_is_no_ratio():
    plan = ISLANDS
    found = lattice_of(plan, plan.named("GTV")[0], [], [], missing="Vertices: not contoured")
    assert found.vertices == ()
    assert found.pvdr.value is None
    assert found.pvdr.reason == "Vertices: not contoured"
    assert found.d10_d90.value is not None


def test_vertices_that_share_a_place_are_not_counted_twice():
    (ball,) = (s for s in SEVERAL.structures if s.name == "Vertex_1")
    twin = replace(ball, number=99, name="Vertex_1b")
    found = lattice_of(SEVERAL, SEVERAL.named("GTV")[0], [ball, twin], [])
    assert found.vertices == ()
    assert "share a place" in found.pvdr.reason


def test_a_vertex_that_reaches_out_of_the_tumour_has_no_depth():
    z = np.arange(-40.5, 42, SLICE_MM)
    out = Structure.from_contours(50, "Vertex", Sphere(VERTEX_MM, (46, 0, 0)).contours(z))
    found = lattice_of(ISLANDS, ISLANDS.named("GTV")[0], [out], [])
    assert found.vertices[0].to_surface.value == 0.0
    assert found.vertices[0].spacing.value is None


def test_a_tumour_that_lost_slices_gives_no_distances():
    gtv = ISLANDS.named("GTV")[0]
    torn = Structure.from_contours(2, "GTV", [c for c in gtv.contours() if not 5 < c[0, 2] < 20])
    found = lattice_of(ISLANDS, torn, ISLANDS.named("Vertices"), [])
    assert found.vertices == ()
    assert "slices seem to be missing" in found.reason


def test_an_organ_that_cannot_be_used_says_so_and_the_others_are_told():
    bone, empty = ISLANDS.named("Bone")[0], Structure.from_contours(77, "Empty", [])
    found = lattice_of(ISLANDS, ISLANDS.named("GTV")[0], ISLANDS.named("Vertices"), [bone, empty])
    assert found.vertices[0].to_organs["Bone"].value is not None
    assert "no contours" in found.vertices[0].to_organs["Empty"].reason


def test_a_vertex_outside_of_the_dose_grid_has_no_upper_bound():
    axis = axis_mm(-30, 30, 3)
    plan = Plan(ISLANDS.structures, sample(uniform(45.0), axis, axis, axis))
    found = lattice(plan)
    assert found.peak.value == pytest.approx(45.0)
    assert found.peak.high == math.inf
    assert found.pvdr.high == math.inf or found.pvdr.value is None


# --- means of means

parts = st.lists(
    st.tuples(
        st.lists(st.floats(0, 100), min_size=3, max_size=3).map(sorted),
        st.lists(st.floats(0.1, 10), min_size=3, max_size=3).map(sorted),
    ),
    min_size=1,
    max_size=5,
)


@given(parts, st.data())
def test_the_interval_of_a_mean_holds_every_mean_of_its_parts(several, data):
    doses = [Quantity(d[1], d[0], d[2], "Gy") for d, _ in several]
    volumes = [Quantity(v[1], v[0], v[2], "cc") for _, v in several]
    found = _mean(doses, volumes)
    drawn = [(data.draw(st.floats(d[0], d[2])), data.draw(st.floats(v[0], v[2]))) for d, v in several]
    mean = sum(d * v for d, v in drawn) / sum(v for _, v in drawn)
    assert found.low - 1e-9 <= mean <= found.high + 1e-9


@pytest.mark.parametrize("offset_mm", [0.0, 0.4, 0.8, 1.2, 1.5, 2.3])
def test_the_spacing_holds_where_planes_cut_the_vertices_unlike(offset_mm):
    """Two balls of 5 mm on planes 3 mm apart."""
    planes, centres = axis_mm(-60, 60, 3), ((0.0, 0.0, -12.0 - offset_mm), (0.0, 3.0, 12.0 + offset_mm / 3))
    vertices = [
        Structure.from_contours(n, f"V{n}", Sphere(5.0, centre).contours(planes, 0.5))
        for n, centre in enumerate(centres, 2)
    ]
    tumour = Structure.from_contours(1, "GTV", Sphere(40.0).contours(planes, 0.5))
    axis = axis_mm(-62, 62, 2)
    checked = Plan((tumour, *vertices), sample(uniform(10.0), axis, axis, axis))
    for vertex in lattice_of(checked, tumour, vertices, []).vertices:
        assert vertex.spacing.low <= math.dist(*centres) <= vertex.spacing.high
        assert vertex.spacing.high - vertex.spacing.low <= 2 * 3.0 / 4
