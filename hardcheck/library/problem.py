"""A problem of a protocol file: where it is, what it is, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from hardcheck.errors import one_line


class Mark(NamedTuple):
    """A place in a file; the first line and the first column are 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem, in one line as ``file:line:column: message; instead``."""

    file: str
    line: int
    column: int
    message: str
    instead: str = ""
    """What to write instead, or what to do."""

    @property
    def place(self) -> str:
        """``file:line:column``."""
        return f"{self.file}:{self.line}:{self.column}"

    def __str__(self) -> str:
        return one_line(f"{self.place}: {self.message}" + (f"; {self.instead}" if self.instead else ""))


class Complaint(NamedTuple):
    """A problem of which the place is known and the file is not yet."""

    mark: Mark
    message: str
    instead: str = ""
