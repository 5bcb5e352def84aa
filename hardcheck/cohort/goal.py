"""What the cohort says of one goal."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from statistics import median
from typing import TYPE_CHECKING, Final

from hardcheck.cohort.control import OUTLYING, Limits, individual_limits, robust_z, share_limits
from hardcheck.cohort.margin import WORST_FIRST, Seen, seen_of
from hardcheck.cohort.spread import Bar, Spread, bars_of, spread_of
from hardcheck.store import wilson

if TYPE_CHECKING:
    from hardcheck.store import GoalValue, Proportion

LISTED: Final = 20
"""Plans that the list of an outcome names."""

FEW: Final = 4
"""Plans that the list of a month, a group or a bar names."""

GROUPS: Final = 20
"""Groups of a division that are shown, those with the most plans."""

DIVISIONS: Final[dict[str, Callable[[Seen], str | None]]] = {
    "machine": lambda seen: seen.machine,
    "planner": lambda seen: seen.planner,
    "regimen": lambda seen: seen.regimen,
    "protocol version": lambda seen: seen.protocol_version,
}


@dataclass(frozen=True, slots=True)
class Listed:
    """The first of `count` plans, the worst first."""

    count: int
    first: tuple[Seen, ...]

    @property
    def more(self) -> int:
        """How many are not in the list."""
        return self.count - len(self.first)


@dataclass(frozen=True, slots=True)
class Group:
    """The plans of one machine, planner, regimen or version; `name` is None where a plan does not say it."""

    name: str | None
    met: Proportion
    unmet: Listed


@dataclass(frozen=True, slots=True)
class Division:
    """A goal divided by `by`; `left_out` further groups have fewer plans."""

    by: str
    groups: tuple[Group, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Month:
    """The plans of one month, with control limits where there are enough; `margin` is the median of `margins`."""

    month: str
    met: int
    of: int
    share_limits: Limits | None
    margin: float | None
    margins: int
    margin_limits: Limits | None
    unmet: Listed

    @property
    def signals(self) -> tuple[str, ...]:
        """What is outside of its control limits: ``share``, ``margin``."""
        share = self.share_limits is not None and self.of > 0 and not self.share_limits.holds(self.met / self.of)
        limits, margin = self.margin_limits, self.margin
        off = limits is not None and margin is not None and not limits.holds(margin)
        return (*(("share",) if share else ()), *(("margin",) if off else ()))


@dataclass(frozen=True, slots=True)
class Outlier:
    """A plan whose margin is unlike that of the others of its regimen and limit: robust `z` among `among` plans."""

    seen: Seen
    z: float
    median: float
    among: int

    @property
    def rank(self) -> tuple[bool, float]:
        """To sort by: those that meet their goal first, as nothing else tells of them, then the most unlike."""
        return (self.seen.outcome != "MET", -abs(self.z))


@dataclass(frozen=True, slots=True)
class GoalCohort:
    """All plans of a run that have one goal of a protocol, of all its versions and regimens.

    `met` is of the plans to which it applies; `outcomes` lists the plans of each. Margins are in `unit`. Outliers were
    looked for among `compared` plans: the others have no margin, or too few of their kind beside them.
    """

    protocol_id: str
    goal_id: str
    structure: str
    metric: str
    op: str
    unit: str
    tiers: tuple[str, ...]
    limits: tuple[float, ...]
    met: Proportion
    outcomes: dict[str, Listed]
    margins: Spread | None
    percents: Spread | None
    bars: tuple[tuple[Bar, Listed], ...]
    months: tuple[Month, ...]
    undated: int
    divisions: tuple[Division, ...]
    compared: int
    outliers: tuple[Outlier, ...]
    near_misses: tuple[Seen, ...]


def goal_cohorts(protocol_id: str, goal_id: str, values: Iterable[GoalValue]) -> tuple[GoalCohort, ...]:
    """The goal in its plans; several where versions or regimens mean another structure, metric or unit by its id."""
    apart: dict[tuple[str, str, str, str], list[GoalValue]] = {}
    for value in values:
        apart.setdefault((value.structure, value.metric, value.op, value.unit), []).append(value)
    return tuple(
        _goal_cohort((protocol_id, goal_id, *meant), {value.tier for value in found}, seen_of(found))
        for meant, found in sorted(apart.items())
    )


def _goal_cohort(name: tuple[str, str, str, str, str, str], tiers: set[str], seen: tuple[Seen, ...]) -> GoalCohort:
    applies = [one for one in seen if one.outcome != "NOT_APPLICABLE"]
    known = [one for one in applies if one.margin is not None]
    # A value on the limit of "<" does not meet it.
    zero_is_good = name[4] in ("<=", ">=")
    bars = bars_of([_margin(one) for one in known], zero_is_good=zero_is_good)
    compared, outliers = _outliers(known)
    return GoalCohort(
        *name,
        tiers=tuple(sorted(tiers)),
        limits=tuple(sorted({one.limit for one in seen if one.limit is not None})),
        met=_met(applies),
        outcomes={outcome: listed(one for one in seen if one.outcome == outcome) for outcome in WORST_FIRST},
        margins=spread_of([_margin(one) for one in known]),
        percents=spread_of([one.percent for one in known if one.percent is not None]),
        bars=_in_bars(known, bars, zero_is_good=zero_is_good),
        months=_months(applies),
        undated=sum(one.month is None for one in applies),
        divisions=tuple(_division(by, applies) for by in DIVISIONS),
        compared=compared,
        outliers=outliers,
        near_misses=tuple(sorted((one for one in applies if one.is_near_miss), key=_nearness)),
    )


def _margin(seen: Seen) -> float:
    if seen.margin is None:
        raise ValueError("only plans with a margin come here")
    return seen.margin


def _met(seen: Sequence[Seen]) -> Proportion:
    return wilson(sum(one.outcome == "MET" for one in seen), len(seen))


def listed(seen: Iterable[Seen], most: int = LISTED) -> Listed:
    """The `most` worst of `seen`: by outcome, then the smallest margin, then by path."""
    found = list(seen)
    return Listed(len(found), tuple(nsmallest(most, found, key=_badness)))


def _badness(seen: Seen) -> tuple[int, bool, float, str]:
    at = WORST_FIRST.index(seen.outcome)
    return (at, seen.margin is None, 0.0 if seen.margin is None else seen.margin, seen.path)


def _nearness(seen: Seen) -> tuple[float, str]:
    return (float("inf") if seen.percent is None else abs(seen.percent), seen.path)


def _in_bars(known: Sequence[Seen], bars: Sequence[Bar], *, zero_is_good: bool) -> tuple[tuple[Bar, Listed], ...]:
    lows = [bar.low for bar in bars[1:] if bar.low is not None]
    place = bisect_right if zero_is_good else bisect_left
    inside: list[list[Seen]] = [[] for _ in bars]
    for one in known:
        inside[place(lows, _margin(one))].append(one)
    return tuple((bar, listed(found, FEW)) for bar, found in zip(bars, inside, strict=True))


def _months(applies: Sequence[Seen]) -> tuple[Month, ...]:
    by_month: dict[str, list[Seen]] = {}
    for one in applies:
        if one.month is not None:
            by_month.setdefault(one.month, []).append(one)
    ordered = sorted(by_month.items())
    met = [sum(one.outcome == "MET" for one in found) for _, found in ordered]
    shares = share_limits(met, [len(found) for _, found in ordered])
    margins = [[one.margin for one in found if one.margin is not None] for _, found in ordered]
    middles = [median(found) if found else None for found in margins]
    around = individual_limits([middle for middle in middles if middle is not None])
    return tuple(
        Month(
            month,
            met[at],
            len(found),
            shares[at],
            middles[at],
            len(margins[at]),
            around if middles[at] is not None else None,
            listed((one for one in found if one.outcome != "MET"), FEW),
        )
        for at, (month, found) in enumerate(ordered)
    )


def _division(by: str, applies: Sequence[Seen]) -> Division:
    name_of = DIVISIONS[by]
    groups: dict[str | None, list[Seen]] = {}
    for one in applies:
        groups.setdefault(name_of(one), []).append(one)
    largest = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0] is None, item[0] or ""))
    shown = tuple(
        Group(name, _met(found), listed((one for one in found if one.outcome != "MET"), FEW))
        for name, found in largest[:GROUPS]
    )
    return Division(by, shown, max(len(largest) - GROUPS, 0))


def _outliers(known: Sequence[Seen]) -> tuple[int, tuple[Outlier, ...]]:
    """How many plans were compared, and which are unlike the others of their regimen and limit.

    Of other regimens and limits the margins differ for other reasons.
    """
    strata: dict[tuple[str | None, float | None], list[Seen]] = {}
    for one in known:
        strata.setdefault((one.regimen, one.limit), []).append(one)
    compared, found = 0, []
    for alike in strata.values():
        margins = [_margin(one) for one in alike]
        scores = robust_z(margins)
        if scores is None:
            continue
        compared += len(alike)
        middle = median(margins)
        found += [
            Outlier(one, z, middle, len(alike)) for one, z in zip(alike, scores, strict=True) if abs(z) > OUTLYING
        ]
    return compared, tuple(sorted(found, key=lambda outlier: (*outlier.rank, outlier.seen.path)))
