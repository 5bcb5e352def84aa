"""The language of structures made of others."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardcheck.errors import MetricError
from hardcheck.protocol.expression import SIDES, Along, Combined, Grown, Margins, Name, parse_expression

FIVE = Margins(5, 5, 5, 5, 5, 5)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Cord", Name("Cord")),
        ("Cord - PTV_HR - PTV_LR", Combined("-", (Name("Cord"), Name("PTV_HR"), Name("PTV_LR")))),
        ("Lung_L|Lung_R", Combined("|", (Name("Lung_L"), Name("Lung_R")))),
        ("A & B", Combined("&", (Name("A"), Name("B")))),
        ("(A | B) - C", Combined("-", (Combined("|", (Name("A"), Name("B"))), Name("C")))),
        ("margin(PTV,5 mm)", Grown("margin", Name("PTV"), FIVE)),
        ("contract(External, 0.5cm)", Grown("contract", Name("External"), FIVE)),
        ("rind(External, 5 mm)", Grown("rind", Name("External"), FIVE)),
        ("margin(GTV, left 3 mm, superior 1 cm)", Grown("margin", Name("GTV"), Margins(left=3, superior=10))),
        ("along(Femur, PTV_LR)", Along(Name("Femur"), Name("PTV_LR"))),
        ("along(Cord, PTV_LR, 3 cm)", Along(Name("Cord"), Name("PTV_LR"), 30.0)),
        ("Cord-PRV", Name("Cord-PRV")),
        ("margin", Name("margin")),
    ],
)
def test_what_is_written_is_what_is_meant(text, meant):
    assert parse_expression(text) == meant


NAMES = st.sampled_from(["Cord", "PTV_HR", "A", "Lung_L", "Cord-PRV", "Cord+5", "B.1"])
LENGTHS = st.sampled_from([0.5, 3.0, 5.0, 12.25, 30.0])
MARGINS = st.one_of(
    LENGTHS.map(lambda mm: Margins(*[mm] * 6)),
    st.dictionaries(st.sampled_from(SIDES), LENGTHS, min_size=1).map(lambda given: Margins(**given)),
)
EXPRESSIONS = st.recursive(
    NAMES.map(Name),
    lambda inner: st.one_of(
        st.builds(Combined, st.sampled_from("|&-"), st.lists(inner, min_size=2, max_size=4).map(tuple)),
        st.builds(Grown, st.sampled_from(["margin", "contract", "rind"]), inner, MARGINS),
        st.builds(Along, inner, inner, st.one_of(st.just(0.0), LENGTHS)),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS)
def test_what_is_written_back_is_read_as_the_same(expression):
    assert parse_expression(str(expression)) == expression


def test_names_are_each_once_and_in_order():
    assert parse_expression("along(B, C) - A - B").names() == ("B", "C", "A")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a structure is missing"),
        ("A - B | C", "write parentheses"),
        ("A -B", "with a space on both sides"),
        ("A- B", "join two structures"),
        ("A B", "join two structures"),
        ("A |", "a structure is missing"),
        ("(A | B", "')' is missing"),
        ("A)", "is not expected"),
        ("margin(A)", "',' is missing"),
        ("margin(A, 5)", "with its unit"),
        ("margin(A, 0 mm)", "leave the function away"),
        ("margin(A, up 5 mm)", "no side or length"),
        ("margin(A, left 5 mm, left 3 mm)", "named twice"),
        ("margin(A, 9 m)", "with its unit"),
        ("margin(A, 900 mm)", "at most 500 mm"),
        ("grow(A, 5 mm)", "choose one of: margin"),
        ("along(A, B, C)", "a length is missing"),
        ("A; B", "cannot be read"),
        ("margin(A, -5 mm)", "cannot be read"),
        ("(" * 40 + "A" + ")" * 40, "nested more than"),
        ("A | " * 400 + "A", "longer than"),
    ],
)
def test_what_is_none_says_what_to_write(text, said):
    with pytest.raises(MetricError, match=re.escape(said)):
        parse_expression(text)
