"""Claims that follow from others: by hand, and against dose distributions that hypothesis makes up."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardcheck.metric import Kind
from hardcheck.protocol import Claim, excludes, implies, parse_claim

FOLLOWS = [
    ("V20Gy[%] < 30 %", "V25Gy[%] < 30 %"),
    ("V20Gy[%] < 30 %", "V20Gy[%] <= 30 %"),
    ("V20Gy[%] < 30 %", "CV25Gy[%] > 65 %"),
    ("CV18Gy[cc] > 1500 cc", "CV20Gy[cc] > 1400 cc"),
    ("V18Gy[cc] < Volume(Lungs) - 1500 cc", "V19Gy[cc] < Volume(Lungs) - 1400 cc"),
    ("V95%[%] > 98 %", "V93%[%] >= 98 %"),
    ("D2cc[Gy] < 44 Gy", "D5cc[Gy] < 44 Gy"),
    ("DC0.03cc[%] > 95 %", "DC2cc[%] > 95 %"),
    ("Max[Gy] < 46 Gy", "V50Gy[cc] < 5 cc"),
    ("Max[Gy] < 46 Gy", "Mean[Gy] < 46 Gy"),
    ("Max[Gy] <= 46 Gy", "D0.03cc[Gy] <= 46 Gy"),
    ("Min[%] > 95 %", "V90%[%] > 99 %"),
    ("D2cc[Gy] < 44 Gy", "V45Gy[cc] < 3 cc"),
    ("V45Gy[cc] < 3 cc", "D5cc[Gy] < 46 Gy"),
    ("D95%[%] >= 98 %", "V95%[%] > 90 %"),
]
DOES_NOT = [
    ("V25Gy[%] < 30 %", "V20Gy[%] < 30 %"),
    ("V20Gy[%] <= 30 %", "V20Gy[%] < 30 %"),
    ("V20Gy[%] < 30 %", "V25Gy[cc] < 300 cc"),
    ("V20Gy[%] < 30 %", "V25Gy[%] > 20 %"),
    ("Mean[Gy] < 20 Gy", "Mean EQD2(ab=3)[Gy] < 30 Gy"),
    ("Mean[Gy] < 20 Gy", "Max[Gy] < 30 Gy"),
    ("V18Gy[cc] < 100 cc", "V18Gy[cc] < Volume(Lungs) - 100 cc"),
    ("Mean[Gy] < 20 Gy of Heart", "Mean[Gy] < 30 Gy of Lungs"),
    ("D0.03cc[Gy] <= 44 Gy", "V44Gy[cc] < 5 cc"),  # all of it may receive 44 Gy
    ("gEUD(a=8)[Gy] < 40 Gy", "gEUD(a=9)[Gy] < 50 Gy"),
]


@pytest.mark.parametrize(("one", "other"), FOLLOWS)
def test_what_follows(one: str, other: str) -> None:
    assert implies(parse_claim(one), parse_claim(other))
    assert not implies(parse_claim(other), parse_claim(one))


@pytest.mark.parametrize(("one", "other"), DOES_NOT)
def test_what_does_not(one: str, other: str) -> None:
    assert not implies(parse_claim(one), parse_claim(other))


@pytest.mark.parametrize(("one", "other"), [("V30Gy[%] < 20 %", "CV30Gy[%] > 80 %"), ("V30Gy[%] < 20 %",) * 2])
def test_the_same_in_other_words_follows_both_ways(one: str, other: str) -> None:
    assert implies(parse_claim(one), parse_claim(other))
    assert implies(parse_claim(other), parse_claim(one))


def test_what_excludes() -> None:
    assert excludes(parse_claim("V40Gy[%] > 50 %"), parse_claim("V40Gy[%] < 50 %"))
    assert excludes(parse_claim("V40Gy[%] >= 50 %"), parse_claim("V40Gy[%] < 50 %"))
    assert not excludes(parse_claim("V40Gy[%] >= 50 %"), parse_claim("V40Gy[%] <= 50 %"))
    assert not excludes(parse_claim("V40Gy[%] < 50 %"), parse_claim("V30Gy[%] > 20 %"))


OPS = st.sampled_from(["<", "<=", ">", ">="])
SMALL = st.integers(0, 6)
CLAIMS = st.one_of(
    st.builds("{}{}Gy[cc] {} {} cc".format, st.sampled_from(["V", "CV"]), SMALL, OPS, SMALL),
    st.builds("{}{}Gy[%] {} {} %".format, st.sampled_from(["V", "CV"]), SMALL, OPS, st.sampled_from([0, 20, 40, 80])),
    st.builds("{}{}cc[Gy] {} {} Gy".format, st.sampled_from(["D", "DC"]), st.integers(1, 5), OPS, SMALL),
    st.builds("{}{}%[Gy] {} {} Gy".format, st.sampled_from(["D", "DC"]), st.sampled_from([20, 40, 80]), OPS, SMALL),
    st.builds("{}[Gy] {} {} Gy".format, st.sampled_from(["Mean", "Max", "Min", "Median"]), OPS, SMALL),
)


def value(claim: Claim, doses: np.ndarray) -> float:
    """The metric of a structure of one cc for each of the sorted `doses`, from the definitions alone."""
    metric, size = claim.metric, len(doses)
    match metric.kind:
        case Kind.VOLUME_AT_DOSE | Kind.CRITICAL_VOLUME:
            volume = (doses >= metric.at).sum() if metric.kind is Kind.VOLUME_AT_DOSE else (doses < metric.at).sum()
            return float(volume) if metric.unit == "cc" else 100.0 * volume / size
        case Kind.DOSE_AT_VOLUME | Kind.DOSE_AT_COLD_VOLUME:
            share = metric.at if metric.at_unit == "cc" else metric.at * size / 100
            place = min(max(int(np.ceil(share)), 1), size)
            return float(doses[-place] if metric.kind is Kind.DOSE_AT_VOLUME else doses[place - 1])
    functions = {Kind.MEAN: np.mean, Kind.MAXIMUM: np.max, Kind.MINIMUM: np.min, Kind.MEDIAN: np.median}
    return float(functions[metric.kind](doses))


def meets(claim: Claim, doses: np.ndarray) -> bool:
    return claim.op.against(claim.limit.value)(value(claim, doses))


@settings(max_examples=1500, deadline=None)
@given(CLAIMS, CLAIMS, st.lists(st.integers(0, 7), min_size=5, max_size=5))
def test_no_distribution_contradicts_what_is_said_to_follow(one: str, other: str, doses: list[int]) -> None:
    first, second = parse_claim(one), parse_claim(other)
    field = np.sort(np.array(doses, dtype=float))
    if implies(first, second):
        assert not meets(first, field) or meets(second, field)
    if excludes(first, second):
        assert not (meets(first, field) and meets(second, field))


@given(CLAIMS, st.integers(0, 3))
def test_stricter_and_implied_agree(text: str, more: int) -> None:
    claim = parse_claim(text)
    other = replace(claim, limit=replace(claim.limit, value=claim.limit.value + more))
    for one, two in ((claim, other), (other, claim)):
        assert one.is_stricter_than(two) == (implies(one, two) and not implies(two, one))
