"""What a protocol file may say, as pydantic models; `protocol_schema` is the same as JSON Schema, for editors.

All values come as text (see `document`); the types here turn it into what is meant, or say what to write instead.
"""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

from hardcheck.errors import HardcheckError, MetricError
from hardcheck.metric import NUMBER, Metric, number
from hardcheck.protocol import parse_claim, parse_goal
from hardcheck.protocol.expression import MOST_MM, parse_expression

SCHEMA_ID: Final = "hardcheck.protocol/1"

_LEVEL: Final = re.compile(rf"(?P<low>{NUMBER})(?: to (?P<high>{NUMBER}))? (?P<unit>cGy|Gy)", re.ASCII)
AS_PRESCRIBED: Final = "as prescribed"
"""The dose of a level that is whatever the plan prescribes."""
_COUNT: Final = re.compile(r"(?P<low>[1-9][0-9]{0,2})(?: to (?P<high>[1-9][0-9]{0,2}))?", re.ASCII)
_LENGTH: Final = re.compile(rf"(?P<value>{NUMBER}) (?P<unit>mm|cm)", re.ASCII)
_FIGURE: Final = re.compile(rf"(?P<value>{NUMBER})(?: ?(?P<unit>cGy|Gy|%|cc))?", re.ASCII)
_MOST_FRACTIONS: Final = 100
_MOST_CHARACTERS: Final = 2000
_LONGEST_NAME: Final = 64
"""Of an ROI, a DICOM LO."""


def wrong(message: str, instead: str) -> PydanticCustomError:
    """The error that a value is refused with."""
    return PydanticCustomError("hardcheck", "{message}", {"message": message, "instead": instead})


def _prose(value: Any) -> Any:
    """Text in which line breaks are spaces, as YAML's folded forms have them."""
    if value in ("~", "null", "Null", "NULL"):
        raise wrong(f"{value!r} is no text", "leave the key away where there is nothing to say")
    if not isinstance(value, str):
        return value
    value = " ".join(value.split())
    if not value:
        raise wrong("the text is empty", "write it, or leave the key away")
    if len(value) > _MOST_CHARACTERS:
        raise wrong(f"the text is longer than {_MOST_CHARACTERS} characters", "shorten it")
    return value


def _integer(value: Any) -> Any:
    if isinstance(value, str):
        if not re.fullmatch(r"[1-9][0-9]{0,2}", value, re.ASCII) or int(value) > _MOST_FRACTIONS:
            raise wrong(f"{value!r} is not a whole number from 1 to {_MOST_FRACTIONS}", "write it as in 22")
        return int(value)
    return value


def _flag(value: Any) -> Any:
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise wrong(f"{value!r} is not true or false", "write true or false")
        return value == "true"
    return value


def _level(value: Any) -> Any:
    return value if value == AS_PRESCRIBED else _dose_range(value)


