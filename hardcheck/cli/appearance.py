"""How the reports of a command look: a department's settings, and a template of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hardcheck.cli.output import Output
from hardcheck.errors import UsageError

if TYPE_CHECKING:
    from hardcheck.report import Look

_PAGES: Final = ("html", "pdf")


@dataclass(frozen=True, slots=True)
class Appearance:
    """What was asked for, for these outputs."""

    settings: Path | None
    template: Path | None
    outputs: Sequence[Output] | None
    """None where every plan gets a page."""

    def read(self) -> Look:
        """The settings read, and the template seen to be there.

        ProtocolError where the settings cannot be used, UsageError where a file cannot be read, or where a template
        is given and no page is asked for.
        """
        from hardcheck.report import Look

        if self.template is not None:
            if self.outputs is not None and not any(output.form in _PAGES for output in self.outputs):
                raise UsageError(
                    "a template is of a page, and none is asked for", where="--template", do="add -o x.html"
                )
            from hardcheck.report.own_page import read_template

            read_template(self.template)
        if self.settings is None:
            return Look.of(None, self.template)
        from hardcheck.library import load_settings

        return Look.of(load_settings(self.settings), self.template)
