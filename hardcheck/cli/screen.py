"""Text for a person at a terminal: plain where it is none, and never more than the characters it is made of."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hardcheck.errors import one_line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

PLAIN_WIDTH = 120
"""Columns where the output is no terminal and COLUMNS does not say."""

STYLES = {
    "PASS": "bold green",
    "VARIATION": "bold yellow",
    "REVIEW": "bold magenta",
    "FAIL": "bold red",
    "REFUSED": "bold red",
    "MET": "green",
    "NOT_MET": "red",
    "MARGINAL": "magenta",
    "NOT_EVALUATED": "magenta",
    "STOP": "bold red",
    "WARN": "yellow",
}
"""Colour only repeats what the word says."""


def screen(*, to_stderr: bool = False) -> Console:
    """A console that takes no markup from the text it prints, and no colour where NO_COLOR is set."""
    from rich.console import Console

    stream = sys.stderr if to_stderr else sys.stdout
    is_terminal = stream.isatty()
    width = None if is_terminal or os.environ.get("COLUMNS") else PLAIN_WIDTH
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False, soft_wrap=False)


def text(value: object, style: str = "") -> Text:
    """`value` with control characters made visible, never read as markup."""
    from rich.text import Text

    # A report is typeset with a real minus sign; a terminal may not have one.
    return Text(one_line(str(value)).replace("\N{MINUS SIGN}", "-"), style=style)


def stacked(lines: Sequence[Text]) -> Text:
    """`lines` under one another in one cell."""
    from rich.text import Text

    return Text("\n").join(lines)


def say(console: Console, *parts: Text | str, indent: int = 2) -> None:
    """One paragraph, indented as a whole; text parts are escaped already, others are escaped here."""
    from rich.padding import Padding
    from rich.text import Text

    joined = Text.assemble(*(part if isinstance(part, Text) else text(part) for part in parts))
    console.print(Padding(joined, (0, 0, 0, indent)))


def heading(console: Console, value: str) -> None:
    """A line that what follows stands under."""
    console.print()
    console.print(text(value, "bold"))


def word(value: str) -> Text:
    """An outcome, verdict or severity in its colour."""
    return text(value, STYLES.get(value, ""))


def table(*columns: str, right: tuple[str, ...] = ()) -> Table:
    """An empty table with these headings; those in `right` hold numbers."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for column in columns:
        made.add_column(text(column), justify="right" if column in right else "left", overflow="fold")
    return made
