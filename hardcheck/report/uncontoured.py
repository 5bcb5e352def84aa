"""What a person can do about structures that are not contoured, said once for all targets and once for all organs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hardcheck.evaluation.result import Outcome
from hardcheck.protocol.names import NOT_CONTOURED
from hardcheck.report.row import structure_of

if TYPE_CHECKING:
    from hardcheck.evaluation.result import Evaluation, GoalResult


@dataclass(frozen=True, slots=True)
class Uncontoured:
    """Names in the protocol, each once and in its order, and the options of `hardcheck check` that answer for them."""

    names: tuple[str, ...]
    organs: bool
    """Whether they are organs, which may as well lie elsewhere in the body, or targets, which do not."""
    near: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Of each that has some, ROIs of the plan whose names are near: for a person to look at."""

    def holds(self, result: GoalResult) -> bool:
        """Whether `result` is one that was not evaluated because one of them is not contoured."""
        return result.goal.structure in self.names and _is_missing(result)

    @property
    def ways(self) -> tuple[tuple[str, str], ...]:
        """A case, and the option for it."""
        named = ("If it is in the plan under another name", "--map NAME=ROI")
        return (named, ("If an organ is not in range", "--absent NAME")) if self.organs else (named,)

    @property
    def hint(self) -> str:
        """The near names in one sentence, empty where there are none."""
        said = [f"{' or '.join(map(repr, rois))} for {name}" for name, rois in self.near]
        return f"Near in name: {', '.join(said)}." if said else ""

    @property
    def todo(self) -> str:
        """All of it in one line."""
        ways = [f"{case}: {option}." for case, option in self.ways]
        return " ".join((*ways, self.hint)).rstrip()


def uncontoured(evaluation: Evaluation) -> tuple[Uncontoured, ...]:
    """The structures of which no goal was evaluated because no ROI is theirs: targets, then organs, where there are."""
    missing = tuple(dict.fromkeys(r.goal.structure for r in evaluation.results if _is_missing(r)))
    organs = tuple(name for name in missing if structure_of(evaluation.protocol, name).role == "organ")
    targets = tuple(name for name in missing if name not in organs)
    groups = ((targets, False), (organs, True))
    return tuple(Uncontoured(names, are, tuple(_near(names, evaluation))) for names, are in groups if names)


def _is_missing(result: GoalResult) -> bool:
    return result.outcome is Outcome.NOT_EVALUATED and (result.reason or "").startswith(NOT_CONTOURED)


def _near(names: tuple[str, ...], evaluation: Evaluation) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in names:
        if name in evaluation.matches and evaluation.matches[name].near:
            yield name, evaluation.matches[name].near
