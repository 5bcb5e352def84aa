"""A goal: a metric of one structure, a comparison and a limit; and what may stand beside it."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from hardcheck.errors import MetricError
from hardcheck.metric import NUMBER, VOLUME_KINDS, Metric, decimal_text, number
from hardcheck.protocol.fractionation import Fractionation


class Tier(StrEnum):
    """What missing a goal means: the plan fails, varies, or is only told about it."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    ADVISORY = "advisory"


class Op(StrEnum):
    """How the value is held against the limit."""

    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="

    @property
    def is_upper(self) -> bool:
        """Whether the limit is one that the value must stay below."""
        return self in (Op.LESS, Op.AT_MOST)

    @property
    def turned(self) -> Op:
        """The comparison the other way round, as of what is left of a whole: < for >."""
        return {Op.LESS: Op.MORE, Op.AT_MOST: Op.AT_LEAST, Op.MORE: Op.LESS, Op.AT_LEAST: Op.AT_MOST}[self]

    @property
    def opposite(self) -> Op:
        """The comparison that holds where this one does not: < for >=."""
        return {Op.LESS: Op.AT_LEAST, Op.AT_MOST: Op.MORE, Op.MORE: Op.AT_MOST, Op.AT_LEAST: Op.LESS}[self]

    def against(self, limit: float) -> Callable[[float], bool]:
        """The comparison of a value with `limit`; false for NaN on either side."""
        compare: Callable[[float, float], bool] = {
            Op.LESS: operator.lt, Op.AT_MOST: operator.le, Op.MORE: operator.gt, Op.AT_LEAST: operator.ge
        }[self]  # fmt: skip
        return lambda value: compare(value, limit)


@dataclass(frozen=True, slots=True)
class Limit:
    """`value` in `unit`; where `volume_of` names a structure, the limit is its volume plus `value`."""

    value: float
    unit: str
    volume_of: str | None = None

    def __str__(self) -> str:
        text = decimal_text(abs(self.value))
        if self.volume_of is not None:
            return f"Volume({self.volume_of}) {'-' if self.value < 0 else '+'} {text} {self.unit}"
        return f"{text} {self.unit}".strip()


_GOAL = re.compile(
    rf"""(?P<metric>[^<>]{{1,80}}[^<>=])(?P<op><=|>=|<|>)[ ]*
         (?:Volume\((?P<of>[^()<>=]{{1,64}})\)[ ]*(?P<sign>[+-])[ ]*)?
         (?P<number>{NUMBER})[ ]*(?P<unit>cGy|Gy|%|cc|)""",
    re.VERBOSE | re.ASCII,
)
_RANGE = re.compile(rf"[<>]=?[ ]*{NUMBER}[ ]*[A-Za-z%]*[ ]*(?:-|–|to|\.\.)[ ]*[0-9]", re.ASCII)


def parse_goal(text: str) -> tuple[Metric, Op, Limit]:
    """The parts of ``metric op value unit``, as in ``V40Gy[%] < 50 %``; MetricError where it is not one."""
    text = text.strip()
    found = _GOAL.fullmatch(text)
    if found is None:
        if _RANGE.search(text):
            raise MetricError(f"{text!r} gives a range", do="write two goals, one for each tier, with one value each")
        raise MetricError(f"{text!r} is not a goal", do="write metric, comparison, value and unit: V40Gy[%] < 50 %")
    metric = Metric.parse(found["metric"])
    value, unit = number(found["number"], found["unit"])
    if unit != metric.unit:
        wanted = f"a value in {metric.unit}" if metric.unit else "a plain number"
        written = f"one in {unit}" if unit else "one without a unit"
        hint = f"give the limit in {metric.unit}" if unit else f"write {text} {metric.unit}"
        if not metric.unit:
            hint = f"leave {unit} away"
        raise MetricError(f"{text!r}: {metric} is compared with {wanted}, not {written}", do=hint)
    if found["of"] is not None and unit != "cc":
        raise MetricError(f"{text!r}: a limit relative to a volume is in cc", do=f"ask for [cc] instead of [{unit}]")
    return metric, Op(found["op"]), Limit(-value if found["sign"] == "-" else value, unit, found["of"])


