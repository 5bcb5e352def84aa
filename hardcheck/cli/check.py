"""``hardcheck check``: read, evaluate, write, show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hardcheck.cli.aliases import AliasFiles
from hardcheck.cli.appearance import Appearance
from hardcheck.cli.asked import Asked
from hardcheck.cli.option import Paths
from hardcheck.cli.output import Output
from hardcheck.cli.screen import screen
from hardcheck.cli.status import Status, status_of
from hardcheck.cli.terms import Terms

if TYPE_CHECKING:
    from hardcheck.evaluation import Evaluation


def check_plan(
    path: Paths,
    protocol: str | None,
    *,
    levels: Mapping[str, float],
    mapping: Mapping[str, str],
    absent: Sequence[str],
    alias_files: AliasFiles,
    outputs: Sequence[Output],
    accepted: Path | None,
    vertex_dose: str,
    strict: bool,
    anonymous: bool,
    look: Appearance,
    tps: Path | None,
    asked: Asked,
    end_caps: str,
    between_slices: str,
) -> Status:
    """Evaluate the plan in `path`; nothing is written before everything is computed."""
    terms = Terms(
        protocol, levels, mapping, absent, alias_files.read_from, vertex_dose, end_caps, between_slices
    ).load()
    from hardcheck.cli.summary import show_evaluation
    from hardcheck.planning_system import read_export
    from hardcheck.report import PICTURED, content
    from hardcheck.report.anonymity import anonymised

    seen = look.read()
    exports = [read_export(tps)] if tps is not None else []
    plan = asked.read(path, pixels=any(output.form in PICTURED for output in outputs))
    evaluation = terms.evaluate(plan, exports)
    evaluation, left = (evaluation, []) if accepted is None else _with_accepted(evaluation, accepted)
    saving = alias_files.saving(plan, terms.name, mapping)
    created = datetime.now().astimezone()
    contents = [
        (output, content(evaluation, output.form, anonymous=anonymous, created=created, look=seen))
        for output in outputs
    ]
    console = screen(to_stderr=any(output.path is None for output in outputs))
    with console.capture() as shown:
        show_evaluation(
            console,
            anonymised(evaluation) if anonymous else evaluation,
            written=[output.path for output in outputs if output.path is not None],
            saved=None if saving is None else saving.said(plan, anonymous=anonymous),
            not_carried=left,
        )
    for output, made in contents:
        output.write(made)
    if saving is not None:
        saving.write()
    console.file.write(shown.get())
    return status_of(evaluation.verdict, strict=strict)


def _with_accepted(evaluation: Evaluation, path: Path) -> tuple[Evaluation, list[str]]:
    """`evaluation` with the acceptances in the file `path` that are of the same; and why others are not."""
    from hardcheck.report import evaluation_document
    from hardcheck.signoff import carried, read_evaluation

    kept, left = carried(read_evaluation(path), evaluation_document(evaluation))
    return replace(evaluation, accepted=kept), left
