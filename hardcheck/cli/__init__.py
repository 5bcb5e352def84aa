"""The command line: parse, call, print. The only package that imports click and rich.

Nothing heavy is imported before a command runs: each command imports what it calls.
"""

from __future__ import annotations

from typing import NoReturn

from hardcheck.cli.boundary import prepare_process
from hardcheck.cli.commands import hardcheck

__all__ = ["main"]


def main() -> NoReturn:
    """The console script: run the command that was typed, and exit with its status."""
    prepare_process()
    hardcheck.main()
