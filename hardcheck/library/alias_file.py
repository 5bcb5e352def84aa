"""A site's own alias file: how its planners call the structures of protocols.

    Cord: [Medulla, "Rueckenmark"]
    protocols:
      hard:
        Bone: [Oberschenkel_li]

The keys are names of structures in protocols; what stands under `protocols` is for the protocol of that id alone, and
goes beside the rest. It is read as strictly as a protocol file, and aliases follow the same rules.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from hardcheck.errors import ProtocolError, UsageError
from hardcheck.library.document import Items, Keys, Node, plain, read_document
from hardcheck.library.near import near
from hardcheck.library.problem import Complaint, Mark, Problem
from hardcheck.library.protocol_file import complaint_of, error_of, file_bytes
from hardcheck.library.schema import Alias, Id, Name
from hardcheck.protocol import Protocol, ProtocolStructure
from hardcheck.protocol.names import Roi, chosen_names, normal

WRITTEN: Final = "# Written by hardcheck --save-aliases, which keeps no comment."
"""The first line of a file that hardcheck wrote and may write again."""

_OF_PROTOCOLS: Final = "protocols"
_Names = dict[Name, Annotated[list[Alias], Field(min_length=1)]]
_NAMES: Final[TypeAdapter[Any]] = TypeAdapter(_Names)
_SECTIONS: Final[TypeAdapter[Any]] = TypeAdapter(dict[Id, _Names])


class Entry(NamedTuple):
    """One alias: of a structure, in all protocols or in the one of an id, with its place in the file."""

    protocol: str
    structure: str
    alias: str
    key: Mark
    mark: Mark


@dataclass(frozen=True, slots=True)
class AliasFile:
    """What an alias file says, in its order."""

    file: str
    entries: tuple[Entry, ...]

    def applied_to(self, protocol: Protocol) -> Protocol:
        """`protocol` with the site's aliases of its structures.

        Raises ProtocolError, with the place in the file, where an alias is a name of another structure of the protocol,
        and where the protocol has no structure of a name under its own id.
        """
        structures = [s.name for s in protocol.structures]
        owners = {normal(name): s.name for s in protocol.structures for name in s.names}
        found: dict[str, dict[str, str]] = {}
        complaints = []
        for entry in self.entries:
            if entry.protocol not in ("", protocol.id):
                continue
            if entry.structure not in structures:
                if entry.protocol:
                    said = f"protocol {protocol.id} has no structure {entry.structure!r}"
                    complaints.append(Complaint(entry.key, said, near(entry.structure, structures)))
                continue
            form = normal(entry.alias)
            owner = owners.setdefault(form, entry.structure)
            if owner != entry.structure:
                said = f"{entry.alias!r} is already a name of {owner} in protocol {protocol.id}"
                complaints.append(Complaint(entry.mark, said, "keep it with one structure"))
            found.setdefault(entry.structure, {}).setdefault(form, entry.alias)
        if complaints:
            raise error_of(_problems(self.file, dict.fromkeys(complaints)))
        made = (_with_aliases(s, found.get(s.name, {})) for s in protocol.structures)
        return replace(protocol, structures=tuple(made))

    def strangers(self, protocol: Protocol) -> list[str]:
        """Structures that the file names for all protocols, and that `protocol` does not have."""
        structures = {s.name for s in protocol.structures}
        return list(
            dict.fromkeys(e.structure for e in self.entries if not e.protocol and e.structure not in structures)
        )


def _with_aliases(structure: ProtocolStructure, aliases: Mapping[str, str]) -> ProtocolStructure:
    """`structure` with those of `aliases`, by their normal form, that are no names of its own yet."""
    own = {normal(name) for name in structure.names}
    new = tuple(alias for form, alias in aliases.items() if form not in own)
    return replace(structure, site_aliases=(*structure.site_aliases, *new))


def read_aliases(path: Path) -> AliasFile:
    """The alias file at `path`.

    Raises ProtocolError, with the place of the first problem and all `problems`, where there is any, and UsageError
    where the file cannot be opened.
    """
    return _parsed(file_bytes(path, "alias file"), str(path))


class NamesToSave(NamedTuple):
    """ROI names by structure of the protocol, and the alias file with them; None where nothing in it is new."""

    names: Mapping[str, str]
    content: bytes | None


def names_to_save(path: Path, protocol: Protocol, structures: Sequence[Roi], mapping: Mapping[str, str]) -> NamesToSave:
    """What the alias file at `path`, there or not, is to be with the names of the ROIs that `mapping` chooses.

    `protocol` is without the names of the site. Nothing is written here. Raises UsageError where a name can be no
    alias, is also that of another ROI or another structure, and where the file has comments, which would be lost;
    ProtocolError where it is no alias file.
    """
    where = f"--save-aliases {path}"
    names = chosen_names(protocol, structures, mapping)
    known = AliasFile(str(path), ())
    if path.exists():
        data = file_bytes(path, "alias file")
        known = _parsed(data, str(path))
        if mark := _comment(data.decode("utf-8-sig")):
            do = "name another file, or take the comments out"
            raise UsageError("its comments would be lost", where=f"{path}:{mark.line}:{mark.column}", do=do)
    applied = known.applied_to(protocol)
    nowhere = Mark(0, 0)
    new = []
    for name, roi_name in names.items():
        if not roi_name.isprintable():
            do = "rename it in the planning system"
            raise UsageError(f"the name {roi_name!r} holds a character that cannot be seen", where=where, do=do)
        if normal(roi_name) not in map(normal, applied.structure(name).names):
            new.append(Entry("", name, roi_name.strip(), nowhere, nowhere))
    if not new:
        return NamesToSave(names, None)
    together = AliasFile(where, (*known.entries, *new))
    content = _text(together.entries).encode()
    try:
        if shared := list(_shared(together.entries)):
            raise error_of(_problems(where, shared))
        together.applied_to(protocol)
        _parsed(content, where)
    except ProtocolError as error:
        raise UsageError(error.what, where=where, do=error.do) from None
    return NamesToSave(names, content)


def _parsed(data: bytes, file: str) -> AliasFile:
    node, complaints = read_document(data)
    entries: tuple[Entry, ...] = ()
    if node is not None and not complaints:
        complaints = _shape(node)
    if isinstance(node, Keys) and not complaints:
        entries = tuple(_entries(node))
        complaints = sorted(_shared(entries))
    if complaints:
        raise error_of(_problems(file, complaints))
    return AliasFile(file, entries)


def _problems(file: str, complaints: Iterable[Complaint]) -> list[Problem]:
    return [Problem(file, c.mark.line, c.mark.column, c.message, c.instead) for c in complaints]


def _shape(node: Node) -> list[Complaint]:
    """What is wrong with the form of the file."""
    if not isinstance(node, Keys):
        said = "an alias file is a mapping of structures to lists of ROI names"
        return [Complaint(node.mark, said, "write it as in Cord: [Medulla]")]
    names = {key: plain(value) for key, value in node.values.items() if key != _OF_PROTOCOLS}
    complaints = _wrong(_NAMES, names, node, ())
    if _OF_PROTOCOLS in node.values:
        complaints += _wrong(_SECTIONS, plain(node.values[_OF_PROTOCOLS]), node, (_OF_PROTOCOLS,))
    return sorted(complaints)


def _wrong(adapter: TypeAdapter[Any], value: Any, node: Node, under: tuple[str, ...]) -> list[Complaint]:
    try:
        adapter.validate_python(value)
    except ValidationError as error:
        found: list[dict[str, Any]] = [dict(e) for e in error.errors(include_url=False)]
        return [complaint_of(node, e | {"loc": under + e["loc"]}) for e in found]
    return []


def _entries(node: Keys, protocol: str = "") -> Iterator[Entry]:
    for name, value in node.values.items():
        if isinstance(value, Items):
            for item in value.items:
                yield Entry(protocol, name, plain(item), node.keys[name], item.mark)
        elif isinstance(value, Keys):
            for id_, section in value.values.items():
                if isinstance(section, Keys):
                    yield from _entries(section, id_)


def _shared(entries: Iterable[Entry]) -> Iterator[Complaint]:
    """ROI names that stand under two structures, for all protocols or for one; a structure's own name counts too."""
    entries = list(entries)
    owners = {(e.protocol, normal(e.structure)): e.structure for e in entries}
    for entry in entries:
        owner = owners.setdefault((entry.protocol, normal(entry.alias)), entry.structure)
        if owner != entry.structure:
            said = f"{entry.alias!r} is already a name of {owner}"
            yield Complaint(
                entry.mark, said, "keep it with one structure, or put each under the protocol that it is for"
            )


