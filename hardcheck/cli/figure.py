"""Numbers as a person reads them."""

from __future__ import annotations

import math


def figure(value: float | None, decimals: int = 2) -> str:
    """`value` with that many decimals; a question mark where it is not known."""
    return "?" if value is None or not math.isfinite(value) else f"{value:.{decimals}f}"


def counted(number: int, noun: str) -> str:
    """``1 goal``, ``2 goals``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