def _dose_range(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if re.fullmatch(NUMBER, value, re.ASCII):
        raise wrong(f"the level {value!r} has no unit", f"write {value} Gy")
    if not _LEVEL.fullmatch(value):
        raise wrong(f"{value!r} is not a dose level", "write 66 Gy, or 44 to 50.6 Gy where it is chosen per patient")
    try:
        low, high = level_range_gy(value)
    except MetricError as error:
        raise wrong(error.what, error.do or "") from None
    if not 0 < low <= high:
        raise wrong(f"the level {value!r} does not rise from a dose above 0", "write the lower dose first")
    return value


def _alpha_beta(value: Any) -> Any:
    if isinstance(value, str) and not (_dose_range(value) and _is_one_dose(value)):
        raise wrong(f"{value!r} is a range", "write one alpha/beta, as in 3 Gy")
    return value


def _is_one_dose(text: str) -> bool:
    low, high = level_range_gy(text)
    return low == high


def _length(value: Any) -> Any:
    if isinstance(value, str) and not _LENGTH.fullmatch(value):
        if re.fullmatch(NUMBER, value, re.ASCII):
            raise wrong(f"the length {value!r} has no unit", f"write {value} mm")
        raise wrong(f"{value!r} is not a length", "write it as in 30 mm")
    if isinstance(value, str) and length_mm(value) > MOST_MM:
        raise wrong(f"{value!r} is too long", f"write at most {MOST_MM:g} mm")
    return value


def _goal(value: Any) -> Any:
    if isinstance(value, str):
        try:
            parse_goal(value)
        except MetricError as error:
            raise wrong(error.what, error.do or "") from None
    return value


def _metric(value: Any) -> Any:
    if isinstance(value, str):
        try:
            Metric.parse(value)
        except MetricError as error:
            raise wrong(error.what, error.do or "") from None
    return value


def _claim(value: Any) -> Any:
    if isinstance(value, str):
        try:
            parse_claim(value)
        except MetricError as error:
            raise wrong(error.what, error.do or "") from None
    return value


def _expression(value: Any) -> Any:
    if isinstance(value, str):
        try:
            parse_expression(value)
        except HardcheckError as error:
            raise wrong(error.what, error.do or "") from None
    return value


def _counts(value: Any) -> Any:
    if isinstance(value, str):
        if not _COUNT.fullmatch(value):
            raise wrong(f"{value!r} is not a number of fractions", "write it as in 25, or 20 to 30")
        low, high = count_range(value)
        if not low <= high <= _MOST_FRACTIONS:
            raise wrong(f"{value!r} does not rise to {_MOST_FRACTIONS} at most", "write the lower number first")
    return value


def _figure(value: Any) -> Any:
    if isinstance(value, str):
        if not _FIGURE.fullmatch(value):
            raise wrong(f"{value!r} is not a value with its unit", "write it as in 45.9 Gy, 50 % or 1200 cc")
        try:
            figure_of(value)
        except MetricError as error:
            raise wrong(error.what, error.do or "") from None
    return value


def _identifier(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(_ID, value, re.ASCII):
        raise wrong(f"{value!r} is not an id", "use lower-case letters, digits and - _ . and no spaces")
    return value


def _name(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(_NAME, value, re.ASCII):
        raise wrong(f"{value!r} is not a structure name", "use letters, digits and _ - + . and begin with a letter")
    return value


def _alias(value: Any) -> Any:
    if isinstance(value, str) and (signs := sorted(set(value) & set("*?^$|\\[]{}"))):
        raise wrong(
            f"the alias {value!r} holds {' '.join(signs)}: aliases are names, not patterns", "write each name out"
        )
    if isinstance(value, str) and not any(c.isalnum() for c in value):
        raise wrong(f"the alias {value!r} holds no letter or digit", "write the name of an ROI")
    if isinstance(value, str) and len(value) > _LONGEST_NAME:
        raise wrong(f"the alias {value[:20]!r}… is longer than {_LONGEST_NAME} characters", "no ROI has such a name")
    return value


_ID: Final = r"[a-z0-9][a-z0-9_.-]{0,63}"
_NAME: Final = r"[A-Za-z][A-Za-z0-9_+.-]{0,63}"

Id = Annotated[str, BeforeValidator(_identifier), Field(json_schema_extra={"pattern": f"^{_ID}$"})]
Name = Annotated[str, BeforeValidator(_name), Field(json_schema_extra={"pattern": f"^{_NAME}$"})]
Alias = Annotated[str, BeforeValidator(_alias), Field(json_schema_extra={"maxLength": _LONGEST_NAME})]
Prose = Annotated[
    str, BeforeValidator(_prose), Field(json_schema_extra={"minLength": 1, "maxLength": _MOST_CHARACTERS})
]
Whole = Annotated[int, BeforeValidator(_integer), Field(json_schema_extra={"minimum": 1, "maximum": _MOST_FRACTIONS})]
Flag = Annotated[bool, BeforeValidator(_flag)]
LevelText = Annotated[
    str,
    BeforeValidator(_level),
    Field(json_schema_extra={"pattern": f"^({NUMBER}( to {NUMBER})? c?Gy|{AS_PRESCRIBED})$"}),
]
DoseText = Annotated[
    str, BeforeValidator(_dose_range), Field(json_schema_extra={"pattern": f"^{NUMBER}( to {NUMBER})? c?Gy$"})
]
AlphaBetaText = Annotated[str, BeforeValidator(_alpha_beta), Field(json_schema_extra={"pattern": f"^{NUMBER} c?Gy$"})]
LengthText = Annotated[str, BeforeValidator(_length), Field(json_schema_extra={"pattern": f"^{NUMBER} (mm|cm)$"})]
MetricText = Annotated[str, BeforeValidator(_metric)]
GoalText = Annotated[str, BeforeValidator(_prose), BeforeValidator(_goal)]
ClaimText = Annotated[str, BeforeValidator(_prose), BeforeValidator(_claim)]
ExpressionText = Annotated[str, BeforeValidator(_prose), BeforeValidator(_expression)]
CountText = Annotated[
    str,
    BeforeValidator(_counts),
    # An editor takes 25 for a number.
    Field(json_schema_extra={"type": ["string", "integer"], "pattern": "^[1-9][0-9]{0,2}( to [1-9][0-9]{0,2})?$"}),
]
FigureText = Annotated[
    str,
    BeforeValidator(_figure),
    Field(json_schema_extra={"type": ["string", "number"], "pattern": f"^{NUMBER}( ?(c?Gy|%|cc))?$"}),
]
TierName = Literal["required", "recommended", "advisory"]


class Entry(BaseModel):
    """Base of all parts of a file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ExtentEntry(Entry):
    """The axial slices that an organ's goals are about."""

    of: Name = Field(description="The structure whose slices they are.")
    margin: LengthText = Field(description="How far beyond it on either side, as in 30 mm.")


class MarginEntry(Entry):
    """What a target was grown from, and by how much."""

    of: Name = Field(description="The structure that it was grown from.")
    least: LengthText = Field(description="The least margin, as in 3 mm.")
    most: LengthText = Field(description="The greatest margin, as in 5 mm.")


class CheckEntry(Entry):
    """Another severity of one of the checks that `hardcheck inspect --checks` lists."""

    id: Id = Field(description="As `hardcheck inspect --checks` lists it.")
    severity: Literal["INFO", "WARN", "FAIL", "off"]
    reason: Prose = Field(description="Why, as the report shows it.")


class FractionationEntry(Entry):
    """The schedules that numbers are for; a plan of another one is not held against them."""

    fractions: CountText | None = Field(None, description="As in 25, or 20 to 30.")
    dose_per_fraction: DoseText | None = Field(None, description="Of the highest dose: 3 Gy, or 1.8 to 2.2 Gy.")
    convert_with_alpha_beta: AlphaBetaText | None = Field(
        None, description="Doses of a plan with another dose per fraction are held against the numbers as EQD2: 3 Gy."
    )


class VerticesEntry(Entry):
    """Vertices inside of a target, reported with their doses and distances; what is asked of them is told, no more."""

    structures: list[Name] = Field(min_length=1, description="Whose ROIs, or islands of them, are vertices.")
    fractions: CountText | None = Field(None, description="In how many their dose is given, as in 3 to 4.")
    dose_per_fraction: DoseText | None = Field(None, description="As in 8 to 15 Gy.")
    least_diameter: LengthText | None = Field(None, description="Of the target, as in 5 cm.")


class GoalEntry(Entry):
    """One goal: what it asks is in `goal`, or in `any_of` where there are several ways to meet it."""

    id: Id = Field(description="By custom <structure>-<metric>-<tier>.")
    goal: GoalText | None = Field(None, description="Metric, comparison, value and unit, as in V40Gy[%] < 50 %.")
    any_of: list[ClaimText] = Field([], max_length=10, description="Goals of which one is enough, instead of goal.")
    only_if: ClaimText | None = Field(
        None, description="It applies only if this holds, as in Volume[cc] > 100 cc of PTV_HR."
    )
    fractionation: FractionationEntry | None = Field(None, description="The schedules that the number is for.")
    tier: TierName = Field(description="Missing it fails the plan, is a variation, or is only told.")
    printed: Prose | None = Field(None, description="How the source prints it, where that differs.")
    uncertain_tier: Flag = Field(False, description="The source leaves the tier in doubt: missing it is for review.")
    source_conflict: Prose | None = Field(None, description="How the source contradicts itself.")
    not_in_source: Flag = Field(False, description="The number is not in the source; say in source where it is from.")
    source: Prose | None = Field(None, description="Where the number is from, if not from the structure's source.")
    regimens: list[Id] = Field([], min_length=1, description="The regimens in which it applies; all where not given.")
    note: Prose | None = Field(None, description="What a reader must know beside the number.")


class StructureEntry(Entry):
    """A structure and its goals."""

    name: Name = Field(description="After AAPM TG-263.")
    role: Literal["target", "organ", "external"]
    aliases: list[Alias] = Field([], description="Other names of the same structure, literally; no patterns.")
    level: Name | None = Field(None, description="The dose level that percentages of dose are of.")
    definition: Prose | None = Field(None, description="How to contour it.")
    expression: ExpressionText | None = Field(
        None, description="How it is made where it is not contoured, as in rind(External, 5 mm)."
    )
    each: Flag = Field(False, description="A class of structures: every ROI that matches is evaluated as its own.")
    serial: Flag = Field(False, description="Meeting a limit only through the subtraction is for review.")
    extent: ExtentEntry | None = None
    applies_on_slices_of: Name | None = Field(None, description="Applies if any part is on this structure's slices.")
    subtract: list[Name] = Field([], description="Evaluated outside of these structures.")
    inside: list[Name] = Field([], description="Structures that hold the whole of it.")
    margin_from: MarginEntry | None = Field(None, description="What it was grown from, and by how much.")
    from_skin: LengthText | None = Field(None, description="How far it stays from the skin, as in 3 mm.")
    whole: Flag = Field(False, description="The goals want all of it: it may not end where the CT does.")
    strip: LengthText | None = Field(None, description="A strip along the skin in one piece, and its width.")
    relaxed_in_organs: Flag = Field(
        False, description="A lack of coverage confined to where it overlaps organs is for review."
    )
    source: Prose | None = Field(None, description="Where its goals are from, if not from the protocol's source.")
    note: Prose | None = Field(None, description="What a reader must know beside the goals.")
    goals: list[GoalEntry] = Field([], max_length=100)
    report: list[MetricText] = Field([], max_length=50, description="Metrics that are reported without a limit.")
    vertices: VerticesEntry | None = Field(None, description="Of a target: vertices of high dose inside of it.")
    uneven: Flag = Field(
        False, description="Of a target: prescribed to an isodose far below the maximum, or with vertices."
    )


class RegimenEntry(Entry):
    """A fractionation with its dose levels."""

    id: Id = Field(description="As in 22fx.")
    fractions: Whole | None = Field(None, description="Left away where it is for any number that fractionation allows.")
    levels: dict[Name, LevelText] = Field(
        min_length=1, description="Total dose by level: 66 Gy, 44 to 50.6 Gy, or as prescribed (by the plan)."
    )
    when: Prose | None = Field(None, description="When it is chosen, or default.")
    caveat: Prose | None = Field(None, description="What a reader must know of every goal in this regimen.")
    source: Prose | None = None


class ExampleEntry(Entry):
    """A value of a goal, and what comes of it: run by `hardcheck protocols test`."""

    goal: Id = Field(description="The id of the goal that it is about.")
    value: FigureText = Field(description="With the unit of the goal, as in 45.9 Gy.")
    low: FigureText | None = Field(None, description="The lower end of its interval; the value where not given.")
    high: FigureText | None = Field(None, description="The upper end of its interval; the value where not given.")
    volumes: dict[Name, FigureText] = Field(
        {}, description="Of the structure that the limit is relative to, as in {Lungs: 3000 cc}."
    )
    outcome: Literal["MET", "NOT_MET", "MARGINAL"] = Field(description="MARGINAL: the limit lies inside the interval.")


class ProtocolEntry(Entry):
    """A protocol file."""

    id: Id = Field(description="The name of the protocol; a shipped file is named after it.")
    # An editor takes 1 for a number.
    version: Prose = Field(
        description="To be raised when a number changes; every report carries it.",
        json_schema_extra={"type": ["string", "number"]},
    )
    title: Prose
    verification: Literal["draft", "transcribed", "verified"] = Field(
        description="transcribed: typed from a source. verified: held against the printed source by a person."
    )
    source: Prose | None = Field(None, description="Where the goals are from, unless a structure or goal says other.")
    notes: list[Prose] = Field([], description="How to read the protocol as a whole.")
    fractionation: FractionationEntry | None = Field(None, description="The schedules that all numbers are for.")
    checks: list[CheckEntry] = Field(
        [], max_length=100, description="Checks of the plan that are wanted with another severity, or not at all."
    )
    regimens: list[RegimenEntry] = Field(min_length=1)
    structures: list[StructureEntry] = Field(min_length=1, max_length=500)
    examples: list[ExampleEntry] = Field([], max_length=1000, description="Values that show what the goals mean.")


class _WithoutNull(GenerateJsonSchema):
    """A key with nothing to say is left away, so null is no value; pydantic's optional keys would allow it."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        return made if made.get("default", made) is not None else {k: v for k, v in made.items() if k != "default"}


def protocol_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a protocol file."""
    schema = ProtocolEntry.model_json_schema(schema_generator=_WithoutNull)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **schema}


def level_range_gy(text: str) -> tuple[float, float]:
    """The lowest and the highest dose that the text of a level allows, in Gy; from 0 to infinity as prescribed."""
    if text == AS_PRESCRIBED:
        return 0.0, math.inf
    found = _LEVEL.fullmatch(text)
    if found is None:
        raise ValueError(text)
    low, _ = number(found["low"], found["unit"])
    high, _ = number(found["high"] or found["low"], found["unit"])
    return low, high


def figure_of(text: str) -> tuple[float, str]:
    """The number and the unit that the text of a value writes; the unit is empty where there is none."""
    found = _FIGURE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return number(found["value"], found["unit"] or "")


def count_range(text: str) -> tuple[int, int]:
    """The lowest and the highest number that the text of a number of fractions allows."""
    found = _COUNT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return int(found["low"]), int(found["high"] or found["low"])


def length_mm(text: str) -> float:
    """The length that the text writes, in mm."""
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return float(found["value"]) * (10 if found["unit"] == "cm" else 1)
