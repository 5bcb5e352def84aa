"""Structures that were contoured, held against what the protocol says that they are made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hardcheck.algebra import compare
from hardcheck.evaluation.integrity.subject import Subject
from hardcheck.evaluation.making import operand
from hardcheck.plan import Finding, Severity, Structure
from hardcheck.protocol.expression import parse_expression

TOLERANCE_MM: Final = 2.0
"""How far a contour may be from its definition: a pixel or two of a CT."""

ENDS_MM: Final = 10.0
"""So near to either end of what a structure is made of, its contours are left alone."""

SHARE: Final = 0.01
"""Of the volume, from which on a deviation is said."""


def as_defined(subject: Subject) -> Iterator[Finding]:
    """The contours of a structure that the protocol defines by others are what these make. Protocol: `expression`."""
    matches, maker = subject.matches, subject.maker
    for wanted in subject.protocol.structures:
        match = matches[wanted.name]
        if not wanted.expression or len(match.structures) != 1 or maker.is_made(match.structures[0]):
            continue
        (roi,) = match.structures
        expression = parse_expression(wanted.expression)
        parts = {name: operand(name, matches, maker) for name in expression.names()}
        known = {name: part for name, part in parts.items() if isinstance(part, Structure)}
        if len(known) < len(parts) or maker.problem(roi):
            continue
        made = maker.make(wanted.expression, known, wanted.name)
        found = compare(roi, made, tolerance_mm=TOLERANCE_MM, ends_mm=ENDS_MM) if not maker.problem(made) else None
        if found is not None and found.share > SHARE:
            text = (
                f"{wanted.name} is contoured otherwise than {expression}, {found.wanted_cc:.1f} cc: it reaches more "
                f"than {TOLERANCE_MM:g} mm beyond with {found.outside_cc:.1f} cc, and lacks {found.missing_cc:.1f} cc"
            )
            yield Finding("contour-as-defined", Severity.WARN, text, (roi.name,))
