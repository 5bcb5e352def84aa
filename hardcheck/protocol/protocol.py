"""A protocol: regimens with their dose levels, structures, and goals."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hardcheck.metric import Metric, decimal_text
from hardcheck.protocol.example import Example
from hardcheck.protocol.fractionation import Fractionation
from hardcheck.protocol.goal import Goal


@dataclass(frozen=True, slots=True)
class Level:
    """A prescription level of a regimen: one dose (`low_gy` == `high_gy`), or a range to choose from per patient.

    The range from 0 to infinity is any dose: what the plan prescribes.
    """

    name: str
    low_gy: float
    high_gy: float

    @property
    def dose_gy(self) -> float | None:
        """The dose of the level, None where it is chosen per patient."""
        return self.low_gy if self.low_gy == self.high_gy else None

    @property
    def is_as_prescribed(self) -> bool:
        """Whether it is whatever the plan prescribes."""
        return self.high_gy == math.inf

    @property
    def text(self) -> str:
        """The dose, or the range that it is chosen from, as in ``44 to 50.6 Gy``."""
        if self.is_as_prescribed:
            return "as prescribed"
        low, high = decimal_text(self.low_gy), decimal_text(self.high_gy)
        return f"{low} Gy" if self.dose_gy is not None else f"{low} to {high} Gy"


@dataclass(frozen=True, slots=True)
class Regimen:
    """A way of giving the protocol's dose."""

    id: str
    fractions: int | None
    """None where the protocol is for any number that its fractionation allows."""
    levels: tuple[Level, ...]
    when: str = ""
    caveat: str = ""
    """What a reader must know of every goal in this regimen."""
    source: str = ""

    @property
    def fractions_text(self) -> str:
        """As in ``22 fractions``."""
        return "any number of fractions" if self.fractions is None else f"{self.fractions} fractions"

    def level(self, name: str) -> Level | None:
        """The level of that name, None where the regimen has none."""
        return next((level for level in self.levels if level.name == name), None)


@dataclass(frozen=True, slots=True)
class Extent:
    """The part of an organ that its goals are about: the axial slices of another structure, and `margin_mm` beyond."""

    of: str
    margin_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class Vertices:
    """Vertices inside of a target, and what the protocol asks of them: ranges with both ends, None where nothing."""

    structures: tuple[str, ...]
    """Structures of the protocol whose ROIs, or islands of them, are vertices."""
    dose_per_fraction_gy: tuple[float, float] | None = None
    fractions: tuple[int, int] | None = None
    least_diameter_mm: float | None = None
    """Of the target."""


@dataclass(frozen=True, slots=True)
class Margin:
    """What a target was grown from, and the range of its margin."""

    of: str
    least_mm: float
    most_mm: float

    def __str__(self) -> str:
        return f"{decimal_text(self.least_mm)} to {decimal_text(self.most_mm)} mm from {self.of}"


@dataclass(frozen=True, slots=True)
class CheckChange:
    """Another severity of one check of the plan: INFO, WARN or FAIL, or "off", with the reason for it."""

    id: str
    severity: str
    reason: str

    @property
    def is_off(self) -> bool:
        """Whether the check is switched off."""
        return self.severity == "off"

    def __str__(self) -> str:
        return f"{self.id} {'switched off' if self.is_off else f'as {self.severity}'}: {self.reason}"


@dataclass(frozen=True, slots=True)
class ProtocolStructure:
    """A structure as the protocol defines it. `name` after AAPM TG-263; `aliases` are other names of the same thing."""

    name: str
    role: str
    """"target", "organ" or "external" (the outline of the body)."""
    aliases: tuple[str, ...] = ()
    level: str = ""
    """The prescription level that percentages of dose are of."""
    definition: str = ""
    """How the protocol says to contour it."""
    expression: str = ""
    """How it is made of other structures where it is not contoured, as in ``rind(External, 5 mm)``."""
    subtract: tuple[str, ...] = ()
    """Structures of the protocol outside of which the goals are evaluated."""
    extent: Extent | None = None
    applies_on_slices_of: str = ""
    """The goals apply if any part lies on the axial slices of this structure."""
    serial: bool = False
    """Whether meeting a limit only through the subtraction is for a person to judge."""
    each: bool = False
    """The name is of a class (bones, nerves): every ROI that matches is evaluated as its own."""
    inside: tuple[str, ...] = ()
    """Structures of the protocol that hold the whole of this one."""
    margin_from: Margin | None = None
    """The structure that this one was grown from, and by how much."""
    from_skin_mm: float | None = None
    """How far it stays from the skin."""
    whole: bool = False
    """The goals want the whole organ, so that it may not end where the image does."""
    strip_mm: float | None = None
    """The width of a strip along the skin that is in one piece."""
    relaxed_in_organs: bool = False
    """A lack of coverage that is confined to where it overlaps organs is for a person to judge."""
    note: str = ""
    """What a reader must know beside the goals of this structure."""
    report: tuple[Metric, ...] = ()
    """Metrics that are reported without a limit."""
    site_aliases: tuple[str, ...] = ()
    """Further aliases, from a site's own file."""
    vertices: Vertices | None = None
    """The vertices inside of it, where its dose is spatially fractionated."""
    uneven: bool = False
    """Its dose is meant to be uneven: prescribed to an isodose far below the maximum, or with vertices."""

    @property
    def names(self) -> tuple[str, ...]:
        """Its name and all of its aliases."""
        return (self.name, *self.aliases, *self.site_aliases)


@dataclass(frozen=True, slots=True)
class Protocol:
    """A protocol as one file says it. `sha256` is of the file's bytes."""

    id: str
    version: str
    title: str
    source: str
    verification: str
    """How far the numbers were held against the source, e.g. "transcribed"."""
    regimens: tuple[Regimen, ...]
    structures: tuple[ProtocolStructure, ...]
    goals: tuple[Goal, ...]
    sha256: str = ""
    notes: tuple[str, ...] = ()
    """How to read the protocol as a whole."""
    fractionation: Fractionation | None = None
    """The schedules that all of its numbers are for; any where it does not say."""
    examples: tuple[Example, ...] = ()
    """Values of goals, and what comes of them."""
    shipped_sha256: str = ""
    """Of the shipped file with the same id, where this one is another file; empty for what is as it is shipped."""
    checks: tuple[CheckChange, ...] = ()
    """Checks of the plan that it wants with another severity, or not at all."""

    def structure(self, name: str) -> ProtocolStructure:
        """The structure of that name; KeyError where there is none."""
        for structure in self.structures:
            if structure.name == name:
                return structure
        raise KeyError(name)
