"""docs/checks.md lists the integrity checks that there are: no more, no fewer, each with the severities it can have."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from hardcheck.plan import Severity

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "checks.md").read_text("utf-8")
LISTED = re.findall(r"^\| `([a-z-]+)` \| ([A-Z, ]+) \|", PAGE, re.MULTILINE)

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


def test_the_page_lists_the_checks_that_there_are_with_their_severities():
    wanted = defaultdict(set)
    for name, severities in made():
        wanted[name] |= severities
    assert {name: set(said.split(", ")) for name, said in LISTED} == wanted


def test_each_is_listed_once_gravest_severity_first():
    order = [str(severity) for severity in Severity]
    assert len(dict(LISTED)) == len(LISTED) == len(re.findall(r"^\| `", PAGE, re.MULTILINE))
    assert all(said.split(", ") == sorted(said.split(", "), key=order.index) for _, said in LISTED)
