"""What is wrong with YAML that its parser cannot read, in plain words and with what to write instead.

The parser tells where it could not go on. What has to be mended often stands before that: a quote or a bracket that
is not closed is told where it opens.
"""

from __future__ import annotations

from typing import Any, Final

from hardcheck.library.problem import Complaint, Mark

START: Final = Mark(1, 1)

_NO_COLON: Final = "this line has no colon with a space after it"
_QUOTE: Final = "close it in the line that it opens in"
_TAB: Final = ("a tab stands here", "write spaces: YAML indents with spaces alone")
_WORDS: Final = (
    ("violates indentation", *_TAB),
    ("unknown escape", "a backslash means something else between double quotes", "put the value in single quotes"),
    ("anchor", "a value cannot begin with & or *", "put it in quotes"),
    ("tag", "a value cannot begin with !", "put it in quotes"),
)
"""Words of the parser's message, what they mean, and what to write."""


_DEEPER: Final = ("this line begins further right than the key above, which has its value", "begin it below that key")


class Reading:
    """The text that is being parsed, and the last quoted value that went over the end of its line."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._long: tuple[Mark, Mark] | None = None

    def note(self, event: Any) -> None:
        """Remember what an error that follows may come from."""
        if getattr(event, "style", None) in ('"', "'") and event.start_mark.line != event.end_mark.line:
            self._long = mark_of(event.start_mark), mark_of(event.end_mark)

    def complaint(self, error: Any) -> Complaint:
        """The parser's `error` (a MarkedYAMLError), at the place that has to be mended."""
        mark, message, instead = self._told(error)
        return Complaint(mark, f"not YAML: {message}", instead)

    def _told(self, error: Any) -> tuple[Mark, str, str]:
        context, problem = error.context or "", error.problem or ""
        opened, mark = mark_of(error.context_mark), mark_of(error.problem_mark or error.context_mark)
        if self._long is not None and self._long[1].line == mark.line:
            return self._long[0], f"the quote that opens here is closed only in line {mark.line}", _QUOTE
        if "quoted scalar" in context and "end of stream" in problem:
            return opened, "the quote that opens here is never closed", _QUOTE
        if "flow" in context:
            return self._unclosed(opened, mark)
        if "block scalar" in context:
            return opened, *self._no_start(opened)
        if "expected ':'" in problem:
            return opened, _NO_COLON, "write key: value"
        return self._here(mark, context, problem)

    def _here(self, mark: Mark, context: str, problem: str) -> tuple[Mark, str, str]:
        """What has to be mended where the parser stopped, or in the line before."""
        if "cannot start any token" in problem or "mapping keys are not allowed" in problem:
            return mark, *(_TAB if self._at(mark) == "\t" else self._no_start(mark))
        if "mapping values are not allowed" in problem:
            return self._colon(mark)
        for words, message, instead in _WORDS:
            if words in problem or words in context:
                return mark, message, instead
        if context.startswith("while parsing a block"):
            return mark, *self._misplaced(mark)
        return mark, f"{context} {problem}".strip(), "check the indentation, quotes and brackets"

    def _unclosed(self, opened: Mark, mark: Mark) -> tuple[Mark, str, str]:
        bracket = self._at(opened)
        closing = {"[": "]", "{": "}"}.get(bracket, "its end")
        if opened.line == mark.line:
            return (
                mark,
                f"a comma or {closing} is missing before this",
                f"write key: value, with commas, then {closing}",
            )
        message = f"the {bracket} that opens here is not closed, or a comma is missing before line {mark.line}"
        return opened, message, f"write {closing} behind the last of its values"

    def _colon(self, mark: Mark) -> tuple[Mark, str, str]:
        """A colon in a value, or the first of its line after a line that has none with a space behind it."""
        before = [(n, line) for n, line in enumerate(self._lines[: mark.line - 1], 1) if line.split("#")[0].strip()]
        if ": " in self._lines[mark.line - 1][: mark.column - 1] or not before:
            return mark, "a second colon stands in this line", "put the whole value in quotes"
        number, line = before[-1]
        if ": " in line and _indent(line) < _indent(self._lines[mark.line - 1]):
            # What stands above is a key with its value: this line goes on with it by its indentation alone.
            return Mark(mark.line, 1 + _indent(self._lines[mark.line - 1])), *_DEEPER
        return Mark(number, 1 + _indent(line)), _NO_COLON, "write key: value"

    def _no_start(self, mark: Mark) -> tuple[str, str]:
        return f"a value cannot begin with {self._at(mark)!r}", "put it in quotes"

    def _misplaced(self, mark: Mark) -> tuple[str, str]:
        line = self._lines[mark.line - 1] if mark.line <= len(self._lines) else ""
        if line[: mark.column - 1].strip():
            return "what stands here belongs to no value", "put the whole value in one pair of quotes"
        return (
            "this line begins in a column of its own",
            "begin it below the first letter of the keys that it goes with",
        )

    def _at(self, mark: Mark) -> str:
        line = self._lines[mark.line - 1] if mark.line <= len(self._lines) else ""
        return line[mark.column - 1 : mark.column]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def mark_of(mark: Any) -> Mark:
    """The place of one of the parser's marks, which count from 0; the start where there is none."""
    return Mark(mark.line + 1, mark.column + 1) if mark is not None else START
