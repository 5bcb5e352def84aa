"""What the protocol says of how structures are contoured: nesting, margins, extent, whole organs, strips, the skin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from hardcheck.algebra import Solid, islands, widths_mm
from hardcheck.evaluation.integrity.body import REACH_MM
from hardcheck.evaluation.integrity.subject import Subject
from hardcheck.evaluation.making import operand
from hardcheck.evaluation.reach import short_by_mm
from hardcheck.plan import Finding, Severity, Structure
from hardcheck.plan.geometry import PLANE_TOLERANCE_MM, Floats
from hardcheck.protocol import Margin, ProtocolStructure

PIXEL_MM: Final = 1.0
"""Of a planning CT: what contours are drawn to."""

HELD_BACK_MM: Final = 6.0
"""Targets stop 3 to 5 mm short of the skin (HARD); so near to it, and a pixel, their margins are left alone."""

SHARE: Final = 0.05
"""Of a surface, or of slices, from which on a deviation is said: corners and ends are drawn by hand."""


def inside(subject: Subject) -> Iterable[Finding]:
    """A structure lies in those that have to hold it. Protocol: `inside`."""
    for wanted in subject.protocol.structures:
        for name in wanted.inside:
            inner, outer = _contoured(wanted.name, subject), _contoured(name, subject)
            if inner is None or outer is None:
                continue
            points = inner[1].contour_mm()
            out = outer[1].outside_mm(points, REACH_MM)
            far = out > PIXEL_MM
            if np.any(far):
                far[far] = ~_held_back(points[far], subject)
            if np.any(far):
                at = int(np.argmax(np.where(far, out, -1.0)))
                most = f"{out[at]:.1f} mm" if np.isfinite(out[at]) else f"more than {REACH_MM:g} mm"
                text = f"{wanted.name} reaches {most} out of {name}, {_place(points[at])}"
                yield Finding("contour-inside", Severity.WARN, text, (inner[0].name, outer[0].name))


def margin(subject: Subject) -> Iterable[Finding]:
    """A target is what it was grown from and a margin. Protocol: `margin_from`."""
    for wanted in subject.protocol.structures:
        asked = wanted.margin_from
        outer = _contoured(wanted.name, subject) if asked is not None else None
        inner = _contoured(asked.of, subject) if asked is not None else None
        if asked is None or outer is None or inner is None:
            continue
        points = outer[1].surface_mm()
        points = points[~_held_back(points, subject)]
        if not len(points):
            continue
        found = np.minimum(inner[1].outside_mm(points, REACH_MM), REACH_MM)
        slack = max(PIXEL_MM, inner[1].spacing_mm / 2, outer[1].spacing_mm / 2)
        off = np.maximum(asked.least_mm - slack - found, found - asked.most_mm - slack)
        share = float(np.mean(off > 0))
        if share > SHARE:
            yield _off_margin(wanted, asked, points[int(np.argmax(off))], found, share, (outer[0].name, inner[0].name))


def _off_margin(
    wanted: ProtocolStructure, asked: Margin, place: Floats, found: Floats, share: float, names: tuple[str, str]
) -> Finding:
    low, middle, high = np.percentile(found, (5, 50, 95))
    text = (
        f"the margin from {asked.of} to {wanted.name} is {middle:.1f} mm ({low:.1f} to {high:.1f} mm for 90 % of the "
        f"surface), {asked.least_mm:g} to {asked.most_mm:g} mm is wanted; {share:.0%} is off, farthest {_place(place)}"
    )
    return Finding("contour-margin", Severity.WARN, text, names)


def extent(subject: Subject) -> Iterable[Finding]:
    """An organ reaches as far as its goals go. Protocol: `extent`."""
    for wanted in subject.protocol.structures:
        along = operand(wanted.extent.of, subject.matches, subject.maker) if wanted.extent is not None else None
        if wanted.extent is None or not isinstance(along, Structure):
            continue
        for roi in subject.matches[wanted.name].structures:
            short = short_by_mm(roi, along, wanted.extent.margin_mm)
            if short and not subject.maker.is_made(roi):
                beyond = f" and {wanted.extent.margin_mm:g} mm beyond" if wanted.extent.margin_mm else ""
                text = f"{roi.name} ends {short:.3g} mm short of the slices of {wanted.extent.of}{beyond}"
                yield Finding("contour-extent", Severity.WARN, text, (roi.name,))


def cut_off(subject: Subject) -> Iterable[Finding]:
    """An organ that has to be whole does not end where the image ends. Protocol: `whole`."""
    image = subject.plan.image
    if image is None or image.z_mm.size < 2:
        return
    first, last = float(image.z_mm[0]), float(image.z_mm[-1])
    for wanted in subject.protocol.structures:
        for roi in subject.matches[wanted.name].structures if wanted.whole else ():
            if roi.is_empty or subject.maker.is_made(roi):
                continue
            z = roi.points_mm[:, 2]
            if z.min() <= first + PLANE_TOLERANCE_MM or z.max() >= last - PLANE_TOLERANCE_MM:
                text = f"{roi.name} ends on the first or last slice of the CT: some of it may be missing"
                yield Finding("contour-cut-off", Severity.WARN, text, (roi.name,))


def strip(subject: Subject) -> Iterable[Finding]:
    """A strip along the skin is in one piece and as wide as it has to be. Protocol: `strip`."""
    for wanted in subject.protocol.structures:
        found = _contoured(wanted.name, subject) if wanted.strip_mm is not None else None
        if found is None or wanted.strip_mm is None:
            continue
        roi, solid = found
        pieces = len(list(islands(solid)))
        if pieces > 1:
            text = f"{wanted.name} is in {pieces} pieces, and has to be contiguous"
            yield Finding("contour-strip", Severity.WARN, text, (roi.name,))
        widths = widths_mm(solid, subject.body) if subject.body is not None else np.empty(0)
        narrow = widths < wanted.strip_mm - PIXEL_MM
        if widths.size and np.mean(narrow) > SHARE:
            text = (
                f"{wanted.name} is narrower than {wanted.strip_mm:g} mm on {np.count_nonzero(narrow)} of {widths.size} "
                f"slices, down to {widths.min():.1f} mm"
            )
            yield Finding("contour-strip", Severity.WARN, text, (roi.name,))


def skin_distance(subject: Subject) -> Iterable[Finding]:
    """A target stops short of the skin. Protocol: `from_skin`."""
    body = subject.body
    for wanted in subject.protocol.structures:
        found = _contoured(wanted.name, subject) if wanted.from_skin_mm is not None else None
        if body is None or found is None or wanted.from_skin_mm is None:
            continue
        points = found[1].contour_mm()
        depth = body.depth_mm(points, wanted.from_skin_mm)
        depth[body.outside_mm(points, 0.0) > 0] = 0.0
        at = int(np.argmin(depth))
        if depth[at] < wanted.from_skin_mm - PIXEL_MM:
            text = (
                f"{wanted.name} comes to {depth[at]:.1f} mm from the skin, {wanted.from_skin_mm:g} mm is wanted, "
                f"{_place(points[at])}"
            )
            yield Finding("contour-skin-distance", Severity.WARN, text, (found[0].name,))


def _contoured(name: str, subject: Subject) -> tuple[Structure, Solid] | None:
    """The one ROI of a structure of the protocol with its solid; None where it is made, or not one, or unusable."""
    roi = operand(name, subject.matches, subject.maker) if name in subject.matches else None
    if not isinstance(roi, Structure) or subject.maker.is_made(roi):
        return None
    solid = subject.shapes.of(roi)
    return (roi, solid) if solid is not None else None


def _held_back(points: Floats, subject: Subject) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Which points (n,) are so near to the skin, or outside of it, that a target may be held back from them."""
    body = subject.body
    if body is None:
        return np.zeros(len(points), dtype=bool)
    near = np.isfinite(body.depth_mm(points, HELD_BACK_MM))
    return np.asarray(near | (body.outside_mm(points, 0.0) > 0))


def _place(point: Floats) -> str:
    return f"at x {point[0]:.0f}, y {point[1]:.0f}, z {point[2]:.0f} mm"
