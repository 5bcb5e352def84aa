"""The verdict in one sentence, and what decided it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hardcheck.evaluation.result import Outcome, Verdict
from hardcheck.plan import Severity
from hardcheck.protocol import Tier
from hardcheck.report.row import WORDS, GoalRow

if TYPE_CHECKING:
    from hardcheck.evaluation.result import Evaluation
    from hardcheck.plan import Finding

_MEANING: Final = {
    Verdict.PASS: "No goal that was evaluated is missed.",
    Verdict.VARIATION: "Recommended goals are left unmet; no required one is.",
    Verdict.REVIEW: "A person must decide what could not be decided here.",
    Verdict.FAIL: "The plan does not meet the protocol.",
}
_UNCERTAIN: Final = "uncertain"


@dataclass(frozen=True, slots=True)
class Undecided:
    """Goals that share a reason for not being evaluated, by structure."""

    reason: str
    rows: tuple[GoalRow, ...]

    @property
    def structures(self) -> tuple[str, ...]:
        """The structures of the protocol that they are about, each once."""
        return tuple(dict.fromkeys(row.result.goal.structure for row in self.rows))


@dataclass(frozen=True, slots=True)
class Headline:
    """`sentence` says what decided; `also` what else there is; the rest are the things themselves, gravest first."""

    verdict: Verdict
    sentence: str
    also: str
    findings: tuple[Finding, ...]
    rows: tuple[GoalRow, ...]
    undecided: tuple[Undecided, ...]


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


def headline(evaluation: Evaluation, rows: Sequence[GoalRow]) -> Headline:
    """What the verdict rests on. The verdict itself is taken as it is: nothing is decided here."""
    effect = {Verdict.FAIL: "fail", Verdict.REVIEW: "review", Verdict.VARIATION: "variation"}.get(
        evaluation.verdict, ""
    )
    severity = {Verdict.FAIL: Severity.FAIL, Verdict.REVIEW: Severity.STOP}.get(evaluation.verdict)
    deciding = [row for row in rows if row.effect == effect]
    findings = tuple(f for f in evaluation.findings if f.severity is severity)
    said = [*_finding_phrases(findings), *_goal_phrases(deciding)]
    rest = [row for row in rows if row.effect in ("fail", "review", "variation") and row.effect != effect]
    others = tuple(f for f in evaluation.findings if f.severity in (Severity.STOP, Severity.FAIL) and f not in findings)
    also = [*_finding_phrases(others), *_goal_phrases(rest), *_changed_phrases(evaluation.findings)]
    # A goal that is met is among them where a person has to judge how.
    order = (Outcome.NOT_MET, Outcome.MARGINAL, Outcome.MET)
    listed = sorted((r for r in deciding if r.result.outcome in order), key=lambda r: order.index(r.result.outcome))
    return Headline(
        evaluation.verdict,
        _sentence(said) or _fallback(evaluation, rows),
        _sentence(also),
        findings,
        tuple(listed),
        tuple(_undecided([r for r in deciding if r.result.outcome is Outcome.NOT_EVALUATED], findings)),
    )


def _undecided(rows: Sequence[GoalRow], findings: Sequence[Finding]) -> list[Undecided]:
    # A finding that stopped them is told in full above them.
    told = {f"{f.id}: {f.message}": f.id for f in findings}
    reasons = dict.fromkeys(row.reason for row in rows)
    return [Undecided(told.get(reason, reason), tuple(r for r in rows if r.reason == reason)) for reason in reasons]


def _fallback(evaluation: Evaluation, rows: Sequence[GoalRow]) -> str:
    """For a verdict that no single goal explains."""
    evaluated = [row for row in rows if row.result.quantity.value is not None]
    if not evaluated:
        return "No goal of the protocol could be evaluated."
    if evaluation.verdict is Verdict.PASS and all(row.effect in ("good", "neutral") for row in rows):
        met = [row for row in rows if row.result.outcome is Outcome.MET]
        tiers = [f"{_number(of, tier)} met" for tier in (Tier.REQUIRED, Tier.RECOMMENDED) if (of := _tier(met, tier))]
        return _sentence(tiers) or _nothing_asked(rows, evaluated)
    return _MEANING[evaluation.verdict]


def _nothing_asked(rows: Sequence[GoalRow], evaluated: Sequence[GoalRow]) -> str:
    """For a PASS without a required or a recommended goal that is met: it rests on nothing, and must say so."""
    asked = Counter((r.result.outcome, r.result.goal.tier) for r in rows if r.result.goal.tier is not Tier.ADVISORY)
    advisory = _tier(evaluated, Tier.ADVISORY)
    beside = f"; {_number(advisory, Tier.ADVISORY)} evaluated, and those decide nothing" if advisory else ""
    if not asked:
        return f"The protocol has no required and no recommended goal for this plan{beside}."
    words = {**WORDS, Outcome.NOT_APPLICABLE: "not applicable"}
    found = ", ".join(f"{number} {tier} {words[outcome]}" for (outcome, tier), number in asked.items())
    return f"No required and no recommended goal is met ({found}){beside}."


def _tier(rows: Sequence[GoalRow], tier: Tier) -> int:
    return sum(row.result.goal.tier is tier for row in rows)


def _goal_phrases(rows: Sequence[GoalRow]) -> list[str]:
    """Such as "2 required goals are not met", one for each kind that is there."""
    judged = [row for row in rows if row.result.review is not None and row.result.outcome is Outcome.MET]
    found = Counter((row.result.outcome, _kind(row)) for row in rows)
    outcomes = (Outcome.NOT_MET, Outcome.MARGINAL, Outcome.NOT_EVALUATED)
    kinds = (*(str(tier) for tier in Tier), _UNCERTAIN)
    pairs = ((outcome, kind) for outcome in outcomes for kind in kinds if found[outcome, kind])
    phrases = [f"{_number(found[outcome, kind], kind)} {WORDS[outcome]}" for outcome, kind in pairs]
    if judged:
        phrases.append(f"{_number(len(judged), str(Tier.REQUIRED))} met in a way that a person has to judge")
    return phrases


def _kind(row: GoalRow) -> str:
    """The tier; a doubt about it is told only where the goal is not met, since there it decides."""
    doubt = row.result.goal.uncertain_tier and row.result.outcome is Outcome.NOT_MET
    return _UNCERTAIN if doubt else str(row.result.goal.tier)


def _number(number: int, name: str) -> str:
    noun = "goal of uncertain tier" if name == _UNCERTAIN else f"{name} goal"
    if number == 1:
        return f"1 {noun} is"
    return f"{number} {noun.replace('goal', 'goals', 1)} are"


def _finding_phrases(findings: Sequence[Finding]) -> list[str]:
    phrases = []
    for severity, verb in ((Severity.STOP, "stop"), (Severity.FAIL, "fail")):
        if number := sum(f.severity is severity for f in findings):
            phrases.append(
                f"1 integrity check says {severity}" if number == 1 else f"{number} integrity checks {verb} the plan"
            )
    return phrases


def _changed_phrases(findings: Sequence[Finding]) -> list[str]:
    """What would fail the plan had the protocol left the check as it is."""
    checks = dict.fromkeys(f.id for f in findings if f.own is Severity.FAIL and f.severity is not Severity.FAIL)
    return [f"the protocol lets pass what would fail the plan ({', '.join(checks)})"] if checks else []


def _sentence(phrases: Sequence[str]) -> str:
    if not phrases:
        return ""
    text = phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}"
    return f"{text}."
