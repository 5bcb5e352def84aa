"""The settings file of a department: how its reports look.

    department: Radiation Oncology, Example Hospital
    logo: logo.png
    columns: [structure, outcome, metric, value, interval, margin, tier]
    sections: [goals, integrity, dvh, provenance]
    paper: Letter
    labels: de

Read as strictly as a protocol file. Logo and label file are named from the folder of the settings file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from hardcheck.errors import ProtocolError, UsageError
from hardcheck.library.document import Items, Keys, Node, Text, read_document
from hardcheck.library.label_file import code_in, languages, read_labels, shipped_path, wording_of
from hardcheck.library.near import near
from hardcheck.library.problem import Complaint, Problem
from hardcheck.library.protocol_file import error_of, file_bytes
from hardcheck.settings import COLUMNS, COLUMNS_KEPT, PAPERS, SECTIONS, SECTIONS_KEPT, Logo, Settings
from hardcheck.wording import Wording

MOST_LOGO_BYTES: Final = 200_000
_LONGEST_NAME: Final = 120
_SUFFIX: Final = ".yaml"
_MAGIC: Final = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
KEYS: Final = ("department", "logo", "columns", "sections", "paper", "labels")


def load_settings(path: Path | str) -> Settings:
    """The settings in the file at `path`.

    Raises ProtocolError, with the place of the first problem and all `problems`, where there is any, and UsageError
    where a file cannot be opened.
    """
    path = Path(path)
    data = file_bytes(path, "settings file")
    if not data.strip():
        do = f"write one of {', '.join(KEYS)}"
        raise error_of([Problem(str(path), 1, 1, "the file is empty", do)])
    node, complaints = read_document(data)
    reading = _Reading(path, complaints)
    settings = Settings() if node is None or complaints else reading.settings(node, hashlib.sha256(data).hexdigest())
    if reading.complaints:
        found = sorted(reading.complaints)
        raise error_of([Problem(str(path), c.mark.line, c.mark.column, c.message, c.instead) for c in found])
    return settings


class _Reading:
    """One settings file, and what is wrong with it so far."""

    def __init__(self, path: Path, complaints: Sequence[Complaint]) -> None:
        self.folder = path.parent
        self.complaints = list(complaints)

    def settings(self, node: Node, sha256: str) -> Settings:
        if not isinstance(node, Keys):
            self._wrong(node, "a settings file is a mapping of keys to values", f"its keys are {', '.join(KEYS)}")
            return Settings()
        found: dict[str, Any] = {"sha256": sha256}
        for key, value in node.values.items():
            match key:
                case "department":
                    found["department"] = self._department(value)
                case "logo":
                    found["logo"] = self._logo(value)
                case "columns":
                    found["columns"] = self._choice(value, "column", COLUMNS, COLUMNS_KEPT)
                case "sections":
                    found["sections"] = self._choice(value, "section", SECTIONS, SECTIONS_KEPT)
                case "paper":
                    found["paper"] = self._paper(value)
                case "labels":
                    found["wording"] = self._wording(value)
                case _:
                    self.complaints.append(Complaint(node.keys[key], f"unknown key {key!r}", near(key, KEYS)))
        return Settings(**found)

    def _wrong(self, node: Node, message: str, instead: str) -> None:
        self.complaints.append(Complaint(node.mark, message, instead))

    def _text(self, node: Node) -> str:
        if not isinstance(node, Text):
            self._wrong(node, "one text is wanted here", "write it in one line")
            return ""
        text = " ".join(node.text.split())
        if not text.isprintable():
            self._wrong(node, "this holds a character that cannot be seen", "write it without")
        return text

    def _department(self, node: Node) -> str:
        name = self._text(node)
        if len(name) > _LONGEST_NAME:
            self._wrong(node, f"the name is longer than {_LONGEST_NAME} characters", "shorten it")
        if codes := code_in(name):
            self._wrong(node, f"the name holds {codes[0]}, a code of the report", "write it in other letters")
        return name

    def _paper(self, node: Node) -> str:
        paper = self._text(node)
        if paper not in PAPERS:
            self._wrong(node, f"{paper!r} is no size of paper that is known here", f"write {' or '.join(PAPERS)}")
        return paper

    def _choice(self, node: Node, noun: str, known: Sequence[str], kept: Sequence[str]) -> tuple[str, ...]:
        if not isinstance(node, Items):
            self._wrong(node, f"a list of {noun}s is wanted here", f"write it as in [{', '.join(known)}]")
            return tuple(known)
        names: list[str] = []
        for item in node.items:
            name = self._text(item)
            if name not in known:
                self._wrong(item, f"there is no {noun} {name!r}", near(name, known))
            elif name in names:
                self._wrong(item, f"the {noun} {name} stands twice", "keep one of them")
            names.append(name)
        missing = [name for name in kept if name not in names]
        if missing and set(names) <= set(known):
            said = f"{' and '.join(missing)} cannot be left out: without it a report could hide what was found"
            self._wrong(node, said, f"name {', '.join(missing)} too")
        if "structure" in known and "structure" in names[1:]:
            self._wrong(node, "structure is not the first column", "begin with it: a row is read from there")
        return tuple(names)

    def _logo(self, node: Node) -> Logo | None:
        name = self._text(node)
        try:
            with (self.folder / name).open("rb") as file:
                data = file.read(MOST_LOGO_BYTES + 1)
        except (OSError, ValueError):
            self._wrong(node, f"the logo {name!r} cannot be read", "name a file, from the folder of this one")
            return None
        if len(data) > MOST_LOGO_BYTES:
            self._wrong(node, f"the logo is larger than {MOST_LOGO_BYTES // 1000} kB", "make a smaller one")
        media_type = next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), None)
        if media_type is None:
            self._wrong(node, f"the logo {name!r} is neither PNG nor JPEG", "save it as one of them")
            return None
        return Logo(media_type, data)

    def _wording(self, node: Node) -> Wording:
        if not isinstance(node, Text):
            wording, complaints = wording_of(node)
            self.complaints += complaints
            return wording
        name = node.text
        if name in languages():
            return read_labels(shipped_path(name))
        if not name.endswith(_SUFFIX):
            known = ", ".join(languages())
            self._wrong(node, f"there are no shipped labels {name!r}", f"write {known}, a {_SUFFIX} file, or the words")
            return Wording()
        try:
            return read_labels(self.folder / name)
        except UsageError as error:
            self._wrong(node, error.what, "name a file, from the folder of this one")
        except ProtocolError as error:
            self._wrong(node, f"the labels cannot be used: {error.where}: {error.what}", error.do or "")
        return Wording()
