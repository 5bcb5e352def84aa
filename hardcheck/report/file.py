"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from hardcheck.errors import UsageError


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path` in one step, so that no reader and no crash ever sees a part of it.

    A pipe or a device is written to, and a link leads to the file that is replaced: all of them stay what they are.
    Raises UsageError where the folder is missing or cannot be written to.
    """
    # In the same folder, since only within one file system is renaming a single step. Not by `tempfile`, which
    # makes files that their owner alone can read, whatever the user's umask says.
    is_stream = path.exists() and not path.is_file()
    place = path if is_stream else path.resolve()
    temporary = place.with_name(f".hardcheck-{secrets.token_hex(8)}.tmp")
    try:
        if is_stream:
            place.write_bytes(content)
            return
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(place)
    except OSError as error:
        said = f"cannot be written ({error.strerror})"
        raise UsageError(said, where=str(path), do="name a file in a folder that exists and is yours") from None
    finally:
        temporary.unlink(missing_ok=True)