def _text(entries: Iterable[Entry]) -> str:
    """`entries` as YAML in one form, each structure in one line."""
    sections: dict[str, dict[str, list[str]]] = {}
    for entry in entries:
        sections.setdefault(entry.protocol, {}).setdefault(entry.structure, []).append(entry.alias)
    lines = [WRITTEN, *_lines(sections.pop("", {}), "")]
    if sections:
        lines.append(f"{_OF_PROTOCOLS}:")
    for id_, names in sections.items():
        lines += [f"  {json.dumps(id_)}:", *_lines(names, "    ")]
    return "\n".join(lines) + "\n"


def _lines(names: Mapping[str, Iterable[str]], indent: str) -> Iterator[str]:
    for name, aliases in names.items():
        yield f"{indent}{name}: [{', '.join(json.dumps(alias, ensure_ascii=False) for alias in aliases)}]"


def _comment(text: str) -> Mark | None:
    """Where the first comment of a file stands; None where it has none, or was written by hardcheck."""
    lines = text.splitlines()
    if lines and lines[0].rstrip() == WRITTEN:
        return None
    end = 0
    # Between the tokens of YAML there is nothing but white space and comments.
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        gap = text[end : token.start_mark.index]
        if "#" in gap:
            before = text[: end + gap.index("#")]
            return Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))
        end = max(end, token.end_mark.index)
    return None
