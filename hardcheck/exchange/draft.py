"""A protocol while it is made of a file of another program: what it takes over, and what not and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from hardcheck.errors import MetricError, UsageError, one_line
from hardcheck.exchange.course import Course
from hardcheck.exchange.naming import allowed_name, is_alias, role_by_name
from hardcheck.protocol import Claim, Tier, implies, parse_goal
from hardcheck.protocol.names import normal
from hardcheck.protocol.slip import excessive_dose, reversed_comparison

MOST_STRUCTURES: Final = 500
MOST_GOALS: Final = 100
"""Of a protocol, and of one of its structures."""
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Imported:
    """A protocol that was made of a file of another program."""

    protocol: str
    """The text of a protocol file. What was not taken over stands at its end, as comments."""
    goals: int
    left_out: tuple[str, ...]
    """What was not taken over and why, one line each."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A goal that was taken over."""

    claim: Claim
    tier: Tier
    note: str = ""
    source: str = ""
    uncertain: bool = False
    """The source leaves the tier in doubt."""
    regimen: str = ""
    """The regimen that it is for, empty for all."""


@dataclass(slots=True)
class Part:
    """A structure. `original` is its name in the source; `name` is the one that it gets."""

    original: str
    role: str
    aliases: list[str] = field(default_factory=list)
    goals: list[Entry] = field(default_factory=list)
    name: str = ""
    level: str | None = None


