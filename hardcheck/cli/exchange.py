"""``hardcheck protocols import`` and ``export``: protocols from and for other programs."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from hardcheck.cli.figure import counted
from hardcheck.cli.output import Output, outputs_of
from hardcheck.cli.status import Status
from hardcheck.errors import UsageError


def import_file(
    path: Path, *, form: str | None, fractions: int | None, levels: Mapping[str, float], output: Path | None
) -> Status:
    """Write the protocol that `path` is in another form; what is not taken over goes to standard error."""
    from hardcheck.exchange import MOST_BYTES, imported

    outputs = outputs_of([output] if output is not None else (), ("yaml", "yml"), {})
    if output is not None and output.exists():
        raise UsageError("is there already", where=f"-o {output}", do="name a new file")
    made = imported(_bytes(path, MOST_BYTES), file=str(path), form=form, fractions=fractions, prescription_gy=levels)
    for each in outputs or (Output("yaml", None),):
        each.write(made.protocol.encode())
    sys.stdout.flush()
    for line in made.left_out:
        click.echo(f"not taken over: {line}", err=True)
    left = f"{counted(len(made.left_out), 'line')} not taken over" if made.left_out else "all of it was taken over"
    click.echo(f"hardcheck: {counted(made.goals, 'goal')}; {left}; nobody has checked the numbers", err=True)
    return Status.DONE


def export_goals(name: str, outputs: Sequence[Output]) -> Status:
    """Write the goals of a protocol as CSV."""
    from hardcheck.exchange import to_csv
    from hardcheck.library import load_protocol

    content = to_csv(load_protocol(name)).encode("utf-8", errors="backslashreplace")
    for output in outputs:
        output.write(content)
    return Status.DONE


def _bytes(path: Path, most: int) -> bytes:
    """The content of a file, or one byte more than `most` of a larger one."""
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the name
        reason = (getattr(error, "strerror", None) or "it cannot be opened").lower()
        raise UsageError(f"the file cannot be read: {reason}", where=str(path), do="name a file") from None
