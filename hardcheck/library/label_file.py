"""The words of a department for the fixed words of the report, from a file or from the settings file itself.

    language: de
    outcome: {MET: erfüllt, NOT_MET: nicht erfüllt}
    heading: {decided: Was den Ausschlag gab}

The groups and ids are those of `hardcheck.wording`. No word may be that of another of its group, none may hold the code
of another, and units stay as they are: the report must not be able to say something else than it found. What a sentence
or a heading means cannot be known; `hardcheck.report.headline` writes the English beside the sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from hardcheck.files import data_folder
from hardcheck.library.document import Keys, Node, Text, read_document
from hardcheck.library.near import near
from hardcheck.library.problem import Complaint, Mark, Problem
from hardcheck.library.protocol_file import error_of, file_bytes
from hardcheck.wording import CODED, WORDS, Wording

LONGEST: Final = {"sentence": 300, "cannot": 150}
"""Characters of a word; of groups that are not here, `_LONGEST_WORD`."""
_LONGEST_WORD: Final = 60

_SLOT: Final = re.compile(r"\{[^{}]*\}")
_CODES: Final = tuple(dict.fromkeys(id_ for group in ("verdict", "outcome", "severity") for id_ in WORDS[group]))
_CODE: Final = re.compile(
    rf"(?<![A-Za-z_])(?:{'|'.join(sorted(_CODES, key=len, reverse=True))})(?:P?ED|E?S|P?ING|URE)?(?![A-Za-z_])"
)
"""A code, or an English inflection of it, in capitals: INFO, PASSED, STOPPING, FAILURE."""
_JUDGED: Final = re.compile(r"(?<![a-z])(?:(pass|fail)(?:ed|es|s|ing|ure)?|(?<!not )(met))(?![a-z])")
"""The same of what a word for another outcome or verdict could be taken for, whatever its letters."""
_UNIT: Final = re.compile(r"%|(?<![a-z])(?:[cmk]?gy|gray|centigray|cc|ccm|ml|[cdm]m[23]?|hu)(?![a-z0-9])")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Label:
    """One word of a file, with its place."""

    group: str
    id: str
    text: str
    mark: Mark


def languages() -> list[str]:
    """The languages of which complete words are shipped."""
    return sorted(path.stem for path in _shipped_folder().glob("*.yaml"))


def shipped_path(language: str) -> Path:
    """The file of a language among `languages`."""
    return _shipped_folder() / f"{language}.yaml"


def _shipped_folder() -> Path:
    return data_folder("templates") / "labels"


def read_labels(path: Path) -> Wording:
    """The words in the file at `path`.

    Raises ProtocolError, with the place of the first problem and all `problems`, where there is any, and UsageError
    where the file cannot be opened.
    """
    node, complaints = read_document(file_bytes(path, "label file"))
    wording = Wording()
    if node is not None and not complaints:
        wording, complaints = wording_of(node)
    if complaints:
        raise error_of([Problem(str(path), c.mark.line, c.mark.column, c.message, c.instead) for c in complaints])
    return wording


def wording_of(node: Node) -> tuple[Wording, list[Complaint]]:
    """The words in `node`, and what is wrong with them."""
    if not isinstance(node, Keys):
        said = "labels are a mapping of groups of words"
        return Wording(), [Complaint(node.mark, said, "write it as in outcome: {MET: erfüllt}")]
    complaints: list[Complaint] = []
    language = _language(node, complaints)
    labels = list(_labels(node, complaints))
    complaints += [complaint for label in labels for complaint in _faults(label)]
    complaints += _lies(labels)
    return Wording(language, {f"{label.group}.{label.id}": label.text for label in labels}), sorted(complaints)


def _language(node: Keys, complaints: list[Complaint]) -> str:
    value = node.values.get("language")
    if value is None:
        return "en"
    if isinstance(value, Text) and _LANGUAGE.fullmatch(value.text):
        return value.text
    complaints.append(Complaint(value.mark, "this is no tag of a language", "write it as in de, or pt-BR"))
    return "en"


def _labels(node: Keys, complaints: list[Complaint]) -> Iterator[Label]:
    for group, entries in node.values.items():
        if group == "language":
            continue
        if group not in WORDS:
            complaints.append(
                Complaint(node.keys[group], f"unknown group of words {group!r}", near(group, [*WORDS, "language"]))
            )
        elif not isinstance(entries, Keys):
            complaints.append(
                Complaint(
                    entries.mark, f"{group} is a mapping of ids to words", f"its ids are {', '.join(WORDS[group])}"
                )
            )
        else:
            yield from _of_group(group, entries, complaints)


def _of_group(group: str, entries: Keys, complaints: list[Complaint]) -> Iterator[Label]:
    for id_, value in entries.values.items():
        if id_ not in WORDS[group]:
            complaints.append(Complaint(entries.keys[id_], f"{group} has no {id_!r}", near(id_, WORDS[group])))
        elif isinstance(value, Text):
            yield Label(group, id_, " ".join(value.text.split()), value.mark)
        else:
            complaints.append(
                Complaint(value.mark, "one text is wanted here", f"its shipped one is {WORDS[group][id_]!r}")
            )


def _faults(label: Label) -> Iterator[Complaint]:
    """What is wrong with one word by itself."""
    shipped = WORDS[label.group][label.id]
    most = LONGEST.get(label.group, _LONGEST_WORD)
    if len(label.text) > most:
        yield Complaint(label.mark, f"this is longer than {most} characters", "shorten it")
    if not label.text.isprintable():
        yield Complaint(label.mark, "this holds a character that cannot be seen", "write it without")
    if not any(character.isalpha() for character in label.text):
        yield Complaint(label.mark, f"{label.text!r} holds no letter", f"the shipped one is {shipped!r}")
    wanted, found = sorted(_SLOT.findall(shipped)), sorted(_SLOT.findall(label.text))
    if wanted != found or set(_SLOT.sub("", label.text)) & set("{}"):
        do = f"write {' and '.join(wanted)} once each" if wanted else "write it without { and }"
        yield Complaint(label.mark, f"the places for values in {label.text!r} are not those of this text", do)
    if units_in(label.text) != units_in(shipped):
        yield Complaint(label.mark, f"the unit of {label.text!r} is another", f"the shipped one is {shipped!r}")
    yield from _codes(label)


def _codes(label: Label) -> Iterator[Complaint]:
    """What one word has of a code that is not its own."""
    codes = [code for code in code_in(label.text) if code != label.id or label.group not in CODED]
    for code in codes:
        yield Complaint(label.mark, f"{code} is a code of the report", "say it in other words, in lower case")
    judged = judged_in(label.text) - {label.id} if label.group in ("verdict", "outcome") and not codes else set()
    if judged:
        said = f"{label.text!r} is a word for {' and '.join(sorted(judged))}, not for {label.id}"
        yield Complaint(label.mark, said, "a report may not say something else than it found")


def units_in(text: str) -> list[str]:
    """The units in `text`, in their order, in small letters."""
    return _UNIT.findall(unicodedata.normalize("NFKC", text).casefold())


def judged_in(text: str) -> set[str]:
    """The codes PASS, FAIL and MET that an English word in `text` is one for, as "passed"; "not met" is none."""
    return {(a or b).upper() for a, b in _JUDGED.findall(unicodedata.normalize("NFKC", text).casefold())}


def code_in(text: str) -> list[str]:
    """Codes of outcomes, severities and verdicts in `text`, inflected too: a word of the department's is not one."""
    return _CODE.findall(unicodedata.normalize("NFKC", text))


