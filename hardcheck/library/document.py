"""The YAML of a protocol file: mappings, lists and text, each with its place in the file.

Protocols use a small part of YAML. Every scalar is text, read as it is written (``12:30``, ``010``, ``NO`` and
``1e3`` included); what it means is for the schema to say. Tags, anchors, aliases, merge keys, several documents,
duplicate keys and values that are left empty are problems. The parser's events are composed here rather than by the
YAML library, since its own nodes no longer know about anchors, and its own recursion has no limit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from hardcheck.library.problem import Complaint, Mark
from hardcheck.library.syntax import START, Reading, mark_of

MOST_BYTES: Final = 1 << 20
"""The largest file that is read. HARD, with all its notes, takes a fiftieth of it."""

MOST_DEPTH: Final = 12
"""Nesting that is followed. Protocols need six."""

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar, as it is written."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    mark: Mark
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Keys:
    """A mapping; `keys` tells where each key stands."""

    mark: Mark
    values: Mapping[str, Node]
    keys: Mapping[str, Mark]


Node = Text | Items | Keys
Path = Sequence[str | int]


def plain(node: Node) -> Any:
    """The node as dicts, lists and text."""
    if isinstance(node, Keys):
        return {key: plain(value) for key, value in node.values.items()}
    return [plain(item) for item in node.items] if isinstance(node, Items) else node.text


def locate(node: Node, path: Path, *, key: bool = False) -> Mark:
    """Where the node at `path` stands, or as much of the path as there is; with `key`, where its key stands."""
    mark = node.mark
    for step in path:
        if isinstance(node, Keys) and isinstance(step, str) and step in node.values:
            mark, node = node.keys[step], node.values[step]
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            mark = node.mark
        else:
            return node.mark
    return mark if key else node.mark


class _UnreadableError(Exception):
    """The text cannot be read to its end; `complaint` says where and why."""

    def __init__(self, mark: Mark, message: str, instead: str = "") -> None:
        self.complaint = Complaint(mark, message, instead)
        super().__init__(message)


def read_document(data: bytes) -> tuple[Node | None, list[Complaint]]:
    """The document in `data`, None where it cannot be read to its end, and what is wrong with its YAML."""
    complaints: list[Complaint] = []
    try:
        return _Composer(_decoded(data), complaints).document(), sorted(complaints)
    except _UnreadableError as error:
        return None, sorted([*complaints, error.complaint])


def _decoded(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise _UnreadableError(START, f"the file is larger than {MOST_BYTES} bytes", "split the protocol")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        raise _UnreadableError(_mark_after(before), "the file is not UTF-8 text", "save it as UTF-8") from None
    for index, character in enumerate(text):
        if not (character.isprintable() or character in "\n\r\t"):
            where = _mark_after(text[:index])
            message = f"the character U+{ord(character):04X} is invisible"
            raise _UnreadableError(where, message, "write an ordinary space, or nothing")
    return text


def _mark_after(text: str) -> Mark:
    lines = f"{text}.".splitlines()
    return Mark(len(lines), len(lines[-1]))


@dataclass(slots=True)
class _Composer:
    text: str
    complaints: list[Complaint]
    events: Iterator[Any] = field(init=False)

    def document(self) -> Node:
        self.events = self._guarded()
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                break
        else:
            raise _UnreadableError(START, "the file is empty", "write a protocol, as protocols/README.md shows")
        node = self._node(next(self.events), 0)
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise _UnreadableError(
                    mark_of(event.start_mark), "a second document starts here", "keep each protocol in its own file"
                )
        return node

    def _guarded(self) -> Iterator[Any]:
        """The parser's events, its errors turned into ours."""
        reading = Reading(self.text)
        try:
            for event in yaml.parse(self.text, Loader=_LOADER):
                reading.note(event)
                yield event
        except yaml.MarkedYAMLError as error:
            raise _UnreadableError(*reading.complaint(error)) from None
        except yaml.YAMLError as error:
            raise _UnreadableError(START, f"not YAML: {error}", "check the indentation and quotes") from None

    def _node(self, event: Any, depth: int) -> Node:
        mark = mark_of(event.start_mark)
        if depth > MOST_DEPTH:
            raise _UnreadableError(mark, f"nested deeper than {MOST_DEPTH} levels", "protocols need six")
        if isinstance(event, yaml.AliasEvent):
            raise _UnreadableError(mark, f"the alias *{event.anchor}", "write the value out")
        if event.anchor is not None:
            self.complaints.append(Complaint(mark, f"the anchor &{event.anchor}", "write the value where it is needed"))
        if event.tag is not None:
            self.complaints.append(Complaint(mark, f"the tag {event.tag}", "leave it away: values are plain text"))
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(mark, depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(mark, depth)
        return Text(mark, event.value)

    def _list(self, mark: Mark, depth: int) -> Items:
        items = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            if _is_empty(event):
                self.complaints.append(
                    Complaint(mark_of(event.start_mark), "an empty entry", "write it or leave it away")
                )
            items.append(self._node(event, depth + 1))
        return Items(mark, tuple(items))

    def _mapping(self, mark: Mark, depth: int) -> Keys:
        values: dict[str, Node] = {}
        keys: dict[str, Mark] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            if not isinstance(key, Text):
                raise _UnreadableError(key.mark, "a key is one word, not a list or a mapping", "write key: value")
            if key.text == "<<":
                raise _UnreadableError(key.mark, "a merge key", "write the values out")
            value = next(self.events)
            if _is_empty(value):
                self.complaints.append(
                    Complaint(key.mark, f"{key.text!r} has no value", "write one or leave the key away")
                )
            node = self._node(value, depth + 1)
            if key.text in keys:
                first = keys[key.text].line
                self.complaints.append(
                    Complaint(key.mark, f"{key.text!r} stands twice, first in line {first}", "keep one of them")
                )
                continue
            values[key.text], keys[key.text] = node, key.mark
        return Keys(mark, values, keys)


def _is_empty(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent) and event.value == "" and event.implicit[0]
