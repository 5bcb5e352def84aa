"""What evaluates the plans of an audit: processes of this machine, or of several."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator

from hardcheck.audit.task import Done, Task


class Workers(typing.Protocol):
    """`run` evaluates `tasks` in any order: exactly one Done for each task, whatever happens to a worker.

    A worker that dies costs its plan a few tries, then the plan is set aside with that reason. An iterator that is
    closed before its end leaves no worker behind.
    """

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Give what came of each task, as it comes."""
        ...
