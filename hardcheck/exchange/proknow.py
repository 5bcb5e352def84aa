"""ProKnow scorecards.

A scorecard template is JSON with a list of `computed` metrics (type, roi_name, arg_1, arg_2) and one of `custom` ones.
The objectives of a metric are bins from the lowest to the highest values; between two neighbours stands a `max` of the
lower one, which belongs to it, or a `min` of the higher one. Doses are in Gy, volumes in cc or percent. The format is
described in the documentation of the ProKnow SDK for Python (github.com/proknow/proknow-python), under "Computed
Metrics" (docs/usage/computed_metrics.rst) and "Scorecard Objectives" (docs/usage/scorecard_objectives.rst).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any, Final

from hardcheck.errors import MetricError, UsageError
from hardcheck.exchange.course import Given, course_of
from hardcheck.exchange.draft import Draft, Imported
from hardcheck.exchange.figure import figure
from hardcheck.exchange.writing import written
from hardcheck.protocol import Tier

_METRICS: Final = {
    "DOSE_VOLUME_PERCENT_ROI": ("D{}%[Gy]", "Gy"),
    "DOSE_VOLUME_CC_ROI": ("D{}cc[Gy]", "Gy"),
    "DOSE_VOLUME_MINUS_CC_ROI": ("DC{}cc[Gy]", "Gy"),
    "VOLUME_CC_DOSE_ROI": ("V{}Gy[cc]", "cc"),
    "VOLUME_PERCENT_DOSE_ROI": ("V{}Gy[%]", "%"),
    "MIN_DOSE_ROI": ("Min[Gy]", "Gy"),
    "MAX_DOSE_ROI": ("Max[Gy]", "Gy"),
    "MEAN_DOSE_ROI": ("Mean[Gy]", "Gy"),
    "VOLUME": ("Volume[cc]", "cc"),
}
"""The metric of each type, `arg_1` in its place, and the unit of its value.

