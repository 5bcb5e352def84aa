"""The JSON documents: the shape that scripts rely on."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from hardcheck import __version__
from hardcheck.dvh import compute_dvh
from hardcheck.metric import Metric
from hardcheck.phantom import box_plan
from hardcheck.quantity import Quantity
from hardcheck.report import dvh_document, evaluation_document, json_text
from tests.report.sample import HOSTILE, PLAN_UID, StandInDvh, evaluation, everything, missing, result, structure


def walk(value):
    yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(item)


def test_the_evaluation_has_the_contract_s_fields():
    document = evaluation_document(everything())
    assert document["schema"] == "hardcheck.evaluation/1"
    assert document["version"] == __version__
    assert document["verdict"] == "FAIL"
    assert document["plan"] == {
        "sop_instance_uid": PLAN_UID,
        "label": "THIGH",
        "patient_id": "ID-4711",
        "fractions": 22,
        "prescription_gy": 66.0,
        "schedule": {
            "name": "HARD",
            "fractions": 22,
            "dose_per_fraction_gy": 3.0,
            "eqd2_gy": pytest.approx(77.0),
            "alpha_beta_gy": 4.0,
            "alpha_beta_of": "tumour",
            "source": "Bryant et al. 2024",
        },
    }
    assert {"id", "version", "regimen", "sha256", "verification"} <= set(document["protocol"])
    for goal in document["goals"]:
        assert list(goal)[:16] == [
            "id", "structure", "roi_number", "roi_name", "metric", "op", "limit", "unit", "tier", "value", "low",
            "high", "outcome", "reason", "caveats", "source",
        ]  # fmt: skip
    for finding in document["integrity"]:
        assert set(finding) == {"id", "severity", "message", "structures", "own_severity"}
    provenance = document["provenance"]
    assert provenance["inputs"][0] == {"sop_instance_uid": PLAN_UID, "sha256": "a" * 64, "modality": "RTPLAN"}
    assert isinstance(provenance["settings"], dict)
    assert isinstance(provenance["engine"], str)


def test_a_goal_is_written_unrounded_in_its_own_unit():
    goal = evaluation_document(evaluation(result(value=44.912345678901234, low=44.6, high=45.32)))["goals"][0]
    assert (goal["metric"], goal["op"], goal["limit"], goal["unit"]) == ("D0.03cc[Gy]", "<=", 46.0, "Gy")
    assert (goal["value"], goal["low"], goal["high"]) == (44.912345678901234, 44.6, 45.32)
    assert (goal["roi_number"], goal["roi_name"], goal["tier"], goal["outcome"]) == (7, "SpinalCord", "required", "MET")
    assert (goal["reason"], goal["caveats"]) == (None, [])


def test_what_is_unknown_or_infinite_is_null_and_never_nan():
    infinite = result(value=40.0, low=-math.inf, high=math.inf)
    document = evaluation_document(evaluation(infinite, missing(), limit_is := result(limit=math.nan)))
    assert limit_is.limit is not None
    first, second, third = document["goals"]
    assert (first["value"], first["low"], first["high"]) == (40.0, None, None)
    assert (second["value"], second["low"], second["high"]) == (None, None, None)
    assert second["reason"] == "not contoured"
    assert third["limit"] is None
    assert document["provenance"]["settings"]["odd"] is None
    assert not [v for v in walk(document) if isinstance(v, float) and not math.isfinite(v)]
    json.dumps(document, allow_nan=False)


def test_json_text_reads_back_whatever_the_texts_are():
    for text in HOSTILE:
        document = evaluation_document(everything(text))
        assert json.loads(json_text(document).encode("ascii")) == document
        assert document["goals"][0]["roi_name"] == text


def test_a_dvh_has_the_contract_s_fields():
    known, unknown = StandInDvh(structure()), StandInDvh(
        structure(8, "Empty"), volume=Quantity.unknown("cc", "empty"), mean_gy=None, minimum_gy=None, maximum_gy=None,
        in_grid_fraction=None, reason="empty: the ROI has no contours",
    )  # fmt: skip
    metrics = [Metric.parse("D95%[Gy]"), Metric.parse("V20Gy[%]")]
    document = dvh_document(evaluation().plan, [known, unknown], metrics, curve=False)
    assert document["schema"] == "hardcheck.dvh/1"
    first, second = document["structures"]
    assert first["volume_cc"] == {"value": 10.0, "low": 9.5, "high": 10.5}
    expected = {"roi_number": 7, "roi_name": "SpinalCord", "mean_gy": 20.0, "min_gy": 1.0, "max_gy": 40.0}
    assert (expected | {"in_grid_fraction": 1.0, "caveats": []}).items() <= first.items()
    assert list(first["metrics"]) == ["D95%[Gy]", "V20Gy[%]"]
    assert {"value": 30.0, "low": 29.0, "high": None, "unit": "Gy"}.items() <= first["metrics"]["D95%[Gy]"].items()
    assert "curve" not in first
    assert second["volume_cc"] == {"value": None, "low": None, "high": None}
    assert second["metrics"]["D95%[Gy]"]["value"] is None
    assert second["metrics"]["D95%[Gy]"]["reason"] == "empty: the ROI has no contours"
    json.dumps(document, allow_nan=False)


def test_the_curve_comes_when_it_is_asked_for():
    document = dvh_document(evaluation().plan, [StandInDvh(structure(), mean_gy=np.nan)], [], curve=True)
    assert document["structures"][0]["curve"] == {"dose_gy": [0.0, 20.0, 40.0], "volume_cc": [10.0, 5.0, 0.0]}
    assert document["structures"][0]["mean_gy"] is None
    json.dumps(document, allow_nan=False)


@pytest.mark.parametrize("curve", [True, False])
def test_real_histograms_make_the_same_document(curve):
    plan = box_plan()
    dvh = compute_dvh(plan, "GTV")
    document = dvh_document(plan, [dvh], [Metric.parse("D50%[Gy]")], curve=curve)
    gtv = document["structures"][0]
    assert gtv["roi_name"] == "GTV"
    assert gtv["volume_cc"]["low"] <= 1.728 <= gtv["volume_cc"]["high"]  # a box of 12 mm
    assert json.loads(json_text(document)) == document
