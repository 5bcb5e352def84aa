"""Where errors become one line and an exit status."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections import Counter
from io import TextIOWrapper
from typing import Any, NoReturn

import click

from hardcheck.cli.figure import counted
from hardcheck.cli.invocation import command_line
from hardcheck.cli.status import Status
from hardcheck.errors import HardcheckError, ProtocolError, defect_text, one_line


class PipeClosedError(Exception):
    """Who reads standard output has gone."""


class InterruptError(Exception):
    """Somebody pressed Ctrl-C; the text says what that means, where it means something."""


class Command(click.Command):
    """A command whose options that take one value are given once: the last one would win in silence."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse `args`, after a look at how often each option is there."""
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        single = (p for p in order if isinstance(p, click.Option) and not (p.multiple or p.is_flag or p.count))
        for option, times in Counter(single).items():
            if times > 1:
                raise click.UsageError(f"{option.opts[-1]} is given {times} times: give it once", ctx=ctx)
        return super().parse_args(ctx, args)


class Commands(click.Group):
    """A group of such commands."""

    command_class = Command


class Boundary(Commands):
    """The group that ends every run with a status of `Status`, and every error with one line."""

    group_class = Commands

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command and deliver what it printed."""
        try:
            status = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # Not left to click, which exits with 1: that is FAIL here.
            raise PipeClosedError from None
        except KeyboardInterrupt:
            # Not left to click, which prints an empty line first.
            raise InterruptError from None
        return status

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Run with the arguments that click takes here, those of the process without any, and exit."""
        sys.exit(self._status(args, {"prog_name": "hardcheck", **extra, "standalone_mode": False}))

    def _status(self, args: tuple[Any, ...], extra: dict[str, Any]) -> int:
        try:
            status = super().main(*args, **extra)
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            return Status.WRONG
        except click.ClickException as error:
            return _say(_usage(error))
        except (InterruptError, click.Abort) as error:
            _say(str(error) or "interrupted")
            return Status.INTERRUPTED
        except PipeClosedError:
            _forget_output()
            return Status.PIPE_CLOSED
        except HardcheckError as error:
            _debug()
            return _say(f"{error}{_more(error)}")
        except Exception as error:  # the last line of defence: no traceback, no message with patient data
            _debug()
            return _say(defect_text(error))
        return status if isinstance(status, int) else Status.DONE


def prepare_process() -> None:
    """What holds for a whole process, and is left alone where the commands run inside another one."""
    for stream in (sys.stdout, sys.stderr):
        # Text of a plan may hold any character, and a terminal may know ASCII only.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if not sys.warnoptions and not _debugging():
        # Libraries quote the values that they warn of, and those may be about the patient.
        warnings.simplefilter("ignore")


def _say(message: str) -> Status:
    click.echo(f"hardcheck: {one_line(message)}", err=True)
    return Status.WRONG


def _more(error: HardcheckError) -> str:
    """How many more problems a protocol file has, and what shows them; empty where it has one, or is no protocol."""
    if not isinstance(error, ProtocolError) or not error.file or len(error.problems) < 2:
        return ""
    count = len(error.problems) - 1
    return f"; and {counted(count, 'more problem')}: '{command_line('protocols', 'lint', error.file)}' shows all"


def _usage(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    message = error.format_message().rstrip(".")
    if context is None:
        return message
    return f"{message}; see '{command_line(*context.command_path.split()[1:], '--help')}'"


def _debugging() -> bool:
    return os.environ.get("HARDCHECK_DEBUG") == "1"


def _debug() -> None:
    if _debugging():
        traceback.print_exc()


def _forget_output() -> None:
    """Let the interpreter flush into nothing when it ends, instead of failing a second time."""
    try:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
    except (OSError, ValueError):
        return
