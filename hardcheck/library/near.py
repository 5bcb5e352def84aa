"""A hint at a name that may have been meant."""

from __future__ import annotations

from collections.abc import Iterable

from hardcheck.spelling import did_you_mean


def near(name: str, known: Iterable[str]) -> str:
    """A hint at the nearest of the known names, or at all of them where they are few."""
    known = list(known)
    if hint := did_you_mean(name, known, most=1):
        return hint
    return f"known are {', '.join(known)}" if known else "there are none"
