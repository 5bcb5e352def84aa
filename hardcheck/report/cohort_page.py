"""The cohort report: the plans of an audit as one HTML file that loads nothing.

Each number of plans opens the list of them, the worst first, and each plan has the command that makes its own report.
Lists are cut, saying so; the tables that ``-o FOLDER/`` writes are not.
"""

from __future__ import annotations

import math
import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from hardcheck import STATEMENT, __version__
from hardcheck.cohort.control import FEWEST_EXPECTED, FEWEST_POINTS, FEWEST_VALUES, OUTLYING, USUAL_POINTS
from hardcheck.cohort.goal import FEW, GROUPS, LISTED
from hardcheck.cohort.margin import NEAR_PERCENT
from hardcheck.evaluation.result import Outcome
from hardcheck.metric import decimal_text
from hardcheck.protocol import Op
from hardcheck.quantity import Quantity
from hardcheck.report.cohort_chart import (
    BandChart,
    BarChart,
    TrendChart,
    band_chart,
    margin_chart,
    share_chart,
    trend_of_margins,
)
from hardcheck.report.number import DIGITS, MINUS, Claimed, Shown, fixed, shown_of
from hardcheck.report.page_header import LONGEST, edges, short
from hardcheck.report.row import WORDS
from hardcheck.report.template import environment, policy, style_sheet

if TYPE_CHECKING:
    from hardcheck.cohort import Bar, Cohort, Division, GoalCohort, Group, Limits, Listed, Month, Outlier, Seen
    from hardcheck.cohort.cohort import Population
    from hardcheck.store import Bin, Proportion, StoredCheck, StoredPlan

OF_BIN: Final = 200
"""Plans of each bin that are in the list for sure; those that a list of the page names are there beside them."""

LOOKED_AT: Final = 15
"""Rows of each table of what to look at first."""

_MOST_DIGITS: Final = 12

ICONS: Final = {"passed": "PASS", "variation": "VARIATION", "failed": "FAIL", "review": "REVIEW"}
"""The sign of each bin with a verdict."""

NO_ICON: Final = "NOT_EVALUATED"
"""Of the other bins."""

LOOKED_AT_FIRST: Final = ("failed", "review", "unreadable", "unlinked", "no protocol")
"""Bins whose plans a person looks at before anything else, as the command line says it."""

NAMED: Final = 5
"""Checks, and goals of each outcome, that the row of a plan names."""

DECIDING: Final = ("STOP", "FAIL")
"""Severities of checks that decide the verdict of a plan."""

