"""``hardcheck report STORE --plan``: the report of one stored plan, made on demand from the files of the archive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hardcheck.cli.appearance import Appearance
from hardcheck.cli.output import Output
from hardcheck.cli.report import open_store, run_of
from hardcheck.cli.screen import heading, say, screen
from hardcheck.cli.status import Status, status_of
from hardcheck.errors import InputError, StoreError, UsageError

if TYPE_CHECKING:
    from hardcheck.archive import LinkedPlan
    from hardcheck.audit import Index
    from hardcheck.evaluation import Evaluation
    from hardcheck.plan import Plan
    from hardcheck.protocol import Protocol
    from hardcheck.store import Store, StoredEvaluation, StoredRecord


def report_plan(
    where: str,
    name: str,
    run: int | None,
    *,
    protocol: str | None,
    outputs: Sequence[Output],
    anonymous: bool,
    look: Appearance,
) -> Status:
    """Evaluate the plan `name` again as its run did, write and show that, and what is not as it is stored.

    `protocol` is the file where the store does not keep it. The status is that of `check`.
    """
    from hardcheck.cli.summary import show_evaluation
    from hardcheck.report import PICTURED, content
    from hardcheck.report.anonymity import anonymised

    seen = look.read()
    with open_store(where) as store:
        number = run_of(store, run)
        record = _record(store, number, name)
        _refuse_settings(store, record)
        held_against = _protocol(store, record, protocol)
        linked, index = _linked(store, record)
        stored = _stored(store, number, record)
    root = Path(record.archive)
    pixels = any(output.form in PICTURED for output in outputs)
    plan = _read(root, linked, pixels=pixels)
    evaluation = _evaluated(plan, held_against, record.provenance["settings"])
    changed = [*_changed(plan, record), *_changed_images(root, linked, index)]
    if not changed and not _is_as_stored(linked, root, held_against, record):
        changed.append("the images, their number, the options or hardcheck's version are not as they were")
    differing = list(_differing(evaluation, stored, record))
    created = datetime.now().astimezone()
    contents = [
        (output, content(evaluation, output.form, anonymous=anonymous, created=created, look=seen))
        for output in outputs
    ]
    console = screen(to_stderr=any(output.path is None for output in outputs))
    for output, made in contents:
        output.write(made)
    for title, lines in ((f"Changed since run {number}", changed), ("Not as it is stored", differing)):
        if lines:
            heading(console, title)
        for line in lines:
            say(console, line)
    if changed or differing:
        console.print()
    show_evaluation(
        console,
        anonymised(evaluation) if anonymous else evaluation,
        written=[output.path for output in outputs if output.path is not None],
    )
    return status_of(evaluation.verdict, strict=False)


def _record(store: Store, run: int, name: str) -> StoredRecord:
    """The one plan of that path, UID or label. UsageError where there is none, or several."""
    from hardcheck.store import find_plans

    found = find_plans(store, run, name)
    if not found:
        _refuse_unevaluated(store, run, name)
        said = f"run {run} has no evaluated plan with that path, UID or label"
        raise UsageError(said, where=f"--plan {name}", do="-o FOLDER/ lists the plans")
    if len(found) > 1:
        listed = ", ".join(record.uid or record.path for record in found)
        if len({record.uid for record in found}) < len(found):
            listed = ", ".join(record.path for record in found)
        raise UsageError(f"{len(found)} plans have that label or UID", where=f"--plan {name}", do=f"name one: {listed}")
    return found[0]


def _refuse_unevaluated(store: Store, run: int, name: str) -> None:
    """UsageError that says why the plan of that path, UID or label has no evaluation, where there is one."""
    from hardcheck.store import Bin, unevaluated_plans

    found = unevaluated_plans(store, run, name)
    plans = [plan for plan in found if plan.bin is not Bin.DUPLICATE] or found
    if not plans:
        return
    first, *others = [f"{plan.bin}, {plan.reason}" if plan.reason else str(plan.bin) for plan in plans]
    more = f" (and {len(others)} more of that label or UID: -o FOLDER/ lists them)" if others else ""
    raise UsageError(f"the plan has no evaluation in run {run}: {first}{more}", where=f"--plan {name}")


def _refuse_settings(store: Store, record: StoredRecord) -> None:
    """StoreError where the settings are not of the kind that was stored."""
    from hardcheck.store import legible

    said = record.provenance["settings"]
    with legible(store.name):
        for name in ("levels", "mapping", "aliases"):
            if not isinstance(said[name], dict | None):
                raise TypeError(name)
        for name in ("regimen", "end_caps", "between_slices"):
            if not isinstance(said[name], str | None):
                raise TypeError(name)
        list(said["absent"] or ())


def _protocol(store: Store, record: StoredRecord, named: str | None) -> Protocol:
    """The protocol of the plan's evaluation, with the names of the site. UsageError where it is another one now."""
    from hardcheck.library import load_protocol
    from hardcheck.replay import kept_protocol

    wanted = f"{record.protocol_id}, version {record.protocol_version} (SHA-256 {record.protocol_sha256[:12]}…)"
    found = kept_protocol(store, record.protocol_sha256) if named is None else load_protocol(named)
    if found is None:
        said = f"the plan was held against {wanted}, which is neither in the store nor shipped"
        raise UsageError(said, where=store.name, do="name its file with -p")
    if found.sha256 != record.protocol_sha256:
        other = f"{found.id}, version {found.version} (SHA-256 {found.sha256[:12]}…)"
        said = f"the plan was held against {wanted}, and this is {other}"
        raise UsageError(said, where=store.name if named is None else f"-p {named}", do="name its file with -p")
    aliases = record.provenance["settings"]["aliases"] or {}
    structures = (replace(s, site_aliases=tuple(aliases.get(s.name, ()))) for s in found.structures)
    return replace(found, structures=tuple(structures))