@dataclass(slots=True)
class Draft:
    """A protocol in the making. Structures of one name, as ROIs are matched, are one."""

    file: str
    title: str
    notes: tuple[str, ...]
    courses: tuple[Course, ...]
    parts: dict[str, Part] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def leave(self, what: str, why: str) -> None:
        """Note that `what` is not taken over."""
        self.left_out.append(short(f"{what}: {why}"))

    def part(self, name: str, *, role: str | None = None, aliases: Iterable[str] = ()) -> Part:
        """The structure of that name, which is not empty."""
        part = self.parts.setdefault(normal(name), Part(name.strip(), role or role_by_name(name.strip())))
        part.aliases += aliases
        return part

    def take(
        self,
        part: Part,
        goal: str,
        tier: Tier,
        *,
        regimen: str = "",
        note: str = "",
        source: str = "",
        uncertain: bool = False,
    ) -> None:
        """Take over what `goal` writes in the language of protocols, or note why it is none."""
        try:
            claim = Claim(*parse_goal(goal))
        except MetricError as error:
            self.leave(f"{part.original} {goal}", error.what)
            return
        part.goals.append(Entry(claim, tier, note, source, uncertain, regimen))

    def settle(self) -> Sequence[Part]:
        """The structures with goals, named and checked; UsageError where there are none, or too many."""
        for part in self.parts.values():
            part.level = self.courses[0].level_of(part.original)
            part.goals = list(self._sound(part))
        parts = [part for part in self.parts.values() if part.goals]
        if not parts:
            why = f": {self.left_out[0]}" if self.left_out else ""
            raise UsageError(
                f"it holds no goal that can be taken over{why}", where=self.file, do="see whether it is the right file"
            )
        if len(parts) > MOST_STRUCTURES:
            raise UsageError(f"it has more than {MOST_STRUCTURES} structures", where=self.file, do="split it")
        if without := [part.original for part in self.parts.values() if not part.goals]:
            self.leave("structures without goals", ", ".join(without))
        self._name(parts)
        return parts

    def _sound(self, part: Part) -> Iterator[Entry]:
        """The goals of a structure that a protocol can hold; the others are noted."""
        strictest = _strictest(part.goals)
        chosen: list[Entry] = []
        seen: set[tuple[str, Tier, str]] = set()
        for goal in part.goals:
            key = str(goal.claim), goal.tier, goal.regimen
            if why := self._fault(part, goal, strictest):
                self.leave(f"{part.original} {goal.claim} ({goal.tier})", why)
            elif key in seen:
                self.leave(f"{part.original} {goal.claim} ({goal.tier})", "stands more than once in the source")
            elif len(seen) == MOST_GOALS:
                self.leave(
                    f"{part.original} {goal.claim} ({goal.tier})", f"more than {MOST_GOALS} goals of one structure"
                )
            else:
                seen.add(key)
                chosen.append(goal)
        for goal in chosen:
            if why := self._idle(goal, chosen):
                self.leave(f"{part.original} {goal.claim} ({goal.tier})", why)
            else:
                yield goal

    def _idle(self, goal: Entry, others: Sequence[Entry]) -> str:
        """Which of the `others` implies the goal wherever it applies, empty where none does."""
        ahead = True
        for other in others:
            if other is goal:
                ahead = False
            elif self._covers(other, goal) and other.claim != goal.claim and (ahead or not self._covers(goal, other)):
                return f"met by whatever meets {other.claim}"
        return ""

    def _covers(self, one: Entry, other: Entry) -> bool:
        if one.tier is not other.tier or one.tier is Tier.ADVISORY or (one.uncertain and not other.uncertain):
            return False
        in_all = len(self.courses) == 1 or one.regimen in ("", other.regimen)
        return in_all and implies(one.claim, other.claim)

    def _least_gy(self, part: Part, goal: Entry) -> float | None:
        """The lowest dose that the level of a structure has where a goal applies, None without a level."""
        courses = [each for each in self.courses if goal.regimen in ("", each.id) or len(self.courses) == 1]
        levels = [each.levels_gy.get(part.level or "") for each in courses]
        doses = [float(level) for level in levels if level is not None]
        return min(doses) if doses and len(doses) == len(courses) else None

    def _fault(self, part: Part, goal: Entry, strictest: Mapping[_Kind, Claim]) -> str:
        """Why no protocol holds the goal, empty where one does."""
        if goal.claim.metric.is_of_level and part.level is None:
            level = part.original.replace(" ", "_")
            return f"in percent of a dose, and several levels are given; give its own, as in --level {level}=66"
        if goal.claim.is_decided:
            return "met by every plan, or by none"
        slip = excessive_dose(goal.claim)
        if goal.tier is not Tier.ADVISORY:
            slip = slip or reversed_comparison(goal.claim, part.role, self._least_gy(part, goal))
        if slip:
            return slip.message
        if goal.tier is not Tier.RECOMMENDED:
            return ""
        required = strictest.get(_kind(goal))
        return f"looser than the required {required}" if required and required.is_stricter_than(goal.claim) else ""

    def _name(self, parts: Sequence[Part]) -> None:
        """Give each structure a name, and the aliases that no other structure has."""
        owners = {normal(part.original): part.original for part in parts}
        for part in parts:
            part.name = allowed_name(part.original, owners.keys() - {normal(part.original)})
            owners[normal(part.name)] = part.original
        for part in parts:
            part.aliases = list(self._aliases(part, owners))

    def _aliases(self, part: Part, owners: dict[str, str]) -> Iterator[str]:
        seen = {normal(part.name)}
        for alias in (part.original, *map(str.strip, part.aliases)):
            if normal(alias) in seen or not alias:
                continue
            seen.add(normal(alias))
            if not is_alias(alias):
                self.leave(f"{part.name}: the name {alias!r}", "no ROI is matched by it; choose one with --map")
            elif owners.setdefault(normal(alias), part.original) != part.original:
                self.leave(f"{part.name}: the name {alias!r}", f"it is one of {owners[normal(alias)]}")
            else:
                yield alias


_Kind = tuple[str, bool, str]


def _kind(goal: Entry) -> _Kind:
    """What goals have in common of which one can be stricter."""
    return str(goal.claim.metric), goal.claim.op.is_upper, goal.regimen


def _strictest(goals: Iterable[Entry]) -> dict[_Kind, Claim]:
    """The strictest required limit of each kind."""
    found: dict[_Kind, Claim] = {}
    for goal in goals:
        if goal.tier is Tier.REQUIRED and not goal.claim.is_decided:
            known = found.setdefault(_kind(goal), goal.claim)
            if goal.claim.is_stricter_than(known):
                found[_kind(goal)] = goal.claim
    return found


def short(text: str) -> str:
    """`text` in one line of visible characters, cut where it is long."""
    text = one_line(" ".join(text.split()))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
