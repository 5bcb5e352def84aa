"""What holds for structures of any shape, and what cannot be made."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardcheck.algebra import derive, shares_slices
from hardcheck.algebra.outline import outline
from hardcheck.dvh import size_of
from hardcheck.phantom import Box, Sphere
from hardcheck.plan import Structure
from hardcheck.protocol.expression import parse_expression

Z = np.arange(-30.0, 30.1, 3.0)


def made(text, **structures) -> Structure:
    return derive(parse_expression(text), structures, number=-1, name="made")


def cc(structure: Structure) -> float:
    """Areas times the distance of the slices: what lies between planes is not the algebra's."""
    if structure.unusable:
        return 0.0
    heights = np.round(structure.points_mm[structure.starts[:-1], 2], 6)
    contours = list(structure.contours())
    planes = [[c for c, at in zip(contours, heights, strict=True) if at == z] for z in np.unique(heights)]
    return sum(outline(plane).area for plane in planes) * 3.0 / 1000


@st.composite
def blobs(draw):
    """Star-shaped outlines around a wandering middle."""
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    first, last = draw(st.integers(0, 8)), draw(st.integers(11, 20))
    radii = draw(st.lists(st.floats(4, 15), min_size=24, max_size=24))
    x, y = draw(st.floats(-8, 8)), draw(st.floats(-8, 8))
    ring = np.column_stack([x + np.array(radii) * np.cos(angle), y + np.array(radii) * np.sin(angle), 0 * angle])
    return Structure.from_contours(1, "blob", [ring + np.array([0.1 * z, 0, z]) for z in Z[first:last]])


