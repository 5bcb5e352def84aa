"""``hardcheck dvh``: histograms and metrics, without a protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hardcheck import STATEMENT
from hardcheck.cli.asked import Asked
from hardcheck.cli.invocation import command_line
from hardcheck.cli.option import Paths
from hardcheck.cli.output import Output, json_bytes
from hardcheck.cli.question import Question
from hardcheck.cli.screen import screen
from hardcheck.cli.status import Status
from hardcheck.errors import InputError, UsageError
from hardcheck.metric import Metric
from hardcheck.spelling import did_you_mean

if TYPE_CHECKING:
    from hardcheck.dvh import Dvh
    from hardcheck.plan import Plan, Structure
    from hardcheck.planning_system import Export
    from hardcheck.quantity import Quantity

COMPARED = ("Volume[cc]", "Mean[Gy]", "D98%[Gy]", "D50%[Gy]", "D2%[Gy]")
"""What two engines are compared in where no metric is asked for."""

HARMLESS = frozenset({"plan-present"})
"""Findings that stop an evaluation and no histogram: structures and dose are enough for one."""


def show_dvhs(
    path: Paths,
    names: Sequence[str],
    question: Question,
    *,
    outputs: Sequence[Output],
    curve: bool,
    engine: str,
    compare: bool,
    tps: Path | None,
    asked: Asked,
    end_caps: str,
    between_slices: str,
) -> Status:
    """Compute, write and show the histograms of the structures of those names or numbers; of all without one."""
    export = _export(tps)
    plan = asked.read(path)
    refuse_without_dose(plan)
    refuse_other_fractions(plan, question.fractions)
    structures = chosen(plan, names)
    if (compare or export) and not question.metrics:
        question = replace(question, metrics=tuple(Metric.parse(text) for text in COMPARED))
    conventions = {"end_caps": end_caps, "between_slices": between_slices}
    question = replace(question, measure=_measure(plan, end_caps))
    dvhs = _computed("hardcheck" if compare else engine, plan, structures, question, conventions)
    others = [_computed("dicompyler", plan, structures, question, conventions)] if compare else []
    if export is not None:
        others.insert(0, _exported(export, plan, dvhs))
    documents = [_document(plan, made, question, curve=curve, conventions=conventions) for made in (dvhs, *others)]
    contents = [(output, _content(output.form, documents)) for output in outputs]
    for output, made in contents:
        output.write(made)
    _show(plan, dvhs, others, question, outputs)
    return Status.DONE


def _export(tps: Path | None) -> Export | None:
    if tps is None:
        return None
    from hardcheck.planning_system import read_export

    return read_export(tps)


def _exported(export: Export, plan: Plan, dvhs: Sequence[Dvh]) -> list[Dvh]:
    """The curves of an export for the structures of `dvhs`; one without a curve says so."""
    from hardcheck.dvh import Dvh
    from hardcheck.planning_system import histogram, pair

    pairs = pair(plan, export)
    if not pairs.matched:
        raise UsageError(
            "no DVH of it has the name of a structure of the plan",
            where=f"--tps {export.file}",
            do=f"'{command_line('inspect')}' lists the structures",
        )
    found = {structure.number: curve for structure, curve in pairs.matched}
    return [
        histogram(dvh.structure, found[dvh.structure.number], export.system)
        if dvh.structure.number in found
        else Dvh(dvh.structure, export.system, reason="the export has no DVH of this name")
        for dvh in dvhs
    ]


def refuse_without_dose(plan: Plan) -> None:
    """InputError where a finding says that doses of this plan mean nothing."""
    for finding in plan.findings:
        if finding.severity == "STOP" and finding.id not in HARMLESS and not finding.structures:
            raise InputError(finding.message, where=finding.id, do=f"'{command_line('inspect')}' shows what was found")
    if plan.dose is None:
        raise InputError(
            "there is no dose that could be trusted", do=f"'{command_line('inspect')}' shows what was found"
        )


def refuse_other_fractions(plan: Plan, given: int | None) -> None:
    """UsageError where the plan says another number of fractions than was `given`, or is a course of several."""
    if given is not None and plan.course is not None:
        raise UsageError(
            "the plans of a course have their own numbers of fractions", where="--fractions", do="leave it away"
        )
    said = plan.prescription.fractions if plan.prescription is not None else None
    if None not in (given, said) and given != said:
        raise UsageError(f"the plan is of {said} fractions, not {given}", where="--fractions", do="leave it away")


def chosen(plan: Plan, names: Sequence[str]) -> list[Structure]:
    """The structures of those names or numbers, each once; UsageError where one is not there or not unique."""
    from hardcheck.dvh import find_structure

    if not names:
        return list(plan.structures)
    found = []
    for name in names:
        is_number = name.isascii() and name.isdigit() and not plan.named(name)
        number = int(name) if is_number else None
        if number is None and not plan.named(name):
            names = [s.name for s in plan.structures]
            do = did_you_mean(name, names) or f"'{command_line('inspect')}' lists them"
            raise UsageError(f"the plan has no ROI {name!r}", where="--structure", do=do)
        found.append(find_structure(plan, name if number is None else number))
    return list({s.number: s for s in found}.values())


def _computed(
    engine: str, plan: Plan, structures: Sequence[Structure], question: Question, conventions: Mapping[str, str]
) -> list[Dvh]:
    dvhs = _engine(engine)(plan, structures, **conventions)
    if question.fractions is not None:
        dvhs = [replace(d, fractions=question.fractions) for d in dvhs]
    stopped = {name: f.message for f in plan.findings if f.severity == "STOP" for name in f.structures}
    return [
        replace(d, distributions=(), reason=stopped[d.structure.name]) if d.structure.name in stopped else d
        for d in dvhs
    ]


def _measure(plan: Plan, end_caps: str) -> Callable[[Metric, Dvh, float | None], Quantity]:
    """How metrics are measured in `plan`: the second opinion has no dose around its histograms."""
    from hardcheck.dvh import ENGINE
    from hardcheck.indices import TARGET_TYPES, Indices, body_of

    targets = tuple(s for s in plan.structures if s.interpreted_type in TARGET_TYPES)
    indices = Indices(plan, body_of(plan), targets, end_caps)

    def measure(metric: Metric, dvh: Dvh, level_gy: float | None) -> Quantity:
        return indices.metric(metric, dvh, level_gy) if dvh.engine == ENGINE else dvh.metric(metric, level_gy)

    return measure


def _engine(name: str) -> Callable[..., list[Dvh]]:
    if name == "dicompyler":
        from hardcheck.second_opinion import compute_dvhs as second_opinion

        return second_opinion
    from hardcheck.dvh import compute_dvhs

    return compute_dvhs


def _document(
    plan: Plan, dvhs: Sequence[Dvh], question: Question, *, curve: bool, conventions: Mapping[str, str]
) -> dict[str, Any]:
    from hardcheck.report import dvh_document

    document = dvh_document(plan, dvhs, question.metrics, curve=curve, answer=question.answer)
    document["settings"] = {**conventions, "level_gy": question.level_gy, "fractions": question.fractions}
    return document | {"engine": dvhs[0].engine} if dvhs else document


def _content(form: str, documents: Sequence[dict[str, Any]]) -> bytes:
    """Of one engine, or of one and what is compared with it: `compared` is the first, `compared_also` the second."""
    from hardcheck.report import csv_text, dvh_rows

    if form == "csv":
        rows = [{"engine": d["engine"]} | row for d in documents for row in dvh_rows(d)]
        return csv_text(rows).encode("utf-8", errors="backslashreplace")
    document, *others = documents
    for key, other in zip(("compared", "compared_also"), others, strict=False):
        document |= {key: {name: other[name] for name in ("engine", "structures") if name in other}}
    return json_bytes(document)


def _show(
    plan: Plan, dvhs: Sequence[Dvh], others: Sequence[Sequence[Dvh]], question: Question, outputs: Sequence[Output]
) -> None:
    to_stdout = not any(output.path is None for output in outputs)
    if not to_stdout and not plan.findings:
        return  # a script reads the output, and there is nothing else to say
    from hardcheck.cli.course import course_text
    from hardcheck.cli.histogram import show_comparison, show_histograms, show_metrics
    from hardcheck.cli.screen import text, word

    console = screen(to_stderr=not to_stdout)
    if plan.course is not None:
        console.print(text(f"{course_text(plan.course)}."))
    if to_stdout:
        for other in others:
            show_comparison(console, dvhs, other, question)
        if not others:
            show_histograms(console, dvhs)
            show_metrics(console, dvhs, question)
    for finding in plan.findings:
        console.print(word(finding.severity) + text(f" {finding.id}: {finding.message}"))
    for output in outputs:
        if output.path is not None:
            console.print(text(f"Written: {output.path}"), soft_wrap=True)
    if to_stdout:
        console.print(text(STATEMENT))
