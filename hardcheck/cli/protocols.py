"""``hardcheck protocols``: look at protocols, and check protocol files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hardcheck import __version__
from hardcheck.cli.figure import counted
from hardcheck.cli.output import Output, json_bytes
from hardcheck.cli.screen import heading, screen, table, text
from hardcheck.cli.status import Status
from hardcheck.errors import UsageError, one_line
from hardcheck.metric import decimal_text

if TYPE_CHECKING:
    from hardcheck.protocol import Difference, Example, Protocol

DIFFERENCE_SCHEMA = "hardcheck.difference/1"


def list_all() -> Status:
    """Print the protocols that are shipped."""
    from hardcheck.library import available

    rows = table("Protocol", "Version", "Numbers", "Title")
    for entry in available():
        rows.add_row(*(text(cell) for cell in (entry.id, entry.version, entry.verification, entry.title)))
    screen().print(rows)
    return Status.DONE


def show(name: str, outputs: Sequence[Output]) -> Status:
    """Print regimens and goals of a protocol, and what its file says about them; or write a page to sign."""
    from hardcheck.library import load_protocol, protocol_table, regimen_table

    protocol = load_protocol(name)
    console = screen()
    if outputs:
        from hardcheck.report.protocol_page import protocol_page

        for output in outputs:
            output.write(protocol_page(protocol, created=datetime.now().astimezone()).encode())
            console.print(text(f"Written: {output.path}"), soft_wrap=True)
        return Status.DONE
    console.print(text(f"{protocol.id} version {protocol.version}: {protocol.title}", "bold"))
    console.print(text(f"Source: {protocol.source}"))
    console.print(text(f"Numbers: {protocol.verification}. SHA-256 of the file: {protocol.sha256}"))
    if protocol.fractionation is not None:
        console.print(text(f"All numbers are {protocol.fractionation}."))
    for change in protocol.checks:
        console.print(text(f"Check of the plan {change}"))
    heading(console, "Regimens")
    regimens = table("Regimen", "Fractions", "Levels", "When", right=("Fractions",))
    for regimen in regimen_table(protocol):
        when = "; ".join(part for part in (regimen.when, regimen.caveat) if part)
        regimens.add_row(*(text(cell) for cell in (regimen.id, regimen.fractions, regimen.levels, when)))
    console.print(regimens)
    heading(console, "Goals")
    goals = table("Structure", "Goal", "Tier", "Regimens", "Remarks")
    for goal in protocol_table(protocol):
        goals.add_row(*(text(cell) for cell in (goal.structure, goal.goal, goal.tier, goal.regimens, goal.remarks)))
    console.print(goals)
    return Status.DONE


def lint_files(paths: Sequence[Path]) -> Status:
    """Print the problems of each file, and of each file in a folder, one line each; WRONG where there is any."""
    from hardcheck.library import lint

    found = {path: lint(path) for named in paths for path in _files(named)}
    for path, problems in found.items():
        for line in map(str, problems) if problems else [one_line(f"{path}: ok")]:
            click.echo(line)
    wrong = [problems for problems in found.values() if problems]
    if wrong:
        total = sum(len(problems) for problems in wrong)
        click.echo(f"hardcheck: {counted(total, 'problem')} in {counted(len(wrong), 'file')}", err=True)
    return Status.WRONG if wrong else Status.DONE


def diff(old: str, new: str, outputs: Sequence[Output]) -> Status:
    """Print what changed from one protocol to another, one line each."""
    from hardcheck.library import load_protocol
    from hardcheck.protocol import differences

    before, after = load_protocol(old), load_protocol(new)
    found = differences(before, after)
    for output in outputs:
        output.write(json_bytes(difference_document(before, after, found)))
    lines = [f"{each.about or 'Protocol'}: {each}" for each in found]
    if not lines:
        same = before.sha256 == after.sha256
        lines = ["no difference" if same else "no difference; the files differ in comments or layout alone"]
    for line in lines:
        click.echo(one_line(line), err=any(output.path is None for output in outputs))
    return Status.DONE


def difference_document(old: Protocol, new: Protocol, found: Sequence[Difference]) -> dict[str, Any]:
    """The differences as plain dicts, lists and text."""
    sides = {"old": old, "new": new}
    return {
        "schema": DIFFERENCE_SCHEMA,
        "version": __version__,
        **{key: {"id": p.id, "version": p.version, "sha256": p.sha256} for key, p in sides.items()},
        "changes": [
            {"structure": d.about or None, "goal": d.goal or None, "change": d.text, "effect": d.effect or None}
            for d in found
        ],
    }


def run_examples(names: Sequence[str]) -> Status:
    """Run the examples of each protocol, print those that fail and how many there were; FAIL where any did."""
    from hardcheck.evaluation import outcome_of
    from hardcheck.library import load_protocol, protocol_path

    paths = [path for name in names for path in (_files(Path(name)) if Path(name).is_dir() else [protocol_path(name)])]
    count = failed = 0
    for path in paths:
        protocol = load_protocol(path)
        goals = {goal.id: goal for goal in protocol.goals}
        if not protocol.examples:
            click.echo(one_line(f"{path}: no examples"))
        for example in protocol.examples:
            goal = goals[example.goal]
            outcome = outcome_of(example, goal)
            count += 1
            if outcome != example.outcome:
                failed += 1
                place = f"{path}:{example.line}:{example.column}"
                said = f"{_value(example, goal.metric.unit)} is {outcome}, where {example.outcome} is expected"
                click.echo(one_line(f"{place}: {goal.id}: {goal}: {said}"))
    passed = "all as expected" if not failed else f"{failed} failed"
    said = f"{counted(count, 'example')} in {counted(len(paths), 'file')}"
    click.echo(f"{said}, {passed}" if count else said)
    return Status.FAIL if failed else Status.DONE


def _value(example: Example, unit: str) -> str:
    """As in ``45.9 (45.2 to 46.3) Gy``."""
    interval = f" ({decimal_text(example.low)} to {decimal_text(example.high)})" if example.low < example.high else ""
    return f"{decimal_text(example.value)}{interval} {unit}".rstrip()


def _files(path: Path) -> list[Path]:
    """`path` itself, or the protocol files in it and below it; UsageError where there are none."""
    if not path.is_dir():
        return [path]
    found = sorted(each for each in path.rglob("*") if each.suffix.lower() in (".yaml", ".yml") and each.is_file())
    if not found:
        raise UsageError("there is no .yaml file in this folder", where=str(path), do="name a protocol file")
    return found


def schema(outputs: Sequence[Output]) -> Status:
    """Write the JSON schema of protocol files."""
    from hardcheck.library import protocol_schema

    for output in outputs:
        output.write(json_bytes(protocol_schema()))
    return Status.DONE