@settings(max_examples=25, deadline=None)
@given(blobs(), blobs())
def test_the_parts_add_up(a, b):
    union, both = cc(made("A | B", A=a, B=b)), cc(made("A & B", A=a, B=b))
    assert union + both == pytest.approx(cc(a) + cc(b), rel=1e-6)
    assert cc(made("A - B", A=a, B=b)) + both == pytest.approx(cc(a), rel=1e-6)
    assert cc(made("A - A", A=a)) == 0
    assert cc(made("A | A", A=a)) == pytest.approx(cc(a), rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(blobs(), st.floats(1.0, 8.0))
def test_grown_holds_it_and_shrunk_lies_in_it(a, mm):
    length = f"{mm:.2f} mm"
    grown, shrunk = made(f"margin(A, {length})", A=a), made(f"contract(A, {length})", A=a)
    assert cc(made("A - B", A=a, B=grown)) <= 1e-6
    if not shrunk.unusable:
        assert cc(made("B - A", A=a, B=shrunk)) <= 1e-6
    again = made(f"contract(margin(A, {length}), {length})", A=a)
    assert cc(made("A - B", A=a, B=again)) <= 0.01 * cc(a)


@settings(max_examples=15, deadline=None)
@given(blobs(), st.tuples(*[st.floats(-100, 100)] * 3))
def test_moving_moves_the_result(a, by):
    moved = Structure.from_contours(1, "moved", [c + np.array(by) for c in a.contours()])
    for text in ("margin(A, 5 mm)", "rind(A, 3 mm)", "contract(A, left 2 mm, inferior 4 mm)"):
        assert cc(made(text, A=moved)) == pytest.approx(cc(made(text, A=a)), rel=1e-4, abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(blobs(), st.randoms())
def test_order_and_winding_are_of_no_account(a, random):
    contours = [c[::-1] if random.random() < 0.5 else c for c in a.contours()]
    random.shuffle(contours)
    other = Structure.from_contours(1, "other", contours)
    # The buffers of a polygon start at its first point, and where they cross are noded anew: equal, not to the bit.
    assert cc(made("rind(A, 3 mm)", A=other)) == pytest.approx(cc(made("rind(A, 3 mm)", A=a)), rel=1e-6)


def test_nothing_left_is_a_reason_and_not_an_empty_structure():
    ball = Structure.from_contours(1, "A", Sphere(10.0).contours(Z))
    assert "nothing is left of contract(A, 12 mm)" in made("contract(A, 12 mm)", A=ball).unusable
    assert "nothing is left of A - B" in made("A - B", A=ball, B=ball).unusable
    far = Structure.from_contours(2, "B", Box((5, 5, 20), (80, 0, 0)).contours(Z))
    assert "nothing is left of A & B" in made("A & B", A=ball, B=far).unusable


def test_nothing_taken_away_leaves_the_whole():
    ball = Structure.from_contours(1, "A", Sphere(10.0).contours(Z))
    far = Structure.from_contours(2, "B", Box((5, 5, 20), (80, 0, 0)).contours(Z))
    assert cc(made("A - (A & B)", A=ball, B=far)) == pytest.approx(cc(ball), rel=1e-9)
    assert "nothing is left of A & B" in made("along(A, A & B)", A=ball, B=far).unusable


@pytest.mark.parametrize(
    "other",
    [
        Structure.from_contours(2, "B", []),
        Structure.from_contours(2, "B", [np.zeros((1, 3))], geometric_type="POINT"),
        Structure.from_contours(2, "B", [np.array([[0, 0, 0], [9, 0, 5], [9, 9, 9]], dtype=float)]),
        Structure.from_contours(2, "B", [np.array([[0, 0, 0], [9, 0, 0], [9, 9, 0]], dtype=float)]),
        Structure.from_contours(2, "B", [np.array([[0, 0, z], [9, 0, z], [9, 0, z]], dtype=float) for z in Z]),
    ],
    ids=["empty", "a point", "oblique", "one slice", "no area"],
)
@pytest.mark.parametrize("text", ["A - B", "A | B", "A & B", "along(A, B)", "A - margin(B, 3 mm)"])
def test_what_cannot_be_used_is_never_taken_as_nothing(text, other):
    ball = Structure.from_contours(1, "A", Sphere(10.0).contours(Z))
    assert made(text, A=ball, B=other).unusable.startswith("B: ")


def test_a_structure_of_one_slice_has_the_thickness_of_the_image():
    one = Structure.from_contours(1, "A", Box((20, 20, 1)).contours([0.0]))
    thick = derive(parse_expression("margin(A, superior 3 mm)"), {"A": one}, number=-1, name="x", slice_z_mm=Z)
    assert size_of(thick).volume_cc["half"] == pytest.approx(400 * 6 / 1000, rel=1e-6)


@pytest.mark.parametrize(
    ("low", "high", "share"),
    [
        (-9, 9, True),
        (12, 24, True),
        (13.6, 20, True),
        (15, 24, None),
        (-24, -15, None),
        (18, 24, False),
        (-24, -18, False),
    ],
)
def test_shared_slices(low, high, share):
    """The target has contours from -12 to 12 mm, and reaches 1.5 mm further; up to a slice from there nobody knows."""
    target = Structure.from_contours(1, "T", Box((20, 20, 200)).contours(np.arange(-12.0, 12.1, 3)))
    organ = Structure.from_contours(2, "O", Box((20, 20, 200), (90, 0, 0)).contours(np.arange(low, high + 0.1, 3.0)))
    assert shares_slices(organ, target) is share
    assert shares_slices(target, organ) is share


def test_shared_slices_that_cannot_be_known():
    target = Structure.from_contours(1, "T", Box((20, 20, 200)).contours(np.arange(-12.0, 12.1, 3)))
    assert shares_slices(target, Structure.from_contours(2, "O", [])) is None
    one = Structure.from_contours(2, "O", Box((20, 20, 200)).contours([3.0]))
    assert shares_slices(target, one) is True
    beside = Structure.from_contours(2, "O", Box((20, 20, 200)).contours([15.0]))
    assert shares_slices(target, beside) is None
