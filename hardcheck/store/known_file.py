"""A file of the archive as it was when it was last looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class KnownFile:
    """Size in bytes, time of the last change, and what was read of it.

    `header` is what the archive's index keeps of it, ready for JSON; None in an anonymous store. Of it the store shows
    `reason`, why the file is in its bin, and in `header` whose plan it is. `outcome` is that bin.
    """

    size: int
    mtime_ns: int
    header: Mapping[str, Any] | None = None
    outcome: str | None = None
