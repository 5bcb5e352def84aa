"""How the program was started, so that a next step that is shown can be typed as it stands."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

NAME: Final = "hardcheck"


def command_line(*arguments: str | Path) -> str:
    """`arguments` of a hardcheck command as a person types them in this shell, with the program first."""
    import shlex

    return " ".join((program(), *(shlex.quote(str(each)) for each in arguments)))


def program() -> str:
    """The program as it was started: a bare name where the shell finds it by that, else a path."""
    started = Path(sys.argv[0])
    if started.name == "__main__.py" and started.parent.name == NAME:
        return f"{_typed(Path(sys.executable))} -m {NAME}"
    return _typed(started) if started.stem == NAME and started.is_file() else NAME


def _typed(path: Path) -> str:
    """`path` by its name where the shell finds it so, else from the current folder, else whole."""
    import shlex
    import shutil

    found = shutil.which(path.name)
    if found is not None and Path(found).absolute() == path.absolute():
        return path.name
    try:
        nearer = path.absolute().relative_to(Path.cwd())
    except (OSError, ValueError):
        return shlex.quote(str(path))
    # A name alone is not looked for in the current folder.
    return shlex.quote(str(nearer) if len(nearer.parts) > 1 else f".{os.sep}{nearer}")
