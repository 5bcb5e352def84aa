"""What has to be read of an archive that is known from an earlier run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hardcheck.archive.walk import Stamp


@dataclass(frozen=True, slots=True)
class Changes:
    """The files of an archive against those that were known, each sorted by path."""

    to_read: tuple[Stamp, ...]
    """New, or of another size or time than was known."""
    same: tuple[Stamp, ...]
    gone: tuple[str, ...]
    """Paths that were known and are no more."""


def changes(found: Iterable[Stamp], known: Iterable[Stamp]) -> Changes:
    """What has changed, by path, size and time of modification: what keeps all three is taken to be the same."""
    before = {stamp.path: stamp for stamp in known}
    now = sorted(found)
    return Changes(
        to_read=tuple(stamp for stamp in now if before.get(stamp.path) != stamp),
        same=tuple(stamp for stamp in now if before.get(stamp.path) == stamp),
        gone=tuple(sorted(before.keys() - {stamp.path for stamp in now})),
    )
