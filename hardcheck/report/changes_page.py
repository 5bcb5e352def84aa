"""A comparison as one HTML file that loads nothing. Texts go through the same two gates as those of the report."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from hardcheck import STATEMENT, __version__
from hardcheck.comparison import Change, Movement, Result, Shift
from hardcheck.evaluation.result import Outcome
from hardcheck.metric import decimal_text
from hardcheck.protocol import Tier
from hardcheck.quantity import Quantity
from hardcheck.report.number import DIGITS, MINUS, Claimed, fixed, interval, plain, shown_of
from hardcheck.report.overlay import overlay_plot
from hardcheck.report.page import department, own_files
from hardcheck.report.page_header import pair_header
from hardcheck.report.plot import NARROW, WIDE
from hardcheck.report.template import environment, policy, speak, style_sheet
from hardcheck.settings import SHIPPED
from hardcheck.wording import ENGLISH, Wording

if TYPE_CHECKING:
    from markupsafe import Markup

    from hardcheck.comparison import Comparison, GoalChange, Held, Side, Value, ValueChange
    from hardcheck.report.overlay import Overlaid
    from hardcheck.settings import Settings

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
SHIFTS: Final = {
    Shift.HIGHER: "higher",
    Shift.LOWER: "lower",
    Shift.UNKNOWN: "cannot be told",
    Shift.WITHIN: "same within the uncertainty",
    Shift.SAME: "the same",
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
class ValueCell:
    """What one side says of a value without a limit; all empty where it does not have it."""

    value: str
    interval: str
    reason: str


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """One value without a limit as a row of the tables."""

    structure: str
    roi: str
    name: str
    a: ValueCell
    b: ValueCell
    shift: str
    word: str
    difference: str
    notes: tuple[str, ...]

    @property
    def is_alike(self) -> bool:
        """Whether one number with its interval says what both sides do."""
        return self.shift == Shift.SAME and self.a == self.b and not self.notes


@dataclass(frozen=True, slots=True)
class ShiftGroup:
    """Values without a limit with one kind of change."""

    title: str
    lead: str
    rows: tuple[ShiftRow, ...]

    @property
    def is_short(self) -> bool:
        """Whether a list is enough, with one number for both sides."""
        return all(row.is_alike for row in self.rows)


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
    settings: Settings = SHIPPED,
) -> str:
    """The page. The same arguments give the same text.

    `names` are what the reader named the sides by, such as file names, both empty without identity; `without_curves`
    says which side was read from an evaluation that holds none. Of the `settings`, name and logo of the department
    count, and the words that this page has in common with the report.
    """
    style = style_sheet("report", "report.css") + style_sheet("comparison", "comparison.css")
    edges = changes_edges(comparison, created=created)
    anonymous = comparison.a.anonymous and comparison.b.anonymous
    wording = settings.wording
    pages = environment("comparison", "report")
    speak(pages, wording)
    abouts = [
        _about(letter, side, name, is_file=is_file)
        for letter, side, name, is_file in zip("AB", (comparison.a, comparison.b), names, without_curves, strict=True)
    ]
    return pages.get_template("comparison.html").render(
        anonymous=anonymous,
        changes=CHANGES,
        comparison=comparison,
        counts=[(change, comparison.count(change), comparison.count(change, certain=True)) for change in Change],
        created=created,
        department=department(settings, anonymous=anonymous),
        findings=[
            (movement, title, lead, [f for f in comparison.findings if f.movement is movement])
            for movement, (title, lead) in MOVEMENTS.items()
        ],
        groups=[group for group in _groups(comparison, wording) if group.rows],
        lines=lines,
        own_files=list(own_files(settings, anonymous=anonymous)),
        page_edges=edges,
        plots=[overlay_plot(lines, layout) for layout in (WIDE, NARROW)],
        policy=policy(style, edges),
        sentence=SENTENCES[comparison.result],
        shift_counts=[(shift, comparison.count_values(shift)) for shift in Shift],
        shift_groups=[group for group in _shift_groups(comparison) if group.rows],
        shifts=SHIFTS,
        sides=abouts,
        silent=[_silent(goal, wording) for goal in comparison.goals if goal.is_silent],
        silent_values=sum(value.is_silent for value in comparison.values),
        statement=STATEMENT,
        style=style,
        title=TITLES[comparison.result],
        version=__version__,
    )  # fmt: skip


def changes_edges(comparison: Comparison, *, created: datetime) -> Markup:
    """The lines at the edge of each printed page."""
    return pair_header(comparison, TITLES[comparison.result], created=created)


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


def _groups(comparison: Comparison, wording: Wording) -> Iterator[Group]:
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
        yield Group(name, title, lead, tuple(change_row(goal, wording) for goal in goals))


_UNTOLD: Final = (
    "A value is there on one side alone, it is of ROIs with different names, or the limit is a volume that came out "
    "otherwise."
)
_OUTSIDE: Final = "The intervals of A and B have no number in common: the difference is certain."
_WITHIN: Final = "The intervals of A and B overlap: the difference may be none."


def change_row(goal: GoalChange, wording: Wording = ENGLISH) -> ChangeRow:
    """The texts of one goal."""
    held = goal.held
    return ChangeRow(
        held.structure,
        _roi(held.roi_number, held.roi_name),
        held.text,
        wording.say(f"tier.{held.tier}") + ("?" if held.uncertain_tier else ""),
        _cell(goal.a, wording),
        _cell(goal.b, wording),
        str(goal.change),
        CHANGES[goal.change],
        _difference(goal),
        _certainty(goal),
        _scale(goal),
        goal.notes,
    )


def _shift_groups(comparison: Comparison) -> Iterator[ShiftGroup]:
    """Every value without a limit that is there on a side in exactly one group, those that differ first."""
    said = [value for value in comparison.values if not value.is_silent]
    both = [value for value in said if value.a is not None and value.b is not None]
    same = [value for value in both if value.shift is Shift.SAME]
    for title, lead, values in (
        ("Outside of the intervals", _OUTSIDE, [value for value in both if value.certain]),
        ("The same within the uncertainty", _WITHIN, [value for value in both if value.shift is Shift.WITHIN]),
        ("The same", "", [value for value in same if not shift_row(value).is_alike]),
        ("The same, and the interval too", "", [value for value in same if shift_row(value).is_alike]),
        ("It cannot be told", _UNTOLD_VALUES, [value for value in both if value.shift is Shift.UNKNOWN]),
        ("In A alone", "B does not have these values.", [value for value in said if value.b is None]),
        ("In B alone", "A does not have these values.", [value for value in said if value.a is None]),
    ):
        yield ShiftGroup(f"Without a limit: {title[0].lower()}{title[1:]}", lead, tuple(map(shift_row, values)))


_UNTOLD_VALUES: Final = (
    "A value is there on one side alone, it is of ROIs with different names or of a vertex in another place, or it "
    "rests on something else."
)


def shift_row(value: ValueChange) -> ShiftRow:
    """The texts of one value without a limit."""
    found = value.found
    name = f"{found.vertex}: {found.name}" if found.vertex else found.name
    return ShiftRow(
        found.structure,
        _roi(found.roi_number, found.roi_name),
        name,
        _value_cell(value.a),
        _value_cell(value.b),
        str(value.shift),
        SHIFTS[value.shift],
        "" if value.shift in (Shift.UNKNOWN, Shift.SAME) else _signed(value.difference, found.unit),
        value.notes,
    )


def _value_cell(value: Value | None) -> ValueCell:
    if value is None:
        return ValueCell("", "", "")
    if value.value is None:
        return ValueCell("", "", value.reason or "no value")
    quantity = Quantity(value.value, value.low, value.high, value.unit)
    if value.low == value.high and not value.unit:
        return ValueCell(decimal_text(value.value), "", "")  # counted, not measured
    return ValueCell(f"{plain(value.value, value.unit)} {value.unit}".rstrip(), interval(quantity), "")


def _roi(number: int | None, name: str | None) -> str:
    return "" if number is None else f"ROI {number} {name or 'without a name'}"


def _cell(held: Held | None, wording: Wording) -> SideCell:
    if held is None:
        return SideCell("", "", "", "", "", "", "")
    unknown = Quantity.unknown(held.unit, held.reason or "no value")
    known = held.value is not None
    quantity = Quantity(held.value, held.low, held.high, held.unit) if known else unknown
    # Only a limit that is the volume of a structure is computed.
    claimed = Claimed(quantity, held.limit, held.unit, held.op, held.outcome, "Volume(" in held.text)
    shown = shown_of(claimed)
    reason = held.review or held.reason
    word = wording.say(f"outcome.{held.outcome}")
    return SideCell(held.outcome, word, _effect(held), shown.value, shown.interval, shown.unit, reason)


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
    """B less A with its sign, where both are known and not the same."""
    return "" if goal.value in (Change.UNKNOWN, Change.SAME) else _signed(goal.difference, goal.held.unit)


def _signed(difference: float | None, unit: str) -> str:
    """A difference with its sign; never a zero that is none."""
    if difference is None:
        return ""
    digits = DIGITS.get(unit, 2)
    number = fixed(abs(difference), digits)
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


def _silent(goal: GoalChange, wording: Wording) -> tuple[str, str, str, str]:
    """Structure, goal, outcome and reason of one without a value on either side."""
    held = goal.held
    before = goal.a.reason if goal.a is not None else ""
    reason = held.reason if held.reason == before else f"A: {before or 'no reason'}; B: {held.reason or 'no reason'}"
    return held.structure, held.text, wording.say(f"outcome.{held.outcome}"), reason


def reasons_of(comparison: Comparison) -> Iterable[str]:
    """The sentence, then each reason on a line of its own, as the terminal shows them."""
    yield SENTENCES[comparison.result]
    yield from (reason.text for reason in comparison.reasons)
