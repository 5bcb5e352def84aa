"""What a planning system said: its curves with where they are from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from hardcheck.errors import InputError, LimitError
from hardcheck.plan import Plan, StoredDvh
from hardcheck.planning_system import dvh_table, eclipse, monaco, planiq, raystation

RTDOSE: Final = "the RTDOSE"
"""The system of curves that came with the dose: which one made them, its name does not say."""

MAX_BYTES: Final = 2**26
"""Of one text export: a thousand structures of some thousand points."""
MAX_CURVES: Final = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Export:
    """The DVHs of one source. `system` says whose they are."""

    system: str
    curves: tuple[StoredDvh, ...]
    patient_id: str = ""
    """As the export gives it, to be compared and never shown."""
    file: str = ""
    sha256: str = ""


class _Format(NamedTuple):
    system: str
    knows: Callable[[str], bool]
    patient_id: Callable[[str], str]
    read: Callable[[str], tuple[StoredDvh, ...]]


_FORMATS: Final = tuple(
    _Format(form.SYSTEM, form.knows, form.patient_id, form.read)
    for form in (eclipse, raystation, monaco, planiq, dvh_table)
)


def stored_in(plan: Plan) -> Export | None:
    """The DVHs that came inside the plan's RTDOSE, None where there are none."""
    return Export(RTDOSE, plan.stored_dvhs) if plan.stored_dvhs else None


def read_export(path: str | Path) -> Export:
    """The DVHs of a text export of Eclipse, RayStation, Monaco or PlanIQ, or of a table of DVHs.

    What a file is, its content says, not its name. InputError where it is none of these or holds no curve,
    LimitError where it is larger than any export.
    """
    path = Path(path)
    data = _bytes(path)
    text = _text(data).replace("\r\n", "\n").replace("\r", "\n")
    form = next((form for form in _FORMATS if form.knows(text)), None)
    if form is None:
        raise InputError(
            "is no DVH export that is known",
            where=path.name,
            do="export the cumulative DVHs as text from Eclipse, RayStation, Monaco or PlanIQ",
        )
    try:
        curves = form.read(text)
    except ValueError as error:
        raise InputError(f"{form.system}: the export {error}", where=path.name, do="export it again") from None
    if not curves:
        raise InputError("holds no DVH", where=path.name, do="export the DVHs of the plan's structures")
    if len(curves) > MAX_CURVES:
        raise LimitError(f"holds {len(curves)} DVHs, and at most {MAX_CURVES} are read", where=path.name)
    return Export(form.system, curves, form.patient_id(text), path.name, hashlib.sha256(data).hexdigest())


def _bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise InputError("no such file", where=str(path), do="name the DVH export of the planning system")
        if path.stat().st_size > MAX_BYTES:
            raise LimitError(f"has more than {MAX_BYTES} bytes", where=path.name)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read ({type(error).__name__})", where=str(path), do="check the path") from None


def _text(data: bytes) -> str:
    """`data` in the encoding that it shows: with a byte order mark, as UTF-8, or as Windows writes it."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
