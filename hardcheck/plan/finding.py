"""A finding: one thing that a check of the plan's integrity has to say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    """STOP: the numbers mean nothing. FAIL: the plan is wrong. WARN and INFO: for a person to read."""

    STOP = "STOP"
    FAIL = "FAIL"
    WARN = "WARN"
    INFO = "INFO"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the check `id` found. `structures` are the ROI names it touches, empty for the whole plan."""

    id: str
    severity: Severity
    message: str
    structures: tuple[str, ...] = ()
    own: Severity | None = None
    """The severity that the check has of itself, where the protocol changed it: the gravest one where it is off."""
    unnamed: str = ""
    """The message without names of files, where it has any: a name of a file may say who the patient is."""

    def within(self, before: str = "", after: str = "") -> Finding:
        """The same finding with its message, and that without names of files, between `before` and `after`."""
        unnamed = f"{before}{self.unnamed}{after}" if self.unnamed else ""
        return replace(self, message=f"{before}{self.message}{after}", unnamed=unnamed)


def unproven(check: str, message: str, *, assume_linked: bool) -> Finding:
    """A link that the files do not prove."""
    if assume_linked:
        return Finding(check, Severity.WARN, f"{message}; assumed to be so, as was asked for")
    return Finding(check, Severity.STOP, message)
