"""The metric language: strict to read, canonical to write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.errors import MetricError
from hardcheck.metric import DOSE_KINDS, INDICES, STATISTICS, VOLUME_KINDS, WITHOUT_LEVEL, Kind, Metric
from hardcheck.protocol import Limit, Op, parse_goal


def numbers(smallest: str = "0.000001") -> st.SearchStrategy[float]:
    return st.decimals(smallest, "999999.999999", places=6, allow_nan=False).map(float)


EFFECTS = st.one_of(st.just(("", None)), st.tuples(st.sampled_from(("EQD2", "BED")), numbers()))


@st.composite
def metrics(draw: st.DrawFn) -> Metric:
    kind = draw(st.sampled_from(sorted(Kind)))
    effect, ab = draw(EFFECTS)
    dose_unit = "Gy" if effect else draw(st.sampled_from(("Gy", "%")))
    if kind in VOLUME_KINDS:
        return Metric(kind, draw(st.sampled_from(("%", "cc"))), draw(numbers()), dose_unit, effect, ab)
    if kind in DOSE_KINDS:
        at_unit = draw(st.sampled_from(("cc", "%")))
        at = draw(numbers().filter(lambda v: at_unit == "cc" or v <= 100))
        return Metric(kind, dose_unit, at, at_unit, effect, ab)
    if kind in STATISTICS:
        return Metric(kind, "Gy", None, "", effect, ab)
    if kind is Kind.GEUD:
        return Metric(kind, "Gy", draw(numbers()) * draw(st.sampled_from((1, -1))), "", effect, ab)
    if kind is Kind.D2CM:
        return Metric(kind, draw(st.sampled_from(("Gy", "%"))))
    if kind in INDICES - WITHOUT_LEVEL and draw(st.booleans()):
        return Metric(kind, "", draw(numbers()), draw(st.sampled_from(("Gy", "%"))))
    return Metric(kind, "" if kind in INDICES else "cc")


@given(metrics())
def test_metric_reads_back_as_it_is_written(metric: Metric) -> None:
    assert Metric.parse(str(metric)) == metric
    assert str(Metric.parse(str(metric))) == str(metric)


@given(metrics(), st.sampled_from(sorted(Op)), numbers("0"), st.sampled_from((None, "Lungs", "PTV_HR")), st.booleans())
def test_goal_reads_back_as_it_is_written(metric: Metric, op: Op, value: float, of: str | None, less: bool) -> None:
    of = of if metric.unit == "cc" else None
    limit = Limit(-value if less and of else value, metric.unit, of)
    assert parse_goal(f"{metric} {op} {limit}") == (metric, op, limit)


@given(st.text(max_size=40))
def test_other_text_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(MetricError) as caught:
        Metric.parse(f"?{text}")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("V20Gy[%]", "V20Gy[%]"),
        ("V2000cGy[cc]", "V20Gy[cc]"),
        ("V95%[%]", "V95%[%]"),
        ("CV18Gy[cc]", "CV18Gy[cc]"),
        ("D95.0%[Gy]", "D95%[Gy]"),
        ("D0.03cc[cGy]", "D0.03cc[Gy]"),
        ("DC0.03cc[%]", "DC0.03cc[%]"),
        ("Mean[Gy]", "Mean[Gy]"),
        ("gEUD(a=8)[Gy]", "gEUD(a=8)[Gy]"),
        ("gEUD(a=-10)[Gy]", "gEUD(a=-10)[Gy]"),
        ("D0.03cc EQD2(ab=2)[Gy]", "D0.03cc EQD2(ab=2)[Gy]"),
        ("V30Gy EQD2(ab=3)[%]", "V30Gy EQD2(ab=3)[%]"),
        ("CI_Paddick 3500cGy[]", "CI_Paddick 35Gy[]"),
        ("R50[]", "R50[]"),
        ("R50 35Gy[]", "R50 35Gy[]"),
        ("GI 80%[]", "GI 80%[]"),
        ("D2cm[cGy]", "D2cm[Gy]"),
        ("D2cm[%]", "D2cm[%]"),
    ],
)
def test_canonical_form(written: str, canonical: str) -> None:
    assert str(Metric.parse(written)) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "", "V", "V20Gy", "V20[%]", "V 20Gy[%]", "D 95%[Gy]", "D95 %[Gy]", "D95%", "D50Gy[Gy]", "D50Gy[cc]", "V20cc[%]",
        "V20Gy[Gy]", "D95%[cc]", "D0%[Gy]", "D101%[Gy]", "D0cc[Gy]", "D[Gy]", "DC[Gy]", "mean[Gy]", "Mean", "Mean[cc]",
        "Mean5Gy[Gy]", "Volume[%]", "Volume[Gy]", "gEUD[Gy]", "gEUD(a=0)[Gy]", "gEUD(a=8)5[Gy]", "Mean(a=8)[Gy]",
        "CI_Paddick[Gy]", "CI_Paddick35Gy[]", "CI_Paddick 35[]", "CI_Paddick 0Gy[]", "V1e3Gy[%]", "V-5Gy[%]",
        "V+5Gy[%]", "V٢Gy[%]", "V2,5Gy[%]", "V.5Gy[%]", "V5.Gy[%]", "VnanGy[%]", "VinfGy[%]",
        "V1000000Gy[%]", "V0.0000001Gy[%]",
        "V20Gy[%] ]", "V20-30Gy[%]", "X20Gy[%]", "D2ccm[Gy]", "D0.03cc EQD2[Gy]", "D0.03cc EQD2(ab=0)[Gy]",
        "HI_ICRU 35Gy[]", "PVDR 35Gy[]", "D2cm[]", "D2cm[cc]", "D2cm 35Gy[Gy]", "D3cm[Gy]", "D2cm EQD2(ab=3)[Gy]",
        "CI_RTOG EQD2(ab=3)[]", "Volume EQD2(ab=3)[cc]", "V95% EQD2(ab=3)[%]", "D95% BED(ab=3)[%]",
        "Mean EQD2(ab=3)[%]", "gEUD(a=8) EQD2(ab=3)[%]", "V20Gy[%]\nV30Gy[%]",
    ],
)  # fmt: skip
def test_refused(text: str) -> None:
    with pytest.raises(MetricError):
        Metric.parse(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("D0.03cc[Gy] <= 46", "without a unit"),
        ("D0.03cc[Gy] <= 46 cc", "one in cc"),
        ("D0.03cc[Gy] <= 40-46 Gy", "range"),
        ("D0.03cc[Gy] <= 40 - 46 Gy", "range"),
        ("D0.03cc[Gy] <= 40 Gy to 46 Gy", "range"),
        ("D0.03cc[Gy] <= 40..46 Gy", "range"),
        ("D0.03cc[Gy] = 46 Gy", "not a goal"),
        ("D0.03cc[Gy] =< 46 Gy", "not a goal"),
        ("D0.03cc[Gy] <= -46 Gy", "not a goal"),
        ("D0.03cc[Gy] <= nan Gy", "not a goal"),
        ("D0.03cc[Gy] <= 1e3 Gy", "not a goal"),
        ("40 Gy < D0.03cc[Gy] < 46 Gy", "not a goal"),
        ("V18Gy[%] < Volume(Lungs) - 5 %", "in cc"),
        ("D0.03cc[Gy]", "not a goal"),
        ("CI_RTOG[] <= 1.2 Gy", "plain number"),
        ("max <= 46 Gy", "not a metric"),
    ],
)
def test_goals_refused(text: str, words: str) -> None:
    with pytest.raises(MetricError, match=words):
        parse_goal(text)


def test_centigray_is_exact() -> None:
    metric, _, limit = parse_goal("D0.03cc[cGy] <= 7062 cGy")
    assert (str(metric), limit.value, limit.unit) == ("D0.03cc[Gy]", 70.62, "Gy")


def test_nan_meets_no_goal() -> None:
    for op in Op:
        assert not op.against(46.0)(float("nan"))
        assert not op.against(float("nan"))(46.0)


@pytest.mark.parametrize(
    ("text", "of_level"),
    [
        ("CI_CK[]", True), ("CI_CK 80%[]", True), ("CI_CK 35Gy[]", False), ("HI_ICRU[]", False), ("PVDR[]", False),
        ("D2cm[%]", True), ("D2cm[Gy]", False), ("V20Gy[%]", False), ("V95%[cc]", True),
    ],
)  # fmt: skip
def test_what_a_prescription_level_goes_into(text: str, of_level: bool) -> None:
    assert Metric.parse(text).is_of_level is of_level
