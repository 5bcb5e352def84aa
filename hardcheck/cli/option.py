"""Options that several commands share, and the kinds of value that they take."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from hardcheck.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., Any])


class Pair(click.ParamType[tuple[str, str]]):
    """``NAME=VALUE``, as a tuple."""

    def __init__(self, left: str, right: str) -> None:
        self.name = f"{left}={right}"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The two sides of the first ``=``."""
        if isinstance(value, tuple):
            return value
        left, equals, right = (part.strip() for part in str(value).partition("="))
        if not (left and equals and right):
            self.fail(f"{value!r} is not written as {self.name}", param, ctx)
        return left, right


PLAN_PATH = click.argument("path", metavar="PATH", type=click.Path(exists=True, path_type=Path))


END_CAPS = click.option(
    "--end-caps",
    type=click.Choice(["half", "none"]),
    default="half",
    show_default=True,
    help="How far a structure reaches beyond its first and last contour: half a slice, or not at all.",
)


def plan_options(command: Command) -> Command:
    """The options by which a plan is read."""
    for option in (
        click.option(
            "--assume-linked",
            is_flag=True,
            help="Take files as belonging together that do not prove it. The report says so.",
        ),
        click.option("--plan", metavar="UID|LABEL", help="Which plan, where PATH holds several."),
    ):
        command = option(command)
    return command


def levels_of(pairs: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Prescription levels in Gy by name; UsageError where one is not a dose or is given twice."""
    levels = {}
    for name, text in _once(pairs, "--level").items():
        if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,9})?", text, re.ASCII) or not float(text) > 0:
            raise UsageError(
                f"{text!r} is not a dose in Gy", where=f"--level {name}", do="write it as in --level LR=50.6"
            )
        levels[name] = float(text)
    return levels


def mapping_of(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """ROI by structure of the protocol; UsageError where one is given twice."""
    return _once(pairs, "--map")


def _once(pairs: Sequence[tuple[str, str]], option: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise UsageError(f"{name!r} is given twice", where=option, do="give it once")
        found[name] = value
    return found
