"""Left and right: the side that a structure's name says, against the side that its contours are on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from hardcheck.plan import Structure

CLEARLY: Final = 0.2
"""Share of the body's width by which a structure must lie beyond the midline before its name is called wrong."""

TRUNK_MM: Final = 250.0
"""A body narrower than this may be one limb that was scanned on its own, whose middle is not the patient's."""

_SIDE: Final = re.compile(r"(?:^|[\s_.-])(?P<side>l|r|lt|rt|left|right)(?=$|[\s_.-])", re.IGNORECASE | re.ASCII)


def named_side(name: str) -> tuple[str, int] | None:
    """What is left of `name` without its side, and +1 for left (x rises to the left) or -1; None without one side."""
    found = list(_SIDE.finditer(name))
    if len(found) != 1:
        return None
    rest = (name[: found[0].start()] + name[found[0].end() :]).strip(" _.-").casefold()
    return rest, 1 if found[0]["side"].casefold().startswith("l") else -1


def wrong_side(structures: Iterable[Structure]) -> Iterator[tuple[Structure, str]]:
    """Structures that lie on the other side than their name says, with what is wrong.

    A pair is held against one another. A single one is held against the middle of the body; a body that lies
    wholly on one side of x = 0 is one limb, of which x = 0 is the patient's middle. A narrow body around x = 0 may be
    one limb too: where structures of one side lie on both sides of its middle, nothing is said of them.
    """
    usable = [s for s in structures if not s.is_empty]
    sided = [(s, found[0], found[1], _middle_x(s)) for s in usable if (found := named_side(s.name)) is not None]
    midline = _midline(usable)
    for structure, base, side, x in sided:
        partners = [other for _, b, s, other in sided if b == base and s == -side]
        word = "left" if side > 0 else "right"
        if len(partners) == 1:
            if (x - partners[0]) * side < 0:
                yield structure, f"{structure.name} lies on the other side of its partner than {word}"
        elif midline is not None and midline.contradicts(side, x, (other for _, _, s, other in sided if s == side)):
            yield structure, f"{structure.name} lies {abs(x - midline.x_mm):.0f} mm to the other side than {word}"


def _middle_x(structure: Structure) -> float:
    x = structure.points_mm[:, 0]
    return float((x.min() + x.max()) / 2)


class _Midline(NamedTuple):
    """Where the middle of the patient is, how far from it a side is clear, and whether it is no limb's middle."""

    x_mm: float
    clear_mm: float
    sure: bool

    def contradicts(self, side: int, x_mm: float, namesakes_mm: Iterable[float]) -> bool:
        """Whether what lies at `x_mm` is on the other side; `namesakes_mm` are all that are named after that side."""
        if (x_mm - self.x_mm) * side >= -self.clear_mm:
            return False
        return self.sure or all((x - self.x_mm) * side < 0 for x in namesakes_mm)


def _midline(structures: list[Structure]) -> _Midline | None:
    """The middle of the patient, None where no structure is the body."""
    external = [s for s in structures if s.interpreted_type == "EXTERNAL"]
    if len(external) != 1:
        return None
    x = external[0].points_mm[:, 0]
    low, high = float(x.min()), float(x.max())
    clear = CLEARLY * (high - low)
    if low >= 0 or high <= 0:
        return _Midline(0.0, clear, sure=True)
    return _Midline((low + high) / 2, clear, sure=high - low >= TRUNK_MM)
