"""``hardcheck compare``: two plans of a patient, or two evaluations of a plan, held against one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hardcheck import STATEMENT
from hardcheck.cli.asked import Asked
from hardcheck.cli.figure import counted
from hardcheck.cli.output import Output, json_bytes
from hardcheck.cli.screen import heading, say, screen, table, text, word
from hardcheck.cli.status import Status
from hardcheck.cli.terms import Terms
from hardcheck.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from hardcheck.cli.appearance import Appearance
    from hardcheck.comparison import Comparison, GoalChange, Side
    from hardcheck.evaluation import Evaluation
    from hardcheck.plan import Plan
    from hardcheck.report import Look

STATUS: Final = {"NOT_WORSE": Status.DONE, "WORSE": Status.FAIL, "NOT_TOLD": Status.REVIEW}

_HEAD_BYTES: Final = 64


@dataclass(frozen=True, slots=True)
class Source:
    """A or B as it was named: a plan or, with a `document`, an evaluation that was written as JSON."""

    path: Path
    plan: Plan | None
    document: dict[str, Any] | None

    @property
    def patient_id(self) -> str:
        """Empty where it is not said."""
        if self.plan is not None:
            return self.plan.patient.id.strip()
        return str((self.document or {}).get("plan", {}).get("patient_id") or "").strip()


@dataclass(frozen=True, slots=True)
class Read:
    """A or B, evaluated. `hide` takes identity out of a text; `evaluation` is None where a document was read."""

    side: Side
    evaluation: Evaluation | None
    hide: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Page:
    """What is written; `names` are those that A and B were named by, `created` is the time that it states."""

    comparison: Comparison
    a: Read
    b: Read
    names: tuple[str, str]
    look: Look
    created: datetime


def compare_two(
    paths: tuple[Path, Path],
    terms: Terms,
    *,
    plans: tuple[str | None, str | None],
    assume_linked: bool,
    outputs: Sequence[Output],
    anonymous: bool,
    different_patients: bool,
    look: Appearance,
) -> Status:
    """Compare, write, show; nothing is written before everything is computed."""
    from hardcheck.comparison import compare

    seen = look.read()
    files = [is_document(path) for path in paths]
    _refuse_unused(terms, plans, files)
    loaded = None if all(files) else terms.load()
    sources = [_source(*named, assume_linked=assume_linked) for named in zip(paths, plans, files, strict=True)]
    known = [source.patient_id for source in sources]
    are_others = bool(known[0] and known[1]) and known[0] != known[1]
    if are_others and not different_patients:
        do = "compare plans of one patient, or add --different-patients"
        raise UsageError("A and B have different patient IDs", do=do)
    sides = []
    for source in sources:
        evaluation = None if source.plan is None or loaded is None else loaded.evaluate(source.plan)
        sides.append(_read(source, evaluation, anonymous=anonymous))
    a, b = sides
    comparison = compare(a.side, b.side, other_patient=are_others)
    names = ("", "") if anonymous else (paths[0].resolve().name, paths[1].resolve().name)
    page = Page(comparison, a, b, names, seen, datetime.now().astimezone())
    contents = [(output, _content(page, output.form)) for output in outputs]
    console = screen(to_stderr=any(output.path is None for output in outputs))
    with console.capture() as shown:
        _show(console, comparison, [output.path for output in outputs if output.path is not None])
    for output, made in contents:
        output.write(made)
    console.file.write(shown.get())
    return STATUS[comparison.result]


def is_document(path: Path) -> bool:
    """Whether the file holds JSON, by its first character: neither DICOM nor a zip begins so."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise UsageError(f"cannot be read ({error.strerror})", where=str(path), do="check the file") from None
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def _refuse_unused(terms: Terms, plans: Sequence[str | None], files: Sequence[bool]) -> None:
    """UsageError for an option that nothing would come of."""
    for name, plan, is_file in zip("ab", plans, files, strict=True):
        if plan is not None and is_file:
            raise UsageError(f"{name.upper()} is an evaluation, no plan", where=f"--plan-{name}", do="leave it away")
    if all(files) and (terms.protocol or terms.levels or terms.mapping or terms.absent):
        do = "leave -p, --level, --map and --absent away"
        raise UsageError("both are evaluations: nothing is evaluated here", do=do)


def _source(path: Path, plan: str | None, is_file: bool, *, assume_linked: bool) -> Source:
    if is_file:
        from hardcheck.signoff import read_evaluation

        return Source(path, None, read_evaluation(path))
    return Source(path, Asked(() if plan is None else (plan,), assume_linked).read(path), None)


def _read(source: Source, evaluation: Evaluation | None, *, anonymous: bool) -> Read:
    from hardcheck.comparison import side_of
    from hardcheck.report import evaluation_document
    from hardcheck.report.anonymity import hider

    if evaluation is not None:
        document = evaluation_document(evaluation, anonymous=anonymous)
        hide = hider(evaluation.plan) if anonymous else str
        return Read(side_of(document, intact=True), evaluation, hide)
    document = source.document or {}
    if anonymous and document.get("anonymous") is not True:
        raise UsageError(
            "it was written with identity, and holds no name by which its texts could be searched",
            where=str(source.path),
            do="write it with 'hardcheck check --anonymous --json FILE'",
        )
    return Read(side_of(document, intact=_is_intact(document), where=str(source.path)), None, str)


