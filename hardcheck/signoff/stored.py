"""An evaluation that was written as JSON, read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

from hardcheck.errors import UsageError
from hardcheck.report import json_text
from hardcheck.report.document import EVALUATION_SCHEMA
from hardcheck.report.file import write_whole

Document = dict[str, Any]

LARGEST_BYTES: Final = 64 << 20
"""Evaluations take some 0.1 MB."""

_DO: Final = "name a file that 'hardcheck check --json FILE' wrote"


def read_evaluation(path: Path) -> Document:
    """The document in the file `path`; UsageError, which quotes nothing of it, where it is no evaluation."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot be read ({error.strerror})", where=str(path), do=_DO) from None
    if len(data) > LARGEST_BYTES:
        raise UsageError(f"is larger than {LARGEST_BYTES >> 20} MB", where=str(path), do=_DO)
    try:
        document = json.loads(data.decode("utf-8"), object_pairs_hook=_each_key_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise UsageError("is no JSON that could be an evaluation", where=str(path), do=_DO) from None
    if problem := _problem(document):
        raise UsageError(f"is no evaluation: {problem}", where=str(path), do=_DO)
    return dict(document)


def write_evaluation(path: Path, document: Mapping[str, Any]) -> None:
    """Put `document` at `path`, whole or not at all."""
    write_whole(path, json_text(document).encode("utf-8"))


def _each_key_once(pairs: list[tuple[str, Any]]) -> Document:
    """Of a key that is there twice, one reader would take the first and another the last."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


def _problem(document: object) -> str | None:
    """What is wrong with the shape of a document, as far as this package relies on it; None where nothing is."""
    if not isinstance(document, dict) or document.get("schema") != EVALUATION_SCHEMA:
        return f"it does not say that it is {EVALUATION_SCHEMA}"
    for name, kind in (("plan", dict), ("protocol", dict), ("provenance", dict), ("goals", list), ("integrity", list)):
        if not isinstance(document.get(name), kind):
            return f"{name} is not there"
    parts = {
        "goals": document["goals"],
        "integrity": document["integrity"],
        "accepted": document.get("accepted", []),
        "provenance.inputs": document["provenance"].get("inputs"),
    }
    for name, items in parts.items():
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            return f"{name} is not as it is written"
    settings = document["provenance"].get("settings")
    if not isinstance(settings, dict):
        return "provenance.settings is not there"
    if not all(isinstance(item.get("id"), str) for name in ("goals", "integrity", "accepted") for item in parts[name]):
        return "a goal, finding or acceptance has no id"
    if not all({"roi_number", "roi_name", "outcome"} <= goal.keys() for goal in parts["goals"]):
        return "a goal does not say of which ROI it is, or how it came out"
    if not all(isinstance(f.get("message"), str) and _are_texts(f.get("structures")) for f in parts["integrity"]):
        return "a finding does not say what was found"
    return None


def _are_texts(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)
