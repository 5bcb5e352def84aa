"""Writing: the suffix decides, and a file is there whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hardcheck import evaluate, load_protocol
from hardcheck.errors import UsageError
from hardcheck.phantom import box_plan
from hardcheck.report import render
from tests.report.sample import CLOCK, HOSTILE, evaluation, everything, result


@pytest.mark.parametrize("suffix", ["html", "json", "csv", "xml", "HTML"])
def test_the_suffix_decides_and_the_clock_fixes_the_bytes(tmp_path, suffix):
    first, second = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    render(everything(), first, created=CLOCK)
    render(everything(), str(second), created=CLOCK)
    assert first.read_bytes() == second.read_bytes()
    assert len(first.read_bytes()) > 1000
    assert sorted(p.name for p in tmp_path.iterdir()) == [first.name, second.name]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("suffix", ["html", "json", "csv", "xml"])
def test_any_text_can_be_written_as_utf8(tmp_path, suffix, text):
    render(everything(text), tmp_path / f"a.{suffix}")
    assert (tmp_path / f"a.{suffix}").read_bytes().decode("utf-8")


@pytest.mark.parametrize("name", ["a.docx", "a", "html", ".", "a.html.bak"])
def test_another_suffix_is_refused_and_the_possible_ones_named(tmp_path, name):
    with pytest.raises(UsageError, match=r"use \.html, \.pdf, \.json, \.csv, \.xml"):
        render(evaluation(result()), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_failure_while_the_report_is_made_leaves_the_old_one(tmp_path):
    target = tmp_path / "a.html"
    target.write_text("yesterday")
    with pytest.raises(AttributeError):
        render(evaluation(result(), findings=[None]), target)
    assert target.read_text() == "yesterday"
    assert [p.name for p in tmp_path.iterdir()] == ["a.html"]


def test_a_failure_while_writing_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(UsageError, match="cannot be written"):
        render(evaluation(result()), tmp_path / "a.json")
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="cannot be written"):
        render(evaluation(result()), tmp_path / "missing" / "a.json")


def test_without_a_clock_the_time_is_now(tmp_path):
    render(evaluation(result()), tmp_path / "a.html")
    assert "<time datetime=" in (tmp_path / "a.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", ["html", "json", "csv", "xml"])
def test_no_form_of_an_anonymous_report_has_identity(tmp_path, suffix):
    render(everything(), tmp_path / f"a.{suffix}", anonymous=True, created=CLOCK)
    text = (tmp_path / f"a.{suffix}").read_text(encoding="utf-8")
    for secret in ("DOE", "JANE", "ID-4711", "1950", "THIGH", "1.2.826", "a" * 64):
        assert secret not in text, secret


def test_an_anonymous_document_says_so(tmp_path):
    render(everything(), tmp_path / "a.json", anonymous=True)
    document = json.loads((tmp_path / "a.json").read_text())
    assert document["anonymous"] is True
    assert document["plan"]["sop_instance_uid"] is document["plan"]["label"] is document["plan"]["patient_id"] is None
    assert document["provenance"]["inputs"] == [{"sop_instance_uid": None, "sha256": None, "modality": "RTPLAN"}]


def test_a_real_evaluation_can_be_rendered(tmp_path):
    made = evaluate(box_plan(), load_protocol("hard"), levels={"LR": 50.6})
    for suffix in ("html", "json", "csv", "xml"):
        render(made, tmp_path / f"a.{suffix}", created=CLOCK)
    document = json.loads((tmp_path / "a.json").read_text())
    assert document["verdict"] == made.verdict
    assert len(document["goals"]) == len(made.results)
