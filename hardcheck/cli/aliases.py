"""The alias files of a command: the one whose names are used, and the one that names of ``--map`` are added to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hardcheck.cli.output import Output, outputs_of
from hardcheck.errors import UsageError

if TYPE_CHECKING:
    from hardcheck.library import NamesToSave
    from hardcheck.plan import Plan


@dataclass(frozen=True, slots=True)
class Saving:
    """An alias file that is ready to be written, if there is something new."""

    path: Path
    found: NamesToSave

    def said(self, plan: Plan, *, anonymous: bool = False) -> str:
        """What is written, in one line; an anonymous one without the identity of the patient."""
        from hardcheck.report.anonymity import hider

        hide = hider(plan) if anonymous else str
        named = ", ".join(f"{name}: {hide(roi_name)}" for name, roi_name in self.found.names.items())
        if self.found.content is None:
            return f"Nothing new for {self.path}, it or the protocol has it: {named}"
        return f"Written: {self.path} ({named})"

    def write(self) -> None:
        """Write it, whole or not at all."""
        if self.found.content is not None:
            Output("yaml", self.path).write(self.found.content)


@dataclass(frozen=True, slots=True)
class AliasFiles:
    """`read_from` is the file whose names are used, `save_to` the one that gets new ones; None where there is none."""

    read_from: Path | None = None
    save_to: Path | None = None

    @classmethod
    def of(
        cls, read_from: Path | None, save_to: Path | None, mapping: Collection[object], outputs: Sequence[Output]
    ) -> AliasFiles:
        """The files as they were named; UsageError where nothing could be saved in the end."""
        if save_to is not None:
            where = f"--save-aliases {save_to}"
            if not mapping:
                raise UsageError(
                    "there is nothing to save", where=where, do="choose an ROI with --map, or leave it away"
                )
            if save_to.suffix.lower() not in (".yaml", ".yml"):
                raise UsageError("an alias file is a .yaml file", where=where, do="name it so")
            others = [str(output.path) for output in outputs if output.path is not None]
            outputs_of((), (), {str(n): name for n, name in enumerate([str(save_to), *others])})
        return cls(read_from, save_to)

    def saving(self, plan: Plan, protocol: str, mapping: Mapping[str, str]) -> Saving | None:
        """What is to be saved of `mapping`, None where nobody asked for it."""
        if self.save_to is None:
            return None
        from hardcheck.library import load_protocol, names_to_save

        return Saving(self.save_to, names_to_save(self.save_to, load_protocol(protocol), plan.structures, mapping))
