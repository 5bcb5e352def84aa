"""The contours of each structure by itself, and the names of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

import numpy as np

from hardcheck.algebra import islands
from hardcheck.dvh import BRIDGED, LOST_SLICES, size_of, slices_of
from hardcheck.evaluation.integrity.side import wrong_side
from hardcheck.evaluation.integrity.subject import NO_ANATOMY, Subject
from hardcheck.plan import Finding, Severity, Structure

STRAY_CC: Final = 0.1
STRAY_SHARE: Final = 0.01
STRAY_SLICES: Final = 2
"""A part as small as this in volume, in share of the structure and in slices is a slip of the brush. Where organs
come apart into pieces, as loops of bowel and vessels do, the pieces are larger or longer."""


def numbers(subject: Subject) -> Iterable[Finding]:
    """Each ROINumber (3006,0022) is that of one ROI; a DVH is found by nothing else."""
    counts = Counter(s.number for s in subject.plan.structures)
    for number in (n for n, count in counts.items() if count > 1):
        names = tuple(s.name for s in subject.plan.structures if s.number == number)
        yield Finding("roi-numbers-unique", Severity.STOP, f"ROINumber {number} stands for {len(names)} ROIs", names)


def names(subject: Subject) -> Iterable[Finding]:
    """Each ROIName (3006,0026) is that of one ROI, for a person who reads it. AAPM TG-263."""
    same: dict[str, list[Structure]] = {}
    for structure in subject.plan.structures:
        same.setdefault(structure.name.strip().casefold(), []).append(structure)
    for several in (found for found in same.values() if len(found) > 1):
        marks = ", ".join(f"ROI {s.number}" for s in several if s.is_mark)
        text = f"{len(several)} ROIs have the name {several[0].name}" + (f", {marks} marks a point" if marks else "")
        touched = tuple(dict.fromkeys(s.name for s in several))
        if any(s in subject.used for s in several):
            yield Finding("roi-names-unique", Severity.FAIL, text, touched)
        else:
            yield Finding("roi-names-unique", Severity.WARN, text, touched)


def empty(subject: Subject) -> Iterable[Finding]:
    """ROIs that hold nothing. AAPM TG-275."""
    unused = []
    for structure in subject.plan.structures:
        if structure.interpreted_type in NO_ANATOMY or "POINT" in structure.geometric_types:
            continue
        hollow = not structure.is_empty and structure.unusable is None and subject.shapes.of(structure) is None
        if structure.is_empty or (hollow and _is_axial(structure)):
            if structure in subject.used:
                text = f"{structure.name} is empty, and goals are about it"
                yield Finding("structure-empty", Severity.FAIL, text, (structure.name,))
            else:
                unused.append(structure.name)
    if unused:
        text = f"{len(unused)} structure{'' if len(unused) == 1 else 's'} without contours, or of no volume"
        yield Finding("structure-empty", Severity.WARN, text, tuple(dict.fromkeys(unused)))


def _is_axial(structure: Structure) -> bool:
    return all(np.ptp(c[:, 2]) < 1e-3 for c in structure.contours() if len(c))


def slices(subject: Subject) -> Iterable[Finding]:
    """Contours that are missing in the middle. AAPM TG-275.

    Where several vertices are one ROI, no slices are lost between them: it is islands by intent.
    """
    used, vertices = set(subject.used), set(subject.vertices)
    for structure, said in _doubts(subject):
        if said.startswith(BRIDGED) or (said.startswith(LOST_SLICES) and structure not in vertices):
            text = f"{structure.name}: {said}"
            if structure in used:
                yield Finding("structure-slices", Severity.FAIL, text, (structure.name,))
            else:
                yield Finding("structure-slices", Severity.WARN, text, (structure.name,))


def _doubts(subject: Subject) -> Iterable[tuple[Structure, str]]:
    """What the DVH engine has to say of the contours of each ROI, or why it makes no volume of them."""
    known = {dvh.structure: (*dvh.caveats, dvh.reason or "") for dvh in subject.dvhs.values()}
    others = [s for s in subject.plan.structures if s not in known and s.unusable is None]
    for structure, where in zip(others, slices_of(subject.plan, others), strict=True):
        size = size_of(structure, where)
        known[structure] = (*size.caveats, size.reason or "")
    for structure in subject.plan.structures:
        yield from ((structure, said) for said in known.get(structure, ()))


def stray(subject: Subject) -> Iterable[Finding]:
    """Parts of a structure that nobody meant to draw. AAPM TG-275."""
    used = set(subject.used)
    for structure in subject.plan.structures:
        solid = subject.shapes.of(structure) if structure.interpreted_type not in NO_ANATOMY else None
        if solid is None:
            continue
        parts = sorted(islands(solid), reverse=True)
        most = min(STRAY_CC, STRAY_SHARE * sum(volume for volume, _, _ in parts))
        lost = [part for part in parts if part[0] < most and part[2] <= STRAY_SLICES]
        if not lost:
            continue
        where = ", ".join(f"{z:.1f}" for _, z, _ in lost[:3])
        text = f"{structure.name}: {len(lost)} stray part{'' if len(lost) == 1 else 's'}, at z {where} mm"
        if structure in used:
            yield Finding("structure-islands", Severity.FAIL, text, (structure.name,))
        else:
            yield Finding("structure-islands", Severity.WARN, text, (structure.name,))


def slivers(subject: Subject) -> Iterable[Finding]:
    """Structures that are smaller than a voxel of the dose. AAPM TG-275."""
    if subject.plan.dose is None:
        return
    voxel_cc = float(np.prod(subject.plan.dose.spacing_mm)) / 1000
    used = set(subject.used)
    for structure in subject.plan.structures:
        solid = subject.shapes.of(structure) if structure.interpreted_type not in NO_ANATOMY else None
        if solid is None or len(solid.sheets) < 2 or solid.volume_cc >= voxel_cc:
            continue
        text = f"{structure.name} has {solid.volume_cc:.2g} cc, a voxel of the dose {voxel_cc:.2g} cc"
        if structure in used:
            yield Finding("structure-slivers", Severity.FAIL, text, (structure.name,))
        else:
            yield Finding("structure-slivers", Severity.WARN, text, (structure.name,))


def contours(subject: Subject) -> Iterable[Finding]:
    """What else the contours of the structures of the protocol leave in doubt."""
    for dvh in subject.dvhs.values():
        for caveat in dvh.caveats:
            if "dose grid" not in caveat and not caveat.startswith(BRIDGED):
                text = f"{dvh.structure.name}: {caveat}"
                yield Finding("structure-contours", Severity.WARN, text, (dvh.structure.name,))


def laterality(subject: Subject) -> Iterable[Finding]:
    """The side in a structure's name is the side that its contours are on (patient LPS)."""
    for structure, text in wrong_side(subject.plan.structures):
        yield Finding("laterality", Severity.FAIL, text, (structure.name,))
