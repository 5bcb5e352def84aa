"""An evaluation on the terminal, for a person with ten minutes: the verdict and what decided it first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hardcheck import STATEMENT
from hardcheck.cli.course import course_text, dose_text, scheme_text
from hardcheck.cli.figure import counted
from hardcheck.cli.invocation import command_line
from hardcheck.cli.lattice import show_lattices
from hardcheck.cli.screen import heading, say, table, text, word
from hardcheck.report.headline import Headline, headline
from hardcheck.report.identity import schedule_of
from hardcheck.report.number import spoken
from hardcheck.report.opinion import leftover, title_of
from hardcheck.report.opinion import summary as opinion_summary
from hardcheck.report.row import GoalRow, goal_table
from hardcheck.report.scale import plan_scale_text
from hardcheck.report.spot import spot_text
from hardcheck.report.uncontoured import Uncontoured, uncontoured

if TYPE_CHECKING:
    from rich.console import Console

    from hardcheck.evaluation import Evaluation, Reported
    from hardcheck.evaluation.opinion import SecondOpinion
    from hardcheck.plan import Finding, Plan

OUTCOMES = ("MET", "NOT_MET", "MARGINAL", "NOT_EVALUATED", "NOT_APPLICABLE")


def show_evaluation(
    console: Console,
    evaluation: Evaluation,
    *,
    written: Sequence[Path],
    saved: str | None = None,
    not_carried: Sequence[str] = (),
) -> None:
    """Print all of it.

    `saved` says what went into an alias file, `not_carried` which earlier acceptances are not of this evaluation.
    """
    goals = goal_table(evaluation)
    head = headline(evaluation, goals.rows)
    console.print(word(evaluation.verdict) + text(f": {head.sentence}"))
    console.print(text(identity(evaluation)))
    console.print(text(outcomes(goals.rows)))
    _show_decision(console, head)
    _show_accepted(console, evaluation, goals.rows)
    if not_carried:
        heading(console, "Accepted before, and not carried over")
    for line in not_carried:
        say(console, line)
    _show_goals(console, goals.rows, head.rows)
    _show_places(console, evaluation, goals.rows)
    _show_reported(console, evaluation.reported)
    show_lattices(console, evaluation.lattices)
    _show_ways(console, evaluation)
    missing = uncontoured(evaluation)
    _show_reasons(console, "Not evaluated", [r for r in goals.rows if r.result.outcome == "NOT_EVALUATED"], missing)
    _show_reasons(console, "Not applicable", [r for r in goals.rows if r.result.outcome == "NOT_APPLICABLE"])
    _show_findings(console, [f for f in evaluation.findings if f not in head.findings])
    _show_opinions(console, evaluation.second_opinions)
    _show_caveats(console, goals.rows)
    console.print()
    for path in written:
        console.print(text(f"Written: {path}"), soft_wrap=True)
    if saved is not None:
        console.print(text(saved), soft_wrap=True)
    console.print(text(STATEMENT))


def identity(evaluation: Evaluation) -> str:
    """Which plan against which protocol."""
    plan, protocol = evaluation.plan, evaluation.protocol
    numbers = f"{protocol.verification}, not as shipped" if protocol.shipped_sha256 else protocol.verification
    schedule = schedule_of(plan)
    known = "" if schedule is None else f" {schedule}."
    levels = ", ".join(
        f"{name} {dose_text(evaluation.levels.get(name))} ({how})" for name, how in evaluation.level_origins.items()
    )
    parts = [
        f"{_named(plan)}.{known}",
        f"Protocol {protocol.id} version {protocol.version} ({numbers}), regimen {evaluation.regimen.id}",
    ]
    return " ".join(parts) + (f", levels: {levels}." if levels else ".")


def _named(plan: Plan) -> str:
    patient = f"of patient ID {plan.patient.id or 'not given'}"
    if plan.course is not None:
        return f"{course_text(plan.course)}, {patient}"
    return f"Plan {plan.label or 'without label'} {patient}, {scheme_text(plan)}"


def outcomes(rows: Sequence[GoalRow]) -> str:
    """How many goals came out how."""
    if not rows:
        return "No goals."
    numbers = {name: sum(row.result.outcome == name for row in rows) for name in OUTCOMES}
    return f"{counted(len(rows), 'goal')}: " + ", ".join(f"{n} {name}" for name, n in numbers.items() if n) + "."


def _show_decision(console: Console, head: Headline) -> None:
    if not (head.findings or head.rows or head.undecided or head.also):
        return
    heading(console, "What decided it")
    for finding in head.findings:
        _show_finding(console, finding)
    for row in head.rows:
        shown = row.shown
        numbers = f"{shown.value} {shown.unit} ({shown.interval}), limit {_limit(row)}"
        reason = f": {row.reason}" if row.reason else ""
        line = f" {_structure(row)} {row.result.goal.metric}: {numbers}, {_tier(row)}{reason}"
        say(console, word(row.result.outcome), line)
    open_rows = [row for group in head.undecided for row in group.rows]
    if open_rows:
        line = f" {counted(len(open_rows), 'required goal')} of {_names(open_rows)}: the reasons are below"
        say(console, word("NOT_EVALUATED"), line)
    if head.also:
        say(console, f"Besides: {head.also}")


def _show_accepted(console: Console, evaluation: Evaluation, rows: Sequence[GoalRow]) -> None:
    """What people accepted, each beside the outcome that it leaves as it is."""
    if not evaluation.accepted:
        return
    heading(console, "Accepted by a person; the verdict is the same")
    for entry in evaluation.accepted:
        for row in rows:
            if entry.is_of(row.result):
                say(console, word(row.result.outcome), f" {_structure(row)} {row.result.goal.metric}: {entry}")
        for finding in evaluation.findings:
            if entry.is_about(finding):
                say(console, word(finding.severity), f" {finding.id}: {entry}")


def _show_goals(console: Console, rows: Sequence[GoalRow], first: Sequence[GoalRow]) -> None:
    """Those with a value: what decided first, then as the protocol has them, targets before organs."""
    shown = [row for row in rows if row.result.outcome in ("MET", "NOT_MET", "MARGINAL")]
    if not shown:
        return
    leading = {id(row) for row in first}
    goals = table("Outcome", "Structure", "Metric", "Value", "Interval", "Limit", "Tier", right=("Value", "Interval"))
    for row in sorted(shown, key=lambda row: id(row) not in leading):
        value = f"{row.shown.value} {row.shown.unit}".rstrip()
        cells = (_structure(row), str(row.result.goal.metric), value, row.shown.interval, _limit(row), _tier(row))
        goals.add_row(word(row.result.outcome), *(text(cell) for cell in cells))
    console.print()
    console.print(goals)


def _show_places(console: Console, evaluation: Evaluation, rows: Sequence[GoalRow]) -> None:
    """Of goals that are not met or marginal: by how much, and where. For all required ones: at which scale."""
    lines = [(row, (row.dose_scale, spot_text(row.result.spot, most=1))) for row in rows]
    told = [(row, "; ".join(part for part in parts if part)) for row, parts in lines if any(parts)]
    if not told and evaluation.dose_scale is None:
        return
    heading(console, "Where and how far")
    for row, line in told:
        say(console, word(row.result.outcome), f" {_structure(row)} {row.result.goal}: {line}")
    if evaluation.dose_scale is not None:
        say(console, f"Were the whole dose scaled: {plan_scale_text(evaluation.dose_scale)}")


def _show_reported(console: Console, reported: Sequence[Reported]) -> None:
    if not reported:
        return
    heading(console, "Reported without a limit")
    rows = table("Structure", "Metric", "Value and interval")
    for found in reported:
        name = found.structure if found.roi_name in (None, found.structure) else f"{found.structure} ({found.roi_name})"
        rows.add_row(text(name), text(str(found.metric)), text(spoken(found.quantity)))
    console.print(rows)


def _structure(row: GoalRow) -> str:
    """The name in the protocol, and the ROI's own where that is another."""
    name, roi = row.result.goal.structure, row.result.roi_name
    return name if roi in (None, name) else f"{name} ({roi})"