def _linked(store: Store, record: StoredRecord) -> tuple[LinkedPlan, Index]:
    """The files of the plan, as the store knows them."""
    from hardcheck.audit import known_index

    if store.anonymous:
        do = "check the plan's folder with 'hardcheck check'"
        raise StoreError("this store is anonymous, and knows no file", where=store.name, do=do)
    index = known_index(store, record.archive)
    linked = next((plan for plan in index.linked.plans if plan.plan == record.path and plan.is_complete), None)
    if linked is None:
        said = "the files of this plan are no longer known, or are not complete"
        raise StoreError(said, where=record.path, do="run the audit again")
    return linked, index


def _stored(store: Store, run: int, record: StoredRecord) -> StoredEvaluation:
    from hardcheck.store import stored_evaluations

    (plan,) = stored_evaluations(store, run, record.protocol_id, paths=[record.path])
    return plan


def _read(root: Path, linked: LinkedPlan, *, pixels: bool) -> Plan:
    """The plan from its files. InputError where one is gone."""
    from hardcheck.dicom import read_plan

    paths = [root / path for path in (*linked.files, *linked.images)]
    gone = next((path for path in paths if not path.is_file()), None)
    if gone is not None:
        raise InputError("the file is not there any more", where=str(gone), do="run the audit again")
    return read_plan(paths, plan=linked.uid, pixels=pixels)


def _evaluated(plan: Plan, protocol: Protocol, settings: Mapping[str, Any]) -> Evaluation:
    """The evaluation by the settings of the stored one."""
    from hardcheck.evaluation import evaluate

    return evaluate(
        plan,
        protocol,
        regimen=settings["regimen"],
        levels=settings["levels"] or None,
        mapping=settings["mapping"] or None,
        absent=settings["absent"],
        end_caps=settings["end_caps"],
        between_slices=settings["between_slices"],
        vertex_dose=settings.get("vertex_dose", "separate"),
    )


