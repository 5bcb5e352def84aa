"""Tables in Markdown, and the sections of RESULTS.md that the commands own."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

import hardcheck

RESULTS: Final = Path(__file__).with_name("RESULTS.md")
_HEAD: Final = (
    "# Results\n\nWritten by the commands of README.md; each owns the part between its two markers. "
    "The bars are those that the engine is held to.\n"
)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; the columns after the first are to the right."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" + "---:|" * (len(head) - 1)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def machine(*programs: str) -> str:
    """What the numbers were measured with, `programs` among it, without naming the machine."""
    packages = [f"{name} {version(name)}" for name in ("numpy", "pydicom", "dicompyler-core")]
    return (
        f"hardcheck {hardcheck.__version__}, Python {platform.python_version()}, {', '.join([*packages, *programs])}; "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    )


def write_section(name: str, text: str, path: Path = RESULTS) -> None:
    """Put `text` between the markers of section `name`, at the end of the file where there are none yet."""
    first, last = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    whole = path.read_text("utf-8") if path.exists() else _HEAD
    section = f"{first}\n{text.strip()}\n{last}"
    if first in whole and last in whole:
        before, rest = whole.split(first, 1)
        whole = before + section + rest.split(last, 1)[1]
    else:
        whole = f"{whole.rstrip()}\n\n{section}\n"
    path.write_text(whole, "utf-8")
