"""The report as one HTML file that loads nothing: everything that it shows is in it, and readable without its script.

Every text from outside goes through the same two gates: `visible` (no character that cannot be seen) and
Jinja2's autoescape (no character that is markup). No template marks data as safe.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from hardcheck import STATEMENT, __version__
from hardcheck.evaluation.result import Outcome
from hardcheck.plan import Severity
from hardcheck.protocol import How
from hardcheck.report.anonymity import anonymised, hider
from hardcheck.report.document import versions
from hardcheck.report.drawing import SIDE
from hardcheck.report.headline import counts, headline
from hardcheck.report.histogram import Histogram, histograms
from hardcheck.report.identity import identity
from hardcheck.report.lattice import lattice_text
from hardcheck.report.mark import mark_of
from hardcheck.report.number import MINUS, spoken
from hardcheck.report.opinion import COLUMNS, opinion_tables
from hardcheck.report.own_page import OwnTemplate, own_page
from hardcheck.report.page_header import page_header
from hardcheck.report.picture import pictures
from hardcheck.report.plot import NARROW, WIDE, GoalMark, plot
from hardcheck.report.raster import WINDOW_HU
from hardcheck.report.reading import plot_data
from hardcheck.report.row import WORDS, GoalRow, GoalTable, goal_table, scale_ticks
from hardcheck.report.scale import plan_scale_text
from hardcheck.report.template import environment, policy, speak, style_sheet
from hardcheck.report.uncontoured import uncontoured
from hardcheck.settings import SHIPPED, Logo, Settings
from hardcheck.wording import WORDS as WORDING
from hardcheck.wording import Wording

if TYPE_CHECKING:
    from hardcheck.evaluation.result import Evaluation, LatticeResult

SECTIONS: Final = ("goals", "integrity", "dvh", "pictures", "opinion", "provenance")
"""After the verdict, in this order: a template of `templates/report/sections` each."""

NOT_POSSIBLE: Final = tuple(WORDING["cannot"].values())
"""What no check of DICOM RT files alone can tell (INTEGRITY: last paragraph)."""


def html_page(
    evaluation: Evaluation,
    *,
    created: datetime,
    anonymous: bool = False,
    settings: Settings = SHIPPED,
    template: OwnTemplate | None = None,
    back: str = "",
    on_paper: bool = False,
) -> str:
    """The report of `evaluation`, as `settings` have it, by `template` where there is one.

    The same arguments give the same text. `back` is the name of the file beside it that lists it, if any. `on_paper`
    leaves out what is of the screen alone: the script with its data and controls, and the plot for narrow screens.
    UsageError where the template cannot be used.
    """
    pages = environment("report")
    speak(pages, settings.wording)
    given = variables(evaluation, created=created, anonymous=anonymous, settings=settings, on_paper=on_paper)
    given |= {"back": back}
    if template is not None:
        return own_page(template, given, settings.wording, str(evaluation.verdict))
    return pages.get_template("evaluation.html").render(given)


def variables(
    evaluation: Evaluation,
    *,
    created: datetime,
    anonymous: bool = False,
    settings: Settings = SHIPPED,
    on_paper: bool = False,
) -> dict[str, object]:
    """What the templates of the report know, by name: docs/templates.md."""
    hide = hider(evaluation.plan) if anonymous else str
    wording = settings.wording
    lines = histograms(evaluation, hide)
    shown = anonymised(evaluation) if anonymous else evaluation
    bare = goal_table(shown)
    seen = pictures(shown, bare.rows, lines)
    sections = _sections(shown, settings)
    table = bare.pictured(seen.of_goals if "pictures" in sections else {})
    style, script = style_sheet("report", "report.css"), style_sheet("report", "report.js")
    edges = page_header(shown, created=created, anonymous=anonymous, wording=wording)
    marks = tuple(_goal_marks(table, lines, wording))
    plots = [plot(lines, marks, layout) for layout in ((WIDE,) if on_paper else (WIDE, NARROW))]
    return dict(  # noqa: C408 - names, not texts
        accepted=shown.accepted,
        anonymous=anonymous,
        coded=wording.is_own,
        columns=settings.columns,
        counts=counts(table.rows),
        created=created,
        department=department(settings, anonymous=anonymous),
        dose_scale=plan_scale_text(shown.dose_scale),
        findings=sorted(shown.findings, key=lambda f: list(Severity).index(f.severity)),
        head=headline(shown, table.rows, wording),
        histograms=lines,
        lattices=[lattice_text(found, _told(shown, found)) for found in shown.lattices],
        identity=identity(shown, anonymous=anonymous, wording=wording),
        lang=wording.language,
        on_paper=on_paper,
        not_possible=[wording.say(f"cannot.{name}") for name in WORDING["cannot"]],
        opinion_columns=COLUMNS,
        opinions=opinion_tables(shown.second_opinions),
        picture_side=SIDE,
        pictures=seen,
        plan=shown.plan,
        outcomes=Counter(row.result.outcome for row in table.rows),
        page_edges=edges,
        plot_data=None if on_paper else plot_data(lines, plots, shown.plan.prescription_gy),
        plots=plots,
        policy=policy(style, edges, script=script),
        protocol=shown.protocol,
        reported=[
            (found, spoken(found.quantity), shown.matched_by(found.structure, found.roi_number) or "")
            for found in shown.reported
        ],
        scale_ticks=scale_ticks(),
        script=script,
        sections=sections,
        settings=[
            *((str(name), _setting(value)) for name, value in shown.settings.items()),
            *own_files(settings, anonymous=anonymous),
        ],
        statement=STATEMENT,
        style=style,
        table=table,
        uncontoured=uncontoured(shown),
        version=__version__,
        when=created.strftime("%Y-%m-%d %H:%M %Z").strip(),
        window_hu=[str(bound).replace("-", MINUS) for bound in WINDOW_HU],
        versions=versions(),
        without_goals=tuple(_without_goals(shown)),
        words={outcome: wording.say(f"outcome.{outcome}") for outcome in WORDS},
    )  # fmt: skip


def _sections(shown: Evaluation, settings: Settings) -> dict[str, str]:
    """The sections that are there, in the department's order, each with its name in the navigation."""
    names = [name for name in settings.sections if name in SECTIONS]
    return {
        name: settings.wording.say(f"section.{name}") for name in names if name != "opinion" or shown.second_opinions
    }


