"""The protocol that a plan was held against, found again by its SHA-256."""

from __future__ import annotations

from hardcheck.errors import ProtocolError
from hardcheck.library import shipped_bytes, stored_protocol
from hardcheck.protocol import Protocol
from hardcheck.store import Store


def kept_protocol(store: Store, sha256: str) -> Protocol | None:
    """The protocol as `store` keeps it, or as it is shipped; None where it is neither, or can be read no more."""
    content = store.protocol(sha256)
    if content is None:
        content = shipped_bytes(sha256)
    if content is None:
        return None
    try:
        return stored_protocol(content, f"{store.name}, protocol {sha256[:12]}")
    except ProtocolError:
        return None
