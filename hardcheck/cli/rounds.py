"""``hardcheck check DIR... -o rounds/``: each plan its own report, and a page that lists them all."""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hardcheck import STATEMENT
from hardcheck.cli.asked import Asked
from hardcheck.cli.figure import counted
from hardcheck.cli.option import Paths
from hardcheck.cli.output import Output, json_bytes
from hardcheck.cli.screen import screen, text, word
from hardcheck.cli.status import Status, status_of
from hardcheck.cli.terms import LoadedTerms, Terms
from hardcheck.errors import (
    HardcheckError,
    InputError,
    LimitError,
    LinkError,
    TruncatedError,
    UsageError,
    defect_text,
)

if TYPE_CHECKING:
    from rich.console import Console

    from hardcheck.cli.appearance import Appearance
    from hardcheck.dicom import Entry
    from hardcheck.evaluation import Evaluation
    from hardcheck.plan import Plan
    from hardcheck.report import Look
    from hardcheck.report.rounds import Rounds, RoundsRow

INDEX: Final = "index.html"
FORMS: Final = ("html", "json")
"""What is written of each plan."""

NAMELESS: Final = (
    (TruncatedError, "a file is cut short or damaged"),
    (LimitError, "a file asks for more than the stated limits allow"),
    (LinkError, "plan, structures and dose cannot be shown to belong together"),
    (InputError, "the files cannot be used as a plan"),
    (UsageError, "an option or the protocol does not fit this plan"),
)
"""Why a plan is refused, where file names and labels may not be told."""

_WORST: Final = (Status.FAIL, Status.WRONG, Status.REVIEW, Status.DONE)
_OURS: Final = b'<meta name="generator" content="hardcheck'
_WITH_IDENTITY: Final = re.compile(r"[0-9]+-[0-9a-f]{8}\.(html|json)")
"""Files of an earlier list that was not `anonymous`."""
_HEAD_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Found:
    """One plan to be checked: where it is and its UID; None where the place has no RTPLAN."""

    number: int
    place: Paths
    uid: str | None
    problem: HardcheckError | None = None
    """Why the place itself could not be looked at."""

    @property
    def named(self) -> str:
        """The place as it was typed."""
        paths = self.place if isinstance(self.place, tuple) else (self.place,)
        return str(paths[0]) if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"


@dataclass(frozen=True, slots=True)
class Going:
    """How each plan is checked and written."""

    terms: LoadedTerms
    folder: Path
    digits: int
    assume_linked: bool
    anonymous: bool
    created: datetime
    look: Look

    def stem(self, found: Found) -> str:
        """Of the files of a plan: its number and what its UID hashes to, nothing of who it is.

        Without identity it is the number alone: who has the plan could find it again by the hash.
        """
        number = f"{found.number:0{self.digits}d}"
        if self.anonymous or found.uid is None:
            return number
        return f"{number}-{hashlib.sha256(found.uid.encode()).hexdigest()[:8]}"


def check_rounds(
    paths: Sequence[Path],
    folder: Path,
    terms: Terms,
    *,
    outputs: Sequence[Output],
    assume_linked: bool,
    strict: bool,
    anonymous: bool,
    look: Appearance,
) -> Status:
    """Check every plan in `paths`, write its report into `folder`, and at last the list of all."""
    from hardcheck.report.rounds import Rounds
    from hardcheck.report.rounds_page import rounds_page

    loaded, seen = terms.load(), look.read()
    _refuse_inside(folder, paths)
    _refuse_twice(paths)
    _refuse_among(folder, outputs)
    _prepare(folder, anonymous=anonymous)
    places = places_of(paths)
    plans = list(plans_of(places))
    created = datetime.now().astimezone()
    going = Going(
        loaded, folder, max(2, len(str(len(plans)))), assume_linked, anonymous, created, replace(seen, back=INDEX)
    )
    console = screen(to_stderr=any(output.path is None for output in outputs))
    # What it says holds no more once the first report is written.
    (folder / INDEX).unlink(missing_ok=True)
    rows: list[RoundsRow] = []
    for found in plans:
        row = _checked(found, going)
        _show(console, row, len(plans))
        rows.append(row)
    rounds = Rounds.of(rows, places=len({str(found.place) for found in plans}), anonymous=anonymous, created=created)
    for output in outputs:
        from hardcheck.report.rounds import rounds_document

        output.write(json_bytes(rounds_document(rounds)))
    Output("html", folder / INDEX).write(rounds_page(rounds).encode())
    _show_account(console, rounds, folder)
    return status_of_rounds(rounds, strict=strict)


