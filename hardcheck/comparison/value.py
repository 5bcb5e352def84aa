"""Values without a limit: what a protocol asks to be reported, and the vertices in a tumour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from hardcheck.comparison.written import bounds, known, name, number, text, whole


class Kind(StrEnum):
    """Where in an evaluation a value stands."""

    REPORTED = "reported"
    VERTICES = "vertices"


@dataclass(frozen=True, slots=True)
class Value:
    """A value of one ROI; all numbers in `unit`."""

    kind: Kind
    structure: str
    name: str
    """A metric, or what is told of vertices in words."""
    unit: str
    value: float | None
    low: float | None
    """None without a value; minus infinity where nothing is known on that side."""
    high: float | None
    reason: str
    roi_number: int | None
    roi_name: str | None
    vertex: str = ""
    """The vertex that it is of, empty for the structure itself."""
    centre_mm: tuple[float, ...] = ()
    """Of the vertex, patient LPS."""
    rests_on: str = ""
    """A recipe such as ``Cord - PTV``, or what was declared of the dose: with another one it is another value."""
    outcome: str = ""
    """Of what a protocol asks of vertices; it decides nothing."""

    @property
    def asks(self) -> tuple[str, ...]:
        """What is asked: only where it is the same can two values be held against one another."""
        return self.kind, self.structure, self.vertex, self.name, self.unit


def values_of(document: Mapping[str, Any]) -> Iterator[Value]:
    """Those of an evaluation. NotAsWrittenError, KeyError or TypeError for what none says."""
    told = set()
    for entry in document.get("reported") or ():
        reported = _value(Kind.REPORTED, entry, text(entry["metric"]), entry, rests_on=text(entry.get("recipe")))
        told.add((reported.structure, reported.name, reported.roi_number, reported.rests_on))
        yield reported
    for lattice in document.get("lattice") or ():
        yield _count(lattice)
        for key, what in _OF_TUMOUR.items():
            if key in lattice:
                yield _value(Kind.VERTICES, lattice, what, _with_unit(key, lattice[key]))
        for metric, entry in dict(lattice.get("doses") or {}).items():
            dose = _value(Kind.VERTICES, lattice, text(metric), entry)
            if (dose.structure, dose.name, dose.roi_number, "") not in told:
                yield dose
        for entry in lattice.get("asked") or ():
            what = f"{text(entry['name'])} (asked: {text(entry['wanted'])})"
            declared = text(lattice["vertex_dose"])
            outcome = text(entry["outcome"])
            yield _value(Kind.VERTICES, lattice, what, entry, rests_on=declared, outcome=outcome)
        for vertex in lattice.get("vertices") or ():
            yield from _of_vertex(lattice, vertex)


_OF_TUMOUR: Final = {
    "volume_cc": "volume of the tumour",
    "diameter_mm": "greatest diameter of the tumour",
    "d10_d90": "D10%/D90%",
    "peak_gy": "peak",
    "valley_gy": "valley",
    "pvdr": "PVDR",
}
_OF_VERTEX: Final = {
    "volume_cc": "volume",
    "diameter_mm": "diameter",
    "d50_gy": "D50%[Gy]",
    "to_surface_mm": "distance to the surface of the tumour",
}
_UNITS: Final = {"cc": "cc", "mm": "mm", "gy": "Gy"}


def _with_unit(key: str, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The entry with the unit that its key ends in, where it has none of its own."""
    return {"unit": _UNITS.get(key.rpartition("_")[2], "")} | dict(entry)


def _value(
    kind: Kind,
    of: Mapping[str, Any],
    what: str,
    entry: Mapping[str, Any],
    **more: Any,
) -> Value:
    """The value in `entry`, of the structure and the ROI that `of` names."""
    value, low, high = bounds(entry, "a value")
    number_of, name_of = whole(of["roi_number"]), name(of["roi_name"])
    unit, reason = text(entry["unit"]), text(entry.get("reason"))
    return Value(kind, text(of["structure"]), what, unit, value, low, high, reason, number_of, name_of, **more)


def _count(lattice: Mapping[str, Any]) -> Value:
    """How many vertices there are; unknown where they could not be told."""
    counted = "vertices" in lattice and lattice["reason"] is None
    count = float(len(list(lattice["vertices"]))) if counted else None
    entry = {"value": count, "low": count, "high": count, "unit": "", "reason": lattice["reason"]}
    return _value(Kind.VERTICES, lattice, "number of vertices", entry)


def _of_vertex(lattice: Mapping[str, Any], vertex: Mapping[str, Any]) -> Iterator[Value]:
    place: dict[str, Any] = {
        "vertex": text(vertex["name"]),
        "centre_mm": tuple(known(number(along)) for along in vertex["centre_mm"]),
    }
    for key, what in _OF_VERTEX.items():
        yield _value(Kind.VERTICES, lattice, what, _with_unit(key, vertex[key]), **place)
    for organ, entry in dict(vertex["to_organs_mm"]).items():
        yield _value(Kind.VERTICES, lattice, f"distance to {text(organ)}", entry, **place)
