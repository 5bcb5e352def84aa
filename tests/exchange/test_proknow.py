"""ProKnow scorecards. The expectations are typed from the sample and from the description of the objectives."""

import json

import pytest

from hardcheck.errors import UsageError
from hardcheck.exchange import from_proknow
from tests.exchange.samples import PROKNOW

HR = {"HR": 66.0}


def scorecard(*metrics):
    return json.dumps({"name": "x", "computed": metrics, "custom": []})


def metric(kind="MEAN_DOSE_ROI", roi="Body", objectives=None, **more):
    objectives = objectives or [{"label": "PASS", "max": 37}, {"label": "FAIL"}]
    return {"type": kind, "roi_name": roi, "objectives": objectives, **more}


def made(*metrics):
    return from_proknow(scorecard(*metrics), fractions=22, prescription_gy=HR)


def test_the_sample(goals):
    assert goals(from_proknow(PROKNOW, fractions=22, prescription_gy=HR)) == [
        ("PTV_HR", "D95%[Gy] >= 62.7 Gy", "required"),
        ("PTV_HR", "D95%[Gy] >= 66 Gy", "recommended"),
        ("PTV_HR", "DC0.03cc[Gy] >= 59.4 Gy", "required"),
        ("Femur", "V40Gy[%] <= 50.25 %", "advisory"),
        ("Femur", "V40Gy[%] <= 64 %", "required"),
        ("Skin", "CV18Gy[cc] > 1500 cc", "required"),
        ("PTVx21", "Max[Gy] <= 70.62 Gy", "required"),
    ]


def test_what_the_sample_holds_beyond_that_is_said():
    imported = from_proknow(PROKNOW, fractions=22, prescription_gy=HR)
    assert imported.goals == 7
    assert [line.split(":")[0] for line in imported.left_out] == [
        "metric 4 (Skin VOLUME_PERCENT_DOSE_RANGE_ROI)", "metric 7 (GTV VOLUME)",
        "metric 8 (PTV HR CONFORMATION_NUMBER)", "metric 9 (Femur MEAN_DOSE_ROI)", "metric 10 (Femur MEAN_DOSE_ROI)",
        "metric 11 (Cord DOSE_VOLUME_CC_ROI)", "custom metrics (1)",
    ]  # fmt: skip
    for line in imported.left_out:
        assert f"# - {line}\n" in imported.protocol


def test_what_the_protocol_says_of_itself(read):
    protocol = read(from_proknow(PROKNOW, file="Thigh v2.json", fractions=22, prescription_gy=HR))
    assert (protocol.id, protocol.title, protocol.verification) == ("thigh-v2", "Thigh (imported)", "draft")
    assert protocol.source == "imported from Thigh v2.json, of which nobody has checked the numbers"
    (regimen,) = protocol.regimens
    assert (regimen.id, regimen.fractions, regimen.level("HR").dose_gy) == ("22fx", 22, 66.0)
    roles = {s.name: (s.role, s.level, s.aliases) for s in protocol.structures}
    assert roles["PTV_HR"] == ("target", "HR", ())
    assert roles["PTVx21"] == ("target", "HR", ("PTV!",))
    assert roles["Femur"] == ("organ", "", ())


# The first four are the exercises and examples of "Scorecard Objectives": which bin a value at the border falls into.
@pytest.mark.parametrize(
    ("objectives", "expected"),
    [
        ([("PASS", None, 1), ("FAIL", None, None)], [("<= 1", "required")]),
        ([("PASS", None, None), ("FAIL", 1, None)], [("< 1", "required")]),
        ([("FAIL", None, 1), ("PASS", None, None)], [("> 1", "required")]),
        ([("FAIL", None, None), ("PASS", 1, None)], [(">= 1", "required")]),
        (
            [("IDEAL", None, None), ("GOOD", 20, None), ("ACCEPTABLE", 40, 60), ("MARGINAL", None, 80),
             ("UNACCEPTABLE", None, None)],
            [("< 20", "advisory"), ("< 40", "advisory"), ("<= 60", "recommended"), ("<= 80", "required")],
        ),
        (
            [("UNACCEPTABLE", None, None), ("IDEAL", 8, 29), ("MARGINAL", None, 36), ("UNACCEPTABLE", None, None)],
            [(">= 8", "required"), ("<= 29", "recommended"), ("<= 36", "required")],
        ),
    ],
)  # fmt: skip
def test_a_border_between_two_bins_is_a_goal(goals, objectives, expected):
    bins = [
        {"label": label, **({"min": low} if low else {}), **({"max": high} if high else {})}
        for label, low, high in objectives
    ]
    found = goals(made(metric(objectives=bins)))
    assert found == [("Body", f"Mean[Gy] {limit} Gy", tier) for limit, tier in expected]


