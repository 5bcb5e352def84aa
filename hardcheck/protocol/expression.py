r"""Structures made of others: the language of ``along(Cord, PTV_LR, 30 mm) - PTV_HR``.

| form | meaning |
|---|---|
| ``A \| B``, ``A & B``, ``A - B`` | union, intersection, what of A lies outside of B |
| ``margin(A, 5 mm)``, ``contract(A, 5 mm)`` | A grown or shrunk, in all directions |
| ``margin(A, superior 10 mm, left 3 mm)`` | in some directions, 0 mm in the others |
| ``rind(A, 5 mm)`` | ``A - contract(A, 5 mm)`` |
| ``along(A, B)``, ``along(A, B, 30 mm)`` | A on the axial slices of B, and 30 mm beyond them on both sides |

One operator may be repeated; two different ones need parentheses. What is parsed is written back in one form, and
``parse_expression(str(e)) == e``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from typing import Final

from hardcheck.errors import MetricError
from hardcheck.metric import NUMBER, decimal_text

LONGEST: Final = 1000
DEEPEST: Final = 16
"""Limits of an expression's characters and of its nesting."""

MOST_MM: Final = 500.0
"""No margin is wider."""


@dataclass(frozen=True, slots=True)
class Name:
    """A structure by its name in the protocol."""

    name: str

    def __str__(self) -> str:
        return self.name

    def names(self) -> tuple[str, ...]:
        """The structures that it is made of, each once, in order."""
        return (self.name,)


