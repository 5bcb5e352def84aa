"""The catalogue of checks is what the code finds, and docs/checks.md is what the catalogue says."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardcheck.catalogue import BY_ID, CHECKS
from hardcheck.plan import Severity

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "checks.md").read_text("utf-8")

MODULES = [ast.parse(path.read_text("utf-8")) for path in (ROOT / "hardcheck").rglob("*.py")]
FUNCTIONS = [node for module in MODULES for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
COPIES = {"check", "finding.id"}
"""What stands for the id where a finding is made from another one, or for the caller of `unproven`."""


def texts(nodes) -> dict[str, str]:
    """Names that a text is assigned to."""
    found = {}
    for node in nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and isinstance(node.value.value, str):
                found[target.id] = node.value.value
    return found


CONSTANTS = {name: text for module in MODULES for name, text in texts(module.body).items() if name.isupper()}


def made() -> Iterator[tuple[str, set[str]]]:
    """Id and severities of each place in the code where a finding is made."""
    for function in FUNCTIONS:
        known = CONSTANTS | texts(ast.walk(function))
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            maker = ast.unparse(call.func)
            if maker not in ("Finding", "unproven") or ast.unparse(call.args[0]) in COPIES:
                continue
            first = call.args[0]
            name = first.value if isinstance(first, ast.Constant) else known[ast.unparse(first)]
            yield name, {"STOP", "WARN"} if maker == "unproven" else {ast.unparse(call.args[1])[len("Severity.") :]}


def test_the_catalogue_is_what_the_code_can_find():
    found = defaultdict(set)
    for name, severities in made():
        found[name] |= severities
    assert {check.id: set(check.severities) for check in CHECKS} == found


def test_each_is_there_once_gravest_severity_first():
    order = [str(severity) for severity in Severity]
    assert len(BY_ID) == len(CHECKS)
    assert all(list(c.severities) == sorted(c.severities, key=order.index) for c in CHECKS)


@pytest.mark.parametrize("about", ["files", "plan", "structures", "contours"])
def test_the_page_is_what_the_catalogue_says(about):
    """To renew a table: print these lines into it."""
    lines = [
        f"| `{c.id}` | {', '.join(c.severities)} | {c.says} | {c.reads} | {c.reference or 'none'} |"
        for c in CHECKS
        if c.about == about
    ]
    section = re.split(rf"## What the {about} says?\n", PAGE)[1].split("\n## ")[0]
    assert [line for line in section.splitlines() if line.startswith("| `")] == lines


def test_the_page_has_no_other_rows():
    rows = re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE)
    assert rows == [c.id for about in ("files", "plan", "structures", "contours") for c in CHECKS if c.about == about]
