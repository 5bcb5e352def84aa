"""A protocol file: read, checked, and turned into a `Protocol`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from hardcheck.errors import ProtocolError, UsageError
from hardcheck.library.consistency import faults
from hardcheck.library.document import MOST_BYTES, Keys, Node, locate, plain, read_document
from hardcheck.library.examples import interval_of
from hardcheck.library.fault import Fault
from hardcheck.library.near import near
from hardcheck.library.problem import Complaint, Mark, Problem
from hardcheck.library.schema import (
    CheckEntry,
    ExampleEntry,
    ExtentEntry,
    FractionationEntry,
    GoalEntry,
    MarginEntry,
    ProtocolEntry,
    RegimenEntry,
    StructureEntry,
    VerticesEntry,
    count_range,
    figure_of,
    length_mm,
    level_range_gy,
)
from hardcheck.metric import Metric
from hardcheck.protocol import (
    CheckChange,
    Claim,
    Example,
    Extent,
    Fractionation,
    Goal,
    Level,
    Margin,
    Protocol,
    ProtocolStructure,
    Regimen,
    Tier,
    Vertices,
    parse_claim,
)
from hardcheck.protocol.expression import parse_expression

_MODELS: Final[dict[tuple[str, ...], type[BaseModel]]] = {
    (): ProtocolEntry,
    ("regimens",): RegimenEntry,
    ("structures",): StructureEntry,
    ("structures", "extent"): ExtentEntry,
    ("structures", "margin_from"): MarginEntry,
    ("structures", "vertices"): VerticesEntry,
    ("structures", "goals"): GoalEntry,
    ("checks",): CheckEntry,
    ("examples",): ExampleEntry,
    ("fractionation",): FractionationEntry,
    ("structures", "goals", "fractionation"): FractionationEntry,
}
"""Which model reads the mapping under these keys."""

_SHAPES: Final = {
    "string_type": "one text is wanted here",
    "list_type": "a list is wanted here",
    "dict_type": "a mapping is wanted here",
    "model_type": "a mapping is wanted here",
    "int_type": "a whole number is wanted here",
    "bool_type": "true or false is wanted here",
    "too_short": "at least one is wanted here",
    "too_long": "too many stand here",
}


def read_protocol(path: Path) -> Protocol:
    """The protocol in the file at `path`.

    Raises ProtocolError, with the place of the first problem and all `problems`, where there is any, and UsageError
    where the file cannot be opened.
    """
    return protocol_of(file_bytes(path), str(path))


def protocol_of(data: bytes, file: str) -> Protocol:
    """The protocol that the bytes of a file say, which errors call `file`. ProtocolError as of `read_protocol`."""
    node, entry, problems = _checked(data, file)
    if node is None or entry is None or problems:
        error = error_of(problems)
        error.file = file
        raise error
    examples = tuple(_example(e, locate(node, ("examples", k))) for k, e in enumerate(entry.examples))
    return replace(_protocol(entry, hashlib.sha256(data).hexdigest()), examples=examples)


def error_of(problems: Sequence[Problem]) -> ProtocolError:
    """The error that tells the first of `problems` and holds them all."""
    error = ProtocolError(problems[0].message, where=problems[0].place, do=problems[0].instead or None)
    error.problems = tuple(problems)
    return error


def lint(path: Path | str) -> list[Problem]:
    """All problems of the protocol file at `path`; UsageError where it cannot be opened.

    They stand in the order of the file, but a key that is missing stands behind the unknown ones that it may be.
    """
    return _checked(file_bytes(Path(path)), str(path))[2]


def file_bytes(path: Path, what: str = "protocol file") -> bytes:
    """The bytes of a file, as far as they are looked at; UsageError, which calls it `what`, where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the name
        reason = (getattr(error, "strerror", None) or "it cannot be opened").lower()
        raise UsageError(f"the {what} cannot be read: {reason}", where=str(path), do="name a .yaml file") from None


