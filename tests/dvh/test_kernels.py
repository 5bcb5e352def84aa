"""The kernels: normalisation, closed form, convergence."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.dvh.kernels import (
    Chords,
    Histogram,
    RowSet,
    Shares,
    deposit,
    extremes,
    polygon_areas,
    put,
    row_chords,
    trilinear,
)


def edges_of(*polygons):
    rows = []
    for polygon in polygons:
        p = np.asarray(polygon, dtype=float)
        rows.append(np.concatenate([p, np.roll(p, -1, axis=0)], axis=1))
    edges = np.concatenate(rows)
    return edges[edges[:, 1] != edges[:, 3]]


def chords_at(edges, rows):
    rows = np.asarray(rows, dtype=float)
    at = [np.searchsorted(rows, edges[:, side], side="left") for side in (1, 3)]
    return row_chords(edges, np.minimum(*at), np.maximum(*at), rows)


UNIT = [(0, 0), (4, 0), (4, 4), (0, 4)]
HOLE = [(1, 1), (3, 1), (3, 3), (1, 3)]


def test_a_row_through_a_square_is_one_chord():
    chords = chords_at(edges_of(UNIT), [2.0])
    assert chords.x0_mm.tolist() == [0.0]
    assert chords.x1_mm.tolist() == [4.0]


@pytest.mark.parametrize("hole", [HOLE, HOLE[::-1]], ids=["same winding", "reversed winding"])
def test_a_hole_is_left_out_whatever_its_winding(hole):
    chords = chords_at(edges_of(UNIT, hole), [0.5, 2.0])
    assert chords.row.tolist() == [0, 1, 1]
    assert (chords.x1_mm - chords.x0_mm).tolist() == [4.0, 1.0, 1.0]


def test_a_keyhole_is_a_hole():
    keyhole = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 2), (1, 2), (1, 3), (3, 3), (3, 1), (1, 1), (1, 2), (0, 2)]
    chords = chords_at(edges_of(keyhole), [1.5, 2.5])
    length = np.bincount(chords.row, chords.x1_mm - chords.x0_mm)
    assert length.tolist() == [2.0, 2.0]


def test_rows_through_vertices_and_repeated_points_have_whole_chords():
    diamond = [(0, -2), (0, -2), (2, 0), (0, 2), (-2, 0)]
    chords = chords_at(edges_of(diamond), [-2.0, -1.0, 0.0, 1.0, 2.0])
    length = np.bincount(chords.row, chords.x1_mm - chords.x0_mm, 5)
    assert length.tolist() == [0.0, 2.0, 4.0, 2.0, 0.0]


@given(
    st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=12),
    st.lists(st.floats(-9, 9), min_size=1, max_size=9),
)
def test_every_row_of_any_polygon_has_ordered_chords(points, rows):
    edges = edges_of(points)
    chords = chords_at(edges, sorted(rows))
    assert chords.x0_mm.size == chords.x1_mm.size
    assert np.all(chords.x1_mm >= chords.x0_mm)
    same = chords.row[1:] == chords.row[:-1]
    assert np.all(chords.x0_mm[1:][same] >= chords.x1_mm[:-1][same])


AXES = (np.arange(5.0), np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0]))


def field(x, y, z):
    return 3 + 2 * x - y + 0.5 * z + 0.25 * x * y * z


def sampled():
    z, y, x = np.meshgrid(AXES[2], AXES[1], AXES[0], indexing="ij")
    return field(x, y, z)


def test_trilinear_is_exact_for_a_trilinear_field_and_unknown_outside():
    x, y, z = np.array([0.3, 4.0, 2.5, 4.1]), np.array([2.2, 3.0, 0.0, 1.0]), np.array([0.7, 2.0, 0.0, 1.0])
    dose = trilinear(AXES, sampled(), (x, y, z))
    assert dose[:3] == pytest.approx(field(x, y, z)[:3], rel=1e-12)
    assert np.isnan(dose[3])


def row_set(y, z, half_y=0.0, half_z=0.0):
    return RowSet(*(np.array([v], dtype=float) for v in (y, z, half_y, half_z)))


def chord(x0, x1):
    return Chords(np.array([0]), np.array([x0]), np.array([x1]))


def deposited(x0, x1, y, z, *, bins=64, half=(0.0, 0.0)):
    into = Histogram.empty(0.0, 0.25, bins, 2)
    shares = Shares(np.array([[1.0], [0.0]]), np.array([[0], [1]]))
    bend = np.zeros(sampled().shape, dtype=np.float32)
    deposit(AXES, sampled(), bend, row_set(y, z, *half), chord(x0, x1), shares, into)
    return into


def test_the_extremes_of_a_chord_are_those_of_the_field_at_its_nodes():
    ends = field(np.array([0.5, 1.0, 2.0, 2.25]), 2.0, 1.0)
    (low,), (high,) = extremes(AXES, sampled(), row_set(2.0, 1.0), chord(0.5, 2.25))
    assert (low, high) == pytest.approx((ends.min(), ends.max()), rel=1e-12)


def test_a_chord_along_a_linear_dose_is_one_ramp():
    into = deposited(0.5, 3.0, 2.0, 1.0)
    dose = field(np.array([0.5, 3.0]), 2.0, 1.0)
    edges = 0.25 * np.arange(65)
    share = np.clip((dose[1] - edges) / (dose[1] - dose[0]), 0, 1)
    assert into.at_edges(np.eye(into.inside.size))[0] == pytest.approx(2.5 * share, abs=1e-9)
    assert into.inside[0] == pytest.approx(2.5, rel=1e-12)
    assert into.moment[0] / into.inside[0] == pytest.approx(dose.mean(), rel=1e-12)


def test_a_row_that_stands_for_a_stratum_has_the_doses_of_the_stratum():
    """Over 0.5 mm in y the dose falls by what the gradient there says, to both sides."""
    into = deposited(0.5, 0.5 + 1e-6, 1.5, 1.0, half=(0.5, 0.0))
    gradient = abs(-1 + 0.25 * 0.5)
    middle = field(0.5, 1.5, 1.0)
    edges = 0.25 * np.arange(65)
    share = np.clip((middle + 0.5 * gradient - edges) / gradient, 0, 1)
    assert into.at_edges(np.eye(into.inside.size))[0] == pytest.approx(1e-6 * share, abs=1e-9)


@pytest.mark.parametrize(
    ("x", "row", "outside"),
    [
        ((-2.0, 1.0), (1.0, 1.0), 2.0),
        ((3.0, 9.0), (1.0, 1.0), 5.0),
        ((1.0, 2.0), (3.5, 1.0), 1.0),
        ((1.0, 2.0), (1.0, -0.1), 1.0),
    ],
)
def test_what_is_outside_of_the_outermost_voxel_centres_is_unknown(x, row, outside):
    into = deposited(*x, *row)
    assert into.outside[0] == pytest.approx(outside, rel=1e-12)
    assert into.inside[0] == pytest.approx(x[1] - x[0] - outside, abs=1e-12)


@given(
    st.lists(
        st.tuples(st.floats(0, 10), st.floats(1e-9, 5) | st.just(0.0), st.floats(0.1, 3)), min_size=1, max_size=20
    ),
)
def test_a_density_is_exact_at_the_edges(densities):
    low = np.array([d[0] for d in densities])
    high = np.minimum(low + np.array([d[1] for d in densities]), 12.0)
    mass = np.array([d[2] for d in densities])
    into = Histogram.empty(0.0, 0.25, 48, 1)
    put(low, high, mass, np.zeros(mass.size, dtype=np.int64), into)
    flat = np.cumsum(into.flat[0, ::-1])[::-1][:49]
    for j, volume in enumerate(into.at_edges(np.eye(into.inside.size))[0] + flat):
        edge = 0.25 * j
        # A density within one bin counts as a whole at the lower edge of the bin.
        whole = np.floor(low / 0.25) * 0.25 >= edge
        within = (high - low < 0.25) & (np.floor(low / 0.25) == np.floor(high / 0.25))
        share = np.clip((high - edge) / np.where(high > low, high - low, 1), 0, 1)
        assert volume == pytest.approx(np.sum(mass * np.where(within, whole, share)), abs=1e-9 * mass.sum())
    assert into.inside[0] == pytest.approx(mass.sum(), rel=1e-12)
    assert into.moment[0] == pytest.approx(np.sum(mass * (low + high) / 2), rel=1e-12)


def test_polygon_areas_are_exact_far_from_the_origin():
    square = np.array([(0, 0), (3, 0), (3, 2), (0, 2)], dtype=float) + 1e6
    triangle = np.array([(0, 0), (1, 0), (0, 1)], dtype=float) - 1e6
    areas = polygon_areas(np.concatenate([square, triangle]), np.array([0, 4, 7]))
    assert areas.tolist() == [6.0, 0.5]


def test_the_area_by_rows_converges_to_that_of_a_circle_with_order_three_halves():
    angle = 2 * np.pi * np.arange(20000) / 20000
    edges = edges_of(np.stack([np.cos(angle), np.sin(angle)], axis=1))
    errors = []
    for rows in (25, 100, 400):
        y = -1 + 2 * (np.arange(rows) + 0.5) / rows
        chords = chords_at(edges, y)
        errors.append(abs(np.sum(chords.x1_mm - chords.x0_mm) * 2 / rows - np.pi))
    assert errors[0] / errors[1] == pytest.approx(8, rel=0.1)
    assert errors[1] / errors[2] == pytest.approx(8, rel=0.1)
