"""Names that somebody may have meant, for the end of an error message."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

ALIKE: Final = 0.6
"""Two names are near from this ratio of `difflib` on, where 1 is the same name."""
_SURE: Final = 0.8
"""From this ratio of the whole names on, their words need not be looked at."""
_WORD_ALIKE: Final = 0.75
"""Two words are one from this ratio on, or where one letter of a short one is another."""
_MOST: Final = 3

_SEPARATORS: Final = re.compile(r"[ _.-]")
_WORDS: Final = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=[0-9])")
"""What stands between the words of a name: `zPTVRing`, `PRV05 Cord`."""
_TARGETS: Final = re.compile(r"[gcip]tv")
"""GTV, CTV, ITV and PTV are one letter apart, and whoever takes one for another treats another volume."""
_SIDES: Final = frozenset({"l", "r", "lt", "rt", "li", "re", "left", "right"})
_PLANNING: Final = frozenset({"avoid", "crop", "dose", "expand", "opt", "prv", "ring", "shell", "z", "zz"})
"""Words by which planning structures are set apart from the organs and targets that they are made of."""
_SIGNS: Final = re.compile(r"^_|[~!+]|(?<=\w)-(?=[gcip]tv)", re.IGNORECASE | re.ASCII)
"""Signs that do so: AAPM TG-263 sets optimisation structures, parts, cropped and grown ones apart by them."""


@dataclass(frozen=True, slots=True)
class _Spelling:
    """What of a name is compared."""

    name: str
    form: str
    kinds: frozenset[str]
    """Of target."""
    sides: frozenset[str]
    planning: frozenset[str]
    """What sets a planning structure apart."""
    words: frozenset[str]
    """But for sides and numbers, which tell nothing of the kind."""

    @classmethod
    def of(cls, name: str) -> _Spelling:
        form = _SEPARATORS.sub("", unicodedata.normalize("NFC", name).casefold())
        words = {word.casefold() for word in _WORDS.split(name)}
        sides = frozenset(word[0] for word in words & _SIDES)
        planning = frozenset(words & _PLANNING) | frozenset(_SIGNS.findall(name))
        telling = frozenset(word for word in words - _SIDES if word and not word.isdigit())
        return cls(name, form, frozenset(_TARGETS.findall(form)), sides, planning, telling)

    def may_be(self, other: _Spelling) -> bool:
        """Whether nothing but its letters speaks against `other` being meant."""
        if _differ(self.kinds, other.kinds) or _differ(self.sides, other.sides):
            return False
        return self.planning == other.planning

    def shares_words(self, other: _Spelling) -> bool:
        """Whether every word of the one with fewer words is one of the other: `Nerve_Femoral` is no `Femoral Head`."""
        few, many = sorted((self.words, other.words), key=len)
        return bool(few) and all(any(_is_one_word(word, each) for each in many) for word in few)


def near_names(name: str, known: Iterable[str], *, aliases: Iterable[str] = (), most: int = _MOST) -> list[str]:
    """Those of `known` that are near `name` or one of its `aliases`, the nearest first, at most `most`.

    Case and separators make no difference. The name of one kind of target is never near that of another kind, the
    left organ not near the right one, a planning structure (PRV, ring, cropped) not near what it was made of, and two
    names of which only some letters are alike (`Nerve_Femoral`, `Femoral Head`) are not near.
    """
    spellings = [_Spelling.of(each) for each in dict.fromkeys(known)]
    ratios: dict[str, float] = {}
    for wanted in (_Spelling.of(each) for each in dict.fromkeys((name, *aliases))):
        matcher = SequenceMatcher(None, "", wanted.form)
        for other in spellings:
            if wanted.may_be(other):
                matcher.set_seq1(other.form)
                ratio = _ratio(matcher)
                is_near = wanted.shares_words(other) or _begins(wanted.form, other.form)
                if ratio >= _SURE or (ratio >= ALIKE and is_near):
                    ratios[other.name] = max(ratios.get(other.name, 0.0), ratio)
    found = sorted((-ratio, each) for each, ratio in ratios.items())
    # Where a name is the same but for case and separators, no other one was meant.
    best = [each for ratio, each in found if ratio == -1.0]
    return best[:most] or [each for _, each in found][:most]


def _begins(form: str, other: str) -> bool:
    """Whether one is the beginning of the other, such as `low` of `lowest`."""
    return min(len(form), len(other)) >= 3 and (form.startswith(other) or other.startswith(form))


def _ratio(matcher: SequenceMatcher[str]) -> float:
    """How alike the two are; 0 where a quick look shows that they are not."""
    # The first two are never less than the third.
    quick = matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE
    return matcher.ratio() if quick else 0.0


def _is_one_word(word: str, other: str) -> bool:
    slips = sum(a != b for a, b in zip(word, other, strict=False))
    return (len(word) == len(other) and slips <= 1) or SequenceMatcher(None, word, other).ratio() >= _WORD_ALIKE


def did_you_mean(name: str, known: Iterable[str], *, most: int = _MOST) -> str:
    """Such as ``did you mean 'Cord'?``; empty where none of `known` is near."""
    found = near_names(name, known, most=most)
    return f"did you mean {' or '.join(map(repr, found))}?" if found else ""


def _differ(some: frozenset[str], others: frozenset[str]) -> bool:
    return bool(some and others) and some != others
