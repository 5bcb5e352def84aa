"""A protocol as one page to print, hold against its source, and sign. It loads nothing, and nothing in it runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from hardcheck import STATEMENT, __version__
from hardcheck.metric import decimal_text
from hardcheck.report.template import environment, policy, style_sheet

if TYPE_CHECKING:
    from hardcheck.protocol import Goal, Protocol, ProtocolStructure

VERIFICATION: Final = {
    "draft": "nobody has held its numbers against a source",
    "transcribed": "typed from a source, and not yet held against the print by a person",
    "verified": "held against the printed source by a person, as the file says",
}
SIGNERS: Final = ("The numbers were held against the source by", "Approved for use by")


@dataclass(frozen=True, slots=True)
class GoalLine:
    """One goal: its text, what stands beside it, and the number of its source."""

    goal: Goal
    remarks: tuple[str, ...]
    source: int


@dataclass(frozen=True, slots=True)
class Block:
    """One structure with its goals, and in words what of it they are about."""

    structure: ProtocolStructure
    about: tuple[str, ...]
    goals: tuple[GoalLine, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the source leaves open about a goal, for whoever signs to decide."""

    goal: Goal
    text: str


def protocol_page(protocol: Protocol, *, created: datetime) -> str:
    """The page. The same arguments give the same text."""
    sources = list(dict.fromkeys(goal.source for goal in protocol.goals))
    blocks = [_block(structure, protocol, sources) for structure in protocol.structures]
    with_goals = [b for b in blocks if b.goals or b.structure.report]
    style = style_sheet("protocol", "protocol.css")
    return environment("protocol").get_template("protocol.html").render(
        blocks=blocks,
        created=created,
        doubts=list(_doubts(protocol.goals)),
        goals=len(protocol.goals),
        groups=[
            ("Targets", [b for b in with_goals if b.structure.role == "target"]),
            ("Organs", [b for b in with_goals if b.structure.role != "target"]),
        ],
        policy=policy(style),
        protocol=protocol,
        signers=SIGNERS,
        sources=sources,
        statement=STATEMENT,
        style=style,
        verification=VERIFICATION.get(protocol.verification, "not stated"),
        version=__version__,
    )  # fmt: skip


def _block(structure: ProtocolStructure, protocol: Protocol, sources: list[str]) -> Block:
    goals = [goal for goal in protocol.goals if goal.structure == structure.name]
    lines = (GoalLine(goal, tuple(_remarks(goal)), sources.index(goal.source) + 1) for goal in goals)
    return Block(structure, tuple(_about(structure)), tuple(lines))


def _remarks(goal: Goal) -> Iterator[str]:
    """What stands beside a goal; how its source contradicts itself is told once, among the doubts."""
    if goal.regimens:
        yield f"in {', '.join(goal.regimens)} only"
    yield from (text for text in goal.remarks if not goal.source_conflict or goal.source_conflict not in text)
    if goal.source_conflict:
        yield "the source contradicts itself, see below"


def _about(structure: ProtocolStructure) -> Iterator[str]:
    """What the goals of a structure are about, in words."""
    if structure.definition:
        yield structure.definition
    if structure.level:
        yield f"percent of dose is of level {structure.level}"
    if structure.extent is not None:
        margin_mm = structure.extent.margin_mm
        beyond = f" and {decimal_text(margin_mm)} mm beyond" if margin_mm else ""
        yield f"on the slices of {structure.extent.of}{beyond}"
    if structure.subtract:
        yield f"outside of {' and '.join(structure.subtract)}"
    if structure.applies_on_slices_of:
        yield f"applies if any part is on the slices of {structure.applies_on_slices_of}"
    yield from _about_the_contour(structure)
    if structure.note:
        yield structure.note


def _about_the_contour(structure: ProtocolStructure) -> Iterator[str]:
    """How a structure is found or made, and how its goals are judged beyond their limits."""
    if structure.expression:
        yield f"made as {structure.expression} where it is not contoured"
    if structure.inside:
        yield f"lies inside of {' and '.join(structure.inside)}"
    if structure.margin_from is not None:
        yield f"grown by {structure.margin_from}"
    if structure.from_skin_mm is not None:
        yield f"stays {decimal_text(structure.from_skin_mm)} mm from the skin"
    if structure.strip_mm is not None:
        yield f"a strip along the skin in one piece, {decimal_text(structure.strip_mm)} mm wide"
    if structure.whole:
        yield "may not end where the CT does"
    if structure.each:
        yield "each ROI that matches is evaluated as its own"
    if structure.serial:
        yield "serial: a required limit met only through the subtraction is for review"
    if structure.relaxed_in_organs:
        yield "a lack of coverage confined to where it overlaps organs is for review"


def _doubts(goals: Iterable[Goal]) -> Iterator[Doubt]:
    for goal in goals:
        if goal.source_conflict:
            yield Doubt(goal, goal.source_conflict)
        if goal.uncertain_tier:
            yield Doubt(goal, "the source leaves the tier in doubt: not meeting it asks for review")
        if goal.not_in_source:
            yield Doubt(goal, f"a number that the source of the protocol does not hold; its origin: {goal.source}")
