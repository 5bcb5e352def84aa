"""Text from outside, made safe to show: every character is one that a reader can see."""

from __future__ import annotations

import unicodedata
from typing import Final

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that show nothing, steer what follows, or are no character at all."""


def visible(text: str) -> str:
    r"""`text` with control, format and unassigned characters written as escapes, such as ``\u202e``.

    What is left is legal in XML 1.0, stays on one line, and does not turn the direction of what follows.
    Spaces of any width become a plain space.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(c) for c in text)


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category in _INVISIBLE:
        return character.encode("unicode_escape").decode("ascii")
    return " " if category == "Zs" else character
