"""The verdict in one sentence, and what decided it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from hardcheck.evaluation.result import Outcome, Verdict
from hardcheck.plan import Severity
from hardcheck.protocol import Tier
from hardcheck.report.row import WORDS, GoalRow
from hardcheck.wording import ENGLISH, Wording

if TYPE_CHECKING:
    from hardcheck.evaluation.result import Evaluation
    from hardcheck.plan import Finding

_UNCERTAIN: Final = "uncertain"


@dataclass(frozen=True, slots=True)
class Undecided:
    """Goals that share a reason for not being evaluated, by structure."""

    reason: str
    rows: tuple[GoalRow, ...]

    @property
    def structures(self) -> tuple[str, ...]:
        """The structures of the protocol that they are about, each once."""
        return tuple(name for name, _ in self.places)

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """The same, each with the id of the first of its rows on the page."""
        first = {row.result.goal.structure: row.anchor for row in reversed(self.rows)}
        return tuple((name, first[name]) for name in dict.fromkeys(r.result.goal.structure for r in self.rows))


@dataclass(frozen=True, slots=True)
class Headline:
    """`sentence` says what decided; `also` what else there is; the rest are the things themselves, gravest first.

    Where a sentence is not the shipped one, the shipped one stands behind it: a free text could say anything.
    """

    verdict: Verdict
    sentence: str
    also: str
    findings: tuple[Finding, ...]
    rows: tuple[GoalRow, ...]
    undecided: tuple[Undecided, ...]
    judged: tuple[GoalRow, ...] = ()
    """The goals that `also` says are met in a way that a person has to judge."""
    is_idle: bool = False
    """A PASS without a required or recommended goal that is met: nothing decided it, and it must not look good."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many goals of a tier have each outcome, in the order of `WORDS`."""

    tier: str
    counts: tuple[int, ...]


def counts(rows: Sequence[GoalRow]) -> tuple[Count, ...]:
    """One line per tier that has goals."""
    lines = []
    for tier in Tier:
        of_tier = [row.result.outcome for row in rows if row.result.goal.tier is tier]
        if of_tier:
            lines.append(Count(str(tier), tuple(of_tier.count(outcome) for outcome in WORDS)))
    return tuple(lines)


def headline(evaluation: Evaluation, rows: Sequence[GoalRow], wording: Wording = ENGLISH) -> Headline:
    """What the verdict rests on. The verdict itself is taken as it is: nothing is decided here."""
    own = _headline(evaluation, rows, wording)
    if not wording.is_own:
        return own
    shipped = _headline(evaluation, rows, ENGLISH)
    return replace(own, sentence=_beside(own.sentence, shipped.sentence), also=_beside(own.also, shipped.also))


def _beside(own: str, shipped: str) -> str:
    return own if own == shipped else f"{own} [{shipped}]"


def _headline(evaluation: Evaluation, rows: Sequence[GoalRow], wording: Wording) -> Headline:
    effect = {Verdict.FAIL: "fail", Verdict.REVIEW: "review", Verdict.VARIATION: "variation"}.get(
        evaluation.verdict, ""
    )
    severity = {Verdict.FAIL: Severity.FAIL, Verdict.REVIEW: Severity.STOP}.get(evaluation.verdict)
    deciding = [row for row in rows if row.effect == effect]
    findings = tuple(f for f in evaluation.findings if f.severity is severity)
    said = [*_finding_phrases(findings, wording), *_goal_phrases(deciding, wording)]
    rest = [row for row in rows if row.effect in ("fail", "review", "variation") and row.effect != effect]
    if evaluation.verdict in (Verdict.PASS, Verdict.VARIATION):
        # It decides nothing, and would be overlooked: the goals that are named are met.
        rest += [
            r for r in rows if r.result.outcome is Outcome.NOT_EVALUATED and r.result.goal.tier is Tier.RECOMMENDED
        ]
    others = tuple(f for f in evaluation.findings if f.severity in (Severity.STOP, Severity.FAIL) and f not in findings)
    also = [*_finding_phrases(others, wording), *_goal_phrases(rest, wording)]
    also += _changed_phrases(evaluation.findings, wording)
    # A goal that is met is among them where a person has to judge how.
    order = (Outcome.NOT_MET, Outcome.MARGINAL, Outcome.MET)
    listed = sorted((r for r in deciding if r.result.outcome in order), key=lambda r: order.index(r.result.outcome))
    return Headline(
        evaluation.verdict,
        _sentence(said, wording) or _fallback(evaluation, rows, wording),
        _sentence(also, wording),
        findings,
        tuple(listed),
        tuple(_undecided([r for r in deciding if r.result.outcome is Outcome.NOT_EVALUATED], findings)),
        tuple(_judged(rest)),
        is_idle=evaluation.verdict is Verdict.PASS
        and not any(r.result.outcome is Outcome.MET and r.result.goal.tier is not Tier.ADVISORY for r in rows),
    )


def _undecided(rows: Sequence[GoalRow], findings: Sequence[Finding]) -> list[Undecided]:
    # A finding that stopped them is told in full above them.
    told = {f"{f.id}: {f.message}": f.id for f in findings}
    reasons = dict.fromkeys(row.reason for row in rows)
    return [Undecided(told.get(reason, reason), tuple(r for r in rows if r.reason == reason)) for reason in reasons]


