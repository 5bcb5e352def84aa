"""``hardcheck inspect --checks``: the checks of the plan that there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from hardcheck import __version__
from hardcheck.catalogue import CHECKS
from hardcheck.cli.output import Output, json_bytes
from hardcheck.cli.screen import screen, stacked, table, text
from hardcheck.cli.status import Status

SCHEMA = "hardcheck.checks/1"


def list_checks(outputs: Sequence[Output]) -> Status:
    """Print, or write as JSON, every check with its severities, what it looks at, its elements and its reference."""
    made = json_bytes({"schema": SCHEMA, "version": __version__, "checks": [asdict(check) for check in CHECKS]})
    for output in outputs:
        output.write(made)
    if all(output.path is not None for output in outputs):
        rows = table("Check", "Severity", "What it looks at, and when it speaks")
        for column in rows.columns[:2]:
            column.no_wrap = True
        for check in CHECKS:
            after = f"; after {check.reference}" if check.reference else ""
            says = stacked([text(check.says), text(f"reads {check.reads}{after}", "dim")])
            rows.add_row(text(check.id), text(", ".join(check.severities)), says)
        screen().print(rows)
    return Status.DONE
