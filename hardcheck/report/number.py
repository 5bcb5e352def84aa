"""Numbers as a reader sees them: as many digits as are sensible, and as many as it takes to stay true.

A value is never rounded onto the other side of its limit: 46.004 against ``<= 46`` is shown as 46.004, not 46.00.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from hardcheck.evaluation.result import Outcome
from hardcheck.metric import decimal_text

if TYPE_CHECKING:
    from hardcheck.evaluation.result import GoalResult
    from hardcheck.protocol import Op
    from hardcheck.quantity import Quantity

DIGITS: Final = {"Gy": 2, "%": 2, "cc": 2, "mm": 1, "": 3}
"""Decimals by unit where no limit asks for more."""

_MOST_DIGITS: Final = 17
MINUS: Final = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Shown:
    """The numbers of one goal as text. `value` and `margin` are empty where there is none."""

    value: str
    interval: str
    limit: str
    """The limit as a number with its unit, empty where it could not be worked out."""
    margin: str
    unit: str


def fixed(value: float, digits: int) -> str:
    """`value` with so many decimals, and no minus sign before a zero."""
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if not text.strip("-0.") else text


def plain(value: float | None, unit: str) -> str:
    """`value` with the digits that are sensible in `unit`, empty where it is None or not finite."""
    if value is None or not math.isfinite(value):
        return ""
    return fixed(value, DIGITS.get(unit, 2)).replace("-", MINUS)


def interval(quantity: Quantity, digits: int | None = None) -> str:
    """The interval in words and numbers, without the unit; empty for a quantity without a value."""
    low, high = quantity.low, quantity.high
    if low is None or high is None:
        return ""
    places = DIGITS.get(quantity.unit, 2) if digits is None else digits
    low_text, high_text = (fixed(b, places).replace("-", MINUS) if math.isfinite(b) else "" for b in (low, high))
    if low_text and high_text:
        return f"{low_text} to {high_text}"
    if low_text:
        return f"{low_text} or more, no upper bound known"
    return f"{high_text} or less, no lower bound known" if high_text else "no bounds known"


def spoken(quantity: Quantity) -> str:
    """Value, interval and unit in one line, or the reason why there is no value."""
    if quantity.value is None:
        return quantity.reason or ""
    unit = f" {quantity.unit}" if quantity.unit else ""
    return f"{plain(quantity.value, quantity.unit)}{unit} ({interval(quantity)})"


@dataclass(frozen=True, slots=True)
class Claimed:
    """What the numbers of one goal are shown from; value and limit in `unit`."""

    quantity: Quantity
    limit: float | None
    unit: str
    op: Op
    outcome: Outcome
    is_computed: bool
    """Whether the limit was computed, as from a volume: then it is rounded, and stands as it is written if not."""


def shown(result: GoalResult) -> Shown:
    """The numbers of `result`, rounded so that they say the same as its outcome."""
    goal = result.goal
    is_computed = goal.limit.volume_of is not None
    return shown_of(Claimed(result.quantity, result.limit, goal.limit.unit, goal.op, result.outcome, is_computed))


def shown_of(result: Claimed) -> Shown:
    """The numbers of a goal, rounded so that they say the same as its outcome."""
    quantity, unit = result.quantity, result.unit
    limit = result.limit if result.limit is not None and math.isfinite(result.limit) else None
    digits = _digits(result, limit)
    limit_text = "" if limit is None else _limit_text(result, limit, digits)
    if quantity.value is None:
        return Shown("", "", _minus(limit_text), "", unit)
    value_text = fixed(quantity.value, digits)
    margin = _margin(value_text, limit_text, result.op) if limit_text else ""
    return Shown(_minus(value_text), interval(quantity, digits), _minus(limit_text), margin, unit)


def margin_of(result: GoalResult) -> float | None:
    """Limit minus value in the good direction, in the unit of the goal; None where either is unknown."""
    value, limit = result.quantity.value, result.limit
    if value is None or limit is None or not math.isfinite(limit):
        return None
    return limit - value if result.goal.op.is_upper else value - limit


def _minus(text: str) -> str:
    return text.replace("-", MINUS)


def _digits(result: Claimed, limit: float | None) -> int:
    """The fewest decimals with which value and bounds stay on the side of the limit that the outcome says."""
    usual = DIGITS.get(result.unit, 2)
    numbers = [n for n in (result.quantity.value, result.quantity.low, result.quantity.high) if n is not None]
    finite = [n for n in numbers if math.isfinite(n)]
    if limit is None or not finite:
        return usual
    wanted = [_holds(result, number, limit) for number in finite]
    return next((d for d in range(usual, _MOST_DIGITS + 1) if _tells(result, finite, limit, d) == wanted), usual)


def _holds(result: Claimed, number: float, limit: float) -> bool:
    """What the shown number must look like. The outcome rules: it may forgive the last bits of a float."""
    if result.outcome in (Outcome.MET, Outcome.NOT_MET):
        return result.outcome is Outcome.MET
    return result.op.against(limit)(number)


def _tells(result: Claimed, numbers: Sequence[float], limit: float, digits: int) -> list[bool]:
    """Whether each number, read off with so many decimals, meets the limit as it is shown."""
    shown_limit = Decimal(_limit_text(result, limit, digits))
    meets = result.op.against(0.0)
    return [meets(float(Decimal(fixed(number, digits)) - shown_limit)) for number in numbers]


def _limit_text(result: Claimed, limit: float, digits: int) -> str:
    """A limit that the protocol states is written as it stands; one that was computed is rounded."""
    return fixed(limit, digits) if result.is_computed else decimal_text(limit)


def _margin(value_text: str, limit_text: str, op: Op) -> str:
    """From the numbers as shown, so that a reader's own subtraction agrees."""
    difference = Decimal(limit_text) - Decimal(value_text)
    signed = difference if op.is_upper else -difference
    if not signed:
        return format(abs(signed), "f")
    return f"{'+' if signed > 0 else MINUS}{abs(signed):f}"
