"""The body that isodose volumes are counted in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hardcheck.algebra import derive, is_nothing
from hardcheck.dvh import size_of, slices_of
from hardcheck.plan import Plan, Structure
from hardcheck.protocol.expression import parse_expression

TARGET_TYPES: Final = frozenset({"GTV", "CTV", "PTV"})
"""RT ROI Interpreted Types (3006,00A4) of targets."""


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """`structure` is the outline of the body, None where none is known: then the whole dose grid counts, and why."""

    structure: Structure | None
    caveats: tuple[str, ...] = ()


def body_of(plan: Plan, named: Sequence[Structure] = ()) -> Body:
    """The outline of the body: the ROI that the protocol calls so (`named`), else the one of type EXTERNAL."""
    found = list(named) or [s for s in plan.structures if s.interpreted_type == "EXTERNAL"]
    if len(found) != 1:
        said = "no ROI is" if not found else f"{len(found)} ROIs are"
        return Body(None, (f"{said} the outline of the body (EXTERNAL): isodose volumes are those of the dose grid",))
    (slices,) = slices_of(plan, found)
    # A body that lost slices would hold too little of an isodose, the whole grid holds too much at worst.
    if reason := size_of(found[0], slices).reason:
        said = f"the outline of the body cannot be used ({reason})"
        return Body(None, (f"{said}: isodose volumes are those of the dose grid",))
    return Body(found[0])


def with_target(body: Body, target: Structure) -> Body:
    """`body` and what of `target` lies outside of it; `body` itself where nothing does, or no outline is known."""
    if body.structure is None:
        return body
    parts = {"Body": body.structure, "Target": target}
    outside = derive(parse_expression("Target - Body"), parts, number=-1, name="outside")
    if is_nothing(outside):
        return body
    whole = derive(parse_expression("Body | Target"), parts, number=body.structure.number, name=body.structure.name)
    said = f"{target.name} reaches outside of the body: that part of it counts as body"
    return Body(whole, (*body.caveats, said))