The dose to the total volume but arg_1 cc is the greatest one to the coldest arg_1 cc.
"""

_RANGES: Final = {"VOLUME_CC_DOSE_RANGE_ROI": ("CV{}Gy[cc]", "cc"), "VOLUME_PERCENT_DOSE_RANGE_ROI": ("CV{}Gy[%]", "%")}
"""The volume in a range of dose: from 0 Gy on it is the volume spared of arg_2; others are no metric here."""

_OTHERS: Final = frozenset(
    {
        "INTEGRAL_DOSE_ROI",
        "MAX_DOSE",
        "VOLUME_OF_REGRET",
        "IRRADIATED_VOLUME",
        "CONFORMATION_NUMBER",
        "CONFORMALITY_INDEX",
        "HOMOGENEITY_INDEX",
        "INHOMOGENEITY_INDEX",
        "CUMULATIVE_METERSET",
    }
)

_RANKS: Final = {"PASS": 0, "IDEAL": 0, "GOOD": 1, "ACCEPTABLE": 2, "MARGINAL": 3, "FAIL": 4, "UNACCEPTABLE": 4}
_TIERS: Final = {1: Tier.ADVISORY, 2: Tier.ADVISORY, 3: Tier.RECOMMENDED, 4: Tier.REQUIRED}
"""What it means to fall into a bin of that rank."""

_KEYS: Final = frozenset({"id", "type", "roi_name", "arg_1", "arg_2", "objectives"})
_NOTES: Final = (
    "Imported from a ProKnow scorecard.",
    "Falling into UNACCEPTABLE or FAIL misses a required goal, into MARGINAL a recommended one, else an advisory one.",
    "ProKnow does not say which structures are targets: role is told by the name. Look at each.",
)


def from_proknow(
    text: str,
    *,
    file: str = "scorecard.json",
    fractions: int | None = None,
    prescription_gy: Mapping[str, float] | None = None,
) -> Imported:
    """The ProKnow scorecard in `text` as a protocol.

    A scorecard says neither fractions nor a prescribed dose, so both have to be given; `prescription_gy` is by level.
    Raises UsageError where they are missing, and where `text` is no scorecard or holds nothing that can be taken over.
    """
    title, computed, custom = _scorecard(text, file)
    course = course_of(Given(file, fractions, prescription_gy))
    draft = Draft(file, title, _NOTES, (course,))
    for n, metric in enumerate(computed, 1):
        try:
            _take(draft, metric)
        except MetricError as error:
            draft.leave(f"metric {n} ({_called(metric)})", error.what)
    if custom:
        draft.leave(f"custom metrics ({len(custom)})", "they are not computed from the dose")
    return written(draft)


def _scorecard(text: str, file: str) -> tuple[str, Sequence[Any], Sequence[Any]]:
    """Its name, its computed metrics and its custom ones."""
    try:
        document = json.loads(text, parse_float=_decimal, parse_int=_decimal, parse_constant=_decimal)
    except (ValueError, RecursionError) as error:
        place = f"{file}:{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else file
        raise UsageError("is not JSON", where=place, do="export the scorecard from ProKnow again") from None
    if isinstance(document, list):
        document = {"computed": document}
    computed = document.get("computed") if isinstance(document, dict) else None
    if not isinstance(computed, list):
        do = "name a scorecard template of ProKnow, with its list of computed metrics"
        raise UsageError("is no ProKnow scorecard", where=file, do=do)
    name, custom = document.get("name"), document.get("custom")
    return name if isinstance(name, str) else "", computed, custom if isinstance(custom, list) else ()


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("NaN")


def _called(metric: Any) -> str:
    parts = (metric.get("roi_name"), metric.get("type")) if isinstance(metric, dict) else ()
    return " ".join(part for part in parts if isinstance(part, str)) or "without a name"


def _take(draft: Draft, metric: Any) -> None:
    if not isinstance(metric, dict):
        raise MetricError("it is no metric")
    if more := sorted(key for key, value in metric.items() if key not in _KEYS and value is not None):
        raise MetricError(f"what {', '.join(more)} means to it is not known")
    name = metric.get("roi_name")
    pattern, unit = _metric(metric)
    if not isinstance(name, str) or not name.strip():
        raise MetricError("it names no structure")
    goals = list(_goals(metric.get("objectives")))
    part = draft.part(name)
    for op, limit, tier, note in goals:
        draft.take(part, f"{pattern} {op} {figure(limit)} {unit}", tier, note=note)


def _metric(metric: Mapping[str, Any]) -> tuple[str, str]:
    """The metric in the language of protocols, and the unit of its value."""
    kind = metric.get("type")
    if kind in _OTHERS:
        raise MetricError("hardcheck does not compute it")
    if isinstance(kind, str) and kind in _RANGES:
        if _number(metric, "arg_1") != 0:
            raise MetricError("hardcheck has no volume between two doses above 0")
        pattern, unit = _RANGES[kind]
        return pattern.format(figure(_number(metric, "arg_2"))), unit
    if not isinstance(kind, str) or kind not in _METRICS:
        raise MetricError("its type is not known")
    pattern, unit = _METRICS[kind]
    return pattern.format(figure(_number(metric, "arg_1"))) if "{}" in pattern else pattern, unit


def _number(entry: Mapping[str, Any], key: str) -> Decimal:
    value = entry.get(key)
    if not isinstance(value, Decimal) or not value.is_finite():
        raise MetricError(f"{key} is not a number")
    return value


def _goals(objectives: Any) -> Iterator[tuple[str, Decimal, Tier, str]]:
    """Comparison, limit, tier and a note for each border between two bins."""
    if not isinstance(objectives, list) or len(objectives) < 2 or not all(isinstance(o, dict) for o in objectives):
        raise MetricError("it has no objectives")
    ranks = [_rank(bin_) for bin_ in objectives]
    best = ranks.index(min(ranks))
    if ranks[: best + 1] != sorted(set(ranks[: best + 1]), reverse=True) or ranks[best:] != sorted(set(ranks[best:])):
        raise MetricError("its objectives get neither better nor worse in one direction")
    limits = [_border(*pair) for pair in pairwise(objectives)]
    values = [value for value, _ in limits]
    if any(one >= other for one, other in pairwise(values)):
        raise MetricError("the borders of its objectives do not rise")
    for n, (value, belongs_below) in enumerate(limits):
        rises = n < best
        worse = n if rises else n + 1
        op = {(True, True): ">", (True, False): ">=", (False, True): "<=", (False, False): "<"}[rises, belongs_below]
        yield op, value, _TIERS[ranks[worse]], f"Beyond it the source says {objectives[worse]['label']}."


def _rank(bin_: Mapping[str, Any]) -> int:
    label = bin_.get("label")
    if not isinstance(label, str) or label.strip().upper() not in _RANKS:
        raise MetricError(f"what the objective {str(label)[:40]!r} means is not known")
    return _RANKS[label.strip().upper()]


def _border(lower: Mapping[str, Any], higher: Mapping[str, Any]) -> tuple[Decimal, bool]:
    """The value between two bins, and whether it belongs to the lower one."""
    has_max, has_min = lower.get("max") is not None, higher.get("min") is not None
    if has_max == has_min:
        raise MetricError("between two of its objectives stands no border, or two")
    return (_number(lower, "max"), True) if has_max else (_number(higher, "min"), False)
