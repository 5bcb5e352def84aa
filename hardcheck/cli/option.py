"""Options that several commands share, and the kinds of value that they take."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from hardcheck.cli.output import folder_of
from hardcheck.errors import MetricError, UsageError
from hardcheck.metric import Metric

Command = TypeVar("Command", bound=Callable[..., Any])


Paths = Path | tuple[Path, ...]
"""What a command reads: one path, or the files of one plan, or with --course the paths of several plans."""


class Pair(click.ParamType[tuple[str, str]]):
    """``NAME=VALUE``, as a tuple. `example` is how somebody might write it."""

    def __init__(self, left: str, right: str, example: str) -> None:
        self.name = f"{left}={right}"
        self.example = example

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The two sides of the first ``=``."""
        if isinstance(value, tuple):
            return value
        left, equals, right = (part.strip() for part in str(value).partition("="))
        if not (left and equals and right):
            self.fail(f"{value!r} is not written as {self.name}, as in {self.example}", param, ctx)
        return left, right


def existing(_context: click.Context, _parameter: click.Parameter, path: Path) -> Path:
    """`path`; UsageError where it is not there."""
    if not path.exists():
        raise UsageError("no such file or folder", where=str(path), do="name the folder of an exported plan")
    return path


def read_paths(context: click.Context, _parameter: click.Parameter, paths: Sequence[Path]) -> Paths:
    """`paths` as one plan is read from them, or with --course as they are.

    UsageError where one is not there, or where they cannot be one plan.
    """
    for path in paths:
        existing(context, _parameter, path)
    if len(paths) == 1:
        return paths[0]
    if context.params.get("course") or folder_of(context.params.get("destinations") or ()):
        return tuple(paths)
    folders = [path for path in paths if path.is_dir()]
    if folders:
        raise UsageError(
            f"{len(paths)} paths were given, and {folders[0]} among them is a folder",
            do="give one folder for one plan at a time, the files of one plan, --course for plans that add up, "
            "or -o FOLDER/ for a report of each",
        )
    return tuple(paths)


PLAN_PATH = click.argument(
    "path",
    metavar="PATH...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path),
    callback=read_paths,
)


PLAN_PATH_OR_NONE = click.argument(
    "path",
    metavar="[PATH...]",
    nargs=-1,
    type=click.Path(path_type=Path),
    callback=lambda context, parameter, paths: read_paths(context, parameter, paths) if paths else (),
)


END_CAPS = click.option(
    "--end-caps",
    type=click.Choice(["half", "none"]),
    default="half",
    show_default=True,
    help="How far a structure reaches beyond its first and last contour: half a slice, or not at all.",
)


BETWEEN_SLICES = click.option(
    "--between-slices",
    type=click.Choice(["blend", "shape"]),
    default="blend",
    show_default=True,
    help="What lies between two slices: both outlines, each the less the further it is, or a shape that turns from one "
    "into the other, as in some planning systems.",
)


TPS = click.option(
    "--tps",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="DVHs of the planning system (text of Eclipse, RayStation, Monaco, PlanIQ) to be held against ours.",
)


ASSUME_LINKED = click.option(
    "--assume-linked", is_flag=True, help="Take files as belonging together that do not prove it. The report says so."
)


def plan_options(command: Command) -> Command:
    """The options by which one plan is read."""
    return ASSUME_LINKED(
        click.option("--plan", metavar="UID|LABEL", help="Which plan, where PATH holds several.")(command)
    )


def course_options(command: Command) -> Command:
    """The options by which one plan is read, or several as one course."""
    for option in (
        ASSUME_LINKED,
        click.option(
            "--structures-from",
            metavar="UID|LABEL",
            help="With --course: the plan whose structure set is used. The first where none is named.",
        ),
        # Known before the paths are looked at.
        click.option(
            "--course",
            is_flag=True,
            is_eager=True,
            help="The plans of several PATHs are given to one patient: add them up.",
        ),
        click.option(
            "--plan",
            "plans",
            multiple=True,
            metavar="UID|LABEL",
            help="Which plan, where PATH holds several; with --course, once for each.",
        ),
    ):
        command = option(command)
    return command


def alias_options(command: Command) -> Command:
    """The options by which ROIs are told to be structures of a protocol."""
    for option in (
        click.option(
            "--save-aliases",
            metavar="FILE.yaml",
            type=click.Path(path_type=Path),
            help="Add the names of the ROIs that --map chooses to this alias file, or make it. It is written anew, "
            "without comments: a file of yours that has some is left alone, and refused.",
        ),
        click.option(
            "--aliases",
            metavar="FILE.yaml",
            type=click.Path(path_type=Path),
            envvar="HARDCHECK_ALIASES",
            show_envvar=True,
            help="Your own names of the protocol's structures.",
        ),
        click.option(
            "--absent",
            multiple=True,
            metavar="NAME",
            help="You confirm that this organ of the protocol is not in range.",
        ),
        click.option(
            "--map",
            "mapping",
            multiple=True,
            type=Pair("GOAL_NAME", "ROI", "--map Cord=SpinalCord"),
            help="Which ROI is a structure of the protocol.",
        ),
    ):
        command = option(command)
    return command


SETTINGS = click.option(
    "--settings",
    metavar="FILE.yaml",
    type=click.Path(path_type=Path),
    envvar="HARDCHECK_SETTINGS",
    show_envvar=True,
    help="Name, logo, columns, order and words of your reports: docs/report-settings.md.",
)


def look_options(command: Command) -> Command:
    """The options by which a report has the look of a department."""
    for option in (
        click.option(
            "--template",
            metavar="FILE.html",
            type=click.Path(path_type=Path),
            help="A template of your own for .html and .pdf. It runs in a sandbox: docs/templates.md.",
        ),
        SETTINGS,
    ):
        command = option(command)
    return command


def levels_of(pairs: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Prescription levels in Gy by name; UsageError where one is not a dose or is given twice."""
    levels = {}
    for name, text in _once(pairs, "--level").items():
        levels[name] = _dose_gy(text, where=f"--level {name}", example="--level LR=50.6")
    return levels


def level_of(text: str | None) -> float | None:
    """The one prescription level in Gy that percentages are of; UsageError where it is not a dose."""
    return None if text is None else _dose_gy(text, where="--level", example="--level 66")


def _dose_gy(text: str, *, where: str, example: str) -> float:
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,9})?", text, re.ASCII) or not float(text) > 0:
        raise UsageError(f"{text!r} is not a dose in Gy", where=where, do=f"write it as in {example}")
    return float(text)


def metrics_of(texts: Sequence[str]) -> tuple[Metric, ...]:
    """Each metric once; MetricError says how to write one whose unit alone is missing."""
    return tuple(_metric(text) for text in dict.fromkeys(texts))


def _metric(text: str) -> Metric:
    try:
        return Metric.parse(text)
    except MetricError as error:
        written = [form for form in (f"{text.strip()}[{unit}]" for unit in ("Gy", "%", "cc", "")) if _is_metric(form)]
        if not written:
            raise
        # A dose is asked for in Gy; of a volume nobody can tell which is meant.
        meant = written[:1] if written[0].endswith("[Gy]") else written
        raise MetricError(error.what, where="--metric", do=f"write {' or '.join(meant)}") from None


def _is_metric(text: str) -> bool:
    try:
        Metric.parse(text)
    except MetricError:
        return False
    return True


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
