"""Vertices as a reader sees them: numbers with their intervals as text, for the page, the terminal and the JSON."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hardcheck.evaluation.result import Outcome
from hardcheck.lattice import PVDR_DEFINITION
from hardcheck.report.number import MINUS, fixed, spoken

if TYPE_CHECKING:
    from hardcheck.evaluation.result import Asked, LatticeResult
    from hardcheck.lattice import Lattice, Vertex
    from hardcheck.quantity import Quantity

CENTRE_DIGITS: Final = 1

WORDS: Final[Mapping[Outcome, str]] = {
    Outcome.MET: "as asked",
    Outcome.NOT_MET: "not as asked",
    Outcome.MARGINAL: "too close to call",
    Outcome.NOT_EVALUATED: "not evaluated",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One number with its name; `beside` says what a reader must know of it."""

    name: str
    value: str
    beside: str = ""


@dataclass(frozen=True, slots=True)
class VertexRow:
    """One vertex as text."""

    name: str
    centre: str
    volume: str
    diameter: str
    median: str
    spacing: str
    to_surface: str
    organ: str
    """The nearest organ, and how far it is."""


@dataclass(frozen=True, slots=True)
class LatticeText:
    """The vertices of one target as text. Where they could not be told `reason` says why."""

    title: str
    reason: str
    lines: tuple[Line, ...]
    rows: tuple[VertexRow, ...]
    organs: tuple[Line, ...]
    """Each organ with its distance to the nearest vertex."""


def lattice_text(result: LatticeResult, told: Container[str] = ()) -> LatticeText:
    """`result` as text, without the doses of the tumour whose metrics are `told` elsewhere."""
    same = result.roi_name in (None, result.structure)
    title = result.structure if same else f"{result.structure} ({result.roi_name})"
    lattice = result.lattice
    if lattice is None:
        return LatticeText(title, result.reason or "", (), (), ())
    rows = tuple(_row(vertex) for vertex in lattice.vertices)
    return LatticeText(title, result.reason or "", tuple(_lines(result, lattice, told)), rows, tuple(_organs(lattice)))


def _lines(result: LatticeResult, lattice: Lattice, told: Container[str]) -> Iterable[Line]:
    """Numbers, and what the protocol asks of them: beside the number where it stands already."""
    asked = [_asked(each) for each in result.asked]
    for line in _numbers(result, lattice, told):
        same = [each for each in asked if (each.name, each.value) == (line.name, line.value)]
        asked = [each for each in asked if each not in same]
        yield Line(line.name, line.value, "; ".join(filter(None, (line.beside, *(each.beside for each in same)))))
    yield from asked


def _asked(asked: Asked) -> Line:
    value = spoken(asked.quantity) if asked.reason is None else asked.reason
    return Line(f"{asked.name[:1].upper()}{asked.name[1:]}", value, f"{WORDS.get(asked.outcome, '')}: {asked.wanted}")


def _numbers(result: LatticeResult, lattice: Lattice, told: Container[str]) -> Iterable[Line]:
    yield Line("Volume of the tumour", spoken(lattice.volume))
    yield Line("Greatest diameter of the tumour", spoken(lattice.diameter))
    for metric, quantity in lattice.doses.items():
        if str(metric) not in told:
            yield Line(str(metric), spoken(quantity))
    yield Line("D10%/D90%", spoken(lattice.d10_d90))
    yield Line("Number of vertices", str(len(lattice.vertices)) if lattice.reason is None else "not known")
    if lattice.vertices:
        yield Line("Volume of all vertices", f"{sum(v.volume.value or 0.0 for v in lattice.vertices):.2f} cc")
        yield Line("Spacing", _range([v.spacing for v in lattice.vertices]), "centre to nearest centre")
        yield Line("Peak", spoken(lattice.peak), "mean dose of all vertices")
        yield Line("Valley", spoken(lattice.valley), "mean dose of the tumour outside of the vertices")
    yield Line("PVDR", spoken(lattice.pvdr), PVDR_DEFINITION)
    yield Line("Dose of the vertices", result.vertex_dose, "by --vertex-dose, separate unless said otherwise")


def _row(vertex: Vertex) -> VertexRow:
    x, y, z = (fixed(along, CENTRE_DIGITS).replace("-", MINUS) for along in vertex.centre_mm)
    nearest = nearest_organ(vertex)
    return VertexRow(
        vertex.structure.name,
        f"{x}, {y}, {z}",
        spoken(vertex.volume),
        spoken(vertex.diameter),
        spoken(vertex.median),
        spoken(vertex.spacing),
        spoken(vertex.to_surface),
        "" if nearest is None else f"{nearest[0]}: {spoken(nearest[1])}",
    )


def nearest_organ(vertex: Vertex) -> tuple[str, Quantity] | None:
    """The organ nearest to a vertex, by its name, of those whose distance is known."""
    known = [(name, q) for name, q in vertex.to_organs.items() if q.value is not None]
    return min(known, key=lambda pair: pair[1].value or 0.0, default=None)


def _organs(lattice: Lattice) -> Iterable[Line]:
    """Each organ with the vertex that is nearest to it, or why that is not known."""
    for name in lattice.vertices[0].to_organs if lattice.vertices else ():
        several = [(vertex, vertex.to_organs[name]) for vertex in lattice.vertices]
        known = [pair for pair in several if pair[1].value is not None]
        if not known:
            yield Line(name, f"not known: {several[0][1].reason}")
            continue
        vertex, quantity = min(known, key=lambda pair: pair[1].value or 0.0)
        yield Line(name, spoken(quantity), f"to {vertex.structure.name}")


def _range(several: list[Quantity]) -> str:
    known = [q.value for q in several if q.value is not None]
    if not known:
        return several[0].reason or ""
    low, high = (fixed(value, 1) for value in (min(known), max(known)))
    return f"{low} mm" if low == high else f"{low} to {high} mm"