@dataclass(frozen=True, slots=True)
class Combined:
    """Two or more `parts` by one operator: "|", "&" or "-"."""

    operator: str
    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        inner = (f"({part})" if isinstance(part, Combined) else str(part) for part in self.parts)
        return f" {self.operator} ".join(inner)

    def names(self) -> tuple[str, ...]:
        """The structures that it is made of, each once, in order."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.names()))


@dataclass(frozen=True, slots=True)
class Margins:
    """Distances in mm towards the sides of the patient."""

    left: float = 0.0
    right: float = 0.0
    anterior: float = 0.0
    posterior: float = 0.0
    superior: float = 0.0
    inferior: float = 0.0

    def __str__(self) -> str:
        values: tuple[float, ...] = astuple(self)
        if len(set(values)) == 1:
            return f"{decimal_text(values[0])} mm"
        named = zip(SIDES, values, strict=True)
        return ", ".join(f"{side} {decimal_text(value)} mm" for side, value in named if value)


SIDES: Final = tuple(field.name for field in fields(Margins))


@dataclass(frozen=True, slots=True)
class Grown:
    """`function` "margin", "contract" or "rind" of a structure, by `margins`."""

    function: str
    of: Expression
    margins: Margins

    def __str__(self) -> str:
        return f"{self.function}({self.of}, {self.margins})"

    def names(self) -> tuple[str, ...]:
        """The structures that it is made of, each once, in order."""
        return self.of.names()


@dataclass(frozen=True, slots=True)
class Along:
    """What of a structure lies on the axial slices of another, `beyond`, and `margin_mm` further on both sides."""

    of: Expression
    beyond: Expression
    margin_mm: float = 0.0

    def __str__(self) -> str:
        further = f", {decimal_text(self.margin_mm)} mm" if self.margin_mm else ""
        return f"along({self.of}, {self.beyond}{further})"

    def names(self) -> tuple[str, ...]:
        """The structures that it is made of, each once, in order."""
        return tuple(dict.fromkeys((*self.of.names(), *self.beyond.names())))


Expression = Name | Combined | Grown | Along

_TOKEN: Final = re.compile(
    rf"""[ ]*(?:(?P<length>{NUMBER}[ ]*(?:mm|cm)(?![A-Za-z0-9_]))
    |(?P<name>[A-Za-z][A-Za-z0-9_+.-]{{0,63}})|(?P<minus>(?<=[ ])-(?=[ ]))|(?P<sign>[|&(),]))""",
    re.VERBOSE | re.ASCII,
)
_FUNCTIONS: Final = ("margin", "contract", "rind", "along")


def parse_expression(text: str) -> Expression:
    """The expression that `text` writes; MetricError, with what to write instead, where it is none."""
    if len(text) > LONGEST:
        raise MetricError(f"the expression is longer than {LONGEST} characters", do="make it of named structures")
    return _Parser(text.strip()).parse()


class _Parser:
    """Reads one expression from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(self._tokens())
        self.at = 0
        self.depth = 0

    def parse(self) -> Expression:
        found = self._combined()
        if self.at < len(self.tokens):
            raise self._wrong(f"{self._next()!r} is not expected", "join two structures by |, & or ' - '")
        return found

    def _tokens(self) -> Iterator[tuple[str, str]]:
        at = 0
        while at < len(self.text):
            found = _TOKEN.match(self.text, at)
            if found is None:
                rest = self.text[at:].strip()[:12]
                hint = "write a length with its unit, as in 5 mm" if rest[:1].isdigit() else ""
                if rest.startswith(("-", "−", "–")):
                    hint = "write ' - ' with a space on both sides"
                raise self._wrong(f"{rest!r} cannot be read", hint or "use names, |, &, ' - ', ( ) and lengths")
            yield str(found.lastgroup), found[str(found.lastgroup)]
            at = found.end()

    def _wrong(self, what: str, do: str) -> MetricError:
        return MetricError(f"{self.text!r}: {what}", do=do)

    def _next(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else "the end"

    def _kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def _take(self, sign: str) -> None:
        if self._next() != sign or self._kind() != "sign":
            raise self._wrong(f"{sign!r} is missing before {self._next()!r}", "close what was opened, and part by ','")
        self.at += 1

    def _combined(self) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._wrong(f"it is nested more than {DEEPEST} deep", "make it of named structures")
        parts, operators = [self._single()], []
        while self._next() in ("|", "&", "-") and self._kind() in ("sign", "minus"):
            operators.append(self._next())
            self.at += 1
            parts.append(self._single())
        self.depth -= 1
        if len(set(operators)) > 1:
            raise self._wrong("two different operators stand side by side", "write parentheses, as in (A | B) - C")
        return Combined(operators[0], tuple(parts)) if operators else parts[0]

    def _single(self) -> Expression:
        if self._next() == "(" and self._kind() == "sign":
            self.at += 1
            inner = self._combined()
            self._take(")")
            return inner
        if self._kind() != "name":
            raise self._wrong(f"a structure is missing before {self._next()!r}", "write the name of a structure")
        name = self._next()
        self.at += 1
        if self._next() != "(":
            return Name(name)
        if name not in _FUNCTIONS:
            raise self._wrong(f"there is no function {name!r}", f"choose one of: {', '.join(_FUNCTIONS)}")
        self.at += 1
        of = self._combined()
        self._take(",")
        found: Expression = self._along(of) if name == "along" else Grown(name, of, self._margins())
        self._take(")")
        return found

    def _along(self, of: Expression) -> Along:
        beyond = self._combined()
        if self._next() != ",":
            return Along(of, beyond)
        self.at += 1
        return Along(of, beyond, self._length())

    def _margins(self) -> Margins:
        if self._kind() == "length":
            margins = Margins(*[self._length()] * len(SIDES))
        else:
            given: dict[str, float] = {}
            while True:
                side = self._next()
                if side not in SIDES or side in given:
                    what = f"{side!r} is named twice" if side in given else f"{side!r} is no side or length"
                    raise self._wrong(what, f"write 5 mm, or sides: {', '.join(SIDES)}")
                self.at += 1
                given[side] = self._length()
                if self._next() != ",":
                    break
                self.at += 1
            margins = Margins(**given)
        if not any(astuple(margins)):
            raise self._wrong("the margin is 0 mm", "leave the function away")
        return margins

    def _length(self) -> float:
        if self._kind() != "length":
            raise self._wrong(f"a length is missing before {self._next()!r}", "write it as in 5 mm")
        text = self._next()
        self.at += 1
        value = float(text[:-2]) * (10.0 if text.endswith("cm") else 1.0)
        if not 0 <= value <= MOST_MM:
            raise self._wrong(f"{text} is too long", f"write at most {MOST_MM:g} mm")
        return value
