"""The metric language: quantity, value, unit, then the unit of the result in brackets.

    V20Gy[%]  V20Gy[cc]  V95%[%]         volume receiving at least the dose
    CV18Gy[cc]  CV18Gy[%]                volume receiving less than the dose (critical volume)
    D95%[Gy]  D0.03cc[Gy]  D95%[%]       least dose to the hottest volume
    DC0.03cc[Gy]                         greatest dose to the coldest volume
    Mean[Gy] Max[Gy] Min[Gy] Median[Gy]  of the structure
    Volume[cc]
    gEUD(a=8)[Gy]
    CI_RTOG[] CI_CK[] CI_Paddick[] nCI[] GI[] HI_max[] HI_ICRU[] R50[] PVDR[]
                                         a dose level that is not the prescription follows: CI_Paddick 35Gy[]
    D2cm[Gy]  D2cm[%]                    greatest dose in the body at 2 cm or more from the target

A dose in % is of the structure's own prescription level. ``EQD2(ab=3)`` or ``BED(ab=10)`` before the
bracket asks for the radiobiological dose, of doses in Gy alone: ``D0.03cc EQD2(ab=2)[Gy]``, and
``V30Gy EQD2(ab=3)[%]`` for the volume that receives 30 Gy of EQD2. cGy is accepted and written as Gy.
The forms follow the "Mayo" format (Mayo et al., AAPM TG-263) as ESAPI scripts use it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from hardcheck.errors import MetricError


class Kind(StrEnum):
    """What a metric measures."""

    VOLUME_AT_DOSE = "V"
    CRITICAL_VOLUME = "CV"
    DOSE_AT_VOLUME = "D"
    DOSE_AT_COLD_VOLUME = "DC"
    MEAN = "Mean"
    MAXIMUM = "Max"
    MINIMUM = "Min"
    MEDIAN = "Median"
    VOLUME = "Volume"
    GEUD = "gEUD"
    CI_RTOG = "CI_RTOG"
    CI_CK = "CI_CK"
    CI_PADDICK = "CI_Paddick"
    NCI = "nCI"
    GI = "GI"
    HI_MAX = "HI_max"
    HI_ICRU = "HI_ICRU"
    R50 = "R50"
    PVDR = "PVDR"
    D2CM = "D2cm"


VOLUME_KINDS = frozenset({Kind.VOLUME_AT_DOSE, Kind.CRITICAL_VOLUME})
DOSE_KINDS = frozenset({Kind.DOSE_AT_VOLUME, Kind.DOSE_AT_COLD_VOLUME})
STATISTICS = frozenset({Kind.MEAN, Kind.MAXIMUM, Kind.MINIMUM, Kind.MEDIAN})
INDICES = frozenset(
    {Kind.CI_RTOG, Kind.CI_CK, Kind.CI_PADDICK, Kind.NCI, Kind.GI, Kind.HI_MAX, Kind.HI_ICRU, Kind.R50, Kind.PVDR}
)
PHYSICAL = INDICES | {Kind.VOLUME, Kind.D2CM}
"""What is of the physical dose, or of none: it has no EQD2 or BED."""
WITHOUT_LEVEL = frozenset({Kind.HI_ICRU, Kind.PVDR})
"""Indices that no dose level goes into."""

NUMBER: Final = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"
"""A plain decimal number, the only form that metrics and goals know; `number` bounds it further."""

_SHAPE = re.compile(
    rf"""(?P<kind>[A-Za-z_]+[A-Za-z]|D2cm|D|V|R50)
         (?:\(a=(?P<a>-?{NUMBER})\))?
         (?:(?P<space>[ ]?)(?P<at>{NUMBER})(?P<at_unit>cGy|Gy|%|cc|))?
         (?:[ ](?P<effect>EQD2|BED)\(ab=(?P<ab>{NUMBER})\))?
         \[(?P<unit>cGy|Gy|%|cc|)\]""",
    re.VERBOSE | re.ASCII,
)
_HINT = "write it as in V20Gy[%], D0.03cc[Gy], D95%[%] or Mean[Gy]"


@dataclass(frozen=True, slots=True)
class Metric:
    """A parsed metric. `str` gives the canonical form, and ``Metric.parse(str(m)) == m``."""

    kind: Kind
    unit: str
    """Of the result: "Gy", "%", "cc", or "" for an index."""
    at: float | None = None
    """The dose or volume asked at; for gEUD its parameter a."""
    at_unit: str = ""
    effect: str = ""
    """"" for physical dose, "EQD2" or "BED"."""
    alpha_beta_gy: float | None = None

    @classmethod
    def parse(cls, text: str) -> Metric:
        """The metric that `text` writes; MetricError says what is wrong and how to write it."""
        found = _SHAPE.fullmatch(text.strip())
        if found is None:
            raise MetricError(f"{text.strip()!r} is not a metric", do=_HINT)
        part = found.groupdict()
        if part["kind"] not in frozenset(Kind):
            near = [k for k in Kind if k.lower() == part["kind"].lower()]
            hint = f"write {near[0]}" if near else _HINT
            raise MetricError(f"{part['kind']!r} in {text.strip()!r} is not a known quantity", do=hint)
        kind = Kind(part["kind"])
        at, at_unit = number(part["at"], part["at_unit"]) if part["at"] else (None, "")
        if at is not None and bool(part["space"]) != (kind in INDICES):
            rule = "a space" if kind in INDICES else "no space"
            raise MetricError(f"{text.strip()!r}: {rule} stands between {kind} and its value", do=_HINT)
        if part["a"] is not None:
            if kind is not Kind.GEUD or at is not None:
                raise MetricError(f"{text.strip()!r}: (a=…) goes with gEUD, and nothing with it", do=_HINT)
            at = number(part["a"].removeprefix("-"), "")[0] * (-1 if part["a"].startswith("-") else 1)
        alpha_beta = number(part["ab"], "Gy")[0] if part["ab"] else None
        unit = "Gy" if part["unit"] == "cGy" else part["unit"]
        metric = cls(kind, unit, at, at_unit, part["effect"] or "", alpha_beta)
        if problem := metric._unit_problem() or metric._value_problem() or metric._effect_problem():
            raise MetricError(f"{text.strip()!r}: {problem}", do=_HINT)
        return metric

    @property
    def is_of_level(self) -> bool:
        """Whether a dose in it is in percent of a prescription level, or is that level."""
        if self.kind in DOSE_KINDS | STATISTICS | {Kind.GEUD, Kind.D2CM}:
            return self.unit == "%"
        return self.at_unit == "%" or (self.kind in INDICES - WITHOUT_LEVEL and self.at is None)

    def _unit_problem(self) -> str | None:
        """What is wrong with the units of the value and of the result, None where nothing is."""
        wanted, allowed = _units(self.kind)
        if self.unit not in allowed:
            return f"the result of {self.kind} is in {' or '.join(f'[{u}]' for u in allowed)}, not [{self.unit}]"
        if self.at is None or self.kind is Kind.GEUD:
            return None
        if not wanted:
            return f"{self.kind} takes no value"
        if self.at_unit not in wanted:
            written = f"in {self.at_unit}" if self.at_unit else "without a unit"
            return f"the value of {self.kind} is in {' or '.join(wanted)}, not {written}"
        return None

    def _value_problem(self) -> str | None:
        """What is wrong with the dose or volume asked at, None where nothing is."""
        kind, at = self.kind, self.at
        if kind in VOLUME_KINDS | DOSE_KINDS and at is None:
            return f"{kind} needs a value with its unit, {' or '.join(_units(kind)[0])}"
        if kind is Kind.GEUD and not at:
            return "gEUD needs its parameter, a number other than 0, as in gEUD(a=8)[Gy]"
        if kind in DOSE_KINDS and at is not None and not (at > 0 and (self.at_unit == "cc" or at <= 100)):
            return "a volume is more than 0, and not more than 100 %"
        if kind in WITHOUT_LEVEL and at is not None:
            return f"{kind} takes no dose level"
        if kind in INDICES and at is not None and not at > 0:
            return "a dose level is more than 0"
        return None

    def _effect_problem(self) -> str | None:
        """What is wrong with EQD2 or BED, None where nothing is."""
        if not self.effect:
            return None
        # In percent of a level, it could be the physical dose of the level or its effect.
        if self.kind in PHYSICAL or self.is_of_level:
            return f"{self.effect} goes with a dose in Gy"
        if self.alpha_beta_gy is None or not self.alpha_beta_gy > 0:
            return "alpha/beta is more than 0"
        return None

    @property
    def quantity(self) -> str:
        """The canonical form without the unit of the result, for where a value with its unit follows: ``D0.03cc``."""
        return str(self).partition("[")[0]

    def __str__(self) -> str:
        at = "" if self.at is None else decimal_text(self.at) + self.at_unit
        if self.kind is Kind.GEUD:
            at = f"(a={at})"
        elif self.kind in INDICES and at:
            at = f" {at}"
        effect = f" {self.effect}(ab={decimal_text(self.alpha_beta_gy)})" if self.alpha_beta_gy is not None else ""
        return f"{self.kind}{at}{effect}[{self.unit}]"


def _units(kind: Kind) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The units that the value of `kind` may have, and those that its result may have."""
    if kind in VOLUME_KINDS:
        return ("Gy", "%"), ("%", "cc")
    if kind in DOSE_KINDS:
        return ("cc", "%"), ("Gy", "%")
    if kind in INDICES:
        return ("Gy", "%"), ("",)
    return (), ("cc",) if kind is Kind.VOLUME else ("Gy", "%")


def number(text: str, unit: str) -> tuple[float, str]:
    """A plain decimal `text` with its unit, cGy turned into Gy without a rounding error.

    Raises MetricError where it is a million or more, or has more than six decimals: such a number is a slip,
    and below these bounds the text that `decimal_text` makes always reads back as the same number.
    """
    value = Decimal(text)
    if unit == "cGy":
        value, unit = value / 100, "Gy"
    if value >= 1_000_000 or value != value.quantize(Decimal("0.000001")):
        raise MetricError(
            f"{text!r} has too many digits", do="write at most six before and six after the decimal point"
        )
    return float(value), unit


def decimal_text(value: float) -> str:
    """The shortest decimal text that reads back as `value`, never with an exponent."""
    text = format(Decimal(repr(float(value))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
