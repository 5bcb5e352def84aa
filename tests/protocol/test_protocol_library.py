"""The library: finding protocols, loading them, their schema and their table."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from hardcheck.errors import HardcheckError, ProtocolError, UsageError
from hardcheck.evaluation import outcome_of
from hardcheck.files import data_folder
from hardcheck.library import (
    available,
    lint,
    load_protocol,
    protocol_bytes,
    protocol_schema,
    protocol_table,
    regimen_table,
    shipped_bytes,
    stored_protocol,
)

SHIPPED = sorted(data_folder("protocols").rglob("*.yaml"))


def test_what_is_available() -> None:
    entries = {entry.id: entry for entry in available()}
    assert entries["hard"].version == "1"
    assert entries["hard"].verification == "transcribed"
    assert entries["hard"].title.startswith("HARD")
    assert load_protocol(entries["hard"].path) == load_protocol("hard") == load_protocol(str(entries["hard"].path))


@pytest.mark.parametrize("path", SHIPPED, ids=[p.stem for p in SHIPPED])
def test_shipped_files_are_clean_and_named_after_their_id(path: Path) -> None:
    assert lint(path) == []
    assert load_protocol(path).id == path.stem
    assert [p.stem for p in SHIPPED].count(path.stem) == 1


@pytest.mark.parametrize("path", SHIPPED, ids=[p.stem for p in SHIPPED])
def test_a_protocol_whose_bytes_were_kept_is_the_one_that_was_loaded(path: Path) -> None:
    content = protocol_bytes(path)
    protocol = load_protocol(path)
    assert stored_protocol(content, "the store") == protocol
    assert shipped_bytes(protocol.sha256) == content
    changed = stored_protocol(content + b"# ours\n", "the store")
    assert changed.shipped_sha256 == protocol.sha256
    assert shipped_bytes(changed.sha256) is None


def test_kept_bytes_that_are_no_protocol_are_called_by_their_name() -> None:
    with pytest.raises(ProtocolError, match="protocol ab12 of the store"):
        stored_protocol(b"id: [", "protocol ab12 of the store")


@pytest.mark.parametrize("path", SHIPPED, ids=[p.stem for p in SHIPPED])
def test_the_examples_of_shipped_files_come_out_as_they_say(path: Path) -> None:
    protocol = load_protocol(path)
    goals = {goal.id: goal for goal in protocol.goals}
    found = [(e.line, outcome_of(e, goals[e.goal])) for e in protocol.examples]
    assert found == [(e.line, e.outcome) for e in protocol.examples]
    if protocol.id in ("hard", "femur_fracture"):
        assert {e.outcome for e in protocol.examples} == {"MET", "NOT_MET", "MARGINAL"}


def test_the_example_of_the_readme_is_a_protocol(tmp_path: Path) -> None:
    text = (data_folder("protocols") / "README.md").read_text(encoding="utf-8")
    example = text.split("```yaml\n")[1].split("```")[0]
    path = tmp_path / "example.yaml"
    path.write_text(example, encoding="utf-8")
    assert lint(path) == []
    # Ann Surg Oncol 2021;28:2700
    assert [str(g) for g in load_protocol(path).goals] == ["Mean[Gy] < 37 Gy", "V40Gy[%] < 64 %", "Max[Gy] < 59 Gy"]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("hrad", "did you mean 'hard'?"),
        ("zzz", "known are femur_fracture, feng_cyberknife, hard, "),
        ("../sarcoma/hard", "there is no protocol"),
        ("sarcoma/hard", "there is no protocol"),
        ("nowhere.yaml", "nowhere.yaml: the protocol file cannot be read: no such file"),
        ("a\0b.yaml", "cannot be read"),
        ("", "there is no protocol"),
    ],
)
def test_unknown_protocol(spec: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_protocol(spec)
    assert words in str(caught.value)


def test_a_faulty_file_raises_its_first_problem_and_keeps_all(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("id: mine\nversion: '1'\ntitel: x\nverification: draft\nregimens: []\nstructures: []\n")
    with pytest.raises(ProtocolError) as caught:
        load_protocol(path)
    assert str(caught.value) == f"{path}:3:1: unknown key 'titel'; did you mean 'title'?"
    assert caught.value.problems == tuple(lint(path))
    assert [p.line for p in lint(path)] == [3, 1, 5, 6]  # what is missing stands after what it may be


def test_missing_data_folder() -> None:
    with pytest.raises(HardcheckError, match="install"):
        data_folder("nonsense")


def test_schema_is_json_and_forbids_unknown_keys() -> None:
    schema = json.loads(json.dumps(protocol_schema()))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False
    assert all(part["additionalProperties"] is False for part in schema["$defs"].values())


@pytest.mark.parametrize("path", SHIPPED, ids=[p.stem for p in SHIPPED])
def test_shipped_files_hold_to_the_schema_as_an_editor_reads_them(path: Path) -> None:
    schema = protocol_schema()
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert list(violations(document, schema, schema)) == []
    document["structures"][0]["colour"] = "red"
    document["structures"][-1]["serial"] = "yes"
    document["regimens"][0]["levels"]["HR"] = "66"
    assert len(list(violations(document, schema, schema))) == 3


@pytest.mark.parametrize("path", SHIPPED, ids=[p.stem for p in SHIPPED])
def test_an_editor_finds_the_schema_by_the_first_line(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert found is not None
    schema = json.loads((path.parent / found[1]).read_text(encoding="utf-8"))
    assert schema == protocol_schema(), "renew it: hardcheck protocols schema -o protocols/protocol.schema.json"


@pytest.mark.parametrize(
    ("old", "new"), [('version: "1"', "version: 1"), ("{dose_per_fraction: 1.8 to 2.2 Gy}", "{fractions: 25}")]
)
def test_an_editor_accepts_what_hardcheck_reads(tmp_path: Path, old: str, new: str) -> None:
    text = next(p for p in SHIPPED if p.stem == "femur_fracture").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    schema = protocol_schema()
    assert lint(path) == []
    assert list(violations(yaml.safe_load(path.read_text(encoding="utf-8")), schema, schema)) == []


KINDS = {
    "string": [str], "integer": [int], "number": [int, float], "boolean": [bool], "array": [list], "object": [dict],
}  # fmt: skip
ANNOTATIONS = {"$schema", "$id", "$defs", "title", "description", "default"}
INSIDE = {"type", "properties", "patternProperties", "additionalProperties", "items", "$ref"}
RULES: dict[str, Callable[[Any, Any], object]] = {
    "enum": lambda value, wanted: value in wanted,
    "const": lambda value, wanted: value == wanted,
    "pattern": lambda value, wanted: not isinstance(value, str) or re.search(wanted, value),
    "minLength": lambda value, wanted: not isinstance(value, str) or len(value) >= wanted,
    "maxLength": lambda value, wanted: not isinstance(value, str) or len(value) <= wanted,
    "minItems": lambda value, wanted: len(value) >= wanted,
    "maxItems": lambda value, wanted: len(value) <= wanted,
    "minProperties": lambda value, wanted: len(value) >= wanted,
    "minimum": lambda value, wanted: value >= wanted,
    "maximum": lambda value, wanted: value <= wanted,
    "required": lambda value, wanted: set(wanted) <= set(value),
}


def violations(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "$") -> Iterator[str]:
    """Where `value` breaks a JSON Schema; knows the keywords that the schema of protocols uses, and no other."""
    if "$ref" in schema:
        yield from violations(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, at)
    types = schema.get("type", [])
    types = types if isinstance(types, list) else [types]
    if types and type(value) not in [kind for name in types for kind in KINDS[name]]:
        yield f"{at}: not {schema['type']}"
        return
    for keyword in schema.keys() - ANNOTATIONS - INSIDE:
        if not RULES[keyword](value, schema[keyword]):
            yield f"{at}: {keyword}"
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from violations(item, schema.get("items", {}), root, f"{at}[{i}]")
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _violations_of(key, item, schema, root, f"{at}.{key}")


def _violations_of(key: str, item: Any, schema: dict[str, Any], root: dict[str, Any], at: str) -> Iterator[str]:
    named, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    matching = [named[key]] if key in named else [s for p, s in patterns.items() if re.search(p, key)]
    if schema.get("additionalProperties") is False and not matching:
        yield f"{at}: unknown"
    for sub in matching:
        yield from violations(item, sub, root, at)


def test_the_table_has_a_row_for_each_goal() -> None:
    hard = load_protocol("hard")
    rows = {row.id: row for row in protocol_table(hard)}
    assert list(rows) == [goal.id for goal in hard.goals]
    assert rows["lungs-v18-required"].goal == "V18Gy[cc] < Volume(Lungs) - 1500 cc"
    assert rows["lungs-v18-required"].remarks.startswith("tier uncertain; printed: V18Gy < Lungs - 1500 cc")
    assert rows["genitalia-max-20fx-105-advisory"].regimens == "20fx"
    assert "not in the source" in rows["genitalia-max-20fx-105-advisory"].remarks
    assert regimen_table(hard)[0].levels == "HR 66 Gy, IR 55 Gy, LR 44 to 50.6 Gy"