def _lies(labels: list[Label]) -> Iterator[Complaint]:
    """Words that are those of another of their group, as of another outcome, tier, column or fact."""
    taken: dict[tuple[str, str], str] = {}
    for label in labels:
        form = _form(label.text)
        owners = {id_ for id_ in _owners(label.group).get(form, ()) if not _is_one(label, id_)}
        first = taken.setdefault((label.group, form), label.id)
        if not _is_one(label, first):
            yield Complaint(label.mark, f"{label.text!r} stands for {first} already", "give each its own word")
        elif owners:
            said = f"{label.text!r} is a word for {' and '.join(sorted(owners))}, not for {label.id}"
            yield Complaint(label.mark, said, "a report may not say something else than it found")


def _is_one(label: Label, id_: str) -> bool:
    """Whether `id_` is the label's own; of counts, one and several may have the same word, as in "Volumen"."""
    return label.id == id_ or (label.group == "count" and label.id.rstrip("s") == id_.rstrip("s"))


@cache
def _owners(group: str) -> Mapping[str, frozenset[str]]:
    """What each word of a group means, in English, as a code and in each shipped language."""
    found: dict[str, set[str]] = {}
    words = list(WORDS[group].items()) + [(id_, id_) for id_ in WORDS[group] if group in CODED]
    for language in languages():
        node, _ = read_document(shipped_path(language).read_bytes())
        entries = node.values.get(group) if isinstance(node, Keys) else None
        if isinstance(entries, Keys):
            words += [(id_, value.text) for id_, value in entries.values.items() if isinstance(value, Text)]
    for id_, text in words:
        found.setdefault(_form(text), set()).add(id_)
    return {form: frozenset(ids) for form, ids in found.items()}


def _form(text: str) -> str:
    """Letters and digits alone, without case."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
