"""Make the sample plans of this folder, or with --check see whether the files here are what it makes."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from hardcheck.dicom.writer import write_plan
from hardcheck.phantom import thigh_plan

HERE = Path(__file__).resolve().parent
FOLDERS = {"thigh": "meets", "thigh_shifted": "fails"}


def make(folder: Path) -> list[Path]:
    """Write both plans below `folder`; the paths of all files, relative to it."""
    written = []
    for name, kind in FOLDERS.items():
        written += write_plan(thigh_plan(kind), folder / name, bits=16)
    return [path.relative_to(folder) for path in written]


def differences(folder: Path) -> list[str]:
    """What is missing, different or too many in `folder`."""
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch)
        expected = make(fresh)
        found = {path.relative_to(folder) for name in FOLDERS for path in (folder / name).rglob("*.dcm")}
        missing = [f"missing: {path}" for path in expected if path not in found]
        changed = [
            f"different: {path}"
            for path in expected
            if path in found and (fresh / path).read_bytes() != (folder / path).read_bytes()
        ]
        return missing + changed + [f"not made here: {path}" for path in sorted(found - set(expected))]


def main() -> int:
    """Make or check; 0 where all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the files on disk, write nothing")
    if not parser.parse_args().check:
        files = make(HERE)
        size = sum((HERE / path).stat().st_size for path in files)
        print(f"{len(files)} files, {size / 1e6:.1f} MB")
        return 0
    problems = differences(HERE)
    print("\n".join(problems) or "the sample data are what this script makes")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