def _changed(plan: Plan, record: StoredRecord) -> Iterator[str]:
    """What of the RT objects is not what was evaluated."""
    before = {each["sop_instance_uid"]: each for each in record.provenance["inputs"]}
    after = {source.sop_instance_uid: source for source in plan.sources}
    for uid, source in after.items():
        if uid not in before:
            yield f"{source.modality} {uid} is new"
        elif before[uid]["sha256"] != source.sha256:
            was, is_now = (str(sha256)[:12] for sha256 in (before[uid]["sha256"], source.sha256))
            yield f"{source.modality} {uid} is another file: SHA-256 {was}… then, {is_now}… now"
    for uid in before.keys() - after.keys():
        yield f"{before[uid]['modality']} {uid} is not of the plan any more"


def _changed_images(root: Path, linked: LinkedPlan, index: Index) -> Iterator[str]:
    """How many images are not as they were, before their pixels."""
    from hardcheck.dicom import head_sha256

    known = [(path, index.sha256[path]) for path in linked.images if path in index.sha256]
    others = sum(head_sha256(root / path) != sha256 for path, sha256 in known)
    if others:
        yield f"{others} of {len(linked.images)} images are other files"


def _is_as_stored(linked: LinkedPlan, root: Path, protocol: Protocol, record: StoredRecord) -> bool:
    """Whether the files as they are now, asked as they were, are known by the key of the evaluation."""
    from hardcheck.audit import AuditTerms, Task, checksums_of
    from hardcheck.store import PlanFacts

    settings, asked = record.provenance["settings"], record.asked
    task = Task(
        path=linked.plan,
        uid=linked.uid,
        root=str(root),
        files=linked.files,
        images=linked.images,
        protocol=protocol,
        regimen=None,
        terms=AuditTerms(
            settings["levels"] or {},
            settings["end_caps"],
            settings["between_slices"],
            asked.get("vertex_dose", "separate"),  # the evaluation says it of a lattice alone
        ),
        facts=PlanFacts(),
        anonymous=False,
    )
    sha256 = checksums_of(task)
    # It may have been asked for by its name, or found.
    return any(replace(task, regimen=each).key(sha256) == record.key for each in (None, settings["regimen"]))


def _differing(evaluation: Evaluation, stored: StoredEvaluation, record: StoredRecord) -> Iterator[str]:
    """What came out otherwise than it is stored, and by which versions."""
    from hardcheck import __version__
    from hardcheck.report.document import finite
    from hardcheck.store import OF_VERDICT

    said = []
    if str(evaluation.verdict) != stored.verdict:
        said.append(f"the verdict was {stored.verdict}, and is {evaluation.verdict}")
    elif record.bin is not OF_VERDICT[stored.verdict]:
        said.append(f"the run counted the plan as {record.bin}, and the verdict is {evaluation.verdict}")
    rows = {(row.goal_id, row.roi_number): row for row in stored.goals}
    for result in evaluation.results:
        row = rows.pop((result.goal.id, result.roi_number), None)
        quantity = result.quantity
        now = None if quantity.value is None else (quantity.low, quantity.value, quantity.high)
        if row is None or (row.outcome, row.bounds) != (str(result.outcome), now):
            was = "not there" if row is None else _told(row.outcome, row.bounds)
            said.append(f"{result.goal.id} was {was}, and is {_told(str(result.outcome), now)}")
        elif (was := _asked(row.op, row.limit, row.tier)) != (
            asked := _asked(str(result.goal.op), finite(result.limit), str(result.goal.tier))
        ):
            said.append(f"{result.goal.id} asked for {was}, and asks for {asked}")
    said += [f"{goal_id} is not there any more" for goal_id, _ in rows]
    if said:
        yield f"stored by hardcheck {record.version}, evaluated by {__version__}"
        yield from said


def _asked(op: str, limit: float | None, tier: str) -> str:
    return f"{op} {'a limit that is not known' if limit is None else repr(limit)}, {tier}"


def _told(outcome: str, bounds: Sequence[float | None] | None) -> str:
    if bounds is None:
        return outcome
    low, value, high = bounds
    return f"{outcome} {value:.6g} ({low:.6g} to {high:.6g})"
