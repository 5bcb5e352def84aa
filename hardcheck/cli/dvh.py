"""``hardcheck dvh``: histograms and metrics, without a protocol."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hardcheck import STATEMENT
from hardcheck.cli.output import Output, json_bytes
from hardcheck.cli.screen import screen
from hardcheck.cli.status import Status
from hardcheck.errors import InputError
from hardcheck.metric import Metric

if TYPE_CHECKING:
    from hardcheck.dvh import Dvh
    from hardcheck.plan import Plan, Structure

COMPARED = ("Volume[cc]", "Mean[Gy]", "D98%[Gy]", "D50%[Gy]", "D2%[Gy]")
"""What two engines are compared in where no metric is asked for."""

HARMLESS = frozenset({"plan-present"})
"""Findings that stop an evaluation and no histogram: structures and dose are enough for one."""


def show_dvhs(
    path: Path,
    names: Sequence[str],
    metric_texts: Sequence[str],
    *,
    outputs: Sequence[Output],
    curve: bool,
    engine: str,
    compare: bool,
    plan_name: str | None,
    assume_linked: bool,
    end_caps: str,
) -> Status:
    """Compute, write and show the histograms of the structures of those names or numbers; of all without one."""
    from hardcheck.dicom import read_plan

    metrics = [Metric.parse(text) for text in dict.fromkeys(metric_texts)]
    plan = read_plan(path, plan=plan_name, assume_linked=assume_linked)
    refuse_without_dose(plan)
    structures = chosen(plan, names)
    first, second = ("hardcheck", "dicompyler") if compare else (engine, None)
    if compare and not metrics:
        metrics = [Metric.parse(text) for text in COMPARED]
    dvhs = _computed(first, plan, structures, end_caps)
    others = _computed(second, plan, structures, end_caps) if second else []
    contents = [(output, _content(output.form, plan, dvhs, others, metrics, curve=curve)) for output in outputs]
    for output, made in contents:
        output.write(made)
    _show(plan, dvhs, others, metrics, outputs)
    return Status.DONE


def refuse_without_dose(plan: Plan) -> None:
    """InputError where a finding says that doses of this plan mean nothing."""
    for finding in plan.findings:
        if finding.severity == "STOP" and finding.id not in HARMLESS and not finding.structures:
            raise InputError(finding.message, where=finding.id, do="'hardcheck inspect' shows what was found")
    if plan.dose is None:
        raise InputError("there is no dose that could be trusted", do="'hardcheck inspect' shows what was found")


def chosen(plan: Plan, names: Sequence[str]) -> list[Structure]:
    """The structures of those names or numbers, each once; UsageError where one is not there or not unique."""
    from hardcheck.dvh import find_structure

    if not names:
        return list(plan.structures)
    found = []
    for name in names:
        is_number = name.isascii() and name.isdigit() and not plan.named(name)
        found.append(find_structure(plan, int(name) if is_number else name))
    return list({s.number: s for s in found}.values())


def _computed(engine: str, plan: Plan, structures: Sequence[Structure], end_caps: str) -> list[Dvh]:
    dvhs = _engine(engine)(plan, structures, end_caps=end_caps)
    stopped = {name: f.message for f in plan.findings if f.severity == "STOP" for name in f.structures}
    return [
        replace(d, distributions=(), reason=stopped[d.structure.name]) if d.structure.name in stopped else d
        for d in dvhs
    ]


def _engine(name: str) -> Callable[..., list[Dvh]]:
    if name == "dicompyler":
        from hardcheck.second_opinion import compute_dvhs as second_opinion

        return second_opinion
    from hardcheck.dvh import compute_dvhs

    return compute_dvhs


def _content(
    form: str, plan: Plan, dvhs: Sequence[Dvh], others: Sequence[Dvh], metrics: Sequence[Metric], *, curve: bool
) -> bytes:
    from hardcheck.report import csv_text, dvh_document, dvh_rows

    documents = [_with_engine(dvh_document(plan, made, metrics, curve=curve), made) for made in (dvhs, others) if made]
    document = documents[0] if documents else dvh_document(plan, [], metrics, curve=curve)
    if form == "csv":
        rows = [{"engine": d["engine"]} | row for d in documents for row in dvh_rows(d)]
        return csv_text(rows).encode("utf-8", errors="backslashreplace")
    if others:
        document |= {"compared": {name: documents[1][name] for name in ("engine", "structures")}}
    return json_bytes(document)


def _with_engine(document: dict[str, Any], dvhs: Sequence[Dvh]) -> dict[str, Any]:
    return document | {"engine": dvhs[0].engine}


def _show(
    plan: Plan, dvhs: Sequence[Dvh], others: Sequence[Dvh], metrics: Sequence[Metric], outputs: Sequence[Output]
) -> None:
    to_stdout = not any(output.path is None for output in outputs)
    if not to_stdout and not plan.findings:
        return  # a script reads the output, and there is nothing else to say
    from hardcheck.cli.histogram import show_comparison, show_histograms, show_metrics
    from hardcheck.cli.screen import text, word

    console = screen(to_stderr=not to_stdout)
    if to_stdout:
        if others:
            show_comparison(console, dvhs, others, metrics)
        else:
            show_histograms(console, dvhs)
            show_metrics(console, dvhs, metrics)
    for finding in plan.findings:
        console.print(word(finding.severity) + text(f" {finding.id}: {finding.message}"))
    for output in outputs:
        if output.path is not None:
            console.print(text(f"Written: {output.path}"), soft_wrap=True)
    if to_stdout:
        console.print(text(STATEMENT))
