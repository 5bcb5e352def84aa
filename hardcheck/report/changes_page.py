"""A comparison as one HTML file that loads nothing. Texts go through the same two gates as those of the report."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from hardcheck import STATEMENT, __version__
from hardcheck.comparison import Change, Movement, Result
from hardcheck.evaluation.result import Outcome
from hardcheck.metric import decimal_text
from hardcheck.protocol import Tier
from hardcheck.quantity import Quantity
from hardcheck.report.number import DIGITS, MINUS, Claimed, fixed, shown_of
from hardcheck.report.overlay import overlay_plot
from hardcheck.report.plot import NARROW, WIDE
from hardcheck.report.row import WORDS
from hardcheck.report.template import environment, policy, style_sheet

if TYPE_CHECKING:
    from hardcheck.comparison import Comparison, GoalChange, Held, Side
    from hardcheck.report.overlay import Overlaid

TITLES: Final = {
    Result.WORSE: "Worse",
    Result.NOT_TOLD: "Cannot be told",
    Result.NOT_WORSE: "No worse",
}
SENTENCES: Final = {
    Result.WORSE: "Something that counts got worse from A to B.",
    Result.NOT_TOLD: "Whether something that counts got worse from A to B cannot be told.",
    Result.NOT_WORSE: "Nothing that counts got worse from A to B: neither the verdict nor the outcome of a goal.",
}
CHANGES: Final = {
    Change.WORSE: "worse",
    Change.UNKNOWN: "cannot be told",
    Change.BETTER: "better",
    Change.WITHIN: "same within the uncertainty",
    Change.SAME: "the same",
}
MOVEMENTS: Final = {
    Movement.NEW: ("New in B", "Findings that A does not have."),
    Movement.GONE: ("Gone", "Findings of A that B does not have."),
    Movement.CHANGED: ("Said otherwise", "Findings of both, with other words or numbers."),
    Movement.SAME: ("The same", ""),
}
_NOT_SAID: Final = "not said"


@dataclass(frozen=True, slots=True)
class SideCell:
    """What one side says of a goal; all empty where it does not have it."""

    outcome: str
    word: str
    effect: str
    value: str
    interval: str
    unit: str
    reason: str


@dataclass(frozen=True, slots=True)
class PairScale:
    """Where limit, values and intervals of A and B lie, 0 to 1 with the good side right; None for no limit."""

    limit: float | None
    a: tuple[float, float, float]
    """Low, value and high, of which the first is the leftmost."""
    b: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One goal as a row of the tables."""

    structure: str
    roi: str
    goal: str
    tier: str
    a: SideCell
    b: SideCell
    change: str
    word: str
    difference: str
    certainty: str
    scale: PairScale | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Goals with one kind of change."""

    id: str
    title: str
    lead: str
    rows: tuple[ChangeRow, ...]


@dataclass(frozen=True, slots=True)
class About:
    """One side: what it is, and what it rests on."""

    letter: str
    verdict: str
    who: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    inputs: tuple[tuple[str, str, str], ...]
    curves: str
    """Why there are no histograms of it; empty where there are."""


def changes_page(
    comparison: Comparison,
    lines: Sequence[Overlaid],
    *,
    names: tuple[str, str],
    without_curves: tuple[bool, bool],
    created: datetime,
) -> str:
    """The page. The same arguments give the same text.

    `names` are what the reader named the sides by, such as file names, both empty without identity; `without_curves`
    says which side was read from an evaluation that holds none.
    """
    style = style_sheet("report", "report.css") + style_sheet("comparison", "comparison.css")
    abouts = [
        _about(letter, side, name, is_file=is_file)
        for letter, side, name, is_file in zip("AB", (comparison.a, comparison.b), names, without_curves, strict=True)
    ]
    return environment("comparison", "report").get_template("comparison.html").render(
        anonymous=comparison.a.anonymous and comparison.b.anonymous,
        changes=CHANGES,
        comparison=comparison,
        counts=[(change, comparison.count(change), comparison.count(change, certain=True)) for change in Change],
        created=created,
        findings=[
            (movement, title, lead, [f for f in comparison.findings if f.movement is movement])
            for movement, (title, lead) in MOVEMENTS.items()
        ],
        groups=[group for group in _groups(comparison) if group.rows],
        lines=lines,
        plots=[overlay_plot(lines, layout) for layout in (WIDE, NARROW)],
        policy=policy(style),
        sentence=SENTENCES[comparison.result],
        sides=abouts,
        silent=[_silent(goal) for goal in comparison.goals if goal.is_silent],
        statement=STATEMENT,
        style=style,
        title=TITLES[comparison.result],
        version=__version__,
    )  # fmt: skip


def _about(letter: str, side: Side, name: str, *, is_file: bool) -> About:
    protocol, plan = side.protocol, side.plan
    name_of_plan = str(plan.get("label") or _NOT_SAID)
    identity = [] if side.anonymous else [("Patient ID", side.patient_id or _NOT_SAID), ("Plan", name_of_plan)]
    name_of_protocol = f"{protocol.get('id') or '?'} {protocol.get('version') or ''}".strip()
    held_against = f"{name_of_protocol}, regimen {protocol.get('regimen') or _NOT_SAID}"
    who = [*identity, *([("Read from", name)] if name else []), ("Protocol", held_against)]
    facts = [
        ("Plan UID", str(plan.get("sop_instance_uid") or ("left out" if side.anonymous else _NOT_SAID))),
        ("Levels", ", ".join(f"{level} {dose_gy:g} Gy" for level, dose_gy in side.levels.items()) or _NOT_SAID),
        ("Protocol SHA-256", str(protocol.get("sha256") or _NOT_SAID)),
        ("hardcheck", side.version or _NOT_SAID),
        ("Evaluation", "as it was written" if side.intact else "changed after it was written, or without a checksum"),
    ]
    said = "it was read from an evaluation, and that holds no curves" if is_file else ""
    return About(letter, str(side.verdict), tuple(who), (*who, *facts), side.inputs, said)


def _groups(comparison: Comparison) -> Iterator[Group]:
    """Every goal that says something in exactly one group, what matters first."""
    both = [goal for goal in comparison.goals if goal.a is not None and goal.b is not None and not goal.is_silent]
    order = list(Change)
    both.sort(key=lambda goal: order.index(goal.change))
    moved = [goal for goal in both if goal.outcome is not Change.SAME or goal.is_judged_otherwise]
    rest = [goal for goal in both if goal.outcome is Change.SAME and not goal.is_judged_otherwise]
    certain = [goal for goal in rest if goal.value in (Change.WORSE, Change.BETTER)]
    within = [goal for goal in rest if goal.value is Change.WITHIN]
    same = [goal for goal in rest if goal.value is Change.SAME]
    untold = [goal for goal in rest if goal.value is Change.UNKNOWN]
    for name, title, lead, goals in (
        ("outcomes", "Another outcome, or for a person to judge on one side", "", moved),
        ("certain", "The same outcome, the value outside of the intervals", _OUTSIDE, certain),
        ("within", "The same outcome, the same within the uncertainty", _WITHIN, within),
        ("same", "The same", "Outcome and value are the same.", same),
        ("untold", "The same outcome, values that cannot be held against one another", _UNTOLD, untold),
        ("only-a", "In A alone", "B does not have these goals.", comparison.only_a),
        ("only-b", "In B alone", "A does not have these goals.", comparison.only_b),
    ):
        yield Group(name, title, lead, tuple(change_row(goal) for goal in goals))


_UNTOLD: Final = (
    "A value is there on one side alone, it is of ROIs with different names, or the limit is a volume that came out "
    "otherwise."
)
_OUTSIDE: Final = "The intervals of A and B have no number in common: the difference is certain."
_WITHIN: Final = "The intervals of A and B overlap: the difference may be none."


def change_row(goal: GoalChange) -> ChangeRow:
    """The texts of one goal."""
    held = goal.held
    roi = "" if held.roi_number is None else f"ROI {held.roi_number} {held.roi_name or 'without a name'}"
    return ChangeRow(
        held.structure,
        roi,
        held.text,
        f"{held.tier}?" if held.uncertain_tier else str(held.tier),
        _cell(goal.a),
        _cell(goal.b),
        str(goal.change),
        CHANGES[goal.change],
        _difference(goal),
        _certainty(goal),
        _scale(goal),
        goal.notes,
    )


def _cell(held: Held | None) -> SideCell:
    if held is None:
        return SideCell("", "", "", "", "", "", "")
    unknown = Quantity.unknown(held.unit, held.reason or "no value")
    known = held.value is not None
    quantity = Quantity(held.value, held.low, held.high, held.unit) if known else unknown
    # Only a limit that is the volume of a structure is computed.
    claimed = Claimed(quantity, held.limit, held.unit, held.op, held.outcome, "Volume(" in held.text)
    shown = shown_of(claimed)
    reason = held.review or held.reason
    return SideCell(held.outcome, WORDS[held.outcome], _effect(held), shown.value, shown.interval, shown.unit, reason)


def _effect(held: Held) -> str:
    """The colour: what the outcome does to the verdict."""
    if held.outcome is Outcome.NOT_APPLICABLE or held.tier is Tier.ADVISORY:
        return "neutral"
    if held.outcome is Outcome.MET:
        return "review" if held.review and held.tier is Tier.REQUIRED else "good"
    if held.outcome is not Outcome.NOT_MET:
        return "review" if held.tier is Tier.REQUIRED else "neutral"
    if held.uncertain_tier or (held.review and held.tier is Tier.REQUIRED):
        return "review"
    return "fail" if held.tier is Tier.REQUIRED else "variation"


def _difference(goal: GoalChange) -> str:
    """B less A with its sign; never a zero that is none."""
    difference = goal.difference
    if difference is None or goal.value is Change.UNKNOWN:
        return ""
    unit = goal.held.unit
    digits = DIGITS.get(unit, 2)
    number = fixed(abs(difference), digits)
    if goal.value is Change.SAME:
        return ""
    if not number.strip("0."):
        return f"less than {decimal_text(10.0**-digits)} {unit}".rstrip()
    return f"{'+' if difference > 0 else MINUS}{number} {unit}".rstrip()


def _certainty(goal: GoalChange) -> str:
    if goal.value is Change.WITHIN:
        # Where the outcome is the same, the word has said so.
        return "within the uncertainty" if goal.change is not Change.WITHIN else ""
    return "outside of the intervals" if goal.value in (Change.WORSE, Change.BETTER) else ""


def _scale(goal: GoalChange) -> PairScale | None:
    """A scale from the leftmost to the rightmost number; a bound that is not known reaches to its end."""
    a, b = goal.a, goal.b
    if goal.value is Change.UNKNOWN or a is None or b is None or a.value is None or b.value is None:
        return None
    limit = b.limit if a.limit == b.limit else None
    bounds = [n for n in (a.low, a.high, b.low, b.high) if n is not None and math.isfinite(n)]
    numbers = [a.value, b.value, *bounds, *([limit] if limit is not None else [])]
    low, high = min(numbers), max(numbers)
    if not high > low:
        return None
    place = _Place(low, high, goal.held.op.is_upper)
    at = place.of(limit) if limit is not None else None
    return PairScale(at, place.span(a.low, a.value, a.high), place.span(b.low, b.value, b.high))


@dataclass(frozen=True, slots=True)
class _Place:
    """From a number to its place between `low` and `high`, turned where less is better."""

    low: float
    high: float
    turned: bool

    def of(self, number: float) -> float:
        share = min(1.0, max(0.0, (number - self.low) / (self.high - self.low)))
        return 1 - share if self.turned else share

    def span(self, low: float | None, value: float, high: float | None) -> tuple[float, float, float]:
        ends = [self.of(n) for n in (-math.inf if low is None else low, math.inf if high is None else high)]
        return min(ends), self.of(value), max(ends)


def _silent(goal: GoalChange) -> tuple[str, str, str, str]:
    """Structure, goal, outcome and reason of one without a value on either side."""
    held = goal.held
    before = goal.a.reason if goal.a is not None else ""
    reason = held.reason if held.reason == before else f"A: {before or 'no reason'}; B: {held.reason or 'no reason'}"
    return held.structure, held.text, WORDS[held.outcome], reason


def reasons_of(comparison: Comparison) -> Iterable[str]:
    """The sentence, then each reason on a line of its own, as the terminal shows them."""
    yield SENTENCES[comparison.result]
    yield from (reason.text for reason in comparison.reasons)
