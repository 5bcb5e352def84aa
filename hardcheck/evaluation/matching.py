"""Which structures of a plan the protocol is about: the ROIs that match, what is made of them, and what is absent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from hardcheck.errors import UsageError
from hardcheck.evaluation.levels import Matches
from hardcheck.evaluation.making import Maker, make_missing
from hardcheck.plan import Plan
from hardcheck.protocol import Protocol, match_structures
from hardcheck.protocol.expression import parse_expression
from hardcheck.protocol.names import NOT_CONTOURED

ABSENT: Final = "confirmed as not in range by the user (--absent)"


def match_plan(
    plan: Plan,
    protocol: Protocol,
    *,
    mapping: Mapping[str, str] | None = None,
    absent: Collection[str] = (),
    maker: Maker | None = None,
) -> Matches:
    """The match of every structure of the protocol in its order, with those that `maker` makes of others.

    `mapping` and `absent` are as for `evaluate`; UsageError where either does not fit the protocol or the plan.
    """
    confirmed = confirmed_absent(absent, protocol)
    maker = maker if maker is not None else Maker.of(plan)
    return make_missing(protocol, match_structures(protocol, plan.structures, mapping or {}), maker, confirmed)


def confirmed_absent(absent: Collection[str], protocol: Protocol) -> frozenset[str]:
    """`absent` with the organs that are made of nothing else; UsageError where one is no organ of the protocol."""
    organs = {s.name for s in protocol.structures if s.role == "organ"}
    if unknown := sorted(set(absent) - organs):
        names = ", ".join(sorted(organs)) or "none"
        raise UsageError(
            f"protocol {protocol.id!r} has no organ {unknown[0]!r}", where="--absent", do=f"its organs are: {names}"
        )
    found = set(absent)
    for structure in protocol.structures:
        names_of = parse_expression(structure.expression).names() if structure.expression else ()
        if structure.role == "organ" and names_of and found.issuperset(names_of):
            found.add(structure.name)
    return frozenset(found)


def said_of_absent(name: str, protocol: Protocol, matches: Matches) -> tuple[bool, str]:
    """Whether the structure `name`, which somebody declared absent, may be taken as absent, and what to say of it."""
    contoured = _contoured(name, protocol, matches)
    return (True, ABSENT) if contoured is None else (False, f"declared absent, and yet {contoured}")


def _contoured(name: str, protocol: Protocol, matches: Matches) -> str | None:
    """What of a structure is in the plan, None where nothing is."""
    match = matches[name]
    if match.structures:
        return f"contoured as {match.structures[0].name}"
    if match.reason != NOT_CONTOURED:
        return match.reason
    expression = protocol.structure(name).expression
    parts = parse_expression(expression).names() if expression else ()
    of = [part for part in parts if matches[part].structures]
    return f"made of {' and '.join(of)}, contoured" if of else None
