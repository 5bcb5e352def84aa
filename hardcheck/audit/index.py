"""The index of an archive: which files there are, and of which plans they are. It is kept in the store.

Only new and changed files are read again, and those that could not be used the last time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from hardcheck.archive import IndexedFile, Linked, Obstacle, Place, Stamp, changes, link, uncompared, walk
from hardcheck.audit.pool import Lost, Pool
from hardcheck.audit.progress import Progress
from hardcheck.audit.task import OUT_OF_MEMORY
from hardcheck.dicom import HEADER_FORMAT, Header, content_of, read_header
from hardcheck.errors import defect_text
from hardcheck.store import KnownFile, Store

TOGETHER: Final = 64
"""Headers that a process reads at a time."""
KEPT: Final = 4096
"""Headers after which what was read is stored."""
LOST: Final = "its header could not be read: the process that read it ended"


@dataclass(frozen=True, slots=True)
class Index:
    """The files of an archive and its plans, what could not be looked at, and the checksums that are known."""

    archive: str
    """What the store calls it: the whole path of its folder."""
    files: Mapping[str, IndexedFile]
    """By path, in the order of the paths."""
    stamps: Mapping[str, Stamp]
    linked: Linked
    places: Mapping[str, Place]
    """Of each file by its path."""
    sha256: dict[str, str]
    """Of files whose plans were evaluated, by path; more are added as they become known."""
    obstacles: tuple[Obstacle, ...] = ()

    @classmethod
    def of(
        cls,
        archive: str,
        files: Iterable[IndexedFile],
        stamps: Mapping[str, Stamp],
        sha256: dict[str, str],
        obstacles: tuple[Obstacle, ...] = (),
    ) -> Index:
        """With the plans that `files` are of."""
        ordered = {file.path: file for file in sorted(files, key=lambda file: file.path)}
        linked = link(ordered.values())
        places = {place.path: place for place in linked.places}
        return cls(archive, ordered, stamps, linked, places, sha256, obstacles)

    @property
    def fingerprint(self) -> str:
        """Another one where any file has another path, size, time of modification, bin or reason."""
        whole = hashlib.sha256()
        for path, place in self.places.items():
            stamp = self.stamps[path]
            line = repr((path, stamp.size_bytes, stamp.mtime_ns, str(place.bin), place.reason))
            whole.update(line.encode("utf-8", "surrogateescape"))
        return whole.hexdigest()

    def rows(self, paths: Iterable[str]) -> dict[str, KnownFile]:
        """What the store is to know of the files at `paths`."""
        return {
            path: _row(self.files[path], self.stamps[path], self.sha256.get(path, ""), self.places[path])
            for path in paths
        }


def archive_name(root: Path) -> str:
    """What the store calls the archive in `root`."""
    return str(root.resolve())


def index_archive(root: Path, store: Store, pool: Pool, progress: Progress | None = None) -> Index:
    """The index of the archive in `root`, brought up to date in `store`. InputError where there is no such folder."""
    progress = progress or Progress()
    archive = archive_name(root)
    progress.started(archive)
    walked = walk(root)
    known = store.files(archive)
    stamps = {stamp.path: stamp for stamp in walked.files}
    before = [Stamp(path, file.size, file.mtime_ns) for path, file in known.items() if _is_usable(file)]
    change = changes(walked.files, before)
    same = {stamp.path: known[stamp.path] for stamp in change.same}
    files = {path: _file(path, file.header or {}) for path, file in same.items()}
    read: list[str] = []
    for file in _read(root, pool, [stamp.path for stamp in change.to_read]):
        files[file.path] = file
        read.append(file.path)
        progress.reading(len(read), len(change.to_read))
        if len(read) % KEPT == 0:
            store.put_files(archive, {path: _row(files[path], stamps[path], "", None) for path in read[-KEPT:]})
    compared = _compared(root, pool, files.values())
    files |= compared
    index = Index.of(archive, files.values(), stamps, _checksums(same), walked.obstacles)
    moved = [path for path, file in same.items() if _is_moved(file, index.places[path])]
    store.put_files(archive, index.rows(sorted({*read, *compared, *moved})))
    if not store.anonymous:  # which knows no path
        store.forget_files(archive, known.keys() - stamps.keys())
    return index


def known_index(store: Store, archive: str) -> Index:
    """The index as it is stored, without a look at the archive; empty of an anonymous store, which keeps none."""
    known = {path: file for path, file in store.files(archive).items() if file.header is not None}
    stamps = {path: Stamp(path, file.size, file.mtime_ns) for path, file in known.items()}
    files = (_file(path, file.header or {}) for path, file in known.items())
    return Index.of(archive, files, stamps, _checksums(known))


def _checksums(known: Mapping[str, KnownFile]) -> dict[str, str]:
    found = {path: str((file.header or {}).get("sha256", "")) for path, file in known.items()}
    return {path: sha256 for path, sha256 in found.items() if sha256}


def _is_usable(file: KnownFile) -> bool:
    """Whether what is known of a file may be relied on: what could not be read may be readable now."""
    row = file.header
    if row is None or row.get("format") != HEADER_FORMAT:
        return False
    header = Header.of_row(row["header"])
    return header.problem is None or header.is_foreign


def _is_moved(file: KnownFile, place: Place) -> bool:
    """Whether the store knows another bin of it, or another reason."""
    return (file.outcome, (file.header or {}).get("reason", "")) != (str(place.bin), place.reason)


def _file(path: str, row: Mapping[str, Any]) -> IndexedFile:
    return IndexedFile(path, Header.of_row(row["header"]), row["content"])


def _row(file: IndexedFile, stamp: Stamp, sha256: str, place: Place | None) -> KnownFile:
    row = {"format": HEADER_FORMAT, "header": file.header.as_row(), "content": file.content, "sha256": sha256}
    if place is None:
        return KnownFile(stamp.size_bytes, stamp.mtime_ns, row)
    return KnownFile(stamp.size_bytes, stamp.mtime_ns, row | {"reason": place.reason}, str(place.bin))


def _read(root: Path, pool: Pool, paths: Sequence[str]) -> Iterator[IndexedFile]:
    """The headers of the files at `paths`, in any order."""
    parts = [(str(root), tuple(paths[at : at + TOGETHER])) for at in range(0, len(paths), TOGETHER)]
    lost: list[str] = []
    for (_, some), headers in pool.map(_headers, parts):
        if isinstance(headers, Lost):
            lost += some
        else:
            yield from map(IndexedFile, some, headers)
    # One of them ended a process: each by itself, so that the others are read.
    for (_, (path,)), header in pool.map(_headers, [(str(root), (path,)) for path in lost]):
        yield IndexedFile(path, Header(problem=LOST) if isinstance(header, Lost) else header[0])


def _compared(root: Path, pool: Pool, files: Iterable[IndexedFile]) -> dict[str, IndexedFile]:
    """The files that share their UID with others, with their content."""
    shared = {file.path: file for file in uncompared(files)}
    answers = pool.map(_content, [(str(root), path) for path in shared])
    return {
        path: replace(shared[path], content="" if isinstance(content, Lost) else content)
        for (_, path), content in answers
    }


def _headers(part: tuple[str, tuple[str, ...]]) -> tuple[Header, ...]:
    root, paths = part
    return tuple(_header(Path(root, path), path) for path in paths)


def _header(path: Path, name: str) -> Header:
    try:
        return read_header(path, name)
    except MemoryError:
        return Header(problem=f"its header {OUT_OF_MEMORY}")
    except Exception as error:  # a defect of ours: told, and no reason to leave the others
        return Header(problem=defect_text(error))


def _content(part: tuple[str, str]) -> str:
    root, path = part
    return content_of(Path(root, path))