_OF = re.compile(r"(?P<goal>.*[^ ]) +of +(?P<name>[A-Za-z][A-Za-z0-9_+.-]{0,63})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a goal says of one structure, without what missing it means; `structure` is empty for the goal's own."""

    metric: Metric
    op: Op
    limit: Limit
    structure: str = ""

    @property
    def is_decided(self) -> bool:
        """Whether every plan meets it, or none."""
        if self.limit.volume_of is not None:
            return False
        if self.metric.kind in VOLUME_KINDS and self.metric.at == 0:
            return True
        meets = self.op.against(self.limit.value)
        # A volume is from 0 to 100 %; anything else is at least 0, and has no other bound.
        highest = 100.0 if self.metric.kind in VOLUME_KINDS and self.metric.unit == "%" else float("inf")
        return meets(0.0) == meets(highest)

    def is_stricter_than(self, other: Claim) -> bool:
        """Whether every value that meets it meets `other`, and not the other way round."""
        limit, against = self.limit, other.limit
        if self.metric != other.metric or self.op.is_upper != other.op.is_upper or limit.volume_of != against.volume_of:
            return False
        if limit.value == against.value:
            return self.op in (Op.LESS, Op.MORE) and other.op in (Op.AT_MOST, Op.AT_LEAST)
        return (limit.value < against.value) == self.op.is_upper

    def __str__(self) -> str:
        return f"{self.metric} {self.op} {self.limit}" + (f" of {self.structure}" if self.structure else "")


def parse_claim(text: str) -> Claim:
    """What ``metric op value unit`` says, and of which other structure with ``of NAME`` behind it; or MetricError."""
    found = _OF.fullmatch(text.strip())
    return Claim(*parse_goal(found["goal"]), found["name"]) if found else Claim(*parse_goal(text))


@dataclass(frozen=True, slots=True)
class Goal:
    """One line of a protocol. `structure` is the name of a structure of the same protocol."""

    id: str
    structure: str
    metric: Metric
    op: Op
    limit: Limit
    tier: Tier
    source: str
    printed: str = ""
    """How the source prints it, where that differs."""
    uncertain_tier: bool = False
    """The source leaves the tier in doubt: evaluated as `tier`, and not meeting it is for a person to judge."""
    source_conflict: str = ""
    """How the source contradicts itself about this goal."""
    not_in_source: bool = False
    """The number is not in the protocol's source; `source` says where it comes from."""
    regimens: tuple[str, ...] = ()
    """The regimens in which it applies, empty for all."""
    note: str = ""
    """What a reader must know beside the number."""
    alternatives: tuple[Claim, ...] = ()
    """Other ways to meet it: one is enough."""
    only_if: Claim | None = None
    """It applies only if this holds."""
    fractionation: Fractionation | None = None
    """The schedules that its number is for; any where the protocol does not say."""

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Its own and its alternatives."""
        return Claim(self.metric, self.op, self.limit), *self.alternatives

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the protocol says beside the goal, for lists."""
        remarks = ["tier uncertain"] if self.uncertain_tier else []
        remarks += ["not in the source"] if self.not_in_source else []
        remarks += [f"the source contradicts itself: {self.source_conflict}"] if self.source_conflict else []
        remarks += [f"printed: {self.printed}"] if self.printed else []
        remarks += [str(self.fractionation)] if self.fractionation is not None else []
        return (*remarks, *([self.note] if self.note else []))

    def __str__(self) -> str:
        condition = "" if self.only_if is None else f", only if {self.only_if}"
        return " or ".join(map(str, self.claims)) + condition
