"""What plans are held against: a protocol, and what a person decided besides."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hardcheck.errors import UsageError

if TYPE_CHECKING:
    from hardcheck.evaluation import Evaluation
    from hardcheck.plan import Plan
    from hardcheck.planning_system import Export
    from hardcheck.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Terms:
    """The options of an evaluation, as they were typed; `protocol` is ``PROTOCOL[:REGIMEN]``, `levels` are in Gy."""

    protocol: str | None
    levels: Mapping[str, float]
    mapping: Mapping[str, str]
    absent: Sequence[str]
    aliases: Path | None
    vertex_dose: str
    end_caps: str
    between_slices: str

    def load(self) -> LoadedTerms:
        """With the protocol read. UsageError where none was named, ProtocolError where it is none."""
        from hardcheck.library import load_protocol

        name, regimen = protocol_and_regimen(self.protocol)
        return LoadedTerms(self, name, load_protocol(name, aliases=self.aliases), regimen)


@dataclass(frozen=True, slots=True)
class LoadedTerms:
    """The options with the protocol that they name."""

    terms: Terms
    name: str
    """Of the protocol, without the regimen."""
    protocol: Protocol
    regimen: str | None

    def evaluate(self, plan: Plan, exports: Sequence[Export] = ()) -> Evaluation:
        """`plan` held against the protocol. UsageError where an option does not fit plan or protocol."""
        from hardcheck.evaluation import evaluate

        terms = self.terms
        return evaluate(
            plan,
            self.protocol,
            regimen=self.regimen,
            levels=terms.levels or None,
            mapping=terms.mapping or None,
            absent=terms.absent,
            end_caps=terms.end_caps,
            between_slices=terms.between_slices,
            exports=exports,
            vertex_dose=terms.vertex_dose,
        )


def protocol_and_regimen(protocol: str | None) -> tuple[str, str | None]:
    """The two parts of ``PROTOCOL[:REGIMEN]``; UsageError lists the shipped protocols where there is none."""
    if not protocol:
        from hardcheck.library import available

        raise UsageError(
            "no protocol was named",
            do=f"choose one with -p: {', '.join(entry.id for entry in available())}, or a protocol file",
        )
    name, colon, regimen = protocol.rpartition(":")
    # A colon may belong to the path of a file.
    if not colon or not name or not re.fullmatch(r"[A-Za-z0-9_.+-]+", regimen) or Path(protocol).exists():
        return protocol, None
    return name, regimen
