"""The files below a folder, in an order that depends on their names alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hardcheck.errors import InputError, one_line

MAX_PATH_BYTES: Final = 2000
"""Of a longer one PostgreSQL makes no index (its rows of an index have at most 2704 bytes)."""


@dataclass(frozen=True, slots=True, order=True)
class Stamp:
    """A file by what changes when it does."""

    path: str
    """Relative to the archive, with ``/`` between folders."""
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True, order=True)
class Obstacle:
    """A file or folder of the archive that could not be looked at, and why. `path` may be made printable."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Walked:
    """All that is below the archive, each sorted by path: the files, and what could not be looked at."""

    files: tuple[Stamp, ...]
    obstacles: tuple[Obstacle, ...]


def walk(root: Path) -> Walked:
    """All files below `root`, InputError where it is no folder or cannot be listed itself.

    Links to files are followed; links to folders are not, since they may lead round in circles or out of the archive,
    and are told.
    """
    if not root.is_dir():
        raise InputError("no such folder", where=str(root), do="name the folder of the archive")
    files: list[Stamp] = []
    obstacles: list[Obstacle] = []
    ahead = [""]
    while ahead:
        folder = ahead.pop()
        try:
            with os.scandir(root / folder) as entries:
                found = list(entries)
        except OSError as error:
            if not folder:
                raise InputError(f"cannot be listed ({type(error).__name__})", where=str(root)) from None
            obstacles.append(Obstacle(one_line(folder), f"the folder cannot be listed ({type(error).__name__})"))
            continue
        for each in _told(found, folder):
            match each:
                case Stamp():
                    files.append(each)
                case Obstacle():
                    obstacles.append(each)
                case _:
                    ahead.append(each)
    return Walked(tuple(sorted(files)), tuple(sorted(obstacles)))


def _told(entries: list[os.DirEntry[str]], folder: str) -> Iterator[Stamp | Obstacle | str]:
    """A stamp for each file, the path of each folder, an obstacle for all else."""
    for entry in entries:
        path = f"{folder}/{entry.name}" if folder else entry.name
        try:
            size = len(path.encode("utf-8"))
        except UnicodeEncodeError:
            shown = path.encode("utf-8", "backslashreplace").decode("utf-8")
            yield Obstacle(one_line(shown), "its name is no text in UTF-8; rename it")
            continue
        if size > MAX_PATH_BYTES:
            yield Obstacle(one_line(path), f"its path is longer than {MAX_PATH_BYTES} bytes; shorten it")
            continue
        try:
            yield _told_of(entry, path)
        except OSError as error:
            yield Obstacle(one_line(path), f"cannot be looked at ({type(error).__name__})")


def _told_of(entry: os.DirEntry[str], path: str) -> Stamp | Obstacle | str:
    if entry.is_dir(follow_symlinks=False):
        return path
    if entry.is_dir():
        return Obstacle(one_line(path), "a link to a folder, which is not followed; name the folder itself")
    found = entry.stat()
    if not stat.S_ISREG(found.st_mode):  # a pipe or a device would never end
        return Obstacle(one_line(path), "neither a file nor a folder")
    return Stamp(path, found.st_size, found.st_mtime_ns)