@pytest.mark.parametrize(
    ("kind", "arguments", "goal"),
    [
        ("DOSE_VOLUME_PERCENT_ROI", {"arg_1": 2}, "D2%[Gy] <= 37 Gy"),
        ("DOSE_VOLUME_CC_ROI", {"arg_1": 0.03}, "D0.03cc[Gy] <= 37 Gy"),
        ("DOSE_VOLUME_MINUS_CC_ROI", {"arg_1": 700}, "DC700cc[Gy] <= 37 Gy"),
        ("VOLUME_CC_DOSE_ROI", {"arg_1": 18.5}, "V18.5Gy[cc] <= 37 cc"),
        ("VOLUME_PERCENT_DOSE_ROI", {"arg_1": 20}, "V20Gy[%] <= 37 %"),
        ("VOLUME_CC_DOSE_RANGE_ROI", {"arg_1": 0, "arg_2": 18}, "CV18Gy[cc] <= 37 cc"),
        ("VOLUME_PERCENT_DOSE_RANGE_ROI", {"arg_1": 0, "arg_2": 18}, "CV18Gy[%] <= 37 %"),
        ("MIN_DOSE_ROI", {}, "Min[Gy] <= 37 Gy"),
        ("MAX_DOSE_ROI", {}, "Max[Gy] <= 37 Gy"),
        ("MEAN_DOSE_ROI", {}, "Mean[Gy] <= 37 Gy"),
        ("VOLUME", {}, "Volume[cc] <= 37 cc"),
    ],
)
def test_each_type_is_its_metric(goals, kind, arguments, goal):
    assert goals(made(metric(kind, **arguments))) == [("Body", goal, "required")]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (metric("MAX_DOSE"), "does not compute it"),
        (metric("EUD_ROI"), "its type is not known"),
        (metric("VOLUME_PERCENT_DOSE_ROI"), "arg_1 is not a number"),
        (metric("VOLUME_PERCENT_DOSE_ROI", arg_1="20"), "arg_1 is not a number"),
        (metric("VOLUME_PERCENT_DOSE_ROI", arg_1=float("nan")), "arg_1 is not a number"),
        (metric("VOLUME_PERCENT_DOSE_ROI", arg_1=True), "arg_1 is not a number"),
        (metric("VOLUME_PERCENT_DOSE_ROI", arg_1=-5), "is not a number from 0"),
        (metric("VOLUME_PERCENT_DOSE_ROI", arg_1=1e300), "is not a number from 0"),
        (metric("VOLUME_PERCENT_DOSE_ROI", arg_1=1e-9), "more than six decimals"),
        (metric("VOLUME_PERCENT_DOSE_ROI", arg_1=0), "met by every plan, or by none"),
        (metric(roi=" "), "names no structure"),
        (metric(objectives=[{"label": "PASS"}]), "has no objectives"),
        (metric(objectives=[{"label": "PASS"}, {"label": "FAIL"}]), "no border, or two"),
        (metric(objectives=[{"label": "PASS", "max": 3}, {"label": "FAIL", "min": 3}]), "no border, or two"),
        (metric(objectives=[{"label": "PASS", "max": 3}, {"label": "RED"}]), "'RED' means is not known"),
        (metric(objectives=[{"label": "PASS", "max": 3}, {"label": "FAIL", "max": 4}, {"label": "PASS"}]), "direction"),
        (
            metric(objectives=[{"label": "PASS", "max": 3}, {"label": "MARGINAL", "max": 2}, {"label": "FAIL"}]),
            "do not rise",
        ),
        ("=1+1", "it is no metric"),
        (metric(formula="V20*2"), "what formula means to it is not known"),
    ],
)  # fmt: skip
def test_what_is_not_clear_is_listed_and_not_guessed(goals, wrong, why):
    imported = made(metric(), wrong)
    assert goals(imported) == [("Body", "Mean[Gy] <= 37 Gy", "required")]
    assert len(imported.left_out) == 1
    assert why in imported.left_out[0]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("{", {}, "scorecard.json:1:2: is not JSON"),
        ("[" * 100_000, {}, "is not JSON"),
        ("{}", {}, "is no ProKnow scorecard"),
        ("3", {}, "is no ProKnow scorecard"),
        (scorecard(metric()), {"fractions": None}, "does not say the number of fractions; give it, as in --fractions"),
        (scorecard(metric()), {"prescription_gy": None}, "does not say the prescribed dose; give it, as in --level"),
        (scorecard(metric()), {"fractions": 101}, "101 is not a number of fractions"),
        (scorecard(metric()), {"prescription_gy": {"H R": 66.0}}, "'H R' is not the name of a level"),
        (scorecard(metric()), {"prescription_gy": {"HR": float("nan")}}, "is not a number from 0"),
        (scorecard(metric()), {"prescription_gy": {"HR": 0.0}}, "a dose is more than 0 Gy"),
        (scorecard(), {}, "holds no goal that can be taken over"),
        (scorecard(metric("EUD")), {}, "holds no goal that can be taken over: metric 1 (Body EUD): its type is not"),
    ],
)
def test_what_cannot_be_imported_at_all(text, options, message):
    with pytest.raises(UsageError) as caught:
        from_proknow(text, **{"fractions": 22, "prescription_gy": HR, **options})
    assert message in str(caught.value)


def test_a_list_of_metrics_is_a_scorecard_without_a_name(read):
    assert (
        read(from_proknow(json.dumps([metric()]), fractions=5, prescription_gy=HR)).title == "scorecard.json (imported)"
    )
