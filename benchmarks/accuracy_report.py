"""The tables of the accuracy benchmark."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import fmean, median

from benchmarks.plastimatch import NOT_INSTALLED
from benchmarks.reference import METRICS
from benchmarks.results import table
from benchmarks.value import GROUPS, Value

OFF_BARS = {"placed": 1.5, "shifted": 10.0, "bent": 8.0}
"""A1: percent of the values that may be more than 3 % from exact."""
VOLUME_BARS = {"placed": 1.1, "shifted": 1.7, "bent": 2.1}
"""A1: mean volume error in percent."""
HELD_BAR = 99.0
"""I1: percent of the intervals that hold the exact value, of every metric."""
RATIO_BAR = 4.0
"""I2: median half-width over median error, shifted cases."""
NOTHING = 1e-6
"""Half a width over less than this is no ratio."""
AP_BAR = 0.5
"""I2: median half-width in percent of the dose range, AP gradients, 5 cc and more, slices of 2 mm or less."""


def report(values: Sequence[Value], missing: Sequence[str] = ()) -> str:
    """All tables, as Markdown; engines that are `missing` have no values, and the tables say so."""
    engines = list(dict.fromkeys(v.engine for v in values))
    parts = [_accuracy(values, engines, missing)]
    for engine in engines:
        mine = [v for v in values if v.engine == engine]
        parts.append(_by_metric(engine, mine))
        parts.append(_by(engine, "shape", lambda v: v.shape, mine))
        if any(v.low is not None for v in mine):
            parts.append(_intervals(engine, mine))
            parts.append(_bars(engine, mine))
    parts += [f"**{engine}:** {NOT_INSTALLED}" for engine in missing]
    return "\n\n".join(parts)


def _accuracy(values: Sequence[Value], engines: Sequence[str], missing: Sequence[str]) -> str:
    head = ["group", "cases", "values"]
    for engine in (*engines, *missing):
        head += [f"{engine}: off", "mean volume error", "median dose error", "no value"]
    rows = []
    for group in _groups(values):
        one = [v for v in values if v.group == group and v.engine == engines[0]]
        row: list[object] = [group, len({v.case for v in one}), len(one)]
        for engine in engines:
            mine = [v for v in values if v.group == group and v.engine == engine]
            row += [
                _off(mine),
                _percent(_mean(_volume_errors(mine))),
                f"{_median(_dose_errors(mine)):.3f} Gy",
                sum(v.value is None for v in mine),
            ]
        row += [NOT_INSTALLED, "", "", ""] * len(missing)
        rows.append(row)
    return (
        "**Accuracy.** off: more than 3 % from the exact value (or no value), over volume, Dmin, Dmax, Dmean, D99, "
        "D95, D5, D1 and D0.03cc.\n\n" + table(head, rows)
    )


def _by_metric(engine: str, values: Sequence[Value]) -> str:
    return _by(engine, "metric", lambda v: v.metric, values)


def _by(engine: str, what: str, key: Callable[[Value], str], values: Sequence[Value]) -> str:
    groups = _groups(values)
    rows = []
    for name in dict.fromkeys(key(v) for v in values):
        row: list[object] = [name]
        for group in groups:
            mine = [v for v in values if v.group == group and key(v) == name]
            row.append(_off(mine) if mine else "")
        rows.append(row)
    return f"**{engine}: off, by {what}**\n\n" + table([what, *groups], rows)


def _intervals(engine: str, values: Sequence[Value]) -> str:
    groups = _groups(values)
    rows = []
    for name in (*METRICS, "doses", "all"):
        row: list[object] = [name]
        for group in groups:
            mine = [v for v in values if v.group == group and _counts_as(v, name)]
            row.append(_held(mine))
            row.append(_widths(mine) if name != "all" else "")
        rows.append(row)
    head = ["metric"]
    for group in groups:
        head += [f"{group}: held", "half-width / error"]
    return (
        f"**{engine}: the interval.** held: the interval holds the exact value. Then the median half-width over the "
        "median error, volumes in percent, doses in Gy.\n\n" + table(head, rows)
    )


def _counts_as(value: Value, name: str) -> bool:
    return name in {"all", value.metric} or (name == "doses" and value.metric != "Volume")


def _widths(values: Sequence[Value]) -> str:
    width, error = _scaled_widths(values), _scaled_errors(values)
    if not width:
        return "none"
    ratio = f" = {median(width) / median(error):.1f}" if median(error) > NOTHING else ""
    return f"{median(width):.3f} / {median(error):.3f}{ratio}"


def _bars(engine: str, values: Sequence[Value]) -> str:
    """A1, I1 and I2, met or not."""
    rows = []
    for group, bar in OFF_BARS.items():
        mine = [v for v in values if v.group == group]
        if mine:
            rows.append(_bar(f"A1 off, {group}", f"{bar} %", _share(v.off for v in mine), bar))
            rows.append(
                _bar(
                    f"A1 mean volume error, {group}",
                    f"{VOLUME_BARS[group]} %",
                    _mean(_volume_errors(mine)),
                    VOLUME_BARS[group],
                )
            )
    rows += _interval_bars(values)
    return f"**{engine}: the bars**\n\n" + table(["bar", "at most", "measured", ""], rows)


def _interval_bars(values: Sequence[Value]) -> list[list[object]]:
    missed = {
        name: 100 - _share(v.held is True for v in values if v.metric == name and v.held is not None)
        for name in METRICS
        if any(v.metric == name and v.held is not None for v in values)
    }
    bar = 100 - HELD_BAR
    rows = [_bar(f"I1 misses, {name}", f"{bar:g} %", share, bar) for name, share in missed.items()]
    shifted = [v for v in values if v.group == "shifted"]
    for what in ("doses", "Volume"):
        mine = [v for v in shifted if _counts_as(v, what)]
        width, error = _scaled_widths(mine), _scaled_errors(mine)
        if width and median(error) > NOTHING:
            ratio = median(width) / median(error)
            rows.append(_bar(f"I2 half-width / error, shifted, {what}", f"{RATIO_BAR:g}", ratio, RATIO_BAR, ""))
    across = [
        100 * v.half_width / v.range_gy
        for v in values
        if v.half_width is not None
        and v.metric != "Volume"
        and v.field == "linear-AP"
        and v.volume_cc >= 5
        and v.slice_mm <= 2
    ]
    if across:
        rows.append(_bar("I2 half-width, AP, 5 cc, slices to 2 mm", f"{AP_BAR} % of range", median(across), AP_BAR))
    return rows


def _bar(name: str, wanted: str, measured: float, bar: float, unit: str = " %") -> list[object]:
    return [name, wanted, f"{measured:.2f}{unit}", "met" if measured <= bar else "**not met**"]


def _groups(values: Iterable[Value]) -> list[str]:
    there = {v.group for v in values}
    return [group for group in GROUPS if group in there]


def _volume_errors(values: Iterable[Value]) -> list[float]:
    return [100 * abs(v.error) / v.exact for v in values if v.metric == "Volume" and v.error is not None]


def _dose_errors(values: Iterable[Value]) -> list[float]:
    return [abs(v.error) for v in values if v.metric != "Volume" and v.error is not None]


def _scaled_errors(values: Iterable[Value]) -> list[float]:
    return [abs(v.error) * _scale(v) for v in values if v.error is not None]


def _scaled_widths(values: Iterable[Value]) -> list[float]:
    return [v.half_width * _scale(v) for v in values if v.half_width is not None]


def _scale(value: Value) -> float:
    """Volumes in percent of the exact one, doses in Gy."""
    return 100 / value.exact if value.metric == "Volume" else 1.0


def _mean(numbers: Sequence[float]) -> float:
    return fmean(numbers) if numbers else float("nan")


def _median(numbers: Sequence[float]) -> float:
    return median(numbers) if numbers else float("nan")


def _share(answers: Iterable[bool]) -> float:
    return 100 * _mean([float(a) for a in answers])


def _percent(number: float) -> str:
    return f"{number:.2f} %"


def _off(values: Sequence[Value]) -> str:
    return f"{_share(v.off for v in values):.1f} %"


def _held(values: Sequence[Value]) -> str:
    known = [v.held for v in values if v.held is not None]
    return f"{_share(known):.1f} %" if known else "none"