def status_of_rounds(rounds: Rounds, *, strict: bool) -> Status:
    """The worst of all plans: FAIL, then refused, then REVIEW. A plan that was refused never ends with 0."""
    statuses = {Status.WRONG if row.is_refused else status_of(row.verdict, strict=strict) for row in rounds.rows}
    return next((status for status in _WORST if status in statuses), Status.WRONG)


def places_of(paths: Sequence[Path]) -> list[Paths]:
    """Where plans are looked for: each folder and each zip by itself, and all other files together."""
    files = tuple(path for path in paths if not path.is_dir() and not zipfile.is_zipfile(path))
    alone: list[Paths] = [path for path in paths if path not in files]
    return [*alone, *([files] if files else [])]


def plans_of(places: Sequence[Paths]) -> Iterator[Found]:
    """Every plan of every place, once; and what a plan may be hidden in, so that it is told and never left out.

    That is a place without a plan, and beside plans a file that is empty or was not fetched. A zip in a folder is a
    place of its own.
    """
    from hardcheck.dicom import ZIP_INSIDE, take_inventory

    number = 0
    waiting = list(places)
    while waiting:
        place = waiting.pop(0)
        problem: HardcheckError | None = None
        plans: dict[str, str | None] = {}
        hidden: list[InputError] = []
        try:
            entries = take_inventory(place).entries
            found = [entry for entry in entries if entry.modality == "RTPLAN"]
            plans = {entry.sop_instance_uid or entry.name: entry.sop_instance_uid or None for entry in found}
            if isinstance(place, Path) and place.is_dir():
                waiting += [place / entry.name for entry in entries if entry.problem == ZIP_INSIDE]
            hidden = list(_hidden(entries, plans)) if plans else []
        except InputError as error:
            problem = error
        for uid in plans.values() or [None]:
            number += 1
            yield Found(number, place, uid, problem)
        for each in hidden:
            number += 1
            yield Found(number, place, None, each)


def _hidden(entries: Sequence[Entry], plans: Mapping[str, str | None]) -> Iterator[InputError]:
    """What beside `plans` may be another one, or belongs to another one."""
    from hardcheck.dicom import NOT_DICOM, ZIP_INSIDE

    again = "export it again, or take it away"
    missing: set[str] = set()
    for entry in entries:
        if not entry.refused and not entry.modality and entry.problem not in (None, NOT_DICOM, ZIP_INSIDE):
            yield InputError(f"{entry.problem}: it may have been a plan", where=entry.name, do=again)
        others = set(entry.refers_to) if entry.modality == "RTDOSE" and entry.problem is None else set()
        if others and not others & (plans.keys() | missing):
            missing |= others
            yield InputError("is the dose of a plan that is not there", where=entry.name, do=again)


def _refuse_inside(folder: Path, paths: Sequence[Path]) -> None:
    """UsageError where the reports would be found among the plans the next time."""
    for path in paths:
        if path.is_dir() and folder.resolve().is_relative_to(path.resolve()):
            do = "name a folder outside of it"
            raise UsageError(f"lies in {path}, where plans are looked for", where=f"-o {folder}", do=do)


def _refuse_twice(paths: Sequence[Path]) -> None:
    """UsageError where one place lies in another, or is named twice: its plans would be counted twice."""
    known: list[tuple[Path, Path]] = []
    for path in paths:
        real = path.resolve()
        for other, place in known:
            if real.is_relative_to(place) or place.is_relative_to(real):
                raise UsageError(f"and {other} hold the same plans", where=str(path), do="name one of them")
        known.append((path, real))


def _refuse_among(folder: Path, outputs: Sequence[Output]) -> None:
    """UsageError where another output would be written among the reports."""
    for output in outputs:
        if output.path is not None and output.path.resolve().is_relative_to(folder.resolve()):
            do = "name a file elsewhere"
            raise UsageError("lies among the reports, and could replace one", where=str(output.path), do=do)


