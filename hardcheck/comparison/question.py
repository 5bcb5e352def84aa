"""Whether both evaluations answer the same question: what was asked, of whom, and how it was computed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hardcheck.comparison.interval import ROUNDING
from hardcheck.comparison.side import Side

SETTINGS: Final = ("end_caps", "between_slices", "mapping", "aliases", "absent", "vertex_dose", "tps")
"""Those of `hardcheck check` that are not told elsewhere."""

CHOOSING: Final = ("mapping", "aliases", "absent")
"""Settings by which a goal, or what it is made of or limited by, is held against another ROI or against none. An
evaluation does not say all that they touch, so any difference decides."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same, or not known to be.

    `decides`: with it nobody can say that nothing got worse, since the verdicts answer different questions.
    """

    what: str
    a: str
    b: str
    decides: bool


def differences(a: Side, b: Side, *, other_patient: bool = False) -> tuple[Difference, ...]:
    """All of them, the patient first, then those that decide. `other_patient`: it is known that there are two."""
    found = [*_of_documents(a, b), *_of_protocol(a, b), *_of_plan(a, b), *_of_program(a, b)]
    return *_of_patient(a, b, other_patient=other_patient), *sorted(
        found, key=lambda difference: not difference.decides
    )


def is_same_input(a: Side, b: Side) -> bool:
    """Whether both rest on the very same files, by their checksums."""
    known = all(sha256 for side in (a, b) for _, _, sha256 in side.inputs)
    return known and bool(a.inputs) and set(a.inputs) == set(b.inputs)


def _of_patient(a: Side, b: Side, *, other_patient: bool) -> Iterator[Difference]:
    are_others = other_patient or (bool(a.patient_id and b.patient_id) and a.patient_id != b.patient_id)
    if are_others and a.anonymous and b.anonymous:
        yield Difference("patient", "left out", "left out, and another one", decides=True)
    elif a.patient_id != b.patient_id or not a.patient_id:
        yield _unlike("patient ID", a.patient_id, b.patient_id, decides=are_others)


def _of_documents(a: Side, b: Side) -> Iterator[Difference]:
    if not (a.intact and b.intact):
        said = {True: "as it was written", False: "changed after it was written, or without a checksum of itself"}
        yield Difference("the evaluation", said[a.intact], said[b.intact], decides=True)


def _of_protocol(a: Side, b: Side) -> Iterator[Difference]:
    name_a, name_b = (
        f"{side.protocol.get('id') or '?'} {side.protocol.get('version') or ''}".strip() for side in (a, b)
    )
    sum_a, sum_b = (str(side.protocol.get("sha256") or "") for side in (a, b))
    if name_a != name_b:
        yield Difference("protocol", name_a, name_b, decides=True)
    if sum_a != sum_b or not sum_a:
        yield _unlike("SHA-256 of the protocol", sum_a, sum_b, decides=True)
    regimen_a, regimen_b = (side.protocol.get("regimen") for side in (a, b))
    if regimen_a != regimen_b:
        yield _unlike("regimen", regimen_a, regimen_b, decides=True)
    for name in dict.fromkeys((*a.levels, *b.levels)):
        dose_a, dose_b = (side.levels.get(name) for side in (a, b))
        if not _same(dose_a, dose_b):
            yield Difference(f"level {name}", _gy(dose_a), _gy(dose_b), decides=True)


def _of_plan(a: Side, b: Side) -> Iterator[Difference]:
    # The same doses in other fractions are another treatment.
    for name, what, decides in (("fractions", "fractions", True), ("prescription_gy", "prescribed dose (Gy)", False)):
        if not _same(a.plan.get(name), b.plan.get(name)):
            yield _unlike(what, a.plan.get(name), b.plan.get(name), decides=decides)
    if a.structure_sets != b.structure_sets:
        yield _unlike("structure set", sorted(a.structure_sets), sorted(b.structure_sets))


def _of_program(a: Side, b: Side) -> Iterator[Difference]:
    if a.version != b.version:
        yield _unlike("version of hardcheck", a.version, b.version)
    for name in SETTINGS:
        value_a, value_b = (side.settings.get(name) or None for side in (a, b))
        if value_a != value_b:
            yield _unlike(f"setting {name}", value_a, value_b, decides=name in CHOOSING)


def _unlike(what: str, a: object, b: object, *, decides: bool = False) -> Difference:
    return Difference(what, _said(a), _said(b), decides)


def _same(a: Any, b: Any) -> bool:
    return bool(a == b or (isinstance(a, float) and isinstance(b, float) and math.isclose(a, b, rel_tol=ROUNDING)))


def _gy(dose_gy: float | None) -> str:
    return "not known" if dose_gy is None else f"{dose_gy:g} Gy"


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {_said(item)}" for key, item in value.items()) or "not said"
    if isinstance(value, list | tuple):
        return ", ".join(_said(item) for item in value) or "not said"
    return "not said" if value is None or value == "" else str(value)
