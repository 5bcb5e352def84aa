"""Where a template that is not ours runs: Jinja2's sandbox, narrowed to what a report needs, and bounded.

A template sees the fields of our objects, plain values and a few harmless methods; no other method of any object can be
reached, so that none that writes, reads or computes can. Steps and sizes are counted: what never ends, or grows without
end, is an error. Everything that is shown passes the gates of every page: `visible` and autoescape.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from datetime import date
from enum import Enum
from typing import Any, Final

from jinja2 import FileSystemLoader, StrictUndefined, Undefined, nodes
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.runtime import LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner, Namespace
from jinja2.visitor import NodeTransformer

from hardcheck.files import data_folder
from hardcheck.report.template import speak, visible_only
from hardcheck.wording import Wording

MOST_STEPS: Final = 200_000
"""Rounds of loops and calls of macros. The report of a plan with thirty structures takes some thousand."""
MOST_SIZE: Final = 20_000_000
"""Characters and items that are made, counted each time that they are."""
MOST_RANGE: Final = 1000
_MOST_BITS: Final = 128

_METHODS: Final[tuple[tuple[type, frozenset[str]], ...]] = (
    (str, frozenset({"capitalize", "endswith", "lower", "split", "startswith", "strip", "title", "upper"})),
    (Mapping, frozenset({"get", "items", "keys", "values"})),
    (date, frozenset({"day", "hour", "isoformat", "minute", "month", "second", "year"})),
    (tuple, frozenset({"count", "index"})),
    (list, frozenset({"count", "index"})),
)
"""What of plain values can be reached."""
_OF_JINJA: Final = (Cycler, Joiner, LoopContext, Macro, Namespace, TemplateModule)
_OWN_METHODS: Final = frozenset({"is_about", "is_of"})
"""Methods of our objects that answer yes or no; of the rest there are fields and properties alone."""

_FILTERS: Final = frozenset(
    {
        "abs", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first", "float", "groupby", "int",
        "items", "join", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace",
        "reverse", "round", "select", "selectattr", "sort", "string", "sum", "title", "tojson", "trim", "truncate",
        "unique", "upper",
    }
)  # fmt: skip
_FORMAT: Final = re.compile(r"(?:[^%]|%%|%[-+ #0]{0,3}[0-9]{0,2}(?:\.[0-9]{1,2})?[defgs]){0,200}", re.ASCII | re.DOTALL)


class TooMuchError(SecurityError):
    """The template takes more steps, or makes more text, than any report needs."""


class Sandbox(ImmutableSandboxedEnvironment):
    """The shipped templates, for one rendering of a template of somebody else."""

    intercepted_binops = frozenset({"+", "*", "%", "**"})

    def __init__(self, wording: Wording) -> None:
        super().__init__(
            loader=FileSystemLoader(data_folder("templates") / "report"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=self._shown,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            cache_size=0,
        )
        self._steps = 0
        self._made = 0
        guarded = {"format": _formatted, "join": _joined, "replace": _replaced, "round": _rounded}
        kept = {name: self.filters[name] for name in _FILTERS} | guarded
        self.filters = {name: self._counting(function) for name, function in kept.items()}
        tests: Mapping[str, Any] = self.tests
        self.tests = {name: self._counting(function) for name, function in tests.items()}
        self.globals = {
            "range": _short_range, "dict": dict, "cycler": Cycler, "joiner": Joiner, "namespace": Namespace
        }  # fmt: skip
        speak(self, wording)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may reach `attr` of `obj`."""
        if attr.startswith("_"):
            return False
        if isinstance(obj, Enum) and attr in ("name", "value"):
            return True
        if type(obj).__module__.partition(".")[0] == "hardcheck" and not isinstance(obj, type):
            return attr in _OWN_METHODS or not callable(value)
        if isinstance(obj, _OF_JINJA):
            return True
        return any(attr in names for kind, names in _METHODS if isinstance(obj, kind))

    def getattr(self, obj: Any, attribute: str) -> Any:
        """As in the sandbox, but an attribute that may not be reached is not even looked at."""
        return super().getattr(obj, attribute) if self._may_look(obj, attribute) else self._unsafe(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """As in the sandbox, with the same care for what is no item but an attribute."""
        if not isinstance(argument, str) or self._may_look(obj, argument):
            return super().getitem(obj, argument)
        if isinstance(obj, Mapping) and argument in obj:
            return obj[argument]
        return self._unsafe(obj, argument)

    def _may_look(self, obj: Any, attribute: str) -> bool:
        if isinstance(obj, Undefined):
            return True
        if isinstance(obj, Mapping) and not hasattr(type(obj), attribute):
            return True  # an item, written with a dot
        return self.is_safe_attribute(obj, attribute, None)

    def _unsafe(self, obj: Any, attribute: str) -> Undefined:
        return self.unsafe_undefined(obj, attribute)

    def wrap_str_format(self, value: Any) -> None:
        """The method `format` of texts is not there: it takes any width."""

    def is_safe_callable(self, obj: Any) -> bool:
        """Whether a template may call `obj`, which it can only have from us."""
        kinds = (dict, Cycler, Joiner, Namespace)
        return bool(super().is_safe_callable(obj)) and (not isinstance(obj, type) or obj in kinds)

    def call(self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: PYI063 - as Jinja2 has it
        """Call, and count what is gone through and what is made."""
        self._go_through(getattr(__obj, "__self__", None), *args, *kwargs.values())
        return self.kept(super().call(__context, __obj, *args, **kwargs))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Adding counts what it makes; what grows faster is for numbers alone."""
        plain = isinstance(left, (int, float)) and isinstance(right, (int, float))
        if operator == "**" or (operator != "+" and not plain):
            raise SecurityError("** is not there" if operator == "**" else f"{operator} is for numbers alone")
        if plain and any(isinstance(side, int) and side.bit_length() > _MOST_BITS for side in (left, right)):
            raise TooMuchError("a number beyond any that a report needs")
        return self.kept(super().call_binop(context, operator, left, right))

    def tick(self) -> str:
        """One step more."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise TooMuchError(f"more than {MOST_STEPS} rounds of loops")
        return ""

    def kept(self, value: Any) -> Any:
        """`value`, its size counted."""
        self._made += 1 + (len(value) if isinstance(value, (Sized, str)) else 0)
        if isinstance(value, int) and not isinstance(value, bool):
            self._made += value.bit_length() // 8
        if self._made > MOST_SIZE:
            raise TooMuchError(f"more than {MOST_SIZE} characters")
        return value

    def _go_through(self, *values: Any) -> None:
        for value in values:
            if isinstance(value, (str, list, tuple, dict)):
                self.kept(value)

    def joined(self, *parts: Any) -> Any:
        """What ``~`` makes, its size counted."""
        shown = [part if hasattr(part, "__html__") else str(part) for part in parts]
        self.kept("".join(str(part) for part in shown))
        marked = next((part for part in shown if hasattr(part, "__html__")), None)
        return "".join(shown) if marked is None else type(marked)("").join(shown)

    def _shown(self, value: object) -> object:
        shown = visible_only(value)
        self.kept(str(shown))
        return shown

    def _counting(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def counted(*args: Any, **kwargs: Any) -> Any:
            self._go_through(*args, *kwargs.values())
            return self.kept(function(*args, **kwargs))

        return counted

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        return _Bounded(self).visit(tree)  # type: ignore[no-any-return]


class _Bounded(NodeTransformer):
    """Puts the counting into a template, and refuses what would go around the gates."""

    def __init__(self, environment: Sandbox) -> None:
        self._environment = environment

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - as Jinja2 names it
        self.generic_visit(node)
        node.body.insert(0, self._step(node))
        return node

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.body.insert(0, self._step(node))
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return self._call("joined", node.nodes, node)

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.expr = self._call("kept", [node.expr], node)
        for operand in node.ops:
            operand.expr = self._call("kept", [operand.expr], node)
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return self._call("kept", [node], node) if isinstance(node.arg, nodes.Slice) else node

    def visit_ScopedEvalContextModifier(self, node: nodes.ScopedEvalContextModifier) -> nodes.Node:  # noqa: N802
        raise TemplateSyntaxError("autoescape cannot be switched: leave the block away", node.lineno)

    visit_EvalContextModifier = visit_ScopedEvalContextModifier  # noqa: N815

    def visit_Filter(self, node: nodes.Filter) -> nodes.Node:  # noqa: N802
        if node.name not in self._environment.filters:
            why = ": everything is escaped, by itself" if node.name == "safe" else ""
            raise TemplateSyntaxError(f"the filter {node.name!r} is not there{why}", node.lineno)
        return self.generic_visit(node)

    def _step(self, node: nodes.Node) -> nodes.Stmt:
        return nodes.ExprStmt(self._call("tick", [], node), lineno=node.lineno, environment=self._environment)

    def _call(self, name: str, args: Sequence[nodes.Expr], node: nodes.Node) -> nodes.Call:
        made = nodes.Call(nodes.EnvironmentAttribute(name), list(args), [], None, None)
        return made.set_lineno(node.lineno).set_environment(self._environment)  # type: ignore[return-value]


def _short_range(*bounds: int) -> range:
    """The built-in one, for numbers of rounds that a report can need."""
    found = range(*bounds)
    if len(found) > MOST_RANGE:
        raise TooMuchError(f"a range of more than {MOST_RANGE}")
    return found


def _formatted(pattern: str, *values: Any) -> str:
    """``%`` of numbers and texts, of a width that fits into a table."""
    if not isinstance(pattern, str) or not _FORMAT.fullmatch(pattern):
        raise SecurityError("format takes %d, %e, %f, %g and %s, of at most two digits each")
    return str(pattern) % values


def _joined(items: Iterable[Any], between: str = "", attribute: str | None = None) -> str:
    """The items with `between` between them; as text, which is escaped where it is shown."""
    if attribute is not None:
        raise SecurityError("join takes no attribute here: map(attribute=...) first")
    parts = [str(item) for item in items]
    if len(str(between)) * len(parts) > MOST_SIZE:
        raise TooMuchError(f"more than {MOST_SIZE} characters")
    return str(between).join(parts)


def _replaced(text: str, old: str, new: str) -> str:
    """`text` with `new` for each `old`; as text, which is escaped where it is shown."""
    text, old, new = str(text), str(old), str(new)
    if not old or (text.count(old) + 1) * len(new) > MOST_SIZE:
        raise TooMuchError("replace has nothing to look for, or makes too much")
    return text.replace(old, new)


def _rounded(value: float, digits: int = 0) -> float:
    return round(float(value), max(-20, min(20, int(digits))))
