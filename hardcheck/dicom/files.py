"""The files that a path stands for: a folder with all that is below it, a single file, or a zip of them.

Names and extensions mean nothing. Nothing is unpacked to disk, so no name from an archive is ever a path.
"""

from __future__ import annotations

import mmap
import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from hardcheck.dicom.dataset import Buffer
from hardcheck.errors import InputError, LimitError

MAX_FILES: Final = 20_000
"""Files below one path; a plan with its images has some hundred."""
MAX_FILE_BYTES: Final = 2**31
"""A dose grid of 400 x 400 x 400 voxels of 32 bits has an eighth of it."""
MAX_INFLATED_BYTES: Final = 2**32
"""What the entries of one zip may hold together: a CT of 2000 slices four times."""

RT_SOP_CLASSES: Final = b"1.2.840.10008.5.1.4.1.1.481."
_HEAD_BYTES: Final = 4096
UNREADABLE: Final = (
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
)
"""What reading a file or a zip may raise, whatever it holds."""
_ZIP_STARTS: Final = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True, slots=True)
class Source:
    """One file, on disk or as an entry of an archive that is open."""

    name: str
    """Relative to the path that was named."""
    path: Path
    archive: zipfile.ZipFile | None = None
    entry: zipfile.ZipInfo | None = None
    named: bool = False
    """The path that was given is this very file."""

    def read(self) -> Buffer:
        """The content: bytes of an RT object, a map of any other file, whose pixels are so never read."""
        try:
            if self.archive is not None and self.entry is not None:
                return self.archive.read(self.entry)
            with self.path.open("rb") as file:
                head = file.read(_HEAD_BYTES)
                size = self.path.stat().st_size
                if size > MAX_FILE_BYTES:
                    raise LimitError(f"has more than {MAX_FILE_BYTES} bytes", where=self.name)
                if size <= len(head) or RT_SOP_CLASSES in head:
                    return head + file.read()
                return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except UNREADABLE as error:
            raise self._unreadable(error) from None

    def head(self, count: int) -> tuple[bytes, int]:
        """The first `count` bytes, all where there are fewer, and the size of the whole; InputError as `read`."""
        try:
            if self.archive is not None and self.entry is not None:
                with self.archive.open(self.entry) as packed:
                    return packed.read(count), self.entry.file_size
            with self.path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                data = file.read(min(count, size))  # memory is taken for what is asked
        except UNREADABLE as error:
            raise self._unreadable(error) from None
        return data, size

    def open(self) -> IO[bytes]:
        """The content as a file that can be sought in. Raises what `UNREADABLE` lists."""
        if self.archive is not None and self.entry is not None:
            return self.archive.open(self.entry)
        return self.path.open("rb")

    def _unreadable(self, error: Exception) -> InputError:
        return InputError(f"cannot be read ({type(error).__name__})", where=self.name, do="check the file")


@contextmanager
def open_sources(path: str | Path | Sequence[str | Path]) -> Iterator[list[Source]]:
    """All files of `path` (or of several paths), sorted by name, open for reading as long as the context lasts."""
    paths = [path] if isinstance(path, str | Path) else list(path)
    with ExitStack() as stack:
        sources = [source for each in paths for source in _below(Path(each), stack)]
        if len(sources) > MAX_FILES:
            raise LimitError(f"holds {len(sources)} files, and at most {MAX_FILES} are read", where=str(paths[0]))
        yield sources


def _below(path: Path, stack: ExitStack) -> Iterator[Source]:
    try:
        if path.is_dir():
            yield from _folder(path)
        elif not path.exists():
            raise InputError(
                "no such file or folder", where=str(path), do="name the folder of an exported plan, or a zip of it"
            )
        elif path.is_file() and _is_zip(path):
            yield from _zip(path, stack)
        else:
            yield Source(path.name, path, named=True)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read ({type(error).__name__})", where=str(path), do="check the path") from None


def _folder(path: Path) -> Iterator[Source]:
    found = []
    for each in _files(path, set()):
        found.append(each)
        if len(found) > MAX_FILES:
            raise LimitError(f"holds more than {MAX_FILES} files", where=str(path), do="name the folder of the plan")
    for each in sorted(found):
        yield Source(each.relative_to(path).as_posix(), each)


def _files(folder: Path, seen: set[Path]) -> Iterator[Path]:
    """The files below a folder, also behind links to folders, each folder once; OSError where one cannot be read."""
    real = folder.resolve()
    if real in seen:
        return
    seen.add(real)
    for each in sorted(folder.iterdir()):
        if each.is_dir():
            yield from _files(each, seen)
        elif each.is_file():  # a pipe or a device would never end
            yield each


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in _ZIP_STARTS


def _zip(path: Path, stack: ExitStack) -> Iterator[Source]:
    try:
        archive = stack.enter_context(zipfile.ZipFile(path))
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise InputError(f"is a damaged zip ({type(error).__name__})", where=path.name, do="make it again") from None
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_FILES:
        raise LimitError(f"holds {len(entries)} files, and at most {MAX_FILES} are read", where=path.name)
    # A zip entry never gives more bytes than its directory declares, so the sizes can be trusted as bounds.
    if any(entry.file_size > MAX_FILE_BYTES for entry in entries):
        raise LimitError(f"an entry inflates to more than {MAX_FILE_BYTES} bytes", where=path.name)
    if sum(entry.file_size for entry in entries) > MAX_INFLATED_BYTES:
        raise LimitError(f"inflates to more than {MAX_INFLATED_BYTES} bytes", where=path.name)
    for entry in sorted(entries, key=lambda each: each.filename):
        yield Source(f"{path.name}/{entry.filename}", path, archive, entry)
