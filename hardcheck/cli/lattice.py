"""Vertices on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hardcheck.cli.screen import heading, say, table, text
from hardcheck.report.lattice import lattice_text

if TYPE_CHECKING:
    from rich.console import Console

    from hardcheck.evaluation import LatticeResult

MOST_ROWS = 30
"""More vertices are in the report and in the JSON."""


def show_lattices(console: Console, lattices: Sequence[LatticeResult]) -> None:
    """Print the vertices of each target that the protocol asks vertices of."""
    for shown in map(lattice_text, lattices):
        heading(console, f"Vertices in {shown.title}")
        if shown.reason:
            say(console, f"not evaluated: {shown.reason}")
        if shown.lines:
            lines = table("", "Value and interval", "")
            for line in shown.lines:
                lines.add_row(text(line.name), text(line.value), text(line.beside))
            console.print(lines)
        if shown.rows:
            rows = table("Vertex", "Centre x, y, z (mm)", "Volume", "Median dose", "To the surface", "Nearest organ")
            for row in shown.rows[:MOST_ROWS]:
                cells = (row.name, row.centre, row.volume, row.median, row.to_surface, row.organ)
                rows.add_row(*(text(cell) for cell in cells))
            console.print(rows)
        if len(shown.rows) > MOST_ROWS:
            say(console, f"and {len(shown.rows) - MOST_ROWS} more")
