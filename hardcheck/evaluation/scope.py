"""The part of an organ that the goals are about, and whether they apply to it at all.

Protocols evaluate organs outside of the PTVs, or along a target only. The part is made by structure algebra, except
where it is provably the whole contour.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hardcheck.algebra import shares_slices
from hardcheck.evaluation.levels import Matches
from hardcheck.evaluation.making import Maker, operand
from hardcheck.evaluation.reach import apart, short_by_mm, within
from hardcheck.metric import decimal_text
from hardcheck.plan import Structure
from hardcheck.protocol import Protocol, ProtocolStructure
from hardcheck.protocol.expression import parse_expression


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """What the goals of a protocol structure are about, in one ROI.

    `roi` is the whole contour, `part` what the goals are about and `unsubtracted` the same without the subtraction.
    All three are one structure where nothing changes. `part` is None where it cannot be told, and `problem` says why;
    it is unusable where nothing is left.
    """

    roi: Structure
    part: Structure | None
    unsubtracted: Structure | None
    recipe: str | None = None
    """The expression that the part is, None where the goals are about the whole organ."""
    problem: str | None = None
    applies: bool | None = True
    applies_reason: str | None = None
    """Why the goals do not apply, or why that is not known."""
    caveats: tuple[str, ...] = ()
    rois: tuple[Structure, ...] = ()
    """All ROIs that the part rests on."""

    @property
    def structures(self) -> Iterator[Structure]:
        """Those of the three that there are."""
        return (s for s in (self.roi, self.part, self.unsubtracted) if s is not None)


def scope_of(wanted: ProtocolStructure, roi: Structure, protocol: Protocol, matches: Matches, maker: Maker) -> Scope:
    """The part of `roi` that the goals of `wanted` are about."""
    applies, applies_reason = _applies(wanted, roi, protocol, matches, maker)
    whole = f"({wanted.expression})" if roi.number in maker.made_of else wanted.name
    along = _along_text(whole, wanted)
    text = " - ".join((along, *wanted.subtract))
    recipe = str(parse_expression(text)) if text != wanted.name else None
    others = {name: operand(name, matches, maker) for name in _names(wanted)}
    known = {name: s for name, s in others.items() if isinstance(s, Structure)}
    rois = tuple(dict.fromkeys(r for s in (roi, *known.values()) for r in maker.rois(s)))
    problems = [said for said in others.values() if isinstance(said, str)]
    problems += _incomplete(wanted, protocol, matches, known, maker)
    if problems or maker.problem(roi):
        said = f"the goal is about {recipe}; {'; '.join(problems)}" if problems else None
        return Scope(roi, None, None, recipe, said, applies, applies_reason, (), rois)
    unsubtracted = _along(wanted, roi, known, maker)
    part = _outside(wanted, unsubtracted, known, maker)
    caveats = tuple(_caveats(wanted, roi, known))
    return Scope(roi, part, unsubtracted, recipe, None, applies, applies_reason, caveats, rois)


def _names(wanted: ProtocolStructure) -> tuple[str, ...]:
    """The structures that the part is made of, beside the organ itself."""
    return tuple(dict.fromkeys((*((wanted.extent.of,) if wanted.extent is not None else ()), *wanted.subtract)))


def _along_text(whole: str, wanted: ProtocolStructure) -> str:
    if wanted.extent is None:
        return whole
    margin = f", {decimal_text(wanted.extent.margin_mm)} mm" if wanted.extent.margin_mm else ""
    return f"along({whole}, {wanted.extent.of}{margin})"


def _along(wanted: ProtocolStructure, roi: Structure, known: dict[str, Structure], maker: Maker) -> Structure:
    """`roi` on the slices that its goals are about."""
    if wanted.extent is None or within(roi, known[wanted.extent.of], wanted.extent.margin_mm):
        return roi
    return maker.make(_along_text(wanted.name, wanted), {**known, wanted.name: roi}, roi.name)


def _outside(wanted: ProtocolStructure, whole: Structure, known: dict[str, Structure], maker: Maker) -> Structure:
    """`whole` outside of the structures that are subtracted from it."""
    meeting = [name for name in wanted.subtract if not apart(whole, known[name])]
    if not meeting or whole.unusable:
        return whole
    parts = {name: known[name] for name in meeting}
    return maker.make(" - ".join((wanted.name, *meeting)), {**parts, wanted.name: whole}, whole.name)


def _caveats(wanted: ProtocolStructure, roi: Structure, known: dict[str, Structure]) -> Iterator[str]:
    if wanted.extent is None:
        return
    margin_mm = wanted.extent.margin_mm
    if short := short_by_mm(roi, known[wanted.extent.of], margin_mm):
        beyond = f" and {margin_mm:g} mm beyond" if margin_mm else ""
        yield f"the contour ends {short:.3g} mm short of the slices of {wanted.extent.of}{beyond}"


def _incomplete(
    wanted: ProtocolStructure, protocol: Protocol, matches: Matches, known: dict[str, Structure], maker: Maker
) -> Iterator[str]:
    """Why the structure along which the organ is evaluated cannot be all of what it is."""
    if wanted.extent is None or wanted.extent.of not in known:
        return
    reference = known[wanted.extent.of]
    for name in _inner(wanted.extent.of, protocol):
        inner = operand(name, matches, maker)
        if isinstance(inner, Structure) and short_by_mm(reference, inner, 0.0):
            yield f"{wanted.extent.of} ends short of {name}, which it has to hold"


def _applies(
    wanted: ProtocolStructure, roi: Structure, protocol: Protocol, matches: Matches, maker: Maker
) -> tuple[bool | None, str | None]:
    """Whether any part of `roi` is on the slices that decide; None where that cannot be told, and why."""
    of = wanted.applies_on_slices_of
    if not of:
        return True, None
    reference = operand(of, matches, maker)
    if problem := maker.problem(roi):
        return None, f"whether any part of {wanted.name} lies on the axial slices of {of} is not known: {problem}"
    if isinstance(reference, str):
        return None, f"it applies if any part is on the axial slices of {of}, which is not known: {reference}"
    shares = shares_slices(roi, reference)
    if shares is None:
        why = "they end within a slice of one another, or one of them has no thickness that is known"
        return None, f"whether any part of {wanted.name} lies on the axial slices of {of} is not certain: {why}"
    if shares:
        return True, None
    # A target that has lost its last slices must not take the goals of an organ with them.
    for name in _inner(of, protocol):
        inner = operand(name, matches, maker)
        if isinstance(inner, Structure) and shares_slices(roi, inner) is not False:
            return None, f"{wanted.name} lies on the axial slices of {name}, which {of} has to hold and does not"
    return False, f"no part of {wanted.name} lies on the axial slices of {of}"


def _inner(name: str, protocol: Protocol) -> list[str]:
    """The structures that `name` has to hold, directly or through others."""
    found: list[str] = []
    ahead = [name]
    while ahead:
        holder = ahead.pop()
        inner = [s.name for s in protocol.structures if holder in s.inside and s.name not in (name, *found)]
        found += inner
        ahead += inner
    return found