def _checked(data: bytes, file: str) -> tuple[Node | None, ProtocolEntry | None, list[Problem]]:
    node, complaints = read_document(data)
    entry = None
    if node is not None and not complaints:
        entry, complaints = _validated(node)
    if node is not None and entry is not None:
        complaints = sorted(_placed(node, fault) for fault in faults(entry))
    return node, entry, [Problem(file, c.mark.line, c.mark.column, c.message, c.instead) for c in complaints]


def _placed(node: Node, fault: Fault) -> Complaint:
    """The fault at its place, and where the other place is that it is about."""
    beside = f", in line {locate(node, fault.beside).line}" if fault.beside else ""
    return Complaint(locate(node, fault.path), f"{fault.message}{beside}", fault.instead)


def _validated(node: Node) -> tuple[ProtocolEntry | None, list[Complaint]]:
    if not isinstance(node, Keys):
        return None, [Complaint(node.mark, "a protocol is a mapping of keys to values", "begin with id: and a name")]
    try:
        return ProtocolEntry.model_validate(plain(node)), []
    except ValidationError as error:
        return None, _in_order(node, [dict(e) for e in error.errors(include_url=False)])


def _in_order(node: Node, errors: list[dict[str, Any]]) -> list[Complaint]:
    """The problems in the order of the file, but a missing key behind the unknown ones beside it, which it may be."""
    last: dict[tuple[str | int, ...], Mark] = {}
    for error in errors:
        if error["type"] == "extra_forbidden":
            home, mark = error["loc"][:-1], locate(node, error["loc"], key=True)
            last[home] = max(mark, last.get(home, mark))
    placed = []
    for error in errors:
        complaint = complaint_of(node, error)
        is_missing = error["type"] == "missing"
        place = max(complaint.mark, last.get(error["loc"][:-1], complaint.mark)) if is_missing else complaint.mark
        placed.append((place, is_missing, complaint))
    return [complaint for _, _, complaint in sorted(placed)]


def complaint_of(node: Node, error: dict[str, Any]) -> Complaint:
    """A problem that pydantic found, in the words of this package and with its place in the file."""
    path, kind, context = error["loc"], error["type"], error.get("ctx", {})
    at_key = kind == "extra_forbidden" or path[-1:] == ("[key]",)
    if path[-1:] == ("[key]",):
        path = path[:-1]
    mark = locate(node, path, key=at_key)
    if kind == "hardcheck":
        return Complaint(mark, context["message"], context["instead"])
    if kind == "extra_forbidden":
        known = _MODELS[tuple(step for step in path[:-1] if isinstance(step, str))].model_fields
        return Complaint(mark, f"unknown key {path[-1]!r}", near(str(path[-1]), known))
    if kind == "missing":
        return Complaint(mark, f"{path[-1]!r} is missing here", f"write {path[-1]}: and its value")
    if kind == "literal_error":
        return Complaint(mark, f"{error['input']!r} is not known here", f"write {context['expected']}")
    if kind in _SHAPES:
        return Complaint(mark, _SHAPES[kind], "see protocols/README.md")
    return Complaint(mark, error["msg"], "see protocols/README.md")


def _protocol(entry: ProtocolEntry, sha256: str) -> Protocol:
    return Protocol(
        id=entry.id,
        version=entry.version,
        title=entry.title,
        source=entry.source or "",
        verification=entry.verification,
        regimens=tuple(_regimen(regimen) for regimen in entry.regimens),
        structures=tuple(_structure(structure) for structure in entry.structures),
        goals=tuple(_goal(entry, structure, goal) for structure in entry.structures for goal in structure.goals),
        sha256=sha256,
        notes=tuple(entry.notes),
        fractionation=_fractionation(entry.fractionation),
        checks=tuple(CheckChange(check.id, check.severity, check.reason) for check in entry.checks),
    )