BIN_WORDS: Final = {
    "passed": "required and recommended goals that were evaluated are met",
    "variation": "recommended goals are not met",
    "failed": "does not meet the protocol",
    "review": "a person must decide",
    "unreadable": "damaged, or its evaluation did not end: nothing is known of it",
    "unlinked": "structures or dose are missing, or contradict each other",
    "duplicate": "one more copy of a plan that is counted",
    "no protocol": "none fits, or several do",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """A plan in a list: its number, and what the list says of it."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class PlanList:
    """`count` plans, of which `first` are named."""

    count: int
    first: tuple[Reference, ...]

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.count - len(self.first)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of plans as text, and where it and its interval lie from 0 to 1; empty and None for no plans."""

    share: str
    interval: str
    count: str
    low: float | None
    at: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group of a division."""

    name: str
    rate: Rate
    unmet: PlanList


@dataclass(frozen=True, slots=True)
class DivisionTable:
    """A goal divided."""

    by: str
    rows: tuple[GroupRow, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month in the table below the charts."""

    month: str
    count: str
    share: str
    share_limits: str
    margin: str
    margin_limits: str
    signals: str
    unmet: PlanList


@dataclass(frozen=True, slots=True)
class WatchRow:
    """A plan to look at, for one goal."""

    plan: Reference
    name: str
    goal: str
    text: str
    tier: str
    shown: Shown
    outcome: str
    word: str
    why: str


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check, and the plans in which it found something, each with what it said."""

    check_id: str
    severity: str
    plans: PlanList


@dataclass(frozen=True, slots=True)
class Head:
    """What the page is of. `archive` is empty without identity."""

    archive: str
    run: str
    protocols: str
    evaluated: str


@dataclass(frozen=True, slots=True)
class MonthWatch:
    """A month outside of its control limits."""

    goal: str
    text: str
    row: MonthRow


@dataclass(frozen=True, slots=True)
class GoalSection:
    """One goal. `id` is of its place on the page."""

    id: str
    structure: str
    text: str
    limits: str
    protocol: str
    tier: str
    rate: Rate
    outcomes: tuple[tuple[str, str, PlanList], ...]
    margins: tuple[tuple[str, str, str], ...]
    """What, in the unit, in percent of the limit."""
    margin_chart: BarChart | None
    bars: tuple[tuple[str, PlanList], ...]
    share_chart: TrendChart | None
    trend: TrendChart | None
    months: tuple[MonthRow, ...]
    said_of_trend: str
    divisions: tuple[DivisionTable, ...]
    outliers: tuple[WatchRow, ...]
    outliers_count: int
    compared: int
    near_misses: tuple[WatchRow, ...]
    near_misses_count: int
    unit: str


@dataclass(frozen=True, slots=True)
class PopulationFigure:
    """The DVHs of a structure."""

    structure: str
    protocol: str
    said: str
    chart: BandChart
    heads: tuple[str, ...]
    numbers: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One plan. `command` makes its own report; empty where it has no evaluation."""

    number: int
    name: str
    patient_id: str
    path: str
    facts: str
    protocol: str
    said: str
    command: str


@dataclass(frozen=True, slots=True)
class BinRows:
    """The plans of one bin that are listed."""

    bin: str
    id: str
    icon: str
    words: str
    count: int
    rows: tuple[PlanRow, ...]


def cohort_page(cohort: Cohort) -> str:
    """The page. Equal content of the store gives equal text, but for number and dates of the run."""
    made = _Page(cohort)
    head = _head(cohort)
    page_edges = edges(
        {
            "top-left": short(head.archive or "without identity"),
            "top-center": short(head.run),
            "bottom-left": short(f"hardcheck {head.evaluated} · {head.protocols}", 2 * LONGEST),
        }
    )
    checks = made.checks()
    goals = [made.goal(at, goal) for at, goal in enumerate(cohort.goals, 1)]
    outliers, near_misses, months = made.outliers(), made.near_misses(), made.months(goals)
    bins = made.bins()
    style = style_sheet("report", "report.css") + style_sheet("cohort", "cohort.css")
    return environment("cohort", "report").get_template("cohort.html").render(
        account=[(name, bins_id(name), ICONS.get(name, NO_ICON), n) for name, n in cohort.account.counts.items()],
        anonymous=cohort.anonymous,
        attention=[
            (name, bins_id(name), ICONS.get(name, NO_ICON), n)
            for name, n in sorted(cohort.account.counts.items(), key=_place)
            if n and name in LOOKED_AT_FIRST
        ],
        bin_rows=OF_BIN,
        bin_words=BIN_WORDS,
        bins=bins,
        checks=checks,
        closes=cohort.account.closes,
        export=f"hardcheck report {made.store} -o FOLDER/",
        fewest={"points": FEWEST_POINTS, "usual": USUAL_POINTS, "expected": FEWEST_EXPECTED, "alike": FEWEST_VALUES},
        few=FEW,
        found=cohort.account.found,
        goals=goals,
        groups=GROUPS,
        head=head,
        listed=LISTED,
        months=months,
        near_misses=near_misses,
        near_misses_count=sum(len(goal.near_misses) for goal in cohort.goals),
        near_percent=f"{NEAR_PERCENT:g}",
        outliers=outliers,
        outliers_count=sum(len(goal.outliers) for goal in cohort.goals),
        outlying=f"{OUTLYING:g}",
        page_edges=page_edges,
        policy=policy(style, page_edges),
        populations=[_population(one) for one in cohort.populations],
        statement=STATEMENT,
        style=style,
        version=__version__,
    )  # fmt: skip


def bins_id(which: str) -> str:
    """The place of a bin on the page."""
    return f"bin-{which.replace(' ', '-')}"


def _place(item: tuple[str, int]) -> int:
    return LOOKED_AT_FIRST.index(item[0]) if item[0] in LOOKED_AT_FIRST else len(LOOKED_AT_FIRST)


def _head(cohort: Cohort) -> Head:
    run = cohort.run
    ended = "" if run.finished else ", not finished"
    protocols = sorted({f"{p.protocol_id} {p.protocol_version}" for p in cohort.plans if p.protocol_id is not None})
    versions = sorted({plan.version for plan in cohort.plans if plan.version is not None})
    return Head(
        "" if cohort.anonymous else run.archive,
        f"Run {run.number}, begun {run.started}{ended}",
        ", ".join(protocols) or "no protocol was used",
        ", ".join(versions) or __version__,
    )


class _Page:
    """Turns the cohort into texts, and keeps which plans they name."""

    def __init__(self, cohort: Cohort) -> None:
        self._cohort = cohort
        self._number = {plan.path: number for number, plan in enumerate(cohort.plans, 1)}
        self._named: set[int] = set()
        # A label may say who somebody is.
        self._label = {} if cohort.anonymous else {plan.path: plan.label or "" for plan in cohort.plans}
        self._deciding: dict[str, dict[str, list[str]]] = {}
        for check in cohort.checks:
            for path in check.messages if check.severity in DECIDING else ():
                self._deciding.setdefault(path, {}).setdefault(check.severity, []).append(check.check_id)
        # Its path may say who somebody is.
        self.store = "STORE" if cohort.anonymous else shlex.quote(cohort.store)

    def reference(self, path: str, text: str) -> Reference:
        number = self._number[path]
        self._named.add(number)
        return Reference(number, text)

    def listed(self, found: Listed, unit: str, *, mixed: bool = False) -> PlanList:
        """`mixed` where the outcomes in the list are not the same."""
        first = []
        for seen in found.first:
            word = f"{WORDS[Outcome(seen.outcome)]}, " if mixed else ""
            first.append(self.reference(seen.path, f"{word}{_said_of(seen, unit)}"))
        return PlanList(found.count, tuple(first))

    def checks(self) -> tuple[CheckRow, ...]:
        """What the checks found, and in which plans."""
        return tuple(self._check(check) for check in self._cohort.checks)

    def _check(self, check: StoredCheck) -> CheckRow:
        worst = sorted(check.messages, key=self._number.__getitem__)[:LISTED]
        first = tuple(self.reference(path, check.messages[path]) for path in worst)
        return CheckRow(check.check_id, check.severity, PlanList(len(check.messages), first))

    def goal(self, at: int, goal: GoalCohort) -> GoalSection:
        unit = goal.unit
        titles = [f"{_bar_text(bar, unit)}: {_counted(bar.count)}" for bar, _ in goal.bars]
        months = [self._month(month, unit) for month in goal.months]
        said = [
            f"{row.month}: {row.count} met{f', median margin {row.margin}' if row.margin else ''}" for row in months
        ]
        name = f"g{at}"
        return GoalSection(
            name,
            goal.structure,
            f"{goal.metric} {_sign(goal.op)} {_limits_text(goal)}".strip(),
            _limits_text(goal),
            goal.protocol_id,
            ", ".join(goal.tiers),
            rate_of(goal.met),
            tuple((o, WORDS[Outcome(o)], self.listed(found, unit)) for o, found in goal.outcomes.items()),
            _margin_rows(goal),
            margin_chart([bar for bar, _ in goal.bars], titles) if goal.bars else None,
            tuple((_bar_text(bar, unit), self.listed(found, unit)) for bar, found in goal.bars if bar.count),
            share_chart(goal.months, said) if goal.months else None,
            trend_of_margins(goal.months, said),
            tuple(months),
            _said_of_trend(goal),
            tuple(self._division(division, unit) for division in goal.divisions),
            tuple(self._outlier(name, goal, found) for found in goal.outliers[:LISTED]),
            len(goal.outliers),
            goal.compared,
            tuple(self._near_miss(name, goal, found) for found in goal.near_misses[:LISTED]),
            len(goal.near_misses),
            unit,
        )

    def _month(self, month: Month, unit: str) -> MonthRow:
        words = {"share": "share met", "margin": "median margin"}
        return MonthRow(
            month.month,
            f"{month.met} of {month.of}",
            percent(month.met / month.of),
            "" if month.share_limits is None else _share_limits(month.share_limits),
            "" if month.margin is None else margin_text(month.margin, unit),
            "" if month.margin_limits is None else _limit_pair(month.margin_limits, unit),
            " and ".join(words[name] for name in month.signals),
            self.listed(month.unmet, unit, mixed=True),
        )

    def _division(self, division: Division, unit: str) -> DivisionTable:
        return DivisionTable(
            division.by, tuple(self._group(group, unit) for group in division.groups), division.left_out
        )

    def _group(self, group: Group, unit: str) -> GroupRow:
        return GroupRow(group.name or "not said", rate_of(group.met), self.listed(group.unmet, unit, mixed=True))

    def outliers(self) -> tuple[WatchRow, ...]:
        """Of all goals those that are met and the most unlike, a line of each plan before the second of any."""
        found = [(one, at, goal) for at, goal in enumerate(self._cohort.goals, 1) for one in goal.outliers]
        found.sort(key=lambda item: (*item[0].rank, item[1], item[0].seen.path))
        first = {one.seen.path: at for at, (one, _, _) in reversed(list(enumerate(found)))}
        lines = [item for at, item in enumerate(found) if first[item[0].seen.path] == at]
        lines += [item for at, item in enumerate(found) if first[item[0].seen.path] != at]
        return tuple(self._outlier(f"g{at}", goal, one) for one, at, goal in lines[:LOOKED_AT])

    def near_misses(self) -> tuple[WatchRow, ...]:
        """The nearest of all goals."""
        found = [(one, at, goal) for at, goal in enumerate(self._cohort.goals, 1) for one in goal.near_misses]
        found.sort(key=lambda item: (_far(item[0]), item[1], item[0].path))
        return tuple(self._near_miss(f"g{at}", goal, one) for one, at, goal in found[:LOOKED_AT])

    def months(self, goals: Sequence[GoalSection]) -> tuple[MonthWatch, ...]:
        """The months outside of control limits."""
        return tuple(
            MonthWatch(goal.id, f"{goal.structure} {goal.text}", row)
            for goal in goals
            for row in goal.months
            if row.signals
        )

    def _outlier(self, name: str, goal: GoalCohort, one: Outlier) -> WatchRow:
        side = "worse" if one.z < 0 else "better"
        why = (
            f"{side} than the others: z {_signed(one.z, 1)}; their median margin is "
            f"{margin_text(one.median, goal.unit)} ({one.among} plans)"
        )
        return self._watch(name, goal, one.seen, why)

    def _near_miss(self, name: str, goal: GoalCohort, seen: Seen) -> WatchRow:
        share = "" if seen.percent is None else f"margin {_signed(seen.percent, 2)} % of the limit"
        inside = "the limit is inside the interval" if seen.holds_limit else ""
        return self._watch(name, goal, seen, "; ".join(part for part in (inside, share) if part))

    def _watch(self, name: str, goal: GoalCohort, seen: Seen, why: str) -> WatchRow:
        text = f"{goal.structure} {goal.metric}"
        outcome = Outcome(seen.outcome)
        return WatchRow(
            self.reference(seen.path, ""),
            self._label.get(seen.path, ""),
            name,
            text,
            ", ".join(goal.tiers),
            _shown(goal, seen, outcome),
            seen.outcome,
            WORDS[outcome],
            why,
        )

    def bins(self) -> tuple[BinRows, ...]:
        """The plans, after all that names some of them was made."""
        rows: dict[Bin, list[PlanRow]] = {plan.bin: [] for plan in self._cohort.plans}
        rows |= {each: rows.get(each, []) for each in self._cohort.account.counts}
        for number, plan in enumerate(self._cohort.plans, 1):
            if len(rows[plan.bin]) < OF_BIN or number in self._named:
                rows[plan.bin].append(self._plan(number, plan))
        counts = self._cohort.account.counts
        return tuple(
            BinRows(str(each), bins_id(each), ICONS.get(each, NO_ICON), BIN_WORDS[each], counts[each], tuple(listed))
            for each, listed in rows.items()
        )

    def _plan(self, number: int, plan: StoredPlan) -> PlanRow:
        evaluated = plan.protocol_id is not None
        no_reason = "reason not kept without identity" if self._cohort.anonymous else "no reason given"
        known_by = shlex.quote(plan.sop_instance_uid or plan.path)
        facts = (("machine", plan.machine), ("planner", plan.planner), ("date", plan.date))
        return PlanRow(
            number,
            plan.label or "",
            plan.patient_id or "",
            plan.path,
            ", ".join(f"{name} {value}" for name, value in facts if value),
            f"{plan.protocol_id} {plan.protocol_version}, regimen {plan.regimen or 'none'}"
            if evaluated
            else "no protocol was used",
            self._found_in(plan) if evaluated else plan.reason or no_reason,
            f"hardcheck report {self.store} --run {self._cohort.run.number} --plan {known_by} -o plan.html"
            if evaluated
            else "",
        )

    def _found_in(self, plan: StoredPlan) -> str:
        """The checks and goals that made the verdict; never that nothing did where the plan has not passed."""
        checks = self._deciding.get(plan.path, {})
        said = [f"{severity}: {_capped(checks[severity])}" for severity in DECIDING if severity in checks]
        for outcome, names in plan.open_goals.items():
            word = "for a person to judge" if outcome == "REVIEW" else WORDS[Outcome(outcome)]
            if names:
                said.append(f"{len(names)} goal{'' if len(names) == 1 else 's'} {word}: {_capped(names)}")
        if said:
            return "; ".join(said)
        return "0 goals not met" if plan.bin == "passed" else "its own report says why"


def _capped(names: Sequence[str]) -> str:
    """The first of them, each once with how often it is there, and how many more there are."""
    counted = [name if n == 1 else f"{name} ({n} times)" for name, n in Counter(names).items()]
    more = f" and {len(counted) - NAMED} more" if len(counted) > NAMED else ""
    return f"{', '.join(counted[:NAMED])}{more}"


def _said_of(seen: Seen, unit: str) -> str:
    """The margin of a plan, or why the goal was not evaluated."""
    if seen.outcome == "NOT_EVALUATED" and seen.reason:
        return seen.reason
    return "no value" if seen.margin is None else margin_text(seen.margin, unit)


def _far(seen: Seen) -> float:
    return float("inf") if seen.percent is None else abs(seen.percent)


def _shown(goal: GoalCohort, seen: Seen, outcome: Outcome) -> Shown:
    unit = goal.unit
    quantity = Quantity.unknown(unit, "no value")
    if seen.value is not None:
        quantity = Quantity(seen.value, seen.low, seen.high, unit)
    shown = shown_of(Claimed(quantity, seen.limit, unit, Op(goal.op), outcome, _is_computed(seen.limit)))
    if seen.low is None or seen.high is None or shown.interval != f"{shown.value} to {shown.value}":
        return shown
    return replace(shown, interval=narrow(shown.value.replace(MINUS, "-"), seen.low, seen.high))


def narrow(value: str, low: float, high: float) -> str:
    """An interval whose ends are both rounded to `value`: how near they are, or with digits that tell them apart."""
    digits = len(value.partition(".")[2])
    half = Decimal(5).scaleb(-digits - 1)
    if max(abs(Decimal(end) - Decimal(value)) for end in (low, high)) < half:
        return f"±<{half:f}"
    ends = next(
        (pair for d in range(digits, _MOST_DIGITS) if len(set(pair := (fixed(low, d), fixed(high, d)))) == 2),
        (repr(low), repr(high)),
    )
    return " to ".join(ends).replace("-", MINUS)


def _is_computed(limit: float | None) -> bool:
    """Whether nobody writes this number into a protocol: it was worked out, as from a volume."""
    return limit is not None and len(decimal_text(limit)) > 8


def margin_text(margin: float, unit: str) -> str:
    """A margin with its sign and unit; with so many decimals that one that is not 0 is never shown as 0."""
    return f"{_signed(margin, DIGITS.get(unit, 2))} {unit}".rstrip()


def _signed(number: float, digits: int) -> str:
    text = next(
        (t for d in range(digits, _MOST_DIGITS) if (t := f"{abs(number):.{d}f}").strip("0.")), f"{0:.{digits}f}"
    )
    sign = "" if not text.strip("0.") else "+" if number > 0 else MINUS
    return f"{sign}{text}"


def percent(share: float) -> str:
    """A share in percent; all and none are said of all and none alone."""
    for digits in range(1, _MOST_DIGITS):
        text = f"{100 * share:.{digits}f}"
        if float(text) not in (0.0, 100.0) or share in (0.0, 1.0):
            return f"{text} %"
    return f"{100 * share} %"


def rate_of(met: Proportion) -> Rate:
    """A pass rate as text."""
    if met.share is None or met.low is None or met.high is None:
        return Rate("", "", "no plans", None, None, None)
    interval = f"{percent(met.low).removesuffix(' %')} to {percent(met.high)}"
    return Rate(percent(met.share), interval, f"{met.met} of {met.of}", met.low, met.share, met.high)


def _counted(plans: int) -> str:
    return f"{plans} plan{'' if plans == 1 else 's'}"


def _sign(op: str) -> str:
    return {"<=": "\N{LESS-THAN OR EQUAL TO}", ">=": "\N{GREATER-THAN OR EQUAL TO}"}.get(op, op)


def _limits_text(goal: GoalCohort) -> str:
    """The limit, or from which to which where it is not one for all plans."""
    if not goal.limits:
        return "a limit that is not known"
    low, high = goal.limits[0], goal.limits[-1]
    if low == high:
        return f"{_number(low)} {goal.unit}".rstrip()
    return f"{_number(low)} to {_number(high)} {goal.unit}".rstrip()


def _number(limit: float) -> str:
    text = f"{limit:.2f}" if _is_computed(limit) else decimal_text(limit)
    return text.replace("-", MINUS)


def _bar_text(bar: Bar, unit: str) -> str:
    low, high = (None if end is None else _edge(end) for end in (bar.low, bar.high))
    if low is None:
        return f"below {high} {unit}".rstrip()
    return f"{low} {unit} and more" if high is None else f"{low} to {high} {unit}".rstrip()


def _edge(number: float) -> str:
    return f"{number:.6g}".replace("-", MINUS) if number else "0"


def _share_limits(limits: Limits) -> str:
    return f"{percent(limits.low).removesuffix(' %')} to {percent(limits.high)}"


def _limit_pair(limits: Limits, unit: str) -> str:
    digits = DIGITS.get(unit, 2)
    return f"{_signed(limits.low, digits)} to {_signed(limits.high, digits)} {unit}".rstrip()


def _margin_rows(goal: GoalCohort) -> tuple[tuple[str, str, str], ...]:
    margins, shares = goal.margins, goal.percents
    if margins is None:
        return ()
    rows = []
    for said, name in (
        ("smallest", "least"), ("5 % of plans below", "p5"), ("25 % of plans below", "p25"), ("median", "median"),
        ("75 % of plans below", "p75"), ("95 % of plans below", "p95"), ("largest", "most"),
    ):  # fmt: skip
        share = "" if shares is None else f"{_signed(getattr(shares, name), 1)} %"
        rows.append((said, margin_text(getattr(margins, name), goal.unit), share))
    return tuple(rows)


def _said_of_trend(goal: GoalCohort) -> str:
    """What a reader must know of the control limits of this goal."""
    months = len(goal.months)
    undated = f" {_counted(goal.undated)} without a date left out." if goal.undated else ""
    if months < FEWEST_POINTS:
        count = f"{months} month{'' if months == 1 else 's'}"
        return f"No control limits: {count} with plans, and {FEWEST_POINTS} are needed.{undated}"
    provisional = f" Limits of {months} months are provisional." if months < USUAL_POINTS else ""
    few = sum(month.share_limits is None for month in goal.months)
    why = f"fewer than {FEWEST_EXPECTED} plans are expected to meet it, or not to"
    share = f" The share has none in {few} of {months} months: {why}." if few else ""
    return f"Control limits are 3 sigma.{provisional}{share}{undated}"


def _population(population: Population) -> PopulationFigure:
    dvh = population.dvh
    step = max(1, (len(dvh.dose_gy) - 1) // 8)
    numbers = tuple(
        (f"{dvh.dose_gy[at]:.1f}", *(f"{row[at]:.1f}" for row in dvh.volume_percent))
        for at in range(0, len(dvh.dose_gy), step)
    )
    curves = "" if dvh.curves == dvh.plans else f", {dvh.curves} curves"
    error = math.ceil(100 * dvh.error_percent) / 100
    said = f"{_counted(dvh.plans)}{curves}; volumes within {error:.2f} % of those computed"
    return PopulationFigure(
        dvh.structure,
        f"{population.protocol_id}, regimen {population.regimen or 'none'}",
        said,
        band_chart(dvh),
        ("Dose (Gy)", *(f"{_ordinal(p)} (%)" for p in dvh.percentiles)),
        numbers,
    )


def _ordinal(percentile: float) -> str:
    return "median" if percentile == 50 else f"{percentile:g}th percentile"
