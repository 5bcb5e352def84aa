"""Which curve is of which ROI. Nothing is guessed: what does not match is listed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from hardcheck.plan import Plan, StoredDvh, Structure
from hardcheck.planning_system.export import Export
from hardcheck.protocol.names import normal


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """The structures with their curves, and the names of what is left over on either side."""

    matched: tuple[tuple[Structure, StoredDvh], ...]
    unmatched: tuple[str, ...] = ()
    """Curves that are of no ROI, or of one that cannot be told."""
    missing: tuple[str, ...] = ()
    """ROIs with contours and without a curve."""


def pair(plan: Plan, export: Export) -> Pairs:
    """Each curve with its ROI: by ROINumber where it has one, by its name otherwise.

    A name is first compared as it stands, then without case and separators, as the names of a protocol are. Where two
    ROIs, or two curves, have one name, neither is compared.
    """
    matched: list[tuple[Structure, StoredDvh]] = []
    unmatched: list[str] = []
    for curve in export.curves:
        roi = _by_number(plan, curve) if curve.roi_number is not None else _by_name(plan, export, curve)
        if roi is None:
            unmatched.append(curve.name or f"ROINumber {curve.roi_number}")
        else:
            matched.append((roi, curve))
    found = {roi.number for roi, _ in matched}
    missing = tuple(s.name for s in plan.structures if s.number not in found and s.unusable is None)
    return Pairs(tuple(matched), tuple(unmatched), missing)


def _by_number(plan: Plan, curve: StoredDvh) -> Structure | None:
    found = [s for s in plan.structures if s.number == curve.roi_number]
    return found[0] if len(found) == 1 else None


def _by_name(plan: Plan, export: Export, curve: StoredDvh) -> Structure | None:
    exact = [s for s in plan.structures if s.name.strip() == curve.name]
    if exact:
        return exact[0] if len(exact) == 1 and _count(export, curve.name) == 1 else None
    form = normal(curve.name)
    near = [s for s in plan.structures if normal(s.name) == form]
    same = Counter(normal(other.name) for other in export.curves)[form]
    return near[0] if len(near) == 1 and same == 1 else None


def _count(export: Export, name: str) -> int:
    return sum(other.name == name for other in export.curves)