def _prepare(folder: Path, *, anonymous: bool) -> None:
    """Make the folder. UsageError where that is not possible, or where what it holds does not go with the new list."""
    try:
        folder.mkdir(exist_ok=True)
        index = folder / INDEX
        head = b""
        if index.exists():
            with index.open("rb") as file:
                head = file.read(_HEAD_BYTES)
    except OSError as error:
        said = f"the folder cannot be used ({error.strerror})"
        raise UsageError(said, where=f"-o {folder}", do="name a folder in one that exists and is yours") from None
    if index.exists() and _OURS not in head:
        raise UsageError("is there, and hardcheck did not write it", where=str(index), do="name another folder")
    if not os.access(folder, os.W_OK):
        raise UsageError("cannot be written", where=f"-o {folder}", do="name a folder that is yours")
    if anonymous and any(_WITH_IDENTITY.fullmatch(each.name) for each in folder.iterdir()):
        raise UsageError("holds reports with identity", where=f"-o {folder}", do="name another folder")


def _checked(found: Found, going: Going) -> RoundsRow:
    """The row of one plan, whose report is written. What goes wrong with a plan stops no other one."""
    from hardcheck.report.rounds import refused

    plan: Plan | None = None
    try:
        plan = _read(found, going)
        evaluation = going.terms.evaluate(plan)
        contents = _contents(evaluation, going)
    except HardcheckError as error:
        said = _nameless(error) if going.anonymous else str(error)
        whole = str(error)
    except Exception as error:  # a defect of ours: told in the list, and no reason to leave the others unchecked
        said = whole = defect_text(error)
    else:
        return _written(found, evaluation, contents, going)
    for form in FORMS:
        # A report of an earlier run is of this plan no more.
        (going.folder / f"{going.stem(found)}.{form}").unlink(missing_ok=True)
    if going.anonymous:
        _warn(found, whole)
    # Its label may not be known: by its UID it can be told from the others in one place.
    place = found.named if found.uid is None else f"{found.named}, plan {found.uid}"
    return refused(said, number=found.number, place=place, plan=plan, anonymous=going.anonymous)


def _read(found: Found, going: Going) -> Plan:
    if found.problem is not None:
        raise found.problem
    plans = () if found.uid is None else (found.uid,)
    return Asked(plans, going.assume_linked).read(found.place, pixels=True)


def _contents(evaluation: Evaluation, going: Going) -> dict[str, bytes]:
    from hardcheck.report import content

    return {
        form: content(evaluation, form, anonymous=going.anonymous, created=going.created, look=going.look)
        for form in FORMS
    }


def _written(found: Found, evaluation: Evaluation, contents: dict[str, bytes], going: Going) -> RoundsRow:
    from hardcheck.report.rounds import judged

    stem = going.stem(found)
    files = tuple((form, f"{stem}.{form}") for form in contents)
    row = judged(evaluation, number=found.number, place=found.named, files=files, anonymous=going.anonymous)
    for form, name in files:
        Output(form, going.folder / name).write(contents[form])
    return row


def _nameless(error: HardcheckError) -> str:
    return next((said for kind, said in NAMELESS if isinstance(error, kind)), "it could not be evaluated")


def _warn(found: Found, said: str) -> None:
    """Which plan was refused and why, as any error is told."""
    screen(to_stderr=True).print(text(f"hardcheck: plan {found.number}: {said}"), soft_wrap=True)


def _show(console: Console, row: RoundsRow, plans: int) -> None:
    name = row.label or ("" if row.is_refused else f"plan {row.number}")
    console.print(
        text(f"{row.number}/{plans} ") + word(row.verdict) + text(f" {name}: {row.said}".replace(" : ", ": "))
    )


def _show_account(console: Console, rounds: Rounds, folder: Path) -> None:
    account = (
        f"{counted(len(rounds.rows), 'plan')} found = {counted(rounds.reports, 'report')} + {rounds.refused} refused"
    )
    console.print(text(account))
    console.print(text(f"Written: {folder / INDEX}"), soft_wrap=True)
    console.print(text(STATEMENT))
