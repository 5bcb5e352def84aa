"""What a person may be told while an audit runs."""

from __future__ import annotations

from collections.abc import Mapping

from hardcheck.archive import Linked
from hardcheck.store import Account, Bin


class Progress:
    """Each step of an audit, in this order; a class of one's own tells of those that it overrides."""

    def started(self, archive: str) -> None:
        """The folder is about to be walked."""

    def reading(self, done: int, files: int) -> None:
        """Of `files` that are new or changed, the headers of `done` are read."""

    def indexed(self, linked: Linked, found: int) -> None:
        """All files are known, and `found` plans are to be counted."""

    def begun(self, run: int, counts: Mapping[Bin, int], to_evaluate: int) -> None:
        """The run has its number; `counts` are counted already, `to_evaluate` plans remain."""

    def plan(self, path: str, where: Bin, reason: str) -> None:
        """One of them is evaluated, or set aside for a reason."""

    def finished(self, account: Account) -> None:
        """All are counted."""
