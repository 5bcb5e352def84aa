"""``hardcheck check``: read, evaluate, write, show."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hardcheck.cli.aliases import AliasFiles
from hardcheck.cli.asked import Asked
from hardcheck.cli.option import Paths
from hardcheck.cli.output import Output
from hardcheck.cli.screen import screen
from hardcheck.cli.status import Status, status_of
from hardcheck.errors import UsageError

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
    tps: Path | None,
    asked: Asked,
    end_caps: str,
    between_slices: str,
) -> Status:
    """Evaluate the plan in `path`; nothing is written before everything is computed."""
    from hardcheck.library import load_protocol

    name, regimen = protocol_and_regimen(protocol)
    loaded = load_protocol(name, aliases=alias_files.read_from)
    from hardcheck.cli.summary import show_evaluation
    from hardcheck.evaluation import evaluate
    from hardcheck.planning_system import read_export
    from hardcheck.report import PICTURED, content
    from hardcheck.report.anonymity import anonymised

    exports = [read_export(tps)] if tps is not None else []
    plan = asked.read(path, pixels=any(output.form in PICTURED for output in outputs))
    evaluation = evaluate(
        plan,
        loaded,
        regimen=regimen,
        levels=levels or None,
        mapping=mapping or None,
        absent=absent,
        end_caps=end_caps,
        between_slices=between_slices,
        exports=exports,
        vertex_dose=vertex_dose,
    )
    evaluation, left = (evaluation, []) if accepted is None else _with_accepted(evaluation, accepted)
    saving = alias_files.saving(plan, name, mapping)
    created = datetime.now().astimezone()
    contents = [(output, content(evaluation, output.form, anonymous=anonymous, created=created)) for output in outputs]
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
