"""Numbers of other formats, as exact decimal text that a protocol holds."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from hardcheck.errors import MetricError
from hardcheck.metric import number

_PLAIN = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)


def decimal_of(text: str) -> Decimal | None:
    """The number that `text` writes, exactly; None where it is none, or NaN, or endless."""
    if not _PLAIN.fullmatch(text.strip()):
        return None
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        return None


def figure(value: Decimal) -> str:
    """`value` as a protocol writes it; MetricError where it is negative or has too many digits."""
    if not 0 <= value < 1_000_000:
        raise MetricError(f"{value} is not a number from 0 to 1000000", do="see what the source means")
    text = format(abs(value).quantize(Decimal("0.000001")), "f")
    if Decimal(text) != value:
        raise MetricError(f"{value} has more than six decimals", do="see what the source means")
    text = text.rstrip("0").rstrip(".")
    number(text, "")
    return text