def _fallback(evaluation: Evaluation, rows: Sequence[GoalRow], wording: Wording) -> str:
    """For a verdict that no single goal explains."""
    evaluated = [row for row in rows if row.result.quantity.value is not None]
    if not rows:
        return wording.say("sentence.no_goal")
    if not evaluated:
        return wording.say("sentence.nothing_evaluated")
    meaning = wording.say(f"sentence.{evaluation.verdict.lower()}")
    if evaluation.verdict is Verdict.PASS and all(row.effect in ("good", "neutral") for row in rows):
        met = [row for row in rows if row.result.outcome is Outcome.MET]
        tiers = [
            _phrase(of, tier, Outcome.MET, wording)
            for tier in (Tier.REQUIRED, Tier.RECOMMENDED)
            if (of := _tier(met, tier))
        ]
        return _sentence(tiers, wording) or _nothing_asked(rows, evaluated, wording)
    return meaning


def _nothing_asked(rows: Sequence[GoalRow], evaluated: Sequence[GoalRow], wording: Wording) -> str:
    """For a PASS without a required or a recommended goal that is met: it rests on nothing, and must say so."""
    asked = Counter((r.result.outcome, r.result.goal.tier) for r in rows if r.result.goal.tier is not Tier.ADVISORY)
    advisory = _tier(evaluated, Tier.ADVISORY)
    beside = f"; {_counted('advisory_goal', advisory, wording)}" if advisory else ""
    if not asked:
        return f"{wording.say('sentence.nothing_asked')}{beside}."
    pairs = (
        (n, wording.say(f"tier.{tier}"), wording.say(f"outcome.{outcome}")) for (outcome, tier), n in asked.items()
    )
    found = ", ".join(f"{number} {tier} {outcome}" for number, tier, outcome in pairs)
    return f"{wording.say('sentence.nothing_met')} ({found}){beside}."


def _tier(rows: Sequence[GoalRow], tier: Tier) -> int:
    return sum(row.result.goal.tier is tier for row in rows)


def _goal_phrases(rows: Sequence[GoalRow], wording: Wording) -> list[str]:
    """Such as "2 required goals are not met", one for each kind that is there."""
    judged = _judged(rows)
    found = Counter((row.result.outcome, _kind(row)) for row in rows)
    outcomes = (Outcome.NOT_MET, Outcome.MARGINAL, Outcome.NOT_EVALUATED)
    kinds = (*(str(tier) for tier in Tier), _UNCERTAIN)
    pairs = ((outcome, kind) for outcome in outcomes for kind in kinds if found[outcome, kind])
    phrases = [_phrase(found[outcome, kind], kind, outcome, wording) for outcome, kind in pairs]
    if judged:
        phrases.append(_counted("judged_goal", len(judged), wording))
    return phrases


def _judged(rows: Sequence[GoalRow]) -> list[GoalRow]:
    return [row for row in rows if row.result.review is not None and row.result.outcome is Outcome.MET]


def _phrase(number: int, kind: str, outcome: Outcome, wording: Wording) -> str:
    said = wording.say(f"outcome.{outcome}")
    if kind == _UNCERTAIN:
        return _counted("uncertain_goal", number, wording, outcome=said)
    return _counted("goal", number, wording, outcome=said, tier=wording.say(f"tier.{kind}"))


def _kind(row: GoalRow) -> str:
    """The tier; a doubt about it is told only where the goal is not met, since there it decides."""
    doubt = row.result.goal.uncertain_tier and row.result.outcome is Outcome.NOT_MET
    return _UNCERTAIN if doubt else str(row.result.goal.tier)


def _counted(sentence: str, number: int, wording: Wording, **slots: str) -> str:
    """The sentence of that id for one, and the one of the same id with an s for several."""
    if number == 1:
        return wording.say(f"sentence.{sentence}", **slots)
    return wording.say(f"sentence.{sentence}s", number=number, **slots)


def _finding_phrases(findings: Sequence[Finding], wording: Wording) -> list[str]:
    phrases = []
    for severity, many in ((Severity.STOP, "checks_stop"), (Severity.FAIL, "checks_fail")):
        if number := sum(f.severity is severity for f in findings):
            one = wording.say("sentence.check", severity=severity)
            phrases.append(one if number == 1 else wording.say(f"sentence.{many}", number=number))
    return phrases


def _changed_phrases(findings: Sequence[Finding], wording: Wording) -> list[str]:
    """What would fail the plan had the protocol left the check as it is."""
    checks = dict.fromkeys(f.id for f in findings if f.own is Severity.FAIL and f.severity is not Severity.FAIL)
    return [f"{wording.say('sentence.changed')} ({', '.join(checks)})"] if checks else []


def _sentence(phrases: Sequence[str], wording: Wording) -> str:
    if not phrases:
        return ""
    last = f" {wording.say('sentence.and')} {phrases[-1]}"
    text = phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])}{last}"
    return f"{text}."
