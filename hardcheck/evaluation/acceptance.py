"""What a person accepted although it is not met: stands beside the result, and changes neither it nor the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hardcheck.evaluation.result import GoalResult
    from hardcheck.plan import Finding


@dataclass(frozen=True, slots=True)
class Acceptance:
    """That a person accepted a goal or what a check found.

    `id` is that of the goal, held against the ROI of `roi_number`, or of the check that said `message` about
    `structures`. `time` is ISO 8601 with its zone; `evaluation_sha256` is of the evaluation that the person saw.
    """

    id: str
    roi_number: int | None
    message: str | None
    structures: tuple[str, ...]
    by: str
    role: str
    time: str
    reason: str
    evaluation_sha256: str

    def is_of(self, result: GoalResult) -> bool:
        """Whether it is about that goal."""
        return self.message is None and (self.id, self.roi_number) == (result.goal.id, result.roi_number)

    def is_about(self, finding: Finding) -> bool:
        """Whether it is about that finding."""
        return (self.id, self.message, self.structures) == (finding.id, finding.message, finding.structures)

    def __str__(self) -> str:
        return f"accepted by {self.by} ({self.role}) on {self.time}: {self.reason}"
