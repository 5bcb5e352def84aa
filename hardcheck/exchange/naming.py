"""Names of structures from elsewhere, turned into names and aliases that a protocol may hold.

A name is what ROIs are matched by. So what is not allowed in one is not left away: without its sign ``PTV!`` would
match the ROI ``PTV``, which is another structure. It is spelled (``PTVx21``), and the original is an alias.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Final

from hardcheck.errors import one_line
from hardcheck.protocol.names import normal

LONGEST: Final = 64
"""Of a name in a protocol and of an ROI."""

_NAME: Final = re.compile(rf"[A-Za-z][A-Za-z0-9_+.-]{{0,{LONGEST - 1}}}", re.ASCII)
_PATTERN_SIGNS: Final = frozenset("*?^$|\\[]{}")
_TARGET: Final = re.compile(r"[GCIP]TV", re.IGNORECASE)
_EXTERNAL: Final = ("external", "body")


def is_name(text: str) -> bool:
    """Whether a protocol may have a structure or a level of that name."""
    return _NAME.fullmatch(text) is not None


def is_alias(text: str) -> bool:
    """Whether a protocol may have that alias."""
    return (
        len(text) <= LONGEST
        and one_line(text) == text
        and not _PATTERN_SIGNS & set(text)
        and any(c.isalnum() for c in text)
    )


def allowed_name(text: str, taken: Collection[str]) -> str:
    """A name for the structure that is `text` elsewhere; `taken` are the names of others, in their `normal` form."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    for name in (text.replace(" ", "_"), plain.replace(" ", "_"), _spelled(text.replace(" ", "_"))):
        if is_name(name) and normal(name) not in taken:
            return name
    return next(name for n in range(1, len(taken) + 2) if normal(name := f"Structure_{n}") not in taken)


def _spelled(text: str) -> str:
    """`text` with each sign that no name holds, and a first one that is no letter, as its code point."""
    spelled = (c if _NAME.fullmatch(c if n == 0 else f"a{c}") else f"x{ord(c):X}" for n, c in enumerate(text))
    return "".join(spelled)


def identifier(text: str, taken: dict[str, int], fallback: str) -> str:
    """An id made of `text`, or of `fallback` where nothing of it is left, that is not `taken`; it is then."""
    words = re.sub(r"[^a-z0-9_.]+", "-", text.casefold(), flags=re.ASCII).strip("-_.")[:48].rstrip("-_.")
    base = words or fallback
    n = taken.get(base, 0) + 1
    while (made := base if n == 1 else f"{base}-{n}") in taken:
        n += 1
    taken[base] = n
    taken.setdefault(made, 1)
    return made


def role_by_name(name: str) -> str:
    """The role that a name after AAPM TG-263 says: GTV, CTV, ITV and PTV begin the names of targets."""
    if _TARGET.match(name):
        return "target"
    return "external" if normal(name) in _EXTERNAL else "organ"


def role_by_type(kind: str) -> str | None:
    """The role of a structure by its type in DICOM (3006,00A4) or Eclipse, None where that says nothing of it."""
    kinds = {part.strip().casefold() for part in re.split(r"[|,;]", kind)} - {""}
    if kinds & {"gtv", "ctv", "itv", "ptv"}:
        return "target"
    if kinds & {"external", "body"}:
        return "external"
    return "organ" if kinds & {"organ", "oar", "avoidance"} else None