def _limit(row: GoalRow) -> str:
    return f"{row.result.goal.op} {row.shown.limit}"


def _tier(row: GoalRow) -> str:
    return f"{row.result.goal.tier}?" if row.result.goal.uncertain_tier else str(row.result.goal.tier)


def _show_ways(console: Console, evaluation: Evaluation) -> None:
    """How ROIs were found that do not have the name of the structure, and what was made."""
    found = [
        f"{name}: {way}" if way.how == "expression" else f"{name}: {roi.name}, {way}"
        for name, match in evaluation.matches.items()
        for roi, way in zip(match.structures, match.ways, strict=True)
        if way.how != "name"
    ]
    if found:
        heading(console, "Found by another name, or made")
    for line in found:
        say(console, line)


def _show_reasons(console: Console, title: str, rows: Sequence[GoalRow], missing: Sequence[Uncontoured] = ()) -> None:
    """Each reason once, with the goals that it is of; what can be done about `missing` stands where each begins."""
    if not rows:
        return
    heading(console, title)
    grouped: dict[tuple[str, Uncontoured | None], list[GoalRow]] = defaultdict(list)
    for row in rows:
        grouped[row.reason, next((m for m in missing if m.holds(row.result)), None)].append(row)
    told: set[Uncontoured] = set()
    for (reason, group), same in grouped.items():
        do = "" if group is None or group in told else f". {group.todo}"
        told |= set() if group is None else {group}
        say(console, f"{counted(len(same), 'goal')} of {_names(same)}: {reason or 'no reason was given'}{do}")


