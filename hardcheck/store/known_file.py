"""A file of the archive as it was when it was last looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class KnownFile:
    """Size in bytes, time of the last change, and what was read of it.

    `header` is what the archive's index keeps of it, ready for JSON, and means nothing to the store; None in an
    anonymous one. `outcome` is the bin that the index puts the file in.
    """

    size: int
    mtime_ns: int
    header: Mapping[str, Any] | None = None
    outcome: str | None = None