def _regimen(entry: RegimenEntry) -> Regimen:
    return Regimen(
        id=entry.id,
        fractions=entry.fractions,
        levels=tuple(Level(name, *level_range_gy(text)) for name, text in entry.levels.items()),
        when=entry.when or "",
        caveat=entry.caveat or "",
        source=entry.source or "",
    )


def _structure(entry: StructureEntry) -> ProtocolStructure:
    return ProtocolStructure(
        name=entry.name,
        role=entry.role,
        aliases=tuple(entry.aliases),
        level=entry.level or "",
        definition=entry.definition or "",
        expression=str(parse_expression(entry.expression)) if entry.expression else "",
        subtract=tuple(entry.subtract),
        extent=Extent(entry.extent.of, length_mm(entry.extent.margin)) if entry.extent else None,
        applies_on_slices_of=entry.applies_on_slices_of or "",
        serial=entry.serial,
        each=entry.each,
        inside=tuple(entry.inside),
        margin_from=_margin(entry.margin_from),
        from_skin_mm=length_mm(entry.from_skin) if entry.from_skin else None,
        whole=entry.whole,
        strip_mm=length_mm(entry.strip) if entry.strip else None,
        relaxed_in_organs=entry.relaxed_in_organs,
        note=entry.note or "",
        report=tuple(Metric.parse(text) for text in entry.report),
        vertices=_vertices(entry.vertices),
        uneven=entry.uneven,
    )


def _margin(entry: MarginEntry | None) -> Margin | None:
    return Margin(entry.of, length_mm(entry.least), length_mm(entry.most)) if entry is not None else None


def _goal(protocol: ProtocolEntry, structure: StructureEntry, entry: GoalEntry) -> Goal:
    first, *others = _ways(entry, structure.name)
    return Goal(
        id=entry.id,
        structure=structure.name,
        metric=first.metric,
        op=first.op,
        limit=first.limit,
        tier=Tier(entry.tier),
        source=entry.source or structure.source or protocol.source or "",
        printed=entry.printed or "",
        uncertain_tier=entry.uncertain_tier,
        source_conflict=entry.source_conflict or "",
        not_in_source=entry.not_in_source,
        regimens=tuple(entry.regimens),
        note=entry.note or "",
        alternatives=tuple(others),
        only_if=parse_claim(entry.only_if) if entry.only_if else None,
        fractionation=_fractionation(entry.fractionation),
    )


def _example(entry: ExampleEntry, mark: Mark) -> Example:
    value, low, high = interval_of(entry)
    volumes_cc = {name: figure_of(text)[0] for name, text in entry.volumes.items()}
    return Example(entry.goal, value, low, high, entry.outcome, volumes_cc, mark.line, mark.column)


def _ways(entry: GoalEntry, name: str) -> tuple[Claim, ...]:
    """The ways to meet a goal of the structure `name`, first one that is about itself."""
    if entry.goal is not None:
        return (parse_claim(entry.goal),)
    claims = [parse_claim(text) for text in entry.any_of]
    claims = [replace(claim, structure="") if claim.structure == name else claim for claim in claims]
    return tuple(sorted(claims, key=lambda claim: claim.structure != ""))


def _vertices(entry: VerticesEntry | None) -> Vertices | None:
    if entry is None:
        return None
    return Vertices(
        tuple(entry.structures),
        level_range_gy(entry.dose_per_fraction) if entry.dose_per_fraction else None,
        count_range(entry.fractions) if entry.fractions else None,
        length_mm(entry.least_diameter) if entry.least_diameter else None,
    )


def _fractionation(entry: FractionationEntry | None) -> Fractionation | None:
    if entry is None:
        return None
    return Fractionation(
        count_range(entry.fractions) if entry.fractions else None,
        level_range_gy(entry.dose_per_fraction) if entry.dose_per_fraction else None,
        level_range_gy(entry.convert_with_alpha_beta)[0] if entry.convert_with_alpha_beta else None,
    )