def _is_intact(document: dict[str, Any]) -> bool:
    from hardcheck.report.seal import seal

    try:
        return bool(document["provenance"].get("evaluation_sha256") == seal(document))
    except ValueError:  # a number that no JSON holds
        return False


def _content(page: Page, form: str) -> bytes:
    from hardcheck.report import csv_text
    from hardcheck.report.changes import changes_document, changes_rows

    if form == "json":
        return json_bytes(changes_document(page.comparison))
    if form == "csv":
        return csv_text(changes_rows(page.comparison)).encode()
    from hardcheck.report.changes_page import changes_page
    from hardcheck.report.overlay import overlaid

    a, b = page.a, page.b
    html = changes_page(
        page.comparison,
        overlaid(a.evaluation, b.evaluation, (a.hide, b.hide)),
        names=page.names,
        without_curves=(a.evaluation is None, b.evaluation is None),
        created=page.created,
        settings=page.look.settings,
    )
    if form == "html":
        return html.encode()
    from hardcheck.pdf import pdf_bytes
    from hardcheck.report.changes_page import changes_edges
    from hardcheck.report.paper import paper_style

    edges = changes_edges(page.comparison, created=page.created)
    return pdf_bytes(html, style=paper_style(edges, page.look.settings), created=page.created)


def _show(console: Console, comparison: Comparison, written: Sequence[Path]) -> None:
    from hardcheck.comparison import Change
    from hardcheck.report.changes_page import CHANGES, SHIFTS, reasons_of

    sentence, *reasons = reasons_of(comparison)
    verdicts = word(comparison.a.verdict) + text(" to ") + word(comparison.b.verdict)
    console.print(verdicts + text(f": {sentence}"))
    for reason in reasons:
        say(console, reason)
    said = [f"{comparison.count(change)} {CHANGES[change]}" for change in Change if comparison.count(change)]
    certain = sum(comparison.count(change, certain=True) for change in (Change.WORSE, Change.BETTER))
    numbers = f"{counted(len(comparison.goals), 'goal')}: {', '.join(said) or 'none with a value'}"
    console.print(text(f"{numbers}; {certain} outside of the intervals."))
    if comparison.values:
        shifts = [
            f"{comparison.count_values(shift)} {word_of}"
            for shift, word_of in SHIFTS.items()
            if comparison.count_values(shift)
        ]
        values = counted(len(comparison.values), "value")
        console.print(text(f"{values} without a limit: {', '.join(shifts) or 'none with a number'}."))
    if comparison.differences:
        heading(console, "Not the same on both sides")
    for found in comparison.differences:
        say(console, f"{found.what}: {found.a} in A, {found.b} in B")
    _show_goals(console, comparison)
    _show_values(console, comparison)
    _show_findings(console, comparison)
    console.print()
    for path in written:
        console.print(text(f"Written: {path}"), soft_wrap=True)
    console.print(text(STATEMENT))


def _show_goals(console: Console, comparison: Comparison) -> None:
    """Those of which something is to be said for certain; the page has the others."""
    from hardcheck.comparison import Change
    from hardcheck.report.changes_page import change_row

    told = [
        goal
        for goal in comparison.goals
        if not goal.is_silent and (goal.outcome is not Change.SAME or goal.is_judged_otherwise or goal.certain)
    ]
    if not told:
        return
    goals = table("From A to B", "Structure", "Goal", "A", "B", "Difference", right=("Difference",))
    for goal in sorted(told, key=_order):
        row = change_row(goal)
        sides = [
            " ".join(filter(None, (cell.word, cell.value, cell.unit if cell.value else ""))) or "not there"
            for cell in (row.a, row.b)
        ]
        cells = (row.word, f"{row.structure} {row.roi}".rstrip(), row.goal, *sides, row.difference)
        goals.add_row(*(text(cell) for cell in cells))
    console.print()
    console.print(goals)


def _show_values(console: Console, comparison: Comparison) -> None:
    """Values without a limit that differ outside of their intervals; the page has the others."""
    from hardcheck.report.changes_page import shift_row

    told = [value for value in comparison.values if value.certain]
    if not told:
        return
    values = table("Without a limit, from A to B", "Structure", "Value", "A", "B", "Difference", right=("Difference",))
    for value in told:
        row = shift_row(value)
        cells = (row.word, f"{row.structure} {row.roi}".rstrip(), row.name, row.a.value, row.b.value, row.difference)
        values.add_row(*(text(cell) for cell in cells))
    console.print()
    console.print(values)


def _order(goal: GoalChange) -> int:
    from hardcheck.comparison import Change

    return list(Change).index(goal.change)


def _show_findings(console: Console, comparison: Comparison) -> None:
    for movement, title in (("NEW", "New findings in B"), ("GONE", "Findings of A that are gone")):
        found = [change.finding for change in comparison.findings if change.movement == movement]
        if found:
            heading(console, title)
        for finding in found:
            say(console, word(finding.severity), f" {finding.id}: {finding.message}")
