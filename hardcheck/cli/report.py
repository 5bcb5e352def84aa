"""``hardcheck report``: what a store holds, as a page for people or as tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hardcheck.cli.output import Output, make_folder
from hardcheck.cli.screen import screen, text
from hardcheck.cli.status import Status
from hardcheck.errors import StoreError

if TYPE_CHECKING:
    from hardcheck.store import Store


def report_cohort(where: str, run: int | None, outputs: Sequence[Output], folder: Path | None) -> Status:
    """Write the cohort report of a run into `outputs`, its tables into `folder`, and show its account."""
    from hardcheck.cohort import cohort_of
    from hardcheck.report.cohort_page import cohort_page
    from hardcheck.store import export_csv

    with open_store(where) as store:
        number = run_of(store, run)
        account = store.account(number)
        if not account.closes:
            said = f"run {number} does not close: {account}"
            raise StoreError(said, where=where, do="restore the store from a copy, or run the audit again")
        make_folder(folder)
        page = cohort_page(cohort_of(store, number)).encode() if outputs else b""
        written = [output.path for output in outputs]
        for output in outputs:
            output.write(page)
        if folder is not None:
            written += export_csv(store, number, folder)
    console = screen(to_stderr=None in written)
    console.print(text(account))
    for path in written:
        if path is not None:
            console.print(text(f"Written: {path}"), soft_wrap=True)
    return Status.DONE


def open_store(where: str) -> Store:
    """The store at `where`, a path or URL. StoreError where there is none: reading makes no new one."""
    from hardcheck.store import Store

    return Store(where, new=False)


def run_of(store: Store, run: int | None) -> int:
    """`run` where that is a finished one, the last finished one where it is None. StoreError where there is none."""
    return store.last_run() if run is None else store.finished_run(run)
