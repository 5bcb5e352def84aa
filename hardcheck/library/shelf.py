"""The protocols that come with the package."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from hardcheck.errors import UsageError
from hardcheck.files import data_folder
from hardcheck.library.alias_file import read_aliases
from hardcheck.library.protocol_file import file_bytes, protocol_of, read_protocol
from hardcheck.protocol import Protocol
from hardcheck.spelling import did_you_mean


@dataclass(frozen=True, slots=True)
class ShelfEntry:
    """One protocol of the library."""

    id: str
    path: Path
    title: str
    version: str
    verification: str


def available() -> list[ShelfEntry]:
    """The protocols of the library, by id."""
    read = [(path, read_protocol(path)) for path in _paths().values()]
    return sorted(
        (ShelfEntry(p.id, path, p.title, p.version, p.verification) for path, p in read), key=lambda entry: entry.id
    )


def load_protocol(spec: str | Path, *, aliases: str | Path | None = None) -> Protocol:
    """The protocol of that id in the library, such as "hard", or the one in a ``.yaml`` file.

    `aliases` is a site's own alias file, whose names its structures get beside those of the protocol. A file that has
    the id of a shipped protocol, and is another one, has the `shipped_sha256` of that.
    Raises UsageError where there is none, and ProtocolError, with file, line and column, where a file says
    something that cannot be accepted.
    """
    return _on_shelf(read_protocol(protocol_path(spec)), aliases)


def stored_protocol(content: bytes, called: str, *, aliases: str | Path | None = None) -> Protocol:
    """The protocol of a file whose bytes were kept elsewhere, as `load_protocol` gives it; errors call it `called`."""
    return _on_shelf(protocol_of(content, called), aliases)


def protocol_bytes(spec: str | Path) -> bytes:
    """The file that `load_protocol` reads, to be kept elsewhere. UsageError as of that."""
    return file_bytes(protocol_path(spec))


def shipped_bytes(sha256: str) -> bytes | None:
    """The shipped file with that SHA-256, None where there is none."""
    found = (path.read_bytes() for path in _paths().values())
    return next((content for content in found if hashlib.sha256(content).hexdigest() == sha256), None)


def _on_shelf(protocol: Protocol, aliases: str | Path | None) -> Protocol:
    """`protocol` beside the shipped one with its id, with a site's own names."""
    shipped = _paths().get(protocol.id)
    sha256 = hashlib.sha256(shipped.read_bytes()).hexdigest() if shipped is not None else protocol.sha256
    if protocol.sha256 != sha256:
        protocol = replace(protocol, shipped_sha256=sha256)
    return protocol if aliases is None else read_aliases(Path(aliases)).applied_to(protocol)


def protocol_path(spec: str | Path) -> Path:
    """The file of the protocol of that id in the library, or `spec` itself where it names a ``.yaml`` file.

    Raises UsageError where it is neither.
    """
    if isinstance(spec, Path) or Path(spec).suffix.lower() in (".yaml", ".yml"):
        return Path(spec)
    paths = _paths()
    if spec not in paths:
        raise _unknown(spec, paths)
    return paths[spec]


def _unknown(spec: str, known: Collection[str]) -> UsageError:
    """Why `spec` is no protocol, though it may be something else that is there."""
    shipped = ", ".join(sorted(known))
    if spec and Path(spec).is_dir():
        return UsageError(
            "is a folder, and no protocol", where=spec, do=f"name a .yaml file in it, or one of: {shipped}"
        )
    if spec and Path(spec).is_file():
        do = f"name a .yaml file, or one of: {shipped}"
        return UsageError("is no protocol: its name does not end in .yaml", where=spec, do=do)
    hint = did_you_mean(spec, known, most=1) or f"known are {shipped}, or name a .yaml file"
    return UsageError(f"there is no protocol {spec!r}", do=hint)


def _paths() -> dict[str, Path]:
    """The files of the library by the id of their protocol, which is also the name of the file."""
    return {path.stem: path for path in sorted(data_folder("protocols").rglob("*.yaml"))}
