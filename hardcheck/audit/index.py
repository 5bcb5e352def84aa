"""The index of an archive: which files there are, and of which plans they are. It is kept in the store.

Only new and changed files are read again, and those that could not be used the last time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from hardcheck.archive import IndexedFile, Linked, Obstacle, Stamp, changes, link, uncompared, walk
from hardcheck.audit.pool import Pool
from hardcheck.audit.progress import Progress
from hardcheck.dicom import HEADER_FORMAT, Header, content_of, read_header
from hardcheck.store import KnownFile, Store

TOGETHER: Final = 64
"""Headers that a process reads at a time."""
KEPT: Final = 4096
"""Headers after which what was read is stored."""
LOST: Final = "its header could not be read: the process that read it ended"


@dataclass(slots=True)
class Index:
    """The files of the archive and its plans, what could not be looked at, and the checksums that are known."""

    archive: str
    """What the store calls it: the whole path of its folder."""
    files: tuple[IndexedFile, ...]
    linked: Linked
    obstacles: tuple[Obstacle, ...] = ()
    sha256: dict[str, str] = field(default_factory=dict)
    """Of files whose plans were evaluated, by path."""
    stamps: Mapping[str, Stamp] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, Header]:
        """The header of each file by its path."""
        return {file.path: file.header for file in self.files}

    def rows(self, paths: Iterable[str]) -> dict[str, KnownFile]:
        """What the store is to know of the files at `paths`."""
        files = {file.path: file for file in self.files}
        bins = {place.path: str(place.bin) for place in self.linked.places}
        return {path: _row(files[path], self.stamps[path], self.sha256.get(path, ""), bins.get(path)) for path in paths}


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
    to_read = changes(walked.files, before).to_read
    same = stamps.keys() - {stamp.path for stamp in to_read}
    index = Index(archive, (), Linked((), ()), walked.obstacles, stamps=stamps)
    kept = {path: _file(path, known[path].header or {}) for path in same}
    index.sha256 = {path: sha for path in same if (sha := (known[path].header or {}).get("sha256", ""))}
    done = 0
    unsaved: list[str] = []
    new: set[str] = set()
    for some in _read(root, pool, [stamp.path for stamp in to_read]):
        kept |= {file.path: file for file in some}
        unsaved += [file.path for file in some]
        new |= {file.path for file in some}
        done += len(some)
        progress.reading(done, len(to_read))
        if len(unsaved) >= KEPT:
            store.put_files(archive, {path: _row(kept[path], stamps[path], "", None) for path in unsaved})
            unsaved.clear()
    shared = [file.path for file in uncompared(kept.values())]
    for path, content in pool.map(_content, [(str(root), path) for path in shared]):
        kept[path[1]] = replace(kept[path[1]], content=content if isinstance(content, str) else "")
        new.add(path[1])
    index.files = tuple(kept[path] for path in sorted(kept))
    index.linked = link(index.files)
    bins = {place.path: str(place.bin) for place in index.linked.places}
    moved = {path for path in same if known[path].outcome != bins[path]}
    store.put_files(archive, index.rows(sorted(new | moved)))
    if not store.anonymous:  # which knows no path
        store.forget_files(archive, known.keys() - stamps.keys())
    return index


def known_index(store: Store, archive: str) -> Index:
    """The index as it is stored, without a look at the archive; empty of an anonymous store, which keeps none."""
    known = store.files(archive)
    stamps = {path: Stamp(path, file.size, file.mtime_ns) for path, file in known.items()}
    files = tuple(_file(path, file.header) for path, file in sorted(known.items()) if file.header is not None)
    sha256 = {path: sha for path, file in known.items() if (sha := (file.header or {}).get("sha256", ""))}
    return Index(archive, files, link(files), sha256=sha256, stamps=stamps)


def _is_usable(file: KnownFile) -> bool:
    """Whether what is known of a file may be relied on: what could not be read may be readable now."""
    row = file.header
    if row is None or row.get("format") != HEADER_FORMAT:
        return False
    header = Header.of_row(row["header"])
    return header.problem is None or header.is_foreign


def _file(path: str, row: Mapping[str, Any]) -> IndexedFile:
    return IndexedFile(path, Header.of_row(row["header"]), row["content"])


def _row(file: IndexedFile, stamp: Stamp, sha256: str, where: str | None) -> KnownFile:
    row = {"format": HEADER_FORMAT, "header": file.header.as_row(), "content": file.content, "sha256": sha256}
    return KnownFile(stamp.size_bytes, stamp.mtime_ns, row, where)


def _read(root: Path, pool: Pool, paths: Sequence[str]) -> Iterator[list[IndexedFile]]:
    parts = [(str(root), tuple(paths[at : at + TOGETHER])) for at in range(0, len(paths), TOGETHER)]
    lost: list[str] = []
    for (_, some), headers in pool.map(_headers, parts):
        if isinstance(headers, tuple):
            yield [IndexedFile(path, header) for path, header in zip(some, headers, strict=True)]
        else:
            lost += some
    # One of them ended a process: each by itself, so that the others are read.
    for (_, some), headers in pool.map(_headers, [(str(root), (path,)) for path in lost]):
        yield [IndexedFile(some[0], headers[0] if isinstance(headers, tuple) else Header(problem=LOST))]


def _headers(part: tuple[str, tuple[str, ...]]) -> tuple[Header, ...]:
    root, paths = part
    return tuple(read_header(Path(root, path), path) for path in paths)


def _content(part: tuple[str, str]) -> str:
    root, path = part
    return content_of(Path(root, path))
