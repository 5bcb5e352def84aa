"""Archives of small plans with known outcomes, and how fast headers are read.

python -m benchmarks.archive generate FOLDER --plans 2000
python -m benchmarks.archive headers
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, Final

import pydicom

from benchmarks.archive_faults import FAULTS, NO_PLAN, Written
from benchmarks.archive_plan import Variant, variant
from benchmarks.results import machine, table, write_section
from hardcheck.archive import IndexedFile, link, uncompared, walk
from hardcheck.dicom import content_of, read_header
from hardcheck.dicom.files import Source
from hardcheck.dicom.inventory import examine
from hardcheck.dicom.rtdose import read_dose
from hardcheck.dicom.rtstruct import read_structures
from hardcheck.dicom.stream import Stream
from hardcheck.dicom.writer import DATE, write_beam_doses, write_plan
from hardcheck.errors import InputError

FAULTY: Final = 0.05
"""The part of plans with a fault."""
MANIFEST: Final = "manifest.json"

_SAMPLE: Final = Path(__file__).parents[1] / "sample_data"
_REPEATS: Final = 5
_SMALL_BYTES: Final = 100_000
"""Of smaller files most time goes into opening them."""
_CLINICAL_BYTES: Final = 500_000
"""Structure sets and doses of patients are larger."""


def generate(folder: Path, plans: int, seed: int = 1, faulty: float = FAULTY) -> dict[str, Any]:
    """Write `plans` plans into unsorted folders of `folder`, which is made; what is expected is returned.

    ``plans``: for each the SOP Instance UID, its fault (empty for a sound one), and the outcome: a verdict in
    capitals; ``no protocol`` where -p auto finds none; REFUSED for a complete plan whose reading is refused;
    ``conflict``, ``unreadable`` or ``unlinked`` for one that is not complete; empty where no RTPLAN is left. ``files``:
    the bin of each file by its path. The same arguments give the same bytes.
    """
    folder.mkdir(parents=True)
    random = Random(seed)  # noqa: S311 - to be the same each time
    faults = _drawn_faults(random, plans, faulty)
    manifest: dict[str, Any] = {"seed": seed, "plans": [], "files": {}}
    before: Variant | None = None
    for n, fault in enumerate(faults):
        again = before is not None and not fault and random.random() < 0.2
        patient = before.patient if again and before is not None else f"ARCHIVE-{seed}-{n:06d}"
        # Without its fault a plan would pass, so that what comes of it is of the fault alone.
        one = variant(random, patient, f"PLAN_{n:06d}", like=before if again else None, passing=bool(fault))
        _write(folder, one, fault, random, manifest, with_structures=not again)
        before = None if fault else one
    return manifest


def _drawn_faults(random: Random, plans: int, faulty: float) -> list[str]:
    """The fault of each plan, empty for most; each kind as often as any other, give or take one."""
    names = list(FAULTS)
    given = [names[n % len(names)] for n in range(round(plans * faulty))]
    drawn = given + [""] * (plans - len(given))
    random.shuffle(drawn)
    return drawn


def _write(
    folder: Path, one: Variant, fault: str, random: Random, manifest: dict[str, Any], *, with_structures: bool
) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        made = Path(temporary)
        plan = one.plan()
        write_plan(plan, made)
        if not fault and random.random() < 0.1:
            write_beam_doses(plan, made)
        _made_at_a_clinic(made, one.label)
        uid = read_header(made / "RP.dcm").uid
        if not with_structures:  # those of the plan before are the very same
            (made / "RS.dcm").unlink()
        written = Written(made, one.verdict)
        if fault:
            FAULTS[fault](written)
        for path in sorted(made.iterdir()):
            name = _place(random, is_copy=path.name.startswith("copy"))
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, folder / name)
            manifest["files"][name] = written.bin_of(path.name)
    said = {"uid": "" if written.outcome == NO_PLAN else uid, "fault": fault, "outcome": written.outcome}
    manifest["plans"].append(said)


def _made_at_a_clinic(made: Path, label: str) -> None:
    """Give plan and doses a machine and a day of three years, which say nothing of the outcome.

    The texts are as long as those that stood there, so that nothing else of the files changes.
    """
    random = Random(label)  # noqa: S311 - its own, so that the plan is as it would be without
    machine = random.choice([b"LINAC_A_1", b"LINAC_B_2", b"LINAC_C_3"])
    day = f"{random.randrange(2024, 2027)}{random.randrange(1, 13):02d}{random.randrange(1, 29):02d}".encode()
    for path in (path for path in made.iterdir() if path.name != "RS.dcm"):
        path.write_bytes(path.read_bytes().replace(b"SYNTHETIC", machine).replace(DATE.encode(), day))


def _place(random: Random, *, is_copy: bool) -> str:
    """A path that says nothing; that of a copy is behind all others."""
    parts = [f"{random.choice('abcdefgh')}{random.randrange(6)}" for _ in range(random.randrange(1, 4))]
    suffix = random.choice(["", ".dcm", ".img", ".txt", ".dcm.zip"])
    return "/".join([*(["z copies"] if is_copy else []), *parts, f"{random.getrandbits(64):016x}{suffix}"])


def index(root: Path) -> list[IndexedFile]:
    """All files of an archive with their headers, and with their content where they share a UID."""
    files = [IndexedFile(stamp.path, read_header(root / stamp.path)) for stamp in walk(root).files]
    contents = {file.path: content_of(root / file.path) for file in uncompared(files)}
    return [replace(file, content=contents.get(file.path, "")) for file in files]


def find(root: Path) -> None:
    """Link an archive that was generated, say how long that took, and hold it against its manifest."""
    start = time.perf_counter()
    files = index(root)
    read = time.perf_counter()
    linked = link(files)
    done = time.perf_counter()
    counts = ", ".join(f"{count} {each}" for each, count in linked.account.items() if count)
    print(f"{len(files)} files: {counts}; {sum(plan.is_complete for plan in linked.plans)} complete plans")
    print(f"headers {read - start:.2f} s, links {done - read:.2f} s")
    manifest = json.loads(_manifest(root).read_text("utf-8"))
    found = {place.path: str(place.bin) for place in linked.places}
    wrong = [path for path in found.keys() | manifest["files"].keys() if found.get(path) != manifest["files"].get(path)]
    if wrong:
        raise SystemExit(f"{len(wrong)} files are not where the manifest says: {', '.join(sorted(wrong)[:5])}")
    print("every file is in the bin that the manifest says")


def _manifest(folder: Path) -> Path:
    """Beside the archive, since it is no file of it."""
    return folder.with_name(f"{folder.name}.{MANIFEST}")


def headers(write: bool) -> None:
    """Measure reading a header against reading the whole file, on the sample and on HARDCHECK_DATA."""
    roots = [_SAMPLE, *([Path(data)] if (data := os.environ.get("HARDCHECK_DATA")) else [])]
    rows = []
    ratios: dict[str, list[tuple[float, ...]]] = {}
    for path in (path for root in roots for path in sorted(root.rglob("*")) if path.is_file()):
        kind = read_header(path).kind
        if kind not in _WHOLE or path.stat().st_size < _SMALL_BYTES:
            continue
        try:
            whole = _seconds(lambda p=path, k=kind: _read(p, k))
        except InputError:
            continue
        head = _seconds(lambda p=path: read_header(p))
        walked = _seconds(lambda p=path: examine(Source(p.name, p)))
        other = _seconds(lambda p=path: pydicom.dcmread(p, force=True))
        group = (
            f"{kind} over {_CLINICAL_BYTES / 1e6:g} MB" if path.stat().st_size > _CLINICAL_BYTES else f"{kind} below"
        )
        ratios.setdefault(group, []).append((whole / head, walked / head, other / head))
        times = (f"{seconds * 1e3:.2f}" for seconds in (head, walked, whole, other))
        size = f"{path.stat().st_size / 1e6:.2f}"
        rows.append((f"{kind} {path.parent.name}/{path.name}", size, *times, f"{whole / head:.0f}"))
    head_row = ("file", "MB", "header, ms", "walk, ms", "whole, ms", "pydicom, ms", "whole / header")
    medians = [
        (kind, len(found), *(f"{median(ratio):.0f}" for ratio in zip(*found, strict=True)))
        for kind, found in sorted(ratios.items())
    ]
    text = f"## Headers\n\n{machine()}\n\n{table(head_row, rows)}\n\n" + table(
        ("median of ratios to header", "files", "whole", "walk", "pydicom"), medians
    )
    print(text)
    if write:
        write_section("headers", text)


def _read(path: Path, kind: str) -> None:
    """The whole file as a plan is read from it: its walk, and its contours or voxels."""
    file = examine(Source(path.name, path))
    if file.error is not None:
        raise file.error
    _WHOLE[kind](file.usable)


_WHOLE: Final[dict[str, Callable[[Stream], object]]] = {
    "RTSTRUCT": lambda stream: read_structures(stream.dataset),
    "RTDOSE": read_dose,
}


def _seconds(work: Callable[[], object]) -> float:
    """The least of several, with the file in the system's cache."""
    times = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("generate", help="write an archive into a new folder, with its manifest beside it")
    making.add_argument("folder", type=Path)
    making.add_argument("--plans", type=int, default=2000)
    making.add_argument("--seed", type=int, default=1)
    making.add_argument("--faulty", type=float, default=FAULTY)
    linking = commands.add_parser("link", help="link an archive that was generated, and hold it against its manifest")
    linking.add_argument("folder", type=Path)
    measuring = commands.add_parser("headers", help="measure reading headers against reading whole files")
    measuring.add_argument("--print", action="store_true", help="leave RESULTS.md alone")
    given = parser.parse_args()
    if given.command == "link":
        find(given.folder)
        return
    if given.command == "headers":
        headers(write=not given.print)
        return
    start = time.perf_counter()
    manifest = generate(given.folder, given.plans, given.seed, given.faulty)
    beside = _manifest(given.folder)
    beside.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    print(f"{given.plans} plans, {len(manifest['files'])} files in {time.perf_counter() - start:.0f} s; {beside}")


if __name__ == "__main__":
    main()
