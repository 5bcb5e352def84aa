"""CSV: text stays text, numbers stay numbers."""

from __future__ import annotations

import csv
import io

import pytest

from hardcheck.metric import Metric
from hardcheck.report import csv_text, dvh_document, dvh_rows, evaluation_rows
from tests.report.sample import HOSTILE, StandInDvh, evaluation, everything, missing, result, structure


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_one_row_per_goal_with_unrounded_numbers():
    rows = read(csv_text(evaluation_rows(evaluation(result(value=44.912345678901234), missing(structure="Colon")))))
    assert [row["structure"] for row in rows] == ["Cord", "Colon"]
    assert float(rows[0]["value"]) == 44.912345678901234
    assert float(rows[0]["margin"]) == pytest.approx(46 - 44.912345678901234, abs=1e-12)
    assert (rows[0]["verdict"], rows[0]["outcome"], rows[0]["op"]) == ("PASS", "MET", "<=")
    assert (rows[1]["value"], rows[1]["outcome"], rows[1]["reason"]) == ("", "NOT_EVALUATED", "not contoured")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+cmd", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1"])
def test_text_never_becomes_a_formula(text):
    for row in read(csv_text(evaluation_rows(everything(text)))):
        for cell in row.values():
            assert not cell.lstrip().startswith(("=", "+", "@", "\t", "\r", "\uff1d")), cell
        assert row["roi_name"].startswith("'") or row["roi_name"] == ""


def test_negative_numbers_stay_numbers():
    row = read(csv_text(evaluation_rows(evaluation(result(value=-0.5, low=-1.0)))))[0]
    assert (float(row["value"]), float(row["low"])) == (-0.5, -1.0)


def test_hostile_text_stays_in_its_cell_and_on_its_line():
    for text in HOSTILE:
        content = csv_text(evaluation_rows(everything(text)))
        content.encode("utf-8")
        assert len(content.split("\r\n")) == len(everything(text).results) + 2
        assert {len(row) for row in csv.reader(io.StringIO(content, newline=""))} == {
            len(evaluation_rows(everything())[0])
        }


def test_histograms_give_a_row_for_each_metric():
    dvhs = [StandInDvh(structure()), StandInDvh(structure(8, "=Empty"), reason="empty")]
    document = dvh_document(evaluation().plan, dvhs, [Metric.parse("D95%[Gy]"), Metric.parse("Mean[Gy]")], curve=False)
    rows = read(csv_text(dvh_rows(document)))
    assert [(r["roi_name"], r["metric"], r["value"]) for r in rows] == [
        ("SpinalCord", "D95%[Gy]", "30.0"), ("SpinalCord", "Mean[Gy]", "30.0"), ("'=Empty", "D95%[Gy]", ""),
        ("'=Empty", "Mean[Gy]", ""),
    ]  # fmt: skip
    assert rows[2]["reason"] == "empty"


def test_histograms_without_metrics_give_a_row_each():
    document = dvh_document(evaluation().plan, [StandInDvh(structure())], [], curve=False)
    rows = read(csv_text(dvh_rows(document)))
    assert (len(rows), rows[0]["volume_cc"], rows[0]["metric"]) == (1, "10.0", "")
