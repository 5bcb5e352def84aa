"""What a department chooses of its report. It changes how a report looks, never what was found.

Of the goals' table, structure, outcome, metric and limit, value and interval are always there, of the sections the
goals, the integrity of the plan and the provenance; the verdict and what decided it come first, the statement last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from hardcheck.wording import WORDS, Wording

COLUMNS: Final = ("structure", "outcome", "metric", "value", "interval", "scale", "margin", "tier", "ref")
"""Of the goals' table, in the shipped order. Where tier or ref is left out, it stands below metric and limit."""
COLUMNS_KEPT: Final = ("structure", "outcome", "metric", "value", "interval")

SECTIONS: Final = tuple(WORDS["section"])
"""After the verdict, in the shipped order."""
SECTIONS_KEPT: Final = ("goals", "integrity", "provenance")

PAPERS: Final = ("A4", "Letter")


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture of few bytes; `media_type` is image/png or image/jpeg."""

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Settings:
    """How a department has its reports. `sha256` is of the file that says so, empty where there is none."""

    department: str = ""
    logo: Logo | None = None
    columns: tuple[str, ...] = COLUMNS
    sections: tuple[str, ...] = SECTIONS
    paper: str = "A4"
    wording: Wording = field(default_factory=Wording)
    sha256: str = ""


SHIPPED: Final = Settings()
