"""Names that somebody may have meant, for the end of an error message."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final

ALIKE: Final = 0.6
"""Two names are near from this ratio of `difflib` on, where 1 is the same name."""
_MOST: Final = 3

_SEPARATORS: Final = re.compile(r"[ _.-]")
_TARGETS: Final = re.compile(r"[gcip]tv")
"""GTV, CTV, ITV and PTV are one letter apart, and whoever takes one for another treats another volume."""


def near_names(name: str, known: Iterable[str], *, most: int = _MOST) -> list[str]:
    """Those of `known` that are near `name`, the nearest first, at most `most`.

    Case and separators make no difference. The name of one kind of target is never near that of another kind, nor
    the left organ near the right one.
    """
    form, kinds, sides = _form(name), _kinds(name), _sides(name)
    found = []
    for each in dict.fromkeys(known):
        if _differ(kinds, _kinds(each)) or _differ(sides, _sides(each)):
            continue
        ratio = SequenceMatcher(None, form, _form(each)).ratio()
        if ratio >= ALIKE:
            found.append((-ratio, each))
    # Where a name is the same but for case and separators, no other one was meant.
    best = [each for ratio, each in found if ratio == -1.0]
    return best[:most] or [each for _, each in sorted(found)][:most]


def did_you_mean(name: str, known: Iterable[str], *, most: int = _MOST) -> str:
    """Such as ``did you mean 'Cord'?``; empty where none of `known` is near."""
    found = near_names(name, known, most=most)
    return f"did you mean {' or '.join(map(repr, found))}?" if found else ""


def _form(name: str) -> str:
    return _SEPARATORS.sub("", unicodedata.normalize("NFC", name).casefold())


def _kinds(name: str) -> set[str]:
    return set(_TARGETS.findall(_form(name)))


def _sides(name: str) -> set[str]:
    return {word[0] for word in _SEPARATORS.split(name.casefold()) if word in ("l", "r", "left", "right")}


def _differ(some: set[str], others: set[str]) -> bool:
    return bool(some and others) and some != others
