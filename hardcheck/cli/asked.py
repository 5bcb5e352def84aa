"""How a command was asked to read its PATHs: as one plan, or as the plans of one course."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hardcheck.cli.option import Paths
from hardcheck.errors import UsageError

if TYPE_CHECKING:
    from hardcheck.plan import Plan


@dataclass(frozen=True, slots=True)
class Asked:
    """The options by which plans are read; `plans` are the labels or UIDs that were named with --plan."""

    plans: tuple[str, ...] = ()
    assume_linked: bool = False
    course: bool = False
    structures_from: str | None = None

    def read(self, path: Paths, *, pixels: bool = False) -> Plan:
        """The plan of `path`, or the course of the plans in it; UsageError where the options do not fit together.

        `pixels` reads the CT's too, as pictures need them.
        """
        from hardcheck.dicom import read_plan

        if self.course:
            return self._read_course(path if isinstance(path, tuple) else (path,), pixels=pixels)
        if self.structures_from is not None:
            raise UsageError("goes with --course alone", where="--structures-from", do="leave it away")
        if len(self.plans) > 1:
            raise UsageError(f"{len(self.plans)} plans are named", where="--plan", do="name one, or add --course")
        chosen = self.plans[0] if self.plans else None
        return read_plan(path, plan=chosen, assume_linked=self.assume_linked, pixels=pixels)

    def _read_course(self, paths: tuple[Path, ...], *, pixels: bool) -> Plan:
        """The plans of several paths, one in each, or those that --plan names in a single one."""
        from hardcheck.course import course_of
        from hardcheck.dicom import read_plan

        wanted: list[tuple[Path, str | None]] = [(path, None) for path in paths]
        if self.plans:
            if len(paths) > 1:
                raise UsageError("several PATHs hold one plan of the course each", where="--plan", do="leave it away")
            wanted = [(paths[0], name) for name in self.plans]
        if len(wanted) < 2:
            do = "name the folder or zip of each plan, or one PATH and each plan in it with --plan"
            raise UsageError("a course is of two plans or more", where="--course", do=do)
        assume_linked = self.assume_linked
        plans = [read_plan(path, plan=name, assume_linked=assume_linked, pixels=pixels) for path, name in wanted]
        return course_of(plans, structures_from=self.structures_from, assume_linked=self.assume_linked)
