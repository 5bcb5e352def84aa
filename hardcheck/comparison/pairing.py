"""Which entry of B is the same as one of A: by what it asks, and by the ROI that it was held against."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar


class Asking(Protocol):
    """A goal or a value of one structure."""

    @property
    def asks(self) -> tuple[str, ...]:
        """What is asked: only where it is the same can two values be held against one another."""

    @property
    def roi_number(self) -> int | None:
        """Of the ROI that it was held against."""

    @property
    def roi_name(self) -> str | None:
        """Of the same."""


A = TypeVar("A", bound=Asking)


def pairs(a: Sequence[A], b: Sequence[A], *, one_set: bool) -> Iterator[tuple[A | None, A | None]]:
    """The entries of both sides, each once, in the order of B with what A alone has at the end.

    An entry is found again where it asks the same. One that was held against several ROIs is found by name and number
    of the ROI, then by the name, then by the number if both plans have one structure set (`one_set`): with another
    one, a number may be of another structure. Held against one ROI alone on each side, it is found whatever that ROI
    is called.
    """
    found: dict[int, int] = {}  # from the place in B to the place in A
    for key in (*_keys(one_set=one_set), _asks):
        # The last of these, which asks for no ROI, is for what each side has once in all.
        every = key is _asks
        left = _places(a, key, without=() if every else found.values())
        rest = _places(b, key, without=() if every else found)
        for wanted, places in rest.items():
            others = left.get(wanted, [])
            if wanted is not None and len(places) == len(others) == 1:
                found.setdefault(places[0], others[0])
    for place, entry in enumerate(b):
        yield (a[found[place]] if place in found else None), entry
    taken = set(found.values())
    for place, entry in enumerate(a):
        if place not in taken:
            yield entry, None


def _places(
    entries: Sequence[A], key: Callable[[Asking], object], *, without: Iterable[int]
) -> dict[object, list[int]]:
    """The places of the entries by `key`, those in `without` left out."""
    made: dict[object, list[int]] = {}
    left_out = set(without)
    for place, entry in enumerate(entries):
        if place not in left_out:
            made.setdefault(key(entry), []).append(place)
    return made


def _keys(*, one_set: bool) -> Iterator[Callable[[Asking], object]]:
    """By what an entry of one side is found on the other, the surest first; a key of None finds nothing."""
    yield lambda held: (held.asks, held.roi_number, held.roi_name)
    yield lambda held: None if held.roi_name is None else (held.asks, held.roi_name)
    if one_set:
        yield lambda held: None if held.roi_number is None else (held.asks, held.roi_number)


def _asks(held: Asking) -> object:
    return held.asks
