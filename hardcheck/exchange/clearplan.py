"""Constraint templates of ClearPlan and PlanCheck, scripts for Eclipse.

A template is CSV with a heading and one goal in each row: structure, aliases (separated by ``|``), metric in the Mayo
format (``D0.03cc[Gy]``), evaluator (``<=45``), variation (``50``), priority. A value that misses the evaluator and
meets the variation is a variation; one that misses both is not met. Without a variation the evaluator decides. The
columns are read by their headings, in the three sets of headings that are in use. The format is described by the code
that reads it: `PQMSummaryCalculator` of ClearPlan (github.com/Kiragroh/ClearPlan-OpenSource), which goes back to the
script of the same name by R. Kaderka (UCSD), and its tools/convert-constraint-csvs-to-xlsx.py.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import PurePath
from typing import Final

from hardcheck.errors import MetricError, UsageError
from hardcheck.exchange.course import Given, course_of
from hardcheck.exchange.draft import Draft, Imported, Part
from hardcheck.exchange.figure import decimal_of, figure
from hardcheck.exchange.naming import role_by_type
from hardcheck.exchange.writing import written
from hardcheck.metric import DOSE_KINDS, STATISTICS, VOLUME_KINDS, Kind, Metric
from hardcheck.protocol import Claim, Tier, parse_goal

_HEADINGS: Final = {
    "structure": ("structureid", "structureids", "templateid"),
    "codes": ("structurecode", "structurecodes", "templatecodes"),
    "aliases": ("aliases", "idaliases", "templatealiases"),
    "type": ("codealiases", "templatetypes", "dicomtype"),
    "objective": ("dvhobjective",),
    "goal": ("evaluator", "evaluationpoint", "goal"),
    "variation": ("variation",),
    "priority": ("priority",),
    "source": ("source",),
    "remark": ("notes", "zusatzinfo", "comment"),
}
_NEEDED: Final = ("structure", "objective", "goal")
_GOAL: Final = re.compile(r"(?P<op><=|>=|<|>|=)?[ ]*(?P<value>[0-9.,]+)", re.ASCII)
_WORDS: Final = {"dmean": "Mean", "mean": "Mean", "dmax": "Max", "max": "Max", "dmin": "Min", "min": "Min"}
_KINDS: Final = VOLUME_KINDS | DOSE_KINDS | STATISTICS | {Kind.VOLUME}
_NOTES: Final = (
    "Imported from a ClearPlan template. Priorities are notes and change nothing.",
    "Where a goal has a variation, that is required and the goal recommended; where it has none, the goal is required.",
    "Where the template gives no type, role is told by the name. Look at each.",
)


def is_template(text: str) -> bool:
    """Whether `text` begins with the headings of a template."""
    first = re.split(r"[\r\n]", text[:10_000], maxsplit=1)[0].replace("\0", "")
    try:
        columns = _columns(next(csv.reader([first], delimiter=_delimiter(text)), []))
    except csv.Error:
        return False
    return all(name in columns for name in _NEEDED)


def from_clearplan(
    text: str,
    *,
    file: str = "template.csv",
    fractions: int | None = None,
    prescription_gy: Mapping[str, float] | None = None,
) -> Imported:
    """The ClearPlan template in `text` as a protocol.

    A template says neither fractions nor a prescribed dose, so both have to be given; `prescription_gy` is by level.
    Raises UsageError where they are missing, and where `text` is no template or holds nothing that can be taken over.
    """
    rows = _rows(text, file)
    draft = Draft(file, PurePath(file).stem, _NOTES, (course_of(Given(file, fractions, prescription_gy)),))
    for line, row in rows:
        name = row.get("structure", "")
        if not name:
            draft.leave(f"line {line}", "it names no structure")
            continue
        aliases = row.get("aliases", "").split("|")
        part = draft.part(name, role=role_by_type(row.get("type", "")), aliases=aliases)
        try:
            _take(draft, part, row)
        except MetricError as error:
            draft.leave(f"line {line}, {name} {row.get('objective')} {row.get('goal')}", error.what)
    if any(row.get("codes") for _, row in rows):
        draft.leave("structure codes", "hardcheck knows structures by their names")
    return written(draft)


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return ";" if first.count(";") > first.count(",") else ","


def _columns(headings: list[str]) -> dict[str, int]:
    """The column of each thing that a template may say."""
    known = {heading: name for name, several in _HEADINGS.items() for heading in several}
    found: dict[str, int] = {}
    for n, heading in enumerate(headings):
        name = known.get(re.sub(r"[^a-z]", "", heading.casefold()))
        if name is not None:
            found.setdefault(name, n)
    return found


def _rows(text: str, file: str) -> list[tuple[int, dict[str, str]]]:
    """The rows with their lines; those that are empty are left away."""
    try:
        return list(_read(text))
    except csv.Error:
        raise UsageError("is not CSV", where=file, do="save the template as CSV again") from None
    except MetricError as error:
        do = "name a ClearPlan template, with Structure ID, DVH Objective and Evaluator"
        raise UsageError(error.what, where=file, do=do) from None


def _read(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(
        io.StringIO(text.replace("\0", "\N{REPLACEMENT CHARACTER}"), newline=""), delimiter=_delimiter(text)
    )
    columns = _columns(next(reader, []))
    if missing := [_HEADINGS[name][0] for name in _NEEDED if name not in columns]:
        raise MetricError(f"the first line has no heading {missing[0]!r}")
    for cells in reader:
        row = {name: cells[n].strip() if n < len(cells) else "" for name, n in columns.items()}
        if any(row.values()):
            yield reader.line_num, row


def _take(draft: Draft, part: Part, row: Mapping[str, str]) -> None:
    """The goals of a row: its evaluator, and its variation where there is one that is looser."""
    metric, written_unit = _metric(row["objective"])
    op, goal = _limit(row.get("goal", ""))
    if not op:
        raise MetricError(f"{row.get('goal', '')!r} has no comparison")
    note = " ".join(
        f"{what} {said}." for what, said in (("Priority", row.get("priority")), ("Remark:", row.get("remark"))) if said
    )
    source = f"{row['source']}, as {draft.file} says" if row.get("source") else ""
    text = f"{metric} {op} {goal} {written_unit}"
    if not row.get("variation"):
        draft.take(part, text, Tier.REQUIRED, note=note, source=source)
        return
    try:
        looser = f"{metric} {_variation(row['variation'], op)} {written_unit}"
        _refuse_stricter(metric, looser, text)
    except MetricError as error:
        draft.leave(f"{part.original} {metric}, the variation {row['variation']!r}", error.what)
        draft.take(part, text, Tier.REQUIRED, note=note, source=source, uncertain=True)
        return
    draft.take(part, text, Tier.RECOMMENDED, note=note, source=source)
    draft.take(part, looser, Tier.REQUIRED, note=note, source=source)


def _metric(text: str) -> tuple[str, str]:
    """The metric of an objective in the language of protocols, and its unit as it is written."""
    plain = re.sub(r"\s+", "", text).replace("cm³", "cc").replace("cm3", "cc")
    kind, bracket, unit = plain.partition("[")
    kind = _WORDS.get(kind.casefold(), _point(kind))
    metric = Metric.parse(f"{kind}{bracket}{unit}")
    if metric.kind not in _KINDS:
        raise MetricError(f"what {metric.kind} is to the source is not known")
    return f"{kind}{bracket}{unit}", unit.removesuffix("]")


def _point(text: str) -> str:
    """`text` with a decimal comma as a point; MetricError where the comma may part thousands."""
    if re.search(r",[0-9]{3}(?![0-9])", text) or text.count(",") > 1 or ("," in text and "." in text):
        raise MetricError(f"whether the comma in {text!r} parts decimals or thousands is not known")
    return text.replace(",", ".")


def _limit(text: str) -> tuple[str, str]:
    """Comparison, which may be empty, and number."""
    found = _GOAL.fullmatch(text.replace("≤", "<=").replace("≥", ">=").strip())
    value = decimal_of(_point(found["value"])) if found else None
    if found is None or value is None:
        raise MetricError(f"{text!r} is not a comparison with a number" if text else "no evaluator stands there")
    if found["op"] == "=":
        raise MetricError(f"{text!r} asks for one value alone")
    return found["op"] or "", figure(Decimal(value))


def _variation(text: str, op: str) -> str:
    """The comparison of a variation, which is the one of its goal."""
    own, value = _limit(text)
    if own not in ("", op):
        raise MetricError(f"it compares with {own}, and its goal with {op}")
    return f"{op} {value}"


def _refuse_stricter(metric: str, looser: str, goal: str) -> None:
    """Raise MetricError where the variation is none."""
    if Metric.parse(metric).kind is Kind.CRITICAL_VOLUME:
        raise MetricError("with CV, some versions of ClearPlan take it for the least volume of the organ")
    if not Claim(*parse_goal(goal)).is_stricter_than(Claim(*parse_goal(looser))):
        raise MetricError("it is not looser than the goal")
