"""Exit status of the commands."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """What a calling script can rely on."""

    DONE = 0
    FAIL = 1
    WRONG = 2
    """The command or the input is wrong, or hardcheck itself is: nothing was written."""
    REVIEW = 3
    INTERRUPTED = 130
    PIPE_CLOSED = 141
    """Who reads the output went away: as a shell reports it, and never the status of a verdict."""


def status_of(verdict: str, *, strict: bool) -> Status:
    """The exit status of `check` for a verdict; whatever is not known to be good is REVIEW."""
    if verdict == "FAIL":
        return Status.FAIL
    if verdict == "VARIATION":
        return Status.FAIL if strict else Status.DONE
    return Status.DONE if verdict == "PASS" else Status.REVIEW
