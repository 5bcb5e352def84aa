"""What a person can do about structures that are not contoured, said once for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hardcheck.evaluation.result import Outcome
from hardcheck.protocol.names import NOT_CONTOURED
from hardcheck.report.row import structure_of

if TYPE_CHECKING:
    from hardcheck.evaluation.result import Evaluation


@dataclass(frozen=True, slots=True)
class Uncontoured:
    """Names in the protocol, each once and in its order, and the options of `hardcheck check` that answer for them."""

    names: tuple[str, ...]
    organs: bool
    """Whether organs are among them, which may as well lie elsewhere in the body."""

    @property
    def ways(self) -> tuple[tuple[str, str], ...]:
        """A case, and the option for it."""
        if not self.names:
            return ()
        named = ("If it is in the plan under another name", "--map NAME=ROI")
        return (named, ("If an organ is not in range", "--absent NAME")) if self.organs else (named,)

    @property
    def todo(self) -> dict[str, str]:
        """The same as one line, by the reason that the goals give."""
        return {NOT_CONTOURED: " ".join(f"{case}: {option}." for case, option in self.ways)} if self.names else {}


def uncontoured(evaluation: Evaluation) -> Uncontoured:
    """The structures of which no goal was evaluated because no ROI is theirs."""
    missing = [r for r in evaluation.results if r.outcome is Outcome.NOT_EVALUATED and r.reason == NOT_CONTOURED]
    names = tuple(dict.fromkeys(r.goal.structure for r in missing))
    return Uncontoured(names, any(structure_of(evaluation.protocol, name).role == "organ" for name in names))
