"""A draft as the text of a protocol file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Final

from hardcheck.errors import UsageError
from hardcheck.exchange.course import Course
from hardcheck.exchange.draft import Draft, Entry, Imported, Part, short
from hardcheck.exchange.naming import identifier

MOST_BYTES: Final = 1 << 20
"""The largest protocol file that is read."""


def written(draft: Draft) -> Imported:
    """The protocol that `draft` is; UsageError where it would be none, or too large."""
    parts = draft.settle()
    lines = [
        f"# Imported from {short(draft.file)}: a draft. Nobody has held its numbers against their source.",
        f"id: {quoted(identifier(PurePath(draft.file).stem, {}, 'imported'))}",
        'version: "1"',
        f"title: {quoted(f'{draft.title or draft.file} (imported)')}",
        f"source: {quoted(f'imported from {draft.file}, of which nobody has checked the numbers')}",
        "verification: draft",
        "notes:",
        *(f"  - {quoted(note)}" for note in draft.notes),
        "regimens:",
        *(line for course in draft.courses for line in _regimen(course)),
        "structures:",
        *(line for part in _structures(draft, parts) for line in part),
        "# Not taken over:" if draft.left_out else "# All of it was taken over.",
        *(f"# - {line}" for line in draft.left_out),
    ]
    text = "\n".join(lines) + "\n"
    if len(text.encode()) > MOST_BYTES:
        raise UsageError("the protocol would be larger than 1 MB", where=draft.file, do="import a part of it")
    return Imported(text, sum(len(part.goals) for part in parts), tuple(draft.left_out))


def quoted(text: str) -> str:
    """`text` as a YAML scalar in double quotes: one line of visible characters."""
    return json.dumps(short(text), ensure_ascii=False)


def _regimen(course: Course) -> Iterator[str]:
    levels = ", ".join(f"{name}: {dose} Gy" for name, dose in course.levels_gy.items())
    yield f"  - {{id: {quoted(course.id)}, fractions: {course.fractions}, levels: {{{levels}}}}}"


def _structures(draft: Draft, parts: Iterable[Part]) -> Iterator[Iterator[str]]:
    ids: dict[str, int] = {}
    for part in parts:
        yield _structure(part, ids, several=len(draft.courses) > 1)


def _structure(part: Part, ids: dict[str, int], *, several: bool) -> Iterator[str]:
    yield f"  - name: {part.name}"
    yield f"    role: {part.role}"
    if part.aliases:
        yield f"    aliases: [{', '.join(json.dumps(alias, ensure_ascii=False) for alias in part.aliases)}]"
    if part.level is not None and (part.role == "target" or any(g.claim.metric.is_of_level for g in part.goals)):
        yield f"    level: {part.level}"
    yield "    goals:"
    for goal in part.goals:
        yield from _goal(part, goal, ids, several=several)


def _goal(part: Part, goal: Entry, ids: dict[str, int], *, several: bool) -> Iterator[str]:
    metric = str(goal.claim.metric).split("[", maxsplit=1)[0].replace("%", "")
    yield f"      - id: {quoted(identifier(f'{part.name[:30]}-{metric}-{goal.tier}', ids, 'goal'))}"
    yield f"        goal: {quoted(str(goal.claim))}"
    yield f"        tier: {goal.tier}"
    if several and goal.regimen:
        yield f"        regimens: [{quoted(goal.regimen)}]"
    if goal.uncertain:
        yield "        uncertain_tier: true"
    if goal.source:
        yield f"        source: {quoted(goal.source)}"
    if goal.note:
        yield f"        note: {quoted(goal.note)}"
