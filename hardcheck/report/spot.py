"""Where what decides a goal lies, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from hardcheck.report.number import fixed

if TYPE_CHECKING:
    from hardcheck.evaluation.spot import Away, GoalSpot

ON_THE_EDGE_MM: Final = 0.05
"""What is shown as 0.0 mm lies on the surface, on neither side of it."""


def spot_text(spot: GoalSpot | None, *, most: int | None = None) -> str:
    """Dose, place and distances of a spot, empty where there is none; of the targets the `most` nearest, or all."""
    if spot is None:
        return ""
    x, y, z = (fixed(number, 1) for number in spot.at_mm)
    which = "hottest" if spot.hottest else "coldest"
    of = f" {spot.effect}" if spot.effect else ""
    text = f"{which} point {spot.dose_gy:.2f} Gy{of} at x {x}, y {y}, z {z} mm (slice z {fixed(spot.slice_mm, 1)})"
    away = [] if spot.edge is None else [_away(spot.edge, "its structure")]
    away += [_away(target, target.name) for target in _nearest(spot.targets, most)]
    return f"{text}, {', '.join(away)}" if away else text


def _nearest(targets: Sequence[Away], most: int | None) -> list[Away]:
    """The targets in their order, without those that are further than the `most` nearest."""
    kept = sorted(targets, key=lambda away: away.mm)[:most]
    return [target for target in targets if target in kept]


def _away(away: Away, of: str) -> str:
    if away.mm < ON_THE_EDGE_MM:
        return f"at the edge of {of}"
    return f"{away.mm:.1f} mm {'inside' if away.inside else 'outside of'} {of}"