def _names(rows: Iterable[GoalRow]) -> str:
    return ", ".join(dict.fromkeys(row.result.goal.structure for row in rows))


def _show_findings(console: Console, findings: Sequence[Finding]) -> None:
    if findings:
        heading(console, "Findings about the plan")
    for finding in findings:
        _show_finding(console, finding)


def _show_finding(console: Console, finding: Finding) -> None:
    of = f" [{', '.join(finding.structures)}]" if finding.structures else ""
    say(console, word(finding.severity), f" {finding.id}: {finding.message}{of}")


def _show_opinions(console: Console, opinions: Sequence[SecondOpinion]) -> None:
    """A line for each source of the planning system's own DVHs; the tables are in the report."""
    if opinions:
        heading(console, "Second opinion")
    for opinion in opinions:
        said = " ".join((opinion_summary(opinion), *leftover(opinion.comparison)))
        say(console, f"{title_of(opinion.comparison)}: {said}")


def _show_caveats(console: Console, rows: Sequence[GoalRow]) -> None:
    """What a reader must know beside the numbers, each said once."""
    grouped: dict[str, list[GoalRow]] = defaultdict(list)
    for row in rows:
        if row.shown.value:
            for caveat in _caveats(row):
                grouped[caveat].append(row)
    if grouped:
        heading(console, "Beside the numbers")
    for caveat, group in grouped.items():
        say(console, f"{_names(group)}: {caveat}")


def _caveats(row: GoalRow) -> Iterable[str]:
    """Caveats of a goal; what the source says at length is cut short, and is in the report."""
    goal = row.result.goal
    for caveat in dict.fromkeys((*row.result.caveats, *row.result.quantity.caveats)):
        if goal.source_conflict and goal.source_conflict in caveat:
            yield f"the source contradicts itself: '{command_line('protocols', 'show')}' and the report say how"
        else:
            yield caveat
    if row.whole:
        yield f"{goal.metric} {row.whole}"
