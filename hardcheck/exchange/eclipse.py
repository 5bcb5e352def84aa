"""Clinical protocols of Eclipse.

A clinical protocol is XML: StructureTemplate with the structures, and Phases, each with a PlanTemplate (FractionCount,
DosePerFraction in Gy) and a Prescription of Items (plan objectives) and MeasureItems (quality indices). Their types and
comparisons are numbers, which no public description by the maker was found for. What is read is what programs agree on
that read or write these files and are public: github.com/WUSTL-ClinicalDev/ClinicalTemplateReader (Models/TypeEnum.cs,
ModifierEnum.cs, MeasureItemModifierEnum.cs), github.com/NickChng/Squint (GetEclipseType and what follows it) and
github.com/Kiragroh/Eclipse_ClinicalGoals_ExcelToXML (excel_to_doseobjectives.py).
Where they contradict each other nothing is taken over.

| MeasureItem Type | metric | | Modifier | comparison |
|---|---|---|---|---|
| 2, 3 | V at TypeSpecifier % or Gy | | 0 | is more than |
| 4, 5 | D at TypeSpecifier % or cc | | 1 | is less than |
| 8 | mean dose | | | |

ReportDQPValueInAbsoluteUnits says whether Value is in Gy or cc, or in percent. An absolute volume is in cc for one
program and in cubic millimetres for two; types 6 and 7 are minimum and maximum or the other way round, and so are the
comparisons 3 and 4.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import PurePath
from typing import Final

from hardcheck.errors import MetricError, UsageError
from hardcheck.exchange.course import Course, Given, course_of, regimen
from hardcheck.exchange.draft import Draft, Imported, Part
from hardcheck.exchange.figure import decimal_of, figure
from hardcheck.exchange.naming import identifier, role_by_type
from hardcheck.exchange.writing import written
from hardcheck.protocol import Claim, Tier, parse_goal

_ROOTS: Final = ("Protocol", "DoseObjectives")
_MEASURES: Final = {
    "2": ("V{}%[%]", "V{}%[cc]"),
    "3": ("V{}Gy[%]", "V{}Gy[cc]"),
    "4": ("D{}%[%]", "D{}%[Gy]"),
    "5": ("D{}cc[%]", "D{}cc[Gy]"),
    "8": ("Mean[%]", "Mean[Gy]"),
}
"""The metric by MeasureItem Type, with a value in percent and with one in absolute units."""
_MEASURE_OPS: Final = {"0": ">", "1": "<"}
_OBJECTIVES: Final = {"7": ("Mean[Gy]", ">"), "8": ("Mean[Gy]", "<"), "9": ("Min[Gy]", ">"), "10": ("Max[Gy]", "<")}
"""The metric and the comparison by Modifier of an Item; 0 and 1 are "at least" and "at most" Parameter %."""
_COVERAGES: Final = {"0": ">=", "1": "<="}
_UNCLEAR: Final = "programs that read these files contradict each other about"
_DOSES_AGREE_GY: Final = Decimal("0.05")
"""Item Dose times the fractions, which is rounded per fraction, and its TotalDose."""
_NOTES: Final = (
    "Imported from a clinical protocol of Eclipse. Priorities are notes and change nothing.",
    "Where a goal has an acceptable variation, it is required and the goal recommended; other goals are required.",
    "Where the protocol gives no type of a structure, role is told by the name. Look at each.",
)


def from_eclipse(
    text: str,
    *,
    file: str = "protocol.xml",
    fractions: int | None = None,
    prescription_gy: Mapping[str, float] | None = None,
) -> Imported:
    """The clinical protocol in `text` as a protocol; each of its phases becomes a regimen.

    `fractions` and `prescription_gy`, by level, are for a protocol of one phase that does not say them. Raises
    UsageError where they are missing, and where `text` is no clinical protocol or holds nothing that can be taken over.
    """
    root = _root(text, file)
    phases = [e for e in root.iter() if _tag(e) == "Phase"] or [root]
    given = Given(file, fractions, prescription_gy)
    courses = (_course(phases[0], given),) if len(phases) == 1 else tuple(_courses(phases, given))
    preview = _child(root, "Preview")
    title = preview.get("ID", "") if preview is not None else ""
    draft = Draft(file, title or PurePath(file).stem, _NOTES, courses)
    _structures(draft, root)
    for phase, course in zip(phases, courses, strict=True):
        _prescription(draft, phase, course, several=len(phases) > 1)
    return written(draft)


def _root(text: str, file: str) -> ET.Element:
    if re.search(r"<!\s*(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise UsageError("holds a DOCTYPE or an ENTITY", where=file, do="export the protocol from Eclipse again")
    try:
        root = ET.fromstring(text)  # noqa: S314 - no DOCTYPE, no entity
    except ET.ParseError as error:
        line, column = error.position
        do = "export the protocol from Eclipse again"
        raise UsageError("is not XML from here on", where=f"{file}:{line}:{column + 1}", do=do) from None
    except (ValueError, LookupError):  # a character that no XML holds, an encoding that nobody knows
        raise UsageError("is not XML", where=file, do="export the protocol from Eclipse again") from None
    if _tag(root) not in _ROOTS:
        do = f"name a clinical protocol, whose first element is {_ROOTS[0]}"
        raise UsageError(f"is no clinical protocol of Eclipse, but {_tag(root)[:40]!r}", where=file, do=do)
    return root


def _tag(element: ET.Element) -> str:
    """The name of an element, whatever its namespace."""
    return element.tag.rpartition("}")[2]


def _child(element: ET.Element | None, name: str) -> ET.Element | None:
    return next((e for e in (element if element is not None else ()) if _tag(e) == name), None)


def _text(element: ET.Element | None, name: str) -> str:
    """The text of a child, empty where there is none."""
    child = _child(element, name)
    return (child.text or "").strip() if child is not None else ""


def _number(element: ET.Element | None, name: str) -> Decimal | None:
    return decimal_of(_text(element, name))


def _course(phase: ET.Element, given: Given) -> Course:
    """The regimen of the only phase."""
    return course_of(given, fractions=_fractions(phase, given), dose_gy=_dose_gy(phase))


def _courses(phases: list[ET.Element], given: Given) -> Iterator[Course]:
    """A regimen for each phase. Options would be for all of them alike, so there are none."""
    ids: dict[str, int] = {}
    if given.fractions is not None or given.prescription_gy:
        do = "leave --fractions and --level away"
        raise UsageError(f"the file has {len(phases)} phases, each with its own", where=given.file, do=do)
    for phase in phases:
        fractions, dose_gy = _fractions(phase, given), _dose_gy(phase)
        if fractions is None or dose_gy is None:
            what = f"the phase {phase.get('ID', '')!r} does not say its fractions or its dose"
            raise UsageError(what, where=given.file, do="complete it, or export each phase as a protocol of its own")
        course = course_of(Given(given.file), fractions=fractions, dose_gy=dose_gy)
        id_ = identifier(phase.get("ID", ""), ids, "phase")
        yield regimen(id_, course.fractions, course.levels_gy, where=given.file)


def _fractions(phase: ET.Element, given: Given) -> int | None:
    """The fractions of a phase, which may stand in two places; UsageError where they differ."""
    said = {_number(phase, "FractionCount"), _number(_child(phase, "PlanTemplate"), "FractionCount")} - {None}
    counts = {int(count) for count in said if count is not None and 0 < count < 1000 and count == int(count)}
    if len(counts) > 1:
        what = f"the phase {phase.get('ID', '')!r} says {' and '.join(map(str, sorted(counts)))} fractions"
        raise UsageError(what, where=given.file, do="correct it in Eclipse and export it again")
    return next(iter(counts), None)


def _dose_gy(phase: ET.Element) -> Decimal | None:
    """The prescribed dose that is 100 %; None where the file does not say it."""
    template = _child(phase, "PlanTemplate")
    dose, count = _number(template, "DosePerFraction"), _number(template, "FractionCount")
    if (
        dose is None
        or count is None
        or _number(template, "PrescribedPercentage") not in (None, Decimal(1), Decimal(100))
    ):
        return None
    return dose * count if dose > 0 and count > 0 else None


def _structures(draft: Draft, root: ET.Element) -> None:
    structures = _child(_child(root, "StructureTemplate"), "Structures")
    for structure in structures if structures is not None else ():
        name = structure.get("ID", "").strip()
        identification = _child(structure, "Identification")
        if _tag(structure) != "Structure" or not name:
            continue
        synonyms = _child(identification, "Synonyms")
        synonyms = _child(structure, "Synonyms") if synonyms is None else synonyms
        others = [
            part for text in (synonyms.itertext() if synonyms is not None else ()) for part in re.split(r"[|;]", text)
        ]
        draft.part(name, role=role_by_type(_text(identification, "VolumeType")), aliases=others)


def _prescription(draft: Draft, phase: ET.Element, course: Course, *, several: bool) -> None:
    """Take over the goals of a phase."""
    prescription = _child(phase, "Prescription")
    kinds = {"Item": _objective, "MeasureItem": _measure}
    for n, item in enumerate(prescription if prescription is not None else (), 1):
        read = kinds.get(_tag(item))
        name = item.get("ID", "").strip()
        if read is None:
            continue
        called = f"{_tag(item)} {n}" + (f" of {course.id}" if several else "") + (f" ({name})" if name else "")
        try:
            goal, variation = read(item, course)
            _take(draft, _part(draft, name), item, (goal, variation), course.id)
        except MetricError as error:
            draft.leave(called, error.what)


def _part(draft: Draft, name: str) -> Part:
    if not name:
        raise MetricError("it names no structure")
    return draft.part(name)


def _take(draft: Draft, part: Part, item: ET.Element, goals: tuple[str, str], regimen_id: str) -> None:
    goal, variation = goals
    priority = _text(item, "Priority")
    note = f"Priority {priority}." if priority else ""
    if not variation:
        draft.take(part, goal, Tier.REQUIRED, regimen=regimen_id, note=note)
        return
    if Claim(*parse_goal(goal)).is_stricter_than(Claim(*parse_goal(variation))):
        draft.take(part, goal, Tier.RECOMMENDED, regimen=regimen_id, note=note)
        draft.take(part, variation, Tier.REQUIRED, regimen=regimen_id, note=note)
        return
    draft.leave(f"{part.original} {goal}, its variation {variation}", "it is not looser than the goal")
    draft.take(part, goal, Tier.REQUIRED, regimen=regimen_id, note=note, uncertain=True)


def _objective(item: ET.Element, course: Course) -> tuple[str, str]:
    """The goal of a plan objective, in Gy of the whole course."""
    modifier = _text(item, "Modifier")
    if modifier not in _COVERAGES and modifier not in _OBJECTIVES:
        raise MetricError(f"Modifier {modifier[:10]!r} makes no comparison that is known")
    total, dose = _number(item, "TotalDose"), _number(item, "Dose")
    if not total:
        raise MetricError("it has no TotalDose")
    if dose and abs(dose * course.fractions - total) > _DOSES_AGREE_GY:
        raise MetricError(f"Dose {dose} in {course.fractions} fractions is not TotalDose {total}")
    if modifier in _OBJECTIVES:
        metric, op = _OBJECTIVES[modifier]
        return f"{metric} {op} {figure(total)} Gy", ""
    return f"V{figure(total)}Gy[%] {_COVERAGES[modifier]} {figure(_needed(item, 'Parameter'))} %", ""


def _measure(item: ET.Element, course: Course) -> tuple[str, str]:  # noqa: ARG001 - as `_objective`
    """The goal of a quality index, and its variation where it has one."""
    kind, modifier, absolute = (_text(item, name) for name in ("Type", "Modifier", "ReportDQPValueInAbsoluteUnits"))
    if kind in ("6", "7"):
        raise MetricError(f"{_UNCLEAR} Type {kind}, minimum or maximum")
    if kind not in _MEASURES:
        raise MetricError(f"Type {kind[:10]!r} is no metric of hardcheck, or not known")
    if modifier in ("3", "4"):
        raise MetricError(f"{_UNCLEAR} Modifier {modifier}, at least or at most")
    if modifier not in _MEASURE_OPS:
        raise MetricError(f"Modifier {modifier[:10]!r} makes no comparison that is known")
    if absolute not in ("true", "false"):
        raise MetricError("whether its value is in percent is not said")
    pattern = _MEASURES[kind][absolute == "true"]
    unit = pattern.partition("[")[2].removesuffix("]")
    if unit == "cc":
        raise MetricError(f"{_UNCLEAR} absolute volumes, in cc or cubic millimetres")
    metric = pattern.format(figure(_needed(item, "TypeSpecifier"))) if "{}" in pattern else pattern
    op, variation = _MEASURE_OPS[modifier], _number(item, "VariationAcceptable")
    goal = f"{metric} {op} {figure(_needed(item, 'Value'))} {unit}"
    return goal, "" if variation is None else f"{metric} {op} {figure(variation)} {unit}"


def _needed(item: ET.Element, name: str) -> Decimal:
    value = _number(item, name)
    if value is None:
        raise MetricError(f"its {name} is not a number")
    return value