def department(settings: Settings, *, anonymous: bool) -> dict[str, str]:
    """Name and logo; neither without identity, since the institution may tell who the patient is."""
    if anonymous:
        return {"name": "", "logo": ""}
    return {"name": settings.department, "logo": data_uri(settings.logo)}


def own_files(settings: Settings, *, anonymous: bool) -> Iterable[tuple[str, str]]:
    """What else this report rests on than the evaluation."""
    if settings.sha256:
        yield "settings of the report", "left out" if anonymous else settings.sha256


def data_uri(logo: Logo | None) -> str:
    """The logo as part of the page; empty where there is none."""
    return "" if logo is None else f"data:{logo.media_type};base64,{base64.b64encode(logo.data).decode('ascii')}"


def _goal_marks(table: GoalTable, lines: Iterable[Histogram], wording: Wording) -> Iterable[GoalMark]:
    """The marks of all goals whose structure has a line."""
    by_number = {line.roi_number: line for line in lines if line.points}
    for group in (*table.targets, *table.organs):
        for row in group.rows:
            result = row.result
            number = result.roi_number if result.structure_number is None else result.structure_number
            line = None if number is None else by_number.get(number)
            mark = mark_of(row.result, line.known_cc, group.level_gy) if line is not None else None
            if mark is not None and line is not None:
                yield GoalMark(mark, line.key, line.colour, str(row.result.goal.tier), _ring(row), _title(row, wording))


def _ring(row: GoalRow) -> str:
    """How the plot sets off a goal that the verdict rests on: missed, or open where it was not decided."""
    if row.effect not in ("fail", "variation", "review"):
        return ""
    return "missed" if row.result.outcome is Outcome.NOT_MET else "open"


def _title(row: GoalRow, wording: Wording) -> str:
    goal = row.result.goal
    value = f", {row.shown.value} {row.shown.unit}".rstrip() if row.shown.value else ""
    return f"{goal.structure}: {goal} ({goal.tier}): {wording.say(f'outcome.{row.result.outcome}')}{value}"


def _without_goals(evaluation: Evaluation) -> Iterable[tuple[str, str]]:
    """Structures that no goal is of but that others rest on, with the ROI of each and how it was found."""
    named = {r.goal.structure for r in evaluation.results} | {r.structure for r in evaluation.reported}
    for name, match in evaluation.matches.items():
        if name not in named:
            for roi, way in zip(match.structures, match.ways, strict=True):
                yield name, str(way) if way.how is How.EXPRESSION else f"ROI {roi.number} {roi.name}, {way}"


def _told(shown: Evaluation, lattice: LatticeResult) -> set[str]:
    """The metrics of the tumour that stand among what is reported without a limit."""
    of = (lattice.structure, lattice.roi_number)
    return {str(found.metric) for found in shown.reported if (found.structure, found.roi_number) == of}


def _setting(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {_setting(item)}" for key, item in value.items()) or "none"
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(_setting(item) for item in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None or value == "" else str(value)
