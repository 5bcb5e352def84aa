"""What the checks of the plan say in B and did not in A, and the other way round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hardcheck.comparison.side import Said
from hardcheck.plan import Severity


class Movement(StrEnum):
    """What became of a finding. CHANGED: the check says it in other words, as of another number."""

    NEW = "NEW"
    GONE = "GONE"
    CHANGED = "CHANGED"
    SAME = "SAME"


@dataclass(frozen=True, slots=True)
class FindingChange:
    """A finding in A and in B; None on the side that does not have it."""

    a: Said | None
    b: Said | None

    @property
    def movement(self) -> Movement:
        """What became of it."""
        if self.a is None:
            return Movement.NEW
        if self.b is None:
            return Movement.GONE
        return Movement.SAME if self.a.message == self.b.message else Movement.CHANGED

    @property
    def finding(self) -> Said:
        """As B has it where both do."""
        found = self.b if self.b is not None else self.a
        if found is None:
            raise ValueError("a finding of neither side")
        return found


def moved(a: Sequence[Said], b: Sequence[Said]) -> tuple[FindingChange, ...]:
    """The findings of both sides, each once: the same ones, then those of one check about the same structures."""
    left, rest = list(a), list(b)
    changes: list[FindingChange] = []
    for key in (_whole, _about):
        for found in tuple(rest):
            same = next((other for other in left if key(other) == key(found)), None)
            if same is not None:
                left.remove(same)
                rest.remove(found)
                changes.append(FindingChange(same, found))
    changes += [FindingChange(None, found) for found in rest]
    changes += [FindingChange(found, None) for found in left]
    movements, severities = list(Movement), list(Severity)
    order: Callable[[FindingChange], tuple[int, int, str]] = lambda change: (  # noqa: E731 - typed
        movements.index(change.movement),
        severities.index(change.finding.severity),
        change.finding.id,
    )
    return tuple(sorted(changes, key=order))


def _whole(finding: Said) -> object:
    return finding


def _about(finding: Said) -> object:
    return finding.id, finding.severity, tuple(sorted(finding.structures))
