"""What a written document holds, each looked at before it is used: nothing in a file is taken on trust.

A file that was written yesterday may have been changed since. What is not as it is written is a NotAsWrittenError.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

Word = TypeVar("Word", bound=StrEnum)

Bounds = tuple[float | None, float | None, float | None]
"""Value, low and high; all None where there is no value."""


class NotAsWrittenError(ValueError):
    """What is wrong, in words that quote nothing of the document."""


def bounds(entry: Mapping[str, Any], what: str) -> Bounds:
    """Value and interval of `entry`, where null is an infinite bound; `what` it is, such as "a goal", for the error."""
    value, low, high = (number(entry[name]) for name in ("value", "low", "high"))
    if value is None:
        if low is not None or high is not None:
            raise NotAsWrittenError(f"{what} has an interval and no value")
        return None, None, None
    low, high = -math.inf if low is None else low, math.inf if high is None else high
    if not low <= value <= high:
        raise NotAsWrittenError("a value lies outside of its interval")
    return value, low, high


def word(kind: type[Word], value: object) -> Word:
    """One of the words of `kind`."""
    try:
        return kind(text(value))
    except ValueError:
        raise NotAsWrittenError(f"{kind.__name__.lower()} is none that there is") from None


def text(value: object) -> str:
    """A text, empty where there is none."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise NotAsWrittenError("a text is none")
    return value


def name(value: object) -> str | None:
    """The name of an ROI, which may be empty; None where there is no ROI."""
    return None if value is None else text(value)


def whole(value: object) -> int | None:
    """The number of an ROI, None where there is no ROI."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise NotAsWrittenError("the number of an ROI is none")
    return value


def number(value: object) -> float | None:
    """A finite number, None where there is none; 1e999 is JSON, and no number that was written."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise NotAsWrittenError("a number is none")
    return float(value)


def known(value: float | None) -> float:
    """A number that has to be there."""
    if value is None:
        raise NotAsWrittenError("a prescription level has no dose")
    return value
