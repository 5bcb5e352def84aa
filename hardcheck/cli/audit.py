"""``hardcheck audit``: every plan of an archive, counted in a store."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hardcheck import STATEMENT, __version__
from hardcheck.cli.audit_progress import JsonLines, Plain, Shown
from hardcheck.cli.boundary import InterruptError
from hardcheck.cli.figure import counted
from hardcheck.cli.output import Output, folder_of, json_bytes, make_folder, outputs_of
from hardcheck.cli.screen import screen, text
from hardcheck.cli.status import Status
from hardcheck.cli.terms import protocol_and_regimen
from hardcheck.errors import StoreError, UsageError

if TYPE_CHECKING:
    from hardcheck.audit import Against, Audited
    from hardcheck.audit.dask import DaskWorkers
    from hardcheck.store import Store

SCHEMA: Final = "hardcheck.audit/1"
FORMS: Final = ("html", "json")
AUTO: Final = "auto"
LEAST_MB: Final = 512
"""Less than this is not enough for the program itself and a small plan."""
_NAMED: Final = 3
"""Files and folders that the account names one by one."""


@dataclass(frozen=True, slots=True)
class AuditAsked:
    """The options of the command, as they were typed; `levels` are in Gy."""

    root: Path
    protocol: str | None
    protocols: Path | None
    store: str
    jobs: int | None
    memory_mb: int
    time_limit_s: float
    dask: str | None
    levels: Mapping[str, float]
    aliases: Path | None
    vertex_dose: str
    end_caps: str
    between_slices: str
    anonymous: bool
    destinations: tuple[str, ...]
    tables: str
    quiet: bool
    log_json: bool

    @property
    def folder(self) -> Path | None:
        """Where tables are to be written. UsageError for several."""
        folders = [name for name in self.destinations if folder_of((name,)) is not None]
        if len(folders) > 1:
            raise UsageError("one folder takes all tables", where=f"-o {folders[1]}", do="name one folder")
        return Path(folders[0]) if folders else None

    @property
    def files(self) -> tuple[Path, ...]:
        """What else is to be written."""
        return tuple(Path(name) for name in self.destinations if folder_of((name,)) is None)


def audit_archive(asked: AuditAsked) -> Status:
    """Run the audit, write what was asked for, show the account."""
    from hardcheck.audit import AuditTerms, LocalWorkers, audit
    from hardcheck.store import Store

    outputs = outputs_of(asked.files, FORMS, {})
    folder = asked.folder
    against = _against(asked)
    _refuse_levels(asked.levels, against)
    if not asked.root.is_dir():
        raise UsageError("no such folder", where=str(asked.root), do="name the folder of the archive")
    _refuse_inside(asked)
    make_folder(folder)
    local = LocalWorkers(asked.jobs or _cores(), asked.memory_mb * 2**20, asked.time_limit_s)
    workers = local if asked.dask is None else _dask(asked.dask, asked.time_limit_s)
    terms = AuditTerms(asked.levels, asked.end_caps, asked.between_slices, asked.vertex_dose)
    with Store(asked.store, anonymous=True if asked.anonymous else None) as store, _progress(asked, store) as progress:
        try:
            audited = audit(asked.root, against, store, workers, terms, pool=local.pool, progress=progress)
        except KeyboardInterrupt:
            raise InterruptError("interrupted; what is done is stored, and the same command goes on") from None
        except StoreError as error:
            do = f"{error.do or 'look at the store'}; then the same command goes on"
            raise StoreError(error.what, where=error.where, do=do) from None
        written = _write(store, audited, outputs, folder, asked.tables)
        progress.close()
        _show(audited, written)
    return Status.REVIEW if audited.obstacles else Status.DONE


def audit_document(store: Store, audited: Audited) -> dict[str, Any]:
    """The account and the pass rates of a run, the same for equal content; ``hardcheck.audit/1``."""
    from hardcheck.store import Bin, pass_rates

    return {
        "schema": SCHEMA,
        "version": __version__,
        "anonymous": store.anonymous,
        "plans": {"found": audited.account.found} | {str(each): audited.account.counts[each] for each in Bin},
        "files": {str(each): count for each, count in audited.files.items()},
        "not_looked_at": len(audited.obstacles)
        if store.anonymous
        else [{"path": each.path, "reason": each.reason} for each in audited.obstacles],
        "goals": [asdict(rate) for rate in pass_rates(store, audited.run)],
        "statement": STATEMENT,
    }


def _against(asked: AuditAsked) -> Against:
    from hardcheck.audit import Against
    from hardcheck.library import available, load_protocol, protocol_bytes

    if asked.protocol != AUTO:
        if asked.protocols is not None:
            raise UsageError("goes with -p auto alone", where="--protocols", do="leave it away, or write -p auto")
        name, regimen = protocol_and_regimen(asked.protocol)
        protocol = load_protocol(name, aliases=asked.aliases)
        known = [each.id for each in protocol.regimens]
        if regimen is not None and regimen not in known:
            raise UsageError(
                f"{protocol.id} has no regimen {regimen!r}", where="-p", do=f"choose one of: {', '.join(known)}"
            )
        return Against((protocol,), regimen=regimen, files=(protocol_bytes(name),))
    paths = [entry.path for entry in available()]
    if asked.protocols is not None:
        paths = sorted(path for path in asked.protocols.rglob("*") if path.suffix.lower() in (".yaml", ".yml"))
        if not paths:
            where = f"--protocols {asked.protocols}"
            raise UsageError("holds no protocol", where=where, do="name a folder with .yaml files")
    read = tuple(load_protocol(path, aliases=asked.aliases) for path in paths)
    return Against(read, named=False, files=tuple(map(protocol_bytes, paths)))


def _refuse_levels(levels: Mapping[str, float], against: Against) -> None:
    """UsageError for a level that no protocol has: every plan would be set aside."""
    known = {level.name for protocol in against.protocols for each in protocol.regimens for level in each.levels}
    for name in levels:
        if name not in known:
            do = f"choose one of: {', '.join(sorted(known)) or 'none'}"
            raise UsageError(f"no protocol has a level {name!r}", where="--level", do=do)


def _refuse_inside(asked: AuditAsked) -> None:
    """UsageError where what is written would be found among the plans the next time."""
    archive = asked.root.resolve()
    store = asked.store.removeprefix("sqlite:///")
    named = {"-o": [str(path) for path in (*asked.files, *([asked.folder] if asked.folder else []))]}
    named["--store"] = [] if "://" in store else [store]
    for option, paths in named.items():
        for path in paths:
            if Path(path).resolve().is_relative_to(archive):
                raise UsageError("lies in the archive", where=f"{option} {path}", do="name a place outside of it")


def _dask(address: str, time_limit_s: float) -> DaskWorkers:
    """The workers of a scheduler that answers."""
    from hardcheck.audit.dask import DaskWorkers

    workers = DaskWorkers(address, time_limit_s)
    workers.reach()
    return workers


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _progress(asked: AuditAsked, store: Store) -> Shown:
    if asked.log_json:
        return JsonLines(store)
    if asked.quiet:
        return Shown()
    return Plain()


def _write(store: Store, audited: Audited, outputs: Sequence[Output], folder: Path | None, tables: str) -> list[Path]:
    from hardcheck.store import export_csv, export_parquet

    made = [(output, _content(store, audited, output.form)) for output in outputs]
    for output, content in made:
        output.write(content)
    written = [output.path for output in outputs if output.path is not None]
    if folder is not None:
        export = export_csv if tables == "csv" else export_parquet
        written += export(store, audited.run, folder)
    return written


def _content(store: Store, audited: Audited, form: str) -> bytes:
    if form == "json":
        return json_bytes(audit_document(store, audited))
    from hardcheck.cohort import cohort_of
    from hardcheck.report.cohort_page import cohort_page

    return cohort_page(cohort_of(store, audited.run)).encode()


def _show(audited: Audited, written: Sequence[Path]) -> None:
    console = screen()
    files = " + ".join(f"{count} {each}" for each, count in audited.files.items() if count)
    console.print(text(f"Files: {sum(audited.files.values())} = {files or 'none'}"), soft_wrap=True)
    for obstacle in audited.obstacles[:_NAMED]:
        console.print(text(f"Not looked at: {obstacle.path}: {obstacle.reason}"), soft_wrap=True)
    if len(audited.obstacles) > _NAMED:
        console.print(text(f"Not looked at: {len(audited.obstacles) - _NAMED} more"))
    console.print(text(f"Plans: {audited.account}"), soft_wrap=True)
    for path in written:
        console.print(text(f"Written: {path}"), soft_wrap=True)
    console.print(text(_look_at(audited)), soft_wrap=True)
    console.print(text(STATEMENT))


def _look_at(audited: Audited) -> str:
    """What a person should look at first, in one line."""
    from hardcheck.store import Bin

    counts = audited.account.counts
    unknown = [f"{counts[each]} {each}" for each in (Bin.UNREADABLE, Bin.UNLINKED, Bin.NO_PROTOCOL) if counts[each]]
    judged = [f"{counts[each]} {each}" for each in (Bin.FAILED, Bin.REVIEW) if counts[each]]
    if audited.obstacles:
        places = counted(len(audited.obstacles), "place")
        return f"Look first at: {places} of the archive that could not be looked at, which may hold plans"
    if judged or unknown:
        return (
            f"Look first at: {', '.join((*judged, *unknown))} (run {audited.run} of the store; -o FOLDER/ lists them)"
        )
    if not audited.account.found:
        return "No plan was found"
    if unclear := _unclear(audited):
        return f"Look first at: {unclear}, though every plan that could be told passed, or has a variation"
    return "Every plan passed, or has a variation"


def _unclear(audited: Audited) -> str:
    """How many files are of no use to any plan that was counted; empty where there are none."""
    from hardcheck.archive import Bin

    damaged, differing = audited.files[Bin.UNREADABLE], audited.files[Bin.CONFLICT]
    said = [f"{counted(damaged, 'file')} unreadable"] if damaged else []
    return ", ".join(said + ([f"{counted(differing, 'file')} in conflict"] if differing else []))
