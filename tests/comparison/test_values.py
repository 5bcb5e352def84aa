"""Values without a limit, by evaluations whose differences are known: never better, never worse, and decide nothing."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.comparison import Kind, Result, Shift, compare
from hardcheck.errors import UsageError
from hardcheck.report.document import evaluation_document
from tests.comparison.sides import goal, side
from tests.report.sample import everything

OPPOSITE = {Shift.HIGHER: Shift.LOWER, Shift.LOWER: Shift.HIGHER}


def reported(value=44.0, name="Mean[Gy]", *, half=0.5, **more):
    """A value with an interval of 0.5 Gy on either side."""
    made = {
        "structure": "Lung", "roi_number": 3, "roi_name": "LUNG", "matched_by": None, "metric": name, "recipe": None,
        "value": value, "low": None, "high": None, "unit": "Gy", "reason": None if value is not None else "no dose",
        "caveats": [],
    }  # fmt: skip
    if value is not None:
        made |= {"low": value - half, "high": value + half}
    return made | more


def quantity(value, half=0.5, unit="Gy"):
    return {
        "value": value, "low": None if value is None else value - half, "high": None if value is None else value + half,
        "unit": unit, "reason": None if value is not None else "not known", "caveats": [],
    }  # fmt: skip


def vertex(name="V1", centre=(0.0, 0.0, 0.0), dose=60.0):
    bare = {"value": 15.0, "low": 14.0, "high": 16.0}
    return {
        "name": name, "centre_mm": list(centre), "volume_cc": bare, "diameter_mm": bare, "d50_gy": quantity(dose),
        "spacing_mm": 30.0, "to_surface_mm": bare, "to_organs_mm": {"Bone": quantity(20.0, unit="mm")},
    }  # fmt: skip


def lattice(*vertices, reason=None, **more):
    made = {
        "structure": "GTV", "roi_number": 2, "roi_name": "GTV", "vertex_dose": "separate: elsewhere", "reason": reason,
        "asked": [], "volume_cc": {"value": 600.0, "low": 590.0, "high": 610.0},
        "diameter_mm": {"value": 90.0, "low": 89.0, "high": 91.0}, "doses": {"D5%[Gy]": quantity(81.0)},
        "d10_d90": quantity(1.7, 0.1, ""), "peak_gy": quantity(80.0), "valley_gy": quantity(48.0),
        "pvdr": quantity(1.6, 0.05, ""), "vertices": list(vertices),
    }  # fmt: skip
    return made | more


def values(a, b, key="reported"):
    """By vertex and name."""
    made = compare(*(side(goal(), **{key: list(each)}) for each in (a, b)))
    return {(v.found.vertex, v.found.name): v for v in made.values}


def only(a, b):
    (change,) = values([a], [b]).values()
    return change


@pytest.mark.parametrize(
    ("a", "b", "shift"),
    [
        (44.0, 46.0, Shift.HIGHER),
        (46.0, 44.0, Shift.LOWER),
        (44.0, 44.9, Shift.WITHIN),  # 43.5..44.5 and 44.4..45.4
        (44.0, 45.0, Shift.WITHIN),  # the intervals share 44.5
        (44.0, 45.01, Shift.HIGHER),
        (44.0, 44.0 + 1e-10, Shift.SAME),
        (44.0, None, Shift.UNKNOWN),
        (None, 44.0, Shift.UNKNOWN),
        (None, None, Shift.UNKNOWN),
    ],
)
def test_higher_and_lower_are_outside_of_the_intervals_alone(a, b, shift):
    found = only(reported(a), reported(b))
    assert found.shift is shift
    assert found.certain is (shift in (Shift.HIGHER, Shift.LOWER))
    assert found.difference == (None if a is None or b is None else b - a)
    assert found.is_silent is (a is None and b is None)


def test_a_bound_that_is_not_known_overlaps_everything():
    assert only(reported(44.0, high=None), reported(90.0)).shift is Shift.WITHIN
    assert only(reported(44.0, low=None), reported(90.0)).shift is Shift.HIGHER


@pytest.mark.parametrize(
    "more", [{"roi_name": "Lung_L", "roi_number": 9}, {"recipe": "Lung - PTV"}, {"roi_name": None}]
)
def test_of_another_thing_it_cannot_be_told(more):
    found = only(reported(44.0), reported(20.0, **more))
    assert found.shift is Shift.UNKNOWN
    assert found.notes


def test_what_one_side_has_is_listed_alone():
    found = values([reported(name="Mean[Gy]")], [reported(name="Max[Gy]"), reported(name="Mean[Gy]", unit="%")])
    assert len(found) == 2
    assert [(v.a is None, v.b is None, v.shift) for v in compare(
        side(reported=[reported()]), side(reported=[reported(unit="%")])).values
    ] == [(True, False, Shift.UNKNOWN), (False, True, Shift.UNKNOWN)]  # fmt: skip


def test_several_rois_are_found_by_name():
    def lung(name, number, value):
        return reported(value, roi_name=name, roi_number=number)

    made = compare(
        side(reported=[lung("L", 1, 10.0), lung("R", 2, 20.0)]),
        side(reported=[lung("R", 1, 22.0), lung("L", 2, 12.0)]),
    )
    assert [(v.a.roi_name, v.b.roi_name, v.difference) for v in made.values] == [("R", "R", 2.0), ("L", "L", 2.0)]


def test_they_decide_nothing():
    made = compare(side(goal(), reported=[reported(10.0)]), side(goal(), reported=[reported(90.0)]))
    assert made.result is Result.NOT_WORSE
    assert made.reasons == ()
    assert made.count_values(Shift.HIGHER) == 1
    assert compare(side(goal(), reported=[reported()]), side(goal())).result is Result.NOT_WORSE


def test_vertices_with_their_doses_and_distances():
    found = values([lattice(vertex(dose=60.0))], [lattice(vertex(dose=66.0), valley_gy=quantity(40.0))], "lattice")
    shifts = {key: value.shift for key, value in found.items()}
    assert shifts.pop(("V1", "D50%[Gy]")) is Shift.HIGHER
    assert shifts.pop(("", "valley")) is Shift.LOWER
    assert set(shifts.values()) == {Shift.SAME}
    assert shifts.keys() == {
        ("", "number of vertices"), ("", "volume of the tumour"), ("", "greatest diameter of the tumour"),
        ("", "D10%/D90%"), ("", "peak"), ("", "PVDR"), ("", "D5%[Gy]"), ("V1", "volume"), ("V1", "diameter"),
        ("V1", "distance to the surface of the tumour"), ("V1", "distance to Bone"),
    }  # fmt: skip
    assert {v.found.kind for v in found.values()} == {Kind.VERTICES}
    assert {v.found.unit for (_, name), v in found.items() if "distance" in name} == {"mm"}


def test_a_vertex_elsewhere_is_another_one():
    found = values([lattice(vertex())], [lattice(vertex(centre=(3.0, 4.0, 0.0), dose=90.0))], "lattice")
    moved = found["V1", "D50%[Gy]"]
    assert moved.shift is Shift.UNKNOWN
    assert moved.notes == ("the vertex of that name has its centre elsewhere: 5.0 mm away",)


def test_the_number_of_vertices_is_counted_where_they_could_be_told():
    several = values([lattice(vertex())], [lattice(vertex(), vertex("V2"))], "lattice")
    assert several["", "number of vertices"].shift is Shift.HIGHER
    assert several["V2", "volume"].a is None
    none = values([lattice(vertex())], [lattice(reason="two vertices touch")], "lattice")["", "number of vertices"]
    assert (none.shift, none.b.reason) == (Shift.UNKNOWN, "two vertices touch")


def test_what_was_declared_of_the_dose_is_part_of_the_question():
    def asked(value, outcome, declared="added: on top"):
        entry = quantity(value) | {"name": "dose", "wanted": "8 to 15 Gy", "outcome": outcome}
        return lattice(asked=[entry], vertex_dose=declared)

    key = ("", "dose (asked: 8 to 15 Gy)")
    found = values([asked(12.0, "MET")], [asked(20.0, "NOT_MET")], "lattice")[key]
    assert (found.shift, found.notes) == (Shift.HIGHER, ("MET in A, NOT_MET in B; it decides nothing",))
    other = values([asked(12.0, "MET")], [asked(20.0, "MET", "instead: of it")], "lattice")[key]
    assert other.shift is Shift.UNKNOWN


def test_a_dose_that_is_reported_too_is_there_once():
    both = {"reported": [reported(81.0, "D5%[Gy]", structure="GTV", roi_number=2)], "lattice": [lattice()]}
    made = compare(side(**both), side(**both))
    assert [v.found.kind for v in made.values if v.found.name == "D5%[Gy]"] == [Kind.REPORTED]


def test_everything_that_an_evaluation_says_of_vertices_is_read():
    document = evaluation_document(everything())
    # Both vertices of the sample have one name, and of two of one name nobody knows which is which.
    document["lattice"][0]["vertices"][1]["name"] = "other"
    made = compare(side(lattice=document["lattice"]), side(lattice=document["lattice"]))
    assert {v.shift for v in made.values if v.found.value is not None} == {Shift.SAME}
    assert ("said", "distance to said 2") in {(v.found.vertex, v.found.name) for v in made.values}


@pytest.mark.parametrize(
    "change", [{"value": None}, {"value": 99.0}, {"value": True}, {"low": 45.0}, {"metric": 5}, {"roi_number": "3"}]
)
def test_what_no_evaluation_says_is_refused(change):
    with pytest.raises(UsageError, match="is no evaluation"):
        side(reported=[reported() | change])


@pytest.mark.parametrize("change", [{"centre_mm": [None, 0, 0]}, {"d50_gy": 5}, {"name": 1}, {"to_organs_mm": None}])
def test_vertices_that_no_evaluation_has_are_refused(change):
    with pytest.raises(UsageError, match="is no evaluation"):
        side(lattice=[lattice(vertex() | change)])


numbers = st.one_of(st.none(), st.floats(-100, 100))
halves = st.floats(0, 10)


@given(numbers, halves, numbers, halves)
def test_the_other_way_round_higher_is_lower(a, a_half, b, b_half):
    first, second = reported(a, half=a_half), reported(b, half=b_half)
    there, back = only(first, second), only(second, first)
    assert back.shift is OPPOSITE.get(there.shift, there.shift)
    assert there.difference is None or back.difference == -there.difference
    if there.certain:
        assert (b > a) is (there.shift is Shift.HIGHER)
        assert math.fabs(b - a) > 0
