"""Structures against the outline of the body, and against one another."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Final

import numpy as np

from hardcheck.algebra import Solid, shared_cc
from hardcheck.evaluation.integrity.side import named_side
from hardcheck.evaluation.integrity.subject import NO_ANATOMY, Subject
from hardcheck.plan import Finding, Severity, Structure
from hardcheck.protocol.names import normal

OUTSIDE_MM: Final = 3.0
"""So far outside of the body an organ is in the wrong place: a pixel and a slice of the coarsest planning CT."""

BEYOND_MM: Final = 1.0
"""So far outside a target is said to be: a pixel of a planning CT."""

REACH_MM: Final = 50.0
"""Up to which a distance is looked for."""

OVERLAP_CC: Final = 0.5
INSET_MM: Final = 1.0
"""Neighbours are drawn over one another by a pixel; what remains of an overlap without it is one."""

APART: Final = frozenset(
    {
        *("lung", "heart", "trachea", "liver", "spleen", "stomach", "pancreas", "gallbladder", "kidney"),
        *("bladder", "rectum", "uterus", "prostate", "testis", "femur", "femoralhead", "headfemur", "femurhead"),
        *("humerus", "brain", "eye", "lens", "parotid", "mandible", "thyroid"),
    }
)
"""Organs, by their names without side after AAPM TG-263, no two of which share a place."""

PARTS: Final = (
    {"eye", "lens"},
    {"femur", "femoralhead"},
    {"femur", "headfemur"},
    {"femur", "femurhead"},
)
"""Of these one is part of the other."""


def external(subject: Subject) -> Iterable[Finding]:
    """One external contour holds every organ. AAPM MPPG 11.a; (3006,00A4)."""
    externals = subject.externals
    if len(externals) != 1 and subject.plan.recorded("RTSTRUCT"):
        said = f"{len(externals)} external contours" if externals else "no external contour"
        text = f"there is {said}, so nothing shows that structures lie in the body"
        yield Finding("external-contour", Severity.WARN, text, tuple(s.name for s in externals))
    body = subject.body
    if body is None:
        return
    targets, used = set(subject.targets), set(subject.used)
    for structure in subject.plan.structures:
        if structure in targets or structure in externals or structure.interpreted_type in NO_ANATOMY:
            continue
        most = _outside(structure, body, subject)
        if most > OUTSIDE_MM:
            text = f"{structure.name} reaches {_far(most)} outside of the external contour"
            if structure in used:
                yield Finding("external-contour", Severity.FAIL, text, (structure.name,))
            else:
                yield Finding("external-contour", Severity.WARN, text, (structure.name,))


def target_in_body(subject: Subject) -> Iterable[Finding]:
    """No target reaches into the air. AAPM TG-275."""
    body = subject.body
    for target in subject.targets if body is not None else ():
        if body is not None and (most := _outside(target, body, subject)) > BEYOND_MM:
            text = f"{target.name} reaches {_far(most)} outside of the external contour"
            yield Finding("target-in-body", Severity.WARN, text, (target.name,))


def _outside(structure: Structure, body: Solid, subject: Subject) -> float:
    """How far the contours of `structure` reach out of the body in mm, 0 where they do not."""
    solid = subject.shapes.of(structure)
    if solid is None:
        return 0.0
    return float(body.outside_mm(solid.contour_mm(), REACH_MM).max())


def _far(most_mm: float) -> str:
    return f"{most_mm:.1f} mm" if np.isfinite(most_mm) else f"more than {REACH_MM:g} mm"


def apart(subject: Subject) -> Iterable[Finding]:
    """Organs of which no two share a place. AAPM TG-275."""
    organs = [(s, *found) for s in subject.plan.structures if not s.is_empty and (found := _organ(s)) is not None]
    for (one, name, side), (other, other_name, other_side) in combinations(organs, 2):
        # A whole and its two sides overlap, and so do two drawings of one organ.
        if {name, other_name} in PARTS or (name == other_name and (side == other_side or 0 in (side, other_side))):
            continue
        solids = subject.shapes.of(one), subject.shapes.of(other)
        if solids[0] is None or solids[1] is None:
            continue
        shared = shared_cc(solids[0], solids[1], INSET_MM)
        if shared > OVERLAP_CC:
            text = f"{one.name} and {other.name} share {shared:.1f} cc"
            yield Finding("organs-apart", Severity.WARN, text, (one.name, other.name))


def _organ(structure: Structure) -> tuple[str, int] | None:
    """Which of the organs that lie apart it is, and on which side (0 where its name says none); None for any other."""
    sided = named_side(structure.name)
    name, side = (normal(sided[0]), sided[1]) if sided is not None else (normal(structure.name), 0)
    return (name, side) if name in APART else None
