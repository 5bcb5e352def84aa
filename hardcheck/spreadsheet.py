"""Tables as CSV, for spreadsheets. No cell of text can become a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Final

from hardcheck.visible import visible

Cell = str | int | float | None

_FORMULA: Final = tuple(
    "=+-@\t\r\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
)


def csv_text(rows: Sequence[Mapping[str, Cell]]) -> str:
    """The rows as CSV (RFC 4180) under a line of their keys; text is quoted, numbers are not, None is empty."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    if rows:
        writer.writerow(list(rows[0]))
    for row in rows:
        writer.writerow(
            [_safe(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in row.values()]
        )
    return out.getvalue()


def _safe(text: str) -> str:
    """`text` as a cell that a spreadsheet shows and never computes."""
    return visible(f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text)
