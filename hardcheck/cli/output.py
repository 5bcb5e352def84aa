"""Files and streams that a command was asked to write: examined before the work starts, written after it is done."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardcheck.errors import UsageError

_REPORTS = (".html", ".json", ".csv", ".xml", ".pdf")


@dataclass(frozen=True, slots=True)
class Output:
    """One thing to write: `form` is a suffix without its dot, such as "html", `path` is None for standard output."""

    form: str
    path: Path | None

    def write(self, content: bytes) -> None:
        """Put `content` there, whole or not at all."""
        if self.path is None:
            sys.stdout.buffer.write(content)
            return
        from hardcheck.report.file import write_whole

        write_whole(self.path, content)


def outputs_of(files: Sequence[Path], forms: Sequence[str], streams: Mapping[str, str | None]) -> tuple[Output, ...]:
    """The outputs of ``-o FILE`` by suffix (one of `forms`) and of options such as ``--json FILE|-`` by form.

    Raises UsageError for what could not be written in the end, so that nobody waits for nothing.
    """
    for path in files:
        _refuse_folder(path)  # before its suffix is looked at: a folder has none
    outputs = [Output(_form(path, forms), path) for path in files]
    outputs += [Output(form, None if to == "-" else Path(to)) for form, to in streams.items() if to is not None]
    if sum(output.path is None for output in outputs) > 1:
        raise UsageError("standard output takes one document", do="give - once and name a file for the other")
    files_asked = [output.path for output in outputs if output.path is not None]
    if any(output.form == "pdf" for output in outputs):
        from hardcheck.pdf import need_engine

        need_engine()
    for path in files_asked:
        _examine(path)
        if [other.resolve() for other in files_asked].count(path.resolve()) > 1:
            raise UsageError("is to be written twice", where=str(path), do="give each output its own file")
    return tuple(outputs)


def folder_of(destinations: Sequence[str]) -> Path | None:
    """The folder that ``-o`` names, None where it names files.

    A name that ends as a path of a folder does, or a folder that is there. One that is called like a report is
    not meant.
    """
    folders = [name for name in destinations if _is_folder(name)]
    if folders and len(destinations) > 1:
        raise UsageError("a folder takes the reports of all plans", where=f"-o {folders[0]}", do="give one -o then")
    return Path(folders[0]) if folders else None


def make_folder(folder: Path | None) -> None:
    """Make it where there is none. UsageError where it cannot be used."""
    if folder is None:
        return
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        said = f"the folder cannot be used ({error.strerror})"
        raise UsageError(said, where=f"-o {folder}", do="name a folder in one that exists and is yours") from None


def _is_folder(name: str) -> bool:
    if name.endswith(("/", os.sep)):
        return True
    return Path(name).is_dir() and Path(name).suffix.lower() not in _REPORTS


def refuse_beside_folder(options: Sequence[str]) -> None:
    """UsageError where options are about one plan, and the reports of all go into a folder."""
    if options:
        raise UsageError("is about one plan", where=options[0], do="leave it away, or name a file with -o")


def json_bytes(document: Mapping[str, Any]) -> bytes:
    """`document` as text, never with NaN."""
    from hardcheck.report import json_text

    return json_text(document).encode()


def _form(path: Path, forms: Sequence[str]) -> str:
    form = path.suffix.lower().removeprefix(".")
    if form not in forms:
        wanted = " or ".join(f".{f}" for f in forms)
        raise UsageError(
            f"the suffix {path.suffix!r} is none that this command writes", where=f"-o {path}", do=f"use {wanted}"
        )
    return form


def _refuse_folder(path: Path) -> None:
    if path.is_dir():
        raise UsageError("is a folder", where=str(path), do="name a file in it")


def _examine(path: Path) -> None:
    _refuse_folder(path)
    if path.exists() and not path.is_file():
        return  # a pipe or a device takes what it is given
    folder = path.resolve().parent
    if not folder.is_dir():
        raise UsageError("the folder of the output does not exist", where=str(path), do="make it first")
    if not os.access(folder, os.W_OK):
        raise UsageError("cannot be written", where=str(path), do="name a file in a folder that is yours")
